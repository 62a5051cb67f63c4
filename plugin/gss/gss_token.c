#include "gss/gss_token.h"

#include "asn1/der.h"
#include "asn1/der_element.h"

#define TAG_INITIAL_TOKEN                                                                          \
	TAG_APPLICATION /* [APPLICATION 0], whose contents have tags of their own */
#define TAG_OBJECT_IDENTIFIER 0x06

#define KERBEROS_OID SLICE_LITERAL("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02")
#define TOK_ID_LENGTH 2

/* SLICE_LITERAL() for the tables. */
#define OCTETS(s)                                                                                  \
	{                                                                                          \
		(const unsigned char *)(s), sizeof(s) - 1                                          \
	}

struct known {
	struct slice octets;
	const char *what;
};

/* What peers are known to send in the place of a GSS-API token, by how it begins. */
static const struct known beginnings[] = {
	{OCTETS("NTLMSSP"), "a token of NTLM came"},
	{OCTETS("\xa1"), "a token of SPNEGO came"},
	{OCTETS("\x6e"), "an AP-REQ without GSS-API's framing came"},
	{OCTETS("\x6f"), "an AP-REP without GSS-API's framing came"},
	{OCTETS("\x05\x04"), "a Wrap token came, which needs a context that is established"},
	{OCTETS("\x04\x04"), "a MIC token came, which needs a context that is established"},
};

static const struct known mechanisms[] = {
	{OCTETS("\x2b\x06\x01\x05\x05\x02"), "a token of SPNEGO came"},
	{OCTETS("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"), "a token of NTLM came"},
	{OCTETS("\x2b\x06\x01\x05\x02\x05"), "a token of IAKERB came"},
	{OCTETS("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03"),
		"a token of Kerberos' user-to-user mechanism came"},
	{OCTETS("\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"),
		"a token of Kerberos with an old Windows' misprinted OID came"},
};

/* RFC 1964 section 1.2, those that are not among enum gss_token_id. */
static const struct known old_ids[] = {
	{OCTETS("\x01\x01"), "a MIC token of RFC 1964 came; only those of RFC 4121 are read"},
	{OCTETS("\x02\x01"), "a Wrap token of RFC 1964 came; only those of RFC 4121 are read"},
	{OCTETS("\x01\x02"), "a token of RFC 1964 that deletes a context came"},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool begins_with(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len && slice_equal(slice_of(s.data, prefix.len), prefix);
}

static const char *find(const struct known *table, size_t count, struct slice octets)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(table[i].octets, octets))
			return table[i].what;
	return NULL;
}

static enum status refuse(struct error *err, const char *what)
{
	return error_set_shown(err, KRB_AP_ERR_MSG_TYPE,
		"%s where a token of GSS-API's Kerberos mechanism is due", what);
}

enum status gss_token_write(
	enum gss_token_id id, struct slice message, struct buffer *out, struct error *err)
{
	const unsigned char tok_id[TOK_ID_LENGTH] = {(unsigned char)(id >> 8), (unsigned char)id};
	struct slice oid = KERBEROS_OID;
	size_t before = out->len;
	/* An OID's header is two octets, as that of anything so short. */
	size_t length = 2 + oid.len + TOK_ID_LENGTH + message.len;
	if (der_write_header(TAG_INITIAL_TOKEN, length, out, err) ||
		der_write_header(TAG_OBJECT_IDENTIFIER, oid.len, out, err) ||
		buffer_append(out, oid) || buffer_append(out, slice_of(tok_id, sizeof tok_id)) ||
		buffer_append(out, message)) {
		out->len = before;
		return error_no_memory(err);
	}
	return STATUS_OK;
}

/* The element that is the whole token. */
static enum status take_framing(struct slice token, struct slice *content, struct error *err)
{
	if (token.len == 0)
		return error_set_shown(err, ERR_SYNTAX,
			"an empty token came where one of GSS-API's Kerberos mechanism is due");
	for (size_t i = 0; i < COUNT(beginnings); i++)
		if (begins_with(token, beginnings[i].octets))
			return refuse(err, beginnings[i].what);
	if (token.data[0] != TAG_INITIAL_TOKEN)
		return error_set_shown(err, ERR_SYNTAX,
			"what came is no GSS-API token: it begins with the octet %02x, not with 60",
			token.data[0]);

	struct element framing;
	const char *wrong = element_take(&token, &framing);
	if (wrong)
		return error_set_shown(err, ERR_SYNTAX, "the GSS-API token has %s", wrong);
	if (token.len > 0)
		return error_set_shown(err, ERR_SYNTAX,
			"%zu octets came after the end of the GSS-API token", token.len);
	*content = framing.content;
	return STATUS_OK;
}

/* Takes the mechanism's OID off, which has to be Kerberos'. */
static enum status take_mechanism(struct slice *content, struct error *err)
{
	struct element oid;
	if (content->len == 0 || content->data[0] != TAG_OBJECT_IDENTIFIER)
		return error_set_shown(
			err, ERR_SYNTAX, "the GSS-API token does not begin with a mechanism's OID");
	const char *wrong = element_take(content, &oid);
	if (wrong)
		return error_set_shown(
			err, ERR_SYNTAX, "the mechanism's OID in the GSS-API token has %s", wrong);
	if (slice_equal(oid.content, KERBEROS_OID))
		return STATUS_OK;
	const char *what = find(mechanisms, COUNT(mechanisms), oid.content);
	return refuse(err, what ? what : "a token of another mechanism came");
}

enum status gss_token_read(
	struct slice token, enum gss_token_id *id, struct slice *message, struct error *err)
{
	struct slice content;
	enum status status = take_framing(token, &content, err);
	if (status || (status = take_mechanism(&content, err)))
		return status;

	struct reader r = reader_of(content);
	struct slice tok_id = read_bytes(&r, TOK_ID_LENGTH);
	if (r.failed)
		return error_set_shown(
			err, ERR_SYNTAX, "the GSS-API token ends before its identifier (TOK_ID)");
	uint16_t number = (uint16_t)(tok_id.data[0] << 8 | tok_id.data[1]);
	const char *old = find(old_ids, COUNT(old_ids), tok_id);
	if (old)
		return refuse(err, old);
	if (number != GSS_TOKEN_AP_REQ && number != GSS_TOKEN_AP_REP && number != GSS_TOKEN_ERROR)
		return error_set_shown(err, KRB_AP_ERR_MSG_TYPE,
			"a GSS-API token came with the identifier (TOK_ID) %04x, which is not one "
			"of 0100 (AP-REQ), 0200 (AP-REP) and 0300 (KRB-ERROR)",
			number);
	*id = number;
	*message = r.rest;
	return STATUS_OK;
}

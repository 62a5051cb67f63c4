/* SPDX-License-Identifier: BSD-3-Clause */
#include "gss/gss_token.h"

#include "asn1/der.h"
#include "asn1/der_element.h"
#include "gss/gss_mechanism.h"

#define TAG_INITIAL_TOKEN                                                                          \
	TAG_APPLICATION /* [APPLICATION 0], whose contents have tags of their own */

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

static const char *due_text(struct slice oid)
{
	return slice_equal(oid, GSS_OID_KERBEROS) ? "GSS-API's Kerberos mechanism"
						  : gss_mechanism_name(oid);
}

static enum status refuse(struct error *err, struct slice due, const char *what)
{
	return error_set_shown(
		err, KRB_AP_ERR_MSG_TYPE, "%s where a token of %s is due", what, due_text(due));
}

/* ---- the framing ---- */

enum status gss_framing_write(
	struct slice oid, size_t length, struct buffer *out, struct error *err)
{
	/* An OID's header is two octets, as that of anything so short. */
	if (der_write_header(TAG_INITIAL_TOKEN, 2 + oid.len + length, out, err) ||
		der_write_header(TAG_OBJECT_IDENTIFIER, oid.len, out, err) ||
		buffer_append(out, oid))
		return error_no_memory(err);
	return STATUS_OK;
}

/* The element that is the whole token. */
static enum status take_framing(
	struct slice token, struct slice due, struct slice *content, struct error *err)
{
	if (token.len == 0)
		return error_set_shown(err, ERR_SYNTAX,
			"an empty token came where one of %s is due", due_text(due));
	for (size_t i = 0; i < COUNT(beginnings); i++)
		if (begins_with(token, beginnings[i].octets))
			return refuse(err, due, beginnings[i].what);
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

static enum status refuse_mechanism(struct slice oid, struct slice due, struct error *err)
{
	const char *name = gss_mechanism_name(oid);
	return error_set_shown(err, KRB_AP_ERR_MSG_TYPE,
		"a token of %s came where a token of %s is due", name ? name : "another mechanism",
		due_text(due));
}

enum status gss_framing_read(
	struct slice token, struct slice due, struct slice *inner, struct error *err)
{
	struct element oid;
	if (take_framing(token, due, inner, err))
		return err->status;
	if (inner->len == 0 || inner->data[0] != TAG_OBJECT_IDENTIFIER)
		return error_set_shown(
			err, ERR_SYNTAX, "the GSS-API token does not begin with a mechanism's OID");
	const char *wrong = element_take(inner, &oid);
	if (wrong)
		return error_set_shown(
			err, ERR_SYNTAX, "the mechanism's OID in the GSS-API token has %s", wrong);
	return slice_equal(oid.content, due) ? STATUS_OK : refuse_mechanism(oid.content, due, err);
}

bool gss_framing_is(struct slice token, struct slice oid)
{
	struct element framing, first;
	return token.len > 0 && token.data[0] == TAG_INITIAL_TOKEN &&
	       !element_take(&token, &framing) && framing.content.len > 0 &&
	       !element_take(&framing.content, &first) && first.tag == TAG_OBJECT_IDENTIFIER &&
	       slice_equal(first.content, oid);
}

/* ---- a token of Kerberos ---- */

enum status gss_token_write(
	enum gss_token_id id, struct slice message, struct buffer *out, struct error *err)
{
	const unsigned char tok_id[TOK_ID_LENGTH] = {(unsigned char)(id >> 8), (unsigned char)id};
	size_t before = out->len;
	if (gss_framing_write(GSS_OID_KERBEROS, TOK_ID_LENGTH + message.len, out, err) ||
		buffer_append(out, slice_of(tok_id, sizeof tok_id)) ||
		buffer_append(out, message)) {
		out->len = before;
		return error_no_memory(err);
	}
	return STATUS_OK;
}

enum status gss_token_read(
	struct slice token, enum gss_token_id *id, struct slice *message, struct error *err)
{
	struct slice content;
	if (gss_framing_read(token, GSS_OID_KERBEROS, &content, err))
		return err->status;

	struct reader r = reader_of(content);
	struct slice tok_id = read_bytes(&r, TOK_ID_LENGTH);
	if (r.failed)
		return error_set_shown(
			err, ERR_SYNTAX, "the GSS-API token ends before its identifier (TOK_ID)");
	uint16_t number = (uint16_t)(tok_id.data[0] << 8 | tok_id.data[1]);
	const char *old = find(old_ids, COUNT(old_ids), tok_id);
	if (old)
		return refuse(err, GSS_OID_KERBEROS, old);
	if (number != GSS_TOKEN_AP_REQ && number != GSS_TOKEN_AP_REP && number != GSS_TOKEN_ERROR)
		return error_set_shown(err, KRB_AP_ERR_MSG_TYPE,
			"a GSS-API token came with the identifier (TOK_ID) %04x, which is not one "
			"of 0100 (AP-REQ), 0200 (AP-REP) and 0300 (KRB-ERROR)",
			number);
	*id = number;
	*message = r.rest;
	return STATUS_OK;
}

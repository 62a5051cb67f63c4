/* SPDX-License-Identifier: BSD-3-Clause */
#include "gss/gss_header.h"

#include <inttypes.h>
#include <string.h>

#include "gss/gss_token.h"

/* Section 4.2.2. */
enum { SENT_BY_ACCEPTOR = 1, SEALED = 2, ACCEPTOR_SUBKEY = 4 };

enum { AT_FLAGS = 2, AT_FILLER = 3 };

#define FILLER 0xFF

void gss_header_make(const struct channel *channel, enum gss_header_id id, bool sealed,
	unsigned char out[GSS_HEADER_LENGTH])
{
	out[0] = (unsigned char)(id >> 8);
	out[1] = (unsigned char)id;
	out[AT_FLAGS] = (unsigned char)((channel->is_initiator ? 0 : SENT_BY_ACCEPTOR) |
					(sealed ? SEALED : 0) |
					(channel->has_acceptor_subkey ? ACCEPTOR_SUBKEY : 0));
	out[AT_FILLER] = FILLER;
	memset(out + GSS_AT_EC, id == GSS_WRAP ? 0 : FILLER, GSS_AT_SEQ - GSS_AT_EC);
	store_u32(out + GSS_AT_SEQ, (uint32_t)(channel->send_seq >> 32));
	store_u32(out + GSS_AT_SEQ + 4, (uint32_t)channel->send_seq);
}

/* What is framed as the tokens are that establish a context: one of those, or of RFC 1964. */
static enum status refuse_framed(struct slice token, struct error *err)
{
	enum gss_token_id id;
	struct slice message;
	if (gss_token_read(token, &id, &message, err))
		return err->status;
	return error_set(err, KRB_AP_ERR_MSG_TYPE,
		"a token that establishes a context came where the context is established");
}

static enum status check_id(struct slice token, enum gss_header_id due, struct error *err)
{
	struct reader r = reader_of(token);
	unsigned found = read_u16(&r);
	if (found == due || r.failed)
		return STATUS_OK;
	if (token.data[0] == 0x60)
		return refuse_framed(token, err);
	return error_set(err, KRB_AP_ERR_MSG_TYPE,
		"a token of type %04x came where a %s token (%04x) is due", found,
		due == GSS_WRAP ? "Wrap" : "MIC", due);
}

static enum status check_filler(struct slice token, enum gss_header_id id, struct error *err)
{
	for (unsigned at = AT_FILLER; at < (id == GSS_WRAP ? GSS_AT_EC : GSS_AT_SEQ); at++)
		if (token.data[at] != FILLER)
			return error_set(err, ERR_SYNTAX,
				"a filler octet in the header of a token is %02x, not FF",
				token.data[at]);
	return STATUS_OK;
}

static enum status check_flags(const struct channel *channel, unsigned flags, struct error *err)
{
	bool from_acceptor = flags & SENT_BY_ACCEPTOR, subkey = flags & ACCEPTOR_SUBKEY;
	if (from_acceptor != channel->is_initiator)
		return error_set(err, KRB_AP_ERR_BADDIRECTION,
			"a token that the other side did not send came back: it was reflected");
	if (subkey == channel->has_acceptor_subkey)
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_NOKEY,
		subkey ? "a token under a subkey of the acceptor came, which has made none"
		       : "a token under another key than the acceptor's subkey came");
}

enum status gss_header_read(const struct channel *channel, enum gss_header_id id,
	struct slice token, struct gss_header *out, struct error *err)
{
	if (check_id(token, id, err))
		return err->status;
	if (token.len < GSS_HEADER_LENGTH)
		return error_set(err, ERR_SYNTAX,
			"a token of %zu octets is cut short: its header alone has %d", token.len,
			GSS_HEADER_LENGTH);

	struct reader r = reader_of(token);
	read_u16(&r);
	unsigned flags = read_u8(&r);
	read_u8(&r);
	*out = (struct gss_header){.octets = token.data, .sealed = flags & SEALED};
	out->ec = read_u16(&r);
	out->rrc = read_u16(&r);
	out->seq = read_u64(&r);
	out->rest = r.rest;
	if (check_filler(token, id, err))
		return err->status;
	return check_flags(channel, flags, err);
}

enum status gss_header_check_sealed(const struct gss_header *header, bool due, struct error *err)
{
	if (header->sealed == due)
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_METHOD,
		due ? "a token that is not sealed came where privacy was agreed on"
		    : "a sealed token came where none is due");
}

enum status gss_header_check_seq(
	const struct gss_header *header, const struct channel *channel, struct error *err)
{
	if (header->seq == channel->receive_seq)
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_BADORDER,
		"a token with sequence number %" PRIu64 " came where %" PRIu64
		" is due: one was lost, repeated or reordered",
		header->seq, channel->receive_seq);
}

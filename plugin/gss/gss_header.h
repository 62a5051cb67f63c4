/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gss_header.h - the header of Wrap and MIC tokens (RFC 4121 section 4.2), for
 * gss_message.c alone:
 *
 *   TOK_ID  Flags  FF  EC RRC       SND_SEQ    Wrap: 05 04
 *   TOK_ID  Flags  FF  FF FF FF FF  SND_SEQ    MIC: 04 04
 */
#ifndef GSS_GSS_HEADER_H
#define GSS_GSS_HEADER_H

#include "ap/channel.h"

#define GSS_HEADER_LENGTH 16

/* TOK_ID, sections 4.2.6.1 and 4.2.6.2. */
enum gss_header_id { GSS_MIC = 0x0404, GSS_WRAP = 0x0504 };

/* Where in a header they are. EC and RRC are in Wrap tokens alone. */
enum { GSS_AT_EC = 4, GSS_AT_RRC = 6, GSS_AT_SEQ = 8 };

struct gss_header {
	const unsigned char *octets; /* in the token */
	bool sealed;
	size_t ec, rrc;
	uint64_t seq;
	struct slice rest; /* what follows it in the token */
};

/* The header of the channel's next token, with zeros for EC and RRC. */
void gss_header_make(const struct channel *channel, enum gss_header_id id, bool sealed,
	unsigned char out[GSS_HEADER_LENGTH]);

/*
 * Takes the header off a token that came, which has to be one of this kind,
 * from the other side, and under the channel's key. Unknown flags are passed
 * over (section 4.2.2). Nothing of it is to be believed before the token is
 * verified.
 * KRB_AP_ERR_MSG_TYPE      another token, also one of RFC 1964
 * ERR_SYNTAX               cut short, a filler octet that is not FF
 * KRB_AP_ERR_BADDIRECTION  reflected
 * KRB_AP_ERR_NOKEY         the flag AcceptorSubkey does not fit the context
 */
MUST_CHECK enum status gss_header_read(const struct channel *channel, enum gss_header_id id,
	struct slice token, struct gss_header *out, struct error *err);

/* KRB_AP_ERR_METHOD if the flag Sealed is set and should not be, or the reverse. */
MUST_CHECK enum status gss_header_check_sealed(
	const struct gss_header *header, bool due, struct error *err);

/* Of a token that has been verified. KRB_AP_ERR_BADORDER. */
MUST_CHECK enum status gss_header_check_seq(
	const struct gss_header *header, const struct channel *channel, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gss_token.h - what stands around a Kerberos message while a GSS-API context
 * is established (RFC 2743 section 3.1, RFC 4121 section 4.1).
 *
 *   60 LENGTH 06 09 2A 86 48 86 F7 12 01 02 02   the Kerberos mechanism's OID
 *   TOK_ID (2 octets)  KRB_AP_REQ, KRB_AP_REP or KRB_ERROR
 *
 * RFC 4121 alone: the older tokens of RFC 1964 (DES, triple DES, RC4) share
 * this framing for messages too, and are refused by name.
 */
#ifndef GSS_GSS_TOKEN_H
#define GSS_GSS_TOKEN_H

#include "base/bytes.h"
#include "base/error.h"

enum gss_token_id {
	GSS_TOKEN_AP_REQ = 0x0100,
	GSS_TOKEN_AP_REP = 0x0200,
	GSS_TOKEN_ERROR = 0x0300,
};

/* Appends the framed message to `out`. ERR_NO_MEMORY. */
MUST_CHECK enum status gss_token_write(
	enum gss_token_id id, struct slice message, struct buffer *out, struct error *err);

/*
 * Takes the framing off; `message` points into `token`, and is not looked at.
 * ERR_SYNTAX           no GSS-API token, cut short, octets left over, a
 *                      length that is not minimal
 * KRB_AP_ERR_MSG_TYPE  another mechanism's (SPNEGO, NTLM and IAKERB by name), a TOK_ID
 *                      that is none of the three, a token of RFC 1964
 */
MUST_CHECK enum status gss_token_read(
	struct slice token, enum gss_token_id *id, struct slice *message, struct error *err);

/*
 * The framing by itself (RFC 2743 section 3.1), which other mechanisms have too, of one
 * that `oid` names: 60 LENGTH 06 LENGTH OID, and then `length` octets of the
 * mechanism's. Writing: ERR_NO_MEMORY. Reading: errors of gss_token_read(), without
 * those about TOK_ID; `inner` points into `token`.
 */
MUST_CHECK enum status gss_framing_write(
	struct slice oid, size_t length, struct buffer *out, struct error *err);
MUST_CHECK enum status gss_framing_read(
	struct slice token, struct slice oid, struct slice *inner, struct error *err);

/* Is this a token with framing, of this mechanism? The rest of it is not looked at. */
bool gss_framing_is(struct slice token, struct slice oid);

#endif

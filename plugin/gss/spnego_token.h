/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spnego_token.h - the tokens of SPNEGO (RFC 4178 section 4.2), with the framing of
 * the first one. What is in them is judged by spnego.h.
 *
 * Tokens are DER, strictly: what RFC 4178 lets a reader pass over, fields of later
 * standards, nobody sends. `err` is never NULL.
 */
#ifndef GSS_SPNEGO_TOKEN_H
#define GSS_SPNEGO_TOKEN_H

#include "asn1/der_spnego.h"

/*
 * Appends the initiator's first token: NegTokenInit in GSS-API's framing.
 * ERR_NO_MEMORY; ERR_SYNTAX for more mechanisms than a list has room for.
 */
MUST_CHECK enum status spnego_init_write(
	const struct spnego_init *in, struct buffer *out, struct error *err);

/*
 * Reads that token; slices point into it. NegTokenInit2 of MS-SPNG, which has hints
 * where NegTokenInit has a MIC, is read too, and the hints are passed over.
 * KRB_AP_ERR_MSG_TYPE  another token: raw NTLM, another mechanism's, a later one of SPNEGO
 * ERR_SYNTAX           not DER, cut short, octets left over, no mechanism at all
 */
MUST_CHECK enum status spnego_init_read(
	struct slice token, struct spnego_init *out, struct error *err);

/* Reads any later token, as spnego_init_read(). (der_write_spnego_resp() writes one.) */
MUST_CHECK enum status spnego_resp_read(
	struct slice token, struct spnego_resp *out, struct error *err);

/* Is it Kerberos, by the OID of RFC 4121 or by that of Windows? */
bool spnego_is_kerberos(struct slice mech);

/*
 * What a list offers, for a sentence: "NEGOEX, NTLM, 1.2.3". What does not fit ends in
 * "...". Returns `out`.
 */
#define SPNEGO_OFFER_SIZE 200
const char *spnego_offer_text(const struct spnego_init *init, char out[SPNEGO_OFFER_SIZE]);

#endif

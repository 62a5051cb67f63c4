/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gss_delegation.h - the credential that an initiator hands over inside its
 * checksum (RFC 4121 section 4.1.1, RFC 4120 section 3.6).
 */
#ifndef GSS_GSS_DELEGATION_H
#define GSS_GSS_DELEGATION_H

#include "ap/ap.h"
#include "asn1/der_cred.h"

/*
 * Makes the KRB-CRED for `delegated`, a ticket for the acceptor to use, and appends it to
 * `out`: encrypted in the session key of `service`, the ticket for the acceptor itself.
 * ERR_SYNTAX if one of the credentials makes no sense; ERR_NO_MEMORY, ERR_CRYPTO.
 */
MUST_CHECK enum status gss_delegation_make(const struct credential *service,
	const struct credential *delegated, struct timestamp now, struct buffer *out,
	struct error *err);

/* What was handed over. All zeros is nothing. */
struct gss_delegated {
	unsigned count;
	struct credential_box ticket[KRB_CRED_MAX_TICKETS];
};

void gss_delegated_clear(struct gss_delegated *delegated); /* wipes; NULL is allowed */

/*
 * Reads the KRB-CRED, which came inside the authenticator, to its end and
 * judges it: encrypted in the session key of the ticket in `context`, as the
 * section demands, or in clear (RFC 6448), as Heimdal sends it; one ticket at
 * least, and as many descriptions as tickets. Each ticket is traced.
 *
 * `out`, which is empty, receives copies of them; NULL: nothing is kept. Whether the
 * tickets are good for anything is not looked at, nor whose they are. A name or time that
 * the description does not have is empty, or 0.
 *
 * KRB_AP_ERR_BAD_INTEGRITY  encrypted with another key or type
 * ERR_SYNTAX                malformed, or no ticket
 * KRB_AP_ERR_BADVERSION, KRB_AP_ERR_MSG_TYPE, ERR_NO_MEMORY, ERR_CRYPTO
 */
MUST_CHECK enum status gss_delegation_read(const struct ap_context *context, struct slice krb_cred,
	const struct ap_trace *trace, struct gss_delegated *out, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gss_delegation.h - the credential that an initiator hands over inside its
 * checksum (RFC 4121 section 4.1.1, RFC 4120 section 3.6).
 */
#ifndef GSS_GSS_DELEGATION_H
#define GSS_GSS_DELEGATION_H

#include "ap/ap.h"

/*
 * Reads the KRB-CRED, which came inside the authenticator, to its end and
 * judges it: encrypted in the session key of the ticket in `context`, as the
 * section demands, or in clear (RFC 6448), as Heimdal sends it; one ticket at
 * least, and as many descriptions as tickets. Each ticket is traced. Nothing
 * is kept: whether the tickets are good for anything is not looked at.
 *
 * KRB_AP_ERR_BAD_INTEGRITY  encrypted with another key or type
 * ERR_SYNTAX                malformed, or no ticket
 * KRB_AP_ERR_BADVERSION, KRB_AP_ERR_MSG_TYPE, ERR_NO_MEMORY, ERR_CRYPTO
 */
MUST_CHECK enum status gss_delegation_check(const struct ap_context *context, struct slice krb_cred,
	const struct ap_trace *trace, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pac_names.h - the buffers of a PAC that name its account: PAC_CLIENT_INFO and
 * UPN_DNS_INFO (MS-PAC sections 2.7 and 2.10).
 */
#ifndef PAC_PAC_NAMES_H
#define PAC_PAC_NAMES_H

#include "base/principal.h"
#include "pac/sid.h"

/*
 * Is PAC_CLIENT_INFO that of a ticket of `client` with this authtime? Its name
 * is the client's components joined by '/', without escapes (of an enterprise
 * name too), followed by "@REALM" in what KDCs of other realms make by
 * S4U2Self. Its time is the authtime, or 0 where that is 0.
 *
 * KRB_AP_ERR_BADMATCH if it is another's; ERR_SYNTAX, ERR_NO_MEMORY.
 */
MUST_CHECK enum status client_info_check(
	struct slice octets, const struct principal *client, int64_t authtime, struct error *err);

/*
 * Appends the components, joined by '/', followed by "@REALM" if that is wanted.
 * ERR_NO_MEMORY.
 */
MUST_CHECK enum status client_name(
	const struct principal *client, bool with_realm, struct buffer *out, struct error *err);

struct upn_dns_info {
	struct buffer upn; /* empty if there is none */
	struct buffer dns_domain;
	struct buffer account; /* sAMAccountName; empty but in the extended form */
	bool has_sid;          /* likewise */
	struct sid sid;
};

/* All zero is an empty one. Frees what it owns, and leaves an empty one. */
void upn_dns_info_clear(struct upn_dns_info *info);

/*
 * Reads the buffer in either form, of which its flags tell. `out` is empty, and
 * left empty on failure: ERR_SYNTAX for what points outside of the buffer or
 * into its header, ERR_NO_MEMORY.
 */
MUST_CHECK enum status upn_dns_info_read(
	struct slice octets, struct upn_dns_info *out, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * service.h - the services that are served here, and the key that opens a
 * ticket for one of them (RFC 4120 section 3.2.3, first two paragraphs).
 */
#ifndef AP_SERVICE_H
#define AP_SERVICE_H

#include "ap/ap.h"

/*
 * Decrypts a ticket with the key that its service, enctype and kvno ask for;
 * if several keys of the keytab fit, each is tried. `plain` receives the
 * plain text; `entry` is the one whose key it was.
 *
 * KRB_AP_ERR_NOT_US         not one of the acceptor's services, or none of the keytab's
 * KDC_ERR_ETYPE_NOSUPP      weak, unknown or not permitted; nothing is decrypted then
 * KRB_AP_ERR_BADKEYVER      the keytab has that service and enctype, in other versions
 * KRB_AP_ERR_NOKEY          the keytab has that service, in other enctypes
 * KRB_AP_ERR_BAD_INTEGRITY  no key that fits decrypts it
 */
MUST_CHECK enum status service_open_ticket(const struct ap_acceptor *acceptor,
	const struct ticket *ticket, struct buffer *plain, const struct keytab_entry **entry,
	struct error *err);

/*
 * May this type be used, by the table and by krb5.conf? KDC_ERR_ETYPE_NOSUPP
 * with a sentence about `what`, fit for the peer.
 */
MUST_CHECK enum status service_check_enctype(
	const struct ap_acceptor *acceptor, int32_t enctype, const char *what, struct error *err);

#endif

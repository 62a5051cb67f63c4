/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * service_ticket.h - from a ticket-granting ticket to a service's ticket,
 * through as many realms as it takes (RFC 4120 sections 1.2 and 3.3; RFC 6806
 * section 8).
 *
 * A service whose realm is known: ticket-granting tickets are asked for,
 * for the realms on the path to it (realm_path.h), the farthest first, since a KDC may
 * share a key with it; then the ticket itself, there, with leave to be
 * referred on. A service whose realm is not known: the KDC of the
 * ticket-granting ticket is asked, which may refer to another realm, and so
 * on; if it does not know the service, a realm named like the host's domain
 * in upper case is tried. No realm is visited twice, and no more than
 * KDC_MAX_REALMS.
 */
#ifndef KDC_SERVICE_TICKET_H
#define KDC_SERVICE_TICKET_H

#include "kdc/session.h"
#include "store/credential.h"

#define KDC_MAX_REALMS 10

/*
 * `server`: its realm may be empty (not known). `out` receives the ticket,
 * under the name and realm that its KDC gives it: the name is the same, unless
 * a KDC knows the service under no other. Ticket-granting tickets of realms on
 * the way are taken from the session's cache, and kept there.
 *
 * The sentence and status of the KDC that refused (refusal.h); failures of
 * kdc_session_enter() and tgs_get(); KRB_AP_ERR_NOT_US if `tgt` is no
 * ticket-granting ticket; KRB_AP_ERR_ILL_CR_TKT if there is no path, or it leads in
 * a circle or too far.
 */
MUST_CHECK enum status kdc_service_ticket(struct kdc_session *session, const struct credential *tgt,
	const struct principal *server, struct credential_box *out, struct error *err);

#endif

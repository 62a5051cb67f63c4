/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tgs.h - one TGS exchange (RFC 4120 section 3.3): a ticket-granting ticket
 * for another ticket, at the KDC of the first one's realm.
 */
#ifndef KDC_TGS_H
#define KDC_TGS_H

#include "kdc/session.h"
#include "store/credential.h"

struct tgs_request {
	const struct credential
		*tgt; /* its server is krbtgt/REALM (tgt_check()); REALM's KDC is asked */
	const struct principal *server;
	bool canonicalize; /* the KDC may refer to another realm, or know another name */
	/*
	 * For somebody else to use (RFC 4120 section 2.6), from these addresses; NULL:
	 * from where the client itself may. For `tgt` at another host.
	 */
	bool forwarded;
	const struct host_addresses *addresses;
};

/*
 * The session has entered the client's realm. `out` receives a ticket for `server`, or, if a
 * ticket-granting ticket was asked for or `canonicalize` is set, maybe one for another realm; with
 * `canonicalize` maybe one for another name. The request and all of the
 * reply are protected by the ticket-granting ticket's session key.
 *
 * If the KDC finds the clocks too far apart, the request is repeated by the
 * time that it says, if kdc_timesync lets it. This is anybody's word: in the
 * end session->offset is by the reply's starttime. Without a ticket, or for one
 * without starttime (which is known of no KDC), it is as it was. session->home_offset
 * becomes the same only by a KDC of the client's own realm: one of another
 * realm is not asked what the clock is for all services.
 *
 * The error code of a KRB-ERROR, with its sentence (refusal.h). Failures of
 * kdc_exchange() and reply_open(). KDC_ERR_ETYPE_NOSUPP, ERR_SYNTAX for a
 * session key that cannot be used. ERR_NO_MEMORY, ERR_CRYPTO.
 */
MUST_CHECK enum status tgs_get(struct kdc_session *session, const struct tgs_request *request,
	struct credential_box *out, struct error *err);

#endif

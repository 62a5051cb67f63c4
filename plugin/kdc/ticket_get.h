/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ticket_get.h - a ticket for one of a service's names: from the session's
 * cache, or of a KDC by a ticket-granting ticket. For plugin/kdc/tickets*.c
 * alone.
 */
#ifndef KDC_TICKET_GET_H
#define KDC_TICKET_GET_H

#include "kdc/tickets.h"

/*
 * The ticket-granting ticket for the client's own realm, in the cache or session->tgt. As
 * kdc_session_find().
 */
MUST_CHECK enum status ticket_find_tgt(
	struct kdc_session *session, struct credential *out, struct error *err);

/* Has the cache a ticket for the service, by the first of its names? */
bool ticket_is_ready(struct kdc_session *session, const struct ticket_request *request);

/*
 * By `tgt`, or, if that is NULL, by what the session's cache has. If the KDC does
 * not know the service by its first name, its other one is tried; the sentence is
 * about the first.
 */
MUST_CHECK enum status ticket_get(struct kdc_session *session, const struct ticket_request *request,
	const struct credential *tgt, struct credential_box *out, struct error *err);

#endif

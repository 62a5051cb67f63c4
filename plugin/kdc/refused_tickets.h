/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * refused_tickets.h - tickets that their service refused, since its key was
 * changed, say: a new one is asked for instead (ticket_get.h), and if there is
 * none the old one is offered again.
 *
 * That a service refuses a ticket is anybody's word. Whoever forges it costs
 * the client, for each service, one question to a KDC and one more ticket in a
 * cache in REFUSED_TICKETS_SECONDS. Any thread may come at any time.
 */
#ifndef KDC_REFUSED_TICKETS_H
#define KDC_REFUSED_TICKETS_H

#include "store/credential.h"

#define REFUSED_TICKETS_SECONDS 300
#define REFUSED_TICKETS_MAX 32 /* that are remembered, one for each client and service */

/*
 * From now on it is refused; not if another one of that client for that
 * service was within REFUSED_TICKETS_SECONDS. `now` is monotonic_milliseconds().
 */
void ticket_refused(const struct credential *ticket, int64_t now);

bool ticket_is_refused(const struct credential *ticket);

/* There is no other: it may be offered again. */
void ticket_is_the_only_one(const struct credential *ticket);

/* All of them. */
void refused_tickets_forget(void);

#endif

/*
 * tickets.h - a client's ticket for a service, by each of the ways to get one:
 * from a credential cache, by a keytab, by a password. In which order to try
 * them is the caller's to say.
 *
 * Each way takes a ready ticket where it has one, without asking a KDC, or
 * else asks one with a ticket-granting ticket (service_ticket.h), for each name
 * of the service in turn (service_name.h). Errors are those of its parts; the
 * sentence says what this way lacked. Threads that lack the same ticket ask once
 * (flight.h), and a ticket that its service refused is not taken where a KDC
 * gives another (refused_tickets.h).
 */
#ifndef KDC_TICKETS_H
#define KDC_TICKETS_H

#include "base/file_trust.h"
#include "kdc/asker.h"
#include "kdc/service_name.h"
#include "store/credential.h"

/* What all ways of one login have in common. */
struct ticket_errand {
	const struct krb5_conf *conf;
	struct service_names *service;
	/*
	 * Who is to log in; NULL where nobody in particular is, and with an empty
	 * realm anybody of that name. Ways that have several identities take the
	 * one that fits, and with `strict` no other.
	 */
	const struct principal *client;
	bool strict;
	const struct file_owners *owners; /* whose caches are believed, see ccache_open() */
	/* The user's caches, as ticket_caches_list() gave them; NULL: they are listed now. */
	const struct buffer *caches;

	struct timestamp now; /* this host's clock */
	int64_t began;        /* monotonic_milliseconds() at `now` */
	int64_t deadline;     /* likewise, for all questions to KDCs */

	struct kdc_trace trace;   /* each exchange */
	struct kdc_trace warning; /* what went wrong and does not matter to this login; clocks */
	kdc_send_function *send;  /* NULL: kdc_send() */
	void *send_arg;
};

/* Begins an errand in the present; the rest is the caller's to fill. */
void ticket_errand_begin(struct ticket_errand *errand, unsigned timeout_seconds);

struct ticket_found {
	struct credential_box box;
	int64_t kdc_offset; /* the KDC's clock less this host's, in seconds; 0 if not to be used */
};

/* The names of the user's caches, as ccache_list() gives them, for `caches`. */
MUST_CHECK enum status ticket_caches_list(
	const struct ticket_errand *errand, struct buffer *names, struct error *err);

/*
 * From the user's credential cache (krb5_conf_ccache_name()); of a collection
 * the one that fits the client, else the service's realm, else the primary one
 * (ccache_choose()). A ticket that a KDC gave is added to the cache, under the
 * name that it was asked for by, and so are ticket-granting tickets of realms
 * on the way; that this cannot be done is a warning.
 */
MUST_CHECK enum status ticket_from_cache(
	const struct ticket_errand *errand, struct ticket_found *out, struct error *err);

/*
 * By the keytab's key of the client, or where that is NULL or, without
 * `strict`, not there, of the first name in it. `keytab` may be NULL:
 * krb5_conf_client_keytab_name().
 *
 * The tickets are kept in a cache of the process (of type MEMORY, see
 * ccache_forget()), one for each effective user, keytab and principal. Where
 * the service's is not among them and the ticket-granting ticket has no more
 * than five minutes left, or half of its life where that is less, that is got
 * anew; where this fails the old one serves to its end, with a warning. It is
 * got anew too, once in a login, where a KDC refuses it, with a warning. Any
 * thread may come at any time, and any child after a fork.
 */
MUST_CHECK enum status ticket_from_keytab(const struct ticket_errand *errand, const char *keytab,
	struct ticket_found *out, struct error *err);

/* By the password of errand->client, which is not NULL. Nothing is kept. */
MUST_CHECK enum status ticket_from_password(const struct ticket_errand *errand,
	struct slice password, struct ticket_found *out, struct error *err);

void ticket_found_clear(struct ticket_found *found);

#endif

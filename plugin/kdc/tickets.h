/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tickets.h - a client's ticket for a service, by each of the ways to get one:
 * from a credential cache, by a keytab, by a password. In which order to try
 * them is the caller's to say: one session (session.h) goes through them, and
 * each begins by resetting it.
 *
 * Each way takes a ready ticket if it has one, without asking a KDC, or
 * else asks one with a ticket-granting ticket (service_ticket.h), for each name
 * of the service in turn (service_name.h). Errors are those of its parts; the
 * sentence says what this way lacked. Threads that lack the same ticket ask once
 * (request_once.h), and a ticket that its service refused is not taken if a KDC
 * gives another (refused_tickets.h).
 *
 * `out` receives the ticket. session->offset is afterwards what is known of the
 * KDC's clock, which the service is taken to go by: the KDC's less this host's,
 * in seconds, 0 if that is not to be used.
 */
#ifndef KDC_TICKETS_H
#define KDC_TICKETS_H

#include "base/file_trust.h"
#include "kdc/service_name.h"
#include "kdc/session.h"
#include "store/credential.h"

/* What is asked for, by whichever way. */
struct ticket_request {
	struct service_names *service;
	/*
	 * Who is to log in; NULL if nobody in particular is, and with an empty
	 * realm anybody of that name. Ways that have several identities take the
	 * one that fits, and with `strict` no other.
	 */
	const struct principal *client;
	bool strict;
	const struct file_owners *owners; /* whose caches are believed, see ccache_open() */
	const char *ccache;               /* the user's; NULL: krb5_conf_ccache_name() */
	/* The user's caches, as ticket_caches_list() gave them; NULL: they are listed now. */
	const struct buffer *caches;
};

/* The names of the user's caches, as ccache_list() gives them, for `caches`. */
MUST_CHECK enum status ticket_caches_list(const struct krb5_conf *conf,
	const struct ticket_request *request, struct buffer *names, struct error *err);

/*
 * From the user's credential cache; of a collection
 * the one that fits the client, else the service's realm, else the primary one
 * (ccache_choose()). A ticket that a KDC gave is added to the cache, under the
 * name that it was asked for by, and so are ticket-granting tickets of realms
 * on the way; that this cannot be done is a warning.
 */
MUST_CHECK enum status ticket_from_cache(struct kdc_session *session,
	const struct ticket_request *request, struct credential_box *out, struct error *err);

/*
 * By the keytab's key of the client, or if that is NULL or, without
 * `strict`, not there, of the first name in it. `keytab` may be NULL:
 * krb5_conf_client_keytab_name().
 *
 * The tickets are kept in a cache of the process (of type MEMORY, see
 * ccache_forget()), one for each effective user, keytab and principal. If
 * the service's is not among them and the ticket-granting ticket has no more
 * than five minutes left, or half of its life if that is less, the KDC is
 * asked for a new ticket-granting ticket; if this fails, the old one serves to its
 * end, with a warning. If a KDC refuses it, a new one is asked for too, once in a login
 * and with a warning. Any
 * thread may come at any time, and any child after a fork.
 */
MUST_CHECK enum status ticket_from_keytab(struct kdc_session *session,
	const struct ticket_request *request, const char *keytab, struct credential_box *out,
	struct error *err);

/*
 * By the password of request->client, which is not NULL. Nothing is kept, but the
 * ticket-granting ticket in session->tgt.
 */
MUST_CHECK enum status ticket_from_password(struct kdc_session *session,
	const struct ticket_request *request, struct slice password, struct credential_box *out,
	struct error *err);

/*
 * After one of these: a ticket-granting ticket for the service to use as the client (RFC 4120
 * section 2.6), of the client's own realm, by the one that this way had. It is asked for
 * with each login, and kept by nobody here. If krb5.conf says noaddresses = false, it is good
 * from the addresses of the service's host alone.
 *
 * KDC_ERR_BADOPTION  that ticket-granting ticket is not FORWARDABLE
 * ERR_NOT_FOUND      there is none, or no address of the host; others as tgs_get()
 */
MUST_CHECK enum status ticket_to_delegate(struct kdc_session *session,
	const struct principal *service, struct credential_box *out, struct error *err);

#endif

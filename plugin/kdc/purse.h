/*
 * purse.h - what a client pays with: a credential cache or a ticket-granting
 * ticket, and the KDC it asks. For plugin/kdc/tickets*.c alone.
 */
#ifndef KDC_PURSE_H
#define KDC_PURSE_H

#include "kdc/tickets.h"
#include "store/ccache.h"

struct purse {
	const struct ticket_errand *errand;
	struct ccache *ccache;     /* owned; NULL: none, tickets are not kept */
	struct credential_box tgt; /* where there is no cache */
	int64_t kdc_offset;
	bool unwritable; /* the cache is, and that has been told */
	bool is_asking;  /* `asker` has begun */
	struct kdc_asker asker;
};

void purse_clear(struct purse *purse);
#define AUTO_PURSE __attribute__((cleanup(purse_clear))) struct purse

/* Puts an open cache into it; `*ccache` becomes NULL. Errors of kdc_conf_read(). */
MUST_CHECK enum status purse_take_cache(
	struct purse *purse, struct ccache **ccache, struct error *err);

/* The present, by the KDC's clock as far as it is known. */
int64_t purse_time(const struct purse *purse);

/* The asker, which begins now if it has not yet: for a client of `realm`. */
MUST_CHECK enum status purse_asker(
	struct purse *purse, struct slice realm, struct kdc_asker **out, struct error *err);

/* The ticket-granting ticket for the client's own realm in the cache. As ccache_find(). */
MUST_CHECK enum status purse_find_tgt(
	const struct purse *purse, struct credential *out, struct error *err);

/* Is there a ready ticket for the service, by the first of its names? */
bool purse_is_ready(const struct purse *purse);

/* A ticket for one of the service's names: ready, or by the ticket-granting ticket. */
MUST_CHECK enum status purse_pay(struct purse *purse, struct ticket_found *out, struct error *err);

void purse_warn(const struct purse *purse, const struct error *why, const char *what);

#endif

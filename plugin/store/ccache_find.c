/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "asn1/der.h"
#include "base/timestamp.h"
#include "store/ccache_type.h"

#define TORN_NOTE_SIZE 120

/*
 * Why a credential may not be used, from the worst to none. Of several that
 * cannot be used the least bad one is reported.
 */
enum fitness { EXPIRED, NOT_YET_VALID, KEY_NOT_PERMITTED, USABLE };

static enum fitness fitness_of(const struct credential *c, const struct ccache_terms *terms)
{
	if (c->endtime <= terms->now)
		return EXPIRED;
	if (c->starttime > terms->now + terms->skew || (c->flags & TICKET_INVALID))
		return NOT_YET_VALID;
	return enctype_list_has(terms->permitted, c->key_type) ? USABLE : KEY_NOT_PERMITTED;
}

/* ---- the index ---- */

static enum status make_buckets(struct ccache *ccache, struct error *err)
{
	uint32_t buckets = 1;
	while (buckets < ccache->count)
		buckets *= 2;
	ccache->row = calloc(ccache->count, sizeof *ccache->row);
	ccache->bucket = calloc(buckets, sizeof *ccache->bucket);
	if (!ccache->row || !ccache->bucket)
		return error_no_memory(err);
	ccache->bucket_mask = buckets - 1;
	for (uint32_t i = 0; i < buckets; i++)
		ccache->bucket[i] = ccache->count;
	return STATUS_OK;
}

/* Where the ticket cannot be read, its server stays without a realm. */
static void name_realm(struct credential *c)
{
	NEW_ERROR(unread);
	struct ticket ticket;
	if (c->server.realm.len == 0 && der_read_ticket(c->ticket, &ticket, &unread) == STATUS_OK)
		c->server.realm = ticket.server.realm;
}

/* From the end, so that each bucket's rows are in the cache's order. */
enum status ccache_index(struct ccache *ccache, struct error *err)
{
	if (ccache->count > 0 && make_buckets(ccache, err))
		return err->status;
	for (unsigned n = ccache->count; n-- > 0;) {
		struct credential *c = &ccache->credential[n];
		if (!principal_equal(&c->client, &ccache->client))
			continue;
		name_realm(c);
		struct ccache_row *row = &ccache->row[n];
		row->hash = principal_name_hash(&c->server);
		unsigned *head = &ccache->bucket[row->hash & ccache->bucket_mask];
		row->next = *head;
		*head = n;
	}
	return STATUS_OK;
}

/* The row at or behind `n` of its bucket that is of the server; `count` where there is none. */
static unsigned next_match(
	const struct ccache *ccache, const struct principal *server, uint32_t hash, unsigned n)
{
	for (; n < ccache->count; n = ccache->row[n].next) {
		const struct principal *its = &ccache->credential[n].server;
		if (ccache->row[n].hash == hash && principal_name_equal(its, server) &&
			(server->realm.len == 0 || slice_equal(server->realm, its->realm)))
			break;
	}
	return n;
}

/* ---- what to say ---- */

/* That the ticket may be in the part of a file that its writer did not finish. */
static const char *note_torn(const struct ccache *ccache, char out[TORN_NOTE_SIZE])
{
	size_t torn = ccache->contents.len - ccache->whole;
	out[0] = '\0';
	if (torn > 0)
		snprintf(out, TORN_NOTE_SIZE,
			", which from octet %zu on is damaged or cut short (%zu octets)",
			ccache->whole, torn);
	return out;
}

static enum status refuse_missing(
	const struct ccache *ccache, const struct principal *server, struct error *err)
{
	return error_set(err, ERR_NOT_FOUND,
		"there is no ticket of %s for %s in the credential cache %s%s: run kinit",
		PRINCIPAL_TEXT(&ccache->client), PRINCIPAL_TEXT(server), ccache->name,
		note_torn(ccache, (char[TORN_NOTE_SIZE]){0}));
}

static enum status refuse_expired(
	const struct ccache *ccache, const struct credential *c, int64_t now, struct error *err)
{
	return error_set(err, KRB_AP_ERR_TKT_EXPIRED,
		"the ticket for %s in the credential cache %s ended at %s, %s ago: run kinit",
		PRINCIPAL_TEXT(&c->server), ccache->name, TIME_TEXT(c->endtime),
		SPAN_TEXT(now - c->endtime));
}

static enum status refuse_early(const struct ccache *ccache, const struct credential *c,
	int64_t now, int64_t skew, struct error *err)
{
	const char *name = PRINCIPAL_TEXT(&c->server);
	if (c->starttime <= now + skew)
		return error_set(err, KRB_AP_ERR_TKT_NYV,
			"the ticket for %s in the credential cache %s is postdated and was not "
			"validated (flag INVALID): run kinit -v, or kinit",
			name, ccache->name);
	return error_set(err, KRB_AP_ERR_TKT_NYV,
		"the ticket for %s in the credential cache %s starts at %s, in %s: wait, or check "
		"this host's clock",
		name, ccache->name, TIME_TEXT(c->starttime), SPAN_TEXT(c->starttime - now));
}

static enum status refuse_key(const struct ccache *ccache, const struct credential *c,
	const struct enctype_list *permitted, struct error *err)
{
	char types[ENCTYPE_COUNT * ENCTYPE_TEXT_SIZE] = "none";
	for (unsigned i = 0, used = 0; i < permitted->count; i++)
		used += (unsigned)snprintf(types + used, sizeof types - used, "%s%s", i ? ", " : "",
			ENCTYPE_TEXT(permitted->number[i]));
	return error_set(err, KDC_ERR_ETYPE_NOSUPP,
		"the ticket for %s in the credential cache %s has a session key of type %s; "
		"permitted are: %s (permitted_enctypes in krb5.conf)",
		PRINCIPAL_TEXT(&c->server), ccache->name, ENCTYPE_TEXT(c->key_type), types);
}

/* ---- the choice ---- */

/* A service whose key was changed takes the newer one alone. */
static bool is_older(const struct credential *a, const struct credential *b)
{
	return a->starttime != b->starttime ? a->starttime < b->starttime : a->endtime < b->endtime;
}

/* The best of those that match, or NULL. */
static const struct credential *choose(const struct ccache *ccache, const struct principal *server,
	const struct ccache_terms *terms, enum fitness *fitness)
{
	const struct credential *best = NULL;
	uint32_t hash = principal_name_hash(server);
	unsigned n = ccache->count > 0 ? ccache->bucket[hash & ccache->bucket_mask] : 0;
	while ((n = next_match(ccache, server, hash, n)) < ccache->count) {
		const struct credential *c = &ccache->credential[n];
		n = ccache->row[n].next;
		enum fitness its_fitness = fitness_of(c, terms);
		if (best &&
			(its_fitness < *fitness || (its_fitness == *fitness && is_older(c, best))))
			continue;
		best = c;
		*fitness = its_fitness;
	}
	return best;
}

enum status ccache_find(const struct ccache *ccache, const struct principal *server,
	const struct ccache_terms *terms, struct credential *out, struct error *err)
{
	enum fitness fitness = EXPIRED;
	const struct credential *best = choose(ccache, server, terms, &fitness);
	if (!best)
		return refuse_missing(ccache, server, err);
	*out = *best;
	switch (fitness) {
	case USABLE:
		return STATUS_OK;
	case KEY_NOT_PERMITTED:
		return refuse_key(ccache, out, terms->permitted, err);
	case NOT_YET_VALID:
		return refuse_early(ccache, out, terms->now, terms->skew, err);
	case EXPIRED:
		break;
	}
	return refuse_expired(ccache, out, terms->now, err);
}

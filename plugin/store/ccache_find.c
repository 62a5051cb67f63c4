#include <stdio.h>

#include "asn1/der.h"
#include "base/timestamp.h"
#include "store/ccache_type.h"

#define TORN_NOTE_SIZE 120

/*
 * Why a credential may not be used, from the worst to none. Of several that
 * cannot be used the least bad one is reported.
 */
enum fitness { EXPIRED, NOT_YET_VALID, KEY_NOT_PERMITTED, USABLE };

static enum fitness fitness_of(
	const struct credential *c, const struct enctype_list *permitted, int64_t now, int64_t skew)
{
	if (c->endtime <= now)
		return EXPIRED;
	if (c->starttime > now + skew || (c->flags & TICKET_INVALID))
		return NOT_YET_VALID;
	return enctype_list_has(permitted, c->key_type) ? USABLE : KEY_NOT_PERMITTED;
}

/*
 * Is it of the cache's client, for the server? `realm` receives the server's
 * realm: that of the ticket, where the cache leaves it empty.
 */
static bool matches(const struct ccache *ccache, const struct principal *server,
	const struct credential *c, struct slice *realm)
{
	if (!principal_name_equal(&c->server, server) ||
		!principal_equal(&c->client, &ccache->client))
		return false;
	struct ticket ticket;
	*realm = c->server.realm;
	if (realm->len == 0 && der_read_ticket(c->ticket, &ticket, NULL) == STATUS_OK)
		*realm = ticket.server.realm;
	return server->realm.len == 0 || slice_equal(server->realm, *realm);
}

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

/* A service whose key was changed takes the newer one alone. */
static bool is_older(const struct credential *a, const struct credential *b)
{
	return a->starttime != b->starttime ? a->starttime < b->starttime : a->endtime < b->endtime;
}

/* The best of those that match, or NULL. */
static const struct credential *choose(const struct ccache *ccache, const struct principal *server,
	const struct enctype_list *permitted, int64_t now, int64_t skew, enum fitness *fitness,
	struct slice *realm)
{
	const struct credential *best = NULL;
	for (unsigned i = 0; i < ccache->count; i++) {
		const struct credential *c = &ccache->credential[i];
		struct slice its_realm;
		if (!matches(ccache, server, c, &its_realm))
			continue;
		enum fitness its_fitness = fitness_of(c, permitted, now, skew);
		if (best &&
			(its_fitness < *fitness || (its_fitness == *fitness && is_older(c, best))))
			continue;
		best = c;
		*fitness = its_fitness;
		*realm = its_realm;
	}
	return best;
}

enum status ccache_find(const struct ccache *ccache, const struct principal *server,
	const struct enctype_list *permitted, int64_t now, int64_t skew, struct credential *out,
	struct error *err)
{
	enum fitness fitness = EXPIRED;
	struct slice realm = SLICE_EMPTY;
	const struct credential *best =
		choose(ccache, server, permitted, now, skew, &fitness, &realm);
	if (!best)
		return refuse_missing(ccache, server, err);
	*out = *best;
	out->server.realm = realm;
	switch (fitness) {
	case USABLE:
		return STATUS_OK;
	case KEY_NOT_PERMITTED:
		return refuse_key(ccache, out, permitted, err);
	case NOT_YET_VALID:
		return refuse_early(ccache, out, now, skew, err);
	case EXPIRED:
		break;
	}
	return refuse_expired(ccache, out, now, err);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/transited.h"

#include <string.h>

#include "base/realm.h"
#include "base/text.h"

#define DOMAIN_X500_COMPRESS 1
#define MAX_REALMS 32
#define MAX_OCTETS 4096

/* A transited list in full. */
struct expansion {
	unsigned count;
	struct slice realm[MAX_REALMS];
	size_t used;
	unsigned char octets[MAX_OCTETS];
};

static bool has_octet(struct slice s, char c)
{
	return s.len > 0 && memchr(s.data, c, s.len);
}

static enum status refuse_list(struct error *err, const char *what)
{
	error_set(err, KRB_AP_ERR_ILL_CR_TKT,
		"the ticket's list of transited realms cannot be expanded: %s", what);
	return error_show(err, "the ticket's list of transited realms cannot be expanded");
}

static enum status add_realm(struct expansion *e, struct slice realm, struct error *err)
{
	if (e->count == MAX_REALMS)
		return refuse_list(err, "it has more than 32 realms");
	e->realm[e->count++] = realm;
	return STATUS_OK;
}

/* Those above `realm` and below `top`. */
static enum status add_above(
	struct expansion *e, struct slice realm, struct slice top, struct error *err)
{
	for (realm = realm_parent(realm); realm.len > top.len; realm = realm_parent(realm))
		if (add_realm(e, realm, err))
			return err->status;
	return STATUS_OK;
}

/*
 * What a null subfield between `a` and `b` stands for: the path from one to
 * the other. Where one is above the other it is on the list once more, which
 * makes no difference.
 */
static enum status add_between(
	struct expansion *e, struct slice a, struct slice b, struct error *err)
{
	struct slice top = realm_common_ancestor(a, b);
	if (top.len == 0)
		return refuse_list(err, "a null subfield stands between realms that have no "
					"common ancestor");
	if (add_above(e, a, top, err) || add_above(e, b, top, err))
		return err->status;
	return add_realm(e, top, err);
}

static bool put(struct expansion *e, struct slice s)
{
	if (s.len > MAX_OCTETS - e->used)
		return false;
	if (s.len > 0)
		memcpy(e->octets + e->used, s.data, s.len);
	e->used += s.len;
	return true;
}

/* How far it is to the next comma that no backslash quotes; beyond the end after a dangling one. */
static size_t subfield_length(struct slice rest)
{
	size_t n = 0;
	while (n < rest.len && rest.data[n] != ',')
		n += rest.data[n] == '\\' ? 2 : 1;
	return n;
}

/*
 * A subfield that is not null, unquoted and completed from the realm listed
 * before it: "/..." is appended to that, "..." with a dot at its end put
 * before it. A leading blank lets it stand by itself.
 */
static enum status add_subfield(
	struct expansion *e, struct slice raw, struct slice previous, struct error *err)
{
	bool alone = raw.data[0] == ' ';
	while (raw.len > 0 && raw.data[0] == ' ')
		raw = slice_of(raw.data + 1, raw.len - 1);
	if (raw.len == 0)
		return refuse_list(err, "a subfield has nothing but blanks");

	bool append = !alone && raw.data[0] == '/', dot = false;
	size_t start = e->used;
	bool fits = !append || put(e, previous);
	for (size_t i = 0; i < raw.len && fits; i++) {
		bool quoted = raw.data[i] == '\\';
		i += quoted;
		dot = raw.data[i] == '.' && !quoted;
		fits = put(e, slice_of(raw.data + i, 1));
	}
	if (!alone && !append && dot)
		fits = fits && put(e, previous);
	if (!fits)
		return refuse_list(err, "it is longer than 4096 octets");
	return add_realm(e, slice_of(e->octets + start, e->used - start), err);
}

static enum status expand(struct expansion *e, struct slice list, struct slice client,
	struct slice server, struct error *err)
{
	struct slice listed = SLICE_EMPTY; /* for joining, nothing precedes the first one */
	struct slice last = client;        /* for null subfields, the client's realm does */
	bool null = false;
	for (;;) {
		size_t n = subfield_length(list);
		if (n > list.len)
			return refuse_list(err, "it ends in a backslash");
		if (n == 0) {
			null = true;
		} else {
			if (add_subfield(e, slice_of(list.data, n), listed, err))
				return err->status;
			listed = e->realm[e->count - 1];
			if (null && add_between(e, last, listed, err))
				return err->status;
			last = listed;
			null = false;
		}
		if (n == list.len)
			return null ? add_between(e, last, server, err) : STATUS_OK;
		list = slice_of(list.data + n + 1, list.len - n - 1);
	}
}

/* The pair as strings, for looking it up in [capaths]. */
struct pair {
	const char *client, *server;
};

static enum status pair_of(struct slice client, struct slice server, struct buffer *storage,
	struct pair *out, struct error *err)
{
	if (buffer_reserve(storage, client.len + server.len + 2) ||
		buffer_append(storage, client) || buffer_append(storage, SLICE_LITERAL("\0")) ||
		buffer_append(storage, server) || buffer_append(storage, SLICE_LITERAL("\0")))
		return error_no_memory(err);
	out->client = (const char *)storage->data;
	out->server = (const char *)storage->data + client.len + 1;
	return STATUS_OK;
}

/* Like MIT krb5, of a value with several words the first one counts. */
static bool is_in_capaths(const struct krb5_conf *conf, struct pair pair, struct slice realm)
{
	const char *value;
	for (unsigned n = 0; (value = krb5_conf_capath(conf, pair.client, pair.server, n)); n++)
		if (slice_equal(slice_of(value, strcspn(value, " \t")), realm))
			return true;
	return false;
}

static bool is_on_hierarchy_path(struct slice client, struct slice server, struct slice realm)
{
	struct slice top = realm_common_ancestor(client, server);
	return top.len > 0 && realm_is_within(realm, top) &&
	       (realm_is_within(client, realm) || realm_is_within(server, realm));
}

static enum status refuse_realm(struct slice client, struct slice server, struct slice realm,
	bool capaths, struct error *err)
{
	error_set(err, KRB_AP_ERR_ILL_CR_TKT,
		"the ticket came from realm %s to %s through %s, which %s; if that is a trusted "
		"path, list it in [capaths] of krb5.conf",
		TEXT(client), TEXT(server), TEXT(realm),
		capaths ? "[capaths] does not name" : "is not on the path of the realm hierarchy");
	return error_show(err, "the ticket came through a realm that this server does not trust");
}

static enum status check_realms(const struct expansion *e, struct slice client, struct slice server,
	const struct krb5_conf *conf, struct error *err)
{
	AUTO_BUFFER storage = {0};
	struct pair pair = {NULL, NULL};
	if (pair_of(client, server, &storage, &pair, err))
		return err->status;
	bool capaths = krb5_conf_capath(conf, pair.client, pair.server, 0);
	for (unsigned i = 0; i < e->count; i++) {
		struct slice realm = e->realm[i];
		if (slice_equal(realm, client) || slice_equal(realm, server))
			continue;
		if (!(capaths ? is_in_capaths(conf, pair, realm)
			      : is_on_hierarchy_path(client, server, realm)))
			return refuse_realm(client, server, realm, capaths, err);
	}
	return STATUS_OK;
}

enum status transited_check(const struct enc_ticket_part *ticket, struct slice server_realm,
	const struct krb5_conf *conf, struct error *err)
{
	struct slice client_realm = ticket->client.realm;
	if (ticket->transited.len == 0 || ticket->flags & TICKET_TRANSITED_POLICY_CHECKED)
		return STATUS_OK;
	if (ticket->transited_type != DOMAIN_X500_COMPRESS) {
		error_set(err, KRB_AP_ERR_ILL_CR_TKT,
			"the ticket's list of transited realms has the encoding %d, only 1 "
			"(DOMAIN-X500-COMPRESS) is understood",
			ticket->transited_type);
		return error_show(
			err, "the ticket's list of transited realms has an unknown encoding");
	}
	/* A NUL would cut the name short that is looked up in krb5.conf. */
	if (has_octet(client_realm, '\0') || has_octet(server_realm, '\0') ||
		has_octet(ticket->transited, '\0'))
		return refuse_list(err, "a realm's name has a NUL octet");
	if (client_realm.len > MAX_OCTETS || server_realm.len > MAX_OCTETS)
		return refuse_list(err, "a realm's name is longer than 4096 octets");

	struct expansion e;
	e.count = 0;
	e.used = 0;
	if (expand(&e, ticket->transited, client_realm, server_realm, err))
		return err->status;
	return check_realms(&e, client_realm, server_realm, conf, err);
}

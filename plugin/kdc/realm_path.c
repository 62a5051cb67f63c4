/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/realm_path.h"

#include <string.h>

#include "base/realm.h"
#include "base/text.h"

static bool add(struct realm_path *path, struct slice realm)
{
	if (path->count == REALM_PATH_MAX)
		return false;
	path->realm[path->count++] = realm;
	return true;
}

/* Like MIT krb5, of a value with several words the first one counts. */
static bool add_capaths(const struct krb5_conf *conf, const char *client, const char *server,
	struct realm_path *path)
{
	const char *value;
	for (unsigned n = 0; (value = krb5_conf_capath(conf, client, server, n)); n++) {
		struct slice realm = slice_of(value, strcspn(value, " \t"));
		bool is_between = !slice_equal(realm, SLICE_LITERAL(".")) &&
				  !slice_equal(realm, slice_string(client)) &&
				  !slice_equal(realm, slice_string(server));
		if (is_between && !add(path, realm))
			return false;
	}
	return true;
}

static bool add_hierarchy(struct slice client, struct slice server, struct realm_path *path)
{
	struct slice top = realm_common_ancestor(client, server);
	if (top.len == 0)
		return true;
	while (client.len > top.len) {
		client = realm_parent(client);
		if (!slice_equal(client, server) && !add(path, client))
			return false;
	}
	/* Down again: the parents of `server` below the top, the highest first. */
	unsigned levels = 0;
	for (struct slice s = realm_parent(server); s.len > top.len; s = realm_parent(s))
		levels++;
	for (; levels > 0; levels--) {
		struct slice s = server;
		for (unsigned i = 0; i < levels; i++)
			s = realm_parent(s);
		if (!add(path, s))
			return false;
	}
	return true;
}

enum status realm_path_find(const struct krb5_conf *conf, const char *client, const char *server,
	struct realm_path *out, struct error *err)
{
	out->count = 0;
	bool fits = krb5_conf_capath(conf, client, server, 0)
			    ? add_capaths(conf, client, server, out)
			    : add_hierarchy(slice_string(client), slice_string(server), out);
	if (fits && add(out, slice_string(server)))
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_ILL_CR_TKT,
		"the path from realm %s to %s has more than %d realms; name a shorter one in "
		"[capaths] of krb5.conf",
		TEXT(slice_string(client)), TEXT(slice_string(server)), REALM_PATH_MAX);
}

int realm_path_index(const struct realm_path *path, struct slice realm)
{
	for (unsigned i = 0; i < path->count; i++)
		if (slice_equal(path->realm[i], realm))
			return (int)i;
	return -1;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * realm_path.h - by way of which realms a client gets to a service of another
 * (RFC 4120 section 1.2 and 3.3.1).
 */
#ifndef KDC_REALM_PATH_H
#define KDC_REALM_PATH_H

#include "conf/krb5_conf.h"

#define REALM_PATH_MAX 10

struct realm_path {
	unsigned count;
	struct slice realm[REALM_PATH_MAX]; /* in order; the last is the service's */
};

/*
 * From `client` to `server`, which differ: through the realms that [capaths]
 * names for the pair, none if it says "."; if it says nothing, up the
 * hierarchy of realms to the nearest common ancestor and down again. It is no
 * more than advice: the KDCs may know a shorter way, or another. The slices
 * point into krb5.conf's snapshot and into the arguments.
 *
 * KRB_AP_ERR_ILL_CR_TKT for a path of more than REALM_PATH_MAX realms.
 */
MUST_CHECK enum status realm_path_find(const struct krb5_conf *conf, const char *client,
	const char *server, struct realm_path *out, struct error *err);

/* Where `realm` stands in the path; -1 if it does not. */
int realm_path_index(const struct realm_path *path, struct slice realm);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * krb5_conf_contents.h - the inside of a snapshot, for krb5_conf.c, which
 * makes and shares it, and krb5_conf_lookup.c, where answers are looked up.
 */
#ifndef CONF_KRB5_CONF_CONTENTS_H
#define CONF_KRB5_CONF_CONTENTS_H

#include <sys/types.h>

#include "conf/krb5_conf.h"
#include "conf/local_rules.h"
#include "conf/profile.h"

/*
 * The name of a keytab or cache, expanded when it is read: a login needs no
 * look into the user database for %{username}. Holds as long as the user does.
 */
struct path_name {
	const char *text;       /* as written */
	struct buffer expanded; /* no data: it cannot be expanded */
	bool has_tokens;
	uid_t uid;
	uid_t euid;
};

struct krb5_conf {
	unsigned holders; /* changed under shared_lock() */
	char *paths;      /* NULL: from memory */
	struct watch watch;
	struct error fault; /* why this is not a snapshot that anybody gets; else STATUS_OK */
	struct profile *profile;

	bool has_appdefaults;
	const char *default_realm;
	int64_t clock_skew;
	struct enctype_list permitted;
	bool pins_acceptor_hostname;
	bool announces_bindings;
	const char *kcm_socket;
	struct path_name keytab;
	struct path_name ccache;
	struct path_name replay_cache;
	struct local_rules *local_rules; /* NULL: there is no default realm */
	struct error local_fault;        /* why they cannot be used; else STATUS_OK */
};

/* Makes the last two of what the profile says. Only ERR_NO_MEMORY. */
MUST_CHECK enum status krb5_conf_compile_local_rules(struct krb5_conf *conf, struct error *err);

#endif

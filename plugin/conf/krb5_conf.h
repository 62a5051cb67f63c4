/*
 * krb5_conf.h - the facts of krb5.conf that this module needs, typed.
 *
 * A snapshot is immutable and shared by all connections of the process. It
 * is looked at again at most once a minute, and read again when a file of it
 * changed; a holder keeps the snapshot that it has. Where the changed files
 * cannot be read, krb5_conf_get() fails and says so: nothing falls back to an
 * older or weaker state silently.
 */
#ifndef CONF_KRB5_CONF_H
#define CONF_KRB5_CONF_H

#include <sys/types.h>

#include "base/error.h"
#include "base/principal.h"
#include "base/timestamp.h"
#include "crypto/enctype.h"

struct krb5_conf;

#define KRB5_CONF_RECHECK_SECONDS 60

/*
 * The snapshot for the path list in KRB5_CONFIG (ignored in set-uid
 * programs), else /etc/krb5.conf. A missing file is an empty snapshot, not
 * an error. Faults: as profile_read(), and values that cannot be understood
 * (clockskew = soon; an enctype list that leaves nothing), named with section
 * and relation. *out is NULL then.
 */
MUST_CHECK enum status krb5_conf_get(
	struct timestamp now, struct krb5_conf **out, struct error *err);

/* A snapshot of its own from memory, for tests. */
MUST_CHECK enum status krb5_conf_parse(
	struct slice text, struct krb5_conf **out, struct error *err);

void krb5_conf_release(struct krb5_conf *conf); /* NULL is allowed */
void krb5_conf_release_at(struct krb5_conf **conf);
#define AUTO_KRB5_CONF __attribute__((cleanup(krb5_conf_release_at))) struct krb5_conf *

/* Lets go of the shared snapshot; the next krb5_conf_get() reads again. */
void krb5_conf_forget(void);

/* [libdefaults] default_realm, or NULL. */
const char *krb5_conf_default_realm(const struct krb5_conf *conf);

/* [libdefaults] clockskew in seconds; 300 where it is not set. "5m", "1h30m", "0:05:00" are
 * understood. */
int64_t krb5_conf_clock_skew(const struct krb5_conf *conf);

/*
 * [libdefaults] permitted_enctypes, in order; types that this module or
 * OpenSSL has not got are left out. Default: all of the table.
 */
const struct enctype_list *krb5_conf_permitted_enctypes(const struct krb5_conf *conf);

/* [libdefaults] ignore_acceptor_hostname: is it set, and set to false? Not set is false as well. */
bool krb5_conf_pins_acceptor_hostname(const struct krb5_conf *conf);

/*
 * Where keytab and credential cache are: the environment variable
 * (KRB5_KTNAME, KRB5CCNAME; ignored in set-uid programs), else
 * [libdefaults] default_keytab_name, default_ccache_name, else
 * "FILE:/etc/krb5.keytab", "FILE:/tmp/krb5cc_%{uid}" (%{uid} is expanded).
 * Tokens are expanded into `out`. ERR_SYNTAX for an unknown token, an
 * unclosed brace, or a name of more than 4096 octets.
 */
MUST_CHECK enum status krb5_conf_keytab_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err);
MUST_CHECK enum status krb5_conf_ccache_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err);

/* Expands %{uid}, %{euid}, %{username}, %{null}; other text as it is; NUL-terminated, not counted.
 */
MUST_CHECK enum status path_tokens_expand(const char *text, struct buffer *out, struct error *err);

/*
 * The realm that [domain_realm] gives a host, by the host's name, then its
 * domain with and without the leading dot, then each parent; names compared
 * in lower case. NULL where none is given.
 */
const char *krb5_conf_host_realm(const struct krb5_conf *conf, const char *host);

/*
 * [appdefaults]: the value of `option` for `application`, in MIT's order:
 * application { realm { option } }, application { option },
 * realm { option }, option. `realm` may be NULL. NULL where none is set.
 */
const char *krb5_conf_appdefault(const struct krb5_conf *conf, const char *application,
	const char *realm, const char *option);

/*
 * [capaths] client_realm { server_realm = intermediate ... }: does the table
 * have an entry for the pair, and which realms may stand between? The nth
 * value (from 0), "." for a direct path, NULL past the end.
 */
const char *krb5_conf_capath(const struct krb5_conf *conf, const char *client_realm,
	const char *server_realm, unsigned n);

/* MIT's booleans: y yes true t 1 on / n no false f nil 0 off. False where it is neither. */
bool krb5_conf_boolean(const char *text, bool *value);

#endif

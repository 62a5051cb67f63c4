/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * krb5_conf.h - the facts of krb5.conf that this module needs, typed.
 *
 * A snapshot is immutable and shared by all connections of the process. Its
 * files are looked at again at most once a minute (one stat each), and read
 * again when one of them changed; a holder keeps the snapshot that it has.
 * Where the changed files cannot be understood, krb5_conf_get() fails and
 * says so: nothing falls back to an older or weaker state silently.
 *
 * A fault in what the files say is remembered: until one of them changes,
 * each krb5_conf_get() costs one stat a file and fails with the same words, so
 * a repaired file serves at once. A failure to read them (permissions, no
 * memory) is not: the next krb5_conf_get() tries again.
 */
#ifndef CONF_KRB5_CONF_H
#define CONF_KRB5_CONF_H

#include "base/error.h"
#include "base/timestamp.h"
#include "conf/path_tokens.h"
#include "crypto/enctype.h"

struct krb5_conf;

#define KRB5_CONF_RECHECK_SECONDS 60

/*
 * The snapshot for the path list in KRB5_CONFIG (ignored in set-uid
 * programs), else /etc/krb5.conf. A missing file is an empty snapshot, not
 * an error. Faults: as profile_read(), and values of [libdefaults] that
 * cannot be understood (clockskew = soon; an enctype list that leaves
 * nothing), named with file, line and relation. *out is NULL then.
 *
 * While nothing is to be looked at, that is within a minute of `now` and with
 * the same KRB5_CONFIG, it makes no system call.
 */
MUST_CHECK enum status krb5_conf_get(
	struct timestamp now, struct krb5_conf **out, struct error *err);

/* A snapshot of its own from memory, for tests; faults name the file "krb5.conf". */
MUST_CHECK enum status krb5_conf_parse(
	struct slice text, struct krb5_conf **out, struct error *err);

void krb5_conf_release(struct krb5_conf *conf); /* NULL is allowed */
void krb5_conf_release_at(struct krb5_conf **conf);
#define AUTO_KRB5_CONF __attribute__((cleanup(krb5_conf_release_at))) struct krb5_conf *

/* Releases the shared snapshot; the next krb5_conf_get() reads again. */
void krb5_conf_forget(void);

/* [libdefaults] default_realm, or NULL where it is not set or empty. */
const char *krb5_conf_default_realm(const struct krb5_conf *conf);

/* [libdefaults] clockskew in seconds, as duration_parse() understands it; 300 where it is not set.
 */
int64_t krb5_conf_clock_skew(const struct krb5_conf *conf);

/*
 * [libdefaults] permitted_enctypes, in order; types that this module or
 * OpenSSL has not got are left out. Default: all of the table.
 */
const struct enctype_list *krb5_conf_permitted_enctypes(const struct krb5_conf *conf);

/* Is [libdefaults] ignore_acceptor_hostname set to false? (A fault where it is no boolean.) */
bool krb5_conf_pins_acceptor_hostname(const struct krb5_conf *conf);

/*
 * Is [libdefaults] client_aware_channel_bindings set to true: do clients say that
 * they send channel bindings if they have some? (A fault if it is no boolean.)
 */
bool krb5_conf_announces_bindings(const struct krb5_conf *conf);

/*
 * [libdefaults] kcm_socket: the path at which the daemon listens that keeps
 * caches of type KCM; "-" means that there is none. Default: where Heimdal's
 * kcm and sssd-kcm listen.
 */
const char *krb5_conf_kcm_socket(const struct krb5_conf *conf);

/*
 * Where keytab and credential cache are: the environment variable
 * (KRB5_KTNAME, KRB5CCNAME; taken as it is, ignored where it is empty and in
 * set-uid programs), else [libdefaults] default_keytab_name,
 * default_ccache_name with tokens expanded, else "FILE:/etc/krb5.keytab",
 * "FILE:/tmp/krb5cc_EUID". `out` is cleared and receives the name,
 * NUL-terminated, the NUL not counted. Errors as for path_tokens_expand().
 * The user database is not asked again as long as the process has the user
 * ids that it had when the snapshot was made.
 */
MUST_CHECK enum status krb5_conf_keytab_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err);
MUST_CHECK enum status krb5_conf_ccache_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err);

/*
 * Likewise the keytab of a client that logs in by itself: KRB5_CLIENT_KTNAME,
 * else [libdefaults] default_client_keytab_name, else
 * "FILE:/etc/krb5/user/EUID/client.keytab".
 */
MUST_CHECK enum status krb5_conf_client_keytab_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err);

/* Has anybody named that keytab? */
bool krb5_conf_names_client_keytab(const struct krb5_conf *conf);

/*
 * Likewise the replay cache: KRB5RCACHENAME, else the type that KRB5RCACHETYPE
 * names, without more ("none:"), else [libdefaults] default_rcache_name with
 * tokens expanded, else "dfl:".
 */
MUST_CHECK enum status krb5_conf_replay_cache_name(
	const struct krb5_conf *conf, struct buffer *out, struct error *err);

/*
 * The realm that [domain_realm] gives a host: for mail.example.test the first
 * of mail.example.test, .example.test, example.test, .test, test that is
 * there. The host's name is taken in lower case and without a dot at its end;
 * names in the file have to be in lower case. NULL where none or an empty one
 * is given, and for an IP address.
 */
const char *krb5_conf_host_realm(const struct krb5_conf *conf, const char *host);

/*
 * [appdefaults]: the value of `option` for `application`, in MIT's order:
 * application = { realm = { option } }, application = { option },
 * realm = { option }, option. `realm` may be NULL. NULL where none is set.
 */
const char *krb5_conf_appdefault(const struct krb5_conf *conf, const char *application,
	const char *realm, const char *option);

/*
 * [capaths] client_realm = { server_realm = intermediate }: the nth value
 * (from 0) for the pair, a realm that may stand between, or "." for a direct
 * path; NULL past the end.
 */
const char *krb5_conf_capath(const struct krb5_conf *conf, const char *client_realm,
	const char *server_realm, unsigned n);

/* The files as a tree, for what conf/ alone reads: lives as long as the snapshot. */
const struct profile *krb5_conf_profile(const struct krb5_conf *conf);

/*
 * y yes true t 1 on, or n no false f nil 0 off, in any case. Returns false,
 * and leaves *value alone, for anything else.
 */
bool krb5_conf_boolean(const char *text, bool *value);

#endif

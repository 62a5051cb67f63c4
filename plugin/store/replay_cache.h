/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay_cache.h - which authenticators were seen already, by all servers on
 * the host that share the file (RFC 4120 section 3.2.3, "replay cache").
 *
 * The file is MIT krb5's "file2" (since 1.18), under the same name and the
 * same lock, so that servers that use libkrb5 and ours see each other's
 * entries. It is a row of hash tables of fixed-size records that only grows:
 * twelve octets of the authenticator's tag, and a time. Entries older than
 * the clock skew allows are overwritten.
 */
#ifndef STORE_REPLAY_CACHE_H
#define STORE_REPLAY_CACHE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

/* No login waits longer for the lock than about so. */
#define REPLAY_CACHE_WAIT_SECONDS 5

/* What is recorded; times are in seconds. */
struct replay_entry {
	struct slice tag;     /* an ap_context's authenticator_tag: twelve octets of it count */
	int64_t time;         /* the authenticator's, which may be ahead of this host's clock */
	int64_t skew;         /* that is allowed */
	int64_t (*now)(void); /* this host's clock, which is asked under the lock */
};

/*
 * Records an authenticator, unless it is there. `name`: "file2:PATH", "dfl:"
 * (krb5_UID.rcache2 in the folder that KRB5RCACHEDIR or TMPDIR names, both
 * ignored in set-uid programs, else /var/tmp; UID is the effective one) or
 * "none:", which records nothing. A
 * tag of fewer octets is filled up with zeros. The record is kept until `skew`
 * after `time` or now, whichever is later. (libkrb5 records the latter, so that
 * an authenticator from the future outlives its record.) The file is made, with
 * mode 0600, where there is none. Any thread and any process may come at once.
 *
 * A request may have waited since its time was judged, while its record of an
 * earlier time gave way to another's: so the time is judged once more, under
 * the lock.
 *
 * KRB_AP_ERR_REPEAT  it is there: a replay
 * KRB_AP_ERR_SKEW    its time is past the skew by now
 * ERR_UNSUPPORTED    another type of name
 * ERR_FILE           the record is not safely there: the file cannot be made,
 *                    opened, locked, read or written (disk full), is no regular
 *                    file, a symbolic link, has a second name (hard link), is of
 *                    another owner, may be read or written by others, or is
 *                    longer than 2 GiB; or the lock was not to be had within
 *                    REPLAY_CACHE_WAIT_SECONDS
 * ERR_CRYPTO         OpenSSL has no randomness for a new file's key
 * ERR_NO_MEMORY
 */
MUST_CHECK enum status replay_cache_store(
	const char *name, const struct replay_entry *entry, struct error *err);

/* Closes the file, which is kept open from one login to the next. */
void replay_cache_forget(void);

#endif

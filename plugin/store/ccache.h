/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ccache.h - the client's tickets (credential caches).
 *
 * What a name means, by what it begins with:
 *
 *	FILE:PATH, PATH     a file of MIT's format, version 3 or 4
 *	DIR:FOLDER          a collection: the files in the folder whose names begin
 *	                    with "tkt"; the primary one is named in its file
 *	                    "primary", or is "tkt"
 *	DIR::PATH           one file of such a collection
 *	KCM:                the user's collection that a daemon keeps: sssd-kcm, or
 *	                    Heimdal's kcm; kcm_socket in krb5.conf tells where
 *	KCM:NAME            one cache of it
 *	KEYRING:ANCHOR:NAME a collection in the kernel, where this is built with it;
 *	                    ANCHOR is persistent (NAME: a user's number), user,
 *	                    session, process or thread
 *	KEYRING:ANCHOR:NAME:CACHE one cache of it
 *	KEYRING:NAME        as old programs have it, in the session's keyring
 *	MEMORY:NAME         inside this process; see ccache_create()
 *
 * The name of a collection is that of its primary cache as well.
 *
 * The names are libkrb5's, and so is what they name: it and this module see
 * each other's tickets. Configuration entries (realm X-CACHECONF:), entries
 * that were removed in place, and user-to-user tickets are passed over.
 *
 * A cache is read whole. One that is a file is read once, and shared by all
 * connections of the process as an immutable snapshot: opening it costs one stat
 * while the file stays as it is, and reads it again when it was replaced, written to,
 * or changed its owner or mode. A snapshot serves only the user and the owners
 * for whom the file was judged, and none is kept of what a symbolic link leads to.
 */
#ifndef STORE_CCACHE_H
#define STORE_CCACHE_H

#include "base/file_trust.h"
#include "crypto/enctype.h"
#include "store/credential.h"

struct ccache;

#define CCACHE_MAX_LENGTH (16 << 20)
#define CCACHE_MAX_COLLECTION 1000 /* caches that are looked at */
#define CCACHE_WAIT_SECONDS 5
#define CCACHE_MAX_SHARED 16 /* snapshots that are kept; the one that was used last the longest */

/*
 * Opens and reads the cache, if it is not somebody else's. Whoever fills a
 * cache could make its tickets and their session keys himself, and pose as any
 * server by them. So what it is made of has to be of root, of the effective
 * user, or of one of `owners` (NULL: nobody else), and nobody else may be able
 * to write to it: a file, with no second name, and with it the folder of a
 * collection (file_trust.h); keyrings and keys; a KCM daemon's process.
 *
 * Faults, each with the name:
 * ERR_NOT_FOUND    there is none ("...: run kinit, or set KRB5CCNAME")
 * ERR_FILE         unreadable, a directory; the daemon or the kernel refuses
 *                  it, or does not answer in time
 * ERR_UNTRUSTED    somebody else's: the sentence names owner and mode found
 * ERR_TOO_LONG     longer than CCACHE_MAX_LENGTH
 * ERR_SYNTAX       not a cache, a version that is not 3 or 4, malformed, with
 *                  the octet at which it went wrong
 * ERR_UNSUPPORTED  another type, by name, with what to do
 * ERR_NO_MEMORY
 * *out is NULL then. A daemon is waited for no longer than CCACHE_WAIT_SECONDS.
 * A file may end within a credential, because its writer ended there, or has
 * not finished: those before it are what the cache has.
 */
MUST_CHECK enum status ccache_open(
	const char *name, const struct file_owners *owners, struct ccache **out, struct error *err);

/* The same cache as it is now. Errors of ccache_open(). */
MUST_CHECK enum status ccache_open_again(
	const struct ccache *ccache, struct ccache **out, struct error *err);

/* A file from memory; `contents` is copied, `name` is for the sentences. */
MUST_CHECK enum status ccache_parse(
	struct slice contents, const char *name, struct ccache **out, struct error *err);

void ccache_close(struct ccache *ccache); /* wipes after the last holder; NULL is allowed */
void ccache_close_at(struct ccache **ccache);
#define AUTO_CCACHE __attribute__((cleanup(ccache_close_at))) struct ccache *

/*
 * The one cache that was read, for sentences: the path alone for a file, else
 * with the type. The default client principal. Both live as long as the cache.
 */
const char *ccache_name(const struct ccache *ccache);
const struct principal *ccache_client(const struct ccache *ccache);

/* The KDC's clock less this host's, in seconds, where the cache records it; else 0. */
int64_t ccache_kdc_offset(const struct ccache *ccache);

/* What a credential that is to be used has to fulfil. */
struct ccache_terms {
	const struct enctype_list *permitted; /* types of the session key */
	int64_t now;                          /* seconds */
	int64_t skew;                         /* seconds after `now` at which it may start */
};

/*
 * The credential for the server, of those of the cache's client that are
 * valid at `now` (seconds) and whose session key has a permitted type the one
 * that begins last, of several such the one that lasts longest, and of those
 * the last in the cache. One may start
 * `skew` seconds after `now`: a KDC's clock may be that far ahead, and a
 * service allows as much. `server` with an empty realm matches any realm; an
 * entry that was stored under an empty realm (by a client that left the realm
 * to the KDC) has that of its ticket. The slices of `out` point into the cache.
 * The ways to fail are told apart in the sentence, which names the cache and
 * the server:
 * ERR_NOT_FOUND            no ticket for this server
 * KRB_AP_ERR_TKT_EXPIRED   there is one, it ended at ...
 * KRB_AP_ERR_TKT_NYV       there is one, it starts at ..., or is INVALID (postdated)
 * KDC_ERR_ETYPE_NOSUPP     there is one, with a session key of a type not permitted
 */
MUST_CHECK enum status ccache_find(const struct ccache *ccache, const struct principal *server,
	const struct ccache_terms *terms, struct credential *out, struct error *err);

/*
 * Adds a credential to the cache that ccache_open() read (`ccache` itself
 * stays as it is). Tickets that are there for the same server are left to
 * end by themselves, as libkrb5 leaves them. Whatever goes wrong, the cache
 * keeps what it had: a caller that holds the credential goes on with it, and
 * has a warning to tell.
 *
 * A file is appended to, in its own version, under libkrb5's lock. What a
 * writer that was killed left behind of a credential is cut off, but nothing
 * behind which others stand; a write that does not succeed (disk full) is
 * taken back. In a keyring the ticket has a key that ends with it, in place of
 * one for the same server.
 *
 * ERR_NOT_FOUND        the cache is gone
 * KRB_AP_ERR_BADMATCH  it became another client's
 * ERR_UNTRUSTED        it has become somebody else's
 * ERR_FILE             it may not be written (read-only, another owner's), is
 *                      kept locked for CCACHE_WAIT_SECONDS, would be longer
 *                      than CCACHE_MAX_LENGTH, or the disk is full
 * ERR_SYNTAX           it is damaged, not just at its end, or a name of the
 *                      credential has no components
 * ERR_NO_MEMORY
 */
MUST_CHECK enum status ccache_store(
	const struct ccache *ccache, const struct credential *credential, struct error *err);

/*
 * Keeps the KDC's clock less this host's, in seconds (what has no 32 bits counts
 * as 0), with the cache that ccache_open() read, where libkrb5 looks for it: in
 * a file's header, a key of the keyring, by KCM's operation. `ccache` itself
 * stays as it is. Where a file's header has a place it is changed in place;
 * else the file is written again, with the same readers, and renamed, and what
 * is behind a symbolic link is replaced.
 *
 * Errors of ccache_store(); ERR_UNSUPPORTED if a file of version 3, or the
 * daemon, has no place for it.
 */
MUST_CHECK enum status ccache_set_kdc_offset(
	const struct ccache *ccache, int64_t kdc_offset, struct error *err);

/* What a cache begins with. */
struct ccache_start {
	const struct principal *client;
	int64_t kdc_offset;                  /* the KDC's clock less this host's, in seconds */
	const struct credential *credential; /* `count` of them */
	unsigned count;
};

/*
 * Makes a cache, in place of one that is there. A file (of version 4, mode
 * 0600) appears whole or not at all: it is written beside and renamed, and a
 * symbolic link is replaced, not followed; the folder of a collection is made, with mode
 * 0700, if it is not there. A cache of type MEMORY lives until
 * ccache_forget() or the end of the process; after a fork parent and child have
 * one each. Any thread may come at any time.
 *
 * ERR_FILE         it cannot be written; what was there stays
 * ERR_UNSUPPORTED  a type that this module does not make, by name
 * ERR_NO_MEMORY
 */
MUST_CHECK enum status ccache_create(
	const char *name, const struct ccache_start *start, struct error *err);

/*
 * Wipes all caches of type MEMORY, and releases all snapshots of files. (The one of
 * a file that is gone or changed is released when its name is opened again.)
 */
void ccache_forget(void);

/*
 * Fills `names` (what was there is cleared) with the names of the caches of a
 * collection, the primary one first; a name that means one cache gives itself.
 * They need not be readable. ERR_NOT_FOUND if there is none; else as
 * ccache_open().
 */
MUST_CHECK enum status ccache_list(const char *name, const struct file_owners *owners,
	struct buffer *names, struct error *err);

/* The name after `previous`, or the first where that is NULL; NULL after the last. */
const char *ccache_next_name(const struct buffer *names, const char *previous);

/* Which cache of a collection is wanted. */
struct ccache_criteria {
	const struct file_owners *owners; /* as for ccache_open() */
	const struct principal *client;   /* NULL: nobody in particular */
	struct slice realm;               /* the server's; empty: it is not known */
	bool or_another;            /* where no cache is the client's, as if there was no client */
	const struct buffer *names; /* as ccache_list() gave them; NULL: it is asked now */
};

/*
 * Opens the cache of a collection that fits: where `client` is given, the
 * first that is this client's (with an empty realm: a client's of this name in
 * any realm); else the first whose client is of `realm`, or else the first of all. Caches that
 * cannot be read are passed over, but for a reason to tell in the end. None is opened twice.
 *
 * ERR_NOT_FOUND   no cache is the client's, or there is none
 * Errors of ccache_open(), of the first cache, where none can be read
 */
MUST_CHECK enum status ccache_choose(const char *name, const struct ccache_criteria *criteria,
	struct ccache **out, struct error *err);

#endif

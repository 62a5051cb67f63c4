/*
 * ccache.h - the client's tickets (MIT's credential cache file format).
 *
 * "FILE:path" and bare paths, versions 3 and 4; configuration entries (realm
 * X-CACHECONF:), entries that were removed in place, and user-to-user tickets
 * are passed over. A cache is read whole, once per login: its contents change
 * with every kinit, and the file is small.
 */
#ifndef STORE_CCACHE_H
#define STORE_CCACHE_H

#include "crypto/enctype.h"
#include "store/credential.h"

struct ccache;

#define CCACHE_MAX_LENGTH (16 << 20)

/*
 * Opens and reads the cache. Other types (DIR, KEYRING, KCM, MEMORY, API) are
 * ERR_UNSUPPORTED, by name, with what to do. Faults, each with the name:
 * ERR_NOT_FOUND   no such file ("...: run kinit, or set KRB5CCNAME")
 * ERR_FILE        unreadable, a directory, longer than CCACHE_MAX_LENGTH
 * ERR_SYNTAX      not a cache, a version that is not 3 or 4, cut short, with
 *                 the octet at which it went wrong
 * ERR_NO_MEMORY
 * *out is NULL then. A file that ends where a credential could begin is whole:
 * the format has no other end.
 */
MUST_CHECK enum status ccache_open(const char *name, struct ccache **out, struct error *err);

/* From memory; `contents` is copied, `name` is for the sentences. */
MUST_CHECK enum status ccache_parse(
	struct slice contents, const char *name, struct ccache **out, struct error *err);

void ccache_close(struct ccache *ccache); /* wipes; NULL is allowed */
void ccache_close_at(struct ccache **ccache);
#define AUTO_CCACHE __attribute__((cleanup(ccache_close_at))) struct ccache *

/* The path, without the type; the default client principal. Live as long as the cache. */
const char *ccache_name(const struct ccache *ccache);
const struct principal *ccache_client(const struct ccache *ccache);

/* The KDC's clock less this host's, in seconds, as version 4 records it; 0 where it does not. */
int64_t ccache_kdc_offset(const struct ccache *ccache);

/*
 * The credential for the server, of those of the cache's client that are
 * valid at `now` (seconds) and whose session key has a permitted type the one
 * that lasts longest, and of several such the last in the file. `server` with
 * an empty realm matches any realm; an entry that was stored under an empty
 * realm (by a client that left the realm to the KDC) has that of its ticket.
 * The slices of `out` point into the cache. The ways to fail are told apart
 * in the sentence, which names the cache and the server:
 * ERR_NOT_FOUND            no ticket for this server (and a hint: kvno NAME)
 * KRB_AP_ERR_TKT_EXPIRED   there is one, it ended at ...
 * KRB_AP_ERR_TKT_NYV       there is one, it starts at ..., or is INVALID (postdated)
 * KDC_ERR_ETYPE_NOSUPP     there is one, with a session key of a type not permitted
 */
MUST_CHECK enum status ccache_find(const struct ccache *ccache, const struct principal *server,
	const struct enctype_list *permitted, int64_t now, struct credential *out,
	struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keyring_place.h - where in the kernel's keyrings a credential cache is. For
 * plugin/store/ccache_keyring.c alone.
 *
 * A collection is a keyring named _krb_COLLECTION in another one, the anchor
 * (for KEYRING:persistent it is _krb). In it are a key that names the primary
 * cache, and the caches, which are keyrings.
 */
#ifndef STORE_KEYRING_PLACE_H
#define STORE_KEYRING_PLACE_H

#include "base/file_trust.h"
#include "store/keyring.h"

#define KEYRING_MAX_DESCRIPTION 4095 /* of a key, in octets */
#define KEYRING_MAX_KEYS 4096        /* in a keyring, that are looked at */

/* Old programs' caches, which are in the session's keyring itself. */
#define KEYRING_LEGACY "legacy"

/* "ANCHOR:COLLECTION:CACHE", of which the cache may be missing, and the anchor with it. */
struct keyring_place {
	char text[KEYRING_MAX_DESCRIPTION + 1];
	const char *anchor;
	const char *collection;
	const char *cache;                /* NULL: the primary */
	const struct file_owners *owners; /* see ccache_open() */
};

/* Its name is "KEYRING:ANCHOR:COLLECTION:CACHE"; what is behind the first colon. */
#define KEYRING_PLACE_TEXT_SIZE (2 * KEYRING_MAX_DESCRIPTION + 16)
const char *keyring_place_text(
	const struct keyring_place *place, const char *cache, char out[KEYRING_PLACE_TEXT_SIZE]);

/* `rest` is a name without "KEYRING:". ERR_SYNTAX if it is too long. */
MUST_CHECK enum status keyring_place_of(const char *rest, const struct file_owners *owners,
	struct keyring_place *out, struct error *err);

/* The sentence for a number of errno's: ERR_NOT_FOUND, or ERR_FILE. */
MUST_CHECK enum status keyring_refused(
	const struct keyring_place *place, int number, struct error *err);

/* Is the key, of which `what` is said in the sentence, of who is believed? ERR_UNTRUSTED. */
MUST_CHECK enum status keyring_judge(
	const struct keyring_place *place, const char *what, int32_t key, struct error *err);

/*
 * The collection, which is made if it is not there and `make` is set. ERR_SYNTAX for an anchor
 * that there is not; errors of keyring_refused() and keyring_judge().
 */
MUST_CHECK enum status keyring_collection(
	const struct keyring_place *place, bool make, int32_t *collection, struct error *err);

/*
 * Sets place->cache to the primary one's name, which `storage` holds. If the collection does not
 * say, it is the one that libkrb5 takes then. ERR_SYNTAX if what it says makes no sense.
 */
MUST_CHECK enum status keyring_primary(
	int32_t collection, struct buffer *storage, struct keyring_place *place, struct error *err);

/* Makes place->cache the primary one, if the collection names none. Errors of keyring_refused(). */
MUST_CHECK enum status keyring_set_first_primary(
	const struct keyring_place *place, int32_t collection, struct error *err);

/* The keyring that the cache is; 0, or a number of errno's. */
int keyring_find_cache(const struct keyring_place *place, int32_t collection, int32_t *cache);

/* The keys in a keyring that was read, one after the other; false after the last. */
bool keyring_next(struct reader *keys, int32_t *key);

#endif

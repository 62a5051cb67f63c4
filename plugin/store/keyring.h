/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keyring.h - keys and keyrings of the Linux kernel (keyrings(7)), by the
 * system calls themselves.
 *
 * Keys are numbers; the special ones (KEY_SPEC_..., negative) are in
 * <linux/keyctl.h>. What is said to return 0 returns another number of
 * errno's where it fails.
 */
#ifndef STORE_KEYRING_H
#define STORE_KEYRING_H

#include <sys/types.h>

#include "base/bytes.h"

/*
 * Looks for a key in a keyring and the keyrings in it, and links it to the
 * keyring `to` (0: to none), so that this process possesses it. 0; ENOKEY
 * where there is none.
 */
int keyring_search(
	int32_t ring, const char *type, const char *description, int32_t to, int32_t *key);

/*
 * The keyring that lasts while nobody of the user's is logged in; made where
 * there is none, and linked to the process's. The user's own keyring where
 * the kernel has no such thing. 0.
 */
int keyring_persistent(uid_t uid, int32_t *key);

/*
 * Replaces what `out` holds by the key's payload: of a keyring its keys, each a
 * 32-bit number of this host's order. 0; EFBIG where it has more than `max`
 * octets; ENOMEM.
 */
int keyring_read(int32_t key, size_t max, struct buffer *out);

/* The same with "TYPE;UID;GID;PERMISSIONS;DESCRIPTION", NUL-terminated, the NUL counted. */
int keyring_describe(int32_t key, struct buffer *out);

/* Adds a key to a keyring, or replaces the payload of that of this type and description. 0. */
int keyring_add(const char *type, const char *description, struct slice payload, int32_t ring,
	int32_t *key);

/* The kernel removes the key after so many seconds; 0: never. 0. */
int keyring_set_timeout(int32_t key, uint32_t seconds);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * key_internal.h - the inside of a key, for the files of crypto/ and their
 * tests alone.
 *
 * A key has a root, from which everything is derived, and a list of working
 * keys, to which each key usage is added when it is first needed. The list
 * only grows while the key lives, so it is read without a lock. Each working
 * key keeps one set of prepared OpenSSL contexts in a slot: a thread takes
 * them out, and finds the slot empty only while another thread works with the
 * same key and usage; then it prepares a set for itself.
 */
#ifndef CRYPTO_KEY_INTERNAL_H
#define CRYPTO_KEY_INTERNAL_H

#include <stdatomic.h>

#include "crypto/algorithms.h"
#include "crypto/enctype_row.h"
#include "crypto/key.h"
#include "crypto/prepared.h"

enum purpose {
	PURPOSE_ENCRYPT,  /* Ke, Ki */
	PURPOSE_DECRYPT,  /* Ke, Ki */
	PURPOSE_CHECKSUM, /* Kc */
	PURPOSE_DERIVE,   /* the protocol key; has no usage */
	PURPOSE_COUNT,
};

struct working_key {
	struct working_key *next;
	enum purpose purpose;
	uint32_t usage;
	unsigned char main_octets[KEY_MAX_LENGTH]; /* Ke, or the protocol key */
	unsigned char mac_octets[KEY_MAX_LENGTH];  /* Ki, Kc */
	_Atomic(struct prepared *) idle;
};

struct key {
	atomic_uint holders;
	const struct enctype *type;
	const struct algorithms *algorithms;
	struct working_key root;
	_Atomic(struct working_key *) working;
};

/* A key of a type that is not NULL; `octets` has its length. Errors as for key_new(). */
MUST_CHECK enum status key_of_type(const struct enctype *type, const unsigned char *octets,
	struct key **out, struct error *err);

/* Finds the working key, or derives it. ERR_CRYPTO, ERR_NO_MEMORY. */
MUST_CHECK enum status working_key_get(struct key *key, uint32_t usage, enum purpose purpose,
	struct working_key **out, struct error *err);

/* Wipes and frees the list and what the root has prepared. */
void working_keys_release(struct key *key);

/*
 * Prepared contexts of a working key of `key`; give them back with
 * working_key_put() whether what was done with them succeeded or not.
 */
MUST_CHECK enum status working_key_take(const struct key *key, struct working_key *working,
	struct prepared **out, struct error *err);
void working_key_put(struct working_key *working, struct prepared *prepared);

/* `length` octets derived from the protocol key in the type's way. */
MUST_CHECK enum status key_derive(struct key *key, struct slice constant, unsigned char *out,
	size_t length, struct error *err);

/*
 * key_encrypt_in_place() with the confounder that `data` has, which is fresh
 * everywhere but in tests of published vectors; does not wipe.
 */
MUST_CHECK enum status key_encrypt_confounded(struct key *key, uint32_t usage, unsigned char *data,
	size_t plain_length, struct error *err);

/*
 * Confounder and plain text of `cipher`, which has at least the overhead of
 * the key's type. `out` has room for them, and is not wiped on failure.
 */
MUST_CHECK enum status key_decrypt_confounded(struct key *key, uint32_t usage, struct slice cipher,
	unsigned char *out, struct error *err);

#endif

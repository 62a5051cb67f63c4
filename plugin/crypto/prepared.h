/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * prepared.h - OpenSSL contexts that hold a key already, so that a message
 * costs nothing but its own octets. One thread at a time may use one.
 */
#ifndef CRYPTO_PREPARED_H
#define CRYPTO_PREPARED_H

#include "crypto/algorithms.h"

struct prepared {
	EVP_CIPHER_CTX *cipher;
	EVP_MAC_CTX *mac;
	bool mac_is_used; /* since it got its key: it has to begin again */
};

enum direction { DECRYPT = 0, ENCRYPT = 1 };

/*
 * Each adds to *p one context with a copy of `key`, whose length the cipher
 * knows, or which is given. On failure *p holds what it held.
 */
MUST_CHECK enum status prepare_cts(struct prepared *p, const struct algorithms *algorithms,
	enum direction direction, const unsigned char *key, struct error *err);
MUST_CHECK enum status prepare_block(struct prepared *p, const struct algorithms *algorithms,
	const unsigned char *key, struct error *err);
MUST_CHECK enum status prepare_mac(struct prepared *p, const struct algorithms *algorithms,
	struct slice key, struct error *err);

/* Frees the contexts, whose contents OpenSSL wipes, and wipes the rest. */
void prepared_release(struct prepared *p);

/*
 * CBC with ciphertext stealing (RFC 3962 section 5) in the direction that it
 * is prepared for. `vector` is the initial one, a block long. `in` has at
 * least one block and at most KEY_TEXT_MAX octets; `out` has room for as many,
 * and is where `in` is or does not overlap it.
 */
MUST_CHECK enum status prepared_cts(struct prepared *p, const unsigned char *vector,
	struct slice in, unsigned char *out, struct error *err);

/* Encrypts one block; `in` and `out` may be the same. */
MUST_CHECK enum status prepared_block(
	struct prepared *p, const unsigned char *in, unsigned char *out, struct error *err);

/* The first `length` octets of the MAC of the pieces. */
MUST_CHECK enum status prepared_mac(struct prepared *p, struct pieces pieces, unsigned char *out,
	size_t length, struct error *err);

#endif

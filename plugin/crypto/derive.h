/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * derive.h - working keys from a key and a constant, in the three ways of the
 * encryption types.
 *
 * OpenSSL's KRB5KDF and KBKDF give the same octets but set up a cipher or a
 * MAC anew each time; here it is prepared once for all the keys derived from
 * one.
 */
#ifndef CRYPTO_DERIVE_H
#define CRYPTO_DERIVE_H

#include "base/bytes.h"
#include "base/error.h"

struct prepared;

/*
 * `base` holds the protocol key in the type's way; `out` receives `length`
 * octets: at most the hash's length with derive_hmac_sha2(), else any number.
 * `constant` has 1 to 16 octets. Fails only as OpenSSL does; `out` is then
 * undefined.
 */
typedef enum status derive_function(struct prepared *base, struct slice constant,
	unsigned char *out, size_t length, struct error *err);

/* DR of RFC 3961 section 5.1, with the block cipher. */
derive_function derive_by_cipher;

/* KDF-FEEDBACK-CMAC of RFC 6803 section 3. */
derive_function derive_feedback_cmac;

/* KDF-HMAC-SHA2 of RFC 8009 section 3, without a context. */
derive_function derive_hmac_sha2;

#endif

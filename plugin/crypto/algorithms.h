/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * algorithms.h - what the encryption types need of OpenSSL, fetched once per
 * process.
 */
#ifndef CRYPTO_ALGORITHMS_H
#define CRYPTO_ALGORITHMS_H

#include <openssl/evp.h>

#include "crypto/enctype.h"

struct algorithms {
	EVP_CIPHER *cts;   /* CBC with ciphertext stealing */
	EVP_CIPHER *block; /* one bare block; NULL if a MAC derives */
	EVP_MD *digest;
	EVP_MAC_CTX *mac; /* keyed with zeros and only ever duplicated: cheaper than a new one */
};

/*
 * KDC_ERR_ETYPE_NOSUPP where OpenSSL lacks one of the type's algorithms,
 * ERR_NO_MEMORY if the first fetch fails. Valid until crypto_close().
 */
MUST_CHECK enum status algorithms_of(
	const struct enctype *type, const struct algorithms **out, struct error *err);

/* Without a reason: false also if the first fetch fails. */
bool algorithms_present(const struct enctype *type);

/*
 * MD5, from a provider that is not the FIPS provider as well. ERR_CRYPTO where
 * OpenSSL lacks it, ERR_NO_MEMORY as above. Valid until crypto_close().
 */
MUST_CHECK enum status md5_algorithm(const EVP_MD **out, struct error *err);

/*
 * For a call to OpenSSL that failed: ERR_CRYPTO, or ERR_NO_MEMORY where that
 * was the cause, with the sentence "OpenSSL cannot WHAT: its reason". Takes
 * the reason out of OpenSSL's queue, where the program around us would
 * mistake it for an error of its own.
 */
enum status openssl_failed(struct error *err, const char *what);

#endif

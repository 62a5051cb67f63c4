/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bound.h - bare OpenSSL: the octets of a message through a cipher and a MAC
 * whose contexts hold their keys already. No layer with the same algorithms
 * can be faster.
 */
#ifndef TESTS_BENCH_BOUND_H
#define TESTS_BENCH_BOUND_H

#include <openssl/evp.h>

#include "crypto/enctype.h"

struct bound {
	EVP_CIPHER_CTX *encrypt, *decrypt;
	EVP_MAC_CTX *mac;
};

/* With keys of zeros. Whatever goes wrong ends the program. */
void bound_open(struct bound *bound, const struct enctype *type);
void bound_close(struct bound *bound);

/* Encrypts and computes the MAC; decrypts and computes it. */
void bound_wrap(struct bound *bound, const unsigned char *in, unsigned char *out, size_t len);
void bound_unwrap(struct bound *bound, const unsigned char *in, unsigned char *out, size_t len);

/* The MAC alone: integrity, both ways. */
void bound_mac(struct bound *bound, const unsigned char *in, size_t len);

#endif

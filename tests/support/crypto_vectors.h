/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * crypto_vectors.h - published test vectors in hexadecimal, and how each kind
 * is checked. Included by one test program at a time.
 */
#ifndef TESTS_SUPPORT_CRYPTO_VECTORS_H
#define TESTS_SUPPORT_CRYPTO_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/key.h"
#include "crypto/key_internal.h"
#include "tests/support/offered.h"

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

/* Octets that a test works with: big enough for every vector. */
struct octets {
	unsigned char data[192];
	size_t len;
};

struct octets from_hex(const char *hex);

struct slice slice_of_octets(const struct octets *octets);

void check_octets(size_t vector, const void *got, size_t got_length, const char *expected);

struct key *key_from_hex(int32_t enctype, const char *hex);

struct derive_vector {
	int32_t enctype;
	const char *key, *constant, *derived;
};

void check_derive(const struct derive_vector *vectors, size_t count);

/* Where the confounder was not published it is NULL, and the text is only decrypted. */
struct encrypt_vector {
	int32_t enctype;
	uint32_t usage;
	const char *key, *confounder, *plain, *cipher;
};

void check_encrypt(const struct encrypt_vector *vectors, size_t count);

void check_decrypt(const struct encrypt_vector *vectors, size_t count);

struct checksum_vector {
	int32_t enctype;
	uint32_t usage;
	const char *key, *text, *checksum;
};

void check_checksum(const struct checksum_vector *vectors, size_t count);

struct password_vector {
	int32_t enctype;
	const char *password, *salt;
	uint32_t iterations;
	const char *key;
};

void check_password(const struct password_vector *vectors, size_t count);

#endif

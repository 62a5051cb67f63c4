/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * enctype.h - the table of encryption types (RFC 3961, RFC 4120 section 7.5.1).
 *
 * One row a type: number, names, sizes, its mandatory checksum type, and how
 * it encrypts, derives and hashes. Adding a type is adding a row.
 */
#ifndef CRYPTO_ENCTYPE_H
#define CRYPTO_ENCTYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

enum {
	ENCTYPE_AES128_SHA1 = 17,
	ENCTYPE_AES256_SHA1 = 18,
	ENCTYPE_AES128_SHA256 = 19,
	ENCTYPE_AES256_SHA384 = 20,
	ENCTYPE_CAMELLIA128 = 25,
	ENCTYPE_CAMELLIA256 = 26,
};
#define ENCTYPE_COUNT 6

struct enctype; /* a row of the table; const, lives as long as the module */

/*
 * Fetches what OpenSSL offers, once per process; every function of crypto/
 * does so when it is first used. A type whose algorithms OpenSSL cannot
 * provide (FIPS mode) is left out: enctype_by_number() does not find it.
 * crypto_close() gives everything back, and the next use fetches again; it
 * may not run while another thread is in crypto/ or any key exists.
 */
MUST_CHECK enum status crypto_open(struct error *err);
void crypto_close(void);

/*
 * Names of the types that OpenSSL could not provide, "a, b", or NULL where
 * all are there: for one line in the log. Valid until crypto_close().
 */
const char *crypto_missing(void);

/*
 * NULL and KDC_ERR_ETYPE_NOSUPP, with a sentence that names the type and
 * says why: weak (DES, triple DES, RC4: "arcfour-hmac (23) is weak and not
 * supported: ..."), left out by OpenSSL, or unknown.
 */
const struct enctype *enctype_by_number(int32_t number, struct error *err);

/* The same without a reason. */
const struct enctype *enctype_usable(int32_t number);

/*
 * The usable types in MIT krb5's default order: rank 0 is the most preferred.
 * NULL past the end.
 */
const struct enctype *enctype_by_rank(unsigned rank);

int32_t enctype_number(const struct enctype *type);
const char *enctype_name(const struct enctype *type);      /* "aes256-cts-hmac-sha1-96" */
size_t enctype_key_length(const struct enctype *type);     /* octets */
unsigned enctype_strength(const struct enctype *type);     /* bits: 128 or 256; SASL's SSF */
int32_t enctype_checksum_type(const struct enctype *type); /* the mandatory one */
size_t enctype_checksum_length(const struct enctype *type);
size_t enctype_confounder_length(const struct enctype *type);
size_t enctype_overhead(const struct enctype *type); /* cipher text is plain text plus this */

uint32_t enctype_iterations(const struct enctype *type); /* of string-to-key, by default */

/*
 * For sentences about any number, known or not: "aes256-cts-hmac-sha1-96",
 * "enctype 99". Returns `out`.
 */
#define ENCTYPE_TEXT_SIZE 48
const char *enctype_text(int32_t number, char out[ENCTYPE_TEXT_SIZE]);
#define ENCTYPE_TEXT(number) enctype_text((number), (char[ENCTYPE_TEXT_SIZE]){0})

/*
 * All names that MIT's krb5.conf(5) gives one encryption type, weak ones
 * included, case ignored ("aes256-cts", "arcfour-hmac-md5"): its number, or
 * 0 where there is no such name.
 */
int32_t enctype_number_by_name(struct slice name);

/* Is it one that we refuse on principle (DES, triple DES, RC4)? */
bool enctype_is_weak(int32_t number);

/*
 * A set of permitted types, in order of preference, as krb5.conf's
 * permitted_enctypes gives it. Held by value.
 */
struct enctype_list {
	unsigned count;
	int32_t number[ENCTYPE_COUNT];
};
bool enctype_list_has(const struct enctype_list *list, int32_t number);

#endif

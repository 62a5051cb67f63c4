/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * openssl_faults.h - an OpenSSL that lacks an algorithm, or fails. The
 * functions here take the place of the library's in the program that includes
 * this, and pass on to them unless they were told to fail.
 */
#ifndef TESTS_SUPPORT_OPENSSL_FAULTS_H
#define TESTS_SUPPORT_OPENSSL_FAULTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "crypto/key.h"
#include "crypto/random.h"
#include "tests/support/offered.h"

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))
#define UNUSED __attribute__((unused))

static unsigned fetches;    /* so many were asked for */
static const char *absent;  /* names that contain this are not fetched */
static const char *failing; /* the function that fails, */
static unsigned after;      /* after having worked so often */

static inline bool lacks(const char *algorithm)
{
	fetches++;
	return absent && strstr(algorithm, absent);
}

static inline bool fails(const char *function)
{
	if (!failing || strcmp(failing, function) != 0)
		return false;
	if (after > 0) {
		after--;
		return false;
	}
	ERR_raise(ERR_LIB_EVP, EVP_R_INITIALIZATION_ERROR);
	return true;
}

/* What OpenSSL calls within itself does not fail, but cannot fetch either. */
#define OURS __attribute__((visibility("hidden")))
#define EVERYWHERE __attribute__((visibility("default")))
#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

EVERYWHERE EVP_CIPHER *EVP_CIPHER_fetch(
	OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	if (lacks(algorithm)) {
		ERR_raise(ERR_LIB_EVP, EVP_R_UNSUPPORTED_ALGORITHM);
		return NULL;
	}
	return REAL(EVP_CIPHER_fetch)(ctx, algorithm, properties);
}

EVERYWHERE EVP_MD *EVP_MD_fetch(OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	if (lacks(algorithm))
		return NULL;
	return REAL(EVP_MD_fetch)(ctx, algorithm, properties);
}

EVERYWHERE EVP_MAC *EVP_MAC_fetch(OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	if (lacks(algorithm))
		return NULL;
	return REAL(EVP_MAC_fetch)(ctx, algorithm, properties);
}

OURS int RAND_bytes(unsigned char *out, int count)
{
	return fails("RAND_bytes") ? 0 : REAL(RAND_bytes)(out, count);
}

OURS int RAND_priv_bytes(unsigned char *out, int count)
{
	return fails("RAND_priv_bytes") ? 0 : REAL(RAND_priv_bytes)(out, count);
}

OURS EVP_CIPHER_CTX *EVP_CIPHER_CTX_new(void)
{
	return fails("EVP_CIPHER_CTX_new") ? NULL : REAL(EVP_CIPHER_CTX_new)();
}

OURS int EVP_CipherInit_ex2(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher, const unsigned char *key,
	const unsigned char *iv, int enc, const OSSL_PARAM params[])
{
	return fails("EVP_CipherInit_ex2")
		       ? 0
		       : REAL(EVP_CipherInit_ex2)(ctx, cipher, key, iv, enc, params);
}

OURS int EVP_CipherUpdate(
	EVP_CIPHER_CTX *ctx, unsigned char *out, int *written, const unsigned char *in, int length)
{
	return fails("EVP_CipherUpdate") ? 0
					 : REAL(EVP_CipherUpdate)(ctx, out, written, in, length);
}

OURS EVP_MAC_CTX *EVP_MAC_CTX_dup(const EVP_MAC_CTX *ctx)
{
	return fails("EVP_MAC_CTX_dup") ? NULL : REAL(EVP_MAC_CTX_dup)(ctx);
}

OURS int EVP_MAC_init(
	EVP_MAC_CTX *ctx, const unsigned char *key, size_t length, const OSSL_PARAM params[])
{
	return fails("EVP_MAC_init") ? 0 : REAL(EVP_MAC_init)(ctx, key, length, params);
}

OURS int EVP_MAC_update(EVP_MAC_CTX *ctx, const unsigned char *data, size_t length)
{
	return fails("EVP_MAC_update") ? 0 : REAL(EVP_MAC_update)(ctx, data, length);
}

OURS int EVP_MAC_final(EVP_MAC_CTX *ctx, unsigned char *out, size_t *written, size_t size)
{
	return fails("EVP_MAC_final") ? 0 : REAL(EVP_MAC_final)(ctx, out, written, size);
}

OURS int EVP_Digest(const void *data, size_t count, unsigned char *md, unsigned int *size,
	const EVP_MD *type, ENGINE *impl)
{
	return fails("EVP_Digest") ? 0 : REAL(EVP_Digest)(data, count, md, size, type, impl);
}

OURS int PKCS5_PBKDF2_HMAC(const char *pass, int passlen, const unsigned char *salt, int saltlen,
	int iter, const EVP_MD *digest, int keylen, unsigned char *out)
{
	return fails("PKCS5_PBKDF2_HMAC") ? 0
					  : REAL(PKCS5_PBKDF2_HMAC)(pass, passlen, salt, saltlen,
						    iter, digest, keylen, out);
}

static inline int reset(void **state UNUSED)
{
	absent = failing = NULL;
	after = fetches = 0;
	crypto_close();
	ERR_clear_error();
	return 0;
}

static inline struct key *key_of(int32_t number)
{
	struct key *key = NULL;
	struct error err;
	assert_int_equal(key_random(enctype_usable(number), &key, &err), STATUS_OK);
	return key;
}

static inline void check_failure(enum status status, const struct error *err)
{
	assert_int_equal(status, err->status);
	assert_int_equal(status, ERR_CRYPTO);
	assert_non_null(strstr(err->text, "OpenSSL cannot "));
	assert_non_null(strstr(err->text, "initialization error"));
	assert_int_equal(ERR_peek_error(), 0);
}

static const char *const functions[] = {"EVP_CIPHER_CTX_new", "EVP_CipherInit_ex2",
	"EVP_CipherUpdate", "EVP_MAC_CTX_dup", "EVP_MAC_init", "EVP_MAC_update", "EVP_MAC_final",
	"RAND_bytes", "EVP_Digest"};

typedef enum status operation(struct key *key, struct error *err);

/*
 * Lets each function fail at its first call, its second and so on, until the
 * operation gets through; afterwards it must work with the same key.
 */
static inline void fail_everywhere(int32_t number, operation *operate)
{
	unsigned failures = 0;
	for (size_t i = 0; i < COUNT_OF(functions); i++)
		for (unsigned n = 0;; n++) {
			AUTO_KEY key = key_of(number);
			struct error err = {0};
			random_close(); /* else it is not asked for more */
			failing = functions[i];
			after = n;
			enum status status = operate(key, &err);
			bool reached = after == 0 && status != STATUS_OK;
			if (reached)
				check_failure(status, &err);
			else
				assert_int_equal(status, STATUS_OK);
			failing = NULL;
			assert_int_equal(operate(key, &err), STATUS_OK);
			if (!reached)
				break;
			failures++;
		}
	assert_true(failures >= 3);
}

/* `key` itself has no working key yet: its copy encrypts, and nothing fails meanwhile. */
static inline void encrypt_by_copy(struct key *key, struct slice text, struct buffer *cipher)
{
	AUTO_KEY copy = NULL;
	struct error err;
	const char *paused = failing;
	failing = NULL;
	assert_int_equal(
		key_new(enctype_number(key_type(key)), key_octets(key), &copy, &err), STATUS_OK);
	assert_int_equal(key_encrypt(copy, 7, text, cipher, &err), STATUS_OK);
	failing = paused;
}

#endif

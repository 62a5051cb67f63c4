/* SPDX-License-Identifier: BSD-3-Clause */
/* Our derivation against OpenSSL's own, which costs more but is not ours. */
#include "tests/support/crypto_vectors.h"
#include "tests/support/suite.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#define UNUSED __attribute__((unused))

static const uint32_t usages[] = {0, 1, 2, 7, 10, 11, 12, 13, 15, 19, 22, 23, 24, 25, 31, 32, 255,
	256, 1024, 65535, 0x01020304, 0x80000000, 0xffffffff};
static const unsigned char last_octets[] = {0x99, 0xaa, 0x55};

static void openssl_kdf(
	const char *name, const OSSL_PARAM *params, unsigned char *out, size_t length)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	assert_int_equal(EVP_KDF_derive(ctx, out, length, params), 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

static void by_krb5kdf(const char *cipher, struct slice key, struct slice constant,
	unsigned char *out, size_t length)
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_CIPHER, (char *)cipher, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key.data, key.len),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_CONSTANT, (void *)constant.data, constant.len),
		OSSL_PARAM_construct_end(),
	};
	openssl_kdf("KRB5KDF", params, out, length);
}

static void by_kbkdf_hmac(const char *digest, struct slice key, struct slice constant,
	unsigned char *out, size_t length)
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, (char *)"counter", 0),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, (char *)"HMAC", 0),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key.data, key.len),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_SALT, (void *)constant.data, constant.len),
		OSSL_PARAM_construct_end(),
	};
	openssl_kdf("KBKDF", params, out, length);
}

static void by_kbkdf_cmac(const char *cipher, struct slice key, struct slice constant,
	unsigned char *out, size_t length)
{
	static unsigned char zeros[16];
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, (char *)"feedback", 0),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, (char *)"CMAC", 0),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_CIPHER, (char *)cipher, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key.data, key.len),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_SALT, (void *)constant.data, constant.len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, zeros, sizeof zeros),
		OSSL_PARAM_construct_end(),
	};
	openssl_kdf("KBKDF", params, out, length);
}

typedef void reference_function(const char *algorithm, struct slice key, struct slice constant,
	unsigned char *out, size_t length);

static void compare(
	int32_t number, reference_function *reference, const char *algorithm, size_t length)
{
	const struct enctype *type = enctype_usable(number);
	AUTO_KEY key = NULL;
	struct error err;
	assert_int_equal(key_random(type, &key, &err), STATUS_OK);
	for (size_t i = 0; i < COUNT_OF(usages); i++)
		for (size_t j = 0; j < sizeof last_octets; j++) {
			unsigned char constant[5], ours[KEY_MAX_LENGTH], theirs[KEY_MAX_LENGTH];
			struct slice s = slice_of(constant, sizeof constant);
			store_u32(constant, usages[i]);
			constant[4] = last_octets[j];
			assert_int_equal(key_derive(key, s, ours, length, &err), STATUS_OK);
			reference(algorithm, key_octets(key), s, theirs, length);
			assert_memory_equal(ours, theirs, length);
		}
}

static void aes128_sha1_agrees_with_krb5kdf(void **state UNUSED)
{
	compare(ENCTYPE_AES128_SHA1, by_krb5kdf, "AES-128-CBC", 16);
}

static void aes256_sha1_agrees_with_krb5kdf(void **state UNUSED)
{
	compare(ENCTYPE_AES256_SHA1, by_krb5kdf, "AES-256-CBC", 32);
}

static void aes128_sha256_agrees_with_kbkdf(void **state UNUSED)
{
	compare(ENCTYPE_AES128_SHA256, by_kbkdf_hmac, "SHA256", 16);
}

static void aes256_sha384_agrees_with_kbkdf(void **state UNUSED)
{
	compare(ENCTYPE_AES256_SHA384, by_kbkdf_hmac, "SHA384", 32);
	compare(ENCTYPE_AES256_SHA384, by_kbkdf_hmac, "SHA384", 24);
}

static void camellia128_agrees_with_kbkdf(void **state UNUSED)
{
	compare(ENCTYPE_CAMELLIA128, by_kbkdf_cmac, "CAMELLIA-128-CBC", 16);
}

static void camellia256_agrees_with_kbkdf(void **state UNUSED)
{
	compare(ENCTYPE_CAMELLIA256, by_kbkdf_cmac, "CAMELLIA-256-CBC", 32);
}

/* The FIPS provider has none. */
static const char *if_krb5kdf(const char *name)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "KRB5KDF", NULL);
	EVP_KDF_free(kdf);
	return kdf ? name : NULL;
}

SUITE(test_derive)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		{if_krb5kdf("aes128_sha1_agrees_with_krb5kdf"), aes128_sha1_agrees_with_krb5kdf,
			NULL, NULL, NULL},
		{if_krb5kdf("aes256_sha1_agrees_with_krb5kdf"), aes256_sha1_agrees_with_krb5kdf,
			NULL, NULL, NULL},
		cmocka_unit_test(aes128_sha256_agrees_with_kbkdf),
		cmocka_unit_test(aes256_sha384_agrees_with_kbkdf),
		{if_offered(ENCTYPE_CAMELLIA128, "camellia128_agrees_with_kbkdf"),
			camellia128_agrees_with_kbkdf, NULL, NULL, NULL},
		{if_offered(ENCTYPE_CAMELLIA256, "camellia256_agrees_with_kbkdf"),
			camellia256_agrees_with_kbkdf, NULL, NULL, NULL},
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

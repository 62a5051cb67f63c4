/*
 * SipHash-2-4 against its paper, and against what is computed without OpenSSL;
 * and what happens where OpenSSL lacks it, or fails. The functions here take
 * the place of the library's and pass on to them unless they were told to fail.
 */
#include <dlfcn.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/siphash.h"
#include "tests/unit/replay_cache_file.h"

static bool absent;
static const char *failing; /* the function that fails */

#define OURS __attribute__((visibility("hidden")))
#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

static bool fails(const char *function)
{
	return failing && strcmp(failing, function) == 0;
}

OURS EVP_MAC *EVP_MAC_fetch(OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	if (absent && strcmp(algorithm, "SIPHASH") == 0)
		return NULL;
	return REAL(EVP_MAC_fetch)(ctx, algorithm, properties);
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

static enum status hash_with(const unsigned char key[SIPHASH_KEY_LENGTH], struct slice message,
	uint64_t *out, struct error *err)
{
	AUTO_SIPHASH siphash;
	enum status status = siphash_open(&siphash, err);
	return status ? status : siphash24(&siphash, key, message, out, err);
}

/* Appendix A of the paper: key 00 01 .. 0f, message 00 01 .. 0e. */
static void example_of_the_paper(void **state UNUSED)
{
	unsigned char octets[16];
	uint64_t hash;
	for (unsigned i = 0; i < sizeof octets; i++)
		octets[i] = (unsigned char)i;
	assert_int_equal(hash_with(octets, slice_of(octets, 15), &hash, NULL), STATUS_OK);
	assert_true(hash == UINT64_C(0xa129ca6149be45e5));
	assert_true(siphash_by_the_paper(octets, octets, 15) == hash);
}

static void other_keys_and_lengths(void **state UNUSED)
{
	unsigned char octets[64];
	uint64_t hash;
	AUTO_SIPHASH siphash;
	assert_int_equal(siphash_open(&siphash, NULL), STATUS_OK);
	for (unsigned i = 0; i < sizeof octets; i++)
		octets[i] = (unsigned char)(i * 37 + 11);
	for (unsigned key = 0; key < 40; key++) {
		for (unsigned len = 0; len < 24; len++) {
			assert_int_equal(siphash24(&siphash, octets + key,
						 slice_of(octets + 40, len), &hash, NULL),
				STATUS_OK);
			assert_true(siphash_by_the_paper(octets + key, octets + 40, len) == hash);
		}
	}
}

static enum status hash_zeros(struct error *err)
{
	static const unsigned char zeros[SIPHASH_KEY_LENGTH];
	uint64_t hash;
	return hash_with(zeros, slice_of(zeros, sizeof zeros), &hash, err);
}

static void without_it_there_is_a_reason(void **state UNUSED)
{
	struct error err = {0};
	absent = true;
	assert_int_equal(hash_zeros(&err), ERR_CRYPTO);
	assert_non_null(strstr(err.text, "OpenSSL does not offer SipHash here"));
	/* Nothing else is missed. */
	assert_null(crypto_missing());
	assert_int_equal(crypto_open(NULL), STATUS_OK);
	crypto_close();
	absent = false;
	assert_int_equal(hash_zeros(&err), STATUS_OK);
}

static void a_record_is_not_stored_without_it(void **state UNUSED)
{
	struct error err = {0};
	assert_int_equal(make_folder(NULL), 0);
	absent = true;
	assert_int_equal(store_at(1, NOW, NOW, &err), ERR_CRYPTO);
	assert_int_equal(remove_folder(NULL), 0);
}

static void each_failure_is_reported_and_passes(void **state UNUSED)
{
	static const char *const functions[] = {
		"EVP_MAC_CTX_dup", "EVP_MAC_init", "EVP_MAC_update", "EVP_MAC_final"};
	assert_int_equal(hash_zeros(NULL), STATUS_OK);
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		struct error err = {0};
		failing = functions[i];
		assert_int_equal(hash_zeros(&err), ERR_CRYPTO);
		assert_non_null(strstr(err.text, "OpenSSL cannot compute SipHash"));
		failing = NULL;
		assert_int_equal(hash_zeros(&err), STATUS_OK);
	}
}

static int reset(void **state UNUSED)
{
	absent = false;
	failing = NULL;
	crypto_close();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(example_of_the_paper, reset),
		cmocka_unit_test_teardown(other_keys_and_lengths, reset),
		cmocka_unit_test_teardown(without_it_there_is_a_reason, reset),
		cmocka_unit_test_teardown(a_record_is_not_stored_without_it, reset),
		cmocka_unit_test_teardown(each_failure_is_reported_and_passes, reset),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

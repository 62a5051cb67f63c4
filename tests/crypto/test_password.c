/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "tests/support/crypto_vectors.h"
#include "tests/support/suite.h"

static int32_t aes256_sha1 = 18, aes128_sha1 = 17, aes128_sha256 = 19, aes256_sha384 = 20,
	       camellia128 = 25, camellia256 = 26;

static enum status from_password(
	void **state, struct slice params, struct key **out, struct error *err)
{
	return key_from_password(enctype_usable(*(const int32_t *)*state),
		&(struct password){
			SLICE_LITERAL("password"), SLICE_LITERAL("EXAMPLE.TESTalice"), params},
		out, err);
}

static void the_default_iteration_count_is_the_specifications(void **state)
{
	bool rfc3962 = *(const int32_t *)*state == 17 || *(const int32_t *)*state == 18;
	AUTO_KEY by_default = NULL;
	AUTO_KEY by_count = NULL;
	unsigned char count[4];
	struct error err;
	store_u32(count, rfc3962 ? 4096 : 32768);
	assert_int_equal(from_password(state, SLICE_EMPTY, &by_default, &err), STATUS_OK);
	assert_int_equal(
		from_password(state, slice_of(count, sizeof count), &by_count, &err), STATUS_OK);
	assert_true(slice_equal(key_octets(by_default), key_octets(by_count)));
}

static void iteration_counts_out_of_bounds_are_refused(void **state)
{
	static const uint32_t counts[] = {0, (1u << 20) + 1, 1u << 24, 0x80000000, 0xffffffff};
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		struct key *key = (struct key *)&aes256_sha1;
		struct error err = {0};
		unsigned char count[4];
		store_u32(count, counts[i]);
		assert_int_equal(from_password(state, slice_of(count, sizeof count), &key, &err),
			ERR_SYNTAX);
		assert_non_null(strstr(err.text, "iteration count"));
		assert_non_null(strstr(err.text, "1 to 1048576"));
		assert_null(key);
	}
}

static void parameters_of_another_length_are_refused(void **state)
{
	static const unsigned char params[8] = {0, 0, 16, 0};
	for (size_t n = 1; n <= sizeof params; n++) {
		struct key *key = NULL;
		struct error err = {0};
		if (n == 4)
			continue;
		assert_int_equal(from_password(state, slice_of(params, n), &key, &err), ERR_SYNTAX);
		assert_non_null(strstr(err.text, "string-to-key parameters"));
	}
}

static void an_empty_password_and_salt_make_a_key(void **state)
{
	static const unsigned char count[4] = {0, 0, 0, 1};
	const struct enctype *type = enctype_usable(*(const int32_t *)*state);
	AUTO_KEY a = NULL;
	AUTO_KEY b = NULL;
	struct error err;
	assert_int_equal(
		key_from_password(type,
			&(struct password){SLICE_EMPTY, SLICE_EMPTY, slice_of(count, sizeof count)},
			&a, &err),
		STATUS_OK);
	assert_int_equal(key_from_password(type,
				 &(struct password){SLICE_LITERAL("x"), SLICE_EMPTY,
					 slice_of(count, sizeof count)},
				 &b, &err),
		STATUS_OK);
	assert_false(slice_equal(key_octets(a), key_octets(b)));
}

static void passwords_and_salts_too_long_are_refused(void **state)
{
	const struct enctype *type = enctype_usable(*(const int32_t *)*state);
	struct slice huge = slice_of("", 65537);
	struct key *key = NULL;
	struct error err = {0};
	assert_int_equal(key_from_password(type, &(struct password){huge, SLICE_EMPTY, SLICE_EMPTY},
				 &key, &err),
		ERR_SYNTAX);
	assert_non_null(strstr(err.text, "a password of 65537"));
	assert_int_equal(key_from_password(type, &(struct password){SLICE_EMPTY, huge, SLICE_EMPTY},
				 &key, &err),
		ERR_SYNTAX);
	assert_non_null(strstr(err.text, "a salt of 65537"));
}

#define WITH(test, type)                                                                           \
	{                                                                                          \
		if_offered(type, #test " (" #type ")"), test, NULL, NULL, &type                    \
	}
#define WITH_EACH(test)                                                                            \
	WITH(test, aes256_sha1), WITH(test, aes128_sha1), WITH(test, aes256_sha384),               \
		WITH(test, aes128_sha256), WITH(test, camellia128), WITH(test, camellia256)

SUITE(test_password)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		WITH_EACH(the_default_iteration_count_is_the_specifications),
		WITH_EACH(iteration_counts_out_of_bounds_are_refused),
		WITH_EACH(parameters_of_another_length_are_refused),
		WITH_EACH(an_empty_password_and_salt_make_a_key),
		WITH_EACH(passwords_and_salts_too_long_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

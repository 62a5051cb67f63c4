/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "crypto/enctype.h"
#include "tests/support/offered.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))
#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

static const struct facts {
	int32_t number;
	const char *name;
	unsigned strength;
	size_t key_length;
	int32_t checksum_type;
	size_t checksum_length;
} facts[] = {
	/* In MIT krb5's default order of preference. */
	{18, "aes256-cts-hmac-sha1-96", 256, 32, 16, 12},
	{17, "aes128-cts-hmac-sha1-96", 128, 16, 15, 12},
	{20, "aes256-cts-hmac-sha384-192", 256, 32, 20, 24},
	{19, "aes128-cts-hmac-sha256-128", 128, 16, 19, 16},
	{25, "camellia128-cts-cmac", 128, 16, 17, 16},
	{26, "camellia256-cts-cmac", 256, 32, 18, 16},
};

static void each_type_is_as_its_specification_says(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(facts); i++) {
		if (!is_offered(facts[i].number))
			continue;
		const struct enctype *type = enctype_usable(facts[i].number);
		assert_non_null(type);
		assert_int_equal(enctype_number(type), facts[i].number);
		assert_string_equal(enctype_name(type), facts[i].name);
		assert_int_equal(enctype_strength(type), facts[i].strength);
		assert_int_equal(enctype_key_length(type), facts[i].key_length);
		assert_int_equal(enctype_checksum_type(type), facts[i].checksum_type);
		assert_int_equal(enctype_checksum_length(type), facts[i].checksum_length);
		assert_int_equal(enctype_confounder_length(type), 16);
		assert_int_equal(enctype_overhead(type), 16 + facts[i].checksum_length);
	}
}

static void ranks_follow_the_default_order(void **state UNUSED)
{
	unsigned rank = 0;
	for (unsigned i = 0; i < COUNT_OF(facts); i++)
		if (is_offered(facts[i].number))
			assert_int_equal(enctype_number(enctype_by_rank(rank++)), facts[i].number);
	assert_null(enctype_by_rank(rank));
	assert_null(enctype_by_rank(1000));
}

/* In FIPS mode OpenSSL lacks Camellia, and nothing else of what types need. */
static void all_types_are_there_that_openssl_has(void **state UNUSED)
{
	struct error err;
	EVP_CIPHER *camellia = EVP_CIPHER_fetch(NULL, "CAMELLIA-128-CBC-CTS", NULL);
	assert_int_equal(crypto_open(&err), STATUS_OK);
	if (camellia) {
		assert_null(crypto_missing());
		assert_int_equal(offered_count(), ENCTYPE_COUNT);
	} else {
		assert_string_equal(crypto_missing(), "camellia128-cts-cmac, camellia256-cts-cmac");
		assert_int_equal(offered_count(), ENCTYPE_COUNT - 2);
	}
	EVP_CIPHER_free(camellia);
}

static void md5_is_there_if_openssl_has_it(void **state UNUSED)
{
	EVP_MD *md5 = EVP_MD_fetch(NULL, "MD5", "-fips");
	assert_int_equal(md5_is_offered(), md5 != NULL);
	EVP_MD_free(md5);
}

static void closing_and_opening_again_works(void **state UNUSED)
{
	struct error err;
	crypto_close();
	crypto_close();
	assert_non_null(enctype_usable(18));
	crypto_close();
	assert_int_equal(crypto_open(&err), STATUS_OK);
	assert_int_equal(crypto_open(&err), STATUS_OK);
}

static void check_weak(int32_t number, const char *name, const char *why)
{
	struct error err = {0};
	assert_null(enctype_by_number(number, &err));
	assert_int_equal(err.status, KDC_ERR_ETYPE_NOSUPP);
	assert_non_null(strstr(err.text, name));
	assert_non_null(strstr(err.text, "is weak and not supported"));
	assert_non_null(strstr(err.text, why));
	assert_true(enctype_is_weak(number));
}

static void single_des_is_refused_with_the_reason(void **state UNUSED)
{
	check_weak(1, "des-cbc-crc (1)", "56 bits");
	check_weak(2, "des-cbc-md4 (2)", "56 bits");
	check_weak(3, "des-cbc-md5 (3)", "56 bits");
	check_weak(4, "des-cbc-raw (4)", "56 bits");
	check_weak(8, "des-hmac-sha1 (8)", "56 bits");
}

static void triple_des_is_refused_with_the_reason(void **state UNUSED)
{
	check_weak(5, "des3-cbc-md5 (5)", "64 bits");
	check_weak(6, "des3-cbc-raw (6)", "64 bits");
	check_weak(7, "old-des3-cbc-sha1 (7)", "64 bits");
	check_weak(16, "des3-cbc-sha1 (16)", "64 bits");
}

static void rc4_is_refused_with_the_reason(void **state UNUSED)
{
	check_weak(23, "arcfour-hmac (23)", "RC4 is broken");
	check_weak(24, "arcfour-hmac-exp (24)", "RC4 is broken");
}

static void unknown_types_are_refused(void **state UNUSED)
{
	static const int32_t numbers[] = {
		0, 9, 15, 21, 22, 27, 99, 511, -1, -17, INT32_MAX, INT32_MIN};
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		struct error err = {0};
		assert_null(enctype_by_number(numbers[i], &err));
		assert_int_equal(err.status, KDC_ERR_ETYPE_NOSUPP);
		assert_non_null(strstr(err.text, "is not known"));
		assert_false(enctype_is_weak(numbers[i]));
	}
}

static void strong_types_are_not_weak(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(facts); i++)
		assert_false(enctype_is_weak(facts[i].number));
}

static void texts_name_every_number(void **state UNUSED)
{
	assert_string_equal(ENCTYPE_TEXT(18), "aes256-cts-hmac-sha1-96");
	assert_string_equal(ENCTYPE_TEXT(20), "aes256-cts-hmac-sha384-192");
	assert_string_equal(ENCTYPE_TEXT(23), "arcfour-hmac");
	assert_string_equal(ENCTYPE_TEXT(99), "enctype 99");
	assert_string_equal(ENCTYPE_TEXT(INT32_MIN), "enctype -2147483648");
}

/* Every name in the table of krb5's manual, "Encryption types". */
static const struct name {
	const char *name;
	int32_t number;
} names[] = {
	{"des3-cbc-raw", 6},
	{"des3-cbc-sha1", 16},
	{"des3-hmac-sha1", 16},
	{"des3-cbc-sha1-kd", 16},
	{"aes256-cts-hmac-sha1-96", 18},
	{"aes256-cts", 18},
	{"aes256-sha1", 18},
	{"aes128-cts-hmac-sha1-96", 17},
	{"aes128-cts", 17},
	{"aes128-sha1", 17},
	{"aes256-cts-hmac-sha384-192", 20},
	{"aes256-sha2", 20},
	{"aes128-cts-hmac-sha256-128", 19},
	{"aes128-sha2", 19},
	{"arcfour-hmac", 23},
	{"rc4-hmac", 23},
	{"arcfour-hmac-md5", 23},
	{"arcfour-hmac-exp", 24},
	{"rc4-hmac-exp", 24},
	{"arcfour-hmac-md5-exp", 24},
	{"camellia256-cts-cmac", 26},
	{"camellia256-cts", 26},
	{"camellia128-cts-cmac", 25},
	{"camellia128-cts", 25},
	/* Of older releases. */
	{"des-cbc-crc", 1},
	{"des-cbc-md4", 2},
	{"des-cbc-md5", 3},
};

static void names_and_aliases_give_their_number(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(
			enctype_number_by_name(slice_string(names[i].name)), names[i].number);
}

static void names_ignore_case(void **state UNUSED)
{
	assert_int_equal(enctype_number_by_name(SLICE_LITERAL("AES256-CTS")), 18);
	assert_int_equal(enctype_number_by_name(SLICE_LITERAL("Rc4-Hmac")), 23);
}

static void other_names_have_no_number(void **state UNUSED)
{
	assert_int_equal(enctype_number_by_name(SLICE_EMPTY), 0);
	assert_int_equal(enctype_number_by_name(SLICE_LITERAL("aes")), 0);
	assert_int_equal(enctype_number_by_name(SLICE_LITERAL("aes256")), 0);
	assert_int_equal(enctype_number_by_name(SLICE_LITERAL("aes256-cts ")), 0);
	assert_int_equal(enctype_number_by_name(SLICE_LITERAL("aes256-cts\0")), 0);
	assert_int_equal(enctype_number_by_name(SLICE_LITERAL("18")), 0);
}

static void lists_have_what_is_in_them(void **state UNUSED)
{
	const struct enctype_list list = {2, {18, 20, 17}};
	assert_true(enctype_list_has(&list, 18));
	assert_true(enctype_list_has(&list, 20));
	assert_false(enctype_list_has(&list, 17));
	assert_false(enctype_list_has(&list, 0));
}

SUITE(test_enctype)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_is_as_its_specification_says),
		cmocka_unit_test(ranks_follow_the_default_order),
		cmocka_unit_test(all_types_are_there_that_openssl_has),
		cmocka_unit_test(md5_is_there_if_openssl_has_it),
		cmocka_unit_test(closing_and_opening_again_works),
		cmocka_unit_test(single_des_is_refused_with_the_reason),
		cmocka_unit_test(triple_des_is_refused_with_the_reason),
		cmocka_unit_test(rc4_is_refused_with_the_reason),
		cmocka_unit_test(unknown_types_are_refused),
		cmocka_unit_test(strong_types_are_not_weak),
		cmocka_unit_test(texts_name_every_number),
		cmocka_unit_test(names_and_aliases_give_their_number),
		cmocka_unit_test(names_ignore_case),
		cmocka_unit_test(other_names_have_no_number),
		cmocka_unit_test(lists_have_what_is_in_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

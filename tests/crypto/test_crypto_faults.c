/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What happens where OpenSSL lacks an algorithm, or fails.
 */
#include "crypto/random.h"
#include "tests/support/openssl_faults.h"

#include <stdlib.h>

static void check_missing(const char *name, const char *list, unsigned there)
{
	struct error err;
	absent = name;
	assert_int_equal(crypto_open(&err), STATUS_OK);
	assert_string_equal(crypto_missing(), list);
	assert_non_null(enctype_by_rank(there - 1));
	assert_null(enctype_by_rank(there));
}

static void types_without_their_cipher_are_left_out(void **state UNUSED)
{
	check_missing("CAMELLIA", "camellia128-cts-cmac, camellia256-cts-cmac", 4);
	assert_non_null(enctype_usable(18));
}

static void types_without_their_hash_are_left_out(void **state UNUSED)
{
	check_missing("SHA384", "aes256-cts-hmac-sha384-192", 5);
}

static void types_without_their_mac_are_left_out(void **state UNUSED)
{
	check_missing("CMAC", "camellia128-cts-cmac, camellia256-cts-cmac", 4);
}

static void types_without_their_block_cipher_are_left_out(void **state UNUSED)
{
	check_missing("AES-256-ECB", "aes256-cts-hmac-sha1-96", 5);
	assert_int_equal(enctype_number(enctype_by_rank(0)), 17);
}

static void a_type_left_out_is_refused_with_the_reason(void **state UNUSED)
{
	struct error err = {0};
	struct key *key = NULL;
	unsigned char octets[16] = {0};
	absent = "CAMELLIA";
	assert_null(enctype_by_number(25, &err));
	assert_int_equal(err.status, KDC_ERR_ETYPE_NOSUPP);
	assert_non_null(strstr(err.text, "camellia128-cts-cmac (25) cannot be used"));
	assert_non_null(strstr(err.text, "FIPS"));
	assert_int_equal(
		key_new(25, slice_of(octets, sizeof octets), &key, &err), KDC_ERR_ETYPE_NOSUPP);
	assert_null(key);
}

static void a_type_left_out_leaves_no_error_in_the_queue(void **state UNUSED)
{
	struct error err;
	ERR_raise(ERR_LIB_USER, 77); /* of the program around us */
	unsigned long theirs = ERR_peek_last_error();
	absent = "CAMELLIA";
	assert_int_equal(crypto_open(&err), STATUS_OK);
	assert_true(ERR_peek_last_error() == theirs);
}

static void nothing_at_all_is_an_error(void **state UNUSED)
{
	struct error err = {0};
	absent = "C"; /* each type has a C in its cipher's name */
	assert_int_equal(crypto_open(&err), ERR_CRYPTO);
	assert_non_null(strstr(err.text, "offers the algorithms of none"));
	assert_non_null(strstr(err.text, "aes256-cts-hmac-sha1-96, aes128"));
	assert_non_null(strstr(err.text, "openssl.cnf"));
	assert_null(enctype_by_rank(0));
}

static void a_type_that_appears_is_found_after_closing(void **state UNUSED)
{
	absent = "CAMELLIA";
	assert_null(enctype_usable(25));
	absent = NULL;
	assert_null(enctype_usable(25));
	crypto_close();
	assert_non_null(enctype_usable(25));
}

static void use_all_types(void)
{
	for (unsigned rank = 0; rank < offered_count(); rank++) {
		AUTO_KEY key = key_of(enctype_number(enctype_by_rank(rank)));
		AUTO_BUFFER cipher = {0}, storage = {0};
		unsigned char out[CHECKSUM_MAX_LENGTH];
		const struct slice text = SLICE_LITERAL("text");
		struct error err;
		assert_int_equal(key_encrypt(key, 1, text, &cipher, &err), STATUS_OK);
		assert_int_equal(
			key_decrypt(key, 1, buffer_slice(&cipher), &storage, &err), STATUS_OK);
		assert_int_equal(
			key_checksum(key, 1, (struct pieces){&text, 1}, out, &err), STATUS_OK);
	}
}

/* The first round also sets up OpenSSL's own random generators. */
static void nothing_is_fetched_but_once(void **state UNUSED)
{
	use_all_types();
	assert_true(fetches > 0);
	fetches = 0;
	use_all_types();
	assert_int_equal(fetches, 0);
}

static enum status encrypt(struct key *key, struct error *err)
{
	unsigned char data[64], zeros[64] = {0};
	memset(data, 0x55, sizeof data);
	size_t whole = 20 + enctype_overhead(key_type(key));
	enum status status = key_encrypt_in_place(key, 7, data, 20, err);
	if (status)
		assert_memory_equal(data, zeros, whole);
	assert_int_equal(data[whole], 0x55);
	return status;
}

static enum status encrypt_to_buffer(struct key *key, struct error *err)
{
	AUTO_BUFFER out = {0};
	enum status status = key_encrypt(key, 7, SLICE_LITERAL("text"), &out, err);
	assert_int_equal(out.len, status ? 0 : 4 + enctype_overhead(key_type(key)));
	return status;
}

static enum status decrypt(struct key *key, struct error *err)
{
	AUTO_BUFFER cipher = {0}, storage = {0};
	encrypt_by_copy(key, SLICE_LITERAL("text"), &cipher);
	enum status status = key_decrypt(key, 7, buffer_slice(&cipher), &storage, err);
	assert_int_equal(storage.len, status ? 0 : 4);
	for (size_t i = 0; i < storage.capacity && status; i++)
		assert_int_equal(storage.data[i], 0);
	return status;
}

static enum status append_cut(struct key *key, struct slice text, size_t cut, struct error *err)
{
	AUTO_BUFFER cipher = {0}, out = {0};
	encrypt_by_copy(key, text, &cipher);
	const struct slice pieces[] = {
		slice_of(cipher.data, cut), slice_of(cipher.data + cut, cipher.len - cut)};
	enum status status = key_decrypt_append(key, 7, pieces, &out, err);
	assert_int_equal(out.len, status ? 0 : text.len);
	for (size_t i = 0; i < cipher.len && i < out.capacity && status; i++)
		assert_int_equal(out.data[i], 0);
	return status;
}

static enum status append_few(struct key *key, struct error *err)
{
	return append_cut(key, SLICE_LITERAL("text"), 0, err);
}

static enum status append_many(struct key *key, struct error *err)
{
	return append_cut(key, SLICE_LITERAL("the text of more than two blocks"), 0, err);
}

static enum status append_joined(struct key *key, struct error *err)
{
	return append_cut(key, SLICE_LITERAL("the text of more than two blocks"), 9, err);
}

static enum status checksum(struct key *key, struct error *err)
{
	unsigned char out[CHECKSUM_MAX_LENGTH];
	struct slice text = SLICE_LITERAL("text");
	return key_checksum(key, 7, (struct pieces){&text, 1}, out, err);
}

static enum status verify(struct key *key, struct error *err)
{
	const struct enctype *type = key_type(key);
	unsigned char wrong[CHECKSUM_MAX_LENGTH] = {0};
	struct slice text = SLICE_LITERAL("text");
	enum status status = key_verify_checksum(key, 7, (struct pieces){&text, 1},
		&(struct checksum){enctype_checksum_type(type),
			slice_of(wrong, enctype_checksum_length(type))},
		err);
	return status == KRB_AP_ERR_MODIFIED ? STATUS_OK : status;
}

static operation *const operations[] = {encrypt, encrypt_to_buffer, decrypt, append_few,
	append_many, append_joined, checksum, verify};

static void each_failure_is_reported_and_passes(void **state)
{
	for (size_t i = 0; i < COUNT_OF(operations); i++)
		fail_everywhere(*(const int32_t *)*state, operations[i]);
}

static void a_random_key_needs_randomness(void **state UNUSED)
{
	struct key *key = (struct key *)&reset;
	struct error err = {0};
	random_close();
	failing = "RAND_priv_bytes";
	assert_int_equal(key_random(enctype_usable(18), &key, &err), ERR_CRYPTO);
	assert_non_null(strstr(err.text, "OpenSSL cannot give random octets"));
	assert_null(key);
}

static void random_octets_need_randomness(void **state UNUSED)
{
	unsigned char out[8];
	struct error err = {0};
	random_close();
	failing = "RAND_bytes";
	assert_int_equal(random_octets(out, sizeof out, &err), ERR_CRYPTO);
	assert_non_null(strstr(err.text, "random octets"));
}

static void a_password_needs_pbkdf2(void **state UNUSED)
{
	struct key *key = NULL;
	struct error err = {0};
	failing = "PKCS5_PBKDF2_HMAC";
	assert_int_equal(key_from_password(enctype_usable(18),
				 &(struct password){SLICE_LITERAL("password"),
					 SLICE_LITERAL("salt"), SLICE_EMPTY},
				 &key, &err),
		ERR_CRYPTO);
	assert_non_null(strstr(err.text, "PBKDF2"));
	assert_null(key);
}

static int32_t aes256_sha1 = 18, aes256_sha384 = 20, camellia128 = 25;

#define FAULT(test)                                                                                \
	{                                                                                          \
#test, test, reset, reset, NULL                                                    \
	}
/* For an OpenSSL that has the algorithms of all types. */
#define FAULT_OF_ALL(test)                                                                         \
	{                                                                                          \
		if_offered(camellia128, #test), test, reset, reset, NULL                           \
	}
#define FAULT_WITH(test, type)                                                                     \
	{                                                                                          \
		if_offered(type, #test " (" #type ")"), test, reset, reset, &type                  \
	}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		FAULT(types_without_their_cipher_are_left_out),
		FAULT_OF_ALL(types_without_their_hash_are_left_out),
		FAULT(types_without_their_mac_are_left_out),
		FAULT_OF_ALL(types_without_their_block_cipher_are_left_out),
		FAULT(a_type_left_out_is_refused_with_the_reason),
		FAULT(a_type_left_out_leaves_no_error_in_the_queue),
		FAULT(nothing_at_all_is_an_error),
		FAULT_OF_ALL(a_type_that_appears_is_found_after_closing),
		FAULT(nothing_is_fetched_but_once),
		FAULT_WITH(each_failure_is_reported_and_passes, aes256_sha1),
		FAULT_WITH(each_failure_is_reported_and_passes, aes256_sha384),
		FAULT_WITH(each_failure_is_reported_and_passes, camellia128),
		FAULT(a_random_key_needs_randomness),
		FAULT(random_octets_need_randomness),
		FAULT(a_password_needs_pbkdf2),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

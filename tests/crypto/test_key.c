/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/random.h"
#include "tests/support/crypto_vectors.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

static unsigned char text[65536]; /* filled in main() */

static struct key *fresh_key(void **state)
{
	const struct enctype *type = enctype_usable(*(const int32_t *)*state);
	struct key *key = NULL;
	struct error err;
	assert_int_equal(key_random(type, &key, &err), STATUS_OK);
	return key;
}

static void encrypt(struct key *key, uint32_t usage, size_t length, struct buffer *out)
{
	struct error err;
	assert_int_equal(key_encrypt(key, usage, slice_of(text, length), out, &err), STATUS_OK);
}

/* Also looks that nothing of the plain text is left. */
static void refuses(struct key *key, uint32_t usage, struct slice cipher, const char *why)
{
	AUTO_BUFFER storage = {0};
	struct error err = {0};
	assert_int_equal(key_decrypt(key, usage, cipher, &storage, &err), KRB_AP_ERR_BAD_INTEGRITY);
	assert_int_equal(err.status, KRB_AP_ERR_BAD_INTEGRITY);
	assert_non_null(strstr(err.text, why));
	assert_int_equal(storage.len, 0);
	for (size_t i = 0; i < storage.capacity; i++)
		if (storage.data[i] != 0)
			fail_msg("octet %zu of the storage is not cleared", i);
}

/* With each enctype. */

static void texts_of_all_sizes_come_back(void **state)
{
	AUTO_KEY key = fresh_key(state);
	AUTO_BUFFER storage = {0};
	struct error err;
	for (size_t length = 0; length <= sizeof text;
		length = length < 100 ? length + 1 : length * 2 + 1000) {
		AUTO_BUFFER cipher = {0};
		struct slice plain;
		encrypt(key, USAGE_KRB_PRIV, length, &cipher);
		assert_int_equal(cipher.len, length + enctype_overhead(key_type(key)));
		assert_int_equal(
			key_decrypt(key, USAGE_KRB_PRIV, buffer_slice(&cipher), &storage, &err),
			STATUS_OK);
		plain = buffer_slice(&storage);
		assert_int_equal(plain.len, length);
		assert_memory_equal(plain.data, text, length);
	}
}

static void a_text_of_64_kib_comes_back(void **state)
{
	AUTO_KEY key = fresh_key(state);
	AUTO_BUFFER storage = {0}, cipher = {0};
	struct slice plain;
	struct error err;
	encrypt(key, USAGE_KRB_PRIV, sizeof text, &cipher);
	assert_int_equal(
		key_decrypt(key, USAGE_KRB_PRIV, buffer_slice(&cipher), &storage, &err), STATUS_OK);
	plain = buffer_slice(&storage);
	assert_int_equal(plain.len, sizeof text);
	assert_memory_equal(plain.data, text, sizeof text);
}

static void encrypting_in_place_is_the_same(void **state)
{
	AUTO_KEY key = fresh_key(state);
	const struct enctype *type = key_type(key);
	AUTO_BUFFER storage = {0};
	for (size_t length = 0; length <= 100; length++) {
		unsigned char data[256];
		struct slice plain;
		struct error err;
		memset(data, 0xee, sizeof data);
		memcpy(data + enctype_confounder_length(type), text, length);
		assert_int_equal(
			key_encrypt_in_place(key, USAGE_AP_REP, data, length, &err), STATUS_OK);
		assert_int_equal(data[length + enctype_overhead(type)], 0xee);
		assert_int_equal(
			key_decrypt(key, USAGE_AP_REP,
				slice_of(data, length + enctype_overhead(type)), &storage, &err),
			STATUS_OK);
		plain = buffer_slice(&storage);
		assert_int_equal(plain.len, length);
		assert_memory_equal(plain.data, text, length);
	}
}

static void encrypting_appends(void **state)
{
	AUTO_KEY key = fresh_key(state);
	AUTO_BUFFER out = {0}, storage = {0};
	struct slice plain;
	struct error err;
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("before")), STATUS_OK);
	encrypt(key, 1, 33, &out);
	assert_memory_equal(out.data, "before", 6);
	assert_int_equal(key_decrypt(key, 1, slice_of(out.data + 6, out.len - 6), &storage, &err),
		STATUS_OK);
	plain = buffer_slice(&storage);
	assert_memory_equal(plain.data, text, 33);
}

static void every_bit_flip_is_refused(void **state)
{
	AUTO_KEY key = fresh_key(state);
	for (size_t length = 0; length <= 37; length += 37) {
		AUTO_BUFFER cipher = {0};
		encrypt(key, USAGE_TICKET, length, &cipher);
		for (size_t bit = 0; bit < 8 * cipher.len; bit++) {
			cipher.data[bit / 8] ^= 1 << bit % 8;
			refuses(key, USAGE_TICKET, buffer_slice(&cipher), "has been changed");
			cipher.data[bit / 8] ^= 1 << bit % 8;
		}
	}
}

static void every_truncation_is_refused(void **state)
{
	AUTO_KEY key = fresh_key(state);
	AUTO_BUFFER cipher = {0};
	size_t shortest = enctype_overhead(key_type(key));
	encrypt(key, USAGE_TICKET, 50, &cipher);
	for (size_t length = 0; length < cipher.len; length++)
		refuses(key, USAGE_TICKET, slice_of(cipher.data, length),
			length < shortest ? "too short" : "has been changed");
	/* From the front too. */
	for (size_t skip = 1; skip < cipher.len; skip++)
		refuses(key, USAGE_TICKET, slice_of(cipher.data + skip, cipher.len - skip),
			cipher.len - skip < shortest ? "too short" : "has been changed");
}

static void an_extension_is_refused(void **state)
{
	AUTO_KEY key = fresh_key(state);
	AUTO_BUFFER cipher = {0};
	encrypt(key, USAGE_TICKET, 50, &cipher);
	for (unsigned i = 0; i < 40; i++) {
		assert_int_equal(buffer_append(&cipher, slice_of("", 1)), STATUS_OK);
		refuses(key, USAGE_TICKET, buffer_slice(&cipher), "has been changed");
	}
}

static void another_usage_is_refused(void **state)
{
	AUTO_KEY key = fresh_key(state);
	AUTO_BUFFER cipher = {0};
	encrypt(key, USAGE_AP_REQ_AUTHENTICATOR, 50, &cipher);
	refuses(key, USAGE_AP_REP, buffer_slice(&cipher), "key usage 12");
	refuses(key, USAGE_TICKET, buffer_slice(&cipher), "or is of another key");
	refuses(key, USAGE_AP_REQ_AUTHENTICATOR + 0x01000000, buffer_slice(&cipher),
		enctype_name(key_type(key)));
}

static void another_key_is_refused(void **state)
{
	AUTO_KEY key = fresh_key(state);
	AUTO_KEY other = fresh_key(state);
	AUTO_BUFFER cipher = {0};
	encrypt(key, USAGE_TICKET, 50, &cipher);
	refuses(other, USAGE_TICKET, buffer_slice(&cipher), "or is of another key");
}

static void what_was_in_the_storage_is_gone(void **state)
{
	AUTO_KEY key = fresh_key(state);
	AUTO_BUFFER storage = {0}, cipher = {0};
	struct slice plain;
	struct error err;
	assert_int_equal(buffer_append(&storage, slice_of(text, 5000)), STATUS_OK);
	encrypt(key, 1, 3, &cipher);
	assert_int_equal(key_decrypt(key, 1, buffer_slice(&cipher), &storage, &err), STATUS_OK);
	plain = buffer_slice(&storage);
	assert_int_equal(plain.len, 3);
	for (size_t i = storage.len; i < storage.capacity; i++)
		assert_int_equal(storage.data[i], 0);
}

static void no_confounder_comes_twice(void **state)
{
	enum { MESSAGES = 200 };
	AUTO_KEY key = fresh_key(state);
	static unsigned char seen[MESSAGES][16];
	for (unsigned i = 0; i < MESSAGES; i++) {
		AUTO_BUFFER cipher = {0};
		unsigned char plain[64];
		struct error err;
		encrypt(key, 1, 5, &cipher);
		assert_int_equal(key_decrypt_confounded(key, 1, buffer_slice(&cipher), plain, &err),
			STATUS_OK);
		memcpy(seen[i], plain, 16);
		for (unsigned j = 0; j < i; j++)
			assert_memory_not_equal(seen[i], seen[j], 16);
	}
}

/* A child inherits the stock of confounders; it may not use it. */
static void a_forked_child_has_other_confounders(void **state)
{
	AUTO_KEY key = fresh_key(state);
	AUTO_BUFFER first = {0}, ours = {0};
	unsigned char theirs[64];
	int ends[2];

	encrypt(key, 1, 5, &first);
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		AUTO_BUFFER cipher = {0};
		encrypt(key, 1, 5, &cipher);
		_exit(write(ends[1], cipher.data, cipher.len) == (ssize_t)cipher.len ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	encrypt(key, 1, 5, &ours);
	assert_int_equal(read(ends[0], theirs, sizeof theirs), ours.len);
	assert_memory_not_equal(ours.data, theirs, ours.len);
	close(ends[0]);
	close(ends[1]);
}

static void checksum(
	struct key *key, uint32_t usage, size_t length, unsigned char out[CHECKSUM_MAX_LENGTH])
{
	struct slice piece = slice_of(text, length);
	struct error err;
	assert_int_equal(
		key_checksum(key, usage, (struct pieces){&piece, 1}, out, &err), STATUS_OK);
}

static enum status verify(struct key *key, uint32_t usage, int32_t type, size_t length,
	struct slice value, struct error *err)
{
	struct slice piece = slice_of(text, length);
	return key_verify_checksum(
		key, usage, (struct pieces){&piece, 1}, &(struct checksum){type, value}, err);
}

static void every_bit_flip_of_a_checksum_is_refused(void **state)
{
	AUTO_KEY key = fresh_key(state);
	int32_t type = enctype_checksum_type(key_type(key));
	size_t length = enctype_checksum_length(key_type(key));
	unsigned char value[CHECKSUM_MAX_LENGTH];
	struct error err;

	checksum(key, USAGE_AP_REQ_CHECKSUM, 100, value);
	for (size_t bit = 0; bit < 8 * length; bit++) {
		value[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(verify(key, USAGE_AP_REQ_CHECKSUM, type, 100,
					 slice_of(value, length), &err),
			KRB_AP_ERR_MODIFIED);
		assert_non_null(strstr(err.text, "does not match"));
		value[bit / 8] ^= 1 << bit % 8;
	}
	assert_int_equal(
		verify(key, USAGE_AP_REQ_CHECKSUM, type, 100, slice_of(value, length), &err),
		STATUS_OK);
}

static void a_checksum_of_another_text_is_refused(void **state)
{
	AUTO_KEY key = fresh_key(state);
	int32_t type = enctype_checksum_type(key_type(key));
	unsigned char value[CHECKSUM_MAX_LENGTH];
	struct slice all = slice_of(value, enctype_checksum_length(key_type(key)));
	struct error err;
	checksum(key, 10, 100, value);
	assert_int_equal(verify(key, 10, type, 99, all, &err), KRB_AP_ERR_MODIFIED);
	assert_int_equal(verify(key, 10, type, 101, all, &err), KRB_AP_ERR_MODIFIED);
	assert_int_equal(verify(key, 10, type, 0, all, &err), KRB_AP_ERR_MODIFIED);
	assert_int_equal(verify(key, 11, type, 100, all, &err), KRB_AP_ERR_MODIFIED);
	assert_non_null(strstr(err.text, "key usage 11"));
}

static void a_checksum_of_another_length_is_refused(void **state)
{
	AUTO_KEY key = fresh_key(state);
	int32_t type = enctype_checksum_type(key_type(key));
	size_t length = enctype_checksum_length(key_type(key));
	unsigned char value[CHECKSUM_MAX_LENGTH + 1] = {0};
	checksum(key, 10, 100, value);
	for (size_t n = 0; n <= length + 1; n++) {
		struct error err = {0};
		if (n == length)
			continue;
		assert_int_equal(
			verify(key, 10, type, 100, slice_of(value, n), &err), KRB_AP_ERR_MODIFIED);
		assert_non_null(strstr(err.text, "octets; that of"));
	}
}

static void a_checksum_of_another_type_is_refused(void **state)
{
	AUTO_KEY key = fresh_key(state);
	unsigned char value[CHECKSUM_MAX_LENGTH];
	struct slice all = slice_of(value, enctype_checksum_length(key_type(key)));
	checksum(key, 10, 100, value);
	for (int32_t type = -140; type < 40; type++) {
		struct error err = {0};
		if (type == enctype_checksum_type(key_type(key)))
			continue;
		assert_int_equal(verify(key, 10, type, 100, all, &err), KRB_AP_ERR_INAPP_CKSUM);
		assert_non_null(strstr(err.text, "a checksum of type"));
	}
}

static void pieces_count_as_one_text(void **state)
{
	AUTO_KEY key = fresh_key(state);
	const struct slice pieces[] = {
		slice_of(text, 1), SLICE_EMPTY, slice_of(text + 1, 60), slice_of(text + 61, 39)};
	unsigned char whole[CHECKSUM_MAX_LENGTH], parts[CHECKSUM_MAX_LENGTH];
	struct error err;
	checksum(key, 10, 100, whole);
	assert_int_equal(key_checksum(key, 10, (struct pieces){pieces, 4}, parts, &err), STATUS_OK);
	assert_memory_equal(whole, parts, enctype_checksum_length(key_type(key)));
}

static void no_pieces_are_the_empty_text(void **state)
{
	AUTO_KEY key = fresh_key(state);
	unsigned char whole[CHECKSUM_MAX_LENGTH], parts[CHECKSUM_MAX_LENGTH];
	struct error err;
	checksum(key, 10, 0, whole);
	assert_int_equal(key_checksum(key, 10, (struct pieces){NULL, 0}, parts, &err), STATUS_OK);
	assert_memory_equal(whole, parts, enctype_checksum_length(key_type(key)));
}

static void a_copy_of_the_octets_is_the_same_key(void **state)
{
	AUTO_KEY key = fresh_key(state);
	AUTO_KEY copy = NULL;
	AUTO_BUFFER cipher = {0}, storage = {0};
	struct error err;
	assert_int_equal(
		key_new(enctype_number(key_type(key)), key_octets(key), &copy, &err), STATUS_OK);
	assert_ptr_not_equal(key_octets(copy).data, key_octets(key).data);
	assert_ptr_equal(key_type(copy), key_type(key));
	encrypt(key, 1, 20, &cipher);
	assert_int_equal(key_decrypt(copy, 1, buffer_slice(&cipher), &storage, &err), STATUS_OK);
}

static void a_key_of_another_length_is_refused(void **state)
{
	int32_t number = *(const int32_t *)*state;
	size_t length = enctype_key_length(enctype_usable(number));
	for (size_t n = 0; n <= 64; n++) {
		struct key *key = (struct key *)text;
		struct error err = {0};
		if (n == length)
			continue;
		assert_int_equal(key_new(number, slice_of(text, n), &key, &err), ERR_SYNTAX);
		assert_non_null(strstr(err.text, "a key of"));
		assert_null(key);
	}
}

static void random_keys_differ(void **state)
{
	AUTO_KEY a = fresh_key(state);
	AUTO_KEY b = fresh_key(state);
	assert_int_equal(key_octets(a).len, enctype_key_length(key_type(a)));
	assert_false(slice_equal(key_octets(a), key_octets(b)));
}

static void a_key_lives_until_its_last_holder_leaves(void **state)
{
	struct key *key = fresh_key(state);
	AUTO_BUFFER cipher = {0};
	assert_ptr_equal(key_ref(key), key);
	key_release(key);
	encrypt(key, 1, 20, &cipher);
	key_release_at(&key);
	assert_null(key);
}

static void many_usages_stay_apart(void **state)
{
	enum { USAGES = 100 };
	AUTO_KEY key = fresh_key(state);
	struct buffer ciphers[USAGES] = {0};
	for (uint32_t usage = 0; usage < USAGES; usage++)
		encrypt(key, usage, 20, &ciphers[usage]);
	for (uint32_t usage = 0; usage < USAGES; usage++) {
		AUTO_BUFFER storage = {0};
		struct slice plain;
		struct error err;
		assert_int_equal(
			key_decrypt(key, usage, buffer_slice(&ciphers[usage]), &storage, &err),
			STATUS_OK);
		plain = buffer_slice(&storage);
		refuses(key, usage, buffer_slice(&ciphers[(usage + 1) % USAGES]),
			"has been changed");
		assert_memory_equal(plain.data, text, 20);
	}
	for (uint32_t usage = 0; usage < USAGES; usage++)
		buffer_free(&ciphers[usage]);
}

static void texts_too_long_are_refused(void **state)
{
	AUTO_KEY key = fresh_key(state);
	AUTO_BUFFER out = {0};
	struct slice huge = slice_of(text, (size_t)KEY_TEXT_MAX + 1);
	struct error err = {0};
	assert_int_equal(key_encrypt(key, 1, huge, &out, &err), ERR_CRYPTO);
	assert_non_null(strstr(err.text, "too many to encrypt"));
	assert_int_equal(key_encrypt_in_place(key, 1, text, huge.len, &err), ERR_CRYPTO);
	assert_int_equal(key_encrypt_in_place(key, 1, text, SIZE_MAX, &err), ERR_CRYPTO);
	assert_non_null(strstr(err.text, "too many to encrypt"));
	huge.len += enctype_overhead(key_type(key));
	assert_int_equal(key_decrypt(key, 1, huge, &out, &err), KRB_AP_ERR_BAD_INTEGRITY);
	assert_non_null(strstr(err.text, "too long"));
}

/* Once. */

static void weak_and_unknown_types_have_no_keys(void **state UNUSED)
{
	struct key *key = (struct key *)text;
	struct error err = {0};
	assert_int_equal(key_new(23, slice_of(text, 16), &key, &err), KDC_ERR_ETYPE_NOSUPP);
	assert_non_null(strstr(err.text, "arcfour-hmac (23) is weak"));
	assert_null(key);
	assert_int_equal(key_new(99, slice_of(text, 16), &key, &err), KDC_ERR_ETYPE_NOSUPP);
	assert_non_null(strstr(err.text, "99 is not known"));
	assert_int_equal(
		key_new(16, slice_of(text, 24), &key, &(struct error){0}), KDC_ERR_ETYPE_NOSUPP);
}

static void no_key_can_be_held_and_let_go(void **state UNUSED)
{
	struct key *key = NULL;
	assert_null(key_ref(NULL));
	key_release(NULL);
	key_release_at(&key);
}

static void random_octets_differ(void **state UNUSED)
{
	unsigned char a[32], b[32];
	struct error err;
	assert_int_equal(random_octets(a, sizeof a, &err), STATUS_OK);
	assert_int_equal(random_octets(b, sizeof b, &err), STATUS_OK);
	assert_memory_not_equal(a, b, sizeof a);
	assert_int_equal(random_octets(a, 0, &err), STATUS_OK);
}

static int32_t aes256_sha1 = 18, aes128_sha1 = 17, aes128_sha256 = 19, aes256_sha384 = 20,
	       camellia128 = 25, camellia256 = 26;

#define WITH(test, type)                                                                           \
	{                                                                                          \
		if_offered(type, #test " (" #type ")"), test, NULL, NULL, &type                    \
	}
#define WITH_EACH(test)                                                                            \
	WITH(test, aes256_sha1), WITH(test, aes128_sha1), WITH(test, aes256_sha384),               \
		WITH(test, aes128_sha256), WITH(test, camellia128), WITH(test, camellia256)

SUITE(test_key)
{
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (unsigned char)(i * 7 + i / 256 + 1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		WITH_EACH(texts_of_all_sizes_come_back),
		WITH_EACH(a_text_of_64_kib_comes_back),
		WITH_EACH(encrypting_in_place_is_the_same),
		WITH_EACH(encrypting_appends),
		WITH_EACH(every_bit_flip_is_refused),
		WITH_EACH(every_truncation_is_refused),
		WITH_EACH(an_extension_is_refused),
		WITH_EACH(another_usage_is_refused),
		WITH_EACH(another_key_is_refused),
		WITH_EACH(what_was_in_the_storage_is_gone),
		WITH_EACH(no_confounder_comes_twice),
		WITH_EACH(a_forked_child_has_other_confounders),
		WITH_EACH(every_bit_flip_of_a_checksum_is_refused),
		WITH_EACH(a_checksum_of_another_text_is_refused),
		WITH_EACH(a_checksum_of_another_length_is_refused),
		WITH_EACH(a_checksum_of_another_type_is_refused),
		WITH_EACH(pieces_count_as_one_text),
		WITH_EACH(no_pieces_are_the_empty_text),
		WITH_EACH(a_copy_of_the_octets_is_the_same_key),
		WITH_EACH(a_key_of_another_length_is_refused),
		WITH_EACH(random_keys_differ),
		WITH_EACH(a_key_lives_until_its_last_holder_leaves),
		WITH_EACH(many_usages_stay_apart),
		WITH_EACH(texts_too_long_are_refused),
		cmocka_unit_test(weak_and_unknown_types_have_no_keys),
		cmocka_unit_test(no_key_can_be_held_and_let_go),
		cmocka_unit_test(random_octets_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

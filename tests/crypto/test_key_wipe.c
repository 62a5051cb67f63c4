/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Secrets are wiped before their memory is given back. This program has an
 * explicit_bzero() of its own, which takes the place of the C library's and
 * notes what it is asked to wipe.
 */
#include <string.h>

#include "tests/support/crypto_vectors.h"

#include "crypto/random.h"

#define UNUSED __attribute__((unused))

static unsigned char arena[1 << 16]; /* copies of what was wiped, one after another */
static size_t arena_length;
static struct record {
	const unsigned char *address;
	struct slice copy;
} records[256];
static size_t record_count;

void explicit_bzero(void *data, size_t len)
{
	if (record_count < COUNT_OF(records) && len > 0 && len <= sizeof arena - arena_length) {
		unsigned char *copy = arena + arena_length;
		memcpy(copy, data, len);
		records[record_count++] = (struct record){data, slice_of(copy, len)};
		arena_length += len;
	}
	for (volatile unsigned char *p = data; len > 0; len--)
		*p++ = 0;
}

/* What the same becomes with _FORTIFY_SOURCE. */
void __explicit_bzero_chk(void *data, size_t len, size_t room);
void __explicit_bzero_chk(void *data, size_t len, size_t room UNUSED)
{
	explicit_bzero(data, len);
}

static void forget_records(void)
{
	record_count = arena_length = 0;
}

/* That `secret` stood at `address` when that was wiped. */
static bool was_wiped_at(const void *address, struct slice secret)
{
	for (size_t i = 0; i < record_count; i++) {
		size_t offset = (size_t)((const unsigned char *)address - records[i].address);
		struct slice copy = records[i].copy;
		if (offset < copy.len && secret.len <= copy.len - offset &&
			memcmp(copy.data + offset, secret.data, secret.len) == 0)
			return true;
	}
	return false;
}

static unsigned times_wiped_octets(struct slice secret)
{
	unsigned times = 0;
	for (size_t i = 0; i < record_count; i++)
		if (records[i].copy.len >= secret.len &&
			memcmp(records[i].copy.data, secret.data, secret.len) == 0)
			times++;
	return times;
}

static unsigned times_wiped(const char *hex)
{
	struct octets secret = from_hex(hex);
	return times_wiped_octets(slice_of_octets(&secret));
}

static void check_wiped_at(const void *address, const char *hex)
{
	struct octets secret = from_hex(hex);
	assert_true(was_wiped_at(address, slice_of_octets(&secret)));
}

static struct key *new_key(void)
{
	return key_from_hex(ENCTYPE_AES128_SHA1, "42263c6e89f4fc28b8df68ee09799f15");
}

static void a_released_key_is_wiped(void **state UNUSED)
{
	struct key *key = new_key();
	const void *octets = key_octets(key).data;
	forget_records();
	key_release(key_ref(key));
	assert_int_equal(record_count, 0);
	key_release(key);
	check_wiped_at(octets, "42263c6e89f4fc28b8df68ee09799f15");
}

static void its_working_keys_are_wiped(void **state UNUSED)
{
	struct key *key = new_key();
	struct working_key *encrypting, *checking;
	unsigned char data[64] = {0};
	struct error err;
	assert_int_equal(key_encrypt_in_place(key, 2, data, 1, &err), STATUS_OK);
	assert_int_equal(key_checksum(key, 2, (struct pieces){NULL, 0}, data, &err), STATUS_OK);
	assert_int_equal(working_key_get(key, 2, PURPOSE_ENCRYPT, &encrypting, &err), STATUS_OK);
	assert_int_equal(working_key_get(key, 2, PURPOSE_CHECKSUM, &checking, &err), STATUS_OK);
	const void *ke = encrypting->main_octets, *ki = encrypting->mac_octets;
	const void *kc = checking->mac_octets;
	forget_records();
	key_release(key);
	check_wiped_at(ke, "5b14fc4e250e14ddf9dccf1af6674f53");
	check_wiped_at(ki, "4ed31063621684f09ae8d89991af3e8f");
	check_wiped_at(kc, "34280a382bc92769b2da2f9ef066854b");
}

/* Those for keys and those for all else: what is left in each stock is not zeros. */
static void the_stocks_of_random_octets_are_wiped(void **state UNUSED)
{
	unsigned char octet;
	struct error err;
	assert_int_equal(random_octets(&octet, 1, &err), STATUS_OK);
	assert_int_equal(random_secret(&octet, 1, &err), STATUS_OK);
	forget_records();
	random_close();
	assert_int_equal(record_count, 2);
	for (size_t i = 0; i < record_count; i++) {
		unsigned zeros = 0;
		for (size_t at = 0; at < 256; at++)
			zeros += records[i].copy.data[at] == 0;
		assert_true(records[i].copy.len >= 256 && zeros < 32);
	}
}

static void octets_that_were_given_are_wiped_from_the_stock(void **state UNUSED)
{
	unsigned char given[16], secret[32];
	struct error err;
	forget_records();
	assert_int_equal(random_octets(given, sizeof given, &err), STATUS_OK);
	assert_int_equal(random_secret(secret, sizeof secret, &err), STATUS_OK);
	assert_int_equal(times_wiped_octets(slice_of(given, sizeof given)), 1);
	assert_int_equal(times_wiped_octets(slice_of(secret, sizeof secret)), 1);
}

static void a_refused_plain_text_is_wiped(void **state UNUSED)
{
	AUTO_BUFFER cipher = {0}, storage = {0};
	struct error err;
	struct key *key = new_key();
	assert_int_equal(
		key_encrypt(key, 2, SLICE_LITERAL("attack at dawn"), &cipher, &err), STATUS_OK);
	cipher.data[cipher.len - 1] ^= 1;
	forget_records();
	assert_int_equal(key_decrypt(key, 2, buffer_slice(&cipher), &storage, &err),
		KRB_AP_ERR_BAD_INTEGRITY);
	assert_true(
		was_wiped_at(storage.data + CONFOUNDER_LENGTH, SLICE_LITERAL("attack at dawn")));
	key_release(key);
}

static void a_text_refused_where_it_was_to_stay_is_wiped(void **state UNUSED)
{
	AUTO_BUFFER cipher = {0}, out = {0};
	const char *text = "attack at dawn, at the bridge";
	struct error err;
	struct key *key = new_key();
	assert_int_equal(key_encrypt(key, 2, slice_string(text), &cipher, &err), STATUS_OK);
	cipher.data[cipher.len - 1] ^= 1;
	for (size_t cut = 0; cut <= 10; cut += 10) {
		const struct slice pieces[] = {
			slice_of(cipher.data, cut), slice_of(cipher.data + cut, cipher.len - cut)};
		forget_records();
		assert_int_equal(
			key_decrypt_append(key, 2, pieces, &out, &err), KRB_AP_ERR_BAD_INTEGRITY);
		const unsigned char *at = out.data + (cut > 0 ? CONFOUNDER_LENGTH : 0);
		assert_true(was_wiped_at(at, slice_string(text)));
	}
	key_release(key);
}

static void a_confounder_that_nobody_wants_is_wiped(void **state UNUSED)
{
	unsigned char plain[64];
	AUTO_BUFFER cipher = {0}, out = {0};
	const struct slice text = SLICE_LITERAL("attack at dawn, at the bridge");
	struct error err;
	struct key *key = new_key();
	assert_int_equal(key_encrypt(key, 2, text, &cipher, &err), STATUS_OK);
	assert_int_equal(
		key_decrypt_confounded(key, 2, buffer_slice(&cipher), plain, &err), STATUS_OK);
	const struct slice pieces[] = {buffer_slice(&cipher), SLICE_EMPTY};
	forget_records();
	assert_int_equal(key_decrypt_append(key, 2, pieces, &out, &err), STATUS_OK);
	assert_int_equal(times_wiped_octets(slice_of(plain, CONFOUNDER_LENGTH)), 1);
	key_release(key);
}

/* On the stack, and in the key that serves only to derive the other. */
static void a_password_leaves_no_key_behind(void **state UNUSED)
{
	AUTO_KEY key = NULL;
	struct error err;
	forget_records();
	assert_int_equal(
		key_from_password(enctype_usable(17),
			&(struct password){SLICE_LITERAL("password"),
				SLICE_LITERAL("ATHENA.MIT.EDUraeburn"), SLICE_LITERAL("\0\0\0\1")},
			&key, &err),
		STATUS_OK);
	assert_int_equal(times_wiped("cdedb5281bb2f801565a1122b2563515"), 1);
	/* The last block that was derived, and the key made of it. */
	assert_int_equal(times_wiped("42263c6e89f4fc28b8df68ee09799f15"), 2);
}

static void a_random_key_leaves_nothing_on_the_stack(void **state UNUSED)
{
	AUTO_KEY key = NULL;
	struct error err;
	forget_records();
	assert_int_equal(key_random(enctype_usable(18), &key, &err), STATUS_OK);
	/* That of the stock, and that on the stack. */
	assert_int_equal(record_count, 2);
	assert_int_equal(times_wiped_octets(key_octets(key)), 2);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_released_key_is_wiped),
		cmocka_unit_test(its_working_keys_are_wiped),
		cmocka_unit_test(the_stocks_of_random_octets_are_wiped),
		cmocka_unit_test(octets_that_were_given_are_wiped_from_the_stock),
		cmocka_unit_test(a_refused_plain_text_is_wiped),
		cmocka_unit_test(a_text_refused_where_it_was_to_stay_is_wiped),
		cmocka_unit_test(a_confounder_that_nobody_wants_is_wiped),
		cmocka_unit_test(a_password_leaves_no_key_behind),
		cmocka_unit_test(a_random_key_leaves_nothing_on_the_stack),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

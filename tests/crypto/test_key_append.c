/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * key_decrypt_append(): what key_decrypt() gives, for every encryption type and
 * length, from one piece and from two; and nothing where it is refused.
 */
#include "tests/support/crypto_vectors.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TEXT = 70000 };

static unsigned char text[MAX_TEXT]; /* filled in main() */

struct sample {
	struct key *key;
	struct buffer cipher;
};

static void sample_open(struct sample *s, void **state, size_t length)
{
	struct error err;
	const struct enctype *type = enctype_usable(*(const int32_t *)*state);
	*s = (struct sample){0};
	assert_int_equal(key_random(type, &s->key, &err), STATUS_OK);
	assert_int_equal(
		key_encrypt(s->key, 7, slice_of(text, length), &s->cipher, &err), STATUS_OK);
}

static void sample_close(struct sample *s)
{
	key_release(s->key);
	buffer_free(&s->cipher);
}

/* The second piece begins at `cut`. Each in memory of its own, so that no octet around it is read.
 */
static enum status append_cut(
	const struct sample *s, size_t cut, struct buffer *out, struct error *err)
{
	AUTO_BUFFER first = {0};
	AUTO_BUFFER second = {0};
	struct slice whole = buffer_slice(&s->cipher);
	assert_int_equal(buffer_append(&first, slice_of(whole.data, cut)), STATUS_OK);
	assert_int_equal(
		buffer_append(&second, slice_of(whole.data + cut, whole.len - cut)), STATUS_OK);
	const struct slice pieces[] = {buffer_slice(&first), buffer_slice(&second)};
	return key_decrypt_append(s->key, 7, pieces, out, err);
}

static void check_comes_back(const struct sample *s, size_t length, size_t cut)
{
	AUTO_BUFFER out = {0};
	struct error err;
	for (unsigned i = 1; i <= 2; i++) {
		if (append_cut(s, cut, &out, &err))
			fail_msg("%zu octets, cut at %zu: %s", length, cut, err.text);
		assert_int_equal(out.len, i * length);
		if (length > 0)
			assert_memory_equal(out.data + (i - 1) * length, text, length);
	}
	if (length > 0)
		assert_memory_equal(out.data, text, length);
}

static void every_length_and_cut_comes_back(void **state)
{
	for (size_t length = 0; length <= 100; length++) {
		struct sample s;
		sample_open(&s, state, length);
		for (size_t cut = 0; cut <= s.cipher.len; cut++)
			check_comes_back(&s, length, cut);
		sample_close(&s);
	}
}

static void long_texts_come_back(void **state)
{
	static const size_t lengths[] = {4095, 4096, 4097, 65535, 65536, MAX_TEXT};
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		struct sample s;
		sample_open(&s, state, lengths[i]);
		check_comes_back(&s, lengths[i], 0);
		check_comes_back(&s, lengths[i], 28);
		check_comes_back(&s, lengths[i], s.cipher.len - 28);
		check_comes_back(&s, lengths[i], s.cipher.len);
		sample_close(&s);
	}
}

/* What was in the buffer is there, and behind it nothing of the plain text. */
static void check_refusal(const struct sample *s, size_t cut, const char *why)
{
	AUTO_BUFFER out = {0};
	struct error err = {0};
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("before")), STATUS_OK);
	assert_int_equal(buffer_reserve(&out, s->cipher.len), STATUS_OK);
	memset(out.data + 6, 0, out.capacity - 6);
	assert_int_equal(append_cut(s, cut, &out, &err), KRB_AP_ERR_BAD_INTEGRITY);
	assert_int_equal(err.status, KRB_AP_ERR_BAD_INTEGRITY);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" is not in \"%s\"", why, err.text);
	assert_true(slice_equal(buffer_slice(&out), SLICE_LITERAL("before")));
	for (size_t i = 6; i < out.capacity; i++)
		if (out.data[i] != 0)
			fail_msg("octet %zu is not wiped", i);
}

static void every_changed_octet_is_refused(void **state)
{
	static const size_t lengths[] = {0, 1, 16, 17, 40, 200};
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		struct sample s;
		sample_open(&s, state, lengths[i]);
		for (size_t at = 0; at < s.cipher.len; at++) {
			s.cipher.data[at] ^= 0x40;
			check_refusal(&s, 0, "has been changed");
			check_refusal(&s, 20, "has been changed");
			s.cipher.data[at] ^= 0x40;
		}
		check_comes_back(&s, lengths[i], 20);
		sample_close(&s);
	}
}

static void too_few_octets_are_refused(void **state)
{
	struct sample s;
	sample_open(&s, state, 0);
	while (s.cipher.len > 0) {
		s.cipher.len--;
		check_refusal(&s, s.cipher.len / 2, "is too short");
	}
	sample_close(&s);
}

/* Refused by its length alone: there is no such memory. */
static void too_many_octets_are_refused(void **state)
{
	struct sample s;
	AUTO_BUFFER out = {0};
	struct error err = {0};
	sample_open(&s, state, 0);
	const struct slice pieces[] = {buffer_slice(&s.cipher), {text, KEY_TEXT_MAX + 1}};
	assert_int_equal(
		key_decrypt_append(s.key, 7, pieces, &out, &err), KRB_AP_ERR_BAD_INTEGRITY);
	assert_non_null(strstr(err.text, "too long"));
	assert_null(out.data);
	sample_close(&s);
}

static void another_usage_is_refused(void **state)
{
	struct sample s;
	AUTO_BUFFER out = {0};
	struct error err = {0};
	sample_open(&s, state, 40);
	const struct slice pieces[] = {buffer_slice(&s.cipher), SLICE_EMPTY};
	assert_int_equal(
		key_decrypt_append(s.key, 8, pieces, &out, &err), KRB_AP_ERR_BAD_INTEGRITY);
	assert_non_null(strstr(err.text, "for key usage 8 has been changed"));
	sample_close(&s);
}

#define EACH_TYPE(test)                                                                            \
	{if_offered(17, #test " (17)"), test, NULL, NULL, &types[0]},                              \
		{if_offered(18, #test " (18)"), test, NULL, NULL, &types[1]},                      \
		{if_offered(19, #test " (19)"), test, NULL, NULL, &types[2]},                      \
		{if_offered(20, #test " (20)"), test, NULL, NULL, &types[3]},                      \
		{if_offered(25, #test " (25)"), test, NULL, NULL, &types[4]},                      \
	{                                                                                          \
		if_offered(26, #test " (26)"), test, NULL, NULL, &types[5]                         \
	}

SUITE(test_key_append)
{
	static int32_t types[] = {17, 18, 19, 20, 25, 26};
	const struct CMUnitTest tests[] = {
		EACH_TYPE(every_length_and_cut_comes_back),
		EACH_TYPE(long_texts_come_back),
		EACH_TYPE(every_changed_octet_is_refused),
		EACH_TYPE(too_few_octets_are_refused),
		EACH_TYPE(too_many_octets_are_refused),
		EACH_TYPE(another_usage_is_refused),
	};
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (unsigned char)(i * 7 + i / 251);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_close();
	return failed;
}

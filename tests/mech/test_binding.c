/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The two strings of KERBEROS_V5: the server's challenge and the client's
 * binding to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/enctype.h"
#include "mech/kerberos_v5.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

static struct buffer exchanged; /* what the last binding that was read points into */

static int teardown(void **state UNUSED)
{
	buffer_free(&exchanged);
	crypto_close();
	return 0;
}

static struct challenge challenge_of(unsigned layers, uint32_t max_buffer)
{
	struct challenge challenge;
	struct error err;
	if (challenge_make(layers, max_buffer, &challenge, &err))
		fail_msg("%s", err.text);
	return challenge;
}

static struct challenge usual_challenge(void)
{
	return challenge_of(LAYER_NONE | LAYER_MUTUAL, 0);
}

static void make(
	const struct binding *binding, const struct challenge *challenge, struct buffer *out)
{
	struct error err;
	if (binding_make(binding, challenge, out, &err))
		fail_msg("%s", err.text);
}

/* The client's string for a challenge, read by the server that sent it. */
static enum status exchange(const struct challenge *challenge, const struct binding *binding,
	struct binding *read, struct error *err)
{
	buffer_free(&exchanged);
	make(binding, challenge, &exchanged);
	return binding_read(buffer_slice(&exchanged), challenge, read, err);
}

static void assert_binding_refused(
	const struct challenge *challenge, const struct binding *binding, const char *reason)
{
	AUTO_BUFFER octets = {0};
	struct binding read;
	struct error err;
	make(binding, challenge, &octets);
	enum status status = binding_read(buffer_slice(&octets), challenge, &read, &err);
	assert_refusal(status, &err, KRB_AP_ERR_MODIFIED, reason, reason);
}

static void a_challenge_stands_as_the_draft_says(void **state UNUSED)
{
	struct challenge challenge = challenge_of(LAYER_NONE | LAYER_MUTUAL, 0x01020304);
	assert_int_equal(sizeof challenge.octets, 21);
	assert_memory_equal(challenge.octets, "\x09\x01\x02\x03\x04", 5);
}

static void every_random_octet_differs_sometimes(void **state UNUSED)
{
	struct challenge first = usual_challenge();
	unsigned char differed[CHALLENGE_LENGTH] = {0};
	for (int i = 0; i < 20; i++) {
		struct challenge other = usual_challenge();
		for (int n = 0; n < CHALLENGE_LENGTH; n++)
			differed[n] |= first.octets[n] ^ other.octets[n];
	}
	for (int n = 0; n < CHALLENGE_LENGTH; n++)
		assert_true((differed[n] != 0) == (n >= 5));
}

static void a_challenge_is_read_back(void **state UNUSED)
{
	struct challenge sent = challenge_of(LAYER_MUTUAL | LAYER_PRIVACY, 0xfffefdfc), read;
	struct error err;
	assert_int_equal(
		challenge_read(slice_of(sent.octets, CHALLENGE_LENGTH), &read, &err), STATUS_OK);
	assert_int_equal(read.layers, LAYER_MUTUAL | LAYER_PRIVACY);
	assert_int_equal(read.max_buffer, 0xfffefdfc);
	assert_memory_equal(read.octets, sent.octets, CHALLENGE_LENGTH);
}

static void a_challenge_of_another_length_is_refused(void **state UNUSED)
{
	const unsigned char octets[64] = {9};
	for (size_t len = 0; len <= sizeof octets; len++) {
		struct challenge read;
		struct error err;
		enum status status = challenge_read(slice_of(octets, len), &read, &err);
		if (len == CHALLENGE_LENGTH) {
			assert_int_equal(status, STATUS_OK);
			continue;
		}
		char reason[40];
		snprintf(reason, sizeof reason, "has %zu octets instead of 21", len);
		assert_refusal(status, &err, ERR_SYNTAX, reason, "malformed");
	}
}

static void a_binding_stands_as_the_draft_says(void **state UNUSED)
{
	struct challenge challenge = usual_challenge();
	const struct binding binding = {
		LAYER_NONE | LAYER_MUTUAL, 0x0a0b0c0d, SLICE_LITERAL("bob")};
	AUTO_BUFFER octets = {0};
	make(&binding, &challenge, &octets);
	assert_int_equal(octets.len, 5 + 21 + 3);
	assert_memory_equal(octets.data, "\x09\x0a\x0b\x0c\x0d", 5);
	assert_memory_equal(octets.data + 5, challenge.octets, 21);
	assert_memory_equal(octets.data + 26, "bob", 3);
}

static void a_binding_is_appended(void **state UNUSED)
{
	struct challenge challenge = usual_challenge();
	const struct binding binding = {.layers = LAYER_NONE};
	AUTO_BUFFER octets = {0};
	assert_int_equal(buffer_append(&octets, SLICE_LITERAL("before")), STATUS_OK);
	make(&binding, &challenge, &octets);
	assert_int_equal(octets.len, 6 + 26);
	assert_memory_equal(octets.data, "before\x01", 7);
}

static void a_binding_is_read_back(void **state UNUSED)
{
	struct challenge challenge = usual_challenge();
	static const struct slice names[] = {
		SLICE_LITERAL(""), SLICE_LITERAL("b"), SLICE_LITERAL("bob\0\xff")};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct binding sent = {LAYER_NONE | LAYER_MUTUAL, 0, names[i]};
		struct binding read;
		struct error err;
		if (exchange(&challenge, &sent, &read, &err))
			fail_msg("%s", err.text);
		assert_int_equal(read.layers, LAYER_NONE | LAYER_MUTUAL);
		assert_int_equal(read.max_buffer, 0);
		assert_true(slice_equal(read.authzid, names[i]));
	}
}

static void the_mutual_bit_may_be_missing(void **state UNUSED)
{
	struct challenge challenge = usual_challenge();
	const struct binding sent = {.layers = LAYER_NONE};
	struct binding read;
	struct error err;
	assert_int_equal(exchange(&challenge, &sent, &read, &err), STATUS_OK);
	assert_int_equal(read.layers, LAYER_NONE);
}

static void each_layer_that_was_offered_may_be_chosen(void **state UNUSED)
{
	static const unsigned layers[] = {LAYER_INTEGRITY, LAYER_PRIVACY};
	struct challenge challenge =
		challenge_of(LAYER_MUTUAL | LAYER_INTEGRITY | LAYER_PRIVACY, 65536);
	for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
		const struct binding sent = {LAYER_MUTUAL | layers[i], 4096, SLICE_EMPTY};
		struct binding read;
		struct error err;
		assert_int_equal(exchange(&challenge, &sent, &read, &err), STATUS_OK);
		assert_int_equal(read.layers, LAYER_MUTUAL | layers[i]);
		assert_int_equal(read.max_buffer, 4096);
	}
}

static void a_binding_cut_short_is_refused(void **state UNUSED)
{
	struct challenge challenge = usual_challenge();
	const struct binding sent = {.layers = LAYER_NONE | LAYER_MUTUAL};
	AUTO_BUFFER octets = {0};
	make(&sent, &challenge, &octets);
	for (size_t len = 0; len < 26; len++) {
		struct binding read;
		struct error err;
		char reason[40];
		snprintf(reason, sizeof reason, "has %zu octets, 26 at least", len);
		enum status status =
			binding_read(slice_of(octets.data, len), &challenge, &read, &err);
		assert_refusal(status, &err, ERR_SYNTAX, reason, reason);
	}
}

static void every_bit_of_the_challenge_is_compared(void **state UNUSED)
{
	struct challenge challenge = usual_challenge();
	const struct binding sent = {.layers = LAYER_NONE | LAYER_MUTUAL};
	AUTO_BUFFER octets = {0};
	make(&sent, &challenge, &octets);
	for (size_t bit = 0; bit < 8 * CHALLENGE_LENGTH; bit++) {
		struct binding read;
		struct error err;
		octets.data[5 + bit / 8] ^= (unsigned char)(1 << bit % 8);
		enum status status = binding_read(buffer_slice(&octets), &challenge, &read, &err);
		octets.data[5 + bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_refusal(status, &err, KRB_AP_ERR_MODIFIED, "answers another challenge",
			"answers another challenge");
	}
}

/* Of all 256 layer octets, those that choose one layer of those offered, and no other. */
static void only_one_offered_layer_may_be_chosen(void **state UNUSED)
{
	struct challenge challenge =
		challenge_of(LAYER_NONE | LAYER_INTEGRITY | LAYER_MUTUAL, 65536);
	for (unsigned layers = 0; layers < 256; layers++) {
		const struct binding sent = {.layers = layers};
		struct binding read;
		struct error err;
		bool may = layers == LAYER_NONE || layers == (LAYER_NONE | LAYER_MUTUAL) ||
			   layers == (LAYER_INTEGRITY | LAYER_MUTUAL);
		if (layers == LAYER_INTEGRITY)
			continue; /* a layer without mutual authentication: no matter of this case
				   */
		enum status status = exchange(&challenge, &sent, &read, &err);
		if (may != (status == STATUS_OK))
			fail_msg("0x%02x: %d", layers, status);
		if (!may)
			assert_int_equal(status, KRB_AP_ERR_MODIFIED);
	}
}

static void none_or_several_layers_are_refused(void **state UNUSED)
{
	struct challenge challenge = challenge_of(0x0f, 65536);
	static const unsigned layers[] = {0, LAYER_MUTUAL, LAYER_NONE | LAYER_PRIVACY,
		LAYER_INTEGRITY | LAYER_PRIVACY | LAYER_MUTUAL, 0x0f, 0xff};
	for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
		assert_binding_refused(&challenge, &(struct binding){.layers = layers[i]},
			"where exactly one has to be chosen");
}

static void what_was_not_offered_is_refused(void **state UNUSED)
{
	struct challenge challenge = challenge_of(LAYER_NONE, 0);
	assert_binding_refused(&challenge, &(struct binding){.layers = LAYER_NONE | LAYER_MUTUAL},
		"chose layers 0x09, of those offered, 0x01");
	assert_binding_refused(&challenge, &(struct binding){.layers = LAYER_PRIVACY},
		"chose layers 0x04, of those offered, 0x01");
	assert_binding_refused(
		&challenge, &(struct binding){.layers = 0x80}, "chose layers 0x80, of those");
}

static void a_buffer_size_without_a_layer_is_refused(void **state UNUSED)
{
	struct challenge challenge = usual_challenge();
	static const uint32_t sizes[] = {1, 0x01000000, UINT32_MAX};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char reason[60];
		snprintf(reason, sizeof reason, "a buffer size of %u without choosing a layer",
			sizes[i]);
		assert_binding_refused(&challenge,
			&(struct binding){
				.layers = LAYER_NONE | LAYER_MUTUAL, .max_buffer = sizes[i]},
			reason);
	}
}

SUITE(test_binding)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_challenge_stands_as_the_draft_says),
		cmocka_unit_test(every_random_octet_differs_sometimes),
		cmocka_unit_test(a_challenge_is_read_back),
		cmocka_unit_test(a_challenge_of_another_length_is_refused),
		cmocka_unit_test(a_binding_stands_as_the_draft_says),
		cmocka_unit_test(a_binding_is_appended),
		cmocka_unit_test(a_binding_is_read_back),
		cmocka_unit_test(the_mutual_bit_may_be_missing),
		cmocka_unit_test(each_layer_that_was_offered_may_be_chosen),
		cmocka_unit_test(a_binding_cut_short_is_refused),
		cmocka_unit_test(every_bit_of_the_challenge_is_compared),
		cmocka_unit_test(only_one_offered_layer_may_be_chosen),
		cmocka_unit_test(none_or_several_layers_are_refused),
		cmocka_unit_test(what_was_not_offered_is_refused),
		cmocka_unit_test(a_buffer_size_without_a_layer_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}

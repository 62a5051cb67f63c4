/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Channel bindings in an authenticator of KERBEROS_V5: their hash, and the
 * element that it is in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/enctype.h"
#include "mech/kerberos_v5_channel.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

static struct error err;

static int teardown(void **state UNUSED)
{
	crypto_close();
	der_close();
	return 0;
}

static struct channel_hash hash_of(const char *name, const char *data)
{
	const sasl_channel_binding_t binding = {
		.name = name,
		.len = strlen(data),
		.data = (const unsigned char *)data,
	};
	struct channel_hash hash;
	assert_int_equal(channel_hash_of(&binding, &hash, &err), STATUS_OK);
	return hash;
}

static struct slice octets_of(const struct channel_hash *hash)
{
	return slice_of(hash->octets, sizeof hash->octets);
}

/* printf 'tls-server-end-point\0tls:ABCDEFGH' | sha256sum */
static void the_hash_is_over_name_and_data(void **state UNUSED)
{
	static const unsigned char expected[SHA256_LENGTH] = {0x1a, 0x6f, 0xae, 0xdd, 0xd7, 0x65,
		0x0b, 0x22, 0xb1, 0xbe, 0x99, 0x3e, 0x29, 0x29, 0x20, 0x7e, 0x72, 0x8b, 0xa4, 0x22,
		0x4f, 0xd3, 0x78, 0x90, 0x49, 0xb9, 0x02, 0xdf, 0x58, 0x09, 0x06, 0xd8};
	const struct channel_hash hash = hash_of("tls-server-end-point", "tls:ABCDEFGH");
	assert_memory_equal(hash.octets, expected, sizeof expected);
}

static void name_and_data_do_not_run_together(void **state UNUSED)
{
	const struct channel_hash a = hash_of("tls-unique", "abc"),
				  b = hash_of("tls-uniquea", "bc"),
				  c = hash_of("tls-unique", "abd");
	assert_true(channel_hash_equal(&a, octets_of(&a)));
	assert_false(channel_hash_equal(&a, octets_of(&b)));
	assert_false(channel_hash_equal(&a, octets_of(&c)));
}

/* AuthorizationData with one element, of type -2. */
static void the_element_stands_as_the_notes_say(void **state UNUSED)
{
	static const char head[] = "\x30\x2b\x30\x29\xa0\x03\x02\x01\xfe\xa1\x22\x04\x20";
	const struct channel_hash hash = hash_of("tls-unique", "abc");
	AUTO_BUFFER octets = {0};
	assert_int_equal(channel_hash_write(&hash, &octets, &err), STATUS_OK);
	assert_int_equal(octets.len, sizeof head - 1 + SHA256_LENGTH);
	assert_memory_equal(octets.data, head, sizeof head - 1);
	assert_memory_equal(octets.data + sizeof head - 1, hash.octets, SHA256_LENGTH);
}

/* ---- reading ---- */

static struct buffer inside;

/* What an AD-IF-RELEVANT holds: `count` elements of type -2, of `len` octets. */
static struct ad_element relevant(unsigned count, size_t len)
{
	static const unsigned char octets[SHA256_LENGTH + 1] = "0123456789abcdef0123456789abcdef";
	struct authorization_data list = {.count = count};
	for (unsigned i = 0; i < count; i++)
		list.element[i] =
			(struct ad_element){AD_KERBEROS_V5_CHANNEL, slice_of(octets, len)};
	buffer_clear(&inside);
	assert_int_equal(der_write_authorization_data(&list, &inside, &err), STATUS_OK);
	return (struct ad_element){AD_IF_RELEVANT, buffer_slice(&inside)};
}

static int free_inside(void **state UNUSED)
{
	buffer_free(&inside);
	return 0;
}

static enum status find(struct authorization_data list, struct slice *found)
{
	return channel_hash_find(&list, found, &err);
}

static void one_is_found_wherever_it_stands(void **state UNUSED)
{
	struct slice found;
	const struct ad_element mine = relevant(1, SHA256_LENGTH);
	const struct ad_element others[] = {{-1, SLICE_LITERAL("x")}, {-2, SLICE_LITERAL("y")}};
	assert_int_equal(find((struct authorization_data){.count = 1, .element = {mine}}, &found),
		STATUS_OK);
	assert_int_equal(found.len, SHA256_LENGTH);
	/* Outside AD-IF-RELEVANT it is none: ap_req_read() refuses it there. */
	assert_int_equal(find((struct authorization_data){.count = 3,
				      .element = {others[0], others[1], mine}},
				 &found),
		STATUS_OK);
	assert_int_equal(found.len, SHA256_LENGTH);
	assert_int_equal(
		find((struct authorization_data){.count = 2, .element = {others[0], others[1]}},
			&found),
		STATUS_OK);
	assert_int_equal(found.len, 0);
	assert_int_equal(find((struct authorization_data){.count = 0}, &found), STATUS_OK);
	assert_int_equal(found.len, 0);
}

static void another_length_is_refused(void **state UNUSED)
{
	static const size_t lengths[] = {0, 1, SHA256_LENGTH - 1, SHA256_LENGTH + 1};
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct slice found;
		const struct ad_element mine = relevant(1, lengths[i]);
		enum status status =
			find((struct authorization_data){.count = 1, .element = {mine}}, &found);
		assert_refusal(
			status, &err, ERR_SYNTAX, "octets instead of 32", "octets instead of 32");
	}
}

static void a_second_one_is_refused(void **state UNUSED)
{
	struct slice found;
	const struct ad_element two = relevant(2, SHA256_LENGTH);
	assert_refusal(find((struct authorization_data){.count = 1, .element = {two}}, &found),
		&err, ERR_SYNTAX, "more than once", "more than once");
	const struct ad_element one = relevant(1, SHA256_LENGTH);
	assert_refusal(find((struct authorization_data){.count = 2, .element = {one, one}}, &found),
		&err, ERR_SYNTAX, "more than once", "more than once");
}

static void what_is_cut_short_is_refused(void **state UNUSED)
{
	const struct ad_element whole = relevant(1, SHA256_LENGTH);
	for (size_t len = 0; len < whole.data.len; len++) {
		struct slice found;
		const struct ad_element cut = {AD_IF_RELEVANT, slice_of(whole.data.data, len)};
		assert_int_not_equal(
			find((struct authorization_data){.count = 1, .element = {cut}}, &found),
			STATUS_OK);
		assert_int_equal(found.len, 0);
	}
}

SUITE(test_channel_hash)
{
#define READING(name) cmocka_unit_test_teardown(name, free_inside)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_is_over_name_and_data),
		cmocka_unit_test(name_and_data_do_not_run_together),
		cmocka_unit_test(the_element_stands_as_the_notes_say),
		READING(one_is_found_wherever_it_stands),
		READING(another_length_is_refused),
		READING(a_second_one_is_refused),
		READING(what_is_cut_short_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/keytab_samples.h"
#include "tests/support/closing.h"
#include "tests/support/suite.h"

static void refuse(const struct buffer *contents, enum status status, const char *telling)
{
	AUTO_KEYTAB keytab = NULL;
	struct error err = {0};
	assert_int_equal(
		keytab_parse(buffer_slice(contents), "/test.keytab", &keytab, &err), status);
	assert_null(keytab);
	assert_int_equal(err.status, status);
	assert_non_null(strstr(err.text, "/test.keytab"));
	if (!strstr(err.text, telling))
		fail_msg("\"%s\" has no \"%s\"", err.text, telling);
}

static void assert_principal(const struct principal *p, int32_t type)
{
	assert_true(principal_equal(p, &imap));
	assert_int_equal(p->type, type);
}

/* The format */

static void an_entry_is_read_whole(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	struct mint_keytab_entry entry = entry_of(3, ENCTYPE_AES256_SHA1, KEY_32);
	mint_keytab_entry(&b, V2, &entry);

	AUTO_KEYTAB keytab = keytab_of(&b);
	const struct keytab_entry *e = keytab_entry_at(keytab, 0);
	assert_non_null(e);
	assert_principal(&e->principal, NT_SRV_HST);
	assert_int_equal(e->kvno, 3);
	assert_int_equal(e->timestamp, 1700000000);
	assert_int_equal(e->enctype, ENCTYPE_AES256_SHA1);
	assert_true(slice_equal(key_octets(e->key), KEY_32));
	assert_null(keytab_entry_at(keytab, 1));
	assert_string_equal(keytab_name(keytab), "/test.keytab");
	assert_false(keytab_world_readable(keytab));
}

static void version_1_is_in_host_order_without_name_types(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_keytab(&b, V1, 2);
	AUTO_KEYTAB keytab = keytab_of(&b);
	const struct keytab_entry *e = keytab_entry_at(keytab, 1);
	assert_non_null(e);
	assert_principal(&e->principal, NT_UNKNOWN);
	assert_int_equal(e->kvno, 2);
	assert_int_equal(e->timestamp, 1700000000);
	assert_int_equal(e->enctype, ENCTYPE_AES128_SHA1);
	assert_true(slice_equal(key_octets(e->key), KEY_16));
}

static void a_known_file_of_version_2_is_read(void **state)
{
	(void)state;
	static const unsigned char octets[] = {
		0x05, 0x02, 0, 0, 0, 0x32,               /* 50 octets */
		0, 1, 0, 1, 'R', 0, 1, 'x', 0, 0, 0, 1,  /* x@R, NT-PRINCIPAL */
		0x65, 0x53, 0xf1, 0x00, 7, 0, 17, 0, 16, /* 1700000000, kvno 7, type 17 */
		'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e',
		'f',                          /* */
		0, 0, 1, 7,                   /* kvno 263 */
		0, 0, 0, 0, 0, 0, 0, 0, 0,    /* slack */
		0xff, 0xff, 0xff, 0xfe, 0, 0, /* a hole of two */
	};
	AUTO_BUFFER b = {0};
	mint_octets(&b, slice_of(octets, sizeof octets));
	AUTO_KEYTAB keytab = keytab_of(&b);
	const struct keytab_entry *e = keytab_entry_at(keytab, 0);
	assert_non_null(e);
	assert_string_equal(PRINCIPAL_TEXT(&e->principal), "x@R");
	assert_int_equal(e->kvno, 263);
	assert_int_equal(e->timestamp, 1700000000);
	assert_true(slice_equal(key_octets(e->key), KEY_16));
}

static void a_keytab_without_entries_is_one(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	AUTO_KEYTAB keytab = keytab_of(&b);
	assert_null(keytab_entry_at(keytab, 0));
	unsigned position = 0;
	assert_null(keytab_find(
		keytab, &imap, &(struct keytab_wanted){ENCTYPE_AES128_SHA1, false, 0}, &position));
}

static void a_kvno_of_32_bits_overrides_the_octet(void **state)
{
	(void)state;
	for (unsigned version = V1; version <= V2; version++) {
		AUTO_BUFFER b = {0};
		mint_keytab_start(&b, (uint16_t)version);
		put_entry(&b, (uint16_t)version, 70000);
		AUTO_KEYTAB keytab = keytab_of(&b);
		assert_int_equal(keytab_entry_at(keytab, 0)->kvno, 70000);
	}
}

static void an_old_entry_has_its_kvno_in_an_octet(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	struct mint_keytab_entry entry = entry_of(0x1ff, ENCTYPE_AES128_SHA1, KEY_16);
	entry.short_kvno = true;
	mint_keytab_entry(&b, V2, &entry);
	AUTO_KEYTAB keytab = keytab_of(&b);
	assert_int_equal(keytab_entry_at(keytab, 0)->kvno, 255);
}

/* An entry of kvno 9, `slack` zero octets more in its record than it fills. */
static void put_entry_with_slack(struct buffer *out, unsigned slack)
{
	size_t start = out->len;
	struct mint_keytab_entry entry = entry_of(9, ENCTYPE_AES128_SHA1, KEY_16);
	entry.short_kvno = true;
	mint_keytab_entry(out, V2, &entry);
	for (unsigned i = 0; i < slack; i++)
		mint_u8(out, 0);
	store_u32(out->data + start, (uint32_t)(out->len - start - 4));
}

static void slack_in_a_record_is_passed_over(void **state)
{
	(void)state;
	for (unsigned slack = 0; slack < 12; slack++) {
		AUTO_BUFFER b = {0};
		mint_keytab_start(&b, V2);
		put_entry_with_slack(&b, slack);
		put_entry(&b, V2, 10);
		AUTO_KEYTAB keytab = keytab_of(&b);
		assert_int_equal(keytab_entry_at(keytab, 0)->kvno, 9);
		assert_int_equal(keytab_entry_at(keytab, 1)->kvno, 10);
	}
}

static void holes_are_passed_over(void **state)
{
	(void)state;
	for (unsigned version = V1; version <= V2; version++) {
		AUTO_BUFFER b = {0};
		mint_keytab_start(&b, (uint16_t)version);
		mint_keytab_hole(&b, (uint16_t)version, 1);
		put_entry(&b, (uint16_t)version, 1);
		mint_keytab_hole(&b, (uint16_t)version, 70);
		mint_keytab_hole(&b, (uint16_t)version, 7);
		put_entry(&b, (uint16_t)version, 2);
		mint_keytab_hole(&b, (uint16_t)version, 300);
		AUTO_KEYTAB keytab = keytab_of(&b);
		assert_int_equal(keytab_entry_at(keytab, 0)->kvno, 1);
		assert_int_equal(keytab_entry_at(keytab, 1)->kvno, 2);
		assert_null(keytab_entry_at(keytab, 2));
	}
}

static void a_length_of_zero_ends_the_file(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_keytab(&b, V2, 1);
	mint_u32(&b, 0);
	mint_octets(&b, SLICE_LITERAL("\x7f\xff\xff\xffnot looked at"));
	AUTO_KEYTAB keytab = keytab_of(&b);
	assert_non_null(keytab_entry_at(keytab, 0));
	assert_null(keytab_entry_at(keytab, 1));
}

static void an_unsupported_type_stays_without_a_key(void **state)
{
	(void)state;
	static const int32_t types[] = {23, 16, 3, 99, -133};
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	for (unsigned i = 0; i < 5; i++) {
		struct mint_keytab_entry entry = entry_of(1, types[i], SLICE_LITERAL("any"));
		mint_keytab_entry(&b, V2, &entry);
	}
	AUTO_KEYTAB keytab = keytab_of(&b);
	for (unsigned i = 0; i < 5; i++) {
		const struct keytab_entry *e = keytab_entry_at(keytab, i);
		assert_int_equal(e->enctype, types[i]);
		assert_null(e->key);
		unsigned position = 0;
		assert_ptr_equal(keytab_find(keytab, &imap,
					 &(struct keytab_wanted){types[i], true, 1}, &position),
			e);
	}
}

static void sixteen_components_fit(void **state)
{
	(void)state;
	for (unsigned version = V1; version <= V2; version++) {
		AUTO_BUFFER b = {0};
		mint_keytab_start(&b, (uint16_t)version);
		struct mint_keytab_entry entry = entry_of(1, ENCTYPE_AES128_SHA1, KEY_16);
		entry.principal.count = 16;
		for (unsigned i = 0; i < 16; i++)
			entry.principal.component[i] = slice_of(&"abcdefghijklmnop"[i], 1);
		mint_keytab_entry(&b, (uint16_t)version, &entry);
		AUTO_KEYTAB keytab = keytab_of(&b);
		assert_true(
			principal_equal(&keytab_entry_at(keytab, 0)->principal, &entry.principal));
	}
}

static void names_may_hold_any_octet(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	struct mint_keytab_entry entry = entry_of(1, ENCTYPE_AES128_SHA1, KEY_16);
	entry.principal.component[0] = SLICE_LITERAL("a\0b/@\\\xff");
	entry.principal.component[1] = SLICE_EMPTY;
	mint_keytab_entry(&b, V2, &entry);
	AUTO_KEYTAB keytab = keytab_of(&b);
	unsigned position = 0;
	assert_non_null(keytab_find(keytab, &entry.principal,
		&(struct keytab_wanted){ENCTYPE_AES128_SHA1, true, 1}, &position));
}

/* Faults */

static void a_key_of_the_wrong_length_names_its_entry(void **state)
{
	(void)state;
	static const size_t lengths[] = {0, 1, 15, 17, 32};
	for (unsigned i = 0; i < 5; i++) {
		AUTO_BUFFER b = {0};
		put_keytab(&b, V2, 1);
		struct mint_keytab_entry entry =
			entry_of(1, ENCTYPE_AES128_SHA1, slice_of(KEY_32.data, lengths[i]));
		mint_keytab_entry(&b, V2, &entry);
		refuse(&b, ERR_SYNTAX, "imap/mail.example.test@EXAMPLE.TEST at octet 80");
	}
}

static void cut_short_at_every_octet_it_is_a_fault_or_a_prefix(void **state)
{
	(void)state;
	for (unsigned version = V1; version <= V2; version++) {
		AUTO_BUFFER b = {0};
		put_keytab(&b, (uint16_t)version, 1);
		size_t one = b.len;
		put_entry(&b, (uint16_t)version, 2);
		size_t two = b.len;
		for (size_t len = 3; len < two; len++) {
			b.len = len;
			if (len == one) {
				AUTO_KEYTAB keytab = keytab_of(&b);
				assert_non_null(keytab_entry_at(keytab, 0));
				assert_null(keytab_entry_at(keytab, 1));
				continue;
			}
			refuse(&b, ERR_SYNTAX, "cut short");
			char telling[32];
			snprintf(telling, sizeof telling, "at octet %zu", len < one ? 2 : one);
			refuse(&b, ERR_SYNTAX, telling);
		}
	}
}

static void cut_short_in_the_version_it_is_a_fault(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	refuse(&b, ERR_SYNTAX, "is empty");
	mint_u8(&b, 5);
	refuse(&b, ERR_SYNTAX, "cut short after 1 octet");
}

static void an_entry_shorter_than_its_fields_is_a_fault(void **state)
{
	(void)state;
	AUTO_BUFFER whole = {0};
	mint_keytab_start(&whole, V2);
	struct mint_keytab_entry entry = entry_of(1, ENCTYPE_AES128_SHA1, KEY_16);
	entry.short_kvno = true;
	mint_keytab_entry(&whole, V2, &entry);
	for (uint32_t size = 1; size < whole.len - 6; size++) {
		AUTO_BUFFER b = {0};
		mint_octets(&b, buffer_slice(&whole));
		store_u32(b.data + 2, size);
		refuse(&b, ERR_SYNTAX, "too short for what it holds");
	}
}

static void hostile_lengths_of_records_are_faults(void **state)
{
	(void)state;
	static const struct {
		uint32_t length;
		const char *telling;
	} cases[] = {
		{0x7fffffff, "entry at octet 2 should have 2147483647 octets, and 16 are left"},
		{0x80000000, "hole at octet 2 should have 2147483648 octets, and 16 are left"},
		{0x80000001, "hole at octet 2 should have 2147483647 octets"},
		{17, "entry at octet 2 should have 17 octets, and 16 are left"},
		{0xffffffef, "hole at octet 2 should have 17 octets"},
		{0xffffffff, "octet 7"}, /* a hole of one octet; what follows it is no length */
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		mint_keytab_start(&b, V2);
		mint_u32(&b, cases[i].length);
		for (unsigned n = 0; n < 16; n++)
			mint_u8(&b, 0x7f);
		refuse(&b, ERR_SYNTAX, cases[i].telling);
	}
}

static void hostile_lengths_of_fields_are_faults(void **state)
{
	(void)state;
	/* Of the realm, of a component, of the key, in turn. */
	static const size_t places[] = {8, 22, 28, 58};
	for (unsigned i = 0; i < 4; i++) {
		AUTO_BUFFER b = {0};
		put_keytab(&b, V2, 1);
		b.data[places[i]] = 0xff;
		b.data[places[i] + 1] = 0xff;
		refuse(&b, ERR_SYNTAX, "too short for what it holds");
	}
}

static void hostile_counts_of_components_are_faults(void **state)
{
	(void)state;
	static const struct {
		uint16_t version;
		uint16_t count;
		const char *telling;
	} cases[] = {
		{V2, 0, "0 components at octet 6, expected 1 to 16"},
		{V2, 17, "17 components at octet 6"},
		{V2, 0x8000, "32768 components"},
		{V2, 0xffff, "65535 components"},
		{V1, 0, "0 components"},
		{V1, 1, "0 components"},
		{V1, 18, "17 components"},
		{V1, 0xffff, "65534 components"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		put_keytab(&b, cases[i].version, 1);
		uint16_t count = cases[i].count;
		b.data[6] = (unsigned char)(count >> 8);
		b.data[7] = (unsigned char)count;
		if (cases[i].version == V1)
			memcpy(b.data + 6, &count, sizeof count);
		refuse(&b, ERR_SYNTAX, cases[i].telling);
	}
}

static void a_name_without_a_realm_is_a_fault(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	struct mint_keytab_entry entry = entry_of(1, ENCTYPE_AES128_SHA1, KEY_16);
	entry.principal.realm = SLICE_EMPTY;
	mint_keytab_entry(&b, V2, &entry);
	refuse(&b, ERR_SYNTAX, "without a realm at octet 6");
}

static void another_kind_of_file_is_told(void **state)
{
	(void)state;
	static const struct {
		uint16_t version;
		const char *telling;
	} cases[] = {
		{0x0503, "is a credential cache (expected is 0x0502 or 0x0501 at octet 0"},
		{0x0504, "is a credential cache ("},
		{0x0500, "is not a keytab that can be read: expected is 0x0502 or 0x0501 at octet "
			 "0"},
		{0x0505, "is not a keytab that can be read"},
		{0x7f45, "is not a keytab that can be read"},
		{0x0205, "is not a keytab that can be read"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		mint_u16(&b, cases[i].version);
		refuse(&b, ERR_SYNTAX, cases[i].telling);
	}
}

SUITE(test_keytab_parse)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_read_whole),
		cmocka_unit_test(version_1_is_in_host_order_without_name_types),
		cmocka_unit_test(a_known_file_of_version_2_is_read),
		cmocka_unit_test(a_keytab_without_entries_is_one),
		cmocka_unit_test(a_kvno_of_32_bits_overrides_the_octet),
		cmocka_unit_test(an_old_entry_has_its_kvno_in_an_octet),
		cmocka_unit_test(slack_in_a_record_is_passed_over),
		cmocka_unit_test(holes_are_passed_over),
		cmocka_unit_test(a_length_of_zero_ends_the_file),
		cmocka_unit_test(an_unsupported_type_stays_without_a_key),
		cmocka_unit_test(sixteen_components_fit),
		cmocka_unit_test(names_may_hold_any_octet),
		cmocka_unit_test(a_key_of_the_wrong_length_names_its_entry),
		cmocka_unit_test(cut_short_at_every_octet_it_is_a_fault_or_a_prefix),
		cmocka_unit_test(cut_short_in_the_version_it_is_a_fault),
		cmocka_unit_test(an_entry_shorter_than_its_fields_is_a_fault),
		cmocka_unit_test(hostile_lengths_of_records_are_faults),
		cmocka_unit_test(hostile_lengths_of_fields_are_faults),
		cmocka_unit_test(hostile_counts_of_components_are_faults),
		cmocka_unit_test(a_name_without_a_realm_is_a_fault),
		cmocka_unit_test(another_kind_of_file_is_told),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/keytab_samples.h"
#include "tests/support/closing.h"
#include "tests/support/suite.h"

static void entries_are_found_in_the_files_order(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	struct mint_keytab_entry other = entry_of(1, ENCTYPE_AES256_SHA1, KEY_32);
	put_entry(&b, V2, 1);
	mint_keytab_entry(&b, V2, &other);
	put_entry(&b, V2, 3);
	put_entry(&b, V2, 2);
	mint_keytab_entry(&b, V2, &other);

	AUTO_KEYTAB keytab = keytab_of(&b);
	unsigned position = 0;
	static const uint32_t kvnos[] = {1, 3, 2};
	for (unsigned i = 0; i < 3; i++) {
		const struct keytab_entry *e = keytab_find(keytab, &imap,
			&(struct keytab_wanted){ENCTYPE_AES128_SHA1, false, 0}, &position);
		assert_non_null(e);
		assert_int_equal(e->kvno, kvnos[i]);
	}
	assert_null(keytab_find(
		keytab, &imap, &(struct keytab_wanted){ENCTYPE_AES128_SHA1, false, 0}, &position));
	assert_null(keytab_find(
		keytab, &imap, &(struct keytab_wanted){ENCTYPE_AES128_SHA1, false, 0}, &position));
}

static void a_search_may_start_anywhere(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_keytab(&b, V2, 5);
	AUTO_KEYTAB keytab = keytab_of(&b);
	for (unsigned start = 0; start < 8; start++) {
		unsigned position = start;
		const struct keytab_entry *e = keytab_find(keytab, &imap,
			&(struct keytab_wanted){ENCTYPE_AES128_SHA1, false, 0}, &position);
		assert_ptr_equal(e, keytab_entry_at(keytab, start));
		assert_int_equal(position, e ? start + 1 : start);
	}
}

static void a_kvno_is_compared_modulo_256_where_one_is_short(void **state)
{
	(void)state;
	static const struct {
		uint32_t entry, request;
		bool fits;
	} cases[] = {
		{3, 3, true},
		{3, 4, false},
		{259, 3, true},
		{3, 259, true},
		{259, 259, true},
		{259, 515, false},
		{256, 0, true},
		{255, 511, true},
		{511, 255, true},
		{256, 512, false},
		{0, 256, true},
		{0xffffff03, 3, true},
		{3, 0xffffffff, false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		mint_keytab_start(&b, V2);
		put_entry(&b, V2, cases[i].entry);
		AUTO_KEYTAB keytab = keytab_of(&b);
		assert_int_equal(finds(keytab, &imap, ENCTYPE_AES128_SHA1, true, cases[i].request),
			cases[i].fits);
		assert_true(finds(keytab, &imap, ENCTYPE_AES128_SHA1, false, cases[i].request));
	}
}

static void another_name_realm_or_type_is_not_found(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_keytab(&b, V2, 1);
	AUTO_KEYTAB keytab = keytab_of(&b);
	struct principal p = imap;
	p.type = NT_UNKNOWN; /* a hint: not compared */
	assert_true(finds(keytab, &p, ENCTYPE_AES128_SHA1, true, 1));
	assert_false(finds(keytab, &p, ENCTYPE_AES256_SHA1, true, 1));
	p.realm = SLICE_LITERAL("EXAMPLE.TESt");
	assert_false(finds(keytab, &p, ENCTYPE_AES128_SHA1, true, 1));
	p = imap;
	p.component[1] = SLICE_LITERAL("MAIL.example.test");
	assert_false(finds(keytab, &p, ENCTYPE_AES128_SHA1, true, 1));
	p = imap;
	p.count = 1;
	assert_false(finds(keytab, &p, ENCTYPE_AES128_SHA1, true, 1));
	p = imap;
	p.component[0] = SLICE_LITERAL("imap/mail.example.test");
	p.count = 1;
	assert_false(finds(keytab, &p, ENCTYPE_AES128_SHA1, true, 1));
}

static void entries_of_other_names_in_between_are_passed_over(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	for (uint32_t kvno = 0; kvno < 40; kvno++) {
		struct mint_keytab_entry entry = entry_of(kvno, ENCTYPE_AES128_SHA1, KEY_16);
		entry.principal.component[0] = slice_of(&"abcdefg"[kvno % 7], 1);
		mint_keytab_entry(&b, V2, &entry);
	}
	AUTO_KEYTAB keytab = keytab_of(&b);
	for (unsigned start = 0; start < 40; start++)
		for (unsigned name = 0; name < 7; name++) {
			unsigned expected = start + (name + 7 - start % 7) % 7;
			unsigned position = start;
			const struct keytab_entry *e = keytab_find(keytab,
				&keytab_entry_at(keytab, name)->principal,
				&(struct keytab_wanted){ENCTYPE_AES128_SHA1, false, 0}, &position);
			assert_ptr_equal(e, keytab_entry_at(keytab, expected));
		}
}

/* Their hashes are the same (found by trying names). */
static void names_that_share_a_hash_are_told_apart(void **state)
{
	(void)state;
	struct principal host = imap, other_host = imap, realm = imap, other_realm = imap;
	host.component[1] = SLICE_LITERAL("host99667.example.test");
	other_host.component[1] = SLICE_LITERAL("host1240600.example.test");
	realm.realm = SLICE_LITERAL("R1062789.TEST");
	other_realm.realm = SLICE_LITERAL("R1279192.TEST");
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	struct mint_keytab_entry entry = entry_of(1, ENCTYPE_AES128_SHA1, KEY_16);
	entry.principal = host;
	mint_keytab_entry(&b, V2, &entry);
	entry.principal = realm;
	mint_keytab_entry(&b, V2, &entry);
	AUTO_KEYTAB keytab = keytab_of(&b);
	assert_true(finds(keytab, &host, ENCTYPE_AES128_SHA1, true, 1));
	assert_true(finds(keytab, &realm, ENCTYPE_AES128_SHA1, true, 1));
	assert_false(finds(keytab, &other_host, ENCTYPE_AES128_SHA1, true, 1));
	assert_false(finds(keytab, &other_realm, ENCTYPE_AES128_SHA1, true, 1));
}

#define MANY 10000

static void each_of_ten_thousand_names_is_found(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	for (unsigned i = 0; i < MANY; i++) {
		char host[32];
		snprintf(host, sizeof host, "host%u.example.test", i);
		struct mint_keytab_entry entry = entry_of(i, ENCTYPE_AES128_SHA1, KEY_16);
		entry.principal.component[1] = slice_string(host);
		mint_keytab_entry(&b, V2, &entry);
	}
	AUTO_KEYTAB keytab = keytab_of(&b);
	for (unsigned i = 0; i < MANY; i++) {
		const struct keytab_entry *e = keytab_entry_at(keytab, i);
		unsigned position = 0;
		assert_ptr_equal(keytab_find(keytab, &e->principal,
					 &(struct keytab_wanted){e->enctype, true, i}, &position),
			e);
		assert_int_equal(position, i + 1);
		assert_null(keytab_find(keytab, &e->principal,
			&(struct keytab_wanted){e->enctype, true, i}, &position));
	}
}

static void each_of_ten_thousand_versions_is_found(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_keytab(&b, V2, MANY);
	AUTO_KEYTAB keytab = keytab_of(&b);
	unsigned position = 0;
	for (unsigned kvno = 1; kvno <= MANY; kvno++) {
		const struct keytab_entry *e = keytab_find(keytab, &imap,
			&(struct keytab_wanted){ENCTYPE_AES128_SHA1, false, 0}, &position);
		assert_non_null(e);
		assert_int_equal(e->kvno, kvno);
	}
	assert_null(keytab_find(
		keytab, &imap, &(struct keytab_wanted){ENCTYPE_AES128_SHA1, false, 0}, &position));
}

SUITE(test_keytab_find)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_found_in_the_files_order),
		cmocka_unit_test(a_search_may_start_anywhere),
		cmocka_unit_test(a_kvno_is_compared_modulo_256_where_one_is_short),
		cmocka_unit_test(another_name_realm_or_type_is_not_found),
		cmocka_unit_test(entries_of_other_names_in_between_are_passed_over),
		cmocka_unit_test(names_that_share_a_hash_are_told_apart),
		cmocka_unit_test(each_of_ten_thousand_names_is_found),
		cmocka_unit_test(each_of_ten_thousand_versions_is_found),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

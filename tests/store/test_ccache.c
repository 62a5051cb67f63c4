/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/ccache_samples.h"
#include "tests/support/suite.h"

/* Looking up */

static void of_several_the_one_that_lasts_longest_is_taken(void **state)
{
	(void)state;
	static const int64_t ends[] = {NOW + 10, NOW + 4000, NOW - 5, NOW + 300};
	AUTO_BUFFER b = {0};
	mint_ccache_start(&b, 4, &alice, 0);
	for (unsigned i = 0; i < 4; i++) {
		struct credential c = credential_for(&imap);
		c.endtime = ends[i];
		put(&b, &c);
	}
	AUTO_CCACHE ccache = parse_well(&b);
	assert_int_equal(find_well(ccache, &imap).endtime, NOW + 4000);
}

static void of_equals_the_last_in_the_file_is_taken(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	put_cache(&b, &c);
	c.ticket = SLICE_LITERAL("newer");
	put(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	assert_true(slice_equal(find_well(ccache, &imap).ticket, SLICE_LITERAL("newer")));
}

static void one_that_serves_comes_before_one_that_does_not_but_lasts_longer(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_ccache_start(&b, 4, &alice, 0);
	struct credential early = credential_for(&imap);
	early.starttime = NOW + 10;
	early.endtime = NOW + 9000;
	put(&b, &early);
	struct credential good = credential_for(&imap);
	put(&b, &good);
	struct credential weak = credential_for(&imap);
	weak.key_type = 23;
	weak.endtime = NOW + 9000;
	put(&b, &weak);
	AUTO_CCACHE ccache = parse_well(&b);
	struct credential c = find_well(ccache, &imap);
	assert_int_equal(c.endtime, NOW + 1000);
	assert_int_equal(c.key_type, ENCTYPE_AES256_SHA1);
}

static void an_empty_realm_matches_any(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.server.realm = SLICE_LITERAL("OTHER.TEST");
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	struct principal any = imap;
	any.realm = SLICE_EMPTY;
	struct credential found = find_well(ccache, &any);
	assert_string_equal(PRINCIPAL_TEXT(&found.server), "imap/mail.example.test@OTHER.TEST");
	fail_to_find(ccache, &imap, ERR_NOT_FOUND, "for imap/mail.example.test@EXAMPLE.TEST in");
}

static void an_entry_with_an_empty_realm_has_that_of_its_ticket(void **state)
{
	(void)state;
	AUTO_BUFFER der = {0};
	struct ticket ticket = {
		.server = imap,
		.enc_part = {.etype = ENCTYPE_AES256_SHA1, .cipher = SLICE_LITERAL("cipher")},
	};
	struct error err = {0};
	assert_int_equal(der_write_ticket(&ticket, &der, &err), STATUS_OK);
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.server.realm = SLICE_EMPTY;
	c.ticket = buffer_slice(&der);
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);

	struct principal wanted = imap;
	struct credential found = find_well(ccache, &wanted);
	assert_true(principal_equal(&found.server, &imap));
	wanted.realm = SLICE_EMPTY;
	found = find_well(ccache, &wanted);
	assert_true(principal_equal(&found.server, &imap));
	wanted.realm = SLICE_LITERAL("OTHER.TEST");
	fail_to_find(ccache, &wanted, ERR_NOT_FOUND, "there is no ticket");
}

static void an_empty_realm_and_no_ticket_match_any_realm_only(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.server.realm = SLICE_EMPTY;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	struct principal wanted = imap;
	wanted.realm = SLICE_EMPTY;
	find_well(ccache, &wanted);
	fail_to_find(ccache, &imap, ERR_NOT_FOUND, "there is no ticket");
}

static void anothers_ticket_is_not_taken(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.client = bob;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	fail_to_find(
		ccache, &imap, ERR_NOT_FOUND, "there is no ticket of alice@EXAMPLE.TEST for imap/");
}

static void a_missing_ticket_comes_with_advice(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential tgt = credential_for(&krbtgt);
	put_cache(&b, &tgt);
	AUTO_CCACHE ccache = parse_well(&b);
	fail_to_find(ccache, &imap, ERR_NOT_FOUND,
		"there is no ticket of alice@EXAMPLE.TEST for imap/mail.example.test@EXAMPLE.TEST "
		"in the credential cache /test.ccache: run kinit");
}

static void an_expired_ticket_says_when_it_ended(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.endtime = NOW - 7200;
	put_cache(&b, &c);
	c.endtime = NOW - 9000;
	put(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	fail_to_find(ccache, &imap, KRB_AP_ERR_TKT_EXPIRED,
		"ended at 2023-11-14 20:13:20 UTC, 2 h ago: run kinit");
}

static void a_ticket_ends_at_its_last_second(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.starttime = NOW;
	c.endtime = NOW + 1;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	find_well(ccache, &imap);
	AUTO_BUFFER ended = {0};
	c.endtime = NOW;
	put_cache(&ended, &c);
	AUTO_CCACHE over = parse_well(&ended);
	fail_to_find(over, &imap, KRB_AP_ERR_TKT_EXPIRED, "ended at 2023-11-14 22:13:20 UTC");
}

static void a_ticket_that_is_not_yet_valid_says_when_it_starts(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.starttime = NOW + 600;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	fail_to_find(ccache, &imap, KRB_AP_ERR_TKT_NYV,
		"starts at 2023-11-14 22:23:20 UTC, in 10 min: wait, or check this host's clock");
	struct error err;
	assert_int_equal(
		ccache_find(ccache, &imap, &(struct ccache_terms){&two_types, NOW, 600}, &c, &err),
		STATUS_OK);
	assert_int_equal(
		ccache_find(ccache, &imap, &(struct ccache_terms){&two_types, NOW, 599}, &c, &err),
		KRB_AP_ERR_TKT_NYV);
}

static void an_invalid_ticket_is_not_taken(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.flags |= TICKET_INVALID;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	fail_to_find(ccache, &imap, KRB_AP_ERR_TKT_NYV, "flag INVALID): run kinit -v");
}

static void a_session_key_of_another_type_is_told(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.key_type = ENCTYPE_AES128_SHA1;
	c.key = KEY_16;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	find_well(ccache, &imap);
	char telling[200];
	snprintf(telling, sizeof telling, "session key of type %s; permitted are: %s (",
		ENCTYPE_TEXT(ENCTYPE_AES128_SHA1), ENCTYPE_TEXT(ENCTYPE_AES256_SHA1));
	fail_to_find(ccache, &imap, KDC_ERR_ETYPE_NOSUPP, telling);
}

static void with_no_permitted_type_nothing_is_found(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	struct enctype_list none = {0};
	struct error err = {0};
	assert_int_equal(
		ccache_find(ccache, &imap, &(struct ccache_terms){&none, NOW, 0}, &c, &err),
		KDC_ERR_ETYPE_NOSUPP);
	assert_tells(&err, "permitted are: none");
}

static void hostile_names_are_escaped_in_sentences(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	struct principal evil = imap;
	evil.component[0] = SLICE_LITERAL("a\nb\0%n");
	fail_to_find(ccache, &evil, ERR_NOT_FOUND, "a\\x0Ab\\x00%n/mail");
}

/* Files */

static char folder[] = "/tmp/test_ccache.XXXXXX";
static char path[64];

static void fail_to_open(const char *name, enum status status, const char *telling)
{
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	assert_int_equal(ccache_open(name, NULL, &ccache, &err), status);
	assert_null(ccache);
	assert_int_equal(err.status, status);
	assert_tells(&err, telling);
}

static void write_cache(void)
{
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	struct error err = {0};
	put_cache(&b, &c);
	if (mint_file(path, buffer_slice(&b), &err))
		fail_msg("%s", err.text);
}

static void a_cache_is_opened_by_path_and_by_type(void **state)
{
	(void)state;
	char name[80];
	struct error err = {0};
	write_cache();
	AUTO_CCACHE bare = NULL;
	assert_int_equal(ccache_open(path, NULL, &bare, &err), STATUS_OK);
	find_well(bare, &imap);
	AUTO_CCACHE file = NULL;
	snprintf(name, sizeof name, "FILE:%s", path);
	assert_int_equal(ccache_open(name, NULL, &file, &err), STATUS_OK);
	assert_string_equal(ccache_name(file), path);
}

static void other_types_are_refused_by_name(void **state)
{
	(void)state;
	static const char *const types[] = {"API", "MSLSA", "file"};
	for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
		char name[32], telling[64];
		snprintf(name, sizeof name, "%s:/x", types[i]);
		snprintf(telling, sizeof telling, "cache %s:/x is of type %s", types[i], types[i]);
		fail_to_open(name, ERR_UNSUPPORTED, telling);
		fail_to_open(name, ERR_UNSUPPORTED, "set KRB5CCNAME");
		fail_to_open(name, ERR_UNSUPPORTED, "FILE:/tmp/krb5cc_");
	}
}

static void a_missing_cache_comes_with_advice(void **state)
{
	(void)state;
	unlink(path);
	fail_to_open(path, ERR_NOT_FOUND, path);
	fail_to_open(path, ERR_NOT_FOUND, ": run kinit, or set KRB5CCNAME");
}

static void a_directory_is_refused(void **state)
{
	(void)state;
	fail_to_open(folder, ERR_FILE, "not a regular file");
	fail_to_open(folder, ERR_FILE, "cannot read the credential cache as user ");
}

static void a_fifo_is_refused_without_waiting(void **state)
{
	(void)state;
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(10);
	fail_to_open(path, ERR_FILE, "not a regular file");
	alarm(0);
	unlink(path);
}

static void a_file_that_is_too_long_is_refused(void **state)
{
	(void)state;
	write_cache();
	assert_int_equal(truncate(path, CCACHE_MAX_LENGTH + 1), 0);
	fail_to_open(path, ERR_TOO_LONG, "is longer than 16 MiB, which nobody has use for");
}

static void a_cache_cut_short_names_the_file(void **state)
{
	(void)state;
	write_cache();
	assert_int_equal(truncate(path, 30), 0);
	fail_to_open(path, ERR_SYNTAX, path);
	fail_to_open(path, ERR_SYNTAX, "cut short");
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/ccache", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	ccache_close(NULL);
	der_close();
	crypto_close();
	unlink(path);
	return rmdir(folder);
}

SUITE(test_ccache)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_several_the_one_that_lasts_longest_is_taken),
		cmocka_unit_test(of_equals_the_last_in_the_file_is_taken),
		cmocka_unit_test(one_that_serves_comes_before_one_that_does_not_but_lasts_longer),
		cmocka_unit_test(an_empty_realm_matches_any),
		cmocka_unit_test(an_entry_with_an_empty_realm_has_that_of_its_ticket),
		cmocka_unit_test(an_empty_realm_and_no_ticket_match_any_realm_only),
		cmocka_unit_test(anothers_ticket_is_not_taken),
		cmocka_unit_test(a_missing_ticket_comes_with_advice),
		cmocka_unit_test(an_expired_ticket_says_when_it_ended),
		cmocka_unit_test(a_ticket_ends_at_its_last_second),
		cmocka_unit_test(a_ticket_that_is_not_yet_valid_says_when_it_starts),
		cmocka_unit_test(an_invalid_ticket_is_not_taken),
		cmocka_unit_test(a_session_key_of_another_type_is_told),
		cmocka_unit_test(with_no_permitted_type_nothing_is_found),
		cmocka_unit_test(hostile_names_are_escaped_in_sentences),
		cmocka_unit_test(a_cache_is_opened_by_path_and_by_type),
		cmocka_unit_test(other_types_are_refused_by_name),
		cmocka_unit_test(a_missing_cache_comes_with_advice),
		cmocka_unit_test(a_directory_is_refused),
		cmocka_unit_test(a_fifo_is_refused_without_waiting),
		cmocka_unit_test(a_file_that_is_too_long_is_refused),
		cmocka_unit_test(a_cache_cut_short_names_the_file),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

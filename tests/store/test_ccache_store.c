/* SPDX-License-Identifier: BSD-3-Clause */
/* Files: what is added to a cache, and what is left of what was there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/ccache_files.h"
#include "tests/support/suite.h"

/* Added */

static void a_stored_credential_stands_behind_what_was_there(void **state)
{
	(void)state;
	for (int version = 3; version <= 4; version++) {
		AUTO_BUFFER b = {0};
		struct credential tgt = credential_for(&krbtgt), c = credential_for(&imap);
		mint_ccache_start(&b, version, &alice, -432);
		mint_ccache_credential(&b, version, &tgt, NULL);
		write_file(path, &b);
		AUTO_CCACHE before = open_well(path);
		store_well(before, &c);
		mint_ccache_credential(&b, version, &c, NULL);
		assert_file(path, &b);
	}
}

static void what_was_opened_stays_as_it_is(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential tgt = credential_for(&krbtgt), c = credential_for(&imap);
	put_cache(&b, &tgt);
	write_file(path, &b);
	AUTO_CCACHE before = open_well(path);
	store_well(before, &c);
	struct error err = {0};
	assert_int_equal(
		ccache_find(before, &imap, &(struct ccache_terms){&two_types, NOW, 0}, &c, &err),
		ERR_NOT_FOUND);
	AUTO_CCACHE after = open_well(path);
	assert_true(slice_equal(find_well(after, &imap).ticket, SLICE_LITERAL("the ticket")));
	assert_int_equal(ccache_kdc_offset(after), 0);
}

static void an_older_ticket_for_the_same_server_stays(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	put_cache(&b, &c);
	write_file(path, &b);
	AUTO_CCACHE before = open_well(path);
	c.ticket = SLICE_LITERAL("newer");
	store_well(before, &c);
	put(&b, &c);
	assert_file(path, &b);
	AUTO_CCACHE after = open_well(path);
	assert_true(slice_equal(find_well(after, &imap).ticket, SLICE_LITERAL("newer")));
}

static void several_are_stored_through_one(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential tgt = credential_for(&krbtgt), c = credential_for(&imap);
	mint_ccache_start(&b, 4, &alice, 0);
	write_file(path, &b);
	AUTO_CCACHE before = open_well(path);
	store_well(before, &tgt);
	store_well(before, &c);
	put(&b, &tgt);
	put(&b, &c);
	assert_file(path, &b);
}

static void times_beyond_the_format_are_its_last(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	mint_ccache_start(&b, 4, &alice, 0);
	write_file(path, &b);
	AUTO_CCACHE before = open_well(path);
	c.endtime = INT64_C(253402300799);
	c.renew_till = -1;
	store_well(before, &c);
	AUTO_CCACHE after = open_well(path);
	assert_int_equal(find_well(after, &imap).endtime, UINT32_MAX);
	assert_int_equal(find_well(after, &imap).renew_till, 0);
}

static void what_a_writer_did_not_finish_is_cut_off(void **state)
{
	(void)state;
	AUTO_BUFFER whole = {0};
	struct credential tgt = credential_for(&krbtgt), c = credential_for(&imap);
	put_cache(&whole, &tgt);
	size_t end = whole.len;
	struct credential long_one = tgt;
	long_one.ticket = slice_of((char[400]){"long"}, 400);
	put(&whole, &long_one);
	for (size_t len = end + 1; len < whole.len; len++) {
		struct buffer torn = {whole.data, len, len};
		write_file(path, &torn);
		AUTO_CCACHE before = open_well(path);
		store_well(before, &c);
		AUTO_BUFFER wanted = {0};
		put_cache(&wanted, &tgt);
		put(&wanted, &c);
		assert_file(path, &wanted);
	}
}

/* With one length wrong, of whatever field, nothing can be read behind it. */
static void what_stands_behind_a_damaged_one_is_not_cut_off(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential tgt = credential_for(&krbtgt), c = credential_for(&imap);
	put_cache(&b, &tgt);
	size_t start = b.len;
	put(&b, &tgt);
	size_t end = b.len;
	const size_t places[] = {start + 8, end - 4};
	for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
		AUTO_BUFFER damaged = {0};
		mint_octets(&damaged, buffer_slice(&b));
		put(&damaged, &c);
		store_u32(damaged.data + places[i], 0xffff);
		write_file(path, &damaged);
		AUTO_CCACHE before = open_well(path);
		fail_to_store(before, ERR_SYNTAX, "and there are tickets behind that");
		assert_file(path, &damaged);
		/* The last one may have been cut short too. */
		damaged.len = end + 60;
		write_file(path, &damaged);
		fail_to_store(before, ERR_SYNTAX, "and there are tickets behind that");
		assert_file(path, &damaged);
	}
}

/* All at once */

#define WRITERS 4
#define EACH 25

static struct principal numbered(char storage[16], int writer, int number)
{
	snprintf(storage, 16, "s%d-%d", writer, number);
	return (struct principal){
		.count = 1, .component = {slice_string(storage)}, .realm = alice.realm};
}

static int write_many(const struct ccache *ccache, int writer)
{
	for (int i = 0; i < EACH; i++) {
		char storage[16];
		struct principal server = numbered(storage, writer, i);
		struct credential c = credential_for(&server);
		struct error err = {0};
		if (ccache_store(ccache, &c, &err))
			return 1;
	}
	return 0;
}

static void of_several_writers_at_once_none_loses_anything(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential tgt = credential_for(&krbtgt);
	put_cache(&b, &tgt);
	write_file(path, &b);
	AUTO_CCACHE before = open_well(path);
	pid_t child[WRITERS];
	for (int i = 0; i < WRITERS; i++) {
		child[i] = fork();
		if (child[i] == 0)
			_exit(write_many(before, i));
	}
	for (int i = 0; i < WRITERS; i++) {
		int ended = -1;
		assert_int_equal(waitpid(child[i], &ended, 0), child[i]);
		assert_int_equal(ended, 0);
	}
	AUTO_CCACHE after = open_well(path);
	find_well(after, &krbtgt);
	for (int i = 0; i < WRITERS * EACH; i++) {
		char storage[16];
		struct principal server = numbered(storage, i / EACH, i % EACH);
		find_well(after, &server);
	}
}

/* Made */

static void make(const char *name, const struct principal *client, const struct credential *c,
	unsigned count)
{
	struct error err = {0};
	struct ccache_start start = {client, -7, c, count};
	assert_success(ccache_create(name, &start, &err), &err);
}

static void a_new_cache_is_a_file_of_version_4(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c[2] = {credential_for(&krbtgt), credential_for(&imap)};
	mode_t mask = umask(0);
	make(path, &alice, c, 2);
	umask(mask);
	mint_ccache_start(&b, 4, &alice, -7);
	put(&b, &c[0]);
	put(&b, &c[1]);
	assert_file(path, &b);
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(empty_folder(), 1);
}

static void a_new_cache_takes_the_place_of_one_that_is_there(void **state)
{
	(void)state;
	char name[80];
	struct credential c = credential_for(&imap);
	make(path, &bob, NULL, 0);
	AUTO_CCACHE before = open_well(path);
	snprintf(name, sizeof name, "FILE:%s", path);
	make(name, &alice, &c, 1);
	assert_true(principal_equal(ccache_client(before), &bob));
	AUTO_CCACHE after = open_well(path);
	assert_true(principal_equal(ccache_client(after), &alice));
	find_well(after, &imap);
}

static void a_new_collection_has_a_folder_for_its_owner_alone(void **state)
{
	(void)state;
	char name[80], file[100];
	struct error err = {0};
	const struct ccache_start start = {.client = &alice};
	snprintf(name, sizeof name, "DIR:%s/new", folder);
	mode_t mask = umask(0);
	make(name, &alice, NULL, 0);
	make(name, &bob, NULL, 0);
	umask(mask);
	AUTO_CCACHE ccache = open_well(name);
	assert_true(principal_equal(ccache_client(ccache), &bob));
	assert_int_equal(mode_of(name + 4), 0700);
	snprintf(file, sizeof file, "%s/tkt", name + 4);
	assert_int_equal(mode_of(file), 0600);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(name + 4), 0);
	assert_int_equal(ccache_create("DIR:/nonexistent/new", &start, &err), ERR_FILE);
	assert_tells(
		&err, "cannot make the credential cache folder /nonexistent/new: No such file");
}

static void a_link_is_replaced_and_not_followed(void **state)
{
	(void)state;
	char target[80];
	struct stat st;
	AUTO_BUFFER b = {0};
	mint_octets(&b, SLICE_LITERAL("something else"));
	snprintf(target, sizeof target, "%s/target", folder);
	write_file(target, &b);
	assert_int_equal(symlink(target, path), 0);
	make(path, &alice, NULL, 0);
	assert_file(target, &b);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void a_name_without_a_folder_is_one_of_the_current(void **state)
{
	(void)state;
	char *back = getcwd(NULL, 0);
	assert_non_null(back);
	assert_int_equal(chdir(folder), 0);
	make("FILE:ccache", &alice, NULL, 0);
	assert_int_equal(chdir(back), 0);
	free(back);
	AUTO_CCACHE after = open_well(path);
	assert_true(principal_equal(ccache_client(after), &alice));
}

SUITE(test_ccache_store)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			a_stored_credential_stands_behind_what_was_there, start_with_nothing),
		cmocka_unit_test_setup(what_was_opened_stays_as_it_is, start_with_nothing),
		cmocka_unit_test_setup(
			an_older_ticket_for_the_same_server_stays, start_with_nothing),
		cmocka_unit_test_setup(several_are_stored_through_one, start_with_nothing),
		cmocka_unit_test_setup(times_beyond_the_format_are_its_last, start_with_nothing),
		cmocka_unit_test_setup(what_a_writer_did_not_finish_is_cut_off, start_with_nothing),
		cmocka_unit_test_setup(
			what_stands_behind_a_damaged_one_is_not_cut_off, start_with_nothing),
		cmocka_unit_test_setup(
			of_several_writers_at_once_none_loses_anything, start_with_nothing),
		cmocka_unit_test_setup(a_new_cache_is_a_file_of_version_4, start_with_nothing),
		cmocka_unit_test_setup(
			a_new_cache_takes_the_place_of_one_that_is_there, start_with_nothing),
		cmocka_unit_test_setup(
			a_new_collection_has_a_folder_for_its_owner_alone, start_with_nothing),
		cmocka_unit_test_setup(a_link_is_replaced_and_not_followed, start_with_nothing),
		cmocka_unit_test_setup(
			a_name_without_a_folder_is_one_of_the_current, start_with_nothing),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

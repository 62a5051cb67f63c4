/* SPDX-License-Identifier: BSD-3-Clause */
/* Caches inside the process. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/ccache_files.h"
#include "tests/support/suite.h"

static void make(const char *name, const struct principal *client, const struct credential *c,
	unsigned count)
{
	struct error err = {0};
	struct ccache_start start = {client, 25, c, count};
	assert_success(ccache_create(name, &start, &err), &err);
}

static void fail_to_open(const char *name, enum status status, const char *telling)
{
	struct ccache *ccache;
	struct error err = {0};
	assert_int_equal(ccache_open(name, NULL, &ccache, &err), status);
	assert_null(ccache);
	assert_tells(&err, telling);
}

static void a_cache_is_made_and_opened_by_its_name(void **state)
{
	(void)state;
	struct credential c = credential_for(&imap);
	make("MEMORY:a", &alice, &c, 1);
	make("MEMORY:", &bob, NULL, 0);
	AUTO_CCACHE a = open_well("MEMORY:a");
	assert_string_equal(ccache_name(a), "MEMORY:a");
	assert_true(principal_equal(ccache_client(a), &alice));
	assert_int_equal(ccache_kdc_offset(a), 25);
	assert_true(slice_equal(find_well(a, &imap).key, KEY_32));
	AUTO_CCACHE empty = open_well("MEMORY:");
	assert_true(principal_equal(ccache_client(empty), &bob));
	fail_to_open("MEMORY:b", ERR_NOT_FOUND,
		"the credential cache MEMORY:b is not one of this module: a cache of type MEMORY "
		"that libkrb5 filled in the same process cannot be read; name a client keytab "
		"(KRB5_CLIENT_KTNAME, or the option kerberos5_client_keytab)");
}

static void the_time_offset_is_kept(void **state)
{
	(void)state;
	struct error err = {0};
	struct credential c = credential_for(&imap);
	make("MEMORY:a", &alice, &c, 1);
	AUTO_CCACHE before = open_well("MEMORY:a");
	assert_success(ccache_set_kdc_offset(before, -100000, &err), &err);
	AUTO_CCACHE after = open_well("MEMORY:a");
	assert_int_equal(ccache_kdc_offset(before), 25);
	assert_int_equal(ccache_kdc_offset(after), -100000);
	find_well(after, &imap);
	make("MEMORY:a", &bob, &c, 1);
	assert_int_equal(ccache_set_kdc_offset(before, 1, &err), KRB_AP_ERR_BADMATCH);
}

static void what_is_stored_is_there_for_the_next(void **state)
{
	(void)state;
	struct credential tgt = credential_for(&krbtgt), c = credential_for(&imap);
	make("MEMORY:a", &alice, &tgt, 1);
	AUTO_CCACHE before = open_well("MEMORY:a");
	store_well(before, &c);
	c.ticket = SLICE_LITERAL("newer");
	store_well(before, &c);
	AUTO_CCACHE after = open_well("MEMORY:a");
	assert_true(slice_equal(find_well(after, &imap).ticket, SLICE_LITERAL("newer")));
	find_well(after, &krbtgt);
	fail_to_find_in(before, &imap);
}

static void a_new_cache_takes_the_place_of_one_that_is_there(void **state)
{
	(void)state;
	struct credential c = credential_for(&imap);
	make("MEMORY:a", &alice, &c, 1);
	AUTO_CCACHE before = open_well("MEMORY:a");
	make("MEMORY:a", &alice, NULL, 0);
	AUTO_CCACHE after = open_well("MEMORY:a");
	fail_to_find_in(after, &imap);
	find_well(before, &imap);
	store_well(before, &c);
	make("MEMORY:a", &bob, NULL, 0);
	fail_to_store(before, KRB_AP_ERR_BADMATCH,
		"MEMORY:a has become that of bob@EXAMPLE.TEST: a ticket of alice@EXAMPLE.TEST");
}

static void what_is_forgotten_is_gone(void **state)
{
	(void)state;
	make("MEMORY:a", &alice, NULL, 0);
	make("MEMORY:b", &alice, NULL, 0);
	AUTO_CCACHE before = open_well("MEMORY:a");
	ccache_forget();
	fail_to_open("MEMORY:a", ERR_NOT_FOUND, "MEMORY:a");
	fail_to_open("MEMORY:b", ERR_NOT_FOUND, "MEMORY:b");
	fail_to_store(
		before, ERR_NOT_FOUND, "the credential cache MEMORY:a is not one of this module");
	assert_true(principal_equal(ccache_client(before), &alice));
}

static void a_cache_does_not_outgrow_what_is_read(void **state)
{
	(void)state;
	AUTO_BUFFER ticket = {0};
	assert_int_equal(buffer_reserve(&ticket, CCACHE_MAX_LENGTH), STATUS_OK);
	memset(ticket.data, 'x', CCACHE_MAX_LENGTH);
	struct credential c = credential_for(&krbtgt);
	c.ticket = slice_of(ticket.data, CCACHE_MAX_LENGTH - 300);
	make("MEMORY:a", &alice, &c, 1);
	AUTO_CCACHE before = open_well("MEMORY:a");
	fail_to_store(before, ERR_FILE, "would be longer than 16777216 octets");
	AUTO_CCACHE after = open_well("MEMORY:a");
	find_well(after, &krbtgt);
}

static int store_and_find(void)
{
	struct credential c = credential_for(&imap);
	struct error err = {0};
	AUTO_CCACHE before = NULL;
	AUTO_CCACHE after = NULL;
	return ccache_open("MEMORY:a", NULL, &before, &err) || ccache_store(before, &c, &err) ||
	       ccache_open("MEMORY:a", NULL, &after, &err) ||
	       ccache_find(after, &imap, &(struct ccache_terms){&two_types, NOW, 0}, &c, &err);
}

static void parent_and_child_have_one_each(void **state)
{
	(void)state;
	make("MEMORY:a", &alice, NULL, 0);
	pid_t child = fork();
	if (child == 0) {
		int failed = store_and_find();
		ccache_forget();
		_exit(failed);
	}
	int ended = -1;
	assert_int_equal(waitpid(child, &ended, 0), child);
	assert_int_equal(ended, 0);
	AUTO_CCACHE ours = open_well("MEMORY:a");
	fail_to_find_in(ours, &imap);
}

/* Threads */

#define THREADS 4
#define EACH 100

static void name_server(char out[16], int thread, int number)
{
	snprintf(out, 16, "s%d-%d", thread, number);
}

static struct principal server_of(const char *name)
{
	return (struct principal){
		.count = 1, .component = {slice_string(name)}, .realm = alice.realm};
}

static void *store_many(void *argument)
{
	for (int i = 0; i < EACH; i++) {
		char name[16];
		name_server(name, *(int *)argument, i);
		struct principal server = server_of(name);
		struct credential c = credential_for(&server);
		struct error err = {0};
		AUTO_CCACHE ccache = NULL;
		if (ccache_open("MEMORY:a", NULL, &ccache, &err) || ccache_store(ccache, &c, &err))
			return argument;
	}
	return NULL;
}

static void of_several_threads_at_once_none_loses_anything(void **state)
{
	(void)state;
	pthread_t thread[THREADS];
	int number[THREADS];
	make("MEMORY:a", &alice, NULL, 0);
	for (int i = 0; i < THREADS; i++) {
		number[i] = i;
		assert_int_equal(pthread_create(&thread[i], NULL, store_many, &number[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		void *failed = NULL;
		assert_int_equal(pthread_join(thread[i], &failed), 0);
		assert_null(failed);
	}
	AUTO_CCACHE after = open_well("MEMORY:a");
	for (int i = 0; i < THREADS * EACH; i++) {
		char name[16];
		name_server(name, i / EACH, i % EACH);
		struct principal server = server_of(name);
		find_well(after, &server);
	}
}

static int forget(void **state)
{
	(void)state;
	ccache_forget();
	return 0;
}

SUITE(test_ccache_memory)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_cache_is_made_and_opened_by_its_name, forget),
		cmocka_unit_test_teardown(the_time_offset_is_kept, forget),
		cmocka_unit_test_teardown(what_is_stored_is_there_for_the_next, forget),
		cmocka_unit_test_teardown(a_new_cache_takes_the_place_of_one_that_is_there, forget),
		cmocka_unit_test_teardown(what_is_forgotten_is_gone, forget),
		cmocka_unit_test_teardown(a_cache_does_not_outgrow_what_is_read, forget),
		cmocka_unit_test_teardown(parent_and_child_have_one_each, forget),
		cmocka_unit_test_teardown(of_several_threads_at_once_none_loses_anything, forget),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Caches that a daemon keeps. This program has a poll() and a clock of its
 * own, which take the place of the C library's, so that nothing waits for a
 * daemon that is silent or slow.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/kcm_stand_in.h"

static int longest;    /* milliseconds that somebody was to wait */
static bool inherited; /* a socket was made that a new program would have open */
static time_t a_wait;  /* seconds that pass with each wait */
static time_t passed;

/* Machines of 32 bits have the calls for a time_t of 64 by other names. */
#ifdef SYS_clock_gettime64
#define CLOCK_GETTIME SYS_clock_gettime64
#define PPOLL SYS_ppoll_time64
#else
#define CLOCK_GETTIME SYS_clock_gettime
#define PPOLL SYS_ppoll
#endif

int clock_gettime(clockid_t clock, struct timespec *t)
{
	long result = syscall(CLOCK_GETTIME, clock, t);
	t->tv_sec += passed;
	return (int)result;
}

int socket(int domain, int type, int protocol)
{
	inherited |= (type & SOCK_CLOEXEC) == 0;
	return (int)syscall(SYS_socket, domain, type, protocol);
}

/* As long as it takes, unless the daemon hangs. */
int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	static const struct timespec moment = {0, 20000000};
	long ready = 0;
	if (timeout > longest || timeout < 0)
		longest = timeout < 0 ? INT32_MAX : timeout;
	if (kcm_daemon.lazily)
		sem_post(&kcm_daemon.wanted);
	while (ready == 0 && !kcm_daemon.hangs)
		ready = syscall(PPOLL, fds, count, &moment, NULL, 0);
	passed += a_wait;
	return (int)ready;
}

static void a_cache_is_read_by_name(void **state)
{
	(void)state;
	AUTO_CCACHE ccache = open_well("KCM:1000");
	assert_string_equal(ccache_name(ccache), "KCM:1000");
	assert_true(principal_equal(ccache_client(ccache), &alice));
	assert_int_equal(ccache_kdc_offset(ccache), -9);
	struct credential c = find_well(ccache, &imap);
	assert_true(slice_equal(c.key, KEY_32));
	assert_true(slice_equal(c.ticket, SLICE_LITERAL("the ticket")));
	find_well(ccache, &krbtgt);
	AUTO_CCACHE bobs = open_well("KCM:1000:2");
	assert_string_equal(ccache_name(bobs), "KCM:1000:2");
	assert_true(principal_equal(ccache_client(bobs), &bob));
	fail_to_find_in(bobs, &imap);
}

static void without_a_name_it_is_the_primary(void **state)
{
	(void)state;
	AUTO_CCACHE first = open_well("KCM:");
	assert_string_equal(ccache_name(first), "KCM:1000");
	kcm_daemon.primary = "1000:2";
	AUTO_CCACHE second = open_well("KCM:");
	assert_string_equal(ccache_name(second), "KCM:1000:2");
}

static void a_daemon_that_gives_no_list_is_asked_for_each(void **state)
{
	(void)state;
	static const int32_t codes[] = {KCM_INTERNAL, KCM_IO, KCM_UNSUPPORTED};
	for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++) {
		kcm_daemon.list_code = codes[i];
		AUTO_CCACHE ccache = open_well("KCM:1000");
		find_well(ccache, &krbtgt);
		find_well(ccache, &imap);
	}
}

static void a_reply_may_come_in_pieces(void **state)
{
	(void)state;
	kcm_daemon.slowly = true;
	AUTO_CCACHE ccache = open_well("KCM:");
	find_well(ccache, &imap);
	assert_false(inherited);
}

static void what_is_stored_is_there_for_the_next(void **state)
{
	(void)state;
	AUTO_CCACHE before = open_well("KCM:");
	struct credential c = credential_for(&imap);
	c.ticket = SLICE_LITERAL("newer");
	store_well(before, &c);
	AUTO_BUFFER wanted = {0};
	put(&wanted, &c);
	const struct buffer *is = &kcm_daemon.cache[0].credential[2];
	assert_int_equal(is->len, wanted.len);
	assert_memory_equal(is->data, wanted.data, wanted.len);
	AUTO_CCACHE after = open_well("KCM:");
	assert_true(slice_equal(find_well(after, &imap).ticket, SLICE_LITERAL("newer")));
}

static void the_time_offset_is_kept(void **state)
{
	(void)state;
	struct error err = {0};
	AUTO_CCACHE before = open_well("KCM:1000");
	assert_success(ccache_set_kdc_offset(before, -3600, &err), &err);
	assert_int_equal(ccache_kdc_offset(before), -9);
	AUTO_CCACHE after = open_well("KCM:1000");
	assert_int_equal(ccache_kdc_offset(after), -3600);
	kcm_daemon.offset_code = KCM_UNSUPPORTED;
	assert_int_equal(ccache_set_kdc_offset(before, 1, &err), ERR_UNSUPPORTED);
	assert_tells(&err, "does not keep the KDC's clock for KCM:1000");
	kcm_daemon.offset_code = KCM_NO_FILE;
	assert_int_equal(ccache_set_kdc_offset(before, 1, &err), ERR_NOT_FOUND);
}

static void what_became_anothers_is_left_alone(void **state)
{
	(void)state;
	AUTO_CCACHE ccache = open_well("KCM:");
	kcm_daemon.cache[0].client = &bob;
	fail_to_store(ccache, KRB_AP_ERR_BADMATCH, "KCM:1000 has become that of bob@EXAMPLE.TEST");
	assert_int_equal(kcm_daemon.cache[0].count, 2);
	kcm_daemon.cache[0].name = "other";
	fail_to_store(ccache, ERR_NOT_FOUND, "there is no credential cache KCM:1000: run kinit");
}

static void a_daemon_that_does_not_store_is_told(void **state)
{
	(void)state;
	AUTO_CCACHE ccache = open_well("KCM:");
	struct credential c = credential_for(&imap);
	store_well(ccache, &c);
	store_well(ccache, &c);
	fail_to_store(
		ccache, ERR_FILE, "refuses the credential cache KCM:1000 with code -1765328191");
}

static void check_made(const char *name)
{
	struct error err = {0};
	const struct credential c = credential_for(&imap);
	const struct ccache_start start = {&alice, -3600, &c, 1};
	AUTO_BUFFER client = {0};
	assert_success(ccache_create(name, &start, &err), &err);
	assert_success(marshal_principal(&alice, &client, &err), &err);
	assert_true(slice_equal(buffer_slice(&kcm_daemon.made_for), buffer_slice(&client)));
	assert_int_equal(kcm_daemon.cache[0].count, 1);
	AUTO_CCACHE ccache = open_well("KCM:1000");
	assert_int_equal(ccache_kdc_offset(ccache), -3600);
	find_well(ccache, &imap);
	fail_to_find_in(ccache, &krbtgt);
}

static void a_new_cache_takes_the_place_of_the_named_one(void **state)
{
	(void)state;
	check_made("KCM:1000");
}

static void without_a_name_the_new_cache_is_the_primary(void **state)
{
	(void)state;
	check_made("KCM:");
}

static void a_daemon_without_a_clock_makes_a_cache_all_the_same(void **state)
{
	(void)state;
	struct error err = {0};
	const struct ccache_start start = {.client = &alice, .kdc_offset = 1};
	kcm_daemon.offset_code = KCM_UNSUPPORTED;
	assert_success(ccache_create("KCM:", &start, &err), &err);
	assert_int_equal(kcm_daemon.cache[0].count, 0);
}

static void a_daemon_that_makes_no_cache_is_told(void **state)
{
	(void)state;
	struct error err = {0};
	const struct ccache_start start = {.client = &alice};
	assert_int_equal(ccache_create("KCM:9", &start, &err), ERR_NOT_FOUND);
	assert_tells(&err, "there is no credential cache KCM:9");
}

/* Collections */

static void a_collection_is_listed_with_the_primary_first(void **state)
{
	(void)state;
	AUTO_BUFFER names = {0};
	struct error err = {0};
	kcm_daemon.primary = "1000:2";
	assert_success(ccache_list("KCM:", NULL, &names, &err), &err);
	const char *name = ccache_next_name(&names, NULL);
	assert_string_equal(name, "KCM:1000:2");
	name = ccache_next_name(&names, name);
	assert_string_equal(name, "KCM:1000");
	name = ccache_next_name(&names, name);
	assert_string_equal(name, "KCM:1000:3");
	assert_null(ccache_next_name(&names, name));
	assert_success(ccache_list("KCM:1000:2", NULL, &names, &err), &err);
	assert_int_equal(names.len, sizeof "KCM:1000:2");
}

static void a_primary_that_is_only_announced_is_not_listed(void **state)
{
	(void)state;
	AUTO_BUFFER names = {0};
	struct error err = {0};
	kcm_daemon.primary = "1000:3";
	assert_success(ccache_list("KCM:", NULL, &names, &err), &err);
	assert_string_equal(ccache_next_name(&names, NULL), "KCM:1000");
	kcm_daemon.cache[0].name = NULL;
	assert_int_equal(ccache_list("KCM:", NULL, &names, &err), ERR_NOT_FOUND);
	assert_tells(&err, "there is no credential cache in the collection KCM:");
}

static void one_is_chosen_by_its_client(void **state)
{
	(void)state;
	struct error err = {0};
	AUTO_CCACHE ccache = NULL;
	const struct ccache_criteria criteria = {.client = &bob};
	assert_success(ccache_choose("KCM:", &criteria, &ccache, &err), &err);
	assert_string_equal(ccache_name(ccache), "KCM:1000:2");
}

/* Faults */

static void fail_to_open(const char *name, enum status status, const char *telling)
{
	struct ccache *ccache;
	struct error err = {0};
	assert_int_equal(ccache_open(name, NULL, &ccache, &err), status);
	assert_null(ccache);
	assert_int_equal(err.status, status);
	assert_tells(&err, telling);
}

static void a_missing_cache_comes_with_advice(void **state)
{
	(void)state;
	fail_to_open("KCM:nobody", ERR_NOT_FOUND, "no credential cache KCM:nobody: run kinit");
	fail_to_open("KCM:1000:3", ERR_NOT_FOUND, "no credential cache KCM:1000:3: run kinit");
}

static void a_silent_daemon_is_not_waited_for_without_end(void **state)
{
	(void)state;
	static const enum kcm_operation operations[] = {
		KCM_GET_DEFAULT_CACHE, KCM_GET_PRINCIPAL, KCM_GET_KDC_OFFSET, KCM_GET_CRED_LIST};
	kcm_daemon.silent = true;
	for (unsigned i = 0; i < sizeof operations / sizeof *operations; i++) {
		kcm_daemon.odd = operations[i];
		longest = 0;
		fail_to_open("KCM:", ERR_FILE,
			"cannot be asked for credential caches: Connection timed out");
		assert_uint_in_range(longest, 1000, 5000);
		kcm_settle();
	}
}

static void a_slow_daemon_is_not_waited_for_without_end(void **state)
{
	(void)state;
	kcm_daemon.slowly = true;
	kcm_daemon.lazily = true;
	a_wait = 2;
	fail_to_open("KCM:", ERR_FILE, "Connection timed out");
	a_wait = 0;
	kcm_daemon.lazily = false;
	sem_post(&kcm_daemon.wanted);
}

static void a_missing_daemon_comes_with_advice(void **state)
{
	(void)state;
	static const struct {
		const char *socket;
		enum status status;
		const char *telling;
	} cases[] = {
		{"/nonexistent/kcm", ERR_NOT_FOUND,
			"daemon at /nonexistent/kcm (kcm_socket in krb5.conf) cannot be asked for "
			"credential caches: No such file or directory: start it, or set "
			"KRB5CCNAME"},
		{"-", ERR_NOT_FOUND, "kcm_socket = - in krb5.conf"},
		{"/0123456789012345678901234567890123456789012345678901234567890123456789"
		 "0123456789012345678901234567890123456789",
			ERR_FILE, "File name too long"},
	};
	char back[100], conf[100];
	snprintf(back, sizeof back, "%s", getenv("KRB5_CONFIG"));
	snprintf(conf, sizeof conf, "%s/other.conf", folder);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER file = {0};
		mint_octets(&file, SLICE_LITERAL("[libdefaults]\nkcm_socket = "));
		mint_octets(&file, slice_string(cases[i].socket));
		mint_octets(&file, SLICE_LITERAL("\n"));
		write_file(conf, &file);
		setenv("KRB5_CONFIG", conf, 1);
		krb5_conf_forget();
		fail_to_open("KCM:", cases[i].status, cases[i].telling);
	}
	setenv("KRB5_CONFIG", back, 1);
}

/* The kernel keeps who it was that began to listen. */
static void a_daemon_of_another_user_is_not_believed(void **state)
{
	(void)state;
	const struct file_owners others = {1, {12345}};
	AUTO_BUFFER names = {0};
	struct error err = {0};
	if (geteuid() != 0) {
		print_message("only root can be another user's daemon\n");
		skip();
	}
	AUTO_CCACHE before = open_well("KCM:");
	assert_int_equal(seteuid(12345), 0);
	assert_int_equal(listen(kcm_daemon.listening, 5), 0);
	assert_int_equal(seteuid(0), 0);
	fail_to_open("KCM:", ERR_UNTRUSTED,
		"runs as user 12345, expected is root or user 0, whom this program runs as: name "
		"that user in the option kerberos5_ccache_owners");
	assert_int_equal(ccache_list("KCM:", NULL, &names, &err), ERR_UNTRUSTED);
	fail_to_store(before, ERR_UNTRUSTED, "runs as user 12345");
	AUTO_CCACHE ccache = open_of("KCM:", &others);
	find_well(ccache, &imap);
	assert_int_equal(listen(kcm_daemon.listening, 5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(function) cmocka_unit_test_setup_teardown(function, kcm_reset, kcm_clear)
		CASE(a_cache_is_read_by_name),
		CASE(without_a_name_it_is_the_primary),
		CASE(a_daemon_that_gives_no_list_is_asked_for_each),
		CASE(a_reply_may_come_in_pieces),
		CASE(what_is_stored_is_there_for_the_next),
		CASE(the_time_offset_is_kept),
		CASE(what_became_anothers_is_left_alone),
		CASE(a_daemon_that_does_not_store_is_told),
		CASE(a_new_cache_takes_the_place_of_the_named_one),
		CASE(without_a_name_the_new_cache_is_the_primary),
		CASE(a_daemon_without_a_clock_makes_a_cache_all_the_same),
		CASE(a_daemon_that_makes_no_cache_is_told),
		CASE(a_collection_is_listed_with_the_primary_first),
		CASE(a_primary_that_is_only_announced_is_not_listed),
		CASE(one_is_chosen_by_its_client),
		CASE(a_missing_cache_comes_with_advice),
		CASE(a_silent_daemon_is_not_waited_for_without_end),
		CASE(a_slow_daemon_is_not_waited_for_without_end),
		CASE(a_daemon_of_another_user_is_not_believed),
		CASE(a_missing_daemon_comes_with_advice),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, kcm_start, kcm_stop);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The module in a process that lives: keytabs that come, go and change,
 * threads, forks, and libsasl2 ended and started again.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/login_fixture.h"
#include "tests/support/suite.h"

static const struct pair_setup plain;

static bool logs_in(const struct pair_setup *how)
{
	struct pair pair;
	pair_open(&pair, how);
	bool good = pair_run(&pair);
	pair_close(&pair);
	return good;
}

/* Is the mechanism in the list of a new connection? `log` gets what it logged. */
static bool is_listed(const struct pair_setup *how, char *log, size_t size)
{
	struct pair pair;
	const char *list = NULL;
	pair_open(&pair, how);
	int result = sasl_listmech(pair.server.conn, NULL, " ", " ", " ", &list, NULL, NULL);
	bool listed = result == SASL_OK && strstr(list, " KERBEROS_V5 ");
	snprintf(log, size, "%s", peer_log(&pair.server));
	pair_close(&pair);
	return listed;
}

static void without_a_keytab_it_is_not_listed_and_said_once(void **state UNUSED)
{
	char log[2000];
	remove(realm_path("keytab"));
	assert_false(is_listed(&plain, log, sizeof log));
	assert_true(strncmp(log, "1 KERBEROS_V5: not offered: ", 28) == 0);
	assert_non_null(strstr(log, realm_path("keytab")));
	assert_ptr_equal(strchr(log, '\n'), strrchr(log, '\n'));
	for (int i = 0; i < 3; i++) {
		assert_false(is_listed(&plain, log, sizeof log));
		assert_string_equal(log, "");
	}
	realm_issue(&(struct realm_ticket){0});
	assert_true(is_listed(&plain, log, sizeof log));
	assert_non_null(strstr(log, "1 KERBEROS_V5: offered again, after "));
	assert_true(is_listed(&plain, log, sizeof log));
	assert_string_equal(log, "");
	remove(realm_path("keytab"));
	assert_false(is_listed(&plain, log, sizeof log));
	assert_string_not_equal(log, "");
}

static void another_process_says_it_again(void **state UNUSED)
{
	char log[2000];
	remove(realm_path("keytab"));
	(void)is_listed(&plain, log, sizeof log);
	pid_t child = fork();
	if (child == 0)
		_exit(!is_listed(&plain, log, sizeof log) && log[0] ? 0 : 1);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void a_key_for_another_service_is_no_key(void **state UNUSED)
{
	char log[2000];
	realm_issue(&(struct realm_ticket){.server = "imap/mail.example.test@EXAMPLE.TEST"});
	assert_false(is_listed(&plain, log, sizeof log));
	assert_non_null(strstr(log, "test"));
	assert_non_null(strstr(log, realm_path("keytab")));
}

static void write_keytab_of(struct slice contents)
{
	struct error err;
	assert_int_equal(mint_file(realm_path("keytab"), contents, &err), STATUS_OK);
}

static void an_unreadable_keytab_says_why(void **state UNUSED)
{
	char log[2000];
	write_keytab_of(SLICE_LITERAL("\x05\x02\x00\x00\x00\x40short"));
	assert_false(is_listed(&plain, log, sizeof log));
	assert_non_null(strstr(log, realm_path("keytab")));
	write_keytab_of(SLICE_LITERAL("not a keytab"));
	assert_false(is_listed(&plain, log, sizeof log));
	assert_non_null(strstr(log, realm_path("keytab")));

	remove(realm_path("keytab"));
	assert_int_equal(mkdir(realm_path("keytab"), 0700), 0);
	assert_false(is_listed(&plain, log, sizeof log));
	assert_non_null(strstr(log, "not a regular file"));
	rmdir(realm_path("keytab"));

	const struct pair_setup other = {.server.option = {{"keytab", "KEYRING:x"}}};
	assert_false(is_listed(&other, log, sizeof log));
	assert_non_null(strstr(log, "KEYRING"));
}

static void it_stays_listed_where_the_option_says_so(void **state UNUSED)
{
	char log[2000];
	remove(realm_path("keytab"));
	const struct pair_setup how = {.server.option = {{"kerberos5_hide", "no"}}};
	assert_true(is_listed(&how, log, sizeof log));
	assert_non_null(strstr(log, "not offered: "));
	struct pair pair;
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_NOMECH);
	pair_close(&pair);
	realm_issue(&(struct realm_ticket){0});
	assert_true(logs_in(&how));
}

static void a_keytab_that_all_can_read_is_warned_of_once(void **state UNUSED)
{
	char log[2000];
	const struct pair_setup how = {0}; /* libsasl2's default level is 1 */
	assert_int_equal(chmod(realm_path("keytab"), 0644), 0);
	assert_true(is_listed(&how, log, sizeof log));
	assert_non_null(strstr(log, "1 KERBEROS_V5: keytab "));
	assert_non_null(strstr(log, "can be read by everybody"));
	assert_true(is_listed(&how, log, sizeof log));
	assert_string_equal(log, "");
	assert_int_equal(chmod(realm_path("keytab"), 0640), 0);
	assert_true(is_listed(&how, log, sizeof log));
	assert_string_equal(log, "");
	assert_int_equal(chmod(realm_path("keytab"), 0644), 0); /* another state of the file */
	assert_true(is_listed(&how, log, sizeof log));
	assert_non_null(strstr(log, "can be read by everybody"));
}

/* Only root can give it away. */
static void a_keytab_of_another_user_is_warned_of_once(void **state UNUSED)
{
	char log[2000];
	const struct pair_setup how = {.server.option = {{"log_level", "3"}}};
	assert_int_equal(chown(realm_path("keytab"), 12345, (gid_t)-1), 0);
	assert_true(is_listed(&how, log, sizeof log));
	assert_non_null(strstr(log, "3 KERBEROS_V5: keytab "));
	assert_non_null(strstr(log, "belongs to user 12345, who is neither root nor"));
	assert_true(is_listed(&how, log, sizeof log));
	assert_string_equal(log, "");
}

static void the_option_names_the_keytab(void **state UNUSED)
{
	char name[200];
	snprintf(name, sizeof name, "FILE:%s", realm_path("keytab"));
	setenv("KRB5_KTNAME", "/nonexistent", 1);
	const struct pair_setup how = {.server.option = {{"keytab", name}}};
	assert_true(logs_in(&how));
	char log[2000];
	assert_false(is_listed(&plain, log, sizeof log));
	setenv("KRB5_KTNAME", realm_path("keytab"), 1);
}

static void a_keytab_replaced_is_noticed(void **state UNUSED)
{
	assert_true(logs_in(&plain));
	for (uint32_t kvno = 2; kvno < 5; kvno++) {
		realm_issue(&(struct realm_ticket){.kvno = kvno});
		assert_true(logs_in(&plain));
	}
}

/* The connection began before the key was rotated; the ticket came after. */
static void a_keytab_replaced_during_a_login_is_noticed(void **state UNUSED)
{
	struct pair pair;
	pair_open(&pair, &plain);
	assert_true(pair_start(&pair));
	realm_issue(&(struct realm_ticket){.kvno = 2});
	assert_true(pair_step(&pair) && pair_step(&pair) && pair_step(&pair));
	assert_true(pair_done(&pair));
	pair_close(&pair);
}

static void *log_in_often(void *good)
{
	*(bool *)good = true;
	for (int i = 0; i < 60 && *(bool *)good; i++)
		*(bool *)good = logs_in(&plain);
	return NULL;
}

static void eight_threads_log_in(void **state UNUSED)
{
	enum { THREADS = 8 };
	pthread_t thread[THREADS];
	bool good[THREADS];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, log_in_often, &good[i]), 0);
	/* Meanwhile the keytab is rewritten, with the same keys. */
	for (int i = 0; i < 20; i++) {
		assert_int_equal(utimensat(AT_FDCWD, realm_path("keytab"), NULL, 0), 0);
		usleep(1000);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		assert_true(good[i]);
	}
}

static void a_login_goes_on_in_a_forked_child(void **state UNUSED)
{
	struct pair pair;
	pair_open(&pair, &plain);
	assert_true(pair_start(&pair));
	unsigned char parents[21];
	memcpy(parents, pair.token.data, 21);
	pid_t child = fork();
	if (child == 0) {
		alarm(20);
		bool good = pair_step(&pair) && pair_step(&pair) && pair_step(&pair) &&
			    pair_done(&pair) && logs_in(&plain);
		_exit(good ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(pair_step(&pair) && pair_step(&pair) && pair_step(&pair));
	assert_true(pair_done(&pair));
	pair_close(&pair);
}

static void a_child_draws_other_challenges_than_its_parent(void **state UNUSED)
{
	int channel[2];
	assert_int_equal(pipe(channel), 0);
	assert_true(logs_in(&plain));
	pid_t child = fork();
	struct pair pair;
	pair_open(&pair, &plain);
	bool started = pair_start(&pair);
	if (child == 0) {
		bool sent = started && write(channel[1], pair.token.data, 21) == 21;
		_exit(sent ? 0 : 1);
	}
	unsigned char childs[21];
	assert_int_equal(read(channel[0], childs, 21), 21);
	assert_memory_not_equal(childs, pair.token.data, 21);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	pair_close(&pair);
	close(channel[0]);
	close(channel[1]);
}

static bool module_is_loaded(void)
{
	char path[500];
	snprintf(path, sizeof path, "%s/libkerberos5.so", getenv("KERBEROS5_MODULE_DIR"));
	void *module = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
	if (module)
		dlclose(module);
	return module != NULL;
}

static void libsasl2_can_be_ended_and_started_again(void **state UNUSED)
{
	for (int i = 0; i < 3; i++) {
		assert_true(logs_in(&plain));
		assert_true(module_is_loaded());
		pair_library_stop();
		assert_false(module_is_loaded());
		pair_library_start();
	}
	assert_true(logs_in(&plain));
}

static void no_file_is_read_when_the_module_is_loaded(void **state UNUSED)
{
	pair_library_stop();
	realm_configure("[libdefaults\n");
	write_keytab_of(SLICE_LITERAL("not a keytab"));
	pair_library_start();
	usual_realm(NULL);
	realm_configure("[libdefaults]\n\tdefault_realm = " REALM_NAME "\n");
	assert_true(logs_in(&plain));
}

SUITE(test_process)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(without_a_keytab_it_is_not_listed_and_said_once),
		LOGIN_CASE(another_process_says_it_again),
		LOGIN_CASE(a_key_for_another_service_is_no_key),
		LOGIN_CASE(an_unreadable_keytab_says_why),
		LOGIN_CASE(it_stays_listed_where_the_option_says_so),
		LOGIN_CASE(a_keytab_that_all_can_read_is_warned_of_once),
		{geteuid() == 0 ? "a_keytab_of_another_user_is_warned_of_once" : NULL,
			a_keytab_of_another_user_is_warned_of_once, usual_realm, NULL, NULL},
		LOGIN_CASE(the_option_names_the_keytab),
		LOGIN_CASE(a_keytab_replaced_is_noticed),
		LOGIN_CASE(a_keytab_replaced_during_a_login_is_noticed),
		LOGIN_CASE(eight_threads_log_in),
		LOGIN_CASE(a_login_goes_on_in_a_forked_child),
		LOGIN_CASE(a_child_draws_other_challenges_than_its_parent),
		LOGIN_CASE(libsasl2_can_be_ended_and_started_again),
		LOGIN_CASE(no_file_is_read_when_the_module_is_loaded),
	};
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

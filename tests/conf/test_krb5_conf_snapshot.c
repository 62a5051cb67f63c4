/* SPDX-License-Identifier: BSD-3-Clause */
/* The snapshot of krb5.conf that all share, and when the files are read again. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/krb5_conf_environment.h"

static char file[] = "/tmp/test_krb5_conf.XXXXXX";
static char other_file[sizeof file + 6];

static void write_text(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static int make_file(void **state)
{
	strcpy(strrchr(file, '.'), ".XXXXXX");
	int fd = mkstemp(file);
	if (fd < 0)
		return -1;
	close(fd);
	snprintf(other_file, sizeof other_file, "%s.other", file);
	clear_environment(state);
	setenv("KRB5_CONFIG", file, 1);
	return 0;
}

static int remove_file(void **state)
{
	krb5_conf_forget();
	unlink(file);
	rmdir(file);
	unlink(other_file);
	return clear_environment(state);
}

static struct timestamp at(int64_t seconds)
{
	return (struct timestamp){seconds, 0};
}

static struct krb5_conf *got(int64_t now)
{
	struct krb5_conf *conf;
	struct error err = {0};
	if (krb5_conf_get(at(now), &conf, &err))
		fail_msg("refused: %s", err.text);
	return conf;
}

/* The sentence begins with the file's name and then goes as `sentence` says. */
static void assert_get_fails(int64_t now, enum status status, const char *sentence)
{
	struct krb5_conf *conf = (struct krb5_conf *)1;
	struct error err = {0};
	assert_int_equal(krb5_conf_get(at(now), &conf, &err), status);
	assert_int_equal(err.status, status);
	assert_null(conf);
	const char *before = status == ERR_FILE ? "krb5.conf: " : "";
	char expected[sizeof err.text];
	snprintf(expected, sizeof expected, "%s%s%s", before, file, sentence);
	assert_string_equal(err.text, expected);
	assert_string_equal(
		error_shown(&err), "the Kerberos configuration of this host has a fault");
}

static int64_t skew_at(int64_t now)
{
	AUTO_KRB5_CONF conf = got(now);
	return krb5_conf_clock_skew(conf);
}

static void file_is_read(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	assert_int_equal(skew_at(1000), 7);
}

static void snapshot_is_shared(void **state UNUSED)
{
	AUTO_KRB5_CONF one = got(1000);
	AUTO_KRB5_CONF two = got(1000);
	assert_ptr_equal(one, two);
}

static void snapshot_survives_a_look_at_unchanged_files(void **state UNUSED)
{
	AUTO_KRB5_CONF one = got(1000);
	AUTO_KRB5_CONF two = got(5000);
	assert_ptr_equal(one, two);
}

static void change_is_noticed_after_a_minute(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	assert_int_equal(skew_at(1000), 7);
	write_text(file, "[libdefaults]\nclockskew = 1234\n");
	assert_int_equal(skew_at(1059), 7);
	assert_int_equal(skew_at(1060), 1234);
}

static void minute_is_counted_from_the_last_look(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	assert_int_equal(skew_at(1000), 7);
	assert_int_equal(skew_at(1060), 7);
	write_text(file, "[libdefaults]\nclockskew = 1234\n");
	assert_int_equal(skew_at(1119), 7);
	assert_int_equal(skew_at(1120), 1234);
}

static void change_is_noticed_when_the_clock_goes_back(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	assert_int_equal(skew_at(1000), 7);
	write_text(file, "[libdefaults]\nclockskew = 1234\n");
	assert_int_equal(skew_at(999), 1234);
}

static void holder_keeps_the_snapshot_that_it_has(void **state UNUSED)
{
	write_text(file, "[libdefaults]\ndefault_realm = OLD\n");
	AUTO_KRB5_CONF old = got(1000);
	write_text(file, "[libdefaults]\ndefault_realm = NEWER\n");
	AUTO_KRB5_CONF new = got(2000);
	assert_ptr_not_equal(old, new);
	assert_value(krb5_conf_default_realm(old), "OLD");
	assert_value(krb5_conf_default_realm(new), "NEWER");
}

static void missing_file_is_an_empty_snapshot_until_it_appears(void **state UNUSED)
{
	unlink(file);
	assert_int_equal(skew_at(1000), 300);
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	assert_int_equal(skew_at(1060), 7);
}

static void another_path_list_gives_another_snapshot_at_once(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	write_text(other_file, "[libdefaults]\nclockskew = 8\n");
	assert_int_equal(skew_at(1000), 7);
	setenv("KRB5_CONFIG", other_file, 1);
	assert_int_equal(skew_at(1000), 8);
	setenv("KRB5_CONFIG", file, 1);
	assert_int_equal(skew_at(1000), 7);
}

static void empty_path_list_is_an_empty_snapshot(void **state UNUSED)
{
	setenv("KRB5_CONFIG", "", 1);
	assert_int_equal(skew_at(1000), 300);
	setenv("KRB5_CONFIG", "/dev/null", 1);
	assert_int_equal(skew_at(1000), 300);
}

static void path_list_is_ignored_in_set_uid_programs(void **state UNUSED)
{
	/* 4711 is not likely to stand in the /etc/krb5.conf of the machine, if there is one. */
	write_text(file, "[libdefaults]\nclockskew = 4711\n");
	assert_int_equal(skew_at(1000), 4711);
	is_set_uid = true;
	assert_int_not_equal(skew_at(1000), 4711);
}

static void fault_is_told_each_time_until_it_is_repaired(void **state UNUSED)
{
	const char *sentence = ":2: a '}' without a '{' before it; expected a relation or a "
			       "section";
	write_text(file, "[libdefaults]\n}\n");
	assert_get_fails(1000, ERR_SYNTAX, sentence);
	assert_get_fails(1000, ERR_SYNTAX, sentence);
	assert_get_fails(1100, ERR_SYNTAX, sentence);
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	assert_int_equal(skew_at(1100), 7);
}

static void fault_in_a_changed_file_replaces_the_snapshot(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	AUTO_KRB5_CONF old = got(1000);
	write_text(file, "[libdefaults]\n\nclockskew = soon\n");
	AUTO_KRB5_CONF same = got(1030);
	assert_ptr_equal(old, same);
	const char *sentence = ":3: [libdefaults] clockskew = soon: not a span of time; expected "
			       "seconds as in 300, or 5m, 1h30m, 0:05:00";
	assert_get_fails(1060, ERR_SYNTAX, sentence);
	assert_get_fails(1061, ERR_SYNTAX, sentence);
	assert_int_equal(krb5_conf_clock_skew(old), 7);
}

static void failure_to_read_is_tried_again(void **state UNUSED)
{
	unlink(file);
	assert_int_equal(mkdir(file, 0700), 0);
	assert_get_fails(1000, ERR_FILE, ": not a regular file");
	assert_get_fails(1000, ERR_FILE, ": not a regular file");
	assert_int_equal(rmdir(file), 0);
	assert_int_equal(skew_at(1000), 300);
}

static void reason_is_not_needed(void **state UNUSED)
{
	struct krb5_conf *conf;
	write_text(file, "[libdefaults\n");
	assert_int_equal(krb5_conf_get(at(1000), &conf, &(struct error){0}), ERR_SYNTAX);
	assert_int_equal(krb5_conf_get(at(1000), &conf, &(struct error){0}), ERR_SYNTAX);
	assert_int_equal(
		krb5_conf_parse(SLICE_LITERAL("[a"), &conf, &(struct error){0}), ERR_SYNTAX);
}

static void forgotten_snapshot_is_read_again(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	AUTO_KRB5_CONF old = got(1000);
	write_text(file, "[libdefaults]\nclockskew = 1234\n");
	krb5_conf_forget();
	krb5_conf_forget();
	assert_int_equal(skew_at(1000), 1234);
	assert_int_equal(krb5_conf_clock_skew(old), 7);
}

static void nothing_is_released_twice(void **state UNUSED)
{
	krb5_conf_release(NULL);
	struct krb5_conf *none = NULL;
	krb5_conf_release_at(&none);
}

static void *get_often(void *failures)
{
	for (int64_t i = 0; i < 2000; i++) {
		struct krb5_conf *conf;
		/* Times that make some calls look at the file and others not. */
		if (krb5_conf_get(at(1000 + i * 7), &conf, &(struct error){0}) ||
			krb5_conf_clock_skew(conf) % 11 != 0)
			__atomic_add_fetch((int *)failures, 1, __ATOMIC_RELAXED);
		krb5_conf_release(conf);
	}
	return NULL;
}

static void threads_share_while_the_file_changes(void **state UNUSED)
{
	int failures = 0;
	pthread_t thread[4];
	write_text(file, "[libdefaults]\nclockskew = 11\n");
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, get_often, &failures), 0);
	for (int i = 1; i <= 50; i++) {
		char text[60];
		snprintf(text, sizeof text, "[libdefaults]\nclockskew = %d\n", i * 11);
		write_text(other_file, text);
		assert_int_equal(rename(other_file, file), 0);
	}
	for (unsigned i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(failures, 0);
	assert_int_equal(skew_at(1000000), 550);
}

static void child_after_a_fork_goes_on(void **state UNUSED)
{
	write_text(file, "[libdefaults]\nclockskew = 7\n");
	AUTO_KRB5_CONF conf = got(1000);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct krb5_conf *own;
		bool right = krb5_conf_get(at(1001), &own, &(struct error){0}) == STATUS_OK &&
			     own == conf && krb5_conf_clock_skew(own) == 7;
		_exit(right ? 0 : 1);
	}
	int result;
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
}

static double seconds_of_cpu(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* It is under a microsecond; twenty leave room for valgrind and sanitizers. */
static void getting_the_shared_snapshot_costs_little(void **state UNUSED)
{
	enum { ROUNDS = 20000 };
	assert_int_equal(skew_at(1000), 300);
	double start = seconds_of_cpu();
	for (int i = 0; i < ROUNDS; i++)
		krb5_conf_release(got(1001));
	assert_true((seconds_of_cpu() - start) / ROUNDS < 20e-6);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, make_file, remove_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILE(file_is_read),
		WITH_FILE(snapshot_is_shared),
		WITH_FILE(snapshot_survives_a_look_at_unchanged_files),
		WITH_FILE(change_is_noticed_after_a_minute),
		WITH_FILE(minute_is_counted_from_the_last_look),
		WITH_FILE(change_is_noticed_when_the_clock_goes_back),
		WITH_FILE(holder_keeps_the_snapshot_that_it_has),
		WITH_FILE(missing_file_is_an_empty_snapshot_until_it_appears),
		WITH_FILE(another_path_list_gives_another_snapshot_at_once),
		WITH_FILE(empty_path_list_is_an_empty_snapshot),
		WITH_FILE(path_list_is_ignored_in_set_uid_programs),
		WITH_FILE(fault_is_told_each_time_until_it_is_repaired),
		WITH_FILE(fault_in_a_changed_file_replaces_the_snapshot),
		WITH_FILE(failure_to_read_is_tried_again),
		WITH_FILE(reason_is_not_needed),
		WITH_FILE(forgotten_snapshot_is_read_again),
		WITH_FILE(nothing_is_released_twice),
		WITH_FILE(threads_share_while_the_file_changes),
		WITH_FILE(child_after_a_fork_goes_on),
		WITH_FILE(getting_the_shared_snapshot_costs_little),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

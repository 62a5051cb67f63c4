/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/principal.h"
#include "base/shared.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

static void slices_compare_by_content(void **state UNUSED)
{
	assert_true(slice_equal(SLICE_LITERAL("abc"), slice_string("abc")));
	assert_false(slice_equal(SLICE_LITERAL("abc"), SLICE_LITERAL("abd")));
	assert_false(slice_equal(SLICE_LITERAL("abc"), SLICE_LITERAL("ab")));
	assert_true(slice_equal(SLICE_EMPTY, slice_string("")));
	assert_true(slice_equal_nocase(SLICE_LITERAL("AbZ-9"), SLICE_LITERAL("aBz-9")));
	assert_false(slice_equal_nocase(SLICE_LITERAL("a@"), SLICE_LITERAL("a`")));
	assert_true(slice_equal_secret(SLICE_LITERAL("key"), SLICE_LITERAL("key")));
	assert_false(slice_equal_secret(SLICE_LITERAL("key"), SLICE_LITERAL("kez")));
	assert_false(slice_equal_secret(SLICE_LITERAL("key"), SLICE_LITERAL("ke")));
}

static void buffer_grows_and_keeps_contents(void **state UNUSED)
{
	AUTO_BUFFER b = {0};
	for (int i = 0; i < 1000; i++)
		assert_int_equal(buffer_append(&b, SLICE_LITERAL("0123456789")), STATUS_OK);
	assert_int_equal(b.len, 10000);
	assert_memory_equal(b.data + 9990, "0123456789", 10);
}

static void buffer_appends_a_part_of_itself(void **state UNUSED)
{
	AUTO_BUFFER b = {0};
	assert_int_equal(buffer_append(&b, SLICE_LITERAL("0123456789")), STATUS_OK);
	for (int i = 0; i < 6; i++)
		assert_int_equal(buffer_append(&b, buffer_slice(&b)), STATUS_OK);
	assert_int_equal(b.len, 640);
	assert_memory_equal(b.data + 630, "0123456789", 10);
}

static void buffer_refuses_sizes_that_wrap(void **state UNUSED)
{
	AUTO_BUFFER b = {0};
	assert_int_equal(buffer_append(&b, SLICE_LITERAL("x")), STATUS_OK);
	assert_int_equal(buffer_reserve(&b, SIZE_MAX), ERR_NO_MEMORY);
	assert_int_equal(buffer_reserve(&b, SIZE_MAX - 1), ERR_NO_MEMORY);
	assert_int_equal(b.len, 1);
}

static void buffer_clear_wipes_reserved_room_too(void **state UNUSED)
{
	AUTO_BUFFER b = {0};
	assert_int_equal(buffer_reserve(&b, 64), STATUS_OK);
	memset(b.data, 'S', 64);
	b.len = 10;
	buffer_clear(&b);
	assert_int_equal(b.len, 0);
	for (int i = 0; i < 64; i++)
		assert_int_equal(b.data[i], 0);
}

static void reader_remembers_its_first_mistake(void **state UNUSED)
{
	struct reader r = reader_of(SLICE_LITERAL("\x01\x02\x03\x04\x05\x06\x07"));
	assert_int_equal(read_u8(&r), 1);
	assert_int_equal(read_u16(&r), 0x0203);
	assert_int_equal(read_u32(&r), 0x04050607);
	assert_false(r.failed);
	assert_int_equal(read_u8(&r), 0);
	assert_true(r.failed);

	r = reader_of(SLICE_LITERAL("\x01\x02"));
	assert_int_equal(read_u32(&r), 0);
	assert_int_equal(read_u8(&r), 0);
	assert_true(r.failed);
	r = reader_of(SLICE_LITERAL("12345678"));
	assert_int_equal(read_u64(&r), 0x3132333435363738);
	r = reader_of(SLICE_LITERAL("12"));
	assert_null(read_bytes(&r, SIZE_MAX).data);
}

static void u32_is_stored_in_network_order(void **state UNUSED)
{
	unsigned char octets[4];
	store_u32(octets, 0xfedcba98);
	assert_memory_equal(octets, "\xfe\xdc\xba\x98", 4);
}

static void text_escapes_what_is_not_printable(void **state UNUSED)
{
	assert_string_equal(
		TEXT(SLICE_LITERAL("al\0ic\ne\\\x7f\xc3")), "al\\x00ic\\x0Ae\\x5C\\x7F\\xC3");
	assert_string_equal(TEXT(SLICE_EMPTY), "");
}

static void text_is_cut_with_an_ellipsis(void **state UNUSED)
{
	char out[8];
	assert_string_equal(text_escape(SLICE_LITERAL("1234567"), out, sizeof out), "1234567");
	assert_string_equal(text_escape(SLICE_LITERAL("12345678"), out, sizeof out), "1234...");
	assert_string_equal(text_escape(SLICE_LITERAL("123\n5"), out, sizeof out), "123...");
}

static void errors_have_two_texts(void **state UNUSED)
{
	struct error err = {0};
	assert_int_equal(
		error_set(&err, KRB_AP_ERR_NOT_US, "no key in %s", "/k"), KRB_AP_ERR_NOT_US);
	assert_string_equal(err.text, "no key in /k");
	assert_string_equal(error_shown(&err), "the ticket is not for this server");
	assert_int_equal(error_show(&err, "no key for %s", "imap"), KRB_AP_ERR_NOT_US);
	assert_string_equal(error_shown(&err), "no key for imap");
	assert_int_equal(error_set(&err, ERR_FILE, "other"), ERR_FILE);
	assert_string_equal(error_shown(&err), "a file cannot be read");
	assert_int_equal(error_set_shown(&err, ERR_SYNTAX, "both"), ERR_SYNTAX);
	assert_string_equal(error_shown(&err), "both");
}

/* Whoever passes its status on without a reason does not tell of a success. */
static void a_new_error_is_no_success_and_has_no_text(void **state UNUSED)
{
	NEW_ERROR(err);
	assert_int_equal(err.status, KRB_ERR_GENERIC);
	assert_string_equal(err.text, "");
	assert_string_equal(error_shown(&err), "a failure without a code of its own");
}

static void error_prefix_stands_before(void **state UNUSED)
{
	struct error err = {0};
	(void)error_set(&err, ERR_SYNTAX, "line 3 has no value");
	assert_int_equal(error_prefix(&err, "%s", "krb5.conf"), ERR_SYNTAX);
	assert_string_equal(err.text, "krb5.conf: line 3 has no value");
	for (int i = 0; i < 200; i++)
		(void)error_prefix(&err, "%s", "a long way out");
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void long_errors_are_cut_not_overrun(void **state UNUSED)
{
	char longer[3000];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	struct error err = {0};
	(void)error_set_shown(&err, ERR_SYNTAX, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_int_equal(strlen(err.shown), sizeof err.shown - 1);
}

static void kerberos_time_reads_real_dates_only(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool good;
		int64_t seconds;
	} row[] = {
		{"19700101000000Z", true, 0},
		{"20260131102030Z", true, 1769854830},
		{"20000229235959Z", true, 951868799},
		{"20380119031408Z", true, INT64_C(1) << 31},
		{"21060207062816Z", true, INT64_C(1) << 32},
		{"99991231235959Z", true, 253402300799},
		{"00010101000000Z", true, -62135596800},
		{"00000229000000Z", true, -62162121600},
		{"19000229000000Z", false, 0},
		{"20230229000000Z", false, 0},
		{"20231301000000Z", false, 0},
		{"20230001000000Z", false, 0},
		{"20230100000000Z", false, 0},
		{"20230132000000Z", false, 0},
		{"20230101240000Z", false, 0},
		{"20230101006000Z", false, 0},
		{"20230101000060Z", false, 0},
		{"20230101000000", false, 0},
		{"20230101000000z", false, 0},
		{"20230101000000.1Z", false, 0},
		{"2023010100000 Z", false, 0},
		{"-0230101000000Z", false, 0},
		{"20230101000000+0", false, 0},
		{"", false, 0},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		int64_t seconds = 0;
		bool good = kerberos_time_parse(slice_string(row[i].text), &seconds);
		if (good != row[i].good)
			fail_msg("%s: %s", row[i].text, good ? "read" : "refused");
		assert_int_equal(seconds, row[i].seconds);
		char back[KERBEROS_TIME_LEN + 1];
		if (good) {
			assert_true(kerberos_time_format(seconds, back));
			assert_string_equal(back, row[i].text);
		}
	}
}

static void kerberos_time_of_five_digit_years_is_refused(void **state UNUSED)
{
	char out[KERBEROS_TIME_LEN + 1];
	assert_false(kerberos_time_format(253402300800, out));
	assert_false(kerberos_time_format(INT64_MAX, out));
	assert_false(kerberos_time_format(INT64_MIN, out));
	assert_false(kerberos_time_format(-62167219201, out)); /* a second before the year 0 */
}

/* The C library's calendar, where time_t has room for it. */
static void ten_thousand_years_are_as_the_c_library_has_them(void **state UNUSED)
{
	for (int64_t time = -62167219200; time < 253402300800; time += 86400 * 7 + 3661) {
		time_t seconds = (time_t)time;
		struct tm tm;
		char text[KERBEROS_TIME_LEN + 1], expected[100];
		assert_non_null(gmtime_r(&seconds, &tm));
		snprintf(expected, sizeof expected, "%04d%02d%02d%02d%02d%02dZ", tm.tm_year + 1900,
			tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		assert_true(kerberos_time_format(time, text));
		assert_string_equal(text, expected);
	}
}

static void every_day_of_two_centuries_round_trips(void **state UNUSED)
{
	for (int64_t day = -36524; day < 36525 * 2; day++) {
		char text[KERBEROS_TIME_LEN + 1];
		int64_t back;
		assert_true(kerberos_time_format(day * 86400 + 86399, text));
		assert_true(kerberos_time_parse(slice_string(text), &back));
		assert_int_equal(back, day * 86400 + 86399);
	}
}

static void distance_is_rounded_up(void **state UNUSED)
{
	struct timestamp a = {100, 5}, b = {400, 5}, c = {400, 6};
	assert_int_equal(timestamp_distance(a, b), 300);
	assert_int_equal(timestamp_distance(b, a), 300);
	assert_int_equal(timestamp_distance(a, c), 301);
	assert_int_equal(timestamp_distance(c, a), 301);
	assert_int_equal(timestamp_distance(a, a), 0);
	assert_int_equal(timestamp_distance((struct timestamp){INT64_MIN, 0}, b), INT64_MAX);
}

static void spans_read_like_speech(void **state UNUSED)
{
	assert_string_equal(SPAN_TEXT(0), "0 s");
	assert_string_equal(SPAN_TEXT(59), "59 s");
	assert_string_equal(SPAN_TEXT(-432), "7 min 12 s");
	assert_string_equal(SPAN_TEXT(10800), "3 h");
	assert_string_equal(SPAN_TEXT(86400 + 7200), "1 day 2 h");
	assert_string_equal(SPAN_TEXT(400 * 86400), "400 days");
	assert_string_equal(SPAN_TEXT(INT64_MIN), "106751991167300 days 15 h");
	assert_string_equal(TIME_TEXT(1769854830), "2026-01-31 10:20:30 UTC");
	assert_string_equal(TIME_TEXT(INT64_MAX), "@9223372036854775807");
}

static void principal_of(const char *text, struct principal *p, struct buffer *storage)
{
	struct error err = {0};
	if (principal_parse(slice_string(text), p, storage, &err))
		fail_msg("%s", err.text);
}

static void principals_are_read_and_written(void **state UNUSED)
{
	AUTO_BUFFER storage = {0};
	struct principal p;
	principal_of("imap/mail.example.test@EXAMPLE.TEST", &p, &storage);
	assert_int_equal(p.count, 2);
	assert_true(slice_equal(p.component[1], SLICE_LITERAL("mail.example.test")));
	assert_true(slice_equal(p.realm, SLICE_LITERAL("EXAMPLE.TEST")));
	assert_string_equal(PRINCIPAL_TEXT(&p), "imap/mail.example.test@EXAMPLE.TEST");

	principal_of("alice", &p, &storage);
	assert_int_equal(p.realm.len, 0);
	assert_string_equal(PRINCIPAL_TEXT(&p), "alice");
	principal_of("http/", &p, &storage);
	assert_int_equal(p.count, 2);
	assert_int_equal(p.component[1].len, 0);
}

static void principals_are_escaped(void **state UNUSED)
{
	AUTO_BUFFER storage = {0};
	struct principal p;
	principal_of("a\\/b\\@c/d\\\\e\\n\\0@R\\@S", &p, &storage);
	assert_true(slice_equal(p.component[0], SLICE_LITERAL("a/b@c")));
	assert_true(slice_equal(p.component[1], SLICE_LITERAL("d\\e\n\0")));
	assert_true(slice_equal(p.realm, SLICE_LITERAL("R@S")));
	assert_string_equal(PRINCIPAL_TEXT(&p), "a\\/b\\@c/d\\\\e\\x0A\\x00@R\\@S");
}

static void bad_principals_are_refused_with_a_reason(void **state UNUSED)
{
	static const struct {
		const char *text, *reason;
	} row[] = {
		{"", "has no name"},
		{"@R", "has no name"},
		{"a@b@c", "second '@'"},
		{"a\\", "ends in a backslash"},
		{"1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", "more than 16 components"},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		AUTO_BUFFER storage = {0};
		struct principal p;
		struct error err = {0};
		assert_int_equal(
			principal_parse(slice_string(row[i].text), &p, &storage, &err), ERR_SYNTAX);
		if (!strstr(err.text, row[i].reason))
			fail_msg("%s: %s", row[i].text, err.text);
	}
}

static void principals_compare_by_octets_not_by_type(void **state UNUSED)
{
	AUTO_BUFFER sa = {0};
	AUTO_BUFFER sb = {0};
	struct principal a, b;
	principal_of("imap/h@R", &a, &sa);
	principal_of("imap/h@R", &b, &sb);
	b.type = NT_SRV_HST;
	assert_true(principal_equal(&a, &b));
	principal_of("imap/h@S", &b, &sb);
	assert_false(principal_equal(&a, &b));
	assert_true(principal_name_equal(&a, &b));
	principal_of("imap/h/x@R", &b, &sb);
	assert_false(principal_name_equal(&a, &b));
	principal_of("imap/H@R", &b, &sb);
	assert_false(principal_name_equal(&a, &b));
}

static void long_principals_are_cut(void **state UNUSED)
{
	char name[1000];
	memset(name, 'n', sizeof name);
	struct principal p = {.count = 2,
		.component = {slice_of(name, sizeof name), slice_of(name, sizeof name)},
		.realm = slice_of(name, sizeof name)};
	char out[20];
	assert_string_equal(principal_text(&p, out, sizeof out), "nnnnnnnnnnnnnnnnnnn");
}

static char folder[] = "/tmp/test_base.XXXXXX";
static char path[sizeof folder + 16];

static int make_folder(void **state UNUSED)
{
	if (!mkdtemp(folder))
		return -1;
	strcat(strcpy(path, folder), "/file");
	return 0;
}

static int remove_folder(void **state UNUSED)
{
	unlink(path);
	return rmdir(folder);
}

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void files_are_read_whole(void **state UNUSED)
{
	write_file("contents");
	AUTO_BUFFER b = {0};
	struct file_state read_state;
	struct error err = {0};
	assert_int_equal(file_read(path, 8, &b, &read_state, &err), STATUS_OK);
	assert_true(slice_equal(buffer_slice(&b), SLICE_LITERAL("contents")));
	struct file_state now = file_state(path);
	assert_true(file_state_equal(&now, &read_state));
}

static void files_that_are_too_long_are_refused(void **state UNUSED)
{
	write_file("contents");
	AUTO_BUFFER b = {0};
	struct error err = {0};
	assert_int_equal(file_read(path, 7, &b, NULL, &err), ERR_TOO_LONG);
	assert_non_null(strstr(err.text, "longer than 7 octets"));
}

static void missing_files_and_directories_are_told_apart(void **state UNUSED)
{
	AUTO_BUFFER b = {0};
	struct error err = {0};
	unlink(path);
	assert_int_equal(file_read(path, 100, &b, NULL, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "No such file"));
	assert_int_equal(file_read(folder, 100, &b, NULL, &err), ERR_FILE);
	assert_non_null(strstr(err.text, "not a regular file"));
}

static void a_fifo_is_refused_without_waiting(void **state UNUSED)
{
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	AUTO_BUFFER b = {0};
	struct error err = {0};
	assert_int_equal(file_read(path, 100, &b, NULL, &err), ERR_FILE);
	assert_non_null(strstr(err.text, "not a regular file"));
	unlink(path);
}

static void file_state_notices_change_and_absence(void **state UNUSED)
{
	unlink(path);
	struct file_state absent = file_state(path);
	assert_false(absent.exists);
	write_file("a");
	struct file_state one = file_state(path);
	assert_false(file_state_equal(&absent, &one));
	write_file("ab");
	struct file_state two = file_state(path);
	assert_false(file_state_equal(&one, &two));
	assert_int_equal(chmod(path, 0604), 0);
	struct file_state three = file_state(path);
	assert_false(file_state_equal(&two, &three));
	assert_true(file_state_equal(&absent, &absent));
}

static void a_state_is_settled_a_while_after_the_last_change(void **state UNUSED)
{
	static const struct {
		int64_t seconds, nanoseconds; /* from the change to the reading */
		bool settled;
	} row[] = {
		{0, 0, false},
		{0, 20000000, false},
		{0, 20000001, true},
		{0, -20000000, false},
		{0, -20000001, true},
		{1, -999999999, false},
		{1, -999999999 + 20000000, true},
		{-1, 999999999, false},
		{2, -999999999, true},
		{-3600, 0, true},
		{3600, 0, true},
	};
	struct file_state file = {.exists = true, .changed = {1700000000, 999999999}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		file.changed.tv_nsec = row[i].nanoseconds < 0 ? 999999999 : 0;
		const struct timespec when = {file.changed.tv_sec + row[i].seconds,
			file.changed.tv_nsec + row[i].nanoseconds};
		if (file_state_is_settled(&file, when) != row[i].settled)
			fail_msg("row %zu", i);
	}
	file.exists = false;
	assert_true(file_state_is_settled(&file, file.changed));
}

static void a_names_own_state_is_not_what_it_leads_to(void **state UNUSED)
{
	char place[] = "/tmp/test_base.XXXXXX", link[64];
	assert_non_null(mkdtemp(place));
	snprintf(link, sizeof link, "%s/link", place);
	assert_int_equal(symlink("/dev/null", link), 0);
	const struct file_state own = file_state_of_name(link), there = file_state(link);
	const struct file_state same = file_state_of_name("/dev/null");
	assert_true(S_ISLNK(own.mode));
	assert_true(file_state_equal(&there, &same));
	assert_int_equal(unlink(link), 0);
	assert_false(file_state_of_name(link).exists);
	assert_int_equal(rmdir(place), 0);
}

static void *hold_for_a_while(void *held)
{
	shared_lock();
	*(volatile bool *)held = true;
	usleep(200000);
	shared_unlock();
	return NULL;
}

static void the_lock_is_usable_after_a_fork(void **state UNUSED)
{
	volatile bool held = false;
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, hold_for_a_while, (void *)&held), 0);
	while (!held)
		usleep(1000);
	pid_t child = fork();
	if (child == 0) {
		alarm(5);
		shared_lock();
		shared_unlock();
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	pthread_join(thread, NULL);
}

SUITE(test_base)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slices_compare_by_content),
		cmocka_unit_test(buffer_grows_and_keeps_contents),
		cmocka_unit_test(buffer_appends_a_part_of_itself),
		cmocka_unit_test(buffer_refuses_sizes_that_wrap),
		cmocka_unit_test(buffer_clear_wipes_reserved_room_too),
		cmocka_unit_test(reader_remembers_its_first_mistake),
		cmocka_unit_test(u32_is_stored_in_network_order),
		cmocka_unit_test(text_escapes_what_is_not_printable),
		cmocka_unit_test(text_is_cut_with_an_ellipsis),
		cmocka_unit_test(errors_have_two_texts),
		cmocka_unit_test(a_new_error_is_no_success_and_has_no_text),
		cmocka_unit_test(error_prefix_stands_before),
		cmocka_unit_test(long_errors_are_cut_not_overrun),
		cmocka_unit_test(kerberos_time_reads_real_dates_only),
		cmocka_unit_test(kerberos_time_of_five_digit_years_is_refused),
		cmocka_unit_test(ten_thousand_years_are_as_the_c_library_has_them),
		cmocka_unit_test(every_day_of_two_centuries_round_trips),
		cmocka_unit_test(distance_is_rounded_up),
		cmocka_unit_test(spans_read_like_speech),
		cmocka_unit_test(principals_are_read_and_written),
		cmocka_unit_test(principals_are_escaped),
		cmocka_unit_test(bad_principals_are_refused_with_a_reason),
		cmocka_unit_test(principals_compare_by_octets_not_by_type),
		cmocka_unit_test(long_principals_are_cut),
		cmocka_unit_test(files_are_read_whole),
		cmocka_unit_test(files_that_are_too_long_are_refused),
		cmocka_unit_test(missing_files_and_directories_are_told_apart),
		cmocka_unit_test(a_fifo_is_refused_without_waiting),
		cmocka_unit_test(file_state_notices_change_and_absence),
		cmocka_unit_test(a_state_is_settled_a_while_after_the_last_change),
		cmocka_unit_test(a_names_own_state_is_not_what_it_leads_to),
		cmocka_unit_test(the_lock_is_usable_after_a_fork),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

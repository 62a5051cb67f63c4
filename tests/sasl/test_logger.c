/* SPDX-License-Identifier: BSD-3-Clause */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/assertions.h"
#include "sasl/logger.h"

#define UNUSED __attribute__((unused))

/* Takes the place of libc's, so that a test can play a set-uid program. */
static bool is_set_uid;

char *secure_getenv(const char *name)
{
	return is_set_uid ? NULL : getenv(name);
}

/* What reached libsasl2. */
static struct {
	sasl_conn_t *conn;
	unsigned lines;
	int level;
	char line[4096]; /* the last one */
	unsigned flags;
	char detail[4096];
} seen;

__attribute__((format(printf, 3, 4))) static void keep_line(
	sasl_conn_t *conn, int level, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(seen.line, sizeof seen.line, fmt, args);
	va_end(args);
	seen.conn = conn;
	seen.level = level;
	seen.lines++;
}

__attribute__((format(printf, 3, 4))) static void keep_detail(
	sasl_conn_t *conn, unsigned flags, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(seen.detail, sizeof seen.detail, fmt, args);
	va_end(args);
	seen.conn = conn;
	seen.flags = flags;
}

static const sasl_utils_t utils = {
	.conn = (sasl_conn_t *)&seen,
	.log = keep_line,
	.seterror = keep_detail,
};

static struct logger logger_of(int level)
{
	return (struct logger){&utils, level, "KERBEROS_V5"};
}

static char folder[] = "/tmp/logger.XXXXXX";
static char trace[sizeof folder + sizeof "/trace"];

static int make_folder(void **state UNUSED)
{
	if (!mkdtemp(folder))
		return -1;
	snprintf(trace, sizeof trace, "%s/trace", folder);
	return 0;
}

static int remove_folder(void **state UNUSED)
{
	return rmdir(folder);
}

static int setup(void **state UNUSED)
{
	unsetenv("KRB5_TRACE");
	is_set_uid = false;
	memset(&seen, 0, sizeof seen);
	return 0;
}

static int teardown(void **state UNUSED)
{
	remove(trace);
	return 0;
}

/* The trace file's contents, up to a NUL. */
static const char *traced(void)
{
	static char text[8192];
	FILE *file = fopen(trace, "r");
	if (!file)
		return "";
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void fill(char *text, size_t size, char c)
{
	memset(text, c, size - 1);
	text[size - 1] = '\0';
}

static void lines_up_to_the_level_are_wanted(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_FAIL);
	assert_true(logger_wants(&logger, SASL_LOG_ERR));
	assert_true(logger_wants(&logger, SASL_LOG_FAIL));
	assert_false(logger_wants(&logger, SASL_LOG_WARN));
	logger = logger_of(SASL_LOG_NONE);
	assert_false(logger_wants(&logger, SASL_LOG_ERR));
}

static void a_line_begins_with_the_mechanism(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_NOTE);
	logger_line(&logger, SASL_LOG_FAIL, "%s is %d", "it", 7);
	assert_string_equal(seen.line, "KERBEROS_V5: it is 7");
	assert_int_equal(seen.level, SASL_LOG_FAIL);
	assert_ptr_equal(seen.conn, &seen);
}

static void a_line_above_the_level_is_not_handed_on(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_ERR);
	logger_line(&logger, SASL_LOG_FAIL, "no");
	assert_int_equal(seen.lines, 0);
}

static void text_is_never_a_format(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_NOTE);
	logger_line(&logger, SASL_LOG_FAIL, "%s", "100%s %n%d %m");
	assert_string_equal(seen.line, "KERBEROS_V5: 100%s %n%d %m");
	logger_set_detail(&logger, "100%s %n");
	assert_string_equal(seen.detail, "100%s %n");
}

static void a_long_line_is_cut(void **state UNUSED)
{
	char text[3000];
	struct logger logger = logger_of(SASL_LOG_NOTE);
	fill(text, sizeof text, 'x');
	logger_line(&logger, SASL_LOG_FAIL, "%s", text);
	size_t length = strlen(seen.line);
	assert_true(length > 1024 && length < 1300);
	assert_int_equal(seen.line[length - 1], 'x');
}

static void a_line_stays_one_line(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_TRACE);
	setenv("KRB5_TRACE", trace, 1);
	logger_line(&logger, SASL_LOG_ERR, "keytab %s", "/tmp/a\nKERBEROS_V5: root\r\x1b[2Jx\x7f");
	assert_string_equal(seen.line, "KERBEROS_V5: keytab /tmp/a?KERBEROS_V5: root??[2Jx?");
	assert_non_null(strstr(traced(), ": keytab /tmp/a?KERBEROS_V5: root??[2Jx?\n"));
	logger_trace(&logger, "1: a\nb");
	assert_string_equal(seen.line, "KERBEROS_V5: 1: a?b");
	assert_non_null(strstr(traced(), ": 1: a?b\n"));
}

static void names_beyond_ascii_are_left_alone(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_NOTE);
	logger_line(&logger, SASL_LOG_ERR, "%s", "/home/\xc3\xa9/keytab");
	assert_string_equal(seen.line, "KERBEROS_V5: /home/\xc3\xa9/keytab");
}

static void a_detail_is_set_and_not_logged(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_TRACE);
	logger_set_detail(&logger, "the ticket has expired");
	assert_string_equal(seen.detail, "the ticket has expired");
	assert_int_equal(seen.flags, SASL_NOLOG);
	assert_ptr_equal(seen.conn, &seen);
	assert_int_equal(seen.lines, 0);
}

static void once_is_once(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_ERR);
	for (int i = 0; i < 3; i++)
		logger_once(&logger, SASL_LOG_ERR, 1, "once_is_once");
	assert_int_equal(seen.lines, 1);
	assert_string_equal(seen.line, "KERBEROS_V5: once_is_once");
}

static void another_state_or_text_is_told(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_ERR);
	logger_once(&logger, SASL_LOG_ERR, 1, "another");
	logger_once(&logger, SASL_LOG_ERR, 2, "another");
	assert_int_equal(seen.lines, 2);
	logger_once(&logger, SASL_LOG_ERR, 2, "another text");
	assert_int_equal(seen.lines, 3);
	logger_once(&logger, SASL_LOG_ERR, 1, "another");
	assert_int_equal(seen.lines, 3);
}

static void what_was_not_wanted_counts_as_untold(void **state UNUSED)
{
	struct logger quiet = logger_of(SASL_LOG_NONE), logger = logger_of(SASL_LOG_ERR);
	logger_once(&quiet, SASL_LOG_ERR, 1, "not wanted");
	logger_once(&logger, SASL_LOG_ERR, 1, "not wanted");
	assert_int_equal(seen.lines, 1);
}

static void the_last_eight_are_remembered(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_ERR);
	for (uint64_t n = 0; n < 8; n++)
		logger_once(&logger, SASL_LOG_ERR, n, "eight");
	assert_int_equal(seen.lines, 8);
	for (uint64_t n = 0; n < 8; n++)
		logger_once(&logger, SASL_LOG_ERR, n, "eight");
	assert_int_equal(seen.lines, 8);
	logger_once(&logger, SASL_LOG_ERR, 8, "eight");
	logger_once(&logger, SASL_LOG_ERR, 0, "eight");
	assert_int_equal(seen.lines, 10);
}

static void a_child_tells_it_again(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_ERR);
	logger_once(&logger, SASL_LOG_ERR, 1, "child");
	pid_t child = fork();
	if (child == 0) {
		logger_once(&logger, SASL_LOG_ERR, 1, "child");
		logger_once(&logger, SASL_LOG_ERR, 1, "child");
		_exit((int)seen.lines);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 2);
}

static void the_trace_goes_to_the_log_at_its_level(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_TRACE);
	assert_true(logger_traces(&logger));
	logger_trace(&logger, "1: made");
	assert_string_equal(seen.line, "KERBEROS_V5: 1: made");
	assert_int_equal(seen.level, SASL_LOG_TRACE);
	logger = logger_of(SASL_LOG_DEBUG);
	assert_false(logger_traces(&logger));
}

static void the_trace_file_gets_time_and_process(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_ERR);
	setenv("KRB5_TRACE", trace, 1);
	assert_true(logger_traces(&logger));
	logger_trace(&logger, "1: made");
	logger_trace(&logger, "2: read");
	assert_int_equal(seen.lines, 0);

	long pid[2], seconds[2];
	int microseconds[2];
	assert_int_equal(
		sscanf(traced(), "[%ld] %ld.%6d: 1: made\n[%ld] %ld.%6d: 2: read\n", &pid[0],
			&seconds[0], &microseconds[0], &pid[1], &seconds[1], &microseconds[1]),
		6);
	assert_int_equal(pid[0], getpid());
	assert_int_equal(pid[1], getpid());
	assert_true(seconds[0] > 1700000000 && seconds[1] >= seconds[0]);
	struct stat st;
	assert_int_equal(stat(trace, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
}

static void the_trace_file_tells_failures_too(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_NONE);
	setenv("KRB5_TRACE", trace, 1);
	logger_line(&logger, SASL_LOG_FAIL, "refused");
	logger_line(&logger, SASL_LOG_ERR, "broken");
	logger_line(&logger, SASL_LOG_NOTE, "fine");
	assert_int_equal(seen.lines, 0);
	assert_non_null(strstr(traced(), ": refused\n"));
	assert_non_null(strstr(traced(), ": broken\n"));
	assert_null(strstr(traced(), "fine"));
}

static void a_long_trace_is_cut_and_ends_its_line(void **state UNUSED)
{
	char text[3000];
	struct logger logger = logger_of(SASL_LOG_TRACE);
	setenv("KRB5_TRACE", trace, 1);
	fill(text, sizeof text, 'x');
	logger_trace(&logger, text);
	logger_trace(&logger, "next");
	const char *next = strchr(traced(), '\n');
	assert_non_null(next);
	assert_true(next - traced() > 1024 && next - traced() < 1200);
	assert_int_equal(next[1], '[');
}

static void no_trace_file_is_named_by_nothing(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_ERR);
	assert_false(logger_traces(&logger));
	setenv("KRB5_TRACE", "", 1);
	assert_false(logger_traces(&logger));
}

static void a_set_uid_program_writes_no_trace_file(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_ERR);
	setenv("KRB5_TRACE", trace, 1);
	is_set_uid = true;
	assert_false(logger_traces(&logger));
	logger_trace(&logger, "1: made");
	logger_line(&logger, SASL_LOG_ERR, "broken");
	assert_int_equal(access(trace, F_OK), -1);
	assert_string_equal(seen.line, "KERBEROS_V5: broken");
}

static void a_trace_file_that_cannot_be_written_does_no_harm(void **state UNUSED)
{
	static const char *const paths[] = {"/nonexistent/trace", "/", "/dev/full"};
	struct logger logger = logger_of(SASL_LOG_TRACE);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		setenv("KRB5_TRACE", paths[i], 1);
		logger_trace(&logger, "1: made");
		assert_string_equal(seen.line, "KERBEROS_V5: 1: made");
	}
}

/* alarm() ends the program where the logger waits for a reader. */
static void a_fifo_without_a_reader_is_not_waited_for(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_TRACE);
	assert_int_equal(mkfifo(trace, 0600), 0);
	setenv("KRB5_TRACE", trace, 1);
	alarm(10);
	logger_trace(&logger, "1: made");
	alarm(0);
	assert_string_equal(seen.line, "KERBEROS_V5: 1: made");
}

static void a_fifo_with_a_reader_gets_the_trace(void **state UNUSED)
{
	char text[200];
	struct logger logger = logger_of(SASL_LOG_TRACE);
	assert_int_equal(mkfifo(trace, 0600), 0);
	int reader = open(trace, O_RDONLY | O_NONBLOCK);
	setenv("KRB5_TRACE", trace, 1);
	logger_trace(&logger, "1: made");
	ssize_t len = read(reader, text, sizeof text - 1);
	close(reader);
	assert_true(len > 0);
	text[len] = '\0';
	assert_non_null(strstr(text, ": 1: made\n"));
}

static void faults_of_the_installation_are_errors(void **state UNUSED)
{
	static const struct {
		enum status status;
		int level;
	} row[] = {
		{ERR_NO_MEMORY, SASL_LOG_ERR},
		{ERR_SYNTAX, SASL_LOG_ERR},
		{ERR_FILE, SASL_LOG_ERR},
		{ERR_UNSUPPORTED, SASL_LOG_ERR},
		{ERR_CRYPTO, SASL_LOG_ERR},
		{ERR_NOT_FOUND, SASL_LOG_FAIL},
		{KRB_AP_ERR_SKEW, SASL_LOG_FAIL},
		{KRB_ERR_GENERIC, SASL_LOG_FAIL},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const struct error err = {.status = row[i].status};
		assert_int_equal(logger_fault_level(&err), row[i].level);
	}
}

static void a_failure_has_its_sasl_result(void **state UNUSED)
{
	static const struct {
		enum status status;
		int result;
	} row[] = {
		{ERR_NO_MEMORY, SASL_NOMEM},
		{ERR_SYNTAX, SASL_BADPROT},
		{KRB_AP_ERR_BADVERSION, SASL_BADPROT},
		{KRB_AP_ERR_MSG_TYPE, SASL_BADPROT},
		{KRB_AP_ERR_BAD_INTEGRITY, SASL_BADAUTH},
		{ERR_FILE, SASL_BADAUTH},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const struct error err = {.status = row[i].status};
		assert_int_equal(logger_result(&err, SASL_BADAUTH), row[i].result);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Does a line that is traced reach the file behind the link? */
static bool reaches(const char *target)
{
	struct logger logger = logger_of(SASL_LOG_ERR);
	struct stat st;
	setenv("KRB5_TRACE", trace, 1);
	logger_trace(&logger, "a step");
	bool reached = stat(target, &st) == 0 && st.st_size > 0;
	assert_int_equal(truncate(target, 0), 0);
	return reached;
}

static void the_trace_goes_through_no_link_of_anothers(void **state UNUSED)
{
	char target[sizeof folder + sizeof "/target"];
	snprintf(target, sizeof target, "%s/target", folder);
	int fd = open(target, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(symlink("target", trace), 0);
	assert_true(reaches(target));
	if (geteuid() == 0) {
		assert_int_equal(lchown(trace, 12345, 12345), 0);
		assert_false(reaches(target));
		assert_int_equal(lchown(trace, 0, 0), 0);
	} else {
		print_message("only root can make what is another user's\n");
	}
	assert_int_equal(remove(trace), 0);
	assert_int_equal(link(target, trace), 0);
	assert_false(reaches(target));
	assert_int_equal(remove(target), 0);
}

static void the_trace_goes_to_standard_error(void **state UNUSED)
{
	struct logger logger = logger_of(SASL_LOG_ERR);
	char text[200] = "";
	int pipes[2], back = dup(STDERR_FILENO);
	assert_int_equal(pipe2(pipes, O_NONBLOCK), 0);
	setenv("KRB5_TRACE", "/dev/stderr", 1);
	dup2(pipes[1], STDERR_FILENO);
	logger_trace(&logger, "a step");
	dup2(back, STDERR_FILENO);
	assert_true(read(pipes[0], text, sizeof text - 1) > 0);
	assert_non_null(strstr(text, ": a step\n"));
	close(pipes[0]), close(pipes[1]), close(back);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		CASE(lines_up_to_the_level_are_wanted),
		CASE(a_line_begins_with_the_mechanism),
		CASE(a_line_above_the_level_is_not_handed_on),
		CASE(text_is_never_a_format),
		CASE(a_long_line_is_cut),
		CASE(a_line_stays_one_line),
		CASE(names_beyond_ascii_are_left_alone),
		CASE(a_detail_is_set_and_not_logged),
		CASE(once_is_once),
		CASE(another_state_or_text_is_told),
		CASE(what_was_not_wanted_counts_as_untold),
		CASE(the_last_eight_are_remembered),
		CASE(a_child_tells_it_again),
		CASE(the_trace_goes_to_the_log_at_its_level),
		CASE(the_trace_file_gets_time_and_process),
		CASE(the_trace_file_tells_failures_too),
		CASE(a_long_trace_is_cut_and_ends_its_line),
		CASE(no_trace_file_is_named_by_nothing),
		CASE(a_set_uid_program_writes_no_trace_file),
		CASE(a_trace_file_that_cannot_be_written_does_no_harm),
		CASE(a_fifo_without_a_reader_is_not_waited_for),
		CASE(a_fifo_with_a_reader_gets_the_trace),
		CASE(the_trace_goes_through_no_link_of_anothers),
		CASE(the_trace_goes_to_standard_error),
		CASE(faults_of_the_installation_are_errors),
		CASE(a_failure_has_its_sasl_result),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

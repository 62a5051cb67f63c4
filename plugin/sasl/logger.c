/* SPDX-License-Identifier: BSD-3-Clause */
#include "sasl/logger.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_trust.h"
#include "base/shared.h"
#include "base/timestamp.h"

bool logger_wants(const struct logger *logger, int level)
{
	return level <= logger->level;
}

struct logger logger_of_failures(const struct logger *logger)
{
	const sasl_utils_t *utils = logger->utils;
	struct logger failures = *logger;
	const char *level = NULL;
	bool is_set =
		utils->getopt(utils->getopt_context, NULL, "log_level", &level, NULL) == SASL_OK &&
		level;
	if (!is_set && failures.level < SASL_LOG_FAIL)
		failures.level = SASL_LOG_FAIL;
	return failures;
}

static const char *trace_file(void)
{
	const char *path = secure_getenv("KRB5_TRACE");
	return path && *path ? path : NULL;
}

/* So that no value of an option, file or environment can pass for a line of its own. */
static void keep_on_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

/*
 * In /tmp anybody can put a link there first, to a file of this user's that
 * nobody meant. (/dev/stderr is a link too, of root's.)
 */
static int open_trace(const char *path)
{
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	struct stat st;
	bool follow = lstat(path, &st) == 0 && S_ISLNK(st.st_mode) &&
		      file_owner_is_trusted(st.st_uid, NULL) && st.st_nlink == 1;
	int fd = open(path, follow ? flags : flags | O_NOFOLLOW, 0600);
	if (fd < 0 || (fstat(fd, &st) == 0 && !(S_ISREG(st.st_mode) && st.st_nlink > 1)))
		return fd;
	close(fd);
	return -1;
}

/* A trace that cannot be written, or not at once, is no reason to refuse or delay a login. */
static void append_to_file(const char *path, const char *text)
{
	char line[1200];
	struct timestamp now = timestamp_now();
	int len = snprintf(line, sizeof line, "[%ld] %lld.%06d: %.1100s", (long)getpid(),
		(long long)now.seconds, (int)now.microseconds, text);
	keep_on_one_line(line);
	line[len++] = '\n';
	AUTO_FD fd = open_trace(path);
	if (fd >= 0 && write(fd, line, (size_t)len) < 0) {
		/* Nobody to tell. */
	}
}

/* libsasl2's own formatter knows few conversions, so that it gets finished text. */
void logger_line(const struct logger *logger, int level, const char *fmt, ...)
{
	const char *path = level <= SASL_LOG_FAIL ? trace_file() : NULL;
	if (!path && !logger_wants(logger, level))
		return;
	char text[sizeof((struct error *)0)->text + 200];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	keep_on_one_line(text);
	if (logger_wants(logger, level))
		logger->utils->log(logger->utils->conn, level, "%s: %s", logger->mechanism, text);
	if (path)
		append_to_file(path, text);
}

/* FNV-1a. */
uint64_t logger_fingerprint(const char *text, uint64_t hash)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash;
}

/* Notes that the line was told; was it already, in this process? */
static bool was_told(uint64_t print)
{
	enum { REMEMBERED = 8 };
	static uint64_t told[REMEMBERED];
	static unsigned next;
	static pid_t process;

	shared_lock();
	if (process != getpid()) {
		process = getpid();
		memset(told, 0, sizeof told);
	}
	bool known = false;
	for (unsigned i = 0; i < REMEMBERED; i++)
		known = known || told[i] == print;
	if (!known)
		told[next++ % REMEMBERED] = print;
	shared_unlock();
	return known;
}

void logger_once(const struct logger *logger, int level, uint64_t state, const char *text)
{
	uint64_t print = logger_fingerprint(logger->mechanism, LOGGER_FINGERPRINT_START ^ state);
	if (logger_wants(logger, level) && !was_told(logger_fingerprint(text, print)))
		logger_line(logger, level, "%s", text);
}

bool logger_traces(const struct logger *logger)
{
	return logger_wants(logger, SASL_LOG_TRACE) || trace_file();
}

void logger_trace(void *arg, const char *text)
{
	const struct logger *logger = arg;
	logger_line(logger, SASL_LOG_TRACE, "%s", text);
	const char *path = trace_file();
	if (path)
		append_to_file(path, text);
}

void logger_set_detail(const struct logger *logger, const char *text)
{
	logger->utils->seterror(logger->utils->conn, SASL_NOLOG, "%s", text);
}

int logger_fault_level(const struct error *err)
{
	return err->status >= ERR_NO_MEMORY && err->status != ERR_NOT_FOUND ? SASL_LOG_ERR
									    : SASL_LOG_FAIL;
}

int logger_result(const struct error *err, int otherwise)
{
	switch (err->status) {
	case ERR_NO_MEMORY:
		return SASL_NOMEM;
	case ERR_SYNTAX:
	case KRB_AP_ERR_BADVERSION:
	case KRB_AP_ERR_MSG_TYPE:
		return SASL_BADPROT;
	default:
		return otherwise;
	}
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * logger.h - lines for the log, and the text that sasl_errdetail() gives.
 *
 * A line is formatted only if somebody reads it: at or below the
 * connection's log level (the option `log_level`; SASL_LOG_ERR where it is
 * not set), through the application's SASL_CB_LOG or libsasl2's own, which
 * is syslog. Every line begins with the mechanism's name, and is one line:
 * control characters become '?'. Names that came from outside have to be
 * escaped by the caller all the same; a key is never an argument.
 *
 * The trace of the exchange goes there at SASL_LOG_TRACE, and besides, as
 * with MIT krb5, to the file that the environment variable KRB5_TRACE names
 * (ignored in set-uid programs; a FIFO that nobody reads is not waited for; a
 * link of another user's is not followed, nor a file with a second name written),
 * appended, one line a step:
 * "[PID] SECONDS.MICROSECONDS: TEXT". So do lines of SASL_LOG_ERR and
 * SASL_LOG_FAIL, whatever the log level: many clients tell their user no
 * more than "authentication failure".
 */
#ifndef SASL_LOGGER_H
#define SASL_LOGGER_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct logger {
	const sasl_utils_t *utils;
	int level;
	const char *mechanism;
};

bool logger_wants(const struct logger *logger, int level);

/*
 * The same log for a client's failure, down to SASL_LOG_FAIL if the program
 * has not set `log_level`: libsasl2 then takes SASL_LOG_ERR, and no client has
 * a configuration file. What comes of it is for the program's SASL_CB_LOG to say;
 * libsasl2's own, for programs that have none, still leaves it out.
 */
struct logger logger_of_failures(const struct logger *logger);

/* `level` is one of libsasl2's SASL_LOG_*. */
void logger_line(const struct logger *logger, int level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The same, but only once in a process for each mechanism, text and `state`: a
 * fault that every connection meets is told once, and told again when the
 * state of what it is about has changed. The last eight are remembered.
 */
void logger_once(const struct logger *logger, int level, uint64_t state, const char *text);

/*
 * By which a line is remembered: of `text`, going on from another text's, or from the
 * start. A collision costs a line of the log, no more.
 */
#define LOGGER_FINGERPRINT_START UINT64_C(0xcbf29ce484222325)
uint64_t logger_fingerprint(const char *text, uint64_t hash);

/* Does anybody read the trace? */
bool logger_traces(const struct logger *logger);

/* One line of the trace; `logger` is a const struct logger *, as ap/ calls it. */
void logger_trace(void *logger, const char *text);

/* Sets the text of sasl_errdetail(); logs nothing. */
void logger_set_detail(const struct logger *logger, const char *text);

/*
 * SASL_LOG_ERR for a fault of the installation (a file that cannot be read
 * or understood, a library that fails), SASL_LOG_FAIL for a login that failed
 * for another reason.
 */
int logger_fault_level(const struct error *err);

/*
 * The SASL result for a failure: SASL_NOMEM, SASL_BADPROT for bytes that
 * could not be read, `otherwise` for the rest.
 */
int logger_result(const struct error *err, int otherwise);

#endif

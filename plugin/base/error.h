/*
 * error.h - why something failed, in one sentence.
 *
 * A struct error has two texts. `text` is for the administrator: what was
 * found, what was expected, what to do; it may name files, keys and
 * principals and goes to the log. `shown` is for the peer, who may not be
 * authenticated yet: never a path, a list of keys, or a name that the peer
 * did not send. Neither ever holds a secret. Bytes that came from outside
 * enter a text only through text_escape() (text.h).
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/status.h"

struct error {
	enum status status;
	char text[1024];
	char shown[256];
};

/*
 * Records a failure and returns `status`, so that `return error_set(...)`
 * reads as one step. Overwrites what was there, and empties `shown`. `err`
 * may be NULL where the caller does not want the reason; what follows below needs
 * one.
 */
enum status error_set(struct error *err, enum status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, with one text that is fit for both readers. */
enum status error_set_shown(struct error *err, enum status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds what a peer may read to a failure that error_set() recorded; returns its status. */
enum status error_show(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Puts `fmt` and ": " before the text that is there: an outer caller adds
 * where it happened. Returns the recorded status.
 */
enum status error_prefix(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* "out of memory", without allocating anything. */
enum status error_no_memory(struct error *err);

/*
 * What a peer may read of this failure: `shown` if it is set, else a short
 * general sentence for the status ("the ticket has expired"). Never NULL.
 */
const char *error_shown(const struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * error.h - why something failed, in one sentence.
 *
 * A struct error has two texts. `text` is for the administrator: what was
 * found, what was expected, what to do; it may name files, keys and
 * principals and goes to the log. `shown` is for the peer, who may not be
 * authenticated yet: never a path, a list of keys, or a name that the peer
 * did not send. Neither ever holds a secret. Bytes that came from outside
 * enter a text only through text_escape() (text.h).
 *
 * The contract of all functions that return enum status:
 *
 * - `err` is the last argument, or in the struct of a reader or writer. It is
 *   never NULL, and NEW_ERROR() declared it.
 * - Who fails sets it, and returns its status: the two are always the same. So
 *   who calls another passes a failure on in one way,
 *
 *	if (ccache_open(name, owners, &ccache, err))
 *		return err->status;
 *
 *   A variable `status` is only for work to be done before the return.
 * - After a success `err` says nothing: it may be as it was, or hold a failure
 *   that was none of the caller's business.
 * - Functions without `err` (buffer_append()) can fail in one way, and their
 *   callers set it: error_no_memory().
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
 * Declares `name`, a struct error without a reason yet. Its status is
 * KRB_ERR_GENERIC, so that a failure without a reason cannot pass for a success.
 * Its texts are empty, but not cleared, as an initializer would do: that costs
 * more instructions than the writing of a message.
 */
#define NEW_ERROR(name)                                                                            \
	struct error name;                                                                         \
	error_begin(&name)

/* What NEW_ERROR() does, for an error that is a member. */
static inline void error_begin(struct error *err)
{
	err->status = KRB_ERR_GENERIC;
	err->text[0] = '\0';
	err->shown[0] = '\0';
}

/*
 * Records a failure and returns `status`, so that `return error_set(...)`
 * reads as one step. Overwrites what was there, and empties `shown`.
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

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * request_once.h - threads of one process that lack the same ticket: one asks for it,
 * and the others wait.
 */
#ifndef KDC_REQUEST_ONCE_H
#define KDC_REQUEST_ONCE_H

#include "base/error.h"
#include "base/principal.h"

/* What is done: a look into the cache, then a question to a KDC if there is no ticket yet. */
typedef enum status request_function(void *arg, struct error *err);

/*
 * Calls `go` for a ticket for `server` (NULL: the ticket-granting ticket) in the
 * cache of that name. While another thread is at it for the same one, it is
 * waited for, and then `go` is called, if that thread succeeded; if not, its
 * failure is this one's. After `deadline` (monotonic_milliseconds()) nobody is
 * waited for: ERR_UNREACHABLE. Errors of `go`; ERR_NO_MEMORY.
 *
 * One request may be within another, for a server within one without. A child of
 * fork() knows nothing of its parent's.
 */
struct request_task {
	request_function *go;
	void *arg;
	int64_t deadline;
};
MUST_CHECK enum status request_once(const char *cache, const struct principal *server,
	const struct request_task *task, struct error *err);

#endif

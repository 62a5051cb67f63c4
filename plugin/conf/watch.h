/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch.h - the files that a result was made from, to tell when it is out of date.
 */
#ifndef CONF_WATCH_H
#define CONF_WATCH_H

#include "base/error.h"
#include "base/file.h"

struct watched {
	char *path;
	struct file_state state;
};

/* Begins as all zeros. */
struct watch {
	struct watched *files;
	size_t count;
};

/*
 * Remembers a file or directory in the state in which it was used; one that
 * was missed, so that its appearance counts as a change. The path is copied.
 */
MUST_CHECK enum status watch_add(
	struct watch *watch, const char *path, const struct file_state *state, struct error *err);

/* Is any of them in another state now? Costs one stat each. */
bool watch_changed(const struct watch *watch);

/* Leaves an empty watch. */
void watch_free(struct watch *watch);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay_file.h - the file of a replay cache: found to be ours alone, locked,
 * and kept open from one login to the next.
 */
#ifndef STORE_REPLAY_FILE_H
#define STORE_REPLAY_FILE_H

#include <sys/types.h>

#include "base/error.h"

#define REPLAY_FILE_MAX_LENGTH INT32_MAX

struct replay_file {
	int fd;
	const char *path;  /* the caller's */
	off_t length;      /* as it was, or less */
	struct kept *kept; /* that it is to stay open; NULL: it is not */
};

/*
 * Opens the file and locks it; makes it, with mode 0600, if there is none. `path`
 * has to live until replay_file_close(). Any thread may come at any time: one
 * file is kept open, and a thread that comes meanwhile opens it for itself.
 *
 * The file that was kept open is used again if its name still means it: it was
 * not replaced or removed, the process has not forked (its child would share the
 * lock), and the program has not closed it or put another in its place.
 *
 * ERR_FILE   it cannot be made or opened, is no regular file, a symbolic link,
 *            has a second name (hard link), is of another owner, may be read or
 *            written by others, or is longer than REPLAY_FILE_MAX_LENGTH; or the
 *            lock was not to be had within REPLAY_CACHE_WAIT_SECONDS
 * ERR_NO_MEMORY
 */
MUST_CHECK enum status replay_file_open(
	const char *path, struct replay_file *file, struct error *err);

/*
 * Unlocks the file, and keeps it open unless `status`, of what was done with it,
 * is ERR_FILE or the file is on another host: such a file system may tell only
 * when a file is closed that its disk is full. Gives `status`, or ERR_FILE.
 */
MUST_CHECK enum status replay_file_close(
	struct replay_file *file, enum status status, struct error *err);

/* Closes the file that is kept open. */
void replay_file_forget(void);

#endif

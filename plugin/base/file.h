/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * file.h - a regular file, read whole and recognized again.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"

/*
 * What tells one state of a file from another without reading it: where it
 * is, how long it is, when it last changed. A missing file has a state too,
 * so that its appearance is noticed.
 */
struct file_state {
	bool exists;
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified;
	struct timespec changed;
	mode_t mode;
	uid_t owner;
};

/*
 * Gives the open file `to`, which is new and its owner's alone, the group, mode and access list
 * (ACL) of another, so that whoever may read that one may read this one, and nobody else.
 * 0, or a number of errno's: then it is its owner's alone.
 */
MUST_CHECK int file_share_like(int to, int from);

void file_close_at(int *fd); /* -1 is allowed */
#define AUTO_FD __attribute__((cleanup(file_close_at))) int

/* Of an open file; one that does not exist where the kernel cannot tell. */
struct file_state file_state_of(int fd);

/* One stat. A file that cannot be looked at counts as one that does not exist. */
struct file_state file_state(const char *path);
/* The same of the name itself: a symbolic link is not followed. */
struct file_state file_state_of_name(const char *path);

bool file_state_equal(const struct file_state *a, const struct file_state *b);

/*
 * Does the state tell what was read, where the reading began at `when`
 * (CLOCK_REALTIME)? A file that had changed less than 20 ms before may change once
 * more without its time stamp showing it: the kernel's clock for files ticks every
 * 1 to 10 ms. Times that differ by more than a second are of two hosts' clocks, by
 * which nothing can be told: true, as for a file that does not exist.
 */
bool file_state_is_settled(const struct file_state *state, struct timespec when);

/*
 * Appends the contents to `out` and tells the state of the very file that
 * was read (fstat of the open file). Only regular files of at most `max`
 * octets: a directory, a device or a FIFO is refused without waiting on it.
 *
 * ERR_NOT_FOUND   there is no such file (text: "PATH: No such file or directory")
 * ERR_FILE        it cannot be opened or read, or is not regular
 * ERR_TOO_LONG    it has more than `max` octets
 * ERR_NO_MEMORY
 *
 * Whoever may have written it: file_trust.h has what judges that.
 */
MUST_CHECK enum status file_read(const char *path, size_t max, struct buffer *out,
	struct file_state *state, struct error *err);

/* What is left to read of an open file; `path` is for the sentence. Errors as above. */
MUST_CHECK enum status file_read_open(
	int fd, const char *path, size_t max, struct buffer *out, struct error *err);

/* Writes all of it, there. 0, or a number of errno's; ENOSPC if nothing more is written. */
MUST_CHECK int file_write_at(int fd, struct slice octets, off_t offset);

/*
 * May a file of this process reach to `end`? A write beyond RLIMIT_FSIZE may
 * end the whole process by SIGXFSZ. `limit` receives the limit where not.
 */
bool file_may_reach(uint64_t end, uint64_t *limit);

#endif

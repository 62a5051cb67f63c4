/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/xattr.h>
#include <unistd.h>

#define UNSETTLED_NANOSECONDS INT64_C(20000000)

static struct file_state state_of(const struct stat *st)
{
	return (struct file_state){
		.exists = true,
		.device = st->st_dev,
		.inode = st->st_ino,
		.size = st->st_size,
		.modified = st->st_mtim,
		.changed = st->st_ctim,
		.mode = st->st_mode,
		.owner = st->st_uid,
	};
}

struct file_state file_state_of(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 ? state_of(&st) : (struct file_state){.exists = false};
}

struct file_state file_state(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? state_of(&st) : (struct file_state){.exists = false};
}

struct file_state file_state_of_name(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 ? state_of(&st) : (struct file_state){.exists = false};
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool file_state_equal(const struct file_state *a, const struct file_state *b)
{
	if (!a->exists || !b->exists)
		return a->exists == b->exists;
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->mode == b->mode && a->owner == b->owner && same_time(a->modified, b->modified) &&
	       same_time(a->changed, b->changed);
}

#define ACCESS_LIST "system.posix_acl_access"
#define ACCESS_LIST_MAX 8192

/* Where there is a list, the mode's bits of the group are the most that it gives to anybody. */
static int copy_access(int to, int from, mode_t mode)
{
	char list[ACCESS_LIST_MAX];
	ssize_t len = fgetxattr(from, ACCESS_LIST, list, sizeof list);
	if (len >= 0)
		return fsetxattr(to, ACCESS_LIST, list, (size_t)len, 0) == 0 ? 0 : errno;
	if (errno != ENODATA && errno != ENOTSUP)
		return errno;
	return fchmod(to, mode) == 0 ? 0 : errno;
}

int file_share_like(int to, int from)
{
	struct stat st;
	if (fstat(from, &st) != 0)
		return errno;
	if (!(st.st_mode & (S_IRWXG | S_IRWXO)))
		return 0;
	if (fchown(to, (uid_t)-1, st.st_gid) != 0)
		return errno;
	return copy_access(to, from, st.st_mode & 0777);
}

bool file_state_is_settled(const struct file_state *state, struct timespec when)
{
	if (!state->exists)
		return true;
	int64_t seconds = (int64_t)when.tv_sec - state->changed.tv_sec;
	if (seconds < -1 || seconds > 1)
		return true;
	int64_t age = seconds * 1000000000 + when.tv_nsec - state->changed.tv_nsec;
	return age > UNSETTLED_NANOSECONDS || age < -UNSETTLED_NANOSECONDS;
}

void file_close_at(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

enum status file_read_open(
	int fd, const char *path, size_t max, struct buffer *out, struct error *err)
{
	size_t start = out->len;
	for (;;) {
		if (buffer_reserve(out, 4096))
			return error_no_memory(err);
		ssize_t n = read(fd, out->data + out->len, out->capacity - out->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(
				err, ERR_FILE, "%s: cannot be read: %s", path, strerror(errno));
		if (n == 0)
			return STATUS_OK;
		out->len += (size_t)n;
		if (out->len - start > max)
			return error_set(
				err, ERR_TOO_LONG, "%s: longer than %zu octets", path, max);
	}
}

enum status file_read(const char *path, size_t max, struct buffer *out, struct file_state *state,
	struct error *err)
{
	/* O_NONBLOCK: a FIFO without a writer must not hold us before fstat() tells what it is. */
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_FILE, "%s: %s", path,
			strerror(errno));
	struct stat st;
	if (fstat(fd, &st) != 0)
		return error_set(err, ERR_FILE, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERR_FILE, "%s: not a regular file", path);
	if (state)
		*state = state_of(&st);
	return file_read_open(fd, path, max, out, err);
}

int file_write_at(int fd, struct slice octets, off_t offset)
{
	while (octets.len > 0) {
		ssize_t n = pwrite(fd, octets.data, octets.len, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? ENOSPC : errno;
		octets = slice_of(octets.data + n, octets.len - (size_t)n);
		offset += n;
	}
	return 0;
}

bool file_may_reach(uint64_t end, uint64_t *limit)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_FSIZE, &r) || r.rlim_cur == RLIM_INFINITY || end <= r.rlim_cur)
		return true;
	*limit = r.rlim_cur;
	return false;
}

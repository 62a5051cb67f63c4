/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/replay_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/portable.h"
#include "base/shared.h"
#include "store/replay_cache.h"

/* Anybody may make the file first where all may make files. */
#define OWN_FOLDER "set kerberos5_replay_cache to file2:PATH in a folder that is this server's own"

/*
 * Of an open file, if path is "", else of what has this name, a link itself. Not by
 * fstat(), which reads the times too: Linux (6.13) makes sure that whoever has read
 * them sees the next change, and that write then costs a journal entry of its own.
 */
static int look_at_file(int fd, const char *path, struct statx *out)
{
	return statx(fd, path, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW,
		STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_UID | STATX_INO | STATX_SIZE, out);
}

/*
 * Where others can put files (/var/tmp), a name says nothing of who made what
 * is there: it has to be ours alone, whatever it was that we opened.
 */
static enum status check_file(const struct statx *st, const char *path, struct error *err)
{
	if (S_ISLNK(st->stx_mode))
		return error_set(err, ERR_FILE,
			"the replay cache %s is a symbolic link, which somebody else may have put "
			"there; remove it, or " OWN_FOLDER,
			path);
	if (!S_ISREG(st->stx_mode))
		return error_set(err, ERR_FILE,
			"the replay cache %s is not a regular file; remove it, or " OWN_FOLDER,
			path);
	if (st->stx_uid != geteuid())
		return error_set(err, ERR_FILE,
			"the replay cache %s belongs to user %lu, expected user %lu, whom this "
			"server runs as; remove it, or " OWN_FOLDER,
			path, (unsigned long)st->stx_uid, (unsigned long)geteuid());
	if (st->stx_mode & (S_IRWXG | S_IRWXO))
		return error_set(err, ERR_FILE,
			"the replay cache %s may be used by others than its owner (mode 0%03o, "
			"expected 0600), so that its contents may be anybody's; remove it, "
			"or " OWN_FOLDER,
			path, (unsigned)(st->stx_mode & 07777));
	if (st->stx_nlink > 1)
		return error_set(err, ERR_FILE,
			"the replay cache %s has another name too (a hard link), under which it "
			"may be a file of another kind; remove it, or " OWN_FOLDER,
			path);
	if (st->stx_size > REPLAY_FILE_MAX_LENGTH)
		return error_set(err, ERR_FILE,
			"the replay cache %s has %lld octets, expected at most 2 GiB; remove it",
			path, (long long)st->stx_size);
	return STATUS_OK;
}

static const struct advice {
	int number;
	const char *text;
} advices[] = {
	{ENOENT, "; its folder has to exist"},
	{EACCES, "; let that user make files there, or " OWN_FOLDER},
	{EROFS, "; " OWN_FOLDER ", which can be written"},
};

static enum status open_failed(int number, const char *path, struct error *err)
{
	/* Whatever the kernel says of another's file or of a link, this says it better. */
	struct statx st;
	if (look_at_file(AT_FDCWD, path, &st) == 0 && check_file(&st, path, err))
		return err->status;
	const char *text = "";
	for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
		if (advices[i].number == number)
			text = advices[i].text;
	return error_set(err, ERR_FILE,
		"the replay cache %s cannot be opened as user %lu, group %lu: %s%s", path,
		(unsigned long)geteuid(), (unsigned long)getegid(), strerror(number), text);
}

/*
 * O_NONBLOCK: what is no file must not hold us before we know what it is.
 * O_NOATIME makes each read cheaper; only the owner may, and others are refused.
 */
enum { HOW = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOATIME };

/* Where a program has closed its standard output, what it prints must not get into the file. */
static int open_above_standard(const char *path)
{
	int fd = TEMP_FAILURE_RETRY(open(path, HOW, 0600));
	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	int higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return higher;
}

static enum status open_file(const char *path, int *fd, struct statx *st, struct error *err)
{
	*fd = open_above_standard(path);
	if (*fd < 0)
		return open_failed(errno, path, err);
	if (look_at_file(*fd, "", st) != 0) {
		error_set(err, ERR_FILE, "the replay cache %s: %s", path, strerror(errno));
		close(*fd);
		return err->status;
	}
	if (check_file(st, path, err)) {
		close(*fd);
		return err->status;
	}
	return STATUS_OK;
}

/* The file that is open, and by what it is known again. */
struct kept {
	int fd;
	uint32_t device[2];
	uint64_t inode;
	unsigned forks; /* shared_forks() when it was opened */
};

/* NULL while none is open, or while a thread works with it. */
static _Atomic(struct kept *) idle;

static bool is_kept(const struct kept *kept, const struct statx *st)
{
	return st->stx_dev_major == kept->device[0] && st->stx_dev_minor == kept->device[1] &&
	       st->stx_ino == kept->inode;
}

/* The program may have closed it (as daemons close all that is open) and opened another. */
static bool is_still_open(const struct kept *kept)
{
	struct statx st;
	return look_at_file(kept->fd, "", &st) == 0 && is_kept(kept, &st);
}

static void release(struct kept *kept)
{
	if (!kept)
		return;
	if (is_still_open(kept))
		close(kept->fd);
	free(kept);
}

/* `st` receives what has the name now, if that is the file that is open. */
static bool is_current(const struct kept *kept, const char *path, struct statx *st)
{
	return kept->forks == shared_forks() && is_still_open(kept) &&
	       look_at_file(AT_FDCWD, path, st) == 0 && is_kept(kept, st);
}

static const uint32_t remote_types[] = {
	0x6969,     /* NFS */
	0x517b,     /* SMB */
	0xff534d42, /* CIFS */
	0xfe534d42, /* SMB2 */
	0x65735546, /* FUSE */
	0x5346414f, /* AFS */
	0x00c36400, /* Ceph */
	0x01021997, /* 9P */
};

static bool is_remote(int fd)
{
	struct statfs fs;
	if (fstatfs(fd, &fs) != 0)
		return true;
	for (size_t i = 0; i < sizeof remote_types / sizeof *remote_types; i++)
		if ((uint32_t)fs.f_type == remote_types[i])
			return true;
	return false;
}

/* Remembers an open file. NULL if it is not to be kept, or there is no memory for it. */
static struct kept *remember(int fd, const struct statx *st)
{
	struct kept *kept = is_remote(fd) ? NULL : malloc(sizeof *kept);
	if (!kept)
		return NULL;
	*kept = (struct kept){
		.fd = fd,
		.device = {st->stx_dev_major, st->stx_dev_minor},
		.inode = st->stx_ino,
		.forks = shared_forks(),
	};
	return kept;
}

static void abandon(struct replay_file *file)
{
	if (file->kept)
		release(file->kept);
	else
		close(file->fd);
}

static enum status lock_file(const struct replay_file *file, struct error *err)
{
	int number = file_lock(file->fd, REPLAY_CACHE_WAIT_SECONDS);
	if (number == 0)
		return STATUS_OK;
	if (number != EAGAIN)
		return error_set(err, ERR_FILE, "the replay cache %s cannot be locked: %s",
			file->path, strerror(number));
	return error_set(err, ERR_FILE,
		"the replay cache %s is locked by another process for more than %d s: that one "
		"hangs, end it (fuser PATH shows who has the file open)",
		file->path, REPLAY_CACHE_WAIT_SECONDS);
}

/* The kept file, or one that is opened now. */
static enum status take(const char *path, struct replay_file *file, struct error *err)
{
	struct statx st;
	enum status status = STATUS_OK;
	struct kept *kept = atomic_exchange_explicit(&idle, NULL, memory_order_acquire);
	int fd = kept ? kept->fd : -1;
	if (kept && is_current(kept, path, &st)) {
		status = check_file(&st, path, err);
	} else {
		release(kept);
		kept = NULL;
		if (open_file(path, &fd, &st, err))
			return err->status;
		kept = remember(fd, &st);
	}
	*file = (struct replay_file){fd, path, (off_t)st.stx_size, kept};
	if (status)
		abandon(file);
	return status;
}

enum status replay_file_open(const char *path, struct replay_file *file, struct error *err)
{
	if (take(path, file, err))
		return err->status;
	if (lock_file(file, err)) {
		abandon(file);
		return err->status;
	}
	return STATUS_OK;
}

/* Some file systems tell only now that the disk is full. */
static enum status close_last(const struct replay_file *file, enum status status, struct error *err)
{
	if (close(file->fd) == 0 || errno == EINTR || status)
		return status;
	return error_set(err, ERR_FILE, "the replay cache %s cannot be written: %s", file->path,
		strerror(errno));
}

enum status replay_file_close(struct replay_file *file, enum status status, struct error *err)
{
	struct kept *none = NULL;
	file_unlock(file->fd);
	if (!file->kept)
		return close_last(file, status, err);
	if (status == ERR_FILE || !atomic_compare_exchange_strong_explicit(&idle, &none, file->kept,
					  memory_order_release, memory_order_relaxed))
		release(file->kept);
	return status;
}

void replay_file_forget(void)
{
	release(atomic_exchange(&idle, NULL));
}

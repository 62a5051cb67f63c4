#include "store/replay_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/portable.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "store/location.h"
#include "store/replay_table.h"

#define DEFAULT_FOLDER "/var/tmp"

/* Anybody may make the file first where all may make files. */
#define OWN_FOLDER "set kerberos5_replay_cache to file2:PATH in a folder that is this server's own"

static enum status file2_path(const char *rest, char path[PATH_MAX], struct error *err)
{
	size_t len = strlen(rest);
	if (len == 0 || len >= PATH_MAX)
		return error_set(err, ERR_FILE,
			"the replay cache's path has %zu octets, expected 1 to %d (file2:PATH)",
			len, PATH_MAX - 1);
	memcpy(path, rest, len + 1);
	return STATUS_OK;
}

/* As libkrb5 finds it, down to a variable that is set and empty, which means "/". */
static enum status dfl_path(const char *rest, char path[PATH_MAX], struct error *err)
{
	(void)rest;
	const char *folder = secure_getenv("KRB5RCACHEDIR");
	if (!folder)
		folder = secure_getenv("TMPDIR");
	if (!folder)
		folder = DEFAULT_FOLDER;
	int len = snprintf(path, PATH_MAX, "%s/krb5_%lu.rcache2", folder, (unsigned long)geteuid());
	if (len < 0 || len >= PATH_MAX)
		return error_set(err, ERR_FILE,
			"the replay cache's folder \"%.80s...\" has a longer name than the %d "
			"octets of a path (KRB5RCACHEDIR, TMPDIR)",
			folder, PATH_MAX - 1);
	return STATUS_OK;
}

static const struct type {
	const char *name;
	enum status (*path)(const char *rest, char path[PATH_MAX], struct error *err);
} types[] = {
	{"file2", file2_path},
	{"dfl", dfl_path},
	{"none", NULL},
};

static enum status type_of(
	const char *name, const struct type **out, const char **rest, struct error *err)
{
	struct slice type = location_type(name, rest);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		*out = &types[i];
		if (slice_equal(type, slice_string(types[i].name)))
			return STATUS_OK;
	}
	return error_set(err, ERR_UNSUPPORTED,
		"the replay cache \"%s\" is of no type that is known; expected file2:PATH, dfl: "
		"or none:",
		TEXT(slice_string(name)));
}

/*
 * Of an open file, if path is "", else of what has this name, a link itself. Not by
 * fstat(), which reads the times too: Linux (6.13) makes sure that whoever has read
 * them sees the next change, and that write then costs a journal entry of its own.
 */
static int look_at_file(int fd, const char *path, struct statx *out)
{
	return statx(fd, path, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW,
		STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_UID | STATX_SIZE, out);
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
		return ERR_FILE;
	const char *text = "";
	for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
		if (advices[i].number == number)
			text = advices[i].text;
	return error_set(err, ERR_FILE,
		"the replay cache %s cannot be opened as user %lu, group %lu: %s%s", path,
		(unsigned long)geteuid(), (unsigned long)getegid(), strerror(number), text);
}

static enum status open_file(const char *path, struct replay_file *file, struct error *err)
{
	/*
	 * O_NONBLOCK: what is no file must not hold us before we know what it is.
	 * O_NOATIME makes each read cheaper; only the owner may, and others are refused.
	 */
	int fd = TEMP_FAILURE_RETRY(open(path,
		O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOATIME,
		0600));
	if (fd < 0)
		return open_failed(errno, path, err);
	struct statx st;
	enum status status;
	if (look_at_file(fd, "", &st) != 0)
		status = error_set(err, ERR_FILE, "the replay cache %s: %s", path, strerror(errno));
	else
		status = check_file(&st, path, err);
	if (status) {
		close(fd);
		return status;
	}
	*file = (struct replay_file){.fd = fd, .path = path, .length = (off_t)st.stx_size};
	return STATUS_OK;
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

static enum status make_record(
	struct slice tag, int64_t time, struct replay_record *record, struct error *err)
{
	if (time < 1 || time > UINT32_MAX)
		return error_set(err, ERR_FILE,
			"a replay cache has no room for times before 1970 or after 2106, as this "
			"clock has it: %lld s since 1970",
			(long long)time);
	size_t len = tag.len < REPLAY_TAG_LENGTH ? tag.len : REPLAY_TAG_LENGTH;
	*record = (struct replay_record){.time = (uint32_t)time};
	if (len > 0)
		memcpy(record->tag, tag.data, len);
	return STATUS_OK;
}

static enum status judge_time(const struct replay_entry *entry, int64_t now, struct error *err)
{
	if (entry->time >= now - entry->skew)
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_SKEW,
		"the request has waited too long for its turn at the replay cache: it was made at "
		"%s, now it is %s, and %s are allowed; this host is overloaded, or was stopped",
		TIME_TEXT(entry->time), TIME_TEXT(now), SPAN_TEXT(entry->skew));
}

/* Under the lock. */
static enum status store_now(
	const struct replay_file *file, const struct replay_entry *entry, struct error *err)
{
	int64_t now = entry->now();
	struct replay_record record;
	enum status status = judge_time(entry, now, err);
	if (!status)
		status = make_record(
			entry->tag, entry->time > now ? entry->time : now, &record, err);
	return status ? status : replay_table_store(file, &record, now - entry->skew, err);
}

static enum status store_locked(
	const struct replay_file *file, const struct replay_entry *entry, struct error *err)
{
	enum status status = lock_file(file, err);
	if (status)
		return status;
	status = store_now(file, entry, err);
	file_unlock(file->fd);
	return status;
}

static enum status store(const char *path, const struct replay_entry *entry, struct error *err)
{
	struct replay_file file;
	enum status status = open_file(path, &file, err);
	if (status)
		return status;
	status = store_locked(&file, entry, err);
	/* Some file systems tell only now that the disk is full. */
	if (close(file.fd) != 0 && errno != EINTR && !status)
		return error_set(err, ERR_FILE, "the replay cache %s cannot be written: %s", path,
			strerror(errno));
	return status;
}

enum status replay_cache_store(
	const char *name, const struct replay_entry *entry, struct error *err)
{
	const struct type *type;
	const char *rest;
	char path[PATH_MAX];
	enum status status = type_of(name, &type, &rest, err);
	if (status || !type->path)
		return status;
	status = type->path(rest, path, err);
	if (!status)
		status = store(path, entry, err);
	if (status == ERR_FILE && err)
		error_show(err, "the server cannot tell whether the request is a replay");
	return status;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/file_trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define MAX_LINKS 8 /* one leading to the next; Kubernetes has one, to a path through another */

/* ---- owners ---- */

bool file_owner_is_trusted(uid_t owner, const struct file_owners *others)
{
	if (owner == 0 || owner == geteuid())
		return true;
	for (unsigned i = 0; others && i < others->count; i++)
		if (others->uid[i] == owner)
			return true;
	return false;
}

/* A number is one even where no user has it: that of a container, say. */
static bool parse_number(const char *text, uid_t *uid)
{
	uint64_t value = 0;
	const char *p = text;
	for (; *p >= '0' && *p <= '9' && value < UINT32_MAX; p++)
		value = value * 10 + (uint64_t)(*p - '0');
	*uid = (uid_t)value;
	return p > text && *p == '\0' && value < UINT32_MAX;
}

static bool find_user(struct slice word, uid_t *uid)
{
	struct passwd entry, *found = NULL;
	char name[256], storage[4096];
	if (word.len >= sizeof name)
		return false;
	snprintf(name, sizeof name, "%.*s", (int)word.len, (const char *)word.data);
	if (parse_number(name, uid))
		return true;
	if (getpwnam_r(name, &entry, storage, sizeof storage, &found) != 0 || !found)
		return false;
	*uid = entry.pw_uid;
	return true;
}

enum status file_owners_parse(const char *text, struct file_owners *out, struct error *err)
{
	static const char separators[] = " \t,";
	out->count = 0;
	while (text && *(text += strspn(text, separators))) {
		struct slice word = slice_of(text, strcspn(text, separators));
		text += word.len;
		if (out->count == FILE_OWNERS_MAX)
			return error_set(err, ERR_SYNTAX,
				"more than %d users, the first too many is \"%s\"", FILE_OWNERS_MAX,
				TEXT(word));
		if (!find_user(word, &out->uid[out->count++]))
			return error_set(err, ERR_SYNTAX,
				"\"%s\" is neither a user's name that this system knows nor a "
				"number",
				TEXT(word));
	}
	return STATUS_OK;
}

/* ---- the judgement ---- */

static enum status refuse_owner(
	const char *path, const struct stat *st, const struct file_rules *rules, struct error *err)
{
	return error_set(err, ERR_UNTRUSTED,
		"%s %s belongs to user %ld (mode 0%03o), expected is user %ld, whom this program "
		"runs as, or root: %s",
		rules->what, path, (long)st->st_uid, (unsigned)(st->st_mode & 07777),
		(long)geteuid(), rules->owner_advice);
}

static enum status judge(
	const char *path, const struct stat *st, const struct file_rules *rules, struct error *err)
{
	if (rules->folder ? !S_ISDIR(st->st_mode) : !S_ISREG(st->st_mode))
		return error_set(err, ERR_FILE, "%s: not a %s", path,
			rules->folder ? "folder" : "regular file");
	if (!rules->any_owner && !file_owner_is_trusted(st->st_uid, rules->others))
		return refuse_owner(path, st, rules, err);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return error_set(err, ERR_UNTRUSTED,
			"%s %s of user %ld can be written to by others (mode 0%03o): chmod go-w, "
			"if "
			"you know that what is in it is yours",
			rules->what, path, (long)st->st_uid, (unsigned)(st->st_mode & 07777));
	if (!rules->folder && !rules->hard_links && st->st_nlink > 1)
		return error_set(err, ERR_UNTRUSTED,
			"%s %s of user %ld (mode 0%03o) has another name too (a hard link), by "
			"which it may be a file for something else: remove one of them, or copy "
			"the file",
			rules->what, path, (long)st->st_uid, (unsigned)(st->st_mode & 07777));
	return STATUS_OK;
}

/* One more name of somebody's link could be put anywhere, as one of a file can. */
static enum status judge_link(
	const char *path, const struct stat *st, const struct file_rules *rules, struct error *err)
{
	if (rules->any_owner || (file_owner_is_trusted(st->st_uid, NULL) && st->st_nlink == 1))
		return STATUS_OK;
	return error_set(err, ERR_UNTRUSTED,
		"%s %s is a symbolic link of user %ld%s, which is followed only if it is of user "
		"%ld, whom this program runs as, or of root: name the file itself",
		rules->what, path, (long)st->st_uid, st->st_nlink > 1 ? " with a second name" : "",
		(long)geteuid());
}

/* ---- the way there ---- */

/* Where a name is looked up: a folder that is open, so that it stays the same one. */
struct place {
	int folder;
	char path[PATH_MAX]; /* relative to it */
	const char *name;    /* the last component, in `path` */
};

static void leave(struct place *place)
{
	file_close_at(&place->folder);
}

static enum status failed(const char *path, int number, struct error *err)
{
	return error_set(
		err, number == ENOENT ? ERR_NOT_FOUND : ERR_FILE, "%s: %s", path, strerror(number));
}

/* 0, or a number of errno's. */
static int enter(struct place *place)
{
	char *slash = strrchr(place->path, '/');
	const char *folder = !slash ? "." : slash == place->path ? "/" : place->path;
	place->name = slash ? slash + 1 : place->path;
	if (slash && slash > place->path)
		*slash = '\0';
	int fd = openat(place->folder, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	file_close_at(&place->folder);
	place->folder = fd;
	return 0;
}

/* Behind a slash the kernel follows a link, whatever it is told. */
static void cut_slashes(char *path)
{
	size_t len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
}

/* The link and where it leads are of one descriptor: nobody can swap it in between. */
static enum status follow(
	const char *path, const struct file_rules *rules, struct place *place, struct error *err)
{
	struct stat st;
	AUTO_FD fd = openat(place->folder, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		return failed(path, errno, err);
	if (judge_link(path, &st, rules, err))
		return err->status;
	ssize_t len = readlinkat(fd, "", place->path, sizeof place->path);
	if (len < 0)
		return failed(path, errno, err);
	if ((size_t)len == sizeof place->path)
		return failed(path, ENAMETOOLONG, err);
	place->path[len] = '\0';
	cut_slashes(place->path);
	return STATUS_OK;
}

static int open_in(int folder, const char *name, int flags)
{
	/* O_NONBLOCK: a FIFO without a writer must not hold us before fstat() tells what it is. */
	return openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

static enum status open_through_links(
	const char *path, int flags, const struct file_rules *rules, int *fd, struct error *err)
{
	__attribute__((cleanup(leave))) struct place place = {.folder = AT_FDCWD};
	memcpy(place.path, path, strlen(path) + 1);
	for (int links = 0; links <= MAX_LINKS; links++) {
		int number = enter(&place);
		if (number)
			return failed(path, number, err);
		*fd = open_in(place.folder, place.name, flags);
		if (*fd >= 0)
			return STATUS_OK;
		if (errno != ELOOP)
			return failed(path, errno, err);
		if (follow(path, rules, &place, err))
			return err->status;
	}
	return failed(path, ELOOP, err);
}

enum status file_open_trusted(
	const char *name, int flags, const struct file_rules *rules, int *fd, struct error *err)
{
	char path[PATH_MAX];
	struct stat st;
	*fd = -1;
	if (strlen(name) >= sizeof path)
		return failed(name, ENAMETOOLONG, err);
	memcpy(path, name, strlen(name) + 1);
	cut_slashes(path);
	*fd = open_in(AT_FDCWD, path, flags);
	if (*fd < 0 && errno != ELOOP)
		return failed(path, errno, err);
	if (*fd < 0 && open_through_links(path, flags, rules, fd, err))
		return err->status;
	if (fstat(*fd, &st) == 0 ? judge(path, &st, rules, err) : failed(path, errno, err)) {
		close(*fd);
		*fd = -1;
		return err->status;
	}
	return STATUS_OK;
}

enum status file_read_trusted(const char *path, const struct file_rules *rules, struct buffer *out,
	struct file_state *state, struct error *err)
{
	AUTO_FD fd = -1;
	if (file_open_trusted(path, O_RDONLY, rules, &fd, err))
		return err->status;
	if (state)
		*state = file_state_of(fd);
	return file_read_open(fd, path, rules->max, out, err);
}

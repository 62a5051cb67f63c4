/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "store/ccache_marshal.h"
#include "store/ccache_type.h"

/* How often a file is opened anew because another took its place meanwhile. */
#define MAX_ATTEMPTS 8

static enum status explain(const char *path, struct error *err)
{
	if (err->status == ERR_NOT_FOUND)
		return error_set(err, ERR_NOT_FOUND,
			"there is no credential cache %s: run kinit, or set KRB5CCNAME", path);
	if (err->status == ERR_TOO_LONG)
		return error_set(err, ERR_TOO_LONG,
			"the credential cache %s is longer than %d MiB, which nobody has use for: "
			"run kinit again",
			path, CCACHE_MAX_LENGTH >> 20);
	if (err->status == ERR_FILE)
		return error_prefix(err,
			"cannot read the credential cache as user %ld (it has to be a file that "
			"this user may read)",
			(long)geteuid());
	return err->status;
}

struct file_rules ccache_file_rules(const struct file_owners *owners)
{
	return (struct file_rules){
		.what = "the credential cache",
		.max = CCACHE_MAX_LENGTH,
		.others = owners,
		.owner_advice = "run kinit as that one, or name the owner in the option "
				"kerberos5_ccache_owners",
	};
}

enum status ccache_file_read(struct ccache *ccache, struct file_state *state, struct error *err)
{
	const struct file_rules rules = ccache_file_rules(&ccache->owners);
	if (file_read_trusted(ccache->place, &rules, &ccache->contents, state, err))
		return explain(ccache->name, err);
	return ccache_parse_contents(ccache, err);
}

static enum status take_path(
	const char *rest, const struct file_owners *owners, char out[PATH_MAX], struct error *err)
{
	size_t size = strlen(rest) + 1;
	(void)owners;
	if (size > PATH_MAX)
		return error_set(err, ERR_FILE, "the path %.100s... is too long", rest);
	memcpy(out, rest, size);
	return STATUS_OK;
}

static enum status cannot_write(const char *path, int number, struct error *err)
{
	return error_set(err, number == ENOENT ? ERR_NOT_FOUND : ERR_FILE,
		"the credential cache %s cannot be written as user %ld: %s", path, (long)geteuid(),
		strerror(number));
}

/* An open file is unlocked, where it was locked, and closed. */
static void let_go(int *fd)
{
	if (*fd < 0)
		return;
	file_unlock(*fd);
	close(*fd);
}

/* Who are believed may fill the cache, but what is not the user's own is not the user's to change.
 */
static enum status check_owner(const char *path, const struct file_state *state, struct error *err)
{
	if (state->owner == geteuid())
		return STATUS_OK;
	return error_set(err, ERR_FILE,
		"the credential cache %s belongs to user %ld: user %ld does not write it", path,
		(long)state->owner, (long)geteuid());
}

static enum status open_to_write(const struct ccache *ccache, int *fd, struct error *err)
{
	const struct file_rules rules = ccache_file_rules(&ccache->owners);
	enum status status = file_open_trusted(ccache->place, O_RDWR, &rules, fd, err);
	if (status == ERR_NOT_FOUND || status == ERR_FILE)
		return error_prefix(
			err, "the credential cache cannot be written as user %ld", (long)geteuid());
	return status;
}

static enum status lock(const char *path, int fd, struct error *err)
{
	int number = file_lock(fd, CCACHE_WAIT_SECONDS);
	if (number == 0)
		return STATUS_OK;
	if (number != EAGAIN)
		return error_set(err, ERR_FILE, "the credential cache %s cannot be locked: %s",
			path, strerror(number));
	return error_set(err, ERR_FILE,
		"the credential cache %s is locked by another process for more than %d s: that one "
		"hangs, end it (fuser PATH shows who has the file open)",
		path, CCACHE_WAIT_SECONDS);
}

/* Is the file that was locked still the one of this name? kinit puts another in its place. */
static bool is_current(const char *path, const struct file_state *state)
{
	const struct file_state now = file_state(path);
	return now.exists && now.device == state->device && now.inode == state->inode;
}

static enum status open_locked(const struct ccache *ccache, int *fd, struct error *err)
{
	const char *path = ccache->place;
	for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		if (open_to_write(ccache, fd, err))
			return err->status;
		const struct file_state state = file_state_of(*fd);
		if (check_owner(path, &state, err) || lock(path, *fd, err))
			return err->status;
		if (is_current(path, &state))
			return STATUS_OK;
		let_go(fd);
		*fd = -1;
	}
	return error_set(err, ERR_FILE,
		"the credential cache %s cannot be written: another file took its place %d times "
		"meanwhile",
		path, MAX_ATTEMPTS);
}

static enum status read_contents(int fd, struct ccache *now, struct error *err)
{
	struct buffer *contents = &now->contents;
	for (;;) {
		if (buffer_reserve(contents, 4096))
			return error_no_memory(err);
		ssize_t n = pread(fd, contents->data + contents->len,
			contents->capacity - contents->len, (off_t)contents->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cannot_write(now->name, errno, err);
		if (n == 0)
			return STATUS_OK;
		contents->len += (size_t)n;
		if (contents->len > CCACHE_MAX_LENGTH)
			return error_set(err, ERR_FILE,
				"the credential cache %s is longer than %d octets", now->name,
				CCACHE_MAX_LENGTH);
	}
}

/* The cache as it is now, under the lock; it may have changed since it was read. */
static enum status read_again(
	int fd, const struct ccache *before, struct ccache *now, struct error *err)
{
	if (ccache_set_name(now, "", before->place, err) || read_contents(fd, now, err) ||
		ccache_parse_contents(now, err))
		return err->status;
	return ccache_check_client(before, now, err);
}

/* 0, or a number of errno's. */
static int write_at(int fd, struct slice octets, size_t offset)
{
	size_t end = offset + octets.len;
	uint64_t limit;
	if (end > CCACHE_MAX_LENGTH || !file_may_reach(end, &limit))
		return EFBIG;
	return file_write_at(fd, octets, (off_t)offset);
}

/*
 * What is behind the last whole credential was left by a writer that was
 * stopped, or there is one whose length is damaged, and others behind it. They
 * begin with the client's name (a type, of four octets, and the rest), which a
 * writer that was stopped has written once.
 */
static enum status check_end(const struct ccache *now, struct error *err)
{
	const size_t type = 4;
	AUTO_BUFFER client = {0};
	struct slice contents = buffer_slice(&now->contents);
	struct slice end = slice_of(contents.data + now->whole, contents.len - now->whole);
	if (marshal_principal(&now->client, &client, err))
		return err->status;
	if (end.len <= type + 1 || !memmem(end.data + type + 1, end.len - type - 1,
					   client.data + type, client.len - type))
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX,
		"the credential cache %s is damaged at octet %zu, and there are tickets behind "
		"that: nothing is added to it, run kinit again",
		now->name, now->whole);
}

/* Behind the last whole credential. */
static enum status append(int fd, const struct ccache *now, struct slice octets, struct error *err)
{
	off_t end = (off_t)now->whole;
	if (now->contents.len > now->whole && ftruncate(fd, end) != 0)
		return cannot_write(now->name, errno, err);
	int number = write_at(fd, octets, now->whole);
	if (number == 0)
		return STATUS_OK;
	if (ftruncate(fd, end) != 0)
		return error_set(err, ERR_FILE,
			"the credential cache %s was written in part (%s), and cannot be cut back "
			"to %zu octets: %s",
			now->name, strerror(number), now->whole, strerror(errno));
	return cannot_write(now->name, number, err);
}

enum status ccache_file_store(
	const struct ccache *ccache, const struct credential *credential, struct error *err)
{
	__attribute__((cleanup(let_go))) int fd = -1;
	AUTO_BUFFER octets = {0};
	AUTO_CCACHE now = calloc(1, sizeof *now);
	if (!now)
		return error_no_memory(err);
	if (open_locked(ccache, &fd, err) || read_again(fd, ccache, now, err) ||
		check_end(now, err) || marshal_credential(credential, now->version, &octets, err))
		return err->status;
	return append(fd, now, buffer_slice(&octets), err);
}

/* In the same folder, under a name that no DIR: collection takes for a cache. */
static enum status name_beside(const char *path, char out[PATH_MAX], struct error *err)
{
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash - path + 1) : 0;
	if (snprintf(out, PATH_MAX, "%.*s.krb5cc.XXXXXX", folder, path) < PATH_MAX)
		return STATUS_OK;
	return cannot_write(path, ENAMETOOLONG, err);
}

/* Its readers are those of `before`; -1: its owner alone. */
static enum status put_in_place(
	const char *path, struct slice octets, int before, struct error *err)
{
	char beside[PATH_MAX];
	if (name_beside(path, beside, err))
		return err->status;
	int fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return cannot_write(path, errno, err);
	int number = before < 0 ? 0 : file_share_like(fd, before);
	if (number == 0)
		number = write_at(fd, octets, 0);
	/* Some file systems tell only now that the disk is full. */
	if (close(fd) != 0 && number == 0)
		number = errno;
	if (number == 0 && rename(beside, path) != 0)
		number = errno;
	if (number == 0)
		return STATUS_OK;
	unlink(beside);
	return cannot_write(path, number, err);
}

enum status ccache_file_create(
	const char *path, const struct ccache_start *start, struct error *err)
{
	AUTO_BUFFER octets = {0};
	if (marshal_file(start, &octets, err))
		return err->status;
	return put_in_place(path, buffer_slice(&octets), -1, err);
}

/* A header that has the field keeps its length: its octets alone are written. */
static enum status write_header(
	int fd, const struct ccache *now, struct slice octets, struct error *err)
{
	char path[PATH_MAX];
	if (octets.len == now->contents.len) {
		struct reader reader = reader_of(octets);
		(void)read_u16(&reader); /* version */
		size_t length = 4 + (size_t)read_u16(&reader);
		int number = write_at(fd, slice_of(octets.data, length), 0);
		return number ? cannot_write(now->name, number, err) : STATUS_OK;
	}
	const struct file_state state = file_state_of(fd);
	if (!realpath(now->place, path))
		return cannot_write(now->name, errno, err);
	if (!is_current(path, &state))
		return cannot_write(now->name, EAGAIN, err);
	return put_in_place(path, octets, fd, err);
}

enum status ccache_file_set_kdc_offset(
	const struct ccache *ccache, int64_t kdc_offset, struct error *err)
{
	__attribute__((cleanup(let_go))) int fd = -1;
	AUTO_BUFFER octets = {0};
	AUTO_CCACHE now = calloc(1, sizeof *now);
	if (!now)
		return error_no_memory(err);
	if (open_locked(ccache, &fd, err) || read_again(fd, ccache, now, err))
		return err->status;
	if (now->version != 4)
		return error_set(err, ERR_UNSUPPORTED,
			"the credential cache %s is of version %d, which has no place for the "
			"KDC's clock: run kinit again",
			now->name, now->version);
	if (marshal_with_kdc_offset(buffer_slice(&now->contents), kdc_offset, &octets, err))
		return err->status;
	return write_header(fd, now, buffer_slice(&octets), err);
}

const struct ccache_type ccache_file = {
	.name = "FILE",
	.prefix = "",
	.path = take_path,
	.store = ccache_file_store,
	.set_kdc_offset = ccache_file_set_kdc_offset,
	.create = ccache_file_create,
};

/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ccache_type.h"

#define CACHE_PREFIX "tkt"
#define PRIMARY "primary"
#define PRIMARY_MAX_LENGTH 4096

static enum status join(
	const char *folder, struct slice name, char out[PATH_MAX], struct error *err)
{
	if (snprintf(out, PATH_MAX, "%s/%.*s", folder, (int)name.len, name.data) < PATH_MAX)
		return STATUS_OK;
	return error_set(err, ERR_FILE, "the path %.100s... is too long", folder);
}

static bool is_cache_name(struct slice name)
{
	size_t len = sizeof CACHE_PREFIX - 1;
	return name.len >= len && name.len <= NAME_MAX &&
	       memcmp(name.data, CACHE_PREFIX, len) == 0 && !memchr(name.data, '/', name.len) &&
	       !memchr(name.data, '\0', name.len);
}

/* The first line of a collection's file "primary": a name in the same folder, and nothing else. */
static enum status take_primary(const char *file, struct slice contents, const char *folder,
	char out[PATH_MAX], struct error *err)
{
	const unsigned char *end =
		contents.len > 0 ? memchr(contents.data, '\n', contents.len) : NULL;
	struct slice name = slice_of(contents.data, end ? (size_t)(end - contents.data) : 0);
	if (is_cache_name(name))
		return join(folder, name, out, err);
	return error_set(err, ERR_SYNTAX,
		"%s does not name a credential cache: expected is a line that begins with "
		"\"" CACHE_PREFIX "\" and has no slash: run kswitch, or remove it",
		file);
}

/*
 * Who can write to the folder chooses the primary cache, and puts a cache in
 * the place of another. Where there is none, there is nothing to judge.
 */
static enum status open_folder(
	const char *path, const struct file_owners *owners, int *fd, struct error *err)
{
	struct file_rules rules = ccache_file_rules(owners);
	rules.what = "the credential cache folder";
	rules.folder = true;
	enum status status = file_open_trusted(path, O_RDONLY, &rules, fd, err);
	if (status == ERR_FILE || status == ERR_NOT_FOUND)
		return error_prefix(err, "cannot read the credential cache folder as user %ld",
			(long)geteuid());
	return status;
}

static enum status judge_folder(
	const char *path, const struct file_owners *owners, struct error *err)
{
	AUTO_FD fd = -1;
	enum status status = open_folder(path, owners, &fd, err);
	return status == ERR_NOT_FOUND ? STATUS_OK : status;
}

static enum status find_primary(
	const char *folder, const struct file_owners *owners, char out[PATH_MAX], struct error *err)
{
	char file[PATH_MAX];
	AUTO_BUFFER contents = {0};
	struct file_rules rules = ccache_file_rules(owners);
	rules.what = "the file that names the primary credential cache,";
	rules.max = PRIMARY_MAX_LENGTH;
	if (join(folder, SLICE_LITERAL(PRIMARY), file, err) || judge_folder(folder, owners, err))
		return err->status;
	enum status status = file_read_trusted(file, &rules, &contents, NULL, err);
	if (status == ERR_NOT_FOUND)
		return join(folder, SLICE_LITERAL(CACHE_PREFIX), out, err);
	return status ? err->status : take_primary(file, buffer_slice(&contents), folder, out, err);
}

/* The path of the one cache that "FOLDER" or ":PATH" means. */
static enum status find_path(
	const char *rest, const struct file_owners *owners, char out[PATH_MAX], struct error *err)
{
	if (rest[0] == '\0')
		return error_set(err, ERR_SYNTAX,
			"DIR: names no folder of credential caches: expected is DIR:/FOLDER");
	if (rest[0] != ':')
		return find_primary(rest, owners, out, err);
	const char *slash = strrchr(rest, '/');
	if (!slash || !is_cache_name(slice_string(slash + 1)))
		return error_set(err, ERR_SYNTAX,
			"DIR:%s does not name a credential cache: expected is DIR::FOLDER/NAME, "
			"where the name begins with \"" CACHE_PREFIX "\"",
			rest);
	if (strlen(rest + 1) >= PATH_MAX)
		return error_set(err, ERR_FILE, "the path %.100s... is too long", rest + 1);
	snprintf(out, PATH_MAX, "%.*s", (int)(slash - rest), rest + 1); /* with its slash */
	enum status status = judge_folder(out, owners, err);
	memcpy(out, rest + 1, strlen(rest + 1) + 1);
	return status;
}

/* As libkrb5 does it: one folder, for nobody else. */
static enum status make_folder(const char *folder, struct error *err)
{
	if (folder[0] == ':' || folder[0] == '\0' || mkdir(folder, 0700) == 0 || errno == EEXIST)
		return STATUS_OK;
	return error_set(
		err, ERR_FILE, "cannot make the credential cache folder %.1000s: %m", folder);
}

static enum status create_dir(const char *rest, const struct ccache_start *start, struct error *err)
{
	char path[PATH_MAX];
	if (make_folder(rest, err) || find_path(rest, NULL, path, err))
		return err->status;
	return ccache_file_create(path, start, err);
}

static void close_folder(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

static enum status add_others(DIR *entries, const char *folder, const char *primary,
	struct buffer *names, struct error *err)
{
	const struct dirent *entry;
	unsigned count = 0;
	while ((entry = readdir(entries)) && count < CCACHE_MAX_COLLECTION) {
		char path[PATH_MAX];
		struct slice name = slice_string(entry->d_name);
		if (!is_cache_name(name))
			continue;
		if (join(folder, name, path, err) ||
			(strcmp(path, primary) != 0 && ccache_add_name(names, "DIR::", path, err)))
			return err->status;
		count++;
	}
	return STATUS_OK;
}

static enum status list_folder(const char *folder, const struct file_owners *owners,
	const char *primary, struct buffer *names, struct error *err)
{
	int fd;
	if (open_folder(folder, owners, &fd, err))
		return err->status;
	__attribute__((cleanup(close_folder))) DIR *entries = fdopendir(fd);
	if (entries)
		return add_others(entries, folder, primary, names, err);
	file_close_at(&fd);
	return error_no_memory(err);
}

static enum status list_dir(
	const char *rest, const struct file_owners *owners, struct buffer *names, struct error *err)
{
	char path[PATH_MAX];
	struct stat st;
	if (find_path(rest, owners, path, err))
		return err->status;
	if (rest[0] == ':')
		return ccache_add_name(names, "DIR::", path, err);
	if (stat(path, &st) == 0 && ccache_add_name(names, "DIR::", path, err))
		return err->status;
	return list_folder(rest, owners, path, names, err);
}

const struct ccache_type ccache_dir = {
	.name = "DIR",
	.prefix = "DIR::",
	.path = find_path,
	.store = ccache_file_store,
	.set_kdc_offset = ccache_file_set_kdc_offset,
	.create = create_dir,
	.list = list_dir,
};

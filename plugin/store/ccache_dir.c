#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
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
		"%s does not name a credential cache: it begins with \"%s\", expected is a line "
		"that begins with \"" CACHE_PREFIX "\" and has no slash: run kswitch, or remove it",
		file, TEXT(contents));
}

static enum status find_primary(const char *folder, char out[PATH_MAX], struct error *err)
{
	char file[PATH_MAX];
	AUTO_BUFFER contents = {0};
	enum status status = join(folder, SLICE_LITERAL(PRIMARY), file, err);
	if (status)
		return status;
	status = file_read(file, PRIMARY_MAX_LENGTH, &contents, NULL, err);
	if (status == ERR_NOT_FOUND)
		return join(folder, SLICE_LITERAL(CACHE_PREFIX), out, err);
	return status ? status : take_primary(file, buffer_slice(&contents), folder, out, err);
}

/* The path of the one cache that "FOLDER" or ":PATH" means. */
static enum status find_path(const char *rest, char out[PATH_MAX], struct error *err)
{
	if (rest[0] == '\0')
		return error_set(err, ERR_SYNTAX,
			"DIR: names no folder of credential caches: expected is DIR:/FOLDER");
	if (rest[0] != ':')
		return find_primary(rest, out, err);
	const char *slash = strrchr(rest, '/');
	if (!slash || !is_cache_name(slice_string(slash + 1)))
		return error_set(err, ERR_SYNTAX,
			"DIR:%s does not name a credential cache: expected is DIR::FOLDER/NAME, "
			"where the name begins with \"" CACHE_PREFIX "\"",
			rest);
	if (snprintf(out, PATH_MAX, "%s", rest + 1) < PATH_MAX)
		return STATUS_OK;
	return error_set(err, ERR_FILE, "the path %.100s... is too long", rest + 1);
}

static enum status open_dir(const char *rest, struct ccache *ccache, struct error *err)
{
	char path[PATH_MAX];
	enum status status = find_path(rest, path, err);
	if (status || (status = ccache_set_name(ccache, "DIR::", path, err)))
		return status;
	return ccache_file_read(ccache, err);
}

static enum status create_dir(const char *rest, const struct ccache_start *start, struct error *err)
{
	char path[PATH_MAX];
	enum status status = find_path(rest, path, err);
	return status ? status : ccache_file_create(path, start, err);
}

static void close_folder(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

static enum status add_others(
	const char *folder, const char *primary, struct buffer *names, struct error *err)
{
	__attribute__((cleanup(close_folder))) DIR *open_folder = opendir(folder);
	if (!open_folder)
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_FILE,
			"the credential cache folder %s cannot be read as user %ld: %s", folder,
			(long)geteuid(), strerror(errno));
	const struct dirent *entry;
	unsigned count = 0;
	while ((entry = readdir(open_folder)) && count < CCACHE_MAX_COLLECTION) {
		char path[PATH_MAX];
		struct slice name = slice_string(entry->d_name);
		if (!is_cache_name(name))
			continue;
		enum status status = join(folder, name, path, err);
		if (!status && strcmp(path, primary) != 0)
			status = ccache_add_name(names, "DIR::", path, err);
		if (status)
			return status;
		count++;
	}
	return STATUS_OK;
}

static enum status list_dir(const char *rest, struct buffer *names, struct error *err)
{
	char path[PATH_MAX];
	struct stat st;
	enum status status = find_path(rest, path, err);
	if (!status && (rest[0] == ':' || stat(path, &st) == 0))
		status = ccache_add_name(names, "DIR::", path, err);
	if (status || rest[0] == ':')
		return status;
	return add_others(rest, path, names, err);
}

const struct ccache_type ccache_dir = {
	.name = "DIR",
	.open = open_dir,
	.store = ccache_file_store,
	.create = create_dir,
	.list = list_dir,
};

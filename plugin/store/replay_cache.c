/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/replay_cache.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "store/location.h"
#include "store/replay_file.h"
#include "store/replay_table.h"

#define DEFAULT_FOLDER "/var/tmp"

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
	if (judge_time(entry, now, err) ||
		make_record(entry->tag, entry->time > now ? entry->time : now, &record, err))
		return err->status;
	return replay_table_store(file, &record, now - entry->skew, err);
}

static enum status store(const char *path, const struct replay_entry *entry, struct error *err)
{
	struct replay_file file;
	if (replay_file_open(path, &file, err))
		return err->status;
	return replay_file_close(&file, store_now(&file, entry, err), err);
}

enum status replay_cache_store(
	const char *name, const struct replay_entry *entry, struct error *err)
{
	const struct type *type;
	const char *rest;
	char path[PATH_MAX];
	if (type_of(name, &type, &rest, err))
		return err->status;
	if (!type->path)
		return STATUS_OK;
	if (type->path(rest, path, err) == STATUS_OK && store(path, entry, err) == STATUS_OK)
		return STATUS_OK;
	if (err->status == ERR_FILE)
		error_show(err, "the server cannot tell whether the request is a replay");
	return err->status;
}

void replay_cache_forget(void)
{
	replay_file_forget();
}

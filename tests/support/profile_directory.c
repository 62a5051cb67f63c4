/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/profile_directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

char directory[25] = "/tmp/test_profile.XXXXXX";

const char *in_directory(const char *name)
{
	static char paths[8][200];
	static unsigned next;
	char *path = paths[next++ % 8];
	snprintf(path, sizeof paths[0], "%s/%s", directory, name);
	return path;
}

const char *write_profile(const char *name, const char *text)
{
	const char *path = in_directory(name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (; *text; text++) {
		if (*text == '@')
			fputs(directory, file);
		else
			fputc(*text, file);
	}
	assert_int_equal(fclose(file), 0);
	return path;
}

static void remove_tree(const char *path)
{
	DIR *entries = opendir(path);
	for (struct dirent *entry; entries && (entry = readdir(entries)) != NULL;) {
		char name[600];
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
			remove_tree(name);
	}
	if (entries)
		closedir(entries);
	remove(path);
}

int make_directory(void **state UNUSED)
{
	strcpy(strrchr(directory, '.'), ".XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

int remove_directory(void **state UNUSED)
{
	remove_tree(directory);
	return 0;
}

struct profile *read_ok(const char *paths, struct watch *watch)
{
	struct watch own = {0};
	struct profile *profile;
	struct error err = {0};
	if (profile_read(paths, watch ? watch : &own, &profile, &err))
		fail_msg("refused: %s", err.text);
	watch_free(&own);
	return profile;
}

void assert_read_refused(const char *paths, enum status status, const char *sentence)
{
	struct watch watch = {0};
	struct profile *profile = (struct profile *)1;
	struct error err = {0};
	assert_int_equal(profile_read(paths, &watch, &profile, &err), status);
	assert_null(profile);
	assert_int_equal(strncmp(err.text, directory, strlen(directory)), 0);
	const char *rest = err.text + strlen(directory);
	if (strncmp(rest, sentence, strlen(sentence)) != 0)
		fail_msg("\"%s\" does not begin with \"%s\"", rest, sentence);
	watch_free(&watch);
}

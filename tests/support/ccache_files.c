/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/ccache_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

char folder[25] = "/tmp/test_ccaches.XXXXXX";
char path[64];

int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/ccache", folder);
	return 0;
}

const char *in_folder(const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned next;
	char *out = paths[next++ % 4];
	snprintf(out, PATH_MAX, "%s/%s", folder, name);
	return out;
}

unsigned empty_folder(void)
{
	unsigned count = 0;
	char entry[400];
	struct dirent *found;
	DIR *dir = opendir(folder);
	while (dir && (found = readdir(dir))) {
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		snprintf(entry, sizeof entry, "%s/%s", folder, found->d_name);
		remove(entry);
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

int start_with_nothing(void **state)
{
	(void)state;
	empty_folder();
	return 0;
}

int remove_folder(void **state)
{
	(void)state;
	empty_folder();
	der_close();
	crypto_close();
	return rmdir(folder);
}

void write_file(const char *name, const struct buffer *contents)
{
	struct error err = {0};
	assert_success(mint_file(name, buffer_slice(contents), &err), &err);
}

void read_file(const char *name, struct buffer *out)
{
	struct error err = {0};
	assert_success(file_read(name, CCACHE_MAX_LENGTH, out, NULL, &err), &err);
}

struct ccache *open_of(const char *name, const struct file_owners *owners)
{
	struct ccache *ccache = NULL;
	struct error err = {0};
	assert_success(ccache_open(name, owners, &ccache, &err), &err);
	return ccache;
}

struct ccache *open_well(const char *name)
{
	return open_of(name, NULL);
}

void store_well(const struct ccache *ccache, const struct credential *c)
{
	struct error err = {0};
	assert_success(ccache_store(ccache, c, &err), &err);
}

void fail_to_store(const struct ccache *ccache, enum status status, const char *telling)
{
	struct error err = {0};
	struct credential c = credential_for(&imap);
	assert_int_equal(ccache_store(ccache, &c, &err), status);
	assert_int_equal(err.status, status);
	assert_tells(&err, telling);
}

void fail_to_find_in(const struct ccache *ccache, const struct principal *server)
{
	struct credential c;
	struct error err = {0};
	assert_int_equal(
		ccache_find(ccache, server, &(struct ccache_terms){&two_types, NOW, 0}, &c, &err),
		ERR_NOT_FOUND);
}

void assert_file(const char *name, const struct buffer *contents)
{
	AUTO_BUFFER is = {0};
	read_file(name, &is);
	assert_int_equal(is.len, contents->len);
	assert_memory_equal(is.data, contents->data, is.len);
}

mode_t mode_of(const char *name)
{
	struct stat st;
	assert_int_equal(stat(name, &st), 0);
	return st.st_mode & 07777;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ccache_files.h - credential caches in a folder of the test's own.
 */
#ifndef TESTS_SUPPORT_CCACHE_FILES_H
#define TESTS_SUPPORT_CCACHE_FILES_H

#include <sys/types.h>

#include "base/file.h"
#include "tests/support/assertions.h"
#include "tests/support/ccache_samples.h"

extern char folder[25];
extern char path[64];

int make_folder(void **state);

/* The path of a file there; the next three calls leave it as it is. */
const char *in_folder(const char *name);

/* How many entries the folder has; they are removed. */
unsigned empty_folder(void);

int start_with_nothing(void **state);

int remove_folder(void **state);

void write_file(const char *name, const struct buffer *contents);

void read_file(const char *name, struct buffer *out);

struct ccache *open_of(const char *name, const struct file_owners *owners);

struct ccache *open_well(const char *name);

void store_well(const struct ccache *ccache, const struct credential *c);

void fail_to_store(const struct ccache *ccache, enum status status, const char *telling);

void fail_to_find_in(const struct ccache *ccache, const struct principal *server);

/* The file has exactly these octets. */
void assert_file(const char *name, const struct buffer *contents);

mode_t mode_of(const char *name);

#endif

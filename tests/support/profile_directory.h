/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * profile_directory.h - a directory for one test, and the profiles in it.
 */
#ifndef TESTS_SUPPORT_PROFILE_DIRECTORY_H
#define TESTS_SUPPORT_PROFILE_DIRECTORY_H

#include "tests/support/profile_reading.h"

extern char directory[25];

const char *in_directory(const char *name);

/* Each '@' in the text becomes the directory. */
const char *write_profile(const char *name, const char *text);

int make_directory(void **state);

int remove_directory(void **state);

struct profile *read_ok(const char *paths, struct watch *watch);

/* The sentence begins with the directory and then goes as `sentence` says. */
void assert_read_refused(const char *paths, enum status status, const char *sentence);

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * profile_reading.h - what the tests of conf/profile*.c share: texts that are
 * profile_of_text, and what is found in them.
 */
#ifndef TESTS_SUPPORT_PROFILE_READING_H
#define TESTS_SUPPORT_PROFILE_READING_H

#include "conf/profile.h"
#include "tests/support/assertions.h"

#define UNUSED __attribute__((unused))
#define VALUE(profile, ...) profile_value((profile), (const char *const[]){__VA_ARGS__, NULL})
#define VALUE_AT(profile, n, ...)                                                                  \
	profile_value_at((profile), (const char *const[]){__VA_ARGS__, NULL}, (n))
#define PARSED(literal) profile_of_text(SLICE_LITERAL(literal))

struct profile *profile_of_text(struct slice text);

void assert_no_profile(struct slice text, enum status status, const char *sentence);

#define REFUSED(literal, sentence) assert_no_profile(SLICE_LITERAL(literal), ERR_SYNTAX, (sentence))

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * profile_reading.h - what the tests of conf/profile*.c share: texts that are
 * profile_of_text, and what is found in them. To be included behind <cmocka.h>.
 */
#ifndef TESTS_SUPPORT_PROFILE_READING_H
#define TESTS_SUPPORT_PROFILE_READING_H

#include <string.h>

#include "conf/profile.h"
#include "tests/support/assertions.h"

#define UNUSED __attribute__((unused))
#define VALUE(profile, ...) profile_value((profile), (const char *const[]){__VA_ARGS__, NULL})
#define VALUE_AT(profile, n, ...)                                                                  \
	profile_value_at((profile), (const char *const[]){__VA_ARGS__, NULL}, (n))
#define PARSED(literal) profile_of_text(SLICE_LITERAL(literal))

static inline struct profile *profile_of_text(struct slice text)
{
	struct profile *profile;
	struct error err = {0};
	if (profile_parse(text, "test.conf", &profile, &err))
		fail_msg("refused: %s", err.text);
	return profile;
}

static inline void assert_refused(struct slice text, enum status status, const char *sentence)
{
	struct profile *profile = (struct profile *)1;
	struct error err = {0};
	assert_int_equal(profile_parse(text, "test.conf", &profile, &err), status);
	assert_null(profile);
	assert_string_equal(err.text, sentence);
}

#define REFUSED(literal, sentence) assert_refused(SLICE_LITERAL(literal), ERR_SYNTAX, (sentence))

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/profile_reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct profile *profile_of_text(struct slice text)
{
	struct profile *profile;
	struct error err = {0};
	if (profile_parse(text, "test.conf", &profile, &err))
		fail_msg("refused: %s", err.text);
	return profile;
}

void assert_no_profile(struct slice text, enum status status, const char *sentence)
{
	struct profile *profile = (struct profile *)1;
	struct error err = {0};
	assert_int_equal(profile_parse(text, "test.conf", &profile, &err), status);
	assert_null(profile);
	assert_string_equal(err.text, sentence);
}

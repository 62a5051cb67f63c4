/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/assertions.h"

void assert_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

void assert_not_in(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" is in \"%s\"", part, text);
}

void assert_success(enum status status, const struct error *err)
{
	if (status)
		fail_msg("%s", err->text);
}

void assert_refusal(enum status status, const struct error *err, enum status expected,
	const char *text, const char *shown)
{
	if (status != expected || err->status != expected)
		fail_msg("%d (%d), expected %d: %s", status, err->status, expected,
			status ? err->text : "success");
	assert_in(err->text, text);
	assert_in(error_shown(err), shown);
}

void assert_value(const char *value, const char *expected)
{
	assert_non_null(value);
	assert_string_equal(value, expected);
}

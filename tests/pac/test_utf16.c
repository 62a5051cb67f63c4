/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/utf16.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void converted(struct slice text, const char *expected)
{
	NEW_ERROR(err);
	AUTO_BUFFER out = {0};
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("<")), STATUS_OK);
	assert_success(utf16_to_utf8(text, &out, &err), &err);
	assert_int_equal(out.len, 1 + strlen(expected));
	assert_memory_equal(out.data + 1, expected, strlen(expected));
}

static void each_length_is_converted(void **state)
{
	(void)state;
	converted(SLICE_EMPTY, "");
	converted(SLICE_LITERAL("a\0\x7f\0"), "a\x7f");
	converted(SLICE_LITERAL("\x80\0\xff\x07"), "\xc2\x80\xdf\xbf");
	converted(SLICE_LITERAL("\x00\x08\xff\xd7\x00\xe0\xff\xff"),
		"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf");
	converted(SLICE_LITERAL("\x00\xd8\x00\xdc\xff\xdb\xff\xdf"),
		"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

static void refused(struct slice text, const char *reason)
{
	NEW_ERROR(err);
	AUTO_BUFFER out = {0};
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("<")), STATUS_OK);
	assert_refusal(utf16_to_utf8(text, &out, &err), &err, ERR_SYNTAX, reason, reason);
	assert_int_equal(out.len, 1);
}

static void what_is_no_utf16_is_refused(void **state)
{
	(void)state;
	refused(SLICE_LITERAL("a"), "has 1 octets, and UTF-16 has two");
	refused(SLICE_LITERAL("a\0b"), "has 3 octets");
	refused(SLICE_LITERAL("a\0\x00\xd8"), "half of a surrogate pair");
	refused(SLICE_LITERAL("\x00\xd8"
			      "a\0"),
		"half of a surrogate pair");
	refused(SLICE_LITERAL("\x00\xd8\x00\xe0"), "half of a surrogate pair");
	refused(SLICE_LITERAL("\x00\xd8\xff\xdb"), "half of a surrogate pair");
	refused(SLICE_LITERAL("\x00\xdc\x00\xdc"), "half of a surrogate pair");
	refused(SLICE_LITERAL("\xff\xdf"), "half of a surrogate pair");
	refused(SLICE_LITERAL("r\0\0\0$\0"), "NUL character");
	refused(SLICE_LITERAL("a\0\0\0"), "NUL character");
	/* What is behind the end is no part of it. */
	refused(slice_of("\x00\xd8\x00\xdc", 2), "half of a surrogate pair");
}

SUITE(test_utf16)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_length_is_converted),
		cmocka_unit_test(what_is_no_utf16_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Every sequence of octets that a decoder could take in another way than RFC 3629's table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

/* RFC 3629 section 4, UTF8-char: how long the character at `s` is; 0: there is none. */
static unsigned length_by_table(const unsigned char *s, unsigned len)
{
	static const struct {
		unsigned char first[2], second[2];
		unsigned length;
	} rows[] = {
		{{0x00, 0x7f}, {0}, 1},
		{{0xc2, 0xdf}, {0x80, 0xbf}, 2},
		{{0xe0, 0xe0}, {0xa0, 0xbf}, 3},
		{{0xe1, 0xec}, {0x80, 0xbf}, 3},
		{{0xed, 0xed}, {0x80, 0x9f}, 3},
		{{0xee, 0xef}, {0x80, 0xbf}, 3},
		{{0xf0, 0xf0}, {0x90, 0xbf}, 4},
		{{0xf1, 0xf3}, {0x80, 0xbf}, 4},
		{{0xf4, 0xf4}, {0x80, 0x8f}, 4},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (s[0] < rows[i].first[0] || s[0] > rows[i].first[1])
			continue;
		unsigned length = rows[i].length;
		if (length > len)
			return 0;
		if (length > 1 && (s[1] < rows[i].second[0] || s[1] > rows[i].second[1]))
			return 0;
		for (unsigned n = 2; n < length; n++)
			if (s[n] < 0x80 || s[n] > 0xbf)
				return 0;
		return length;
	}
	return 0;
}

static void check(const unsigned char *octets, unsigned len)
{
	struct slice rest = slice_of(octets, len);
	uint32_t character = 0;
	unsigned expected = length_by_table(octets, len);
	bool taken = utf8_next(&rest, &character);
	if (taken != (expected > 0) || rest.len != len - expected || rest.data != octets + expected)
		fail_msg("%02x %02x %02x %02x (%u): %d, %zu left", octets[0], octets[1], octets[2],
			octets[3], len, taken, rest.len);
}

/* The last octet of four only at the edges of what it can be. */
static void each_sequence_is_taken_or_refused(void **state UNUSED)
{
	static const unsigned char edges[] = {0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff};
	unsigned char octets[4] = {0};
	for (uint32_t n = 0; n < 0x1000000; n++) {
		octets[0] = (unsigned char)(n >> 16);
		octets[1] = (unsigned char)(n >> 8);
		octets[2] = (unsigned char)n;
		for (unsigned i = 0; i < (octets[0] < 0xf0 ? 1 : sizeof edges); i++) {
			octets[3] = edges[i];
			check(octets, 4);
		}
		check(octets, 3);
		if (octets[2] == 0)
			check(octets, 2);
		if (octets[1] == 0 && octets[2] == 0)
			check(octets, 1);
	}
}

static void numbers(void **state UNUSED)
{
	static const struct {
		struct slice octets;
		uint32_t character;
	} rows[] = {
		{SLICE_LITERAL("A"), 0x41},
		{SLICE_LITERAL("\xc2\x80"), 0x80},
		{SLICE_LITERAL("\xdf\xbf"), 0x7ff},
		{SLICE_LITERAL("\xe0\xa0\x80"), 0x800},
		{SLICE_LITERAL("\xef\xbf\xbf"), 0xffff},
		{SLICE_LITERAL("\xf0\x90\x80\x80"), 0x10000},
		{SLICE_LITERAL("\xf4\x8f\xbf\xbf"), 0x10ffff},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct slice rest = rows[i].octets;
		uint32_t character;
		assert_true(utf8_next(&rest, &character));
		assert_int_equal(character, rows[i].character);
		assert_int_equal(rest.len, 0);
	}
}

SUITE(test_utf8)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sequence_is_taken_or_refused),
		cmocka_unit_test(numbers),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

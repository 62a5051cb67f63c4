/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define ELLIPSIS "..."

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e && c != '\\';
}

#define ESCAPED_WIDTH (sizeof "\\xHH" - 1)

static size_t width_of(unsigned char c)
{
	return is_plain(c) ? 1 : ESCAPED_WIDTH;
}

/* One octet, as width_of() has it; returns where the next one goes. No printf: logins write names.
 */
static char *put(char *at, unsigned char c)
{
	static const char digit[] = "0123456789ABCDEF";
	if (is_plain(c)) {
		*at = (char)c;
		return at + 1;
	}
	memcpy(at, (char[]){'\\', 'x', digit[c >> 4], digit[c & 15]}, ESCAPED_WIDTH);
	return at + ESCAPED_WIDTH;
}

/* How many octets of `s` fit into `width` characters. */
static size_t count_that_fit(struct slice s, size_t width)
{
	size_t n = 0;
	while (n < s.len && width_of(s.data[n]) <= width)
		width -= width_of(s.data[n++]);
	return n;
}

const char *text_escape(struct slice s, char *out, size_t size)
{
	size_t count = count_that_fit(s, size - 1);
	bool cut = count < s.len;
	if (cut)
		count = size > sizeof ELLIPSIS ? count_that_fit(s, size - sizeof ELLIPSIS) : 0;

	char *at = out;
	for (size_t i = 0; i < count; i++)
		at = put(at, s.data[i]);
	*at = '\0';
	if (cut)
		snprintf(at, size - (size_t)(at - out), ELLIPSIS);
	return out;
}

#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define ELLIPSIS "..."

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e && c != '\\';
}

static size_t width_of(unsigned char c)
{
	return is_plain(c) ? 1 : sizeof "\\xHH" - 1;
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

	size_t used = 0;
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(
			out + used, size - used, is_plain(s.data[i]) ? "%c" : "\\x%02X", s.data[i]);
	snprintf(out + used, size - used, "%s", cut ? ELLIPSIS : "");
	return out;
}

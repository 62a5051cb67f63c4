/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/utf16.h"

/* Takes the first character off `rest`, which has an even number of octets; 0 for a fault. */
static uint32_t next_character(struct slice *rest)
{
	const unsigned char *at = rest->data;
	uint32_t first = (uint32_t)(at[0] | at[1] << 8);
	size_t taken = 2;
	uint32_t character = first;
	if (first >= 0xd800 && first <= 0xdfff) {
		uint32_t second = rest->len >= 4 ? (uint32_t)(at[2] | at[3] << 8) : 0;
		if (first >= 0xdc00 || second < 0xdc00 || second > 0xdfff)
			return 0;
		character = 0x10000 + ((first - 0xd800) << 10 | (second - 0xdc00));
		taken = 4;
	}
	*rest = slice_of(at + taken, rest->len - taken);
	return character;
}

/* `out` has room; gives the number of octets. */
static size_t put(uint32_t character, unsigned char out[4])
{
	static const unsigned char marks[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
	size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
	for (size_t i = length - 1; i > 0; i--) {
		out[i] = (unsigned char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	out[0] = (unsigned char)(marks[length] | character);
	return length;
}

enum status utf16_to_utf8(struct slice text, struct buffer *out, struct error *err)
{
	if (text.len % 2 != 0)
		return error_set_shown(err, ERR_SYNTAX,
			"a name has %zu octets, and UTF-16 has two for each character", text.len);
	if (text.len == 0)
		return STATUS_OK;
	if (buffer_reserve(out, text.len / 2 * 3))
		return error_no_memory(err);
	unsigned char *at = out->data + out->len;
	for (struct slice rest = text; rest.len > 0;) {
		struct slice before = rest;
		uint32_t character = next_character(&rest);
		if (character == 0)
			return error_set_shown(err, ERR_SYNTAX, "a name has %s in it",
				before.data[0] == 0 && before.data[1] == 0
					? "a NUL character"
					: "half of a surrogate pair");
		at += put(character, at);
	}
	out->len = (size_t)(at - out->data);
	return STATUS_OK;
}

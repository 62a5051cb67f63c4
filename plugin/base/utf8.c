/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/utf8.h"

/* By the first octet: how many follow, and the least number that needs so many. */
static const struct form {
	unsigned char mask, mark; /* of the first octet */
	unsigned following;
	uint32_t least;
} forms[] = {
	{0x80, 0x00, 0, 0},
	{0xe0, 0xc0, 1, 0x80},
	{0xf0, 0xe0, 2, 0x800},
	{0xf8, 0xf0, 3, 0x10000},
};

static const struct form *form_of(unsigned char first)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if ((first & forms[i].mask) == forms[i].mark)
			return &forms[i];
	return NULL;
}

static bool is_surrogate(uint32_t character)
{
	return character >= 0xd800 && character <= 0xdfff;
}

bool utf8_next(struct slice *rest, uint32_t *character)
{
	const struct form *form = form_of(rest->data[0]);
	if (!form || form->following >= rest->len)
		return false;
	uint32_t number = rest->data[0] & (unsigned char)~form->mask;
	for (unsigned i = 1; i <= form->following; i++) {
		if ((rest->data[i] & 0xc0) != 0x80)
			return false;
		number = number << 6 | (rest->data[i] & 0x3f);
	}
	if (number < form->least || is_surrogate(number) || number > 0x10ffff)
		return false;
	*character = number;
	*rest = slice_of(rest->data + form->following + 1, rest->len - form->following - 1);
	return true;
}

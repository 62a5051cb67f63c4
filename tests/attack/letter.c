/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/attack/scene.h"

#include <string.h>

static void put(struct buffer *out, struct slice octets)
{
	buffer_clear(out);
	mint_octets(out, octets);
}

void letter_clear(struct letter *letter)
{
	buffer_free(&letter->octets);
	buffer_free(&letter->original);
	*letter = (struct letter){0};
}

void letter_copy(struct letter *to, const struct letter *from)
{
	const struct buffer octets = to->octets, original = to->original;
	*to = *from;
	to->octets = octets;
	to->original = original;
	put(&to->octets, buffer_slice(&from->octets));
	put(&to->original, buffer_slice(&from->original));
}

void letter_write(struct letter *letter, enum letter_kind kind, const void *octets, size_t len)
{
	const struct buffer kept[] = {letter->octets, letter->original};
	*letter = (struct letter){.is_there = octets != NULL, .kind = kind};
	letter->octets = kept[0];
	letter->original = kept[1];
	put(&letter->octets, slice_of(octets, octets ? len : 0));
	put(&letter->original, slice_of(octets, octets ? len : 0));
}

/* RFC 4121 section 4.2.5: a rotation, which a Wrap token's checksum does not
 * cover. */
static bool is_rotation(const struct letter *letter, size_t at)
{
	size_t start = letter->kind == PACKET ? 4 : 0; /* behind the length */
	return (letter->kind == OFFER || letter->kind == CHOICE || letter->kind == PACKET) &&
	       (at == start + 6 || at == start + 7);
}

void letter_has_inner(struct letter *letter)
{
	struct spnego_resp resp;
	struct error err;
	if (spnego_resp_read(buffer_slice(&letter->original), &resp, &err) || !resp.token.data)
		return;
	letter->inner_at = (size_t)(resp.token.data - letter->original.data);
	letter->inner_len = resp.token.len;
}

bool letter_is_changed(const struct letter *letter)
{
	const struct buffer *now = &letter->octets, *then = &letter->original;
	if (letter->inner_len > 0)
		return !memmem(
			now->data, now->len, then->data + letter->inner_at, letter->inner_len);
	if (now->len != then->len)
		return true;
	for (size_t i = 0; i < now->len; i++)
		if (now->data[i] != then->data[i] && !is_rotation(letter, i))
			return true;
	return false;
}

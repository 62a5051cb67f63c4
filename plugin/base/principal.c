/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/principal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool principal_name_equal(const struct principal *a, const struct principal *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (!slice_equal(a->component[i], b->component[i]))
			return false;
	return true;
}

bool principal_equal(const struct principal *a, const struct principal *b)
{
	return slice_equal(a->realm, b->realm) && principal_name_equal(a, b);
}

/* FNV-1a, with a mark behind each slice. */
static uint32_t hash_slice(uint32_t hash, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ s.data[i]) * UINT32_C(16777619);
	return (hash ^ '/') * UINT32_C(16777619);
}

uint32_t principal_name_hash(const struct principal *p)
{
	uint32_t hash = UINT32_C(2166136261);
	for (unsigned i = 0; i < p->count; i++)
		hash = hash_slice(hash, p->component[i]);
	return hash;
}

uint32_t principal_hash(const struct principal *p)
{
	return hash_slice(principal_name_hash(p), p->realm);
}

bool principal_fits(const struct principal *p, const struct principal *wanted)
{
	return wanted->realm.len > 0 ? principal_equal(p, wanted) : principal_name_equal(p, wanted);
}

bool principal_is_anonymous(const struct principal *p)
{
	static const struct principal anonymous = {
		.count = 2,
		.component = {SLICE_LITERAL("WELLKNOWN"), SLICE_LITERAL("ANONYMOUS")},
	};
	return slice_equal(p->realm, SLICE_LITERAL("WELLKNOWN:ANONYMOUS")) ||
	       principal_name_equal(p, &anonymous);
}

static unsigned char unescape(unsigned char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case '0':
		return '\0';
	default:
		return c;
	}
}

/* The part that is being read: a component, or after '@' the realm. */
static struct slice *current_part(struct principal *p, bool in_realm)
{
	return in_realm ? &p->realm : &p->component[p->count - 1];
}

enum status principal_parse(
	struct slice text, struct principal *out, struct buffer *storage, struct error *err)
{
	char *shown = (char[TEXT_SIZE]){0};
	*out = (struct principal){.type = NT_PRINCIPAL, .count = 1};
	buffer_clear(storage);
	/* Never more than the text itself, so that slices into it stay true. */
	if (buffer_reserve(storage, text.len + 1))
		return error_no_memory(err);

	unsigned char *end = storage->data;
	bool in_realm = false;
	out->component[0] = slice_of(end, 0);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = text.data[i];
		if (c == '/' && !in_realm) {
			if (out->count == PRINCIPAL_MAX_COMPONENTS)
				return error_set(err, ERR_SYNTAX,
					"the principal name \"%s\" has more than %d components",
					text_escape(text, shown, TEXT_SIZE),
					PRINCIPAL_MAX_COMPONENTS);
			out->component[out->count++] = slice_of(end, 0);
			continue;
		}
		if (c == '@') {
			if (in_realm)
				return error_set(err, ERR_SYNTAX,
					"the principal name \"%s\" has a second '@' (write \\@ "
					"for one that belongs to the name)",
					text_escape(text, shown, TEXT_SIZE));
			in_realm = true;
			out->realm = slice_of(end, 0);
			continue;
		}
		if (c == '\\') {
			if (++i == text.len)
				return error_set(err, ERR_SYNTAX,
					"the principal name \"%s\" ends in a backslash",
					text_escape(text, shown, TEXT_SIZE));
			c = unescape(text.data[i]);
		}
		*end++ = c;
		current_part(out, in_realm)->len++;
	}
	storage->len = (size_t)(end - storage->data);
	if (out->count == 1 && out->component[0].len == 0)
		return error_set(err, ERR_SYNTAX, "the principal name \"%s\" has no name",
			text_escape(text, shown, TEXT_SIZE));
	return STATUS_OK;
}

/* One part, its separators marked with a backslash; returns how much of `out` is used. */
static size_t part_text(struct slice part, const char *separators, char *out, size_t size)
{
	size_t used = 0;
	for (size_t i = 0; i < part.len; i++) {
		char piece[8] = {'\\', (char)part.data[i]};
		if (part.data[i] != '\\' && (!part.data[i] || !strchr(separators, part.data[i])))
			text_escape(slice_of(part.data + i, 1), piece, sizeof piece);
		size_t width = strlen(piece);
		if (used + width + 1 > size)
			break;
		memcpy(out + used, piece, width + 1);
		used += width;
	}
	return used;
}

const char *principal_text(const struct principal *p, char *out, size_t size)
{
	size_t used = 0;
	out[0] = '\0';
	for (unsigned i = 0; i < p->count; i++) {
		if (i > 0 && used + 1 < size)
			out[used++] = '/';
		used += part_text(p->component[i], "/@", out + used, size - used);
	}
	if (p->realm.len > 0 && used + 1 < size) {
		out[used++] = '@';
		used += part_text(p->realm, "@", out + used, size - used);
	}
	out[used] = '\0';
	return out;
}

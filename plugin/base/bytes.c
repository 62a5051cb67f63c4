/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct slice slice_of(const void *data, size_t len)
{
	return (struct slice){data, len};
}

struct slice slice_string(const char *string)
{
	return string ? slice_of(string, strlen(string)) : SLICE_EMPTY;
}

bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static unsigned char ascii_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
			return false;
	return true;
}

bool slice_equal_secret(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	volatile unsigned char difference = 0;
	for (size_t i = 0; i < a.len; i++)
		difference |= a.data[i] ^ b.data[i];
	return difference == 0;
}

char *slice_to_string(struct slice s)
{
	char *string = malloc(s.len + 1);
	if (!string)
		return NULL;
	if (s.len > 0)
		memcpy(string, s.data, s.len);
	string[s.len] = '\0';
	return string;
}

void wipe(void *data, size_t len)
{
	if (len > 0)
		explicit_bzero(data, len);
}

struct slice buffer_slice(const struct buffer *b)
{
	return slice_of(b->data, b->len);
}

enum status buffer_reserve(struct buffer *b, size_t extra)
{
	if (extra <= b->capacity - b->len)
		return STATUS_OK;
	if (extra > SIZE_MAX / 2 - b->len)
		return ERR_NO_MEMORY;

	size_t need = b->len + extra;
	size_t capacity = need < 2 * b->capacity ? 2 * b->capacity : need;
	if (capacity < 64)
		capacity = 64;

	/* Not realloc(): it would leave a copy of the contents behind. */
	unsigned char *data = malloc(capacity);
	if (!data)
		return ERR_NO_MEMORY;
	if (b->len > 0)
		memcpy(data, b->data, b->len);
	wipe(b->data, b->capacity);
	free(b->data);
	b->data = data;
	b->capacity = capacity;
	return STATUS_OK;
}

enum status buffer_append(struct buffer *b, struct slice s)
{
	if (s.len == 0)
		return STATUS_OK;

	bool inside = b->data && s.data >= b->data && s.data < b->data + b->len;
	size_t offset = inside ? (size_t)(s.data - b->data) : 0;
	if (buffer_reserve(b, s.len))
		return ERR_NO_MEMORY;
	memmove(b->data + b->len, inside ? b->data + offset : s.data, s.len);
	b->len += s.len;
	return STATUS_OK;
}

/* The whole capacity: callers may have written beyond len, into room that they reserved. */
void buffer_clear(struct buffer *b)
{
	wipe(b->data, b->capacity);
	b->len = 0;
}

void buffer_free(struct buffer *b)
{
	buffer_clear(b);
	free(b->data);
	*b = (struct buffer){0};
}

struct reader reader_of(struct slice s)
{
	return (struct reader){s, false};
}

struct slice read_bytes(struct reader *r, size_t len)
{
	if (r->failed || len > r->rest.len) {
		r->failed = true;
		return SLICE_EMPTY;
	}
	struct slice s = slice_of(r->rest.data, len);
	r->rest = slice_of(r->rest.data + len, r->rest.len - len);
	return s;
}

static uint64_t read_number(struct reader *r, size_t octets)
{
	struct slice s = read_bytes(r, octets);
	uint64_t value = 0;
	for (size_t i = 0; i < s.len; i++)
		value = value << 8 | s.data[i];
	return value;
}

uint8_t read_u8(struct reader *r)
{
	return (uint8_t)read_number(r, 1);
}

uint16_t read_u16(struct reader *r)
{
	return (uint16_t)read_number(r, 2);
}

uint32_t read_u32(struct reader *r)
{
	return (uint32_t)read_number(r, 4);
}

uint64_t read_u64(struct reader *r)
{
	return read_number(r, 8);
}

void store_u32(unsigned char out[4], uint32_t value)
{
	out[0] = (unsigned char)(value >> 24);
	out[1] = (unsigned char)(value >> 16);
	out[2] = (unsigned char)(value >> 8);
	out[3] = (unsigned char)value;
}

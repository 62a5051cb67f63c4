/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/sid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REVISION 1
#define MAX_AUTHORITY ((UINT64_C(1) << 48) - 1)

bool sid_equal(const struct sid *a, const struct sid *b)
{
	return a->authority == b->authority && a->count == b->count &&
	       memcmp(a->part, b->part, a->count * sizeof *a->part) == 0;
}

bool sid_of_rid(const struct sid *domain, uint32_t rid, struct sid *out)
{
	if (domain->count >= SID_MAX_PARTS)
		return false;
	*out = *domain;
	out->part[out->count++] = rid;
	return true;
}

void sid_read(struct ndr *ndr, struct sid *out)
{
	*out = (struct sid){0};
	ndr_expect(ndr, ndr_u8(ndr) == REVISION, "a SID is not of revision 1");
	unsigned count = ndr_u8(ndr);
	ndr_expect(ndr, count <= SID_MAX_PARTS, "a SID has more than 15 sub-authorities");
	for (unsigned i = 0; i < 6; i++)
		out->authority = out->authority << 8 | ndr_u8(ndr);
	if (ndr->reader.failed)
		return;
	for (unsigned i = 0; i < count; i++)
		out->part[i] = ndr_u32(ndr);
	out->count = count;
}

const char *sid_text(const struct sid *sid, char out[SID_TEXT_SIZE])
{
	int used = sid->authority > UINT32_MAX
			   ? snprintf(out, SID_TEXT_SIZE, "S-1-0x%012" PRIx64, sid->authority)
			   : snprintf(out, SID_TEXT_SIZE, "S-1-%" PRIu64, sid->authority);
	for (unsigned i = 0; i < sid->count; i++)
		used += snprintf(
			out + used, SID_TEXT_SIZE - (size_t)used, "-%" PRIu32, sid->part[i]);
	return out;
}

static int digit_value(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* A number of at most `most`, to the next '-' or the end, which is taken off too. */
static bool take_number(struct slice *rest, unsigned base, uint64_t most, uint64_t *out)
{
	size_t n = 0;
	*out = 0;
	for (; n < rest->len && rest->data[n] != '-'; n++) {
		unsigned digit = (unsigned)digit_value(rest->data[n]);
		if (digit >= base || *out > (most - digit) / base)
			return false;
		*out = *out * base + digit;
	}
	if (n == 0 || n + 1 == rest->len)
		return false;
	size_t taken = n < rest->len ? n + 1 : n;
	*rest = slice_of(rest->data + taken, rest->len - taken);
	return true;
}

static bool take_prefix(struct slice *rest, struct slice prefix)
{
	if (rest->len < prefix.len || !slice_equal_nocase(slice_of(rest->data, prefix.len), prefix))
		return false;
	*rest = slice_of(rest->data + prefix.len, rest->len - prefix.len);
	return true;
}

bool sid_parse(struct slice text, struct sid *out)
{
	struct slice rest = text;
	*out = (struct sid){0};
	if (!take_prefix(&rest, SLICE_LITERAL("S-1-")))
		return false;
	unsigned base = take_prefix(&rest, SLICE_LITERAL("0x")) ? 16 : 10;
	if (!take_number(&rest, base, MAX_AUTHORITY, &out->authority))
		return false;
	while (rest.len > 0) {
		uint64_t part;
		if (out->count == SID_MAX_PARTS || !take_number(&rest, 10, UINT32_MAX, &part))
			return false;
		out->part[out->count++] = (uint32_t)part;
	}
	return out->count > 0;
}

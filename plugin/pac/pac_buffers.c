/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/pac_buffers.h"

#include "pac/ndr.h"

#define HEADER_SIZE 8
#define INFO_SIZE 16
#define ALIGNMENT 8

static enum status read_info(struct ndr *ndr, struct slice octets, size_t headers,
	struct pac_buffer *out, struct error *err)
{
	out->type = ndr_u32(ndr);
	uint32_t size = ndr_u32(ndr);
	uint64_t offset = ndr_u64(ndr);
	if (ndr_check(ndr, err))
		return err->status;
	if (offset % ALIGNMENT != 0)
		return error_set_shown(err, ERR_SYNTAX,
			"the buffer of type %u begins at octet %llu, which is no multiple of 8",
			out->type, (unsigned long long)offset);
	if (offset < headers || offset > octets.len || size > octets.len - offset)
		return error_set_shown(err, ERR_SYNTAX,
			"the buffer of type %u has %u octets from octet %llu, those of buffers are "
			"from %zu to %zu",
			out->type, size, (unsigned long long)offset, headers, octets.len);
	out->data = slice_of(octets.data + offset, size);
	return STATUS_OK;
}

static bool share_octets(struct slice a, struct slice b)
{
	return a.len > 0 && b.len > 0 && a.data < b.data + b.len && b.data < a.data + a.len;
}

static enum status compare(
	const struct pac_buffer *a, const struct pac_buffer *b, struct error *err)
{
	if (a->type == b->type)
		return error_set_shown(
			err, ERR_SYNTAX, "the buffer of type %u is there twice", a->type);
	if (share_octets(a->data, b->data))
		return error_set_shown(err, ERR_SYNTAX,
			"the buffers of the types %u and %u overlap", a->type, b->type);
	return STATUS_OK;
}

enum status pac_buffers_read(struct slice octets, struct pac_buffers *out, struct error *err)
{
	struct ndr ndr = ndr_of(octets);
	uint32_t count = ndr_u32(&ndr);
	uint32_t version = ndr_u32(&ndr);
	out->all = octets;
	out->count = 0;
	if (ndr_check(&ndr, err))
		return err->status;
	if (version != 0)
		return error_set_shown(
			err, ERR_SYNTAX, "it is of version %u, expected is 0", version);
	if (count < 1 || count > PAC_MAX_BUFFERS)
		return error_set_shown(err, ERR_SYNTAX,
			"it says that it has %u buffers, expected are 1 to %d", count,
			PAC_MAX_BUFFERS);
	for (; out->count < count; out->count++) {
		struct pac_buffer *buffer = &out->buffer[out->count];
		if (read_info(&ndr, octets, HEADER_SIZE + count * INFO_SIZE, buffer, err))
			return err->status;
		for (unsigned i = 0; i < out->count; i++)
			if (compare(&out->buffer[i], buffer, err))
				return err->status;
	}
	return STATUS_OK;
}

const struct pac_buffer *pac_buffers_find(const struct pac_buffers *buffers, uint32_t type)
{
	for (unsigned i = 0; i < buffers->count; i++)
		if (buffers->buffer[i].type == type)
			return &buffers->buffer[i];
	return NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/ndr.h"

struct ndr ndr_of(struct slice octets)
{
	return (struct ndr){.reader = reader_of(octets), .length = octets.len};
}

static void align(struct ndr *ndr, size_t size)
{
	size_t position = ndr->length - ndr->reader.rest.len;
	(void)read_bytes(&ndr->reader, (size - position % size) % size);
}

static uint64_t little_endian(struct ndr *ndr, size_t octets)
{
	struct slice s = read_bytes(&ndr->reader, octets);
	uint64_t value = 0;
	for (size_t i = s.len; i > 0; i--)
		value = value << 8 | s.data[i - 1];
	return value;
}

uint8_t ndr_u8(struct ndr *ndr)
{
	return read_u8(&ndr->reader);
}

uint16_t ndr_u16(struct ndr *ndr)
{
	align(ndr, 2);
	return (uint16_t)little_endian(ndr, 2);
}

uint32_t ndr_u32(struct ndr *ndr)
{
	align(ndr, 4);
	return (uint32_t)little_endian(ndr, 4);
}

uint64_t ndr_u64(struct ndr *ndr)
{
	align(ndr, 4);
	return little_endian(ndr, 8);
}

struct slice ndr_bytes(struct ndr *ndr, size_t length)
{
	return read_bytes(&ndr->reader, length);
}

bool ndr_pointer(struct ndr *ndr)
{
	return ndr_u32(ndr) != 0;
}

struct slice ndr_array(struct ndr *ndr, uint32_t count, size_t size)
{
	align(ndr, 4);
	if (count > ndr->reader.rest.len / size)
		ndr->reader.failed = true;
	return read_bytes(&ndr->reader, count * size);
}

void ndr_expect(struct ndr *ndr, bool holds, const char *fault)
{
	if (holds || ndr->reader.failed)
		return;
	ndr->reader.failed = true;
	ndr->fault = fault;
}

enum status ndr_check(const struct ndr *ndr, struct error *err)
{
	if (!ndr->reader.failed)
		return STATUS_OK;
	return error_set_shown(err, ERR_SYNTAX, "%s",
		ndr->fault ? ndr->fault : "it ends before all that belongs to it");
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndr.h - Network Data Representation, as far as a PAC needs it: little-endian
 * integers that stand at a multiple of their own size (C706 section 14, MS-RPCE
 * section 2.2.6).
 *
 * As with a struct reader (base/bytes.h), a record is read as a whole and
 * checked once: what is read after the first mistake is zero. Integers are
 * aligned to the beginning of what ndr_of() was given; the octets that are
 * passed over for it have no meaning.
 */
#ifndef PAC_NDR_H
#define PAC_NDR_H

#include "base/bytes.h"
#include "base/error.h"

struct ndr {
	struct reader reader;
	size_t length;     /* of all, by which integers are aligned */
	const char *fault; /* the first mistake, if it is not that octets are missing */
};

struct ndr ndr_of(struct slice octets);

uint8_t ndr_u8(struct ndr *ndr);
uint16_t ndr_u16(struct ndr *ndr);
uint32_t ndr_u32(struct ndr *ndr);
uint64_t ndr_u64(struct ndr *ndr); /* aligned to 4, as NDR's FILETIME; the container's are to 8 */
struct slice ndr_bytes(struct ndr *ndr, size_t length); /* not aligned */

/* A pointer: is there something that it points to? That comes later, in NDR's order. */
bool ndr_pointer(struct ndr *ndr);

/* `count` elements of `size` octets each, aligned to 4. */
struct slice ndr_array(struct ndr *ndr, uint32_t count, size_t size);

/* Fails unless `holds`; `fault` is a text that lives on. The first fault stays. */
void ndr_expect(struct ndr *ndr, bool holds, const char *fault);

/* ERR_SYNTAX with the fault, or that octets are missing, if something failed. */
MUST_CHECK enum status ndr_check(const struct ndr *ndr, struct error *err);

#endif

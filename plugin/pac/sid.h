/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sid.h - security identifiers (MS-DTYP section 2.4.2): S-1-5-21-1-2-3-513.
 */
#ifndef PAC_SID_H
#define PAC_SID_H

#include "pac/ndr.h"

#define SID_MAX_PARTS 15

struct sid {
	uint64_t authority; /* 48 bits */
	unsigned count;     /* of sub-authorities */
	uint32_t part[SID_MAX_PARTS];
};

bool sid_equal(const struct sid *a, const struct sid *b);

/* The SID of `rid` in a domain. False if `domain` has no room for one more sub-authority. */
bool sid_of_rid(const struct sid *domain, uint32_t rid, struct sid *out);

/* The packet form (section 2.4.2.2); `ndr` fails for revisions other than 1 and too many parts. */
void sid_read(struct ndr *ndr, struct sid *out);

/* "S-1-5-21-1-2-3-513" (section 2.4.2.1). Returns `out`. */
#define SID_TEXT_SIZE 200
const char *sid_text(const struct sid *sid, char out[SID_TEXT_SIZE]);
#define SID_TEXT(sid) sid_text((sid), (char[SID_TEXT_SIZE]){0})

/* The whole of `text` as such a form, with one sub-authority at least; false for anything else. */
bool sid_parse(struct slice text, struct sid *out);

#endif

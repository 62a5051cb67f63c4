/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ccache_samples.h - credential caches for the tests of store/ccache*.c: of
 * alice's, at a time that stands still.
 */
#ifndef TESTS_SUPPORT_CCACHE_SAMPLES_H
#define TESTS_SUPPORT_CCACHE_SAMPLES_H

#include "store/ccache.h"
#include "tests/support/minting.h"
#include "tests/support/principals.h"

#define NOW INT64_C(1700000000)
#define KEY_16 SLICE_LITERAL("0123456789abcdef")
#define KEY_32 SLICE_LITERAL("0123456789abcdefFEDCBA9876543210")

extern const struct enctype_list two_types;

struct credential credential_for(const struct principal *server);

void put(struct buffer *out, const struct credential *c);

/* A cache of version 4, of alice's, with the credential. */
void put_cache(struct buffer *out, const struct credential *c);

struct ccache *parse_well(const struct buffer *contents);

void assert_tells(const struct error *err, const char *telling);

struct credential find_well(const struct ccache *ccache, const struct principal *server);

void fail_to_find(const struct ccache *ccache, const struct principal *server, enum status status,
	const char *telling);

#endif

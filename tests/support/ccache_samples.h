/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ccache_samples.h - credential caches for the tests of store/ccache*.c: of
 * alice's, at a time that stands still. To be included behind <cmocka.h>.
 */
#ifndef TESTS_SUPPORT_CCACHE_SAMPLES_H
#define TESTS_SUPPORT_CCACHE_SAMPLES_H

#include <string.h>

#include "store/ccache.h"
#include "tests/support/minting.h"
#include "tests/support/principals.h"

#define NOW INT64_C(1700000000)
#define KEY_16 SLICE_LITERAL("0123456789abcdef")
#define KEY_32 SLICE_LITERAL("0123456789abcdefFEDCBA9876543210")

static const struct enctype_list aes256_only = {1, {ENCTYPE_AES256_SHA1}};
static const struct enctype_list two_types = {2, {ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA1}};

static inline struct credential credential_for(const struct principal *server)
{
	return (struct credential){
		.client = alice,
		.server = *server,
		.key_type = ENCTYPE_AES256_SHA1,
		.key = KEY_32,
		.authtime = NOW - 100,
		.starttime = NOW - 50,
		.endtime = NOW + 1000,
		.renew_till = NOW + 5000,
		.flags = TICKET_INITIAL | TICKET_FORWARDABLE,
		.ticket = SLICE_LITERAL("the ticket"),
	};
}

static inline void put(struct buffer *out, const struct credential *c)
{
	mint_ccache_credential(out, 4, c, NULL);
}

/* A cache of version 4, of alice's, with the credential. */
static inline void put_cache(struct buffer *out, const struct credential *c)
{
	mint_ccache_start(out, 4, &alice, 0);
	put(out, c);
}

static inline struct ccache *parse_well(const struct buffer *contents)
{
	struct ccache *ccache = NULL;
	struct error err = {0};
	if (ccache_parse(buffer_slice(contents), "/test.ccache", &ccache, &err))
		fail_msg("%s", err.text);
	return ccache;
}

static inline void assert_tells(const struct error *err, const char *telling)
{
	if (!strstr(err->text, telling))
		fail_msg("\"%s\" has no \"%s\"", err->text, telling);
}

static inline struct credential find_well(
	const struct ccache *ccache, const struct principal *server)
{
	struct credential c;
	struct error err = {0};
	if (ccache_find(ccache, server, &(struct ccache_terms){&two_types, NOW, 0}, &c, &err))
		fail_msg("%s", err.text);
	return c;
}

static inline void fail_to_find(const struct ccache *ccache, const struct principal *server,
	enum status status, const char *telling)
{
	struct credential c;
	struct error err = {0};
	assert_int_equal(
		ccache_find(ccache, server, &(struct ccache_terms){&aes256_only, NOW, 0}, &c, &err),
		status);
	assert_int_equal(err.status, status);
	assert_tells(&err, "/test.ccache");
	assert_tells(&err, telling);
}

#endif

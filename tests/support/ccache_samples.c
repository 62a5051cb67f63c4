/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/ccache_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct enctype_list aes256_only = {1, {ENCTYPE_AES256_SHA1}};
const struct enctype_list two_types = {2, {ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA1}};

struct credential credential_for(const struct principal *server)
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

void put(struct buffer *out, const struct credential *c)
{
	mint_ccache_credential(out, 4, c, NULL);
}

void put_cache(struct buffer *out, const struct credential *c)
{
	mint_ccache_start(out, 4, &alice, 0);
	put(out, c);
}

struct ccache *parse_well(const struct buffer *contents)
{
	struct ccache *ccache = NULL;
	struct error err = {0};
	if (ccache_parse(buffer_slice(contents), "/test.ccache", &ccache, &err))
		fail_msg("%s", err.text);
	return ccache;
}

void assert_tells(const struct error *err, const char *telling)
{
	if (!strstr(err->text, telling))
		fail_msg("\"%s\" has no \"%s\"", err->text, telling);
}

struct credential find_well(const struct ccache *ccache, const struct principal *server)
{
	struct credential c;
	struct error err = {0};
	if (ccache_find(ccache, server, &(struct ccache_terms){&two_types, NOW, 0}, &c, &err))
		fail_msg("%s", err.text);
	return c;
}

void fail_to_find(const struct ccache *ccache, const struct principal *server, enum status status,
	const char *telling)
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

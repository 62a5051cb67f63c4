/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_ccache.c - any octets as a credential cache: they are refused with a
 * sentence, or a search in them ends with a credential or with one; and one
 * that is added behind what is whole is found then, beside the others.
 */
#include <stdlib.h>

#include "store/ccache_marshal.h"
#include "store/ccache_type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct enctype_list permitted = {
	3, {ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA1, ENCTYPE_AES256_SHA384}};

/* The names that the minting tool gives, so that seeds lead behind the comparison. */
static const struct principal servers[] = {
	{
		.count = 2,
		.component = {SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")},
		.realm = SLICE_LITERAL("EXAMPLE.TEST"),
	},
	{
		.count = 2,
		.component = {SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")},
	},
	{
		.count = 1,
		.component = {SLICE_LITERAL("")},
	},
};

static void find(const struct ccache *ccache, const struct principal *server, int64_t now)
{
	struct credential c;
	struct error err = {0};
	enum status status =
		ccache_find(ccache, server, &(struct ccache_terms){&permitted, now, 0}, &c, &err);
	if (status != STATUS_OK) {
		if (err.status != status || err.text[0] == '\0')
			abort();
		return;
	}
	if (!principal_name_equal(&c.server, server) || c.endtime <= now || c.starttime > now)
		abort();
}

static void add(const struct ccache *before)
{
	static const struct principal server = {
		.count = 1, .component = {SLICE_LITERAL("added by the fuzzer")}};
	struct credential c = {.client = before->client,
		.server = server,
		.key_type = ENCTYPE_AES128_SHA1,
		.key = SLICE_LITERAL("key"),
		.starttime = 1,
		.endtime = UINT32_MAX,
		.ticket = SLICE_LITERAL("ticket")};
	AUTO_BUFFER octets = {0};
	AUTO_CCACHE after = NULL;
	if (buffer_append(&octets, slice_of(before->contents.data, before->whole)) ||
		marshal_credential(&c, before->version, &octets, &(struct error){0}) ||
		ccache_parse(buffer_slice(&octets), "added.ccache", &after, &(struct error){0}))
		abort();
	if (after->whole != octets.len || after->count != before->count + 1 ||
		after->kdc_offset != before->kdc_offset)
		abort();
	find(after, &server, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	enum status status = ccache_parse(slice_of(data, size), "fuzz.ccache", &ccache, &err);
	if (status != STATUS_OK) {
		if (ccache || err.status != status || err.text[0] == '\0')
			abort();
		return 0;
	}
	for (size_t i = 0; i < sizeof servers / sizeof *servers; i++)
		for (int64_t now = 0; now <= UINT32_MAX; now += UINT32_MAX / 2)
			find(ccache, &servers[i], now);
	add(ccache);
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_pac.c - any octets as a PAC: as they came, and signed as a KDC would, if
 * there is room for a signature, so that what is behind it is looked at too.
 * Refused with a sentence that is fit to be read, or read into what is as long
 * as it says.
 */
#include <stdlib.h>
#include <string.h>

#include "pac/pac.h"
#include "pac/pac_buffers.h"
#include "tests/support/exchange.h"
#include "tests/support/must.h"
#include "tests/support/pac_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_printable(const char *text)
{
	must(text[0]);
	for (; *text; text++)
		must(*text >= 0x20 && *text <= 0x7e);
}

static void must_be_bounded(const struct pac *pac, size_t size)
{
	must(pac->account.len + pac->domain.len + pac->dns_domain.len + pac->upn.len <= 3 * size);
	must(pac->group_count <= size / 8 + 1);
	for (unsigned i = 0; i < pac->group_count; i++) {
		struct sid again;
		must(pac->group[i].count <= SID_MAX_PARTS);
		must(pac->group[i].count == 0 ||
			(sid_parse(slice_string(SID_TEXT(&pac->group[i])), &again) &&
				sid_equal(&again, &pac->group[i])));
	}
}

static void judge(struct slice octets, struct key *key)
{
	static const struct principal client = {
		.count = 1,
		.component = {SLICE_LITERAL("alice")},
		.realm = SLICE_LITERAL("EXAMPLE.TEST"),
	};
	const struct pac_ticket ticket = {&client, EXCHANGE_NOW, key};
	struct pac *pac;
	NEW_ERROR(err);
	if (pac_judge(&(struct pac_demands){PAC_CHECK, 0, NULL}, octets, &ticket, &pac, &err)) {
		must(!pac);
		must(err.status == ERR_SYNTAX || err.status == KRB_AP_ERR_BADMATCH ||
			err.status == KDC_ERR_POLICY);
		must_be_printable(err.text);
		must_be_printable(error_shown(&err));
		return;
	}
	if (pac->fault[0])
		must_be_printable(pac->fault);
	must_be_bounded(pac, octets.len);
	pac_free(pac);
}

/* Has it what mint_pac_sign() wants? */
static bool can_be_signed(struct slice octets, struct key *key)
{
	struct pac_buffers buffers;
	NEW_ERROR(unwanted);
	if (pac_buffers_read(octets, &buffers, &unwanted))
		return false;
	const struct pac_buffer *server = pac_buffers_find(&buffers, PAC_SERVER_SIGNATURE);
	const struct pac_buffer *kdc = pac_buffers_find(&buffers, PAC_KDC_SIGNATURE);
	return server && kdc && kdc->data.len >= 4 &&
	       server->data.len >= 4 + enctype_checksum_length(key_type(key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct key *key;
	AUTO_BUFFER pac = {0};
	if (!key)
		key = exchange_key(ENCTYPE_AES256_SHA1, 1);
	mint_octets(&pac, size > 0 ? slice_of(data, size) : SLICE_LITERAL("-"));
	judge(buffer_slice(&pac), key);
	if (can_be_signed(buffer_slice(&pac), key)) {
		mint_pac_sign(&pac, key);
		judge(buffer_slice(&pac), key);
	}
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keytab_samples.h - keytabs for the tests of store/keytab*.c: entries of
 * imap/mail.example.test@EXAMPLE.TEST. To be included behind <cmocka.h>.
 */
#ifndef TESTS_SUPPORT_KEYTAB_SAMPLES_H
#define TESTS_SUPPORT_KEYTAB_SAMPLES_H

#include "store/keytab.h"
#include "tests/support/minting.h"
#include "tests/support/principals.h"

#define KEY_16 SLICE_LITERAL("0123456789abcdef")
#define KEY_32 SLICE_LITERAL("0123456789abcdefFEDCBA9876543210")
#define V1 MINT_KEYTAB_1
#define V2 MINT_KEYTAB_2

static inline struct mint_keytab_entry entry_of(uint32_t kvno, int32_t enctype, struct slice key)
{
	return (struct mint_keytab_entry){
		.principal = imap,
		.timestamp = 1700000000,
		.kvno = kvno,
		.enctype = enctype,
		.key = key,
	};
}

static inline void put_entry(struct buffer *out, uint16_t version, uint32_t kvno)
{
	struct mint_keytab_entry entry = entry_of(kvno, ENCTYPE_AES128_SHA1, KEY_16);
	mint_keytab_entry(out, version, &entry);
}

/* A keytab with one entry of each kvno from 1 to `entries`. */
static inline void put_keytab(struct buffer *out, uint16_t version, unsigned entries)
{
	mint_keytab_start(out, version);
	for (unsigned kvno = 1; kvno <= entries; kvno++)
		put_entry(out, version, kvno);
}

static inline struct keytab *keytab_of(const struct buffer *contents)
{
	struct keytab *keytab = NULL;
	struct error err = {0};
	if (keytab_parse(buffer_slice(contents), "/test.keytab", &keytab, &err))
		fail_msg("%s", err.text);
	return keytab;
}

static inline bool finds(const struct keytab *keytab, const struct principal *p, int32_t enctype,
	bool has_kvno, uint32_t kvno)
{
	unsigned position = 0;
	return keytab_find(keytab, p, &(struct keytab_wanted){enctype, has_kvno, kvno}, &position);
}

#endif

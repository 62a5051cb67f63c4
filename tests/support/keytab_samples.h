/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keytab_samples.h - keytabs for the tests of store/keytab*.c: entries of
 * imap/mail.example.test@EXAMPLE.TEST.
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

struct mint_keytab_entry entry_of(uint32_t kvno, int32_t enctype, struct slice key);

void put_entry(struct buffer *out, uint16_t version, uint32_t kvno);

/* A keytab with one entry of each kvno from 1 to `entries`. */
void put_keytab(struct buffer *out, uint16_t version, unsigned entries);

struct keytab *keytab_of(const struct buffer *contents);

bool finds(const struct keytab *keytab, const struct principal *p, int32_t enctype, bool has_kvno,
	uint32_t kvno);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/keytab_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct mint_keytab_entry entry_of(uint32_t kvno, int32_t enctype, struct slice key)
{
	return (struct mint_keytab_entry){
		.principal = imap,
		.timestamp = 1700000000,
		.kvno = kvno,
		.enctype = enctype,
		.key = key,
	};
}

void put_entry(struct buffer *out, uint16_t version, uint32_t kvno)
{
	struct mint_keytab_entry entry = entry_of(kvno, ENCTYPE_AES128_SHA1, KEY_16);
	mint_keytab_entry(out, version, &entry);
}

void put_keytab(struct buffer *out, uint16_t version, unsigned entries)
{
	mint_keytab_start(out, version);
	for (unsigned kvno = 1; kvno <= entries; kvno++)
		put_entry(out, version, kvno);
}

struct keytab *keytab_of(const struct buffer *contents)
{
	struct keytab *keytab = NULL;
	struct error err = {0};
	if (keytab_parse(buffer_slice(contents), "/test.keytab", &keytab, &err))
		fail_msg("%s", err.text);
	return keytab;
}

bool finds(const struct keytab *keytab, const struct principal *p, int32_t enctype, bool has_kvno,
	uint32_t kvno)
{
	unsigned position = 0;
	return keytab_find(keytab, p, &(struct keytab_wanted){enctype, has_kvno, kvno}, &position);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_keytab.c - any octets as a keytab: they are refused with a sentence,
 * or give entries each of which can be found again.
 */
#include <stdlib.h>

#include "store/keytab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void find_each(const struct keytab *keytab)
{
	const struct keytab_entry *entry;
	for (unsigned n = 0; (entry = keytab_entry_at(keytab, n)); n++) {
		unsigned position = n;
		if (keytab_find(keytab, &entry->principal,
			    &(struct keytab_wanted){entry->enctype, true, entry->kvno},
			    &position) != entry ||
			position != n + 1)
			abort();
		position = 0;
		if (!keytab_find(keytab, &entry->principal,
			    &(struct keytab_wanted){entry->enctype, false, 0}, &position))
			abort();
		if (entry->principal.count < 1 || entry->principal.count > PRINCIPAL_MAX_COMPONENTS)
			abort();
		if (entry->key && key_octets(entry->key).len > KEY_MAX_LENGTH)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_KEYTAB keytab = NULL;
	struct error err = {0};
	enum status status = keytab_parse(slice_of(data, size), "fuzz.keytab", &keytab, &err);
	if (status == STATUS_OK)
		find_each(keytab);
	else if (keytab || err.status != status || err.text[0] == '\0')
		abort();
	return 0;
}

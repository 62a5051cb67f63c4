/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/keytab_snapshot.h"

#include <stdlib.h>

static uint32_t hash_of(const struct principal *principal, int32_t enctype)
{
	return principal_hash(principal) ^ ((uint32_t)enctype * UINT32_C(2654435769));
}

enum status keytab_index(struct keytab *keytab, struct error *err)
{
	uint32_t buckets = 1;
	while (buckets < keytab->count)
		buckets *= 2;
	keytab->bucket = calloc(buckets, sizeof *keytab->bucket);
	if (!keytab->bucket)
		return error_no_memory(err);
	keytab->bucket_mask = buckets - 1;
	for (uint32_t i = 0; i < buckets; i++)
		keytab->bucket[i] = keytab->count;

	/* From the end, so that each bucket's rows are in the file's order. */
	for (unsigned n = keytab->count; n-- > 0;) {
		struct keytab_row *row = &keytab->row[n];
		row->hash = hash_of(&row->entry.principal, row->entry.enctype);
		unsigned *head = &keytab->bucket[row->hash & keytab->bucket_mask];
		row->next = *head;
		*head = n;
	}
	return STATUS_OK;
}

const struct keytab_entry *keytab_entry_at(const struct keytab *keytab, unsigned n)
{
	return n < keytab->count ? &keytab->row[n].entry : NULL;
}

static bool kvno_fits(uint32_t wanted, uint32_t there)
{
	bool short_kvno = wanted <= UINT8_MAX || there <= UINT8_MAX;
	return wanted == there || (short_kvno && (uint8_t)wanted == (uint8_t)there);
}

/* The first row at or after `position` of the hash's bucket. */
static unsigned first_row(const struct keytab *keytab, uint32_t hash, unsigned position)
{
	/* Mostly the call before this one ended there: no need to walk the bucket again. */
	if (position > 0 && keytab->row[position - 1].hash == hash)
		return keytab->row[position - 1].next;
	unsigned n = keytab->bucket[hash & keytab->bucket_mask];
	while (n < position)
		n = keytab->row[n].next;
	return n;
}

const struct keytab_entry *keytab_find(const struct keytab *keytab,
	const struct principal *principal, const struct keytab_wanted *wanted, unsigned *position)
{
	if (*position >= keytab->count)
		return NULL;
	uint32_t hash = hash_of(principal, wanted->enctype);
	for (unsigned n = first_row(keytab, hash, *position); n < keytab->count;
		n = keytab->row[n].next) {
		const struct keytab_row *row = &keytab->row[n];
		if (row->hash == hash && row->entry.enctype == wanted->enctype &&
			principal_equal(&row->entry.principal, principal) &&
			(!wanted->has_kvno || kvno_fits(wanted->kvno, row->entry.kvno))) {
			*position = n + 1;
			return &row->entry;
		}
	}
	*position = keytab->count;
	return NULL;
}

bool keytab_has_realm(const struct keytab *keytab, struct slice realm)
{
	for (unsigned n = 0; n < keytab->count; n++)
		if (slice_equal(keytab->row[n].entry.principal.realm, realm))
			return true;
	return false;
}

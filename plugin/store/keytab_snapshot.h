/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keytab_snapshot.h - what a struct keytab is made of: keytab_parse.c makes
 * it, keytab_find.c looks things up in it, keytab.c shares it. For these alone.
 */
#ifndef STORE_KEYTAB_SNAPSHOT_H
#define STORE_KEYTAB_SNAPSHOT_H

#include "store/keytab.h"

struct keytab_row {
	struct keytab_entry entry;
	uint32_t hash; /* of principal and enctype */
	unsigned next; /* row of the same bucket, further down; `count` past the last */
};

struct keytab {
	unsigned references; /* under shared_lock() */
	uid_t owner;         /* of the file, root where it was no file */
	mode_t mode;
	char *name;
	struct buffer contents; /* secret; the names point into it */
	struct keytab_row *row;
	unsigned count;
	unsigned *bucket; /* the first row of each; `count` where there is none */
	uint32_t bucket_mask;
};

/* Takes the contents over and leaves an empty buffer. Errors as keytab_parse(). */
MUST_CHECK enum status keytab_parse_buffer(
	struct buffer *contents, const char *name, struct keytab **out, struct error *err);

/* Fills the buckets, once all rows are there. ERR_NO_MEMORY. */
MUST_CHECK enum status keytab_index(struct keytab *keytab, struct error *err);

/* Of one that nobody holds any more. */
void keytab_free(struct keytab *keytab);

#endif

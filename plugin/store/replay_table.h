/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay_table.h - the records of a replay cache's file, which is open,
 * locked by the caller and known to be a file of ours.
 *
 * MIT krb5's "file2": 16 octets of a SipHash-2-4 key, random, then hash tables
 * of 1023, 2048, 4096, ... records, each twice as long as the one before. A
 * record is twelve octets of the tag and a time of four, most significant
 * first; time 0 means that nothing was ever written there. In each table a tag
 * has two places: where its hash, modulo the number of records, points, and
 * the next (behind the last record, that is the first of the next table). For
 * each further table the key's first octet is one more. A search ends in the
 * first table where one of the two places was never written, or lies beyond
 * the end of the file; the record goes to the first place on the way that is
 * free or whose record is too old.
 */
#ifndef STORE_REPLAY_TABLE_H
#define STORE_REPLAY_TABLE_H

#include "base/bytes.h"
#include "store/replay_file.h"

#define REPLAY_TAG_LENGTH 12

struct replay_record {
	unsigned char tag[REPLAY_TAG_LENGTH];
	uint32_t time; /* not 0 */
};

/*
 * Writes the record unless one with this tag is there. Records whose time is
 * before `oldest` are too old to be kept. KRB_AP_ERR_REPEAT; ERR_FILE where
 * the file cannot be read or written, would be longer than this process may
 * make a file (RLIMIT_FSIZE), or has no free place in any table that fits into
 * 2 GiB; ERR_CRYPTO if there is no randomness for a key.
 */
MUST_CHECK enum status replay_table_store(const struct replay_file *file,
	const struct replay_record *record, int64_t oldest, struct error *err);

#endif

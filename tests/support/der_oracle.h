/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_oracle.h - libtasn1's own decoder and encoder, which judge what asn1/ reads
 * and writes.
 *
 * Fields are found by the names in the schema; how they are tagged, what may be
 * absent and what follows what, libtasn1 knows by itself. Each function returns NULL, or
 * what differs, in a text that lasts until the next call of its thread.
 */
#ifndef TESTS_SUPPORT_DER_ORACLE_H
#define TESTS_SUPPORT_DER_ORACLE_H

#include "asn1/der.h"

/*
 * Strict decoding has to take `der`, find the values that the record's struct has at
 * `value`, as der_read() put them there, and encode it to the same octets again. Where
 * the reader has liberties, they stand in a table.
 */
const char *oracle_check_read(struct der_record *record, struct slice der, const void *value);

/* Encoding the values that are at `value` has to give `der`, which der_write() gave. */
const char *oracle_check_written(struct der_record *record, const void *value, struct slice der);

/* Every type that is a message or a record of its own in some struct; ends with NULL. */
extern struct der_record *const oracle_records[];

#endif

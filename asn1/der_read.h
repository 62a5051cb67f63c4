/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_read.h - from octets to a plain struct, by the schema, in one pass.
 *
 * Each rule of der.h is held where the thing is read that it is about.
 */
#ifndef ASN1_DER_READ_H
#define ASN1_DER_READ_H

#include "asn1/schema.h"

struct der_reader {
	const unsigned char *start; /* of the message */
	int number;                 /* n of its [APPLICATION n], where it has a msg-type */
	struct error *err;
};

/* ERR_SYNTAX: "malformed at octet N: `what`", N counting from 0 to where `at` begins. */
enum status der_malformed(const struct der_reader *r, struct slice at, const char *what);

/* Does this begin with the first tag of a message of this kind? No where the schema cannot be made.
 */
bool der_begins(struct der_record *record, struct slice der);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_write.h - puts a message together, by the schema, straight into the buffer
 * that will be sent or encrypted.
 *
 * DER states lengths before contents, so it is written back to front: a type
 * puts its last field first and its header when it knows how long the rest
 * is. First a writer that only counts tells how much room the message takes. So
 * the buffer grows once, and each octet is written once, and nowhere else.
 */
#ifndef ASN1_DER_WRITE_H
#define ASN1_DER_WRITE_H

#include "asn1/schema.h"

struct der_writer {
	unsigned char *end;  /* of the room; NULL: only count */
	size_t len;          /* so far */
	int number;          /* n of the message's [APPLICATION n], where it has a msg-type */
	struct slice marked; /* where the field with MARKED_WHOLE() lies */
	struct error *err;
};

/* Puts octets before what is there already; room for them, unwritten, where the data is NULL. */
void der_put(struct der_writer *w, struct slice octets);

/*
 * der_write() of der.h, and tells where the field lies whose row has MARKED_WHOLE().
 */
MUST_CHECK enum status der_write_marked(struct der_record *record, const void *in,
	struct slice *marked, struct buffer *out, struct error *err);

/* The length that der_write() would give it; 0 where a value cannot be expressed. */
size_t der_length(struct der_record *record, const void *in);

#endif

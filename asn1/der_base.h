/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_base.h - the simple types: what each is in C, how its octets are read
 * and written, and the ranges of integers, which asn1Parser leaves out.
 */
#ifndef ASN1_DER_BASE_H
#define ASN1_DER_BASE_H

#include "asn1/der_element.h"
#include "asn1/der_record.h"

struct der_reader;
struct der_writer;

struct der_base {
	const char *name; /* the type's in the definitions; NULL: any without a row of its own */
	unsigned type;    /* ASN1_ETYPE_* */
	enum der_member member;
	unsigned char tag; /* identifier octet */

	/*
	 * From an element with this tag to the value. `value` may be NULL: then
	 * the contents are only checked. A failure's text says what was found and
	 * expected; the caller puts the place before it.
	 */
	enum status (*read)(const struct der_reader *r, const struct schema_node *node,
		const struct element *element, void *value);

	/* The contents. ERR_SYNTAX where the value cannot be expressed. */
	enum status (*write)(
		struct der_writer *w, const struct schema_node *node, const void *value);

	/* Of an INTEGER: what is taken; least and most that are sent. */
	int64_t min_taken, min, max;
};

/* For a type of this ASN1_ETYPE_* that goes by these names, the first being the nearest. */
const struct der_base *der_base_find(
	unsigned type, const char *const *names, unsigned count, enum der_member member);

#endif

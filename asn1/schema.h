/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * schema.h - by which the one reader and the one writer work: the definitions of
 * the .asn files and the rows of der_record.h, put together.
 *
 * It is made once per process, when the module is loaded or by the first reader
 * or writer (der_open() of der.h, which is here as der_close() is), and never changes
 * afterwards.
 */
#ifndef ASN1_SCHEMA_H
#define ASN1_SCHEMA_H

#include "asn1/der_base.h"

/* Elements within elements, the outermost being at 1. */
#define DER_MAX_DEPTH 16
/* A field's [n], the [APPLICATION n] of its type, and the type's own. */
#define DER_MAX_TAGS 4

/* A message, a field of one, or the element of a list. */
struct schema_node {
	const char *name; /* of a field; of a message, its type's; "" of an element */
	const char *type; /* the nearest name that its type has */
	unsigned char tag[DER_MAX_TAGS]; /* identifier octets, outermost first */
	unsigned tags;
	unsigned own_tags; /* so many of them are the field's: [n]; the others its type's */
	unsigned depth;    /* of the elements in it, itself counted */
	bool optional;
	int number; /* of a message that has a msg-type: the n of its [APPLICATION n]; else 0 */

	const struct der_row *row; /* NULL: it is read for its form alone, and never written */
	enum der_presence when;

	/* One of three. */
	const struct der_base *base;        /* a simple type */
	const struct schema_record *record; /* a SEQUENCE */
	const struct schema_node *element;  /* a SEQUENCE OF, */
	size_t max;                         /* with so many at most */

	/*
	 * Of a message, and of an element that is a SEQUENCE: the parts of its struct that
	 * are in no array. They are cleared before it is read, so that the room of
	 * lists costs nothing.
	 */
	const struct schema_range {
		size_t offset, size;
	} * plain;
	unsigned plain_count;
};

/* A SEQUENCE in a struct. */
struct schema_record {
	const struct der_record *record;
	const struct schema_node *fields;
	unsigned count;
	unsigned depth;
	bool has_number; /* a field says the message's number */
};

struct schema;

/*
 * Holds each record of `tables` against its definition. ERR_UNSUPPORTED, with one
 * sentence that names the type and the field: a row without a field, a field without
 * a row that is not OPTIONAL, a row that cannot hold what the definition says, a
 * type that refers to itself or is nested deeper than DER_MAX_DEPTH, what the codec
 * does not know. ERR_NO_MEMORY.
 */
MUST_CHECK enum status schema_new(
	const struct der_table *tables, struct schema **out, struct error *err);
void schema_free(struct schema *schema);

/* By which this record, of one of the tables, is read and written. */
const struct schema_node *schema_find(const struct schema *schema, const struct der_record *record);

/* The same in the schema of der_tables, which is opened where it is not yet; NULL: that failed. */
const struct schema_node *schema_node_of(struct der_record *record, struct error *err);

#endif

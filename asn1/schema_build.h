/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * schema_build.h - how a record becomes a node of the schema: schema_build.c holds its
 * rows against its definition, schema.c goes through all of them.
 */
#ifndef ASN1_SCHEMA_BUILD_H
#define ASN1_SCHEMA_BUILD_H

#include "asn1/definition.h"
#include "asn1/schema.h"

struct schema {
	const struct der_table *tables;
	struct schema_node *nodes; /* of the records of all tables, in their order */
	void **blocks;             /* all that was allocated */
	size_t block_count;
};

/* A SEQUENCE with rows, and how far it has come. */
struct building {
	const struct der_record *record;
	struct schema_record *made;
	enum { NOT_YET, NOW, DONE } state;
};

/* One .asn file, with the records of its types. */
struct builder {
	struct schema *schema;
	struct definitions definitions;
	struct building *buildings;
	size_t count;
	struct error *err;
};

/* Zeroed memory that lasts as long as the schema; NULL: there is none. */
void *builder_allocate(struct builder *b, size_t count, size_t size);

/* The node by which the record is read and written by itself. As schema_new(). */
MUST_CHECK enum status message_build(
	struct builder *b, const struct der_record *record, struct schema_node *out);

#endif

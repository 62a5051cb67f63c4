/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * definition.h - what a .asn file defines, as asn1Parser compiled it.
 *
 * libtasn1 tells names, types and references through its public functions.
 * It does not tell what the codec needs besides: which tags a definition has
 * (asn1_read_tag() knows the innermost alone), whether a field is OPTIONAL, and
 * which field comes next. So definition.c, and nothing else, also looks into the
 * array itself, whose numbers every program contains that was built with
 * asn1Parser. A test holds what it finds there against what asn1_der_coding()
 * makes of each message.
 */
#ifndef ASN1_DEFINITION_H
#define ASN1_DEFINITION_H

#include <libtasn1.h>
#include <stdbool.h>

#include "base/error.h"

/* One .asn file. */
struct definitions {
	const asn1_static_node *array;
	asn1_node tree;
};

/* A type that is defined, a field of a SEQUENCE, or the element of a SEQUENCE OF. */
struct definition {
	const asn1_static_node *at;
	asn1_node_const node;
};

/* Of the array that asn1Parser made. ERR_NO_MEMORY, with libtasn1's reason. */
MUST_CHECK enum status definitions_open(
	const asn1_static_node *array, struct definitions *out, struct error *err);
void definitions_close(struct definitions *definitions);

/* The name of the module that the file defines. */
const char *definitions_name(const struct definitions *definitions);

/* The type of this name; false where the file does not define it. */
bool definition_find(
	const struct definitions *definitions, const char *type, struct definition *out);

/* Of a SEQUENCE: its first field, and the one after another; false where there is none. */
bool definition_first_field(const struct definition *sequence, struct definition *out);
bool definition_next_field(const struct definition *sequence, struct definition *field);

/* Of a SEQUENCE OF: what it is a list of. */
bool definition_element(const struct definition *list, struct definition *out);

/* The name, which lasts as long as the array; "" of an element of a list. */
const char *definition_name(const struct definition *definition);

/* ASN1_ETYPE_SEQUENCE, ASN1_ETYPE_INTEGER ...; ASN1_ETYPE_IDENTIFIER refers to another type. */
unsigned definition_type(const struct definition *definition);

/* The name of the type that an ASN1_ETYPE_IDENTIFIER refers to; lasts as long as the array. */
const char *definition_reference(const struct definition *definition);

bool definition_is_optional(const struct definition *definition);

/*
 * The identifier octet of the tag that is written before the type: [n] or
 * [APPLICATION n]. 0: there is none. False where the codec cannot read what
 * is written there: an IMPLICIT tag, a number above 30, a DEFAULT.
 */
bool definition_tag(const struct definition *definition, unsigned char *octet);

#endif

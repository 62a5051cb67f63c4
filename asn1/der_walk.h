/*
 * der_walk.h - the strict look at a message, before libtasn1 sees it.
 *
 * libtasn1 takes lengths and integers that are not minimal, elements that
 * are longer than the tag around them, any count of unused bits, and builds
 * a node for every element before one can count them. The walk goes through
 * the octets once, without a node for any of them, and lets only DER of the shape that
 * RFC 4120's explicitly tagged types have through. Which fields a message
 * has, and of what types, it leaves to libtasn1.
 */
#ifndef ASN1_DER_WALK_H
#define ASN1_DER_WALK_H

#include "base/bytes.h"
#include "base/error.h"

#define DER_MAX_DEPTH 16

/* Identifier octets (X.690 section 8.1.2); all of Kerberos' tag numbers fit in one. */
enum {
	TAG_INTEGER = 0x02,
	TAG_BIT_STRING = 0x03,
	TAG_OCTET_STRING = 0x04,
	TAG_GENERALIZED_TIME = 0x18,
	TAG_GENERAL_STRING = 0x1b,
	TAG_SEQUENCE = 0x30,
	TAG_APPLICATION = 0x60, /* constructed; plus the number */
	TAG_FIELD = 0xa0,       /* context-specific, constructed; plus the number */
};

struct element {
	unsigned char tag;
	struct slice whole;   /* with tag and length */
	struct slice content; /* without */
};

/*
 * Takes the first element off `rest`, which is not empty. Returns NULL, or
 * what is wrong with its tag or length: then nothing is taken.
 */
const char *element_take(struct slice *rest, struct element *out);

/*
 * Refuses, with ERR_SYNTAX, what was found and at which octet (from 0):
 *   - more than `max` octets, none, or octets after the message;
 *   - a tag of several octets or of the private class; a universal type other
 *     than SEQUENCE that is constructed, any other tag that is not;
 *   - an indefinite or non-minimal length, or one beyond the enclosing element;
 *   - a tag, other than of a universal type, around anything but one element;
 *   - elements nested deeper than DER_MAX_DEPTH, the outermost being at 1;
 *   - fields [n] of one SEQUENCE that do not ascend, or stand among others;
 *   - more than PRINCIPAL_MAX_COMPONENTS strings in a SEQUENCE (in RFC 4120
 *     only a name has such), more than DER_MAX_ELEMENTS elements of others;
 *   - an INTEGER that is empty or not minimal, a BIT STRING with more than 7
 *     or with non-zero unused bits.
 *
 * `masked`, an empty buffer or NULL, receives a copy in which the contents of
 * every OCTET STRING are zero. ERR_NO_MEMORY for its sake alone.
 */
MUST_CHECK enum status der_walk(
	struct slice der, size_t max, struct buffer *masked, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_element.h - one element of DER: its identifier octet, its length, its
 * contents (X.690 section 8.1).
 */
#ifndef ASN1_DER_ELEMENT_H
#define ASN1_DER_ELEMENT_H

#include "base/bytes.h"

/* Identifier octets (X.690 section 8.1.2); all of Kerberos' tag numbers fit in one. */
enum {
	TAG_INTEGER = 0x02,
	TAG_BIT_STRING = 0x03,
	TAG_OCTET_STRING = 0x04,
	TAG_OBJECT_IDENTIFIER = 0x06,
	TAG_ENUMERATED = 0x0a,
	TAG_GENERALIZED_TIME = 0x18,
	TAG_GENERAL_STRING = 0x1b,
	TAG_SEQUENCE = 0x30,
	TAG_APPLICATION = 0x60, /* constructed; plus the number */
	TAG_FIELD = 0xa0,       /* context-specific, constructed; plus the number */
};

/* The parts of an identifier octet. */
#define TAG_CLASS 0xc0
#define TAG_CLASS_UNIVERSAL 0x00
#define TAG_CLASS_APPLICATION 0x40
#define TAG_CLASS_CONTEXT 0x80
#define TAG_CLASS_PRIVATE 0xc0
#define TAG_CONSTRUCTED 0x20
#define TAG_NUMBER 0x1f

struct element {
	unsigned char tag;
	struct slice whole;   /* with tag and length */
	struct slice content; /* without */
};

/*
 * Takes the first element off `rest`, which is not empty. Returns NULL, or
 * what is wrong: a tag of several octets, an indefinite length, one in more
 * octets than it needs, one that reaches beyond `rest`. Then nothing is taken.
 */
const char *element_take(struct slice *rest, struct element *out);

#endif

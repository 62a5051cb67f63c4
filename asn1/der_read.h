/*
 * der_read.h - from octets to a plain struct, by way of the strict walk and
 * libtasn1.
 *
 * libtasn1 says whether a message has the form that kerberos5.asn defines;
 * then the tables of der_type.h take each field's value from the input
 * itself, so that slices need no copy. Both have to agree on every tag.
 *
 * What libtasn1 is shown is a copy in which every OCTET STRING holds zeros:
 * one may be a key, and when libtasn1 refuses a message half-way it leaves
 * in freed memory what it had taken in.
 */
#ifndef ASN1_DER_READ_H
#define ASN1_DER_READ_H

#include "asn1/der_type.h"

struct der_reading {
	struct element element; /* what is being read, without any [n] */
	struct error *err;
};

/*
 * Reads a whole message into `out`, which on failure is all zero. The text
 * of a failure begins with the message's name and, once it is past the walk
 * and libtasn1, those of the fields down to the wrong one.
 * KRB_AP_ERR_MSG_TYPE where `number` is not 0 and this is another
 * [APPLICATION n]; ERR_SYNTAX; ERR_NO_MEMORY; statuses of the message's
 * constants.
 */
MUST_CHECK enum status der_read(
	const struct der_message *message, struct slice der, void *out, struct error *err);

#endif

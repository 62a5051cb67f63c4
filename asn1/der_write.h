/*
 * der_write.h - puts a message together, by libtasn1's length function,
 * straight into the buffer that will be sent or encrypted.
 *
 * DER states lengths before contents, so it is written back to front: a type
 * puts its last field first and its header when it knows how long the rest
 * is. One pass with a writer that only counts tells how much room the
 * message takes; a second fills it. So each octet of it is written once, and
 * nowhere else.
 */
#ifndef ASN1_DER_WRITE_H
#define ASN1_DER_WRITE_H

#include "asn1/der_type.h"

struct der_writer {
	unsigned char *end; /* of the room; NULL: only count */
	size_t len;         /* so far */
	struct error *err;
};

/* Puts octets before what is there already; room for them, unwritten, where the data is NULL. */
void der_put(struct der_writer *w, struct slice octets);

/* Puts the tag and length of an element whose contents, `len` octets, are there already. */
void der_put_header(struct der_writer *w, unsigned char tag, size_t len);

/*
 * Appends the message that is made of the struct at `in` to `out`, which is
 * grown once and by no more than that. ERR_SYNTAX where a value cannot be
 * expressed: `out` is as before then, and the text names the message and
 * the field; ERR_NO_MEMORY.
 */
MUST_CHECK enum status der_write(
	const struct der_message *message, const void *in, struct buffer *out, struct error *err);

/* The length that der_write() would give it; 0 where a value cannot be expressed. */
size_t der_length(const struct der_message *message, const void *in);

#endif

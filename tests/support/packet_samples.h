/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packet_samples.h - what the tests of asn1/der_packet.h share: the
 * definitions in the .asn files as libtasn1 has them, and packets to be written.
 */
#ifndef TESTS_SUPPORT_PACKET_SAMPLES_H
#define TESTS_SUPPORT_PACKET_SAMPLES_H

#include <libtasn1.h>

#include "tests/support/der_reading.h"

#include "asn1/der_packet.h"

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

extern const asn1_static_node kerberos5_asn1[], spnego_asn1[];

int open_all(void **state);

int close_all(void **state);

asn1_node new_node(const char *type);

void write_safe(const struct krb_safe *in, struct slice *body, struct buffer *out);

void write_priv(const struct krb_priv *in, struct buffer *out);

void write_part(const struct packet_body *in, struct buffer *out);

#define SENDER                                                                                     \
	{                                                                                          \
		ADDRESS_DIRECTIONAL, LITERAL("\0\0\0\1")                                           \
	}

/* With the data as the one piece that is written, and as what a definition is given. */
struct packet_body body_of(const struct slice *data, uint32_t seq_number);

#endif

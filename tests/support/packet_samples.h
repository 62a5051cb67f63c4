/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packet_samples.h - what the tests of asn1/der_packet.h share: the
 * definitions in the .asn files as libtasn1 has them, and packets to be written.
 */
#ifndef TESTS_SUPPORT_PACKET_SAMPLES_H
#define TESTS_SUPPORT_PACKET_SAMPLES_H

#include "tests/support/der_reading.h"

#include <libtasn1.h>
#include <stdio.h>

#include "asn1/der_packet.h"

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

extern const asn1_static_node kerberos5_asn1[], spnego_asn1[];

static asn1_node definitions, spnego_definitions;

static inline int open_all(void **state UNUSED)
{
	return asn1_array2tree(kerberos5_asn1, &definitions, NULL) ||
	       asn1_array2tree(spnego_asn1, &spnego_definitions, NULL);
}

static inline int close_all(void **state)
{
	asn1_delete_structure(&definitions);
	asn1_delete_structure(&spnego_definitions);
	return close_libraries(state);
}

static inline asn1_node new_node(const char *type)
{
	char name[64];
	snprintf(name, sizeof name, "KerberosV5Spec2.%s", type);
	asn1_node node = NULL;
	if (asn1_create_element(definitions, name, &node) == ASN1_SUCCESS)
		return node;
	snprintf(name, sizeof name, "SPNEGOASNOneSpec.%s", type);
	assert_int_equal(asn1_create_element(spnego_definitions, name, &node), ASN1_SUCCESS);
	return node;
}

static inline void write_safe(const struct krb_safe *in, struct slice *body, struct buffer *out)
{
	struct error err = {0};
	if (der_write_krb_safe(in, body, out, &err))
		fail_msg("%s", err.text);
}

static inline void write_priv(const struct krb_priv *in, struct buffer *out)
{
	struct error err = {0};
	if (der_write_krb_priv(in, out, &err))
		fail_msg("%s", err.text);
}

static inline void write_part(const struct packet_body *in, struct buffer *out)
{
	struct error err = {0};
	if (der_write_enc_krb_priv_part(in, out, &err))
		fail_msg("%s", err.text);
}

#define SENDER                                                                                     \
	{                                                                                          \
		ADDRESS_DIRECTIONAL, LITERAL("\0\0\0\1")                                           \
	}

/* With the data as the one piece that is written, and as what a definition is given. */
static inline struct packet_body body_of(const struct slice *data, uint32_t seq_number)
{
	return (struct packet_body){.user_data = *data,
		.pieces = data,
		.piece_count = 1,
		.seq_number = seq_number,
		.sender = SENDER};
}

#endif

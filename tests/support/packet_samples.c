/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/packet_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static asn1_node definitions, spnego_definitions;

int open_all(void **state UNUSED)
{
	return asn1_array2tree(kerberos5_asn1, &definitions, NULL) ||
	       asn1_array2tree(spnego_asn1, &spnego_definitions, NULL);
}

int close_all(void **state)
{
	asn1_delete_structure(&definitions);
	asn1_delete_structure(&spnego_definitions);
	return close_libraries(state);
}

asn1_node new_node(const char *type)
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

void write_safe(const struct krb_safe *in, struct slice *body, struct buffer *out)
{
	struct error err = {0};
	if (der_write_krb_safe(in, body, out, &err))
		fail_msg("%s", err.text);
}

void write_priv(const struct krb_priv *in, struct buffer *out)
{
	struct error err = {0};
	if (der_write_krb_priv(in, out, &err))
		fail_msg("%s", err.text);
}

void write_part(const struct packet_body *in, struct buffer *out)
{
	struct error err = {0};
	if (der_write_enc_krb_priv_part(in, out, &err))
		fail_msg("%s", err.text);
}

struct packet_body body_of(const struct slice *data, uint32_t seq_number)
{
	return (struct packet_body){.user_data = *data,
		.pieces = data,
		.piece_count = 1,
		.seq_number = seq_number,
		.sender = SENDER};
}

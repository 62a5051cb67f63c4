/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/gssapi.h"

const struct mechanism gssapi_mechanism = {
	.name = GSSAPI_NAME,
	.max_ssf = GSSAPI_MAX_SSF,
	.security_flags =
		KERBEROS_SECURITY_FLAGS | SASL_SEC_PASS_CREDENTIALS | GSSAPI_HASH_STRENGTH,
	.server = &gssapi_server,
	.client = &gssapi_client,
};

struct security gssapi_security_of(
	const sasl_security_properties_t *properties, sasl_ssf_t external)
{
	struct security security = security_of(properties, external);
	if (security.max_buffer > GSSAPI_MAX_BUFFER)
		security.max_buffer = GSSAPI_MAX_BUFFER;
	return security;
}

void layer_message_header(
	const struct layer_message *message, unsigned char out[LAYER_MESSAGE_HEADER])
{
	store_u32(out, message->max_buffer);
	out[0] = (unsigned char)message->layers;
}

enum status layer_message_read(struct slice octets, struct layer_message *out, struct error *err)
{
	struct reader r = reader_of(octets);
	uint32_t header = read_u32(&r);
	*out = (struct layer_message){
		.layers = header >> 24,
		.max_buffer = header & GSSAPI_MAX_BUFFER,
		.authzid = r.rest,
	};
	if (r.failed)
		return error_set_shown(err, ERR_SYNTAX,
			"a message of %zu octets came where the security layer is negotiated, "
			"which "
			"takes %d",
			octets.len, LAYER_MESSAGE_HEADER);
	return STATUS_OK;
}

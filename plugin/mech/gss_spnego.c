/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/gss_spnego.h"

#include "gss/gss_message.h"
#include "mech/layer.h"

/* Without a strength of its hash: below GSSAPI, see gssapi.h. */
const struct mechanism gss_spnego_mechanism = {
	.name = GSS_SPNEGO_NAME,
	.max_ssf = KERBEROS_MAX_SSF,
	.security_flags = KERBEROS_SECURITY_FLAGS | SASL_SEC_PASS_CREDENTIALS,
	.server = &gss_spnego_server,
	.client = &gss_spnego_client,
};

unsigned gss_spnego_layers(
	const struct security *security, unsigned strength, const struct enctype *type)
{
	unsigned layers = security_layers(security, strength);
	layers = layers_with_room(&gss_protections, layers, type, security->max_buffer);
	return layers_with_room(&gss_protections, layers, type, GSS_SPNEGO_MAX_PACKET);
}

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

/*
 * What libldap and Samba take, and other peers may therefore send. Cyrus SASL's plug-in sends that
 * much data in a packet, and the token around them is not counted.
 */
#define USUAL_PACKET UINT32_C(65536)
#define UNCOUNTED 1024

struct security gss_spnego_security_of(
	const sasl_security_properties_t *properties, sasl_ssf_t external)
{
	struct security security = security_of(properties, external);
	uint32_t *longest = &security.max_buffer;
	if (*longest == 0)
		return security;
	if (*longest < USUAL_PACKET)
		*longest = USUAL_PACKET;
	if (*longest <= PACKET_MAX - UNCOUNTED)
		*longest += UNCOUNTED;
	return security;
}

uint32_t gss_spnego_max_sent(const sasl_security_properties_t *properties)
{
	return properties->maxbufsize < USUAL_PACKET ? properties->maxbufsize : USUAL_PACKET;
}

unsigned gss_spnego_layers(const struct security *security, unsigned strength,
	const struct enctype *type, uint32_t max_sent)
{
	return layers_with_room(
		&gss_protections, security_layers(security, strength), type, max_sent);
}

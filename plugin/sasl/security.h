/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * security.h - which security layers an application allows, from its
 * security properties; which to offer, and which to choose.
 */
#ifndef SASL_SECURITY_H
#define SASL_SECURITY_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdint.h>

/* Bits of the layer octets, in KERBEROS_V5 as in RFC 4752. */
enum {
	LAYER_NONE = 1,
	LAYER_INTEGRITY = 2,
	LAYER_PRIVACY = 4,
};

/* The strength of integrity without privacy (sasl.h). */
#define SSF_INTEGRITY 1

/*
 * In octets: no packet is longer, whatever an application takes. A
 * mechanism can fill such a packet, and lengths are far from where they wrap.
 */
#define PACKET_MAX (UINT32_C(1) << 30)

/* What a layer of ours may be, beyond what TLS already gives. */
struct security {
	sasl_ssf_t min, max;
	uint32_t max_buffer; /* the longest packet that the application receives, to PACKET_MAX */
};

struct security security_of(const sasl_security_properties_t *properties, sasl_ssf_t external);

/* The strength that a layer has with a key of `strength` bits. */
sasl_ssf_t layer_ssf(unsigned layer, unsigned strength);

/* All layers that are allowed where a key has `strength` bits; 0 where none is. */
unsigned security_layers(const struct security *security, unsigned strength);

/* The strongest of several; 0 of none. */
unsigned layer_strongest(unsigned layers);

/*
 * The same for a client, but none at all beneath another layer (TLS, of strength `external`), if
 * that is among them: servers of Active Directory refuse the two together.
 */
unsigned layer_for_client(unsigned layers, sasl_ssf_t external);

/* Several of them for a sentence: "no layer, integrity", or "nothing". */
const char *layers_text(unsigned layers);

#endif

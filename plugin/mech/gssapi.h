/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gssapi.h - the mechanism GSSAPI (RFC 4752), and the two messages of its own,
 * with which the security layer is negotiated.
 *
 *   1. client: the initial token of gss/gss.h
 *   2. server: the AP-REP token, where the client asked for mutual
 *              authentication; client: an empty message
 *   3. server: in a Wrap token: layers offered (1 octet), the most octets of a
 *              packet that it can receive (3)
 *   4. client: in a Wrap token: layer chosen (1 octet), the most octets of a
 *              packet that it can receive (3), the authorization identity (the
 *              rest)
 */
#ifndef MECH_GSSAPI_H
#define MECH_GSSAPI_H

#include "base/bytes.h"
#include "base/error.h"
#include "mech/mechanism.h"
#include "sasl/security.h"

#define GSSAPI_NAME "GSSAPI"

/*
 * Those of KERBEROS_V5, and one difference: libsasl2 puts stronger mechanisms
 * first in its lists, and equal ones by the order of files in the plug-in folder.
 * GSSAPI is to come first, since peers have it. What is compared last is the
 * strength of a hash, from 2.1.28 on; that of aes256-cts-hmac-sha384-192 is as
 * true as any. Older ones compare no more than the strength of the layer, which
 * no application demands to be above 256.
 */
#ifdef SASL_SET_HASH_STRENGTH_BITS
#define GSSAPI_MAX_SSF KERBEROS_MAX_SSF
#define GSSAPI_HASH_STRENGTH SASL_SET_HASH_STRENGTH_BITS(384)
#else
#define GSSAPI_MAX_SSF (KERBEROS_MAX_SSF + 1)
#define GSSAPI_HASH_STRENGTH 0
#endif

extern const struct mechanism gssapi_mechanism;
extern const struct server_side gssapi_server;
extern const struct client_side gssapi_client;

/* The longest packet that three octets can announce. */
#define GSSAPI_MAX_BUFFER 0xffffffU

/* security_of(), within that. */
struct security gssapi_security_of(
	const sasl_security_properties_t *properties, sasl_ssf_t external);

/* Either of the two messages, as it is inside its Wrap token. */
struct layer_message {
	unsigned layers;      /* bits of sasl/security.h */
	uint32_t max_buffer;  /* at most GSSAPI_MAX_BUFFER; 0 where there is no layer */
	struct slice authzid; /* the client's; points into what was read */
};

#define LAYER_MESSAGE_HEADER 4

/* The first four octets. */
void layer_message_header(
	const struct layer_message *message, unsigned char out[LAYER_MESSAGE_HEADER]);

/* ERR_SYNTAX where it is shorter than four octets. `octets` may be of either message. */
MUST_CHECK enum status layer_message_read(
	struct slice octets, struct layer_message *out, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kerberos_v5.h - the mechanism KERBEROS_V5 (draft-josefsson-sasl-kerberos5-01,
 * section 3, infrastructure mode), and the two strings of its own.
 *
 *   1. server: challenge: layers offered (1 octet), the most octets of a
 *      packet that it can receive (4, network order), random octets (16)
 *   2. client: KRB_AP_REQ whose authenticator carries the binding: layer chosen (1
 *      octet), the most octets of a packet that the client can receive (4),
 *      the whole challenge (21), the authorization identity (the rest); as
 *      authorization data of type -1, and under the checksum
 *   3. server: KRB_AP_REP if mutual authentication was asked for
 */
#ifndef MECH_KERBEROS_V5_H
#define MECH_KERBEROS_V5_H

#include "base/bytes.h"
#include "base/error.h"
#include "mech/mechanism.h"
#include "sasl/security.h"

#define KERBEROS_V5_NAME "KERBEROS_V5"

extern const struct mechanism kerberos_v5_mechanism;
extern const struct server_side kerberos_v5_server;
extern const struct client_side kerberos_v5_client;

/*
 * The layer octets hold the bits of sasl/security.h and these. The second one
 * is in challenges only: this server has channel bindings, and compares them
 * with those that a client sends. An answer that succeeds shows that it did,
 * since the client answers the challenge as it came.
 */
#define LAYER_MUTUAL 8U
#define LAYER_CHANNEL 16U

/* The authorization data type of the binding. */
#define AD_KERBEROS_V5_BINDING (-1)

#define CHALLENGE_LENGTH 21

struct challenge {
	unsigned layers;
	uint32_t max_buffer;
	unsigned char octets[CHALLENGE_LENGTH]; /* as sent */
};

/* Makes one with fresh random octets. ERR_CRYPTO. */
MUST_CHECK enum status challenge_make(
	unsigned layers, uint32_t max_buffer, struct challenge *out, struct error *err);

/* ERR_SYNTAX where it is not 21 octets. */
MUST_CHECK enum status challenge_read(
	struct slice octets, struct challenge *out, struct error *err);

struct binding {
	unsigned layers; /* one layer, and LAYER_MUTUAL where mutual authentication is asked for */
	uint32_t max_buffer;  /* the client's; 0 without a layer */
	struct slice authzid; /* points into what was read */
};

/* The layer of a binding, without LAYER_MUTUAL. */
unsigned binding_layer(const struct binding *binding);

MUST_CHECK enum status binding_make(const struct binding *binding,
	const struct challenge *challenge, struct buffer *out, struct error *err);

/*
 * Reads the binding and judges it against the challenge that was sent.
 * ERR_SYNTAX where it is too short; KRB_AP_ERR_MODIFIED where it answers
 * another challenge (compared whole), not exactly one layer is chosen, one
 * that was not offered, one without mutual authentication, or a buffer size
 * without a layer.
 */
MUST_CHECK enum status binding_read(struct slice octets, const struct challenge *challenge,
	struct binding *out, struct error *err);

#endif

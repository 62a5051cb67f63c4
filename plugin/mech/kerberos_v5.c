/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/kerberos_v5.h"

#include <string.h>

#include "crypto/random.h"

const struct mechanism kerberos_v5_mechanism = {
	.name = KERBEROS_V5_NAME,
	.max_ssf = KERBEROS_MAX_SSF,
	.security_flags = KERBEROS_SECURITY_FLAGS,
	.server = &kerberos_v5_server,
	.client = &kerberos_v5_client,
};

#define HEADER_LENGTH 5 /* layers and buffer size, at the head of both strings */

enum status challenge_make(
	unsigned layers, uint32_t max_buffer, struct challenge *out, struct error *err)
{
	*out = (struct challenge){.layers = layers, .max_buffer = max_buffer};
	out->octets[0] = (unsigned char)layers;
	store_u32(out->octets + 1, max_buffer);
	return random_octets(out->octets + HEADER_LENGTH, CHALLENGE_LENGTH - HEADER_LENGTH, err);
}

enum status challenge_read(struct slice octets, struct challenge *out, struct error *err)
{
	if (octets.len != CHALLENGE_LENGTH)
		return error_set(err, ERR_SYNTAX,
			"the server's first message has %zu octets instead of %d: it is not a "
			"KERBEROS_V5 challenge",
			octets.len, CHALLENGE_LENGTH);
	struct reader r = reader_of(octets);
	out->layers = read_u8(&r);
	out->max_buffer = read_u32(&r);
	memcpy(out->octets, octets.data, CHALLENGE_LENGTH);
	return STATUS_OK;
}

unsigned binding_layer(const struct binding *binding)
{
	return binding->layers & ~LAYER_MUTUAL;
}

enum status binding_make(const struct binding *binding, const struct challenge *challenge,
	struct buffer *out, struct error *err)
{
	unsigned char header[HEADER_LENGTH] = {(unsigned char)binding->layers};
	store_u32(header + 1, binding->max_buffer);
	if (buffer_append(out, slice_of(header, sizeof header)) ||
		buffer_append(out, slice_of(challenge->octets, CHALLENGE_LENGTH)) ||
		buffer_append(out, binding->authzid))
		return error_no_memory(err);
	return STATUS_OK;
}

static enum status judge(
	const struct binding *binding, const struct challenge *challenge, struct error *err)
{
	unsigned layer = binding_layer(binding);
	bool is_one = layer != 0 && (layer & (layer - 1)) == 0;
	if (!is_one)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client chose layers 0x%02x where exactly one has to be chosen", layer);
	if ((binding->layers & challenge->layers) != binding->layers)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client chose layers 0x%02x, of those offered, 0x%02x", binding->layers,
			challenge->layers);
	if (layer != LAYER_NONE && (binding->layers & LAYER_MUTUAL) == 0)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client chose a security layer without mutual authentication");
	if (layer == LAYER_NONE && binding->max_buffer != 0)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client gave a buffer size of %u without choosing a layer",
			binding->max_buffer);
	return STATUS_OK;
}

enum status binding_read(struct slice octets, const struct challenge *challenge,
	struct binding *out, struct error *err)
{
	struct reader r = reader_of(octets);
	out->layers = read_u8(&r);
	out->max_buffer = read_u32(&r);
	struct slice answered = read_bytes(&r, CHALLENGE_LENGTH);
	out->authzid = r.rest;
	if (r.failed)
		return error_set_shown(err, ERR_SYNTAX,
			"the authenticator's binding has %zu octets, %d at least are needed",
			octets.len, HEADER_LENGTH + CHALLENGE_LENGTH);
	if (!slice_equal(answered, slice_of(challenge->octets, CHALLENGE_LENGTH)))
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the AP-REQ answers another challenge than the one that was sent: it was "
			"made for another connection, or replayed");
	return judge(out, challenge, err);
}

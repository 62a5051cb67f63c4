/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/layer.h"

static const struct protection *protection_of(const struct protections *protections, unsigned layer)
{
	if (layer == LAYER_PRIVACY)
		return protections->privacy;
	return layer == LAYER_INTEGRITY ? protections->integrity : NULL;
}

static enum status protect(
	void *arg, const struct slice *pieces, size_t count, struct buffer *out, struct error *err)
{
	struct layer *layer = arg;
	return layer->protection->make(&layer->channel, pieces, count, out, err);
}

static enum status unprotect(void *arg, struct slice packet, struct buffer *storage,
	struct buffer *out, struct error *err)
{
	struct layer *layer = arg;
	return layer->protection->read(&layer->channel, packet, storage, out, err);
}

static const struct framing_mechanism framing_mechanism = {protect, unprotect};

unsigned layers_with_room(const struct protections *protections, unsigned layers,
	const struct enctype *type, uint32_t max_packet)
{
	unsigned with_room = 0;
	for (unsigned layer = LAYER_NONE; layer <= LAYER_PRIVACY; layer <<= 1) {
		const struct protection *protection = protection_of(protections, layer);
		if ((layers & layer) && (!protection || protection->length(type, 1) <= max_packet))
			with_room |= layer;
	}
	return with_room;
}

/* The choice was made for the session key; the acceptor's subkey may be of another type. */
static enum status check_key(
	const struct key *key, const struct layer_terms *terms, struct error *err)
{
	const struct enctype *type = key_type(key);
	unsigned layers = security_layers(terms->security, terms->strength) & terms->choice.layer;
	if (layers == 0)
		return error_set_shown(err, KRB_AP_ERR_METHOD,
			"under the server's subkey, which is of type %s, the security layer has "
			"strength %u, and %u to %u are allowed",
			enctype_name(type), layer_ssf(terms->choice.layer, terms->strength),
			terms->security->min, terms->security->max);
	if (layers_with_room(terms->choice.protections, layers, type, terms->choice.max_sent) == 0)
		return error_set_shown(err, KRB_AP_ERR_METHOD,
			"under the server's subkey, which is of type %s, no data fit into packets "
			"of %u octets",
			enctype_name(type), terms->choice.max_sent);
	return STATUS_OK;
}

void layer_tell_none(sasl_out_params_t *oparams)
{
	oparams->mech_ssf = 0;
	oparams->maxoutbuf = 0;
	oparams->encode_context = NULL;
	oparams->encode = NULL;
	oparams->decode_context = NULL;
	oparams->decode = NULL;
}

static void tell_libsasl2(
	struct layer *layer, const struct layer_terms *terms, sasl_out_params_t *oparams)
{
	layer_tell_none(oparams);
	oparams->doneflag = 1;
	oparams->param_version = 0;
	if (!layer->protection)
		return;
	const struct enctype *type = key_type(layer->channel.key);
	oparams->mech_ssf = layer_ssf(terms->choice.layer, terms->strength);
	oparams->maxoutbuf =
		(unsigned)protection_room(layer->protection, type, terms->choice.max_sent);
	oparams->encode_context = &layer->framing;
	oparams->encode = framing_encode;
	oparams->decode_context = &layer->framing;
	oparams->decode = framing_decode;
}

enum status layer_open(struct layer *layer, const struct layer_terms *terms,
	struct channel *channel, sasl_out_params_t *oparams, struct error *err)
{
	*layer = (struct layer){
		.protection = protection_of(terms->choice.protections, terms->choice.layer)};
	if (layer->protection) {
		layer->channel = *channel;
		*channel = (struct channel){0};
		if (check_key(layer->channel.key, terms, err))
			return err->status;
		layer->framing = (struct framing){
			.mechanism = &framing_mechanism,
			.arg = layer,
			.log = terms->log,
			.max_packet = terms->security->max_buffer,
		};
	}
	tell_libsasl2(layer, terms, oparams);
	return STATUS_OK;
}

void layer_close(struct layer *layer)
{
	channel_close(&layer->channel);
	framing_close(&layer->framing);
	*layer = (struct layer){0};
}

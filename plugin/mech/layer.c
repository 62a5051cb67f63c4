#include "mech/layer.h"

#include <limits.h>

static const struct protection *protection_of(unsigned layer)
{
	if (layer == LAYER_PRIVACY)
		return &protection_privacy;
	return layer == LAYER_INTEGRITY ? &protection_integrity : NULL;
}

static enum status protect(
	void *arg, const struct slice *pieces, size_t count, struct buffer *out, struct error *err)
{
	struct layer *layer = arg;
	return layer->protection->make(&layer->channel, pieces, count, out, err);
}

static enum status unprotect(void *arg, struct slice packet, struct buffer *out, struct error *err)
{
	struct layer *layer = arg;
	return layer->protection->read(&layer->channel, packet, &layer->storage, out, err);
}

static const struct framing_mechanism framing_mechanism = {protect, unprotect};

unsigned layers_with_room(unsigned layers, const struct enctype *type, uint32_t max_packet)
{
	unsigned with_room = 0;
	for (unsigned layer = LAYER_NONE; layer <= LAYER_PRIVACY; layer <<= 1) {
		const struct protection *protection = protection_of(layer);
		if ((layers & layer) && (!protection || protection->room(type, max_packet) > 0))
			with_room |= layer;
	}
	return with_room;
}

enum status layer_open(struct layer *layer, const struct layer_terms *terms,
	const struct ap_context *context, const struct logger *log, sasl_out_params_t *oparams,
	struct error *err)
{
	*layer = (struct layer){.protection = protection_of(terms->layer)};
	oparams->doneflag = 1;
	oparams->param_version = 0;
	if (!layer->protection)
		return STATUS_OK;

	enum status status = channel_open(context, terms->is_initiator, &layer->channel, err);
	if (status)
		return status;
	layer->framing = (struct framing){
		.mechanism = &framing_mechanism,
		.arg = layer,
		.log = log,
		.max_packet = terms->max_received,
	};
	const struct enctype *type = key_type(layer->channel.key);
	uint32_t limit = terms->max_sent < INT_MAX ? terms->max_sent : INT_MAX;
	oparams->mech_ssf = layer_ssf(terms->layer, enctype_strength(type));
	oparams->maxoutbuf = (unsigned)layer->protection->room(type, limit);
	oparams->encode_context = &layer->framing;
	oparams->encode = framing_encode;
	oparams->decode_context = &layer->framing;
	oparams->decode = framing_decode;
	return STATUS_OK;
}

void layer_close(struct layer *layer)
{
	channel_close(&layer->channel);
	buffer_free(&layer->storage);
	framing_close(&layer->framing);
	*layer = (struct layer){0};
}

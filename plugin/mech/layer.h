/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * layer.h - the security layers of a mechanism: its protected messages
 * (ap/channel.h) in libsasl2's packets (sasl/framing.h).
 */
#ifndef MECH_LAYER_H
#define MECH_LAYER_H

#include "ap/channel.h"
#include "sasl/framing.h"
#include "sasl/security.h"

/*
 * The first member of the mechanism's context of a connection: libsasl2
 * hands that context, not its encode_context, to encode and decode.
 */
struct layer {
	struct framing framing;              /* first, for the same reason */
	const struct protection *protection; /* NULL: there is no layer */
	struct channel channel;
};

/* What the two sides agreed on. */
struct layer_choice {
	unsigned layer; /* LAYER_NONE or another one */
	const struct protections *protections;
	uint32_t max_sent; /* the longest packet that the peer takes */
};

/* What a layer is opened with besides. */
struct layer_terms {
	struct layer_choice choice;
	unsigned strength;               /* of the key, ap_context_strength() */
	const struct security *security; /* what is allowed here */
	const struct logger *log;
};

/*
 * Of `layers`, those that leave room for an octet in packets of at most
 * `max_packet` octets, under a key of this type; LAYER_NONE always does.
 */
unsigned layers_with_room(const struct protections *protections, unsigned layers,
	const struct enctype *type, uint32_t max_packet);

/*
 * Opens what was agreed and tells libsasl2 of it in `oparams`: strength, the
 * most octets to send at once, encode and decode. `layer` and the log have to
 * live as long as the connection; what `channel` holds is taken over where
 * there is a layer, also on failure, and is not looked at otherwise.
 * KRB_AP_ERR_METHOD where the layer has not the strength or the room that is
 * needed under the channel's key, which may be of another type than the
 * session key.
 */
MUST_CHECK enum status layer_open(struct layer *layer, const struct layer_terms *terms,
	struct channel *channel, sasl_out_params_t *oparams, struct error *err);
void layer_close(struct layer *layer);

/* Tells libsasl2 that there is no layer. */
void layer_tell_none(sasl_out_params_t *oparams);

#endif

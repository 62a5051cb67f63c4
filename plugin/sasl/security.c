/* SPDX-License-Identifier: BSD-3-Clause */
#include "sasl/security.h"

#include <stdbool.h>

struct security security_of(const sasl_security_properties_t *properties, sasl_ssf_t external)
{
	return (struct security){
		.min = properties->min_ssf > external ? properties->min_ssf - external : 0,
		.max = properties->max_ssf > external ? properties->max_ssf - external : 0,
		.max_buffer =
			properties->maxbufsize < PACKET_MAX ? properties->maxbufsize : PACKET_MAX,
	};
}

sasl_ssf_t layer_ssf(unsigned layer, unsigned strength)
{
	if (layer == LAYER_PRIVACY)
		return strength;
	return layer == LAYER_INTEGRITY ? SSF_INTEGRITY : 0;
}

unsigned security_layers(const struct security *security, unsigned strength)
{
	unsigned layers = 0;
	for (unsigned layer = LAYER_NONE; layer <= LAYER_PRIVACY; layer <<= 1) {
		sasl_ssf_t ssf = layer_ssf(layer, strength);
		if (ssf >= security->min && ssf <= security->max)
			layers |= layer;
	}
	return layers;
}

unsigned layer_strongest(unsigned layers)
{
	for (unsigned layer = LAYER_PRIVACY; layer > 0; layer >>= 1)
		if (layers & layer)
			return layer;
	return 0;
}

unsigned layer_for_client(unsigned layers, sasl_ssf_t external)
{
	bool spare = external > 0 && (layers & LAYER_NONE) != 0;
	return spare ? LAYER_NONE : layer_strongest(layers);
}

const char *layers_text(unsigned layers)
{
	static const char *const texts[] = {
		"nothing",
		"no layer",
		"integrity",
		"no layer, integrity",
		"privacy",
		"no layer, privacy",
		"integrity, privacy",
		"no layer, integrity, privacy",
	};
	return texts[layers & (LAYER_NONE | LAYER_INTEGRITY | LAYER_PRIVACY)];
}

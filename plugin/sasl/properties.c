/* SPDX-License-Identifier: BSD-3-Clause */
#include "sasl/properties.h"

bool property_wanted(const sasl_server_params_t *params, const char *name)
{
	const char *names[] = {name, NULL};
	struct propval found[2] = {0};
	return params->propctx && params->utils->prop_getnames(params->propctx, names, found) == 1;
}

int property_set(const sasl_server_params_t *params, const char *name, struct slice value)
{
	params->utils->prop_erase(params->propctx, name);
	return property_add(params, name, value);
}

int property_add(const sasl_server_params_t *params, const char *name, struct slice value)
{
	if (value.len == 0)
		return SASL_OK;
	return params->utils->prop_set(
		params->propctx, name, (const char *)value.data, (int)value.len);
}

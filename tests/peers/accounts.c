/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/peers/accounts.h"

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

static int find(void *context, sasl_server_params_t *params, unsigned flags, const char *user,
	unsigned user_len)
{
	(void)context, (void)params, (void)flags, (void)user, (void)user_len;
	return SASL_OK;
}

static int give(const sasl_utils_t *utils, int max_version, int *version,
	sasl_auxprop_plug_t **plug, const char *name)
{
	static char everybody_name[] = "everybody";
	static sasl_auxprop_plug_t everybody = {.auxprop_lookup = find, .name = everybody_name};
	(void)utils, (void)max_version, (void)name;
	*version = SASL_AUXPROP_PLUG_VERSION;
	*plug = &everybody;
	return SASL_OK;
}

int accounts_add(void)
{
	return sasl_auxprop_add_plugin("everybody", give);
}

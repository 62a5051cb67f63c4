/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/bindings_login.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

const sasl_out_params_t *server_told, *client_told;

static int silent_server_step(void *context UNUSED, sasl_server_params_t *params,
	const char *in UNUSED, unsigned in_len, const char **out, unsigned *out_len,
	sasl_out_params_t *oparams)
{
	server_told = oparams;
	*out = NULL;
	*out_len = 0;
	if (in_len > 0) /* asked to fail */
		return SASL_BADAUTH;
	int result = params->canon_user(params->utils->conn, "mallory", 0,
		SASL_CU_AUTHID | SASL_CU_AUTHZID | SASL_CU_EXTERNALLY_VERIFIED, oparams);
	oparams->doneflag = result == SASL_OK;
	return result;
}

static int silent_client_step(void *context UNUSED, sasl_client_params_t *params UNUSED,
	const char *in UNUSED, unsigned in_len UNUSED, sasl_interact_t **prompts UNUSED,
	const char **out, unsigned *out_len, sasl_out_params_t *oparams)
{
	client_told = oparams;
	*out = NULL;
	*out_len = 0;
	return SASL_FAIL;
}

static int silent_server_new(void *glob UNUSED, sasl_server_params_t *params UNUSED,
	const char *challenge UNUSED, unsigned challenge_len UNUSED, void **context)
{
	static int anything;
	*context = &anything;
	return SASL_OK;
}

static int silent_client_new(void *glob UNUSED, sasl_client_params_t *params UNUSED, void **context)
{
	*context = NULL;
	return SASL_OK;
}

static void silent_dispose(void *context UNUSED, const sasl_utils_t *utils UNUSED)
{
}

static int silent_server_init(const sasl_utils_t *utils UNUSED, int max_version UNUSED,
	int *out_version, sasl_server_plug_t **plugs, int *count)
{
	static sasl_server_plug_t plug = {
		.mech_name = SILENT,
		.mech_new = silent_server_new,
		.mech_step = silent_server_step,
		.mech_dispose = silent_dispose,
	};
	*out_version = SASL_SERVER_PLUG_VERSION;
	*plugs = &plug;
	*count = 1;
	return SASL_OK;
}

static int silent_client_init(const sasl_utils_t *utils UNUSED, int max_version UNUSED,
	int *out_version, sasl_client_plug_t **plugs, int *count)
{
	static const unsigned long no_prompts[] = {SASL_CB_LIST_END};
	static sasl_client_plug_t plug = {
		.mech_name = SILENT,
		.required_prompts = no_prompts,
		.mech_new = silent_client_new,
		.mech_step = silent_client_step,
		.mech_dispose = silent_dispose,
	};
	*out_version = SASL_CLIENT_PLUG_VERSION;
	*plugs = &plug;
	*count = 1;
	return SASL_OK;
}

int bindings_realm(void **state)
{
	usual_realm(state);
	assert_int_equal(sasl_server_add_plugin(SILENT, silent_server_init), SASL_OK);
	assert_int_equal(sasl_client_add_plugin(SILENT, silent_client_init), SASL_OK);
	return 0;
}

void must_have_refused(struct pair *pair)
{
	const char *out;
	unsigned len;
	if (pair->server.result == SASL_CONTINUE)
		pair->server.result = sasl_server_step(pair->server.conn, "", 0, &out, &len);
	assert_int_equal(pair->server.result, SASL_BADAUTH);
}

int log_in_silently(struct peer *server)
{
	const char *out;
	unsigned len;
	return sasl_server_start(server->conn, SILENT, NULL, 0, &out, &len);
}

void peek(struct pair *pair)
{
	const char *out, *mechanism;
	unsigned len;
	assert_int_equal(sasl_client_start(pair->client.conn, SILENT, NULL, &out, &len, &mechanism),
		SASL_FAIL);
	assert_int_equal(
		sasl_server_start(pair->server.conn, SILENT, "x", 1, &out, &len), SASL_BADAUTH);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/connection.h"

#include <stdlib.h>

void *connection_new(size_t size)
{
	struct connection *connection = calloc(1, size);
	if (!connection)
		return NULL;
	connection->size = size;
	connection->context = ap_context_new();
	if (connection->context)
		return connection;
	free(connection);
	return NULL;
}

static void take_back(sasl_out_params_t *oparams)
{
	layer_tell_none(oparams);
	oparams->cbindingdisp = SASL_CB_DISP_NONE;
	oparams->cbindingname = NULL;
}

void connection_begin(struct connection *connection, sasl_out_params_t *oparams)
{
	connection->oparams = oparams;
	take_back(oparams);
}

enum status connection_succeed(struct connection *connection, const struct layer_choice *choice,
	const struct logger *log, const sasl_channel_binding_t *binding, struct error *err)
{
	const struct layer_terms terms = {
		.choice = *choice,
		.strength = ap_context_strength(connection->context),
		.security = &connection->security,
		.log = log,
	};
	sasl_out_params_t *oparams = connection->oparams;
	bool critical = binding && binding->critical;
	if ((critical || connection->demands_bindings) && connection->bindings != BINDINGS_MATCH)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"%s channel bindings, and nothing in this login shows that both sides have "
			"the same",
			critical ? "the application demands" : "the login demands");
	if (layer_open(&connection->layer, &terms, &connection->channel, oparams, err))
		return err->status;
	bool used = binding && connection->bindings != BINDINGS_NONE;
	oparams->cbindingdisp = used ? SASL_CB_DISP_USED : SASL_CB_DISP_NONE;
	oparams->cbindingname = used ? binding->name : NULL;
	return STATUS_OK;
}

void connection_free(struct connection *connection)
{
	if (connection->oparams)
		take_back(connection->oparams);
	connection_end_exchange(connection);
	layer_close(&connection->layer);
	buffer_free(&connection->out);
	wipe(connection, connection->size);
	free(connection);
}

void connection_end_exchange(struct connection *connection)
{
	ap_context_free(connection->context);
	connection->context = NULL;
	channel_close(&connection->channel);
}

int connection_give(struct connection *connection, int result, const char **out, unsigned *out_len)
{
	*out = NULL;
	*out_len = 0;
	if (result == SASL_CONTINUE || (result == SASL_OK && connection->out.len > 0)) {
		*out = connection->out.len > 0 ? (const char *)connection->out.data : "";
		*out_len = (unsigned)connection->out.len;
	} else {
		buffer_free(&connection->out);
	}
	return result;
}

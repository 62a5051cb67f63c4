/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/client.h"

#include "sasl/identity.h"

/* What only the exchange needs: a connection may be idle for days after it. */
static void release(struct client *client)
{
	if (client->mechanism->client->release)
		client->mechanism->client->release(client);
	initiator_close(&client->initiator);
	connection_end_exchange(&client->base);
	client->authzid = SLICE_EMPTY;
}

static const struct client_state *state_of(const struct client *client)
{
	return &client->mechanism->client->states[client->state];
}

static void client_dispose(void *context, const sasl_utils_t *utils)
{
	(void)utils;
	struct client *client = context;
	if (!client)
		return;
	if (client->stage == CLIENT_RUNS && state_of(client)->is_asked)
		initiator_refused(&client->initiator, KRB_AP_ERR_BAD_INTEGRITY);
	release(client);
	connection_free(&client->base);
}

static int client_new(void *glob_context, sasl_client_params_t *params, void **context)
{
	(void)params;
	const struct mechanism *mechanism = glob_context;
	struct client *client = connection_new(mechanism->client->size);
	if (!client)
		return SASL_NOMEM;
	client->mechanism = mechanism;
	*context = client;
	return SASL_OK;
}

static int check_nothing_came(const struct client *client, struct slice message, struct error *err)
{
	if (message.len == 0 || (client->mechanism->client->features & SASL_FEAT_SERVER_FIRST))
		return SASL_OK;
	(void)error_set(err, ERR_SYNTAX,
		"the server sent %zu octets before the client's first message, with which %s "
		"begins",
		message.len, client->mechanism->name);
	return SASL_BADPROT;
}

/* Taken again, from the start, as often as the user has to be asked something. */
static int begin(struct client *client, struct slice message, struct error *err)
{
	struct initiator *initiator = &client->initiator;
	int result = initiator_open(initiator, client->mechanism, err);
	if (result == SASL_OK)
		result = check_nothing_came(client, message, err);
	if (result == SASL_OK)
		result = initiator_authzid(initiator, &client->authzid, err);
	if (result != SASL_OK)
		return result;
	const struct identity_request names = {
		.utils = initiator->params->utils,
		.canon_user = initiator->params->canon_user,
		.authid = buffer_slice(&initiator->authid),
		.authzid = client->authzid,
	};
	result = identity_canonicalize(&names, client->base.oparams, err);
	client->base.demands_bindings = initiator->bindings_policy == BINDINGS_REQUIRED;
	if (result == SASL_OK)
		client->stage = CLIENT_RUNS;
	return result;
}

static int fail(struct client *client, int result, const struct error *err)
{
	client->stage = CLIENT_FAILED;
	return initiator_fail(&client->initiator, result, err);
}

static int go_on(struct client *client, struct slice message)
{
	NEW_ERROR(err);
	int result = SASL_OK;
	if (client->stage > CLIENT_RUNS)
		return SASL_BADPROT;
	if (client->stage == CLIENT_BEGINS)
		result = begin(client, message, &err);
	if (result == SASL_OK) {
		buffer_clear(&client->base.out);
		result = state_of(client)->step(client, message, &err);
	}
	if (result == SASL_CONTINUE || result == SASL_INTERACT)
		return result;
	if (result != SASL_OK)
		return fail(client, result, &err);
	client->stage = CLIENT_FINISHED;
	release(client);
	return result;
}

static int client_take(void *context, sasl_client_params_t *params, const char *in, unsigned in_len,
	sasl_interact_t **prompts, const char **out, unsigned *out_len, sasl_out_params_t *oparams)
{
	struct client *client = context;
	client->initiator.params = params;
	client->initiator.prompts = prompts;
	if (client->stage == CLIENT_BEGINS)
		connection_begin(&client->base, oparams);
	int result = go_on(client, slice_of(in, in_len));
	return connection_give(&client->base, result, out, out_len);
}

enum status client_bindings(
	const struct client *client, const sasl_channel_binding_t **out, struct error *err)
{
	const struct initiator *initiator = &client->initiator;
	const sasl_channel_binding_t *here = initiator->params->cbinding;
	*out = initiator->bindings_policy == BINDINGS_NEVER ? NULL : here;
	return bindings_check_policy(
		initiator->bindings_policy, SASL_CB_CRITICAL(initiator->params), err);
}

enum status client_finish(
	struct client *client, const struct layer_choice *choice, struct error *err)
{
	struct initiator *initiator = &client->initiator;
	return connection_succeed(
		&client->base, choice, &initiator->log, initiator->params->cbinding, err);
}

void client_plug(const struct mechanism *mechanism, sasl_client_plug_t *out)
{
	/* None: NULL would mean a name and a password. */
	static const unsigned long required_prompts[] = {SASL_CB_LIST_END};
	*out = (sasl_client_plug_t){
		.mech_name = mechanism->name,
		.max_ssf = mechanism->max_ssf,
		.security_flags = mechanism->security_flags,
		.features = SASL_FEAT_NEEDSERVERFQDN | mechanism->client->features,
		.required_prompts = required_prompts,
		.glob_context = (void *)mechanism,
		.mech_new = client_new,
		.mech_step = client_take,
		.mech_dispose = client_dispose,
	};
}

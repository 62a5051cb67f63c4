/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/server.h"

/* What only the exchange needs: a connection may be idle for days after it. */
static void release(struct server *server)
{
	if (server->mechanism->server->release)
		server->mechanism->server->release(server);
	acceptor_close(&server->acceptor);
	connection_end_exchange(&server->base);
}

static void server_dispose(void *context, const sasl_utils_t *utils)
{
	(void)utils;
	struct server *server = context;
	if (!server)
		return;
	release(server);
	connection_free(&server->base);
}

static int server_new(void *glob_context, sasl_server_params_t *params, const char *challenge,
	unsigned challenge_len, void **context)
{
	(void)challenge, (void)challenge_len;
	const struct mechanism *mechanism = glob_context;
	struct server *server = connection_new(mechanism->server->size);
	if (!server)
		return SASL_NOMEM;
	server->mechanism = mechanism;
	int result = acceptor_begin(&server->acceptor, params, mechanism->name);
	if (result == SASL_OK)
		*context = server;
	else
		server_dispose(server, params->utils);
	return result;
}

/*
 * Asked with every list of mechanisms and before every login. The connection
 * that this makes is handed to libsasl2, which then leaves out server_new():
 * the keytab is looked at once.
 */
static int server_available(void *glob_context, sasl_server_params_t *params, void **context)
{
	const struct mechanism *mechanism = glob_context;
	if (*context)
		return SASL_OK;
	int result = server_new(glob_context, params, NULL, 0, context);
	return result != SASL_OK && acceptor_stays_listed(params, mechanism->name) ? SASL_OK
										   : result;
}

static int refuse(
	struct server *server, verdict_message_make *message, int result, const struct error *err)
{
	struct acceptor *acceptor = &server->acceptor;
	const struct ap_context *context = server->base.context;
	server->stage = SERVER_REFUSED;
	result = verdict_refuse(acceptor, context, result, err);
	if (message && verdict_message(acceptor, context, err, message, &server->base.out))
		return SASL_CONTINUE;
	return result;
}

/*
 * libsasl2 would pass a success with data on as one more challenge by itself,
 * and from then on take every message, and every other login on the
 * connection, for a success. So the success comes with the next message.
 */
static int succeed(struct server *server)
{
	struct connection *base = &server->base;
	verdict_accepted(&server->acceptor, base->context, base->oparams);
	release(server);
	if (base->out.len > 0 && (server->acceptor.params->flags & SASL_SUCCESS_DATA) == 0) {
		server->stage = SERVER_TOLD;
		base->oparams->doneflag = 0;
		return SASL_CONTINUE;
	}
	server->stage = SERVER_FINISHED;
	return SASL_OK;
}

static int run(struct server *server, struct slice message)
{
	const struct server_state *states = server->mechanism->server->states;
	NEW_ERROR(err);
	server->stage = SERVER_RUNS;
	int result = states[server->state].step(server, message, &err);
	if (result == SASL_CONTINUE)
		return result;
	return result == SASL_OK ? succeed(server)
				 : refuse(server, states[server->state].refusal, result, &err);
}

/* The client's first message; an empty one if the protocol has no initial response. */
static int begin(struct server *server, struct slice message)
{
	bool client_first = server->mechanism->server->features & SASL_FEAT_WANT_CLIENT_FIRST;
	if (!client_first || message.len > 0 || server->stage == SERVER_ASKED)
		return run(server, message);
	server->stage = SERVER_ASKED;
	return SASL_CONTINUE;
}

int server_expect_empty(struct slice message, struct error *err)
{
	if (message.len == 0)
		return SASL_OK;
	(void)error_set_shown(err, ERR_SYNTAX,
		"the client sent %zu octets after the AP-REP, where its empty message is due",
		message.len);
	return SASL_BADAUTH;
}

/* The answer to the last message. */
static int end(struct server *server, struct slice message)
{
	NEW_ERROR(err);
	int result = server_expect_empty(message, &err);
	if (result != SASL_OK)
		return refuse(server, NULL, result, &err);
	server->stage = SERVER_FINISHED;
	server->base.oparams->doneflag = 1;
	return SASL_OK;
}

static int go_on(struct server *server, struct slice message)
{
	buffer_clear(&server->base.out);
	switch (server->stage) {
	case SERVER_BEGINS:
	case SERVER_ASKED:
		return begin(server, message);
	case SERVER_RUNS:
		return run(server, message);
	case SERVER_TOLD:
		return end(server, message);
	case SERVER_REFUSED:
		return server->acceptor.refusal;
	default:
		return SASL_BADAUTH;
	}
}

static int server_take(void *context, sasl_server_params_t *params, const char *in, unsigned in_len,
	const char **out, unsigned *out_len, sasl_out_params_t *oparams)
{
	struct server *server = context;
	*out = NULL;
	*out_len = 0;
	if (!server) /* libsasl2 released it when the login failed, and was asked for more */
		return SASL_BADAUTH;
	server->acceptor.params = params;
	if (server->stage == SERVER_BEGINS)
		connection_begin(&server->base, oparams);
	int result = go_on(server, slice_of(in, in_len));
	return connection_give(&server->base, result, out, out_len);
}

int server_finish(struct server *server, struct slice authzid, const struct layer_choice *choice,
	struct error *err)
{
	struct acceptor *acceptor = &server->acceptor;
	struct connection *base = &server->base;
	int result = acceptor_finish(acceptor, base->context, authzid, base->oparams, err);
	if (result != SASL_OK)
		return result;
	if (connection_succeed(base, choice, &acceptor->log, acceptor->params->cbinding, err))
		return verdict_result(err);
	return SASL_OK;
}

const sasl_channel_binding_t *server_bindings(const struct server *server)
{
	const struct acceptor *acceptor = &server->acceptor;
	return acceptor->bindings_policy == BINDINGS_NEVER ? NULL : acceptor->params->cbinding;
}

enum status server_judge_bindings(
	struct server *server, struct bindings_here *here, struct error *err)
{
	enum bindings_policy policy = server->acceptor.bindings_policy;
	bool critical = SASL_CB_CRITICAL(server->acceptor.params);
	bool announced;
	if (bindings_announced(&server->base.context->authenticator_data, &announced, err))
		return err->status;
	here->present = server_bindings(server) != NULL;
	here->awaited = here->present && announced;
	here->critical = critical || policy == BINDINGS_REQUIRED;
	server->base.demands_bindings = here->awaited || policy == BINDINGS_REQUIRED;
	if (policy == BINDINGS_REQUIRED && !here->present)
		return error_set_shown(err, KRB_AP_ERR_METHOD,
			"this service requires channel bindings (kerberos5_channel_bindings), and "
			"its program gave none for this connection: TLS is required");
	return bindings_check_policy(policy, critical, err);
}

void server_plug(const struct mechanism *mechanism, sasl_server_plug_t *out)
{
	*out = (sasl_server_plug_t){
		.mech_name = mechanism->name,
		.max_ssf = mechanism->max_ssf,
		.security_flags = mechanism->security_flags,
		.features = SASL_FEAT_DONTUSE_USERPASSWD | mechanism->server->features,
		.glob_context = (void *)mechanism,
		.mech_new = server_new,
		.mech_step = server_take,
		.mech_dispose = server_dispose,
		.mech_avail = server_available,
	};
}

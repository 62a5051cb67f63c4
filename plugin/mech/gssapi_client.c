/*
 * The client side of GSSAPI. A connection goes from START to ASKED (the
 * AP-REP is due), where mutual authentication was asked for, to ESTABLISHED
 * (the offer of layers is due), to FINISHED.
 */
#include "mech/gssapi.h"

#include "gss/gss.h"
#include "gss/gss_message.h"
#include "mech/connection.h"
#include "mech/initiator.h"
#include "mech/trace.h"
#include "sasl/identity.h"
#include "sasl/options.h"

struct client {
	struct connection base; /* first */
	enum { START, ASKED, ESTABLISHED, FINISHED, FAILED } state;
	struct initiator initiator;
	struct gss_initiator gss;
	struct buffer authzid; /* what the user asked for; empty: nothing */
};
_Static_assert(offsetof(struct client, base) == 0, "see connection.h");

/* What only the exchange needs: a connection may be idle for days after it. */
static void let_go(struct client *client)
{
	initiator_close(&client->initiator);
	connection_end_exchange(&client->base);
	buffer_free(&client->authzid);
}

static void client_dispose(void *context, const sasl_utils_t *utils)
{
	(void)utils;
	struct client *client = context;
	if (!client)
		return;
	if (client->state == ASKED)
		initiator_refused(&client->initiator, KRB_AP_ERR_BAD_INTEGRITY);
	let_go(client);
	connection_free(&client->base);
}

static int client_new(void *glob_context, sasl_client_params_t *params, void **context)
{
	(void)glob_context, (void)params;
	struct client *client = connection_new(sizeof *client);
	if (!client)
		return SASL_NOMEM;
	*context = client;
	return SASL_OK;
}

static int fail(struct client *client, int result, const struct error *err)
{
	client->state = FAILED;
	return initiator_fail(&client->initiator, result, err);
}

/* Layers need both sides to know each other: the choice comes after the question. */
static enum status make_initial_token(
	struct client *client, const sasl_client_params_t *params, struct error *err)
{
	struct initiator *initiator = &client->initiator;
	client->base.security = gssapi_security_of(&params->props, params->external_ssf);
	client->gss = (struct gss_initiator){
		.credential = &initiator->ticket.credential,
		.now = initiator->now,
		.mutual = initiator->mutual || client->base.security.max > 0,
		.permitted = krb5_conf_permitted_enctypes(initiator->conf),
	};
	/* A server passes over bindings for which its application gave none, and never says so. */
	if (SASL_CB_CRITICAL(params))
		return error_set(err, KRB_AP_ERR_METHOD,
			"the application demands channel bindings, and GSSAPI does not tell a "
			"client whether the server compared them: use a mechanism that does "
			"(KERBEROS_V5, or one of those that end in -PLUS)");
	enum status status = gssapi_bindings_of(params->cbinding, &client->gss.bindings, err);
	if (status)
		return status;
	client->base.bindings = params->cbinding ? BINDINGS_SENT : BINDINGS_NONE;
	const struct ap_trace trace = trace_to(&initiator->log);
	return gss_initiate(&client->gss, &trace, client->base.context, &client->base.out, err);
}

/* From here on messages are protected. */
static void establish(struct client *client)
{
	gss_channel_open(client->base.context, true, &client->base.channel);
	client->state = ESTABLISHED;
}

static int start(struct client *client, sasl_client_params_t *params, struct slice token,
	sasl_interact_t **prompts, const char **out, unsigned *out_len, sasl_out_params_t *oparams)
{
	struct initiator *initiator = &client->initiator;
	struct slice authzid;
	struct error err;

	int result = initiator_open(initiator, params, GSSAPI_NAME, prompts, &err);
	if (result == SASL_INTERACT)
		return result;
	if (result != SASL_OK)
		return fail(client, result, &err);
	if (token.len > 0) {
		(void)error_set(&err, ERR_SYNTAX,
			"the server sent %zu octets before the client's first message, with which "
			"GSSAPI begins",
			token.len);
		return fail(client, SASL_BADPROT, &err);
	}
	result = initiator_authzid(initiator, params, prompts, &authzid, &err);
	if (result == SASL_INTERACT)
		return result;
	if (result != SASL_OK)
		return fail(client, result, &err);
	if ((buffer_append(&client->authzid, authzid) && error_no_memory(&err)) ||
		make_initial_token(client, params, &err))
		return fail(client, logger_result(&err, SASL_FAIL), &err);

	result = identity_canonicalize(params->utils, params->canon_user,
		buffer_slice(&initiator->authid), authzid, oparams, &err);
	if (result != SASL_OK)
		return fail(client, result, &err);
	if (client->gss.mutual)
		client->state = ASKED;
	else
		establish(client);
	return connection_give(&client->base, SASL_CONTINUE, out, out_len);
}

/* Anything but a right AP-REP fails: the server has not shown that it is genuine. */
static int read_reply(
	struct client *client, struct slice token, const char **out, unsigned *out_len)
{
	struct initiator *initiator = &client->initiator;
	const struct ap_trace trace = trace_to(&initiator->log);
	struct error err;
	if (gss_initiate_finish(
		    &client->gss, token, initiator->server, &trace, client->base.context, &err)) {
		initiator_refused(initiator, err.status);
		return fail(client, logger_result(&err, SASL_BADAUTH), &err);
	}
	buffer_clear(&client->base.out);
	establish(client);
	return connection_give(&client->base, SASL_CONTINUE, out, out_len);
}

/*
 * The strongest layer that both sides allow, and that leaves room for data
 * each way. Beneath another layer, TLS, no more than has to be: servers of
 * Active Directory refuse one there.
 */
static enum status choose_layer(const struct client *client, const sasl_client_params_t *params,
	const struct layer_message *offer, unsigned *chosen, struct error *err)
{
	const struct security *security = &client->base.security;
	const struct enctype *type = key_type(client->base.channel.key);
	unsigned allowed = security_layers(security, ap_context_strength(client->base.context));
	unsigned common = allowed & offer->layers;
	common = layers_with_room(&gss_protections, common, type, security->max_buffer);
	common = layers_with_room(&gss_protections, common, type, offer->max_buffer);
	bool spare = params->external_ssf > 0 && (common & LAYER_NONE) != 0;
	*chosen = spare ? LAYER_NONE : layer_strongest(common);
	if (*chosen != 0)
		return STATUS_OK;
	return error_set(err, KRB_ERR_GENERIC,
		"no security layer that both sides allow: the server offers %s in packets of %u "
		"octets, allowed here is %s in packets of %u (minssf, maxssf, maxbufsize)",
		layers_text(offer->layers), offer->max_buffer, layers_text(allowed),
		security->max_buffer);
}

/* The layer octet: with the option ad_compat, privacy is asked for as old servers want it. */
static enum status layer_octet(struct client *client, const sasl_client_params_t *params,
	unsigned offered, unsigned chosen, unsigned *octet, struct error *err)
{
	const struct option_source options = {
		.utils = params->utils,
		.mechanism = GSSAPI_NAME,
		.service = params->service,
		.conf = client->initiator.conf,
	};
	unsigned ad_compat;
	enum status status = option_choice(&options, OPTION_AD_COMPAT, &ad_compat, err);
	*octet = chosen;
	if (ad_compat && chosen == LAYER_PRIVACY)
		*octet |= offered & LAYER_INTEGRITY;
	return status;
}

static enum status make_answer(struct client *client, const sasl_client_params_t *params,
	const struct layer_message *offer, unsigned chosen, struct error *err)
{
	struct layer_message answer = {
		.max_buffer = chosen == LAYER_NONE ? 0 : client->base.security.max_buffer,
	};
	enum status status =
		layer_octet(client, params, offer->layers, chosen, &answer.layers, err);
	if (status)
		return status;
	unsigned char header[LAYER_MESSAGE_HEADER];
	layer_message_header(&answer, header);
	const struct slice pieces[] = {
		slice_of(header, sizeof header), buffer_slice(&client->authzid)};
	buffer_clear(&client->base.out);
	return gss_protections.integrity->make(
		&client->base.channel, pieces, 2, &client->base.out, err);
}

static enum status read_offer(struct slice octets, struct layer_message *offer, struct error *err)
{
	enum status status = layer_message_read(octets, offer, err);
	if (!status && offer->authzid.len > 0)
		return error_set(err, ERR_SYNTAX,
			"the server's offer of security layers has %zu octets instead of %d",
			octets.len, LAYER_MESSAGE_HEADER);
	return status;
}

static enum status negotiate(struct client *client, const sasl_client_params_t *params,
	struct slice token, struct layer_terms *terms, struct error *err)
{
	AUTO_BUFFER octets = {0};
	struct layer_message offer;
	if (gss_unwrap(&client->base.channel, token, &octets, err))
		return error_prefix(err, "the server's offer of security layers");
	enum status status = read_offer(buffer_slice(&octets), &offer, err);
	*terms = (struct layer_terms){
		.protections = &gss_protections,
		.strength = ap_context_strength(client->base.context),
		.security = &client->base.security,
		.max_sent = offer.max_buffer,
	};
	if (status || (status = choose_layer(client, params, &offer, &terms->layer, err)))
		return status;
	return make_answer(client, params, &offer, terms->layer, err);
}

static int answer_offer(struct client *client, const sasl_client_params_t *params,
	struct slice token, const char **out, unsigned *out_len)
{
	struct layer_terms terms;
	struct error err;
	if (negotiate(client, params, token, &terms, &err) ||
		connection_succeed(
			&client->base, params->cbinding, &terms, &client->initiator.log, &err))
		return fail(client, logger_result(&err, SASL_FAIL), &err);
	client->state = FINISHED;
	let_go(client);
	return connection_give(&client->base, SASL_OK, out, out_len);
}

static int client_step(void *context, sasl_client_params_t *params, const char *in, unsigned in_len,
	sasl_interact_t **prompts, const char **out, unsigned *out_len, sasl_out_params_t *oparams)
{
	struct client *client = context;
	struct slice token = slice_of(in, in_len);
	*out = NULL;
	*out_len = 0;
	switch (client->state) {
	case START:
		connection_begin(&client->base, oparams);
		return start(client, params, token, prompts, out, out_len, oparams);
	case ASKED:
		return read_reply(client, token, out, out_len);
	case ESTABLISHED:
		return answer_offer(client, params, token, out, out_len);
	default:
		return SASL_BADPROT;
	}
}

/* None: NULL would mean a name and a password. */
static const unsigned long required_prompts[] = {SASL_CB_LIST_END};

const sasl_client_plug_t gssapi_client_plug = {
	.mech_name = GSSAPI_NAME,
	.max_ssf = GSSAPI_MAX_SSF,
	.security_flags = GSSAPI_SECURITY_FLAGS,
	.features = SASL_FEAT_NEEDSERVERFQDN | SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY,
	.required_prompts = required_prompts,
	.mech_new = client_new,
	.mech_step = client_step,
	.mech_dispose = client_dispose,
};

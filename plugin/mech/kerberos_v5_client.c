/*
 * The client side of KERBEROS_V5. A connection goes from START (the
 * challenge is due) to FINISHED, by way of ASKED (the AP-REP is due) where
 * mutual authentication was asked for.
 */
#include "mech/kerberos_v5.h"

#include "mech/connection.h"
#include "mech/initiator.h"
#include "mech/kerberos_v5_channel.h"
#include "mech/trace.h"
#include "sasl/identity.h"

struct client {
	struct connection base; /* first */
	enum { START, ASKED, FINISHED, FAILED } state;
	struct initiator initiator;
	unsigned chosen;   /* layer */
	uint32_t max_sent; /* the longest packet that the server takes */
};
_Static_assert(offsetof(struct client, base) == 0, "see connection.h");

/* What only the exchange needs: a connection may be idle for days after it. */
static void let_go(struct client *client)
{
	initiator_close(&client->initiator);
	connection_end_exchange(&client->base);
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
	(void)glob_context;
	struct client *client = connection_new(sizeof *client);
	if (!client)
		return SASL_NOMEM;
	client->base.security = security_of(&params->props, params->external_ssf);
	*context = client;
	return SASL_OK;
}

static int fail(struct client *client, int result, const struct error *err)
{
	client->state = FAILED;
	return initiator_fail(&client->initiator, result, err);
}

/* The strongest layer that both sides allow, and that leaves room for data each way. */
static enum status choose_layers(struct client *client, const struct challenge *challenge,
	struct binding *binding, struct error *err)
{
	struct initiator *initiator = &client->initiator;
	const struct enctype *type = enctype_by_number(initiator->ticket.credential.key_type, err);
	if (!type)
		return err->status;
	unsigned allowed = security_layers(&client->base.security, enctype_strength(type));
	unsigned common = allowed & challenge->layers;
	common = layers_with_room(&krb_protections, common, type, client->base.security.max_buffer);
	common = layers_with_room(&krb_protections, common, type, challenge->max_buffer);
	client->chosen = layer_strongest(common);
	if (client->chosen == 0)
		return error_set(err, KRB_ERR_GENERIC,
			"no security layer that both sides allow: the server offers %s in packets "
			"of %u octets, allowed here is %s in packets of %u (minssf, maxssf, "
			"maxbufsize)",
			layers_text(challenge->layers), challenge->max_buffer, layers_text(allowed),
			client->base.security.max_buffer);
	if (client->chosen != LAYER_NONE) {
		initiator->mutual = true;
		binding->max_buffer = client->base.security.max_buffer;
	}
	binding->layers = client->chosen | (initiator->mutual ? LAYER_MUTUAL : 0);
	client->max_sent = challenge->max_buffer;
	if (initiator->mutual && (challenge->layers & LAYER_MUTUAL) == 0)
		return error_set(err, KRB_AP_ERR_MUT_FAIL,
			"the server does not offer mutual authentication, which is asked for here "
			"(option kerberos5_mutual, or a security layer)");
	return STATUS_OK;
}

/* The application's channel bindings, if it has some, for the authenticator. */
static enum status use_channel(struct client *client, const sasl_channel_binding_t *here,
	const struct challenge *challenge, struct buffer *octets, struct error *err)
{
	bool compared = (challenge->layers & LAYER_CHANNEL) != 0;
	struct channel_hash hash;
	if (!here)
		return STATUS_OK;
	if (here->critical && !compared)
		return error_set(err, KRB_AP_ERR_METHOD,
			"the application demands channel bindings, and the server has none to "
			"compare them with");
	if (here->critical)
		client->initiator.mutual = true;
	if (channel_hash_of(here, &hash, err))
		return err->status;
	return channel_hash_write(&hash, octets, err);
}

static enum status make_ap_req(struct client *client, const struct challenge *challenge,
	const struct binding *binding, struct slice channel, struct error *err)
{
	struct initiator *initiator = &client->initiator;
	AUTO_BUFFER octets = {0};
	enum status status = binding_make(binding, challenge, &octets, err);
	if (status)
		return status;

	const struct authorization_data data = {
		.count = channel.len > 0 ? 2 : 1,
		.element = {{AD_KERBEROS_V5_BINDING, buffer_slice(&octets)},
			{AD_IF_RELEVANT, channel}},
	};
	const struct ap_initiator ap = {
		.credential = &initiator->ticket.credential,
		.now = initiator->now,
		.mutual = initiator->mutual,
		.subkey = true,
		.checksummed = buffer_slice(&octets),
		.authorization_data = &data,
	};
	const struct ap_trace trace = trace_to(&initiator->log);
	return ap_req_make(&ap, &trace, client->base.context, &client->base.out, err);
}

static enum status answer(struct client *client, const sasl_client_params_t *params,
	const struct challenge *challenge, struct slice authzid, struct error *err)
{
	AUTO_BUFFER channel = {0};
	struct binding binding = {.authzid = authzid};
	if (use_channel(client, params->cbinding, challenge, &channel, err) ||
		choose_layers(client, challenge, &binding, err))
		return err->status;
	/* The server says that it compares them, and the AP-REP will show that it is genuine. */
	bool compared = (challenge->layers & LAYER_CHANNEL) && client->initiator.mutual;
	if (params->cbinding)
		client->base.bindings = compared ? BINDINGS_MATCH : BINDINGS_SENT;
	return make_ap_req(client, challenge, &binding, buffer_slice(&channel), err);
}

static int finish(struct client *client, const sasl_client_params_t *params)
{
	const struct layer_terms terms = {
		.layer = client->chosen,
		.protections = &krb_protections,
		.strength = ap_context_strength(client->base.context),
		.security = &client->base.security,
		.max_sent = client->max_sent,
	};
	struct error err;
	if ((client->chosen != LAYER_NONE &&
		    channel_open(client->base.context, true, &client->base.channel, &err)) ||
		connection_succeed(
			&client->base, params->cbinding, &terms, &client->initiator.log, &err))
		return fail(client, logger_result(&err, SASL_BADSERV), &err);
	client->state = FINISHED;
	let_go(client);
	return SASL_OK;
}

static int answer_challenge(struct client *client, sasl_client_params_t *params, struct slice token,
	sasl_interact_t **prompts, const char **out, unsigned *out_len, sasl_out_params_t *oparams)
{
	struct initiator *initiator = &client->initiator;
	struct error err;

	int result = initiator_open(initiator, params, KERBEROS_V5_NAME, prompts, &err);
	if (result == SASL_INTERACT)
		return result;
	if (result != SASL_OK)
		return fail(client, result, &err);
	struct challenge challenge;
	if (challenge_read(token, &challenge, &err))
		return fail(client, SASL_BADPROT, &err);
	struct slice authzid;
	result = initiator_authzid(initiator, params, prompts, &authzid, &err);
	if (result == SASL_INTERACT)
		return result;
	if (result != SASL_OK)
		return fail(client, result, &err);
	if (answer(client, params, &challenge, authzid, &err))
		return fail(client, logger_result(&err, SASL_FAIL), &err);

	result = identity_canonicalize(params->utils, params->canon_user,
		buffer_slice(&initiator->authid), authzid, oparams, &err);
	if (result != SASL_OK)
		return fail(client, result, &err);
	*out = (const char *)client->base.out.data;
	*out_len = (unsigned)client->base.out.len;
	if (!initiator->mutual)
		return finish(client, params);
	client->state = ASKED;
	return SASL_CONTINUE;
}

/* Anything but a right AP-REP fails: the server has not shown that it is genuine. */
static int read_ap_rep(
	struct client *client, const sasl_client_params_t *params, struct slice token)
{
	struct initiator *initiator = &client->initiator;
	struct error err;
	if (der_message_type(token) == KRB_ERROR) {
		enum status status = krb_error_read(token, initiator->now, initiator->server, &err);
		initiator_refused(initiator, status);
		return fail(client, status == ERR_SYNTAX ? SASL_BADPROT : SASL_BADAUTH, &err);
	}
	const struct ap_trace trace = trace_to(&initiator->log);
	if (ap_rep_read(token, &trace, client->base.context, &err))
		return fail(client, logger_result(&err, SASL_BADSERV), &err);
	buffer_free(&client->base.out); /* the AP-REQ; nothing is to be sent now */
	return finish(client, params);
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
		return answer_challenge(client, params, token, prompts, out, out_len, oparams);
	case ASKED:
		return read_ap_rep(client, params, token);
	default:
		return SASL_BADPROT;
	}
}

/* None: NULL would mean a name and a password. */
static const unsigned long required_prompts[] = {SASL_CB_LIST_END};

const sasl_client_plug_t kerberos_v5_client_plug = {
	.mech_name = KERBEROS_V5_NAME,
	.max_ssf = KERBEROS_V5_MAX_SSF,
	.security_flags = KERBEROS_V5_SECURITY_FLAGS,
	.features = SASL_FEAT_NEEDSERVERFQDN | SASL_FEAT_SERVER_FIRST | SASL_FEAT_ALLOWS_PROXY,
	.required_prompts = required_prompts,
	.mech_new = client_new,
	.mech_step = client_step,
	.mech_dispose = client_dispose,
};

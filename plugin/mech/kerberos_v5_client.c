/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client side of KERBEROS_V5: the challenge is due, and the AP-REP, if it
 * was asked for.
 */
#include "mech/kerberos_v5.h"

#include "mech/client.h"
#include "mech/kerberos_v5_channel.h"
#include "mech/trace.h"

struct kerberos_v5_client {
	struct client base; /* first */
	unsigned chosen;    /* layer */
	uint32_t max_sent;  /* the longest packet that the server takes */
};
_Static_assert(offsetof(struct kerberos_v5_client, base) == 0, "see client.h");

enum state { CHALLENGE_DUE, REPLY_DUE };

static struct kerberos_v5_client *of(struct client *client)
{
	return (struct kerberos_v5_client *)client;
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
	of(client)->chosen = layer_strongest(common);
	if (of(client)->chosen == 0)
		return error_set(err, KRB_ERR_GENERIC,
			"no security layer that both sides allow: the server offers %s in packets "
			"of %u octets, allowed here is %s in packets of %u (minssf, maxssf, "
			"maxbufsize)",
			layers_text(challenge->layers), challenge->max_buffer, layers_text(allowed),
			client->base.security.max_buffer);
	if (of(client)->chosen != LAYER_NONE) {
		initiator->mutual = true;
		binding->max_buffer = client->base.security.max_buffer;
	}
	binding->layers = of(client)->chosen | (initiator->mutual ? LAYER_MUTUAL : 0);
	of(client)->max_sent = challenge->max_buffer;
	if (initiator->mutual && (challenge->layers & LAYER_MUTUAL) == 0)
		return error_set(err, KRB_AP_ERR_MUT_FAIL,
			"the server does not offer mutual authentication, which is asked for here "
			"(option kerberos5_mutual, or a security layer)");
	return STATUS_OK;
}

/* Who demands that the server compares them: the application, or the option. */
static enum status check_compared(const struct client *client, const sasl_channel_binding_t *here,
	const struct challenge *challenge, struct error *err)
{
	const char *who = client->base.demands_bindings
				  ? "the option kerberos5_channel_bindings requires"
				  : "the application demands";
	if (!here)
		return error_set(err, KRB_AP_ERR_METHOD,
			"%s channel bindings, and the application gave none", who);
	if (challenge->layers & LAYER_CHANNEL)
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_METHOD,
		"%s channel bindings, and the server has none to compare them with", who);
}

/* The application's channel bindings, if it has some, for the authenticator. */
static enum status use_channel(struct client *client, const sasl_channel_binding_t *here,
	const struct challenge *challenge, struct buffer *octets, struct error *err)
{
	struct channel_hash hash;
	bool demanded = client->base.demands_bindings || (here && here->critical);
	if (demanded && check_compared(client, here, challenge, err))
		return err->status;
	if (!here)
		return STATUS_OK;
	if (demanded)
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
	if (binding_make(binding, challenge, &octets, err))
		return err->status;

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
		.announces_bindings = initiator->announces_bindings,
	};
	const struct ap_trace trace = trace_to(&initiator->log);
	return ap_req_make(&ap, &trace, client->base.context, &client->base.out, err);
}

static enum status answer(
	struct client *client, const struct challenge *challenge, struct error *err)
{
	const sasl_client_params_t *params = client->initiator.params;
	const sasl_channel_binding_t *here;
	AUTO_BUFFER channel = {0};
	struct binding binding = {.authzid = client->authzid};
	client->base.security = security_of(&params->props, params->external_ssf);
	if (client_bindings(client, &here, err) ||
		use_channel(client, here, challenge, &channel, err) ||
		choose_layers(client, challenge, &binding, err))
		return err->status;
	/* The server says that it compares them, and the AP-REP will show that it is genuine. */
	bool compared = (challenge->layers & LAYER_CHANNEL) && client->initiator.mutual;
	if (here)
		client->base.bindings = compared ? BINDINGS_MATCH : BINDINGS_SENT;
	return make_ap_req(client, challenge, &binding, buffer_slice(&channel), err);
}

static int finish(struct client *client, struct error *err)
{
	struct connection *base = &client->base;
	const struct layer_choice choice = {
		.layer = of(client)->chosen,
		.protections = &krb_protections,
		.max_sent = of(client)->max_sent,
	};
	if ((choice.layer != LAYER_NONE &&
		    channel_open(base->context, true, &base->channel, err)) ||
		client_finish(client, &choice, err))
		return logger_result(err, SASL_BADSERV);
	return SASL_OK;
}

static int answer_challenge(struct client *client, struct slice token, struct error *err)
{
	struct challenge challenge;
	if (challenge_read(token, &challenge, err))
		return SASL_BADPROT;
	if (answer(client, &challenge, err))
		return logger_result(err, SASL_FAIL);
	if (!client->initiator.mutual)
		return finish(client, err);
	client->state = REPLY_DUE;
	return SASL_CONTINUE;
}

/* Anything but a right AP-REP fails: the server has not shown that it is genuine. */
static int read_ap_rep(struct client *client, struct slice token, struct error *err)
{
	struct initiator *initiator = &client->initiator;
	if (der_message_type(token) == KRB_ERROR) {
		enum status status = krb_error_read(token, initiator->now, initiator->server, err);
		initiator_refused(initiator, status);
		return status == ERR_SYNTAX ? SASL_BADPROT : SASL_BADAUTH;
	}
	const struct ap_trace trace = trace_to(&initiator->log);
	if (ap_rep_read(token, &trace, client->base.context, err))
		return logger_result(err, SASL_BADSERV);
	return finish(client, err);
}

static const struct client_state states[] = {
	[CHALLENGE_DUE] = {answer_challenge, false},
	[REPLY_DUE] = {read_ap_rep, true},
};

const struct client_side kerberos_v5_client = {
	.size = sizeof(struct kerberos_v5_client),
	.features = SASL_FEAT_SERVER_FIRST | SASL_FEAT_ALLOWS_PROXY,
	.states = states,
};

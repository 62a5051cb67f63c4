/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server side of KERBEROS_V5: the client answers the challenge with its
 * AP-REQ.
 */
#include "mech/kerberos_v5.h"

#include "ap/bindings.h"
#include "mech/kerberos_v5_channel.h"
#include "mech/server.h"
#include "mech/trace.h"

/* Messages that are not an AP-REQ, before we lose patience. */
#define MAX_OTHER_MESSAGES 8

struct kerberos_v5_server {
	struct server base; /* first */
	struct challenge challenge;
	unsigned other_messages;
};
_Static_assert(offsetof(struct kerberos_v5_server, base) == 0, "see server.h");

enum state { START, REQUEST_DUE };

static struct kerberos_v5_server *of(struct server *server)
{
	return (struct kerberos_v5_server *)server;
}

/*
 * The client's key, and so the strength of privacy, is not known yet: privacy
 * is offered where the strongest that it may be is allowed.
 */
static unsigned layers_to_offer(const struct server *server)
{
	const struct enctype_list *permitted = krb5_conf_permitted_enctypes(server->acceptor.conf);
	const struct enctype *strongest = NULL;
	for (unsigned i = 0; i < permitted->count; i++) {
		const struct enctype *type = enctype_usable(permitted->number[i]);
		if (type && (!strongest || enctype_strength(type) > enctype_strength(strongest)))
			strongest = type;
	}
	if (!strongest)
		return LAYER_NONE;
	unsigned layers = security_layers(&server->base.security, enctype_strength(strongest));
	return layers_with_room(
		&krb_protections, layers, strongest, server->base.security.max_buffer);
}

static enum status make_challenge(struct server *server, struct error *err)
{
	const sasl_server_params_t *params = server->acceptor.params;
	struct challenge *challenge = &of(server)->challenge;
	/* Not before: mechanisms may have been listed without TLS that is there now. */
	server->base.security = security_of(&params->props, params->external_ssf);
	unsigned layers = layers_to_offer(server);
	uint32_t max_buffer = layers & ~LAYER_NONE ? server->base.security.max_buffer : 0;
	layers |= LAYER_MUTUAL | (server_bindings(server) ? LAYER_CHANNEL : 0);
	if (challenge_make(layers, max_buffer, challenge, err))
		return err->status;
	const struct slice octets = slice_of(challenge->octets, CHALLENGE_LENGTH);
	return buffer_append(&server->base.out, octets) ? error_no_memory(err) : STATUS_OK;
}

static int start(struct server *server, struct slice token, struct error *err)
{
	if (token.len > 0)
		(void)error_set_shown(err, ERR_SYNTAX,
			"the client sent %zu octets before the server's challenge, with which "
			"KERBEROS_V5 begins",
			token.len);
	if (token.len > 0 || make_challenge(server, err))
		return verdict_result(err);
	server->state = REQUEST_DUE;
	return SASL_CONTINUE;
}

/* The one element that the mechanism put into the authenticator; ap/ saw to it that it is one. */
static struct slice find_binding(const struct ap_context *context)
{
	const struct authorization_data *list = &context->authenticator_data;
	for (unsigned i = 0; i < list->count; i++)
		if (list->element[i].type == AD_KERBEROS_V5_BINDING)
			return list->element[i].data;
	return SLICE_EMPTY;
}

/* Now that the key is known: is the layer strong enough, and has the client room for it? */
static enum status check_layer(
	const struct server *server, const struct binding *binding, struct error *err)
{
	const struct enctype *type = key_type(server->base.context->session_key);
	unsigned layer = binding_layer(binding);
	sasl_ssf_t ssf = layer_ssf(layer, enctype_strength(type));
	if (ssf < server->base.security.min)
		return error_set_shown(err, KRB_AP_ERR_METHOD,
			"this server requires a security layer of strength %u, and %s gives %u",
			server->base.security.min, enctype_name(type), ssf);
	if (layers_with_room(&krb_protections, layer, type, binding->max_buffer) == 0)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client takes packets of %u octets, in which nothing fits",
			binding->max_buffer);
	return STATUS_OK;
}

static enum status compare_channel(const struct server *server, const sasl_channel_binding_t *here,
	enum bindings_sent *sent, struct error *err)
{
	struct slice found;
	struct channel_hash hash;
	enum status status =
		channel_hash_find(&server->base.context->authenticator_data, &found, err);
	*sent = found.len > 0 ? BINDINGS_SENT_OTHERS : BINDINGS_SENT_NONE;
	if (status || found.len == 0 || !here)
		return status;
	status = channel_hash_of(here, &hash, err);
	if (!status && channel_hash_equal(&hash, found))
		*sent = BINDINGS_SENT_SAME;
	return status;
}

/* What the challenge told the client is to be done, though the application has none any more. */
static enum status check_channel(struct server *server, struct error *err)
{
	struct bindings_here here;
	enum bindings_sent sent;
	bool match;
	if (server_judge_bindings(server, &here, err) ||
		compare_channel(server, server_bindings(server), &sent, err))
		return err->status;
	here.present = here.present || (of(server)->challenge.layers & LAYER_CHANNEL);
	if (bindings_judge(&here, sent, &match, err))
		return err->status;
	server->base.bindings = match ? BINDINGS_MATCH : BINDINGS_NONE;
	return STATUS_OK;
}

static enum status check_binding(struct server *server, struct binding *binding, struct error *err)
{
	struct ap_context *context = server->base.context;
	struct slice octets = find_binding(context);
	if (binding_read(octets, &of(server)->challenge, binding, err))
		return err->status;
	enum status status = key_verify_checksum(context->session_key, USAGE_AP_REQ_CHECKSUM,
		(struct pieces){&octets, 1}, &context->checksum, err);
	if (status)
		return error_prefix(err, "the authenticator's checksum over its binding");
	if (context->mutual != ((binding->layers & LAYER_MUTUAL) != 0))
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the AP-REQ's option MUTUAL-REQUIRED and the authenticated choice of the "
			"client differ");
	if (server->acceptor.mutual_required && !context->mutual)
		return error_set_shown(err, KRB_AP_ERR_METHOD,
			"this server requires mutual authentication and the client did not ask "
			"for it");
	if (check_channel(server, err))
		return err->status;
	return check_layer(server, binding, err);
}

/* What remains once the client is known: the reply, the names, the properties. */
static int finish(struct server *server, const struct binding *binding, struct error *err)
{
	struct connection *base = &server->base;
	const struct ap_trace trace = trace_to(&server->acceptor.log);
	const struct layer_choice choice = {
		.layer = binding_layer(binding),
		.protections = &krb_protections,
		.max_sent = binding->max_buffer,
	};
	if (base->context->mutual && ap_rep_make(key_type(base->context->session_key), &trace,
					     base->context, &base->out, err))
		return verdict_result(err);
	if (choice.layer != LAYER_NONE && channel_open(base->context, false, &base->channel, err))
		return verdict_result(err);
	return server_finish(server, binding->authzid, &choice, err);
}

static int read_ap_req(struct server *server, struct slice token, struct error *err)
{
	struct binding binding;
	if (acceptor_read(
		    &server->acceptor, AD_KERBEROS_V5_BINDING, token, server->base.context, err) ||
		check_binding(server, &binding, err))
		return verdict_result(err);
	return finish(server, &binding, err);
}

/* The draft answers what it does not know with nothing, and waits for more. */
static int read_answer(struct server *server, struct slice token, struct error *err)
{
	if (der_message_type(token) == KRB_AP_REQ)
		return read_ap_req(server, token, err);
	if (++of(server)->other_messages <= MAX_OTHER_MESSAGES)
		return SASL_CONTINUE;
	(void)error_set_shown(err, ERR_SYNTAX, "none of the client's %d messages is an AP-REQ",
		MAX_OTHER_MESSAGES + 1);
	return verdict_result(err);
}

static const struct server_state states[] = {
	[START] = {start, NULL},
	[REQUEST_DUE] = {read_answer, krb_error_make},
};

const struct server_side kerberos_v5_server = {
	.size = sizeof(struct kerberos_v5_server),
	.features = SASL_FEAT_ALLOWS_PROXY,
	.states = states,
};

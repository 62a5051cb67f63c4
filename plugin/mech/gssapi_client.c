/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client side of GSSAPI: the AP-REP is due, if it was asked for, and then
 * the offer of layers.
 */
#include "gss/gss_message.h"
#include "mech/gss_client.h"
#include "mech/gssapi.h"

enum state { START, REPLY_DUE, OFFER_DUE };

static struct gss_client *of(struct client *client)
{
	return (struct gss_client *)client;
}

/* From here on messages are protected. */
static int establish(struct client *client)
{
	gss_channel_open(client->base.context, true, &client->base.channel);
	client->state = OFFER_DUE;
	return SASL_CONTINUE;
}

/* Layers need both sides to know each other: the choice comes after the question. */
static int start(struct client *client, struct slice token, struct error *err)
{
	(void)token;
	const sasl_client_params_t *params = client->initiator.params;
	client->base.security = gssapi_security_of(&params->props, params->external_ssf);
	struct gss_client_request request = {
		.mutual = client->initiator.mutual || client->base.security.max > 0,
		.protection = GSS_CLIENT_ANY_LAYER,
	};
	if (gss_client_bindings(client, &request.bindings, err) ||
		gss_client_ask(of(client), &request, &client->base.out, err))
		return logger_result(err, SASL_FAIL);
	if (!request.mutual)
		return establish(client);
	client->state = REPLY_DUE;
	return SASL_CONTINUE;
}

static int read_reply(struct client *client, struct slice token, struct error *err)
{
	int result = gss_client_read_reply(of(client), token, err);
	return result == SASL_OK ? establish(client) : result;
}

/*
 * The strongest layer that both sides allow, and that leaves room for data
 * each way. Beneath another layer, TLS, no more than has to be: servers of
 * Active Directory refuse one there.
 */
static enum status choose_layer(const struct client *client, const struct layer_message *offer,
	unsigned *chosen, struct error *err)
{
	const struct security *security = &client->base.security;
	const struct enctype *type = key_type(client->base.channel.key);
	unsigned allowed = security_layers(security, ap_context_strength(client->base.context));
	unsigned common = allowed & offer->layers;
	common = layers_with_room(&gss_protections, common, type, security->max_buffer);
	common = layers_with_room(&gss_protections, common, type, offer->max_buffer);
	*chosen = layer_for_client(common, client->initiator.params->external_ssf);
	if (*chosen != 0)
		return STATUS_OK;
	return error_set(err, KRB_ERR_GENERIC,
		"no security layer that both sides allow: the server offers %s in packets of %u "
		"octets, allowed here is %s in packets of %u (minssf, maxssf, maxbufsize)",
		layers_text(offer->layers), offer->max_buffer, layers_text(allowed),
		security->max_buffer);
}

/* The layer octet: with the option ad_compat, privacy is asked for as old servers want it. */
static enum status layer_octet(const struct client *client, unsigned offered, unsigned chosen,
	unsigned *octet, struct error *err)
{
	bool ad_compat;
	enum status status =
		option_is(&client->initiator.options, OPTION_AD_COMPAT, "yes", &ad_compat, err);
	*octet = chosen;
	if (ad_compat && chosen == LAYER_PRIVACY)
		*octet |= offered & LAYER_INTEGRITY;
	return status;
}

static enum status make_answer(struct client *client, const struct layer_message *offer,
	unsigned chosen, struct error *err)
{
	struct connection *base = &client->base;
	struct layer_message answer = {
		.max_buffer = chosen == LAYER_NONE ? 0 : base->security.max_buffer,
	};
	if (layer_octet(client, offer->layers, chosen, &answer.layers, err))
		return err->status;
	unsigned char header[LAYER_MESSAGE_HEADER];
	layer_message_header(&answer, header);
	const struct slice pieces[] = {slice_of(header, sizeof header), client->authzid};
	return gss_protections.integrity->make(&base->channel, pieces, 2, &base->out, err);
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

static enum status negotiate(
	struct client *client, struct slice token, struct layer_choice *choice, struct error *err)
{
	AUTO_BUFFER octets = {0};
	struct layer_message offer;
	if (gss_unwrap(&client->base.channel, token, &octets, err))
		return error_prefix(err, "the server's offer of security layers");
	if (read_offer(buffer_slice(&octets), &offer, err))
		return err->status;
	*choice = (struct layer_choice){LAYER_NONE, &gss_protections, offer.max_buffer};
	if (choose_layer(client, &offer, &choice->layer, err))
		return err->status;
	return make_answer(client, &offer, choice->layer, err);
}

static int answer_offer(struct client *client, struct slice token, struct error *err)
{
	struct layer_choice choice;
	if (negotiate(client, token, &choice, err) || client_finish(client, &choice, err))
		return logger_result(err, SASL_FAIL);
	return SASL_OK;
}

static const struct client_state states[] = {
	[START] = {start, false},
	[REPLY_DUE] = {read_reply, true},
	[OFFER_DUE] = {answer_offer, false},
};

const struct client_side gssapi_client = {
	.size = sizeof(struct gss_client),
	.features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY,
	.states = states,
};

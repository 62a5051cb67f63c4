/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server side of GSSAPI: the request, an empty message after the AP-REP if
 * the client asked for one, and its choice of a layer.
 */
#include "gss/gss_message.h"
#include "mech/gss_server.h"
#include "mech/gssapi.h"

struct gssapi_server {
	struct gss_server gss; /* first */
	unsigned offered;      /* layers */
};
_Static_assert(offsetof(struct gssapi_server, gss) == 0, "see gss_server.h");

enum state { REQUEST_DUE, EMPTY_DUE, CHOICE_DUE };

static struct gssapi_server *of(struct server *server)
{
	return (struct gssapi_server *)server;
}

/* Does the client number its messages? */
static bool is_numbered(struct server *server)
{
	return (of(server)->gss.accepted.flags & (GSS_REPLAY | GSS_SEQUENCE)) != 0;
}

/* Layers need both sides to know each other, and the client to know what it asked for. */
static unsigned layers_to_offer(struct server *server)
{
	const struct connection *base = &server->base;
	unsigned layers = security_layers(&base->security, ap_context_strength(base->context));
	uint32_t flags = of(server)->gss.accepted.flags;
	if (!base->context->mutual || (flags & GSS_INTEG) == 0 || !is_numbered(server))
		layers &= LAYER_NONE;
	if ((flags & GSS_CONF) == 0)
		layers &= ~(unsigned)LAYER_PRIVACY;
	return layers_with_room(
		&gss_protections, layers, key_type(base->channel.key), base->security.max_buffer);
}

static enum status make_offer(struct server *server, struct error *err)
{
	const sasl_server_params_t *params = server->acceptor.params;
	struct connection *base = &server->base;
	struct layer_message offer = {0};
	unsigned char header[LAYER_MESSAGE_HEADER];
	/* Not before: mechanisms may have been listed without TLS that is there now. */
	base->security = gssapi_security_of(&params->props, params->external_ssf);
	offer.layers = of(server)->offered = layers_to_offer(server);
	if (offer.layers == 0)
		return error_set_shown(err, KRB_AP_ERR_METHOD,
			"this server requires a security layer of strength %u to %u, which this "
			"client cannot have: %s gives %u, with mutual authentication and the "
			"flags that ask for it",
			base->security.min, base->security.max,
			enctype_name(key_type(base->channel.key)),
			ap_context_strength(base->context));
	if (offer.layers != LAYER_NONE)
		offer.max_buffer = base->security.max_buffer;
	layer_message_header(&offer, header);
	const struct slice piece = slice_of(header, sizeof header);
	return gss_protections.integrity->make(&base->channel, &piece, 1, &base->out, err);
}

static int offer(struct server *server, struct error *err)
{
	gss_channel_open(server->base.context, false, &server->base.channel);
	if (make_offer(server, err))
		return verdict_result(err);
	server->state = CHOICE_DUE;
	return SASL_CONTINUE;
}

static int read_request(struct server *server, struct slice token, struct error *err)
{
	const struct gss_server_bindings bindings = gss_server_bindings_of(server);
	if (gss_server_accept(&of(server)->gss, token, &bindings, &server->base.out, err))
		return verdict_result(err);
	if (!server->base.context->mutual)
		return offer(server, err);
	server->state = EMPTY_DUE;
	return SASL_CONTINUE;
}

static int after_reply(struct server *server, struct slice token, struct error *err)
{
	int result = server_expect_empty(token, err);
	return result == SASL_OK ? offer(server, err) : result;
}

/* Exactly one layer, except that those made for Active Directory say privacy and integrity. */
static enum status judge_choice(struct server *server, const struct layer_message *message,
	struct layer_choice *choice, struct error *err)
{
	unsigned offered = of(server)->offered;
	unsigned layer = message->layers == (LAYER_INTEGRITY | LAYER_PRIVACY) ? LAYER_PRIVACY
									      : message->layers;
	bool is_one = layer != 0 && (layer & (layer - 1)) == 0;
	if (!is_one || (layer & offered) == 0)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client chose layers 0x%02x where one of those offered, 0x%02x, has to "
			"be chosen",
			message->layers, offered);
	if (layers_with_room(&gss_protections, layer, key_type(server->base.channel.key),
		    message->max_buffer) == 0)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client takes packets of %u octets, in which nothing fits",
			message->max_buffer);
	*choice = (struct layer_choice){layer, &gss_protections, message->max_buffer};
	return STATUS_OK;
}

static enum status unwrap_choice(
	struct server *server, struct slice token, struct buffer *octets, struct error *err)
{
	struct channel *channel = &server->base.channel;
	enum status status = is_numbered(server)
				     ? gss_unwrap(channel, token, octets, err)
				     : gss_unwrap_unnumbered(channel, token, octets, err);
	return status ? error_prefix(err, "the client's choice of a security layer") : STATUS_OK;
}

static int read_choice(struct server *server, struct slice token, struct error *err)
{
	AUTO_BUFFER octets = {0};
	struct layer_message message;
	struct layer_choice choice;
	if (unwrap_choice(server, token, &octets, err) ||
		layer_message_read(buffer_slice(&octets), &message, err) ||
		judge_choice(server, &message, &choice, err))
		return verdict_result(err);
	return gss_server_finish(&of(server)->gss, message.authzid, &choice, err);
}

static const struct server_state states[] = {
	[REQUEST_DUE] = {read_request, gss_refuse},
	[EMPTY_DUE] = {after_reply, NULL},
	[CHOICE_DUE] = {read_choice, NULL},
};

const struct server_side gssapi_server = {
	.size = sizeof(struct gssapi_server),
	.features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY,
	.states = states,
	.release = gss_server_release,
};

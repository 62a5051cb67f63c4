/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server side of GSS-SPNEGO: tokens come and go until the negotiation is over.
 */
#include "gss/gss_message.h"
#include "gss/spnego.h"
#include "mech/gss_server.h"
#include "mech/gss_spnego.h"

struct spnego_server {
	struct gss_server gss; /* first */
	struct spnego spnego;
	bool is_established;
	struct layer_choice choice; /* the client's, once it is established */
};
_Static_assert(offsetof(struct spnego_server, gss) == 0, "see gss_server.h");

/* Old clients send Kerberos' own tokens, and are refused by one. */
enum state { NEGOTIATION, RAW, MIC_DUE };

static struct spnego_server *of(struct server *server)
{
	return (struct spnego_server *)server;
}

/* Others take CONF alone for nothing. */
static unsigned layer_of(uint32_t flags)
{
	if ((flags & GSS_INTEG) == 0)
		return LAYER_NONE;
	return flags & GSS_CONF ? LAYER_PRIVACY : LAYER_INTEGRITY;
}

/*
 * A client of libkrb5 cannot help asking for privacy beneath TLS. What TLS gives counts
 * for the least strength that the application requires, and not against the most.
 */
static struct security limits_of(const sasl_server_params_t *params)
{
	struct security security = gss_spnego_security_of(&params->props, params->external_ssf);
	security.max = params->props.max_ssf;
	return security;
}

/* A layer needs both sides to know each other, and packets to be numbered. */
static enum status check_flags(const struct server *server, uint32_t flags, struct error *err)
{
	if (server->base.context->mutual && flags & (GSS_REPLAY | GSS_SEQUENCE))
		return STATUS_OK;
	return error_set_shown(err, KRB_AP_ERR_METHOD,
		"the client asks for a security layer (%s), and not for mutual authentication and "
		"numbered packets, without which there is none",
		gss_flags_text(flags, (char[GSS_FLAGS_TEXT_SIZE]){0}));
}

/* Clients of HTTP set flags for layers that HTTP does not have. */
static enum status choose_layer(struct server *server, struct error *err)
{
	const sasl_server_params_t *params = server->acceptor.params;
	struct connection *base = &server->base;
	uint32_t flags = of(server)->gss.accepted.flags;
	uint32_t max_sent = gss_spnego_max_sent(&params->props);
	bool is_http = params->flags & SASL_NEED_HTTP;
	unsigned layer = is_http ? LAYER_NONE : layer_of(flags);
	of(server)->choice = (struct layer_choice){layer, &gss_protections, max_sent};
	if (is_http)
		return STATUS_OK;
	base->security = limits_of(params);
	unsigned allowed = gss_spnego_layers(&base->security, ap_context_strength(base->context),
		key_type(base->channel.key), max_sent);
	if ((layer & allowed) == 0)
		return error_set_shown(err, KRB_AP_ERR_METHOD,
			"the client asks for %s, and this server allows %s: strength %u to %u, in "
			"packets of %u octets (minssf, maxssf, maxbufsize)",
			layers_text(layer), layers_text(allowed), base->security.min,
			base->security.max, max_sent);
	return layer == LAYER_NONE ? STATUS_OK : check_flags(server, flags, err);
}

/* Kerberos' part of a token. */
static enum status accept_token(
	struct server *server, struct slice token, struct buffer *reply, struct error *err)
{
	const struct gss_server_bindings bindings = gss_server_bindings_of(server);
	if (of(server)->spnego.is_raw)
		server->state = RAW;
	if (gss_server_accept(&of(server)->gss, token, &bindings, reply, err))
		return err->status;
	gss_channel_open(server->base.context, false, &server->base.channel);
	of(server)->is_established = true;
	return choose_layer(server, err);
}

static enum status negotiate(struct server *server, struct slice token, struct error *err)
{
	struct spnego *spnego = &of(server)->spnego;
	AUTO_BUFFER reply = {0};
	struct slice mech_token;
	if (spnego_accept(spnego, token, &mech_token, err))
		return err->status;
	if (mech_token.data && accept_token(server, mech_token, &reply, err))
		return err->status;
	struct channel *channel = of(server)->is_established ? &server->base.channel : NULL;
	return spnego_reply(spnego, buffer_slice(&reply), channel, &server->base.out, err);
}

static int read_token(struct server *server, struct slice token, struct error *err)
{
	if (negotiate(server, token, err))
		return verdict_result(err);
	if (!spnego_is_done(&of(server)->spnego)) {
		server->state = of(server)->is_established ? MIC_DUE : NEGOTIATION;
		return SASL_CONTINUE;
	}
	return gss_server_finish(&of(server)->gss, SLICE_EMPTY, &of(server)->choice, err);
}

static enum status refuse(const struct ap_refusal *refusal, struct buffer *token, struct error *err)
{
	AUTO_BUFFER krb_error = {0};
	if (gss_refuse(refusal, &krb_error, err))
		return err->status;
	return spnego_refuse(buffer_slice(&krb_error), token, err);
}

static void release(struct server *server)
{
	spnego_close(&of(server)->spnego);
	gss_server_release(server);
}

static const struct server_state states[] = {
	[NEGOTIATION] = {read_token, refuse},
	[RAW] = {read_token, gss_refuse},
	[MIC_DUE] = {read_token, NULL},
};

const struct server_side gss_spnego_server = {
	.size = sizeof(struct spnego_server),
	.features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_SUPPORTS_HTTP,
	.states = states,
	.release = release,
};

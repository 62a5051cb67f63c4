/*
 * The server side of GSSAPI. A connection goes from START, by way of ASKED
 * where the client's first message was empty, to REPLIED (the empty message
 * after the AP-REP is due), where the client asked for one, to OFFERED (the
 * choice of a layer is due), and from there to FINISHED or REFUSED; nothing
 * leads out of these.
 */
#include "mech/gssapi.h"

#include "gss/gss.h"
#include "gss/gss_message.h"
#include "mech/connection.h"
#include "mech/trace.h"
#include "mech/verdict.h"

struct server {
	struct connection base; /* first */
	enum { START, ASKED, REPLIED, OFFERED, FINISHED, REFUSED } state;
	struct acceptor acceptor;
	struct gss_accepted accepted;
	unsigned offered; /* layers */
};
_Static_assert(offsetof(struct server, base) == 0, "see connection.h");

/* What only the exchange needs: a connection may be idle for days after it. */
static void let_go(struct server *server)
{
	acceptor_close(&server->acceptor);
	connection_end_exchange(&server->base);
}

static void server_dispose(void *context, const sasl_utils_t *utils)
{
	(void)utils;
	struct server *server = context;
	if (!server)
		return;
	let_go(server);
	connection_free(&server->base);
}

static int server_new(void *glob_context, sasl_server_params_t *params, const char *challenge,
	unsigned challenge_len, void **context)
{
	(void)glob_context, (void)challenge, (void)challenge_len;
	struct server *server = connection_new(sizeof *server);
	if (!server)
		return SASL_NOMEM;
	int result = acceptor_begin(&server->acceptor, params, GSSAPI_NAME);
	if (result == SASL_OK)
		*context = server;
	else
		server_dispose(server, params->utils);
	return result;
}

/* As for KERBEROS_V5: the connection that this makes is the one that libsasl2 goes on with. */
static int server_available(void *glob_context, sasl_server_params_t *params, void **context)
{
	if (*context)
		return SASL_OK;
	int result = server_new(glob_context, params, NULL, 0, context);
	return result != SASL_OK && acceptor_stays_listed(params, GSSAPI_NAME) ? SASL_OK : result;
}

static int refuse(struct server *server, const sasl_server_params_t *params, int result,
	const struct error *err)
{
	server->state = REFUSED;
	return verdict_refuse(&server->acceptor, params, server->base.context, result, err);
}

/*
 * A client that waits for the AP-REP may get an error token in its place, so
 * that its user reads the reason; the login fails with whatever comes next.
 */
static int refuse_request(struct server *server, const sasl_server_params_t *params,
	const struct error *err, const char **out, unsigned *out_len)
{
	int result = refuse(server, params, verdict_result(err), err);
	if (!verdict_message(
		    &server->acceptor, server->base.context, err, gss_refuse, &server->base.out))
		return result;
	return connection_give(&server->base, SASL_CONTINUE, out, out_len);
}

static enum status judge_request(
	struct server *server, const sasl_server_params_t *params, struct error *err)
{
	struct gss_acceptor gss = {
		.has_bindings = SASL_CB_PRESENT(params),
		.bindings_are_critical = SASL_CB_CRITICAL(params),
		.permitted = krb5_conf_permitted_enctypes(server->acceptor.conf),
	};
	const struct ap_trace trace = trace_to(&server->acceptor.log);
	enum status status = gssapi_bindings_of(params->cbinding, &gss.bindings, err);
	if (status ||
		(status = gss_accept(&gss, &trace, server->base.context, &server->accepted, err)))
		return status;
	server->base.bindings = server->accepted.bindings_match ? BINDINGS_MATCH : BINDINGS_NONE;
	if (server->acceptor.mutual_required && !server->base.context->mutual)
		return error_set_shown(err, KRB_AP_ERR_METHOD,
			"this server requires mutual authentication and the client did not ask "
			"for it");
	return acceptor_record(&server->acceptor, params, server->base.context, err);
}

static enum status read_request(struct server *server, const sasl_server_params_t *params,
	struct slice token, struct error *err)
{
	struct slice ap_req;
	enum status status = gss_request_read(token, &ap_req, err);
	if (status ||
		(status = acceptor_read(&server->acceptor, params, AD_ETYPE_NEGOTIATION, ap_req,
			 server->base.context, err)) ||
		(status = judge_request(server, params, err)))
		return status;
	buffer_clear(&server->base.out);
	if (!server->base.context->mutual)
		return STATUS_OK;
	const struct ap_trace trace = trace_to(&server->acceptor.log);
	return gss_reply(&server->accepted, &trace, server->base.context, &server->base.out, err);
}

/* Does the client number its messages? */
static bool is_numbered(const struct server *server)
{
	return (server->accepted.flags & (GSS_REPLAY | GSS_SEQUENCE)) != 0;
}

/* Layers need both sides to know each other, and the client to know what it asked for. */
static unsigned layers_to_offer(const struct server *server)
{
	unsigned layers =
		security_layers(&server->base.security, ap_context_strength(server->base.context));
	uint32_t flags = server->accepted.flags;
	if (!server->base.context->mutual || (flags & GSS_INTEG) == 0 || !is_numbered(server))
		layers &= LAYER_NONE;
	if ((flags & GSS_CONF) == 0)
		layers &= ~(unsigned)LAYER_PRIVACY;
	return layers_with_room(&gss_protections, layers, key_type(server->base.channel.key),
		server->base.security.max_buffer);
}

static enum status make_offer(
	struct server *server, const sasl_server_params_t *params, struct error *err)
{
	struct layer_message offer = {0};
	unsigned char header[LAYER_MESSAGE_HEADER];
	/* Not before: mechanisms may have been listed without TLS that is there now. */
	server->base.security = gssapi_security_of(&params->props, params->external_ssf);
	offer.layers = server->offered = layers_to_offer(server);
	if (offer.layers == 0)
		return error_set_shown(err, KRB_AP_ERR_METHOD,
			"this server requires a security layer of strength %u to %u, which this "
			"client cannot have: %s gives %u, with mutual authentication and the "
			"flags that ask for it",
			server->base.security.min, server->base.security.max,
			enctype_name(key_type(server->base.channel.key)),
			ap_context_strength(server->base.context));
	if (offer.layers != LAYER_NONE)
		offer.max_buffer = server->base.security.max_buffer;
	layer_message_header(&offer, header);
	const struct slice piece = slice_of(header, sizeof header);
	buffer_clear(&server->base.out);
	return gss_protections.integrity->make(
		&server->base.channel, &piece, 1, &server->base.out, err);
}

static int offer(struct server *server, const sasl_server_params_t *params, const char **out,
	unsigned *out_len)
{
	struct error err;
	gss_channel_open(server->base.context, false, &server->base.channel);
	if (make_offer(server, params, &err))
		return refuse(server, params, verdict_result(&err), &err);
	server->state = OFFERED;
	return connection_give(&server->base, SASL_CONTINUE, out, out_len);
}

static int begin(struct server *server, const sasl_server_params_t *params, struct slice token,
	const char **out, unsigned *out_len)
{
	struct error err;
	if (token.len == 0 && server->state == START) { /* the protocol has no initial response */
		server->state = ASKED;
		return connection_give(&server->base, SASL_CONTINUE, out, out_len);
	}
	if (read_request(server, params, token, &err))
		return refuse_request(server, params, &err, out, out_len);
	if (!server->base.context->mutual)
		return offer(server, params, out, out_len);
	server->state = REPLIED;
	return connection_give(&server->base, SASL_CONTINUE, out, out_len);
}

static int after_reply(struct server *server, const sasl_server_params_t *params,
	struct slice token, const char **out, unsigned *out_len)
{
	struct error err;
	if (token.len == 0)
		return offer(server, params, out, out_len);
	(void)error_set_shown(&err, ERR_SYNTAX,
		"the client sent %zu octets after the AP-REP, where its empty message is due",
		token.len);
	return refuse(server, params, SASL_BADAUTH, &err);
}

/* Exactly one layer, except that those made for Active Directory say privacy and integrity. */
static enum status read_choice(const struct server *server, const struct layer_message *choice,
	unsigned *layer, struct error *err)
{
	*layer = choice->layers == (LAYER_INTEGRITY | LAYER_PRIVACY) ? LAYER_PRIVACY
								     : choice->layers;
	bool is_one = *layer != 0 && (*layer & (*layer - 1)) == 0;
	if (!is_one || (*layer & server->offered) == 0)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client chose layers 0x%02x where one of those offered, 0x%02x, has to "
			"be chosen",
			choice->layers, server->offered);
	if (layers_with_room(&gss_protections, *layer, key_type(server->base.channel.key),
		    choice->max_buffer) == 0)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client takes packets of %u octets, in which nothing fits",
			choice->max_buffer);
	return STATUS_OK;
}

static enum status unwrap_choice(struct server *server, struct slice token, struct buffer *octets,
	struct layer_message *choice, unsigned *layer, struct error *err)
{
	enum status status =
		is_numbered(server)
			? gss_unwrap(&server->base.channel, token, octets, err)
			: gss_unwrap_unnumbered(&server->base.channel, token, octets, err);
	if (status)
		return error_prefix(err, "the client's choice of a security layer");
	status = layer_message_read(buffer_slice(octets), choice, err);
	return status ? status : read_choice(server, choice, layer, err);
}

static int finish(struct server *server, sasl_server_params_t *params, struct slice token,
	sasl_out_params_t *oparams, struct error *err)
{
	AUTO_BUFFER octets = {0};
	struct layer_message choice;
	unsigned layer = 0;
	if (unwrap_choice(server, token, &octets, &choice, &layer, err))
		return verdict_result(err);
	int result = acceptor_finish(
		&server->acceptor, params, server->base.context, choice.authzid, oparams, err);
	if (result != SASL_OK)
		return result;
	const struct layer_terms terms = {
		.layer = layer,
		.protections = &gss_protections,
		.strength = ap_context_strength(server->base.context),
		.security = &server->base.security,
		.max_sent = choice.max_buffer,
	};
	if (connection_succeed(&server->base, params->cbinding, &terms, &server->acceptor.log, err))
		return verdict_result(err);
	return SASL_OK;
}

static int read_answer(struct server *server, sasl_server_params_t *params, struct slice token,
	sasl_out_params_t *oparams)
{
	struct error err;
	int result = finish(server, params, token, oparams, &err);
	if (result != SASL_OK)
		return refuse(server, params, result, &err);
	verdict_accepted(&server->acceptor, params, server->base.context, oparams);
	server->state = FINISHED;
	let_go(server);
	buffer_free(&server->base.out);
	return SASL_OK;
}

static int server_step(void *context, sasl_server_params_t *params, const char *in, unsigned in_len,
	const char **out, unsigned *out_len, sasl_out_params_t *oparams)
{
	struct server *server = context;
	struct slice token = slice_of(in, in_len);
	*out = NULL;
	*out_len = 0;
	if (!server) /* libsasl2 let go of it when the login failed, and was asked for more */
		return SASL_BADAUTH;
	if (server->state == START)
		connection_begin(&server->base, oparams);
	switch (server->state) {
	case START:
	case ASKED:
		return begin(server, params, token, out, out_len);
	case REPLIED:
		return after_reply(server, params, token, out, out_len);
	case OFFERED:
		return read_answer(server, params, token, oparams);
	case REFUSED:
		return server->acceptor.refusal;
	default:
		return SASL_BADAUTH;
	}
}

const sasl_server_plug_t gssapi_server_plug = {
	.mech_name = GSSAPI_NAME,
	.max_ssf = GSSAPI_MAX_SSF,
	.security_flags = GSSAPI_SECURITY_FLAGS,
	.features =
		SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY | SASL_FEAT_DONTUSE_USERPASSWD,
	.mech_new = server_new,
	.mech_step = server_step,
	.mech_dispose = server_dispose,
	.mech_avail = server_available,
};

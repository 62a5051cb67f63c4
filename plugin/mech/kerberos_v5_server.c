/*
 * The server side of KERBEROS_V5. A connection goes from START (the
 * challenge is due) to CHALLENGED (the AP-REQ is due), and from there, by way
 * of REPLIED (the empty message after the AP-REP is due) if the protocol
 * carries no data with success, to FINISHED or REFUSED; nothing leads out of
 * these.
 */
#include "mech/kerberos_v5.h"

#include "ap/bindings.h"
#include "mech/connection.h"
#include "mech/kerberos_v5_channel.h"
#include "mech/trace.h"
#include "mech/verdict.h"

/* Messages that are not an AP-REQ, before we lose patience. */
#define MAX_OTHER_MESSAGES 8

struct server {
	struct connection base; /* first */
	enum { START, CHALLENGED, REPLIED, FINISHED, REFUSED } state;
	struct acceptor acceptor;
	struct challenge challenge;
	unsigned other_messages;
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
	int result = acceptor_begin(&server->acceptor, params, KERBEROS_V5_NAME);
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
	if (*context)
		return SASL_OK;
	int result = server_new(glob_context, params, NULL, 0, context);
	return result != SASL_OK && acceptor_stays_listed(params, KERBEROS_V5_NAME) ? SASL_OK
										    : result;
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
		const struct enctype *type = enctype_by_number(permitted->number[i], NULL);
		if (type && (!strongest || enctype_strength(type) > enctype_strength(strongest)))
			strongest = type;
	}
	if (!strongest)
		return LAYER_NONE;
	unsigned layers = security_layers(&server->base.security, enctype_strength(strongest));
	return layers_with_room(
		&krb_protections, layers, strongest, server->base.security.max_buffer);
}

static int refuse(struct server *server, const sasl_server_params_t *params, int result,
	const struct error *err)
{
	server->state = REFUSED;
	return verdict_refuse(&server->acceptor, params, server->base.context, result, err);
}

/*
 * If the client waits for an AP-REP, it may get a KRB-ERROR in its place, so
 * that its user reads the reason; the login fails with whatever comes next.
 */
static int refuse_request(struct server *server, const sasl_server_params_t *params, int result,
	const struct error *err, const char **out, unsigned *out_len)
{
	(void)refuse(server, params, result, err);
	if (!verdict_message(&server->acceptor, server->base.context, err, krb_error_make,
		    &server->base.out))
		return result;
	return connection_give(&server->base, SASL_CONTINUE, out, out_len);
}

static enum status make_challenge(
	struct server *server, const sasl_server_params_t *params, struct error *err)
{
	/* Not before: mechanisms may have been listed without TLS that is there now. */
	server->base.security = security_of(&params->props, params->external_ssf);
	unsigned layers = layers_to_offer(server);
	uint32_t max_buffer = layers & ~LAYER_NONE ? server->base.security.max_buffer : 0;
	layers |= LAYER_MUTUAL | (SASL_CB_PRESENT(params) ? LAYER_CHANNEL : 0);
	enum status status = challenge_make(layers, max_buffer, &server->challenge, err);
	if (status)
		return status;
	const struct slice octets = slice_of(server->challenge.octets, CHALLENGE_LENGTH);
	return buffer_append(&server->base.out, octets) ? error_no_memory(err) : STATUS_OK;
}

static int start(struct server *server, const sasl_server_params_t *params, struct slice token,
	const char **out, unsigned *out_len)
{
	struct error err;
	if (token.len > 0)
		(void)error_set_shown(&err, ERR_SYNTAX,
			"the client sent %zu octets before the server's challenge, with which "
			"KERBEROS_V5 begins",
			token.len);
	if (token.len > 0 || make_challenge(server, params, &err))
		return refuse(server, params, verdict_result(&err), &err);
	server->state = CHALLENGED;
	return connection_give(&server->base, SASL_CONTINUE, out, out_len);
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
static enum status check_channel(
	struct server *server, const sasl_server_params_t *params, struct error *err)
{
	const struct bindings_here here = {
		.present = SASL_CB_PRESENT(params) || (server->challenge.layers & LAYER_CHANNEL),
		.critical = SASL_CB_CRITICAL(params),
	};
	enum bindings_sent sent;
	bool match;
	enum status status = compare_channel(server, params->cbinding, &sent, err);
	if (status || (status = bindings_judge(&here, sent, &match, err)))
		return status;
	server->base.bindings = match ? BINDINGS_MATCH : BINDINGS_NONE;
	return STATUS_OK;
}

static enum status check_binding(struct server *server, const sasl_server_params_t *params,
	struct binding *binding, struct error *err)
{
	struct ap_context *context = server->base.context;
	struct slice octets = find_binding(context);
	enum status status = binding_read(octets, &server->challenge, binding, err);
	if (status)
		return status;
	status = key_verify_checksum(context->session_key, USAGE_AP_REQ_CHECKSUM,
		context->checksum.type, &octets, 1, context->checksum.value, err);
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
	status = check_channel(server, params, err);
	return status ? status : check_layer(server, binding, err);
}

/* What remains once the client is known: the reply, the names, the properties. */
static int finish(struct server *server, sasl_server_params_t *params,
	const struct binding *binding, sasl_out_params_t *oparams, struct error *err)
{
	const struct ap_trace trace = trace_to(&server->acceptor.log);
	buffer_clear(&server->base.out);
	if (server->base.context->mutual &&
		ap_rep_make(key_type(server->base.context->session_key), &trace,
			server->base.context, &server->base.out, err))
		return verdict_result(err);
	int result = acceptor_finish(
		&server->acceptor, params, server->base.context, binding->authzid, oparams, err);
	if (result != SASL_OK)
		return result;
	const struct layer_terms terms = {
		.layer = binding_layer(binding),
		.protections = &krb_protections,
		.strength = ap_context_strength(server->base.context),
		.security = &server->base.security,
		.max_sent = binding->max_buffer,
	};
	if ((terms.layer != LAYER_NONE &&
		    channel_open(server->base.context, false, &server->base.channel, err)) ||
		connection_succeed(
			&server->base, params->cbinding, &terms, &server->acceptor.log, err))
		return verdict_result(err);
	return SASL_OK;
}

/*
 * libsasl2 would pass a success with data on as one more challenge by itself,
 * and from then on take every message, and every other login on the
 * connection, for a success. So the success comes with the next message.
 */
static int reply(
	struct server *server, sasl_out_params_t *oparams, const char **out, unsigned *out_len)
{
	server->state = REPLIED;
	oparams->doneflag = 0;
	return connection_give(&server->base, SASL_CONTINUE, out, out_len);
}

static int read_ap_req(struct server *server, sasl_server_params_t *params, struct slice token,
	const char **out, unsigned *out_len, sasl_out_params_t *oparams)
{
	struct error err;
	struct binding binding;
	if (acceptor_read(&server->acceptor, params, AD_KERBEROS_V5_BINDING, token,
		    server->base.context, &err) ||
		check_binding(server, params, &binding, &err))
		return refuse_request(server, params, verdict_result(&err), &err, out, out_len);

	int result = finish(server, params, &binding, oparams, &err);
	if (result != SASL_OK)
		return refuse_request(server, params, result, &err, out, out_len);

	verdict_accepted(&server->acceptor, params, server->base.context, oparams);
	bool mutual = server->base.context->mutual;
	let_go(server);
	if (mutual && (params->flags & SASL_SUCCESS_DATA) == 0)
		return reply(server, oparams, out, out_len);
	server->state = FINISHED;
	return mutual ? connection_give(&server->base, SASL_OK, out, out_len) : SASL_OK;
}

static int after_reply(struct server *server, const sasl_server_params_t *params,
	struct slice token, sasl_out_params_t *oparams)
{
	if (token.len == 0) {
		server->state = FINISHED;
		oparams->doneflag = 1;
		return SASL_OK;
	}
	struct error err;
	(void)error_set_shown(&err, ERR_SYNTAX,
		"the client sent %zu octets after the AP-REP, where its empty message is due",
		token.len);
	return refuse(server, params, verdict_result(&err), &err);
}

/* The draft answers what it does not know with nothing, and waits for more. */
static int pass_over(struct server *server, const sasl_server_params_t *params, const char **out,
	unsigned *out_len)
{
	if (++server->other_messages <= MAX_OTHER_MESSAGES) {
		buffer_clear(&server->base.out);
		return connection_give(&server->base, SASL_CONTINUE, out, out_len);
	}
	struct error err;
	(void)error_set_shown(&err, ERR_SYNTAX, "none of the client's %d messages is an AP-REQ",
		MAX_OTHER_MESSAGES + 1);
	return refuse(server, params, verdict_result(&err), &err);
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
	switch (server->state) {
	case START:
		connection_begin(&server->base, oparams);
		return start(server, params, token, out, out_len);
	case CHALLENGED:
		if (der_message_type(token) == KRB_AP_REQ)
			return read_ap_req(server, params, token, out, out_len, oparams);
		return pass_over(server, params, out, out_len);
	case REPLIED:
		return after_reply(server, params, token, oparams);
	case REFUSED:
		return server->acceptor.refusal;
	default:
		return SASL_BADAUTH;
	}
}

const sasl_server_plug_t kerberos_v5_server_plug = {
	.mech_name = KERBEROS_V5_NAME,
	.max_ssf = KERBEROS_V5_MAX_SSF,
	.security_flags = KERBEROS_V5_SECURITY_FLAGS,
	.features = SASL_FEAT_ALLOWS_PROXY | SASL_FEAT_DONTUSE_USERPASSWD,
	.mech_new = server_new,
	.mech_step = server_step,
	.mech_dispose = server_dispose,
	.mech_avail = server_available,
};

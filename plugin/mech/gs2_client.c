/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client side of GS2-KRB5: after its one message the AP-REP is due.
 */
#include "gss/gss_mechanism.h"
#include "gss/gss_token.h"
#include "mech/gs2.h"
#include "mech/gss_client.h"

enum state { START, REPLY_DUE };

static struct gss_client *of(struct client *client)
{
	return (struct gss_client *)client;
}

/* libsasl2 knows what the server offers, and so what to say of bindings. */
static enum gs2_flag flag_of(
	const sasl_client_params_t *params, const sasl_channel_binding_t *binding)
{
	if (!binding || params->cbindingdisp == SASL_CB_DISP_NONE)
		return GS2_NO_BINDINGS;
	return params->cbindingdisp == SASL_CB_DISP_USED ? GS2_USES_BINDINGS : GS2_NONE_THERE;
}

/* The initial token, bound to the header, and without its framing. */
static enum status append_token(struct client *client, const sasl_channel_binding_t *binding,
	struct buffer *out, struct error *err)
{
	AUTO_BUFFER data = {0};
	AUTO_BUFFER token = {0};
	struct slice inner;
	struct gss_client_request request = {.mutual = true, .protection = GSS_CLIENT_ANY_LAYER};
	if (gs2_bound_data(buffer_slice(out), binding, &data, err))
		return err->status;
	request.bindings = buffer_slice(&data);
	if (gss_client_ask(of(client), &request, &token, err) ||
		gss_framing_read(buffer_slice(&token), GSS_OID_KERBEROS, &inner, err))
		return err->status;
	return buffer_append(out, inner) ? error_no_memory(err) : STATUS_OK;
}

static int start(struct client *client, struct slice nothing, struct error *err)
{
	(void)nothing;
	struct gs2_header header = {.authzid = client->authzid};
	const sasl_channel_binding_t *binding;
	if (client_bindings(client, &binding, err))
		return logger_result(err, SASL_FAIL);
	header.flag = flag_of(client->initiator.params, binding);
	bool bound = header.flag == GS2_USES_BINDINGS;
	if (bound)
		header.binding_name = slice_string(binding->name);
	if (gs2_header_write(&header, &client->base.out, err) ||
		append_token(client, bound ? binding : NULL, &client->base.out, err))
		return logger_result(err, SASL_FAIL);
	/* A server that does not compare them does not answer with an AP-REP. */
	client->base.bindings = bound ? BINDINGS_MATCH : BINDINGS_NONE;
	client->state = REPLY_DUE;
	return SASL_CONTINUE;
}

static int read_reply(struct client *client, struct slice token, struct error *err)
{
	static const struct layer_choice no_layer = {.layer = LAYER_NONE};
	int result = gss_client_read_reply(of(client), token, err);
	if (result == SASL_OK && client_finish(client, &no_layer, err))
		return logger_result(err, SASL_FAIL);
	return result;
}

static const struct client_state states[] = {
	[START] = {start, false},
	[REPLY_DUE] = {read_reply, true},
};

const struct client_side gs2_client = {
	.size = sizeof(struct gss_client),
	.features =
		SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY | SASL_FEAT_CHANNEL_BINDING,
	.states = states,
};

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server side of GS2-KRB5: the client's one message, which has all that
 * there is to judge.
 */
#include "base/text.h"
#include "gss/gss_mechanism.h"
#include "gss/gss_token.h"
#include "mech/gs2.h"
#include "mech/gss_server.h"

/* "p": both sides have to have bindings of the same type, to compare them at all. */
static enum status check_type(
	const struct gs2_header *header, const sasl_channel_binding_t *here, struct error *err)
{
	if (!here)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client uses channel bindings (%s), and this server's application has "
			"none, or kerberos5_channel_bindings is never here",
			TEXT(header->binding_name));
	if (!slice_equal(header->binding_name, slice_string(here->name)))
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client uses channel bindings of the type %s, this server %s",
			TEXT(header->binding_name), TEXT(slice_string(here->name)));
	return STATUS_OK;
}

/* Section 5: what the client says of bindings, against what it could know. */
static enum status check_flag(
	const struct gs2_header *header, const sasl_channel_binding_t *here, struct error *err)
{
	if (header->flag == GS2_USES_BINDINGS)
		return check_type(header, here, err);
	if (header->flag == GS2_NONE_THERE && here)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client has channel bindings, but was not offered " GS2_NAME
			"-PLUS, which this server offers: somebody on the way changed the list of "
			"mechanisms");
	return STATUS_OK;
}

/* Section 3: the framing that the client took off. */
static enum status whole_token(const struct gs2_message *message, struct buffer *storage,
	struct slice *out, struct error *err)
{
	*out = message->token;
	if (message->framed)
		return STATUS_OK;
	if (gss_framing_write(GSS_OID_KERBEROS, message->token.len, storage, err))
		return err->status;
	if (buffer_append(storage, message->token))
		return error_no_memory(err);
	*out = buffer_slice(storage);
	return STATUS_OK;
}

static enum status accept_message(
	struct server *server, const struct gs2_message *message, struct error *err)
{
	bool bound = message->header.flag == GS2_USES_BINDINGS;
	const sasl_channel_binding_t *here = server_bindings(server);
	AUTO_BUFFER data = {0};
	AUTO_BUFFER storage = {0};
	struct slice token;
	if (check_flag(&message->header, here, err) ||
		gs2_bound_data(message->bound, bound ? here : NULL, &data, err) ||
		whole_token(message, &storage, &token, err))
		return err->status;
	const struct gss_server_bindings bindings = {
		.present = true,
		.critical = true,
		.application_data = buffer_slice(&data),
	};
	server->acceptor.mutual_required = true;
	if (gss_server_accept(
		    (struct gss_server *)server, token, &bindings, &server->base.out, err))
		return err->status;
	/* They are always compared, but only with "p" are they the application's. */
	server->base.bindings = bound ? BINDINGS_MATCH : BINDINGS_NONE;
	return STATUS_OK;
}

static int read_message(struct server *server, struct slice octets, struct error *err)
{
	static const struct layer_choice no_layer = {.layer = LAYER_NONE};
	AUTO_BUFFER authzid = {0};
	struct gs2_message message;
	if (gs2_message_read(octets, &message, &authzid, err) ||
		accept_message(server, &message, err))
		return verdict_result(err);
	return gss_server_finish(
		(struct gss_server *)server, message.header.authzid, &no_layer, err);
}

static const struct server_state states[] = {
	{read_message, gss_refuse},
};

const struct server_side gs2_server = {
	.size = sizeof(struct gss_server),
	.features =
		SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY | SASL_FEAT_CHANNEL_BINDING,
	.states = states,
	.release = gss_server_release,
};

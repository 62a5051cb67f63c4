/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/gss_client.h"

#include "mech/trace.h"

enum status gss_client_bindings(struct client *client, struct slice *out, struct error *err)
{
	const sasl_channel_binding_t *here;
	if (client_bindings(client, &here, err))
		return err->status;
	/* A server passes over bindings for which its application gave none, and never says so. */
	if (here && here->critical)
		return error_set(err, KRB_AP_ERR_METHOD,
			"the application demands channel bindings, and %s does not tell a client "
			"whether the server compared them: use a mechanism that does "
			"(KERBEROS_V5, or one of those that end in -PLUS)",
			client->mechanism->name);
	*out = here ? slice_of(here->len > 0 ? here->data : (const unsigned char *)"", here->len)
		    : SLICE_EMPTY;
	client->base.bindings = here ? BINDINGS_SENT : BINDINGS_NONE;
	/* If the option requires a match, the server is told so, and has to refuse. */
	client->base.demands_bindings = false;
	return STATUS_OK;
}

enum status gss_client_ask(struct gss_client *client, const struct gss_client_request *request,
	struct buffer *token, struct error *err)
{
	struct initiator *initiator = &client->base.initiator;
	client->gss = (struct gss_initiator){
		.credential = &initiator->ticket.credential,
		.now = initiator->now,
		.mutual = request->mutual,
		.protection = request->protection,
		.announces_bindings = initiator->announces_bindings,
		.permitted = krb5_conf_permitted_enctypes(initiator->conf),
		.delegated = initiator->delegates ? &initiator->delegated.credential : NULL,
		.asked = initiator->server,
	};
	if (request->bindings.data &&
		gss_bindings_of(request->bindings, &client->gss.bindings, err))
		return err->status;
	const struct ap_trace trace = trace_to(&initiator->log);
	return gss_initiate(&client->gss, &trace, client->base.base.context, token, err);
}

int gss_client_read_reply(struct gss_client *client, struct slice token, struct error *err)
{
	struct initiator *initiator = &client->base.initiator;
	const struct ap_trace trace = trace_to(&initiator->log);
	if (gss_initiate_finish(&client->gss, token, &trace, client->base.base.context, err) ==
		STATUS_OK)
		return SASL_OK;
	initiator_refused(initiator, err->status);
	return logger_result(err, SASL_BADAUTH);
}

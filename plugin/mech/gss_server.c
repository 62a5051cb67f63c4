/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/gss_server.h"

#include <stdlib.h>

#include "mech/delegated.h"
#include "mech/trace.h"

struct gss_server_bindings gss_server_bindings_of(const struct server *server)
{
	const sasl_channel_binding_t *here = server_bindings(server);
	return (struct gss_server_bindings){
		.present = here != NULL,
		.critical = here && here->critical,
		.application_data = here ? slice_of(here->data, here->len) : SLICE_EMPTY,
	};
}

static enum status make_room(struct gss_server *server, struct error *err)
{
	if (!delegated_is_wanted(&server->base.acceptor))
		return STATUS_OK;
	server->delegated = calloc(1, sizeof *server->delegated);
	return server->delegated ? STATUS_OK : error_no_memory(err);
}

static enum status judge(
	struct gss_server *server, const struct gss_server_bindings *bindings, struct error *err)
{
	struct acceptor *acceptor = &server->base.acceptor;
	struct connection *connection = &server->base.base;
	struct bindings_here here;
	if (server_judge_bindings(&server->base, &here, err) || make_room(server, err))
		return err->status;
	struct gss_acceptor gss = {
		.has_bindings = bindings->present,
		.bindings_are_critical = bindings->critical || here.critical,
		.bindings_are_awaited = here.awaited,
		.permitted = krb5_conf_permitted_enctypes(acceptor->conf),
		.delegated = server->delegated,
	};
	const struct ap_trace trace = trace_to(&acceptor->log);
	if (bindings->present && gss_bindings_of(bindings->application_data, &gss.bindings, err))
		return err->status;
	if (gss_accept(&gss, &trace, connection->context, &server->accepted, err))
		return err->status;
	connection->bindings = server->accepted.bindings_match ? BINDINGS_MATCH : BINDINGS_NONE;
	if (acceptor->mutual_required && !connection->context->mutual)
		return error_set_shown(err, KRB_AP_ERR_METHOD,
			"this server requires mutual authentication and the client did not ask "
			"for it");
	return acceptor_record(acceptor, connection->context, err);
}

enum status gss_server_accept(struct gss_server *server, struct slice token,
	const struct gss_server_bindings *bindings, struct buffer *reply, struct error *err)
{
	struct acceptor *acceptor = &server->base.acceptor;
	struct ap_context *context = server->base.base.context;
	struct slice ap_req;
	if (gss_request_read(token, &ap_req, err) ||
		acceptor_read(acceptor, AD_ETYPE_NEGOTIATION, ap_req, context, err) ||
		judge(server, bindings, err))
		return err->status;
	if (!context->mutual)
		return STATUS_OK;
	const struct ap_trace trace = trace_to(&acceptor->log);
	return gss_reply(&server->accepted, &trace, context, reply, err);
}

int gss_server_finish(struct gss_server *server, struct slice authzid,
	const struct layer_choice *choice, struct error *err)
{
	int result = server_finish(&server->base, authzid, choice, err);
	if (result == SASL_OK && server->delegated)
		delegated_keep(
			&server->base.acceptor, server->base.base.context, server->delegated);
	return result;
}

void gss_server_release(struct server *server)
{
	struct gss_server *gss = (struct gss_server *)server;
	gss_delegated_clear(gss->delegated);
	free(gss->delegated);
	gss->delegated = NULL;
}

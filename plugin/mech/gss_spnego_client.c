/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client side of GSS-SPNEGO: after its one token the server's answer is due.
 */
#include "base/text.h"
#include "gss/gss_message.h"
#include "gss/spnego.h"
#include "mech/gss_client.h"
#include "mech/gss_spnego.h"

struct spnego_client {
	struct gss_client gss; /* first */
	struct spnego spnego;
	struct layer_choice choice; /* what is asked for */
};
_Static_assert(offsetof(struct spnego_client, gss) == 0, "see gss_client.h");

enum state { START, ANSWER_DUE };

static struct spnego_client *of(struct client *client)
{
	return (struct spnego_client *)client;
}

/* The server takes the user for whom the ticket is, by whichever name. */
static enum status check_authzid(const struct client *client, struct error *err)
{
	const struct initiator *initiator = &client->initiator;
	const char *whole = PRINCIPAL_TEXT(&initiator->ticket.credential.client);
	struct slice authid = buffer_slice(&initiator->authid);
	if (client->authzid.len == 0 || slice_equal(client->authzid, authid) ||
		slice_equal(client->authzid, slice_string(whole)))
		return STATUS_OK;
	return error_set(err, KRB_ERR_GENERIC,
		GSS_SPNEGO_NAME " logs in as the user of the ticket, %s, and cannot ask to act as "
				"\"%s\": leave that identity out, or use GSSAPI",
		whole, TEXT(client->authzid));
}

/*
 * The strongest layer that is allowed here; what the server allows will only show by its refusal.
 * Beneath another layer, TLS, no more than has to be: servers of Active Directory
 * refuse one there. HTTP has none.
 */
static enum status choose_layer(struct client *client, struct error *err)
{
	const sasl_client_params_t *params = client->initiator.params;
	struct security *security = &client->base.security;
	uint32_t max_sent = gss_spnego_max_sent(&params->props);
	struct layer_choice *choice = &of(client)->choice;
	*choice = (struct layer_choice){LAYER_NONE, &gss_protections, max_sent};
	if (params->flags & SASL_NEED_HTTP)
		return STATUS_OK;
	const struct enctype *type =
		enctype_by_number(client->initiator.ticket.credential.key_type, err);
	if (!type)
		return err->status;
	*security = gss_spnego_security_of(&params->props, params->external_ssf);
	unsigned allowed = gss_spnego_layers(security, enctype_strength(type), type, max_sent);
	choice->layer = layer_for_client(allowed, params->external_ssf);
	if (allowed != 0)
		return STATUS_OK;
	return error_set(err, KRB_ERR_GENERIC,
		"no security layer of %s is allowed here: strength %u to %u, in packets of %u "
		"octets (minssf, maxssf, maxbufsize)",
		enctype_name(type), security->min, security->max, max_sent);
}

static uint32_t flags_of(unsigned layer)
{
	if (layer == LAYER_PRIVACY)
		return GSS_CONF | GSS_INTEG;
	return layer == LAYER_INTEGRITY ? GSS_INTEG : 0;
}

static enum status ask(struct client *client, struct error *err)
{
	AUTO_BUFFER token = {0};
	struct gss_client_request request = {
		.mutual = client->initiator.mutual || of(client)->choice.layer != LAYER_NONE,
		.protection = flags_of(of(client)->choice.layer),
	};
	if (gss_client_bindings(client, &request.bindings, err) ||
		gss_client_ask(&of(client)->gss, &request, &token, err))
		return err->status;
	return spnego_initiate(&of(client)->spnego, buffer_slice(&token), &client->base.out, err);
}

static int start(struct client *client, struct slice nothing, struct error *err)
{
	(void)nothing;
	if (check_authzid(client, err) || choose_layer(client, err) || ask(client, err))
		return logger_result(err, SASL_FAIL);
	client->state = ANSWER_DUE;
	return SASL_CONTINUE;
}

/*
 * An AP-REP is there if it was asked for; a reason for a refusal may be there at any time.
 */
static int read_reply(struct client *client, struct slice token, struct error *err)
{
	bool mutual = of(client)->gss.gss.mutual;
	if (token.data && (mutual || of(client)->spnego.said == SPNEGO_REJECT))
		return gss_client_read_reply(&of(client)->gss, token, err);
	if (!token.data && !mutual)
		return SASL_OK;
	(void)error_set(err, KRB_AP_ERR_MSG_TYPE,
		mutual ? "SPNEGO: the server's answer has no AP-REP, which was asked for"
		       : "SPNEGO: the server's answer has an AP-REP, which was not asked for");
	return logger_result(err, SASL_BADAUTH);
}

static enum status conclude(struct client *client, struct error *err)
{
	struct connection *base = &client->base;
	gss_channel_open(base->context, true, &base->channel);
	if (spnego_conclude(&of(client)->spnego, &base->channel, &base->out, err))
		return err->status;
	return client_finish(client, &of(client)->choice, err);
}

static int read_answer(struct client *client, struct slice token, struct error *err)
{
	struct slice mech_token;
	if (spnego_continue(&of(client)->spnego, token, &mech_token, err))
		return logger_result(err, SASL_BADAUTH);
	int result = read_reply(client, mech_token, err);
	if (result == SASL_OK && conclude(client, err))
		return logger_result(err, SASL_BADAUTH);
	return result;
}

static void release(struct client *client)
{
	spnego_close(&of(client)->spnego);
}

static const struct client_state states[] = {
	[START] = {start, false},
	[ANSWER_DUE] = {read_answer, true},
};

const struct client_side gss_spnego_client = {
	.size = sizeof(struct spnego_client),
	.features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_SUPPORTS_HTTP,
	.states = states,
	.release = release,
};

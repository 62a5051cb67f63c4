/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What has to hold, whatever happens. The rules are written from what was made
 * by whom, not from what the module read.
 */
#include <sasl/prop.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sasl/security.h"
#include "tests/attack/scene.h"

void scene_violated(struct scene *scene, const char *fmt, ...)
{
	va_list args;
	if (scene->verdict[0])
		return;
	va_start(args, fmt);
	vsnprintf(scene->verdict, sizeof scene->verdict, fmt, args);
	va_end(args);
}

static const char *text_of(const struct side *side, int property)
{
	const void *value = NULL;
	return sasl_getprop(side->conn, property, &value) == SASL_OK && value ? value : "";
}

static unsigned number_of(const struct side *side, int property)
{
	const void *value = NULL;
	return sasl_getprop(side->conn, property, &value) == SASL_OK && value
		       ? *(const unsigned *)value
		       : 0;
}

sasl_ssf_t side_ssf(const struct side *side)
{
	return number_of(side, SASL_SSF);
}

static unsigned beyond(unsigned limit, unsigned external)
{
	return limit > external ? limit - external : 0;
}

/*
 * GSS-SPNEGO's server takes or refuses what the client asks for, and what TLS gives is not
 * taken from the most.
 */
static bool may_have(const struct side *side, sasl_ssf_t ssf)
{
	const struct terms *terms = &side->agreed;
	bool is_asked = side->is_server && side->mechanism == GSS_SPNEGO;
	unsigned most = is_asked ? terms->security.max_ssf
				 : beyond(terms->security.max_ssf, terms->external);
	return ssf >= beyond(terms->security.min_ssf, terms->external) && ssf <= most;
}

static bool allows(const struct terms *terms, sasl_ssf_t ssf)
{
	return ssf >= beyond(terms->security.min_ssf, terms->external) &&
	       ssf <= beyond(terms->security.max_ssf, terms->external);
}

static unsigned strength_of(const struct identity *identity)
{
	return enctype_strength(enctype_usable(identity->enctype));
}

static void judge_strength(
	struct scene *scene, const struct side *side, const struct identity *identity)
{
	const char *who = side->is_server ? "server" : "client";
	sasl_ssf_t ssf = side_ssf(side);
	if (!may_have(side, ssf))
		scene_violated(scene, "the %s's SSF %u is not within %u to %u less %u", who, ssf,
			side->agreed.security.min_ssf, side->agreed.security.max_ssf,
			side->agreed.external);
	if (ssf != 0 && ssf != SSF_INTEGRITY && ssf != strength_of(identity))
		scene_violated(
			scene, "the %s's SSF %u is not that of %s's key", who, ssf, identity->name);
	if (ssf == 0)
		return;
	if (number_of(side, SASL_MAXOUTBUF) == 0)
		scene_violated(scene, "the %s has a layer in which nothing fits", who);
	if (side->peer_buffer && number_of(side, SASL_MAXOUTBUF) >= side->peer_buffer)
		scene_violated(scene, "the %s would send packets of more than %u octets", who,
			side->peer_buffer);
}

static void count(unsigned logins[2][3], const struct side *side)
{
	sasl_ssf_t ssf = side_ssf(side);
	logins[side->mechanism][ssf > 1 ? 2 : ssf]++;
}

/* That of KERBEROS_V5 does not know the key yet and reckons with the strongest.
 */
static bool offers(const struct side *server, sasl_ssf_t ssf)
{
	if (server->mechanism == GSS_SPNEGO)
		return true; /* else there were no login */
	bool is_guess = server->mechanism == KERBEROS_V5 && ssf > SSF_INTEGRITY;
	return allows(&server->agreed, ssf) &&
	       (!is_guess || allows(&server->agreed, KERBEROS_MAX_SSF));
}

/* Both ends are honest and nobody between them changed anything: they agree, on
 * the strongest. */
static void judge_agreement(struct scene *scene)
{
	const struct side *client = &scene->client, *server = &scene->server;
	if (client->state != LOGGED_IN || server->state != LOGGED_IN ||
		server->exchange != client->login || !client->agreed.mutual)
		return;
	if (side_ssf(client) != side_ssf(server)) {
		scene_violated(scene, "the client's SSF is %u, the server's %u", side_ssf(client),
			side_ssf(server));
		return;
	}
	if (client->agreed.security.maxbufsize < 1024 || server->agreed.security.maxbufsize < 1024)
		return; /* where less fits than is allowed */
	const sasl_ssf_t strengths[] = {strength_of(client->agreed.identity), SSF_INTEGRITY, 0};
	bool spare = client->mechanism != KERBEROS_V5 && client->agreed.external > 0 &&
		     allows(&client->agreed, 0) && offers(server, 0);
	for (size_t i = spare ? 2 : 0; i < 3; i++) {
		if (!allows(&client->agreed, strengths[i]) || !offers(server, strengths[i]))
			continue;
		if (side_ssf(client) != strengths[i])
			scene_violated(scene, "both allow SSF %u and have %u", strengths[i],
				side_ssf(client));
		return;
	}
}

/* ---- the server ---- */

static bool same_binding(const sasl_channel_binding_t *a, const sasl_channel_binding_t *b)
{
	return a && b && slice_equal(slice_of(a->data, a->len), slice_of(b->data, b->len));
}

static const char *authid_of(const struct claim *claim)
{
	return claim->identity->name;
}

/* GSS-SPNEGO has no place for another identity, also if a client of GSSAPI asks for one. */
static const char *user_of(const struct side *server, const struct claim *claim)
{
	bool is_carried = server->mechanism != GSS_SPNEGO && claim->authzid[0];
	return is_carried ? claim->authzid : authid_of(claim);
}

/* What is wrong with the server's success if the login is this client's; NULL:
 * nothing. */
static const char *fault_of_claim(const struct scene *scene, const struct claim *request,
	const struct claim *last, bool last_is_changed)
{
	const struct side *server = &scene->server;
	if (last->exchange != request->exchange || last->identity != request->identity)
		return "who asked is not who chose the layer";
	if (strcmp(text_of(server, SASL_AUTHUSER), authid_of(request)) != 0)
		return "another one holds the ticket";
	if (strcmp(text_of(server, SASL_USERNAME), user_of(server, last)) != 0)
		return "another authorization identity was asked for";
	if (strcmp(user_of(server, last), "nobody") == 0 || strchr(user_of(server, last), '\001'))
		return "an authorization identity that has to be refused";
	if (scene->is_used[request->exchange])
		return "it is a replay";
	bool is_answer = server->mechanism == KERBEROS_V5 ||
			 (server->mechanism == GSSAPI && request->mutual);
	if (is_answer && last->answers != server->login)
		return "it does not answer what this server said";
	if (server->mechanism == GSSAPI && last_is_changed)
		return "the choice was changed on the way";
	if (server->agreed.binding && server->agreed.binding->critical &&
		!same_binding(request->binding, server->agreed.binding))
		return "bindings are critical and did not match";
	if (server->agreed.binding && request->binding &&
		!same_binding(request->binding, server->agreed.binding))
		return "the bindings differ";
	if (server->agreed.security.security_flags & SASL_SEC_MUTUAL_AUTH && !request->mutual)
		return "mutual authentication is required";
	if (last->layer &&
		layer_ssf(last->layer, strength_of(request->identity)) != side_ssf(server))
		return "another layer was chosen";
	return NULL;
}

/* Which client it is, with what was given last; NULL where it can be none, with
 * the reason. */
static const struct claim *claimant(
	const struct scene *scene, const struct letter *given, const char **fault)
{
	const struct side *server = &scene->server;
	bool is_request = server->mechanism != GSSAPI;
	*fault = "nobody made what it was given";
	if (given->kind != (is_request ? REQUEST : CHOICE))
		return NULL;
	for (unsigned i = 0; i < given->claims; i++)
		for (unsigned k = 0; k < server->requests; k++) {
			if (is_request && k != i)
				continue;
			*fault = fault_of_claim(scene, &server->request[k], &given->claim[i],
				letter_is_changed(given));
			if (!*fault)
				return &server->request[k];
		}
	return NULL;
}

/* One value, this login's. */
static void judge_properties(struct scene *scene, const struct claim *client)
{
	const char *names[] = {"krb5PrincipalName", NULL};
	struct propval value[2] = {0};
	struct propctx *context = sasl_auxprop_getctx(scene->server.conn);
	if (!context || prop_getnames(context, names, value) < 0 || value[0].nvalues != 1 ||
		strcmp(value[0].values[0], client->identity->principal) != 0)
		scene_violated(scene, "krb5PrincipalName has %u values and \"%s\" for %s",
			value[0].nvalues, value[0].nvalues ? value[0].values[0] : "",
			client->identity->principal);
}

static void server_succeeded(struct scene *scene, const struct letter *given)
{
	struct side *server = &scene->server;
	const char *fault;
	const struct claim *client = claimant(scene, given, &fault);
	if (server->refused)
		fault = "it was refused before";
	if (!client || server->refused) {
		scene_violated(scene, "the server says \"%s\" logged in as \"%s\": %s",
			text_of(server, SASL_AUTHUSER), text_of(server, SASL_USERNAME), fault);
		return;
	}
	scene->is_used[client->exchange] = true;
	server->state = LOGGED_IN;
	server->exchange = client->exchange;
	server->peer_buffer = client->is_rogue ? given->claim[0].max_buffer : client->max_buffer;
	if (server->peer_buffer > 0xffffff && server->mechanism == GSSAPI)
		server->peer_buffer = 0xffffff;
	if (server->mechanism == GSS_SPNEGO)
		server->peer_buffer = 0; /* nobody tells */
	judge_strength(scene, server, client->identity);
	judge_properties(scene, client);
	judge_agreement(scene);
	count(scene->tally->server_logins, server);
	server->logins++;
	if (server->failures > 0)
		scene->tally->second_logins++;
}

void judge_server(struct scene *scene, const struct letter *given, int result)
{
	struct side *server = &scene->server;
	if (server->state == FAILED && (result == SASL_OK || result == SASL_CONTINUE)) {
		scene_violated(scene, "the server goes on after it had failed");
	} else if (result == SASL_OK) {
		server_succeeded(scene, server->is_pending ? &server->pending : given);
	} else if (result != SASL_CONTINUE) {
		server->state = FAILED;
		scene->tally->refusals++;
		scene->tally->named += server->refused_by_name;
	} else if (scene->letter.kind == REPLY && server->mechanism != GSSAPI) {
		server->is_pending = true; /* the protocol carries no data with success */
		letter_copy(&server->pending, given);
	}
}

/* ---- the client ---- */

static bool demands_bindings(const struct side *client)
{
	return client->agreed.binding && client->agreed.binding->critical;
}

static bool must_know(const struct side *client)
{
	return client->agreed.mutual || demands_bindings(client) ||
	       (client->agreed.security.security_flags & SASL_SEC_MUTUAL_AUTH) != 0;
}

/* That of KERBEROS_V5 may do without, where it takes no layer after all. */
bool client_is_mutual(const struct side *client)
{
	return must_know(client) ||
	       beyond(client->agreed.security.max_ssf, client->agreed.external) > 0;
}

/* Somebody with the service's key, or the server itself, answered this very
 * exchange. */
static bool is_genuine(const struct side *client, const struct letter *given)
{
	bool is_ours = false;
	for (unsigned i = 0; i < LETTER_CLAIMS; i++)
		is_ours = is_ours || given->exchange[i] == client->login;
	return is_ours && !letter_is_changed(given);
}

/*
 * The client of GSSAPI and GSS-SPNEGO learns of no comparison. Whoever has the service's key and is
 * not the server may say what he likes.
 */
static void judge_bindings(struct scene *scene, const struct letter *given)
{
	const struct side *client = &scene->client, *server = &scene->server;
	if (!demands_bindings(client))
		return;
	scene->tally->critical++;
	if (client->mechanism != KERBEROS_V5)
		scene_violated(scene, "the client demands bindings, and GSS-API tells of none");
	if (given->login && given->login == server->login &&
		!same_binding(client->agreed.binding, server->agreed.binding))
		scene_violated(scene, "the client demands bindings that its server does not have");
}

static void client_succeeded(struct scene *scene, const struct letter *given)
{
	struct side *client = &scene->client;
	bool has_offer = client->mechanism == GSSAPI;
	enum letter_kind due = has_offer ? OFFER : REPLY;
	bool needs_reply =
		has_offer ? client_is_mutual(client) : must_know(client) || side_ssf(client) > 0;
	if (has_offer && (given->kind != OFFER || !is_genuine(client, given)))
		scene_violated(scene, "the client takes an offer that its server did not make");
	if (needs_reply && has_offer && !client->reply_is_genuine)
		scene_violated(scene, "the client takes a reply that its server did not make");
	if (needs_reply && (given->kind != due || !is_genuine(client, given)))
		scene_violated(scene, "the client takes a server that is not genuine");
	if (strcmp(text_of(client, SASL_AUTHUSER), client->agreed.identity->name) != 0)
		scene_violated(scene, "the client believes that it is \"%s\", not \"%s\"",
			text_of(client, SASL_AUTHUSER), client->agreed.identity->name);
	client->state = LOGGED_IN;
	client->exchange = client->login;
	judge_bindings(scene, given);
	if (client->answers > 0 && client->answers == scene->server.login &&
		client->mechanism != GSS_SPNEGO)
		client->peer_buffer = scene->server.agreed.security.maxbufsize;
	judge_strength(scene, client, client->agreed.identity);
	judge_agreement(scene);
	count(scene->tally->client_logins, client);
}

void judge_client(struct scene *scene, const struct letter *given, int result)
{
	struct side *client = &scene->client;
	if (client->state == FAILED && (result == SASL_OK || result == SASL_CONTINUE)) {
		scene_violated(scene, "the client goes on after it had failed");
	} else if (result == SASL_OK) {
		client_succeeded(scene, given);
	} else if (result != SASL_CONTINUE) {
		client->state = FAILED;
	} else if (client->mechanism == GSSAPI && given->kind == REPLY) {
		client->reply_is_genuine = is_genuine(client, given);
	}
}

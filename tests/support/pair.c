/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/realm.h"
#include "tests/support/must.h"

static int get_path(void *context, const char **path)
{
	(void)context;
	*path = getenv("KERBEROS5_MODULE_DIR");
	return *path ? SASL_OK : SASL_FAIL;
}

static int get_no_path(void *context, const char **path)
{
	(void)context;
	*path = "/nonexistent";
	return SASL_OK;
}

#define CALLBACK(function) ((int (*)(void))(void (*)(void))(function))

static const char *offered;

void pair_library_offer(const char *mechanisms)
{
	offered = mechanisms;
}

static int get_offered(
	void *context, const char *plugin, const char *name, const char **value, unsigned *len)
{
	(void)context, (void)plugin;
	if (!offered || strcmp(name, "kerberos5_mechanisms") != 0)
		return SASL_FAIL;
	*value = offered;
	if (len)
		*len = (unsigned)strlen(offered);
	return SASL_OK;
}

void pair_library_start(void)
{
	static const sasl_callback_t callbacks[] = {
		{SASL_CB_GETOPT, CALLBACK(get_offered), NULL},
		{SASL_CB_GETPATH, CALLBACK(get_path), NULL},
		{SASL_CB_GETCONFPATH, CALLBACK(get_no_path), NULL},
		{SASL_CB_LIST_END, NULL, NULL},
	};
	must_sasl(sasl_client_init(callbacks), "sasl_client_init");
	must_sasl(sasl_server_init(callbacks, "pair"), "sasl_server_init");
}

void pair_library_stop(void)
{
	sasl_client_done();
	sasl_server_done();
}

static int get_option(
	void *context, const char *plugin, const char *name, const char **value, unsigned *len)
{
	(void)plugin;
	const struct peer *peer = context;
	for (int i = 0; i < PAIR_OPTIONS && peer->setup->option[i][0]; i++)
		if (strcmp(name, peer->setup->option[i][0]) == 0) {
			*value = peer->setup->option[i][1];
			if (len)
				*len = (unsigned)strlen(*value);
			return SASL_OK;
		}
	return SASL_FAIL;
}

static int keep_line(void *context, int level, const char *line)
{
	struct peer *peer = context;
	if (strncmp(line, peer->mechanism, strlen(peer->mechanism)) != 0)
		return SASL_OK; /* libsasl2's own */
	if (!peer->setup->hears_of_missing_types &&
		strstr(line, ": OpenSSL does not offer the algo"))
		return SASL_OK; /* of a machine in FIPS mode, not of the login */
	char head[16];
	snprintf(head, sizeof head, "%d ", level);
	if (buffer_append(&peer->log, slice_string(head)) ||
		buffer_append(&peer->log, slice_string(line)) ||
		buffer_append(&peer->log, SLICE_LITERAL("\n\0")))
		return SASL_NOMEM;
	peer->log.len--;
	return SASL_OK;
}

/* As autofs's: it takes the length of whatever name there is, if it has a place for one. */
static int get_user(void *context, int id, const char **user, unsigned *len)
{
	const struct peer *peer = context;
	*user = id == SASL_CB_AUTHNAME ? peer->setup->authname : peer->setup->user;
	if (len)
		*len = (unsigned)strlen(*user);
	return SASL_OK;
}

/* The application's, for as long as the connection. */
static int get_secret(sasl_conn_t *conn, void *context, int id, sasl_secret_t **secret)
{
	static struct {
		sasl_secret_t head;
		char text[100];
	} given;
	struct peer *peer = context;
	(void)conn, (void)id;
	peer->secrets_asked++;
	given.head.len = strlen(peer->setup->password);
	memcpy(given.head.data, peer->setup->password, given.head.len + 1);
	*secret = &given.head;
	return SASL_OK;
}

/* Every authorization identity is allowed, but "nobody". */
static int allow_proxy(sasl_conn_t *conn, void *context, const char *user, unsigned user_len,
	const char *authid, unsigned authid_len, const char *realm, unsigned realm_len,
	struct propctx *properties)
{
	(void)context, (void)authid, (void)authid_len, (void)realm, (void)realm_len;
	(void)properties;
	if (!slice_equal(slice_of(user, user_len), SLICE_LITERAL("nobody")))
		return SASL_OK;
	sasl_seterror(conn, SASL_NOLOG, "nobody may log in as nobody");
	return SASL_NOAUTHZ;
}

static void set_callbacks(struct peer *peer, bool is_server)
{
	sasl_callback_t *next = peer->callbacks;
	*next++ = (sasl_callback_t){SASL_CB_GETOPT, CALLBACK(get_option), peer};
	*next++ = (sasl_callback_t){SASL_CB_LOG, CALLBACK(keep_line), peer};
	if (is_server)
		*next++ = (sasl_callback_t){SASL_CB_PROXY_POLICY, CALLBACK(allow_proxy), NULL};
	else if (peer->setup->prompt)
		*next++ = (sasl_callback_t){SASL_CB_USER, NULL, NULL};
	else if (peer->setup->user || peer->setup->nameless)
		*next++ = (sasl_callback_t){SASL_CB_USER, CALLBACK(get_user), peer};
	if (peer->setup->prompt_login) {
		*next++ = (sasl_callback_t){SASL_CB_AUTHNAME, NULL, NULL};
		*next++ = (sasl_callback_t){SASL_CB_PASS, NULL, NULL};
	} else if (peer->setup->password) {
		*next++ = (sasl_callback_t){SASL_CB_PASS, CALLBACK(get_secret), peer};
	}
	if ((peer->setup->authname || peer->setup->nameless) && !peer->setup->prompt_login)
		*next++ = (sasl_callback_t){SASL_CB_AUTHNAME, CALLBACK(get_user), peer};
	*next = (sasl_callback_t){SASL_CB_LIST_END, NULL, NULL};
}

static void set_security(struct peer *peer)
{
	must_sasl(
		sasl_setprop(peer->conn, SASL_SEC_PROPS, &peer->setup->security), "SASL_SEC_PROPS");
	must_sasl(sasl_setprop(peer->conn, SASL_SSF_EXTERNAL, &peer->setup->external_ssf),
		"SASL_SSF_EXTERNAL");
	must_sasl(sasl_setprop(peer->conn, SASL_CHANNEL_BINDING, peer->setup->binding),
		"SASL_CHANNEL_BINDING");
}

static void take_setup(struct pair *pair, const struct pair_setup *setup)
{
	pair->setup = setup;
	pair->client.setup = &setup->client;
	pair->server.setup = &setup->server;
	pair->client.mechanism = setup->mechanism ? setup->mechanism : "KERBEROS_V5";
	pair->server.mechanism = pair->client.mechanism;
}

static const char *host_of(const struct pair_setup *setup)
{
	return setup->host ? setup->host : REALM_HOST;
}

static const char *service_of(const struct pair_setup *setup)
{
	return setup->service ? setup->service : REALM_SERVICE;
}

static unsigned flags_of(const struct pair_setup *setup)
{
	return setup->flags | (setup->no_success_data ? 0 : SASL_SUCCESS_DATA);
}

static void open_client(struct pair *pair)
{
	set_callbacks(&pair->client, false);
	must_sasl(sasl_client_new(service_of(pair->setup), host_of(pair->setup), NULL, NULL,
			  pair->client.callbacks, flags_of(pair->setup), &pair->client.conn),
		"sasl_client_new");
	set_security(&pair->client);
}

void pair_open(struct pair *pair, const struct pair_setup *setup)
{
	*pair = (struct pair){0};
	take_setup(pair, setup);
	open_client(pair);
	set_callbacks(&pair->server, true);
	must_sasl(sasl_server_new(service_of(setup), host_of(setup), NULL, NULL,
			  setup->server.address, pair->server.callbacks, flags_of(setup),
			  &pair->server.conn),
		"sasl_server_new");
	set_security(&pair->server);
	if (setup->server.properties)
		must_sasl(sasl_auxprop_request(
				  pair->server.conn, (const char **)setup->server.properties),
			"sasl_auxprop_request");
}

void pair_again(struct pair *pair, const struct pair_setup *setup)
{
	sasl_dispose(&pair->client.conn);
	take_setup(pair, setup);
	open_client(pair);
	set_security(&pair->server);
}

void pair_close(struct pair *pair)
{
	sasl_dispose(&pair->client.conn);
	sasl_dispose(&pair->server.conn);
	buffer_free(&pair->client.log);
	buffer_free(&pair->server.log);
	buffer_free(&pair->token);
}

/* Puts what a side has to say on its way. After a failure libsasl2 may have freed it. */
static bool send_token(struct pair *pair, bool to_client, const char *token, unsigned len)
{
	const struct peer *from = to_client ? &pair->server : &pair->client;
	bool good = from->result == SASL_OK || from->result == SASL_CONTINUE;
	buffer_clear(&pair->token);
	pair->has_token = good && token;
	pair->to_client = to_client;
	if (pair->has_token && buffer_append(&pair->token, slice_of(token, len)))
		must_sasl(SASL_NOMEM, "a token");
	return good;
}

static const char *answer_of(const struct peer_setup *setup, unsigned long id)
{
	switch (id) {
	case SASL_CB_AUTHNAME:
		return setup->authname;
	case SASL_CB_PASS:
		return setup->password;
	default:
		return setup->user;
	}
}

/* Answers every prompt as the setup says. */
static bool answer(struct peer *client, int result, sasl_interact_t *prompts)
{
	if (result != SASL_INTERACT || !prompts)
		return false;
	client->rounds++;
	for (sasl_interact_t *p = prompts; p->id != SASL_CB_LIST_END; p++) {
		client->questions++;
		p->result = answer_of(client->setup, p->id);
		p->len = p->result ? (unsigned)strlen(p->result) : 0;
		if (p->id == SASL_CB_PASS && client->setup->password_len > 0)
			p->len = client->setup->password_len;
	}
	if (client->between)
		client->between();
	return true;
}

bool pair_start(struct pair *pair)
{
	struct peer *client = &pair->client, *server = &pair->server;
	const char *out = NULL, *mechanism = NULL;
	unsigned len = 0;
	sasl_interact_t *prompts = NULL;
	do
		client->result = sasl_client_start(
			client->conn, client->mechanism, &prompts, &out, &len, &mechanism);
	while (answer(client, client->result, prompts));
	if (!send_token(pair, false, out, len))
		return false;
	client->mechanism = server->mechanism = mechanism;
	if (!pair->setup->no_initial_response) {
		server->result = sasl_server_start(server->conn, mechanism, out, len, &out, &len);
		return send_token(pair, true, out, len);
	}
	server->result = sasl_server_start(server->conn, mechanism, NULL, 0, &out, &len);
	if (pair->has_token) /* which waited for the server's empty challenge */
		return server->result == SASL_CONTINUE && len == 0;
	return send_token(pair, true, out, len);
}

static int client_step(struct pair *pair, const char **out, unsigned *len)
{
	sasl_interact_t *prompts = NULL;
	int result;
	/* libsasl2 wants a NUL behind the token. */
	if (buffer_append(&pair->token, SLICE_LITERAL("\0")))
		must_sasl(SASL_NOMEM, "a token");
	pair->token.len--;
	do
		result = sasl_client_step(pair->client.conn, (const char *)pair->token.data,
			(unsigned)pair->token.len, &prompts, out, len);
	while (answer(&pair->client, result, prompts));
	return result;
}

bool pair_step(struct pair *pair)
{
	const char *out = NULL;
	unsigned len = 0;
	if (pair->to_client)
		pair->client.result = client_step(pair, &out, &len);
	else
		pair->server.result = sasl_server_step(pair->server.conn,
			pair->has_token ? (const char *)pair->token.data : NULL,
			(unsigned)pair->token.len, &out, &len);
	return send_token(pair, !pair->to_client, out, len);
}

bool pair_done(const struct pair *pair)
{
	return pair->client.result == SASL_OK && pair->server.result == SASL_OK;
}

bool pair_run(struct pair *pair)
{
	if (!pair_start(pair))
		return false;
	for (int i = 0; i < 20 && !pair_done(pair); i++)
		if (!pair_step(pair))
			return false;
	return pair_done(pair);
}

const char *peer_detail(const struct peer *peer)
{
	return sasl_errdetail(peer->conn);
}

const char *peer_log(const struct peer *peer)
{
	return peer->log.data ? (const char *)peer->log.data : "";
}

const char *peer_string(const struct peer *peer, int property)
{
	const void *value = NULL;
	return sasl_getprop(peer->conn, property, &value) == SASL_OK ? value : NULL;
}

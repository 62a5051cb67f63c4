/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/attack/scene.h"
#include "tests/support/must.h"

#include <stdlib.h>
#include <string.h>

/* ---- what the application tells libsasl2 ---- */

static int get_option(
	void *context, const char *plugin, const char *name, const char **value, unsigned *len)
{
	(void)plugin;
	const struct side *side = context;
	*value = world_option(name, side->is_server || side->agreed.mutual);
	if (*value && len)
		*len = (unsigned)strlen(*value);
	return *value ? SASL_OK : SASL_FAIL;
}

static int hear(void *context, int level, const char *line)
{
	struct side *side = context;
	if (level <= SASL_LOG_FAIL && strstr(line, ": login refused")) {
		side->refused = true;
		side->refused_by_name = strstr(line, ": login refused (") != NULL;
	}
	return SASL_OK;
}

static int get_user(void *context, int id, const char **user, unsigned *len)
{
	const struct side *side = context;
	(void)id;
	*user = side->agreed.authzid;
	if (len)
		*len = (unsigned)strlen(*user);
	return SASL_OK;
}

/* Every authorization identity is allowed, but "nobody". */
static int allow_proxy(sasl_conn_t *conn, void *context, const char *user, unsigned user_len,
	const char *authid, unsigned authid_len, const char *realm, unsigned realm_len,
	struct propctx *properties)
{
	(void)conn, (void)context, (void)authid, (void)authid_len, (void)realm, (void)realm_len;
	(void)properties;
	return slice_equal(slice_of(user, user_len), SLICE_LITERAL("nobody")) ? SASL_NOAUTHZ
									      : SASL_OK;
}

#define CALLBACK(function) ((int (*)(void))(void (*)(void))(function))

void side_open(struct scene *scene, struct side *side, bool success_data)
{
	static const char *properties[] = {"krb5PrincipalName", NULL};
	const bool is_server = side == &scene->server;
	const struct terms terms = side->terms;
	unsigned flags = success_data ? SASL_SUCCESS_DATA : 0;
	side_close(side);
	*side = (struct side){.is_server = is_server,
		.success_data = success_data,
		.terms = terms,
		.agreed = terms};
	sasl_callback_t *next = side->callbacks;
	*next++ = (sasl_callback_t){SASL_CB_GETOPT, CALLBACK(get_option), side};
	*next++ = (sasl_callback_t){SASL_CB_LOG, CALLBACK(hear), side};
	*next++ = is_server ? (sasl_callback_t){SASL_CB_PROXY_POLICY, CALLBACK(allow_proxy), side}
			    : (sasl_callback_t){SASL_CB_USER, CALLBACK(get_user), side};
	*next = (sasl_callback_t){SASL_CB_LIST_END, NULL, NULL};
	if (!is_server) {
		must_sasl(sasl_client_new(REALM_SERVICE, REALM_HOST, NULL, NULL, side->callbacks,
				  flags, &side->conn),
			"sasl_client_new");
		return;
	}
	must_sasl(sasl_server_new(REALM_SERVICE, REALM_HOST, NULL, NULL, NULL, side->callbacks,
			  flags, &side->conn),
		"sasl_server_new");
	must_sasl(sasl_auxprop_request(side->conn, properties), "sasl_auxprop_request");
}

void side_close(struct side *side)
{
	letter_clear(&side->pending);
	if (side->conn)
		sasl_dispose(&side->conn);
}

static void set_terms(struct side *side)
{
	side->agreed = side->terms;
	if (!side->has_begun)
		side->max_buffer = side->terms.security.maxbufsize;
	side->has_begun = true;
	side->agreed.security.maxbufsize = side->max_buffer;
	if (side->max_buffer == 0)
		side->agreed.security.min_ssf = 0; /* else libsasl2 refuses both together */
	must_sasl(
		sasl_setprop(side->conn, SASL_SEC_PROPS, &side->agreed.security), "SASL_SEC_PROPS");
	must_sasl(sasl_setprop(side->conn, SASL_SSF_EXTERNAL, &side->terms.external),
		"SASL_SSF_EXTERNAL");
	must_sasl(sasl_setprop(side->conn, SASL_CHANNEL_BINDING, side->terms.binding),
		"SASL_CHANNEL_BINDING");
}

void side_list(const struct side *side)
{
	const char *list;
	if (side->is_server)
		(void)sasl_listmech(side->conn, NULL, "", " ", "", &list, NULL, NULL);
}

static void begin(struct side *side, enum mechanism_tried mechanism, unsigned login)
{
	if (side->state == BUSY || side->state == FAILED)
		side->failures++;
	set_terms(side);
	side->state = BUSY;
	side->mechanism = mechanism;
	side->login = login;
	side->exchange = 0;
	side->peer_buffer = 0;
	side->taken = 0;
	side->requests = 0;
	side->answers = 0;
	side->is_pending = false;
	side->refused = side->refused_by_name = side->layer_is_dead = side->got_bad_packet = false;
	side->reply_is_genuine = false;
}

static const char *const names[] = {"KERBEROS_V5", "GSSAPI", "GSS-SPNEGO"};

/* ---- the client ---- */

/* What the client says next, and what it means by it. */
static void write_clients(
	struct scene *scene, const struct letter *given, int result, const char *out, unsigned len)
{
	struct side *client = &scene->client;
	bool good = result == SASL_OK || result == SASL_CONTINUE;
	bool speaks = good && out && len > 0;
	bool is_choice = client->mechanism == GSSAPI && given->kind == OFFER;
	letter_write(&scene->letter,
		!speaks     ? OTHER
		: is_choice ? CHOICE
			    : REQUEST,
		good ? out : NULL, len);
	if (!speaks)
		return;
	scene->letter.claims = 1;
	scene->letter.claim[0] = (struct claim){
		.identity = client->agreed.identity,
		.exchange = client->login,
		.answers = client->answers,
		.binding = client->agreed.binding,
		.authzid = client->agreed.authzid,
		.mutual = client_is_mutual(client),
		.max_buffer = client->agreed.security.maxbufsize,
	};
}

/* The server's login, as long as nobody changed what it says. */
static void follow(struct side *client, const struct letter *given)
{
	if (given->kind == CHALLENGE || given->kind == REPLY || given->kind == OFFER)
		client->answers = letter_is_changed(given) ? 0 : given->login;
}

/* libsasl2's client has no mechanism where it demands bindings and no name ends in -PLUS. */
static const char *const lists[] = {
	"KERBEROS_V5 OTHER-PLUS", "GSSAPI OTHER-PLUS", "GSS-SPNEGO OTHER-PLUS"};

void client_start(struct scene *scene, enum mechanism_tried mechanism)
{
	struct side *client = &scene->client;
	const char *out = NULL, *chosen;
	unsigned len = 0;
	if (scene->exchanges == MAX_EXCHANGES)
		return;
	if (client->state == LOGGED_IN || (client->state != IDLE && !world.restarts_clients))
		side_open(scene, client, client->success_data);
	begin(client, mechanism, ++scene->exchanges);
	setenv("KRB5CCNAME", client->agreed.identity->cache, 1);
	int result = sasl_client_start(client->conn, lists[mechanism], NULL, &out, &len, &chosen);
	client->can_step = client->can_step || result == SASL_CONTINUE;
	const struct letter nothing = {0};
	write_clients(scene, &nothing, result, out, len);
	judge_client(scene, &nothing, result);
}

void client_step(struct scene *scene)
{
	struct side *client = &scene->client;
	AUTO_BUFFER text = {0};
	const char *out = NULL;
	unsigned len = 0;
	if (!client->can_step || client->state == LOGGED_IN)
		return;
	struct letter given = {0};
	letter_copy(&given, &scene->letter);
	mint_octets(&text, buffer_slice(&given.octets));
	mint_u8(&text, 0); /* libsasl2 wants a NUL behind it */
	follow(client, &given);
	int result = sasl_client_step(client->conn, given.is_there ? (const char *)text.data : NULL,
		(unsigned)given.octets.len, NULL, &out, &len);
	write_clients(scene, &given, result, out, len);
	judge_client(scene, &given, result);
	letter_clear(&given);
}

/* ---- the server ---- */

/* AP-REPs begin with this octet, by themselves or framed. */
static enum letter_kind kind_of_servers(const struct side *server, struct slice out)
{
	if (server->refused || out.len == 0)
		return OTHER;
	if (server->mechanism == GSS_SPNEGO)
		return REPLY;
	if (server->mechanism == KERBEROS_V5)
		return out.data[0] == 0x6f ? REPLY : CHALLENGE;
	return out.data[0] == 0x60 ? REPLY : OFFER;
}

static void write_servers(struct scene *scene, int result, const char *out, unsigned len)
{
	struct side *server = &scene->server;
	struct letter *letter = &scene->letter;
	bool speaks = (result == SASL_OK || result == SASL_CONTINUE) && out;
	letter_write(letter, OTHER, speaks ? out : NULL, len);
	letter->kind = kind_of_servers(server, buffer_slice(&letter->octets));
	letter->login = server->login;
	if (server->mechanism == GSS_SPNEGO && letter->kind == REPLY)
		letter_has_inner(letter);
	for (unsigned i = 0; i < server->requests; i++)
		letter->exchange[i] = server->request[i].exchange;
}

/* Whose request the server has in its hands: of several that it passes over,
 * the last. */
static void take_request(struct side *server, const struct letter *given)
{
	bool has_one = server->mechanism == GSSAPI && server->requests > 0;
	if (given->kind != REQUEST || given->octets.len == 0 || has_one)
		return;
	server->requests = given->claims;
	memcpy(server->request, given->claim, sizeof server->request);
}

static void ask_server(
	struct scene *scene, bool is_start, enum mechanism_tried mechanism, bool has_token)
{
	struct side *server = &scene->server;
	const char *out = NULL;
	unsigned len = 0;
	struct letter given = {0};
	letter_copy(&given, &scene->letter);
	const char *octets = !has_token || !given.is_there ? NULL
			     : given.octets.data           ? (const char *)given.octets.data
							   : "";
	unsigned size = octets ? (unsigned)given.octets.len : 0;
	if (octets)
		take_request(server, &given);
	int result = is_start ? sasl_server_start(
					server->conn, names[mechanism], octets, size, &out, &len)
			      : sasl_server_step(server->conn, octets, size, &out, &len);
	server->can_step = server->can_step || result == SASL_CONTINUE;
	write_servers(scene, result, out, len);
	judge_server(scene, &given, result);
	letter_clear(&given);
}

void server_start(struct scene *scene, enum mechanism_tried mechanism, bool initial_response)
{
	struct side *server = &scene->server;
	begin(server, mechanism, ++scene->server_logins);
	ask_server(scene, true, mechanism, initial_response);
}

void server_step(struct scene *scene)
{
	if (scene->server.can_step && scene->server.state != LOGGED_IN)
		ask_server(scene, false, scene->server.mechanism, true);
}

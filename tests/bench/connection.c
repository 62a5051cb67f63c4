/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/realm.h"

static void must(int result, sasl_conn_t *conn, const char *what)
{
	if (result == SASL_OK || result == SASL_CONTINUE)
		return;
	fprintf(stderr, "%s: %s\n", what,
		conn ? sasl_errdetail(conn) : sasl_errstring(result, NULL, NULL));
	exit(1);
}

/* libkrb5 asks the name server about the host otherwise, and waits. */
#define KRB5_CONF                                                                                  \
	"[libdefaults]\n\tdefault_realm = " REALM_NAME "\n\tdns_canonicalize_hostname = false\n"   \
	"\trdns = false\n\tpermitted_enctypes = %s\n"

void bench_issue(const struct enctype *type)
{
	char conf[sizeof KRB5_CONF + 100];
	snprintf(conf, sizeof conf, KRB5_CONF, enctype_name(type));
	realm_configure(conf);
	realm_issue(&(struct realm_ticket){
		.ticket_enctype = enctype_number(type), .session_enctype = enctype_number(type)});
}

static void set_path(enum modules modules)
{
	const char *ours = getenv("KERBEROS5_MODULE_DIR"), *theirs = getenv("PEER_MODULE_DIR");
	char path[8192];
	if (!ours) {
		fputs("KERBEROS5_MODULE_DIR has to name the folder of our module\n", stderr);
		exit(2);
	}
	snprintf(path, sizeof path, "%s%s%s", modules != THEIRS ? ours : "",
		modules == BOTH ? ":" : "", modules != OURS && theirs ? theirs : "");
	setenv("SASL_PATH", path, 1);
}

void bench_start(enum modules modules)
{
	set_path(modules);
	must(sasl_client_init(NULL), NULL, "sasl_client_init");
	must(sasl_server_init(NULL, "bench"), NULL, "sasl_server_init");
}

void bench_stop(void)
{
	sasl_client_done();
	sasl_server_done();
}

bool bench_has(const char *mechanism)
{
	const char **list = sasl_global_listmech();
	for (; list && *list; list++)
		if (strcmp(*list, mechanism) == 0)
			return true;
	return false;
}

static const sasl_security_properties_t properties_of[] = {
	[WITHOUT_LAYER] = {.max_ssf = 0},
	[INTEGRITY] = {.min_ssf = 1, .max_ssf = 1, .maxbufsize = CONNECTION_MAX_PACKET},
	[PRIVACY] = {.min_ssf = 2, .max_ssf = 256, .maxbufsize = CONNECTION_MAX_PACKET},
};

static void create(struct connection *c, enum layer_kind layer)
{
	must(sasl_client_new(
		     REALM_SERVICE, REALM_HOST, NULL, NULL, NULL, SASL_SUCCESS_DATA, &c->client),
		NULL, "sasl_client_new");
	must(sasl_server_new(REALM_SERVICE, REALM_HOST, NULL, NULL, NULL, NULL, SASL_SUCCESS_DATA,
		     &c->server),
		NULL, "sasl_server_new");
	must(sasl_setprop(c->client, SASL_SEC_PROPS, &properties_of[layer]), c->client, "client");
	must(sasl_setprop(c->server, SASL_SEC_PROPS, &properties_of[layer]), c->server, "server");
}

void connection_open(struct connection *c, const char *mechanism, enum layer_kind layer)
{
	const char *out = NULL, *chosen;
	unsigned len = 0;
	create(c, layer);
	int client = sasl_client_start(c->client, mechanism, NULL, &out, &len, &chosen);
	must(client, c->client, "client");
	int server = sasl_server_start(c->server, mechanism, out, len, &out, &len);
	must(server, c->server, "server");
	while (client == SASL_CONTINUE || server == SASL_CONTINUE) {
		if (client == SASL_CONTINUE) {
			client = sasl_client_step(c->client, out, len, NULL, &out, &len);
			must(client, c->client, "client");
		}
		if (server == SASL_CONTINUE) {
			server = sasl_server_step(c->server, out, len, &out, &len);
			must(server, c->server, "server");
		}
	}
}

void connection_close(struct connection *c)
{
	sasl_dispose(&c->client);
	sasl_dispose(&c->server);
}

void connection_send(sasl_conn_t *from, const void *data, unsigned len, const char **packet,
	unsigned *packet_len)
{
	must(sasl_encode(from, data, len, packet, packet_len), from, "sasl_encode");
}

void connection_receive(
	sasl_conn_t *to, const char *packet, unsigned packet_len, unsigned expected_len)
{
	const char *data;
	unsigned len;
	must(sasl_decode(to, packet, packet_len, &data, &len), to, "sasl_decode");
	if (len == expected_len)
		return;
	fprintf(stderr, "%u octets were decoded where %u had been sent\n", len, expected_len);
	exit(1);
}

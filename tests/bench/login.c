#include "tests/bench/login.h"

#include <sasl/sasl.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/timing.h"
#include "tests/realm.h"

static void must(int result, sasl_conn_t *conn, const char *what)
{
	if (result == SASL_OK || result == SASL_CONTINUE)
		return;
	fprintf(stderr, "%s: %s\n", what,
		conn ? sasl_errdetail(conn) : sasl_errstring(result, NULL, NULL));
	exit(1);
}

void login(const char *mechanism, struct cost *cost)
{
	sasl_conn_t *client, *server;
	const char *out = NULL, *chosen;
	unsigned len = 0;

	double t0 = cpu_now();
	int c = sasl_client_new(
		REALM_SERVICE, REALM_HOST, NULL, NULL, NULL, SASL_SUCCESS_DATA, &client);
	must(c, NULL, "sasl_client_new");
	c = sasl_client_start(client, mechanism, NULL, &out, &len, &chosen);
	must(c, client, "client");
	double t1 = cpu_now();
	cost->client += t1 - t0;
	int s = sasl_server_new(
		REALM_SERVICE, REALM_HOST, NULL, NULL, NULL, NULL, SASL_SUCCESS_DATA, &server);
	must(s, NULL, "sasl_server_new");
	s = sasl_server_start(server, mechanism, out, len, &out, &len);
	must(s, server, "server");
	double t2 = cpu_now();
	cost->server += t2 - t1;

	while (c == SASL_CONTINUE || s == SASL_CONTINUE) {
		t0 = cpu_now();
		if (c == SASL_CONTINUE)
			must(c = sasl_client_step(client, out, len, NULL, &out, &len), client,
				"client");
		t1 = cpu_now();
		if (s == SASL_CONTINUE)
			must(s = sasl_server_step(server, out, len, &out, &len), server, "server");
		t2 = cpu_now();
		cost->client += t1 - t0;
		cost->server += t2 - t1;
	}

	t0 = cpu_now();
	sasl_dispose(&client);
	t1 = cpu_now();
	sasl_dispose(&server);
	t2 = cpu_now();
	cost->client += t1 - t0;
	cost->server += t2 - t1;
}

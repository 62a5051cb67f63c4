/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/login.h"

#include <sasl/sasl.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/timing.h"
#include "tests/support/realm.h"

static void must(int result, sasl_conn_t *conn, const char *what)
{
	if (result == SASL_OK || result == SASL_CONTINUE)
		return;
	fprintf(stderr, "%s: %s\n", what,
		conn ? sasl_errdetail(conn) : sasl_errstring(result, NULL, NULL));
	exit(1);
}

struct login {
	const struct login_terms *terms;
	sasl_conn_t *client, *server;
	int client_result, server_result;
	const char *token;
	unsigned token_len;
};

/*
 * What a side does is done in functions that begin with its name:
 * instructions.sh tells callgrind to count within them. They are not inlined.
 */
#define APART __attribute__((noinline))

/* What programs set that leave the choice of a layer to the mechanism. */
static const sasl_security_properties_t any_layer = {.max_ssf = 256, .maxbufsize = 65536};

static void allow(sasl_conn_t *conn, bool layers)
{
	if (layers)
		must(sasl_setprop(conn, SASL_SEC_PROPS, &any_layer), conn, "sasl_setprop");
}

static APART void login_client_turn(struct login *l)
{
	const char *chosen;
	if (!l->client) {
		must(sasl_client_new(REALM_SERVICE, REALM_HOST, NULL, NULL, NULL, SASL_SUCCESS_DATA,
			     &l->client),
			NULL, "sasl_client_new");
		allow(l->client, l->terms->layers);
		l->client_result = sasl_client_start(
			l->client, l->terms->mechanism, NULL, &l->token, &l->token_len, &chosen);
	} else if (l->client_result == SASL_CONTINUE) {
		l->client_result = sasl_client_step(
			l->client, l->token, l->token_len, NULL, &l->token, &l->token_len);
	}
	must(l->client_result, l->client, "client");
}

static APART void login_server_turn(struct login *l)
{
	if (!l->server) {
		must(sasl_server_new(REALM_SERVICE, REALM_HOST, NULL, NULL, NULL, NULL,
			     SASL_SUCCESS_DATA, &l->server),
			NULL, "sasl_server_new");
		allow(l->server, l->terms->layers);
		l->server_result = sasl_server_start(l->server, l->terms->mechanism, l->token,
			l->token_len, &l->token, &l->token_len);
	} else if (l->server_result == SASL_CONTINUE) {
		l->server_result = sasl_server_step(
			l->server, l->token, l->token_len, &l->token, &l->token_len);
	}
	must(l->server_result, l->server, "server");
}

static APART void login_client_end(struct login *l)
{
	sasl_dispose(&l->client);
}

static APART void login_server_end(struct login *l)
{
	sasl_dispose(&l->server);
}

/* Adds to `spent` what was spent since `last`. */
static void lap(double *last, double *spent)
{
	double now = cpu_now();
	*spent += now - *last;
	*last = now;
}

void login(const struct login_terms *terms, struct cost *cost)
{
	struct login l = {.terms = terms};
	double last = cpu_now();
	do {
		login_client_turn(&l);
		lap(&last, &cost->client);
		login_server_turn(&l);
		lap(&last, &cost->server);
	} while (l.client_result == SASL_CONTINUE || l.server_result == SASL_CONTINUE);
	login_client_end(&l);
	lap(&last, &cost->client);
	login_server_end(&l);
	lap(&last, &cost->server);
}

/*
 * handshake - what a login costs each side.
 *
 *   handshake [-n LOGINS] [-e ENCTYPE] [MECHANISM ...]
 *
 * Whole handshakes through libsasl2's public API in one process and one
 * thread; CPU time of the calls of each side, the median of eleven rounds.
 * Mechanisms: KERBEROS_V5, and GSSAPI and ANONYMOUS where libsasl2 finds
 * them, each with the same minted ticket. Modules are looked for in
 * SASL_PATH.
 */
#include <sasl/sasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crypto/enctype.h"
#include "realm.h"

enum { ROUNDS = 11 };

struct cost {
	double client, server; /* microseconds a login */
};

static double cpu_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(int result, sasl_conn_t *conn, const char *what)
{
	if (result == SASL_OK || result == SASL_CONTINUE)
		return;
	fprintf(stderr, "%s: %s\n", what,
		conn ? sasl_errdetail(conn) : sasl_errstring(result, NULL, NULL));
	exit(1);
}

/* One login; adds what each side spent. */
static void log_in(const char *mechanism, struct cost *cost)
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

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static struct cost measure(const char *mechanism, int logins)
{
	double client[ROUNDS], server[ROUNDS];
	struct cost warm = {0};
	for (int i = 0; i < logins / 10 + 1; i++)
		log_in(mechanism, &warm);
	for (int r = 0; r < ROUNDS; r++) {
		struct cost cost = {0};
		for (int i = 0; i < logins; i++)
			log_in(mechanism, &cost);
		client[r] = cost.client / logins;
		server[r] = cost.server / logins;
	}
	qsort(client, ROUNDS, sizeof *client, compare);
	qsort(server, ROUNDS, sizeof *server, compare);
	return (struct cost){client[ROUNDS / 2], server[ROUNDS / 2]};
}

static bool is_available(const char *mechanism)
{
	const char **list = sasl_global_listmech();
	for (; list && *list; list++)
		if (strcmp(*list, mechanism) == 0)
			return true;
	return false;
}

static void print_row(
	const char *mechanism, const char *enctype, struct cost cost, struct cost base)
{
	printf("%-12s %-26s %9.1f %9.1f", mechanism, enctype, cost.server, cost.client);
	if (base.server > 0)
		printf("   %5.2fx %5.2fx", base.server / cost.server, base.client / cost.client);
	putchar('\n');
}

static void measure_enctype(int32_t number, char *const *mechanisms, int count, int logins)
{
	realm_issue(&(struct realm_ticket){.ticket_enctype = number, .session_enctype = number});
	struct cost gssapi = {0};
	for (int i = 0; i < count; i++)
		if (strcmp(mechanisms[i], "GSSAPI") == 0 && is_available("GSSAPI")) {
			gssapi = measure("GSSAPI", logins);
			print_row("GSSAPI", ENCTYPE_TEXT(number), gssapi, (struct cost){0});
		}
	for (int i = 0; i < count; i++)
		if (strcmp(mechanisms[i], "GSSAPI") != 0 && is_available(mechanisms[i]))
			print_row(mechanisms[i], ENCTYPE_TEXT(number),
				measure(mechanisms[i], logins), gssapi);
}

static int usage(void)
{
	fputs("usage: handshake [-n LOGINS] [-e ENCTYPE] [MECHANISM ...]\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static char gssapi[] = "GSSAPI", kerberos_v5[] = "KERBEROS_V5";
	static char *const standard[] = {gssapi, kerberos_v5};
	int logins = 500, option;
	int32_t only = 0;
	while ((option = getopt(argc, argv, "n:e:")) != -1) {
		if (option == 'n' && (logins = atoi(optarg)) > 0)
			continue;
		if (option == 'e' && (only = enctype_number_by_name(slice_string(optarg))) != 0)
			continue;
		return usage();
	}
	char *const *mechanisms = optind < argc ? argv + optind : standard;
	int count = optind < argc ? argc - optind : 2;

	realm_start();
	/* libkrb5 asks the name server about the host otherwise, and waits. */
	realm_configure("[libdefaults]\n\tdefault_realm = " REALM_NAME
			"\n\tdns_canonicalize_hostname = false\n\trdns = false\n");
	must(sasl_client_init(NULL), NULL, "sasl_client_init");
	must(sasl_server_init(NULL, "handshake"), NULL, "sasl_server_init");
	printf("CPU time a login in microseconds, and how many times less than GSSAPI\n");
	printf("%-12s %-26s %9s %9s   %6s %6s\n", "mechanism", "enctype", "server", "client",
		"server", "client");
	const struct enctype *type;
	for (unsigned rank = 0; (type = enctype_by_rank(rank)); rank++)
		if (only == 0 || enctype_number(type) == only)
			measure_enctype(enctype_number(type), mechanisms, count, logins);
	sasl_client_done();
	sasl_server_done();
	crypto_close();
	der_close();
	realm_stop();
	return 0;
}

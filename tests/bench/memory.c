/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory - what a connection that is idle keeps in memory, in octets.
 *
 *   memory [-e ENCTYPE]
 *
 * Five hundred connections of each kind are opened, used and kept; then the
 * clients' ends are closed, and after that the servers'. Cyrus' GSSAPI is
 * measured beside ours, where it is installed, each in a process of its own. What malloc has
 * handed out (mallinfo2(): uordblks, and hblkhd for large blocks) falls by
 * what each side had, and what is printed is that, for one connection, less
 * what libsasl2 itself has for a connection that logged in by ANONYMOUS.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "asn1/der.h"
#include "tests/bench/connection.h"
#include "tests/bench/process.h"
#include "tests/support/realm.h"

enum { CONNECTIONS = 500, LARGE_MESSAGE = 1 << 16 };

/* Octets of one connection. */
struct held {
	double client, server;
};

static char message[LARGE_MESSAGE];

static double in_use(void)
{
	struct mallinfo2 info = mallinfo2();
	return (double)info.uordblks + (double)info.hblkhd;
}

static void exchange(struct connection *c, unsigned size)
{
	const char *packet;
	unsigned len;
	connection_send(c->client, message, size, &packet, &len);
	connection_receive(c->server, packet, len, size);
	connection_send(c->server, message, size, &packet, &len);
	connection_receive(c->client, packet, len, size);
}

/* `size` is that of a message that went each way before, or 0: none did. */
static struct held measure(const char *mechanism, enum layer_kind layer, unsigned size)
{
	static struct connection all[CONNECTIONS];
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		connection_open(&all[i], mechanism, layer);
		if (size > 0)
			exchange(&all[i], size);
	}
	double both = in_use();
	for (unsigned i = 0; i < CONNECTIONS; i++)
		sasl_dispose(&all[i].client);
	double servers = in_use();
	for (unsigned i = 0; i < CONNECTIONS; i++)
		sasl_dispose(&all[i].server);
	return (struct held){(both - servers) / CONNECTIONS, (servers - in_use()) / CONNECTIONS};
}

static void print_row(const char *mechanism, const char *whose, enum layer_kind layer,
	unsigned size, struct held base)
{
	static const char *const names[] = {"none", "integrity", "privacy"};
	(void)measure(mechanism, layer, size); /* what is made once */
	struct held held = measure(mechanism, layer, size);
	printf("%-12s %-8s %-10s %10u %8.0f %8.0f\n", mechanism, whose, names[layer], size,
		held.server - base.server, held.client - base.client);
}

static void print_mechanism(const char *mechanism, const char *whose, struct held base)
{
	static const unsigned sizes[] = {0, 64, LARGE_MESSAGE};
	if (!bench_has(mechanism))
		return;
	print_row(mechanism, whose, WITHOUT_LAYER, 0, base);
	for (enum layer_kind layer = INTEGRITY; layer <= PRIVACY; layer++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
			print_row(mechanism, whose, layer, sizes[i], base);
}

struct order {
	enum modules modules;
	struct held base;
};

/* libsasl2's own share comes from its ANONYMOUS. */
static void serve(const void *order, void *answer)
{
	const struct order *o = order;
	struct held *base = answer;
	*base = o->base;
	bench_start(o->modules);
	if (o->modules == BOTH) {
		(void)measure("ANONYMOUS", WITHOUT_LAYER, 0);
		*base = measure("ANONYMOUS", WITHOUT_LAYER, 0);
	} else if (o->modules == OURS) {
		print_mechanism(KERBEROS_V5, "ours", o->base);
		print_mechanism(GSSAPI, "ours", o->base);
	} else {
		print_mechanism(GSSAPI, "Cyrus", o->base);
	}
	bench_stop();
	fflush(stdout);
}

static struct held measure_apart(enum modules modules, struct held base)
{
	struct process process;
	const struct order order = {modules, base};
	process_start(&process, serve, sizeof order, sizeof base);
	process_ask(&process, &order, &base);
	process_stop(&process);
	return base;
}

int main(int argc, char **argv)
{
	int option;
	int32_t enctype = ENCTYPE_AES256_SHA1;
	while ((option = getopt(argc, argv, "e:")) != -1) {
		if (option == 'e' && (enctype = enctype_number_by_name(slice_string(optarg))) != 0)
			continue;
		fputs("usage: memory [-e ENCTYPE]\n", stderr);
		return 2;
	}
	realm_start();
	bench_issue(enctype_usable(enctype));
	printf("Octets that an idle connection keeps beyond libsasl2's own, %s\n",
		ENCTYPE_TEXT(enctype));
	printf("%-12s %-8s %-10s %10s %8s %8s\n", "mechanism", "whose", "layer", "passed", "server",
		"client");
	struct held base = measure_apart(BOTH, (struct held){0});
	measure_apart(OURS, base);
	measure_apart(THEIRS, base);
	realm_stop();
	crypto_close();
	der_close();
	return 0;
}

/*
 * memory - what a connection that is idle keeps in memory, in octets.
 *
 *   memory [-e ENCTYPE]
 *
 * Five hundred connections of each kind are opened, used and kept; then the
 * clients' ends are closed, and after that the servers'. What malloc has
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
#include "tests/realm.h"

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

static void print_row(const char *mechanism, enum layer_kind layer, unsigned size, struct held base)
{
	static const char *const names[] = {"none", "integrity", "privacy"};
	(void)measure(mechanism, layer, size); /* what is made once */
	struct held held = measure(mechanism, layer, size);
	printf("%-12s %-10s %10u %8.0f %8.0f\n", mechanism, names[layer], size,
		held.server - base.server, held.client - base.client);
}

static void print_mechanism(const char *mechanism, struct held base)
{
	static const unsigned sizes[] = {0, 64, LARGE_MESSAGE};
	print_row(mechanism, WITHOUT_LAYER, 0, base);
	for (enum layer_kind layer = INTEGRITY; layer <= PRIVACY; layer++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
			print_row(mechanism, layer, sizes[i], base);
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
	bench_start(enctype_by_number(enctype, NULL));
	printf("Octets that an idle connection keeps beyond libsasl2's own, %s\n",
		ENCTYPE_TEXT(enctype));
	printf("%-12s %-10s %10s %8s %8s\n", "mechanism", "layer", "passed", "server", "client");
	(void)measure("ANONYMOUS", WITHOUT_LAYER, 0);
	struct held base = measure("ANONYMOUS", WITHOUT_LAYER, 0);
	print_mechanism(KERBEROS_V5, base);
	if (bench_has(GSSAPI))
		print_mechanism(GSSAPI, base);
	bench_stop();
	realm_stop();
	crypto_close();
	der_close();
	return 0;
}

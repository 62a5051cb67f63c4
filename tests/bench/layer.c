/*
 * layer - what a security layer costs.
 *
 *   layer [-e ENCTYPE] [-r ROUNDS]
 *
 * Messages of several sizes through sasl_encode() and sasl_decode(), by
 * KERBEROS_V5, by GSSAPI where libsasl2 finds it, and, as the bound, the same
 * octets through bare OpenSSL (bound.h). One process, one thread, CPU time.
 * In each round each of them is measured once, one after another; what is
 * printed is the median of the rounds, and of the rounds' ratios.
 *
 * Wrapping is measured on a connection whose packets nobody reads, unwrapping
 * on one whose packets were made before: no copy is in the figures that an
 * application would not make.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asn1/der.h"
#include "tests/bench/bound.h"
#include "tests/bench/connection.h"
#include "tests/bench/timing.h"
#include "tests/realm.h"

enum { MAX_ROUNDS = 101, BATCH_OCTETS = 1 << 20, MAX_BATCH = 2048, MAX_MESSAGE = 1 << 16 };

static const unsigned sizes[] = {64, 1024, 16384, 65536};

/* Seconds for a message, of each round. */
struct times {
	double wrap[MAX_ROUNDS], unwrap[MAX_ROUNDS];
};

/* Where a mechanism is measured. */
struct subject {
	struct connection unread, read;
	struct times times;
};

struct bench {
	const struct enctype *type;
	enum layer_kind layer;
	unsigned rounds;
	bool has_gssapi;
	struct subject ours, gssapi;
	struct bound bound;
	struct times bound_times;
};

static unsigned char message[MAX_MESSAGE];
static unsigned char scratch[MAX_MESSAGE];
static char store[2 * BATCH_OCTETS];

static unsigned batch_of(unsigned size)
{
	unsigned batch = BATCH_OCTETS / size;
	return batch < MAX_BATCH ? batch : MAX_BATCH;
}

static double measure_wrap(struct subject *s, unsigned size)
{
	const char *packet;
	unsigned len, batch = batch_of(size);
	double start = cpu_now();
	for (unsigned i = 0; i < batch; i++)
		connection_send(s->unread.client, message, size, &packet, &len);
	return (cpu_now() - start) / batch;
}

static double measure_unwrap(struct subject *s, unsigned size)
{
	static unsigned lens[MAX_BATCH];
	unsigned batch = batch_of(size);
	char *at = store;
	for (unsigned i = 0; i < batch; i++) {
		const char *packet;
		connection_send(s->read.client, message, size, &packet, &lens[i]);
		memcpy(at, packet, lens[i]);
		at += lens[i];
	}
	at = store;
	double start = cpu_now();
	for (unsigned i = 0; i < batch; i++) {
		connection_receive(s->read.server, at, lens[i], size);
		at += lens[i];
	}
	return (cpu_now() - start) / batch;
}

static double measure_bound(struct bench *b, unsigned size, bool wrap)
{
	unsigned batch = batch_of(size);
	const unsigned char *at = (const unsigned char *)store;
	double start = cpu_now();
	for (unsigned i = 0; i < batch; i++) {
		const unsigned char *in = wrap ? message : at + i * size;
		if (b->layer == INTEGRITY)
			bound_mac(&b->bound, in, size);
		else if (wrap)
			bound_wrap(&b->bound, in, scratch, size);
		else
			bound_unwrap(&b->bound, in, scratch, size);
	}
	return (cpu_now() - start) / batch;
}

static void measure_subject(struct subject *s, unsigned size, unsigned round)
{
	s->times.wrap[round] = measure_wrap(s, size);
	s->times.unwrap[round] = measure_unwrap(s, size);
}

static void measure_size(struct bench *b, unsigned size)
{
	/* The first round warms up and is overwritten. */
	for (unsigned i = 0; i <= b->rounds; i++) {
		unsigned round = i > 0 ? i - 1 : 0;
		b->bound_times.wrap[round] = measure_bound(b, size, true);
		measure_subject(&b->ours, size, round);
		b->bound_times.unwrap[round] = measure_bound(b, size, false);
		if (b->has_gssapi)
			measure_subject(&b->gssapi, size, round);
	}
}

static double ratio(const double *numerator, const double *denominator, unsigned rounds)
{
	double ratios[MAX_ROUNDS];
	for (unsigned i = 0; i < rounds; i++)
		ratios[i] = numerator[i] / denominator[i];
	return median(ratios, rounds);
}

static void print_way(const struct bench *b, const char *way, unsigned size, double *ours,
	const double *gssapi, const double *bound)
{
	double of_bound = ratio(bound, ours, b->rounds);
	double of_gssapi = b->has_gssapi ? ratio(gssapi, ours, b->rounds) : 0;
	double seconds = median(ours, b->rounds);
	printf("%-26s %-9s %-6s %6u %9.2f %8.0f %6.0f%%", enctype_name(b->type),
		b->layer == PRIVACY ? "privacy" : "integrity", way, size, seconds * 1e6,
		size / seconds / 1e6, of_bound * 100);
	if (b->has_gssapi)
		printf(" %6.2fx", of_gssapi);
	putchar('\n');
	fflush(stdout);
}

static void print_size(struct bench *b, unsigned size)
{
	struct times *ours = &b->ours.times, *gssapi = &b->gssapi.times, *bound = &b->bound_times;
	print_way(b, "wrap", size, ours->wrap, gssapi->wrap, bound->wrap);
	print_way(b, "unwrap", size, ours->unwrap, gssapi->unwrap, bound->unwrap);
}

static void open_subject(struct subject *s, const char *mechanism, enum layer_kind layer)
{
	connection_open(&s->unread, mechanism, layer);
	connection_open(&s->read, mechanism, layer);
}

static void close_subject(struct subject *s)
{
	connection_close(&s->unread);
	connection_close(&s->read);
}

static void measure_layer(struct bench *b, enum layer_kind layer)
{
	b->layer = layer;
	open_subject(&b->ours, KERBEROS_V5, layer);
	if (b->has_gssapi)
		open_subject(&b->gssapi, GSSAPI, layer);
	bound_open(&b->bound, b->type);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		measure_size(b, sizes[i]);
		print_size(b, sizes[i]);
	}
	bound_close(&b->bound);
	if (b->has_gssapi)
		close_subject(&b->gssapi);
	close_subject(&b->ours);
}

static void measure_enctype(const struct enctype *type, unsigned rounds)
{
	static struct bench b;
	b = (struct bench){.type = type, .rounds = rounds};
	bench_start(type);
	b.has_gssapi = bench_has(GSSAPI);
	measure_layer(&b, PRIVACY);
	measure_layer(&b, INTEGRITY);
	bench_stop();
}

static int usage(void)
{
	fputs("usage: layer [-e ENCTYPE] [-r ROUNDS]\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	int option, rounds = 15;
	int32_t only = 0;
	while ((option = getopt(argc, argv, "e:r:")) != -1) {
		if (option == 'e' && (only = enctype_number_by_name(slice_string(optarg))) != 0)
			continue;
		if (option == 'r' && (rounds = atoi(optarg)) > 0 && rounds <= MAX_ROUNDS)
			continue;
		return usage();
	}
	realm_start();
	printf("CPU time a message in microseconds; how fast beside bare OpenSSL, and beside "
	       "GSSAPI\n");
	printf("%-26s %-9s %-6s %6s %9s %8s %7s %7s\n", "enctype", "layer", "way", "octets", "us",
		"MB/s", "OpenSSL", "GSSAPI");
	const struct enctype *type;
	for (unsigned rank = 0; (type = enctype_by_rank(rank)); rank++)
		if (only == 0 || enctype_number(type) == only)
			measure_enctype(type, (unsigned)rounds);
	realm_stop();
	crypto_close();
	der_close();
	return 0;
}

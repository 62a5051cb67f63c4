/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * layer - what a security layer costs.
 *
 *   layer [-e ENCTYPE] [-r ROUNDS]
 *
 * Messages of several sizes through sasl_encode() and sasl_decode(), by
 * KERBEROS_V5, by our GSSAPI, by Cyrus' where it is installed, and, as the
 * bound, the same octets through bare OpenSSL (bound.h). One process for our
 * module and one for Cyrus', one thread, CPU time. In each round each of them is
 * measured once, one after another; what is printed is the median of the rounds,
 * and of the rounds' ratios.
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
#include "tests/bench/process.h"
#include "tests/bench/timing.h"
#include "tests/support/realm.h"

enum { MAX_ROUNDS = 101, BATCH_OCTETS = 1 << 20, MAX_BATCH = 2048, MAX_MESSAGE = 1 << 16 };

static const unsigned sizes[] = {64, 1024, 16384, 65536};

/* Seconds for a message, of each round. */
struct times {
	double wrap[MAX_ROUNDS], unwrap[MAX_ROUNDS];
};

/* What is measured. The bound has no mechanism. */
enum { KERBEROS_V5_OURS, GSSAPI_OURS, GSSAPI_CYRUS, BOUND, SUBJECTS };
static const struct subject {
	const char *mechanism;
	enum modules modules;
} subjects[SUBJECTS] = {
	[KERBEROS_V5_OURS] = {KERBEROS_V5, OURS},
	[GSSAPI_OURS] = {GSSAPI, OURS},
	[GSSAPI_CYRUS] = {GSSAPI, THEIRS},
	[BOUND] = {NULL, OURS},
};

/* What a process is asked, and answers. */
struct order {
	enum { OPEN, MEASURE, CLOSE } what;
	int32_t enctype;
	enum layer_kind layer;
	unsigned subject, size;
};
struct answer {
	bool has[SUBJECTS];
	double wrap, unwrap;
};

struct bench {
	const struct enctype *type;
	enum layer_kind layer;
	unsigned rounds;
	struct process processes[2]; /* by their modules */
	bool has[SUBJECTS];
	struct times times[SUBJECTS];
};

static unsigned char message[MAX_MESSAGE];
static unsigned char scratch[MAX_MESSAGE];
static char store[2 * BATCH_OCTETS];

static unsigned batch_of(unsigned size)
{
	unsigned batch = BATCH_OCTETS / size;
	return batch < MAX_BATCH ? batch : MAX_BATCH;
}

/* ---- in a process that measures ---- */

struct connections {
	struct connection unread, read;
};

static struct connections connections[SUBJECTS];
static struct bound bound;

static double measure_wrap(struct connections *c, unsigned size)
{
	const char *packet;
	unsigned len, batch = batch_of(size);
	double start = cpu_now();
	for (unsigned i = 0; i < batch; i++)
		connection_send(c->unread.client, message, size, &packet, &len);
	return (cpu_now() - start) / batch;
}

static double measure_unwrap(struct connections *c, unsigned size)
{
	static unsigned lens[MAX_BATCH];
	unsigned batch = batch_of(size);
	char *at = store;
	for (unsigned i = 0; i < batch; i++) {
		const char *packet;
		connection_send(c->read.client, message, size, &packet, &lens[i]);
		memcpy(at, packet, lens[i]);
		at += lens[i];
	}
	at = store;
	double start = cpu_now();
	for (unsigned i = 0; i < batch; i++) {
		connection_receive(c->read.server, at, lens[i], size);
		at += lens[i];
	}
	return (cpu_now() - start) / batch;
}

static double measure_bound(enum layer_kind layer, unsigned size, bool wrap)
{
	unsigned batch = batch_of(size);
	const unsigned char *at = (const unsigned char *)store;
	double start = cpu_now();
	for (unsigned i = 0; i < batch; i++) {
		const unsigned char *in = wrap ? message : at + i * size;
		if (layer == INTEGRITY)
			bound_mac(&bound, in, size);
		else if (wrap)
			bound_wrap(&bound, in, scratch, size);
		else
			bound_unwrap(&bound, in, scratch, size);
	}
	return (cpu_now() - start) / batch;
}

static void open_all(const struct order *o, struct answer *a, enum modules modules)
{
	bench_start(modules);
	for (unsigned i = 0; i < BOUND; i++) {
		a->has[i] = subjects[i].modules == modules && bench_has(subjects[i].mechanism);
		if (!a->has[i])
			continue;
		connection_open(&connections[i].unread, subjects[i].mechanism, o->layer);
		connection_open(&connections[i].read, subjects[i].mechanism, o->layer);
	}
	a->has[BOUND] = subjects[BOUND].modules == modules;
	bound_open(&bound, enctype_usable(o->enctype));
}

static void close_all(void)
{
	for (unsigned i = 0; i < BOUND; i++) {
		connection_close(&connections[i].unread);
		connection_close(&connections[i].read);
	}
	bound_close(&bound);
	bench_stop();
}

static void serve(enum modules modules, const struct order *o, struct answer *a)
{
	*a = (struct answer){0};
	if (o->what == OPEN) {
		open_all(o, a, modules);
	} else if (o->what == CLOSE) {
		close_all();
	} else if (o->subject == BOUND) {
		a->wrap = measure_bound(o->layer, o->size, true);
		a->unwrap = measure_bound(o->layer, o->size, false);
	} else {
		a->wrap = measure_wrap(&connections[o->subject], o->size);
		a->unwrap = measure_unwrap(&connections[o->subject], o->size);
	}
}

static void serve_ours(const void *order, void *answer)
{
	serve(OURS, order, answer);
}

static void serve_theirs(const void *order, void *answer)
{
	serve(THEIRS, order, answer);
}

/* ---- in the one that asks ---- */

static struct answer ask(
	const struct bench *b, enum modules modules, int what, unsigned subject, unsigned size)
{
	struct answer answer;
	const struct order order = {what, enctype_number(b->type), b->layer, subject, size};
	process_ask(&b->processes[modules], &order, &answer);
	return answer;
}

static void measure_size(struct bench *b, unsigned size)
{
	/* The first round warms up and is overwritten. */
	for (unsigned i = 0; i <= b->rounds; i++) {
		unsigned round = i > 0 ? i - 1 : 0;
		for (unsigned s = 0; s < SUBJECTS; s++) {
			if (!b->has[s])
				continue;
			struct answer a = ask(b, subjects[s].modules, MEASURE, s, size);
			b->times[s].wrap[round] = a.wrap;
			b->times[s].unwrap[round] = a.unwrap;
		}
	}
}

static double ratio(const double *numerator, const double *denominator, unsigned rounds)
{
	double ratios[MAX_ROUNDS];
	for (unsigned i = 0; i < rounds; i++)
		ratios[i] = numerator[i] / denominator[i];
	return median(ratios, rounds);
}

static void print_way(const struct bench *b, const struct subject *s, const char *way,
	unsigned size, const double *its, const double *cyrus, const double *bare)
{
	double of_bound = ratio(bare, its, b->rounds);
	double of_cyrus = b->has[GSSAPI_CYRUS] ? ratio(cyrus, its, b->rounds) : 0;
	double sorted[MAX_ROUNDS];
	memcpy(sorted, its, sizeof sorted);
	double seconds = median(sorted, b->rounds);
	printf("%-26s %-9s %-6s %6u %-12s %9.2f %8.0f %6.0f%%", enctype_name(b->type),
		b->layer == PRIVACY ? "privacy" : "integrity", way, size, s->mechanism,
		seconds * 1e6, size / seconds / 1e6, of_bound * 100);
	if (b->has[GSSAPI_CYRUS])
		printf(" %6.2fx", of_cyrus);
	putchar('\n');
	fflush(stdout);
}

static void print_size(struct bench *b, unsigned size)
{
	const struct times *cyrus = &b->times[GSSAPI_CYRUS], *bare = &b->times[BOUND];
	for (unsigned s = 0; s < GSSAPI_CYRUS; s++) {
		const struct times *its = &b->times[s];
		if (!b->has[s])
			continue;
		print_way(b, &subjects[s], "wrap", size, its->wrap, cyrus->wrap, bare->wrap);
		print_way(
			b, &subjects[s], "unwrap", size, its->unwrap, cyrus->unwrap, bare->unwrap);
	}
}

static void measure_layer(struct bench *b, enum layer_kind layer)
{
	b->layer = layer;
	struct answer ours = ask(b, OURS, OPEN, 0, 0), theirs = ask(b, THEIRS, OPEN, 0, 0);
	for (unsigned s = 0; s < SUBJECTS; s++)
		b->has[s] = ours.has[s] || theirs.has[s];
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		measure_size(b, sizes[i]);
		print_size(b, sizes[i]);
	}
	ask(b, OURS, CLOSE, 0, 0);
	ask(b, THEIRS, CLOSE, 0, 0);
}

static void measure_enctype(struct bench *b, const struct enctype *type)
{
	b->type = type;
	bench_issue(type);
	measure_layer(b, PRIVACY);
	measure_layer(b, INTEGRITY);
}

static int usage(void)
{
	fputs("usage: layer [-e ENCTYPE] [-r ROUNDS]\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static struct bench b;
	int option, rounds = 15;
	int32_t only = 0;
	while ((option = getopt(argc, argv, "e:r:")) != -1) {
		if (option == 'e' && (only = enctype_number_by_name(slice_string(optarg))) != 0)
			continue;
		if (option == 'r' && (rounds = atoi(optarg)) > 0 && rounds <= MAX_ROUNDS)
			continue;
		return usage();
	}
	b.rounds = (unsigned)rounds;
	realm_start();
	process_start(&b.processes[OURS], serve_ours, sizeof(struct order), sizeof(struct answer));
	process_start(
		&b.processes[THEIRS], serve_theirs, sizeof(struct order), sizeof(struct answer));
	printf("CPU time a message in microseconds; how fast beside bare OpenSSL, and beside "
	       "Cyrus' GSSAPI\n");
	printf("%-26s %-9s %-6s %6s %-12s %9s %8s %7s %7s\n", "enctype", "layer", "way", "octets",
		"mechanism", "us", "MB/s", "OpenSSL", "Cyrus");
	const struct enctype *type;
	for (unsigned rank = 0; (type = enctype_by_rank(rank)); rank++)
		if (only == 0 || enctype_number(type) == only)
			measure_enctype(&b, type);
	process_stop(&b.processes[OURS]);
	process_stop(&b.processes[THEIRS]);
	realm_stop();
	crypto_close();
	der_close();
	return 0;
}

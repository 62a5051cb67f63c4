/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * threads - what a second thread on a second core gains.
 *
 *   threads [-r ROUNDS] [-m MILLISECONDS]
 *
 * Two threads, each with connections of its own, log in, or send and receive
 * messages of 16 KiB with privacy, as often as they can in so many
 * milliseconds; so does bare OpenSSL (bound.h) with the same octets. In each
 * round each kind of work is done by one thread while the other sleeps, and
 * then by both. The gain is both threads' work divided by the one thread's;
 * what counts is that of KERBEROS_V5 beside OpenSSL's. Medians of the rounds.
 * ANONYMOUS tells what libsasl2 by itself gains with logins.
 *
 * A measurement in which the system gave a thread's core to another program
 * says nothing about the threads: it is taken again, a few times at most.
 */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "asn1/der.h"
#include "tests/bench/bound.h"
#include "tests/bench/connection.h"
#include "tests/bench/timing.h"
#include "tests/support/realm.h"

enum { THREADS = 2, MAX_ROUNDS = 201, MAX_ATTEMPTS = 30, MESSAGE = 16384 };

struct worker {
	pthread_t thread;
	struct bound bound;
	struct connection connection;
	unsigned char message[MESSAGE], cipher[MESSAGE], plain[MESSAGE];
	double done;       /* units of work a second */
	long disturbances; /* how often the core was taken away */
};

static void work_openssl(struct worker *w)
{
	bound_wrap(&w->bound, w->message, w->cipher, MESSAGE);
	bound_unwrap(&w->bound, w->cipher, w->plain, MESSAGE);
}

static void work_layer(struct worker *w)
{
	const char *packet;
	unsigned len;
	connection_send(w->connection.client, w->message, MESSAGE, &packet, &len);
	connection_receive(w->connection.server, packet, len, MESSAGE);
}

static void log_in(const char *mechanism)
{
	struct connection c;
	connection_open(&c, mechanism, WITHOUT_LAYER);
	connection_close(&c);
}

static void work_login(struct worker *w)
{
	(void)w;
	log_in(KERBEROS_V5);
}

static void work_anonymous(struct worker *w)
{
	(void)w;
	log_in("ANONYMOUS");
}

enum { OPENSSL, KINDS = 4 };
static const struct kind {
	const char *name;
	void (*work)(struct worker *w);
} kinds[KINDS] = {
	{"OpenSSL", work_openssl},
	{"layer, both ways", work_layer},
	{"login, both sides", work_login},
	{"ANONYMOUS login", work_anonymous},
};

/* What the threads are to do next; changed while both wait at `gate`. */
static struct {
	pthread_barrier_t gate;
	void (*work)(struct worker *w); /* NULL: end */
	unsigned threads;
	double seconds;
} plan;

static struct worker workers[THREADS];

static long disturbances(void)
{
	struct rusage usage;
	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

static void run(struct worker *w)
{
	long before = disturbances();
	double start = wall_now(), now;
	unsigned long units = 0;
	do {
		plan.work(w);
		units++;
	} while ((now = wall_now()) < start + plan.seconds);
	w->done = (double)units / (now - start);
	w->disturbances = disturbances() - before;
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	for (;;) {
		pthread_barrier_wait(&plan.gate);
		if (!plan.work)
			return NULL;
		if ((size_t)(w - workers) < plan.threads)
			run(w);
		pthread_barrier_wait(&plan.gate);
	}
}

/* Units a second of all threads together, and how often they were disturbed. */
static double rate_once(const struct kind *kind, unsigned threads, long *disturbed)
{
	plan.work = kind->work;
	plan.threads = threads;
	pthread_barrier_wait(&plan.gate);
	pthread_barrier_wait(&plan.gate);
	double sum = 0;
	*disturbed = 0;
	for (unsigned i = 0; i < threads; i++) {
		sum += workers[i].done;
		*disturbed += workers[i].disturbances;
	}
	return sum;
}

/* Of the first undisturbed attempt, or of the least disturbed one. */
static double rate(const struct kind *kind, unsigned threads)
{
	double best = 0;
	long least = LONG_MAX;
	for (unsigned i = 0; i < MAX_ATTEMPTS && least > 0; i++) {
		long disturbed;
		double found = rate_once(kind, threads, &disturbed);
		if (disturbed < least) {
			least = disturbed;
			best = found;
		}
	}
	return best;
}

struct gains {
	double one[KINDS][MAX_ROUNDS], gain[KINDS][MAX_ROUNDS], beside[KINDS][MAX_ROUNDS];
};

static void measure(struct gains *g, unsigned rounds)
{
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned k = 0; k < KINDS; k++) {
			g->one[k][r] = rate(&kinds[k], 1);
			g->gain[k][r] = rate(&kinds[k], THREADS) / g->one[k][r];
			g->beside[k][r] = g->gain[k][r] / g->gain[OPENSSL][r];
		}
}

static void print(struct gains *g, unsigned rounds)
{
	printf("%-20s %12s %10s %16s\n", "work", "one thread/s", "gain of 2", "beside OpenSSL's");
	for (unsigned k = 0; k < KINDS; k++)
		printf("%-20s %12.0f %9.2fx %16.2f\n", kinds[k].name, median(g->one[k], rounds),
			median(g->gain[k], rounds), median(g->beside[k], rounds));
}

static void start(const struct enctype *type)
{
	pthread_barrier_init(&plan.gate, NULL, THREADS + 1);
	for (unsigned i = 0; i < THREADS; i++) {
		bound_open(&workers[i].bound, type);
		connection_open(&workers[i].connection, KERBEROS_V5, PRIVACY);
		if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]) != 0) {
			perror("pthread_create");
			exit(1);
		}
	}
}

static void stop(void)
{
	plan.work = NULL;
	pthread_barrier_wait(&plan.gate);
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		connection_close(&workers[i].connection);
		bound_close(&workers[i].bound);
	}
	pthread_barrier_destroy(&plan.gate);
}

int main(int argc, char **argv)
{
	static struct gains gains;
	int option, rounds = 25, milliseconds = 10;
	while ((option = getopt(argc, argv, "r:m:")) != -1) {
		if (option == 'r' && (rounds = atoi(optarg)) > 0 && rounds <= MAX_ROUNDS)
			continue;
		if (option == 'm' && (milliseconds = atoi(optarg)) > 0)
			continue;
		fputs("usage: threads [-r ROUNDS] [-m MILLISECONDS]\n", stderr);
		return 2;
	}
	const struct enctype *type = enctype_usable(ENCTYPE_AES256_SHA1);
	plan.seconds = milliseconds / 1e3;
	realm_start();
	bench_issue(type);
	bench_start(BOTH);
	start(type);
	measure(&gains, (unsigned)rounds);
	printf("Two threads on %ld cores, %s\n", sysconf(_SC_NPROCESSORS_ONLN), enctype_name(type));
	print(&gains, (unsigned)rounds);
	stop();
	bench_stop();
	realm_stop();
	crypto_close();
	der_close();
	return 0;
}

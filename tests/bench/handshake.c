/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * handshake - what a login costs each side.
 *
 *   handshake [-n LOGINS] [-e ENCTYPE]
 *
 * Whole handshakes through libsasl2's public API with the same minted ticket, by
 * KERBEROS_V5, by our GSSAPI, and by Cyrus' where it is installed; both GSSAPIs
 * with a replay cache, in the same file. One process for our module and one for
 * Cyrus', one thread, CPU time of the calls of each side; the median of eleven
 * rounds, in each of which each mechanism has its turn, and of their ratios.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "asn1/der.h"
#include "tests/bench/connection.h"
#include "tests/bench/login.h"
#include "tests/bench/process.h"
#include "tests/bench/timing.h"
#include "tests/support/realm.h"

enum { ROUNDS = 11 };

enum { KERBEROS_V5_OURS, GSSAPI_OURS, GSSAPI_CYRUS, SUBJECTS };
static const struct subject {
	const char *mechanism;
	enum modules modules;
} subjects[SUBJECTS] = {
	[KERBEROS_V5_OURS] = {KERBEROS_V5, OURS},
	[GSSAPI_OURS] = {GSSAPI, OURS},
	[GSSAPI_CYRUS] = {GSSAPI, THEIRS},
};

struct order {
	unsigned subject;
	int32_t enctype;
	int logins;
};
struct answer {
	bool has;
	struct cost cost;
};

static void serve(enum modules modules, const struct order *o, struct answer *a)
{
	static int32_t started; /* with the realm as it is for this type */
	const char *mechanism = subjects[o->subject].mechanism;
	if (started != o->enctype) {
		if (started)
			bench_stop();
		bench_start(modules);
		started = o->enctype;
	}
	*a = (struct answer){.has = bench_has(mechanism)};
	for (int i = 0; a->has && i < o->logins; i++)
		login(&(struct login_terms){.mechanism = mechanism}, &a->cost);
}

static void serve_ours(const void *order, void *answer)
{
	serve(OURS, order, answer);
}

static void serve_theirs(const void *order, void *answer)
{
	serve(THEIRS, order, answer);
}

struct bench {
	struct process processes[2]; /* by their modules */
	int logins;
	const struct enctype *type;
	bool has[SUBJECTS];
	struct {
		double client[ROUNDS], server[ROUNDS]; /* seconds a login */
	} costs[SUBJECTS];
};

static void measure(struct bench *b, unsigned subject, unsigned round, int logins)
{
	struct answer answer;
	const struct order order = {subject, enctype_number(b->type), logins};
	process_ask(&b->processes[subjects[subject].modules], &order, &answer);
	b->has[subject] = answer.has;
	b->costs[subject].client[round] = answer.cost.client / logins;
	b->costs[subject].server[round] = answer.cost.server / logins;
}

static double ratio(const double *numerator, const double *denominator)
{
	double ratios[ROUNDS];
	for (unsigned i = 0; i < ROUNDS; i++)
		ratios[i] = numerator[i] / denominator[i];
	return median(ratios, ROUNDS);
}

static void print_row(struct bench *b, unsigned s, const char *enctype)
{
	double client = ratio(b->costs[GSSAPI_CYRUS].client, b->costs[s].client);
	double server = ratio(b->costs[GSSAPI_CYRUS].server, b->costs[s].server);
	printf("%-12s %-6s %-26s %9.1f %9.1f", subjects[s].mechanism,
		subjects[s].modules == OURS ? "ours" : "Cyrus", enctype,
		median(b->costs[s].server, ROUNDS) * 1e6, median(b->costs[s].client, ROUNDS) * 1e6);
	if (s != GSSAPI_CYRUS && b->has[GSSAPI_CYRUS])
		printf("   %5.2fx %5.2fx", server, client);
	putchar('\n');
	fflush(stdout);
}

static void measure_enctype(struct bench *b, const struct enctype *type)
{
	b->type = type;
	bench_issue(type);
	for (unsigned s = 0; s < SUBJECTS; s++)
		measure(b, s, 0, b->logins / 10 + 1);
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned s = 0; s < SUBJECTS; s++)
			if (b->has[s])
				measure(b, s, round, b->logins);
	for (unsigned s = 0; s < SUBJECTS; s++)
		if (b->has[s])
			print_row(b, s, enctype_name(type));
}

static int usage(void)
{
	fputs("usage: handshake [-n LOGINS] [-e ENCTYPE]\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static struct bench b = {.logins = 200};
	int option;
	int32_t only = 0;
	while ((option = getopt(argc, argv, "n:e:")) != -1) {
		if (option == 'n' && (b.logins = atoi(optarg)) > 0)
			continue;
		if (option == 'e' && (only = enctype_number_by_name(slice_string(optarg))) != 0)
			continue;
		return usage();
	}
	realm_start();
	process_start(&b.processes[OURS], serve_ours, sizeof(struct order), sizeof(struct answer));
	process_start(
		&b.processes[THEIRS], serve_theirs, sizeof(struct order), sizeof(struct answer));
	printf("CPU time a login in microseconds, and how many times less than Cyrus' GSSAPI\n");
	printf("%-12s %-6s %-26s %9s %9s   %6s %6s\n", "mechanism", "whose", "enctype", "server",
		"client", "server", "client");
	const struct enctype *type;
	for (unsigned rank = 0; (type = enctype_by_rank(rank)); rank++)
		if (only == 0 || enctype_number(type) == only)
			measure_enctype(&b, type);
	process_stop(&b.processes[OURS]);
	process_stop(&b.processes[THEIRS]);
	crypto_close();
	der_close();
	realm_stop();
	return 0;
}

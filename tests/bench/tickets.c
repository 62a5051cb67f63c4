/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tickets - what a login costs that has to get its ticket from a KDC.
 *
 *   tickets [-n LOGINS]
 *
 * tests/bench/with_kdc.sh runs it, with a KDC and a credential cache (KRB5CCNAME,
 * a path) in which is nothing but the ticket-granting ticket; so it is again
 * before each login. The client asks the KDC, and puts the ticket into the cache.
 *
 * One process for our module and one for Cyrus', one thread, CPU time of the
 * client's calls; the median of eleven rounds, in each of which each mechanism has its
 * turn, and of their ratios.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/bench/connection.h"
#include "tests/bench/login.h"
#include "tests/bench/process.h"
#include "tests/bench/timing.h"
#include "tests/support/minting.h"

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
	int logins;
};
struct answer {
	bool has;
	double client; /* seconds a login */
};

static struct buffer empty_cache;

static void fail(const char *what)
{
	fprintf(stderr, "tickets: %s\n", what);
	exit(1);
}

static void serve(enum modules modules, const struct order *o, struct answer *a)
{
	static bool is_started;
	const char *mechanism = subjects[o->subject].mechanism;
	const char *cache = getenv("KRB5CCNAME");
	struct cost cost = {0};
	struct error err;
	if (!is_started)
		bench_start(modules);
	is_started = true;
	*a = (struct answer){.has = bench_has(mechanism)};
	for (int i = 0; a->has && i < o->logins; i++) {
		if (mint_file(cache, buffer_slice(&empty_cache), &err))
			fail(err.text);
		login(&(struct login_terms){.mechanism = mechanism}, &cost);
	}
	a->client = cost.client / o->logins;
}

static void serve_ours(const void *order, void *answer)
{
	serve(OURS, order, answer);
}

static void serve_theirs(const void *order, void *answer)
{
	serve(THEIRS, order, answer);
}

static struct process processes[2]; /* by their modules */

static struct answer measure(unsigned subject, int logins)
{
	struct answer answer;
	const struct order order = {subject, logins};
	process_ask(&processes[subjects[subject].modules], &order, &answer);
	return answer;
}

static void print_row(unsigned s, double client[SUBJECTS][ROUNDS], bool beside)
{
	double ratios[ROUNDS];
	for (unsigned i = 0; i < ROUNDS; i++)
		ratios[i] = client[GSSAPI_CYRUS][i] / client[s][i];
	double less = median(ratios, ROUNDS);
	printf("%-12s %-6s %9.1f", subjects[s].mechanism,
		subjects[s].modules == OURS ? "ours" : "Cyrus", median(client[s], ROUNDS) * 1e6);
	if (beside && s != GSSAPI_CYRUS)
		printf("   %5.2fx", less);
	putchar('\n');
}

static void measure_all(int logins)
{
	double client[SUBJECTS][ROUNDS];
	bool has[SUBJECTS];
	for (unsigned s = 0; s < SUBJECTS; s++)
		has[s] = measure(s, logins / 10 + 1).has;
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned s = 0; s < SUBJECTS; s++)
			client[s][round] = has[s] ? measure(s, logins).client : 1;
	printf("CPU time of the client in microseconds, and how many times less than Cyrus' "
	       "GSSAPI, of a login that gets its ticket from the KDC\n");
	for (unsigned s = 0; s < SUBJECTS; s++)
		if (has[s])
			print_row(s, client, has[GSSAPI_CYRUS]);
}

int main(int argc, char **argv)
{
	int option, logins = 100;
	struct error err;
	while ((option = getopt(argc, argv, "n:")) != -1)
		if (option != 'n' || (logins = atoi(optarg)) <= 0)
			fail("usage: tickets [-n LOGINS]");
	if (!getenv("KRB5CCNAME"))
		fail("run it by tests/bench/with_kdc.sh");
	if (file_read(getenv("KRB5CCNAME"), CCACHE_MAX_LENGTH, &empty_cache, NULL, &err))
		fail(err.text);
	process_start(&processes[OURS], serve_ours, sizeof(struct order), sizeof(struct answer));
	process_start(
		&processes[THEIRS], serve_theirs, sizeof(struct order), sizeof(struct answer));
	measure_all(logins);
	process_stop(&processes[OURS]);
	process_stop(&processes[THEIRS]);
	buffer_free(&empty_cache);
	return 0;
}

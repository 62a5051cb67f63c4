/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay - what it costs to store an authenticator in a replay cache.
 *
 *   replay [ENTRIES]
 *
 * The file has ENTRIES (100000) that are not old yet, in a folder of its own
 * under TMPDIR or /tmp. Ours and libkrb5's, if it is installed, then store new
 * ones there in turn: processor time and time on the wall for each, the median
 * of the rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/enctype.h"
#include "store/replay_cache.h"
#include "tests/bench/timing.h"
#include "tests/support/libkrb5_rcache.h"

enum { ROUNDS = 41, STORES = 100, NOW = 1800000000, SKEW = 300, AES128_SHA1 = 17 };

struct cost {
	double cpu[ROUNDS], wall[ROUNDS];
};

static char path[300], name[310];
static struct libkrb5_rcache *theirs;

/* No two are the same. */
static struct slice next_tag(void)
{
	static unsigned char tag[12];
	static uint32_t number;
	store_u32(tag + 8, ++number);
	return slice_of(tag, sizeof tag);
}

static int64_t tell_time(void)
{
	return NOW;
}

static void store_ours(void)
{
	struct error err;
	const struct replay_entry entry = {next_tag(), NOW, SKEW, tell_time};
	if (replay_cache_store(name, &entry, &err) == STATUS_OK)
		return;
	fprintf(stderr, "%s\n", err.text);
	exit(1);
}

static void store_theirs(void)
{
	int32_t code = libkrb5_rcache_store(theirs, AES128_SHA1, next_tag());
	if (code == 0)
		return;
	fprintf(stderr, "k5_rc_store: error %d\n", (int)code);
	exit(1);
}

static void run_round(void (*store)(void), struct cost *cost, unsigned round)
{
	double cpu = cpu_now(), wall = wall_now();
	for (unsigned i = 0; i < STORES; i++)
		store();
	cost->cpu[round] = (cpu_now() - cpu) / STORES;
	cost->wall[round] = (wall_now() - wall) / STORES;
}

static void compare(void)
{
	static struct cost ours, libkrb5;
	for (unsigned round = 0; round < ROUNDS; round++) {
		run_round(store_ours, &ours, round);
		if (theirs)
			run_round(store_theirs, &libkrb5, round);
	}
	double cpu = median(ours.cpu, ROUNDS);
	printf("%-8s %8s %8s\n", "us", "cpu", "wall");
	printf("%-8s %8.2f %8.2f\n", "ours", cpu * 1e6, median(ours.wall, ROUNDS) * 1e6);
	if (!theirs)
		return;
	double other = median(libkrb5.cpu, ROUNDS);
	printf("%-8s %8.2f %8.2f\n", "libkrb5", other * 1e6, median(libkrb5.wall, ROUNDS) * 1e6);
	printf("ours costs %.2f times what libkrb5 does\n", cpu / other);
}

int main(int argc, char **argv)
{
	char folder[200];
	const char *under = getenv("TMPDIR");
	unsigned long entries = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	snprintf(folder, sizeof folder, "%s/kerberos5-replay.XXXXXX", under ? under : "/tmp");
	if (!mkdtemp(folder)) {
		perror(folder);
		return 1;
	}
	snprintf(path, sizeof path, "%s/cache", folder);
	snprintf(name, sizeof name, "file2:%s", path);
	for (unsigned long i = 0; i < entries; i++)
		store_ours();
	printf("A store in a replay cache of %lu entries\n", entries);
	if (libkrb5_load()) {
		theirs = libkrb5_rcache_open(name);
		libkrb5_rcache_set_time(theirs, NOW);
	}
	compare();
	if (theirs) {
		libkrb5_rcache_close(theirs);
		libkrb5_unload();
	}
	crypto_close();
	return remove(path) || rmdir(folder);
}

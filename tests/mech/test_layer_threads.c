/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Eight threads, each with connections of its own, one after another, on
 * which data go both ways: meant to be run under a thread sanitizer too.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/key.h"
#include "tests/support/pair.h"
#include "tests/support/realm.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

enum { THREADS = 8, LOGINS = 6, MESSAGES = 20, LONGEST = 9000 };

static const struct pair_setup privacy = {
	.client.security = {.max_ssf = 256, .maxbufsize = 4096},
	.server.security = {.max_ssf = 256, .maxbufsize = 4096},
};
static const struct pair_setup integrity = {
	.client.security = {.max_ssf = 1, .maxbufsize = 4096},
	.server.security = {.max_ssf = 256, .maxbufsize = 4096},
};

static pthread_barrier_t start;

/* Not with cmocka's assertions, which are for one thread. */
static bool goes_through(
	const struct peer *from, const struct peer *to, const char *data, unsigned len)
{
	const char *packets, *out;
	unsigned packets_len, out_len;
	return sasl_encode(from->conn, data, len, &packets, &packets_len) == SASL_OK &&
	       sasl_decode(to->conn, packets, packets_len, &out, &out_len) == SASL_OK &&
	       out_len == len && memcmp(out, data, len) == 0;
}

static bool talk(struct pair *pair, unsigned seed)
{
	char data[LONGEST];
	bool good = true;
	for (unsigned i = 0; i < MESSAGES && good; i++) {
		unsigned len = (seed * 7919 + i * 467) % LONGEST + 1;
		memset(data, (int)(seed + i), len);
		good = goes_through(&pair->client, &pair->server, data, len) &&
		       goes_through(&pair->server, &pair->client, data, len);
	}
	return good;
}

/* NULL where all went well. */
static void *work(void *argument)
{
	unsigned thread = *(const unsigned *)argument;
	bool good = true;
	pthread_barrier_wait(&start);
	for (unsigned i = 0; i < LOGINS && good; i++) {
		struct pair pair;
		pair_open(&pair, (thread + i) % 2 ? &privacy : &integrity);
		good = pair_run(&pair) && talk(&pair, thread * LOGINS + i);
		pair_close(&pair);
	}
	return good ? NULL : argument;
}

static void connections_do_not_disturb_each_other(void **state UNUSED)
{
	pthread_t threads[THREADS];
	unsigned numbers[THREADS];
	pthread_barrier_init(&start, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, work, &numbers[i]), 0);
	}
	bool good = true;
	for (unsigned i = 0; i < THREADS; i++) {
		void *result;
		assert_int_equal(pthread_join(threads[i], &result), 0);
		good = good && !result;
	}
	pthread_barrier_destroy(&start);
	assert_true(good);
}

/* One connection, which threads use in turn. */
static void *talk_once(void *pair)
{
	return talk(pair, 5) ? NULL : pair;
}

static void a_connection_may_change_threads(void **state UNUSED)
{
	struct pair pair;
	pair_open(&pair, &privacy);
	assert_true(pair_run(&pair));
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_t thread;
		void *result;
		assert_int_equal(pthread_create(&thread, NULL, talk_once, &pair), 0);
		assert_int_equal(pthread_join(thread, &result), 0);
		assert_null(result);
	}
	pair_close(&pair);
}

static int setup(void **state UNUSED)
{
	realm_start();
	realm_issue(&(struct realm_ticket){0});
	pair_library_start();
	return 0;
}

static int teardown(void **state UNUSED)
{
	pair_library_stop();
	realm_stop();
	crypto_close();
	der_close();
	return 0;
}

SUITE(test_layer_threads)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_do_not_disturb_each_other),
		cmocka_unit_test(a_connection_may_change_threads),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* One key, eight threads, no lock: meant to be run under a thread sanitizer too. */
#include "tests/support/crypto_vectors.h"
#include "tests/support/suite.h"

#include <pthread.h>
#include <string.h>

#define UNUSED __attribute__((unused))

enum { THREADS = 8, ROUNDS = 400, USAGES = 5 };

static struct key *shared;
static pthread_barrier_t start;

static bool round_trip(uint32_t usage, unsigned round)
{
	AUTO_BUFFER cipher = {0}, storage = {0};
	unsigned char text[64] = {0}, sum[CHECKSUM_MAX_LENGTH];
	struct error err = {0};
	const struct slice piece = slice_of(text, sizeof text);
	const struct enctype *type = key_type(shared);

	memset(text, (int)round, sizeof text);
	return key_encrypt(shared, usage, piece, &cipher, &err) == STATUS_OK &&
	       key_decrypt(shared, usage, buffer_slice(&cipher), &storage, &err) == STATUS_OK &&
	       slice_equal(buffer_slice(&storage), piece) &&
	       key_checksum(shared, usage, (struct pieces){&piece, 1}, sum, &err) == STATUS_OK &&
	       key_verify_checksum(shared, usage, (struct pieces){&piece, 1},
		       &(struct checksum){enctype_checksum_type(type),
			       slice_of(sum, enctype_checksum_length(type))},
		       &err) == STATUS_OK;
}

/* NULL where all went well. */
static void *work(void *argument)
{
	unsigned thread = *(const unsigned *)argument;
	struct key *own = key_ref(shared);
	bool ok = true;

	pthread_barrier_wait(&start);
	for (unsigned round = 0; round < ROUNDS && ok; round++)
		ok = round_trip((round + thread) % USAGES, round);
	key_release(own);
	return ok ? NULL : argument;
}

static void run_threads(void)
{
	pthread_t threads[THREADS];
	unsigned numbers[THREADS];
	pthread_barrier_init(&start, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, work, &numbers[i]), 0);
	}
	bool ok = true;
	for (unsigned i = 0; i < THREADS; i++) {
		void *result;
		assert_int_equal(pthread_join(threads[i], &result), 0);
		ok = ok && !result;
	}
	pthread_barrier_destroy(&start);
	assert_true(ok);
}

static void threads_share_a_key(void **state)
{
	struct error err;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(
			key_random(enctype_usable(*(const int32_t *)*state), &shared, &err),
			STATUS_OK);
		run_threads();
		key_release_at(&shared);
	}
}

static unsigned count;

static void *look_up(void *argument)
{
	pthread_barrier_wait(&start);
	return enctype_usable(18) && offered_count() == count ? NULL : argument;
}

static void threads_fetch_at_once(void **state UNUSED)
{
	count = offered_count();
	for (unsigned round = 0; round < 10; round++) {
		pthread_t threads[THREADS];
		crypto_close();
		pthread_barrier_init(&start, NULL, THREADS);
		for (unsigned i = 0; i < THREADS; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, look_up, &shared), 0);
		for (unsigned i = 0; i < THREADS; i++) {
			void *result;
			assert_int_equal(pthread_join(threads[i], &result), 0);
			assert_null(result);
		}
		pthread_barrier_destroy(&start);
	}
	crypto_close();
}

static int32_t aes256_sha1 = 18, aes256_sha384 = 20, camellia256 = 26;

SUITE(test_key_threads)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		{"threads_share_a_key (aes256_sha1)", threads_share_a_key, NULL, NULL,
			&aes256_sha1},
		{"threads_share_a_key (aes256_sha384)", threads_share_a_key, NULL, NULL,
			&aes256_sha384},
		{if_offered(camellia256, "threads_share_a_key (camellia256)"), threads_share_a_key,
			NULL, NULL, &camellia256},
		cmocka_unit_test(threads_fetch_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Programs that fork while other threads of theirs log in. In a child nobody releases the locks
 * that another thread held at that moment, OpenSSL's among them: it must not happen while a
 * thread of the module's has OpenSSL fetch algorithms or seed its generator.
 *
 * Each round is a program of its own, this one executed again, since only the first login of
 * a process fetches.
 */
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/login_fixture.h"

enum { ROUNDS = 10, THREADS = 4, CHILDREN = 20, SECONDS = 20 };

static bool logs_in(void)
{
	static const struct pair_setup both[2] = {{0}, {.mechanism = "GSSAPI"}};
	bool good = true;
	for (unsigned i = 0; i < 2 && good; i++) {
		struct pair pair;
		pair_open(&pair, &both[i]);
		good = pair_run(&pair);
		pair_close(&pair);
	}
	return good;
}

/* libsasl2 looks up this host's name, under a lock of glibc's that no fork waits for. */
__attribute__((visibility("default"))) int getaddrinfo(const char *name UNUSED,
	const char *service UNUSED, const struct addrinfo *hints UNUSED,
	struct addrinfo **out UNUSED)
{
	return EAI_NONAME;
}

/* ---- a round ---- */

static atomic_bool forked;

static void *log_in_meanwhile(void *arg)
{
	while (!atomic_load(&forked) && logs_in())
		continue;
	return arg;
}

static bool ended_well(pid_t child)
{
	int status;
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* How many children hung or failed. */
static int round_of_forks(void)
{
	pthread_t thread[THREADS];
	pid_t child[CHILDREN];
	int failures = 0;

	pair_library_start();
	for (unsigned i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, log_in_meanwhile, NULL) != 0)
			abort();
	for (unsigned i = 0; i < CHILDREN; i++) {
		child[i] = fork();
		if (child[i] == 0) {
			alarm(SECONDS);
			_exit(logs_in() ? 0 : 1);
		}
	}
	for (unsigned i = 0; i < CHILDREN; i++)
		failures += !ended_well(child[i]);
	atomic_store(&forked, true);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	pair_library_stop();
	return failures;
}

/* ---- the case ---- */

/* By which this program was started; /proc/self/exe is valgrind's own, under valgrind. */
static const char *own_path;

static void children_of_a_program_with_threads_log_in(void **state UNUSED)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		pid_t program = fork();
		if (program == 0) {
			execl(own_path, own_path, "round", NULL);
			_exit(127);
		}
		int status;
		assert_int_equal(waitpid(program, &status, 0), program);
		assert_int_equal(status, 0);
	}
}

int main(int argc, char **argv)
{
#ifdef __SANITIZE_ADDRESS__
	/* As gcc 12 has it: a child hangs in malloc() on the lock of another thread. */
	puts("1..0 # SKIP AddressSanitizer's allocator does not survive a fork among threads");
	return 0;
#endif
	if (argc > 1 && strcmp(argv[1], "round") == 0)
		return round_of_forks();
	own_path = argv[0];
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(children_of_a_program_with_threads_log_in),
	};
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* kdc/tickets: threads that lack the same ticket at the same time ask for it once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sys/wait.h>

#include "kdc/request_once.h"
#include "tests/support/suite.h"
#include "tests/support/ticket_sessions.h"

#define CACHE in_folder("ccache")
#define THREADS 32

static const struct wanted plain;
static pthread_barrier_t start;
static way_function *way;

static enum status from_keytab(struct kdc_session *session, const struct ticket_request *request,
	struct credential_box *out, struct error *err)
{
	return ticket_from_keytab(session, request, NULL, out, err);
}

struct result {
	enum status status;
	char text[1024];
};

static void *log_in(void *arg)
{
	struct result *result = arg;
	struct found_ticket found;
	struct error err = {.status = STATUS_OK};
	pthread_barrier_wait(&start);
	result->status = go(way, &plain, &found, &err);
	snprintf(result->text, sizeof result->text, "%s", err.text);
	credential_box_clear(&found.box);
	return NULL;
}

/* A KDC takes a while: the others are there before it answers. */
static void take_a_while(void)
{
	usleep(100000);
}

static void all_at_once(way_function *by, struct result result[THREADS])
{
	pthread_t thread[THREADS];
	way = by;
	as_asked = tgs_asked = 0;
	meanwhile = take_a_while;
	pthread_barrier_init(&start, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, log_in, &result[i]), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&start);
}

static void check_once(way_function *by, unsigned as)
{
	struct result result[THREADS];
	all_at_once(by, result);
	for (unsigned i = 0; i < THREADS; i++)
		if (result[i].status)
			fail_msg("%s", result[i].text);
	assert_int_equal(as_asked, as);
	assert_int_equal(tgs_asked, 1);
	assert_string_equal(warned, "");
}

/* Of the tickets for the service there is one. */
static void from_a_file(void **state UNUSED)
{
	AUTO_BUFFER before = {0};
	AUTO_BUFFER after = {0};
	init_cache(CACHE, 0);
	read_file(CACHE, &before);
	check_once(ticket_from_cache, 0);
	read_file(CACHE, &after);
	assert_in_range(after.len - before.len, 100, before.len);
}

static void by_a_keytab(void **state UNUSED)
{
	write_client_keytab(in_folder("keytab"), (const char *const[]){ALICE, NULL});
	check_once(from_keytab, 1);
}

static void a_failure_is_everybodys(void **state UNUSED)
{
	struct result result[THREADS];
	init_cache(CACHE, 0);
	kdc->error = (struct fake_error){.code = KDC_ERR_POLICY};
	all_at_once(ticket_from_cache, result);
	for (unsigned i = 0; i < THREADS; i++) {
		assert_int_equal(result[i].status, KDC_ERR_POLICY);
		assert_in(result[i].text, "by its policy");
	}
	assert_in_range(tgs_asked, 1, THREADS / 2); /* whoever comes late asks again */
}

/* ---- what threads share ---- */

static unsigned flown;
static pthread_barrier_t up, down;

static enum status fly(void *arg, struct error *err UNUSED)
{
	if (arg) {
		pthread_barrier_wait(&up);
		pthread_barrier_wait(&down);
	}
	flown++;
	return STATUS_OK;
}

static void *fly_first(void *arg)
{
	struct error err;
	const struct request_task task = {fly, &flown, 0};
	*(enum status *)arg = request_once("a cache", &alice, &task, &err);
	return NULL;
}

/* While another thread is at it: other tickets do not wait, nor does anybody beyond the deadline.
 */
static void nobody_waits_in_vain(void **state UNUSED)
{
	pthread_t thread;
	enum status first = ERR_FILE;
	struct error err;
	int ended;
	const struct request_task late = {fly, NULL, monotonic_milliseconds()};
	flown = 0;
	pthread_barrier_init(&up, NULL, 2);
	pthread_barrier_init(&down, NULL, 2);
	assert_int_equal(pthread_create(&thread, NULL, fly_first, &first), 0);
	pthread_barrier_wait(&up);
	assert_int_equal(request_once("a cache", &alice, &late, &err), ERR_UNREACHABLE);
	assert_in(err.text, "another thread of this process asks a KDC for the same ticket");
	assert_int_equal(flown, 0);
	assert_int_equal(request_once("a cache", NULL, &late, &err), STATUS_OK);
	assert_int_equal(request_once("another", &alice, &late, &err), STATUS_OK);
	assert_int_equal(flown, 2);
	/* A child has no such thread. */
	pid_t child = fork();
	if (child == 0)
		_exit(request_once("a cache", &alice, &late, &err) != STATUS_OK);
	assert_int_equal(waitpid(child, &ended, 0), child);
	assert_int_equal(ended, 0);
	pthread_barrier_wait(&down);
	pthread_join(thread, NULL);
	assert_int_equal(first, STATUS_OK);
	assert_int_equal(request_once("a cache", &alice, &late, &err), STATUS_OK);
}

SUITE(test_tickets_threads)
{
	const struct CMUnitTest tests[] = {
		SESSION_CASE(from_a_file),
		SESSION_CASE(by_a_keytab),
		SESSION_CASE(a_failure_is_everybodys),
		cmocka_unit_test(nobody_waits_in_vain),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Replays of a recorded GSSAPI client, and what becomes of a login that cannot
 * be recorded.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/gssapi_peer.h"
#include "tests/support/suite.h"

/* Sends the token to a server of its own; true if it was taken. */
static bool is_taken(struct slice token, const char *cache, char *log, size_t size)
{
	struct pair_setup how = {0};
	struct gss_peer p;
	if (cache) {
		how.server.option[1][0] = "kerberos5_replay_cache";
		how.server.option[1][1] = cache;
	}
	gss_peer_open(&p, &how);
	int result = to_server(&p, token);
	snprintf(log, size, "%s", peer_log(&p.pair.server));
	/*
	 * A refusal is an error token, for the user of the client to read. An offer of layers
	 * has no framing, and a number of any octets there.
	 */
	bool refused = p.got.len > 14 && p.got.data[0] == 0x60 && p.got.data[14] == 0x7e;
	bool taken = result == SASL_CONTINUE && !refused;
	gss_peer_close(&p);
	return taken && log[0] == '\0';
}

static void make_request(struct buffer *token, bool mutual)
{
	struct gss_peer p;
	gss_peer_open(&p, &(struct pair_setup){0});
	assert_int_equal(buffer_append(token, initial_token(&p, mutual)), STATUS_OK);
	gss_peer_close(&p);
}

static void a_request_is_taken_once(void **state UNUSED)
{
	for (int mutual = 0; mutual < 2; mutual++) {
		AUTO_BUFFER token = {0};
		char log[500];
		make_request(&token, mutual);
		assert_true(is_taken(buffer_slice(&token), NULL, log, sizeof log));
		for (int i = 0; i < 3; i++) {
			assert_false(is_taken(buffer_slice(&token), NULL, log, sizeof log));
			expect_in("the log", log, "2 GSSAPI: login refused (alice@EXAMPLE.TEST): ");
			expect_in("the log", log, "replay");
		}
	}
}

static void another_process_knows_it_too(void **state UNUSED)
{
	AUTO_BUFFER token = {0};
	char log[500];
	make_request(&token, true);
	pid_t child = fork();
	if (child == 0)
		_exit(is_taken(buffer_slice(&token), NULL, log, sizeof log) ? 0 : 1);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_false(is_taken(buffer_slice(&token), NULL, log, sizeof log));
	expect_in("the log", log, "replay");
}

static void without_a_cache_nothing_is_recorded(void **state UNUSED)
{
	AUTO_BUFFER token = {0};
	char log[500];
	make_request(&token, true);
	for (int i = 0; i < 3; i++)
		assert_true(is_taken(buffer_slice(&token), "none:", log, sizeof log));
	assert_true(is_taken(buffer_slice(&token), NULL, log, sizeof log));
	assert_false(is_taken(buffer_slice(&token), NULL, log, sizeof log));
}

/* A fault of this host is told at SASL_LOG_ERR; the login is refused all the same. */
static void a_login_that_cannot_be_recorded_is_refused(void **state UNUSED)
{
	static const struct {
		const char *cache, *text;
	} cases[] = {
		{"file2:/nonexistent/rcache", "/nonexistent/rcache"},
		{"file2:/dev/null", "/dev/null"},
		{"memory:", "memory:"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		AUTO_BUFFER token = {0};
		char log[1500];
		make_request(&token, true);
		assert_false(is_taken(buffer_slice(&token), cases[i].cache, log, sizeof log));
		expect_in("the log", log, "1 GSSAPI: login failed (alice@EXAMPLE.TEST): ");
		expect_in("the log", log, cases[i].text);
		assert_true(is_taken(buffer_slice(&token), NULL, log, sizeof log));
	}
}

/* The client's user reads that, and no path of the server. */
static void the_client_reads_no_path(void **state UNUSED)
{
	const struct pair_setup how = {.mechanism = "GSSAPI",
		.server.option = {{"kerberos5_replay_cache", "file2:/nonexistent/rcache"}}};
	struct pair pair;
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	expect_not_in("the client", peer_detail(&pair.client), "/nonexistent");
	expect_not_in("the server's detail", peer_detail(&pair.server), "/nonexistent");
	expect_in("the client", peer_detail(&pair.client), "has a fault of its own");
	pair_close(&pair);
}

SUITE(test_gssapi_replay)
{
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(a_request_is_taken_once),
		LOGIN_CASE(another_process_knows_it_too),
		LOGIN_CASE(without_a_cache_nothing_is_recorded),
		LOGIN_CASE(a_login_that_cannot_be_recorded_is_refused),
		LOGIN_CASE(the_client_reads_no_path),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

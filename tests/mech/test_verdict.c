/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a server ends a login: the words of its log by which a filter knows the
 * line, libsasl2's result, and whether the client is sent the reason first.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/login_fixture.h"
#include "tests/support/suite.h"

static const char *const mechanisms[] = {"GSSAPI", "KERBEROS_V5"};

/* A login that the server refuses, since it has another key. */
static void open_refused(struct pair *pair, struct pair_setup *how, size_t mechanism)
{
	how->mechanism = mechanisms[mechanism];
	how->server.option[0][0] = "log_level";
	how->server.option[0][1] = "4";
	pair_open(pair, how);
	assert_false(pair_run(pair));
}

static void expect_line(struct pair *pair, const char *before, const char *after)
{
	char start[200];
	snprintf(start, sizeof start, "%c %s: %s", before[0], pair->setup->mechanism, before + 2);
	const char *log = peer_log(&pair->server);
	if (strncmp(log, start, strlen(start)) != 0)
		fail_msg("the log says \"%s\", not \"%s\"", log, start);
	expect_in("the log", log, after);
	assert_ptr_equal(strchr(log, '\n'), strrchr(log, '\n'));
}

static void the_line_says_from_where(void **state UNUSED)
{
	static const struct {
		const char *address, *words;
	} row[] = {
		{"192.0.2.7;49152", "2 login refused from 192.0.2.7: the ticket for "},
		{"2001:db8::7;49152", "2 login refused from 2001:db8::7: the ticket for "},
		{"::ffff:192.0.2.7;1", "2 login refused from ::ffff:192.0.2.7: the ticket for "},
		{NULL, "2 login refused: the ticket for "},
	};
	realm_issue(&(struct realm_ticket){.keep_keytab = true});
	for (size_t i = 0; i < 2 * sizeof row / sizeof *row; i++) {
		struct pair_setup how = {.server.address = row[i / 2].address};
		struct pair pair;
		open_refused(&pair, &how, i % 2);
		expect_line(&pair, row[i / 2].words, "does not decrypt");
		pair_close(&pair);
	}
}

static void from_elsewhere(struct mint_ticket *ticket, void *arg UNUSED)
{
	ticket->part.addresses.count = 1;
	ticket->part.addresses.element[0] =
		(struct host_address){ADDRESS_IPV4, SLICE_LITERAL("\xc0\0\2\1")};
}

static void once_the_ticket_tells_the_line_says_who(void **state UNUSED)
{
	realm_issue(&(struct realm_ticket){.change = from_elsewhere});
	for (size_t i = 0; i < 2; i++) {
		struct pair_setup how = {.server.address = "192.0.2.7;1"};
		struct pair pair;
		open_refused(&pair, &how, i);
		expect_line(&pair, "2 login refused from 192.0.2.7 (alice@EXAMPLE.TEST): ",
			"the peer is at 192.0.2.7");
		/* It goes over the wire in clear, and the peer may be another. */
		expect_not_in("the client", peer_detail(&pair.client), "alice");
		expect_not_in("the server's detail", peer_detail(&pair.server), "alice");
		pair_close(&pair);
	}
}

static void a_success_says_from_where(void **state UNUSED)
{
	for (size_t i = 0; i < 2; i++) {
		const struct pair_setup how = {.mechanism = mechanisms[i],
			.server = {.option = {{"log_level", "4"}}, .address = "2001:db8::7;49152"}};
		struct pair pair;
		pair_open(&pair, &how);
		assert_true(pair_run(&pair));
		expect_line(&pair,
			"4 login accepted from 2001:db8::7: alice@EXAMPLE.TEST authenticated to ",
			"as \"alice\"");
		pair_close(&pair);
	}
}

/* The client's side of it: has the server sent a message from which it reads the reason? */
static void expect_message(struct pair *pair, bool sent)
{
	const char *out;
	unsigned len;
	expect_in("the server's detail", peer_detail(&pair->server), "does not decrypt");
	if (!sent) {
		assert_int_equal(pair->server.result, SASL_BADAUTH);
		assert_int_equal(pair->client.result, SASL_CONTINUE);
		return;
	}
	assert_int_equal(pair->server.result, SASL_CONTINUE);
	assert_int_equal(pair->client.result, SASL_BADAUTH);
	expect_in("the client", peer_detail(&pair->client), "server says (unverified): ");
	assert_int_equal(sasl_server_step(pair->server.conn, "", 0, &out, &len), SASL_BADAUTH);
}

static void the_service_decides_whether_the_client_is_sent_the_reason(void **state UNUSED)
{
	static const struct {
		const char *service, *option;
		bool sent;
	} row[] = {
		{"imap", NULL, true},
		{"imap", "no", false},
		{"ldap", NULL, false},
		{"ldap", "yes", true},
		{"ldap", "no", false},
	};
	for (size_t i = 0; i < 2 * sizeof row / sizeof *row; i++) {
		char server[60];
		snprintf(server, sizeof server, "%s/mail.example.test@EXAMPLE.TEST",
			row[i / 2].service);
		realm_issue(&(struct realm_ticket){.server = server});
		realm_issue(&(struct realm_ticket){.server = server, .keep_keytab = true});
		struct pair_setup how = {.service = row[i / 2].service};
		if (row[i / 2].option) {
			how.server.option[1][0] = "kerberos5_refusal_message";
			how.server.option[1][1] = row[i / 2].option;
		}
		struct pair pair;
		open_refused(&pair, &how, i % 2);
		expect_message(&pair, row[i / 2].sent);
		pair_close(&pair);
	}
}

static void another_word_is_a_fault(void **state UNUSED)
{
	struct pair_setup how = {.server.option = {[1] = {"kerberos5_refusal_message", "maybe"}}};
	struct pair pair;
	open_refused(&pair, &how, 0);
	assert_int_equal(pair.server.result, SASL_NOMECH);
	expect_in("the log", peer_log(&pair.server), "\"maybe\"; it can be yes or no");
	pair_close(&pair);
}

/* What a filter must not count, and a directory not answer with "Invalid credentials". */
static void a_fault_of_this_host_is_none_of_the_peers(void **state UNUSED)
{
	static const struct {
		const char *message, *cache;
	} row[] = {
		{"no", "file2:/nonexistent/rcache"},
		{"yes", "file2:/nonexistent/rcache"},
		{"no", "memory:"},
		{"yes", "%{nonsense}"},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct pair_setup how = {
			.server = {.option = {[1] = {"kerberos5_refusal_message", row[i].message},
					   [2] = {"kerberos5_replay_cache", row[i].cache}},
				.address = "192.0.2.7;1"}};
		struct pair pair;
		const char *out;
		unsigned len;
		open_refused(&pair, &how, 0);
		expect_line(&pair, "1 login failed from 192.0.2.7 (alice@EXAMPLE.TEST): ", "");
		int result = i % 2 == 0 ? pair.server.result
					: sasl_server_step(pair.server.conn, "", 0, &out, &len);
		assert_int_equal(result, SASL_FAIL);
		pair_close(&pair);
	}
}

/* What the canonical form of a name, as the application makes it, ends in. */
static int end_in(sasl_conn_t *conn UNUSED, void *context, const char *in UNUSED,
	unsigned in_len UNUSED, unsigned flags UNUSED, const char *realm UNUSED, char *out UNUSED,
	unsigned max UNUSED, unsigned *len UNUSED)
{
	return *(int *)context;
}

static void a_name_that_nobody_can_have_is_refused(void **state UNUSED)
{
	static const struct {
		int canonical, result;
	} row[] = {
		{SASL_BADPROT, SASL_BADAUTH},
		{SASL_BUFOVER, SASL_BADAUTH},
		{SASL_BADPARAM, SASL_BADAUTH},
		{SASL_NOAUTHZ, SASL_NOAUTHZ},
		{SASL_FAIL, SASL_FAIL},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const struct pair_setup how = {.server.option = {{"log_level", "4"}}};
		int canonical = row[i].canonical;
		struct pair pair;
		pair_open(&pair, &how);
		sasl_callback_t *callback = pair.server.callbacks;
		while (callback->id != SASL_CB_LIST_END)
			callback++;
		*callback = (sasl_callback_t){
			SASL_CB_CANON_USER, (int (*)(void))(void (*)(void))end_in, &canonical};
		assert_true(pair_start(&pair) && pair_step(&pair));
		const char *out;
		unsigned len;
		bool stepped = pair_step(&pair);
		int result = pair.server.result;
		if (stepped)
			result = sasl_server_step(pair.server.conn, "", 0, &out, &len);
		assert_int_equal(result, row[i].result);
		expect_in("the log", peer_log(&pair.server),
			row[i].result == SASL_FAIL ? "1 KERBEROS_V5: login failed ("
						   : "2 KERBEROS_V5: login refused (");
		pair_close(&pair);
	}
}

SUITE(test_verdict)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(the_line_says_from_where),
		LOGIN_CASE(once_the_ticket_tells_the_line_says_who),
		LOGIN_CASE(a_success_says_from_where),
		LOGIN_CASE(the_service_decides_whether_the_client_is_sent_the_reason),
		LOGIN_CASE(another_word_is_a_fault),
		LOGIN_CASE(a_fault_of_this_host_is_none_of_the_peers),
		LOGIN_CASE(a_name_that_nobody_can_have_is_refused),
	};
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

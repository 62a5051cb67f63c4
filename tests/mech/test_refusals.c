/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KERBEROS_V5 through libsasl2's public API: everything that is refused, and
 * what each side says of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sasl/prop.h>

#include "base/timestamp.h"
#include "tests/support/login_fixture.h"
#include "tests/support/suite.h"

/* What the two sides and the server's log are expected to say. */
struct expected {
	int server_result, client_result;
	const char *client, *server, *log;
};

static void expect_refusal(const struct pair_setup *how, const struct expected *expected)
{
	struct pair_setup with_log = *how;
	with_log.server.option[PAIR_OPTIONS - 1][0] = NULL;
	struct pair pair;
	pair_open(&pair, &with_log);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, expected->client_result);
	assert_int_equal(pair.server.result, expected->server_result);
	if (expected->client)
		expect_in("the client", peer_detail(&pair.client), expected->client);
	if (expected->server)
		expect_in("the server", peer_detail(&pair.server), expected->server);
	if (expected->log)
		expect_in("the log", peer_log(&pair.server), expected->log);
	/* Whoever is not authenticated reads no path of the server. */
	expect_not_in("the server", peer_detail(&pair.server), "/tmp/");
	pair_close(&pair);
}

static const struct pair_setup verbose = {.server.option = {{"log_level", "2"}}};

static void times(struct mint_ticket *ticket, void *arg)
{
	const int64_t *offset = arg;
	int64_t now = timestamp_now().seconds;
	ticket->part.authtime = now + offset[0];
	ticket->part.has_starttime = true;
	ticket->part.starttime = now + offset[0];
	ticket->part.endtime = now + offset[1];
}

static void a_client_with_an_expired_ticket_does_not_begin(void **state UNUSED)
{
	int64_t yesterday[] = {-86400, -3600};
	realm_issue(&(struct realm_ticket){.change = times, .arg = yesterday});
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, SASL_FAIL);
	expect_in("the client", peer_detail(&pair.client), "test/mail.example.test");
	expect_in("the client", peer_detail(&pair.client), "1 h");
	pair_close(&pair);
}

/* Some clients show nothing else to their user (imtest: "generic failure"). */
static void the_trace_file_says_why_a_login_failed(void **state UNUSED)
{
	int64_t yesterday[] = {-86400, -3600};
	realm_issue(&(struct realm_ticket){.change = times, .arg = yesterday});
	setenv("KRB5_TRACE", realm_path("trace"), 1);
	struct pair pair;
	pair_open(&pair, &(struct pair_setup){.client.option = {{"log_level", "0"}}});
	assert_false(pair_run(&pair));
	unsetenv("KRB5_TRACE");
	assert_string_equal(peer_log(&pair.client), "");
	pair_close(&pair);

	char line[1200] = "";
	FILE *file = fopen(realm_path("trace"), "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof line, file));
	fclose(file);
	assert_int_equal(line[0], '[');
	expect_in("the trace", line, ": the ticket for test/mail.example.test@EXAMPLE.TEST in ");
	expect_in("the trace", line, "1 h ago");
}

/* Some programs show nothing but their SASL log (Postfix's smtp), and set no level. */
static void a_clients_log_says_why_once(void **state UNUSED)
{
	remove(realm_path("ccache"));
	for (int i = 0; i < 2; i++) {
		const struct pair_setup how = {.mechanism = i == 0 ? "GSSAPI" : "KERBEROS_V5"};
		struct pair pair;
		pair_open(&pair, &how);
		assert_false(pair_run(&pair));
		const char *log = peer_log(&pair.client);
		assert_int_equal(log[0], '2');
		expect_in("the client's log", log, ": there is no credential cache ");
		assert_ptr_equal(strchr(log, '\n'), strrchr(log, '\n'));
		pair_close(&pair);
	}
}

static void a_client_without_a_cache_says_what_to_do(void **state UNUSED)
{
	remove(realm_path("ccache"));
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, SASL_FAIL);
	expect_in("the client", peer_detail(&pair.client), "kinit");
	expect_in("the client", peer_detail(&pair.client), realm_path("ccache"));
	pair_close(&pair);
}

static void a_client_without_the_ticket_says_what_to_do(void **state UNUSED)
{
	realm_issue(&(struct realm_ticket){.server = "test/other.example.test@EXAMPLE.TEST"});
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, SASL_FAIL);
	expect_in("the client", peer_detail(&pair.client), "test/mail.example.test");
	expect_in("the client", peer_detail(&pair.client), "run kinit");
	pair_close(&pair);
}

static void the_clients_krb5_conf_is_named_with_its_line(void **state UNUSED)
{
	configure("[libdefaults]\n\tdefault_realm EXAMPLE.TEST\n");
	struct pair pair;
	pair_open(&pair, &verbose);
	const char *out, *mechanism;
	unsigned len;
	assert_int_equal(
		sasl_client_start(pair.client.conn, "KERBEROS_V5", NULL, &out, &len, &mechanism),
		SASL_CONTINUE);
	char challenge[22] = {9};
	assert_int_equal(
		sasl_client_step(pair.client.conn, challenge, 21, NULL, &out, &len), SASL_BADPROT);
	expect_in("the client", peer_detail(&pair.client), realm_path("krb5.conf"));
	expect_in("the client", peer_detail(&pair.client), "2");
	expect_in("the client's log", peer_log(&pair.client), "1 KERBEROS_V5: ");
	assert_int_not_equal(
		sasl_server_start(pair.server.conn, "KERBEROS_V5", NULL, 0, &out, &len), SASL_OK);
	expect_in("the server's log", peer_log(&pair.server), "1 KERBEROS_V5: not offered: ");
	expect_in("the server's log", peer_log(&pair.server), realm_path("krb5.conf"));
	pair_close(&pair);
}

static void bad_option_values_are_named(void **state UNUSED)
{
	struct pair pair;
	const struct pair_setup client = {.client.option = {{"kerberos5_mutual", "maybe"}}};
	pair_open(&pair, &client);
	assert_false(pair_run(&pair));
	expect_in("the client", peer_detail(&pair.client),
		"the client option kerberos5_mutual is \"maybe\"; it can be yes or no");
	pair_close(&pair);

	const struct pair_setup server = {.server.option = {{"kerberos5_mutual", "on"}}};
	pair_open(&pair, &server);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_NOMECH);
	assert_string_equal(peer_log(&pair.server),
		"1 KERBEROS_V5: not offered: the server option kerberos5_mutual is \"on\"; it can "
		"be allowed or required\n");
	pair_close(&pair);
}

static void skewed_clock_is_told_to_the_user(void **state UNUSED)
{
	/* A cache that says the KDC's clock is ahead: the client's authenticator runs with it. */
	AUTO_BUFFER cache = {0};
	struct error err;
	struct ccache *old = NULL;
	assert_int_equal(ccache_open(realm_path("ccache"), NULL, &old, &err), STATUS_OK);
	struct credential credential;
	AUTO_BUFFER storage = {0};
	struct principal server;
	assert_int_equal(
		principal_parse(SLICE_LITERAL(REALM_SERVER), &server, &storage, &err), STATUS_OK);
	const struct enctype_list all = {1, {ENCTYPE_AES256_SHA1}};
	assert_int_equal(
		ccache_find(old, &server, &(struct ccache_terms){&all, timestamp_now().seconds, 0},
			&credential, &err),
		STATUS_OK);
	mint_ccache_start(&cache, 4, &credential.client, 1032);
	mint_ccache_credential(&cache, 4, &credential, &(struct host_addresses){0});
	assert_int_equal(mint_file(realm_path("ccache"), buffer_slice(&cache), &err), STATUS_OK);
	ccache_close(old);

	expect_refusal(&verbose, &(struct expected){
					 .server_result = SASL_CONTINUE,
					 .client_result = SASL_BADAUTH,
					 .client = "clock skew too great",
					 .server = "clock skew too great",
					 .log = "2 KERBEROS_V5: login refused "
						"(alice@EXAMPLE.TEST): clock skew too great",
				 });
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_false(pair_run(&pair));
	expect_in("the client", peer_detail(&pair.client), "17 min");
	pair_close(&pair);
}

static void a_refused_login_ends_with_badauth(void **state UNUSED)
{
	struct realm_ticket other_key = {.keep_keytab = true};
	realm_issue(&other_key);
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_true(pair_start(&pair));
	assert_true(pair_step(&pair));
	assert_true(pair_step(&pair));
	assert_int_equal(pair.server.result, SASL_CONTINUE);
	assert_int_equal(der_message_type(buffer_slice(&pair.token)), KRB_ERROR);
	const char *out;
	unsigned len;
	assert_int_equal(sasl_server_step(pair.server.conn, "", 0, &out, &len), SASL_BADAUTH);
	const char *log = peer_log(&pair.server);
	assert_ptr_equal(strchr(log, '\n'), strrchr(log, '\n'));
	pair_close(&pair);
}

static void without_mutual_a_refusal_is_immediate(void **state UNUSED)
{
	realm_issue(&(struct realm_ticket){.keep_keytab = true});
	struct pair_setup how = verbose;
	how.client.option[0][0] = "kerberos5_mutual";
	how.client.option[0][1] = "no";
	expect_refusal(&how, &(struct expected){
				     .server_result = SASL_BADAUTH,
				     .client_result = SASL_OK,
				     .log = "login refused: ",
			     });
}

static void a_ticket_in_another_key_is_refused(void **state UNUSED)
{
	realm_issue(&(struct realm_ticket){.keep_keytab = true});
	expect_refusal(&verbose, &(struct expected){
					 .server_result = SASL_CONTINUE,
					 .client_result = SASL_BADAUTH,
					 .client = "test/mail.example.test",
					 .log = "does not decrypt",
				 });
}

static void a_key_of_another_version_is_named_in_the_log_only(void **state UNUSED)
{
	realm_issue(&(struct realm_ticket){.kvno = 7, .keep_keytab = true});
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_false(pair_run(&pair));
	expect_in("the log", peer_log(&pair.server), "kvno 7");
	expect_in("the log", peer_log(&pair.server), realm_path("keytab"));
	expect_not_in("the client", peer_detail(&pair.client), realm_path("keytab"));
	expect_not_in("the server", peer_detail(&pair.server), realm_path("keytab"));
	pair_close(&pair);
}

static void a_service_that_is_pinned_is_the_only_one(void **state UNUSED)
{
	struct pair_setup how = verbose;
	how.server.option[1][0] = "kerberos5_service_principal";
	how.server.option[1][1] = "test/mail.example.test";
	struct pair pair;
	pair_open(&pair, &how);
	assert_true(pair_run(&pair));
	pair_close(&pair);

	how.server.option[1][1] = "test/other.example.test@EXAMPLE.TEST";
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_NOMECH);
	expect_in("the log", peer_log(&pair.server), "test/other.example.test@EXAMPLE.TEST");
	pair_close(&pair);

	how.server.option[1][1] = "test@a@b";
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	expect_in("the log", peer_log(&pair.server), "option kerberos5_service_principal: ");
	pair_close(&pair);
}

static void krb5_conf_can_pin_the_servers_host_name(void **state UNUSED)
{
	configure("[libdefaults]\n\tignore_acceptor_hostname = false\n");
	realm_issue(&(struct realm_ticket){.server = "test/balancer.example.test@EXAMPLE.TEST"});
	struct pair pair;
	pair_open(&pair, &(struct pair_setup){.server.option = {{"log_level", "2"}}});
	assert_false(pair_run(&pair));
	expect_in("the log", peer_log(&pair.server), "test/mail.example.test");
	pair_close(&pair);

	realm_issue(&(struct realm_ticket){0});
	pair_open(&pair, &(struct pair_setup){.host = "mail.example.test."});
	assert_true(pair_run(&pair));
	pair_close(&pair);
}

static void name_client(struct mint_ticket *ticket, void *arg)
{
	ticket->part.client = *(struct principal *)arg;
}

static void names_that_pass_for_others_are_refused(void **state UNUSED)
{
	static const struct {
		struct slice name, realm;
		const char *reason;
	} row[] = {
		{SLICE_LITERAL("alice\0"), SLICE_LITERAL("EXAMPLE.TEST"), "a NUL octet"},
		{SLICE_LITERAL("alice"), SLICE_LITERAL("EXAMPLE.TEST\0.X"), "a NUL octet"},
		{SLICE_LITERAL("ali\nce"), SLICE_LITERAL("EXAMPLE.TEST"), "a control character"},
		{SLICE_LITERAL("ali\x7f"), SLICE_LITERAL("EXAMPLE.TEST"), "a control character"},
		{SLICE_LITERAL(" alice"), SLICE_LITERAL("EXAMPLE.TEST"), "a blank"},
		{SLICE_LITERAL("alice "), SLICE_LITERAL("EXAMPLE.TEST"), "a blank"},
		{SLICE_LITERAL("alice"), SLICE_LITERAL("EXAMPLE.TEST "), "a blank"},
		{SLICE_LITERAL("alice@EXAMPLE.TEST"), SLICE_LITERAL("OTHER"), "separates"},
		{SLICE_LITERAL("alice/admin"), SLICE_LITERAL("EXAMPLE.TEST"), "separates"},
		{SLICE_LITERAL("al\\ice"), SLICE_LITERAL("EXAMPLE.TEST"), "separates"},
		{SLICE_LITERAL("alice"), SLICE_LITERAL("A@EXAMPLE.TEST"), "separates"},
		{SLICE_LITERAL(""), SLICE_LITERAL("EXAMPLE.TEST"), "no name"},
		{SLICE_LITERAL("alice"), SLICE_LITERAL(""), "no realm"},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct principal client = {NT_PRINCIPAL, 1, {row[i].name}, row[i].realm};
		realm_issue(&(struct realm_ticket){.change = name_client, .arg = &client});
		struct pair pair;
		pair_open(&pair, &verbose);
		assert_false(pair_run(&pair));
		expect_in("the client", peer_detail(&pair.client), row[i].reason);
		pair_close(&pair);
	}
}

static void outer_blanks_in_an_authorization_identity_are_refused(void **state UNUSED)
{
	static const struct {
		const char *user, *reason;
	} row[] = {{"bob ", "a blank"}, {" bob", "a blank"}, {"bo\tb\n", "a control character"}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const struct pair_setup how = {.client.user = row[i].user};
		struct pair pair;
		pair_open(&pair, &how);
		assert_false(pair_run(&pair));
		assert_int_equal(pair.client.result, SASL_BADPROT);
		expect_in("the client", peer_detail(&pair.client), row[i].reason);
		pair_close(&pair);
	}
}

SUITE(test_refusals)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(a_client_with_an_expired_ticket_does_not_begin),
		LOGIN_CASE(the_trace_file_says_why_a_login_failed),
		LOGIN_CASE(a_clients_log_says_why_once),
		LOGIN_CASE(a_client_without_a_cache_says_what_to_do),
		LOGIN_CASE(a_client_without_the_ticket_says_what_to_do),
		LOGIN_CASE(the_clients_krb5_conf_is_named_with_its_line),
		LOGIN_CASE(bad_option_values_are_named),
		LOGIN_CASE(skewed_clock_is_told_to_the_user),
		LOGIN_CASE(a_refused_login_ends_with_badauth),
		LOGIN_CASE(without_mutual_a_refusal_is_immediate),
		LOGIN_CASE(a_ticket_in_another_key_is_refused),
		LOGIN_CASE(a_key_of_another_version_is_named_in_the_log_only),
		LOGIN_CASE(a_service_that_is_pinned_is_the_only_one),
		LOGIN_CASE(krb5_conf_can_pin_the_servers_host_name),
		LOGIN_CASE(names_that_pass_for_others_are_refused),
		LOGIN_CASE(outer_blanks_in_an_authorization_identity_are_refused),
	};
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KERBEROS_V5 through libsasl2's public API: logins that succeed, and what
 * options, names and properties make of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sasl/prop.h>

#include "base/timestamp.h"
#include "tests/support/login_fixture.h"
#include "tests/support/suite.h"

static void expect_login(struct pair *pair)
{
	if (!pair_run(pair))
		fail_msg("client %d: %s; server %d: %s; server's log: %s", pair->client.result,
			peer_detail(&pair->client), pair->server.result, peer_detail(&pair->server),
			peer_log(&pair->server));
}

/* Logs in as `setup` says, and compares the server's view of who it was. */
static void login_as(const struct pair_setup *setup_of, const char *authid, const char *authzid)
{
	struct pair pair;
	pair_open(&pair, setup_of);
	expect_login(&pair);
	assert_string_equal(peer_string(&pair.server, SASL_AUTHUSER), authid);
	assert_string_equal(peer_string(&pair.server, SASL_USERNAME), authzid);
	assert_string_equal(peer_string(&pair.client, SASL_AUTHUSER), authid);
	assert_string_equal(peer_string(&pair.client, SASL_USERNAME), authzid);
	pair_close(&pair);
}

static void logs_in_with_mutual_authentication(void **state UNUSED)
{
	usual_realm(NULL);
	const struct pair_setup how = {.server.option = {{"log_level", "4"}}};
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_string_equal(peer_log(&pair.server),
		"4 KERBEROS_V5: login accepted: alice@EXAMPLE.TEST authenticated to "
		"test/mail.example.test@EXAMPLE.TEST as \"alice\", aes256-cts-hmac-sha1-96, "
		"mutual, SSF 0\n");
	assert_true(pair.to_client == false);
	pair_close(&pair);
	login_as(&how, "alice", "alice");
}

static void logs_in_without_mutual_authentication(void **state UNUSED)
{
	usual_realm(NULL);
	const struct pair_setup how = {.client.option = {{"kerberos5_mutual", "no"}},
		.server.option = {{"log_level", "4"}}};
	struct pair pair;
	pair_open(&pair, &how);
	assert_true(pair_start(&pair));
	assert_true(pair_step(&pair));
	assert_int_equal(pair.client.result, SASL_OK);
	assert_true(pair_step(&pair));
	assert_int_equal(pair.server.result, SASL_OK);
	assert_false(pair.has_token);
	assert_non_null(strstr(peer_log(&pair.server), ", not mutual, SSF 0\n"));
	pair_close(&pair);
}

static void works_where_success_carries_no_data(void **state UNUSED)
{
	usual_realm(NULL);
	login_as(&(struct pair_setup){.no_success_data = true}, "alice", "alice");
	login_as(&(struct pair_setup){.no_success_data = true,
			 .client.option = {{"kerberos5_mutual", "no"}}},
		"alice", "alice");
}

/* Up to where the server has sent its AP-REP as one more challenge. */
static void wait_for_the_empty_message(struct pair *pair)
{
	static const struct pair_setup how = {.no_success_data = true,
		.client.security = {.max_ssf = 256, .maxbufsize = 4096},
		.server.security = {.max_ssf = 256, .maxbufsize = 4096},
		.server.option = {{"log_level", "2"}}};
	pair_open(pair, &how);
	assert_true(pair_start(pair) && pair_step(pair) && pair_step(pair));
	assert_int_equal(pair->server.result, SASL_CONTINUE);
}

/* libsasl2 2.1.28 takes whatever comes for a success once it passed one on as a challenge. */
static void only_the_empty_message_follows_the_ap_rep(void **state UNUSED)
{
	struct pair pair;
	const char *out;
	unsigned len;
	wait_for_the_empty_message(&pair);
	assert_int_equal(sasl_server_step(pair.server.conn, "more", 4, &out, &len), SASL_BADAUTH);
	expect_in("the log", peer_log(&pair.server), "its empty message is due");
	assert_int_equal(sasl_server_step(pair.server.conn, "", 0, &out, &len), SASL_BADAUTH);
	pair_close(&pair);
}

static void another_login_instead_of_the_empty_message_is_another_login(void **state UNUSED)
{
	struct pair pair;
	const char *out;
	unsigned len;
	wait_for_the_empty_message(&pair);
	assert_int_equal(sasl_server_start(pair.server.conn, "KERBEROS_V5", NULL, 0, &out, &len),
		SASL_CONTINUE);
	assert_int_equal(len, 21);
	assert_int_equal(sasl_encode(pair.server.conn, "data", 4, &out, &len), SASL_OK);
	assert_int_equal(len, 4); /* the first one's layer is gone */
	pair_close(&pair);
}

static void every_enctype_logs_in(void **state UNUSED)
{
	static const int32_t types[] = {17, 18, 19, 20, 25, 26};
	for (size_t t = 0; t < 6; t++)
		for (size_t s = 0; s < 6; s++) {
			if (!is_offered(types[t]) || !is_offered(types[s]))
				continue;
			realm_issue(&(struct realm_ticket){
				.ticket_enctype = types[t], .session_enctype = types[s]});
			login_as(&(struct pair_setup){0}, "alice", "alice");
		}
}

static void an_application_overrides_the_client_option(void **state UNUSED)
{
	usual_realm(NULL);
	const struct pair_setup how = {
		.client = {.option = {{"kerberos5_mutual", "no"}},
			.security.security_flags = SASL_SEC_MUTUAL_AUTH},
		.server.option = {{"kerberos5_mutual", "required"}},
	};
	login_as(&how, "alice", "alice");
}

static void the_option_is_read_from_appdefaults(void **state UNUSED)
{
	static const char *const conf[] = {
		"[appdefaults]\n\tkerberos5_mutual = no\n",
		"[appdefaults]\n\ttest = {\n\t\tkerberos5_mutual = no\n\t}\n",
		("[libdefaults]\n\tdefault_realm = EXAMPLE.TEST\n[appdefaults]\n"
		 "\tEXAMPLE.TEST = {\n\t\tkerberos5_mutual = off\n\t}\n"),
	};
	for (size_t i = 0; i < 3; i++) {
		configure(conf[i]);
		struct pair pair;
		pair_open(&pair, &(struct pair_setup){0});
		assert_true(pair_start(&pair));
		assert_true(pair_step(&pair));
		assert_int_equal(pair.client.result, SASL_OK);
		pair_close(&pair);
	}
	configure("[appdefaults]\n\tkerberos5_mutual = no\n");
	struct pair pair;
	pair_open(&pair, &(struct pair_setup){.client.option = {{"kerberos5_mutual", "yes"}}});
	assert_true(pair_start(&pair));
	assert_true(pair_step(&pair));
	assert_int_equal(pair.client.result, SASL_CONTINUE);
	pair_close(&pair);
}

static void the_server_option_is_read_from_appdefaults(void **state UNUSED)
{
	configure("[appdefaults]\n\tkerberos5_mutual = required\n");
	realm_issue(&(struct realm_ticket){0});
	struct pair pair;
	pair_open(&pair, &(struct pair_setup){.client.option = {{"kerberos5_mutual", "no"}}});
	assert_false(pair_run(&pair));
	assert_string_equal(strstr(peer_detail(&pair.server), "this server"),
		"this server requires mutual authentication and the client did not ask for it");
	pair_close(&pair);
}

static void an_authorization_identity_comes_by_callback(void **state UNUSED)
{
	usual_realm(NULL);
	login_as(&(struct pair_setup){.client.user = "bob"}, "alice", "bob");
	login_as(&(struct pair_setup){.client.user = ""}, "alice", "alice");
	login_as(&(struct pair_setup){.client.nameless = true}, "alice", "alice");
}

static void an_authorization_identity_comes_by_prompt(void **state UNUSED)
{
	usual_realm(NULL);
	login_as(&(struct pair_setup){.client = {.user = "bob", .prompt = true}}, "alice", "bob");
	login_as(&(struct pair_setup){.client = {.user = NULL, .prompt = true}}, "alice", "alice");
}

static void the_log_tells_who_asks_to_act_as_whom(void **state UNUSED)
{
	usual_realm(NULL);
	const struct pair_setup how = {.client.user = "bob", .server.option = {{"log_level", "4"}}};
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_non_null(strstr(peer_log(&pair.server),
		"@EXAMPLE.TEST as \"alice\", asking to act as \"bob\", aes256-"));
	pair_close(&pair);
}

static void the_servers_policy_has_the_last_word(void **state UNUSED)
{
	usual_realm(NULL);
	const struct pair_setup how = {.client.user = "nobody"};
	struct pair pair;
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_NOAUTHZ);
	assert_non_null(strstr(peer_detail(&pair.server), "nobody may log in as nobody"));
	pair_close(&pair);
}

static void the_users_environment_is_no_authentication_name(void **state UNUSED)
{
	usual_realm(NULL);
	setenv("USER", "mallory", 1);
	login_as(&(struct pair_setup){0}, "alice", "alice");
}

static void a_foreign_client_keeps_its_realm(void **state UNUSED)
{
	usual_realm(NULL);
	realm_issue(&(struct realm_ticket){.client = "alice@OTHER.TEST"});
	login_as(&(struct pair_setup){0}, "alice@OTHER.TEST", "alice@OTHER.TEST");
	realm_issue(&(struct realm_ticket){.client = "alice/admin@EXAMPLE.TEST"});
	login_as(&(struct pair_setup){0}, "alice/admin", "alice/admin");
}

static void without_a_default_realm_every_name_has_one(void **state UNUSED)
{
	configure("");
	realm_issue(&(struct realm_ticket){0});
	login_as(&(struct pair_setup){0}, "alice@EXAMPLE.TEST", "alice@EXAMPLE.TEST");
}

static void the_host_is_looked_up_in_lower_case(void **state UNUSED)
{
	usual_realm(NULL);
	login_as(&(struct pair_setup){.host = "MAIL.Example.TEST."}, "alice", "alice");
}

static void any_name_of_the_server_is_accepted(void **state UNUSED)
{
	configure("[domain_realm]\n\t.example.test = EXAMPLE.TEST\n");
	realm_issue(&(struct realm_ticket){.server = "test/balancer.example.test@EXAMPLE.TEST"});
	login_as(&(struct pair_setup){.host = "balancer.example.test"}, "alice@EXAMPLE.TEST",
		"alice@EXAMPLE.TEST");
}

static void a_large_ticket_logs_in(void **state UNUSED)
{
	usual_realm(NULL);
	realm_issue(&(struct realm_ticket){.size = 48 << 10});
	login_as(&(struct pair_setup){0}, "alice", "alice");
}

static void with_address(struct mint_ticket *ticket, void *arg)
{
	ticket->part.addresses = (struct host_addresses){
		.count = 1,
		.element = {{ADDRESS_IPV4, slice_of(arg, 4)}},
	};
}

static void a_ticket_with_the_peers_address_logs_in(void **state UNUSED)
{
	usual_realm(NULL);
	realm_issue(&(struct realm_ticket){.change = with_address, .arg = (char[]){"\xc0\0\2\1"}});
	login_as(&(struct pair_setup){.server.address = "192.0.2.1;4711"}, "alice", "alice");
	login_as(&(struct pair_setup){.server.address = "::ffff:192.0.2.1;4711"}, "alice", "alice");
	login_as(&(struct pair_setup){0}, "alice", "alice");

	const struct pair_setup elsewhere = {.server.address = "192.0.2.2;4711"};
	struct pair pair;
	pair_open(&pair, &elsewhere);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_CONTINUE);
	assert_int_equal(pair.client.result, SASL_BADAUTH);
	assert_non_null(strstr(peer_detail(&pair.client), "address"));
	pair_close(&pair);
}

static const char *const property_names[] = {"krb5PrincipalName", "krb5Realm", "krb5AuthTime",
	"krb5EndTime", "krb5TicketFlags", "krb5EncType", "krb5AuthorizationData", "mail", NULL};

static void with_authorization_data(struct mint_ticket *ticket, void *arg)
{
	struct error err;
	if (mint_authdata(&ticket->part.authorization_data, 4711, SLICE_LITERAL("a\0certificate"),
		    AD_IF_RELEVANT, arg, &err))
		fail_msg("%s", err.text);
	ticket->part.authtime = 1769854830;
	ticket->part.flags = TICKET_INITIAL | TICKET_FORWARDABLE;
}

static void properties_are_set_for_who_asks(void **state UNUSED)
{
	usual_realm(NULL);
	AUTO_BUFFER storage = {0};
	realm_issue(&(struct realm_ticket){.change = with_authorization_data, .arg = &storage});
	const struct pair_setup how = {.server.properties = property_names};
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);

	struct propval value[9];
	struct propctx *properties = sasl_auxprop_getctx(pair.server.conn);
	prop_getnames(properties, (const char **)property_names, value);
	assert_string_equal(value[0].values[0], "alice@EXAMPLE.TEST");
	assert_string_equal(value[1].values[0], "EXAMPLE.TEST");
	assert_string_equal(value[2].values[0], "20260131102030Z");
	int64_t endtime;
	assert_true(kerberos_time_parse(slice_string(value[3].values[0]), &endtime));
	assert_true(endtime > timestamp_now().seconds);
	assert_string_equal(value[4].values[0], "0x40400000");
	assert_string_equal(value[5].values[0], "aes256-cts-hmac-sha1-96");
	assert_int_equal(value[6].nvalues, 1);
	struct authorization_data list;
	struct error err;
	struct slice der = slice_of(value[6].values[0], value[6].valsize);
	assert_int_equal(der_read_authorization_data(der, &list, &err), STATUS_OK);
	assert_int_equal(list.element[0].type, AD_IF_RELEVANT);
	assert_null(value[7].values);
	pair_close(&pair);
}

static void the_trace_shows_the_six_steps(void **state UNUSED)
{
	usual_realm(NULL);
	const struct pair_setup how = {
		.client.option = {{"log_level", "6"}},
		.server.option = {{"log_level", "6"}},
	};
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	static const char *const at_client[] = {"6 KERBEROS_V5: 1: ", "6 KERBEROS_V5: 6: "};
	static const char *const at_server[] = {"6 KERBEROS_V5: 2: ", "6 KERBEROS_V5: 3: ",
		"6 KERBEROS_V5: 4: ", "6 KERBEROS_V5: 5: "};
	for (size_t i = 0; i < 2; i++)
		assert_non_null(strstr(peer_log(&pair.client), at_client[i]));
	for (size_t i = 0; i < 4; i++)
		assert_non_null(strstr(peer_log(&pair.server), at_server[i]));
	assert_non_null(strstr(peer_log(&pair.server), "aes256-cts-hmac-sha1-96"));
	pair_close(&pair);
}

static void the_trace_goes_to_a_file_too(void **state UNUSED)
{
	usual_realm(NULL);
	setenv("KRB5_TRACE", realm_path("trace"), 1);
	login_as(&(struct pair_setup){0}, "alice", "alice");
	unsetenv("KRB5_TRACE");
	FILE *file = fopen(realm_path("trace"), "r");
	assert_non_null(file);
	char line[1200];
	for (int step = 1; step <= 6; step++) {
		assert_non_null(fgets(line, sizeof line, file));
		char mark[16];
		snprintf(mark, sizeof mark, " %d: ", step);
		if (!strstr(line, mark))
			fail_msg("step %d: %s", step, line);
	}
	assert_null(fgets(line, sizeof line, file));
	fclose(file);
}

static void a_success_is_silent_below_note(void **state UNUSED)
{
	usual_realm(NULL);
	struct pair pair;
	pair_open(&pair, &(struct pair_setup){.server.option = {{"log_level", "3"}}});
	expect_login(&pair);
	assert_string_equal(peer_log(&pair.server), "");
	assert_string_equal(peer_log(&pair.client), "");
	pair_close(&pair);
}

static bool is_listed(struct pair *pair)
{
	const char *list = NULL;
	int result = sasl_listmech(pair->server.conn, NULL, " ", " ", " ", &list, NULL, NULL);
	return result == SASL_OK && strstr(list, " KERBEROS_V5 ");
}

static void it_is_listed_unless_the_policy_asks_for_more(void **state UNUSED)
{
	usual_realm(NULL);
	static const struct {
		struct peer_setup server;
		bool listed;
	} row[] = {
		{{.security.max_ssf = 256}, true},
		{{.security.security_flags = SASL_SEC_MUTUAL_AUTH | SASL_SEC_NOPLAINTEXT |
					     SASL_SEC_NOACTIVE | SASL_SEC_NOANONYMOUS},
			true},
		{{.security = {.min_ssf = 56, .max_ssf = 256, .maxbufsize = 4096},
			 .external_ssf = 128},
			true},
		{{.security = {.min_ssf = 313, .max_ssf = 512, .maxbufsize = 4096},
			 .external_ssf = 56},
			false},
		{{.security.security_flags = SASL_SEC_FORWARD_SECRECY}, false},
		{{.security.security_flags = SASL_SEC_PASS_CREDENTIALS}, false},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct pair_setup how = {.server = row[i].server};
		struct pair pair;
		pair_open(&pair, &how);
		if (is_listed(&pair) != row[i].listed)
			fail_msg("row %zu: %s", i, row[i].listed ? "not listed" : "listed");
		pair_close(&pair);
	}
}

/* One whose key the service has no more; with a service that says so, and one that hangs up. */
static void after_a_refusal_another_ticket_is_looked_for(void **state UNUSED)
{
	static const char missed[] =
		"there is no new ticket in place of one that the service refused";
	const struct pair_setup how = {.client.option = {{"log_level", "3"}}};
	for (unsigned steps = 1; steps <= 3; steps += 2) {
		struct pair pair;
		pair_library_stop(); /* with which the module forgets */
		pair_library_start();
		realm_issue(&(struct realm_ticket){.keep_keytab = true});
		pair_open(&pair, &how);
		assert_true(pair_start(&pair));
		for (unsigned i = 0; i < steps; i++)
			(void)pair_step(&pair);
		assert_int_equal(pair.client.result, steps == 1 ? SASL_CONTINUE : SASL_BADAUTH);
		assert_null(strstr(peer_log(&pair.client), missed));
		pair_close(&pair);
		pair_open(&pair, &how);
		assert_true(pair_start(&pair) && pair_step(&pair));
		assert_non_null(strstr(peer_log(&pair.client), missed));
		pair_close(&pair);
	}
	usual_realm(NULL);
}

SUITE(test_kerberos_v5)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_in_with_mutual_authentication),
		cmocka_unit_test(logs_in_without_mutual_authentication),
		cmocka_unit_test(works_where_success_carries_no_data),
		cmocka_unit_test(only_the_empty_message_follows_the_ap_rep),
		cmocka_unit_test(another_login_instead_of_the_empty_message_is_another_login),
		cmocka_unit_test(every_enctype_logs_in),
		cmocka_unit_test(an_application_overrides_the_client_option),
		cmocka_unit_test(the_option_is_read_from_appdefaults),
		cmocka_unit_test(the_server_option_is_read_from_appdefaults),
		cmocka_unit_test(an_authorization_identity_comes_by_callback),
		cmocka_unit_test(an_authorization_identity_comes_by_prompt),
		cmocka_unit_test(the_log_tells_who_asks_to_act_as_whom),
		cmocka_unit_test(the_servers_policy_has_the_last_word),
		cmocka_unit_test(the_users_environment_is_no_authentication_name),
		cmocka_unit_test(a_foreign_client_keeps_its_realm),
		cmocka_unit_test(without_a_default_realm_every_name_has_one),
		cmocka_unit_test(the_host_is_looked_up_in_lower_case),
		cmocka_unit_test(any_name_of_the_server_is_accepted),
		cmocka_unit_test(a_large_ticket_logs_in),
		cmocka_unit_test(a_ticket_with_the_peers_address_logs_in),
		cmocka_unit_test(properties_are_set_for_who_asks),
		cmocka_unit_test(the_trace_shows_the_six_steps),
		cmocka_unit_test(the_trace_goes_to_a_file_too),
		cmocka_unit_test(a_success_is_silent_below_note),
		cmocka_unit_test(it_is_listed_unless_the_policy_asks_for_more),
		LOGIN_CASE(after_a_refusal_another_ticket_is_looked_for),
	};
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

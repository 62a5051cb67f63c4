/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Under which name a client logs in through libsasl2, where more than one
 * realm is about; and who does not, since he has none.
 */
#include <stdio.h>

#include "tests/support/login_fixture.h"
#include "tests/support/suite.h"

#define OTHER_SERVER "test/mail.example.test@OTHER.TEST"

static const char *const mechanisms[] = {"GSSAPI", "KERBEROS_V5"};

/* The ticket that was issued last is the one that the client uses. */
static void expect_name_by(const char *rules, const char *server, const char *name)
{
	for (size_t i = 0; i < 2; i++) {
		const struct pair_setup how = {.mechanism = mechanisms[i],
			.client.option = {{"kerberos5_service_principal", server}},
			.server.option = {
				{"kerberos5_names", rules ? "local-or-principal" : "principal"},
				{"kerberos5_auth_to_local", rules}}};
		struct pair pair;
		pair_open(&pair, &how);
		if (!pair_run(&pair))
			fail_msg("%s; %s", peer_detail(&pair.client), peer_detail(&pair.server));
		assert_string_equal(peer_string(&pair.server, SASL_USERNAME), name);
		pair_close(&pair);
	}
}

static void expect_name(const char *server, const char *name)
{
	expect_name_by(NULL, server, name);
}

static void another_realms_service_names_no_local_user(void **state UNUSED)
{
	realm_issue_again(
		&(struct realm_ticket){.client = "root@EXAMPLE.TEST", .server = OTHER_SERVER});
	expect_name(OTHER_SERVER, "root@EXAMPLE.TEST");
	usual_realm(NULL);
	realm_issue_again(
		&(struct realm_ticket){.client = "bob@OTHER.TEST", .server = OTHER_SERVER});
	expect_name(OTHER_SERVER, "bob@OTHER.TEST");
	/* The other way round: the default realm's own KDC may name them. */
	realm_issue(&(struct realm_ticket){.client = "bob@OTHER.TEST", .server = OTHER_SERVER});
	realm_issue_again(&(struct realm_ticket){0});
	expect_name(REALM_SERVER, "alice");
}

/* Rules are for the users whose KDC made the ticket. */
static void another_realms_service_maps_its_own_users_alone(void **state UNUSED)
{
	static const char rules[] = "RULE:[1:$1@$0](.*@EXAMPLE.TEST)s/@.*/-here/ "
				    "RULE:[1:$1@$0](.*@OTHER.TEST)s/@.*/-there/ RULE:[1:$1]";
	realm_issue_again(
		&(struct realm_ticket){.client = "root@EXAMPLE.TEST", .server = OTHER_SERVER});
	expect_name_by(rules, OTHER_SERVER, "root@EXAMPLE.TEST");
	usual_realm(NULL);
	realm_issue_again(
		&(struct realm_ticket){.client = "root@THIRD.TEST", .server = OTHER_SERVER});
	expect_name_by(rules, OTHER_SERVER, "root@THIRD.TEST");
	usual_realm(NULL);
	realm_issue_again(
		&(struct realm_ticket){.client = "bob@OTHER.TEST", .server = OTHER_SERVER});
	expect_name_by(rules, OTHER_SERVER, "bob-there");
	realm_issue(&(struct realm_ticket){.client = "bob@OTHER.TEST", .server = OTHER_SERVER});
	realm_issue_again(&(struct realm_ticket){.client = "bob@OTHER.TEST"});
	expect_name_by(rules, REALM_SERVER, "bob-there");
}

/* Users live in EXAMPLE.TEST, services in OTHER.TEST. */
static void services_may_live_in_a_realm_of_their_own(void **state UNUSED)
{
	remove(realm_path("keytab"));
	realm_issue(&(struct realm_ticket){.server = OTHER_SERVER});
	expect_name(OTHER_SERVER, "alice");
}

static void other_than_the_credential_says(struct mint_ticket *ticket, void *arg)
{
	ticket->part.flags |= *(uint32_t *)arg;
}

static void expect_anonymous(const char *client, uint32_t flags)
{
	for (size_t i = 0; i < 2; i++) {
		realm_issue(&(struct realm_ticket){
			.client = client, .change = other_than_the_credential_says, .arg = &flags});
		const struct pair_setup how = {.mechanism = mechanisms[i]};
		struct pair pair;
		pair_open(&pair, &how);
		assert_false(pair_run(&pair));
		assert_int_equal(pair.client.result, SASL_FAIL); /* nothing was sent */
		expect_in("the client", peer_detail(&pair.client), "nobody logs in without a name");
		pair_close(&pair);
	}
}

/* Where the client is ours; test_ap_req_hostile has the server's side. */
static void a_client_uses_no_anonymous_ticket(void **state UNUSED)
{
	expect_anonymous("WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS", TICKET_ANONYMOUS);
	expect_anonymous("WELLKNOWN/ANONYMOUS@EXAMPLE.TEST", 0);
	expect_anonymous("alice@WELLKNOWN:ANONYMOUS", 0);
	expect_anonymous("alice@EXAMPLE.TEST", TICKET_ANONYMOUS);
}

SUITE(test_names)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(another_realms_service_names_no_local_user),
		LOGIN_CASE(another_realms_service_maps_its_own_users_alone),
		LOGIN_CASE(services_may_live_in_a_realm_of_their_own),
		LOGIN_CASE(a_client_uses_no_anonymous_ticket),
	};
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

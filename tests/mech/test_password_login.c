/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Logins that get their tickets from a KDC, through libsasl2: which way is gone
 * by which option, what the application and its user are asked for, and that
 * no password goes where it should not, or stays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/login_fixture.h"
#include "tests/support/memory_search.h"
#include "tests/support/realm_kdc.h"
#include "tests/support/suite.h"

#define VERBOSE                                                                                    \
	{                                                                                          \
		"log_level", "7"                                                                   \
	}
#define PASSWORD_WAYS                                                                              \
	VERBOSE,                                                                                   \
	{                                                                                          \
		"kerberos5_credentials", "cache password"                                          \
	}

static struct fake_world world;
static struct fake_asked *asked;

static int open_realm(void **state UNUSED)
{
	asked = realm_kdc_open(&world, 0);
	return 0;
}

static int close_realm(void **state UNUSED)
{
	realm_kdc_close(&world);
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_realm, close_realm)

static const char *const mechanisms[] = {"GSSAPI", "KERBEROS_V5"};

/* With both mechanisms; and how often the user is asked, for how much. */
static void login_as_alice(struct pair_setup how, unsigned rounds, unsigned questions)
{
	for (unsigned i = 0; i < 2; i++) {
		struct pair pair;
		how.mechanism = mechanisms[i];
		asked->as = asked->tgs = 0;
		pair_open(&pair, &how);
		if (!pair_run(&pair))
			fail_msg("%s: %s", mechanisms[i], peer_detail(&pair.client));
		assert_string_equal(peer_string(&pair.server, SASL_AUTHUSER), "alice");
		assert_int_equal(pair.client.rounds, rounds);
		assert_int_equal(pair.client.questions, questions);
		assert_int_equal(asked->as, 2); /* once to be told how */
		assert_int_equal(asked->tgs, 1);
		expect_not_in("its log", peer_log(&pair.client), FAKE_PASSWORD);
		pair_close(&pair);
	}
}

static void refused_login(struct pair_setup how, int result, const char *sentence)
{
	for (unsigned i = 0; i < 2; i++) {
		struct pair pair;
		how.mechanism = mechanisms[i];
		pair_open(&pair, &how);
		assert_false(pair_run(&pair));
		assert_int_equal(pair.client.result, result);
		expect_in("the client", peer_detail(&pair.client), sentence);
		expect_in("its log", peer_log(&pair.client), sentence);
		expect_not_in("its log", peer_log(&pair.client), "secret of");
		assert_int_equal(pair.client.secrets_asked,
			how.client.option[1][0] && how.client.password ? 1 : 0);
		pair_close(&pair);
	}
}

/* ---- whether at all ---- */

static void no_password_is_asked_for_unless_the_option_says_so(void **state UNUSED)
{
	refused_login((struct pair_setup){.client = {.option = {VERBOSE},
						  .authname = "alice",
						  .password = FAKE_PASSWORD}},
		SASL_FAIL, "there is no credential cache ");
	refused_login(
		(struct pair_setup){
			.client = {.option = {VERBOSE}, .authname = "alice", .prompt_login = true}},
		SASL_FAIL, "; client keytab: there is no client keytab ");
	assert_int_equal(asked->as + asked->tgs, 0);
}

static void with_the_option_it_is(void **state UNUSED)
{
	login_as_alice((struct pair_setup){.client = {.option = {PASSWORD_WAYS},
						   .authname = "alice",
						   .password = FAKE_PASSWORD}},
		0, 0);
	login_as_alice((struct pair_setup){.client = {.option = {PASSWORD_WAYS},
						   .authname = "alice@EXAMPLE.TEST",
						   .password = FAKE_PASSWORD}},
		0, 0);
}

/* Nobody's password but that of who says who it is: libsasl2's $USER is nobody's word. */
static void without_a_name_no_password_is_sent(void **state UNUSED)
{
	setenv("USER", "alice", 1);
	refused_login((struct pair_setup){.client = {.option = {PASSWORD_WAYS},
						  .password = FAKE_PASSWORD}},
		SASL_FAIL, "the application gives no name and password to log in with");
	assert_int_equal(asked->as + asked->tgs, 0);
	const struct peer_setup nothing = {.option = {PASSWORD_WAYS}};
	refused_login((struct pair_setup){.client = nothing}, SASL_FAIL,
		"the application gives no name and password to log in with");
	assert_int_equal(asked->as + asked->tgs, 0);
}

static void a_wrong_password_is_bad_authentication(void **state UNUSED)
{
	refused_login((struct pair_setup){.client = {.option = {PASSWORD_WAYS},
						  .authname = "alice",
						  .password = "secret of another"}},
		SASL_BADAUTH,
		"run kinit, or set KRB5CCNAME; password: the password of alice@EXAMPLE.TEST is "
		"wrong, by "
		"the KDC of EXAMPLE.TEST");
}

/* So that the program asks again, whatever else was tried afterwards. */
static void a_wrong_password_stays_that_if_the_next_way_fails_too(void **state UNUSED)
{
	refused_login(
		(struct pair_setup){
			.client = {.option = {VERBOSE,
					   {"kerberos5_credentials", "password cache keytab"}},
				.authname = "alice",
				.password = "secret of another"}},
		SASL_BADAUTH,
		"is wrong, by the KDC of EXAMPLE.TEST; cache: there is no credential cache ");
}

/* ---- the user ---- */

static void the_user_is_asked_all_in_one_round(void **state UNUSED)
{
	login_as_alice((struct pair_setup){.client = {.option = {PASSWORD_WAYS},
						   .prompt_login = true,
						   .authname = "alice",
						   .password = FAKE_PASSWORD}},
		1, 2);
	login_as_alice((struct pair_setup){.client = {.option = {PASSWORD_WAYS},
						   .prompt_login = true,
						   .prompt = true,
						   .authname = "alice",
						   .password = FAKE_PASSWORD}},
		1, 3);
}

/* An application need not end a password with a NUL. */
static void the_answer_to_a_prompt_is_as_long_as_it_says(void **state UNUSED)
{
	login_as_alice((struct pair_setup){.client = {.option = {PASSWORD_WAYS},
						   .prompt_login = true,
						   .authname = "alice",
						   .password = FAKE_PASSWORD "and what follows",
						   .password_len = sizeof FAKE_PASSWORD - 1}},
		1, 2);
}

static void without_answers_nothing_is_sent(void **state UNUSED)
{
	refused_login(
		(struct pair_setup){.client = {.option = {PASSWORD_WAYS}, .prompt_login = true}},
		SASL_FAIL, "the application gives no name and password to log in with");
	assert_int_equal(asked->as + asked->tgs, 0);
}

static void write_keytab(void)
{
	AUTO_BUFFER contents = {0};
	AUTO_KEY key = fake_password_key(ENCTYPE_AES256_SHA1);
	struct error err;
	const struct mint_keytab_entry entry = {
		.principal = {NT_PRINCIPAL, 1, {SLICE_LITERAL("alice")},
			SLICE_LITERAL("EXAMPLE.TEST")},
		.kvno = 1,
		.enctype = ENCTYPE_AES256_SHA1,
		.key = key_octets(key),
	};
	mint_keytab_start(&contents, MINT_KEYTAB_2);
	mint_keytab_entry(&contents, MINT_KEYTAB_2, &entry);
	assert_int_equal(mint_file(realm_path("client"), buffer_slice(&contents), &err), STATUS_OK);
}

/* All that the ticket was had with goes while the user thinks. */
static void take_all_away(void)
{
	remove(realm_path("client"));
}

static void a_ticket_that_is_there_is_not_looked_for_again(void **state UNUSED)
{
	const struct pair_setup how = {
		.mechanism = "GSSAPI", .client = {.prompt = true, .user = "alice"}};
	struct pair pair;
	write_keytab();
	pair_open(&pair, &how);
	pair.client.between = take_all_away;
	if (!pair_run(&pair))
		fail_msg("%s", peer_detail(&pair.client));
	assert_int_equal(pair.client.rounds, 1);
	assert_int_equal(asked->as, 2);
	assert_int_equal(asked->tgs, 1);
	pair_close(&pair);
}

/* The service has another key than the one that the KDC seals its tickets with. */
static void change_the_services_key(void)
{
	AUTO_BUFFER contents = {0};
	AUTO_KEY key = fake_key(ENCTYPE_AES256_SHA1, 'n');
	struct error err;
	const struct mint_keytab_entry entry = {
		.principal = {NT_SRV_HST, 2,
			{SLICE_LITERAL(REALM_SERVICE), SLICE_LITERAL(REALM_HOST)},
			SLICE_LITERAL(REALM_NAME)},
		.kvno = 1,
		.enctype = ENCTYPE_AES256_SHA1,
		.key = key_octets(key),
	};
	mint_keytab_start(&contents, MINT_KEYTAB_2);
	mint_keytab_entry(&contents, MINT_KEYTAB_2, &entry);
	assert_int_equal(mint_file(realm_path("keytab"), buffer_slice(&contents), &err), STATUS_OK);
}

/* What it asks the KDC for; `hangs_up`: the client never hears why it is refused. */
static void refused_by_the_service(const char *mechanism, bool hangs_up, unsigned tgs)
{
	const struct pair_setup how = {.mechanism = mechanism};
	struct pair pair;
	asked->as = asked->tgs = 0;
	pair_open(&pair, &how);
	if (hangs_up) {
		const char *out = NULL, *chosen;
		unsigned len;
		int result =
			sasl_client_start(pair.client.conn, mechanism, NULL, &out, &len, &chosen);
		if (strcmp(mechanism, "KERBEROS_V5") == 0) {
			const char *challenge = NULL;
			unsigned challenge_len;
			assert_int_equal(sasl_server_start(pair.server.conn, mechanism, NULL, 0,
						 &challenge, &challenge_len),
				SASL_CONTINUE);
			result = sasl_client_step(
				pair.client.conn, challenge, challenge_len, NULL, &out, &len);
		}
		assert_int_equal(result, SASL_CONTINUE);
	} else {
		assert_false(pair_run(&pair));
	}
	pair_close(&pair);
	assert_int_equal(asked->tgs, tgs);
	assert_int_equal(asked->as, 0);
}

/* It is asked for again in the next login, and then not again for a while. */
static void a_ticket_that_the_service_refuses_is_got_anew(void **state)
{
	for (unsigned i = 0; i < 4; i++) {
		const struct pair_setup how = {.mechanism = mechanisms[i % 2]};
		struct pair pair;
		write_keytab();
		pair_open(&pair, &how);
		if (!pair_run(&pair))
			fail_msg("%s", peer_detail(&pair.client));
		pair_close(&pair);
		change_the_services_key();
		refused_by_the_service(mechanisms[i % 2], i >= 2, 0);
		refused_by_the_service(mechanisms[i % 2], i >= 2, 1);
		refused_by_the_service(mechanisms[i % 2], i >= 2, 0);
		close_realm(NULL);
		remove(realm_path("keytab"));
		open_realm(state);
	}
}

/* ---- the order ---- */

/* Of what nobody named and nobody has there is nothing to say. */
static void a_keytab_that_nobody_named_is_not_missed(void **state UNUSED)
{
	configure("[libdefaults]\n\tdefault_realm = " REALM_NAME "\n");
	for (unsigned i = 0; i < 2; i++) {
		const struct pair_setup how = {.mechanism = mechanisms[i]};
		struct pair pair;
		pair_open(&pair, &how);
		assert_false(pair_run(&pair));
		expect_in("the client", peer_detail(&pair.client), "there is no credential cache ");
		expect_not_in("the client", peer_detail(&pair.client), "tried: ");
		expect_not_in("the client", peer_detail(&pair.client), "client keytab");
		pair_close(&pair);
	}
}

/* krb5.conf names the keytab: the reason why the cache did not serve is not lost over it. */
static void each_way_that_failed_says_why(void **state UNUSED)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct pair_setup how = {.mechanism = mechanisms[i]};
		char sentence[300];
		struct pair pair;
		snprintf(sentence, sizeof sentence, "; client keytab: there is no client keytab %s",
			realm_path("client"));
		pair_open(&pair, &how);
		assert_false(pair_run(&pair));
		expect_in("the client", peer_detail(&pair.client),
			"tried: cache: there is no credential cache ");
		expect_in("the client", peer_detail(&pair.client), sentence);
		pair_close(&pair);
	}
}

/* Both mechanisms have one cache in the process, which ends with the module. */
static void the_keytab_is_the_second_way(void **state UNUSED)
{
	const struct peer_setup client = {.authname = "somebody@else.example"};
	write_keytab();
	for (unsigned i = 0; i < 4; i++) {
		const struct pair_setup how = {.mechanism = mechanisms[i % 2], .client = client};
		struct pair pair;
		asked->as = asked->tgs = 0;
		pair_open(&pair, &how);
		if (!pair_run(&pair))
			fail_msg("%s", peer_detail(&pair.client));
		pair_close(&pair);
		assert_int_equal(asked->as, i == 0 || i == 3 ? 2 : 0);
		assert_int_equal(asked->tgs, i == 0 || i == 3 ? 1 : 0);
		if (i == 2) {
			pair_library_stop();
			pair_library_start();
		}
	}
}

static void the_option_names_a_keytab_with_tokens(void **state UNUSED)
{
	char name[200];
	snprintf(name, sizeof name, "FILE:%s%%{null}", realm_path("client"));
	write_keytab();
	const struct pair_setup how = {
		.mechanism = "GSSAPI", .client.option = {{"kerberos5_client_keytab", name}}};
	struct pair pair;
	pair_open(&pair, &how);
	if (!pair_run(&pair))
		fail_msg("%s", peer_detail(&pair.client));
	pair_close(&pair);
}

/* ---- what is left of it ---- */

/* Of the application's own copy nothing is left either when it is looked for. */
static void no_password_stays(void **state UNUSED)
{
	char *password = strdup(FAKE_PASSWORD);
	const struct secret secret = secret_of("password", slice_string(password));
	login_as_alice((struct pair_setup){.client = {.option = {PASSWORD_WAYS},
						   .prompt_login = true,
						   .authname = "alice",
						   .password = password}},
		1, 2);
	assert_true(is_left(&secret));
	wipe(password, strlen(password));
	free(password);
	assert_gone(&secret);
}

SUITE(test_password_login)
{
	const struct CMUnitTest tests[] = {
		CASE(no_password_is_asked_for_unless_the_option_says_so),
		CASE(with_the_option_it_is),
		CASE(without_a_name_no_password_is_sent),
		CASE(a_wrong_password_is_bad_authentication),
		CASE(a_wrong_password_stays_that_if_the_next_way_fails_too),
		CASE(the_user_is_asked_all_in_one_round),
		CASE(the_answer_to_a_prompt_is_as_long_as_it_says),
		CASE(without_answers_nothing_is_sent),
		CASE(a_ticket_that_is_there_is_not_looked_for_again),
		CASE(a_ticket_that_the_service_refuses_is_got_anew),
		CASE(a_keytab_that_nobody_named_is_not_missed),
		CASE(each_way_that_failed_says_why),
		CASE(the_keytab_is_the_second_way),
		CASE(the_option_names_a_keytab_with_tokens),
		CASE(no_password_stays),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

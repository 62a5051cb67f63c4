/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KERBEROS_V5 through libsasl2's public API: messages out of turn or of another
 * kind, and connections that libsasl2 goes on with, begins again or ends.
 */
#include <stdlib.h>
#include <string.h>

#include <sasl/prop.h>

#include "tests/support/login_fixture.h"
#include "tests/support/suite.h"

static const struct pair_setup verbose = {.server.option = {{"log_level", "2"}}};

static void the_server_speaks_first(void **state UNUSED)
{
	struct pair pair;
	const char *out;
	unsigned len;
	pair_open(&pair, &verbose);
	assert_int_equal(sasl_server_start(pair.server.conn, "KERBEROS_V5", "x", 1, &out, &len),
		SASL_BADAUTH);
	expect_in("the server", peer_detail(&pair.server), "with which KERBEROS_V5 begins");
	expect_in("the log", peer_log(&pair.server),
		"login refused: the client sent 1 octets before the server's challenge");
	pair_close(&pair);

	pair_open(&pair, &verbose);
	assert_int_equal(sasl_server_start(pair.server.conn, "KERBEROS_V5", "", 0, &out, &len),
		SASL_CONTINUE);
	assert_int_equal(len, 21);
	assert_memory_equal(out, "\x09\0\0\0\0", 5);
	pair_close(&pair);
}

static void challenges_are_random(void **state UNUSED)
{
	char seen[21] = {0};
	for (int i = 0; i < 20; i++) {
		struct pair pair;
		pair_open(&pair, &verbose);
		assert_true(pair_start(&pair));
		assert_int_equal(pair.token.len, 21);
		assert_memory_not_equal(pair.token.data + 5, seen + 5, 16);
		memcpy(seen, pair.token.data, 21);
		pair_close(&pair);
	}
}

static void eight_other_messages_get_an_empty_answer(void **state UNUSED)
{
	static const struct slice other[] = {
		SLICE_LITERAL(""),
		SLICE_LITERAL("\0"),
		SLICE_LITERAL("\x6a\x03\x02\x01\x05"), /* an AS-REQ, as it were */
		SLICE_LITERAL("garbage"),
	};
	struct pair pair;
	const char *out;
	unsigned len;
	pair_open(&pair, &verbose);
	assert_true(pair_start(&pair));
	for (int i = 0; i < 8; i++) {
		assert_int_equal(sasl_server_step(pair.server.conn, (const char *)other[i % 4].data,
					 (unsigned)other[i % 4].len, &out, &len),
			SASL_CONTINUE);
		assert_int_equal(len, 0);
	}
	assert_int_equal(sasl_server_step(pair.server.conn, "", 0, &out, &len), SASL_BADAUTH);
	expect_in(
		"the log", peer_log(&pair.server), "none of the client's 9 messages is an AP-REQ");
	pair_close(&pair);

	/* After eight of them an AP-REQ is still welcome. */
	pair_open(&pair, &verbose);
	assert_true(pair_start(&pair));
	assert_true(pair_step(&pair));
	for (int i = 0; i < 8; i++)
		assert_int_equal(
			sasl_server_step(pair.server.conn, "", 0, &out, &len), SASL_CONTINUE);
	assert_true(pair_step(&pair));
	assert_true(pair_step(&pair));
	assert_true(pair_done(&pair));
	pair_close(&pair);
}

static void a_replay_to_a_second_connection_is_refused(void **state UNUSED)
{
	struct pair first, second;
	pair_open(&first, &verbose);
	assert_true(pair_start(&first) && pair_step(&first));
	pair_open(&second, &verbose);
	assert_true(pair_start(&second));
	const char *out;
	unsigned len;
	assert_int_equal(sasl_server_step(second.server.conn, (char *)first.token.data,
				 (unsigned)first.token.len, &out, &len),
		SASL_CONTINUE);
	assert_int_equal(der_message_type(slice_of(out, len)), KRB_ERROR);
	expect_in("the log", peer_log(&second.server), "answers another challenge");
	assert_true(pair_step(&first));
	assert_int_equal(first.server.result, SASL_OK);
	pair_close(&first);
	pair_close(&second);
}

static void nothing_may_follow_the_ap_req(void **state UNUSED)
{
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_true(pair_start(&pair) && pair_step(&pair));
	assert_int_equal(buffer_append(&pair.token, SLICE_LITERAL("\0")), STATUS_OK);
	assert_false(pair_step(&pair));
	assert_int_equal(pair.server.result, SASL_BADAUTH);
	pair_close(&pair);
}

static void a_client_wants_a_right_challenge(void **state UNUSED)
{
	static const struct {
		struct slice challenge;
		const char *reason;
	} row[] = {
		{SLICE_LITERAL(""), "has 0 octets instead of 21"},
		{SLICE_LITERAL("\x09\0\0\0\0_15_octets_here"), "has 20 octets"},
		{SLICE_LITERAL("\x09\0\0\0\0_sixteen_octets_."), "has 22 octets"},
		{SLICE_LITERAL("\x0e\0\0\0\0_sixteen_octets_"),
			"no security layer that both sides allow: the server offers integrity, "
			"privacy in "},
		{SLICE_LITERAL("\x01\0\0\0\0_sixteen_octets_"), "not offer mutual authentication"},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct pair pair;
		pair_open(&pair, &verbose);
		assert_true(pair_start(&pair));
		buffer_clear(&pair.token);
		assert_int_equal(buffer_append(&pair.token, row[i].challenge), STATUS_OK);
		bool stepped = pair_step(&pair);
		if (stepped && row[i].challenge.len == 21)
			fail_msg("row %zu was taken", i);
		expect_in("the client", peer_detail(&pair.client), row[i].reason);
		pair_close(&pair);
	}
}

static void a_client_wants_a_right_ap_rep(void **state UNUSED)
{
	struct pair pair;
	for (int kind = 0; kind < 4; kind++) {
		pair_open(&pair, &verbose);
		assert_true(pair_start(&pair) && pair_step(&pair));
		AUTO_BUFFER ap_req = {0};
		assert_int_equal(buffer_append(&ap_req, buffer_slice(&pair.token)), STATUS_OK);
		assert_true(pair_step(&pair));
		struct slice token[] = {SLICE_EMPTY, buffer_slice(&ap_req),
			SLICE_LITERAL("\x6f\x00"), SLICE_LITERAL("\x7e\x02\x30\x00")};
		buffer_clear(&pair.token);
		assert_int_equal(buffer_append(&pair.token, token[kind]), STATUS_OK);
		assert_false(pair_step(&pair));
		assert_int_not_equal(pair.client.result, SASL_OK);
		pair_close(&pair);
	}
}

/* libsasl2 keeps the connection that was made when the mechanisms were listed. */
static void what_is_demanded_after_the_listing_counts(void **state UNUSED)
{
	const struct pair_setup how = {
		.client.option = {{"kerberos5_mutual", "no"}},
		.server.option = {{"log_level", "2"}},
	};
	const sasl_security_properties_t mutual = {.security_flags = SASL_SEC_MUTUAL_AUTH};
	const char *list;
	struct pair pair;
	pair_open(&pair, &how);
	assert_int_equal(
		sasl_listmech(pair.server.conn, NULL, " ", " ", " ", &list, NULL, NULL), SASL_OK);
	assert_int_equal(sasl_setprop(pair.server.conn, SASL_SEC_PROPS, &mutual), SASL_OK);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_BADAUTH);
	expect_in("the log", peer_log(&pair.server), "requires mutual authentication");
	pair_close(&pair);
}

/* libsasl2 has let go of the connection, and hands on NULL. */
static void a_step_after_the_end_is_refused(void **state UNUSED)
{
	const struct pair_setup how = {.client.option = {{"kerberos5_mutual", "no"}}};
	realm_issue(&(struct realm_ticket){.keep_keytab = true});
	struct pair pair;
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_BADAUTH);
	const char *out;
	unsigned len;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			sasl_server_step(pair.server.conn, "x", 1, &out, &len), SASL_BADAUTH);
	pair_close(&pair);
}

static void a_server_can_be_started_again(void **state UNUSED)
{
	struct pair pair;
	const char *out, *list;
	unsigned len;
	pair_open(&pair, &verbose);
	assert_int_equal(sasl_server_start(pair.server.conn, "KERBEROS_V5", "x", 1, &out, &len),
		SASL_BADAUTH);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
			sasl_server_start(pair.server.conn, "KERBEROS_V5", NULL, 0, &out, &len),
			SASL_CONTINUE);
		assert_int_equal(
			sasl_listmech(pair.server.conn, NULL, " ", " ", " ", &list, NULL, NULL),
			SASL_OK);
	}
	assert_true(pair_run(&pair));
	pair_close(&pair);
}

static int refuse_user(sasl_conn_t *conn UNUSED, void *context, const char *user, unsigned len,
	unsigned flags, const char *realm UNUSED, char *out, unsigned out_max, unsigned *out_len)
{
	const unsigned *refused = context;
	if (flags & *refused || len >= out_max)
		return SASL_NOUSER;
	memcpy(out, user, len);
	*out_len = len;
	return SASL_OK;
}

/* A side of which the application refuses names with one of these SASL_CU_ flags. */
static void refuse_names(struct peer *peer, unsigned *flags)
{
	sasl_callback_t *end = peer->callbacks;
	while (end->id != SASL_CB_LIST_END)
		end++;
	end[1] = *end;
	*end = (sasl_callback_t){
		SASL_CB_CANON_USER, (int (*)(void))(void (*)(void))refuse_user, flags};
}

static void a_name_that_the_application_refuses_is_named(void **state UNUSED)
{
	static const struct {
		unsigned flags;
		const char *sentence;
	} row[] = {
		{SASL_CU_AUTHID,
			"the authentication identity \"alice\" was refused: user not found"},
		{SASL_CU_AUTHZID, "the authorization identity \"bob\" was refused: user not found"},
	};
	static const char *const property[] = {"krb5Realm", NULL};
	const struct pair_setup how = {.client.user = "bob",
		.server = {.option = {{"log_level", "2"}}, .properties = property}};
	for (size_t i = 0; i < 2; i++) {
		unsigned flags = row[i].flags;
		struct pair pair;
		pair_open(&pair, &how);
		refuse_names(&pair.server, &flags);
		assert_false(pair_run(&pair));
		assert_int_equal(pair.server.result, SASL_CONTINUE);
		assert_int_equal(pair.client.result, SASL_BADAUTH);
		expect_in("the server", peer_detail(&pair.server), row[i].sentence);
		expect_in("the log", peer_log(&pair.server), row[i].sentence);
		expect_in("the client", peer_detail(&pair.client), row[i].sentence);
		struct propval realm;
		prop_getnames(
			sasl_auxprop_getctx(pair.server.conn), (const char **)property, &realm);
		assert_null(realm.values);
		pair_close(&pair);

		pair_open(&pair, &how);
		refuse_names(&pair.client, &flags);
		assert_false(pair_run(&pair));
		assert_int_equal(pair.client.result, SASL_NOUSER);
		expect_in("the client", peer_detail(&pair.client), row[i].sentence);
		pair_close(&pair);
	}
}

static int no_user(void *context UNUSED, int id UNUSED, const char **user, unsigned *len)
{
	*user = NULL;
	if (len)
		*len = 0;
	return SASL_NOTINIT;
}

static void a_client_that_failed_goes_no_further(void **state UNUSED)
{
	const struct pair_setup how = {.client.user = "bob"};
	for (int i = 0; i < 2; i++) {
		unsigned flags = SASL_CU_AUTHID;
		struct pair pair;
		const char *out;
		unsigned len;
		pair_open(&pair, &how);
		if (i == 0)
			refuse_names(&pair.client, &flags);
		else
			pair.client.callbacks[2].proc = (int (*)(void))(void (*)(void))no_user;
		assert_true(pair_start(&pair));
		char challenge[22] = {0};
		memcpy(challenge, pair.token.data, 21);
		assert_false(pair_step(&pair));
		expect_in("the client", peer_detail(&pair.client),
			i == 0 ? "was refused: user not found"
			       : "could not tell the authorization identity");
		assert_int_equal(
			sasl_client_step(pair.client.conn, challenge, 21, NULL, &out, &len),
			SASL_BADPROT);
		assert_int_equal(len, 0);
		pair_close(&pair);
	}
}

SUITE(test_refusals_order)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(the_server_speaks_first),
		LOGIN_CASE(challenges_are_random),
		LOGIN_CASE(eight_other_messages_get_an_empty_answer),
		LOGIN_CASE(a_replay_to_a_second_connection_is_refused),
		LOGIN_CASE(nothing_may_follow_the_ap_req),
		LOGIN_CASE(a_client_wants_a_right_challenge),
		LOGIN_CASE(a_client_wants_a_right_ap_rep),
		LOGIN_CASE(what_is_demanded_after_the_listing_counts),
		LOGIN_CASE(a_step_after_the_end_is_refused),
		LOGIN_CASE(a_server_can_be_started_again),
		LOGIN_CASE(a_name_that_the_application_refuses_is_named),
		LOGIN_CASE(a_client_that_failed_goes_no_further),
	};
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Channel bindings, whatever the mechanism: what libsasl2 is told of them, that
 * nothing succeeds without them if they are critical, and that no login on a
 * connection inherits what an earlier one said.
 */
#include "tests/support/bindings_login.h"
#include "tests/support/suite.h"

static const char *const mechanisms[] = {"KERBEROS_V5", "GSSAPI"};

/* As an earlier mechanism may have left them; libsasl2 does not clear them. */
static void spoil(const sasl_out_params_t *told, sasl_cbinding_disp_t disposition)
{
	sasl_out_params_t *oparams = (sasl_out_params_t *)(uintptr_t)told;
	oparams->cbindingdisp = disposition;
	oparams->cbindingname = "of an earlier login";
}

static void told(const char *side, const sasl_out_params_t *oparams, bool used)
{
	if (oparams->cbindingdisp != (used ? SASL_CB_DISP_USED : SASL_CB_DISP_NONE))
		fail_msg("the %s says %d of its bindings", side, (int)oparams->cbindingdisp);
	if (used)
		assert_string_equal(oparams->cbindingname, tls.name);
	else
		assert_null(oparams->cbindingname);
}

static const struct {
	const char *what;
	const sasl_channel_binding_t *client, *server;
	bool kerberos_v5, gssapi; /* succeeds */
	bool client_uses, server_uses;
} cases[] = {
	{"neither has any", NULL, NULL, true, true, false, false},
	{"the server has none", &tls, NULL, true, true, true, false},
	{"the client has none", NULL, &tls, true, true, false, false},
	{"the client has none, and they are critical", NULL, &tls_critical, false, false, false,
		false},
	{"both have the same", &tls, &tls, true, true, true, true},
	{"both have the same, critical here", &tls, &tls_critical, true, true, true, true},
	{"they differ", &other, &tls, false, false, false, false},
	{"they differ, and are critical", &other, &tls_critical, false, false, false, false},
};

static void run_case(size_t i, const char *mechanism, bool succeeds)
{
	const struct pair_setup how = {
		.mechanism = mechanism,
		.client.binding = cases[i].client,
		.server = {.binding = cases[i].server, .option = {{"log_level", "2"}}},
	};
	struct pair pair;
	pair_open(&pair, &how);
	peek(&pair);
	spoil(server_told, SASL_CB_DISP_USED);
	spoil(client_told, SASL_CB_DISP_USED);
	if (pair_run(&pair) != succeeds)
		fail_msg("%s, %s: client %s; server %s", mechanism, cases[i].what,
			peer_detail(&pair.client), peer_detail(&pair.server));
	told("client", client_told, succeeds && cases[i].client_uses);
	told("server", server_told, succeeds && cases[i].server_uses);
	if (!succeeds) {
		expect_in("the log", peer_log(&pair.server), "channel binding");
		expect_in("the client", peer_detail(&pair.client), "channel binding");
		must_have_refused(&pair);
	}
	pair_close(&pair);
}

static void each_success_says_what_it_did(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		run_case(i, "KERBEROS_V5", cases[i].kerberos_v5);
		run_case(i, "GSSAPI", cases[i].gssapi);
	}
}

/* ---- with critical bindings ---- */

/*
 * libsasl2's own check comes when it has already noted that the last message
 * was sent, where the protocol has no success data: any further AUTH would then
 * be a success, as the user of the first.
 */
static void a_refusal_is_no_success_to_come(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++) {
		const struct pair_setup how = {
			.mechanism = mechanisms[i],
			.no_success_data = true,
			.server.binding = &tls_critical,
		};
		const char *out;
		unsigned len;
		struct pair pair;
		pair_open(&pair, &how);
		assert_false(pair_run(&pair));
		must_have_refused(&pair);
		assert_int_equal(
			sasl_server_step(pair.server.conn, "", 0, &out, &len), SASL_BADAUTH);
		assert_int_equal(sasl_server_start(pair.server.conn, SILENT, "x", 1, &out, &len),
			SASL_BADAUTH);
		pair_close(&pair);
	}
}

/* The application may know of its bindings, or that they are critical, late. */
static void what_is_critical_in_the_end_counts(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++) {
		const struct pair_setup how = {.mechanism = mechanisms[i]};
		struct pair pair;
		pair_open(&pair, &how);
		assert_true(pair_start(&pair));
		while (pair.server.result == SASL_CONTINUE) {
			assert_int_equal(sasl_setprop(pair.server.conn, SASL_CHANNEL_BINDING,
						 pair.to_client ? NULL : &tls_critical),
				SASL_OK);
			if (!pair_step(&pair))
				break;
		}
		must_have_refused(&pair);
		expect_in("the server", peer_detail(&pair.server), "channel bindings");
		pair_close(&pair);
	}
}

static void neither_is_listed_where_they_are_critical(void **state UNUSED)
{
	const struct pair_setup how = {.server.binding = &tls_critical};
	struct pair pair;
	const char *list;
	pair_open(&pair, &how);
	assert_int_equal(
		sasl_listmech(pair.server.conn, NULL, "", " ", "", &list, NULL, NULL), SASL_OK);
	assert_string_equal(list, "");
	pair_close(&pair);
}

/* libsasl2 takes it among several, if one of them ends in -PLUS. */
static void a_client_of_gssapi_cannot_know_whether_they_were_compared(void **state UNUSED)
{
	const struct pair_setup how = {
		.mechanism = "GSSAPI OTHER-PLUS",
		.client.binding = &tls_critical,
		.server.binding = &tls,
	};
	struct pair pair;
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, SASL_FAIL);
	expect_in("the client", peer_detail(&pair.client),
		"demands channel bindings, and GSSAPI does not tell a client whether");
	pair_close(&pair);
}

/* ---- KERBEROS_V5, whose client can know that they were compared ---- */

static const sasl_channel_binding_t other_name = {.name = "tls-exporter",
	.critical = 1,
	.len = 12,
	.data = (const unsigned char *)"tls:ABCDEFGH"};

static const struct {
	const char *what;
	const sasl_channel_binding_t *client, *server;
	const char *client_says; /* NULL: both succeed */
} demanding[] = {
	{"the server has them", &tls_critical, &tls, NULL},
	{"both demand them", &tls_critical, &tls_critical, NULL},
	{"the server has none", &tls_critical, NULL, "the server has none to compare them with"},
	{"they differ", &other_critical, &tls, "channel bindings are not those of this connection"},
	{"their types differ", &other_name, &tls,
		"channel bindings are not those of this connection"},
};

static void a_demanding_client_knows(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(demanding); i++) {
		const struct pair_setup how = {
			.mechanism = "KERBEROS_V5 OTHER-PLUS",
			.client = {.binding = demanding[i].client,
				.option = {{"kerberos5_mutual", "no"}}},
			.server = {.binding = demanding[i].server, .option = {{"log_level", "7"}}},
		};
		struct pair pair;
		pair_open(&pair, &how);
		if (pair_run(&pair) != !demanding[i].client_says)
			fail_msg("%s: client %s; server %s", demanding[i].what,
				peer_detail(&pair.client), peer_detail(&pair.server));
		if (demanding[i].client_says)
			expect_in(
				"the client", peer_detail(&pair.client), demanding[i].client_says);
		else
			expect_not_in("the log", peer_log(&pair.server), ", not mutual,");
		pair_close(&pair);
	}
}

/* Each bit of the challenge's first octet: 16 says that bindings are compared. */
static void a_changed_challenge_is_refused(void **state UNUSED)
{
	const sasl_channel_binding_t *const clients[] = {NULL, &tls, &tls_critical};
	for (size_t i = 0; i < 2 * COUNT_OF(clients); i++) {
		const struct pair_setup how = {
			.mechanism = "KERBEROS_V5 OTHER-PLUS",
			.client.binding = clients[i / 2],
			.server.binding = i % 2 ? &tls : NULL,
		};
		struct pair pair;
		pair_open(&pair, &how);
		assert_true(pair_start(&pair));
		assert_int_equal(pair.token.data[0] & 16, i % 2 ? 16 : 0);
		pair.token.data[0] ^= 16;
		while (pair_step(&pair))
			;
		assert_int_not_equal(pair.client.result, SASL_OK);
		assert_int_not_equal(pair.server.result, SASL_OK);
		pair_close(&pair);
	}
}

/* The client was told in the challenge that they are compared. */
static void bindings_that_are_taken_away_are_refused(void **state UNUSED)
{
	const struct pair_setup how = {.client.binding = &tls, .server.binding = &tls};
	struct pair pair;
	pair_open(&pair, &how);
	assert_true(pair_start(&pair));
	assert_int_equal(sasl_setprop(pair.server.conn, SASL_CHANNEL_BINDING, NULL), SASL_OK);
	while (pair_step(&pair))
		;
	must_have_refused(&pair);
	expect_in("the server", peer_detail(&pair.server), "are not those of this connection");
	pair_close(&pair);
}

/* ---- a second login on the connection ---- */

/* By alice, who may not act as the user that she asks for, over the right channel. */
static void log_in_as_nobody(struct pair *pair, const char *mechanism)
{
	static struct pair_setup how;
	how = (struct pair_setup){
		.mechanism = mechanism,
		.client = {.binding = &tls,
			.user = "nobody",
			.security = {.max_ssf = 256, .maxbufsize = 4096}},
		.server = {.binding = &tls_critical,
			.security = {.max_ssf = 256, .maxbufsize = 4096}},
	};
	pair_open(pair, &how);
	peek(pair);
	assert_false(pair_run(pair));
	assert_int_equal(pair->server.result, SASL_NOAUTHZ);
}

static void another_mechanism_inherits_nothing(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++) {
		struct pair pair;
		log_in_as_nobody(&pair, mechanisms[i]);
		told("server", server_told, false);
		assert_int_equal(server_told->mech_ssf, 0);
		assert_null(server_told->encode);
		assert_null(server_told->decode);
		assert_int_equal(log_in_silently(&pair.server), SASL_BADBINDING);
		pair_close(&pair);
	}
}

/* What is encoded after the refusal has no layer, and no memory that is gone. */
static void a_refused_login_leaves_no_layer(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++) {
		const char *out;
		unsigned len;
		struct pair pair;
		log_in_as_nobody(&pair, mechanisms[i]);
		assert_int_equal(sasl_encode(pair.server.conn, "no", 2, &out, &len), SASL_OK);
		assert_int_equal(len, 2);
		assert_memory_equal(out, "no", 2);
		pair_close(&pair);
	}
}

static void our_own_inherit_nothing(void **state UNUSED)
{
	const struct pair_setup none = {.server.binding = &tls_critical};
	for (size_t i = 0; i < 2 * COUNT_OF(mechanisms); i++) {
		struct pair_setup second = none;
		struct pair pair;
		log_in_as_nobody(&pair, mechanisms[i % 2]);
		spoil(server_told, SASL_CB_DISP_USED);
		second.mechanism = mechanisms[i / 2];
		pair_again(&pair, &second);
		assert_false(pair_run(&pair));
		must_have_refused(&pair);
		told("server", server_told, false);
		pair_close(&pair);
	}
}

/* A mechanism that fails without a word leaves nothing of the one before it either. */
static void an_earlier_login_is_forgotten_with_the_first_step(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++) {
		const struct pair_setup how = {
			.mechanism = mechanisms[i],
			.client.binding = &tls,
			.server.binding = &tls,
		};
		struct pair pair;
		pair_open(&pair, &how);
		peek(&pair);
		spoil(server_told, SASL_CB_DISP_USED);
		spoil(client_told, SASL_CB_DISP_USED);
		assert_true(pair_start(&pair));
		if (pair.to_client)
			pair_step(&pair);
		told("server", server_told, false);
		told("client", client_told, false);
		pair_close(&pair);
	}
}

static void the_second_login_says_its_own(void **state UNUSED)
{
	for (size_t i = 0; i < 2 * COUNT_OF(mechanisms); i++) {
		const struct pair_setup second = {
			.mechanism = mechanisms[i / 2],
			.client.binding = &tls,
			.server.binding = &tls_critical,
		};
		struct pair pair;
		log_in_as_nobody(&pair, mechanisms[i % 2]);
		pair_again(&pair, &second);
		if (!pair_run(&pair))
			fail_msg("%s: %s", second.mechanism, peer_detail(&pair.server));
		told("server", server_told, true);
		assert_string_equal(peer_string(&pair.server, SASL_USERNAME), "alice");
		pair_close(&pair);
	}
}

/* With GSSAPI too, which hashes bindings. */
#define HASHED_CASE(name)                                                                          \
	{                                                                                          \
		if_md5(#name), name, bindings_realm, NULL, NULL                                    \
	}

SUITE(test_bindings)
{
	const struct CMUnitTest tests[] = {
		HASHED_CASE(each_success_says_what_it_did),
		HASHED_CASE(a_refusal_is_no_success_to_come),
		BINDINGS_CASE(what_is_critical_in_the_end_counts),
		BINDINGS_CASE(neither_is_listed_where_they_are_critical),
		BINDINGS_CASE(a_client_of_gssapi_cannot_know_whether_they_were_compared),
		BINDINGS_CASE(a_demanding_client_knows),
		BINDINGS_CASE(a_changed_challenge_is_refused),
		BINDINGS_CASE(bindings_that_are_taken_away_are_refused),
		HASHED_CASE(another_mechanism_inherits_nothing),
		HASHED_CASE(a_refused_login_leaves_no_layer),
		HASHED_CASE(our_own_inherit_nothing),
		HASHED_CASE(an_earlier_login_is_forgotten_with_the_first_step),
		HASHED_CASE(the_second_login_says_its_own),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

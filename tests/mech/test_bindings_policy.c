/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The option kerberos5_channel_bindings, and krb5.conf's
 * client_aware_channel_bindings: each with each on both sides, in whole logins.
 */
#include <stdio.h>
#include <string.h>

#include "mech/connection.h"
#include "tests/support/bindings.h"
#include "tests/support/login_fixture.h"
#include "tests/support/offered.h"
#include "tests/support/suite.h"

#define AWARE "client_aware_channel_bindings = true\n"
#define NOT_THOSE "channel bindings are not those of this connection"
#define AWAITED "sent no channel bindings, though it says that it does so if it has some"
#define DEMANDED "sent no channel bindings, and this service demands them"
#define UNSHOWN "nothing in this login shows that both sides have the same"
#define NOT_THERE "(tls-server-end-point), and this server's application has none"
#define NONE_HERE "its program gave none for this connection: TLS is required"

/* What one side has: the option's word (NULL: not set), and the program's bindings. */
struct one_side {
	const char *policy;
	const sasl_channel_binding_t *binding;
};

static const struct {
	struct one_side client, server;
	const char *krb5_conf; /* more of [libdefaults] */
	/* Why it fails; NULL: it succeeds. */
	const char *kerberos_v5, *gssapi, *gs2;
} cases[] = {
	/* The server's option. */
	{{NULL, &tls}, {"required", &tls}, "", NULL, NULL, NULL},
	{{NULL, NULL}, {"required", &tls}, "", DEMANDED, DEMANDED, UNSHOWN},
	{{NULL, &other}, {"required", &tls}, "", NOT_THOSE, NOT_THOSE, NOT_THOSE},
	{{NULL, NULL}, {"required", NULL}, "", NONE_HERE, NONE_HERE, NONE_HERE},
	{{NULL, &tls}, {"required", NULL}, "", NONE_HERE, NONE_HERE, NONE_HERE},
	{{NULL, NULL}, {"allowed", &tls}, "", NULL, NULL, NULL},
	{{NULL, &other}, {"allowed", &tls}, "", NOT_THOSE, NOT_THOSE, NOT_THOSE},
	{{NULL, &other}, {"never", &tls}, "", NULL, NULL, NOT_THERE},
	{{NULL, NULL}, {"never", &tls}, "", NULL, NULL, NULL},
	{{NULL, &tls}, {"never", &tls_critical}, "", "kerberos5_channel_bindings is never",
		"kerberos5_channel_bindings is never", NOT_THERE},
	/* The client's. */
	{{"required", &tls}, {NULL, &tls}, "", NULL, NULL, NULL},
	{{"required", &tls}, {NULL, NULL}, "",
		"the option kerberos5_channel_bindings requires channel bindings, and the server "
		"has none to compare them with",
		NULL, UNSHOWN},
	{{"required", NULL}, {NULL, &tls}, "",
		"the option kerberos5_channel_bindings requires channel bindings, and the "
		"application gave none",
		AWAITED, UNSHOWN},
	{{"required", NULL}, {NULL, NULL}, "", "and the application gave none", NULL, UNSHOWN},
	{{"required", &other}, {NULL, &tls}, "", NOT_THOSE, NOT_THOSE, NOT_THOSE},
	{{"never", &other}, {NULL, &tls}, "", NULL, NULL, NULL},
	{{"never", &tls}, {NULL, &tls_critical}, "", DEMANDED, DEMANDED, UNSHOWN},
	{{"never", &tls}, {"required", &tls}, "", DEMANDED, DEMANDED, UNSHOWN},
	{{"never", &tls_critical}, {NULL, &tls}, "",
		"the application demands channel bindings, and the option",
		"the application demands channel bindings, and the option",
		"the application demands channel bindings, and the option"},
	/* A client that says that it sends them if it has some. */
	{{NULL, NULL}, {NULL, &tls}, AWARE, AWAITED, AWAITED, UNSHOWN},
	{{NULL, &other}, {NULL, &tls}, AWARE, NOT_THOSE, NOT_THOSE, NOT_THOSE},
	{{NULL, &tls}, {NULL, &tls}, AWARE, NULL, NULL, NULL},
	{{NULL, NULL}, {NULL, NULL}, AWARE, NULL, NULL, NULL},
	{{NULL, &tls}, {NULL, NULL}, AWARE, NULL, NULL, NULL},
	{{NULL, NULL}, {"required", &tls}, AWARE, AWAITED, AWAITED, UNSHOWN},
	{{NULL, NULL}, {"never", &tls}, AWARE, NULL, NULL, NULL},
	{{"never", NULL}, {NULL, &tls}, AWARE, NULL, NULL, NULL},
	{{NULL, NULL}, {NULL, &tls}, "client_aware_channel_bindings = no\n", NULL, NULL, NULL},
};

/* libsasl2 takes a client's that are critical if a mechanism ends in -PLUS. */
static struct pair_setup setup_of(size_t i, const char *mechanisms)
{
	struct pair_setup how = {
		.mechanism = mechanisms,
		.client.binding = cases[i].client.binding,
		.server = {.binding = cases[i].server.binding, .option = {{"log_level", "2"}}},
	};
	if (cases[i].client.policy)
		how.client.option[0][0] = "kerberos5_channel_bindings";
	how.client.option[0][1] = cases[i].client.policy;
	if (cases[i].server.policy)
		how.server.option[1][0] = "kerberos5_channel_bindings";
	how.server.option[1][1] = cases[i].server.policy;
	return how;
}

static void run_case(size_t i, const char *mechanisms, const char *reason)
{
	const struct pair_setup how = setup_of(i, mechanisms);
	char conf[200];
	struct pair pair;
	snprintf(conf, sizeof conf, "[libdefaults]\ndefault_realm = EXAMPLE.TEST\n%s",
		cases[i].krb5_conf);
	configure(conf);
	pair_open(&pair, &how);
	if (pair_run(&pair) != !reason)
		fail_msg("%s, row %zu: client %s; server %s", mechanisms, i,
			peer_detail(&pair.client), peer_detail(&pair.server));
	if (reason && !strstr(peer_detail(&pair.client), reason))
		expect_in("the log", peer_log(&pair.server), reason);
	pair_close(&pair);
}

static void each_policy_decides_with_each_binding(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		run_case(i, "KERBEROS_V5 OTHER-PLUS", cases[i].kerberos_v5);
		if (!md5_is_offered()) /* their bindings are named by a hash */
			continue;
		run_case(i, "GSSAPI OTHER-PLUS", cases[i].gssapi);
		run_case(i, "GSS-SPNEGO OTHER-PLUS", cases[i].gssapi);
	}
}

/* As libsasl2 lists it: with -PLUS if the server's program has bindings. */
static const char *gs2_list(size_t i)
{
	return cases[i].server.binding ? "GS2-KRB5 GS2-KRB5-PLUS" : "GS2-KRB5 OTHER-PLUS";
}

static void gs2_decides_by_what_it_says_of_bindings(void **state UNUSED)
{
	pair_library_offer("GS2-KRB5");
	for (size_t i = 0; i < COUNT_OF(cases) && md5_is_offered(); i++)
		run_case(i, gs2_list(i), cases[i].gs2);
	pair_library_offer(NULL);
	usual_realm(NULL);
}

/* The challenge does not say that bindings are compared. */
static void a_server_that_never_compares_does_not_offer_to(void **state UNUSED)
{
	const struct pair_setup how = {
		.server = {.binding = &tls, .option = {{"kerberos5_channel_bindings", "never"}}}};
	struct pair pair;
	pair_open(&pair, &how);
	assert_true(pair_start(&pair));
	assert_int_equal(pair.token.data[0] & 16, 0);
	pair_close(&pair);
}

/* Another word stops the login on either side. */
static void another_word_is_refused(void **state UNUSED)
{
	const struct pair_setup client = {
		.client.option = {{"kerberos5_channel_bindings", "always"}}};
	struct pair pair;
	pair_open(&pair, &client);
	assert_false(pair_run(&pair));
	expect_in("the client", peer_detail(&pair.client),
		"kerberos5_channel_bindings is \"always\"; it can be allowed, required or never");
	pair_close(&pair);

	const struct pair_setup server = {
		.server.option = {{"kerberos5_channel_bindings", "always"}, {"log_level", "2"}}};
	pair_open(&pair, &server);
	assert_false(pair_run(&pair));
	expect_in("the log", peer_log(&pair.server),
		"kerberos5_channel_bindings is \"always\"; it can be allowed, required or never");
	pair_close(&pair);
}

/* Whatever a mechanism did about bindings before. */
static void no_login_ends_without_the_match_that_it_demands(void **state UNUSED)
{
	static const sasl_channel_binding_t *const bindings[] = {NULL, &tls, &tls_critical};
	static const enum bindings done[] = {BINDINGS_NONE, BINDINGS_SENT};
	const struct layer_choice choice = {.layer = LAYER_NONE};
	const struct logger log = {0};
	for (size_t i = 0; i < 2 * COUNT_OF(bindings); i++) {
		NEW_ERROR(err);
		sasl_out_params_t oparams = {0};
		struct connection *connection = connection_new(sizeof *connection);
		assert_non_null(connection);
		connection_begin(connection, &oparams);
		connection->demands_bindings = true;
		connection->bindings = done[i % 2];
		const struct enctype *type = enctype_by_number(ENCTYPE_AES256_SHA1, &err);
		assert_int_equal(
			key_random(type, &connection->context->session_key, &err), STATUS_OK);
		assert_int_equal(
			connection_succeed(connection, &choice, &log, bindings[i / 2], &err),
			KRB_AP_ERR_MODIFIED);
		expect_in("the reason", err.text, "nothing in this login shows that both sides");
		connection_free(connection);
	}
}

SUITE(test_bindings_policy)
{
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(each_policy_decides_with_each_binding),
		LOGIN_CASE(gs2_decides_by_what_it_says_of_bindings),
		LOGIN_CASE(a_server_that_never_compares_does_not_offer_to),
		LOGIN_CASE(another_word_is_refused),
		LOGIN_CASE(no_login_ends_without_the_match_that_it_demands),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tickets that a client hands to the server for it to use: who sends them, and what the
 * server does with them.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/ccache.h"
#include "tests/support/gssapi_peer.h"
#include "tests/support/realm_kdc.h"
#include "tests/support/suite.h"

static struct fake_world world;
static struct fake_asked *asked;

static int close_realm(void **state UNUSED)
{
	realm_kdc_close(&world);
	remove(realm_path("kept"));
	return 0;
}

static int open_realm(void **state UNUSED)
{
	asked = realm_kdc_open(&world, TICKET_FORWARDABLE);
	return 0;
}

static void open_again(uint32_t ticket_flags)
{
	close_realm(NULL);
	asked = realm_kdc_open(&world, ticket_flags);
}

/* Alice by her password, and a server that keeps what it gets. */
static struct pair_setup usual(const char *mechanism)
{
	static char kept[200];
	snprintf(kept, sizeof kept, "FILE:%s", realm_path("kept"));
	return (struct pair_setup){
		.mechanism = mechanism,
		.client = {.option = {{"kerberos5_credentials", "password"}, {"log_level", "3"}},
			.authname = "alice",
			.password = FAKE_PASSWORD},
		.server = {.option = {{"kerberos5_delegated_ccache", kept}, {"log_level", "3"}}},
	};
}

static void delegate(struct pair_setup *how, const char *word)
{
	how->client.option[2][0] = "kerberos5_delegate";
	how->client.option[2][1] = word;
}

static bool is_kept(void)
{
	struct stat st;
	return stat(realm_path("kept"), &st) == 0;
}

/* The cache has alice's forwarded ticket-granting ticket, and nobody else can read it. */
static void expect_kept(void)
{
	struct stat st;
	AUTO_CCACHE ccache = NULL;
	NEW_ERROR(err);
	struct credential found;
	const struct principal tgt = {NT_SRV_INST, 2,
		{SLICE_LITERAL("krbtgt"), SLICE_LITERAL(REALM_NAME)}, SLICE_LITERAL(REALM_NAME)};
	const struct enctype_list types = {1, {ENCTYPE_AES256_SHA1}};
	must_be(ccache_open(realm_path("kept"), NULL, &ccache, &err), &err);
	assert_string_equal(PRINCIPAL_TEXT(ccache_client(ccache)), REALM_CLIENT);
	must_be(ccache_find(ccache, &tgt,
			&(struct ccache_terms){&types, timestamp_now().seconds, 300}, &found, &err),
		&err);
	assert_int_equal(found.flags & TICKET_FORWARDED, TICKET_FORWARDED);
	assert_int_equal(stat(realm_path("kept"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* What was kept; and how often the KDC was asked for a ticket by another. */
static void check_login(const struct pair_setup *how, bool kept, unsigned tgs)
{
	struct pair pair;
	asked->as = asked->tgs = 0;
	remove(realm_path("kept"));
	pair_open(&pair, how);
	if (!pair_run(&pair))
		fail_msg("%s: %s / %s", how->mechanism, peer_detail(&pair.client),
			peer_detail(&pair.server));
	assert_string_equal(peer_string(&pair.server, SASL_USERNAME), "alice");
	assert_int_equal(asked->tgs, tgs);
	const void *creds = NULL;
	assert_int_equal(sasl_getprop(pair.server.conn, SASL_DELEGATEDCREDS, &creds), SASL_NOTDONE);
	assert_null(creds);
	if (kept)
		expect_kept();
	assert_int_equal(is_kept(), kept);
	pair_close(&pair);
}

/* ---- the client ---- */

static void without_the_option_nothing_is_delegated(void **state UNUSED)
{
	struct pair_setup how = usual("GSSAPI");
	check_login(&how, false, 1);
	delegate(&how, "no");
	check_login(&how, false, 1);
}

static void with_the_option_it_is(void **state UNUSED)
{
	struct pair_setup how = usual("GSSAPI");
	delegate(&how, "yes");
	check_login(&how, true, 2);
	how.server.option[0][0] = NULL; /* nobody keeps it */
	check_login(&how, false, 2);
}

static void gs2_delegates_too(void **state UNUSED)
{
	struct pair_setup how = usual("GS2-KRB5");
	delegate(&how, "yes");
	pair_library_offer("GS2-KRB5");
	pair_library_stop();
	pair_library_start();
	check_login(&how, true, 2);
	pair_library_offer(NULL);
	pair_library_stop();
	pair_library_start();
}

static void gss_spnego_delegates_too(void **state UNUSED)
{
	struct pair_setup how = usual("GSS-SPNEGO");
	delegate(&how, "yes");
	check_login(&how, true, 2);
	delegate(&how, "no");
	check_login(&how, false, 1);
}

static void passcred_is_yes(void **state UNUSED)
{
	struct pair_setup how = usual("GSSAPI");
	how.client.security.security_flags = SASL_SEC_PASS_CREDENTIALS;
	check_login(&how, true, 2);
	delegate(&how, "no");
	check_login(&how, true, 2);
}

static void whoever_demands_passcred_gets_no_mechanism_without(void **state UNUSED)
{
	struct pair_setup how = usual("KERBEROS_V5");
	struct pair pair;
	delegate(&how, "yes");
	check_login(&how, false, 1);
	how.client.security.security_flags = SASL_SEC_PASS_CREDENTIALS;
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, SASL_NOMECH);
	pair_close(&pair);
}

static void nothing_is_delegated_to_who_may_not_be_genuine(void **state UNUSED)
{
	struct pair_setup how = usual("GSSAPI");
	struct pair pair;
	delegate(&how, "yes");
	how.client.option[3][0] = "kerberos5_mutual";
	how.client.option[3][1] = "no";
	pair_open(&pair, &how);
	assert_true(pair_start(&pair));
	assert_int_equal(pair.token.data[0], 0x60); /* an AP-REP, and not yet the offer of layers */
	pair_close(&pair);
}

static void ok_as_delegate_is_the_kdcs_word(void **state UNUSED)
{
	struct pair_setup how = usual("GSSAPI");
	delegate(&how, "ok-as-delegate");
	check_login(&how, false, 1);
	open_again(TICKET_FORWARDABLE | TICKET_OK_AS_DELEGATE);
	check_login(&how, true, 2);
}

static void run_with_log(const struct pair_setup *how, struct pair *pair, bool succeeds)
{
	pair_open(pair, how);
	assert_int_equal(pair_run(pair), succeeds);
}

static void a_ticket_that_is_not_forwardable_is_a_reason(void **state UNUSED)
{
	static const char sentence[] =
		"no ticket can be delegated to test/mail.example.test@EXAMPLE.TEST: the "
		"ticket-granting ticket of alice@EXAMPLE.TEST is not forwardable";
	struct pair_setup how = usual("GSSAPI");
	struct pair pair;
	open_again(TICKET_OK_AS_DELEGATE);
	delegate(&how, "yes");
	run_with_log(&how, &pair, false);
	assert_int_equal(pair.client.result, SASL_FAIL);
	expect_in("the client", peer_detail(&pair.client), sentence);
	pair_close(&pair);
	delegate(&how, "ok-as-delegate");
	run_with_log(&how, &pair, true);
	expect_in("its log", peer_log(&pair.client), sentence);
	pair_close(&pair);
	assert_false(is_kept());
}

static void another_word_is_refused(void **state UNUSED)
{
	struct pair_setup how = usual("GSSAPI");
	struct pair pair;
	delegate(&how, "always");
	run_with_log(&how, &pair, false);
	expect_in("the client", peer_detail(&pair.client),
		"the client option kerberos5_delegate is \"always\"; it can be no, yes or "
		"ok-as-delegate");
	pair_close(&pair);
}

/* ---- the server ---- */

static void the_application_can_ask_for_the_name(void **state UNUSED)
{
	static const char *const names[] = {"krb5DelegatedCCache", NULL};
	struct pair_setup how = usual("GSSAPI");
	struct pair pair;
	struct propval value[2];
	delegate(&how, "yes");
	how.server.properties = names;
	run_with_log(&how, &pair, true);
	prop_getnames(sasl_auxprop_getctx(pair.server.conn), (const char **)names, value);
	assert_int_equal(value[0].nvalues, 1);
	assert_string_equal(value[0].values[0], how.server.option[0][1]);
	pair_close(&pair);
	delegate(&how, "no");
	run_with_log(&how, &pair, true);
	prop_getnames(sasl_auxprop_getctx(pair.server.conn), (const char **)names, value);
	assert_true(value[0].nvalues == 0);
	pair_close(&pair);
}

static void the_name_may_have_the_clients_in_it(void **state UNUSED)
{
	struct pair_setup how = usual("GSSAPI");
	struct pair pair;
	char name[300];
	snprintf(name, sizeof name, "%s-%%{principal}", realm_path("kept"));
	how.server.option[0][1] = name;
	delegate(&how, "yes");
	run_with_log(&how, &pair, true);
	assert_int_equal(remove(realm_path("kept-alice@EXAMPLE.TEST")), 0);
	pair_close(&pair);
}

/* The login succeeds all the same: an administrator reads why. */
static void a_cache_that_cannot_be_made_is_logged(void **state UNUSED)
{
	static const struct {
		const char *name, *sentence;
	} row[] = {
		{"FILE:/nonexistent/kept", "/nonexistent/kept"},
		{"FILE:/tmp/%{who}", "option kerberos5_delegated_ccache: %{who} is not known"},
		{"API:x", "API"},
	};
	struct pair_setup how = usual("GSSAPI");
	delegate(&how, "yes");
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct pair pair;
		how.server.option[0][1] = row[i].name;
		run_with_log(&how, &pair, true);
		expect_in("its log", peer_log(&pair.server),
			"the tickets that alice@EXAMPLE.TEST delegated are not kept: ");
		expect_in("its log", peer_log(&pair.server), row[i].sentence);
		pair_close(&pair);
	}
}

/* A hand-made client delegates this ticket, and comes to its choice of a layer. */
static void come_to_choice(struct gss_peer *p, const char *owner, struct slice choice, int result)
{
	struct pair_setup how = usual("GSSAPI");
	NEW_ERROR(err);
	realm_issue(&(struct realm_ticket){0});
	memcpy(how.server.option[1], how.server.option[0], sizeof how.server.option[1]);
	gss_peer_open(p, &how);
	struct credential ticket = p->credential;
	ticket.client.component[0] = slice_string(owner);
	struct gss_initiator initiator = peer_initiator(p, false);
	initiator.delegated = &ticket;
	must_be(gss_initiate(&initiator, NULL, &p->context, &p->token, &err), &err);
	assert_int_equal(to_server(p, buffer_slice(&p->token)), SASL_CONTINUE);
	gss_channel_open(&p->context, true, &p->channel);
	assert_int_equal(to_server(p, wrapped(p, choice)), result);
}

static void the_cache_is_made_after_the_login(void **state UNUSED)
{
	struct gss_peer p;
	come_to_choice(&p, "alice", SLICE_LITERAL("\x01\x00\x00\x00"), SASL_OK);
	assert_true(is_kept());
	gss_peer_close(&p);
}

static void a_refused_login_leaves_nothing(void **state UNUSED)
{
	struct gss_peer p;
	come_to_choice(&p, "alice", SLICE_LITERAL("\x01\x00\x00\x00\n"), SASL_BADAUTH);
	assert_false(is_kept());
	gss_peer_close(&p);
}

static void a_ticket_of_another_client_is_not_kept(void **state UNUSED)
{
	struct gss_peer p;
	come_to_choice(&p, "bob", SLICE_LITERAL("\x01\x00\x00\x00"), SASL_OK);
	expect_in("the log", peer_log(&p.pair.server),
		"alice@EXAMPLE.TEST delegated a ticket of bob@EXAMPLE.TEST, which is not kept");
	assert_false(is_kept());
	gss_peer_close(&p);
}

SUITE(test_delegation)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_realm, close_realm)
	const struct CMUnitTest tests[] = {
		CASE(without_the_option_nothing_is_delegated),
		CASE(with_the_option_it_is),
		{if_md5("gs2_delegates_too"), gs2_delegates_too, open_realm, close_realm, NULL},
		CASE(gss_spnego_delegates_too),
		CASE(passcred_is_yes),
		CASE(whoever_demands_passcred_gets_no_mechanism_without),
		CASE(nothing_is_delegated_to_who_may_not_be_genuine),
		CASE(ok_as_delegate_is_the_kdcs_word),
		CASE(a_ticket_that_is_not_forwardable_is_a_reason),
		CASE(another_word_is_refused),
		CASE(the_application_can_ask_for_the_name),
		CASE(the_name_may_have_the_clients_in_it),
		CASE(a_cache_that_cannot_be_made_is_logged),
		CASE(the_cache_is_made_after_the_login),
		CASE(a_refused_login_leaves_nothing),
		CASE(a_ticket_of_another_client_is_not_kept),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

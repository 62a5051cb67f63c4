/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client side of GSSAPI against servers as others write them, and against
 * such as nobody should.
 */
#include <string.h>

#include "tests/support/gssapi_peer.h"
#include "tests/support/suite.h"

static const struct pair_setup usual = {
	.client = {.security = {.max_ssf = 256, .maxbufsize = 4096}}};
static const struct pair_setup without_layers = {0};

static void send_reply(struct gss_peer *p, bool with_subkey)
{
	struct gss_accepted accepted;
	struct error err;
	gss_peer_open(p, &p->how);
	assert_int_equal(start_client(p), SASL_CONTINUE);
	accept_request(p, &accepted);
	if (!with_subkey)
		accepted.subkey = NULL;
	must_be(gss_reply(&accepted, NULL, &p->context, &p->token, &err), &err);
}

/* To where the client waits for the offer of layers. */
static void come_to_offer(struct gss_peer *p, const struct pair_setup *how, bool with_subkey)
{
	p->how = *how;
	send_reply(p, with_subkey);
	assert_int_equal(to_client(p, buffer_slice(&p->token)), SASL_CONTINUE);
	assert_true(p->has_got); /* Java's server waits for an empty message */
	assert_int_equal(p->got.len, 0);
	gss_channel_open(&p->context, false, &p->channel);
}

static void expect_failure(struct gss_peer *p, int result, const char *text)
{
	assert_int_equal(p->result, result);
	assert_false(p->has_got);
	expect_in("the client", peer_detail(&p->pair.client), text);
	assert_int_equal(to_client(p, SLICE_EMPTY), SASL_BADPROT);
	gss_peer_close(p);
}

/* Java's acceptor: the initiator's subkey is used, and the flag of the acceptor's is clear. */
static void an_acceptor_may_have_no_subkey(void **state UNUSED)
{
	struct gss_peer p;
	come_to_offer(&p, &usual, false);
	assert_ptr_equal(p.channel.key, p.context.initiator_subkey);
	assert_int_equal(to_client(&p, WRAPPED(&p, "\x07\x00\x20\x00")), SASL_OK);
	assert_memory_equal(p.got.data, "\x05\x04\x00\xff", 4);
	EXPECT_UNWRAPPED(&p, "\x04\x00\x10\x00");
	assert_int_equal(number(&p.pair.client, SASL_SSF), 256);
	gss_peer_close(&p);
}

static void the_acceptors_subkey_is_used_and_flagged(void **state UNUSED)
{
	struct gss_peer p;
	come_to_offer(&p, &usual, true);
	assert_int_equal(to_client(&p, WRAPPED(&p, "\x02\x00\x20\x00")), SASL_OK);
	assert_memory_equal(p.got.data, "\x05\x04\x04\xff", 4);
	EXPECT_UNWRAPPED(&p, "\x02\x00\x10\x00");
	assert_int_equal(number(&p.pair.client, SASL_SSF), 1);
	gss_peer_close(&p);
}

/* Java's server without a layer gives a size all the same; our side sends zero. */
static void a_size_without_a_layer_is_passed_over(void **state UNUSED)
{
	struct gss_peer p;
	come_to_offer(&p, &without_layers, true);
	assert_int_equal(to_client(&p, WRAPPED(&p, "\x01\x01\x00\x00")), SASL_OK);
	EXPECT_UNWRAPPED(&p, "\x01\x00\x00\x00");
	gss_peer_close(&p);
}

/* A server that offers layers where none was asked for: the client has shown nothing it needs. */
static void without_mutual_authentication_no_layer_is_chosen(void **state UNUSED)
{
	struct pair_setup how = without_layers;
	how.client.option[0][0] = "kerberos5_mutual";
	how.client.option[0][1] = "no";
	struct gss_peer p;
	struct gss_accepted accepted;
	const sasl_security_properties_t layers = {.max_ssf = 256, .maxbufsize = 4096};
	gss_peer_open(&p, &how);
	assert_int_equal(start_client(&p), SASL_CONTINUE);
	accept_request(&p, &accepted);
	assert_int_equal(accepted.flags & GSS_MUTUAL, 0);
	gss_channel_open(&p.context, false, &p.channel);
	/* Too late to ask for one now. */
	assert_int_equal(sasl_setprop(p.pair.client.conn, SASL_SEC_PROPS, &layers), SASL_OK);
	assert_int_equal(to_client(&p, WRAPPED(&p, "\x07\x00\x20\x00")), SASL_OK);
	EXPECT_UNWRAPPED(&p, "\x01\x00\x00\x00");
	gss_peer_close(&p);
}

/* Without CONF some acceptors seal nothing, whatever was agreed on. */
static void all_flags_are_asked_for(void **state UNUSED)
{
	struct gss_peer p;
	struct gss_accepted accepted;
	gss_peer_open(&p, &without_layers);
	assert_int_equal(start_client(&p), SASL_CONTINUE);
	accept_request(&p, &accepted);
	assert_int_equal(
		accepted.flags, GSS_MUTUAL | GSS_REPLAY | GSS_SEQUENCE | GSS_CONF | GSS_INTEG);
	assert_non_null(p.context.initiator_subkey);
	assert_uint_in_range(p.context.initiator_seq, 1, 0x3fffffff);
	gss_peer_close(&p);
}

static void with_ad_compat_privacy_says_integrity_too(void **state UNUSED)
{
	struct pair_setup how = usual;
	how.client.option[0][0] = "ad_compat";
	how.client.option[0][1] = "1";
	struct gss_peer p;
	come_to_offer(&p, &how, true);
	assert_int_equal(to_client(&p, WRAPPED(&p, "\x07\x00\x20\x00")), SASL_OK);
	EXPECT_UNWRAPPED(&p, "\x06\x00\x10\x00");
	gss_peer_close(&p);
	come_to_offer(&p, &how, true);
	assert_int_equal(to_client(&p, WRAPPED(&p, "\x05\x00\x20\x00")), SASL_OK);
	EXPECT_UNWRAPPED(&p, "\x04\x00\x10\x00");
	gss_peer_close(&p);
	how.client.option[0][1] = "sometimes";
	come_to_offer(&p, &how, true);
	to_client(&p, WRAPPED(&p, "\x07\x00\x20\x00"));
	expect_failure(&p, SASL_BADPROT, "ad_compat is \"sometimes\"; it can be no or yes");
}

static void the_authorization_identity_is_sent(void **state UNUSED)
{
	struct pair_setup how = without_layers;
	how.client.user = "bob";
	struct gss_peer p;
	come_to_offer(&p, &how, true);
	assert_int_equal(to_client(&p, WRAPPED(&p, "\x01\x00\x00\x00")), SASL_OK);
	EXPECT_UNWRAPPED(&p, "\x01\x00\x00\x00"
			     "bob");
	gss_peer_close(&p);
}

static void an_offer_that_does_not_fit_fails(void **state UNUSED)
{
	static const struct {
		struct slice offer;
		int result;
		const char *text;
	} cases[] = {
		{SLICE_LITERAL("\x00\x00\x00\x00"), SASL_FAIL,
			"no security layer that both sides allow"},
		{SLICE_LITERAL("\xf8\x00\x10\x00"), SASL_FAIL, "the server offers nothing in"},
		{SLICE_LITERAL("\x06\x00\x00\x10"), SASL_FAIL, "in packets of 16 octets"},
		{SLICE_LITERAL("\x01\x00\x00"), SASL_BADPROT, "a message of 3 octets"},
		{SLICE_LITERAL("\x01\x00\x00\x00\x00"), SASL_BADPROT, "has 5 octets instead of 4"},
		{SLICE_LITERAL(""), SASL_BADPROT, "a message of 0 octets"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct gss_peer p;
		come_to_offer(&p, &usual, true);
		to_client(&p, wrapped(&p, cases[i].offer));
		expect_failure(&p, cases[i].result, cases[i].text);
	}
}

static void minssf_is_kept(void **state UNUSED)
{
	const struct pair_setup strong = {
		.client = {.security = {.min_ssf = 2, .max_ssf = 256, .maxbufsize = 4096}}};
	struct gss_peer p;
	come_to_offer(&p, &strong, true);
	to_client(&p, WRAPPED(&p, "\x03\x00\x20\x00"));
	expect_failure(&p, SASL_FAIL, "allowed here is privacy");
}

static void an_offer_that_was_changed_fails(void **state UNUSED)
{
	for (unsigned at = 0; at < 16 + 4 + 12; at++) {
		struct gss_peer p;
		come_to_offer(&p, &usual, true);
		(void)WRAPPED(&p, "\x01\x00\x20\x00");
		assert_uint_in_range(at, 0, p.token.len - 1);
		/* In the high octet of RRC, 4 is 64 times around: nothing is changed. */
		p.token.data[at] ^= at == 6 ? 0x00 : 0x04;
		assert_int_equal(to_client(&p, buffer_slice(&p.token)) == SASL_OK, at == 6);
		assert_int_not_equal(p.result, SASL_CONTINUE);
		gss_peer_close(&p);
	}
}

/* Nothing but the AP-REP shows that the service is genuine. */
static void each_message_has_its_place(void **state UNUSED)
{
	struct gss_peer p = {.how = usual};
	send_reply(&p, true);
	p.token.data[p.token.len - 1] ^= 1;
	to_client(&p, buffer_slice(&p.token));
	expect_failure(&p, SASL_BADAUTH, "AP-REP");

	p.how = usual;
	send_reply(&p, true);
	to_client(&p, SLICE_EMPTY);
	expect_failure(&p, SASL_BADPROT, "");

	p.how = usual;
	send_reply(&p, true);
	gss_channel_open(&p.context, false, &p.channel);
	to_client(&p, WRAPPED(&p, "\x01\x00\x00\x00"));
	assert_int_not_equal(p.result, SASL_OK);
	assert_int_not_equal(p.result, SASL_CONTINUE);
	gss_peer_close(&p);

	come_to_offer(&p, &usual, true);
	to_client(&p, SLICE_EMPTY);
	expect_failure(&p, SASL_BADPROT, "the server's offer of security layers");
}

/* A refusal says why, unauthenticated as it is. */
static void an_error_token_is_told(void **state UNUSED)
{
	struct gss_peer p;
	struct gss_accepted accepted;
	struct error err;
	gss_peer_open(&p, &usual);
	assert_int_equal(start_client(&p), SASL_CONTINUE);
	accept_request(&p, &accepted);
	const struct ap_refusal refusal = {
		.code = KRB_AP_ERR_SKEW,
		.now = {timestamp_now().seconds + 600, 0},
		.server = &p.context.server,
		.text = "set your clock",
	};
	must_be(gss_refuse(&refusal, &p.token, &err), &err);
	to_client(&p, buffer_slice(&p.token));
	expect_in("the client", peer_detail(&p.pair.client),
		"server says (unverified): set your clock");
	expect_failure(&p, SASL_BADAUTH, "clock skew too great: this host is 10 min ");
}

/* What the service may say of a ticket; 0: it says nothing, and the program gives up. */
static const struct {
	enum status code;
	bool again; /* a KDC is asked for another ticket */
} refusals[] = {
	{STATUS_OK, true},
	{KRB_AP_ERR_BAD_INTEGRITY, true},
	{KRB_AP_ERR_MODIFIED, true},
	{KRB_AP_ERR_BADKEYVER, true},
	{KRB_AP_ERR_NOKEY, true},
	{KRB_AP_ERR_SKEW, true},
	{KRB_AP_ERR_REPEAT, false},
	{KRB_AP_ERR_ILL_CR_TKT, false},
	{KRB_AP_ERR_METHOD, false},
	{KDC_ERR_POLICY, false},
};

static void be_refused(const struct pair_setup *how, enum status code)
{
	struct gss_peer p;
	struct gss_accepted accepted;
	struct error err;
	gss_peer_open(&p, how);
	assert_int_equal(start_client(&p), SASL_CONTINUE);
	expect_not_in("the client's log", peer_log(&p.pair.client), "the service refused");
	accept_request(&p, &accepted);
	const struct ap_refusal refusal = {
		.code = code, .now = timestamp_now(), .server = &p.context.server};
	if (code) {
		must_be(gss_refuse(&refusal, &p.token, &err), &err);
		assert_int_equal(to_client(&p, buffer_slice(&p.token)), SASL_BADAUTH);
	}
	gss_peer_close(&p);
}

/* There is no KDC: that another ticket is looked for is seen by that it is missed. */
static void after_a_refusal_another_ticket_is_looked_for(void **state UNUSED)
{
	static const char missed[] =
		"there is no new ticket in place of one that the service refused";
	const struct pair_setup how = {.client.option = {{"log_level", "3"}}};
	for (size_t i = 0; i < COUNT_OF(refusals); i++) {
		struct gss_peer p;
		pair_library_stop(); /* with which the module forgets */
		pair_library_start();
		be_refused(&how, refusals[i].code);
		gss_peer_open(&p, &how);
		assert_int_equal(start_client(&p), SASL_CONTINUE);
		if (!strstr(peer_log(&p.pair.client), missed) == refusals[i].again)
			fail_msg("after code %d the log is \"%s\"", refusals[i].code,
				peer_log(&p.pair.client));
		gss_peer_close(&p);
	}
}

SUITE(test_gssapi_client)
{
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(an_acceptor_may_have_no_subkey),
		LOGIN_CASE(the_acceptors_subkey_is_used_and_flagged),
		LOGIN_CASE(a_size_without_a_layer_is_passed_over),
		LOGIN_CASE(without_mutual_authentication_no_layer_is_chosen),
		LOGIN_CASE(all_flags_are_asked_for),
		LOGIN_CASE(with_ad_compat_privacy_says_integrity_too),
		LOGIN_CASE(the_authorization_identity_is_sent),
		LOGIN_CASE(an_offer_that_does_not_fit_fails),
		LOGIN_CASE(minssf_is_kept),
		LOGIN_CASE(an_offer_that_was_changed_fails),
		LOGIN_CASE(each_message_has_its_place),
		LOGIN_CASE(an_error_token_is_told),
		LOGIN_CASE(after_a_refusal_another_ticket_is_looked_for),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

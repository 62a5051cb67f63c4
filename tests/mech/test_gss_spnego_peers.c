/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GSS-SPNEGO with clients and servers as others write them, and with such as nobody
 * should: hand-made tokens, in whatever order.
 */
#include "gss/gss_mechanism.h"
#include "gss/spnego.h"
#include "tests/support/gssapi_peer.h"
#include "tests/support/suite.h"

#define SPNEGO .mechanism = "GSS-SPNEGO"
#define NTLM SLICE_LITERAL("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a")

/* ---- clients as others write them ---- */

static struct gss_peer p;
static struct spnego initiator;

static int finish(void **state UNUSED)
{
	spnego_close(&initiator);
	gss_peer_close(&p);
	return 0;
}

static void open_peer(const struct pair_setup *how)
{
	initiator = (struct spnego){0};
	gss_peer_open(&p, how);
}

/* The peer's token of Kerberos, with these flags of protection. */
static void ask(bool mutual, uint32_t protection, struct buffer *token)
{
	struct gss_initiator gss = peer_initiator(&p, mutual);
	NEW_ERROR(err);
	gss.protection = protection;
	ap_context_clear(&p.context);
	must_be(gss_initiate(&gss, NULL, &p.context, token, &err), &err);
}

/* What came, which has to be in this state, with Kerberos' part. */
static struct spnego_resp read_answer(enum spnego_state expected)
{
	NEW_ERROR(err);
	struct spnego_resp resp;
	must_be(spnego_resp_read(buffer_slice(&p.got), &resp, &err), &err);
	assert_int_equal(resp.state, expected);
	return resp;
}

static int offer(const struct spnego_init *init)
{
	NEW_ERROR(err);
	AUTO_BUFFER first = {0};
	must_be(spnego_init_write(init, &first, &err), &err);
	return to_server(&p, buffer_slice(&first));
}

static void read_ap_rep(struct slice token)
{
	finish_initiating(&p, token);
	gss_channel_open(&p.context, true, &p.channel);
}

static void answer_with(struct spnego_resp resp, int result)
{
	NEW_ERROR(err);
	AUTO_BUFFER token = {0};
	must_be(der_write_spnego_resp(&resp, &token, &err), &err);
	assert_int_equal(to_server(&p, buffer_slice(&token)), result);
}

static void expect_log(const char *text)
{
	expect_in("the log", peer_log(&p.pair.server), text);
}

/* The list of mechanisms that the MICs are made of: NTLM and Kerberos. */
#define LIST                                                                                       \
	SLICE_LITERAL("\x30\x17\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a\x06\x09\x2a\x86"   \
		      "\x48\x86\xf7\x12\x01\x02\x02")

/* NTLM first: the server asks for Kerberos and MICs, and gets Kerberos' token. */
static struct spnego_resp come_to_mic(const struct pair_setup *how)
{
	AUTO_BUFFER token = {0};
	open_peer(how);
	const struct spnego_init init = {
		.count = 2, .mech = {NTLM, GSS_OID_KERBEROS}, .token = SLICE_LITERAL("NTLMSSP")};
	assert_int_equal(offer(&init), SASL_CONTINUE);
	struct spnego_resp resp = read_answer(SPNEGO_REQUEST_MIC);
	assert_true(slice_equal(resp.mech, GSS_OID_KERBEROS));
	assert_null(resp.token.data);
	ask(true, 0, &token);
	answer_with((struct spnego_resp){.token = buffer_slice(&token)}, SASL_CONTINUE);
	resp = read_answer(SPNEGO_ACCEPT_INCOMPLETE);
	assert_non_null(resp.mic.data);
	read_ap_rep(resp.token);
	return resp;
}

static void kerberos_as_second_choice_needs_a_mic_each_way(void **state UNUSED)
{
	NEW_ERROR(err);
	AUTO_BUFFER mic = {0};
	struct spnego_resp resp = come_to_mic(&(struct pair_setup){SPNEGO});
	must_be(gss_mic_verify(&p.channel, LIST, resp.mic, &err), &err);
	must_be(gss_mic_make(&p.channel, LIST, &mic, &err), &err);
	answer_with((struct spnego_resp){.has_state = true,
			    .state = SPNEGO_ACCEPT_COMPLETED,
			    .mic = buffer_slice(&mic)},
		SASL_OK);
	assert_false(p.has_got);
	assert_string_equal(peer_string(&p.pair.server, SASL_USERNAME), "alice");
}

static void without_the_mic_the_login_fails(void **state UNUSED)
{
	come_to_mic(&(struct pair_setup){SPNEGO});
	answer_with((struct spnego_resp){.has_state = true, .state = SPNEGO_ACCEPT_COMPLETED},
		SASL_BADAUTH);
	expect_log("without the MIC of the list of mechanisms, which is due");
}

static void a_mic_of_another_list_is_refused(void **state UNUSED)
{
	NEW_ERROR(err);
	AUTO_BUFFER mic = {0};
	come_to_mic(&(struct pair_setup){SPNEGO});
	must_be(gss_mic_make(&p.channel, SLICE_LITERAL("\x30\x00"), &mic, &err), &err);
	answer_with((struct spnego_resp){.has_state = true,
			    .state = SPNEGO_ACCEPT_COMPLETED,
			    .mic = buffer_slice(&mic)},
		SASL_BADAUTH);
	expect_log("the list of mechanisms");
}

/* Nobody negotiates for ever. */
static void a_fourth_token_is_refused(void **state UNUSED)
{
	NEW_ERROR(err);
	AUTO_BUFFER mic = {0};
	come_to_mic(&(struct pair_setup){SPNEGO});
	must_be(gss_mic_make(&p.channel, LIST, &mic, &err), &err);
	answer_with((struct spnego_resp){.has_state = true,
			    .state = SPNEGO_ACCEPT_INCOMPLETE,
			    .mic = buffer_slice(&mic)},
		SASL_BADAUTH);
	expect_log("the client expects another token, and there is none");
}

static void windows_name_for_kerberos_is_answered_in_kind(void **state UNUSED)
{
	AUTO_BUFFER token = {0};
	open_peer(&(struct pair_setup){SPNEGO});
	ask(true, 0, &token);
	const struct spnego_init init = {.count = 2,
		.mech = {GSS_OID_KERBEROS_WINDOWS, GSS_OID_KERBEROS},
		.token = buffer_slice(&token)};
	assert_int_equal(offer(&init), SASL_OK);
	struct spnego_resp resp = read_answer(SPNEGO_ACCEPT_COMPLETED);
	assert_true(slice_equal(resp.mech, GSS_OID_KERBEROS_WINDOWS));
	read_ap_rep(resp.token);
}

static void a_raw_token_of_kerberos_is_answered_by_one(void **state UNUSED)
{
	AUTO_BUFFER token = {0};
	open_peer(&(struct pair_setup){SPNEGO});
	ask(true, 0, &token);
	assert_int_equal(to_server(&p, buffer_slice(&token)), SASL_OK);
	read_ap_rep(buffer_slice(&p.got));
}

static void a_raw_token_is_refused_by_one(void **state UNUSED)
{
	AUTO_BUFFER token = {0};
	enum gss_token_id id;
	struct slice message;
	NEW_ERROR(err);
	open_peer(&(struct pair_setup){SPNEGO});
	ask(true, GSS_INTEG, &token); /* and no layer is allowed */
	assert_int_equal(to_server(&p, buffer_slice(&token)), SASL_CONTINUE);
	must_be(gss_token_read(buffer_slice(&p.got), &id, &message, &err), &err);
	assert_int_equal(id, GSS_TOKEN_ERROR);
	assert_int_equal(to_server(&p, SLICE_EMPTY), SASL_BADAUTH);
}

static void a_list_without_kerberos_is_refused_by_name(void **state UNUSED)
{
	open_peer(&(struct pair_setup){SPNEGO});
	const struct spnego_init init = {
		.count = 1, .mech = {NTLM}, .token = SLICE_LITERAL("NTLMSSP")};
	assert_int_equal(offer(&init), SASL_BADAUTH);
	expect_log("login refused");
	expect_log("the client offers NTLM, and not Kerberos");
}

static void raw_ntlm_is_refused_by_name(void **state UNUSED)
{
	open_peer(&(struct pair_setup){SPNEGO});
	assert_int_equal(to_server(&p, SLICE_LITERAL("NTLMSSP\0\x01\0\0\0")), SASL_BADAUTH);
	expect_log("a token of NTLM came where a token of SPNEGO is due");
}

/* Windows sets the flags for a layer in HTTP, where there is none; MIT's clients INTEG. */
static void flags_are_not_judged_in_http(void **state UNUSED)
{
	AUTO_BUFFER token = {0};
	open_peer(&(struct pair_setup){SPNEGO, .flags = SASL_NEED_HTTP});
	ask(true, GSS_CONF | GSS_INTEG, &token);
	const struct spnego_init init = {
		.count = 1, .mech = {GSS_OID_KERBEROS}, .token = buffer_slice(&token)};
	assert_int_equal(offer(&init), SASL_OK);
	assert_int_equal(number(&p.pair.server, SASL_SSF), 0);
}

/* Cyrus SASL's plug-in and libkrb5 read them so too. */
static void confidentiality_without_integrity_is_no_layer(void **state UNUSED)
{
	AUTO_BUFFER token = {0};
	open_peer(&(struct pair_setup){SPNEGO, .server = limits(0, 256, USUAL_BUFFER)});
	ask(true, GSS_CONF, &token);
	const struct spnego_init init = {
		.count = 1, .mech = {GSS_OID_KERBEROS}, .token = buffer_slice(&token)};
	assert_int_equal(offer(&init), SASL_OK);
	assert_int_equal(number(&p.pair.server, SASL_SSF), 0);
}

/* Whatever it is that comes again and again: after three tokens it is over. */
static void a_client_that_negotiates_for_ever_is_cut_off(void **state UNUSED)
{
	const struct spnego_init list = {.count = 2, .mech = {NTLM, GSS_OID_KERBEROS}};
	for (unsigned kind = 0; kind < 4; kind++) {
		NEW_ERROR(err);
		unsigned sent = 1;
		open_peer(&(struct pair_setup){SPNEGO});
		for (offer(&list); p.result == SASL_CONTINUE && sent < 8; sent++) {
			AUTO_BUFFER request = {0}, token = {0};
			ask(true, 0, &request);
			const struct spnego_resp resp = {
				.token = kind == 1 ? SLICE_EMPTY : buffer_slice(&request),
				.mic = kind == 3 ? SLICE_LITERAL("mic") : SLICE_EMPTY};
			must_be(kind == 0 ? spnego_init_write(&list, &token, &err)
					  : der_write_spnego_resp(&resp, &token, &err),
				&err);
			to_server(&p, buffer_slice(&token));
		}
		assert_int_equal(p.result, SASL_BADAUTH);
		assert_in_range(sent, 2, 3);
		finish(NULL);
	}
	open_peer(&(struct pair_setup){SPNEGO});
}

static void a_layer_without_mutual_authentication_is_refused(void **state UNUSED)
{
	AUTO_BUFFER token = {0};
	open_peer(&(struct pair_setup){SPNEGO, .server = limits(0, 256, USUAL_BUFFER)});
	ask(false, GSS_INTEG, &token);
	const struct spnego_init init = {
		.count = 1, .mech = {GSS_OID_KERBEROS}, .token = buffer_slice(&token)};
	assert_int_equal(offer(&init), SASL_BADAUTH);
	expect_log("the client asks for a security layer (replay, sequence, integrity), and not "
		   "for mutual authentication");
}

/* ---- servers as others write them ---- */

/* The module's client has sent its token, and the peer has accepted Kerberos' part of it. */
static void accept_client(const struct pair_setup *how, struct gss_accepted *accepted)
{
	NEW_ERROR(err);
	struct slice mech_token;
	AUTO_BUFFER request = {0};
	open_peer(how);
	assert_int_equal(start_client(&p), SASL_CONTINUE);
	must_be(spnego_accept(&initiator, buffer_slice(&p.got), &mech_token, &err), &err);
	assert_int_equal(buffer_append(&request, mech_token), STATUS_OK);
	buffer_clear(&p.got);
	assert_int_equal(buffer_append(&p.got, buffer_slice(&request)), STATUS_OK);
	accept_request(&p, accepted);
}

static int respond(struct spnego_resp resp)
{
	NEW_ERROR(err);
	AUTO_BUFFER token = {0};
	must_be(der_write_spnego_resp(&resp, &token, &err), &err);
	return to_client(&p, buffer_slice(&token));
}

static void make_ap_rep(const struct gss_accepted *accepted, struct buffer *reply)
{
	NEW_ERROR(err);
	must_be(gss_reply(accepted, NULL, &p.context, reply, &err), &err);
	gss_channel_open(&p.context, false, &p.channel);
}

static void the_flags_are_those_of_the_layer(void **state UNUSED)
{
	static const struct {
		sasl_ssf_t max, tls;
		uint32_t flags;
	} rows[] = {
		{256, 0, GSS_MUTUAL | GSS_REPLAY | GSS_SEQUENCE | GSS_CONF | GSS_INTEG},
		{1, 0, GSS_MUTUAL | GSS_REPLAY | GSS_SEQUENCE | GSS_INTEG},
		{0, 0, GSS_MUTUAL | GSS_REPLAY | GSS_SEQUENCE},
		{256, 128, GSS_MUTUAL | GSS_REPLAY | GSS_SEQUENCE},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct gss_accepted accepted;
		struct pair_setup how = {SPNEGO, .client = limits(0, rows[i].max, USUAL_BUFFER)};
		how.client.external_ssf = rows[i].tls;
		accept_client(&how, &accepted);
		assert_int_equal(accepted.flags, rows[i].flags);
		if (i + 1 < COUNT_OF(rows))
			finish(NULL);
	}
}

static void a_server_may_want_a_mic_all_the_same(void **state UNUSED)
{
	struct gss_accepted accepted;
	NEW_ERROR(err);
	AUTO_BUFFER reply = {0}, mic = {0};
	accept_client(&(struct pair_setup){SPNEGO}, &accepted);
	make_ap_rep(&accepted, &reply);
	struct slice list = buffer_slice(&initiator.mech_list);
	must_be(gss_mic_make(&p.channel, list, &mic, &err), &err);
	assert_int_equal(respond((struct spnego_resp){.has_state = true,
				 .state = SPNEGO_ACCEPT_INCOMPLETE,
				 .mech = GSS_OID_KERBEROS,
				 .token = buffer_slice(&reply),
				 .mic = buffer_slice(&mic)}),
		SASL_OK);
	struct spnego_resp resp = read_answer(SPNEGO_ACCEPT_COMPLETED);
	must_be(gss_mic_verify(&p.channel, list, resp.mic, &err), &err);
}

static void expect_failure(struct spnego_resp resp, int result, const char *sentence)
{
	assert_int_equal(respond(resp), result);
	expect_in("the client", peer_detail(&p.pair.client), sentence);
}

static void an_answer_without_an_ap_rep_is_refused(void **state UNUSED)
{
	struct gss_accepted accepted;
	accept_client(&(struct pair_setup){SPNEGO}, &accepted);
	expect_failure((struct spnego_resp){.has_state = true,
			       .state = SPNEGO_ACCEPT_COMPLETED,
			       .mech = GSS_OID_KERBEROS},
		SASL_BADPROT, "the server's answer has no AP-REP, which was asked for");
}

static void an_ap_rep_that_is_not_due_is_refused(void **state UNUSED)
{
	struct gss_accepted accepted;
	AUTO_BUFFER reply = {0};
	accept_client(&(struct pair_setup){SPNEGO, .client.option = {{"kerberos5_mutual", "no"}}},
		&accepted);
	make_ap_rep(&accepted, &reply);
	expect_failure((struct spnego_resp){.has_state = true,
			       .state = SPNEGO_ACCEPT_COMPLETED,
			       .mech = GSS_OID_KERBEROS,
			       .token = buffer_slice(&reply)},
		SASL_BADPROT, "the server's answer has an AP-REP, which was not asked for");
}

static void a_rejection_is_a_failure(void **state UNUSED)
{
	struct gss_accepted accepted;
	AUTO_BUFFER reply = {0};
	accept_client(&(struct pair_setup){SPNEGO}, &accepted);
	make_ap_rep(&accepted, &reply);
	expect_failure(
		(struct spnego_resp){
			.has_state = true, .state = SPNEGO_REJECT, .token = buffer_slice(&reply)},
		SASL_BADAUTH, "the server rejects Kerberos, and gives no reason");
}

static void another_mechanism_is_refused(void **state UNUSED)
{
	struct gss_accepted accepted;
	accept_client(&(struct pair_setup){SPNEGO}, &accepted);
	expect_failure(
		(struct spnego_resp){.has_state = true, .state = SPNEGO_REQUEST_MIC, .mech = NTLM},
		SASL_BADAUTH, "the server chose NTLM, and only Kerberos was offered");
}

SUITE(test_gss_spnego_peers)
{
#define PEER_CASE(name) cmocka_unit_test_setup_teardown(name, usual_realm, finish)
	const struct CMUnitTest tests[] = {
		PEER_CASE(kerberos_as_second_choice_needs_a_mic_each_way),
		PEER_CASE(without_the_mic_the_login_fails),
		PEER_CASE(a_mic_of_another_list_is_refused),
		PEER_CASE(a_fourth_token_is_refused),
		PEER_CASE(windows_name_for_kerberos_is_answered_in_kind),
		PEER_CASE(a_raw_token_of_kerberos_is_answered_by_one),
		PEER_CASE(a_raw_token_is_refused_by_one),
		PEER_CASE(a_list_without_kerberos_is_refused_by_name),
		PEER_CASE(raw_ntlm_is_refused_by_name),
		PEER_CASE(flags_are_not_judged_in_http),
		PEER_CASE(confidentiality_without_integrity_is_no_layer),
		PEER_CASE(a_client_that_negotiates_for_ever_is_cut_off),
		PEER_CASE(a_layer_without_mutual_authentication_is_refused),
		PEER_CASE(the_flags_are_those_of_the_layer),
		PEER_CASE(a_server_may_want_a_mic_all_the_same),
		PEER_CASE(an_answer_without_an_ap_rep_is_refused),
		PEER_CASE(an_ap_rep_that_is_not_due_is_refused),
		PEER_CASE(a_rejection_is_a_failure),
		PEER_CASE(another_mechanism_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

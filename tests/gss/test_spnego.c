/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The negotiation of SPNEGO between an initiator and an acceptor in memory: every order of
 * tokens, missing fields, MICs, and lists that were changed on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gss/gss_mechanism.h"
#include "gss/gss_message.h"
#include "gss/spnego.h"
#include "tests/support/gss_pair.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))
#define NTLM SLICE_LITERAL("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a")
#define NEGOEX SLICE_LITERAL("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e")

static struct gss_pair pair; /* an established context */
static struct channel client, server;
static struct spnego initiator, acceptor;
static struct buffer token, answer, spare;
static struct slice inner;
static struct error err;

static void open_channels(void)
{
	channel_close(&client);
	channel_close(&server);
	gss_channel_open(&pair.x.client, true, &client);
	gss_channel_open(&pair.x.server, false, &server);
}

static int begin(void **state UNUSED)
{
	gss_pair_open(&pair);
	if (gss_pair_establish(&pair, &err))
		fail_msg("%s", err.text);
	open_channels();
	return 0;
}

static int end(void **state UNUSED)
{
	spnego_close(&initiator);
	spnego_close(&acceptor);
	initiator = acceptor = (struct spnego){0};
	buffer_free(&token);
	buffer_free(&answer);
	buffer_free(&spare);
	channel_close(&client);
	channel_close(&server);
	gss_pair_close(&pair);
	return 0;
}

static void good(enum status status)
{
	if (status)
		fail_msg("%s", err.text);
}

static void assert_inner(const char *text)
{
	if (!text) {
		assert_null(inner.data);
		return;
	}
	assert_int_equal(inner.len, strlen(text));
	assert_memory_equal(inner.data, text, inner.len);
}

/* ---- messages ---- */

/* A first token with any list: `mechs` ends with a slice without data. */
static void make_first(const struct slice *mechs, const char *mech_token)
{
	struct spnego_init init = {.token = slice_string(mech_token)};
	for (; mechs[init.count].data; init.count++)
		init.mech[init.count] = mechs[init.count];
	buffer_clear(&token);
	good(spnego_init_write(&init, &token, &err));
}
#define FIRST(mech_token, ...) make_first((const struct slice[]){__VA_ARGS__, {0}}, mech_token)

enum { NO_STATE = -1 };

static void make_later(struct buffer *out, int state, const char *mech_token, struct slice mic)
{
	const struct spnego_resp resp = {
		.has_state = state != NO_STATE,
		.state = state == NO_STATE ? 0 : state,
		.token = slice_string(mech_token),
		.mic = mic,
	};
	buffer_clear(out);
	good(der_write_spnego_resp(&resp, out, &err));
}

/* What an acceptor made. */
static struct spnego_resp answered(void)
{
	struct spnego_resp resp;
	good(spnego_resp_read(buffer_slice(&answer), &resp, &err));
	return resp;
}

static void assert_answer(int state, struct slice mech, const char *mech_token, bool has_mic)
{
	struct spnego_resp resp = answered();
	assert_true(resp.has_state);
	assert_int_equal(resp.state, state);
	assert_true(slice_equal(resp.mech, mech));
	assert_true(slice_equal(resp.token, slice_string(mech_token)));
	assert_int_equal(resp.mic.data != NULL, has_mic);
}

static void accept_token(const char *expected)
{
	good(spnego_accept(&acceptor, buffer_slice(&token), &inner, &err));
	assert_inner(expected);
}

static void reply(const char *mech_reply, struct channel *channel)
{
	buffer_clear(&answer);
	good(spnego_reply(&acceptor, slice_string(mech_reply), channel, &answer, &err));
}

static void refused(enum status status, enum status expected, const char *text)
{
	assert_refusal(status, &err, expected, text, text);
}

static void accept_refused(enum status expected, const char *text)
{
	refused(spnego_accept(&acceptor, buffer_slice(&token), &inner, &err), expected, text);
	assert_null(inner.data);
	/* Nothing leads out of it. */
	refused(spnego_accept(&acceptor, buffer_slice(&token), &inner, &err), KRB_AP_ERR_BADORDER,
		"none is due");
	refused(spnego_reply(&acceptor, SLICE_EMPTY, &server, &answer, &err), KRB_AP_ERR_BADORDER,
		"no reply is due");
}

/* ---- both sides ---- */

static void kerberos_alone_takes_a_message_each_way(void **state UNUSED)
{
	good(spnego_initiate(&initiator, SLICE_LITERAL("request"), &token, &err));
	accept_token("request");
	reply("reply", &server);
	assert_true(spnego_is_done(&acceptor));
	assert_answer(SPNEGO_ACCEPT_COMPLETED, GSS_OID_KERBEROS, "reply", false);
	good(spnego_continue(&initiator, buffer_slice(&answer), &inner, &err));
	assert_inner("reply");
	good(spnego_conclude(&initiator, &client, &spare, &err));
	assert_int_equal(spare.len, 0);
	assert_true(spnego_is_done(&initiator));
}

static void without_mutual_authentication_the_answer_has_no_token(void **state UNUSED)
{
	good(spnego_initiate(&initiator, SLICE_LITERAL("request"), &token, &err));
	accept_token("request");
	reply(NULL, &server);
	assert_answer(SPNEGO_ACCEPT_COMPLETED, GSS_OID_KERBEROS, NULL, false);
	good(spnego_continue(&initiator, buffer_slice(&answer), &inner, &err));
	assert_inner(NULL);
	good(spnego_conclude(&initiator, &client, &spare, &err));
	assert_int_equal(spare.len, 0);
}

/* ---- the acceptor ---- */

static void windows_oid_is_answered_in_kind(void **state UNUSED)
{
	FIRST("request", GSS_OID_KERBEROS_WINDOWS, GSS_OID_KERBEROS, NEGOEX, NTLM);
	accept_token("request");
	reply("reply", &server);
	assert_answer(SPNEGO_ACCEPT_COMPLETED, GSS_OID_KERBEROS_WINDOWS, "reply", false);
}

static void a_list_without_a_token_is_answered_with_the_choice(void **state UNUSED)
{
	FIRST(NULL, GSS_OID_KERBEROS, NTLM);
	accept_token(NULL);
	reply(NULL, NULL);
	assert_answer(SPNEGO_ACCEPT_INCOMPLETE, GSS_OID_KERBEROS, NULL, false);
	assert_false(spnego_is_done(&acceptor));
	make_later(&token, NO_STATE, "request", SLICE_EMPTY);
	accept_token("request");
	reply("reply", &server);
	assert_answer(SPNEGO_ACCEPT_COMPLETED, SLICE_EMPTY, "reply", false);
	assert_true(spnego_is_done(&acceptor));
}

/* As an initiator makes them, of the list that it sent. */
static struct slice mic_of(struct channel *channel, struct slice list)
{
	buffer_clear(&spare);
	good(gss_mic_make(channel, list, &spare, &err));
	return buffer_slice(&spare);
}

static struct slice sent_list(void)
{
	struct spnego_init init;
	good(spnego_init_read(buffer_slice(&token), &init, &err));
	static unsigned char copy[1000];
	memcpy(copy, init.mech_list.data, init.mech_list.len);
	return slice_of(copy, init.mech_list.len);
}

/* Kerberos is the second choice; up to where the acceptor's MIC was sent. */
static struct slice second_choice(void)
{
	FIRST("NTLM's", NTLM, GSS_OID_KERBEROS);
	struct slice list = sent_list();
	accept_token(NULL);
	reply(NULL, NULL);
	assert_answer(SPNEGO_REQUEST_MIC, GSS_OID_KERBEROS, NULL, false);
	make_later(&token, SPNEGO_ACCEPT_INCOMPLETE, "request", SLICE_EMPTY);
	accept_token("request");
	reply("reply", &server);
	assert_answer(SPNEGO_ACCEPT_INCOMPLETE, SLICE_EMPTY, "reply", true);
	assert_false(spnego_is_done(&acceptor));
	good(gss_mic_verify(&client, list, answered().mic, &err));
	return list;
}

static void a_second_choice_leads_to_mics(void **state UNUSED)
{
	struct slice list = second_choice();
	make_later(&token, SPNEGO_ACCEPT_COMPLETED, NULL, mic_of(&client, list));
	accept_token(NULL);
	reply(NULL, &server);
	assert_int_equal(answer.len, 0);
	assert_true(spnego_is_done(&acceptor));
}

static void the_last_mic_may_come_without_a_state(void **state UNUSED)
{
	struct slice list = second_choice();
	make_later(&token, NO_STATE, "", mic_of(&client, list));
	accept_token(NULL);
	reply(NULL, &server);
	assert_true(spnego_is_done(&acceptor));
}

static void last_mic_refused(struct slice mic, const char *text)
{
	make_later(&token, SPNEGO_ACCEPT_COMPLETED, NULL, mic);
	accept_token(NULL);
	refused(spnego_reply(&acceptor, SLICE_EMPTY, &server, &answer, &err), KRB_AP_ERR_MODIFIED,
		text);
	assert_false(spnego_is_done(&acceptor));
}

static void a_missing_last_mic_is_refused(void **state UNUSED)
{
	second_choice();
	last_mic_refused(SLICE_EMPTY, "without the MIC of the list of mechanisms");
}

static void a_mic_of_another_list_is_refused(void **state UNUSED)
{
	second_choice();
	last_mic_refused(mic_of(&client, SLICE_LITERAL("\x30\x0b")), "may have been changed");
}

static void a_reflected_mic_is_refused(void **state UNUSED)
{
	second_choice();
	struct spnego_resp resp = answered();
	last_mic_refused(resp.mic, "may have been changed");
}

static void a_mic_that_is_spoilt_is_refused(void **state UNUSED)
{
	struct slice list = second_choice();
	mic_of(&client, list);
	spare.data[spare.len - 1] ^= 1;
	last_mic_refused(buffer_slice(&spare), "may have been changed");
}

static void an_empty_mic_is_refused(void **state UNUSED)
{
	second_choice();
	last_mic_refused(SLICE_LITERAL(""), "may have been changed");
}

/* [NTLM, Kerberos] on the way made of [Kerberos, NTLM]: the client's MIC tells. */
static void a_list_that_was_turned_round_is_refused(void **state UNUSED)
{
	FIRST("request", GSS_OID_KERBEROS, NTLM);
	AUTO_BUFFER list = {0};
	good(buffer_append(&list, sent_list()));
	second_choice();
	last_mic_refused(mic_of(&client, buffer_slice(&list)), "may have been changed");
}

static void after_the_request_for_a_mic(int state, const char *mech_token, struct slice mic)
{
	FIRST(NULL, NTLM, GSS_OID_KERBEROS);
	accept_token(NULL);
	reply(NULL, NULL);
	make_later(&token, state, mech_token, mic);
}

/* Without mutual authentication the initiator's MIC comes with its token. */
static void without_mutual_authentication_the_mic_comes_with_the_token(void **state UNUSED)
{
	FIRST(NULL, NTLM, GSS_OID_KERBEROS);
	struct slice mic = mic_of(&client, sent_list());
	after_the_request_for_a_mic(SPNEGO_ACCEPT_COMPLETED, "request", mic);
	accept_token("request");
	reply(NULL, &server);
	assert_answer(SPNEGO_ACCEPT_COMPLETED, SLICE_EMPTY, NULL, true);
	assert_true(spnego_is_done(&acceptor));
}

static void without_it_the_token_is_refused(void **state UNUSED)
{
	after_the_request_for_a_mic(NO_STATE, "request", SLICE_EMPTY);
	accept_token("request");
	refused(spnego_reply(&acceptor, SLICE_EMPTY, &server, &answer, &err), KRB_AP_ERR_MODIFIED,
		"without the MIC");
}

static void a_mic_nobody_asked_for_is_verified(void **state UNUSED)
{
	FIRST(NULL, GSS_OID_KERBEROS);
	struct slice list = sent_list(), mic = mic_of(&client, list);
	struct spnego_init init = {
		.count = 1, .mech = {GSS_OID_KERBEROS}, .token = SLICE_LITERAL("t"), .mic = mic};
	buffer_clear(&token);
	good(spnego_init_write(&init, &token, &err));
	accept_token("t");
	reply(NULL, &server);
	assert_answer(SPNEGO_ACCEPT_COMPLETED, GSS_OID_KERBEROS, NULL, true);
	good(gss_mic_verify(&client, list, answered().mic, &err));

	spnego_close(&acceptor);
	acceptor = (struct spnego){0};
	accept_token("t");
	refused(spnego_reply(&acceptor, SLICE_EMPTY, &server, &answer, &err), KRB_AP_ERR_MODIFIED,
		"may have been changed");
}

static void a_list_without_kerberos_is_refused_by_name(void **state UNUSED)
{
	FIRST("token", NEGOEX, NTLM, SLICE_LITERAL("\x2a\x03"));
	accept_refused(KRB_AP_ERR_METHOD, "the client offers NEGOEX, NTLM, 1.2.3, and not "
					  "Kerberos, which is all that is taken");
}

static void raw_ntlm_is_refused_by_name(void **state UNUSED)
{
	good(buffer_append(&token, SLICE_LITERAL("NTLMSSP\0\x01\x00\x00\x00")));
	accept_refused(KRB_AP_ERR_MSG_TYPE, "a token of NTLM came where a token of SPNEGO is due");
}

static void raw_kerberos_is_taken(void **state UNUSED)
{
	good(gss_token_write(GSS_TOKEN_AP_REQ, SLICE_LITERAL("request"), &token, &err));
	good(spnego_accept(&acceptor, buffer_slice(&token), &inner, &err));
	assert_true(slice_equal(inner, buffer_slice(&token)));
	reply("raw reply", &server);
	assert_true(slice_equal(buffer_slice(&answer), SLICE_LITERAL("raw reply")));
	assert_true(spnego_is_done(&acceptor));
}

static void a_first_token_that_is_out_of_order_is_refused(void **state UNUSED)
{
	make_later(&token, SPNEGO_ACCEPT_INCOMPLETE, "request", SLICE_EMPTY);
	accept_refused(KRB_AP_ERR_MSG_TYPE, "a later token of SPNEGO came where the first");
}

static void a_mic_without_a_token_is_refused(void **state UNUSED)
{
	const struct spnego_init init = {
		.count = 1, .mech = {GSS_OID_KERBEROS}, .mic = SLICE_LITERAL("mic")};
	good(spnego_init_write(&init, &token, &err));
	accept_refused(KRB_AP_ERR_BADORDER, "a MIC came without a token of Kerberos");
}

static void a_second_list_is_refused(void **state UNUSED)
{
	after_the_request_for_a_mic(NO_STATE, "request", SLICE_EMPTY);
	FIRST("request", GSS_OID_KERBEROS);
	accept_refused(KRB_AP_ERR_MSG_TYPE, "a first token of SPNEGO came where a later one");
}

static void a_second_token_without_kerberos_is_refused(void **state UNUSED)
{
	after_the_request_for_a_mic(SPNEGO_ACCEPT_INCOMPLETE, NULL, SLICE_EMPTY);
	accept_refused(KRB_AP_ERR_BADORDER, "a token came without Kerberos' own in it");
}

static void an_initiator_that_gives_up_is_refused(void **state UNUSED)
{
	after_the_request_for_a_mic(SPNEGO_REJECT, "request", SLICE_EMPTY);
	assert_int_equal(
		spnego_accept(&acceptor, buffer_slice(&token), &inner, &err), KRB_AP_ERR_METHOD);
	assert_in(err.text, "the client gives up");
}

static void an_initiator_that_requests_a_mic_is_refused(void **state UNUSED)
{
	after_the_request_for_a_mic(SPNEGO_REQUEST_MIC, "request", SLICE_EMPTY);
	accept_refused(KRB_AP_ERR_BADORDER, "requests a MIC, which only a server does");
}

static void an_initiator_that_chooses_is_refused(void **state UNUSED)
{
	after_the_request_for_a_mic(NO_STATE, "request", SLICE_EMPTY);
	const struct spnego_resp resp = {.mech = GSS_OID_KERBEROS, .token = SLICE_LITERAL("t")};
	buffer_clear(&token);
	good(der_write_spnego_resp(&resp, &token, &err));
	accept_refused(KRB_AP_ERR_BADORDER, "chooses a mechanism, which the server does");
}

static void a_token_beside_the_last_mic_is_refused(void **state UNUSED)
{
	struct slice list = second_choice();
	make_later(&token, SPNEGO_ACCEPT_COMPLETED, "again", mic_of(&client, list));
	accept_refused(KRB_AP_ERR_BADORDER, "where only the MIC is due");
}

static void an_initiator_that_goes_on_for_ever_is_refused(void **state UNUSED)
{
	struct slice list = second_choice();
	make_later(&token, SPNEGO_ACCEPT_INCOMPLETE, NULL, mic_of(&client, list));
	accept_refused(KRB_AP_ERR_BADORDER, "expects another token, and there is none");
}

static void after_the_end_nothing_is_taken(void **state UNUSED)
{
	kerberos_alone_takes_a_message_each_way(NULL);
	make_later(&token, SPNEGO_ACCEPT_COMPLETED, "request", SLICE_EMPTY);
	accept_refused(KRB_AP_ERR_BADORDER, "a token came, and none is due");
	refused(spnego_continue(&initiator, buffer_slice(&token), &inner, &err),
		KRB_AP_ERR_BADORDER, "a token came, and none is due");
}

static void a_refusal_is_a_rejection(void **state UNUSED)
{
	good(spnego_refuse(SLICE_LITERAL("error"), &answer, &err));
	assert_answer(SPNEGO_REJECT, SLICE_EMPTY, "error", false);
}

/* ---- the initiator ---- */

static void answer_with(int state, struct slice mech, const char *mech_token, struct slice mic)
{
	const struct spnego_resp resp = {
		.has_state = state != NO_STATE,
		.state = state == NO_STATE ? 0 : state,
		.mech = mech,
		.token = slice_string(mech_token),
		.mic = mic,
	};
	buffer_clear(&answer);
	good(der_write_spnego_resp(&resp, &answer, &err));
	spnego_close(&initiator);
	initiator = (struct spnego){0};
	buffer_clear(&token);
	good(spnego_initiate(&initiator, SLICE_LITERAL("request"), &token, &err));
}

static void go_on(const char *expected)
{
	good(spnego_continue(&initiator, buffer_slice(&answer), &inner, &err));
	assert_inner(expected);
}

static void continue_refused(enum status expected, const char *text)
{
	refused(spnego_continue(&initiator, buffer_slice(&answer), &inner, &err), expected, text);
	assert_null(inner.data);
	refused(spnego_conclude(&initiator, &client, &spare, &err), KRB_AP_ERR_BADORDER,
		"not at its end");
}

static void conclude_refused(enum status expected, const char *text)
{
	buffer_clear(&token);
	refused(spnego_conclude(&initiator, &client, &token, &err), expected, text);
	assert_int_equal(token.len, 0);
	assert_false(spnego_is_done(&initiator));
}

static struct slice own_list(void)
{
	if (token.len == 0)
		answer_with(SPNEGO_REJECT, SLICE_EMPTY, NULL, SLICE_EMPTY);
	return sent_list();
}

static void a_requested_mic_is_sent(void **state UNUSED)
{
	struct slice list = own_list();
	for (int said = SPNEGO_ACCEPT_INCOMPLETE; said <= SPNEGO_REQUEST_MIC; said += 2) {
		open_channels();
		answer_with(said, GSS_OID_KERBEROS, "reply", mic_of(&server, list));
		go_on("reply");
		buffer_clear(&token);
		good(spnego_conclude(&initiator, &client, &token, &err));
		struct spnego_resp resp;
		good(spnego_resp_read(buffer_slice(&token), &resp, &err));
		assert_true(resp.has_state && !resp.mech.data && !resp.token.data);
		assert_int_equal(resp.state, SPNEGO_ACCEPT_COMPLETED);
		good(gss_mic_verify(&server, list, resp.mic, &err));
	}
}

static void a_mic_with_the_end_is_verified(void **state UNUSED)
{
	struct slice list = own_list();
	answer_with(SPNEGO_ACCEPT_COMPLETED, GSS_OID_KERBEROS, "reply", mic_of(&server, list));
	go_on("reply");
	buffer_clear(&token);
	good(spnego_conclude(&initiator, &client, &token, &err));
	assert_int_equal(token.len, 0);
	answer_with(SPNEGO_ACCEPT_COMPLETED, GSS_OID_KERBEROS, "reply",
		mic_of(&server, SLICE_LITERAL("another")));
	go_on("reply");
	conclude_refused(KRB_AP_ERR_MODIFIED, "may have been changed");
}

static void a_requested_mic_that_is_missing_is_refused(void **state UNUSED)
{
	answer_with(SPNEGO_REQUEST_MIC, GSS_OID_KERBEROS, "reply", SLICE_EMPTY);
	go_on("reply");
	conclude_refused(KRB_AP_ERR_MODIFIED, "without the MIC of the list");
}

static void an_acceptor_that_goes_on_for_ever_is_refused(void **state UNUSED)
{
	answer_with(SPNEGO_ACCEPT_INCOMPLETE, GSS_OID_KERBEROS, "reply", SLICE_EMPTY);
	go_on("reply");
	conclude_refused(KRB_AP_ERR_BADORDER, "expects another token");
}

static void an_old_windows_may_answer_with_its_own_oid(void **state UNUSED)
{
	answer_with(SPNEGO_ACCEPT_COMPLETED, GSS_OID_KERBEROS_WINDOWS, "reply", SLICE_EMPTY);
	go_on("reply");
	answer_with(SPNEGO_ACCEPT_COMPLETED, SLICE_EMPTY, "reply", SLICE_EMPTY);
	go_on("reply");
}

static void another_choice_is_refused(void **state UNUSED)
{
	answer_with(SPNEGO_ACCEPT_INCOMPLETE, NTLM, "reply", SLICE_EMPTY);
	continue_refused(KRB_AP_ERR_METHOD, "the server chose NTLM, and only Kerberos was offered");
}

static void an_answer_without_a_state_is_refused(void **state UNUSED)
{
	answer_with(NO_STATE, GSS_OID_KERBEROS, "reply", SLICE_EMPTY);
	continue_refused(KRB_AP_ERR_BADORDER, "does not say its state");
}

static void a_rejection_is_refused(void **state UNUSED)
{
	answer_with(SPNEGO_REJECT, SLICE_EMPTY, NULL, SLICE_EMPTY);
	continue_refused(KRB_AP_ERR_METHOD, "the server rejects Kerberos, and gives no reason");
	/* With a token that could be a reason, that comes first. */
	answer_with(SPNEGO_REJECT, SLICE_EMPTY, "error", SLICE_EMPTY);
	go_on("error");
	conclude_refused(KRB_AP_ERR_METHOD, "the server rejects Kerberos");
}

static void an_answer_that_is_none_is_refused(void **state UNUSED)
{
	answer_with(SPNEGO_REJECT, SLICE_EMPTY, NULL, SLICE_EMPTY);
	buffer_clear(&answer);
	continue_refused(ERR_SYNTAX, "an empty token came");
	answer_with(SPNEGO_REJECT, SLICE_EMPTY, NULL, SLICE_EMPTY);
	buffer_clear(&answer);
	good(gss_token_write(GSS_TOKEN_AP_REP, SLICE_LITERAL("reply"), &answer, &err));
	continue_refused(KRB_AP_ERR_MSG_TYPE, "a token of Kerberos without SPNEGO around it");
}

static void nothing_is_due_before_the_first_token(void **state UNUSED)
{
	make_later(&answer, SPNEGO_ACCEPT_COMPLETED, "reply", SLICE_EMPTY);
	continue_refused(KRB_AP_ERR_BADORDER, "none is due");
}

SUITE(test_spnego)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(kerberos_alone_takes_a_message_each_way),
		CASE(without_mutual_authentication_the_answer_has_no_token),
		CASE(windows_oid_is_answered_in_kind),
		CASE(a_list_without_a_token_is_answered_with_the_choice),
		CASE(a_second_choice_leads_to_mics),
		CASE(the_last_mic_may_come_without_a_state),
		CASE(a_missing_last_mic_is_refused),
		CASE(a_mic_of_another_list_is_refused),
		CASE(a_reflected_mic_is_refused),
		CASE(a_mic_that_is_spoilt_is_refused),
		CASE(an_empty_mic_is_refused),
		CASE(a_list_that_was_turned_round_is_refused),
		CASE(without_mutual_authentication_the_mic_comes_with_the_token),
		CASE(without_it_the_token_is_refused),
		CASE(a_mic_nobody_asked_for_is_verified),
		CASE(a_list_without_kerberos_is_refused_by_name),
		CASE(raw_ntlm_is_refused_by_name),
		CASE(raw_kerberos_is_taken),
		CASE(a_first_token_that_is_out_of_order_is_refused),
		CASE(a_mic_without_a_token_is_refused),
		CASE(a_second_list_is_refused),
		CASE(a_second_token_without_kerberos_is_refused),
		CASE(an_initiator_that_gives_up_is_refused),
		CASE(an_initiator_that_requests_a_mic_is_refused),
		CASE(an_initiator_that_chooses_is_refused),
		CASE(a_token_beside_the_last_mic_is_refused),
		CASE(an_initiator_that_goes_on_for_ever_is_refused),
		CASE(after_the_end_nothing_is_taken),
		CASE(a_refusal_is_a_rejection),
		CASE(a_requested_mic_is_sent),
		CASE(a_mic_with_the_end_is_verified),
		CASE(a_requested_mic_that_is_missing_is_refused),
		CASE(an_acceptor_that_goes_on_for_ever_is_refused),
		CASE(an_old_windows_may_answer_with_its_own_oid),
		CASE(another_choice_is_refused),
		CASE(an_answer_without_a_state_is_refused),
		CASE(a_rejection_is_refused),
		CASE(an_answer_that_is_none_is_refused),
		CASE(nothing_is_due_before_the_first_token),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Both sides of a GSS-API context, from the first token to the channel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/gss_pair.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))
#define FLAGS_ALWAYS (GSS_REPLAY | GSS_SEQUENCE | GSS_CONF | GSS_INTEG)

static struct gss_pair p;

static int start(void **state UNUSED)
{
	gss_pair_open(&p);
	return 0;
}

static int finish(void **state UNUSED)
{
	gss_pair_close(&p);
	return 0;
}

static void established(void)
{
	struct error err = {0};
	assert_success(gss_pair_establish(&p, &err), &err);
}

/* The initiator has asked and the acceptor answered. */
static void answered(void)
{
	struct error err = {0};
	assert_success(gss_pair_request(&p, &err), &err);
	assert_success(gss_pair_answer(&p, &err), &err);
}

static void request_refused(enum status expected, const char *text, const char *shown)
{
	struct error err = {0};
	enum status status = gss_pair_answer(&p, &err);
	assert_refusal(status, &err, expected, text, shown);
	assert_null(p.accepted.subkey);
	assert_int_equal(p.reply.len, 0);
}

static void reply_refused(enum status expected, const char *text, const char *shown)
{
	struct error err = {0};
	enum status status = gss_pair_finish(&p, &err);
	assert_refusal(status, &err, expected, text, shown);
	assert_null(p.x.client.acceptor_subkey);
}

/* ---- what both sides have afterwards ---- */

static void assert_same_channel(void)
{
	struct channel client, server;
	gss_channel_open(&p.x.client, true, &client);
	gss_channel_open(&p.x.server, false, &server);
	assert_true(slice_equal(key_octets(client.key), key_octets(server.key)));
	assert_true(client.is_initiator);
	assert_false(server.is_initiator);
	assert_int_equal(client.has_acceptor_subkey, server.has_acceptor_subkey);
	assert_int_equal(client.send_seq, server.receive_seq);
	assert_int_equal(client.receive_seq, server.send_seq);
	channel_close(&client);
	channel_close(&server);
}

static void establishes_with_mutual_authentication(void **state UNUSED)
{
	established();
	assert_same_channel();
	assert_ptr_equal(ap_context_key(&p.x.client), p.x.client.acceptor_subkey);
	assert_non_null(p.x.server.initiator_subkey);
	assert_int_equal(p.accepted.flags, FLAGS_ALWAYS | GSS_MUTUAL);
	assert_false(p.accepted.bindings_match);
	assert_int_equal(p.delegated.count, 0);
	assert_ptr_equal(p.accepted.subkey, key_type(p.x.session_key));
	assert_in(p.traced,
		"GSS-API: flags: mutual, replay, sequence, confidentiality, integrity; channel "
		"bindings: none; encryption types offered for the acceptor's subkey: 0, the first "
		"none\n");
	assert_in(p.traced,
		"offered for the acceptor's subkey: 0, chosen: aes256-cts-hmac-sha1-96\n");
}

static void establishes_without_mutual_authentication(void **state UNUSED)
{
	p.initiator.mutual = false;
	established();
	assert_same_channel();
	assert_int_equal(p.reply.len, 0);
	assert_false(p.x.server.mutual);
	assert_ptr_equal(ap_context_key(&p.x.client), p.x.client.initiator_subkey);
	assert_int_equal(p.accepted.flags, FLAGS_ALWAYS);
	assert_in(p.traced, "for the acceptor's subkey: 0, chosen: no subkey\n");
}

static void tokens_are_appended(void **state UNUSED)
{
	struct error err = {0};
	struct ap_context context = {0};
	assert_success(
		buffer_append(&p.request, SLICE_LITERAL("12")) ? ERR_NO_MEMORY : STATUS_OK, &err);
	assert_success(gss_initiate(&p.initiator, NULL, &context, &p.request, &err), &err);
	assert_memory_equal(p.request.data, "12\x60", 3);
	ap_context_clear(&context);
}

static void a_failure_leaves_everything_empty(void **state UNUSED)
{
	struct error err = {0};
	struct credential broken = p.x.credential;
	broken.ticket = SLICE_LITERAL("no ticket");
	p.initiator.credential = &broken;
	enum status status = gss_pair_request(&p, &err);
	assert_refusal(status, &err, ERR_SYNTAX, "the ticket for imap/mail.example.test",
		"the message is malformed");
	assert_int_equal(p.request.len, 0);
	assert_null(p.x.client.session_key);
	broken = p.x.credential;
	broken.key_type = 23;
	status = gss_pair_request(&p, &err);
	assert_refusal(status, &err, KDC_ERR_ETYPE_NOSUPP, "the credential's session key: arcfour",
		"not supported");
}

/* ---- channels ---- */

static void assert_numbers(bool is_initiator, uint64_t send, uint64_t receive)
{
	struct channel channel;
	gss_channel_open(is_initiator ? &p.x.client : &p.x.server, is_initiator, &channel);
	assert_int_equal(channel.send_seq, send);
	assert_int_equal(channel.receive_seq, receive);
	channel_close(&channel);
}

static void numbers_begin_as_both_sides_said(void **state UNUSED)
{
	established();
	uint32_t initiator = p.x.client.initiator_seq, acceptor = p.x.server.acceptor_seq;
	assert_int_not_equal(initiator, 0);
	assert_int_not_equal(acceptor, 0);
	assert_numbers(true, initiator, acceptor);
	assert_numbers(false, acceptor, initiator);
}

static void without_an_answer_both_begin_with_the_initiators(void **state UNUSED)
{
	p.initiator.mutual = false;
	established();
	uint32_t initiator = p.x.client.initiator_seq;
	assert_numbers(true, initiator, initiator);
	assert_numbers(false, initiator, initiator);
}

static void numbers_that_were_not_sent_are_zero(void **state UNUSED)
{
	established();
	p.x.server.has_initiator_seq = false;
	assert_numbers(false, p.x.server.acceptor_seq, 0);
	p.x.client.has_acceptor_seq = false;
	assert_numbers(true, p.x.client.initiator_seq, 0);
	p.x.server.mutual = p.x.server.has_acceptor_seq = false;
	assert_numbers(false, 0, 0);
}

/* The whole 32 bits of it, unsigned. */
static void a_high_number_stays_what_it_is(void **state UNUSED)
{
	established();
	p.x.server.initiator_seq = UINT32_MAX;
	assert_numbers(false, p.x.server.acceptor_seq, UINT32_MAX);
}

static void a_channel_has_its_own_reference_to_the_key(void **state UNUSED)
{
	established();
	struct channel channel;
	gss_channel_open(&p.x.client, true, &channel);
	assert_true(channel.has_acceptor_subkey);
	ap_context_clear(&p.x.client);
	assert_int_equal(key_octets(channel.key).len, 32);
	channel_close(&channel);
}

/* ---- tokens in the wrong place, or not whole ---- */

static void move(struct buffer *from, struct buffer *to)
{
	struct error err = {0};
	buffer_clear(to);
	assert_success(buffer_append(to, buffer_slice(from)) ? ERR_NO_MEMORY : STATUS_OK, &err);
}

static void other_tokens_are_no_request(void **state UNUSED)
{
	struct error err = {0};
	answered();
	move(&p.reply, &p.request);
	request_refused(KRB_AP_ERR_MSG_TYPE,
		"a GSS-API token with an AP-REP came where one with an AP-REQ is due", "AP-REP");
	const struct ap_refusal refusal = {
		.code = KRB_AP_ERR_SKEW, .now = p.initiator.now, .server = &p.x.ticket.server};
	buffer_clear(&p.request);
	assert_success(gss_refuse(&refusal, &p.request, &err), &err);
	request_refused(KRB_AP_ERR_MSG_TYPE,
		"a GSS-API token with a KRB-ERROR came where one with an AP-REQ is due",
		"KRB-ERROR");
	buffer_clear(&p.request);
	request_refused(ERR_SYNTAX, "an empty token came", "an empty token came");
}

static void a_reflected_request_is_no_reply(void **state UNUSED)
{
	answered();
	move(&p.request, &p.reply);
	reply_refused(KRB_AP_ERR_MSG_TYPE,
		"a GSS-API token with an AP-REQ came where one with an AP-REP is due", "AP-REQ");
}

/* The identifier says one thing and the message is another. */
static void an_identifier_that_lies_is_refused(void **state UNUSED)
{
	struct error err = {0};
	AUTO_BUFFER request = {0};
	enum gss_token_id id;
	struct slice message;
	answered();
	move(&p.request, &request);
	assert_success(gss_token_read(buffer_slice(&request), &id, &message, &err), &err);
	buffer_clear(&p.reply);
	assert_success(gss_token_write(GSS_TOKEN_AP_REP, message, &p.reply, &err), &err);
	reply_refused(
		KRB_AP_ERR_MSG_TYPE, "an AP-REP was expected, what came is an AP-REQ", "AP-REQ");
	buffer_clear(&p.reply);
	assert_success(gss_token_write(GSS_TOKEN_ERROR, message, &p.reply, &err), &err);
	reply_refused(KRB_AP_ERR_MSG_TYPE, "the server's refusal cannot be read: KRB-ERROR",
		"not the one expected");
	buffer_clear(&p.request);
	assert_success(gss_token_write(GSS_TOKEN_AP_REQ, SLICE_EMPTY, &p.request, &err), &err);
	buffer_clear(&p.reply);
	request_refused(KRB_AP_ERR_MSG_TYPE, "an AP-REQ was expected, what came is empty", "empty");
}

static void an_answer_to_another_request_is_refused(void **state UNUSED)
{
	struct error err = {0};
	answered();
	p.initiator.now.microseconds++;
	assert_success(gss_pair_request(&p, &err), &err);
	reply_refused(KRB_AP_ERR_MUT_FAIL, "mutual authentication failed", "mutual");
}

static void a_refusal_is_told(void **state UNUSED)
{
	struct error err = {0};
	answered();
	const struct ap_refusal refusal = {
		.code = KRB_AP_ERR_REPEAT,
		.now = p.initiator.now,
		.server = &p.x.ticket.server,
		.text = "seen before",
	};
	buffer_clear(&p.reply);
	assert_success(gss_refuse(&refusal, &p.reply, &err), &err);
	assert_int_equal(p.reply.data[0], 0x60);
	reply_refused(KRB_AP_ERR_REPEAT, "; server says (unverified): seen before", "replay");
}

static void every_shortened_token_is_refused(void **state UNUSED)
{
	struct error err = {0};
	answered();
	size_t whole = p.request.len;
	for (p.request.len = 0; p.request.len < whole; p.request.len++)
		assert_int_equal(gss_pair_answer(&p, &err), ERR_SYNTAX);

	answered();
	whole = p.reply.len;
	for (p.reply.len = 0; p.reply.len < whole; p.reply.len++)
		assert_int_equal(gss_pair_finish(&p, &err), ERR_SYNTAX);
	assert_success(gss_pair_finish(&p, &err), &err);
}

static void an_octet_after_a_token_is_refused(void **state UNUSED)
{
	struct error err = {0};
	answered();
	assert_success(
		buffer_append(&p.request, SLICE_LITERAL("x")) ? ERR_NO_MEMORY : STATUS_OK, &err);
	assert_success(
		buffer_append(&p.reply, SLICE_LITERAL("x")) ? ERR_NO_MEMORY : STATUS_OK, &err);
	reply_refused(ERR_SYNTAX, "1 octets came after the end", "1 octets");
	request_refused(ERR_SYNTAX, "1 octets came after the end", "1 octets");
}

SUITE(test_gss_establish)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, finish)
	const struct CMUnitTest tests[] = {
		CASE(establishes_with_mutual_authentication),
		CASE(establishes_without_mutual_authentication),
		CASE(tokens_are_appended),
		CASE(a_failure_leaves_everything_empty),
		CASE(numbers_begin_as_both_sides_said),
		CASE(without_an_answer_both_begin_with_the_initiators),
		CASE(numbers_that_were_not_sent_are_zero),
		CASE(a_high_number_stays_what_it_is),
		CASE(a_channel_has_its_own_reference_to_the_key),
		CASE(other_tokens_are_no_request),
		CASE(a_reflected_request_is_no_reply),
		CASE(an_identifier_that_lies_is_refused),
		CASE(an_answer_to_another_request_is_refused),
		CASE(a_refusal_is_told),
		CASE(every_shortened_token_is_refused),
		CASE(an_octet_after_a_token_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

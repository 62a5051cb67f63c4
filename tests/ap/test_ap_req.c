/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/assertions.h"
#include "tests/support/suite.h"

static struct exchange x;

static int start(void **state)
{
	(void)state;
	exchange_open(&x);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	exchange_close(&x);
	return 0;
}

static void accepted(void)
{
	struct error err;
	if (exchange_read(&x, &err))
		fail_msg("%s", err.text);
}

static void refused(enum status status, const char *text, const char *shown)
{
	struct error err;
	enum status result = exchange_read(&x, &err);
	assert_refusal(result, &err, status, text, shown);
}

static void assert_keys_equal(const struct key *a, const struct key *b)
{
	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(enctype_number(key_type(a)), enctype_number(key_type(b)));
	assert_true(slice_equal(key_octets(a), key_octets(b)));
}

/* ---- making ---- */

static void client_knows_its_side(void **state)
{
	(void)state;
	x.ticket.part.has_renew_till = true;
	x.ticket.part.renew_till = EXCHANGE_NOW + 7777;
	exchange_issue(&x);
	exchange_request(&x);
	assert_string_equal(PRINCIPAL_TEXT(&x.client.client), EXCHANGE_CLIENT);
	assert_string_equal(PRINCIPAL_TEXT(&x.client.server), EXCHANGE_SERVICE);
	assert_int_equal(x.client.ticket_flags, x.ticket.part.flags);
	assert_int_equal(x.client.ticket_enctype, ENCTYPE_AES256_SHA1);
	assert_true(x.client.ticket_has_kvno);
	assert_int_equal(x.client.ticket_kvno, 1);
	assert_int_equal(x.client.authtime, x.ticket.part.authtime);
	assert_int_equal(x.client.starttime, x.ticket.part.starttime);
	assert_int_equal(x.client.endtime, x.ticket.part.endtime);
	assert_int_equal(x.client.renew_till, EXCHANGE_NOW + 7777);
	assert_keys_equal(x.client.session_key, x.session_key);
	assert_true(timestamp_equal(x.client.time, x.initiator.now));
	assert_true(x.client.mutual);
	assert_true(x.client.has_initiator_seq);
	assert_null(x.client.acceptor_subkey);
}

/* The context outlives what it was made from. */
static void client_owns_what_it_knows(void **state)
{
	(void)state;
	exchange_request(&x);
	buffer_free(&x.ticket_der);
	buffer_free(&x.storage[0]);
	buffer_free(&x.storage[1]);
	assert_string_equal(PRINCIPAL_TEXT(&x.client.client), EXCHANGE_CLIENT);
	assert_string_equal(PRINCIPAL_TEXT(&x.client.server), EXCHANGE_SERVICE);
}

static void request_carries_the_ticket_as_it_is(void **state)
{
	(void)state;
	struct error err;
	struct ap_req req;
	exchange_request(&x);
	assert_int_equal(der_read_ap_req(buffer_slice(&x.token), &req, &err), STATUS_OK);
	assert_true(slice_equal(req.ticket_der, buffer_slice(&x.ticket_der)));
	assert_int_equal(req.authenticator.etype, ENCTYPE_AES256_SHA1);
	assert_false(req.authenticator.has_kvno);
	assert_int_equal(req.options, AP_OPTION_MUTUAL_REQUIRED);
	x.initiator.mutual = false;
	exchange_request(&x);
	assert_int_equal(der_read_ap_req(buffer_slice(&x.token), &req, &err), STATUS_OK);
	assert_int_equal(req.options, 0);
}

static void request_is_appended(void **state)
{
	(void)state;
	struct error err;
	AUTO_BUFFER out = {0};
	AUTO_AP_CONTEXT context = {0};
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("before")), STATUS_OK);
	assert_int_equal(ap_req_make(&x.initiator, NULL, &context, &out, &err), STATUS_OK);
	assert_memory_equal(out.data, "before", 6);
	assert_int_equal(der_message_type(slice_of(out.data + 6, out.len - 6)), KRB_AP_REQ);
}

static void requests_never_repeat(void **state)
{
	(void)state;
	struct error err;
	AUTO_BUFFER out = {0};
	AUTO_AP_CONTEXT other = {0};
	exchange_request(&x);
	assert_int_equal(ap_req_make(&x.initiator, NULL, &other, &out, &err), STATUS_OK);
	assert_false(slice_equal(buffer_slice(&out), buffer_slice(&x.token)));
	assert_int_not_equal(other.initiator_seq, x.client.initiator_seq);
	assert_false(slice_equal(
		key_octets(other.initiator_subkey), key_octets(x.client.initiator_subkey)));
}

static void sequence_numbers_have_thirty_bits(void **state)
{
	(void)state;
	uint32_t seen = 0;
	for (unsigned i = 0; i < 200; i++) {
		exchange_request(&x);
		assert_uint_in_range(x.client.initiator_seq, 1, (1u << 30) - 1);
		seen |= x.client.initiator_seq;
	}
	assert_int_equal(seen, (1u << 30) - 1);
}

/* Both the context and the token are as they were. */
static void making_fails(enum status status, const char *text)
{
	struct error err;
	static const struct ap_context empty;
	buffer_clear(&x.token);
	assert_int_equal(buffer_append(&x.token, SLICE_LITERAL("before")), STATUS_OK);
	enum status result = ap_req_make(&x.initiator, NULL, &x.client, &x.token, &err);
	assert_int_equal(result, status);
	assert_in(err.text, text);
	assert_memory_equal(&x.client, &empty, sizeof empty);
	assert_true(slice_equal(buffer_slice(&x.token), SLICE_LITERAL("before")));
}

static void unreadable_ticket_cannot_be_sent(void **state)
{
	(void)state;
	x.credential.ticket.len--;
	making_fails(ERR_SYNTAX, "the ticket for " EXCHANGE_SERVICE ": ");
	x.credential.ticket = SLICE_EMPTY;
	making_fails(ERR_SYNTAX, "the ticket for " EXCHANGE_SERVICE ": ");
	x.credential.ticket = SLICE_LITERAL("no ticket");
	making_fails(ERR_SYNTAX, "the ticket for");
}

static void unusable_session_key_cannot_be_used(void **state)
{
	(void)state;
	x.credential.key_type = 23;
	making_fails(KDC_ERR_ETYPE_NOSUPP, "the credential's session key: ");
	x.credential.key_type = ENCTYPE_AES128_SHA1;
	making_fails(ERR_SYNTAX, "the credential's session key: ");
	x.credential.key_type = 0;
	x.credential.key = SLICE_EMPTY;
	making_fails(KDC_ERR_ETYPE_NOSUPP, "the credential's session key: ");
}

static void time_that_cannot_be_told_cannot_be_sent(void **state)
{
	(void)state;
	x.initiator.now.seconds = INT64_C(253402300800); /* the year 10000 */
	making_fails(ERR_SYNTAX, "only years 0 to 9999 can be sent");
}

/* ---- what the server learns ---- */

static void server_knows_the_same(void **state)
{
	(void)state;
	x.ticket.part.has_renew_till = true;
	x.ticket.part.renew_till = EXCHANGE_NOW + 7777;
	exchange_issue(&x);
	exchange_request(&x);
	accepted();
	const struct ap_context *c = &x.client, *s = &x.server;
	assert_true(principal_equal(&s->client, &c->client));
	assert_true(principal_equal(&s->server, &c->server));
	assert_int_equal(s->ticket_flags, c->ticket_flags);
	assert_int_equal(s->ticket_enctype, c->ticket_enctype);
	assert_int_equal(s->ticket_has_kvno, c->ticket_has_kvno);
	assert_int_equal(s->ticket_kvno, c->ticket_kvno);
	assert_int_equal(s->authtime, c->authtime);
	assert_int_equal(s->starttime, c->starttime);
	assert_int_equal(s->endtime, c->endtime);
	assert_int_equal(s->renew_till, c->renew_till);
	assert_keys_equal(s->session_key, c->session_key);
	assert_keys_equal(s->initiator_subkey, c->initiator_subkey);
	assert_null(s->acceptor_subkey);
	assert_true(s->mutual);
	assert_true(timestamp_equal(s->time, c->time));
	assert_true(s->has_initiator_seq);
	assert_int_equal(s->initiator_seq, c->initiator_seq);
	assert_false(s->has_acceptor_seq);
	assert_int_equal(s->checksum.type, 0);
	assert_null(s->checksum.value.data);
	assert_int_equal(s->authenticator_data.count, 0);
	assert_int_equal(s->authorization_data.len, 0);
}

/* The caller's token is its own: overwritten, nothing is missing. */
static void server_owns_what_it_knows(void **state)
{
	(void)state;
	x.initiator.checksummed = SLICE_LITERAL("text");
	exchange_request(&x);
	accepted();
	buffer_free(&x.token);
	assert_string_equal(PRINCIPAL_TEXT(&x.server.client), EXCHANGE_CLIENT);
	assert_string_equal(PRINCIPAL_TEXT(&x.server.server), EXCHANGE_SERVICE);
	assert_int_equal(x.server.checksum.value.len, 12);
}

static void each_enctype_serves(void **state)
{
	(void)state;
	const struct enctype *ticket, *session;
	for (unsigned t = 0; (ticket = enctype_by_rank(t)); t++)
		for (unsigned s = 0; (session = enctype_by_rank(s)); s++) {
			exchange_set_service_key(&x, enctype_number(ticket));
			exchange_set_session_key(&x, enctype_number(session));
			exchange_issue(&x);
			exchange_request(&x);
			accepted();
			assert_int_equal(x.server.ticket_enctype, enctype_number(ticket));
			assert_ptr_equal(key_type(x.server.session_key), session);
			assert_ptr_equal(key_type(x.server.initiator_subkey), session);
		}
}

static void neither_subkey_nor_mutual(void **state)
{
	(void)state;
	x.initiator.subkey = false;
	x.initiator.mutual = false;
	exchange_request(&x);
	accepted();
	assert_null(x.client.initiator_subkey);
	assert_null(x.server.initiator_subkey);
	assert_false(x.server.mutual);
}

static void absent_sequence_number_is_seen(void **state)
{
	(void)state;
	struct authenticator authenticator = exchange_authenticator(&x);
	exchange_forge(&x, &authenticator, 0);
	accepted();
	assert_false(x.server.has_initiator_seq);
	assert_false(x.server.mutual);
}

static void largest_sequence_number_is_kept(void **state)
{
	(void)state;
	struct authenticator authenticator = exchange_authenticator(&x);
	authenticator.has_seq_number = true;
	authenticator.seq_number = UINT32_MAX;
	exchange_forge(&x, &authenticator, 0);
	accepted();
	assert_true(x.server.has_initiator_seq);
	assert_int_equal(x.server.initiator_seq, UINT32_MAX);
}

static void best_key_protects_messages(void **state)
{
	(void)state;
	AUTO_KEY initiator = exchange_key(ENCTYPE_AES256_SHA1, 'i');
	AUTO_KEY acceptor = exchange_key(ENCTYPE_AES256_SHA1, 'a');
	struct ap_context context = {.session_key = x.session_key};
	assert_ptr_equal(ap_context_key(&context), x.session_key);
	context.initiator_subkey = initiator;
	assert_ptr_equal(ap_context_key(&context), initiator);
	context.acceptor_subkey = acceptor;
	assert_ptr_equal(ap_context_key(&context), acceptor);
}

static void cleared_context_is_empty(void **state)
{
	(void)state;
	static const struct ap_context empty;
	exchange_request(&x);
	accepted();
	ap_context_clear(&x.server);
	assert_memory_equal(&x.server, &empty, sizeof empty);
	ap_context_clear(&x.server);
	ap_context_clear(NULL);
}

/* ---- the checksum ---- */

static void checksum_is_over_the_callers_string(void **state)
{
	(void)state;
	struct error err;
	const struct slice string = SLICE_LITERAL("what the application says");
	const struct slice other = SLICE_LITERAL("what the application sayS");
	x.initiator.checksummed = string;
	exchange_request(&x);
	accepted();
	const struct checksum *sum = &x.server.checksum;
	assert_int_equal(sum->type, enctype_checksum_type(key_type(x.session_key)));
	assert_int_equal(key_verify_checksum(x.server.session_key, USAGE_AP_REQ_CHECKSUM,
				 (struct pieces){&string, 1}, sum, &err),
		STATUS_OK);
	assert_int_equal(key_verify_checksum(x.server.session_key, USAGE_AP_REQ_CHECKSUM,
				 (struct pieces){&other, 1}, sum, &err),
		KRB_AP_ERR_MODIFIED);
	assert_int_equal(key_verify_checksum(x.server.session_key, USAGE_AP_REP,
				 (struct pieces){&string, 1}, sum, &err),
		KRB_AP_ERR_MODIFIED);
}

static void checksum_over_nothing_is_one_too(void **state)
{
	(void)state;
	x.initiator.checksummed = SLICE_LITERAL("");
	exchange_request(&x);
	accepted();
	assert_int_equal(x.server.checksum.value.len, 12);
}

static void ready_checksum_is_sent_as_it_is(void **state)
{
	(void)state;
	x.initiator.checksum = (struct checksum){0x8003, SLICE_LITERAL("as it is")};
	exchange_request(&x);
	accepted();
	assert_int_equal(x.server.checksum.type, 0x8003);
	assert_true(slice_equal(x.server.checksum.value, SLICE_LITERAL("as it is")));
}

/* ---- authorization data ---- */

#define OURS -1

static void carry(int32_t type)
{
	static struct authorization_data list;
	list = (struct authorization_data){
		.count = 1, .element = {{type, SLICE_LITERAL("bound to it")}}};
	x.initiator.authorization_data = &list;
	exchange_request(&x);
}

static void understood_data_reach_the_caller(void **state)
{
	(void)state;
	carry(OURS);
	x.acceptor.understood_ad_type = OURS;
	accepted();
	assert_int_equal(x.server.authenticator_data.count, 1);
	assert_int_equal(x.server.authenticator_data.element[0].type, OURS);
	assert_true(slice_equal(
		x.server.authenticator_data.element[0].data, SLICE_LITERAL("bound to it")));
	assert_int_equal(x.server.authorization_data.len, 0);
}

static void data_that_are_not_understood_are_refused(void **state)
{
	(void)state;
	carry(OURS);
	refused(KDC_ERR_POLICY,
		"the authenticator's authorization data: authorization data of type -1",
		"type -1 is not understood");
	x.acceptor.understood_ad_type = OURS;
	carry(4711);
	refused(KDC_ERR_POLICY, "the authenticator's authorization data", "4711");
}

/* What the caller understands in an authenticator it does not in a ticket. */
static void tickets_data_are_judged_by_themselves(void **state)
{
	(void)state;
	struct error err;
	x.acceptor.understood_ad_type = OURS;
	assert_int_equal(mint_authdata(&x.ticket.part.authorization_data, OURS, SLICE_LITERAL("x"),
				 0, NULL, &err),
		STATUS_OK);
	exchange_issue(&x);
	exchange_request(&x);
	refused(KDC_ERR_POLICY, "the ticket's authorization data: authorization data of type -1",
		"type -1");
}

static void tickets_data_reach_the_caller_whole(void **state)
{
	(void)state;
	struct error err;
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER expected = {0};
	assert_int_equal(mint_authdata(&x.ticket.part.authorization_data, 4711,
				 SLICE_LITERAL("some"), AD_IF_RELEVANT, &storage, &err),
		STATUS_OK);
	exchange_issue(&x);
	exchange_request(&x);
	accepted();
	assert_int_equal(
		der_write_authorization_data(&x.ticket.part.authorization_data, &expected, &err),
		STATUS_OK);
	assert_true(slice_equal(x.server.authorization_data, buffer_slice(&expected)));
}

/* ---- realms ---- */

static void come_from(const char *client, const char *transited, uint32_t flags)
{
	AUTO_BUFFER name = {0};
	x.ticket.part.client = exchange_principal(client, &name);
	x.ticket.part.transited = slice_string(transited);
	x.ticket.part.flags = flags;
	exchange_issue(&x);
	exchange_request(&x);
}

static void cross_realm_ticket_needs_the_flag_or_a_path(void **state)
{
	(void)state;
	come_from("alice@OTHER.TEST", "FAR.AWAY", TICKET_TRANSITED_POLICY_CHECKED);
	accepted();
	come_from("alice@OTHER.TEST", "FAR.AWAY", 0);
	refused(KRB_AP_ERR_ILL_CR_TKT, "from realm OTHER.TEST to EXAMPLE.TEST through FAR.AWAY",
		"through a realm that this server does not trust");
	come_from("alice@OTHER.TEST", "TEST", 0);
	accepted();
	come_from("alice@OTHER.TEST", "", 0);
	accepted();
	exchange_conf(&x, "[capaths]\nOTHER.TEST = {\nEXAMPLE.TEST = FAR.AWAY\n}\n");
	come_from("alice@OTHER.TEST", "FAR.AWAY", 0);
	accepted();
}

/* ---- trace ---- */

struct lines {
	unsigned count;
	char text[8][600];
};

static void keep_line(void *arg, const char *text)
{
	struct lines *lines = arg;
	assert_true(lines->count < 8);
	snprintf(lines->text[lines->count++], sizeof lines->text[0], "%s", text);
}

static void steps_are_traced(void **state)
{
	(void)state;
	struct error err;
	struct lines lines = {0};
	const struct ap_trace trace = {keep_line, &lines};
	assert_int_equal(ap_req_make(&x.initiator, &trace, &x.client, &x.token, &err), STATUS_OK);
	assert_int_equal(lines.count, 1);
	assert_string_equal(lines.text[0],
		"1: AP-REQ made: client alice@EXAMPLE.TEST, service "
		"imap/mail.example.test@EXAMPLE.TEST, ticket encrypted with "
		"aes256-cts-hmac-sha1-96, session key aes256-cts-hmac-sha1-96, time 2026-01-01 "
		"00:00:00 UTC, mutual authentication asked for, subkey aes256-cts-hmac-sha1-96");

	x.acceptor.now.seconds += 2;
	assert_int_equal(ap_req_read(&x.acceptor, buffer_slice(&x.token), &trace, &x.server, &err),
		STATUS_OK);
	assert_int_equal(lines.count, 4);
	assert_string_equal(lines.text[1],
		"2: ticket decrypted: client alice@EXAMPLE.TEST, service "
		"imap/mail.example.test@EXAMPLE.TEST, aes256-cts-hmac-sha1-96, kvno 1 of the "
		"keytab, session key aes256-cts-hmac-sha1-96, valid from 2025-12-31 23:59:00 UTC "
		"to "
		"2026-01-01 09:59:00 UTC, flags: initial, pre-authent, transited-policy-checked");
	assert_string_equal(lines.text[2], "3: authenticator decrypted: time 2026-01-01 00:00:00 "
					   "UTC and 123456 us, within 2 s of "
					   "this server's, subkey aes256-cts-hmac-sha1-96");
	assert_string_equal(lines.text[3], "4: mutual authentication asked for");
}

/* Only what succeeded. */
static void trace_ends_where_it_fails(void **state)
{
	(void)state;
	struct error err;
	struct lines lines = {0};
	const struct ap_trace trace = {keep_line, &lines};
	exchange_request(&x);
	x.acceptor.now.seconds += 3600;
	assert_int_equal(ap_req_read(&x.acceptor, buffer_slice(&x.token), &trace, &x.server, &err),
		KRB_AP_ERR_SKEW);
	assert_int_equal(lines.count, 1);
	assert_in(lines.text[0], "2: ticket decrypted");
}

static void names_in_a_trace_are_escaped(void **state)
{
	(void)state;
	struct error err;
	struct lines lines = {0};
	const struct ap_trace trace = {keep_line, &lines};
	AUTO_BUFFER name = {0};
	x.ticket.part.client = exchange_principal("a\\n%s%n\\0@EXAMPLE.TEST", &name);
	exchange_issue(&x);
	exchange_request(&x);
	assert_int_equal(ap_req_read(&x.acceptor, buffer_slice(&x.token), &trace, &x.server, &err),
		STATUS_OK);
	assert_in(lines.text[0], "client a\\x0A%s%n\\x00@EXAMPLE.TEST, service");
}

static void trace_without_listener_is_none(void **state)
{
	(void)state;
	struct error err;
	const struct ap_trace trace = {NULL, NULL};
	exchange_request(&x);
	assert_int_equal(ap_req_read(&x.acceptor, buffer_slice(&x.token), &trace, &x.server, &err),
		STATUS_OK);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, finish)

SUITE(test_ap_req)
{
	const struct CMUnitTest tests[] = {
		CASE(client_knows_its_side),
		CASE(client_owns_what_it_knows),
		CASE(request_carries_the_ticket_as_it_is),
		CASE(request_is_appended),
		CASE(requests_never_repeat),
		CASE(sequence_numbers_have_thirty_bits),
		CASE(unreadable_ticket_cannot_be_sent),
		CASE(unusable_session_key_cannot_be_used),
		CASE(time_that_cannot_be_told_cannot_be_sent),
		CASE(server_knows_the_same),
		CASE(server_owns_what_it_knows),
		CASE(each_enctype_serves),
		CASE(neither_subkey_nor_mutual),
		CASE(absent_sequence_number_is_seen),
		CASE(largest_sequence_number_is_kept),
		CASE(best_key_protects_messages),
		CASE(cleared_context_is_empty),
		CASE(checksum_is_over_the_callers_string),
		CASE(checksum_over_nothing_is_one_too),
		CASE(ready_checksum_is_sent_as_it_is),
		CASE(understood_data_reach_the_caller),
		CASE(data_that_are_not_understood_are_refused),
		CASE(tickets_data_are_judged_by_themselves),
		CASE(tickets_data_reach_the_caller_whole),
		CASE(cross_realm_ticket_needs_the_flag_or_a_path),
		CASE(steps_are_traced),
		CASE(trace_ends_where_it_fails),
		CASE(names_in_a_trace_are_escaped),
		CASE(trace_without_listener_is_none),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/exchange.h"

#include <setjmp.h>
#include <string.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/assertions.h"
#include "tests/support/suite.h"

static struct exchange x;
static struct buffer reply;

/* The server has accepted the client's AP-REQ. */
static void meet(void)
{
	struct error err;
	exchange_request(&x);
	if (exchange_read(&x, &err))
		fail_msg("%s", err.text);
}

static void answer(bool subkey)
{
	struct error err;
	buffer_clear(&reply);
	const struct enctype *type = subkey ? key_type(x.server.session_key) : NULL;
	if (ap_rep_make(type, NULL, &x.server, &reply, &err))
		fail_msg("%s", err.text);
}

static int start(void **state)
{
	(void)state;
	exchange_open(&x);
	meet();
	answer(true);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	exchange_close(&x);
	buffer_free(&reply);
	return 0;
}

static void accepted(void)
{
	struct error err;
	if (ap_rep_read(buffer_slice(&reply), NULL, &x.client, &err))
		fail_msg("%s", err.text);
}

static void refused(enum status status, const char *text)
{
	struct error err;
	enum status result = ap_rep_read(buffer_slice(&reply), NULL, &x.client, &err);
	assert_int_equal(result, status);
	assert_int_equal(err.status, status);
	assert_in(err.text, text);
	assert_null(x.client.acceptor_subkey);
	assert_false(x.client.has_acceptor_seq);
	assert_int_equal(x.client.acceptor_seq, 0);
}

static void both_sides_have_the_same_keys(void **state)
{
	(void)state;
	accepted();
	const struct key *client = ap_context_key(&x.client), *server = ap_context_key(&x.server);
	assert_ptr_equal(client, x.client.acceptor_subkey);
	assert_ptr_equal(server, x.server.acceptor_subkey);
	assert_true(slice_equal(key_octets(client), key_octets(server)));
	assert_ptr_equal(key_type(client), key_type(x.session_key));
	assert_false(slice_equal(key_octets(client), key_octets(x.session_key)));
	assert_false(slice_equal(key_octets(client), key_octets(x.client.initiator_subkey)));
}

static void both_sides_have_the_same_sequence_number(void **state)
{
	(void)state;
	accepted();
	assert_true(x.server.has_acceptor_seq);
	assert_true(x.client.has_acceptor_seq);
	assert_int_equal(x.client.acceptor_seq, x.server.acceptor_seq);
	assert_uint_in_range(x.client.acceptor_seq, 1, (1u << 30) - 1);
	assert_int_not_equal(x.client.acceptor_seq, x.client.initiator_seq);
}

static void without_subkey_the_initiators_is_the_key(void **state)
{
	(void)state;
	answer(false);
	accepted();
	assert_null(x.client.acceptor_subkey);
	assert_null(x.server.acceptor_subkey);
	assert_ptr_equal(ap_context_key(&x.client), x.client.initiator_subkey);
}

static void each_enctype_serves(void **state)
{
	(void)state;
	const struct enctype *type;
	for (unsigned i = 0; (type = enctype_by_rank(i)); i++) {
		exchange_set_session_key(&x, enctype_number(type));
		exchange_issue(&x);
		meet();
		answer(true);
		accepted();
		assert_ptr_equal(key_type(ap_context_key(&x.client)), type);
	}
}

static void answers_never_repeat(void **state)
{
	(void)state;
	AUTO_BUFFER first = {0};
	uint32_t seq = x.server.acceptor_seq;
	assert_int_equal(buffer_append(&first, buffer_slice(&reply)), STATUS_OK);
	answer(true);
	assert_false(slice_equal(buffer_slice(&first), buffer_slice(&reply)));
	assert_int_not_equal(seq, x.server.acceptor_seq);
}

static void answer_is_appended(void **state)
{
	(void)state;
	struct error err;
	AUTO_BUFFER out = {0};
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("before")), STATUS_OK);
	assert_int_equal(ap_rep_make(NULL, NULL, &x.server, &out, &err), STATUS_OK);
	assert_memory_equal(out.data, "before", 6);
	assert_int_equal(der_message_type(slice_of(out.data + 6, out.len - 6)), KRB_AP_REP);
}

static void answer_that_cannot_be_made_leaves_all_as_it_was(void **state)
{
	(void)state;
	struct error err;
	AUTO_BUFFER out = {0};
	struct key *subkey = x.server.acceptor_subkey;
	uint32_t seq = x.server.acceptor_seq;
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("before")), STATUS_OK);
	x.server.time.seconds = INT64_C(253402300800); /* the year 10000 */
	assert_int_equal(ap_rep_make(key_type(x.server.session_key), NULL, &x.server, &out, &err),
		ERR_SYNTAX);
	assert_in(err.text, "only years 0 to 9999 can be sent");
	assert_true(slice_equal(buffer_slice(&out), SLICE_LITERAL("before")));
	assert_ptr_equal(x.server.acceptor_subkey, subkey);
	assert_int_equal(x.server.acceptor_seq, seq);
}

static void answer_has_no_kvno(void **state)
{
	(void)state;
	struct error err;
	struct ap_rep rep;
	assert_int_equal(der_read_ap_rep(buffer_slice(&reply), &rep, &err), STATUS_OK);
	assert_false(rep.enc_part.has_kvno);
	assert_int_equal(rep.enc_part.etype, ENCTYPE_AES256_SHA1);
}

/* ---- what the server says ---- */

static void encrypt_part(struct key *key, uint32_t usage, struct slice plain, bool has_kvno)
{
	struct error err;
	AUTO_BUFFER cipher = {0};
	assert_int_equal(key_encrypt(key, usage, plain, &cipher, &err), STATUS_OK);
	const struct ap_rep rep = {.enc_part = {.etype = enctype_number(key_type(key)),
					   .has_kvno = has_kvno,
					   .kvno = 3,
					   .cipher = buffer_slice(&cipher)}};
	buffer_clear(&reply);
	assert_int_equal(der_write_ap_rep(&rep, &reply, &err), STATUS_OK);
}

static struct enc_ap_rep_part good_part(void)
{
	return (struct enc_ap_rep_part){.time = x.initiator.now};
}

static void answer_with(const struct enc_ap_rep_part *part, struct key *key, uint32_t usage)
{
	struct error err;
	AUTO_BUFFER plain = {0};
	assert_int_equal(der_write_enc_ap_rep_part(part, &plain, &err), STATUS_OK);
	encrypt_part(key, usage, buffer_slice(&plain), false);
}

static void sequence_number_may_be_absent(void **state)
{
	(void)state;
	struct enc_ap_rep_part part = good_part();
	answer_with(&part, x.session_key, USAGE_AP_REP);
	accepted();
	assert_false(x.client.has_acceptor_seq);
}

static void another_time_is_refused(void **state)
{
	(void)state;
	static const struct timestamp change[] = {
		{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {0, -123456}, {-EXCHANGE_NOW, -123456}};
	for (size_t i = 0; i < sizeof change / sizeof *change; i++) {
		struct enc_ap_rep_part part = good_part();
		part.time.seconds += change[i].seconds;
		part.time.microseconds += change[i].microseconds;
		answer_with(&part, x.session_key, USAGE_AP_REP);
		refused(KRB_AP_ERR_MUT_FAIL,
			"mutual authentication failed: the AP-REP has the time");
	}
}

static void another_time_is_told(void **state)
{
	(void)state;
	struct enc_ap_rep_part part = good_part();
	part.time.seconds++;
	answer_with(&part, x.session_key, USAGE_AP_REP);
	refused(KRB_AP_ERR_MUT_FAIL,
		"the time 2026-01-01 00:00:01 UTC and 123456 us, the authenticator was sent with "
		"2026-01-01 00:00:00 UTC and 123456 us");
}

static void answer_by_another_key_is_refused(void **state)
{
	(void)state;
	AUTO_KEY other = exchange_key(ENCTYPE_AES256_SHA1, 'o');
	struct enc_ap_rep_part part = good_part();
	answer_with(&part, other, USAGE_AP_REP);
	refused(KRB_AP_ERR_BAD_INTEGRITY,
		"the AP-REP does not decrypt with the ticket's session key");
}

/* It travels under the session key, and is no stronger than that. */
static void the_subkey_may_be_of_another_type(void **state)
{
	(void)state;
	struct error err;
	buffer_clear(&reply);
	const struct enctype *type = enctype_usable(ENCTYPE_AES128_SHA256);
	assert_int_equal(ap_rep_make(type, NULL, &x.server, &reply, &err), STATUS_OK);
	assert_int_equal(ap_rep_read(buffer_slice(&reply), NULL, &x.client, &err), STATUS_OK);
	assert_ptr_equal(key_type(x.client.acceptor_subkey), type);
	assert_int_equal(ap_context_strength(&x.client), 128);
	assert_int_equal(ap_context_strength(&x.server), 128);
}

static void a_strong_subkey_does_not_mend_a_weak_session_key(void **state)
{
	(void)state;
	struct error err;
	buffer_clear(&reply);
	exchange_close(&x);
	exchange_open(&x);
	exchange_set_session_key(&x, ENCTYPE_AES128_SHA1);
	exchange_issue(&x);
	exchange_request(&x);
	assert_int_equal(exchange_read(&x, &err), STATUS_OK);
	const struct enctype *type = enctype_usable(ENCTYPE_AES256_SHA1);
	assert_int_equal(ap_rep_make(type, NULL, &x.server, &reply, &err), STATUS_OK);
	assert_ptr_equal(key_type(ap_context_key(&x.server)), type);
	assert_int_equal(ap_context_strength(&x.server), 128);
}

/* Section 3.2.5: the subkey is not used here, even if there is one. */
static void answer_by_the_subkey_is_refused(void **state)
{
	(void)state;
	struct enc_ap_rep_part part = good_part();
	answer_with(&part, x.client.initiator_subkey, USAGE_AP_REP);
	refused(KRB_AP_ERR_BAD_INTEGRITY, "the AP-REP does not decrypt");
}

static void answer_for_another_usage_is_refused(void **state)
{
	(void)state;
	struct enc_ap_rep_part part = good_part();
	answer_with(&part, x.session_key, USAGE_AP_REQ_AUTHENTICATOR);
	refused(KRB_AP_ERR_BAD_INTEGRITY, "the AP-REP does not decrypt");
	answer_with(&part, x.session_key, USAGE_AP_REP);
	accepted();
}

static void answer_of_another_enctype_is_refused(void **state)
{
	(void)state;
	AUTO_KEY other = exchange_key(ENCTYPE_AES128_SHA1, 'c');
	struct enc_ap_rep_part part = good_part();
	answer_with(&part, other, USAGE_AP_REP);
	refused(KRB_AP_ERR_BAD_INTEGRITY,
		"the AP-REP is encrypted with aes128-cts-hmac-sha1-96, the session key is of type "
		"aes256-cts-hmac-sha1-96");
}

static void kvno_of_an_answer_is_passed_over(void **state)
{
	(void)state;
	struct error err;
	AUTO_BUFFER plain = {0};
	struct enc_ap_rep_part part = good_part();
	assert_int_equal(der_write_enc_ap_rep_part(&part, &plain, &err), STATUS_OK);
	encrypt_part(x.session_key, USAGE_AP_REP, buffer_slice(&plain), true);
	accepted();
}

static void unreadable_part_is_refused(void **state)
{
	(void)state;
	encrypt_part(x.session_key, USAGE_AP_REP, SLICE_LITERAL("garbage"), false);
	refused(ERR_SYNTAX, "the AP-REP's encrypted part: ");
}

static void unusable_subkey_is_refused(void **state)
{
	(void)state;
	struct enc_ap_rep_part part = good_part();
	part.subkey = (struct encryption_key){23, SLICE_LITERAL("0123456789abcdef")};
	answer_with(&part, x.session_key, USAGE_AP_REP);
	refused(KDC_ERR_ETYPE_NOSUPP, "the AP-REP's subkey: arcfour-hmac");
	part.subkey = (struct encryption_key){ENCTYPE_AES256_SHA1, SLICE_LITERAL("short")};
	answer_with(&part, x.session_key, USAGE_AP_REP);
	refused(ERR_SYNTAX, "the AP-REP's subkey: ");
}

/* An answer to somebody else's request, or to an earlier one of ours. */
static void answer_to_another_request_is_refused(void **state)
{
	(void)state;
	x.initiator.now.microseconds++;
	exchange_request(&x);
	refused(KRB_AP_ERR_MUT_FAIL, "and 123456 us, the authenticator was sent with");
}

/* The client's own message is no answer to it. */
static void reflected_request_is_refused(void **state)
{
	(void)state;
	buffer_clear(&reply);
	assert_int_equal(buffer_append(&reply, buffer_slice(&x.token)), STATUS_OK);
	refused(KRB_AP_ERR_MSG_TYPE, "an AP-REP was expected, what came is an AP-REQ");
}

static void other_messages_are_refused_by_name(void **state)
{
	(void)state;
	buffer_clear(&reply);
	refused(KRB_AP_ERR_MSG_TYPE, "what came is empty");
	assert_int_equal(buffer_append(&reply, SLICE_LITERAL("\x7e\x00")), STATUS_OK);
	refused(KRB_AP_ERR_MSG_TYPE, "what came is a KRB-ERROR");
}

static void other_version_is_refused(void **state)
{
	(void)state;
	/* 6f L 30 L a0 03 02 01 05 */
	unsigned char *pvno = memchr(reply.data, 0xa0, reply.len);
	assert_non_null(pvno);
	assert_int_equal(pvno[4], 5);
	pvno[4] = 4;
	refused(KRB_AP_ERR_BADVERSION, "AP-REP");
}

/* ---- hostile octets ---- */

/* Nothing in an AP-REP is unauthenticated. */
static void every_changed_bit_is_refused(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < reply.len * 8; bit++) {
		struct error err = {0};
		reply.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		enum status status = ap_rep_read(buffer_slice(&reply), NULL, &x.client, &err);
		reply.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		if (status == STATUS_OK)
			fail_msg("octet %zu, bit %zu: accepted", bit / 8, bit % 8);
		assert_int_equal(status, err.status);
		assert_true(err.text[0]);
		assert_null(x.client.acceptor_subkey);
	}
	accepted();
}

static void every_shortened_answer_is_refused(void **state)
{
	(void)state;
	for (size_t len = 1; len < reply.len; len++) {
		struct error err = {0};
		unsigned char *exact = malloc(len);
		assert_non_null(exact);
		memcpy(exact, reply.data, len);
		enum status status = ap_rep_read(slice_of(exact, len), NULL, &x.client, &err);
		free(exact);
		assert_refusal(status, &err, ERR_SYNTAX, "AP-REP: ", "malformed");
	}
}

static void octets_after_the_answer_are_refused(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(buffer_append(&reply, SLICE_LITERAL("\0")), STATUS_OK);
		refused(ERR_SYNTAX, "AP-REP: ");
	}
}

static void answer_of_more_than_64_kibioctets_is_refused(void **state)
{
	(void)state;
	size_t len = reply.len;
	assert_int_equal(buffer_reserve(&reply, DER_MAX_TOKEN), STATUS_OK);
	memset(reply.data + len, 0, DER_MAX_TOKEN);
	reply.len = DER_MAX_TOKEN + 1;
	refused(ERR_SYNTAX, "AP-REP: ");
}

/* ---- trace ---- */

static void keep_line(void *arg, const char *text)
{
	char *out = arg;
	snprintf(out, 600, "%s", text);
}

static void steps_are_traced(void **state)
{
	(void)state;
	struct error err;
	char line[600] = "";
	const struct ap_trace trace = {keep_line, line};
	answer(false);
	buffer_clear(&reply);
	assert_int_equal(
		ap_rep_make(key_type(x.server.session_key), &trace, &x.server, &reply, &err),
		STATUS_OK);
	assert_string_equal(line,
		"5: AP-REP made: client's time 2026-01-01 00:00:00 UTC and 123456 us, encrypted "
		"with aes256-cts-hmac-sha1-96; subkey aes256-cts-hmac-sha1-96");
	assert_int_equal(ap_rep_read(buffer_slice(&reply), &trace, &x.client, &err), STATUS_OK);
	assert_string_equal(line, "6: AP-REP decrypted: its time is the authenticator's, the "
				  "service is genuine; subkey aes256-cts-hmac-sha1-96");
}

static void refusal_is_not_traced(void **state)
{
	(void)state;
	struct error err;
	char line[600] = "";
	const struct ap_trace trace = {keep_line, line};
	x.client.time.microseconds++;
	assert_int_equal(
		ap_rep_read(buffer_slice(&reply), &trace, &x.client, &err), KRB_AP_ERR_MUT_FAIL);
	assert_string_equal(line, "");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, finish)

SUITE(test_ap_rep)
{
	const struct CMUnitTest tests[] = {
		CASE(both_sides_have_the_same_keys),
		CASE(both_sides_have_the_same_sequence_number),
		CASE(the_subkey_may_be_of_another_type),
		CASE(a_strong_subkey_does_not_mend_a_weak_session_key),
		CASE(without_subkey_the_initiators_is_the_key),
		CASE(each_enctype_serves),
		CASE(answers_never_repeat),
		CASE(answer_is_appended),
		CASE(answer_that_cannot_be_made_leaves_all_as_it_was),
		CASE(answer_has_no_kvno),
		CASE(sequence_number_may_be_absent),
		CASE(another_time_is_refused),
		CASE(another_time_is_told),
		CASE(answer_by_another_key_is_refused),
		CASE(answer_by_the_subkey_is_refused),
		CASE(answer_for_another_usage_is_refused),
		CASE(answer_of_another_enctype_is_refused),
		CASE(kvno_of_an_answer_is_passed_over),
		CASE(unreadable_part_is_refused),
		CASE(unusable_subkey_is_refused),
		CASE(answer_to_another_request_is_refused),
		CASE(reflected_request_is_refused),
		CASE(other_messages_are_refused_by_name),
		CASE(other_version_is_refused),
		CASE(every_changed_bit_is_refused),
		CASE(every_shortened_answer_is_refused),
		CASE(octets_after_the_answer_are_refused),
		CASE(answer_of_more_than_64_kibioctets_is_refused),
		CASE(steps_are_traced),
		CASE(refusal_is_not_traced),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

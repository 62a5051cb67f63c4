/* SPDX-License-Identifier: BSD-3-Clause */
/* Channel bindings, as the initiator sends and the acceptor judges them; whole tokens changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/offered.h"
#include "tests/support/gss_pair.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

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

static struct gss_bindings bindings_of(const char *data)
{
	struct error err = {0};
	struct gss_bindings b;
	assert_success(gss_bindings_of(slice_string(data), &b, &err), &err);
	return b;
}

static void initiator_has(const char *data)
{
	p.initiator.bindings = bindings_of(data);
}

static void acceptor_has(const char *data)
{
	p.acceptor.has_bindings = true;
	p.acceptor.bindings = bindings_of(data);
}

static void accepted(bool match, const char *traced)
{
	struct error err = {0};
	assert_success(gss_pair_establish(&p, &err), &err);
	assert_int_equal(p.accepted.bindings_match, match);
	assert_in(p.traced, traced);
}

static void refused(const char *text)
{
	struct error err = {0};
	assert_refusal(gss_pair_establish(&p, &err), &err, KRB_AP_ERR_MODIFIED, text, text);
	assert_false(p.accepted.bindings_match);
	assert_null(p.accepted.subkey);
}

static void none_on_either_side(void **state UNUSED)
{
	accepted(false, "GSS-API: flags: mutual, replay, sequence, confidentiality, integrity; "
			"channel bindings: none; encryption types offered for the acceptor's "
			"subkey: 0, chosen");
}

static void the_same_on_both_sides_match(void **state UNUSED)
{
	initiator_has("tls-unique:abc");
	acceptor_has("tls-unique:abc");
	accepted(true, "channel bindings: the same as here;");
	assert_in(p.traced, "channel bindings: sent;");
	p.acceptor.bindings_are_critical = true;
	accepted(true, "channel bindings: the same as here;");
}

static void another_channels_are_refused(void **state UNUSED)
{
	initiator_has("tls-unique:abc");
	acceptor_has("tls-unique:abd");
	refused("the client's channel bindings are not those of this connection");
	p.acceptor.bindings_are_critical = true;
	refused("the client's channel bindings are not those of this connection");
}

static void another_type_of_bindings_is_refused(void **state UNUSED)
{
	initiator_has("tls-server-end-point:abc");
	acceptor_has("tls-unique:abc");
	refused("the client's channel bindings are not those of this connection");
}

static void every_changed_bit_of_bindings_is_refused(void **state UNUSED)
{
	acceptor_has("tls-unique:abc");
	for (unsigned bit = 0; bit < 8 * GSS_BINDINGS_LENGTH; bit++) {
		initiator_has("tls-unique:abc");
		p.initiator.bindings.hash[bit / 8] ^= (unsigned char)(1 << bit % 8);
		refused("the client's channel bindings are not those of this connection");
		p.traced[0] = '\0';
	}
}

static void none_sent_is_accepted_where_they_are_not_critical(void **state UNUSED)
{
	acceptor_has("tls-unique:abc");
	accepted(false, "channel bindings: none sent, though there are some here;");
}

static void none_sent_is_refused_where_they_are_critical(void **state UNUSED)
{
	acceptor_has("tls-unique:abc");
	p.acceptor.bindings_are_critical = true;
	refused("the client sent no channel bindings, and this service demands them");
}

static void those_sent_are_passed_over_where_there_are_none_here(void **state UNUSED)
{
	initiator_has("tls-unique:abc");
	accepted(false, "channel bindings: sent, and not looked at: the application gave none;");
}

/* Bindings without data are not none: MIT krb5 and Heimdal hash the lengths too. */
static void empty_bindings_are_not_none(void **state UNUSED)
{
	initiator_has("");
	acceptor_has("");
	p.acceptor.bindings_are_critical = true;
	accepted(true, "channel bindings: the same as here;");
	acceptor_has("tls-unique:abc");
	refused("the client's channel bindings are not those of this connection");
}

/* ---- whole tokens ---- */

/*
 * What is not under encryption may change where it decides nothing: options
 * of the AP-REQ that mean nothing here, a name's type. What was agreed on is
 * then the same, mutual authentication included.
 */
static void every_changed_bit_of_a_request_changes_nothing(void **state UNUSED)
{
	struct error err = {0};
	unsigned passed = 0;
	initiator_has("tls-unique:abc");
	acceptor_has("tls-unique:abc");
	assert_success(gss_pair_request(&p, &err), &err);
	p.trace = (struct ap_trace){0};
	for (size_t bit = 0; bit < 8 * p.request.len; bit++) {
		p.request.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		enum status status = gss_pair_answer(&p, &err);
		p.request.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		if (status) {
			assert_true(err.text[0] != '\0');
			continue;
		}
		passed++;
		assert_true(p.accepted.bindings_match && p.x.server.mutual);
		assert_true(principal_equal(&p.x.server.client, &p.x.ticket.part.client));
		assert_true(slice_equal(key_octets(p.x.server.initiator_subkey),
			key_octets(p.x.client.initiator_subkey)));
		assert_success(gss_pair_finish(&p, &err), &err);
	}
	/* 31 options, and of a name's type what leaves it a minimal integer. */
	assert_uint_in_range(passed, 31, 31 + 8);
}

static void every_changed_bit_of_a_reply_is_refused(void **state UNUSED)
{
	struct error err = {0};
	assert_success(gss_pair_request(&p, &err), &err);
	assert_success(gss_pair_answer(&p, &err), &err);
	for (size_t bit = 0; bit < 8 * p.reply.len; bit++) {
		p.reply.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_int_not_equal(gss_pair_finish(&p, &err), STATUS_OK);
		assert_null(p.x.client.acceptor_subkey);
		p.reply.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	assert_success(gss_pair_finish(&p, &err), &err);
}

SUITE(test_gss_bindings)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, finish)
#define HASHED_CASE(name)                                                                          \
	{                                                                                          \
		if_md5(#name), name, start, finish, NULL                                           \
	}
	const struct CMUnitTest tests[] = {
		CASE(none_on_either_side),
		HASHED_CASE(the_same_on_both_sides_match),
		HASHED_CASE(another_channels_are_refused),
		HASHED_CASE(another_type_of_bindings_is_refused),
		HASHED_CASE(every_changed_bit_of_bindings_is_refused),
		HASHED_CASE(none_sent_is_accepted_where_they_are_not_critical),
		HASHED_CASE(none_sent_is_refused_where_they_are_critical),
		HASHED_CASE(those_sent_are_passed_over_where_there_are_none_here),
		HASHED_CASE(empty_bindings_are_not_none),
		HASHED_CASE(every_changed_bit_of_a_request_changes_nothing),
		CASE(every_changed_bit_of_a_reply_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

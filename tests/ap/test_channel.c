/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KRB-SAFE and KRB-PRIV, and GSS-API's Wrap tokens, between two sides, for
 * every encryption type: how a channel begins, and what goes through.
 */
#include "tests/support/channel_line.h"

#include <string.h>

#include "gss/gss_message.h"
#include "tests/support/suite.h"

/* ---- how a channel begins ---- */

static void both_sequence_numbers_are_needed(void **state)
{
	(void)state;
	struct channel channel;
	struct error err;
	AUTO_AP_CONTEXT context = context_of(ENCTYPE_AES256_SHA1, 1, 2);
	context.has_acceptor_seq = false;
	assert_refusal(channel_open(&context, true, &channel, &err), &err, KRB_AP_ERR_BADSEQ,
		"sequence numbers of both sides; the AP-REP sent none", "the AP-REP sent none");
	assert_null(channel.key);
	context.has_initiator_seq = false;
	assert_refusal(channel_open(&context, false, &channel, &err), &err, KRB_AP_ERR_BADSEQ,
		"the authenticator sent none", "the authenticator sent none");
	channel_close(&channel);
}

static void the_acceptors_subkey_comes_first(void **state)
{
	(void)state;
	struct channel channel;
	struct error err;
	AUTO_AP_CONTEXT context = context_of(ENCTYPE_AES256_SHA1, 1, 2);
	assert_int_equal(channel_open(&context, true, &channel, &err), STATUS_OK);
	assert_ptr_equal(channel.key, context.session_key);
	channel_close(&channel);
	context.initiator_subkey = exchange_key(ENCTYPE_AES256_SHA1, 'i');
	assert_int_equal(channel_open(&context, true, &channel, &err), STATUS_OK);
	assert_ptr_equal(channel.key, context.initiator_subkey);
	channel_close(&channel);
	context.acceptor_subkey = exchange_key(ENCTYPE_AES256_SHA1, 'a');
	assert_int_equal(channel_open(&context, false, &channel, &err), STATUS_OK);
	assert_ptr_equal(channel.key, context.acceptor_subkey);
	channel_close(&channel);
}

static void it_begins_where_the_exchange_said(void **state)
{
	(void)state;
	struct channel client, server;
	struct error err;
	AUTO_AP_CONTEXT context = context_of(ENCTYPE_AES256_SHA1, 11, 22);
	assert_int_equal(channel_open(&context, true, &client, &err), STATUS_OK);
	assert_int_equal(channel_open(&context, false, &server, &err), STATUS_OK);
	assert_int_equal(client.send_seq, 11);
	assert_int_equal(client.receive_seq, 22);
	assert_int_equal(server.send_seq, 22);
	assert_int_equal(server.receive_seq, 11);
	channel_close(&client);
	channel_close(&server);
	assert_null(client.key);
}

/* ---- what goes through ---- */

static const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 4096, 65536, 200000};

static void every_size_goes_through(void **state)
{
	struct line line;
	line_open(&line, *state);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		AUTO_BUFFER message = {0};
		make(&line, &line.client, data_of(sizes[i]), &message);
		expect(&line, &line.server, buffer_slice(&message), data_of(sizes[i]));
		buffer_clear(&message);
		make(&line, &line.server, data_of(sizes[i]), &message);
		expect(&line, &line.client, buffer_slice(&message), data_of(sizes[i]));
	}
	line_close(&line);
}

/* 1, 2, 3, ... octets, with empty pieces among them. */
static size_t cut(struct slice data, struct slice *pieces, size_t max)
{
	size_t count = 0;
	for (size_t at = 0; at < data.len; count++) {
		size_t len = count % 12 == 11 ? 0 : count % 40 + 1;
		assert_true(count < max);
		len = len < data.len - at ? len : data.len - at;
		pieces[count] = slice_of(data.data + at, len);
		at += len;
	}
	return count;
}

static void many_pieces_are_one_message(void **state)
{
	static struct slice pieces[12000];
	struct line line;
	line_open(&line, *state);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		AUTO_BUFFER message = {0};
		size_t count = cut(data_of(sizes[i]), pieces, COUNT_OF(pieces));
		make_pieces(&line, &line.client, pieces, count, &message);
		expect(&line, &line.server, buffer_slice(&message), data_of(sizes[i]));
	}
	line_close(&line);
}

/* Several are on their way each way before any is read. */
static void both_directions_at_once(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER up = {0};
	AUTO_BUFFER down = {0};
	size_t up_end[6], down_end[6];
	for (size_t i = 0; i < 6; i++) {
		make(&line, &line.client, data_of(sizes[i]), &up);
		up_end[i] = up.len;
		make(&line, &line.server, data_of(sizes[i] + 5), &down);
		down_end[i] = down.len;
	}
	for (size_t i = 0; i < 6; i++) {
		size_t up_start = i > 0 ? up_end[i - 1] : 0;
		size_t down_start = i > 0 ? down_end[i - 1] : 0;
		expect(&line, &line.client,
			slice_of(down.data + down_start, down_end[i] - down_start),
			data_of(sizes[i] + 5));
		expect(&line, &line.server, slice_of(up.data + up_start, up_end[i] - up_start),
			data_of(sizes[i]));
	}
	line_close(&line);
}

static void what_is_read_is_appended(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER message = {0};
	AUTO_BUFFER out = {0};
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("before")), STATUS_OK);
	make(&line, &line.client, SLICE_LITERAL(" and after"), &message);
	assert_int_equal(line.protection->read(&line.server, buffer_slice(&message), &line.storage,
				 &out, &line.err),
		STATUS_OK);
	assert_true(slice_equal(buffer_slice(&out), SLICE_LITERAL("before and after")));
	line_close(&line);
}

static void only_privacy_hides_the_data(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER message = {0};
	make(&line, &line.client, SLICE_LITERAL("attack at dawn, all of you"), &message);
	bool is_there = memmem(message.data, message.len, "attack at dawn", 14) != NULL;
	assert_int_equal(is_there, !line.private);
	line_close(&line);
}

static void sequence_numbers_go_on_from_2_to_the_32(void **state)
{
	struct line line;
	line_open_at(&line, *state, 0xfffffffe, 0xffffffff);
	for (unsigned i = 0; i < 5; i++) {
		AUTO_BUFFER up = {0};
		AUTO_BUFFER down = {0};
		make(&line, &line.client, data_of(i), &up);
		expect(&line, &line.server, buffer_slice(&up), data_of(i));
		make(&line, &line.server, data_of(i), &down);
		expect(&line, &line.client, buffer_slice(&down), data_of(i));
	}
	assert_int_equal(line.client.send_seq, INT64_C(0x100000003));
	assert_int_equal(line.server.receive_seq, INT64_C(0x100000003));
	assert_int_equal(line.server.send_seq, INT64_C(0x100000004));
	assert_int_equal(line.client.receive_seq, INT64_C(0x100000004));
	line_close(&line);
}

static const struct channel_case cases[] = {
	CASE(every_size_goes_through),
	CASE(many_pieces_are_one_message),
	CASE(both_directions_at_once),
	CASE(what_is_read_is_appended),
	CASE(only_privacy_hides_the_data),
	CASE(sequence_numbers_go_on_from_2_to_the_32),
};

enum { GENERATED = COUNT_OF(cases) * KINDS };

SUITE(test_channel)
{
	static char names[2 * GENERATED][NAME_ROOM];
	static struct kind kinds[2][KINDS];
	static struct CMUnitTest tests[3 + 2 * GENERATED] = {
		cmocka_unit_test(both_sequence_numbers_are_needed),
		cmocka_unit_test(the_acceptors_subkey_comes_first),
		cmocka_unit_test(it_begins_where_the_exchange_said),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	make_tests(cases, COUNT_OF(cases), &krb_protections, kinds[0], tests + 3, names);
	make_tests(cases, COUNT_OF(cases), &gss_protections, kinds[1], tests + 3 + GENERATED,
		names + GENERATED);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

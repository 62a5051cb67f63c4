/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets out and in, however the stream is cut, and the memory that they take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/framing_stand_ins.h"

/* ---- out ---- */

static void a_packet_has_its_length_before_it(void **state UNUSED)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 255, 256, 1000, 4096, 65535, 65536, MAX};
	struct framing framing = open_framing();
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		AUTO_BUFFER expected = {0};
		struct slice out;
		append_packet(&expected, data_of(sizes[i]));
		assert_int_equal(encode_one(&framing, data_of(sizes[i]), &out), SASL_OK);
		assert_true(slice_equal(out, buffer_slice(&expected)));
	}
	framing_close(&framing);
}

static void pieces_are_gathered(void **state UNUSED)
{
	static const unsigned counts[] = {1, 2, 15, 16, 17, 100, 1000};
	static struct iovec pieces[1000];
	struct framing framing = open_framing();
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		size_t len = 0;
		for (unsigned p = 0; p < counts[i]; p++) {
			pieces[p] = iovec_of(slice_of(data_of(MAX).data + len, p % 5));
			len += p % 5;
		}
		AUTO_BUFFER expected = {0};
		struct slice out;
		append_packet(&expected, data_of(len));
		assert_int_equal(encode(&framing, pieces, counts[i], &out), SASL_OK);
		assert_true(slice_equal(out, buffer_slice(&expected)));
	}
	framing_close(&framing);
}

static void few_pieces_need_no_memory_of_their_own(void **state UNUSED)
{
	struct iovec pieces[16];
	for (unsigned i = 0; i < 16; i++)
		pieces[i] = iovec_of(SLICE_LITERAL("x"));
	struct framing framing = open_framing();
	struct slice out;
	assert_int_equal(encode(&framing, pieces, 16, &out), SASL_OK);
	count_memory(0);
	assert_int_equal(encode(&framing, pieces, 16, &out), SASL_OK);
	assert_int_equal(asked, 0);
	framing_close(&framing);
}

/* ---- in ---- */

/* Three packets of this many octets; `expected` is what is in them. */
static void three_packets(
	size_t a, size_t b, size_t c, struct buffer *stream, struct buffer *expected)
{
	const size_t sizes[] = {a, b, c};
	for (size_t i = 0; i < 3; i++) {
		append_packet(stream, data_of(sizes[i]));
		append(expected, data_of(sizes[i]));
	}
}

static void one_octet_at_a_time(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	AUTO_BUFFER expected = {0};
	AUTO_BUFFER got = {0};
	three_packets(1, 300, 0, &stream, &expected);
	struct framing framing = open_framing();
	for (size_t i = 0; i < stream.len; i++)
		feed(&framing, part(&stream, i, i + 1), &got);
	assert_true(slice_equal(buffer_slice(&got), buffer_slice(&expected)));
	assert_int_equal(packets, 3);
	framing_close(&framing);
}

static void data_come_with_the_last_octet_of_their_packet(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_packet(&stream, data_of(20));
	struct framing framing = open_framing();
	for (size_t i = 0; i < stream.len; i++) {
		assert_int_equal(decode(&framing, part(&stream, i, i + 1), &out), SASL_OK);
		assert_int_equal(out.len, i == stream.len - 1 ? 20 : 0);
	}
	assert_int_equal(decode(&framing, SLICE_LITERAL(""), &out), SASL_OK);
	assert_int_equal(out.len, 0);
	framing_close(&framing);
}

static void cut_anywhere(size_t a, size_t b, size_t c)
{
	AUTO_BUFFER stream = {0};
	AUTO_BUFFER expected = {0};
	three_packets(a, b, c, &stream, &expected);
	for (size_t i = 0; i <= stream.len; i++)
		for (size_t j = i; j <= stream.len; j++) {
			AUTO_BUFFER got = {0};
			struct framing framing = open_framing();
			feed(&framing, part(&stream, 0, i), &got);
			feed(&framing, part(&stream, i, j), &got);
			feed(&framing, part(&stream, j, stream.len), &got);
			if (!slice_equal(buffer_slice(&got), buffer_slice(&expected)))
				fail_msg("cut at %zu and %zu", i, j);
			framing_close(&framing);
		}
}

static void the_stream_may_be_cut_anywhere(void **state UNUSED)
{
	cut_anywhere(10, 20, 15);
	cut_anywhere(1, 0, 0);
	cut_anywhere(0, 0, 33);
	cut_anywhere(5, 1, 1);
}

static void many_packets_may_come_at_once(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	AUTO_BUFFER expected = {0};
	AUTO_BUFFER got = {0};
	for (size_t i = 0; i < 500; i++) {
		append_packet(&stream, data_of(i));
		append(&expected, data_of(i));
	}
	struct framing framing = open_framing();
	feed(&framing, part(&stream, 0, stream.len - 3), &got);
	assert_int_equal(packets, 499);
	feed(&framing, part(&stream, stream.len - 3, stream.len), &got);
	assert_int_equal(packets, 500);
	assert_true(slice_equal(buffer_slice(&got), buffer_slice(&expected)));
	framing_close(&framing);
}

static void big_packets_may_come_in_any_portions(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	AUTO_BUFFER expected = {0};
	three_packets(MAX, 40000, MAX, &stream, &expected);
	for (size_t portion = 1021; portion < stream.len; portion += 4001) {
		AUTO_BUFFER got = {0};
		struct framing framing = open_framing();
		for (size_t i = 0; i < stream.len; i += portion)
			feed(&framing,
				part(&stream, i,
					i + portion < stream.len ? i + portion : stream.len),
				&got);
		assert_true(slice_equal(buffer_slice(&got), buffer_slice(&expected)));
		framing_close(&framing);
	}
}

/* ---- lengths ---- */

static void check_announced(uint32_t len, size_t portion)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	char expected[100];
	append_header(&stream, len);
	append(&stream, SLICE_LITERAL("whatever comes then"));
	struct framing framing = open_framing();
	snprintf(expected, sizeof expected,
		"a packet of %u octets is announced, %u is the most that was agreed", len, MAX);
	int result = SASL_OK;
	for (size_t i = 0; i < 4 && result == SASL_OK; i += portion)
		result = decode(&framing, part(&stream, i, i + portion), &out);
	assert_int_equal(result, SASL_BADPROT);
	assert_string_equal(detail, expected);
	assert_int_equal(packets, 0);
	assert_true(largest <= sizeof expected);
	framing_close(&framing);
}

static void a_length_above_the_maximum_is_refused(void **state UNUSED)
{
	static const uint32_t lengths[] = {MAX + 1, MAX + 2, 0x00ffffff, 0x3fffffff, 0x40000000,
		0x7fffffff, 0x80000000, 0xfffffffb, 0xfffffffc, 0xffffffff};
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		check_announced(lengths[i], 1);
		check_announced(lengths[i], 4);
		check_announced(lengths[i], 20);
	}
}

static void the_maximum_is_taken(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_packet(&stream, data_of(MAX));
	struct framing framing = open_framing();
	assert_int_equal(decode(&framing, buffer_slice(&stream), &out), SASL_OK);
	assert_true(slice_equal(out, data_of(MAX)));
	framing_close(&framing);
}

static void what_is_announced_costs_no_memory_before_it_comes(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_header(&stream, MAX);
	append(&stream, data_of(2));
	struct framing framing = open_framing();
	assert_int_equal(decode(&framing, buffer_slice(&stream), &out), SASL_OK);
	assert_true(largest < 100);
	framing_close(&framing);
}

/* ---- between calls ---- */

static size_t kept(const struct framing *framing)
{
	return framing->partial.capacity + framing->sent.capacity + framing->received.capacity +
	       framing->storage.capacity;
}

static void little_memory_is_kept(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	AUTO_BUFFER small = {0};
	struct slice out;
	append_packet(&stream, data_of(MAX));
	append_packet(&small, data_of(5));
	struct framing framing = open_framing();
	assert_int_equal(decode(&framing, part(&stream, 0, 100), &out), SASL_OK);
	assert_int_equal(decode(&framing, part(&stream, 100, stream.len), &out), SASL_OK);
	assert_int_equal(out.len, MAX);
	assert_int_equal(framing.partial.capacity, 0);
	assert_int_equal(framing.storage.capacity, 0);
	assert_int_equal(encode_one(&framing, data_of(MAX), &out), SASL_OK);
	assert_int_equal(decode(&framing, buffer_slice(&small), &out), SASL_OK);
	assert_int_equal(encode_one(&framing, data_of(5), &out), SASL_OK);
	assert_true(kept(&framing) < 1000);
	framing_close(&framing);
	assert_int_equal(kept(&framing), 0);
}

static void small_messages_need_no_new_memory(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_packet(&stream, data_of(900));
	struct framing framing = open_framing();
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(decode(&framing, part(&stream, 0, 600), &out), SASL_OK);
		assert_int_equal(decode(&framing, part(&stream, 600, stream.len), &out), SASL_OK);
		assert_int_equal(encode_one(&framing, data_of(900), &out), SASL_OK);
		if (i == 1)
			count_memory(0);
	}
	assert_int_equal(asked, 0);
	framing_close(&framing);
}

static void what_was_read_is_wiped(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_packet(&stream, SLICE_LITERAL("plain text"));
	struct framing framing = open_framing();
	assert_int_equal(decode(&framing, part(&stream, 0, 6), &out), SASL_OK);
	assert_int_equal(decode(&framing, part(&stream, 6, stream.len), &out), SASL_OK);
	assert_null(memmem(framing.storage.data, framing.storage.capacity, "plain", 5));
	assert_null(memmem(framing.partial.data, framing.partial.capacity, "plain", 5));
	assert_non_null(memmem(framing.received.data, framing.received.capacity, "plain", 5));
	assert_int_equal(decode(&framing, SLICE_LITERAL(""), &out), SASL_OK);
	assert_null(memmem(framing.received.data, framing.received.capacity, "plain", 5));
	framing_close(&framing);
}

static void one_that_was_never_open_can_be_closed(void **state UNUSED)
{
	struct framing framing = {0};
	framing_close(&framing);
	framing_close(&framing);
	assert_int_equal(framing.result, SASL_OK);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_has_its_length_before_it),
		cmocka_unit_test(pieces_are_gathered),
		cmocka_unit_test(few_pieces_need_no_memory_of_their_own),
		cmocka_unit_test(one_octet_at_a_time),
		cmocka_unit_test(data_come_with_the_last_octet_of_their_packet),
		cmocka_unit_test(the_stream_may_be_cut_anywhere),
		cmocka_unit_test(many_packets_may_come_at_once),
		cmocka_unit_test(big_packets_may_come_in_any_portions),
		cmocka_unit_test(a_length_above_the_maximum_is_refused),
		cmocka_unit_test(the_maximum_is_taken),
		cmocka_unit_test(what_is_announced_costs_no_memory_before_it_comes),
		cmocka_unit_test(little_memory_is_kept),
		cmocka_unit_test(small_messages_need_no_new_memory),
		cmocka_unit_test(what_was_read_is_wiped),
		cmocka_unit_test(one_that_was_never_open_can_be_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

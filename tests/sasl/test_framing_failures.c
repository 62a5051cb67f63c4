/* SPDX-License-Identifier: BSD-3-Clause */
/* After the first failure a stream is dead, and says so each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/framing_stand_ins.h"

static void expect_death(struct framing *framing, int expected, const char *text)
{
	static const struct slice intact = {(const unsigned char *)"\0\0\0\1x", 5};
	unsigned before = packets;
	for (int i = 0; i < 3; i++) {
		struct slice out;
		detail[0] = '\0';
		assert_int_equal(decode(framing, intact, &out), expected);
		assert_string_equal(detail, text);
		assert_null(out.data);
		assert_int_equal(out.len, 0);
		detail[0] = '\0';
		assert_int_equal(encode_one(framing, SLICE_LITERAL("x"), &out), expected);
		assert_string_equal(detail, text);
		assert_null(out.data);
		assert_int_equal(out.len, 0);
	}
	assert_int_equal(packets, before);
	assert_int_equal(lines, 1);
}

static void check_death(struct slice bad, size_t portion, int expected, const char *text)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_packet(&stream, SLICE_LITERAL("good"));
	append_packet(&stream, bad);
	append_packet(&stream, SLICE_LITERAL("good"));
	struct framing framing = open_framing();
	int result = SASL_OK;
	for (size_t i = 0; i < stream.len && result == SASL_OK; i += portion) {
		size_t end = i + portion < stream.len ? i + portion : stream.len;
		result = decode(&framing, part(&stream, i, end), &out);
	}
	assert_int_equal(result, expected);
	assert_null(out.data);
	assert_int_equal(out.len, 0);
	assert_int_equal(packets, 2);
	assert_string_equal(detail, text);
	char line[100];
	snprintf(line, sizeof line, "%d TEST: the security layer failed: %s", SASL_LOG_FAIL, text);
	assert_string_equal(logged, line);
	expect_death(&framing, expected, text);
	assert_null(framing.partial.data);
	assert_null(framing.received.data);
	assert_null(framing.sent.data);
	framing_close(&framing);
}

static void a_changed_packet_is_the_end(void **state UNUSED)
{
	for (size_t portion = 1; portion < 40; portion++)
		check_death(SLICE_LITERAL("changed"), portion, SASL_BADMAC,
			"packet 2 has been changed");
}

static void a_malformed_packet_is_the_end(void **state UNUSED)
{
	check_death(SLICE_LITERAL("malformed"), 1, SASL_BADPROT, "packet 2 is malformed");
	check_death(SLICE_LITERAL("malformed"), 100, SASL_BADPROT, "packet 2 is malformed");
}

static void a_length_that_is_refused_is_the_end(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_header(&stream, UINT32_MAX);
	struct framing framing = open_framing();
	assert_int_equal(decode(&framing, buffer_slice(&stream), &out), SASL_BADPROT);
	expect_death(&framing, SASL_BADPROT,
		"a packet of 4294967295 octets is announced, 70000 is the most that was agreed");
	framing_close(&framing);
}

static void a_failure_to_send_is_the_end(void **state UNUSED)
{
	struct framing framing = open_framing();
	struct slice out;
	assert_int_equal(encode_one(&framing, SLICE_LITERAL("not this"), &out), SASL_BADMAC);
	assert_null(out.data);
	assert_string_equal(detail, "the cipher failed");
	expect_death(&framing, SASL_BADMAC, "the cipher failed");
	framing_close(&framing);
}

/* A whole conversation, in which one allocation fails. Returns whether it did. */
static bool runs_out_of_memory(unsigned at)
{
	AUTO_BUFFER stream = {0};
	struct iovec pieces[40];
	struct slice out;
	append_packet(&stream, data_of(3000));
	append_packet(&stream, data_of(100));
	for (unsigned i = 0; i < 40; i++)
		pieces[i] = iovec_of(data_of(i));
	struct framing framing = open_framing();
	count_memory(at);
	int result = encode(&framing, pieces, 40, &out);
	if (result == SASL_OK)
		result = decode(&framing, part(&stream, 0, 2000), &out);
	if (result == SASL_OK)
		result = decode(&framing, part(&stream, 2000, stream.len), &out);
	bool ran_out = asked >= at;
	assert_int_equal(result, ran_out ? SASL_NOMEM : SASL_OK);
	if (ran_out) {
		assert_null(out.data);
		expect_death(&framing, SASL_NOMEM, "out of memory");
	}
	framing_close(&framing);
	count_memory(0);
	return ran_out;
}

static void want_of_memory_is_the_end(void **state UNUSED)
{
	unsigned at = 1;
	while (runs_out_of_memory(at))
		at++;
	assert_uint_in_range(at, 5, 100);
}

/* Not even for the reason: it is dead nevertheless. */
static void a_reason_without_memory_is_a_reason(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_packet(&stream, SLICE_LITERAL("changed"));
	struct framing framing = open_framing();
	count_memory(1);
	assert_int_equal(decode(&framing, buffer_slice(&stream), &out), SASL_BADMAC);
	assert_int_equal(asked, 1);
	expect_death(&framing, SASL_BADMAC, "out of memory");
	framing_close(&framing);
}

/* As libsasl2 calls it when another login has begun on a connection that had a layer. */
static void what_is_not_open_is_not_done(void **state UNUSED)
{
	const struct iovec piece = {.iov_base = (char[]){"x"}, .iov_len = 1};
	struct framing closed = {0}, *const places[] = {&closed, NULL};
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		const char *out = "before";
		unsigned len = 6;
		assert_int_equal(framing_encode(places[i], &piece, 1, &out, &len), SASL_NOTDONE);
		assert_null(out);
		assert_int_equal(len, 0);
		assert_int_equal(framing_decode(places[i], "x", 1, &out, &len), SASL_NOTDONE);
		assert_null(out);
		assert_int_equal(len, 0);
	}
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_changed_packet_is_the_end),
		cmocka_unit_test(a_malformed_packet_is_the_end),
		cmocka_unit_test(a_length_that_is_refused_is_the_end),
		cmocka_unit_test(a_failure_to_send_is_the_end),
		cmocka_unit_test(want_of_memory_is_the_end),
		cmocka_unit_test(a_reason_without_memory_is_a_reason),
		cmocka_unit_test(what_is_not_open_is_not_done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GSS-API's MIC tokens between two sides, for every encryption type.
 */
#include "tests/support/channel_line.h"

#include "gss/gss_header.h"
#include "gss/gss_message.h"
#include "tests/support/suite.h"

/* A MIC token is its maker's and its reader's alone; the line's kind is that of what is beside it.
 */
static void make_mic(struct line *line, struct channel *from, struct slice data, struct buffer *out)
{
	buffer_clear(out);
	if (gss_mic_make(from, data, out, &line->err))
		fail_msg("%s", line->err.text);
}

static void expect_mic(struct line *line, struct channel *to, struct slice data, struct slice token)
{
	if (gss_mic_verify(to, data, token, &line->err))
		fail_msg("%s", line->err.text);
}

static void expect_mic_refused(struct line *line, struct slice data, struct slice token,
	enum status status, const char *text)
{
	const struct channel before = line->server;
	line->err = (struct error){0};
	check_status(
		gss_mic_verify(&line->server, data, token, &line->err), &line->err, status, text);
	assert_memory_equal(&line->server, &before, sizeof before);
}

static void data_of_every_size_verify(void **state)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 65536, 200000};
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		make_mic(&line, &line.client, data_of(sizes[i]), &token);
		assert_int_equal(
			token.len, 16 + enctype_checksum_length(key_type(line.client.key)));
		expect_mic(&line, &line.server, data_of(sizes[i]), buffer_slice(&token));
		make_mic(&line, &line.server, data_of(sizes[i]), &token);
		expect_mic(&line, &line.client, data_of(sizes[i]), buffer_slice(&token));
	}
	line_close(&line);
}

/* Section 4.2.1: both kinds of token count. */
static void messages_between_them_count(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	AUTO_BUFFER message = {0};
	for (size_t i = 0; i < 3; i++) {
		make_mic(&line, &line.client, data_of(i), &token);
		buffer_clear(&message);
		make(&line, &line.client, data_of(40), &message);
		expect_refusal(
			&line, &line.server, buffer_slice(&message), KRB_AP_ERR_BADORDER, "is due");
		expect_mic(&line, &line.server, data_of(i), buffer_slice(&token));
		expect_mic_refused(&line, data_of(i), buffer_slice(&token), KRB_AP_ERR_BADORDER,
			"one was lost, repeated or reordered");
		expect(&line, &line.server, buffer_slice(&message), data_of(40));
	}
	line_close(&line);
}

static void a_message_is_no_mic(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER message = {0};
	make(&line, &line.client, data_of(40), &message);
	expect_mic_refused(&line, data_of(40), buffer_slice(&message), KRB_AP_ERR_MSG_TYPE,
		"a token of type 0504 came where a MIC token (0404) is due");
	line_close(&line);
}

static enum status expected_of_change(size_t at, unsigned bit)
{
	static const enum status flags[] = {
		KRB_AP_ERR_BADDIRECTION, KRB_AP_ERR_METHOD, KRB_AP_ERR_NOKEY};
	if (at < 2)
		return KRB_AP_ERR_MSG_TYPE;
	if (at == 2 && bit < COUNT_OF(flags))
		return flags[bit];
	return at > 2 && at < GSS_AT_SEQ ? ERR_SYNTAX : KRB_AP_ERR_MODIFIED;
}

static void every_changed_bit_is_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	make_mic(&line, &line.client, data_of(40), &token);
	for (size_t at = 0; at < token.len; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			token.data[at] ^= (unsigned char)(1U << bit);
			expect_mic_refused(&line, data_of(40), buffer_slice(&token),
				expected_of_change(at, bit), "");
			token.data[at] ^= (unsigned char)(1U << bit);
		}
	expect_mic(&line, &line.server, data_of(40), buffer_slice(&token));
	line_close(&line);
}

static void other_data_are_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	make_mic(&line, &line.client, data_of(40), &token);
	for (size_t len = 0; len < 60; len++)
		if (len != 40)
			expect_mic_refused(&line, data_of(len), buffer_slice(&token),
				KRB_AP_ERR_MODIFIED, "does not match");
	line_close(&line);
}

static void other_lengths_are_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	make_mic(&line, &line.client, data_of(40), &token);
	size_t whole = token.len;
	for (size_t len = 0; len < whole; len++)
		expect_mic_refused(&line, data_of(40), slice_of(token.data, len),
			len < GSS_HEADER_LENGTH ? ERR_SYNTAX : KRB_AP_ERR_MODIFIED,
			len < GSS_HEADER_LENGTH ? "is cut short" : "a checksum of");
	assert_int_equal(buffer_append(&token, SLICE_LITERAL("\0")), STATUS_OK);
	expect_mic_refused(
		&line, data_of(40), buffer_slice(&token), KRB_AP_ERR_MODIFIED, "a checksum of");
	line_close(&line);
}

static void the_key_is_another_in_each_direction(void **state)
{
	struct line line;
	line_open_at(&line, *state, 7, 7);
	AUTO_BUFFER token = {0};
	make_mic(&line, &line.server, data_of(40), &token);
	expect_mic_refused(
		&line, data_of(40), buffer_slice(&token), KRB_AP_ERR_BADDIRECTION, "reflected");
	token.data[2] ^= 1;
	expect_mic_refused(
		&line, data_of(40), buffer_slice(&token), KRB_AP_ERR_MODIFIED, "does not match");
	line_close(&line);
}

static const struct channel_case cases[] = {
	CASE(data_of_every_size_verify),
	CASE(messages_between_them_count),
	CASE(a_message_is_no_mic),
	CASE(every_changed_bit_is_refused),
	CASE(other_data_are_refused),
	CASE(other_lengths_are_refused),
	CASE(the_key_is_another_in_each_direction),
};

SUITE(test_gss_mic)
{
	static char names[COUNT_OF(cases) * KINDS][NAME_ROOM];
	static struct kind kinds[KINDS];
	static struct CMUnitTest tests[COUNT_OF(cases) * KINDS];
	cmocka_set_message_output(CM_OUTPUT_TAP);
	make_tests(cases, COUNT_OF(cases), &gss_protections, kinds, tests, names);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

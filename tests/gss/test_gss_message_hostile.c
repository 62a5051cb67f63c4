/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GSS-API's Wrap tokens between two sides, for every encryption type: what is
 * refused, be it changed, cut, out of order, reflected or of another key.
 */
#include "tests/support/channel_line.h"

#include "gss/gss_header.h"
#include "gss/gss_message.h"
#include "gss/gss_token.h"
#include "tests/support/suite.h"

/* Where the flags are; section 4.2.2. */
enum { AT_FLAGS = 2, AT_FILLER = 3 };

/* For which no power of two is a rotation by nothing, whatever the type adds. */
enum { LENGTH = 41 };

/* Of what is under the key. */
static enum status changed(const struct line *line)
{
	return line->private ? KRB_AP_ERR_BAD_INTEGRITY : KRB_AP_ERR_MODIFIED;
}

static const char *changed_text(const struct line *line)
{
	return line->private ? "has been changed, or is of another key" : "does not match";
}

/* ---- changes ---- */

static enum status expected_of_flag(unsigned bit)
{
	static const enum status of[] = {
		KRB_AP_ERR_BADDIRECTION, KRB_AP_ERR_METHOD, KRB_AP_ERR_NOKEY};
	return bit < COUNT_OF(of) ? of[bit] : KRB_AP_ERR_MODIFIED;
}

static enum status expected_of_change(const struct line *line, size_t at, unsigned bit)
{
	if (at < AT_FLAGS)
		return KRB_AP_ERR_MSG_TYPE;
	if (at == AT_FLAGS)
		return expected_of_flag(bit);
	if (at == AT_FILLER)
		return ERR_SYNTAX;
	if (at < GSS_AT_RRC)
		return line->private ? KRB_AP_ERR_MODIFIED : ERR_SYNTAX;
	if (at >= GSS_AT_SEQ && at < GSS_HEADER_LENGTH)
		return KRB_AP_ERR_MODIFIED;
	return changed(line);
}

static void every_changed_bit_is_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	make(&line, &line.client, data_of(LENGTH), &token);
	for (size_t at = 0; at < token.len; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			token.data[at] ^= (unsigned char)(1U << bit);
			expect_refusal(&line, &line.server, buffer_slice(&token),
				expected_of_change(&line, at, bit), "");
			token.data[at] ^= (unsigned char)(1U << bit);
		}
	expect(&line, &line.server, buffer_slice(&token), data_of(LENGTH));
	line_close(&line);
}

/* In memory of its own, so that a sanitizer sees what is read behind it. */
static void expect_short_refused(struct line *line, struct slice token, size_t len)
{
	size_t checksum = enctype_checksum_length(key_type(line->server.key));
	bool formal =
		len < GSS_HEADER_LENGTH || (!line->private && len < GSS_HEADER_LENGTH + checksum);
	AUTO_BUFFER copy = {0};
	assert_int_equal(buffer_append(&copy, slice_of(token.data, len)), STATUS_OK);
	expect_refusal(line, &line->server, buffer_slice(&copy),
		formal ? ERR_SYNTAX : changed(line),
		len < GSS_HEADER_LENGTH ? "is cut short: its header alone has 16" : "");
}

static void every_shortened_token_is_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	make(&line, &line.client, data_of(LENGTH), &token);
	for (size_t len = 0; len < token.len; len++)
		expect_short_refused(&line, buffer_slice(&token), len);
	expect(&line, &line.server, buffer_slice(&token), data_of(LENGTH));
	line_close(&line);
}

static void every_missing_octet_is_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	make(&line, &line.client, data_of(LENGTH), &token);
	for (size_t at = GSS_HEADER_LENGTH; at < token.len; at++) {
		AUTO_BUFFER without = {0};
		assert_int_equal(buffer_append(&without, slice_of(token.data, at)), STATUS_OK);
		assert_int_equal(
			buffer_append(&without, slice_of(token.data + at + 1, token.len - at - 1)),
			STATUS_OK);
		expect_refusal(&line, &line.server, buffer_slice(&without), changed(&line),
			changed_text(&line));
	}
	line_close(&line);
}

static void octets_after_the_token_are_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	make(&line, &line.client, data_of(LENGTH), &token);
	size_t len = token.len;
	assert_int_equal(buffer_append(&token, SLICE_LITERAL("\0")), STATUS_OK);
	expect_refusal(
		&line, &line.server, buffer_slice(&token), changed(&line), changed_text(&line));
	expect(&line, &line.server, slice_of(token.data, len), data_of(LENGTH));
	line_close(&line);
}

/* ---- order and direction ---- */

static void a_token_is_taken_once(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	make(&line, &line.client, data_of(LENGTH), &token);
	expect(&line, &line.server, buffer_slice(&token), data_of(LENGTH));
	expect_refusal(&line, &line.server, buffer_slice(&token), KRB_AP_ERR_BADORDER,
		"a token with sequence number 1000 came where 1001 is due");
	line_close(&line);
}

static void tokens_are_taken_in_order(void **state)
{
	struct line line;
	line_open(&line, *state);
	struct buffer token[3] = {0};
	for (size_t i = 0; i < COUNT_OF(token); i++)
		make(&line, &line.client, data_of(i), &token[i]);
	expect_refusal(&line, &line.server, buffer_slice(&token[2]), KRB_AP_ERR_BADORDER,
		"a token with sequence number 1002 came where 1000 is due");
	expect_refusal(&line, &line.server, buffer_slice(&token[1]), KRB_AP_ERR_BADORDER,
		"a token with sequence number 1001 came where 1000 is due");
	for (size_t i = 0; i < COUNT_OF(token); i++) {
		expect(&line, &line.server, buffer_slice(&token[i]), data_of(i));
		buffer_free(&token[i]);
	}
	line_close(&line);
}

/* What the same number gave 2^32 tokens ago. */
static void all_64_bits_of_a_sequence_number_count(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	make(&line, &line.client, data_of(LENGTH), &token);
	line.server.receive_seq += UINT64_C(1) << 32;
	expect_refusal(&line, &line.server, buffer_slice(&token), KRB_AP_ERR_BADORDER,
		"a token with sequence number 1000 came where 4294968296 is due");
	line.client.send_seq = line.server.receive_seq = UINT64_MAX;
	for (size_t i = 0; i < 2; i++) {
		buffer_clear(&token);
		make(&line, &line.client, data_of(i), &token);
		expect(&line, &line.server, buffer_slice(&token), data_of(i));
	}
	line_close(&line);
}

/* The sequence number would be right. */
static void a_reflected_token_is_refused(void **state)
{
	struct line line;
	line_open_at(&line, *state, 7, 7);
	AUTO_BUFFER up = {0};
	AUTO_BUFFER down = {0};
	make(&line, &line.client, data_of(LENGTH), &up);
	expect_refusal(
		&line, &line.client, buffer_slice(&up), KRB_AP_ERR_BADDIRECTION, "reflected");
	make(&line, &line.server, data_of(LENGTH), &down);
	expect_refusal(
		&line, &line.server, buffer_slice(&down), KRB_AP_ERR_BADDIRECTION, "reflected");
	line_close(&line);
}

/* Turning the flag round does not help: each direction has a key of its own. */
static void a_reflected_token_with_another_flag_is_refused(void **state)
{
	struct line line;
	line_open_at(&line, *state, 7, 7);
	AUTO_BUFFER token = {0};
	make(&line, &line.client, data_of(LENGTH), &token);
	token.data[AT_FLAGS] ^= 1;
	expect_refusal(
		&line, &line.client, buffer_slice(&token), changed(&line), changed_text(&line));
	line_close(&line);
}

/* ---- other kinds ---- */

static void the_other_kind_is_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	const struct slice data = data_of(LENGTH);
	assert_int_equal(line.other->make(&line.client, &data, 1, &token, &line.err), STATUS_OK);
	expect_refusal(&line, &line.server, buffer_slice(&token), KRB_AP_ERR_METHOD,
		line.private ? "a token that is not sealed came where privacy was agreed on"
			     : "a sealed token came where none is due");
	buffer_clear(&line.got);
	assert_int_equal(
		gss_unwrap(&line.server, buffer_slice(&token), &line.got, &line.err), STATUS_OK);
	assert_true(slice_equal(buffer_slice(&line.got), data));
	line_close(&line);
}

static void a_mic_is_no_message(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	assert_int_equal(gss_mic_make(&line.client, data_of(5), &token, &line.err), STATUS_OK);
	expect_refusal(&line, &line.server, buffer_slice(&token), KRB_AP_ERR_MSG_TYPE,
		"a token of type 0404 came where a Wrap token (0504) is due");
	line_close(&line);
}

#define OID "\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"

static void something_else_is_refused(void **state)
{
	static const struct {
		struct slice octets;
		const char *text;
	} row[] = {
		{{(const unsigned char *)"a001 LOGOUT\r\n", 13}, "a token of type 6130 came"},
		{{(const unsigned char *)"\x05\x05 another reserved one", 20},
			"a token of type 0505 came"},
		{{(const unsigned char *)"\x60\x19" OID "\x02\x01\x11\x00\x10\x00\xff\xff", 27},
			"a Wrap token of RFC 1964 came"},
		{{(const unsigned char *)"\x60\x19" OID "\x01\x01\x11\x00\xff\xff\xff\xff", 27},
			"a MIC token of RFC 1964 came"},
		{{(const unsigned char *)"\x60\x0d" OID "\x01\x02", 15},
			"a token of RFC 1964 that deletes a context came"},
		{{(const unsigned char *)"\x60\x0d" OID "\x02\x00", 15},
			"a token that establishes a context came"},
	};
	struct line line;
	line_open(&line, *state);
	for (size_t i = 0; i < COUNT_OF(row); i++)
		expect_refusal(
			&line, &line.server, row[i].octets, KRB_AP_ERR_MSG_TYPE, row[i].text);
	line_close(&line);
}

/* ---- other keys ---- */

static void another_key_is_refused(void **state)
{
	const struct kind *kind = *state;
	struct line line;
	line_open(&line, kind);
	key_release(line.client.key);
	line.client.key = exchange_key(kind->enctype, 'x');
	AUTO_BUFFER token = {0};
	make(&line, &line.client, data_of(LENGTH), &token);
	expect_refusal(
		&line, &line.server, buffer_slice(&token), changed(&line), changed_text(&line));
	line_close(&line);
}

/* Of which a token says nothing; its checksum may have another length. */
static void a_key_of_another_type_is_refused(void **state)
{
	const struct kind *kind = *state;
	struct line line;
	line_open(&line, kind);
	for (size_t i = 0; i < COUNT_OF(enctypes); i++) {
		if (enctypes[i] == kind->enctype || !is_offered(enctypes[i]))
			continue;
		key_release(line.client.key);
		line.client.key = exchange_key(enctypes[i], 'k');
		AUTO_BUFFER token = {0};
		make(&line, &line.client, data_of(LENGTH), &token);
		bool same_length = enctype_checksum_length(key_type(line.client.key)) ==
				   enctype_checksum_length(key_type(line.server.key));
		bool formal = !line.private && !same_length;
		expect_refusal(&line, &line.server, buffer_slice(&token),
			formal ? ERR_SYNTAX : changed(&line), formal ? "checksum" : "changed");
	}
	line_close(&line);
}

static void the_acceptors_subkey_is_flagged(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	line.client.has_acceptor_subkey = true;
	make(&line, &line.client, data_of(LENGTH), &token);
	assert_int_equal(token.data[AT_FLAGS] & 4, 4);
	expect_refusal(&line, &line.server, buffer_slice(&token), KRB_AP_ERR_NOKEY,
		"a token under a subkey of the acceptor came, which has made none");
	line.server.has_acceptor_subkey = true;
	expect(&line, &line.server, buffer_slice(&token), data_of(LENGTH));

	buffer_clear(&token);
	line.client.has_acceptor_subkey = false;
	make(&line, &line.client, data_of(LENGTH), &token);
	assert_int_equal(token.data[AT_FLAGS] & 4, 0);
	expect_refusal(&line, &line.server, buffer_slice(&token), KRB_AP_ERR_NOKEY,
		"a token under another key than the acceptor's subkey came");
	line_close(&line);
}

static const struct channel_case cases[] = {
	CASE(every_changed_bit_is_refused),
	CASE(every_shortened_token_is_refused),
	CASE(every_missing_octet_is_refused),
	CASE(octets_after_the_token_are_refused),
	CASE(a_token_is_taken_once),
	CASE(tokens_are_taken_in_order),
	CASE(all_64_bits_of_a_sequence_number_count),
	CASE(a_reflected_token_is_refused),
	CASE(a_reflected_token_with_another_flag_is_refused),
	CASE(the_other_kind_is_refused),
	CASE(a_mic_is_no_message),
	CASE(something_else_is_refused),
	CASE(another_key_is_refused),
	CASE(a_key_of_another_type_is_refused),
	CASE(the_acceptors_subkey_is_flagged),
};

SUITE(test_gss_message_hostile)
{
	static char names[COUNT_OF(cases) * KINDS][NAME_ROOM];
	static struct kind kinds[KINDS];
	static struct CMUnitTest tests[COUNT_OF(cases) * KINDS];
	cmocka_set_message_output(CM_OUTPUT_TAP);
	make_tests(cases, COUNT_OF(cases), &gss_protections, kinds, tests, names);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

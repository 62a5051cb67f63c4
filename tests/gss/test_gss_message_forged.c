/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GSS-API's Wrap tokens that another implementation could make, or a peer that
 * has the key: rotated, with filler, with unknown flags, and with what no
 * honest one makes. For every encryption type.
 */
#include "tests/support/channel_line.h"

#include <string.h>

#include "gss/gss_header.h"
#include "gss/gss_message.h"
#include "tests/support/suite.h"

/* What a token is made of. */
struct forged {
	unsigned flags; /* beside that for sealing */
	int filler;     /* in the header, where it is not FF; -1 */
	size_t ec;      /* of the clear header */
	size_t inside;  /* of the sealed copy, or of what the checksum is over */
	size_t rrc, inner_rrc;
	uint64_t seq;
	struct slice data, fill;
	uint32_t usage;
};

static struct forged honest(const struct line *line, struct slice data)
{
	const struct enctype *type = key_type(line->client.key);
	return (struct forged){
		.filler = -1,
		.ec = line->private ? 0 : enctype_checksum_length(type),
		.seq = 1000,
		.data = data,
		.usage = USAGE_INITIATOR_SEAL,
	};
}

static void write_header(const struct line *line, const struct forged *f, size_t ec, size_t rrc,
	unsigned char out[GSS_HEADER_LENGTH])
{
	const unsigned char start[] = {5, 4, (unsigned char)(f->flags | (line->private ? 2 : 0)),
		f->filler < 0 ? 0xff : (unsigned char)f->filler, (unsigned char)(ec >> 8),
		(unsigned char)ec, (unsigned char)(rrc >> 8), (unsigned char)rrc};
	memcpy(out, start, sizeof start);
	store_u32(out + 8, (uint32_t)(f->seq >> 32));
	store_u32(out + 12, (uint32_t)f->seq);
}

static void append(struct buffer *out, struct slice s)
{
	assert_int_equal(buffer_append(out, s), STATUS_OK);
}

/* What follows the header, not rotated. */
static void forge_body(const struct line *line, const struct forged *f, struct buffer *out)
{
	unsigned char header[GSS_HEADER_LENGTH], sum[CHECKSUM_MAX_LENGTH];
	AUTO_BUFFER plain = {0};
	write_header(line, f, f->inside, f->inner_rrc, header);
	append(&plain, f->data);
	append(&plain, f->fill);
	append(&plain, slice_of(header, sizeof header));
	struct slice covered = buffer_slice(&plain);
	if (line->private) {
		assert_int_equal(
			key_encrypt(line->client.key, f->usage, covered, out, &(struct error){0}),
			STATUS_OK);
		return;
	}
	assert_int_equal(key_checksum(line->client.key, f->usage, (struct pieces){&covered, 1}, sum,
				 &(struct error){0}),
		STATUS_OK);
	append(out, f->data);
	append(out, f->fill);
	append(out, slice_of(sum, enctype_checksum_length(key_type(line->client.key))));
}

/* Section 4.2.5, by its words: so many octets from the end come first. */
static void rotate_right(struct slice body, size_t count, struct buffer *out)
{
	size_t moved = count % body.len;
	append(out, slice_of(body.data + body.len - moved, moved));
	append(out, slice_of(body.data, body.len - moved));
}

static struct slice forge(const struct line *line, const struct forged *f, struct buffer *token)
{
	unsigned char header[GSS_HEADER_LENGTH];
	AUTO_BUFFER body = {0};
	buffer_clear(token);
	write_header(line, f, f->ec, f->rrc, header);
	append(token, slice_of(header, sizeof header));
	forge_body(line, f, &body);
	rotate_right(buffer_slice(&body), f->rrc, token);
	return buffer_slice(token);
}

static void expect_forged(struct line *line, const struct forged *f, struct slice data)
{
	AUTO_BUFFER token = {0};
	expect(line, &line->server, forge(line, f, &token), data);
	line->server.receive_seq = 1000;
}

static void expect_forged_refused(
	struct line *line, const struct forged *f, enum status status, const char *text)
{
	AUTO_BUFFER token = {0};
	expect_refusal(line, &line->server, forge(line, f, &token), status, text);
}

static void a_forged_token_can_be_right(void **state)
{
	struct line line;
	line_open(&line, *state);
	struct forged f = honest(&line, SLICE_LITERAL("data"));
	expect_forged(&line, &f, SLICE_LITERAL("data"));
	line_close(&line);
}

/* ---- rotation ---- */

/* Each of them with one type, to have done so once; some of them with the others. */
static void every_rotation_is_read(void **state)
{
	const struct kind *kind = *state;
	size_t step = kind->enctype == ENCTYPE_AES256_SHA1 ? 1 : 61;
	struct line line;
	line_open(&line, kind);
	for (size_t len = 0; len < 80; len += 39)
		for (size_t rrc = 0; rrc <= 65535; rrc += step) {
			struct forged f = honest(&line, data_of(len));
			f.rrc = rrc;
			expect_forged(&line, &f, data_of(len));
		}
	line_close(&line);
}

static void long_tokens_are_rotated_too(void **state)
{
	static const size_t rotations[] = {1, 12, 16, 28, 32, 44, 255, 4096, 32768, 65535};
	static const size_t lengths[] = {1000, 65535, 65536, 70000, 200000};
	struct line line;
	line_open(&line, *state);
	for (size_t i = 0; i < COUNT_OF(lengths); i++)
		for (size_t j = 0; j < COUNT_OF(rotations); j++) {
			struct forged f = honest(&line, data_of(lengths[i]));
			f.rrc = rotations[j];
			expect_forged(&line, &f, data_of(lengths[i]));
		}
	line_close(&line);
}

/* As old Windows does in DCE's style, which is not negotiated here. */
static void a_rotation_by_more_than_it_says_is_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER token = {0};
	struct forged f = honest(&line, data_of(100));
	f.rrc = 28 + 16;
	forge(&line, &f, &token);
	token.data[GSS_AT_RRC + 1] = 28;
	expect_refusal(&line, &line.server, buffer_slice(&token),
		line.private ? KRB_AP_ERR_BAD_INTEGRITY : KRB_AP_ERR_MODIFIED, "changed");
	line_close(&line);
}

/* ---- filler and EC ---- */

static void any_filler_is_taken_off(void **state)
{
	static const size_t fillers[] = {1, 2, 15, 16, 17, 100, 255, 256, 4096, 65535};
	const struct kind *kind = *state;
	if (!kind->private)
		return; /* has none */
	struct line line;
	line_open(&line, kind);
	for (size_t len = 0; len < 40; len += 13)
		for (size_t i = 0; i < COUNT_OF(fillers); i++) {
			struct forged f = honest(&line, data_of(len));
			f.ec = f.inside = fillers[i];
			f.fill = slice_of(pattern + 5, fillers[i]);
			expect_forged(&line, &f, data_of(len));
			f.rrc = 28;
			expect_forged(&line, &f, data_of(len));
		}
	line_close(&line);
}

/* The key is known to whoever makes these, so that only a fault of theirs is in question. */
static void more_filler_than_there_is_is_refused(void **state)
{
	const struct kind *kind = *state;
	if (!kind->private)
		return;
	struct line line;
	line_open(&line, kind);
	for (size_t len = 0; len < 100; len += 33)
		for (size_t over = 1; over <= 65535 - len; over = over * 3 + 1) {
			struct forged f = honest(&line, data_of(len));
			f.ec = f.inside = len + over;
			expect_forged_refused(&line, &f, ERR_SYNTAX, " filler octets, of ");
		}
	line_close(&line);
}

static void another_ec_than_inside_is_refused(void **state)
{
	const struct kind *kind = *state;
	if (!kind->private)
		return;
	struct line line;
	line_open(&line, kind);
	struct forged f = honest(&line, data_of(40));
	f.ec = 1;
	expect_forged_refused(&line, &f, KRB_AP_ERR_MODIFIED, "differs from the one inside");
	f.ec = 0;
	f.inside = 1;
	expect_forged_refused(&line, &f, KRB_AP_ERR_MODIFIED, "differs from the one inside");
	line_close(&line);
}

static void an_ec_that_is_not_the_checksums_length_is_refused(void **state)
{
	const struct kind *kind = *state;
	if (kind->private)
		return;
	struct line line;
	line_open(&line, kind);
	struct forged f = honest(&line, data_of(40));
	size_t right = f.ec;
	for (f.ec = 0; f.ec <= 65535; f.ec += f.ec < 300 ? 1 : 61)
		if (f.ec != right)
			expect_forged_refused(
				&line, &f, ERR_SYNTAX, "a token whose checksum is to have");
	line_close(&line);
}

/* RFC 4121 has zeros for EC and RRC there. */
static void a_checksum_over_ec_or_rrc_is_refused(void **state)
{
	const struct kind *kind = *state;
	if (kind->private)
		return;
	struct line line;
	line_open(&line, kind);
	struct forged f = honest(&line, data_of(40));
	f.inside = f.ec;
	expect_forged_refused(&line, &f, KRB_AP_ERR_MODIFIED, "does not match");
	f.inside = 0;
	f.rrc = f.inner_rrc = 12;
	expect_forged_refused(&line, &f, KRB_AP_ERR_MODIFIED, "does not match");
	line_close(&line);
}

/* MIT krb5 and Heimdal do not look at it either. */
static void an_rrc_inside_is_passed_over(void **state)
{
	const struct kind *kind = *state;
	if (!kind->private)
		return;
	struct line line;
	line_open(&line, kind);
	struct forged f = honest(&line, data_of(40));
	f.rrc = f.inner_rrc = 28;
	expect_forged(&line, &f, data_of(40));
	line_close(&line);
}

static void a_sealed_text_without_a_header_is_refused(void **state)
{
	const struct kind *kind = *state;
	if (!kind->private)
		return;
	struct line line;
	line_open(&line, kind);
	for (size_t len = 0; len <= GSS_HEADER_LENGTH; len++) {
		AUTO_BUFFER token = {0};
		const struct forged f = honest(&line, SLICE_EMPTY);
		forge(&line, &f, &token);
		token.len = GSS_HEADER_LENGTH;
		assert_int_equal(key_encrypt(line.client.key, USAGE_INITIATOR_SEAL, data_of(len),
					 &token, &(struct error){0}),
			STATUS_OK);
		if (len < GSS_HEADER_LENGTH)
			expect_refusal(&line, &line.server, buffer_slice(&token), ERR_SYNTAX,
				"inside, where its header alone has 16");
		else
			expect_refusal(&line, &line.server, buffer_slice(&token),
				KRB_AP_ERR_MODIFIED, "differs from the one inside");
	}
	line_close(&line);
}

/* ---- the header ---- */

static void unknown_flags_are_passed_over(void **state)
{
	struct line line;
	line_open(&line, *state);
	for (unsigned flags = 0; flags < 256; flags += 8) {
		struct forged f = honest(&line, data_of(40));
		f.flags = flags;
		expect_forged(&line, &f, data_of(40));
	}
	line_close(&line);
}

static void known_flags_are_not(void **state)
{
	struct line line;
	line_open(&line, *state);
	struct forged f = honest(&line, data_of(40));
	f.flags = 1;
	expect_forged_refused(&line, &f, KRB_AP_ERR_BADDIRECTION, "reflected");
	f.flags = 4;
	expect_forged_refused(&line, &f, KRB_AP_ERR_NOKEY, "a subkey of the acceptor");
	line_close(&line);
}

static void another_filler_than_ff_is_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	struct forged f = honest(&line, data_of(40));
	for (f.filler = 0; f.filler < 0xff; f.filler++)
		expect_forged_refused(
			&line, &f, ERR_SYNTAX, "a filler octet in the header of a token is ");
	line_close(&line);
}

static void other_sequence_numbers_are_refused(void **state)
{
	static const uint64_t numbers[] = {0, 999, 1001, 0x100000000 + 1000, UINT64_MAX,
		0xffffffff00000000 + 1000, (uint64_t)1000 << 32};
	struct line line;
	line_open(&line, *state);
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		struct forged f = honest(&line, data_of(40));
		f.seq = numbers[i];
		f.rrc = i % 2 ? 28 : 0;
		expect_forged_refused(&line, &f, KRB_AP_ERR_BADORDER, "came where 1000 is due");
	}
	line_close(&line);
}

/* Rightly made, for another purpose; also that of MIC tokens. */
static void another_key_usage_is_refused(void **state)
{
	static const uint32_t usages[] = {USAGE_KRB_PRIV, USAGE_KRB_SAFE, USAGE_ACCEPTOR_SEAL,
		USAGE_ACCEPTOR_SIGN, USAGE_INITIATOR_SIGN};
	struct line line;
	line_open(&line, *state);
	for (size_t i = 0; i < COUNT_OF(usages); i++) {
		struct forged f = honest(&line, data_of(40));
		f.usage = usages[i];
		expect_forged_refused(&line, &f,
			line.private ? KRB_AP_ERR_BAD_INTEGRITY : KRB_AP_ERR_MODIFIED,
			"for key usage 24");
	}
	line_close(&line);
}

static const struct channel_case cases[] = {
	CASE(a_forged_token_can_be_right),
	CASE(every_rotation_is_read),
	CASE(long_tokens_are_rotated_too),
	CASE(a_rotation_by_more_than_it_says_is_refused),
	CASE(any_filler_is_taken_off),
	CASE(more_filler_than_there_is_is_refused),
	CASE(another_ec_than_inside_is_refused),
	CASE(an_ec_that_is_not_the_checksums_length_is_refused),
	CASE(a_checksum_over_ec_or_rrc_is_refused),
	CASE(an_rrc_inside_is_passed_over),
	CASE(a_sealed_text_without_a_header_is_refused),
	CASE(unknown_flags_are_passed_over),
	CASE(known_flags_are_not),
	CASE(another_filler_than_ff_is_refused),
	CASE(other_sequence_numbers_are_refused),
	CASE(another_key_usage_is_refused),
};

SUITE(test_gss_message_forged)
{
	static char names[COUNT_OF(cases) * KINDS][NAME_ROOM];
	static struct kind kinds[KINDS];
	static struct CMUnitTest tests[COUNT_OF(cases) * KINDS];
	data_of(0);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	make_tests(cases, COUNT_OF(cases), &gss_protections, kinds, tests, names);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

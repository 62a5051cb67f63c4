/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KRB-SAFE and KRB-PRIV between two sides, for every encryption type: what is
 * refused, be it changed, out of order, of another key or forged.
 */
#include "tests/support/channel_line.h"

#include "asn1/der_packet.h"
#include "tests/support/der_samples.h"
#include "tests/support/suite.h"

/* Which of the two reasons a change of what is protected has. */
static enum status changed(const struct line *line)
{
	return line->private ? KRB_AP_ERR_BAD_INTEGRITY : KRB_AP_ERR_MODIFIED;
}

static const char *changed_text(const struct line *line)
{
	return line->private ? "has been changed, or is of another key" : "does not match";
}

/* ---- what does not ---- */

static bool is_within(size_t at, struct slice part, const struct buffer *whole)
{
	return whole->data + at >= part.data && whole->data + at < part.data + part.len;
}

/* The one status that a change of this octet may have; 0: it is one of the message's form. */
static enum status expected_of_change(
	const struct line *line, const struct buffer *message, size_t at)
{
	struct krb_safe safe;
	struct krb_priv priv;
	if (line->private) {
		assert_int_equal(
			der_read_krb_priv(buffer_slice(message), &priv, &(struct error){0}),
			STATUS_OK);
		return is_within(at, priv.enc_part.cipher, message) ? KRB_AP_ERR_BAD_INTEGRITY : 0;
	}
	assert_int_equal(
		der_read_krb_safe(buffer_slice(message), &safe, &(struct error){0}), STATUS_OK);
	return is_within(at, safe.body.user_data, message) ||
			       is_within(at, safe.body.sender.address, message) ||
			       is_within(at, safe.checksum.value, message)
		       ? KRB_AP_ERR_MODIFIED
		       : 0;
}

/* What may be wrong where tags, lengths, constants and types were changed. */
static bool is_formal(enum status status)
{
	static const enum status formal[] = {ERR_SYNTAX, KRB_AP_ERR_MSG_TYPE, KRB_AP_ERR_BADVERSION,
		KRB_AP_ERR_INAPP_CKSUM, KRB_AP_ERR_BAD_INTEGRITY, KRB_AP_ERR_MODIFIED};
	for (size_t i = 0; i < COUNT_OF(formal); i++)
		if (status == formal[i])
			return true;
	return false;
}

static void check_flip(struct line *line, struct buffer *message, size_t at, unsigned bit)
{
	enum status expected = expected_of_change(line, message, at);
	message->data[at] ^= (unsigned char)(1U << bit);
	enum status status = read_into_got(line, &line->server, buffer_slice(message));
	message->data[at] ^= (unsigned char)(1U << bit);
	if (expected ? status != expected : !is_formal(status))
		fail_msg("bit %u of octet %zu changed: %d, not %d: %s", bit, at, status, expected,
			status ? line->err.text : "taken");
	assert_int_equal(line->got.len, 0);
	assert_true(line->err.text[0] != '\0');
}

static void every_changed_bit_is_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER message = {0};
	make(&line, &line.client, data_of(40), &message);
	for (size_t at = 0; at < message.len; at++)
		for (unsigned bit = 0; bit < 8; bit++)
			check_flip(&line, &message, at, bit);
	assert_int_equal(line.server.receive_seq, 1000);
	expect(&line, &line.server, buffer_slice(&message), data_of(40));
	line_close(&line);
}

static void every_shortened_message_is_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER message = {0};
	make(&line, &line.client, data_of(40), &message);
	expect_refusal(&line, &line.server, SLICE_EMPTY, KRB_AP_ERR_MSG_TYPE,
		"what came is no Kerberos message");
	for (size_t len = 1; len < message.len; len++)
		expect_refusal(
			&line, &line.server, slice_of(message.data, len), ERR_SYNTAX, " octet ");
	for (size_t start = 1; start < message.len; start++) {
		struct slice rest = slice_of(message.data + start, message.len - start);
		if (!is_formal(read_into_got(&line, &line.server, rest)))
			fail_msg("from octet %zu: %s", start, line.err.text);
	}
	expect(&line, &line.server, buffer_slice(&message), data_of(40));
	line_close(&line);
}

static void octets_after_the_message_are_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER message = {0};
	make(&line, &line.client, data_of(40), &message);
	size_t len = message.len;
	assert_int_equal(buffer_append(&message, SLICE_LITERAL("\0")), STATUS_OK);
	expect_refusal(&line, &line.server, buffer_slice(&message), ERR_SYNTAX, "after");
	expect(&line, &line.server, slice_of(message.data, len), data_of(40));
	line_close(&line);
}

static void a_message_is_taken_once(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER message = {0};
	make(&line, &line.client, data_of(40), &message);
	expect(&line, &line.server, buffer_slice(&message), data_of(40));
	expect_refusal(&line, &line.server, buffer_slice(&message), KRB_AP_ERR_BADORDER,
		"a message with sequence number 1000 came where 1001 is due");
	line_close(&line);
}

static void messages_are_taken_in_order(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER first = {0};
	AUTO_BUFFER second = {0};
	make(&line, &line.client, data_of(1), &first);
	make(&line, &line.client, data_of(2), &second);
	expect_refusal(&line, &line.server, buffer_slice(&second), KRB_AP_ERR_BADORDER,
		"a message with sequence number 1001 came where 1000 is due");
	expect(&line, &line.server, buffer_slice(&first), data_of(1));
	expect(&line, &line.server, buffer_slice(&second), data_of(2));
	line_close(&line);
}

/* The sequence number would be right. */
static void a_reflected_message_is_refused(void **state)
{
	struct line line;
	line_open_at(&line, *state, 7, 7);
	AUTO_BUFFER up = {0};
	AUTO_BUFFER down = {0};
	make(&line, &line.client, data_of(40), &up);
	line.client.receive_seq = 7;
	expect_refusal(&line, &line.client, buffer_slice(&up), KRB_AP_ERR_BADADDR, "reflected");
	make(&line, &line.server, data_of(40), &down);
	expect_refusal(&line, &line.server, buffer_slice(&down), KRB_AP_ERR_BADADDR, "reflected");
	line_close(&line);
}

static void two_clients_do_not_understand_each_other(void **state)
{
	struct line line;
	line_open_at(&line, *state, 7, 7);
	line.server.is_initiator = true;
	AUTO_BUFFER message = {0};
	make(&line, &line.client, data_of(40), &message);
	expect_refusal(
		&line, &line.server, buffer_slice(&message), KRB_AP_ERR_BADADDR, "reflected");
	line_close(&line);
}

static void the_other_kind_is_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	AUTO_BUFFER message = {0};
	const struct slice data = data_of(40);
	assert_int_equal(line.other->make(&line.client, &data, 1, &message, &line.err), STATUS_OK);
	expect_refusal(&line, &line.server, buffer_slice(&message), KRB_AP_ERR_MSG_TYPE,
		line.private ? "a message of type 20 came where the layer has KRB-PRIV (21)"
			     : "a message of type 21 came where the layer has KRB-SAFE (20)");
	line_close(&line);
}

static void something_else_is_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	expect_refusal(&line, &line.server, SLICE_LITERAL("a001 LOGOUT\r\n"), KRB_AP_ERR_MSG_TYPE,
		"a message of type 1 came where the layer has");
	expect_refusal(&line, &line.server, SLICE_LITERAL("\x30\x00"), KRB_AP_ERR_MSG_TYPE,
		"what came is no Kerberos message; the layer has");
	line_close(&line);
}

static void another_key_is_refused(void **state)
{
	const struct kind *kind = *state;
	struct line line;
	line_open(&line, kind);
	key_release(line.client.key);
	line.client.key = exchange_key(kind->enctype, 'x');
	AUTO_BUFFER message = {0};
	make(&line, &line.client, data_of(40), &message);
	expect_refusal(
		&line, &line.server, buffer_slice(&message), changed(&line), changed_text(&line));
	line_close(&line);
}

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
		AUTO_BUFFER message = {0};
		make(&line, &line.client, data_of(40), &message);
		if (line.private)
			expect_refusal(&line, &line.server, buffer_slice(&message),
				KRB_AP_ERR_BAD_INTEGRITY, "the layer's key is of type");
		else
			expect_refusal(&line, &line.server, buffer_slice(&message),
				KRB_AP_ERR_INAPP_CKSUM, "a checksum of type");
	}
	line_close(&line);
}

/* ---- messages that another implementation could make ---- */

#define DIRECTIONAL(octet)                                                                         \
	SEQUENCE(FIELD(0, INTEGER(3)), FIELD(1, MAKE(0x04, BYTES(0, 0, 0, octet))))
#define DATA FIELD(0, OCTETS("data"))
#define SEQ FIELD(3, INTEGER(3, 0xe8)) /* 1000 */
#define FROM_CLIENT FIELD(4, DIRECTIONAL(0))

static struct slice forged_safe(const struct channel *from, struct slice body)
{
	unsigned char sum[CHECKSUM_MAX_LENGTH];
	const struct enctype *type = key_type(from->key);
	assert_int_equal(key_checksum(from->key, USAGE_KRB_SAFE, (struct pieces){&body, 1}, sum,
				 &(struct error){0}),
		STATUS_OK);
	return APPLICATION(20,
		SEQUENCE(FIELD(0, INTEGER(5)), FIELD(1, INTEGER(20)), FIELD(2, body),
			FIELD(3, SEQUENCE(FIELD(0, INTEGER((unsigned char)enctype_checksum_type(
							   type))),
					 FIELD(1, MAKE(0x04, slice_of(sum, enctype_checksum_length(
										   type))))))));
}

static struct slice cipher_of(const struct channel *from, struct slice body)
{
	AUTO_BUFFER cipher = {0};
	const struct slice plain = APPLICATION(28, body);
	assert_int_equal(key_encrypt(from->key, USAGE_KRB_PRIV, plain, &cipher, &(struct error){0}),
		STATUS_OK);
	return MAKE(0x04, sample_copies(buffer_slice(&cipher), 1));
}

static struct slice priv_around(struct slice encrypted)
{
	return APPLICATION(
		21, SEQUENCE(FIELD(0, INTEGER(5)), FIELD(1, INTEGER(21)), FIELD(3, encrypted)));
}

static struct slice etype_of(const struct channel *from)
{
	return INTEGER((unsigned char)enctype_number(key_type(from->key)));
}

/* With this body, rightly protected. */
static struct slice forged(const struct line *line, struct slice body)
{
	const struct channel *from = &line->client;
	if (!line->private)
		return forged_safe(from, body);
	return priv_around(SEQUENCE(FIELD(0, etype_of(from)), FIELD(2, cipher_of(from, body))));
}

static void a_forged_message_can_be_right(void **state)
{
	struct line line;
	line_open(&line, *state);
	struct slice message = forged(&line, SEQUENCE(DATA, SEQ, FROM_CLIENT));
	expect(&line, &line.server, message, SLICE_LITERAL("data"));
	line_close(&line);
}

static void a_sequence_number_may_be_encoded_as_negative(void **state)
{
	struct line line;
	line_open_at(&line, *state, 0xffffff80, 1);
	struct slice body = SEQUENCE(DATA, FIELD(3, INTEGER(0x80)), FROM_CLIENT);
	expect(&line, &line.server, forged(&line, body), SLICE_LITERAL("data"));
	line_close(&line);
}

static void fields_that_a_stream_needs_not_are_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	const struct slice stamp = FIELD(1, TIME("20260131102030Z")), usec = FIELD(2, INTEGER(1));
	const struct slice receiver = FIELD(5, DIRECTIONAL(1));
	const struct {
		struct slice body;
		const char *text;
	} row[] = {
		{SEQUENCE(DATA, stamp, usec, SEQ, FROM_CLIENT), "timestamp: present, in a message"},
		{SEQUENCE(DATA, stamp, SEQ, FROM_CLIENT), "timestamp: present, in a message"},
		{SEQUENCE(DATA, usec, SEQ, FROM_CLIENT), "usec: present, in a message"},
		{SEQUENCE(DATA, SEQ, FROM_CLIENT, receiver), "r-address: present, in a message"},
		{SEQUENCE(DATA, FROM_CLIENT), "seq-number: missing"},
		{SEQUENCE(DATA, SEQ), "s-address: missing"},
		{SEQUENCE(SEQ, FROM_CLIENT), "user-data: missing"},
	};
	for (size_t i = 0; i < COUNT_OF(row); i++)
		expect_refusal(
			&line, &line.server, forged(&line, row[i].body), ERR_SYNTAX, row[i].text);
	line_close(&line);
}

static void other_addresses_are_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	const struct slice four = MAKE(0x04, BYTES(0, 0, 0, 0));
	const struct slice addresses[] = {
		DIRECTIONAL(1),
		DIRECTIONAL(2),
		SEQUENCE(FIELD(0, INTEGER(2)), FIELD(1, four)),
		SEQUENCE(FIELD(0, INTEGER(3)), FIELD(1, MAKE(0x04, BYTES(0, 0, 0)))),
		SEQUENCE(FIELD(0, INTEGER(3)), FIELD(1, MAKE(0x04, BYTES(0, 0, 0, 0, 0)))),
		SEQUENCE(FIELD(0, INTEGER(3)), FIELD(1, OCTETS(""))),
	};
	for (size_t i = 0; i < COUNT_OF(addresses); i++)
		expect_refusal(&line, &line.server,
			forged(&line, SEQUENCE(DATA, SEQ, FIELD(4, addresses[i]))),
			KRB_AP_ERR_BADADDR, "reflected");
	line_close(&line);
}

static void a_key_version_is_refused(void **state)
{
	const struct kind *kind = *state;
	if (!kind->private)
		return; /* has none */
	struct line line;
	line_open(&line, kind);
	struct slice cipher = cipher_of(&line.client, SEQUENCE(DATA, SEQ, FROM_CLIENT));
	expect_refusal(&line, &line.server,
		priv_around(SEQUENCE(
			FIELD(0, etype_of(&line.client)), FIELD(1, INTEGER(1)), FIELD(2, cipher))),
		ERR_SYNTAX, "kvno");
	line_close(&line);
}

/* Rightly made, for another purpose. */
static void another_key_usage_is_refused(void **state)
{
	struct line line;
	line_open(&line, *state);
	const struct enctype *type = key_type(line.client.key);
	const struct slice body = SEQUENCE(DATA, SEQ, FROM_CLIENT), plain = APPLICATION(28, body);
	AUTO_BUFFER cipher = {0};
	unsigned char sum[CHECKSUM_MAX_LENGTH];
	assert_int_equal(
		key_encrypt(line.client.key, USAGE_AP_REP, plain, &cipher, &(struct error){0}),
		STATUS_OK);
	assert_int_equal(key_checksum(line.client.key, USAGE_KRB_PRIV, (struct pieces){&body, 1},
				 sum, &(struct error){0}),
		STATUS_OK);
	AUTO_BUFFER message = {0};
	if (line.private) {
		const struct krb_priv priv = {
			{.etype = enctype_number(type), .cipher = buffer_slice(&cipher)}};
		assert_int_equal(
			der_write_krb_priv(&priv, &message, &(struct error){0}), STATUS_OK);
	} else {
		const struct slice data = SLICE_LITERAL("data");
		struct slice where;
		const struct krb_safe safe = {
			.body = {.pieces = &data,
				.piece_count = 1,
				.seq_number = 1000,
				.sender = {ADDRESS_DIRECTIONAL, SLICE_LITERAL("\0\0\0\0")}},
			.checksum = {enctype_checksum_type(type),
				slice_of(sum, enctype_checksum_length(type))},
		};
		assert_int_equal(
			der_write_krb_safe(&safe, &where, &message, &(struct error){0}), STATUS_OK);
		assert_true(slice_equal(where, body));
	}
	expect_refusal(
		&line, &line.server, buffer_slice(&message), changed(&line), changed_text(&line));
	line_close(&line);
}

static const struct channel_case cases[] = {
	CASE(every_changed_bit_is_refused),
	CASE(every_shortened_message_is_refused),
	CASE(octets_after_the_message_are_refused),
	CASE(a_message_is_taken_once),
	CASE(messages_are_taken_in_order),
	CASE(a_reflected_message_is_refused),
	CASE(two_clients_do_not_understand_each_other),
	CASE(the_other_kind_is_refused),
	CASE(something_else_is_refused),
	CASE(another_key_is_refused),
	CASE(a_key_of_another_type_is_refused),
	CASE(a_forged_message_can_be_right),
	CASE(a_sequence_number_may_be_encoded_as_negative),
	CASE(fields_that_a_stream_needs_not_are_refused),
	CASE(other_addresses_are_refused),
	CASE(a_key_version_is_refused),
	CASE(another_key_usage_is_refused),
};

SUITE(test_channel_hostile)
{
	static char names[COUNT_OF(cases) * KINDS][NAME_ROOM];
	static struct kind kinds[KINDS];
	static struct CMUnitTest tests[COUNT_OF(cases) * KINDS];
	cmocka_set_message_output(CM_OUTPUT_TAP);
	make_tests(cases, COUNT_OF(cases), &krb_protections, kinds, tests, names);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

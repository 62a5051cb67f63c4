/*
 * KRB-SAFE and KRB-PRIV between two sides, for every encryption type: what
 * goes through, how much of it, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ap/channel.h"
#include "asn1/der_packet.h"
#include "tests/exchange.h"
#include "tests/unit/der_samples.h"
#include "tests/unit/refusal.h"

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

static const int32_t enctypes[] = {ENCTYPE_AES128_SHA1, ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA256,
	ENCTYPE_AES256_SHA384, ENCTYPE_CAMELLIA128, ENCTYPE_CAMELLIA256};
static const struct protection *const protections[] = {&protection_integrity, &protection_privacy};

/* What a case runs with. */
struct kind {
	int32_t enctype;
	const struct protection *protection;
};

/* Both ends, and the storage of the one that reads. */
struct line {
	const struct protection *protection;
	struct channel client, server;
	struct buffer storage, got;
	struct error err;
};

static struct ap_context context_of(int32_t enctype, uint32_t client_seq, uint32_t server_seq)
{
	return (struct ap_context){
		.session_key = exchange_key(enctype, 'k'),
		.has_initiator_seq = true,
		.initiator_seq = client_seq,
		.has_acceptor_seq = true,
		.acceptor_seq = server_seq,
	};
}

static void line_open_at(
	struct line *line, const struct kind *kind, uint32_t client_seq, uint32_t server_seq)
{
	*line = (struct line){.protection = kind->protection};
	AUTO_AP_CONTEXT context = context_of(kind->enctype, client_seq, server_seq);
	assert_int_equal(channel_open(&context, true, &line->client, &line->err), STATUS_OK);
	assert_int_equal(channel_open(&context, false, &line->server, &line->err), STATUS_OK);
}

static void line_open(struct line *line, const struct kind *kind)
{
	line_open_at(line, kind, 1000, 2000);
}

static void line_close(struct line *line)
{
	channel_close(&line->client);
	channel_close(&line->server);
	buffer_free(&line->storage);
	buffer_free(&line->got);
}

static void make_pieces(struct line *line, struct channel *from, const struct slice *pieces,
	size_t count, struct buffer *out)
{
	if (line->protection->make(from, pieces, count, out, &line->err))
		fail_msg("%s", line->err.text);
}

static void make(struct line *line, struct channel *from, struct slice data, struct buffer *out)
{
	make_pieces(line, from, &data, 1, out);
}

static enum status read_into_got(struct line *line, struct channel *to, struct slice message)
{
	buffer_clear(&line->got);
	line->err = (struct error){0};
	return line->protection->read(to, message, &line->storage, &line->got, &line->err);
}

static void expect(struct line *line, struct channel *to, struct slice message, struct slice data)
{
	if (read_into_got(line, to, message))
		fail_msg("%s", line->err.text);
	assert_int_equal(line->got.len, data.len);
	assert_true(slice_equal(buffer_slice(&line->got), data));
}

static void check_status(
	enum status status, const struct error *err, enum status expected, const char *text)
{
	if (status != expected)
		fail_msg("%d, expected %d: %s", status, expected, status ? err->text : "success");
	assert_in(err->text, text);
}

/* Refused for this reason; the channel and what was read before are as they were. */
static void expect_refusal(struct line *line, struct channel *to, struct slice message,
	enum status status, const char *text)
{
	const struct channel before = *to;
	check_status(read_into_got(line, to, message), &line->err, status, text);
	assert_int_equal(line->got.len, 0);
	assert_memory_equal(to, &before, sizeof before);
}

static unsigned char pattern[200000];

static struct slice data_of(size_t len)
{
	for (size_t i = 0; i < sizeof pattern && pattern[1] == 0; i++)
		pattern[i] = (unsigned char)(i * 7 + i / 251);
	assert_in_range(len, 0, sizeof pattern);
	return slice_of(pattern, len);
}

/* Which of the two reasons a change of what is protected has. */
static enum status changed(const struct line *line)
{
	return line->protection == &protection_privacy ? KRB_AP_ERR_BAD_INTEGRITY
						       : KRB_AP_ERR_MODIFIED;
}

static const char *changed_text(const struct line *line)
{
	return line->protection == &protection_privacy ? "has been changed, or is of another key"
						       : "does not match";
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
	assert_int_equal(is_there, line.protection == &protection_integrity);
	line_close(&line);
}

static void sequence_numbers_wrap(void **state)
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
	assert_int_equal(line.client.send_seq, 3);
	assert_int_equal(line.server.receive_seq, 3);
	assert_int_equal(line.server.send_seq, 4);
	assert_int_equal(line.client.receive_seq, 4);
	line_close(&line);
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
	if (line->protection == &protection_privacy) {
		assert_int_equal(der_read_krb_priv(buffer_slice(message), &priv, NULL), STATUS_OK);
		return is_within(at, priv.enc_part.cipher, message) ? KRB_AP_ERR_BAD_INTEGRITY : 0;
	}
	assert_int_equal(der_read_krb_safe(buffer_slice(message), &safe, NULL), STATUS_OK);
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
	bool private = line.protection == &protection_privacy;
	const struct protection *other = private ? &protection_integrity : &protection_privacy;
	assert_int_equal(other->make(&line.client, &data, 1, &message, &line.err), STATUS_OK);
	expect_refusal(&line, &line.server, buffer_slice(&message), KRB_AP_ERR_MSG_TYPE,
		private ? "a message of type 20 came where the layer has KRB-PRIV (21)"
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
		if (enctypes[i] == kind->enctype)
			continue;
		key_release(line.client.key);
		line.client.key = exchange_key(enctypes[i], 'k');
		AUTO_BUFFER message = {0};
		make(&line, &line.client, data_of(40), &message);
		if (line.protection == &protection_privacy)
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
	assert_int_equal(key_checksum(from->key, USAGE_KRB_SAFE, &body, 1, sum, NULL), STATUS_OK);
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
	assert_int_equal(key_encrypt(from->key, USAGE_KRB_PRIV, plain, &cipher, NULL), STATUS_OK);
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
	if (line->protection == &protection_integrity)
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
		{SEQUENCE(DATA, stamp, usec, SEQ, FROM_CLIENT), "[1] is in its place"},
		{SEQUENCE(DATA, stamp, SEQ, FROM_CLIENT), "[1] is in its place"},
		{SEQUENCE(DATA, usec, SEQ, FROM_CLIENT), "[2] is in its place"},
		{SEQUENCE(DATA, SEQ, FROM_CLIENT, receiver), "a field too many, [5]"},
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
	if (kind->protection == &protection_integrity)
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
		key_encrypt(line.client.key, USAGE_AP_REP, plain, &cipher, NULL), STATUS_OK);
	assert_int_equal(
		key_checksum(line.client.key, USAGE_KRB_PRIV, &body, 1, sum, NULL), STATUS_OK);
	AUTO_BUFFER message = {0};
	if (line.protection == &protection_privacy) {
		const struct krb_priv priv = {
			{.etype = enctype_number(type), .cipher = buffer_slice(&cipher)}};
		assert_int_equal(der_write_krb_priv(&priv, &message, NULL), STATUS_OK);
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
		assert_int_equal(der_write_krb_safe(&safe, &where, &message, NULL), STATUS_OK);
		assert_true(slice_equal(where, body));
	}
	expect_refusal(
		&line, &line.server, buffer_slice(&message), changed(&line), changed_text(&line));
	line_close(&line);
}

/* ---- how much fits ---- */

/* The length of an element around so much, by X.690 section 8.1.3. */
static size_t element(size_t content)
{
	size_t octets = 1;
	if (content > 0x7f)
		for (size_t rest = content; rest > 0; rest >>= 8)
			octets++;
	return 1 + octets + content;
}

/* In a field of a number, under its own tag. */
static size_t field(size_t content)
{
	return element(element(content));
}

/* The whole message with so much data, and a sequence number of so many octets. */
static size_t message_length(const struct kind *kind, size_t data, size_t seq_octets)
{
	const struct enctype *type = enctype_by_number(kind->enctype, NULL);
	size_t address = element(element(field(1) + field(4)));
	size_t body = element(field(data) + field(seq_octets) + address);
	size_t constants = field(1) + field(1);
	if (kind->protection == &protection_privacy) {
		size_t cipher = element(body) + enctype_overhead(type);
		return element(element(constants + element(element(field(1) + field(cipher)))));
	}
	size_t checksum = element(field(1) + field(enctype_checksum_length(type)));
	return element(element(constants + element(body) + element(checksum)));
}

static void the_length_of_a_message_is_what_one_would_think(void **state)
{
	static const uint32_t numbers[] = {
		0, 127, 128, 32767, 32768, 8388607, 8388608, 0x7fffffff, 0x80000000, 0xfffffffe};
	static const size_t octets[] = {1, 1, 2, 2, 3, 3, 4, 4, 5, 5};
	struct line line;
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		line_open_at(&line, *state, numbers[i], numbers[i]);
		for (size_t len = 0; len < 300; len += len < 60 ? 1 : 13) {
			AUTO_BUFFER message = {0};
			line.client.send_seq = numbers[i];
			make(&line, &line.client, data_of(len), &message);
			assert_int_equal(message.len, message_length(*state, len, octets[i]));
		}
		line_close(&line);
	}
}

static void check_room(const struct kind *kind, size_t limit)
{
	const struct enctype *type = enctype_by_number(kind->enctype, NULL);
	size_t room = kind->protection->room(type, limit);
	size_t least = limit < CHANNEL_MAX_MESSAGE ? limit : CHANNEL_MAX_MESSAGE;
	for (size_t octets = 1; room > 0 && octets <= 5; octets++)
		if (message_length(kind, room, octets) > least)
			fail_msg("limit %zu: %zu octets do not fit", limit, room);
	if (message_length(kind, room + 1, 5) <= least)
		fail_msg("limit %zu: more than %zu octets fit", limit, room);
}

static void the_room_for_data_is_exact(void **state)
{
	static const size_t around[] = {512, 1000, 4096, 65535, 65536, 65700, 100000, 1 << 24,
		(1 << 24) + 150, CHANNEL_MAX_MESSAGE, INT32_MAX, UINT32_MAX};
	for (size_t limit = 0; limit <= 400; limit++)
		check_room(*state, limit);
	for (size_t i = 0; i < COUNT_OF(around); i++)
		for (size_t limit = around[i] - 20; limit <= around[i] + 150; limit++)
			check_room(*state, limit);
}

static void what_has_room_can_be_made(void **state)
{
	const struct kind *kind = *state;
	const struct enctype *type = enctype_by_number(kind->enctype, NULL);
	struct line line;
	line_open_at(&line, kind, UINT32_MAX, UINT32_MAX);
	for (size_t limit = 100; limit < 70000; limit += limit < 400 ? 1 : 9973) {
		AUTO_BUFFER message = {0};
		size_t room = kind->protection->room(type, limit);
		line.client.send_seq = UINT32_MAX;
		make(&line, &line.client, data_of(room), &message);
		assert_true(room == 0 || message.len <= limit);
		line.server.receive_seq = UINT32_MAX;
		expect(&line, &line.server, buffer_slice(&message), data_of(room));
		buffer_clear(&message);
		line.client.send_seq = UINT32_MAX;
		make(&line, &line.client, data_of(room + 1), &message);
		assert_true(message.len > limit);
	}
	line_close(&line);
}

static void what_is_too_much_is_refused_before_it_is_looked_at(void **state)
{
	struct line line;
	line_open(&line, *state);
	const struct slice pieces[] = {
		SLICE_LITERAL("x"), {pattern, CHANNEL_MAX_MESSAGE}, {pattern, SIZE_MAX}};
	AUTO_BUFFER message = {0};
	for (size_t i = 0; i < 2; i++) {
		enum status status =
			line.protection->make(&line.client, pieces + i, 2, &message, &line.err);
		check_status(status, &line.err, ERR_SYNTAX,
			"a message of more than 1073741824 octets cannot be protected");
	}
	assert_null(message.data);
	assert_int_equal(line.client.send_seq, 1000);
	line_close(&line);
}

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

/* Each for every encryption type and both kinds of message. */
static const struct {
	const char *name;
	CMUnitTestFunction function;
} cases[] = {
#define CASE(function)                                                                             \
	{                                                                                          \
#function, function                                                                \
	}
	CASE(every_size_goes_through),
	CASE(many_pieces_are_one_message),
	CASE(both_directions_at_once),
	CASE(what_is_read_is_appended),
	CASE(only_privacy_hides_the_data),
	CASE(sequence_numbers_wrap),
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
	CASE(the_length_of_a_message_is_what_one_would_think),
	CASE(the_room_for_data_is_exact),
	CASE(what_has_room_can_be_made),
	CASE(what_is_too_much_is_refused_before_it_is_looked_at),
};

enum { KINDS = 2 * COUNT_OF(enctypes) };

static int close_definitions(void **state)
{
	(void)state;
	der_close();
	crypto_close();
	return 0;
}

int main(void)
{
	static struct kind kinds[KINDS];
	static char names[COUNT_OF(cases) * KINDS][120];
	static struct CMUnitTest tests[COUNT_OF(cases) * KINDS + 3] = {
		cmocka_unit_test(both_sequence_numbers_are_needed),
		cmocka_unit_test(the_acceptors_subkey_comes_first),
		cmocka_unit_test(it_begins_where_the_exchange_said),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	for (size_t k = 0; k < KINDS; k++)
		kinds[k] = (struct kind){enctypes[k / 2], protections[k % 2]};
	for (size_t i = 0; i < COUNT_OF(cases) * KINDS; i++) {
		struct kind *kind = &kinds[i % KINDS];
		snprintf(names[i], sizeof names[i], "%s (%s, %s)", cases[i / KINDS].name,
			kind->protection->name, ENCTYPE_TEXT(kind->enctype));
		tests[i + 3] =
			(struct CMUnitTest){names[i], cases[i / KINDS].function, NULL, NULL, kind};
	}
	return cmocka_run_group_tests(tests, NULL, close_definitions);
}

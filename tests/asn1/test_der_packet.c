/* SPDX-License-Identifier: BSD-3-Clause */
/* KRB-SAFE and KRB-PRIV, read; and of many spoilt ones, what libtasn1 says. */
#include "asn1/der_record.h"
#include "tests/support/der_oracle.h"
#include "tests/support/packet_samples.h"
#include "tests/support/suite.h"

/* ---- read ---- */

static void assert_part_refused(struct slice der, enum status code, const char *part)
{
	struct packet_body out;
	memset(&out, 0xee, sizeof out);
	struct error err = {0};
	enum status status = der_read_enc_krb_priv_part(der, &out, &err);
	check_unread(status, &err, code, part, &out, sizeof out);
}

static struct slice body_fields(struct slice data, struct slice seq, struct slice sender)
{
	return SEQUENCE(FIELD(0, data), FIELD(3, seq), FIELD(4, sender));
}

#define DIRECTIONAL SEQUENCE(FIELD(0, INTEGER(3)), FIELD(1, MAKE(0x04, BYTES(0, 0, 0, 1))))
#define A_CHECKSUM SEQUENCE(FIELD(0, INTEGER(16)), FIELD(1, OCTETS("123456789012")))
#define A_BODY body_fields(OCTETS("some data"), INTEGER(77), DIRECTIONAL)

static struct slice safe_of(struct slice version, struct slice type, struct slice body)
{
	return APPLICATION(20,
		SEQUENCE(FIELD(0, version), FIELD(1, type), FIELD(2, body), FIELD(3, A_CHECKSUM)));
}

static struct slice priv_of(struct slice version, struct slice type, struct slice encrypted)
{
	return APPLICATION(21, SEQUENCE(FIELD(0, version), FIELD(1, type), FIELD(3, encrypted)));
}

static void check_body(const struct packet_body *body, uint32_t seq_number)
{
	assert_slice(body->user_data, "some data");
	assert_int_equal(body->seq_number, seq_number);
	assert_int_equal(body->sender.type, ADDRESS_DIRECTIONAL);
	assert_slice(body->sender.address, "\0\0\0\1");
}

static void every_field_is_read(void **state UNUSED)
{
	struct krb_safe safe;
	assert_reads(krb_safe, safe_of(VERSION, INTEGER(20), A_BODY), &safe);
	check_body(&safe.body, 77);
	assert_int_equal(safe.checksum.type, 16);
	assert_slice(safe.checksum.value, "123456789012");
	assert_true(slice_equal(safe.body_der, A_BODY));

	struct krb_priv priv;
	assert_reads(krb_priv, priv_of(VERSION, INTEGER(21), ENCRYPTED), &priv);
	assert_int_equal(priv.enc_part.etype, 18);
	assert_false(priv.enc_part.has_kvno);
	assert_slice(priv.enc_part.cipher, "cipher");

	struct packet_body body;
	assert_reads(enc_krb_priv_part, APPLICATION(28, A_BODY), &body);
	check_body(&body, 77);
}

/* Deployed peers encode one of 2^31 or more as an Int32. */
static void a_negative_sequence_number_is_one_modulo_2_32(void **state UNUSED)
{
	struct packet_body body;
	const struct slice fields =
		body_fields(OCTETS("some data"), INTEGER(0xff, 0x7f), DIRECTIONAL);
	assert_reads(enc_krb_priv_part, APPLICATION(28, fields), &body);
	check_body(&body, 0xffffff7f);
}

static void packets_may_be_long(void **state UNUSED)
{
	AUTO_BUFFER out = {0};
	const struct slice data = sample_repeat('d', 4 * DER_MAX_TOKEN);
	const struct krb_safe safe = {.body = body_of(&data, 9), .checksum = {16, LITERAL("sum")}};
	struct slice body;
	write_safe(&safe, &body, &out);
	assert_true(out.len > DER_MAX_TOKEN);
	struct krb_safe back;
	assert_reads(krb_safe, buffer_slice(&out), &back);
	assert_true(slice_equal(back.body.user_data, data));
}

/* The published vectors have them, or have no sequence number. */
#define DER_DATA "\xA0\x0A\x04\x08\x6B\x72\x62\x35\x64\x61\x74\x61"
#define DER_STAMPED                                                                                \
	"\x30\x4D" DER_DATA "\xA1\x11" DER_TIME "\xA2\x05" DER_USEC                                \
	"\xA3\x03\x02\x01\x11\xA4\x0F" DER_ADDRESS "\xA5\x0F" DER_ADDRESS
#define DER_SHORT "\x30\x1D" DER_DATA "\xA4\x0F" DER_ADDRESS
#define DER_SAFE_HEAD "\xA0\x03\x02\x01\x05\xA1\x03\x02\x01\x14"

static void what_other_applications_send_is_refused(void **state UNUSED)
{
	assert_refused(krb_safe,
		SLICE_LITERAL("\x74\x6E\x30\x6C" DER_SAFE_HEAD "\xA2\x4F" DER_STAMPED
			      "\xA3\x0F" DER_CHECKSUM),
		ERR_SYNTAX,
		"KRB-SAFE: safe-body: timestamp: present, in a message that may not have it");
	assert_refused(krb_safe,
		SLICE_LITERAL("\x74\x3E\x30\x3C" DER_SAFE_HEAD "\xA2\x1F" DER_SHORT
			      "\xA3\x0F" DER_CHECKSUM),
		ERR_SYNTAX, "KRB-SAFE: safe-body: seq-number: missing, [4] is in its place");
	assert_part_refused(SLICE_LITERAL("\x7C\x4F" DER_STAMPED), ERR_SYNTAX,
		"EncKrbPrivPart: timestamp: present, in a message that may not have it");
	assert_part_refused(SLICE_LITERAL("\x7C\x1F" DER_SHORT), ERR_SYNTAX,
		"EncKrbPrivPart: seq-number: missing, [4] is in its place");
	struct krb_priv priv;
	assert_reads(krb_priv,
		SLICE_LITERAL("\x75\x33\x30\x31\xA0\x03\x02\x01\x05\xA1\x03\x02\x01\x15"
			      "\xA3\x25" DER_ENCRYPTED),
		&priv);
	assert_true(priv.enc_part.has_kvno);
	assert_int_equal(priv.enc_part.kvno, 5);
	assert_slice(priv.enc_part.cipher, "krbASN.1 test message");
}

static void other_fields_are_refused(void **state UNUSED)
{
	const struct slice data = FIELD(0, OCTETS("d")), seq = FIELD(3, INTEGER(1));
	const struct slice sender = FIELD(4, DIRECTIONAL);
	const struct slice stamp = FIELD(1, NOW), usec = FIELD(2, INTEGER(1));
	const struct slice receiver = FIELD(5, DIRECTIONAL);
	const struct {
		struct slice fields;
		const char *text;
	} row[] = {
		{SEQUENCE(data, stamp, usec, seq, sender), "timestamp: present, in a message"},
		{SEQUENCE(data, usec, seq, sender), "usec: present, in a message"},
		{SEQUENCE(data, seq, sender, receiver), "r-address: present, in a message"},
		{SEQUENCE(data, seq, sender, FIELD(6, INTEGER(1))), "a field too many, [6]"},
		{SEQUENCE(seq, sender), "user-data: missing, [3]"},
		{SEQUENCE(data, sender), "seq-number: missing, [4]"},
		{SEQUENCE(data, seq), "s-address: missing"},
		{SEQUENCE(data, data, seq, sender), "there twice or out of order"},
		{SEQUENCE(sender, seq, data), "user-data: missing, [4]"},
		{SEQUENCE(data, sender, seq), "seq-number: missing, [4]"},
		{SEQUENCE(data, seq, sender, seq), "there twice or out of order"},
		{SEQUENCE(NOTHING), "user-data: missing"},
	};
	for (size_t i = 0; i < COUNT_OF(row); i++) {
		assert_part_refused(APPLICATION(28, row[i].fields), ERR_SYNTAX, row[i].text);
		assert_refused(krb_safe, safe_of(VERSION, INTEGER(20), row[i].fields), ERR_SYNTAX,
			row[i].text);
	}
}

static void other_versions_and_types_are_refused(void **state UNUSED)
{
	assert_refused(krb_safe, safe_of(INTEGER(4), INTEGER(20), A_BODY), KRB_AP_ERR_BADVERSION,
		"KRB-SAFE: pvno: 4, where 5 is expected");
	assert_refused(krb_safe, safe_of(VERSION, INTEGER(21), A_BODY), KRB_AP_ERR_MSG_TYPE,
		"KRB-SAFE: msg-type: 21, where 20 is expected");
	assert_refused(krb_priv, priv_of(VERSION, INTEGER(20), ENCRYPTED), KRB_AP_ERR_MSG_TYPE,
		"KRB-PRIV: msg-type: 20, where 21 is expected");
	assert_refused(krb_priv, safe_of(VERSION, INTEGER(20), A_BODY), KRB_AP_ERR_MSG_TYPE,
		"KRB-PRIV: a message of type 20, where 21 is expected");
	assert_refused(krb_safe, priv_of(VERSION, INTEGER(21), ENCRYPTED), KRB_AP_ERR_MSG_TYPE,
		"KRB-SAFE: a message of type 21, where 20 is expected");
	assert_part_refused(APPLICATION(27, A_BODY), ERR_SYNTAX,
		"EncKrbPrivPart: not of the type that it should be");
	assert_part_refused(A_BODY, ERR_SYNTAX, "not of the type");
}

static void values_of_other_types_are_refused(void **state UNUSED)
{
	assert_part_refused(APPLICATION(28, body_fields(STRING("data"), INTEGER(1), DIRECTIONAL)),
		ERR_SYNTAX, "user-data: not of the type");
	assert_part_refused(APPLICATION(28, body_fields(OCTETS("data"), OCTETS("1"), DIRECTIONAL)),
		ERR_SYNTAX, "seq-number: not of the type");
	assert_part_refused(
		APPLICATION(28, body_fields(OCTETS("data"), INTEGER(1, 0, 0, 0, 0), DIRECTIONAL)),
		ERR_SYNTAX, "seq-number: 4294967296, where");
	assert_part_refused(APPLICATION(28, body_fields(OCTETS("data"), INTEGER(1), OCTETS("1"))),
		ERR_SYNTAX, "s-address: not of the type");
	assert_refused(krb_safe, SLICE_EMPTY, ERR_SYNTAX, "an empty message");
	assert_refused(krb_priv, SLICE_LITERAL("hello, what is this?"), ERR_SYNTAX, "KRB-PRIV: ");
}

/* ---- whatever is taken is as defined ---- */

struct tally {
	unsigned taken, refused;
};

static void try_spoilt(struct der_record *record, struct slice der, struct tally *tally)
{
	static _Alignas(16) unsigned char out[sizeof(struct krb_safe)];
	assert_in_range(record->size, 1, sizeof out);
	if (der_read(record, der, out, &(struct error){0})) {
		tally->refused++;
		return;
	}
	tally->taken++;
	const char *wrong = oracle_check_read(record, der, out);
	if (wrong)
		fail_msg("%s: taken, but: %s", record->type, wrong);
}

/*
 * Every octet with another value (all of them where `step` is 1); left out;
 * said twice, or with another one before it; and the message that ends before
 * it.
 */
static struct tally mutate(struct der_record *record, struct slice sample, unsigned step)
{
	struct tally tally = {0};
	unsigned char copy[400];
	assert_uint_in_range(sample.len, 1, sizeof copy - 1);
	try_spoilt(record, sample, &tally);
	assert_int_equal(tally.taken, 1);
	for (size_t at = 0; at < sample.len; at++) {
		size_t after = sample.len - at;
		memcpy(copy, sample.data, sample.len);
		for (unsigned value = 1; value < 256; value += step) {
			copy[at] = (unsigned char)(sample.data[at] ^ value);
			try_spoilt(record, slice_of(copy, sample.len), &tally);
		}
		memcpy(copy + at, sample.data + at + 1, after - 1);
		try_spoilt(record, slice_of(copy, sample.len - 1), &tally);
		try_spoilt(record, slice_of(sample.data, at), &tally);
		memcpy(copy + at + 1, sample.data + at, after);
		for (unsigned value = 0; value < 256; value += at % 7 + 1) {
			copy[at] = (unsigned char)value;
			try_spoilt(record, slice_of(copy, sample.len + 1), &tally);
		}
	}
	return tally;
}

/* Values may change, and structure may not: most of the octets here are values. */
static void check_mutations(struct der_record *record, struct slice sample, unsigned step)
{
	struct tally tally = mutate(record, sample, step);
	if (tally.taken < 300 || tally.refused < 1000)
		fail_msg("%s: %u taken, %u refused", record->type, tally.taken, tally.refused);
}

static void whatever_is_taken_is_as_defined(void **state UNUSED)
{
	const struct slice data = SLICE_LITERAL("data"), longer = sample_repeat('d', 120);
	const struct packet_body body = body_of(&data, UINT32_MAX), long_body = body_of(&longer, 1);
	const struct krb_safe safe = {body, .checksum = {-138, LITERAL("sum")}};
	struct slice where;
	AUTO_BUFFER out = {0};
	write_safe(&safe, &where, &out);
	check_mutations(&der_krb_safe, buffer_slice(&out), 1);
	buffer_clear(&out);
	write_part(&body, &out);
	check_mutations(&der_enc_krb_priv_part, buffer_slice(&out), 1);
	buffer_clear(&out);
	write_part(&long_body, &out);
	check_mutations(&der_enc_krb_priv_part, buffer_slice(&out), 15);
	check_mutations(&der_krb_safe, safe_of(VERSION, INTEGER(20), A_BODY), 15);
	check_mutations(&der_krb_priv, priv_of(VERSION, INTEGER(21), ENCRYPTED), 1);
	check_mutations(&der_krb_priv,
		priv_of(VERSION, INTEGER(21), encrypted_of(INTEGER(18), INTEGER(0, 0x80))), 1);
}

SUITE(test_der_packet)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_read),
		cmocka_unit_test(a_negative_sequence_number_is_one_modulo_2_32),
		cmocka_unit_test(packets_may_be_long),
		cmocka_unit_test(what_other_applications_send_is_refused),
		cmocka_unit_test(other_fields_are_refused),
		cmocka_unit_test(other_versions_and_types_are_refused),
		cmocka_unit_test(values_of_other_types_are_refused),
		cmocka_unit_test(whatever_is_taken_is_as_defined),
	};
	return cmocka_run_group_tests(tests, open_all, close_all);
}

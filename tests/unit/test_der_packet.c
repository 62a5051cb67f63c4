/*
 * KRB-SAFE and KRB-PRIV: written, they are what libtasn1 makes of the
 * definitions in kerberos5.asn; read, they are held against our tables alone,
 * so that here whatever is taken is held against the definitions too.
 */
#include "tests/unit/der_reading.h"

#include <libtasn1.h>
#include <stdio.h>

#include "asn1/der_packet.h"
#include "asn1/der_walk.h"

extern const asn1_static_node kerberos5_asn1[];

static asn1_node definitions;

static int open_all(void **state UNUSED)
{
	return asn1_array2tree(kerberos5_asn1, &definitions, NULL);
}

static int close_all(void **state)
{
	asn1_delete_structure(&definitions);
	return close_definitions(state);
}

/* ---- written, as libtasn1 does ---- */

static asn1_node new_node(const char *type)
{
	char name[64];
	snprintf(name, sizeof name, "KerberosV5Spec2.%s", type);
	asn1_node node = NULL;
	assert_int_equal(asn1_create_element(definitions, name, &node), ASN1_SUCCESS);
	return node;
}

static void set(asn1_node node, const char *path, const void *value, size_t len)
{
	if (asn1_write_value(node, path, value, (int)len))
		fail_msg("%s cannot be set", path);
}

/* libtasn1 takes a length of 0 as that of a string. */
static void set_octets(asn1_node node, const char *path, struct slice octets)
{
	set(node, path, octets.len > 0 ? octets.data : (const void *)"", octets.len);
}

static void set_number(asn1_node node, const char *path, long long number)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", number);
	set(node, path, text, 0);
}

/* The fields that a KRB-SAFE-BODY and an EncKrbPrivPart have; `where` ends with a dot. */
static void set_body(asn1_node node, const char *where, const struct packet_body *body)
{
	char path[64];
#define IN(field) (snprintf(path, sizeof path, "%s" field, where), path)
	set_octets(node, IN("user-data"), body->user_data);
	set(node, IN("timestamp"), NULL, 0);
	set(node, IN("usec"), NULL, 0);
	set_number(node, IN("seq-number"), body->seq_number);
	set_number(node, IN("s-address.addr-type"), body->sender.type);
	set_octets(node, IN("s-address.address"), body->sender.address);
	set(node, IN("r-address"), NULL, 0);
#undef IN
}

static void check_definition(asn1_node node, const struct buffer *out)
{
	static unsigned char expected[200000];
	int len = sizeof expected;
	assert_int_equal(asn1_der_coding(node, "", expected, &len, NULL), ASN1_SUCCESS);
	asn1_delete_structure(&node);
	assert_int_equal(out->len, len);
	assert_memory_equal(out->data, expected, out->len);
}

static void write_safe(const struct krb_safe *in, struct slice *body, struct buffer *out)
{
	struct error err = {0};
	if (der_write_krb_safe(in, body, out, &err))
		fail_msg("%s", err.text);
}

static void write_priv(const struct krb_priv *in, struct buffer *out)
{
	struct error err = {0};
	if (der_write_krb_priv(in, out, &err))
		fail_msg("%s", err.text);
}

static void write_part(const struct packet_body *in, struct buffer *out)
{
	struct error err = {0};
	if (der_write_enc_krb_priv_part(in, out, &err))
		fail_msg("%s", err.text);
}

static void check_safe_as_defined(const struct krb_safe *safe)
{
	AUTO_BUFFER out = {0};
	struct slice body;
	write_safe(safe, &body, &out);
	asn1_node node = new_node("KRB-SAFE");
	set_number(node, "pvno", 5);
	set_number(node, "msg-type", 20);
	set_body(node, "safe-body.", &safe->body);
	set_number(node, "cksum.cksumtype", safe->checksum.type);
	set_octets(node, "cksum.checksum", safe->checksum.value);
	check_definition(node, &out);
	assert_int_equal(der_length_krb_safe(safe), out.len);
}

static void check_part_as_defined(const struct packet_body *body)
{
	AUTO_BUFFER out = {0};
	write_part(body, &out);
	asn1_node node = new_node("EncKrbPrivPart");
	set_body(node, "", body);
	check_definition(node, &out);
	assert_int_equal(der_length_enc_krb_priv_part(body), out.len);
}

static void check_priv_as_defined(const struct krb_priv *priv)
{
	AUTO_BUFFER out = {0};
	write_priv(priv, &out);
	asn1_node node = new_node("KRB-PRIV");
	set_number(node, "pvno", 5);
	set_number(node, "msg-type", 21);
	set_number(node, "enc-part.etype", priv->enc_part.etype);
	if (priv->enc_part.has_kvno)
		set_number(node, "enc-part.kvno", priv->enc_part.kvno);
	else
		set(node, "enc-part.kvno", NULL, 0);
	set_octets(node, "enc-part.cipher", priv->enc_part.cipher);
	check_definition(node, &out);
	assert_int_equal(der_length_krb_priv(priv), out.len);
}

#define SENDER                                                                                     \
	{                                                                                          \
		ADDRESS_DIRECTIONAL, LITERAL("\0\0\0\1")                                           \
	}

/* With the data as the one piece that is written, and as what a definition is given. */
static struct packet_body body_of(const struct slice *data, uint32_t seq_number)
{
	return (struct packet_body){.user_data = *data,
		.pieces = data,
		.piece_count = 1,
		.seq_number = seq_number,
		.sender = SENDER};
}

static const size_t sizes[] = {0, 1, 15, 16, 17, 80, 90, 100, 110, 127, 128, 200, 220, 255, 256,
	1000, 4096, 65400, 65535, 65536, 100000};
static const uint32_t numbers[] = {0, 1, 127, 128, 255, 256, 32767, 32768, 8388607, 8388608,
	0x7fffffff, 0x80000000, UINT32_MAX};
#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

static void messages_of_every_size_are_as_defined(void **state UNUSED)
{
	const struct slice data = sample_repeat(0x5a, 100000);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		const struct slice piece = slice_of(data.data, sizes[i]);
		check_part_as_defined(&(struct packet_body){.user_data = piece,
			.pieces = &piece,
			.piece_count = 1,
			.seq_number = 77,
			.sender = SENDER});
		check_safe_as_defined(&(struct krb_safe){
			.body = body_of(&piece, 0x12345678),
			.checksum = {16, SLICE_LITERAL("0123456789ab")},
		});
		check_priv_as_defined(&(struct krb_priv){{.etype = 20, .cipher = piece}});
	}
}

static void sequence_numbers_of_every_size_are_as_defined(void **state UNUSED)
{
	const struct slice data = SLICE_LITERAL("data");
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		const struct packet_body body = body_of(&data, numbers[i]);
		check_part_as_defined(&body);
		check_safe_as_defined(&(struct krb_safe){
			.body = body, .checksum = {-138, SLICE_LITERAL("checksum")}});
		check_priv_as_defined(&(struct krb_priv){{.etype = 18,
			.has_kvno = true,
			.kvno = numbers[i],
			.cipher = SLICE_LITERAL("cipher")}});
	}
}

/* ---- pieces, room and lengths ---- */

static void pieces_are_as_good_as_one(void **state UNUSED)
{
	const struct slice whole = SLICE_LITERAL("many small pieces");
	const struct slice pieces[] = {SLICE_EMPTY, SLICE_LITERAL("m"), SLICE_LITERAL("any "),
		SLICE_EMPTY, SLICE_LITERAL(""), SLICE_LITERAL("small piece"), SLICE_LITERAL("s")};
	struct packet_body one = body_of(&whole, 5), many = one;
	many.pieces = pieces;
	many.piece_count = COUNT_OF(pieces);
	AUTO_BUFFER expected = {0};
	AUTO_BUFFER got = {0};
	write_part(&one, &expected);
	write_part(&many, &got);
	assert_true(slice_equal(buffer_slice(&got), buffer_slice(&expected)));
	assert_int_equal(der_length_enc_krb_priv_part(&many), got.len);
}

static void no_pieces_are_no_data(void **state UNUSED)
{
	const struct slice nothing = SLICE_EMPTY;
	struct packet_body body = body_of(&nothing, 5);
	check_part_as_defined(&body);
	body.pieces = NULL;
	body.piece_count = 0;
	check_part_as_defined(&body);
}

/* What the checksum covers, wherever the message begins. */
static void it_is_told_where_the_body_lies(void **state UNUSED)
{
	const struct slice data = SLICE_LITERAL("data");
	const struct krb_safe safe = {.body = body_of(&data, 9), .checksum = {16, LITERAL("sum")}};
	AUTO_BUFFER out = {0};
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("before")), STATUS_OK);
	struct slice body;
	write_safe(&safe, &body, &out);
	struct krb_safe back;
	assert_reads(krb_safe, slice_of(out.data + 6, out.len - 6), &back);
	assert_ptr_equal(body.data, back.body_der.data);
	assert_int_equal(body.len, back.body_der.len);
	assert_int_equal(body.data[0], TAG_SEQUENCE);
	assert_memory_equal(out.data, "before", 6);
}

static void room_is_left_at_the_end(void **state UNUSED)
{
	const struct slice data = SLICE_LITERAL("data");
	const struct krb_safe safe = {
		.body = body_of(&data, 9), .checksum = {16, slice_of(NULL, 12)}};
	const struct krb_priv priv = {{.etype = 18, .cipher = slice_of(NULL, 300)}};
	AUTO_BUFFER out = {0};
	struct slice body;
	write_safe(&safe, &body, &out);
	memset(out.data + out.len - 12, 'x', 12);
	struct krb_safe safe_back;
	assert_reads(krb_safe, buffer_slice(&out), &safe_back);
	assert_slice(safe_back.checksum.value, "xxxxxxxxxxxx");

	buffer_free(&out);
	write_priv(&priv, &out);
	memset(out.data + out.len - 300, 'x', 300);
	struct krb_priv priv_back;
	assert_reads(krb_priv, buffer_slice(&out), &priv_back);
	assert_true(slice_equal(priv_back.enc_part.cipher, sample_repeat('x', 300)));
}

static void lengths_are_known_without_the_data(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		const struct slice data = sample_repeat(1, sizes[i]), room = {NULL, sizes[i]};
		const struct packet_body with = body_of(&data, 300), without = body_of(&room, 300);
		assert_int_equal(der_length_enc_krb_priv_part(&without),
			der_length_enc_krb_priv_part(&with));
	}
	/* 2^31 - 1 octets: 4 for the address and its tags, 5 and 3 for tag and length. */
	const struct slice huge = {NULL, INT32_MAX};
	const struct packet_body body = body_of(&huge, 0);
	assert_int_equal(der_length_enc_krb_priv_part(&body),
		(size_t)INT32_MAX + 4 * 6 + (2 + 3) + (2 + 2 + 5 + 2 + 6));
}

/* ---- read ---- */

static void assert_part_refused(struct slice der, enum status code, const char *part)
{
	struct packet_body out;
	memset(&out, 0xee, sizeof out);
	struct error err = {0};
	enum status status = der_read_enc_krb_priv_part(der, &out, &err);
	check_refused(status, &err, code, part, &out, sizeof out);
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
		ERR_SYNTAX, "KRB-SAFE: safe-body: seq-number: missing, [1] is in its place");
	assert_refused(krb_safe,
		SLICE_LITERAL("\x74\x3E\x30\x3C" DER_SAFE_HEAD "\xA2\x1F" DER_SHORT
			      "\xA3\x0F" DER_CHECKSUM),
		ERR_SYNTAX, "KRB-SAFE: safe-body: seq-number: missing, [4] is in its place");
	assert_part_refused(SLICE_LITERAL("\x7C\x4F" DER_STAMPED), ERR_SYNTAX,
		"EncKrbPrivPart: seq-number: missing, [1] is in its place");
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
		{SEQUENCE(data, stamp, usec, seq, sender), "seq-number: missing, [1]"},
		{SEQUENCE(data, usec, seq, sender), "seq-number: missing, [2]"},
		{SEQUENCE(data, seq, sender, receiver), "a field too many, [5]"},
		{SEQUENCE(data, seq, sender, FIELD(6, INTEGER(1))), "a field too many, [6]"},
		{SEQUENCE(seq, sender), "user-data: missing, [3]"},
		{SEQUENCE(data, sender), "seq-number: missing, [4]"},
		{SEQUENCE(data, seq), "s-address: missing"},
		{SEQUENCE(data, data, seq, sender), "there twice or out of order"},
		{SEQUENCE(sender, seq, data), "there twice or out of order"},
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

struct kind {
	const char *type;
	enum status (*read)(struct slice der);
};

static enum status read_safe(struct slice der)
{
	struct krb_safe out;
	return der_read_krb_safe(der, &out, NULL);
}

static enum status read_priv(struct slice der)
{
	struct krb_priv out;
	return der_read_krb_priv(der, &out, NULL);
}

static enum status read_part(struct slice der)
{
	struct packet_body out;
	return der_read_enc_krb_priv_part(der, &out, NULL);
}

static const struct kind safe_kind = {"KRB-SAFE", read_safe}, priv_kind = {"KRB-PRIV", read_priv},
			 part_kind = {"EncKrbPrivPart", read_part};

struct tally {
	unsigned taken, refused;
};

static void hold_against_definition(const struct kind *kind, struct slice der, struct tally *tally)
{
	if (kind->read(der)) {
		tally->refused++;
		return;
	}
	tally->taken++;
	asn1_node node = new_node(kind->type);
	char where[ASN1_MAX_ERROR_DESCRIPTION_SIZE] = "";
	int len = (int)der.len;
	int result = asn1_der_decoding2(&node, der.data, &len, ASN1_DECODE_FLAG_STRICT_DER, where);
	asn1_delete_structure(&node);
	if (result != ASN1_SUCCESS || len != (int)der.len)
		fail_msg("%s: taken, but not by libtasn1: %s %s", kind->type, asn1_strerror(result),
			where);
}

/*
 * Every octet with another value (all of them where `step` is 1); left out;
 * said twice, or with another one before it; and the message that ends before
 * it.
 */
static struct tally mutate(const struct kind *kind, struct slice sample, unsigned step)
{
	struct tally tally = {0};
	unsigned char copy[400];
	assert_in_range(sample.len, 1, sizeof copy - 1);
	hold_against_definition(kind, sample, &tally);
	assert_int_equal(tally.taken, 1);
	for (size_t at = 0; at < sample.len; at++) {
		size_t after = sample.len - at;
		memcpy(copy, sample.data, sample.len);
		for (unsigned value = 1; value < 256; value += step) {
			copy[at] = (unsigned char)(sample.data[at] ^ value);
			hold_against_definition(kind, slice_of(copy, sample.len), &tally);
		}
		memcpy(copy + at, sample.data + at + 1, after - 1);
		hold_against_definition(kind, slice_of(copy, sample.len - 1), &tally);
		hold_against_definition(kind, slice_of(sample.data, at), &tally);
		memcpy(copy + at + 1, sample.data + at, after);
		for (unsigned value = 0; value < 256; value += at % 7 + 1) {
			copy[at] = (unsigned char)value;
			hold_against_definition(kind, slice_of(copy, sample.len + 1), &tally);
		}
	}
	return tally;
}

/* Values may change, and structure may not: most of the octets here are values. */
static void check_mutations(const struct kind *kind, struct slice sample, unsigned step)
{
	struct tally tally = mutate(kind, sample, step);
	if (tally.taken < 300 || tally.refused < 1000)
		fail_msg("%s: %u taken, %u refused", kind->type, tally.taken, tally.refused);
}

static void whatever_is_taken_is_as_defined(void **state UNUSED)
{
	const struct slice data = SLICE_LITERAL("data"), longer = sample_repeat('d', 120);
	const struct packet_body body = body_of(&data, UINT32_MAX), long_body = body_of(&longer, 1);
	const struct krb_safe safe = {body, .checksum = {-138, LITERAL("sum")}};
	struct slice where;
	AUTO_BUFFER out = {0};
	write_safe(&safe, &where, &out);
	check_mutations(&safe_kind, buffer_slice(&out), 1);
	buffer_clear(&out);
	write_part(&body, &out);
	check_mutations(&part_kind, buffer_slice(&out), 1);
	buffer_clear(&out);
	write_part(&long_body, &out);
	check_mutations(&part_kind, buffer_slice(&out), 15);
	check_mutations(&safe_kind, safe_of(VERSION, INTEGER(20), A_BODY), 15);
	check_mutations(&priv_kind, priv_of(VERSION, INTEGER(21), ENCRYPTED), 1);
	check_mutations(&priv_kind,
		priv_of(VERSION, INTEGER(21), encrypted_of(INTEGER(18), INTEGER(0, 0x80))), 1);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_of_every_size_are_as_defined),
		cmocka_unit_test(sequence_numbers_of_every_size_are_as_defined),
		cmocka_unit_test(pieces_are_as_good_as_one),
		cmocka_unit_test(no_pieces_are_no_data),
		cmocka_unit_test(it_is_told_where_the_body_lies),
		cmocka_unit_test(room_is_left_at_the_end),
		cmocka_unit_test(lengths_are_known_without_the_data),
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

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KRB-SAFE and KRB-PRIV, written: they are what libtasn1 makes of the
 * definitions in kerberos5.asn.
 */
#include <stdio.h>

#include "tests/support/packet_samples.h"

#include "asn1/der_element.h"
#include "tests/support/suite.h"

/* ---- written, as libtasn1 does ---- */

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

/* By its octets: as text it would have to fit into a long. */
static void set_number(asn1_node node, const char *path, int64_t number)
{
	unsigned char octets[sizeof number];
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (unsigned char)((uint64_t)number >> (56 - 8 * i));
	set(node, path, octets, sizeof octets);
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

static const size_t sizes[] = {0, 1, 15, 16, 17, 80, 90, 100, 110, 127, 128, 200, 220, 255, 256,
	1000, 4096, 65400, 65535, 65536, 100000};
static const uint32_t numbers[] = {0, 1, 127, 128, 255, 256, 32767, 32768, 8388607, 8388608,
	0x7fffffff, 0x80000000, UINT32_MAX};

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

SUITE(test_der_packet_write)
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
	};
	return cmocka_run_group_tests(tests, open_all, close_all);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading fields: ranges, times, flags, names, lists and sizes, and what is refused of each. */
#include "tests/support/der_reading.h"
#include "tests/support/suite.h"

/* ---- numbers ---- */

static int32_t read_etype(struct slice etype)
{
	struct ap_rep r;
	assert_reads(ap_rep, ap_rep_of(VERSION, INTEGER(15), encrypted_of(etype, INTEGER(1))), &r);
	return r.enc_part.etype;
}

static void test_reads_int32(void **state UNUSED)
{
	assert_int_equal(read_etype(INTEGER(0)), 0);
	assert_int_equal(read_etype(INTEGER(18)), 18);
	assert_int_equal(read_etype(INTEGER(0xff)), -1);
	assert_int_equal(read_etype(INTEGER(0x80)), -128);
	assert_int_equal(read_etype(INTEGER(0, 0x80)), 128);
	assert_int_equal(read_etype(INTEGER(0xff, 0x7f)), -129);
	assert_int_equal(read_etype(INTEGER(0x7f, 0xff, 0xff, 0xff)), INT32_MAX);
	assert_int_equal(read_etype(INTEGER(0x80, 0, 0, 0)), INT32_MIN);
}

static void refuse_etype(struct slice etype, const char *text)
{
	struct slice der = ap_rep_of(VERSION, INTEGER(15), encrypted_of(etype, INTEGER(1)));
	assert_refused(ap_rep, der, ERR_SYNTAX, text);
}

static void test_refuses_what_is_not_int32(void **state UNUSED)
{
	refuse_etype(INTEGER(0, 0x80, 0, 0, 0),
		"AP-REP: enc-part: etype: 2147483648, where -2147483648 to 2147483647 is expected");
	refuse_etype(INTEGER(0xff, 0x7f, 0xff, 0xff, 0xff),
		"AP-REP: enc-part: etype: -2147483649, where -2147483648 to 2147483647 is "
		"expected");
	refuse_etype(
		INTEGER(0x7f, 1, 2, 3, 4, 5, 6, 7), "enc-part: etype: 9151598129769154055, where");
	refuse_etype(INTEGER(1, 0, 0, 0, 0, 0, 0, 0, 0),
		"enc-part: etype: an integer of 9 octets, where -2147483648 to 2147483647");
}

static void test_refuses_an_integer_that_is_not_minimal(void **state UNUSED)
{
	refuse_etype(INTEGER(0, 18), "AP-REP: enc-part: etype: malformed at octet 20: an integer");
}

static uint32_t read_seq_number(struct slice number)
{
	struct enc_ap_rep_part p;
	assert_reads(enc_ap_rep_part, enc_rep_of(NOW, INTEGER(0), number), &p);
	assert_true(p.has_seq_number);
	return p.seq_number;
}

static void test_reads_uint32(void **state UNUSED)
{
	assert_int_equal(read_seq_number(INTEGER(0)), 0);
	assert_int_equal(read_seq_number(INTEGER(0x7f, 0xff, 0xff, 0xff)), 0x7fffffff);
	assert_int_equal(read_seq_number(INTEGER(0, 0x80, 0, 0, 0)), 0x80000000);
	assert_int_equal(read_seq_number(INTEGER(0, 0xff, 0xff, 0xff, 0xff)), 0xffffffff);
}

static void test_takes_a_negative_sequence_number_modulo_2_32(void **state UNUSED)
{
	assert_int_equal(read_seq_number(INTEGER(0xff)), 0xffffffff);
	assert_int_equal(read_seq_number(INTEGER(0x80, 0, 0, 0)), 0x80000000);
	assert_int_equal(read_seq_number(INTEGER(0x92, 0x34, 0x56, 0x78)), 0x92345678);
}

static void test_takes_a_negative_kvno_modulo_2_32(void **state UNUSED)
{
	struct ap_rep r;
	assert_reads(ap_rep,
		ap_rep_of(VERSION, INTEGER(15), encrypted_of(INTEGER(18), INTEGER(0xfe))), &r);
	assert_int_equal(r.enc_part.kvno, 0xfffffffe);
}

static void test_refuses_what_is_not_uint32(void **state UNUSED)
{
	assert_refused(enc_ap_rep_part, enc_rep_of(NOW, INTEGER(0), INTEGER(1, 0, 0, 0, 0)),
		ERR_SYNTAX,
		"EncAPRepPart: seq-number: 4294967296, where -2147483648 to 4294967295 is "
		"expected");
	assert_refused(enc_ap_rep_part,
		enc_rep_of(NOW, INTEGER(0), INTEGER(0xff, 0x7f, 0xff, 0xff, 0xff)), ERR_SYNTAX,
		"EncAPRepPart: seq-number: -2147483649, where");
}

static void test_microseconds_are_less_than_a_second(void **state UNUSED)
{
	struct enc_ap_rep_part p;
	assert_reads(enc_ap_rep_part, enc_rep_of(NOW, INTEGER(0x0f, 0x42, 0x3f), INTEGER(0)), &p);
	assert_int_equal(p.time.microseconds, 999999);
	assert_refused(enc_ap_rep_part, enc_rep_of(NOW, INTEGER(0x0f, 0x42, 0x40), INTEGER(0)),
		ERR_SYNTAX, "EncAPRepPart: cusec: 1000000, where 0 to 999999 is expected");
	assert_refused(enc_ap_rep_part, enc_rep_of(NOW, INTEGER(0xff), INTEGER(0)), ERR_SYNTAX,
		"EncAPRepPart: cusec: -1, where 0 to 999999 is expected");
}

/* ---- times ---- */

static void refuse_time(struct slice time, const char *text)
{
	assert_refused(enc_ap_rep_part, enc_rep_of(time, INTEGER(0), INTEGER(0)), ERR_SYNTAX, text);
}

static void test_reads_a_time(void **state UNUSED)
{
	struct enc_ap_rep_part p;
	assert_reads(enc_ap_rep_part, enc_rep_of(NOW, INTEGER(0), INTEGER(0)), &p);
	assert_int_equal(p.time.seconds, 1769854830);
}

static void test_refuses_a_time_with_a_fraction(void **state UNUSED)
{
	refuse_time(TIME("20260131102030.5Z"),
		"EncAPRepPart: ctime: \"20260131102030.5Z\", where a time as YYYYMMDDHHMMSSZ is "
		"expected");
}

static void test_refuses_times_that_are_not_kerberos_time(void **state UNUSED)
{
	refuse_time(TIME("202601311020Z"), "ctime: \"202601311020Z\", where a time");
	refuse_time(TIME("20260131102030z"), "ctime: \"20260131102030z\", where a time");
	refuse_time(TIME("20260131102030+0100"), "ctime: \"20260131102030+0100\", where a time");
	refuse_time(TIME("20261331102030Z"), "ctime: \"20261331102030Z\", where a time");
	refuse_time(TIME("2026 131102030Z"), "ctime: \"2026 131102030Z\", where a time");
	refuse_time(TIME("20260131102030\0"), "ctime: \"20260131102030\\x00\", where a time");
	refuse_time(TIME("2026"), "ctime: \"2026\", where a time");
	refuse_time(TIME(""), "ctime: \"\", where a time");
	refuse_time(MAKE(0x17, SLICE_LITERAL("260131102030Z")),
		"ctime: not of the type that it should be: the tag 17, where a GeneralizedTime is "
		"expected");
}

/* ---- flags ---- */

static uint32_t read_flags(struct slice flags)
{
	struct enc_ticket_part p;
	assert_reads(enc_ticket_part, enc_ticket_part_of(flags, SEQUENCE(NOTHING)), &p);
	return p.flags;
}

static void test_reads_flags_of_32_bits_or_more(void **state UNUSED)
{
	assert_int_equal(read_flags(FLAGS), TICKET_FORWARDABLE);
	assert_int_equal(read_flags(BYTES(0x03, 6, 7, 1, 2, 3, 4, 0x80)), 0x01020304);
	assert_int_equal(read_flags(BYTES(0x03, 6, 0, 1, 2, 3, 4, 0xff)), 0x01020304);
	assert_int_equal(read_flags(BYTES(0x03, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8)), 0x01020304);
}

static void test_refuses_flags_of_fewer_than_32_bits(void **state UNUSED)
{
	assert_refused(enc_ticket_part,
		enc_ticket_part_of(BYTES(0x03, 5, 1, 0, 0, 0, 2), SEQUENCE(NOTHING)), ERR_SYNTAX,
		"EncTicketPart: flags: a bit string of 31 bits, where 32 or more are expected");
	assert_refused(ap_req, ap_req_of(VERSION, INTEGER(14), BYTES(0x03, 1, 0)), ERR_SYNTAX,
		"AP-REQ: ap-options: a bit string of 0 bits, where 32 or more are expected");
}

static void test_refuses_flags_with_8_unused_bits(void **state UNUSED)
{
	assert_refused(ap_req, ap_req_of(VERSION, INTEGER(14), BYTES(0x03, 6, 8, 0, 0, 0, 0, 0)),
		ERR_SYNTAX,
		"AP-REQ: ap-options: malformed at octet 16: a bit string whose unused bits");
}

/* ---- names and lists ---- */

static void test_reads_a_name_of_16_components_and_refuses_17(void **state UNUSED)
{
	struct ticket t;
	struct slice component = STRING("a");
	assert_reads(ticket, ticket_of(VERSION, NAME(sample_copies(component, 16)), ENCRYPTED), &t);
	assert_int_equal(t.server.count, 16);
	assert_slice(t.server.component[15], "a");
	assert_refused(ticket, ticket_of(VERSION, NAME(sample_copies(component, 17)), ENCRYPTED),
		ERR_SYNTAX, "Ticket: sname: name-string: a list of more than 16 elements");
}

static void test_reads_names_without_judging_them(void **state UNUSED)
{
	struct ticket t;
	assert_reads(ticket, ticket_of(VERSION, NAME(NOTHING), ENCRYPTED), &t);
	assert_int_equal(t.server.count, 0);
	assert_reads(ticket, ticket_of(VERSION, NAME(STRING(""), STRING("a\0b")), ENCRYPTED), &t);
	assert_int_equal(t.server.count, 2);
	assert_non_null(t.server.component[0].data);
	assert_int_equal(t.server.component[0].len, 0);
	assert_slice(t.server.component[1], "a\0b");
}

#define AD SEQUENCE(FIELD(0, INTEGER(0xff)), FIELD(1, OCTETS("data")))
#define ADDRESS SEQUENCE(FIELD(0, INTEGER(2)), FIELD(1, OCTETS("1234")))

static void test_reads_64_elements_of_authorization_data_and_refuses_65(void **state UNUSED)
{
	struct authenticator a;
	struct slice element = AD;
	assert_reads(
		authenticator, authenticator_of(VERSION, SEQUENCE(sample_copies(element, 64))), &a);
	assert_int_equal(a.authorization_data.count, 64);
	assert_int_equal(a.authorization_data.element[63].type, -1);
	assert_slice(a.authorization_data.element[63].data, "data");
	assert_refused(authenticator,
		authenticator_of(VERSION, SEQUENCE(sample_copies(element, 65))), ERR_SYNTAX,
		"a list of more than 64 elements");
}

static void test_reads_64_addresses_and_refuses_65(void **state UNUSED)
{
	struct enc_ticket_part p;
	struct slice element = ADDRESS;
	assert_reads(enc_ticket_part,
		enc_ticket_part_of(FLAGS, SEQUENCE(sample_copies(element, 64))), &p);
	assert_int_equal(p.addresses.count, 64);
	assert_slice(p.addresses.element[63].address, "1234");
	assert_refused(enc_ticket_part,
		enc_ticket_part_of(FLAGS, SEQUENCE(sample_copies(element, 65))), ERR_SYNTAX,
		"a list of more than 64 elements");
}

/* RFC 4120 section 5.1.3. */
static void test_takes_an_empty_list_as_absent(void **state UNUSED)
{
	struct authenticator a;
	assert_reads(authenticator, authenticator_of(VERSION, SEQUENCE(NOTHING)), &a);
	assert_int_equal(a.authorization_data.count, 0);
	struct enc_ticket_part p;
	assert_reads(enc_ticket_part, enc_ticket_part_of(FLAGS, SEQUENCE(NOTHING)), &p);
	assert_int_equal(p.addresses.count, 0);
}

static void test_a_value_that_is_there_is_never_NULL(void **state UNUSED)
{
	struct ap_rep r;
	struct slice encrypted = SEQUENCE(FIELD(0, INTEGER(18)), FIELD(2, OCTETS("")));
	assert_reads(ap_rep, ap_rep_of(VERSION, INTEGER(15), encrypted), &r);
	assert_non_null(r.enc_part.cipher.data);
	assert_int_equal(r.enc_part.cipher.len, 0);
}

/* ---- sizes ---- */

static struct slice ticket_of_size(size_t octets)
{
	return ticket_of(VERSION, ALICE,
		SEQUENCE(FIELD(0, INTEGER(18)), FIELD(2, MAKE(0x04, sample_repeat(7, octets)))));
}

static void test_reads_a_ticket_of_48_KiB(void **state UNUSED)
{
	struct slice ticket_der = ticket_of_size(50000);
	struct ap_req r;
	assert_reads(ap_req,
		APPLICATION(14, SEQUENCE(FIELD(0, VERSION), FIELD(1, INTEGER(14)), FIELD(2, FLAGS),
					FIELD(3, ticket_der), FIELD(4, ENCRYPTED))),
		&r);
	assert_int_equal(r.ticket_der.len, ticket_der.len);
	assert_int_equal(r.ticket.enc_part.cipher.len, 50000);
	assert_int_equal(r.ticket.enc_part.cipher.data[49999], 7);
}

static void test_reads_64_KiB_and_refuses_more(void **state UNUSED)
{
	size_t rest = ticket_of_size(65000).len - 65000;
	struct ticket t;
	assert_reads(ticket, ticket_of_size(65536 - rest), &t);
	assert_refused(ticket, ticket_of_size(65537 - rest), ERR_SYNTAX,
		"Ticket: a message of 65537 octets, of which at most 65536 are read");
}

SUITE(test_der_fields)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_int32),
		cmocka_unit_test(test_refuses_what_is_not_int32),
		cmocka_unit_test(test_refuses_an_integer_that_is_not_minimal),
		cmocka_unit_test(test_reads_uint32),
		cmocka_unit_test(test_takes_a_negative_sequence_number_modulo_2_32),
		cmocka_unit_test(test_takes_a_negative_kvno_modulo_2_32),
		cmocka_unit_test(test_refuses_what_is_not_uint32),
		cmocka_unit_test(test_microseconds_are_less_than_a_second),
		cmocka_unit_test(test_reads_a_time),
		cmocka_unit_test(test_refuses_a_time_with_a_fraction),
		cmocka_unit_test(test_refuses_times_that_are_not_kerberos_time),
		cmocka_unit_test(test_reads_flags_of_32_bits_or_more),
		cmocka_unit_test(test_refuses_flags_of_fewer_than_32_bits),
		cmocka_unit_test(test_refuses_flags_with_8_unused_bits),
		cmocka_unit_test(test_reads_a_name_of_16_components_and_refuses_17),
		cmocka_unit_test(test_reads_names_without_judging_them),
		cmocka_unit_test(test_reads_64_elements_of_authorization_data_and_refuses_65),
		cmocka_unit_test(test_reads_64_addresses_and_refuses_65),
		cmocka_unit_test(test_takes_an_empty_list_as_absent),
		cmocka_unit_test(test_a_value_that_is_there_is_never_NULL),
		cmocka_unit_test(test_reads_a_ticket_of_48_KiB),
		cmocka_unit_test(test_reads_64_KiB_and_refuses_more),
	};
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

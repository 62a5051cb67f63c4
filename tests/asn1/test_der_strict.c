/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the reader refuses because it is not DER, or not of the form that Kerberos'
 * explicitly tagged types have, rule by rule: exactly these sentences.
 */
#include "asn1/der_packet.h"
#include "tests/support/der_reading.h"
#include "tests/support/suite.h"

static void check(struct der_record *record, void *out, struct slice der, const char *text)
{
	struct error err = {0};
	enum status status = der_read(record, der, out, &err);
	assert_string_equal(err.text, text);
	assert_int_equal(status, *text ? ERR_SYNTAX : STATUS_OK);
}

/* Checksum: SEQUENCE { cksumtype [0] Int32, checksum [1] OCTET STRING } */
static void as_checksum(struct slice der, const char *text)
{
	struct checksum out;
	check(&der_checksum, &out, der, text);
}

/* EtypeList: SEQUENCE OF Int32 */
static void as_etypes(struct slice der, const char *text)
{
	struct etype_list out;
	check(&der_etype_list, &out, der, text);
}

/* KRB-SAFE's body in a KRB-PRIV: [APPLICATION 28] SEQUENCE { user-data [0] OCTET STRING ...; any
 * length */
static void as_part(struct slice der, const char *text)
{
	struct packet_body out;
	check(&der_enc_krb_priv_part, &out, der, text);
}

#define TYPE FIELD(0, INTEGER(1))
#define SUM FIELD(1, OCTETS("sum"))

static void test_takes_what_the_cases_below_spoil(void **state UNUSED)
{
	as_checksum(SEQUENCE(TYPE, SUM), "");
	as_etypes(SEQUENCE(INTEGER(18), INTEGER(17)), "");
}

/* ---- the message as a whole ---- */

static void test_refuses_an_empty_message(void **state UNUSED)
{
	as_checksum(NOTHING, "Checksum: an empty message");
}

static struct slice checksum_of_size(size_t len)
{
	struct slice all = SEQUENCE(TYPE, FIELD(1, MAKE(0x04, sample_repeat(0, len - 17))));
	assert_int_equal(all.len, len);
	return all;
}

static void test_takes_64_KiB_and_refuses_more(void **state UNUSED)
{
	as_checksum(checksum_of_size(65536), "");
	as_checksum(checksum_of_size(65537),
		"Checksum: a message of 65537 octets, of which at most 65536 are read");
}

static void test_takes_packets_of_any_length(void **state UNUSED)
{
	struct slice address = SEQUENCE(FIELD(0, INTEGER(3)), FIELD(1, OCTETS("1234")));
	as_part(APPLICATION(28, SEQUENCE(FIELD(0, MAKE(0x04, sample_repeat('d', 300000))),
					FIELD(3, INTEGER(1)), FIELD(4, address))),
		"");
}

static void test_refuses_octets_after_the_message(void **state UNUSED)
{
	as_checksum(BYTES(0x30, 0, 5),
		"Checksum: malformed at octet 2: octets after the end of the message");
	as_etypes(BYTES(0x30, 0, 0x02, 1, 5),
		"EtypeList: malformed at octet 2: octets after the end of the message");
}

/* ---- lengths ---- */

#define BEYOND "a length that reaches beyond what is there"

static void test_refuses_a_message_cut_short(void **state UNUSED)
{
	as_etypes(BYTES(0x30), "EtypeList: malformed at octet 0: " BEYOND);
	as_etypes(BYTES(0x30, 3, 2, 1), "EtypeList: malformed at octet 0: " BEYOND);
	as_etypes(BYTES(0x30, 0x82, 1), "EtypeList: malformed at octet 0: " BEYOND);
	as_etypes(BYTES(0x30, 0x82), "EtypeList: malformed at octet 0: " BEYOND);
	as_etypes(BYTES(0x30, 0xff), "EtypeList: malformed at octet 0: " BEYOND);
}

static void test_refuses_an_element_longer_than_the_one_around_it(void **state UNUSED)
{
	as_checksum(BYTES(0x30, 5, 0xa0, 3, 0x02, 2, 5),
		"Checksum: cksumtype: malformed at octet 4: " BEYOND);
	as_checksum(BYTES(0x30, 5, 0xa0, 4, 0x02, 1, 5),
		"Checksum: cksumtype: malformed at octet 2: " BEYOND);
	as_etypes(
		BYTES(0x30, 3, 0x02, 2, 5), "EtypeList: element 1: malformed at octet 2: " BEYOND);
}

static void test_refuses_an_element_shorter_than_its_tag(void **state UNUSED)
{
	as_checksum(BYTES(0x30, 6, 0xa0, 4, 0x02, 1, 5, 0),
		"Checksum: cksumtype: malformed at octet 7: a second element inside one tag");
	as_checksum(BYTES(0x30, 6, 0xa0, 3, 0x02, 1, 5, 0),
		"Checksum: malformed at octet 7: something other than a field among fields");
}

static void test_refuses_a_length_too_large_to_count(void **state UNUSED)
{
	as_etypes(BYTES(0x30, 0x84, 0xff, 0xff, 0xff, 0xff),
		"EtypeList: malformed at octet 0: " BEYOND);
	as_etypes(BYTES(0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 1, 7),
		"EtypeList: malformed at octet 0: " BEYOND);
}

static void test_refuses_an_indefinite_length(void **state UNUSED)
{
	as_etypes(BYTES(0x30, 0x80, 0x02, 1, 5, 0, 0),
		"EtypeList: malformed at octet 0: an indefinite length, where DER has definite "
		"ones");
	as_checksum(BYTES(0x30, 7, 0xa0, 0x80, 0x02, 1, 5, 0, 0),
		"Checksum: cksumtype: malformed at octet 2: an indefinite length, where DER has "
		"definite ones");
}

#define LENGTH_NOT_MINIMAL "a length in more octets than it needs"

static struct slice sum_of(struct slice header, size_t len)
{
	return SEQUENCE(TYPE, FIELD(1, header, sample_repeat(7, len)));
}

static void test_refuses_a_length_in_more_octets_than_it_needs(void **state UNUSED)
{
	as_etypes(BYTES(0x30, 0x81, 1, 7), "EtypeList: malformed at octet 0: " LENGTH_NOT_MINIMAL);
	as_etypes(
		BYTES(0x30, 0x82, 0, 1, 7), "EtypeList: malformed at octet 0: " LENGTH_NOT_MINIMAL);
	as_etypes(BYTES(0x30, 0x81, 0), "EtypeList: malformed at octet 0: " LENGTH_NOT_MINIMAL);

	as_checksum(sum_of(BYTES(0x04, 127), 127), "");
	as_checksum(sum_of(BYTES(0x04, 0x81, 127), 127),
		"Checksum: checksum: malformed at octet 11: " LENGTH_NOT_MINIMAL);
	as_checksum(sum_of(BYTES(0x04, 0x81, 128), 128), "");
	as_checksum(sum_of(BYTES(0x04, 0x82, 0, 255), 255),
		"Checksum: checksum: malformed at octet 13: " LENGTH_NOT_MINIMAL);
	as_checksum(sum_of(BYTES(0x04, 0x81, 255), 255), "");
	as_checksum(sum_of(BYTES(0x04, 0x82, 1, 0), 256), "");
}

/* ---- tags ---- */

#define LONG_TAG "a tag of more than one octet, which no Kerberos message has"
#define PRIVATE "a tag of the private class, which no Kerberos message has"
#define NOT_DER "a type in an encoding (primitive or constructed) that DER does not have for it"
#define NOT_EXPLICIT "a tag without an element inside (Kerberos' tags are explicit)"

static void test_refuses_a_tag_of_several_octets(void **state UNUSED)
{
	as_etypes(BYTES(0x7f, 0x1f, 2, 0x30, 0), "EtypeList: malformed at octet 0: " LONG_TAG);
	as_etypes(SEQUENCE(BYTES(0x3f, 0x22, 0)),
		"EtypeList: element 1: malformed at octet 2: " LONG_TAG);
}

static void test_refuses_the_private_class(void **state UNUSED)
{
	as_etypes(BYTES(0xe1, 2, 0x30, 0), "EtypeList: malformed at octet 0: " PRIVATE);
	as_etypes(BYTES(0xc1, 1, 0), "EtypeList: malformed at octet 0: " PRIVATE);
	as_checksum(SEQUENCE(FIELD(0, BYTES(0xc2, 1, 1)), SUM),
		"Checksum: cksumtype: malformed at octet 4: " PRIVATE);
}

static void test_refuses_a_constructed_string(void **state UNUSED)
{
	as_checksum(SEQUENCE(TYPE, FIELD(1, BYTES(0x24, 3, 0x04, 1, 'a'))),
		"Checksum: checksum: malformed at octet 9: " NOT_DER);
	struct ticket t;
	check(&der_ticket, &t, ticket_of(VERSION, NAME(BYTES(0x3b, 3, 0x1b, 1, 'a')), ENCRYPTED),
		"Ticket: sname: name-string: element 1: malformed at octet 38: " NOT_DER);
	struct enc_ticket_part p;
	check(&der_enc_ticket_part, &p,
		enc_ticket_part_of(BYTES(0x23, 4, 0x03, 2, 0, 1), SEQUENCE(NOTHING)),
		"EncTicketPart: flags: malformed at octet 6: " NOT_DER);
}

static void test_refuses_a_primitive_sequence(void **state UNUSED)
{
	as_etypes(BYTES(0x10, 0), "EtypeList: malformed at octet 0: " NOT_DER);
}

static void test_refuses_a_set(void **state UNUSED)
{
	as_etypes(BYTES(0x31, 3, 0x02, 1, 5),
		"EtypeList: not of the type that it should be: the tag 31, where a SEQUENCE is "
		"expected");
}

static void test_refuses_an_implicit_tag(void **state UNUSED)
{
	as_checksum(BYTES(0x30, 3, 0x80, 1, 5), "Checksum: malformed at octet 2: " NOT_EXPLICIT);
	struct ap_req r;
	check(&der_ap_req, &r, BYTES(0x4e, 1, 5), "AP-REQ: malformed at octet 0: " NOT_EXPLICIT);
}

static void test_refuses_a_tag_around_nothing(void **state UNUSED)
{
	as_checksum(BYTES(0x30, 2, 0xa0, 0),
		"Checksum: cksumtype: malformed at octet 2: a tag with nothing inside");
	struct ap_req r;
	check(&der_ap_req, &r, BYTES(0x6e, 0),
		"AP-REQ: malformed at octet 0: a tag with nothing inside");
}

static void test_refuses_a_tag_around_two_elements(void **state UNUSED)
{
	as_checksum(SEQUENCE(FIELD(0, INTEGER(5), INTEGER(6)), SUM),
		"Checksum: cksumtype: malformed at octet 7: a second element inside one tag");
	struct enc_ap_rep_part p;
	check(&der_enc_ap_rep_part, &p, APPLICATION(27, SEQUENCE(NOTHING), SEQUENCE(NOTHING)),
		"EncAPRepPart: malformed at octet 4: a second element inside one tag");
}

/* ---- fields and lists ---- */

#define TWICE "a field that is there twice or out of order"

static void test_refuses_a_field_twice(void **state UNUSED)
{
	as_checksum(SEQUENCE(TYPE, TYPE, SUM), "Checksum: malformed at octet 7: " TWICE);
	as_checksum(SEQUENCE(TYPE, SUM, SUM), "Checksum: malformed at octet 14: " TWICE);
}

static void test_refuses_fields_out_of_order(void **state UNUSED)
{
	struct enc_ap_rep_part p;
	check(&der_enc_ap_rep_part, &p,
		APPLICATION(27, SEQUENCE(FIELD(0, NOW), FIELD(1, INTEGER(1)), FIELD(3, INTEGER(1)),
					FIELD(2, SEQUENCE(NOTHING)))),
		"EncAPRepPart: malformed at octet 33: " TWICE);
	/* What is missing at its place is told first. */
	as_checksum(SEQUENCE(SUM, TYPE), "Checksum: cksumtype: missing, [1] is in its place");
}

static void test_refuses_fields_and_elements_in_one_sequence(void **state UNUSED)
{
	as_checksum(SEQUENCE(TYPE, INTEGER(5)),
		"Checksum: malformed at octet 7: something other than a field among fields");
	as_etypes(SEQUENCE(INTEGER(5), FIELD(1, INTEGER(5))),
		"EtypeList: element 2: not of the type that it should be: [1], where an INTEGER is "
		"expected");
}

static void test_takes_16_strings_and_refuses_17(void **state UNUSED)
{
	struct ticket t;
	struct slice component = STRING("a");
	check(&der_ticket, &t, ticket_of(VERSION, NAME(sample_copies(component, 16)), ENCRYPTED),
		"");
	check(&der_ticket, &t, ticket_of(VERSION, NAME(sample_copies(component, 17)), ENCRYPTED),
		"Ticket: sname: name-string: a list of more than 16 elements");
}

static void test_takes_64_elements_and_refuses_65(void **state UNUSED)
{
	struct authorization_data ads;
	struct slice ad = SEQUENCE(FIELD(0, INTEGER(1)), FIELD(1, OCTETS("")));
	check(&der_authorization_data, &ads, MAKE(0x30, sample_copies(ad, 64)), "");
	check(&der_authorization_data, &ads, MAKE(0x30, sample_copies(ad, 65)),
		"AuthorizationData: a list of more than 64 elements");
	as_etypes(MAKE(0x30, sample_copies(INTEGER(1), 64)), "");
	as_etypes(MAKE(0x30, sample_copies(INTEGER(1), 65)),
		"EtypeList: a list of more than 64 elements");
}

static void test_counts_each_list_by_itself(void **state UNUSED)
{
	static struct enc_krb_cred_part p;
	struct slice key = FIELD(0, SEQUENCE(FIELD(0, INTEGER(18)), FIELD(1, OCTETS("key"))));
	struct slice address = SEQUENCE(FIELD(0, INTEGER(2)), FIELD(1, OCTETS("1234")));
	struct slice info = SEQUENCE(key, FIELD(10, MAKE(0x30, sample_copies(address, 64))));
	check(&der_enc_krb_cred_part, &p, APPLICATION(29, SEQUENCE(FIELD(0, SEQUENCE(info, info)))),
		"");
	assert_int_equal(p.info[0].addresses.count, 64);
	assert_int_equal(p.info[1].addresses.count, 64);
}

/* Of any depth, only so much is looked at as the definitions have. */
static void test_refuses_deep_nesting_without_following_it(void **state UNUSED)
{
	/* Were it followed to the end, the integer there would be refused. */
	struct slice der = INTEGER(0, 5);
	for (int i = 0; i < 60; i++)
		der = SEQUENCE(der);
	as_etypes(der, "EtypeList: element 1: not of the type that it should be: a SEQUENCE, where "
		       "an INTEGER is expected");
}

/* ---- contents ---- */

#define INTEGER_NOT_MINIMAL "an integer in no octets or in more than it needs"

static void test_refuses_an_integer_that_is_not_minimal(void **state UNUSED)
{
	static const char text[] =
		"EtypeList: element 2: malformed at octet 5: " INTEGER_NOT_MINIMAL;
	as_etypes(SEQUENCE(INTEGER(1), BYTES(0x02, 0)), text);
	as_etypes(SEQUENCE(INTEGER(1), INTEGER(0, 5)), text);
	as_etypes(SEQUENCE(INTEGER(1), INTEGER(0, 0)), text);
	as_etypes(SEQUENCE(INTEGER(1), INTEGER(0xff, 0xff)), text);
	as_etypes(SEQUENCE(INTEGER(1), INTEGER(0xff, 0x80, 0)), text);
	struct ap_rep r;
	check(&der_ap_rep, &r, ap_rep_of(INTEGER(0, 5), INTEGER(15), ENCRYPTED),
		"AP-REP: pvno: malformed at octet 6: " INTEGER_NOT_MINIMAL);
}

static void test_takes_integers_that_need_their_first_octet(void **state UNUSED)
{
	as_etypes(SEQUENCE(INTEGER(0), INTEGER(0xff), INTEGER(0, 0x80), INTEGER(0xff, 0x7f),
			  INTEGER(0x7f, 0xff), INTEGER(0x80, 0)),
		"");
}

static void as_flags(struct slice flags, const char *text)
{
	struct enc_ticket_part p;
	check(&der_enc_ticket_part, &p, enc_ticket_part_of(flags, SEQUENCE(NOTHING)), text);
}

static void test_refuses_odd_unused_bits(void **state UNUSED)
{
	static const char text[] =
		"EncTicketPart: flags: malformed at octet 6: a bit string whose unused bits are "
		"more than 7, more than there are, or not zero";
	as_flags(BYTES(0x03, 0), text);
	as_flags(BYTES(0x03, 1, 1), text);
	as_flags(BYTES(0x03, 6, 8, 0, 0, 0, 0, 0), text);
	as_flags(BYTES(0x03, 6, 0xff, 0, 0, 0, 0, 0), text);
	as_flags(BYTES(0x03, 6, 1, 0, 0, 0, 0, 0x01), text);
	as_flags(BYTES(0x03, 6, 7, 0, 0, 0, 0, 0x40), text);
}

static void test_takes_up_to_7_unused_bits(void **state UNUSED)
{
	as_flags(BYTES(0x03, 5, 0, 0, 0, 0, 0xff), "");
	as_flags(BYTES(0x03, 6, 1, 0, 0, 0, 0, 0xfe), "");
	as_flags(BYTES(0x03, 6, 7, 0, 0, 0, 0, 0x80), "");
	as_flags(BYTES(0x03, 1, 0),
		"EncTicketPart: flags: a bit string of 0 bits, where 32 or more are expected");
}

/* A field without a place in the struct is held to the same rules. */
static void test_what_is_dropped_is_checked(void **state UNUSED)
{
	struct kdc_req_body body;
	struct slice after[] = {
		FIELD(5, NOW), FIELD(7, INTEGER(1)), FIELD(8, SEQUENCE(INTEGER(1)))};
	struct slice encrypted = SEQUENCE(FIELD(0, INTEGER(18)), FIELD(2, OCTETS("")));
#define BODY(from, data)                                                                           \
	SEQUENCE(FIELD(0, FLAGS), FIELD(2, REALM), FIELD(4, from), after[0], after[1], after[2],   \
		FIELD(10, data))
	check(&der_kdc_req_body, &body, BODY(NOW, encrypted), "");
	check(&der_kdc_req_body, &body, BODY(TIME("2026"), encrypted),
		"KDC-REQ-BODY: from: \"2026\", where a time as YYYYMMDDHHMMSSZ is expected");
	check(&der_kdc_req_body, &body, BODY(NOW, SEQUENCE(FIELD(0, INTEGER(0, 1)))),
		"KDC-REQ-BODY: enc-authorization-data: etype: malformed at octet 83: "
		"" INTEGER_NOT_MINIMAL);
	check(&der_kdc_req_body, &body, BODY(NOW, SEQUENCE(FIELD(0, INTEGER(1)))),
		"KDC-REQ-BODY: enc-authorization-data: cipher: missing");
	struct kdc_req req;
	check(&der_as_req, &req,
		APPLICATION(10, SEQUENCE(FIELD(1, VERSION), FIELD(2, INTEGER(10)),
					FIELD(4, BODY(TIME("2026"), encrypted)))),
		"AS-REQ: req-body: from: \"2026\", where a time as YYYYMMDDHHMMSSZ is expected");
}

SUITE(test_der_strict)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes_what_the_cases_below_spoil),
		cmocka_unit_test(test_refuses_an_empty_message),
		cmocka_unit_test(test_takes_64_KiB_and_refuses_more),
		cmocka_unit_test(test_takes_packets_of_any_length),
		cmocka_unit_test(test_refuses_octets_after_the_message),
		cmocka_unit_test(test_refuses_a_message_cut_short),
		cmocka_unit_test(test_refuses_an_element_longer_than_the_one_around_it),
		cmocka_unit_test(test_refuses_an_element_shorter_than_its_tag),
		cmocka_unit_test(test_refuses_a_length_too_large_to_count),
		cmocka_unit_test(test_refuses_an_indefinite_length),
		cmocka_unit_test(test_refuses_a_length_in_more_octets_than_it_needs),
		cmocka_unit_test(test_refuses_a_tag_of_several_octets),
		cmocka_unit_test(test_refuses_the_private_class),
		cmocka_unit_test(test_refuses_a_constructed_string),
		cmocka_unit_test(test_refuses_a_primitive_sequence),
		cmocka_unit_test(test_refuses_a_set),
		cmocka_unit_test(test_refuses_an_implicit_tag),
		cmocka_unit_test(test_refuses_a_tag_around_nothing),
		cmocka_unit_test(test_refuses_a_tag_around_two_elements),
		cmocka_unit_test(test_refuses_a_field_twice),
		cmocka_unit_test(test_refuses_fields_out_of_order),
		cmocka_unit_test(test_refuses_fields_and_elements_in_one_sequence),
		cmocka_unit_test(test_takes_16_strings_and_refuses_17),
		cmocka_unit_test(test_takes_64_elements_and_refuses_65),
		cmocka_unit_test(test_counts_each_list_by_itself),
		cmocka_unit_test(test_refuses_deep_nesting_without_following_it),
		cmocka_unit_test(test_refuses_an_integer_that_is_not_minimal),
		cmocka_unit_test(test_takes_integers_that_need_their_first_octet),
		cmocka_unit_test(test_refuses_odd_unused_bits),
		cmocka_unit_test(test_takes_up_to_7_unused_bits),
		cmocka_unit_test(test_what_is_dropped_is_checked),
	};
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

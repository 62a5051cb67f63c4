/* SPDX-License-Identifier: BSD-3-Clause */
/* KRB-CRED and lists of encryption types; the header of an element by itself. */
#include "asn1/der_element.h"
#include "tests/support/der_reading.h"
#include "tests/support/suite.h"

static void assert_principal(const struct principal *p)
{
	assert_int_equal(p->type, 1);
	assert_int_equal(p->count, 2);
	assert_slice(p->component[0], "hftsai");
	assert_slice(p->component[1], "extra");
	assert_slice(p->realm, "ATHENA.MIT.EDU");
}

static void test_reads_a_krb_cred(void **state UNUSED)
{
	static struct krb_cred c;
	assert_reads(krb_cred, sample_named("KRB-CRED")->der, &c);
	assert_int_equal(c.count, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_principal(&c.ticket[i].server);
		assert_slice(c.ticket[i].enc_part.cipher, "krbASN.1 test message");
	}
	assert_int_equal(c.enc_part.kvno, 5);
	assert_slice(c.enc_part.cipher, "krbASN.1 test message");
}

static void assert_info(const struct krb_cred_info *info)
{
	assert_int_equal(info->key.type, 1);
	assert_slice(info->key.value, "12345678");
	assert_principal(&info->client);
	assert_true(info->has_flags);
	assert_int_equal(info->flags, 0xfedcba98);
	assert_true(info->has_authtime);
	assert_int_equal(info->authtime, SAMPLE_SECONDS);
	assert_true(info->has_starttime);
	assert_int_equal(info->starttime, SAMPLE_SECONDS);
	assert_true(info->has_endtime);
	assert_int_equal(info->endtime, SAMPLE_SECONDS);
	assert_true(info->has_renew_till);
	assert_int_equal(info->renew_till, SAMPLE_SECONDS);
	assert_principal(&info->server);
	assert_int_equal(info->addresses.count, 2);
	assert_slice(info->addresses.element[1].address, "\x12\xd0\x00\x23");
}

static void test_reads_an_enc_krb_cred_part(void **state UNUSED)
{
	static struct enc_krb_cred_part p;
	assert_reads(enc_krb_cred_part, sample_named("EncKrbCredPart")->der, &p);
	assert_int_equal(p.count, 2);
	assert_info(&p.info[0]);
	assert_info(&p.info[1]);
	assert_true(p.has_nonce);
	assert_int_equal(p.nonce, 42);
	assert_true(p.has_timestamp);
	assert_true(p.has_usec);
	assert_int_equal(p.timestamp.seconds, SAMPLE_SECONDS);
	assert_int_equal(p.timestamp.microseconds, SAMPLE_MICROSECONDS);
	assert_int_equal(p.sender.type, ADDRESS_IPV4);
	assert_slice(p.sender.address, "\x12\xd0\x00\x23");
	assert_slice(p.recipient.address, "\x12\xd0\x00\x23");
}

static void test_reads_an_enc_krb_cred_part_without_optional_fields(void **state UNUSED)
{
	static struct enc_krb_cred_part p;
	assert_reads(
		enc_krb_cred_part, sample_named("EncKrbCredPart, optional fields absent")->der, &p);
	assert_int_equal(p.count, 2);
	assert_slice(p.info[0].key.value, "12345678");
	assert_int_equal(p.info[0].client.count, 0);
	assert_null(p.info[0].client.realm.data);
	assert_false(p.info[0].has_flags || p.info[0].has_authtime || p.info[0].has_starttime ||
		     p.info[0].has_endtime || p.info[0].has_renew_till);
	assert_int_equal(p.info[0].server.count, 0);
	assert_int_equal(p.info[0].addresses.count, 0);
	assert_info(&p.info[1]);
	assert_false(p.has_nonce || p.has_timestamp || p.has_usec);
	assert_null(p.sender.address.data);
	assert_null(p.recipient.address.data);
}

#define TICKET ticket_of(VERSION, ALICE, ENCRYPTED)
#define INFO SEQUENCE(FIELD(0, SEQUENCE(FIELD(0, INTEGER(18)), FIELD(1, OCTETS("key")))))

static struct slice cred_of(struct slice version, struct slice type, struct slice tickets)
{
	return APPLICATION(22, SEQUENCE(FIELD(0, version), FIELD(1, type), FIELD(2, tickets),
				       FIELD(3, ENCRYPTED)));
}

static struct slice part_of(struct slice infos)
{
	return APPLICATION(29, SEQUENCE(FIELD(0, infos)));
}

static void test_reads_as_many_tickets_as_there_is_room_for(void **state UNUSED)
{
	static struct krb_cred c;
	static struct enc_krb_cred_part p;
	assert_reads(krb_cred,
		cred_of(VERSION, INTEGER(22),
			SEQUENCE(sample_copies(TICKET, KRB_CRED_MAX_TICKETS))),
		&c);
	assert_int_equal(c.count, KRB_CRED_MAX_TICKETS);
	assert_reads(enc_krb_cred_part,
		part_of(SEQUENCE(sample_copies(INFO, KRB_CRED_MAX_TICKETS))), &p);
	assert_int_equal(p.count, KRB_CRED_MAX_TICKETS);

	assert_refused(krb_cred,
		cred_of(VERSION, INTEGER(22),
			SEQUENCE(sample_copies(TICKET, KRB_CRED_MAX_TICKETS + 1))),
		ERR_SYNTAX, "KRB-CRED: tickets: a list of more than 8 elements");
	assert_refused(enc_krb_cred_part,
		part_of(SEQUENCE(sample_copies(INFO, KRB_CRED_MAX_TICKETS + 1))), ERR_SYNTAX,
		"EncKrbCredPart: ticket-info: a list of more than 8 elements");
}

static void test_reads_lists_that_are_empty(void **state UNUSED)
{
	static struct krb_cred c;
	static struct enc_krb_cred_part p;
	assert_reads(krb_cred, cred_of(VERSION, INTEGER(22), SEQUENCE(NOTHING)), &c);
	assert_int_equal(c.count, 0);
	assert_reads(enc_krb_cred_part, part_of(SEQUENCE(NOTHING)), &p);
	assert_int_equal(p.count, 0);
}

static void test_refuses_what_is_no_krb_cred(void **state UNUSED)
{
	assert_refused(krb_cred, cred_of(INTEGER(4), INTEGER(22), SEQUENCE(TICKET)),
		KRB_AP_ERR_BADVERSION, "KRB-CRED: pvno: 4, where 5 is expected");
	assert_refused(krb_cred, cred_of(VERSION, INTEGER(14), SEQUENCE(TICKET)),
		KRB_AP_ERR_MSG_TYPE, "KRB-CRED: msg-type: 14, where 22 is expected");
	assert_refused(krb_cred, sample_named("AP-REQ")->der, KRB_AP_ERR_MSG_TYPE,
		"a message of type 14, where 22 is expected");
	assert_refused(krb_cred, cred_of(VERSION, INTEGER(22), SEQUENCE(INFO)), ERR_SYNTAX,
		"KRB-CRED: tickets: element 1: not of the type that it should be: a SEQUENCE, "
		"where [APPLICATION 1] is expected");
	assert_refused(enc_krb_cred_part, part_of(SEQUENCE(TICKET)), ERR_SYNTAX,
		"EncKrbCredPart: ticket-info: element 1: not of the type that it should be: "
		"[APPLICATION 1], where a SEQUENCE is expected");
}

static void test_reads_a_list_of_etypes(void **state UNUSED)
{
	struct etype_list list;
	assert_reads(etype_list, sample_named("EtypeList")->der, &list);
	assert_int_equal(list.count, 3);
	assert_int_equal(list.etype[0], 20);
	assert_int_equal(list.etype[1], 19);
	assert_int_equal(list.etype[2], 18);

	assert_reads(
		etype_list, SEQUENCE(INTEGER(0xff, 0x74), INTEGER(0x7f, 0xff, 0xff, 0xff)), &list);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.etype[0], -140);
	assert_int_equal(list.etype[1], INT32_MAX);
	assert_reads(etype_list, SEQUENCE(NOTHING), &list);
	assert_int_equal(list.count, 0);
}

static void test_refuses_what_is_no_list_of_etypes(void **state UNUSED)
{
	struct etype_list list;
	assert_refused(etype_list, SEQUENCE(INTEGER(18), OCTETS("")), ERR_SYNTAX,
		"EtypeList: element 2: not of the type that it should be: an OCTET STRING, where "
		"an "
		"INTEGER is expected");
	assert_refused(etype_list, INTEGER(18), ERR_SYNTAX,
		"EtypeList: not of the type that it should be: an INTEGER, where a SEQUENCE is "
		"expected");
	assert_refused(etype_list, SEQUENCE(INTEGER(0, 0x80, 0, 0, 0)), ERR_SYNTAX,
		"EtypeList: element 1: 2147483648, where");
	assert_reads(etype_list, SEQUENCE(sample_copies(INTEGER(18), 64)), &list);
	assert_int_equal(list.count, 64);
	assert_refused(etype_list, SEQUENCE(sample_copies(INTEGER(18), 65)), ERR_SYNTAX,
		"a list of more than 64 elements");
}

/* ---- headers ---- */

static void test_a_header_fits_what_follows(void **state UNUSED)
{
	static const size_t lengths[] = {0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0x123456};
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		AUTO_BUFFER out = {0};
		struct error err = {0};
		assert_int_equal(der_write_header(0x60, lengths[i], &out, &err), STATUS_OK);
		size_t header = out.len;
		assert_int_equal(buffer_append(&out, sample_repeat('x', lengths[i])), STATUS_OK);
		struct slice rest = buffer_slice(&out);
		struct element element;
		assert_null(element_take(&rest, &element));
		assert_int_equal(rest.len, 0);
		assert_int_equal(element.tag, 0x60);
		assert_int_equal(element.content.len, lengths[i]);
		assert_ptr_equal(element.content.data, out.data + header);
	}
}

static void test_a_header_is_appended(void **state UNUSED)
{
	AUTO_BUFFER out = {0};
	struct error err = {0};
	assert_int_equal(der_write_header(0x60, 0x80, &out, &err), STATUS_OK);
	assert_int_equal(der_write_header(0x06, 9, &out, &err), STATUS_OK);
	assert_slice(buffer_slice(&out), "\x60\x81\x80\x06\x09");
}

SUITE(test_der_cred)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_a_krb_cred),
		cmocka_unit_test(test_reads_an_enc_krb_cred_part),
		cmocka_unit_test(test_reads_an_enc_krb_cred_part_without_optional_fields),
		cmocka_unit_test(test_reads_as_many_tickets_as_there_is_room_for),
		cmocka_unit_test(test_reads_lists_that_are_empty),
		cmocka_unit_test(test_refuses_what_is_no_krb_cred),
		cmocka_unit_test(test_reads_a_list_of_etypes),
		cmocka_unit_test(test_refuses_what_is_no_list_of_etypes),
		cmocka_unit_test(test_a_header_fits_what_follows),
		cmocka_unit_test(test_a_header_is_appended),
	};
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages between client and KDC: what each field becomes, and which form is refused. */
#include "tests/support/der_reading.h"
#include "tests/support/suite.h"

static void assert_name(const struct principal *p)
{
	assert_int_equal(p->count, 2);
	assert_slice(p->component[0], "hftsai");
	assert_slice(p->component[1], "extra");
	assert_slice(p->realm, "ATHENA.MIT.EDU");
}

static void assert_padata(const struct padata *padata)
{
	assert_int_equal(padata->count, 2);
	assert_int_equal(padata->element[1].type, 13);
	assert_slice(padata->element[1].value, "pa-data");
}

/* ---- the published vectors, field by field ---- */

static void reads_a_request(void **state UNUSED)
{
	struct kdc_req req;
	struct kdc_req_body body;
	assert_reads(as_req, sample_named("AS-REQ")->der, &req);
	assert_padata(&req.padata);
	assert_slice(req.body_der, DER_FULL_BODY);
	assert_reads(tgs_req, sample_named("TGS-REQ")->der, &req);
	assert_padata(&req.padata);

	assert_reads(kdc_req_body, sample_named("KDC-REQ-BODY")->der, &body);
	assert_int_equal(body.options, 0xfedcba90);
	assert_int_equal(body.client.count, 0);
	assert_name(&body.server);
	assert_int_equal(body.till, SAMPLE_SECONDS);
	assert_false(body.has_rtime);
	assert_int_equal(body.nonce, 42);
	assert_int_equal(body.etype_count, 2);
	assert_int_equal(body.etype[1], 1);
}

static void reads_a_reply(void **state UNUSED)
{
	struct kdc_rep rep;
	struct slice der = sample_named("AS-REP")->der;
	assert_reads(as_rep, der, &rep);
	assert_padata(&rep.padata);
	assert_name(&rep.client);
	assert_name(&rep.ticket.server);
	assert_int_equal(rep.ticket.enc_part.kvno, 5);
	assert_slice(rep.ticket_der, DER_TICKET);
	assert_slice(rep.enc_part.cipher, "krbASN.1 test message");
	assert_reads(tgs_rep, sample_named("TGS-REP")->der, &rep);
	assert_slice(rep.ticket_der, DER_TICKET);
}

static void check_part(const struct enc_kdc_rep_part *part)
{
	assert_slice(part->key.value, "12345678");
	assert_int_equal(part->last_req.count, 2);
	assert_int_equal(part->last_req.element[0].type, -5);
	assert_int_equal(part->last_req.element[1].value, SAMPLE_SECONDS);
	assert_int_equal(part->nonce, 42);
	assert_int_equal(part->authtime, SAMPLE_SECONDS);
	assert_int_equal(part->endtime, SAMPLE_SECONDS);
	assert_name(&part->server);
}

static void reads_an_encrypted_part_of_either_kind(void **state UNUSED)
{
	struct enc_kdc_rep_part part;
	assert_reads(enc_kdc_rep_part, sample_named("EncASRepPart")->der, &part);
	check_part(&part);
	assert_false(part.has_starttime);
	assert_int_equal(part.addresses.count, 0);
	assert_reads(enc_kdc_rep_part, sample_named("EncTGSRepPart")->der, &part);
	check_part(&part);
	assert_int_equal(part.flags, 0xfedcba98);
	assert_true(part.has_key_expiration && part.has_starttime && part.has_renew_till);
	assert_int_equal(part.renew_till, SAMPLE_SECONDS);
	assert_int_equal(part.addresses.count, 2);
}

static void reads_what_a_kdc_wants(void **state UNUSED)
{
	struct etype_info2 info;
	struct pa_enc_ts_enc stamp;
	assert_reads(etype_info2, sample_named("ETYPE-INFO2")->der, &info);
	assert_int_equal(info.count, 3);
	assert_int_equal(info.element[2].etype, 2);
	assert_slice(info.element[2].salt, "Morton's #2");
	assert_null(info.element[1].salt.data);
	assert_slice(info.element[1].parameters, "s2k: 1");
	assert_reads(pa_enc_ts_enc, sample_named("PA-ENC-TS-ENC")->der, &stamp);
	assert_true(stamp.has_microseconds);
	assert_int_equal(stamp.time.microseconds, SAMPLE_MICROSECONDS);
}

/* A salt of no octets is another one than none. */
static void an_empty_salt_is_there(void **state UNUSED)
{
	struct etype_info2 info;
	struct slice entry = SEQUENCE(FIELD(0, INTEGER(18)), FIELD(1, STRING("")));
	assert_reads(etype_info2, SEQUENCE(entry), &info);
	assert_non_null(info.element[0].salt.data);
	assert_int_equal(info.element[0].salt.len, 0);
}

/* ---- forms ---- */

#define LAST_REQ SEQUENCE(SEQUENCE(FIELD(0, INTEGER(0)), FIELD(1, NOW)))
#define A_KEY SEQUENCE(FIELD(0, INTEGER(18)), FIELD(1, OCTETS("key")))

static struct slice part_of(unsigned char application, struct slice nonce, struct slice last)
{
	return APPLICATION(application,
		SEQUENCE(FIELD(0, A_KEY), FIELD(1, LAST_REQ), FIELD(2, nonce), FIELD(4, FLAGS),
			FIELD(5, NOW), FIELD(7, NOW), FIELD(9, REALM), FIELD(10, last)));
}

/* Deployed peers write a nonce of 32 bits as a negative number. */
static void takes_a_negative_nonce(void **state UNUSED)
{
	struct enc_kdc_rep_part part;
	assert_reads(enc_kdc_rep_part, part_of(25, INTEGER(0xff), ALICE), &part);
	assert_int_equal(part.nonce, UINT32_MAX);
}

static void refuses_parts_of_other_kinds(void **state UNUSED)
{
	assert_refused(enc_kdc_rep_part, part_of(27, INTEGER(1), ALICE), ERR_SYNTAX,
		"EncASRepPart: not of the type that it should be: [APPLICATION 27], where "
		"[APPLICATION 25] is expected");
	assert_refused(enc_kdc_rep_part, part_of(25, OCTETS("1"), ALICE), ERR_SYNTAX,
		"EncASRepPart: nonce: not of the type that it should be: an OCTET STRING, where an "
		"INTEGER is expected");
	assert_refused(enc_kdc_rep_part, part_of(26, INTEGER(1), REALM), ERR_SYNTAX,
		"EncTGSRepPart: sname: not of the type that it should be: a GeneralString, where a "
		"SEQUENCE is expected");
}

static void check_rep_refused(unsigned char application, struct slice version, struct slice type,
	enum status code, const char *part)
{
	struct kdc_rep out;
	memset(&out, 0xee, sizeof out);
	struct error err = {0};
	struct slice der = APPLICATION(application,
		SEQUENCE(FIELD(0, version), FIELD(1, type), FIELD(3, REALM), FIELD(4, ALICE),
			FIELD(5, ticket_of(VERSION, ALICE, ENCRYPTED)), FIELD(6, ENCRYPTED)));
	enum status status = der_read_as_rep(der, &out, &err);
	check_unread(status, &err, code, part, &out, sizeof out);
}

static void refuses_replies_of_other_kinds(void **state UNUSED)
{
	check_rep_refused(13, VERSION, INTEGER(13), KRB_AP_ERR_MSG_TYPE,
		"AS-REP: a message of type 13, where 11 is expected");
	check_rep_refused(11, VERSION, INTEGER(13), KRB_AP_ERR_MSG_TYPE,
		"AS-REP: msg-type: 13, where 11 is expected");
	check_rep_refused(11, INTEGER(4), INTEGER(11), KRB_AP_ERR_BADVERSION,
		"AS-REP: pvno: 4, where 5 is expected");
}

/* ---- writing ---- */

static void writes_nothing_without_its_parts(void **state UNUSED)
{
	AUTO_BUFFER out = {0};
	struct error err = {0};
	const struct kdc_req req = {.body_der = SLICE_EMPTY};
	const struct kdc_rep rep = {.ticket_der = SLICE_EMPTY};
	assert_int_equal(der_write_as_req(&req, &out, &err), ERR_SYNTAX);
	assert_string_equal(err.text, "AS-REQ: req-body: no KDC-REQ-BODY to send");
	assert_int_equal(der_write_tgs_rep(&rep, &out, &err), ERR_SYNTAX);
	assert_string_equal(err.text, "TGS-REP: ticket: no Ticket to send");
	assert_int_equal(out.len, 0);
}

SUITE(test_der_kdc)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_request),
		cmocka_unit_test(reads_a_reply),
		cmocka_unit_test(reads_an_encrypted_part_of_either_kind),
		cmocka_unit_test(reads_what_a_kdc_wants),
		cmocka_unit_test(an_empty_salt_is_there),
		cmocka_unit_test(takes_a_negative_nonce),
		cmocka_unit_test(refuses_parts_of_other_kinds),
		cmocka_unit_test(refuses_replies_of_other_kinds),
		cmocka_unit_test(writes_nothing_without_its_parts),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

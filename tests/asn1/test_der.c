/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading messages: what each field becomes, which form is refused, and the schema's life. */
#include <pthread.h>

#include "tests/support/der_reading.h"
#include "tests/support/suite.h"

/* ---- the published vectors, field by field ---- */

static void assert_principal(const struct principal *p)
{
	assert_int_equal(p->type, 1);
	assert_int_equal(p->count, 2);
	assert_slice(p->component[0], "hftsai");
	assert_slice(p->component[1], "extra");
	assert_slice(p->realm, "ATHENA.MIT.EDU");
}

static void assert_encrypted(const struct encrypted_data *e)
{
	assert_int_equal(e->etype, 0);
	assert_true(e->has_kvno);
	assert_int_equal(e->kvno, 5);
	assert_slice(e->cipher, "krbASN.1 test message");
}

static void assert_ads(const struct authorization_data *ads)
{
	assert_int_equal(ads->count, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(ads->element[i].type, 1);
		assert_slice(ads->element[i].data, "foobar");
	}
	assert_slice(ads->der, DER_ADS);
}

static void test_reads_a_ticket(void **state UNUSED)
{
	struct ticket t;
	assert_reads(ticket, sample_named("Ticket")->der, &t);
	assert_principal(&t.server);
	assert_encrypted(&t.enc_part);
}

static void test_reads_an_enc_ticket_part(void **state UNUSED)
{
	struct enc_ticket_part p;
	assert_reads(enc_ticket_part, sample_named("EncTicketPart")->der, &p);
	assert_int_equal(p.flags, 0xfedcba98);
	assert_int_equal(p.key.type, 1);
	assert_slice(p.key.value, "12345678");
	assert_principal(&p.client);
	assert_int_equal(p.transited_type, 1);
	assert_slice(p.transited, "EDU,MIT.,ATHENA.,WASHINGTON.EDU,CS.");
	assert_int_equal(p.authtime, SAMPLE_SECONDS);
	assert_true(p.has_starttime);
	assert_int_equal(p.starttime, SAMPLE_SECONDS);
	assert_int_equal(p.endtime, SAMPLE_SECONDS);
	assert_true(p.has_renew_till);
	assert_int_equal(p.renew_till, SAMPLE_SECONDS);
	assert_int_equal(p.addresses.count, 2);
	assert_int_equal(p.addresses.element[1].type, ADDRESS_IPV4);
	assert_slice(p.addresses.element[1].address, "\x12\xd0\x00\x23");
	assert_ads(&p.authorization_data);
}

static void test_reads_an_enc_ticket_part_without_optional_fields(void **state UNUSED)
{
	struct enc_ticket_part p;
	assert_reads(
		enc_ticket_part, sample_named("EncTicketPart, optional fields absent")->der, &p);
	assert_principal(&p.client);
	assert_false(p.has_starttime);
	assert_false(p.has_renew_till);
	assert_int_equal(p.addresses.count, 0);
	assert_int_equal(p.authorization_data.count, 0);
	assert_null(p.authorization_data.der.data);
}

static void test_reads_an_ap_req(void **state UNUSED)
{
	struct ap_req r;
	assert_reads(ap_req, sample_named("AP-REQ")->der, &r);
	assert_int_equal(r.options, 0xfedcba98);
	assert_principal(&r.ticket.server);
	assert_encrypted(&r.ticket.enc_part);
	assert_slice(r.ticket_der, DER_TICKET);
	assert_encrypted(&r.authenticator);
}

static void test_reads_an_authenticator(void **state UNUSED)
{
	struct authenticator a;
	assert_reads(authenticator, sample_named("Authenticator")->der, &a);
	assert_principal(&a.client);
	assert_int_equal(a.checksum.type, 1);
	assert_slice(a.checksum.value, "1234");
	assert_int_equal(a.time.seconds, SAMPLE_SECONDS);
	assert_int_equal(a.time.microseconds, SAMPLE_MICROSECONDS);
	assert_int_equal(a.subkey.type, 1);
	assert_slice(a.subkey.value, "12345678");
	assert_true(a.has_seq_number);
	assert_int_equal(a.seq_number, 17);
	assert_ads(&a.authorization_data);
}

static void test_reads_an_authenticator_without_optional_fields(void **state UNUSED)
{
	struct authenticator a;
	assert_reads(authenticator, sample_named("Authenticator, optional fields absent")->der, &a);
	assert_principal(&a.client);
	assert_null(a.checksum.value.data);
	assert_null(a.subkey.value.data);
	assert_false(a.has_seq_number);
	assert_int_equal(a.authorization_data.count, 0);
}

static void test_reads_an_ap_rep(void **state UNUSED)
{
	struct ap_rep r;
	assert_reads(ap_rep, sample_named("AP-REP")->der, &r);
	assert_encrypted(&r.enc_part);
}

static void test_reads_an_enc_ap_rep_part(void **state UNUSED)
{
	struct enc_ap_rep_part p;
	assert_reads(enc_ap_rep_part, sample_named("EncAPRepPart")->der, &p);
	assert_int_equal(p.time.seconds, SAMPLE_SECONDS);
	assert_int_equal(p.time.microseconds, SAMPLE_MICROSECONDS);
	assert_slice(p.subkey.value, "12345678");
	assert_true(p.has_seq_number);
	assert_int_equal(p.seq_number, 17);

	assert_reads(
		enc_ap_rep_part, sample_named("EncAPRepPart, optional fields absent")->der, &p);
	assert_null(p.subkey.value.data);
	assert_false(p.has_seq_number);
}

static void test_reads_a_krb_error(void **state UNUSED)
{
	struct krb_error e;
	assert_reads(krb_error, sample_named("KRB-ERROR")->der, &e);
	assert_true(e.has_ctime);
	assert_true(e.has_cusec);
	assert_int_equal(e.ctime.seconds, SAMPLE_SECONDS);
	assert_int_equal(e.ctime.microseconds, SAMPLE_MICROSECONDS);
	assert_int_equal(e.stime.seconds, SAMPLE_SECONDS);
	assert_int_equal(e.stime.microseconds, SAMPLE_MICROSECONDS);
	assert_int_equal(e.error_code, KRB_ERR_GENERIC);
	assert_principal(&e.client);
	assert_principal(&e.server);
	assert_slice(e.text, "krb5data");
	assert_slice(e.data, "krb5data");
}

static void test_reads_a_krb_error_without_optional_fields(void **state UNUSED)
{
	struct krb_error e;
	assert_reads(
		krb_error, sample_named("KRB-ERROR, optional fields absent but cusec")->der, &e);
	assert_false(e.has_ctime);
	assert_true(e.has_cusec);
	assert_int_equal(e.client.count, 0);
	assert_null(e.client.realm.data);
	assert_principal(&e.server);
	assert_null(e.text.data);
	assert_null(e.data.data);
}

static void test_reads_authorization_data(void **state UNUSED)
{
	struct authorization_data ads;
	assert_reads(authorization_data, sample_named("AuthorizationData")->der, &ads);
	assert_ads(&ads);
}

static void test_reads_ad_kdc_issued(void **state UNUSED)
{
	struct ad_kdc_issued a;
	assert_reads(ad_kdc_issued, sample_named("AD-KDCIssued")->der, &a);
	assert_slice(a.checksum.value, "1234");
	assert_principal(&a.issuer);
	assert_ads(&a.elements);

	assert_reads(ad_kdc_issued, sample_named("AD-KDCIssued, optional fields absent")->der, &a);
	assert_int_equal(a.issuer.count, 0);
	assert_null(a.issuer.realm.data);
	assert_ads(&a.elements);
}

static void test_reads_ad_and_or(void **state UNUSED)
{
	struct ad_and_or a;
	assert_reads(ad_and_or, sample_named("AD-AND-OR")->der, &a);
	assert_int_equal(a.condition_count, 1);
	assert_ads(&a.elements);
}

static void test_slices_point_into_the_input(void **state UNUSED)
{
	struct slice der = sample_named("AP-REQ")->der;
	struct ap_req r;
	assert_reads(ap_req, der, &r);
	assert_ptr_equal(
		r.authenticator.cipher.data + r.authenticator.cipher.len, der.data + der.len);
	assert_ptr_equal(r.ticket_der.data, memmem(der.data, der.len, DER_TICKET, 2));
}

/* ---- hostile lengths ---- */

static void check_sample_refused(const struct sample *s, struct slice der, const char *part)
{
	static unsigned char out[SAMPLE_MAX_SIZE];
	assert_uint_in_range(s->size, 1, sizeof out);
	memset(out, 0xee, sizeof out);
	struct error err = {0};
	enum status status = s->read(der, out, &err);
	check_unread(status, &err, ERR_SYNTAX, part, out, s->size);
}

static void test_refuses_every_message_cut_short_at_every_length(void **state UNUSED)
{
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		for (size_t len = 0; len < samples[i].der.len; len++) {
			/* A copy of its own, so that reading beyond it is noticed. */
			unsigned char *copy = malloc(len + !len);
			memcpy(copy, samples[i].der.data, len);
			check_sample_refused(&samples[i], slice_of(copy, len),
				len == 0 ? "an empty message" : "malformed at octet 0");
			free(copy);
		}
}

static void test_refuses_an_octet_after_every_message(void **state UNUSED)
{
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		unsigned char copy[SAMPLE_MAX_LENGTH] = {0};
		memcpy(copy, samples[i].der.data, samples[i].der.len);
		check_sample_refused(&samples[i], slice_of(copy, samples[i].der.len + 1),
			"octets after the end of the message");
	}
}

/* ---- versions and message types ---- */

static void test_refuses_another_version(void **state UNUSED)
{
	assert_refused(ap_req, ap_req_of(INTEGER(4), INTEGER(14), FLAGS), KRB_AP_ERR_BADVERSION,
		"AP-REQ: pvno: 4, where 5 is expected");
	assert_refused(ap_rep, ap_rep_of(INTEGER(6), INTEGER(15), ENCRYPTED), KRB_AP_ERR_BADVERSION,
		"AP-REP: pvno: 6, where 5 is expected");
	assert_refused(ticket, ticket_of(INTEGER(4), ALICE, ENCRYPTED), KRB_AP_ERR_BADVERSION,
		"Ticket: tkt-vno: 4, where 5 is expected");
	assert_refused(authenticator, authenticator_of(INTEGER(4), SEQUENCE(NOTHING)),
		KRB_AP_ERR_BADVERSION, "Authenticator: authenticator-vno: 4, where 5 is expected");
}

static void test_refuses_another_version_of_the_ticket_inside(void **state UNUSED)
{
	struct slice der = APPLICATION(14,
		SEQUENCE(FIELD(0, VERSION), FIELD(1, INTEGER(14)), FIELD(2, FLAGS),
			FIELD(3, ticket_of(INTEGER(4), ALICE, ENCRYPTED)), FIELD(4, ENCRYPTED)));
	assert_refused(ap_req, der, KRB_AP_ERR_BADVERSION,
		"AP-REQ: ticket: tkt-vno: 4, where 5 is expected");
}

static void test_refuses_another_message_type(void **state UNUSED)
{
	assert_refused(ap_req, ap_req_of(VERSION, INTEGER(15), FLAGS), KRB_AP_ERR_MSG_TYPE,
		"AP-REQ: msg-type: 15, where 14 is expected");
	assert_refused(ap_rep, ap_rep_of(VERSION, INTEGER(14), ENCRYPTED), KRB_AP_ERR_MSG_TYPE,
		"AP-REP: msg-type: 14, where 15 is expected");
}

static void test_refuses_another_message(void **state UNUSED)
{
	assert_refused(ap_req, sample_named("AP-REP")->der, KRB_AP_ERR_MSG_TYPE,
		"AP-REQ: a message of type 15, where 14 is expected");
	assert_refused(ap_rep, sample_named("KRB-ERROR")->der, KRB_AP_ERR_MSG_TYPE,
		"AP-REP: a message of type 30, where 15 is expected");
	assert_refused(krb_error, sample_named("AP-REQ")->der, KRB_AP_ERR_MSG_TYPE,
		"KRB-ERROR: a message of type 14, where 30 is expected");
	assert_refused(ap_req, sample_named("AuthorizationData")->der, ERR_SYNTAX,
		"AP-REQ: not of the type that it should be: a SEQUENCE, where [APPLICATION 14] is "
		"expected");
	assert_refused(enc_ticket_part, sample_named("Authenticator")->der, ERR_SYNTAX,
		"EncTicketPart: not of the type that it should be: [APPLICATION 2], where "
		"[APPLICATION 3] is expected");
}

static void test_tells_messages_by_their_tag(void **state UNUSED)
{
	assert_int_equal(der_message_type(sample_named("AP-REQ")->der), KRB_AP_REQ);
	assert_int_equal(der_message_type(sample_named("AP-REP")->der), KRB_AP_REP);
	assert_int_equal(der_message_type(sample_named("KRB-ERROR")->der), KRB_ERROR);
	assert_int_equal(der_message_type(BYTES(0x6a)), 10);
	assert_int_equal(der_message_type(BYTES(0x60)), 0);
	assert_int_equal(der_message_type(BYTES(0x7f, 0x1f)), -1);
	assert_int_equal(der_message_type(BYTES(0x4e)), -1);
	assert_int_equal(der_message_type(BYTES(0xae)), -1);
	assert_int_equal(der_message_type(BYTES(0x30)), -1);
	assert_int_equal(der_message_type(NOTHING), -1);
}

/* ---- the form of a message ---- */

static void test_refuses_a_field_that_is_not_defined(void **state UNUSED)
{
	struct slice der = APPLICATION(15, SEQUENCE(FIELD(0, VERSION), FIELD(1, INTEGER(15)),
						   FIELD(2, ENCRYPTED), FIELD(3, INTEGER(1))));
	assert_refused(ap_rep, der, ERR_SYNTAX, "AP-REP: a field too many, [3]");
}

static void test_refuses_a_message_without_a_required_field(void **state UNUSED)
{
	struct slice der = APPLICATION(15, SEQUENCE(FIELD(0, VERSION), FIELD(2, ENCRYPTED)));
	assert_refused(ap_rep, der, ERR_SYNTAX, "AP-REP: msg-type: missing, [2] is in its place");
	der = APPLICATION(15, SEQUENCE(FIELD(0, VERSION), FIELD(1, INTEGER(15))));
	assert_refused(ap_rep, der, ERR_SYNTAX, "AP-REP: enc-part: missing");
}

static void test_refuses_an_empty_sequence_for_a_record(void **state UNUSED)
{
	assert_refused(
		ap_rep, APPLICATION(15, SEQUENCE(NOTHING)), ERR_SYNTAX, "AP-REP: pvno: missing");
	assert_refused(ap_rep, ap_rep_of(VERSION, INTEGER(15), SEQUENCE(NOTHING)), ERR_SYNTAX,
		"AP-REP: enc-part: etype: missing");
	assert_refused(authenticator, authenticator_of(VERSION, SEQUENCE(SEQUENCE(NOTHING))),
		ERR_SYNTAX, "Authenticator: authorization-data: element 1: ad-type: missing");
}

static void test_refuses_a_field_of_another_type(void **state UNUSED)
{
	assert_refused(ap_rep, ap_rep_of(OCTETS("\5"), INTEGER(15), ENCRYPTED), ERR_SYNTAX,
		"AP-REP: pvno: not of the type that it should be: an OCTET STRING, where an "
		"INTEGER is expected");
	assert_refused(ticket, ticket_of(VERSION, NAME(OCTETS("alice")), ENCRYPTED), ERR_SYNTAX,
		"Ticket: sname: name-string: element 1: not of the type that it should be: an "
		"OCTET "
		"STRING, where a GeneralString is expected");
	assert_refused(ticket,
		ticket_of(VERSION, NAME(MAKE(0x0c, SLICE_LITERAL("alice"))), ENCRYPTED), ERR_SYNTAX,
		"Ticket: sname: name-string: element 1: not of the type that it should be: the tag "
		"0c, where a GeneralString is expected");
}

/* ---- the schema's life ---- */

static void test_the_reason_is_not_needed(void **state UNUSED)
{
	struct ap_rep r;
	assert_int_equal(der_read_ap_rep(BYTES(0x30), &r, &(struct error){0}), ERR_SYNTAX);
	assert_int_equal(
		der_read_ap_rep(sample_named("AP-REP")->der, &r, &(struct error){0}), STATUS_OK);
}

static void test_closes_and_opens_again(void **state UNUSED)
{
	struct ap_rep r;
	for (int i = 0; i < 3; i++) {
		struct error err = {0};
		assert_int_equal(der_open(&err), STATUS_OK);
		assert_int_equal(der_open(&err), STATUS_OK);
		assert_reads(ap_rep, sample_named("AP-REP")->der, &r);
		der_close();
		der_close();
		assert_reads(ap_rep, sample_named("AP-REP")->der, &r);
	}
}

enum { THREADS = 8 };

static pthread_barrier_t start;

/* NULL, or the name of a sample that could not be read. */
static void *read_all(void *arg UNUSED)
{
	_Alignas(16) unsigned char out[SAMPLE_MAX_SIZE];
	pthread_barrier_wait(&start);
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		if (samples[i].read(samples[i].der, out, NULL))
			return (void *)samples[i].name;
	return NULL;
}

static void start_threads_at_once(void)
{
	pthread_t thread[THREADS];
	pthread_barrier_init(&start, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, read_all, NULL), 0);
	for (int i = 0; i < THREADS; i++) {
		void *failed;
		pthread_join(thread[i], &failed);
		assert_null(failed);
	}
	pthread_barrier_destroy(&start);
}

/* What the losers of the race to make the schema made is freed: sanitizers look. */
static void test_threads_read_at_once_from_the_first_message_on(void **state UNUSED)
{
	for (int round = 0; round < 50; round++) {
		der_close();
		start_threads_at_once();
	}
}

SUITE(test_der)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_a_ticket),
		cmocka_unit_test(test_reads_an_enc_ticket_part),
		cmocka_unit_test(test_reads_an_enc_ticket_part_without_optional_fields),
		cmocka_unit_test(test_reads_an_ap_req),
		cmocka_unit_test(test_reads_an_authenticator),
		cmocka_unit_test(test_reads_an_authenticator_without_optional_fields),
		cmocka_unit_test(test_reads_an_ap_rep),
		cmocka_unit_test(test_reads_an_enc_ap_rep_part),
		cmocka_unit_test(test_reads_a_krb_error),
		cmocka_unit_test(test_reads_a_krb_error_without_optional_fields),
		cmocka_unit_test(test_reads_authorization_data),
		cmocka_unit_test(test_reads_ad_kdc_issued),
		cmocka_unit_test(test_reads_ad_and_or),
		cmocka_unit_test(test_slices_point_into_the_input),
		cmocka_unit_test(test_refuses_every_message_cut_short_at_every_length),
		cmocka_unit_test(test_refuses_an_octet_after_every_message),
		cmocka_unit_test(test_refuses_another_version),
		cmocka_unit_test(test_refuses_another_version_of_the_ticket_inside),
		cmocka_unit_test(test_refuses_another_message_type),
		cmocka_unit_test(test_refuses_another_message),
		cmocka_unit_test(test_tells_messages_by_their_tag),
		cmocka_unit_test(test_refuses_a_field_that_is_not_defined),
		cmocka_unit_test(test_refuses_a_message_without_a_required_field),
		cmocka_unit_test(test_refuses_an_empty_sequence_for_a_record),
		cmocka_unit_test(test_refuses_a_field_of_another_type),
		cmocka_unit_test(test_the_reason_is_not_needed),
		cmocka_unit_test(test_closes_and_opens_again),
		cmocka_unit_test(test_threads_read_at_once_from_the_first_message_on),
	};
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

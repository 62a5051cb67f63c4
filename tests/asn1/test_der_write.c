/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing messages: against the published vectors, against what libtasn1
 * makes of the definitions in kerberos5.asn, and what cannot be expressed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <libtasn1.h>

#include "tests/support/der_samples.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

extern const asn1_static_node kerberos5_asn1[];

static asn1_node definitions;

static int open_definitions(void **state UNUSED)
{
	return asn1_array2tree(kerberos5_asn1, &definitions, NULL);
}

static int close_definitions(void **state UNUSED)
{
	asn1_delete_structure(&definitions);
	der_close();
	return 0;
}

/* ---- the published vectors ---- */

static void test_writes_the_published_vectors(void **state UNUSED)
{
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		AUTO_BUFFER out = {0};
		struct error err = {0};
		assert_int_equal(samples[i].write(samples[i].value, &out, &err), STATUS_OK);
		assert_int_equal(out.len, samples[i].der.len);
		assert_memory_equal(out.data, samples[i].der.data, out.len);
	}
}

static void test_the_definitions_give_the_published_vectors(void **state UNUSED)
{
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		char type[64];
		snprintf(type, sizeof type, "KerberosV5Spec2.%.*s",
			(int)strcspn(samples[i].name, ","), samples[i].name);
		asn1_node node = NULL;
		assert_int_equal(asn1_create_element(definitions, type, &node), ASN1_SUCCESS);
		struct slice der = samples[i].der;
		assert_int_equal(
			asn1_der_decoding(&node, der.data, (int)der.len, NULL), ASN1_SUCCESS);

		unsigned char out[SAMPLE_MAX_LENGTH];
		int len = sizeof out;
		assert_int_equal(asn1_der_coding(node, "", out, &len, NULL), ASN1_SUCCESS);
		assert_int_equal(len, der.len);
		assert_memory_equal(out, der.data, der.len);
		asn1_delete_structure(&node);
	}
}

static void test_every_type_is_defined(void **state UNUSED)
{
	static const char *const types[] = {"Int32", "UInt32", "Microseconds", "KerberosString",
		"Realm", "PrincipalName", "KerberosTime", "HostAddress", "HostAddresses",
		"AuthorizationData", "PA-DATA", "METHOD-DATA", "KerberosFlags", "EncryptedData",
		"EncryptionKey", "Checksum", "AD-IF-RELEVANT", "AD-MANDATORY-FOR-KDC",
		"AD-KDCIssued", "AD-AND-OR", "EtypeList", "Ticket", "EncTicketPart",
		"TransitedEncoding", "AP-REQ", "Authenticator", "AP-REP", "EncAPRepPart",
		"KRB-SAFE", "KRB-SAFE-BODY", "KRB-PRIV", "EncKrbPrivPart", "KRB-CRED",
		"EncKrbCredPart", "KrbCredInfo", "KRB-ERROR", "AS-REQ", "TGS-REQ", "KDC-REQ-BODY",
		"AS-REP", "TGS-REP", "EncASRepPart", "EncTGSRepPart", "LastReq", "PA-ENC-TIMESTAMP",
		"PA-ENC-TS-ENC", "ETYPE-INFO", "ETYPE-INFO2"};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		char name[64];
		snprintf(name, sizeof name, "KerberosV5Spec2.%s", types[i]);
		asn1_node node = NULL;
		assert_int_equal(asn1_create_element(definitions, name, &node), ASN1_SUCCESS);
		asn1_delete_structure(&node);
	}
}

/* ---- the same message from the definitions ---- */

/*
 * A row of asn1_write_value(): a number as text, which has to fit into a long, has
 * length 0 (others are told by their octets), an absent field no value.
 */
struct setting {
	const char *path;
	const void *value;
	int len;
};
#define NUMBER(path, text)                                                                         \
	{                                                                                          \
		path, text, 0                                                                      \
	}
#define TEXT(path, text)                                                                           \
	{                                                                                          \
		path, text, sizeof(text) - 1                                                       \
	}
#define NEW(path)                                                                                  \
	{                                                                                          \
		path, "NEW", 1                                                                     \
	}
#define BITS(path, octets)                                                                         \
	{                                                                                          \
		path, octets, 32                                                                   \
	}
#define ABSENT(path)                                                                               \
	{                                                                                          \
		path, NULL, 0                                                                      \
	}
#define SETTINGS(...) ((const struct setting[]){__VA_ARGS__, {NULL, NULL, 0}})
#define NAME_SETTINGS(path)                                                                        \
	NUMBER(path ".name-type", "-128"), NEW(path ".name-string"),                               \
		TEXT(path ".name-string.?1", "imap"), NEW(path ".name-string"),                    \
		TEXT(path ".name-string.?2", "mail.example.test")
#define AD_SETTINGS(path)                                                                          \
	NEW(path), NUMBER(path ".?1.ad-type", "-1"), TEXT(path ".?1.ad-data", "first"), NEW(path), \
		NUMBER(path ".?2.ad-type", "65536"), TEXT(path ".?2.ad-data", "")

#define NAME                                                                                       \
	{                                                                                          \
		-128, 2, {SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")},              \
			SLICE_LITERAL("EXAMPLE.TEST")                                              \
	}
#define ADS                                                                                        \
	{                                                                                          \
		.count = 2, .element = {                                                           \
			{-1, SLICE_LITERAL("first")},                                              \
			{65536, SLICE_LITERAL("")}                                                 \
		}                                                                                  \
	}

static void check_definition(const char *type, const struct setting *settings, struct buffer *out)
{
	char name[64];
	snprintf(name, sizeof name, "KerberosV5Spec2.%s", type);
	asn1_node node = NULL;
	assert_int_equal(asn1_create_element(definitions, name, &node), ASN1_SUCCESS);
	for (; settings->path; settings++)
		if (asn1_write_value(node, settings->path, settings->value, settings->len))
			fail_msg("%s cannot be set", settings->path);

	static unsigned char expected[200000];
	int len = sizeof expected;
	assert_int_equal(asn1_der_coding(node, "", expected, &len, NULL), ASN1_SUCCESS);
	asn1_delete_structure(&node);
	assert_int_equal(out->len, len);
	assert_memory_equal(out->data, expected, out->len);
}

#define assert_as_defined(kind, in, type, settings)                                                \
	do {                                                                                       \
		AUTO_BUFFER out_ = {0};                                                            \
		struct error err_ = {0};                                                           \
		enum status status_ = der_write_##kind(in, &out_, &err_);                          \
		assert_string_equal(err_.text, "");                                                \
		assert_int_equal(status_, STATUS_OK);                                              \
		check_definition(type, settings, &out_);                                           \
	} while (0)

static void test_a_ticket_is_as_defined(void **state UNUSED)
{
	struct ticket t = {.server = NAME,
		.enc_part = {.etype = 20,
			.has_kvno = true,
			.kvno = 0xfffffffe,
			.cipher = SLICE_LITERAL("cipher")}};
	assert_as_defined(ticket, &t, "Ticket",
		SETTINGS(NUMBER("tkt-vno", "5"), TEXT("realm", "EXAMPLE.TEST"),
			NAME_SETTINGS("sname"), NUMBER("enc-part.etype", "20"),
			TEXT("enc-part.kvno", "\0\xff\xff\xff\xfe"),
			TEXT("enc-part.cipher", "cipher")));
}

static void test_lengths_of_every_size_are_as_defined(void **state UNUSED)
{
	static const size_t sizes[] = {0, 1, 127, 128, 255, 256, 65535, 65536, 100000};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct slice cipher = sample_repeat(0xa5, sizes[i]);
		struct ap_rep r = {.enc_part = {.etype = 18, .cipher = cipher}};
		assert_as_defined(ap_rep, &r, "AP-REP",
			SETTINGS(NUMBER("pvno", "5"), NUMBER("msg-type", "15"),
				NUMBER("enc-part.etype", "18"), ABSENT("enc-part.kvno"),
				{"enc-part.cipher", cipher.data, (int)cipher.len}));
	}
}

static void test_an_enc_ticket_part_is_as_defined(void **state UNUSED)
{
	static const struct enc_ticket_part p = {.flags = 0x40e00001,
		.key = {18, LITERAL("0123456789abcdef0123456789abcdef")},
		.client = {1, 1, {LITERAL("alice")}, LITERAL("EXAMPLE.TEST")},
		.transited_type = 1,
		.transited = LITERAL(""),
		.authtime = 0,
		.has_starttime = true,
		.starttime = 951782400,
		.endtime = 253402300799,
		.has_renew_till = true,
		.renew_till = 1769854830,
		.addresses = {1, {{ADDRESS_IPV6, LITERAL("0123456789abcdef")}}},
		.authorization_data = {1, {{AD_IF_RELEVANT, LITERAL("ad")}}, {NULL, 0}}};
	assert_as_defined(enc_ticket_part, &p, "EncTicketPart",
		SETTINGS(BITS("flags", "\x40\xe0\0\1"), NUMBER("key.keytype", "18"),
			TEXT("key.keyvalue", "0123456789abcdef0123456789abcdef"),
			TEXT("crealm", "EXAMPLE.TEST"), NUMBER("cname.name-type", "1"),
			NEW("cname.name-string"), TEXT("cname.name-string.?1", "alice"),
			NUMBER("transited.tr-type", "1"), TEXT("transited.contents", ""),
			TEXT("authtime", "19700101000000Z"), TEXT("starttime", "20000229000000Z"),
			TEXT("endtime", "99991231235959Z"), TEXT("renew-till", "20260131102030Z"),
			NEW("caddr"), NUMBER("caddr.?1.addr-type", "24"),
			TEXT("caddr.?1.address", "0123456789abcdef"), NEW("authorization-data"),
			NUMBER("authorization-data.?1.ad-type", "1"),
			TEXT("authorization-data.?1.ad-data", "ad")));
}

static void test_an_ap_req_is_as_defined(void **state UNUSED)
{
	struct ap_req r = {.options = AP_OPTION_MUTUAL_REQUIRED,
		.ticket_der = SLICE_LITERAL(DER_TICKET),
		.authenticator = {.etype = -2147483648, .cipher = SLICE_LITERAL("cipher")}};
	assert_as_defined(ap_req, &r, "AP-REQ",
		SETTINGS(NUMBER("pvno", "5"), NUMBER("msg-type", "14"),
			BITS("ap-options", "\x20\0\0\0"), NUMBER("ticket.tkt-vno", "5"),
			TEXT("ticket.realm", "ATHENA.MIT.EDU"),
			NUMBER("ticket.sname.name-type", "1"), NEW("ticket.sname.name-string"),
			TEXT("ticket.sname.name-string.?1", "hftsai"),
			NEW("ticket.sname.name-string"),
			TEXT("ticket.sname.name-string.?2", "extra"),
			NUMBER("ticket.enc-part.etype", "0"), NUMBER("ticket.enc-part.kvno", "5"),
			TEXT("ticket.enc-part.cipher", "krbASN.1 test message"),
			NUMBER("authenticator.etype", "-2147483648"), ABSENT("authenticator.kvno"),
			TEXT("authenticator.cipher", "cipher")));
}

static void test_an_authenticator_is_as_defined(void **state UNUSED)
{
	struct authenticator a = {.client = NAME,
		.checksum = {-138, SLICE_LITERAL("checksum")},
		.time = {1769854830, 999999},
		.subkey = {17, SLICE_LITERAL("0123456789abcdef")},
		.has_seq_number = true,
		.seq_number = 0x80000000,
		.authorization_data = ADS};
	assert_as_defined(authenticator, &a, "Authenticator",
		SETTINGS(NUMBER("authenticator-vno", "5"), TEXT("crealm", "EXAMPLE.TEST"),
			NAME_SETTINGS("cname"), NUMBER("cksum.cksumtype", "-138"),
			TEXT("cksum.checksum", "checksum"), NUMBER("cusec", "999999"),
			TEXT("ctime", "20260131102030Z"), NUMBER("subkey.keytype", "17"),
			TEXT("subkey.keyvalue", "0123456789abcdef"),
			TEXT("seq-number", "\0\x80\0\0\0"), AD_SETTINGS("authorization-data")));
}

static void test_an_enc_ap_rep_part_is_as_defined(void **state UNUSED)
{
	struct enc_ap_rep_part p = {.time = {1769854830, 0},
		.subkey = {20, SLICE_LITERAL("0123456789abcdef0123456789abcdef")},
		.has_seq_number = true,
		.seq_number = 127};
	assert_as_defined(enc_ap_rep_part, &p, "EncAPRepPart",
		SETTINGS(TEXT("ctime", "20260131102030Z"), NUMBER("cusec", "0"),
			NUMBER("subkey.keytype", "20"),
			TEXT("subkey.keyvalue", "0123456789abcdef0123456789abcdef"),
			NUMBER("seq-number", "127")));
}

static void test_a_krb_error_is_as_defined(void **state UNUSED)
{
	struct krb_error e = {.has_ctime = true,
		.ctime = {1769854829, 0},
		.stime = {1769854830, 128},
		.error_code = 37,
		.client = {.realm = SLICE_LITERAL("EXAMPLE.TEST")},
		.server = NAME,
		.text = SLICE_LITERAL("clock skew too great")};
	assert_as_defined(krb_error, &e, "KRB-ERROR",
		SETTINGS(NUMBER("pvno", "5"), NUMBER("msg-type", "30"),
			TEXT("ctime", "20260131102029Z"), ABSENT("cusec"),
			TEXT("stime", "20260131102030Z"), NUMBER("susec", "128"),
			NUMBER("error-code", "37"), TEXT("crealm", "EXAMPLE.TEST"), ABSENT("cname"),
			TEXT("realm", "EXAMPLE.TEST"), NAME_SETTINGS("sname"),
			TEXT("e-text", "clock skew too great"), ABSENT("e-data")));
}

static void test_authorization_data_are_as_defined(void **state UNUSED)
{
	struct authorization_data ads = ADS;
	ads.der = SLICE_LITERAL("not looked at");
	assert_as_defined(authorization_data, &ads, "AuthorizationData",
		SETTINGS(NEW(""), NUMBER("?1.ad-type", "-1"), TEXT("?1.ad-data", "first"), NEW(""),
			NUMBER("?2.ad-type", "65536"), TEXT("?2.ad-data", "")));
}

static void test_ad_kdc_issued_is_as_defined(void **state UNUSED)
{
	struct ad_kdc_issued a = {
		.checksum = {16, SLICE_LITERAL("checksum")}, .issuer = NAME, .elements = ADS};
	assert_as_defined(ad_kdc_issued, &a, "AD-KDCIssued",
		SETTINGS(NUMBER("ad-checksum.cksumtype", "16"),
			TEXT("ad-checksum.checksum", "checksum"), TEXT("i-realm", "EXAMPLE.TEST"),
			NAME_SETTINGS("i-sname"), AD_SETTINGS("elements")));
}

static void test_ad_and_or_is_as_defined(void **state UNUSED)
{
	struct ad_and_or a = {.condition_count = 2147483647, .elements = ADS};
	assert_as_defined(ad_and_or, &a, "AD-AND-OR",
		SETTINGS(NUMBER("condition-count", "2147483647"), AD_SETTINGS("elements")));
}

static void test_integers_of_every_size_are_as_defined(void **state UNUSED)
{
	static const int32_t numbers[] = {0, 1, 127, 128, 255, 256, 32767, 32768, 65535, 8388607,
		8388608, 16777216, INT32_MAX, -1, -128, -129, -32768, -32769, -8388608, -8388609,
		INT32_MIN};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		char text[16];
		snprintf(text, sizeof text, "%d", numbers[i]);
		struct ad_and_or a = {.condition_count = numbers[i], .elements = ADS};
		assert_as_defined(ad_and_or, &a, "AD-AND-OR",
			SETTINGS(NUMBER("condition-count", text), AD_SETTINGS("elements")));
	}
}

/* ---- the buffer ---- */

static void test_appends_to_what_is_there(void **state UNUSED)
{
	AUTO_BUFFER out = {0};
	const struct sample *s = sample_named("AP-REP");
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("before")), STATUS_OK);
	assert_int_equal(s->write(s->value, &out, NULL), STATUS_OK);
	assert_int_equal(out.len, 6 + s->der.len);
	assert_memory_equal(out.data, "before", 6);
	assert_memory_equal(out.data + 6, s->der.data, s->der.len);
}

static void test_takes_no_more_room_than_it_needs(void **state UNUSED)
{
	AUTO_BUFFER out = {0};
	const struct sample *s = sample_named("EncTicketPart");
	assert_int_equal(s->write(s->value, &out, NULL), STATUS_OK);
	assert_int_equal(out.capacity, s->der.len);
}

static void test_what_is_written_can_be_read(void **state UNUSED)
{
	AUTO_BUFFER out = {0};
	struct ticket t = {.server = NAME, .enc_part = {.cipher = sample_repeat(1, 60000)}}, back;
	assert_int_equal(der_write_ticket(&t, &out, &(struct error){0}), STATUS_OK);
	assert_int_equal(der_read_ticket(buffer_slice(&out), &back, &(struct error){0}), STATUS_OK);
	assert_true(principal_equal(&back.server, &t.server));
	assert_true(slice_equal(back.enc_part.cipher, t.enc_part.cipher));
	assert_false(back.enc_part.has_kvno);
}

/* ---- what cannot be expressed ---- */

#define assert_not_written(kind, in, message)                                                      \
	do {                                                                                       \
		AUTO_BUFFER out_ = {0};                                                            \
		struct error err_ = {0};                                                           \
		assert_int_equal(buffer_append(&out_, SLICE_LITERAL("before")), STATUS_OK);        \
		assert_int_equal(der_write_##kind(in, &out_, &err_), ERR_SYNTAX);                  \
		assert_string_equal(err_.text, message);                                           \
		assert_int_equal(out_.len, 6);                                                     \
	} while (0)

static void test_refuses_a_year_of_five_digits(void **state UNUSED)
{
	struct enc_ap_rep_part p = {.time = {253402300800, 0}};
	assert_not_written(enc_ap_rep_part, &p,
		"EncAPRepPart: ctime: 253402300800 s from 1970, where only years 0 to 9999 can be "
		"sent");
	p.time.seconds = INT64_MIN;
	assert_not_written(enc_ap_rep_part, &p,
		"EncAPRepPart: ctime: -9223372036854775808 s from 1970, where only years 0 to 9999 "
		"can be sent");
}

static void test_refuses_microseconds_out_of_range(void **state UNUSED)
{
	struct enc_ap_rep_part p = {.time = {0, 1000000}};
	assert_not_written(
		enc_ap_rep_part, &p, "EncAPRepPart: cusec: 1000000, where 0 to 999999 can be sent");
	p.time.microseconds = -1;
	assert_not_written(
		enc_ap_rep_part, &p, "EncAPRepPart: cusec: -1, where 0 to 999999 can be sent");
}

static void test_refuses_more_than_16_components(void **state UNUSED)
{
	struct ticket t = {.server = {.count = 17}};
	assert_not_written(ticket, &t,
		"Ticket: sname: name-string: a list of 17 elements, where at most 16 are sent");
}

static void test_refuses_more_than_64_elements(void **state UNUSED)
{
	struct enc_ticket_part p = {.addresses = {.count = 65}};
	assert_not_written(enc_ticket_part, &p,
		"EncTicketPart: caddr: a list of 65 elements, where at most 64 are sent");
	struct authorization_data ads = {.count = 65};
	assert_not_written(authorization_data, &ads,
		"AuthorizationData: a list of 65 elements, where at most 64 are sent");
}

static void test_refuses_an_ap_req_without_its_ticket(void **state UNUSED)
{
	struct ap_req r = {.ticket = {.server = NAME}};
	assert_not_written(ap_req, &r, "AP-REQ: ticket: no Ticket to send");
}

SUITE(test_der_write)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_the_published_vectors),
		cmocka_unit_test(test_the_definitions_give_the_published_vectors),
		cmocka_unit_test(test_every_type_is_defined),
		cmocka_unit_test(test_a_ticket_is_as_defined),
		cmocka_unit_test(test_lengths_of_every_size_are_as_defined),
		cmocka_unit_test(test_an_enc_ticket_part_is_as_defined),
		cmocka_unit_test(test_an_ap_req_is_as_defined),
		cmocka_unit_test(test_an_authenticator_is_as_defined),
		cmocka_unit_test(test_an_enc_ap_rep_part_is_as_defined),
		cmocka_unit_test(test_a_krb_error_is_as_defined),
		cmocka_unit_test(test_authorization_data_are_as_defined),
		cmocka_unit_test(test_ad_kdc_issued_is_as_defined),
		cmocka_unit_test(test_ad_and_or_is_as_defined),
		cmocka_unit_test(test_integers_of_every_size_are_as_defined),
		cmocka_unit_test(test_appends_to_what_is_there),
		cmocka_unit_test(test_takes_no_more_room_than_it_needs),
		cmocka_unit_test(test_what_is_written_can_be_read),
		cmocka_unit_test(test_refuses_a_year_of_five_digits),
		cmocka_unit_test(test_refuses_microseconds_out_of_range),
		cmocka_unit_test(test_refuses_more_than_16_components),
		cmocka_unit_test(test_refuses_more_than_64_elements),
		cmocka_unit_test(test_refuses_an_ap_req_without_its_ticket),
	};
	return cmocka_run_group_tests(tests, open_definitions, close_definitions);
}

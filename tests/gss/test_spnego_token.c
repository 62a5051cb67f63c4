/* SPDX-License-Identifier: BSD-3-Clause */
/* The tokens of SPNEGO: known octets, and what is refused, by name and to the octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gss/gss_mechanism.h"
#include "gss/gss_token.h"
#include "gss/spnego_token.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))
#define SPNEGO "\x06\x06\x2b\x06\x01\x05\x05\x02"
#define KERBEROS "\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
#define WINDOWS "\x06\x09\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"
#define NTLM "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"
#define NEGOEX "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e"

/* As RFC 4178's appendix D has the list, with a token and a MIC. */
#define FULL                                                                                       \
	"\x60\x2b" SPNEGO "\xa0\x21\x30\x1f\xa0\x0d\x30\x0b" KERBEROS                              \
	"\xa2\x07\x04\x05token\xa3\x05\x04\x03mic"

static struct buffer written;

static int finish(void **state UNUSED)
{
	buffer_free(&written);
	return 0;
}

/* Memory of its own, so that reading beyond it is noticed. */
static unsigned char *copy_of(struct slice token)
{
	unsigned char *copy = malloc(token.len + !token.len);
	if (token.len > 0)
		memcpy(copy, token.data, token.len);
	return copy;
}

static void read_first(struct slice token, struct spnego_init *out)
{
	struct error err = {0};
	if (spnego_init_read(token, out, &err))
		fail_msg("%s", err.text);
}

static void assert_slice(struct slice found, struct slice expected)
{
	assert_int_equal(found.len, expected.len);
	assert_memory_equal(found.data, expected.data, expected.len);
}

static void a_first_token_is_written_as_rfc_4178_has_it(void **state UNUSED)
{
	struct error err = {0};
	const struct spnego_init init = {
		.count = 1,
		.mech = {GSS_OID_KERBEROS},
		.token = SLICE_LITERAL("token"),
		.mic = SLICE_LITERAL("mic"),
	};
	assert_int_equal(spnego_init_write(&init, &written, &err), STATUS_OK);
	assert_slice(buffer_slice(&written), SLICE_LITERAL(FULL));
}

static void a_first_token_is_read(void **state UNUSED)
{
	struct spnego_init init;
	read_first(SLICE_LITERAL(FULL), &init);
	assert_int_equal(init.count, 1);
	assert_slice(init.mech[0], GSS_OID_KERBEROS);
	assert_slice(init.mech_list, SLICE_LITERAL("\x30\x0b" KERBEROS));
	assert_slice(init.token, SLICE_LITERAL("token"));
	assert_slice(init.mic, SLICE_LITERAL("mic"));
	read_first(SLICE_LITERAL("\x60\x2a" SPNEGO "\xa0\x20\x30\x1e\xa0\x1c\x30\x1a" WINDOWS
				 "\x06\x01\x2a" NEGOEX),
		&init);
	assert_int_equal(init.count, 3);
	assert_slice(init.mech[0], GSS_OID_KERBEROS_WINDOWS);
	assert_null(init.token.data);
	assert_null(init.mic.data);
}

/* Of RFC 2478; passed over, whatever bits they are. */
static void flags_are_passed_over(void **state UNUSED)
{
	struct spnego_init init;
	read_first(SLICE_LITERAL("\x60\x21" SPNEGO "\xa0\x17\x30\x15\xa0\x0d\x30\x0b" KERBEROS
				 "\xa1\x04\x03\x02\x01\xfe"),
		&init);
	assert_int_equal(init.count, 1);
}

/* MS-SPNG section 4.2: hints where a MIC would be. */
static void hints_are_passed_over(void **state UNUSED)
{
	struct spnego_init init;
	read_first(SLICE_LITERAL("\x60\x2b" SPNEGO "\xa0\x21\x30\x1f\xa0\x0d\x30\x0b" KERBEROS
				 "\xa3\x0e\x30\x0c\xa0\x0a\x1b\x08not_used"),
		&init);
	assert_int_equal(init.count, 1);
	assert_null(init.mic.data);
	read_first(SLICE_LITERAL("\x60\x24" SPNEGO "\xa0\x1a\x30\x18\xa0\x0d\x30\x0b" KERBEROS
				 "\xa3\x02\x30\x00\xa4\x03\x04\x01\x6d"),
		&init);
	assert_slice(init.mic, SLICE_LITERAL("m"));
}

static void later_tokens_are_as_rfc_4178_has_them(void **state UNUSED)
{
	static const struct slice full = {
		(const unsigned char *)"\xa1\x22\x30\x20\xa0\x03\x0a\x01\x03\xa1\x0b" KERBEROS
				       "\xa2\x03\x04\x01t\xa3\x07\x04\x05m i c",
		36};
	struct error err = {0};
	struct spnego_resp resp;
	assert_int_equal(spnego_resp_read(full, &resp, &err), STATUS_OK);
	assert_true(resp.has_state);
	assert_int_equal(resp.state, SPNEGO_REQUEST_MIC);
	assert_slice(resp.mech, GSS_OID_KERBEROS);
	assert_slice(resp.token, SLICE_LITERAL("t"));
	assert_slice(resp.mic, SLICE_LITERAL("m i c"));
	assert_int_equal(der_write_spnego_resp(&resp, &written, &err), STATUS_OK);
	assert_slice(buffer_slice(&written), full);
	assert_int_equal(
		spnego_resp_read(SLICE_LITERAL("\xa1\x02\x30\x00"), &resp, &err), STATUS_OK);
	assert_true(!resp.has_state && !resp.mech.data && !resp.token.data && !resp.mic.data);
}

static void refused_first(struct slice token, enum status status, const char *text)
{
	struct spnego_init init;
	struct error err = {0};
	unsigned char *copy = copy_of(token);
	enum status result = spnego_init_read(slice_of(copy, token.len), &init, &err);
	free(copy);
	assert_refusal(result, &err, status, text, text);
}

static void refused_later(struct slice token, enum status status, const char *text)
{
	struct spnego_resp resp;
	struct error err = {0};
	unsigned char *copy = copy_of(token);
	enum status result = spnego_resp_read(slice_of(copy, token.len), &resp, &err);
	free(copy);
	assert_refusal(result, &err, status, text, text);
}

#define first(octets, status, text) refused_first(SLICE_LITERAL(octets), status, text)
#define later(octets, status, text) refused_later(SLICE_LITERAL(octets), status, text)

static void what_is_no_first_token_is_refused_by_name(void **state UNUSED)
{
	first("", ERR_SYNTAX, "an empty token came where one of SPNEGO is due");
	first("NTLMSSP\0\x01\x00\x00\x00", KRB_AP_ERR_MSG_TYPE,
		"a token of NTLM came where a token of SPNEGO is due");
	first("\x60\x0c" NTLM, KRB_AP_ERR_MSG_TYPE, "a token of NTLM came where");
	first("\x60\x0b" KERBEROS, KRB_AP_ERR_MSG_TYPE, "a token of Kerberos came where");
	first("\xa1\x02\x30\x00", KRB_AP_ERR_MSG_TYPE,
		"a later token of SPNEGO came where the first of SPNEGO is due");
	first("\xa0\x11\x30\x0f\xa0\x0d\x30\x0b" KERBEROS, KRB_AP_ERR_MSG_TYPE,
		"without GSS-API's framing");
	first("GET / HTTP/1.1", ERR_SYNTAX, "it begins with the octet 47, not with 60");
}

static void what_is_no_later_token_is_refused_by_name(void **state UNUSED)
{
	later("", ERR_SYNTAX, "an empty token came where a later one of SPNEGO is due");
	later(FULL, KRB_AP_ERR_MSG_TYPE, "a first token of SPNEGO came where a later one");
	later("\x60\x0d" KERBEROS "\x02\x00", KRB_AP_ERR_MSG_TYPE,
		"a token of Kerberos without SPNEGO around it came");
	later("NTLMSSP\0\x02", KRB_AP_ERR_MSG_TYPE, "it begins with the octet 4e, not with a1");
}

static void what_is_not_der_is_refused(void **state UNUSED)
{
	first("\x60\x08" SPNEGO, ERR_SYNTAX, "an empty message");
	first("\x60\x10" SPNEGO "\xa0\x06\x30\x04\xa0\x02\x30\x00", ERR_SYNTAX,
		"offers no mechanism at all");
	first("\x60\x0c" SPNEGO "\xa0\x02\x30\x00", ERR_SYNTAX, "offers no mechanism at all");
	first("\x60\x12" SPNEGO "\xa0\x08\x30\x06\xa0\x04\x30\x02\x06\x00", ERR_SYNTAX,
		"an object identifier that is empty");
	first("\x60\x14" SPNEGO "\xa0\x0a\x30\x08\xa0\x06\x30\x04\x06\x02\x2a\x86", ERR_SYNTAX,
		"an object identifier that is empty, is cut short");
	first("\x60\x15" SPNEGO "\xa0\x0b\x30\x09\xa0\x07\x30\x05\x06\x03\x2a\x80\x01", ERR_SYNTAX,
		"more octets than it needs");
	first("\x60\x14" SPNEGO "\xa0\x0a\x30\x08\xa0\x06\x30\x04\x02\x02\x2a\x01", ERR_SYNTAX,
		"an INTEGER, where an OBJECT IDENTIFIER is expected");
	later("\xa1\x07\x30\x05\xa0\x03\x0a\x01\x04", ERR_SYNTAX, "4, where 0 to 3 is expected");
	later("\xa1\x07\x30\x05\xa0\x03\x02\x01\x00", ERR_SYNTAX,
		"an INTEGER, where an ENUMERATED is expected");
	later("\xa1\x0c\x30\x0a\xa0\x03\x0a\x01\x00\xa0\x03\x0a\x01\x00", ERR_SYNTAX,
		"twice or out of order");
	later("\xa1\x07\x30\x05\xa4\x03\x04\x01\x00", ERR_SYNTAX, "a field too many, [4]");
	later("\xa1\x03\x30\x00\x00", ERR_SYNTAX, "a second element inside one tag");
	later("\xa1\x02\x30\x00\x00", ERR_SYNTAX, "octets after the end");
}

static void every_shortened_token_is_refused(void **state UNUSED)
{
	const struct slice full = SLICE_LITERAL(FULL);
	const struct slice resp = SLICE_LITERAL("\xa1\x07\x30\x05\xa0\x03\x0a\x01\x00");
	for (size_t len = 1; len < full.len; len++)
		refused_first(slice_of(full.data, len), ERR_SYNTAX, "a length that reaches");
	for (size_t len = 1; len < resp.len; len++)
		refused_later(slice_of(resp.data, len), ERR_SYNTAX, "a length that reaches");
}

/* 65 mechanisms; a token beyond what any message may have. */
static void what_is_too_long_is_refused(void **state UNUSED)
{
	struct error err = {0};
	static unsigned char octets[DER_MAX_TOKEN];
	AUTO_BUFFER list = {0};
	for (unsigned i = 0; i < 65; i++)
		assert_int_equal(buffer_append(&list, SLICE_LITERAL("\x06\x01\x2a")), STATUS_OK);
	assert_int_equal(gss_framing_write(GSS_OID_SPNEGO, 12 + list.len, &written, &err), 0);
	assert_int_equal(der_write_header(0xa0, 9 + list.len, &written, &err), 0);
	assert_int_equal(der_write_header(0x30, 6 + list.len, &written, &err), 0);
	assert_int_equal(der_write_header(0xa0, 3 + list.len, &written, &err), 0);
	assert_int_equal(der_write_header(0x30, list.len, &written, &err), 0);
	assert_int_equal(buffer_append(&written, buffer_slice(&list)), STATUS_OK);
	refused_first(buffer_slice(&written), ERR_SYNTAX, "a list of more than 64 elements");

	buffer_clear(&written);
	const struct spnego_init init = {
		.count = 1, .mech = {GSS_OID_KERBEROS}, .token = slice_of(octets, sizeof octets)};
	assert_int_equal(spnego_init_write(&init, &written, &err), STATUS_OK);
	refused_first(buffer_slice(&written), ERR_SYNTAX, "of which at most 65536 are read");
}

static void mechanisms_are_named(void **state UNUSED)
{
	char text[SPNEGO_OFFER_SIZE];
	struct spnego_init init = {
		.count = 4,
		.mech = {SLICE_LITERAL("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e"),
			SLICE_LITERAL("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"),
			SLICE_LITERAL("\x2a\x86\x48\x01"), SLICE_LITERAL("\x88\x37\x03")},
	};
	assert_string_equal(spnego_offer_text(&init, text), "NEGOEX, NTLM, 1.2.840.1, 2.999.3");
	init = (struct spnego_init){
		.count = 1, .mech = {SLICE_LITERAL("\x2a\x90\x80\x80\x80\x00\x01")}};
	assert_string_equal(spnego_offer_text(&init, text), "1.2...");
	init = (struct spnego_init){.count = 64};
	for (unsigned i = 0; i < 64; i++)
		init.mech[i] = SLICE_LITERAL("\x2a\x8f\xff\xff\xff\x7f");
	spnego_offer_text(&init, text);
	assert_true(strlen(text) < sizeof text);
	assert_string_equal(text + strlen(text) - 5, ", ...");
	init = (struct spnego_init){.count = 1, .mech = {slice_of(written.data, 0)}};
	unsigned char many[200];
	memset(many, 0x7f, sizeof many);
	init.mech[0] = slice_of(many, sizeof many);
	assert_string_equal(spnego_offer_text(&init, text) + strlen(text) - 3, "...");
}

SUITE(test_spnego_token)
{
#define CASE(name) cmocka_unit_test_teardown(name, finish)
	const struct CMUnitTest tests[] = {
		CASE(a_first_token_is_written_as_rfc_4178_has_it),
		CASE(a_first_token_is_read),
		CASE(flags_are_passed_over),
		CASE(hints_are_passed_over),
		CASE(later_tokens_are_as_rfc_4178_has_them),
		CASE(what_is_no_first_token_is_refused_by_name),
		CASE(what_is_no_later_token_is_refused_by_name),
		CASE(what_is_not_der_is_refused),
		CASE(every_shortened_token_is_refused),
		CASE(what_is_too_long_is_refused),
		CASE(mechanisms_are_named),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

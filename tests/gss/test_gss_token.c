/* SPDX-License-Identifier: BSD-3-Clause */
/* The framing of initial tokens: known octets, and what is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gss/gss_token.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))
#define KERBEROS "\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"

static struct buffer written;

static int finish(void **state UNUSED)
{
	buffer_free(&written);
	return 0;
}

static void write_token(enum gss_token_id id, struct slice message)
{
	struct error err = {0};
	if (gss_token_write(id, message, &written, &err))
		fail_msg("%s", err.text);
}

static void assert_written(struct slice expected)
{
	assert_int_equal(written.len, expected.len);
	assert_memory_equal(written.data, expected.data, expected.len);
}

static void a_token_is_written_as_rfc_4121_has_it(void **state UNUSED)
{
	write_token(GSS_TOKEN_AP_REQ, SLICE_LITERAL("req"));
	assert_written(SLICE_LITERAL("\x60\x10" KERBEROS "\x01\x00req"));
	buffer_clear(&written);
	write_token(GSS_TOKEN_AP_REP, SLICE_LITERAL("rep"));
	assert_written(SLICE_LITERAL("\x60\x10" KERBEROS "\x02\x00rep"));
	buffer_clear(&written);
	write_token(GSS_TOKEN_ERROR, SLICE_EMPTY);
	assert_written(SLICE_LITERAL("\x60\x0d" KERBEROS "\x03\x00"));
}

static void a_token_is_appended(void **state UNUSED)
{
	write_token(GSS_TOKEN_ERROR, SLICE_LITERAL("1"));
	write_token(GSS_TOKEN_ERROR, SLICE_LITERAL("2"));
	assert_written(
		SLICE_LITERAL("\x60\x0e" KERBEROS "\x03\x00\x31\x60\x0e" KERBEROS "\x03\x00\x32"));
}

/* With a length in one octet, two, three and four. */
static void a_token_of_any_length_comes_back(void **state UNUSED)
{
	static unsigned char message[70000];
	static const size_t lengths[] = {0, 1, 114, 115, 242, 243, 65522, 65523, sizeof message};
	for (size_t i = 0; i < sizeof message; i++)
		message[i] = (unsigned char)(i * 7);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		enum gss_token_id id = 0;
		struct slice read;
		struct error err = {0};
		buffer_clear(&written);
		write_token(GSS_TOKEN_AP_REP, slice_of(message, lengths[i]));
		assert_int_equal(
			gss_token_read(buffer_slice(&written), &id, &read, &err), STATUS_OK);
		assert_int_equal(id, GSS_TOKEN_AP_REP);
		assert_int_equal(read.len, lengths[i]);
		assert_ptr_equal(read.data, written.data + written.len - lengths[i]);
		assert_memory_equal(read.data, message, lengths[i]);
	}
}

static void refused_octets(struct slice token, enum status status, const char *text)
{
	enum gss_token_id id;
	struct slice message;
	struct error err = {0};
	/* Memory of its own, so that reading beyond it is noticed. */
	unsigned char *copy = malloc(token.len + !token.len);
	memcpy(copy, token.data, token.len);
	enum status result = gss_token_read(slice_of(copy, token.len), &id, &message, &err);
	free(copy);
	assert_refusal(result, &err, status, text, text);
}

#define refused(octets, status, text) refused_octets(SLICE_LITERAL(octets), status, text)

static void another_mechanism_is_refused_by_name(void **state UNUSED)
{
	refused("\x60\x0a\x06\x06\x2b\x06\x01\x05\x05\x02\xa0\x00", KRB_AP_ERR_MSG_TYPE,
		"a token of SPNEGO came where a token of GSS-API's Kerberos mechanism is due");
	refused("\x60\x0c\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a", KRB_AP_ERR_MSG_TYPE,
		"a token of NTLM came");
	refused("\x60\x0a\x06\x06\x2b\x06\x01\x05\x02\x05\x05\x01", KRB_AP_ERR_MSG_TYPE,
		"a token of IAKERB came");
	refused("\x60\x0e\x06\x0a\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03\x04\x00",
		KRB_AP_ERR_MSG_TYPE, "a token of Kerberos' user-to-user mechanism came");
	refused("\x60\x0d\x06\x09\x2a\x86\x48\x82\xf7\x12\x01\x02\x02\x01\x00", KRB_AP_ERR_MSG_TYPE,
		"an old Windows' misprinted OID");
	refused("\x60\x05\x06\x01\x2a\x01\x00", KRB_AP_ERR_MSG_TYPE,
		"a token of another mechanism came");
	refused("\x60\x04\x06\x00\x01\x00", KRB_AP_ERR_MSG_TYPE,
		"a token of another mechanism came");
	/* Kerberos' OID is the beginning of this one, and its end is missing in the next. */
	refused("\x60\x0e\x06\x0a\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x01\x00",
		KRB_AP_ERR_MSG_TYPE, "a token of another mechanism came");
	refused("\x60\x0c\x06\x08\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x00", KRB_AP_ERR_MSG_TYPE,
		"a token of another mechanism came");
}

static void what_peers_send_unframed_is_refused_by_name(void **state UNUSED)
{
	refused("NTLMSSP\0\x01\x00\x00\x00", KRB_AP_ERR_MSG_TYPE, "a token of NTLM came");
	refused("\xa1\x07\x30\x05\xa0\x03\x0a\x01\x00", KRB_AP_ERR_MSG_TYPE,
		"a token of SPNEGO came");
	refused("\x6e\x82\x01\x00", KRB_AP_ERR_MSG_TYPE,
		"an AP-REQ without GSS-API's framing came");
	refused("\x6f\x82\x01\x00", KRB_AP_ERR_MSG_TYPE,
		"an AP-REP without GSS-API's framing came");
	refused("\x05\x04\x04\xff\x00\x0c", KRB_AP_ERR_MSG_TYPE, "a Wrap token came");
	refused("\x04\x04\x04\xff\xff\xff", KRB_AP_ERR_MSG_TYPE, "a MIC token came");
}

static void tokens_of_rfc_1964_are_refused_by_name(void **state UNUSED)
{
	refused("\x60\x0f" KERBEROS "\x01\x01\x00\x00", KRB_AP_ERR_MSG_TYPE,
		"a MIC token of RFC 1964 came; only those of RFC 4121 are read");
	refused("\x60\x0f" KERBEROS "\x02\x01\x00\x00", KRB_AP_ERR_MSG_TYPE,
		"a Wrap token of RFC 1964 came");
	refused("\x60\x0f" KERBEROS "\x01\x02\x00\x00", KRB_AP_ERR_MSG_TYPE,
		"a token of RFC 1964 that deletes a context came");
}

/* All 65536 of them but three. */
static void any_other_identifier_is_refused(void **state UNUSED)
{
	unsigned char token[] = "\x60\x0d" KERBEROS "\x00\x00";
	struct slice whole = slice_of(token, sizeof token - 1);
	for (unsigned number = 0; number <= UINT16_MAX; number++) {
		enum gss_token_id id = 0;
		struct slice message;
		struct error err = {0};
		token[whole.len - 2] = (unsigned char)(number >> 8);
		token[whole.len - 1] = (unsigned char)number;
		enum status status = gss_token_read(whole, &id, &message, &err);
		if (number == 0x0100 || number == 0x0200 || number == 0x0300) {
			assert_int_equal(status, STATUS_OK);
			assert_int_equal(id, number);
		} else {
			assert_int_equal(status, KRB_AP_ERR_MSG_TYPE);
		}
	}
	refused("\x60\x0d" KERBEROS "\x04\x00", KRB_AP_ERR_MSG_TYPE,
		"the identifier (TOK_ID) 0400, which is not one of 0100 (AP-REQ)");
}

static void what_is_no_token_is_refused(void **state UNUSED)
{
	refused("", ERR_SYNTAX, "an empty token came");
	refused("\x30\x0d" KERBEROS "\x01\x00", ERR_SYNTAX,
		"it begins with the octet 30, not with 60");
	refused("EHLO", ERR_SYNTAX, "it begins with the octet 45, not with 60");
	refused("\x60\x00", ERR_SYNTAX, "does not begin with a mechanism's OID");
	refused("\x60\x02\x01\x00", ERR_SYNTAX, "does not begin with a mechanism's OID");
	refused("\x60\x0b" KERBEROS, ERR_SYNTAX, "ends before its identifier");
	refused("\x60\x0c" KERBEROS "\x01", ERR_SYNTAX, "ends before its identifier");
}

static void lengths_that_are_not_der_are_refused(void **state UNUSED)
{
	refused("\x60\x0e" KERBEROS "\x01\x00", ERR_SYNTAX, "a length that reaches beyond");
	refused("\x60\x0c" KERBEROS "\x01\x00", ERR_SYNTAX,
		"1 octets came after the end of the GSS-API token");
	refused("\x60\x81\x0d" KERBEROS "\x01\x00", ERR_SYNTAX, "more octets than it needs");
	refused("\x60\x84\x00\x00\x00\x0d" KERBEROS "\x01\x00", ERR_SYNTAX,
		"more octets than it needs");
	refused("\x60\x80" KERBEROS "\x01\x00\x00\x00", ERR_SYNTAX, "an indefinite length");
	refused("\x60\x88\xff\xff\xff\xff\xff\xff\xff\xff" KERBEROS "\x01\x00", ERR_SYNTAX,
		"a length that reaches beyond");
	refused("\x60\x0e\x06\x81\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00", ERR_SYNTAX,
		"OID in the GSS-API token has a length in more octets than it needs");
	refused("\x60\x0d\x06\x0c\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00", ERR_SYNTAX,
		"OID in the GSS-API token has a length that reaches beyond");
}

static void every_shortened_token_is_refused(void **state UNUSED)
{
	struct slice token = SLICE_LITERAL("\x60\x10" KERBEROS "\x01\x00req");
	for (size_t len = 1; len < token.len; len++)
		refused_octets(slice_of(token.data, len), ERR_SYNTAX, "a length that reaches");
}

/* In the framing; the message is not looked at. */
static void every_changed_bit_is_refused(void **state UNUSED)
{
	write_token(GSS_TOKEN_AP_REQ, SLICE_LITERAL("req"));
	for (size_t bit = 0; bit < 8 * (written.len - 3); bit++) {
		enum gss_token_id id;
		struct slice message;
		struct error err = {0};
		unsigned char changed = (unsigned char)(1 << bit % 8);
		written.data[bit / 8] ^= changed;
		enum status status = gss_token_read(buffer_slice(&written), &id, &message, &err);
		written.data[bit / 8] ^= changed;
		/* 01 00 is two bits from 02 00, and one from 03 00. */
		if (status == STATUS_OK)
			assert_int_equal(id, GSS_TOKEN_ERROR);
		else
			assert_true(err.text[0] && err.shown[0]);
	}
}

SUITE(test_gss_token)
{
#define CASE(name) cmocka_unit_test_teardown(name, finish)
	const struct CMUnitTest tests[] = {
		CASE(a_token_is_written_as_rfc_4121_has_it),
		CASE(a_token_is_appended),
		CASE(a_token_of_any_length_comes_back),
		CASE(another_mechanism_is_refused_by_name),
		CASE(what_peers_send_unframed_is_refused_by_name),
		CASE(tokens_of_rfc_1964_are_refused_by_name),
		CASE(any_other_identifier_is_refused),
		CASE(what_is_no_token_is_refused),
		CASE(lengths_that_are_not_der_are_refused),
		CASE(every_shortened_token_is_refused),
		CASE(every_changed_bit_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

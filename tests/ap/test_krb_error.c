/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/ap.h"

#include <setjmp.h>
#include <string.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define NOW INT64_C(1767225600) /* 2026-01-01 00:00:00 UTC */
#define ASKED "imap/mail.example.test@EXAMPLE.TEST"

static const struct timestamp now = {NOW, 0};

static struct principal service(void)
{
	return (struct principal){
		.type = NT_SRV_HST,
		.count = 2,
		.component = {SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")},
		.realm = SLICE_LITERAL("EXAMPLE.TEST"),
	};
}

/* ---- making ---- */

static void make(struct ap_refusal refusal, struct buffer *token, struct krb_error *out)
{
	struct error err;
	struct principal server = service();
	refusal.server = &server;
	buffer_clear(token);
	assert_int_equal(krb_error_make(&refusal, token, &err), STATUS_OK);
	assert_int_equal(der_message_type(buffer_slice(token)), KRB_ERROR);
	assert_int_equal(der_read_krb_error(buffer_slice(token), out, &err), STATUS_OK);
}

static void refusal_says_what_it_is_told(void **state)
{
	(void)state;
	struct krb_error message;
	AUTO_BUFFER token = {0};
	make((struct ap_refusal){.code = KRB_AP_ERR_SKEW,
		     .now = {NOW, 7},
		     .client_time = {NOW - 432, 5},
		     .text = "clock skew too great"},
		&token, &message);
	struct principal expected = service();
	assert_int_equal(message.error_code, KRB_AP_ERR_SKEW);
	assert_true(timestamp_equal(message.stime, (struct timestamp){NOW, 7}));
	assert_true(message.has_ctime && message.has_cusec);
	assert_true(timestamp_equal(message.ctime, (struct timestamp){NOW - 432, 5}));
	assert_true(principal_equal(&message.server, &expected));
	assert_int_equal(message.client.count, 0);
	assert_int_equal(message.client.realm.len, 0);
	assert_true(slice_equal(message.text, SLICE_LITERAL("clock skew too great")));
	assert_null(message.data.data);
}

static void unknown_client_time_and_text_are_left_out(void **state)
{
	(void)state;
	struct krb_error message;
	AUTO_BUFFER token = {0};
	make((struct ap_refusal){.code = KRB_AP_ERR_NOT_US, .now = {NOW, 0}}, &token, &message);
	assert_false(message.has_ctime || message.has_cusec);
	assert_null(message.text.data);
}

/* Microseconds alone are a time as well. */
static void client_time_of_the_epoch_is_known(void **state)
{
	(void)state;
	struct krb_error message;
	AUTO_BUFFER token = {0};
	make((struct ap_refusal){.code = KRB_AP_ERR_SKEW, .now = {NOW, 0}, .client_time = {0, 1}},
		&token, &message);
	assert_true(message.has_ctime && message.has_cusec);
}

static void only_codes_of_the_rfc_are_sent(void **state)
{
	(void)state;
	static const struct {
		enum status code;
		int32_t sent;
	} rows[] = {
		{KDC_ERR_POLICY, 12},
		{KRB_AP_ERR_BAD_INTEGRITY, 31},
		{KRB_ERR_FIELD_TOOLONG, 61},
		{STATUS_OK, 60},
		{ERR_NO_MEMORY, 60},
		{ERR_SYNTAX, 60},
		{ERR_CRYPTO, 60},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct krb_error message;
		AUTO_BUFFER token = {0};
		make((struct ap_refusal){.code = rows[i].code, .now = now}, &token, &message);
		assert_int_equal(message.error_code, rows[i].sent);
	}
}

static void sent_text_is_printable_and_short(void **state)
{
	(void)state;
	struct krb_error message;
	AUTO_BUFFER token = {0};
	make((struct ap_refusal){.code = KRB_AP_ERR_SKEW, .now = now, .text = "a\n\x1b[2J\x80z"},
		&token, &message);
	assert_true(slice_equal(message.text, SLICE_LITERAL("a\\x0A\\x1B[2J\\x80z")));

	char text[500];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	make((struct ap_refusal){.code = KRB_AP_ERR_SKEW, .now = now, .text = text}, &token,
		&message);
	assert_int_equal(message.text.len, 200);
}

static void a_time_that_has_no_encoding_is_refused(void **state)
{
	(void)state;
	AUTO_BUFFER token = {0};
	struct principal server = service();
	struct ap_refusal refusal = {.code = KRB_AP_ERR_SKEW, .now = now, .server = &server};
	assert_int_equal(krb_error_make(&refusal, &token, &(struct error){0}), STATUS_OK);
	refusal.now.seconds = INT64_MAX;
	assert_int_equal(krb_error_make(&refusal, &token, &(struct error){0}), ERR_SYNTAX);
}

/* ---- reading ---- */

static enum status read_message(const struct krb_error *message, struct error *err)
{
	AUTO_BUFFER token = {0};
	struct principal asked = service();
	assert_int_equal(der_write_krb_error(message, &token, err), STATUS_OK);
	return krb_error_read(buffer_slice(&token), now, &asked, err);
}

/* The server's own name in the message is not the one that was asked for: it is never shown. */
static struct krb_error refusal_of(int32_t code)
{
	return (struct krb_error){
		.stime = now,
		.error_code = code,
		.server = {.type = NT_PRINCIPAL,
			.count = 1,
			.component = {SLICE_LITERAL("mallory")},
			.realm = SLICE_LITERAL("EVIL.TEST")},
		.client = {.type = NT_PRINCIPAL,
			.count = 1,
			.component = {SLICE_LITERAL("mallory")},
			.realm = SLICE_LITERAL("EVIL.TEST")},
	};
}

static void reads_as(const struct krb_error *message, enum status status, const char *text)
{
	struct error err = {0};
	enum status result = read_message(message, &err);
	assert_int_equal(result, status);
	assert_int_equal(err.status, status);
	assert_string_equal(err.text, text);
}

static void each_code_has_its_sentence(void **state)
{
	(void)state;
	static const struct {
		enum status code;
		const char *text;
	} rows[] = {
		{KDC_ERR_POLICY, "the server's policy rejects the ticket"},
		{KDC_ERR_ETYPE_NOSUPP,
			"the server does not accept an encryption type in the ticket for " ASKED
			", the service that was asked for"},
		{KRB_AP_ERR_BAD_INTEGRITY,
			"the server cannot decrypt the ticket for " ASKED
			", the service that was asked for: its key may have been changed, run "
			"kinit; if that does not help, the server's keytab is out of date"},
		{KRB_AP_ERR_TKT_EXPIRED,
			"the ticket has expired by the server's clock, which shows 2026-01-01 "
			"00:00:00 UTC: get a new one (kinit)"},
		{KRB_AP_ERR_TKT_NYV,
			"the ticket is not yet valid by the server's clock, which shows "
			"2026-01-01 00:00:00 UTC"},
		{KRB_AP_ERR_REPEAT, "the server takes the request for a replay"},
		{KRB_AP_ERR_NOT_US,
			"the server holds no key for " ASKED ", the service that was asked for"},
		{KRB_AP_ERR_BADMATCH, "ticket and authenticator name different clients"},
		{KRB_AP_ERR_BADADDR, "the ticket may not be used from this network address"},
		{KRB_AP_ERR_BADVERSION, "the server expects another protocol version"},
		{KRB_AP_ERR_MSG_TYPE, "the server expects another type of message"},
		{KRB_AP_ERR_MODIFIED, "the message was modified on its way to the server"},
		{KRB_AP_ERR_ILL_CR_TKT, "the server does not trust the path of realms to " ASKED
					", the service that was asked for"},
		{KRB_AP_ERR_BADKEYVER, "the server has no key of the ticket's version for " ASKED
				       ", the service that was asked for: run kinit; if that does "
				       "not help, the server's "
				       "keytab is out of date"},
		{KRB_AP_ERR_NOKEY,
			"the server has no key of the ticket's encryption type for " ASKED
			", the service that was asked for"},
		{KRB_AP_ERR_MUT_FAIL, "mutual authentication failed"},
		{KRB_AP_ERR_METHOD, "the server requires another way to authenticate"},
		{KRB_AP_ERR_INAPP_CKSUM, "the server does not accept the checksum's type"},
		{KRB_ERR_GENERIC,
			"the server has a fault of its own, or cannot read the message (error "
			"code 60); its log says more"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct krb_error message = refusal_of((int32_t)rows[i].code);
		reads_as(&message, rows[i].code, rows[i].text);
	}
}

/* Whatever the code, there is a sentence, and it is a refusal. */
static void no_code_is_success(void **state)
{
	(void)state;
	for (int32_t code = -2; code < 300; code++) {
		struct error err = {0};
		struct krb_error message = refusal_of(code);
		enum status status = read_message(&message, &err);
		assert_int_not_equal(status, STATUS_OK);
		assert_true(status == KRB_ERR_GENERIC || (int32_t)status == code);
		assert_true(strlen(err.text) > 10);
		assert_not_in(err.text, "mallory");
		assert_not_in(err.text, "EVIL");
		assert_not_in(err.text, "{");
	}
}

static void unknown_codes_are_generic(void **state)
{
	(void)state;
	struct krb_error message = refusal_of(0);
	reads_as(&message, KRB_ERR_GENERIC, "the server refuses, with error code 0");
	message = refusal_of(76);
	reads_as(&message, KRB_ERR_GENERIC, "the server refuses, with error code 76");
	message = refusal_of(-1);
	reads_as(&message, KRB_ERR_GENERIC, "the server refuses, with error code -1");
	message = refusal_of(INT32_MAX);
	reads_as(&message, KRB_ERR_GENERIC, "the server refuses, with error code 2147483647");
	/* Ours are not the peer's. */
	message = refusal_of(ERR_NO_MEMORY);
	reads_as(&message, KRB_ERR_GENERIC, "the server refuses, with error code 256");
}

static void skew_is_told_from_the_servers_time(void **state)
{
	(void)state;
	struct krb_error message = refusal_of(KRB_AP_ERR_SKEW);
	message.stime.seconds = NOW + 432;
	reads_as(&message, KRB_AP_ERR_SKEW,
		"clock skew too great: this host is 7 min 12 s behind the server");
	message.stime.seconds = NOW - 3600;
	reads_as(&message, KRB_AP_ERR_SKEW,
		"clock skew too great: this host is 1 h ahead of the server");
	message.stime.seconds = NOW;
	reads_as(&message, KRB_AP_ERR_SKEW,
		"clock skew too great: this host's clock does not differ from the server's now");
	message.stime.seconds = -INT64_C(62167219200);
	struct error err;
	assert_int_equal(read_message(&message, &err), KRB_AP_ERR_SKEW);
	assert_in(err.text, "ahead of the server");
}

/* The client's time in the message is what the server says that it was: no use. */
static void clients_time_in_the_message_is_not_used(void **state)
{
	(void)state;
	struct krb_error message = refusal_of(KRB_AP_ERR_SKEW);
	message.stime.seconds = NOW + 432;
	message.has_ctime = message.has_cusec = true;
	message.ctime.seconds = NOW + 999999;
	reads_as(&message, KRB_AP_ERR_SKEW,
		"clock skew too great: this host is 7 min 12 s behind the server");
}

static void text_is_marked_as_unverified(void **state)
{
	(void)state;
	struct krb_error message = refusal_of(KRB_AP_ERR_BADMATCH);
	message.text = SLICE_LITERAL("try again");
	reads_as(&message, KRB_AP_ERR_BADMATCH,
		"ticket and authenticator name different clients; server says (unverified): try "
		"again");
	message.text = SLICE_LITERAL("");
	reads_as(&message, KRB_AP_ERR_BADMATCH, "ticket and authenticator name different clients");
}

static void text_is_never_a_format(void **state)
{
	(void)state;
	struct krb_error message = refusal_of(KRB_AP_ERR_BADMATCH);
	message.text = SLICE_LITERAL("%s%n%x%1000000d");
	struct error err;
	assert_int_equal(read_message(&message, &err), KRB_AP_ERR_BADMATCH);
	assert_in(err.text, "server says (unverified): %s%n%x%1000000d");
}

static const char *said(const struct error *err)
{
	const char *mark = "server says (unverified): ";
	const char *at = strstr(err->text, mark);
	assert_non_null(at);
	return at + strlen(mark);
}

static void text_is_printable_ascii(void **state)
{
	(void)state;
	unsigned char octets[256];
	for (unsigned i = 0; i < sizeof octets; i++)
		octets[i] = (unsigned char)(255 - i);
	struct krb_error message = refusal_of(KRB_AP_ERR_BADMATCH);
	for (unsigned i = 0; i < sizeof octets; i++) {
		struct error err;
		message.text = slice_of(octets + i, sizeof octets - i);
		assert_int_equal(read_message(&message, &err), KRB_AP_ERR_BADMATCH);
		for (const char *c = said(&err); *c; c++)
			assert_uint_in_range(*c, 0x20, 0x7e);
	}
}

static void text_has_at_most_200_characters(void **state)
{
	(void)state;
	struct error err;
	char octets[1000];
	struct krb_error message = refusal_of(KRB_AP_ERR_BADMATCH);
	memset(octets, 'x', sizeof octets);
	message.text = slice_of(octets, 200);
	assert_int_equal(read_message(&message, &err), KRB_AP_ERR_BADMATCH);
	assert_int_equal(strlen(said(&err)), 200);
	assert_int_equal(strspn(said(&err), "x"), 200);
	message.text = slice_of(octets, 201);
	assert_int_equal(read_message(&message, &err), KRB_AP_ERR_BADMATCH);
	assert_int_equal(strlen(said(&err)), 200);
	memset(octets, '\n', sizeof octets);
	message.text = slice_of(octets, sizeof octets);
	assert_int_equal(read_message(&message, &err), KRB_AP_ERR_BADMATCH);
	assert_true(strlen(said(&err)) <= 200);
}

/* What is ours comes first, whole; what the server says cannot push it out. */
static void long_text_hides_nothing(void **state)
{
	(void)state;
	struct error err;
	char octets[60000];
	struct krb_error message = refusal_of(KRB_AP_ERR_NOT_US);
	memset(octets, 'x', sizeof octets);
	message.text = slice_of(octets, sizeof octets);
	assert_int_equal(read_message(&message, &err), KRB_AP_ERR_NOT_US);
	assert_int_equal(
		strncmp(err.text, "the server holds no key for " ASKED, 28 + strlen(ASKED)), 0);
}

static void what_is_no_krb_error_is_a_fault(void **state)
{
	(void)state;
	struct principal asked = service();
	static const struct slice tokens[] = {SLICE_LITERAL(""), SLICE_LITERAL("x"),
		SLICE_LITERAL("\x7e\x00"), SLICE_LITERAL("\x7e\x02\x30\x00")};
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		struct error err = {0};
		assert_int_equal(krb_error_read(tokens[i], now, &asked, &err), ERR_SYNTAX);
		assert_in(err.text, "the server's refusal cannot be read: ");
	}
}

/* Not one changed bit makes a success of it. */
static void changed_messages_are_refusals(void **state)
{
	(void)state;
	struct error err;
	AUTO_BUFFER token = {0};
	struct principal asked = service();
	struct krb_error message = refusal_of(KRB_AP_ERR_SKEW);
	message.text = SLICE_LITERAL("text");
	assert_int_equal(der_write_krb_error(&message, &token, &err), STATUS_OK);
	for (size_t bit = 0; bit < token.len * 8; bit++) {
		token.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		err = (struct error){0};
		enum status status = krb_error_read(buffer_slice(&token), now, &asked, &err);
		assert_int_not_equal(status, STATUS_OK);
		assert_int_equal(status, err.status);
		token.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	for (size_t len = 0; len < token.len; len++)
		assert_int_equal(
			krb_error_read(slice_of(token.data, len), now, &asked, &err), ERR_SYNTAX);
}

SUITE(test_krb_error)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusal_says_what_it_is_told),
		cmocka_unit_test(unknown_client_time_and_text_are_left_out),
		cmocka_unit_test(client_time_of_the_epoch_is_known),
		cmocka_unit_test(only_codes_of_the_rfc_are_sent),
		cmocka_unit_test(sent_text_is_printable_and_short),
		cmocka_unit_test(a_time_that_has_no_encoding_is_refused),
		cmocka_unit_test(each_code_has_its_sentence),
		cmocka_unit_test(no_code_is_success),
		cmocka_unit_test(unknown_codes_are_generic),
		cmocka_unit_test(skew_is_told_from_the_servers_time),
		cmocka_unit_test(clients_time_in_the_message_is_not_used),
		cmocka_unit_test(text_is_marked_as_unverified),
		cmocka_unit_test(text_is_never_a_format),
		cmocka_unit_test(text_is_printable_ascii),
		cmocka_unit_test(text_has_at_most_200_characters),
		cmocka_unit_test(long_text_hides_nothing),
		cmocka_unit_test(what_is_no_krb_error_is_a_fault),
		cmocka_unit_test(changed_messages_are_refusals),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* kdc/refusal: what a KDC's KRB-ERROR becomes in a sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kdc/refusal.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define NOW 1000000000

static const struct principal alice = {.count = 1,
	.component = {{(const unsigned char *)"alice", 5}},
	.realm = {(const unsigned char *)"EXAMPLE.TEST", 12}};
static const struct principal imap = {.count = 2,
	.component = {{(const unsigned char *)"imap", 4}, {(const unsigned char *)"mail", 4}},
	.realm = {(const unsigned char *)"EXAMPLE.TEST", 12}};

static struct error refusal_of(const struct krb_error *message)
{
	const struct kdc_request_names names = {"EXAMPLE.TEST", &alice, &imap};
	struct error err = {0};
	enum status status = kdc_refusal(message, &names, (struct timestamp){NOW, 0}, &err);
	assert_int_equal(status, err.status);
	return err;
}

static void check(int32_t code, enum status status, const char *text)
{
	const struct krb_error message = {.error_code = code, .stime = {NOW, 0}};
	struct error err = refusal_of(&message);
	assert_int_equal(err.status, status);
	assert_string_equal(err.text, text);
}

#define KDC "the KDC of EXAMPLE.TEST "

static void names_what_was_asked_for(void **state)
{
	(void)state;
	check(6, KDC_ERR_C_PRINCIPAL_UNKNOWN,
		KDC "does not know alice@EXAMPLE.TEST: is the name spelt right, and is this its "
		    "realm?");
	check(7, KDC_ERR_S_PRINCIPAL_UNKNOWN,
		KDC "does not know imap/mail@EXAMPLE.TEST: is the service registered under another "
		    "name?");
	check(18, KDC_ERR_CLIENT_REVOKED,
		KDC "says that the account alice@EXAMPLE.TEST is locked or disabled: its "
		    "administrator can unlock it");
	check(23, KDC_ERR_KEY_EXPIRED,
		KDC
		"says that the password of alice@EXAMPLE.TEST has expired: change it (kpasswd)");
	check(32, KRB_AP_ERR_TKT_EXPIRED,
		KDC "says that the ticket-granting ticket of alice@EXAMPLE.TEST has expired: run "
		    "kinit");
}

static void unknown_codes_are_told(void **state)
{
	(void)state;
	check(0, KRB_ERR_GENERIC, KDC "refuses, with error code 0");
	check(60, KRB_ERR_GENERIC, KDC "refuses, with error code 60");
	check(93, KRB_ERR_GENERIC, KDC "refuses, with error code 93");
	check(INT32_MIN, KRB_ERR_GENERIC, KDC "refuses, with error code -2147483648");
	/* Those of our own house are no codes. */
	check(ERR_NO_MEMORY, KRB_ERR_GENERIC, KDC "refuses, with error code 256");
}

/* Each either has a sentence, or its number is told; none is success. */
static void no_code_is_left_without_words(void **state)
{
	(void)state;
	for (int32_t code = -1; code < 300; code++) {
		const struct krb_error message = {.error_code = code};
		struct error err = refusal_of(&message);
		assert_true(err.status != STATUS_OK && err.status < ERR_NO_MEMORY);
		assert_true(err.status == KRB_ERR_GENERIC || (int32_t)err.status == code);
		assert_true(strlen(err.text) > strlen(KDC));
		assert_not_in(err.text, "{");
		if (err.status != KRB_ERR_GENERIC)
			assert_not_in(err.text, "error code");
	}
}

static void clocks(void **state)
{
	(void)state;
	struct krb_error message = {.error_code = 37, .stime = {NOW + 7810, 0}};
	struct error err = refusal_of(&message);
	assert_string_equal(err.text,
		KDC "finds the clocks too far apart: this host is 2 h 10 min behind the KDC");
	message.stime.seconds = NOW - 7810;
	err = refusal_of(&message);
	assert_in(err.text, "this host is 2 h 10 min ahead of the KDC");
	message.stime.seconds = NOW;
	err = refusal_of(&message);
	assert_in(err.text, "this host's clock does not differ from the KDC's now");
}

static void the_kdcs_words_come_last_and_are_few(void **state)
{
	(void)state;
	unsigned char long_text[1000];
	memset(long_text, 'x', sizeof long_text);
	struct krb_error message = {.error_code = 60, .text = SLICE_LITERAL("no \x1b[31m way\n")};
	struct error err = refusal_of(&message);
	assert_string_equal(err.text, KDC "refuses, with error code 60; it says (unverified): "
					  "no \\x1B[31m way\\x0A");
	message.text = slice_of(long_text, sizeof long_text);
	err = refusal_of(&message);
	assert_in(err.text, "xxxxxxxx...");
	assert_true(strlen(err.text) < 300);
	/* A peer that is not the KDC reads none of it. */
	assert_not_in(error_shown(&err), "xxx");
}

SUITE(test_kdc_refusal)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_what_was_asked_for),
		cmocka_unit_test(unknown_codes_are_told),
		cmocka_unit_test(no_code_is_left_without_words),
		cmocka_unit_test(clocks),
		cmocka_unit_test(the_kdcs_words_come_last_and_are_few),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

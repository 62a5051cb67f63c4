/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/assertions.h"
#include "tests/support/suite.h"

static struct exchange x;

static int start(void **state)
{
	(void)state;
	exchange_open(&x);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	exchange_close(&x);
	return 0;
}

static void issue_for(const char *service)
{
	AUTO_BUFFER name = {0};
	x.ticket.server = exchange_principal(service, &name);
	exchange_issue(&x);
	exchange_request(&x);
}

static void issue_with_kvno(uint32_t kvno)
{
	x.ticket.has_kvno = true;
	x.ticket.kvno = kvno;
	exchange_issue(&x);
	exchange_request(&x);
}

static void accepted(void)
{
	struct error err;
	if (exchange_read(&x, &err))
		fail_msg("%s", err.text);
}

/* Whatever the reason, a peer reads neither the keytab's name nor whom else it has keys for. */
static void refused(enum status status, const char *text, const char *shown)
{
	struct error err;
	enum status result = exchange_read(&x, &err);
	assert_refusal(result, &err, status, text, shown);
	assert_not_in(error_shown(&err), EXCHANGE_KEYTAB);
	assert_not_in(error_shown(&err), "bob");
}

static void keytab_of(const char *principal, uint32_t kvno)
{
	const struct exchange_entry entry = {principal, kvno, x.service_key};
	exchange_keytab(&x, &entry, 1);
}

/* ---- whose tickets are served ---- */

static void any_host_of_the_service_is_served(void **state)
{
	(void)state;
	const struct exchange_entry entries[] = {
		{"imap/mail.example.test@EXAMPLE.TEST", 1, x.service_key},
		{"imap/other.example.test@EXAMPLE.TEST", 1, x.service_key},
		{"imap/mail.example.test@OTHER.TEST", 1, x.service_key},
	};
	exchange_keytab(&x, entries, 3);
	for (unsigned i = 0; i < 3; i++) {
		issue_for(entries[i].principal);
		accepted();
		assert_string_equal(PRINCIPAL_TEXT(&x.server.server), entries[i].principal);
	}
}

static void another_service_is_not_served(void **state)
{
	(void)state;
	const struct exchange_entry entries[] = {
		{"imap/mail.example.test@EXAMPLE.TEST", 1, x.service_key},
		{"ldap/mail.example.test@EXAMPLE.TEST", 1, x.service_key},
	};
	exchange_keytab(&x, entries, 2);
	issue_for("ldap/mail.example.test@EXAMPLE.TEST");
	refused(KRB_AP_ERR_NOT_US,
		"the ticket is for ldap/mail.example.test@EXAMPLE.TEST, this server serves any "
		"imap/HOST and holds keys for imap/mail.example.test@EXAMPLE.TEST (keytab "
		"/etc/test.keytab)",
		"the ticket is for ldap/mail.example.test@EXAMPLE.TEST, this server holds no key");
}

static void host_without_key_is_not_served(void **state)
{
	(void)state;
	keytab_of("imap/bob.example.test@EXAMPLE.TEST", 1);
	issue_for("imap/mail.example.test@EXAMPLE.TEST");
	refused(KRB_AP_ERR_NOT_US, "holds keys for imap/bob.example.test@EXAMPLE.TEST",
		"is for imap/mail.example.test@EXAMPLE.TEST");
}

static void another_realm_is_not_served(void **state)
{
	(void)state;
	issue_for("imap/mail.example.test@OTHER.TEST");
	refused(KRB_AP_ERR_NOT_US, "for imap/mail.example.test@OTHER.TEST", "@OTHER.TEST");
}

static void names_are_compared_octet_by_octet(void **state)
{
	(void)state;
	static const char *const near[] = {
		"IMAP/mail.example.test@EXAMPLE.TEST",
		"imap/Mail.example.test@EXAMPLE.TEST",
		"imap/mail.example.test@example.TEST",
		"imap/mail.example.test.@EXAMPLE.TEST",
		"imap/mail.example.tes@EXAMPLE.TEST",
		"imap/mail.example.test\\0@EXAMPLE.TEST",
		"imap/mail.example.test@EXAMPLE.TEST\\0",
		"imap\\0/mail.example.test@EXAMPLE.TEST",
		"imap /mail.example.test@EXAMPLE.TEST",
		"imap/mail.example.test\\@EXAMPLE.TEST@EXAMPLE.TEST",
	};
	for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
		issue_for(near[i]);
		refused(KRB_AP_ERR_NOT_US, "the ticket is for", "the ticket is for");
	}
}

static void name_type_is_not_compared(void **state)
{
	(void)state;
	x.ticket.server.type = NT_UNKNOWN;
	exchange_issue(&x);
	exchange_request(&x);
	accepted();
}

static void exactly_two_components_are_served(void **state)
{
	(void)state;
	const struct exchange_entry entries[] = {
		{"imap@EXAMPLE.TEST", 1, x.service_key},
		{"imap/mail.example.test/more@EXAMPLE.TEST", 1, x.service_key},
	};
	exchange_keytab(&x, entries, 2);
	issue_for("imap@EXAMPLE.TEST");
	refused(KRB_AP_ERR_NOT_US, "the ticket is for imap@EXAMPLE.TEST", "imap@EXAMPLE.TEST");
	issue_for("imap/mail.example.test/more@EXAMPLE.TEST");
	refused(KRB_AP_ERR_NOT_US, "holds keys for none", "/more@EXAMPLE.TEST");
}

static void pinned_name_is_the_only_one(void **state)
{
	(void)state;
	AUTO_BUFFER name = {0};
	struct principal pinned = exchange_principal("imap/bob.example.test@EXAMPLE.TEST", &name);
	const struct exchange_entry entries[] = {
		{"imap/mail.example.test@EXAMPLE.TEST", 1, x.service_key},
		{"imap/bob.example.test@EXAMPLE.TEST", 1, x.service_key},
	};
	exchange_keytab(&x, entries, 2);
	x.acceptor.principal = &pinned;
	issue_for("imap/bob.example.test@EXAMPLE.TEST");
	accepted();
	issue_for("imap/mail.example.test@EXAMPLE.TEST");
	refused(KRB_AP_ERR_NOT_US, "this server serves imap/bob.example.test@EXAMPLE.TEST and",
		"imap/mail.example.test@EXAMPLE.TEST");
}

static void pinned_name_counts_with_its_realm(void **state)
{
	(void)state;
	AUTO_BUFFER name = {0};
	struct principal pinned = exchange_principal(EXCHANGE_SERVICE, &name);
	keytab_of("imap/mail.example.test@OTHER.TEST", 1);
	x.acceptor.principal = &pinned;
	issue_for("imap/mail.example.test@OTHER.TEST");
	refused(KRB_AP_ERR_NOT_US,
		"this server serves " EXCHANGE_SERVICE " and holds keys for none",
		"imap/mail.example.test@OTHER.TEST");
}

static void pinned_name_may_be_of_any_form(void **state)
{
	(void)state;
	AUTO_BUFFER name = {0};
	struct principal pinned = exchange_principal("mailer@EXAMPLE.TEST", &name);
	keytab_of("mailer@EXAMPLE.TEST", 1);
	x.acceptor.principal = &pinned;
	issue_for("mailer@EXAMPLE.TEST");
	accepted();
}

static void pinned_name_without_realm_is_served_in_each(void **state)
{
	(void)state;
	AUTO_BUFFER name = {0};
	struct principal pinned = exchange_principal("imap/mail.example.test", &name);
	keytab_of("imap/mail.example.test@OTHER.TEST", 1);
	x.acceptor.principal = &pinned;
	issue_for("imap/mail.example.test@OTHER.TEST");
	accepted();
	issue_for("imap/mail.example.test@EXAMPLE.TEST");
	refused(KRB_AP_ERR_NOT_US, "holds keys for imap/mail.example.test@OTHER.TEST",
		"this server holds no key for it");
}

/* ---- which key ---- */

static void kvno_picks_the_key(void **state)
{
	(void)state;
	AUTO_KEY old = exchange_key(ENCTYPE_AES256_SHA1, 'o');
	AUTO_KEY new = exchange_key(ENCTYPE_AES256_SHA1, 'n');
	const struct exchange_entry entries[] = {
		{EXCHANGE_SERVICE, 3, old},
		{EXCHANGE_SERVICE, 4, x.service_key},
		{EXCHANGE_SERVICE, 5, new},
	};
	exchange_keytab(&x, entries, 3);
	issue_with_kvno(4);
	accepted();
	assert_true(x.server.ticket_has_kvno);
	assert_int_equal(x.server.ticket_kvno, 4);
	issue_with_kvno(5);
	refused(KRB_AP_ERR_BAD_INTEGRITY, "(kvno 5, aes256-cts-hmac-sha1-96) does not decrypt",
		"does not decrypt");
}

static void old_key_serves_as_long_as_it_is_there(void **state)
{
	(void)state;
	AUTO_KEY new = exchange_key(ENCTYPE_AES256_SHA1, 'n');
	const struct exchange_entry entries[] = {
		{EXCHANGE_SERVICE, 2, new},
		{EXCHANGE_SERVICE, 1, x.service_key},
	};
	exchange_keytab(&x, entries, 2);
	exchange_request(&x);
	accepted();
	exchange_keytab(&x, entries, 1);
	refused(KRB_AP_ERR_BADKEYVER,
		"of kvno 1, keytab /etc/test.keytab has kvno 2: the ticket is older",
		"(kvno 1): the ticket is older");
}

static void enctype_picks_the_key(void **state)
{
	(void)state;
	AUTO_KEY other = exchange_key(ENCTYPE_AES128_SHA1, 'o');
	const struct exchange_entry entries[] = {
		{EXCHANGE_SERVICE, 1, other},
		{EXCHANGE_SERVICE, 1, x.service_key},
	};
	exchange_keytab(&x, entries, 2);
	exchange_request(&x);
	accepted();
	assert_int_equal(x.server.ticket_enctype, ENCTYPE_AES256_SHA1);
}

static void several_keys_of_one_kvno_are_tried(void **state)
{
	(void)state;
	AUTO_KEY other = exchange_key(ENCTYPE_AES256_SHA1, 'o');
	const struct exchange_entry entries[] = {
		{EXCHANGE_SERVICE, 1, other},
		{EXCHANGE_SERVICE, 1, x.service_key},
		{EXCHANGE_SERVICE, 1, other},
	};
	exchange_keytab(&x, entries, 3);
	exchange_request(&x);
	accepted();
}

static void absent_kvno_tries_all_keys(void **state)
{
	(void)state;
	AUTO_KEY other = exchange_key(ENCTYPE_AES256_SHA1, 'o');
	const struct exchange_entry entries[] = {
		{EXCHANGE_SERVICE, 7, other},
		{EXCHANGE_SERVICE, 8, x.service_key},
	};
	exchange_keytab(&x, entries, 2);
	x.ticket.has_kvno = false;
	exchange_issue(&x);
	exchange_request(&x);
	accepted();
	assert_false(x.server.ticket_has_kvno);
	exchange_keytab(&x, entries, 1);
	refused(KRB_AP_ERR_BAD_INTEGRITY, "(no kvno, aes256-cts-hmac-sha1-96)", "does not decrypt");
}

static void kvno_of_eight_bits_is_taken_modulo_256(void **state)
{
	(void)state;
	keytab_of(EXCHANGE_SERVICE, 259);
	issue_with_kvno(3);
	accepted();
	issue_with_kvno(259);
	accepted();
	issue_with_kvno(515);
	refused(KRB_AP_ERR_BADKEYVER,
		"of kvno 515, keytab /etc/test.keytab has kvno 259: the KDC has a newer key",
		"515): the server's keytab is older");
	issue_with_kvno(4);
	refused(KRB_AP_ERR_BADKEYVER, "has kvno 259: the ticket is older", "(kvno 4)");
}

static void missing_version_names_those_there(void **state)
{
	(void)state;
	const struct exchange_entry entries[] = {
		{EXCHANGE_SERVICE, 2, x.service_key},
		{EXCHANGE_SERVICE, 3, x.service_key},
		{EXCHANGE_SERVICE, 3, x.service_key},
		{"imap/bob.example.test@EXAMPLE.TEST", 77, x.service_key},
	};
	exchange_keytab(&x, entries, 4);
	issue_with_kvno(UINT32_MAX);
	refused(KRB_AP_ERR_BADKEYVER,
		"of kvno 4294967295, keytab /etc/test.keytab has kvno 2, 3: the KDC has a newer "
		"key, export the",
		"no key of the ticket's version (kvno 4294967295)");
}

static void missing_enctype_names_those_there(void **state)
{
	(void)state;
	AUTO_KEY aes128 = exchange_key(ENCTYPE_AES128_SHA1, 'o');
	AUTO_KEY sha256 = exchange_key(ENCTYPE_AES128_SHA256, 'o');
	const struct exchange_entry entries[] = {
		{EXCHANGE_SERVICE, 1, aes128},
		{EXCHANGE_SERVICE, 1, sha256},
		{"imap/bob.example.test@EXAMPLE.TEST", 1, x.service_key},
	};
	exchange_keytab(&x, entries, 3);
	exchange_request(&x);
	refused(KRB_AP_ERR_NOKEY,
		"has for it only aes128-cts-hmac-sha1-96, aes128-cts-hmac-sha256-128: export the "
		"keytab",
		"encryption type, aes256-cts-hmac-sha1-96");
}

static void wrong_key_is_told_from_a_missing_one(void **state)
{
	(void)state;
	AUTO_KEY other = exchange_key(ENCTYPE_AES256_SHA1, 'o');
	const struct exchange_entry entry = {EXCHANGE_SERVICE, 1, other};
	exchange_keytab(&x, &entry, 1);
	exchange_request(&x);
	refused(KRB_AP_ERR_BAD_INTEGRITY,
		"(kvno 1, aes256-cts-hmac-sha1-96) does not decrypt with the key of keytab "
		"/etc/test.keytab",
		"the ticket does not decrypt with the server's key");
}

/* ---- encryption types ---- */

/* The ticket as an attacker would write it: no need to know a key to claim a type. */
static void claim_enctype(int32_t enctype)
{
	struct error err;
	struct ticket ticket = {
		.server = x.ticket.server,
		.enc_part = {.etype = enctype, .cipher = SLICE_LITERAL("not even cipher text")},
	};
	buffer_clear(&x.ticket_der);
	assert_int_equal(der_write_ticket(&ticket, &x.ticket_der, &err), STATUS_OK);
	struct authenticator authenticator = exchange_authenticator(&x);
	exchange_forge(&x, &authenticator, 0);
}

static void weak_ticket_is_refused_unopened(void **state)
{
	(void)state;
	claim_enctype(23);
	refused(KDC_ERR_ETYPE_NOSUPP,
		"the encryption type of the ticket for imap/mail.example.test@EXAMPLE.TEST: "
		"arcfour-hmac",
		"the encryption type of the ticket for imap/mail.example.test@EXAMPLE.TEST: "
		"arcfour-hmac");
	claim_enctype(3);
	refused(KDC_ERR_ETYPE_NOSUPP, "weak", "des-cbc-md5");
}

static void unknown_enctype_is_refused(void **state)
{
	(void)state;
	claim_enctype(99);
	refused(KDC_ERR_ETYPE_NOSUPP, "type 99 is not known", "enctype 99");
	claim_enctype(-18);
	refused(KDC_ERR_ETYPE_NOSUPP, "type -18 is not known", "enctype -18");
}

static void unpermitted_ticket_is_refused_unopened(void **state)
{
	(void)state;
	exchange_conf(&x, "[libdefaults]\npermitted_enctypes = aes128-cts-hmac-sha1-96\n");
	claim_enctype(ENCTYPE_AES256_SHA1);
	refused(KDC_ERR_ETYPE_NOSUPP,
		"aes256-cts-hmac-sha1-96 is not one of the permitted_enctypes of krb5.conf",
		"aes256-cts-hmac-sha1-96 is not permitted");
}

static void weak_session_key_is_refused(void **state)
{
	(void)state;
	exchange_request(&x); /* with a good one; the ticket is what counts */
	x.ticket.part.key = (struct encryption_key){23, SLICE_LITERAL("0123456789abcdef")};
	exchange_issue(&x);
	struct authenticator authenticator = exchange_authenticator(&x);
	exchange_forge(&x, &authenticator, 0);
	refused(KDC_ERR_ETYPE_NOSUPP, "the session key's type: arcfour-hmac",
		"the session key's type: arcfour-hmac");
}

static void unpermitted_session_key_is_refused(void **state)
{
	(void)state;
	exchange_conf(&x, "[libdefaults]\npermitted_enctypes = aes256-cts-hmac-sha1-96\n");
	exchange_set_session_key(&x, ENCTYPE_AES128_SHA1);
	exchange_issue(&x);
	exchange_request(&x);
	refused(KDC_ERR_ETYPE_NOSUPP,
		"the session key's type: aes128-cts-hmac-sha1-96 is not one of the permitted",
		"the session key's type: aes128-cts-hmac-sha1-96 is not permitted");
}

static void session_key_of_wrong_length_is_refused(void **state)
{
	(void)state;
	x.ticket.part.key.value.len--;
	exchange_issue(&x);
	struct authenticator authenticator = exchange_authenticator(&x);
	exchange_forge(&x, &authenticator, 0);
	refused(ERR_SYNTAX, "the ticket's session key", "malformed");
}

/* ---- ap_acceptor_check ---- */

static void check_accepted(void)
{
	struct error err;
	if (ap_acceptor_check(&x.acceptor, &err))
		fail_msg("%s", err.text);
}

static void check_refused(const char *text)
{
	struct error err;
	enum status status = ap_acceptor_check(&x.acceptor, &err);
	assert_refusal(status, &err, ERR_NOT_FOUND, text, "not found");
}

static void check_finds_a_key(void **state)
{
	(void)state;
	check_accepted();
}

static void check_says_who_has_keys(void **state)
{
	(void)state;
	const struct exchange_entry entries[] = {
		{"host/mail.example.test@EXAMPLE.TEST", 1, x.service_key},
		{"host/mail.example.test@EXAMPLE.TEST", 2, x.service_key},
		{"ldap/mail.example.test@EXAMPLE.TEST", 1, x.service_key},
	};
	exchange_keytab(&x, entries, 3);
	check_refused("keytab /etc/test.keytab has no key for any imap/HOST, it has keys for: "
		      "host/mail.example.test@EXAMPLE.TEST, ldap/mail.example.test@EXAMPLE.TEST");
}

static void check_of_an_empty_keytab(void **state)
{
	(void)state;
	exchange_keytab(&x, NULL, 0);
	check_refused("it has keys for: nobody");
}

static void check_of_a_pinned_name(void **state)
{
	(void)state;
	AUTO_BUFFER name = {0};
	struct principal pinned = exchange_principal("imap/other.example.test@EXAMPLE.TEST", &name);
	x.acceptor.principal = &pinned;
	check_refused("has no key for imap/other.example.test@EXAMPLE.TEST, it has keys for: "
		      "imap/mail.example.test@EXAMPLE.TEST");
	keytab_of("imap/other.example.test@EXAMPLE.TEST", 1);
	check_accepted();
}

static void check_of_keys_that_are_not_permitted(void **state)
{
	(void)state;
	exchange_conf(&x, "[libdefaults]\npermitted_enctypes = aes128-cts-hmac-sha1-96\n");
	check_refused("has only keys of types that are not supported or not permitted for any "
		      "imap/HOST (aes256-cts-hmac-sha1-96)");
}

static void check_of_keys_that_are_weak(void **state)
{
	(void)state;
	struct error err;
	AUTO_BUFFER octets = {0};
	const struct mint_keytab_entry entry = {.principal = x.ticket.server,
		.kvno = 1,
		.enctype = 23,
		.key = SLICE_LITERAL("0123456789abcdef")};
	mint_keytab_start(&octets, MINT_KEYTAB_2);
	mint_keytab_entry(&octets, MINT_KEYTAB_2, &entry);
	keytab_release(x.keytab);
	assert_int_equal(
		keytab_parse(buffer_slice(&octets), EXCHANGE_KEYTAB, &x.keytab, &err), STATUS_OK);
	x.acceptor.keytab = x.keytab;
	check_refused("not supported or not permitted for any imap/HOST (arcfour-hmac");
}

/* ---- lists in sentences ---- */

static void long_lists_end_in_dots(void **state)
{
	(void)state;
	char names[40][60];
	struct exchange_entry entries[40];
	for (unsigned i = 0; i < 40; i++) {
		snprintf(names[i], sizeof names[i], "host/h%u.example.test@EXAMPLE.TEST", i);
		entries[i] = (struct exchange_entry){names[i], 1, x.service_key};
	}
	exchange_keytab(&x, entries, 40);
	check_refused("host/h0.example.test@EXAMPLE.TEST, host/h1.example.test@EXAMPLE.TEST");
	check_refused("host/h7.example.test@EXAMPLE.TEST, ...");
}

/* A name that is the beginning or the end of another is still listed. */
static void similar_names_are_all_listed(void **state)
{
	(void)state;
	const struct exchange_entry entries[] = {
		{"bbaa@R", 1, x.service_key},
		{"aa@RR", 1, x.service_key},
		{"aa@R", 1, x.service_key},
		{"a@R", 1, x.service_key},
		{"aa@R", 2, x.service_key},
	};
	exchange_keytab(&x, entries, 5);
	check_refused("it has keys for: bbaa@R, aa@RR, aa@R, a@R");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, finish)

SUITE(test_service)
{
	const struct CMUnitTest tests[] = {
		CASE(any_host_of_the_service_is_served),
		CASE(another_service_is_not_served),
		CASE(host_without_key_is_not_served),
		CASE(another_realm_is_not_served),
		CASE(names_are_compared_octet_by_octet),
		CASE(name_type_is_not_compared),
		CASE(exactly_two_components_are_served),
		CASE(pinned_name_is_the_only_one),
		CASE(pinned_name_counts_with_its_realm),
		CASE(pinned_name_may_be_of_any_form),
		CASE(pinned_name_without_realm_is_served_in_each),
		CASE(kvno_picks_the_key),
		CASE(old_key_serves_as_long_as_it_is_there),
		CASE(enctype_picks_the_key),
		CASE(several_keys_of_one_kvno_are_tried),
		CASE(absent_kvno_tries_all_keys),
		CASE(kvno_of_eight_bits_is_taken_modulo_256),
		CASE(missing_version_names_those_there),
		CASE(missing_enctype_names_those_there),
		CASE(wrong_key_is_told_from_a_missing_one),
		CASE(weak_ticket_is_refused_unopened),
		CASE(unknown_enctype_is_refused),
		CASE(unpermitted_ticket_is_refused_unopened),
		CASE(weak_session_key_is_refused),
		CASE(unpermitted_session_key_is_refused),
		CASE(session_key_of_wrong_length_is_refused),
		CASE(check_finds_a_key),
		CASE(check_says_who_has_keys),
		CASE(check_of_an_empty_keytab),
		CASE(check_of_a_pinned_name),
		CASE(check_of_keys_that_are_not_permitted),
		CASE(check_of_keys_that_are_weak),
		CASE(long_lists_end_in_dots),
		CASE(similar_names_are_all_listed),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

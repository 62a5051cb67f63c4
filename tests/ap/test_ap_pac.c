/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PAC of a ticket, in the exchange: found, verified with the key that
 * decrypted the ticket, and kept for the caller.
 */
#include "tests/support/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/assertions.h"
#include "tests/support/pac_maker.h"
#include "tests/support/recorded_values.h"
#include "tests/support/suite.h"

static struct exchange x;
static struct mint_account account;
static struct buffer pacs[2], elements[2];

static int start(void **state)
{
	(void)state;
	exchange_open(&x);
	account = mint_account(x.ticket.part.authtime);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	exchange_close(&x);
	for (unsigned i = 0; i < 2; i++) {
		buffer_free(&pacs[i]);
		buffer_free(&elements[i]);
	}
	return 0;
}

static void add_pac(unsigned i, struct slice octets)
{
	NEW_ERROR(err);
	assert_success(mint_authdata(&x.ticket.part.authorization_data, AD_WIN2K_PAC, octets,
			       AD_IF_RELEVANT, &elements[i], &err),
		&err);
}

/* The ticket gets the account's PAC, signed with `key`, and the request is made. */
static void request_with(struct key *key)
{
	buffer_free(&pacs[0]);
	buffer_free(&elements[0]);
	x.ticket.part.authorization_data.count = 0;
	mint_account_pac(&account, key, &pacs[0]);
	add_pac(0, buffer_slice(&pacs[0]));
	exchange_issue(&x);
	exchange_request(&x);
}

static void accepted(void)
{
	NEW_ERROR(err);
	assert_success(exchange_read(&x, &err), &err);
}

static void refused(enum status status, const char *text, const char *shown)
{
	NEW_ERROR(err);
	assert_refusal(exchange_read(&x, &err), &err, status, text, shown);
	assert_null(x.server.pac);
	assert_true(x.server.client.count == 1);
}

static void has(const struct buffer *buffer, const char *expected)
{
	assert_true(slice_equal(buffer_slice(buffer), slice_string(expected)));
}

static void the_caller_gets_what_was_verified(void **state)
{
	(void)state;
	static const int32_t types[] = {ENCTYPE_AES128_SHA1, ENCTYPE_AES256_SHA1,
		ENCTYPE_AES128_SHA256, ENCTYPE_AES256_SHA384};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		exchange_set_service_key(&x, types[i]);
		request_with(x.service_key);
		accepted();
		assert_string_equal(x.server.pac->fault, "");
		has(&x.server.pac->account, "alice");
		assert_string_equal(SID_TEXT(&x.server.pac->sid), "S-1-5-21-1-2-3-1104");
		assert_int_equal(x.server.pac->group_count, 4);
	}
}

/* The ticket's plain text is gone then. */
static void the_caller_owns_it(void **state)
{
	(void)state;
	request_with(x.service_key);
	accepted();
	buffer_free(&x.server.ticket_plain);
	buffer_free(&x.token);
	has(&x.server.pac->account, "alice");
	has(&x.server.pac->upn, "alice@example.test");
}

static void a_ticket_without_pac_has_none(void **state)
{
	(void)state;
	exchange_request(&x);
	accepted();
	assert_null(x.server.pac);
	x.acceptor.pac.policy = PAC_REQUIRED;
	refused(KDC_ERR_POLICY,
		"a PAC that verifies is required (kerberos5_pac): the ticket has none",
		"a ticket with a PAC that verifies is required");
}

/* Of another key of the keytab too. */
static void only_the_tickets_key_counts(void **state)
{
	(void)state;
	AUTO_KEY other = exchange_key(ENCTYPE_AES256_SHA1, 'o');
	const struct exchange_entry entries[] = {
		{EXCHANGE_SERVICE, 1, x.service_key}, {EXCHANGE_SERVICE, 2, other}};
	exchange_keytab(&x, entries, 2);
	request_with(other);
	accepted();
	assert_in(x.server.pac->fault, "its server signature does not match");
	assert_int_equal(x.server.pac->account.len, 0);
	request_with(x.session_key);
	accepted();
	assert_in(x.server.pac->fault, "its server signature does not match");
	x.acceptor.pac.policy = PAC_REQUIRED;
	refused(KDC_ERR_POLICY, "its server signature does not match",
		"a ticket with a PAC that verifies is required");
}

static void two_pacs_are_refused(void **state)
{
	(void)state;
	request_with(x.service_key);
	add_pac(1, buffer_slice(&pacs[0]));
	exchange_issue(&x);
	exchange_request(&x);
	refused(KDC_ERR_POLICY, "the ticket's authorization data: a PAC is there more than once",
		"a PAC is there more than once");
	x.acceptor.pac.policy = PAC_IGNORE;
	accepted();
	assert_null(x.server.pac);
}

static void a_pac_at_fault_is_refused(void **state)
{
	(void)state;
	add_pac(0, SLICE_LITERAL("pac"));
	exchange_issue(&x);
	exchange_request(&x);
	refused(ERR_SYNTAX, "the ticket's PAC: it ends before", "the ticket's PAC is not in order");
	x.acceptor.pac.policy = PAC_IGNORE;
	accepted();
	assert_null(x.server.pac);
}

static void an_empty_pac_is_not_the_same_as_none(void **state)
{
	(void)state;
	add_pac(0, SLICE_LITERAL(""));
	exchange_issue(&x);
	exchange_request(&x);
	refused(ERR_SYNTAX, "the ticket's PAC: it ends before", "the ticket's PAC is not in order");
}

static void client_and_time_are_the_tickets(void **state)
{
	(void)state;
	account.authtime++;
	request_with(x.service_key);
	refused(KRB_AP_ERR_BADMATCH, "the ticket's PAC: PAC_CLIENT_INFO: it is of a login at",
		"the ticket's PAC is not in order");
	account.authtime--;
	account.client = "bob";
	request_with(x.service_key);
	refused(KRB_AP_ERR_BADMATCH, "the ticket's PAC: PAC_CLIENT_INFO: it is of \"bob\"",
		"the ticket's PAC is not in order");
}

static void dollar_tickets_are_refused(void **state)
{
	(void)state;
	account.extended_account = "alice$";
	account.upn = "alice$@example.test";
	request_with(x.service_key);
	refused(KDC_ERR_POLICY,
		"the ticket names alice@EXAMPLE.TEST, and its PAC is of the account \"alice$\"",
		"the ticket's client is not the name of its account");
}

static void groups_are_demanded(void **state)
{
	(void)state;
	struct sid group;
	x.acceptor.pac.group = &group;
	x.acceptor.pac.group_count = 1;
	assert_true(sid_parse(SLICE_LITERAL("S-1-5-21-1-2-3-1300"), &group));
	request_with(x.service_key);
	accepted();
	group.part[4]++;
	refused(KDC_ERR_POLICY, "kerberos5_require_group: S-1-5-21-1-2-3-1301): its PAC has others",
		"only members of certain groups may log in here");
}

/* Whoever makes the authenticator could put there what he likes. */
static void the_clients_own_pac_is_not_looked_at(void **state)
{
	(void)state;
	struct authenticator authenticator = exchange_authenticator(&x);
	NEW_ERROR(err);
	mint_account_pac(&account, x.service_key, &pacs[0]);
	assert_success(mint_authdata(&authenticator.authorization_data, AD_WIN2K_PAC,
			       buffer_slice(&pacs[0]), AD_IF_RELEVANT, &elements[0], &err),
		&err);
	exchange_forge(&x, &authenticator, AP_OPTION_MUTUAL_REQUIRED);
	accepted();
	assert_null(x.server.pac);
}

static char traced[4000];
static void keep_line(void *arg, const char *text)
{
	(void)arg;
	strncat(traced, text, sizeof traced - strlen(traced) - 2);
	strcat(traced, "\n");
}

static void the_trace_says_what_was_found(void **state)
{
	(void)state;
	const struct ap_trace trace = {keep_line, NULL};
	NEW_ERROR(err);
	request_with(x.service_key);
	ap_context_clear(&x.server);
	assert_success(
		ap_req_read(&x.acceptor, buffer_slice(&x.token), &trace, &x.server, &err), &err);
	assert_in(traced,
		"the ticket's PAC is verified: account \"alice\" of \"EXAMPLE.TEST\", UPN "
		"\"alice@example.test\", SID S-1-5-21-1-2-3-1104, 4 groups; ticket "
		"signature: no, full signature: no\n");
	request_with(x.session_key);
	ap_context_clear(&x.server);
	assert_success(
		ap_req_read(&x.acceptor, buffer_slice(&x.token), &trace, &x.server, &err), &err);
	assert_in(traced, "the ticket's PAC is not believed: its server signature does not match");
}

/* Of Windows Server 2022, with the session key and the names that are in it. */
static void a_ticket_of_windows_is_accepted(void **state)
{
	(void)state;
	static const char service[] = "cifs/w2022-118.w2022-l7.base@W2022-L7.BASE";
	struct recorded values;
	struct ticket ticket;
	struct slice octets;
	AUTO_BUFFER plain = {0};
	AUTO_KEY key = NULL;
	NEW_ERROR(err);
	recorded_open(&values, "pacs.txt", "ticket");
	assert_success(
		key_new(ENCTYPE_AES256_SHA1, recorded_value(&values, "key"), &key, &err), &err);
	assert_success(der_read_ticket(recorded_value(&values, "ticket"), &ticket, &err), &err);
	assert_success(key_decrypt(key, USAGE_TICKET, ticket.enc_part.cipher, &plain, &err), &err);
	octets = buffer_slice(&plain);
	x.ticket.server = ticket.server;
	assert_success(der_read_enc_ticket_part(octets, &x.ticket.part, &err), &err);
	x.credential = mint_credential(&x.ticket, recorded_value(&values, "ticket"));
	const struct exchange_entry entry = {service, 5, key};
	exchange_keytab(&x, &entry, 1);
	x.acceptor.service = SLICE_LITERAL("cifs");
	x.acceptor.pac.policy = PAC_REQUIRED;
	x.initiator.now.seconds = x.acceptor.now.seconds = x.ticket.part.authtime + 1;
	exchange_request(&x);
	accepted();
	has(&x.server.pac->account, "Administrator");
	has(&x.server.pac->dns_domain, "W2022-L7.BASE");
	assert_true(x.server.pac->has_full_signature);
	recorded_close(&values);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, finish)

SUITE(test_ap_pac)
{
	const struct CMUnitTest tests[] = {
		CASE(the_caller_gets_what_was_verified),
		CASE(the_caller_owns_it),
		CASE(a_ticket_without_pac_has_none),
		CASE(only_the_tickets_key_counts),
		CASE(two_pacs_are_refused),
		CASE(a_pac_at_fault_is_refused),
		CASE(an_empty_pac_is_not_the_same_as_none),
		CASE(client_and_time_are_the_tickets),
		CASE(dollar_tickets_are_refused),
		CASE(groups_are_demanded),
		CASE(the_clients_own_pac_is_not_looked_at),
		CASE(the_trace_says_what_was_found),
		CASE(a_ticket_of_windows_is_accepted),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

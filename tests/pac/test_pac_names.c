/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/pac_names.h"
#include "tests/support/assertions.h"
#include "tests/support/exchange.h"
#include "tests/support/pac_maker.h"
#include "tests/support/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct mint_account account;
static struct buffer octets;
static struct upn_dns_info info;

static int start(void **state)
{
	(void)state;
	account = mint_account(EXCHANGE_NOW);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	buffer_free(&octets);
	upn_dns_info_clear(&info);
	return 0;
}

/* ---- PAC_CLIENT_INFO ---- */

static enum status check(const char *client, int64_t authtime, struct error *err)
{
	AUTO_BUFFER storage = {0};
	struct principal name = exchange_principal(client, &storage);
	return client_info_check(buffer_slice(&octets), &name, authtime, err);
}

static void make_client_info(const char *name)
{
	buffer_free(&octets);
	account.client = name;
	mint_client_info(&account, &octets);
}

static void fits(const char *name, const char *client)
{
	NEW_ERROR(err);
	make_client_info(name);
	assert_success(check(client, EXCHANGE_NOW, &err), &err);
}

static void is_of_another(const char *name, const char *client)
{
	NEW_ERROR(err);
	make_client_info(name);
	assert_int_equal(check(client, EXCHANGE_NOW, &err), KRB_AP_ERR_BADMATCH);
	assert_in(err.text, "the ticket is of");
	assert_in(err.text, name);
}

static void the_name_is_the_tickets(void **state)
{
	(void)state;
	fits("alice", "alice@EXAMPLE.TEST");
	fits("host/a.example.test", "host/a.example.test@EXAMPLE.TEST");
	fits("alice@corp.example", "alice\\@corp.example@EXAMPLE.TEST");
	/* By S4U2Self through another realm. */
	fits("alice@EXAMPLE.TEST", "alice@EXAMPLE.TEST");
	fits("alice@corp.example@EXAMPLE.TEST", "alice\\@corp.example@EXAMPLE.TEST");
}

static void another_name_is_refused(void **state)
{
	(void)state;
	is_of_another("bob", "alice@EXAMPLE.TEST");
	is_of_another("", "alice@EXAMPLE.TEST");
	is_of_another("alic", "alice@EXAMPLE.TEST");
	is_of_another("alice2", "alice@EXAMPLE.TEST");
	is_of_another("Alice", "alice@EXAMPLE.TEST");
	is_of_another("alice@OTHER.TEST", "alice@EXAMPLE.TEST");
	is_of_another("alice@example.test", "alice@EXAMPLE.TEST");
	is_of_another("alice", "alice/admin@EXAMPLE.TEST");
	is_of_another("alice/admin", "alice@EXAMPLE.TEST");
}

static void the_time_is_the_tickets(void **state)
{
	(void)state;
	static const int64_t others[] = {EXCHANGE_NOW - 1, EXCHANGE_NOW + 1, 0, -EXCHANGE_NOW};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		NEW_ERROR(err);
		make_client_info("alice");
		assert_int_equal(check("alice@EXAMPLE.TEST", others[i], &err), KRB_AP_ERR_BADMATCH);
		assert_in(err.text, "it is of a login at 2026-01-01 00:00:00 UTC, the ticket of");
	}
}

static void a_time_that_is_not_set_fits_one_that_is_not_set(void **state)
{
	(void)state;
	NEW_ERROR(err);
	make_client_info("alice");
	memset(octets.data, 0, 8);
	assert_success(check("alice@EXAMPLE.TEST", 0, &err), &err);
	assert_int_equal(check("alice@EXAMPLE.TEST", 1, &err), KRB_AP_ERR_BADMATCH);
	memset(octets.data, 0xff, 8);
	assert_int_equal(check("alice@EXAMPLE.TEST", 0, &err), KRB_AP_ERR_BADMATCH);
}

static void a_client_info_that_is_cut_is_refused(void **state)
{
	(void)state;
	make_client_info("alice");
	for (size_t length = 0; length < octets.len; length++) {
		NEW_ERROR(err);
		AUTO_BUFFER whole = {0};
		mint_octets(&whole, slice_of(octets.data, length));
		struct principal name = {.count = 1, .component = {SLICE_LITERAL("alice")}};
		assert_int_equal(client_info_check(buffer_slice(&whole), &name, EXCHANGE_NOW, &err),
			ERR_SYNTAX);
	}
	NEW_ERROR(err);
	octets.data[8] = 11;
	mint_u8(&octets, 0);
	assert_int_equal(check("alice@EXAMPLE.TEST", EXCHANGE_NOW, &err), ERR_SYNTAX);
	assert_in(err.text, "has 11 octets");
}

/* ---- UPN_DNS_INFO ---- */

static void read_well(void)
{
	NEW_ERROR(err);
	buffer_free(&octets);
	mint_upn_dns_info(&account, &octets);
	upn_dns_info_clear(&info);
	assert_success(upn_dns_info_read(buffer_slice(&octets), &info, &err), &err);
}

static void has(const struct buffer *buffer, const char *expected)
{
	assert_true(slice_equal(buffer_slice(buffer), slice_string(expected)));
}

static void the_extended_form_is_read(void **state)
{
	(void)state;
	read_well();
	has(&info.upn, "alice@example.test");
	has(&info.dns_domain, "EXAMPLE.TEST");
	has(&info.account, "alice");
	assert_true(info.has_sid);
	assert_string_equal(SID_TEXT(&info.sid), "S-1-5-21-1-2-3-1104");
}

static void the_plain_form_is_read(void **state)
{
	(void)state;
	account.extended_account = account.extended_sid = NULL;
	read_well();
	has(&info.upn, "alice@example.test");
	has(&info.dns_domain, "EXAMPLE.TEST");
	has(&info.account, "");
	assert_false(info.has_sid);
}

/* The octets of the extended form are there, but the flag says that they are not meant. */
static void the_flag_decides_on_the_form(void **state)
{
	(void)state;
	NEW_ERROR(err);
	read_well();
	octets.data[8] = 1;
	upn_dns_info_clear(&info);
	assert_success(upn_dns_info_read(buffer_slice(&octets), &info, &err), &err);
	has(&info.account, "");
	assert_false(info.has_sid);
	octets.data[8] = 3;
	upn_dns_info_clear(&info);
	assert_success(upn_dns_info_read(buffer_slice(&octets), &info, &err), &err);
	has(&info.account, "alice");
}

static void parts_may_be_missing(void **state)
{
	(void)state;
	account.upn = NULL;
	account.extended_sid = NULL;
	read_well();
	has(&info.upn, "");
	has(&info.account, "alice");
	assert_false(info.has_sid);
}

static void refused(const char *reason)
{
	NEW_ERROR(err);
	assert_refusal(upn_dns_info_read(buffer_slice(&octets), &info, &err), &err, ERR_SYNTAX,
		reason, reason);
	assert_null(info.upn.data);
	assert_false(info.has_sid);
}

static void places_outside_are_refused(void **state)
{
	(void)state;
	static const size_t places[] = {0, 4, 12, 16};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		static const unsigned wrong[] = {0, 8, 18, 0x7ffe, 0xfffe};
		for (size_t j = 0; j < sizeof wrong / sizeof *wrong; j++) {
			read_well();
			upn_dns_info_clear(&info);
			octets.data[places[i] + 2] = (unsigned char)wrong[j];
			octets.data[places[i] + 3] = (unsigned char)(wrong[j] >> 8);
			refused("a name or SID is not inside of it");
		}
		read_well();
		upn_dns_info_clear(&info);
		octets.data[places[i]] = octets.data[places[i] + 1] = 0xfe;
		refused("a name or SID is not inside of it");
	}
}

static void what_is_cut_is_refused(void **state)
{
	(void)state;
	read_well();
	for (size_t length = 0; length < octets.len; length++) {
		NEW_ERROR(err);
		AUTO_BUFFER cut = {0};
		upn_dns_info_clear(&info);
		mint_octets(&cut, slice_of(octets.data, length));
		assert_int_equal(upn_dns_info_read(buffer_slice(&cut), &info, &err), ERR_SYNTAX);
	}
}

static void names_and_sid_are_checked(void **state)
{
	(void)state;
	static const size_t names[] = {0, 4, 12};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		read_well();
		upn_dns_info_clear(&info);
		octets.data[names[i]]--;
		refused("octets, and UTF-16 has two");
	}
	read_well();
	upn_dns_info_clear(&info);
	octets.data[16] -= 4;
	refused("it ends before");
	octets.data[octets.data[18]]++;
	refused("not of revision 1");
	octets.data[octets.data[18]]--;
	octets.data[16] += 4;
	octets.data[octets.data[18] + 1]--;
	refused("octets follow its SID");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, finish)

SUITE(test_pac_names)
{
	const struct CMUnitTest tests[] = {
		CASE(the_name_is_the_tickets),
		CASE(another_name_is_refused),
		CASE(the_time_is_the_tickets),
		CASE(a_time_that_is_not_set_fits_one_that_is_not_set),
		CASE(a_client_info_that_is_cut_is_refused),
		CASE(the_extended_form_is_read),
		CASE(the_plain_form_is_read),
		CASE(the_flag_decides_on_the_form),
		CASE(parts_may_be_missing),
		CASE(places_outside_are_refused),
		CASE(what_is_cut_is_refused),
		CASE(names_and_sid_are_checked),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/ticket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/exchange.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define NOW EXCHANGE_NOW
#define SKEW 300
#define FIRST_TIME INT64_C(-62167219200) /* year 0, the first that a KerberosTime can tell */
#define LAST_TIME INT64_C(253402300799)  /* year 9999 */

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

static void accepted(void)
{
	struct error err;
	exchange_issue(&x);
	exchange_request(&x);
	if (exchange_read(&x, &err))
		fail_msg("%s", err.text);
}

static void refused(enum status status, const char *text, const char *shown)
{
	struct error err;
	exchange_issue(&x);
	exchange_request(&x);
	enum status result = exchange_read(&x, &err);
	assert_refusal(result, &err, status, text, shown);
	assert_not_in(error_shown(&err), "alice");
}

/* ---- the authenticator's time ---- */

static void client_clock(int64_t seconds, int32_t microseconds)
{
	x.initiator.now = (struct timestamp){NOW + seconds, microseconds};
	x.acceptor.now = (struct timestamp){NOW, 0};
}

static void skew_just_inside_is_accepted(void **state)
{
	(void)state;
	client_clock(SKEW, 0);
	accepted();
	client_clock(-SKEW, 0);
	accepted();
	client_clock(SKEW - 1, 999999);
	accepted();
}

static void skew_just_outside_is_refused(void **state)
{
	(void)state;
	client_clock(SKEW + 1, 0);
	refused(KRB_AP_ERR_SKEW, "5 min 1 s ahead of this server's", "5 min 1 s ahead of");
	client_clock(-SKEW - 1, 0);
	refused(KRB_AP_ERR_SKEW, "5 min 1 s behind this server's", "5 min 1 s behind");
}

static void skew_outside_by_a_microsecond_is_refused(void **state)
{
	(void)state;
	client_clock(SKEW, 1);
	refused(KRB_AP_ERR_SKEW, "ahead of", "ahead of");
	client_clock(-SKEW - 1, 999999);
	refused(KRB_AP_ERR_SKEW, "behind", "behind");
}

static void skew_is_told_with_both_times(void **state)
{
	(void)state;
	client_clock(-432, 0);
	refused(KRB_AP_ERR_SKEW,
		"clock skew too great: the clock of client alice@EXAMPLE.TEST is 7 min 12 s behind "
		"this server's (2025-12-31 23:52:48 UTC there, 2026-01-01 00:00:00 UTC here), 5 "
		"min are allowed",
		"clock skew too great: the client's clock is 7 min 12 s behind this server's "
		"(2025-12-31 23:52:48 UTC there, 2026-01-01 00:00:00 UTC here)");
	assert_true(timestamp_equal(x.server.time, x.initiator.now));
}

static void skew_is_what_krb5_conf_says(void **state)
{
	(void)state;
	exchange_conf(&x, "[libdefaults]\nclockskew = 60\n");
	client_clock(60, 0);
	accepted();
	client_clock(61, 0);
	refused(KRB_AP_ERR_SKEW, "1 min 1 s ahead of", "clock skew");
}

static void skew_of_thousands_of_years(void **state)
{
	(void)state;
	x.acceptor.now = (struct timestamp){NOW, 0};
	x.initiator.now = (struct timestamp){FIRST_TIME, 0};
	refused(KRB_AP_ERR_SKEW, "behind", "behind");
	x.initiator.now = (struct timestamp){LAST_TIME, 999999};
	refused(KRB_AP_ERR_SKEW, "ahead of", "ahead of");
}

static void clocks_at_the_ends_of_time(void **state)
{
	(void)state;
	client_clock(0, 0);
	x.acceptor.now = (struct timestamp){INT64_MAX, 999999};
	refused(KRB_AP_ERR_SKEW, "behind", "behind");
	x.acceptor.now = (struct timestamp){INT64_MIN, 0};
	refused(KRB_AP_ERR_SKEW, "ahead of", "ahead of");
}

/* ---- the ticket's times ---- */

static void ticket_starts(int64_t seconds)
{
	x.ticket.part.has_starttime = true;
	x.ticket.part.starttime = NOW + seconds;
	x.acceptor.now = x.initiator.now = (struct timestamp){NOW, 0};
}

static void start_just_inside_the_skew_is_accepted(void **state)
{
	(void)state;
	ticket_starts(SKEW);
	accepted();
	assert_int_equal(x.server.starttime, NOW + SKEW);
}

static void start_just_outside_the_skew_is_refused(void **state)
{
	(void)state;
	ticket_starts(SKEW + 1);
	refused(KRB_AP_ERR_TKT_NYV,
		"the ticket of alice@EXAMPLE.TEST is not valid before 2026-01-01 00:05:01 UTC, "
		"this "
		"server's clock shows 2026-01-01 00:00:00 UTC; 5 min of clock skew are allowed",
		"the ticket is not valid before 2026-01-01 00:05:01 UTC, this server's clock shows "
		"2026-01-01 00:00:00 UTC");
}

static void authtime_counts_where_there_is_no_starttime(void **state)
{
	(void)state;
	ticket_starts(0);
	x.ticket.part.has_starttime = false;
	x.ticket.part.authtime = NOW + SKEW;
	accepted();
	assert_int_equal(x.server.starttime, NOW + SKEW);
	x.ticket.part.authtime = NOW + SKEW + 1;
	refused(KRB_AP_ERR_TKT_NYV, "not valid before", "not valid before");
}

static void authtime_does_not_count_where_there_is_a_starttime(void **state)
{
	(void)state;
	ticket_starts(-60);
	x.ticket.part.authtime = NOW + 2 * SKEW;
	accepted();
}

static void ticket_ends(int64_t seconds, int32_t microseconds)
{
	x.ticket.part.endtime = NOW - seconds;
	x.acceptor.now = x.initiator.now = (struct timestamp){NOW, microseconds};
}

static void end_just_inside_the_skew_is_accepted(void **state)
{
	(void)state;
	ticket_ends(SKEW, 0);
	accepted();
	assert_int_equal(x.server.endtime, NOW - SKEW);
}

static void end_just_outside_the_skew_is_refused(void **state)
{
	(void)state;
	ticket_ends(SKEW + 1, 0);
	refused(KRB_AP_ERR_TKT_EXPIRED,
		"the ticket of alice@EXAMPLE.TEST expired at 2025-12-31 23:54:59 UTC, this "
		"server's "
		"clock shows 2026-01-01 00:00:00 UTC; 5 min of clock skew are allowed",
		"the ticket expired at 2025-12-31 23:54:59 UTC, this server's clock shows "
		"2026-01-01 00:00:00 UTC");
	ticket_ends(SKEW, 1);
	refused(KRB_AP_ERR_TKT_EXPIRED, "expired", "expired");
}

static void ticket_of_thousands_of_years(void **state)
{
	(void)state;
	ticket_starts(0);
	x.ticket.part.starttime = FIRST_TIME;
	x.ticket.part.endtime = LAST_TIME;
	accepted();
	x.ticket.part.endtime = FIRST_TIME;
	refused(KRB_AP_ERR_TKT_EXPIRED, "expired at 0", "expired");
	x.ticket.part.starttime = LAST_TIME;
	refused(KRB_AP_ERR_TKT_NYV, "not valid before 9999-12-31", "not valid before");
}

static void without_skew_the_second_counts(void **state)
{
	(void)state;
	struct error err = {0};
	const struct timestamp late = {NOW, 500000};
	const struct enc_ticket_part part = {
		.has_starttime = true, .starttime = NOW, .endtime = NOW + 1};
	assert_int_equal(ticket_check_times(&part, late, 0, &err), STATUS_OK);
	assert_int_equal(ticket_check_times(&part, (struct timestamp){NOW - 1, 999999}, 0, &err),
		KRB_AP_ERR_TKT_NYV);
	assert_int_equal(
		ticket_check_times(&part, (struct timestamp){NOW + 1, 0}, 0, &err), STATUS_OK);
	assert_int_equal(ticket_check_times(&part, (struct timestamp){NOW + 1, 1}, 0, &err),
		KRB_AP_ERR_TKT_EXPIRED);
	assert_in(err.text, "expired");
}

static void invalid_ticket_is_refused(void **state)
{
	(void)state;
	x.ticket.part.flags |= TICKET_INVALID | TICKET_POSTDATED;
	refused(KRB_AP_ERR_TKT_NYV,
		"the ticket of alice@EXAMPLE.TEST has the flag INVALID: it is postdated",
		"the ticket is postdated, and the KDC has not validated it yet");
}

/* The order of RFC 4120 section 3.2.3: a wrong clock is the reason for the rest. */
static void skew_comes_before_expiry(void **state)
{
	(void)state;
	ticket_ends(SKEW + 100, 0);
	x.initiator.now.seconds -= SKEW + 200;
	refused(KRB_AP_ERR_SKEW, "clock skew", "clock skew");
}

/* ---- the client's name ---- */

static void client_says(const char *name)
{
	AUTO_BUFFER storage = {0};
	struct authenticator authenticator = exchange_authenticator(&x);
	authenticator.client = exchange_principal(name, &storage);
	exchange_forge(&x, &authenticator, 0);
}

static void another_client_is_refused(void **state)
{
	(void)state;
	static const char *const other[] = {"bob@EXAMPLE.TEST", "alice@OTHER.TEST",
		"Alice@EXAMPLE.TEST", "alice/admin@EXAMPLE.TEST", "alice\\0@EXAMPLE.TEST",
		"alice@EXAMPLE.TEST\\0", "alice@EXAMPLE.TES", "alice @EXAMPLE.TEST"};
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		struct error err;
		client_says(other[i]);
		enum status status = exchange_read(&x, &err);
		assert_refusal(status, &err, KRB_AP_ERR_BADMATCH,
			"as the client, the ticket alice@EXAMPLE.TEST",
			"ticket and authenticator name different clients");
		assert_not_in(error_shown(&err), "alice");
	}
}

static void another_client_is_named(void **state)
{
	(void)state;
	struct error err;
	client_says("bob@EXAMPLE.TEST");
	enum status status = exchange_read(&x, &err);
	assert_refusal(status, &err, KRB_AP_ERR_BADMATCH,
		"the authenticator names bob@EXAMPLE.TEST as the client", "different clients");
}

static void clients_name_type_is_not_compared(void **state)
{
	(void)state;
	struct error err;
	struct authenticator authenticator = exchange_authenticator(&x);
	authenticator.client.type = NT_ENTERPRISE;
	exchange_forge(&x, &authenticator, 0);
	assert_int_equal(exchange_read(&x, &err), STATUS_OK);
}

static void clients_with_any_octets_are_taken(void **state)
{
	(void)state;
	static const char *const names[] = {"a\\0b@EXAMPLE.TEST", " alice @EXAMPLE.TEST",
		"alice\\@OTHER.TEST@EXAMPLE.TEST", "a\\/b@EXAMPLE.TEST", "a\\\\b@EXAMPLE.TEST",
		"\x80\xff\x7f@EXAMPLE.TEST", "a//b@EXAMPLE.TEST", "alice@E X"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		AUTO_BUFFER name = {0};
		x.ticket.part.client = exchange_principal(names[i], &name);
		accepted();
		assert_true(principal_equal(&x.server.client, &x.ticket.part.client));
		assert_true(principal_equal(&x.client.client, &x.ticket.part.client));
	}
}

/* ---- addresses ---- */

static const unsigned char V4[] = {192, 0, 2, 1}, OTHER_V4[] = {192, 0, 2, 2};
static const unsigned char V6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
static const unsigned char MAPPED[16] = {[10] = 0xff, 0xff, 192, 0, 2, 1};
static const unsigned char COMPATIBLE[16] = {[12] = 192, 0, 2, 1};
#define ADDRESS(t, a) ((struct host_address){(t), slice_of((a), sizeof(a))})

static void ticket_for(struct host_address a, const struct host_address *b)
{
	x.ticket.part.addresses.count = b ? 2 : 1;
	x.ticket.part.addresses.element[0] = a;
	if (b)
		x.ticket.part.addresses.element[1] = *b;
}

static void peer_at(struct host_address peer)
{
	x.acceptor.peer = peer;
}

static void ticket_without_addresses_is_for_everywhere(void **state)
{
	(void)state;
	peer_at(ADDRESS(ADDRESS_IPV4, V4));
	accepted();
}

static void unknown_peer_is_not_checked(void **state)
{
	(void)state;
	ticket_for(ADDRESS(ADDRESS_IPV4, V4), NULL);
	accepted();
}

static void listed_peer_is_accepted(void **state)
{
	(void)state;
	struct host_address v6 = ADDRESS(ADDRESS_IPV6, V6);
	ticket_for(ADDRESS(ADDRESS_IPV4, V4), &v6);
	peer_at(ADDRESS(ADDRESS_IPV4, V4));
	accepted();
	peer_at(v6);
	accepted();
}

static void unlisted_peer_is_refused(void **state)
{
	(void)state;
	struct host_address v6 = ADDRESS(ADDRESS_IPV6, V6);
	ticket_for(ADDRESS(ADDRESS_IPV4, V4), NULL);
	peer_at(ADDRESS(ADDRESS_IPV4, OTHER_V4));
	refused(KRB_AP_ERR_BADADDR,
		"the ticket of alice@EXAMPLE.TEST may be used from 192.0.2.1 only, the peer is at "
		"192.0.2.2",
		"the ticket may not be used from the address 192.0.2.2");
	peer_at(v6);
	refused(KRB_AP_ERR_BADADDR, "the peer is at 2001:db8::1", "2001:db8::1");
	ticket_for(ADDRESS(ADDRESS_IPV4, V4), &v6);
	peer_at(ADDRESS(ADDRESS_IPV4, OTHER_V4));
	refused(KRB_AP_ERR_BADADDR, "from 192.0.2.1 and other listed addresses only", "192.0.2.2");
}

static void mapped_peer_counts_as_ipv4(void **state)
{
	(void)state;
	ticket_for(ADDRESS(ADDRESS_IPV4, V4), NULL);
	peer_at(ADDRESS(ADDRESS_IPV6, MAPPED));
	accepted();
	ticket_for(ADDRESS(ADDRESS_IPV4, OTHER_V4), NULL);
	refused(KRB_AP_ERR_BADADDR, "the peer is at 192.0.2.1", "address 192.0.2.1");
	ticket_for(ADDRESS(ADDRESS_IPV6, MAPPED), NULL);
	peer_at(ADDRESS(ADDRESS_IPV4, V4));
	accepted();
}

static void only_the_mapped_prefix_counts_as_ipv4(void **state)
{
	(void)state;
	ticket_for(ADDRESS(ADDRESS_IPV4, V4), NULL);
	peer_at(ADDRESS(ADDRESS_IPV6, COMPATIBLE));
	refused(KRB_AP_ERR_BADADDR, "the peer is at ::192.0.2.1", "::192.0.2.1");
}

static void type_and_length_of_an_address_count(void **state)
{
	(void)state;
	static const unsigned char longer[] = {192, 0, 2, 1, 0}, shorter[] = {192, 0, 2};
	peer_at(ADDRESS(ADDRESS_IPV4, V4));
	ticket_for(ADDRESS(ADDRESS_DIRECTIONAL, V4), NULL);
	refused(KRB_AP_ERR_BADADDR, "an address of type 3", "192.0.2.1");
	ticket_for(ADDRESS(ADDRESS_IPV4, longer), NULL);
	refused(KRB_AP_ERR_BADADDR, "an address of type 2", "192.0.2.1");
	ticket_for(ADDRESS(ADDRESS_IPV4, shorter), NULL);
	refused(KRB_AP_ERR_BADADDR, "an address of type 2", "192.0.2.1");
	for (size_t len = 0; len < sizeof MAPPED; len++) {
		ticket_for((struct host_address){ADDRESS_IPV6, slice_of(MAPPED, len)}, NULL);
		refused(KRB_AP_ERR_BADADDR, "an address of type 24", "192.0.2.1");
	}
	ticket_for((struct host_address){ADDRESS_IPV6, SLICE_LITERAL("")}, NULL);
	refused(KRB_AP_ERR_BADADDR, "an address of type 24", "192.0.2.1");
}

/* ---- flags ---- */

static void flags_are_named(void **state)
{
	(void)state;
	char text[TICKET_FLAGS_TEXT_SIZE];
	assert_string_equal(ticket_flags_text(0, text), "none");
	assert_string_equal(ticket_flags_text(TICKET_INITIAL, text), "initial");
	assert_string_equal(ticket_flags_text(TICKET_FORWARDABLE | TICKET_OK_AS_DELEGATE | 1, text),
		"forwardable, ok-as-delegate");
	assert_string_equal(ticket_flags_text(UINT32_MAX, text),
		"forwardable, forwarded, proxiable, proxy, may-postdate, postdated, invalid, "
		"renewable, initial, pre-authent, hw-authent, transited-policy-checked, "
		"ok-as-delegate, anonymous");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, finish)

SUITE(test_ticket)
{
	const struct CMUnitTest tests[] = {
		CASE(skew_just_inside_is_accepted),
		CASE(skew_just_outside_is_refused),
		CASE(skew_outside_by_a_microsecond_is_refused),
		CASE(skew_is_told_with_both_times),
		CASE(skew_is_what_krb5_conf_says),
		CASE(skew_of_thousands_of_years),
		CASE(clocks_at_the_ends_of_time),
		CASE(start_just_inside_the_skew_is_accepted),
		CASE(start_just_outside_the_skew_is_refused),
		CASE(authtime_counts_where_there_is_no_starttime),
		CASE(authtime_does_not_count_where_there_is_a_starttime),
		CASE(end_just_inside_the_skew_is_accepted),
		CASE(end_just_outside_the_skew_is_refused),
		CASE(ticket_of_thousands_of_years),
		CASE(without_skew_the_second_counts),
		CASE(invalid_ticket_is_refused),
		CASE(skew_comes_before_expiry),
		CASE(another_client_is_refused),
		CASE(another_client_is_named),
		CASE(clients_name_type_is_not_compared),
		CASE(clients_with_any_octets_are_taken),
		CASE(ticket_without_addresses_is_for_everywhere),
		CASE(unknown_peer_is_not_checked),
		CASE(listed_peer_is_accepted),
		CASE(unlisted_peer_is_refused),
		CASE(mapped_peer_counts_as_ipv4),
		CASE(only_the_mapped_prefix_counts_as_ipv4),
		CASE(type_and_length_of_an_address_count),
		CASE(flags_are_named),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

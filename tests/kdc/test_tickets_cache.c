/* SPDX-License-Identifier: BSD-3-Clause */
/* kdc/tickets: from a credential cache, with a ready ticket or by way of a KDC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/own_hosts.h"
#include "tests/support/ticket_sessions.h"

OWN_LOCALHOST

#define CACHE in_folder("ccache")

static const struct wanted plain;

static void a_ready_ticket_costs_neither_question_nor_write(void **state UNUSED)
{
	init_cache(CACHE, 0);
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 1);
	AUTO_BUFFER before = {0};
	AUTO_BUFFER after = {0};
	read_file(CACHE, &before);
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 0);
	read_file(CACHE, &after);
	assert_true(slice_equal(buffer_slice(&before), buffer_slice(&after)));
	assert_string_equal(warned, "");
	assert_int_equal(allowed, 10000);
}

static void the_ticket_is_kept_behind_what_was_there(void **state UNUSED)
{
	struct error err;
	struct credential found;
	struct principal service = {NT_SRV_HST, 2,
		{SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")},
		SLICE_LITERAL("EXAMPLE.TEST")};
	AUTO_BUFFER before = {0};
	AUTO_BUFFER after = {0};
	init_cache(CACHE, 0);
	read_file(CACHE, &before);
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 1);
	read_file(CACHE, &after);
	assert_true(after.len > before.len);
	assert_memory_equal(after.data, before.data, before.len);
	AUTO_CCACHE ccache = NULL;
	assert_success(ccache_open(CACHE, NULL, &ccache, &err), &err);
	assert_success(
		ccache_find(ccache, &service,
			&(struct ccache_terms){krb5_conf_permitted_enctypes(world.conf), now, 0},
			&found, &err),
		&err);
}

/* For a minute the old one serves, then the new one. */
static void an_old_ticket_is_asked_for_again(void **state UNUSED)
{
	init_cache(CACHE, 0);
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 1);
	now += FAKE_LIFETIME - 60;
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 0);
	init_cache(in_folder("other"), 0);
	now += 60;
	check_refused(ticket_from_cache, &plain, KRB_AP_ERR_TKT_EXPIRED,
		"the ticket for imap/mail.example.test@EXAMPLE.TEST in the credential cache ");
	setenv("KRB5CCNAME", in_folder("other"), 1);
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 1);
}

static void without_any_ticket_it_says_what_is_missing(void **state UNUSED)
{
	check_refused(
		ticket_from_cache, &plain, ERR_NOT_FOUND, "there is no credential cache /tmp/");
	init_cache(CACHE, 0);
	now += FAKE_LIFETIME;
	check_refused(ticket_from_cache, &plain, KRB_AP_ERR_TKT_EXPIRED,
		"the ticket for krbtgt/EXAMPLE.TEST@EXAMPLE.TEST in the credential cache ");
	assert_int_equal(tgs_asked, 0);
	const struct ccache_start nothing = {.client = &alice};
	struct error err;
	assert_success(ccache_create(CACHE, &nothing, &err), &err);
	check_refused(ticket_from_cache, &plain, ERR_NOT_FOUND,
		"there is no ticket of alice@EXAMPLE.TEST for imap/mail.example.test in the "
		"credential cache ");
}

static void what_the_kdc_says_is_told(void **state UNUSED)
{
	const struct wanted smtp = {.service = "smtp/mail.example.test"};
	init_cache(CACHE, 0);
	check_refused(ticket_from_cache, &smtp, KDC_ERR_S_PRINCIPAL_UNKNOWN,
		"the KDC of EXAMPLE.TEST does not know smtp/mail.example.test");
}

static void tickets_on_the_way_are_kept_and_used(void **state UNUSED)
{
	static const char *const trusted[] = {"OTHER.TEST", NULL};
	static const char *const services[] = {"imap/a.other.test", "imap/b.other.test", NULL};
	const struct wanted a = {.service = "imap/a.other.test@OTHER.TEST"};
	const struct wanted b = {.service = "imap/b.other.test@OTHER.TEST"};
	init_cache(CACHE, 0);
	kdc->trusted = trusted;
	fake_add(&world, "OTHER.TEST", services, NULL);
	check_found(ticket_from_cache, &a, "imap/a.other.test@OTHER.TEST", ALICE, 0, 2);
	check_found(ticket_from_cache, &b, "imap/b.other.test@OTHER.TEST", ALICE, 0, 1);
	assert_string_equal(warned, "");
}

/* The realm that krb5.conf has for a host need not be the one that knows it. */
static void a_ticket_by_referral_is_found_again(void **state UNUSED)
{
	static const char *const trusted[] = {"OTHER.TEST", NULL};
	static const char *const services[] = {"imap/a.other.test", NULL};
	const struct wanted wanted = {.service = "imap/a.other.test@EXAMPLE.TEST"};
	const struct wanted no_realm = {.service = "imap/a.other.test"};
	init_cache(CACHE, 0);
	kdc->trusted = trusted;
	kdc->refers_to = "OTHER.TEST";
	fake_add(&world, "OTHER.TEST", services, NULL);
	check_found(ticket_from_cache, &wanted, "imap/a.other.test@OTHER.TEST", ALICE, 0, 2);
	check_found(ticket_from_cache, &wanted, "imap/a.other.test@EXAMPLE.TEST", ALICE, 0, 0);
	remove(CACHE);
	init_cache(CACHE, 0);
	check_found(ticket_from_cache, &no_realm, "imap/a.other.test@OTHER.TEST", ALICE, 0, 2);
	check_found(ticket_from_cache, &no_realm, "imap/a.other.test@OTHER.TEST", ALICE, 0, 0);
}

static void remove_cache(void)
{
	remove(CACHE);
}

/* Two tickets that cannot be kept are one warning. */
static void a_cache_that_cannot_be_written_is_a_warning(void **state UNUSED)
{
	static const char *const trusted[] = {"OTHER.TEST", NULL};
	static const char *const services[] = {"imap/a.other.test", NULL};
	const struct wanted a = {.service = "imap/a.other.test@OTHER.TEST"};
	init_cache(CACHE, 0);
	kdc->trusted = trusted;
	fake_add(&world, "OTHER.TEST", services, NULL);
	meanwhile = remove_cache;
	check_found(ticket_from_cache, &a, "imap/a.other.test@OTHER.TEST", ALICE, 0, 2);
	assert_in(warned, "the new ticket is not kept: ");
	assert_in(warned, CACHE);
	assert_ptr_equal(strchr(warned, '\n'), strrchr(warned, '\n'));
}

/* ---- clocks ---- */

static const char *const more_services[] = {"imap/mail.example.test", "smtp/a", NULL};

static int64_t offset_for(const char *service)
{
	struct found_ticket found;
	struct error err;
	const struct wanted wanted = {.service = service};
	if (go(ticket_from_cache, &wanted, &found, &err))
		fail_msg("%s", err.text);
	int64_t offset = found.kdc_offset;
	credential_box_clear(&found.box);
	return offset;
}

static int64_t offset_of(void)
{
	return offset_for(NULL);
}

static void the_cache_knows_the_kdcs_clock(void **state UNUSED)
{
	kdc->clock = 7200;
	init_cache(CACHE, 7200);
	as_asked = tgs_asked = 0;
	assert_int_equal(offset_of(), 7200);
	assert_int_equal(tgs_asked, 1);
	assert_int_equal(offset_of(), 7200);
	assert_int_equal(tgs_asked, 1);
	configure_kdc("[libdefaults]\nkdc_timesync = false");
	/* By this host's own clock they begin in two hours. */
	check_refused(ticket_from_cache, &plain, KRB_AP_ERR_TKT_NYV, "starts at ");
}

/* Behind kinit, which kept no offset, or one without its fraction of a second. */
static void a_ticket_may_begin_within_clockskew(void **state UNUSED)
{
	kdc->clock = 290;
	init_cache(CACHE, 0);
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 1);
	configure_kdc("[libdefaults]\nclockskew = 30");
	check_refused(ticket_from_cache, &plain, KRB_AP_ERR_TKT_NYV, "starts at ");
}

static void a_wrong_clock_is_noticed_and_put_right(void **state UNUSED)
{
	init_cache(CACHE, 0);
	kdc->clock = 600;
	as_asked = tgs_asked = 0;
	assert_int_equal(offset_of(), 600);
	assert_int_equal(tgs_asked, 2);
	assert_string_equal(warned,
		"this host's clock is 10 min behind the KDC's, by which it goes "
		"here: put it right\n");
	/* It is kept with the ticket, and serves for the next login; and so is that it is right
	 * again. */
	assert_int_equal(offset_of(), 600);
	assert_int_equal(tgs_asked, 2);
	kdc->clock = 0;
	kdc->services = more_services;
	assert_int_equal(offset_for("smtp/a"), 0);
	assert_int_equal(offset_of(), 0);
	configure_kdc("[libdefaults]\nkdc_timesync = false");
	remove(CACHE);
	init_cache(CACHE, 0);
	kdc->clock = 600;
	check_refused(ticket_from_cache, &plain, KRB_AP_ERR_SKEW,
		"the KDC of EXAMPLE.TEST finds the clocks too far apart");
}

/* Whose KDC could otherwise make all later logins of the user fail. */
static void the_clock_of_another_realm_is_for_one_login(void **state UNUSED)
{
	static const char *const trusted[] = {"OTHER.TEST", NULL};
	static const char *const services[] = {"imap/a.other.test", NULL};
	struct error err;
	init_cache(CACHE, 0);
	kdc->trusted = trusted;
	fake_add(&world, "OTHER.TEST", services, NULL)->clock = 7200;
	assert_int_equal(offset_for("imap/a.other.test@OTHER.TEST"), 7200);
	AUTO_CCACHE ccache = NULL;
	assert_success(ccache_open(CACHE, NULL, &ccache, &err), &err);
	assert_int_equal(ccache_kdc_offset(ccache), 0);
	assert_int_equal(offset_of(), 0);
	/* That of the client's own is kept, though another's ticket was asked for. */
	kdc->clock = 600;
	world.kdc[1].clock = 600;
	kdc->services = more_services;
	assert_int_equal(offset_for("smtp/a"), 600);
	assert_int_equal(offset_for("imap/a.other.test@OTHER.TEST"), 600);
	AUTO_CCACHE after = NULL;
	assert_success(ccache_open(CACHE, NULL, &after, &err), &err);
	assert_int_equal(ccache_kdc_offset(after), 600);
}

/* ---- the service's name ---- */

static void a_host_is_called_as_dns_calls_it_where_krb5_conf_says_so(void **state UNUSED)
{
	static const char *const services[] = {"imap/localhost", NULL};
	const struct wanted wanted = {.host = "127.0.0.1"};
	const struct wanted capitals = {.host = "LocalHost."};
	kdc->services = services;
	init_cache(CACHE, 0);
	check_found(ticket_from_cache, &capitals, "imap/localhost@EXAMPLE.TEST", ALICE, 0, 1);
	check_refused(ticket_from_cache, &wanted, KDC_ERR_S_PRINCIPAL_UNKNOWN, "imap/127.0.0.1");

	configure_kdc("[libdefaults]\ndns_canonicalize_hostname = true\nrdns = false");
	check_refused(ticket_from_cache, &wanted, KDC_ERR_S_PRINCIPAL_UNKNOWN, "imap/127.0.0.1");
	configure_kdc("[libdefaults]\ndns_canonicalize_hostname = true");
	check_found(ticket_from_cache, &wanted, "imap/localhost@EXAMPLE.TEST", ALICE, 0, 0);
}

static void the_other_name_is_tried_where_the_first_is_not_known(void **state UNUSED)
{
	static const char *const services[] = {"imap/localhost", NULL};
	static const char *const others[] = {"imap/127.0.0.1", NULL};
	const struct wanted wanted = {.host = "127.0.0.1"};
	kdc->services = services;
	configure_kdc("[libdefaults]\ndns_canonicalize_hostname = fallback");
	init_cache(CACHE, 0);
	check_found(ticket_from_cache, &wanted, "imap/localhost@EXAMPLE.TEST", ALICE, 0, 2);
	kdc->services = others;
	check_found(ticket_from_cache, &wanted, "imap/127.0.0.1@EXAMPLE.TEST", ALICE, 0, 1);
	/* The sentence is about the name that was given. */
	const struct wanted neither = {.host = "127.0.0.2"};
	check_refused(ticket_from_cache, &neither, KDC_ERR_S_PRINCIPAL_UNKNOWN, "imap/127.0.0.2");
}

/* Who reads "does not know imap/www" has to learn where that name came from. */
static void what_the_name_came_from_is_told(void **state UNUSED)
{
	const struct wanted www = {.host = "www"}, mapped = {.host = "a.other.test"};
	const struct wanted named = {.service = "imap/www"};
	struct found_ticket found;
	struct error err;
	init_cache(CACHE, 0);
	check_refused(ticket_from_cache, &www, KDC_ERR_S_PRINCIPAL_UNKNOWN,
		"(the program gave the host name www: for an alias, a short name or an address see "
		"dns_canonicalize_hostname in krb5.conf; its realm is not known, by "
		"[domain_realm])");
	assert_int_equal(go(ticket_from_cache, &named, &found, &err), KDC_ERR_S_PRINCIPAL_UNKNOWN);
	assert_null(strstr(err.text, "dns_canonicalize_hostname"));
	configure_kdc("[domain_realm]\n.other.test = WRONG.TEST");
	check_refused(ticket_from_cache, &mapped, KDC_ERR_S_PRINCIPAL_UNKNOWN,
		"(the program gave the host name a.other.test: for");
	check_refused(ticket_from_cache, &mapped, KDC_ERR_S_PRINCIPAL_UNKNOWN,
		"its realm is WRONG.TEST, by [domain_realm])");
	static const char *const trusted[] = {"WRONG.TEST", NULL};
	kdc->trusted = trusted;
	check_refused(ticket_from_cache, &mapped, ERR_UNREACHABLE,
		"no KDC of WRONG.TEST; [domain_realm] in krb5.conf has the host a.other.test in "
		"this realm");
}

/* ---- several identities ---- */

static void cache_of(const char *name, const char *client)
{
	AUTO_BUFFER storage = {0};
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct principal p;
	struct error err;
	assert_success(principal_parse(slice_string(client), &p, &storage, &err), &err);
	get_tgt(&tgt);
	struct credential c = tgt.credential;
	c.client = p;
	c.server = (struct principal){NT_SRV_HST, 2,
		{SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")}, p.realm};
	const struct ccache_start start = {&p, 0, &c, 1};
	assert_success(ccache_create(name, &start, &err), &err);
}

static void choose_from_collection(void **state UNUSED)
{
	char name[100];
	snprintf(name, sizeof name, "DIR:%s", folder);
	setenv("KRB5CCNAME", name, 1);
	cache_of(in_folder("tkt"), "carol@DISTANT.TEST");
	cache_of(in_folder("tkta"), ALICE);
	cache_of(in_folder("tktb"), "bob@OTHER.TEST");
	static const struct row {
		struct wanted wanted;
		const char *client;
	} rows[] = {
		{{0}, ALICE}, /* by the host's domain */
		{{.service = "imap/mail.example.test@OTHER.TEST"}, "bob@OTHER.TEST"},
		{{.client = "bob@OTHER.TEST"}, "bob@OTHER.TEST"},
		{{.client = "carol"}, "carol@DISTANT.TEST"},
		{{.client = "carol", .strict = true}, "carol@DISTANT.TEST"},
		{{.client = "nobody"}, ALICE},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct found_ticket found;
		struct error err;
		if (go(ticket_from_cache, &rows[i].wanted, &found, &err))
			fail_msg("%s", err.text);
		assert_string_equal(PRINCIPAL_TEXT(&found.box.credential.client), rows[i].client);
		credential_box_clear(&found.box);
	}
	const struct wanted strict = {.client = "nobody@EXAMPLE.TEST", .strict = true};
	check_refused(ticket_from_cache, &strict, ERR_NOT_FOUND,
		"there is no credential cache of nobody@EXAMPLE.TEST in DIR:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_CASE(a_ready_ticket_costs_neither_question_nor_write),
		SESSION_CASE(the_ticket_is_kept_behind_what_was_there),
		SESSION_CASE(an_old_ticket_is_asked_for_again),
		SESSION_CASE(without_any_ticket_it_says_what_is_missing),
		SESSION_CASE(what_the_kdc_says_is_told),
		SESSION_CASE(tickets_on_the_way_are_kept_and_used),
		SESSION_CASE(a_ticket_by_referral_is_found_again),
		SESSION_CASE(a_cache_that_cannot_be_written_is_a_warning),
		SESSION_CASE(the_cache_knows_the_kdcs_clock),
		SESSION_CASE(a_ticket_may_begin_within_clockskew),
		SESSION_CASE(a_wrong_clock_is_noticed_and_put_right),
		SESSION_CASE(the_clock_of_another_realm_is_for_one_login),
		SESSION_CASE(a_host_is_called_as_dns_calls_it_where_krb5_conf_says_so),
		SESSION_CASE(the_other_name_is_tried_where_the_first_is_not_known),
		SESSION_CASE(what_the_name_came_from_is_told),
		SESSION_CASE(choose_from_collection),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

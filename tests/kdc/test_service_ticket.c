/* SPDX-License-Identifier: BSD-3-Clause */
/* From realm to realm: service tickets of KDCs that do what they should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kdc/service_ticket.h"
#include "tests/support/kdc_asking.h"
#include "tests/support/suite.h"

static struct fake_world world;

static void open_with(const char *krb5_conf)
{
	fake_open(&world, krb5_conf);
}

static int open_world(void **state UNUSED)
{
	open_with("");
	return 0;
}

static int close_world(void **state UNUSED)
{
	fake_close(&world);
	return 0;
}

static void configure(const char *krb5_conf)
{
	fake_close(&world);
	open_with(krb5_conf);
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Which realms were asked for what, in order: "EXAMPLE.TEST: krbtgt/OTHER.TEST". */
static char asked[1000];

static void note(void *arg UNUSED, const char *text)
{
	static const char start[] = "TGS: asking the KDC of ";
	if (strncmp(text, start, sizeof start - 1) != 0)
		return;
	size_t used = strlen(asked);
	snprintf(asked + used, sizeof asked - used, "%s\n", text + sizeof start - 1);
}

/* With a cache of that name, or none. */
static enum status get(
	const char *service, const char *cache, struct credential_box *out, struct error *err)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	AUTO_BUFFER storage = {0};
	AUTO_CCACHE ccache = NULL;
	struct principal server;
	AUTO_KDC_SESSION session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	assert_logs_in(&session, &login, &tgt);
	assert_int_equal(principal_parse(slice_string(service), &server, &storage, err), STATUS_OK);
	server.type = NT_SRV_HST;
	asked[0] = '\0';
	session.trace.line = note;
	*err = (struct error){.status = STATUS_OK};
	if (cache && (ccache_open(cache, NULL, &ccache, err) ||
			     kdc_session_take_cache(&session, &ccache, err)))
		fail_msg("%s", err->text);
	return kdc_service_ticket(&session, &tgt.credential, &server, out, err);
}

static void check_got(const char *service, const char *server, const char *questions)
{
	AUTO_CREDENTIAL_BOX ticket = {0};
	struct error err;
	if (get(service, NULL, &ticket, &err))
		fail_msg("refused: %s", err.text);
	assert_named(&ticket.credential.server, server);
	assert_named(&ticket.credential.client, "alice@EXAMPLE.TEST");
	assert_string_equal(asked, questions);
}

static void check_refused(const char *service, enum status expected, const char *text)
{
	AUTO_CREDENTIAL_BOX ticket = {0};
	struct error err;
	enum status status = get(service, NULL, &ticket, &err);
	assert_no_ticket(status, &err, expected, text, &ticket);
}

static void gets_a_ticket_in_its_own_realm(void **state UNUSED)
{
	static const char question[] = "EXAMPLE.TEST for imap/mail.example.test@EXAMPLE.TEST\n";
	check_got("imap/mail.example.test@EXAMPLE.TEST", "imap/mail.example.test@EXAMPLE.TEST",
		question);
	check_got("imap/mail.example.test", "imap/mail.example.test@EXAMPLE.TEST", question);
	struct kdc_req_body *body = &world.kdc[0].body;
	assert_int_equal(body->options, KDC_OPTION_CANONICALIZE);
	assert_int_equal(body->client.count, 0);
	assert_uint_in_range(body->till, FAKE_NOW + FAKE_LIFETIME, FAKE_NOW + FAKE_LIFETIME + 60);
}

static void says_what_the_kdc_does_not_know(void **state UNUSED)
{
	check_refused("imap/nowhere.example.test@EXAMPLE.TEST", KDC_ERR_S_PRINCIPAL_UNKNOWN,
		"the KDC of EXAMPLE.TEST does not know imap/nowhere.example.test@EXAMPLE.TEST: is "
		"the service registered under another name?");
	/* The domain's own realm is this one: there is no other to try. */
	check_refused("imap/nowhere.example.test", KDC_ERR_S_PRINCIPAL_UNKNOWN,
		"does not know imap/nowhere.example.test@EXAMPLE.TEST");
	assert_string_equal(asked, "EXAMPLE.TEST for imap/nowhere.example.test@EXAMPLE.TEST\n");
}

static void goes_straight_to_a_realm_with_a_shared_key(void **state UNUSED)
{
	world.kdc[0].trusted = NAMES("OTHER.TEST");
	fake_add(&world, "OTHER.TEST", NAMES("imap/mail.other.test"), NULL);
	check_got("imap/mail.other.test@OTHER.TEST", "imap/mail.other.test@OTHER.TEST",
		"EXAMPLE.TEST for krbtgt/OTHER.TEST@EXAMPLE.TEST\n"
		"OTHER.TEST for imap/mail.other.test@OTHER.TEST\n");
}

static void goes_through_the_hierarchy(void **state UNUSED)
{
	world.kdc[0].trusted = NAMES("TEST");
	fake_add(&world, "TEST", NULL, NAMES("OTHER.TEST"));
	fake_add(&world, "OTHER.TEST", NAMES("imap/mail.other.test"), NULL);
	check_got("imap/mail.other.test@OTHER.TEST", "imap/mail.other.test@OTHER.TEST",
		"EXAMPLE.TEST for krbtgt/OTHER.TEST@EXAMPLE.TEST\n"
		"EXAMPLE.TEST for krbtgt/TEST@EXAMPLE.TEST\n"
		"TEST for krbtgt/OTHER.TEST@TEST\n"
		"OTHER.TEST for imap/mail.other.test@OTHER.TEST\n");
}

static const char capaths[] = "[capaths]\nEXAMPLE.TEST = {\nOTHER.TEST = MIDDLE.TEST\n"
			      "THIRD.TEST = .\n}\n";

static void goes_by_capaths(void **state UNUSED)
{
	configure(capaths);
	world.kdc[0].trusted = NAMES("MIDDLE.TEST", "TEST");
	fake_add(&world, "MIDDLE.TEST", NULL, NAMES("OTHER.TEST"));
	fake_add(&world, "OTHER.TEST", NAMES("imap/mail.other.test"), NULL);
	check_got("imap/mail.other.test@OTHER.TEST", "imap/mail.other.test@OTHER.TEST",
		"EXAMPLE.TEST for krbtgt/OTHER.TEST@EXAMPLE.TEST\n"
		"EXAMPLE.TEST for krbtgt/MIDDLE.TEST@EXAMPLE.TEST\n"
		"MIDDLE.TEST for krbtgt/OTHER.TEST@MIDDLE.TEST\n"
		"OTHER.TEST for imap/mail.other.test@OTHER.TEST\n");
	/* "." allows of no realm between. */
	check_refused("imap/mail.third.test@THIRD.TEST", KDC_ERR_S_PRINCIPAL_UNKNOWN,
		"the client takes the host for realm THIRD.TEST (krb5.conf [domain_realm]), and "
		"realm EXAMPLE.TEST gives no ticket for it: the KDC of EXAMPLE.TEST does not know "
		"krbtgt/THIRD.TEST@EXAMPLE.TEST");
	assert_string_equal(asked, "EXAMPLE.TEST for krbtgt/THIRD.TEST@EXAMPLE.TEST\n");
}

static void follows_a_referral(void **state UNUSED)
{
	world.kdc[0].refers_to = "OTHER.TEST";
	fake_add(&world, "OTHER.TEST", NULL, NULL)->refers_to = "THIRD.TEST";
	fake_add(&world, "THIRD.TEST", NAMES("imap/mail.third.test"), NULL);
	check_got("imap/mail.third.test", "imap/mail.third.test@THIRD.TEST",
		"EXAMPLE.TEST for imap/mail.third.test@EXAMPLE.TEST\n"
		"OTHER.TEST for imap/mail.third.test@OTHER.TEST\n"
		"THIRD.TEST for imap/mail.third.test@THIRD.TEST\n");
}

static void tries_the_domains_realm_last(void **state UNUSED)
{
	world.kdc[0].trusted = NAMES("OTHER.TEST");
	fake_add(&world, "OTHER.TEST", NAMES("imap/mail.other.test"), NULL);
	check_got("imap/mail.other.test", "imap/mail.other.test@OTHER.TEST",
		"EXAMPLE.TEST for imap/mail.other.test@EXAMPLE.TEST\n"
		"EXAMPLE.TEST for krbtgt/OTHER.TEST@EXAMPLE.TEST\n"
		"OTHER.TEST for imap/mail.other.test@OTHER.TEST\n");
	/* Where there is none the first KDC's sentence stands. */
	check_refused("imap/mail.third.test", KDC_ERR_S_PRINCIPAL_UNKNOWN,
		"the KDC of EXAMPLE.TEST does not know imap/mail.third.test@EXAMPLE.TEST");
	check_refused("imap/localhost", KDC_ERR_S_PRINCIPAL_UNKNOWN, "imap/localhost@EXAMPLE.TEST");
	check_refused("imap/mail.other.test/third", KDC_ERR_S_PRINCIPAL_UNKNOWN, "EXAMPLE.TEST");
}

/* ---- circles and chains ---- */

static void walks_in_no_circle(void **state UNUSED)
{
	world.kdc[0].refers_to = "OTHER.TEST";
	fake_add(&world, "OTHER.TEST", NULL, NULL)->refers_to = "EXAMPLE.TEST";
	check_refused("imap/mail.third.test", KRB_AP_ERR_ILL_CR_TKT,
		"on the way to imap/mail.third.test the KDC of OTHER.TEST leads back to realm "
		"EXAMPLE.TEST: a circle");
}

static void walks_no_endless_chain(void **state UNUSED)
{
	static const char *const names[] = {
		"R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R11"};
	world.kdc[0].refers_to = names[0];
	for (unsigned i = 0; i < 10; i++)
		fake_add(&world, names[i], NULL, NULL)->refers_to = names[i + 1];
	check_refused("imap/mail.third.test", KRB_AP_ERR_ILL_CR_TKT,
		"leads through more than 10 realms, the last of them R9");
}

/* The KDC on the path gives a ticket for a realm that is not on it. */
static void lead_astray(struct enc_kdc_rep_part *part)
{
	part->server.component[1] = SLICE_LITERAL("ASIDE.TEST");
}

static struct buffer astray;

static void lead_astray_in_clear(struct kdc_rep *reply)
{
	struct ticket ticket;
	assert_int_equal(
		der_read_ticket(reply->ticket_der, &ticket, &(struct error){0}), STATUS_OK);
	ticket.server.component[1] = SLICE_LITERAL("ASIDE.TEST");
	buffer_free(&astray);
	assert_int_equal(der_write_ticket(&ticket, &astray, &(struct error){0}), STATUS_OK);
	reply->ticket_der = buffer_slice(&astray);
}

static void goes_where_a_kdc_leads(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0}, ticket = {0};
	struct error err;
	struct kdc_session session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	const struct principal server = {NT_SRV_HST, 2,
		{SLICE_LITERAL("imap"), SLICE_LITERAL("mail.other.test")},
		SLICE_LITERAL("OTHER.TEST")};
	assert_logs_in(&session, &login, &tgt);
	world.kdc[0].trusted = NAMES("OTHER.TEST");
	world.kdc[0].change_part = lead_astray;
	world.kdc[0].change_reply = lead_astray_in_clear;
	fake_add(&world, "ASIDE.TEST", NULL, NAMES("OTHER.TEST"));
	fake_add(&world, "OTHER.TEST", NAMES("imap/mail.other.test"), NULL);
	asked[0] = '\0';
	session.trace.line = note;
	if (kdc_service_ticket(&session, &tgt.credential, &server, &ticket, &err))
		fail_msg("%s", err.text);
	assert_named(&ticket.credential.server, "imap/mail.other.test@OTHER.TEST");
	assert_string_equal(asked, "EXAMPLE.TEST for krbtgt/OTHER.TEST@EXAMPLE.TEST\n"
				   "ASIDE.TEST for krbtgt/OTHER.TEST@ASIDE.TEST\n"
				   "OTHER.TEST for imap/mail.other.test@OTHER.TEST\n");
	buffer_free(&astray);
}

static void a_realm_without_kdc_ends_it(void **state UNUSED)
{
	world.kdc[0].trusted = NAMES("OTHER.TEST");
	check_refused("imap/mail.other.test@OTHER.TEST", ERR_UNREACHABLE, "no KDC of OTHER.TEST");
}

/* ---- tickets of other realms, kept ---- */

static void keeps_what_it_gets_on_the_way(void **state UNUSED)
{
	static const char name[] = "MEMORY:on the way",
			  last[] = "OTHER.TEST for imap/mail.other.test@OTHER.TEST\n";
	const struct ccache_start start = {.client = &alice};
	struct error err;
	assert_int_equal(ccache_create(name, &start, &err), STATUS_OK);
	world.kdc[0].trusted = NAMES("OTHER.TEST");
	fake_add(&world, "OTHER.TEST", NAMES("imap/mail.other.test"), NULL);
	for (unsigned i = 0; i < 2; i++) {
		AUTO_CREDENTIAL_BOX ticket = {0};
		if (get("imap/mail.other.test@OTHER.TEST", name, &ticket, &err))
			fail_msg("%s", err.text);
		assert_named(&ticket.credential.server, "imap/mail.other.test@OTHER.TEST");
		assert_int_equal(strcmp(asked, last) == 0, i);
	}
	ccache_forget();
}

static void goes_nowhere_with_what_is_no_tgt(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0}, ticket = {0};
	struct error err;
	struct kdc_session session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	assert_logs_in(&session, &login, &tgt);
	unsigned before = world.kdc[0].asked;
	tgt.credential.server = imap;
	enum status status = kdc_service_ticket(&session, &tgt.credential, &imap, &ticket, &err);
	assert_no_ticket(status, &err, KRB_AP_ERR_NOT_US,
		"imap/mail.example.test@EXAMPLE.TEST is no ticket-granting service", &ticket);
	assert_int_equal(world.kdc[0].asked, before);
}

SUITE(test_service_ticket)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		TEST(gets_a_ticket_in_its_own_realm),
		TEST(says_what_the_kdc_does_not_know),
		TEST(goes_straight_to_a_realm_with_a_shared_key),
		TEST(goes_through_the_hierarchy),
		TEST(goes_by_capaths),
		TEST(follows_a_referral),
		TEST(tries_the_domains_realm_last),
		TEST(walks_in_no_circle),
		TEST(walks_no_endless_chain),
		TEST(goes_where_a_kdc_leads),
		TEST(a_realm_without_kdc_ends_it),
		TEST(keeps_what_it_gets_on_the_way),
		TEST(goes_nowhere_with_what_is_no_tgt),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

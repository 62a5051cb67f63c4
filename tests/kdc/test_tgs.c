/* SPDX-License-Identifier: BSD-3-Clause */
/* One TGS exchange, with KDCs that lie too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kdc/tgs.h"
#include "tests/support/kdc_asking.h"
#include "tests/support/suite.h"

static struct fake_world world;
static struct fake_kdc *kdc;
static struct credential_box tgt;
static struct kdc_session session;

static const struct principal imap_anywhere = {
	.type = NT_SRV_HST,
	.count = 2,
	.component = {{(const unsigned char *)"imap", 4},
		{(const unsigned char *)"mail.example.test", 17}},
};

static void open_with(const char *krb5_conf)
{
	struct as_login login = with_password(FAKE_PASSWORD);
	fake_open(&world, krb5_conf);
	kdc = &world.kdc[0];
	session = fake_session(&world);
	assert_logs_in(&session, &login, &tgt);
}

static int open_world(void **state UNUSED)
{
	open_with("[libdefaults]\npermitted_enctypes = aes\n");
	return 0;
}

static int close_world(void **state UNUSED)
{
	credential_box_clear(&tgt);
	fake_close(&world);
	return 0;
}

static void configure(const char *krb5_conf)
{
	close_world(NULL);
	open_with(krb5_conf);
}

static enum status get(const struct principal *server, bool canonicalize,
	struct credential_box *out, struct error *err)
{
	const struct tgs_request request = {
		.tgt = &tgt.credential, .server = server, .canonicalize = canonicalize};
	*err = (struct error){.status = STATUS_OK};
	return tgs_get(&session, &request, out, err);
}

static void check_got(const struct principal *server, bool canonicalize, const char *name)
{
	AUTO_CREDENTIAL_BOX ticket = {0};
	struct error err;
	if (get(server, canonicalize, &ticket, &err))
		fail_msg("refused: %s", err.text);
	assert_named(&ticket.credential.server, name);
	assert_named(&ticket.credential.client, "alice@EXAMPLE.TEST");
}

static void check_refused(
	const struct principal *server, bool canonicalize, enum status expected, const char *text)
{
	AUTO_CREDENTIAL_BOX ticket = {0};
	struct error err;
	enum status status = get(server, canonicalize, &ticket, &err);
	assert_no_ticket(status, &err, expected, text, &ticket);
}

static void asks_with_what_the_tgt_allows(void **state UNUSED)
{
	configure("[libdefaults]\ndefault_tgs_enctypes = aes128-cts\nforwardable = yes\n");
	tgt.credential.flags |= TICKET_FORWARDABLE | TICKET_RENEWABLE;
	check_got(&imap_anywhere, false, "imap/mail.example.test@EXAMPLE.TEST");
	assert_int_equal(kdc->body.options, KDC_OPTION_FORWARDABLE);
	assert_int_equal(kdc->body.till, tgt.credential.endtime);
	assert_int_equal(kdc->body.etype_count, 1);
	assert_int_equal(kdc->body.etype[0], ENCTYPE_AES128_SHA1);
	tgt.credential.flags = 0;
	check_got(&imap_anywhere, true, "imap/mail.example.test@EXAMPLE.TEST");
	assert_int_equal(kdc->body.options, KDC_OPTION_CANONICALIZE);
}

/* The encrypted part, and the ticket in clear with it where the name changes. */
#define PART(name, change)                                                                         \
	static void name(struct enc_kdc_rep_part *part)                                            \
	{                                                                                          \
		change;                                                                            \
	}
PART(nonce, part->nonce--)
PART(other_service, part->server.component[0] = SLICE_LITERAL("pop"))
PART(tgt_elsewhere, part->server.component[0] = SLICE_LITERAL("krbtgt");
	part->server.component[1] = SLICE_LITERAL("OTHER.TEST"))
PART(three_components, part->server.component[0] = SLICE_LITERAL("krbtgt"); part->server.count = 3)
PART(weak_key, part->key.type = 23)
PART(unasked_key, part->key.type = ENCTYPE_CAMELLIA256)
PART(invalid, part->flags |= TICKET_INVALID)
PART(forwarded, part->flags |= TICKET_FORWARDED)
PART(proxy, part->flags |= TICKET_PROXY)
PART(outlasts_the_tgt, part->endtime = tgt.credential.endtime + 1)
PART(begins_later, part->starttime += 1000)
PART(began_earlier, part->starttime -= 1000)
PART(has_ended, part->endtime = part->starttime - 1)
PART(is_delegate, part->flags |= TICKET_OK_AS_DELEGATE)

static struct buffer clear;

static void name_it_alike(struct kdc_rep *reply, struct principal server)
{
	struct ticket ticket;
	assert_int_equal(
		der_read_ticket(reply->ticket_der, &ticket, &(struct error){0}), STATUS_OK);
	server.realm = SLICE_LITERAL("EXAMPLE.TEST");
	ticket.server = server;
	buffer_free(&clear);
	assert_int_equal(der_write_ticket(&ticket, &clear, &(struct error){0}), STATUS_OK);
	reply->ticket_der = buffer_slice(&clear);
}

static void clear_is_pop(struct kdc_rep *reply)
{
	struct principal pop = imap_anywhere;
	pop.component[0] = SLICE_LITERAL("pop");
	name_it_alike(reply, pop);
}

static void clear_is_tgt(struct kdc_rep *reply)
{
	const struct principal elsewhere = {NT_SRV_INST, 2,
		{SLICE_LITERAL("krbtgt"), SLICE_LITERAL("OTHER.TEST")}, SLICE_EMPTY};
	name_it_alike(reply, elsewhere);
}

static void other_client(struct kdc_rep *reply)
{
	reply->client.component[0] = SLICE_LITERAL("bob");
}

static void other_type(struct kdc_rep *reply)
{
	reply->enc_part.etype = ENCTYPE_AES128_SHA1;
}

static void cut_cipher(struct kdc_rep *reply)
{
	reply->enc_part.cipher.len--;
}

static void refuses_what_does_not_fit(void **state UNUSED)
{
	static const struct lie {
		void (*part)(struct enc_kdc_rep_part *part);
		void (*reply)(struct kdc_rep *reply);
		enum status status;
		const char *text;
	} lies[] = {
		{nonce, NULL, KRB_AP_ERR_MODIFIED, "answers another request (nonce)"},
		{other_service, clear_is_pop, KRB_AP_ERR_MODIFIED,
			"is a ticket for pop/mail.example.test@EXAMPLE.TEST, where "
			"imap/mail.example.test@EXAMPLE.TEST was asked for"},
		{NULL, clear_is_pop, KRB_AP_ERR_MODIFIED,
			"with a ticket in clear for pop/mail.example.test@EXAMPLE.TEST"},
		{tgt_elsewhere, clear_is_tgt, KRB_AP_ERR_MODIFIED,
			"is a ticket for krbtgt/OTHER.TEST@EXAMPLE.TEST, where"},
		{weak_key, NULL, KDC_ERR_ETYPE_NOSUPP, "a session key of type arcfour-hmac"},
		{unasked_key, NULL, KDC_ERR_ETYPE_NOSUPP, "a session key of type camellia256"},
		{invalid, NULL, KRB_AP_ERR_MODIFIED, "flags that were not asked for (0x01000000)"},
		{forwarded, NULL, KRB_AP_ERR_MODIFIED, "flags that were not asked for"},
		{proxy, NULL, KRB_AP_ERR_MODIFIED, "flags that were not asked for"},
		{outlasts_the_tgt, NULL, KRB_AP_ERR_MODIFIED, "lasts longer than was asked for"},
		{begins_later, NULL, KRB_AP_ERR_SKEW, "ahead of this host's, more than 5 min"},
		{began_earlier, NULL, KRB_AP_ERR_SKEW, "behind this host's, more than 5 min"},
		{has_ended, NULL, KRB_AP_ERR_TKT_EXPIRED, "ends before it begins"},
		{NULL, other_client, KRB_AP_ERR_MODIFIED,
			"is for bob@EXAMPLE.TEST, where alice@EXAMPLE.TEST was asked for"},
		{NULL, other_type, KDC_ERR_ETYPE_NOSUPP,
			"is encrypted with aes128-cts-hmac-sha1-96, where the key is of type"},
		{NULL, cut_cipher, KRB_AP_ERR_BAD_INTEGRITY,
			"the reply of the KDC of EXAMPLE.TEST does not decrypt"},
	};
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		kdc->change_part = lies[i].part;
		kdc->change_reply = lies[i].reply;
		check_refused(&imap_anywhere, false, lies[i].status, lies[i].text);
	}
	kdc->change_part = NULL;
	kdc->change_reply = NULL;
	check_got(&imap_anywhere, false, "imap/mail.example.test@EXAMPLE.TEST");
	buffer_free(&clear);
}

/* Where the KDC was asked for it, and nowhere else. */
static void takes_referrals_and_other_names_where_asked_for(void **state UNUSED)
{
	kdc->change_part = tgt_elsewhere;
	kdc->change_reply = clear_is_tgt;
	check_got(&imap_anywhere, true, "krbtgt/OTHER.TEST@EXAMPLE.TEST");
	kdc->change_part = other_service;
	kdc->change_reply = clear_is_pop;
	check_got(&imap_anywhere, true, "pop/mail.example.test@EXAMPLE.TEST");
	kdc->change_reply = other_client;
	kdc->change_part = NULL;
	check_refused(&imap_anywhere, true, KRB_AP_ERR_MODIFIED, "is for bob@EXAMPLE.TEST");
	kdc->change_reply = clear_is_pop;
	check_refused(&imap_anywhere, true, KRB_AP_ERR_MODIFIED, "with a ticket in clear for pop");
	kdc->change_part = three_components;
	kdc->change_reply = NULL;
	check_refused(&imap_anywhere, false, KRB_AP_ERR_MODIFIED, "is a ticket for krbtgt/mail");
	buffer_free(&clear);
}

/* Whoever asks for a ticket-granting ticket may get one for another realm, and nothing else. */
static void takes_a_tgt_for_a_tgt(void **state UNUSED)
{
	static const char *const trusted[] = {"THIRD.TEST", NULL};
	const struct principal third = {NT_SRV_INST, 2,
		{SLICE_LITERAL("krbtgt"), SLICE_LITERAL("THIRD.TEST")}, SLICE_EMPTY};
	kdc->trusted = trusted;
	check_got(&third, false, "krbtgt/THIRD.TEST@EXAMPLE.TEST");
	kdc->change_part = tgt_elsewhere;
	kdc->change_reply = clear_is_tgt;
	check_got(&third, false, "krbtgt/OTHER.TEST@EXAMPLE.TEST");
	kdc->change_part = three_components;
	kdc->change_reply = NULL;
	check_refused(&third, false, KRB_AP_ERR_MODIFIED, "is a ticket for krbtgt/THIRD.TEST/");
	kdc->change_part = other_service;
	check_refused(&third, false, KRB_AP_ERR_MODIFIED, "is a ticket for pop/THIRD.TEST@");
	buffer_free(&clear);
}

/* A ticket got with a forwarded one is forwarded too. */
static void a_forwarded_tgt_gives_forwarded_tickets(void **state UNUSED)
{
	kdc->change_part = forwarded;
	tgt.credential.flags |= TICKET_FORWARDED;
	check_got(&imap_anywhere, false, "imap/mail.example.test@EXAMPLE.TEST");
}

static void a_foreign_kdc_does_not_decide_on_delegation(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX here = {0}, there = {0}, trusted = {0};
	struct error err;
	kdc->change_part = is_delegate;
	assert_int_equal(get(&imap_anywhere, false, &here, &err), STATUS_OK);
	assert_true(here.credential.flags & TICKET_OK_AS_DELEGATE);
	/* As if alice were of another realm. */
	tgt.credential.client.realm = SLICE_LITERAL("OTHER.TEST");
	assert_int_equal(get(&imap_anywhere, false, &there, &err), STATUS_OK);
	assert_false(there.credential.flags & TICKET_OK_AS_DELEGATE);
	tgt.credential.flags |= TICKET_OK_AS_DELEGATE;
	assert_int_equal(get(&imap_anywhere, false, &trusted, &err), STATUS_OK);
	assert_true(trusted.credential.flags & TICKET_OK_AS_DELEGATE);
}

static size_t place, length;

static void cut(struct buffer *octets)
{
	length = octets->len;
	if (place < length)
		octets->len = place;
}

static void refuses_every_reply_cut_short_at_every_length(void **state UNUSED)
{
	kdc->change_octets = cut;
	length = 2;
	for (place = 1; place < length; place++)
		check_refused(&imap_anywhere, false, ERR_SYNTAX,
			"the answer of the KDC of EXAMPLE.TEST: TGS-REP: malformed at octet 0");
	place = SIZE_MAX; /* the next reply may be longer, by its nonce */
	check_got(&imap_anywhere, false, "imap/mail.example.test@EXAMPLE.TEST");
}

/* ---- clocks ---- */

PART(only_authtime, part->has_starttime = false; part->authtime -= 3000)

static void a_ticket_may_begin_with_the_login(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX ticket = {0};
	struct error err;
	kdc->change_part = only_authtime;
	if (get(&imap_anywhere, false, &ticket, &err))
		fail_msg("refused: %s", err.text);
	assert_uint_in_range(tgt.credential.starttime - ticket.credential.starttime, 2900, 3000);
}

static void puts_its_clock_right(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX ticket = {0};
	struct error err;
	unsigned before = kdc->asked;
	kdc->clock = -4000;
	tgt.credential.endtime -= 4000;
	assert_int_equal(get(&imap_anywhere, false, &ticket, &err), STATUS_OK);
	assert_int_equal(kdc->asked, before + 2);
	assert_uint_in_range(session.offset + 4002, 0, 4);
	assert_int_equal(get(&imap_anywhere, false, &ticket, &err), STATUS_OK);
	assert_int_equal(kdc->asked, before + 3);
}

static void or_does_not_where_told_to(void **state UNUSED)
{
	configure("[libdefaults]\nkdc_timesync = no\n");
	unsigned before = kdc->asked;
	kdc->clock = -4000;
	check_refused(
		&imap_anywhere, false, KRB_AP_ERR_SKEW, "this host is 1 h 6 min ahead of the KDC");
	assert_int_equal(kdc->asked, before + 1);
}

static kdc_send_function *honest;

/* Somebody on the way says that the clocks are too far apart. */
static enum status lie_once(struct kdc_session *there, const struct kdc_question *question,
	struct buffer *answer, struct error *err)
{
	const struct fake_error was = kdc->error;
	there->send = honest;
	kdc->error = (struct fake_error){.code = KRB_AP_ERR_SKEW};
	kdc->clock = 250;
	enum status status = honest(there, question, answer, err);
	kdc->error = was;
	kdc->clock = 0;
	return status;
}

/* What a KRB-ERROR says lets the request be repeated, and sets no clock. */
static void believes_the_time_of_replies_alone(void **state UNUSED)
{
	honest = session.send;
	session.send = lie_once;
	check_got(&imap_anywhere, false, "imap/mail.example.test@EXAMPLE.TEST");
	assert_int_equal(session.offset, 0);
	session.send = lie_once;
	kdc->error = (struct fake_error){.code = KDC_ERR_POLICY};
	check_refused(&imap_anywhere, false, KDC_ERR_POLICY, "does not give a ticket for imap/");
	assert_int_equal(session.offset, 0);
	/* Nor where the reply tells no time. */
	kdc->error.code = 0;
	kdc->change_part = only_authtime;
	session.send = lie_once;
	check_got(&imap_anywhere, false, "imap/mail.example.test@EXAMPLE.TEST");
	assert_int_equal(session.offset, 0);
}

/* ---- refusals ---- */

static void says_what_the_kdc_refuses(void **state UNUSED)
{
	static const struct row {
		int32_t code;
		enum status status;
		const char *text;
	} rows[] = {
		{7, KDC_ERR_S_PRINCIPAL_UNKNOWN,
			"does not know imap/mail.example.test@EXAMPLE.TEST"},
		{12, KDC_ERR_POLICY, "does not give a ticket for imap/mail.example.test"},
		{14, KDC_ERR_ETYPE_NOSUPP, "shares no encryption type with this host for imap/"},
		{20, KDC_ERR_TGT_REVOKED, "ticket-granting ticket of alice@EXAMPLE.TEST has been"},
		{27, KDC_ERR_MUST_USE_USER2USER, "gives only user-to-user tickets for imap/"},
		{31, KRB_AP_ERR_BAD_INTEGRITY, "cannot decrypt what was sent to get a ticket for"},
		{32, KRB_AP_ERR_TKT_EXPIRED, "of alice@EXAMPLE.TEST has expired: run kinit"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		kdc->error = (struct fake_error){.code = rows[i].code};
		check_refused(&imap_anywhere, true, rows[i].status, rows[i].text);
	}
}

static void asks_nobody_without_a_session_key(void **state UNUSED)
{
	unsigned before = kdc->asked;
	tgt.credential.key.len = 16;
	check_refused(&imap_anywhere, true, ERR_SYNTAX,
		"the ticket-granting ticket of alice@EXAMPLE.TEST");
	tgt.credential.key_type = 23;
	check_refused(&imap_anywhere, true, KDC_ERR_ETYPE_NOSUPP, "arcfour-hmac (23) is weak");
	assert_int_equal(kdc->asked, before);
}

SUITE(test_tgs)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		TEST(asks_with_what_the_tgt_allows),
		TEST(refuses_what_does_not_fit),
		TEST(takes_referrals_and_other_names_where_asked_for),
		TEST(takes_a_tgt_for_a_tgt),
		TEST(a_forwarded_tgt_gives_forwarded_tickets),
		TEST(a_foreign_kdc_does_not_decide_on_delegation),
		TEST(refuses_every_reply_cut_short_at_every_length),
		TEST(a_ticket_may_begin_with_the_login),
		TEST(puts_its_clock_right),
		TEST(or_does_not_where_told_to),
		TEST(believes_the_time_of_replies_alone),
		TEST(says_what_the_kdc_refuses),
		TEST(asks_nobody_without_a_session_key),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

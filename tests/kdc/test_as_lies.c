/* SPDX-License-Identifier: BSD-3-Clause */
/* The AS exchange with KDCs that lie, and with those that are somebody else: nothing is believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/kdc_asking.h"
#include "tests/support/suite.h"

static struct fake_world world;
static struct fake_kdc *kdc;

static int open_world(void **state UNUSED)
{
	fake_open(&world, "[libdefaults]\npermitted_enctypes = aes camellia256-cts\n");
	kdc = &world.kdc[0];
	return 0;
}

static int close_world(void **state UNUSED)
{
	fake_close(&world);
	return 0;
}

static void check_refused(enum status expected, const char *text)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct error err;
	struct kdc_session session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	enum status status = log_in(&session, &login, &tgt, &err);
	assert_no_ticket(status, &err, expected, text, &tgt);
	assert_int_equal(session.offset, 0);
}

static void check_accepted(void)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct kdc_session session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	assert_logs_in(&session, &login, &tgt);
}

/* ---- in the encrypted part ---- */

#define PART(name, change)                                                                         \
	static void name(struct enc_kdc_rep_part *part)                                            \
	{                                                                                          \
		change;                                                                            \
	}
PART(nonce, part->nonce++)
PART(other_realm, part->server.realm = SLICE_LITERAL("OTHER.TEST"))
PART(other_server, part->server.component[1] = SLICE_LITERAL("OTHER.TEST"))
PART(service, part->server.component[0] = SLICE_LITERAL("imap"))
PART(weak_session_key, part->key.type = 23)
PART(unasked_session_key, part->key.type = ENCTYPE_CAMELLIA128)
PART(short_session_key, part->key.value.len = 16)
PART(invalid, part->flags |= TICKET_INVALID)
PART(postdated, part->flags |= TICKET_POSTDATED)
PART(proxy, part->flags |= TICKET_PROXY)
PART(forwarded, part->flags |= TICKET_FORWARDED)
PART(lasts_too_long, part->endtime = part->authtime + 86400 + 100)
PART(has_ended, part->endtime = part->starttime)
PART(renewable_too_long, part->flags |= TICKET_RENEWABLE; part->has_renew_till = true;
	part->renew_till = part->authtime + 86400 + 100)
PART(hides_the_request, part->encrypted_padata.count = 0)
PART(another_request, part->encrypted_padata.element[0].value = SLICE_LITERAL(
			      "0\x0d\xa0\x03\x02\x01\x10\xa1\x06\x04\x04"
			      "1234"))
PART(request_by_another_type, part->encrypted_padata.element[0].type = 150)

static void refuses_what_does_not_fit_the_request(void **state UNUSED)
{
	static const struct lie {
		void (*change)(struct enc_kdc_rep_part *part);
		enum status status;
		const char *text;
	} lies[] = {
		{nonce, KRB_AP_ERR_MODIFIED,
			"the reply of the KDC of EXAMPLE.TEST answers another request (nonce)"},
		{other_realm, KRB_AP_ERR_MODIFIED,
			"a ticket for krbtgt/EXAMPLE.TEST@OTHER.TEST, where "
			"krbtgt/EXAMPLE.TEST@EXAMPLE.TEST was asked for"},
		{other_server, KRB_AP_ERR_MODIFIED,
			"a ticket for krbtgt/OTHER.TEST@EXAMPLE.TEST, where"},
		{service, KRB_AP_ERR_MODIFIED, "a ticket for imap/EXAMPLE.TEST@EXAMPLE.TEST"},
		{weak_session_key, KDC_ERR_ETYPE_NOSUPP,
			"a session key of type arcfour-hmac, which was not asked for"},
		{unasked_session_key, KDC_ERR_ETYPE_NOSUPP,
			"a session key of type camellia128-cts-cmac, which was not asked for"},
		{short_session_key, ERR_SYNTAX,
			"the session key in the reply of the KDC of EXAMPLE.TEST"},
		{invalid, KRB_AP_ERR_MODIFIED, "flags that were not asked for (0x01000000)"},
		{postdated, KRB_AP_ERR_MODIFIED, "flags that were not asked for (0x02000000)"},
		{proxy, KRB_AP_ERR_MODIFIED, "flags that were not asked for (0x08000000)"},
		{forwarded, KRB_AP_ERR_MODIFIED, "flags that were not asked for (0x20000000)"},
		{lasts_too_long, KRB_AP_ERR_MODIFIED, "lasts longer than was asked for"},
		{has_ended, KRB_AP_ERR_TKT_EXPIRED, "ends before it begins"},
		{renewable_too_long, KRB_AP_ERR_MODIFIED,
			"can be renewed for longer than was asked for"},
		{hides_the_request, KRB_AP_ERR_MODIFIED, "received another request than was sent"},
		{another_request, KRB_AP_ERR_MODIFIED, "received another request than was sent"},
		{request_by_another_type, KRB_AP_ERR_MODIFIED,
			"received another request than was sent"},
	};
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		kdc->change_part = lies[i].change;
		check_refused(lies[i].status, lies[i].text);
	}
}

/* ---- in clear ---- */

#define REPLY(name, change)                                                                        \
	static void name(struct kdc_rep *reply)                                                    \
	{                                                                                          \
		change;                                                                            \
	}
REPLY(other_client, reply->client.component[0] = SLICE_LITERAL("bob"))
REPLY(other_client_realm, reply->client.realm = SLICE_LITERAL("OTHER.TEST"))
REPLY(weak_type, reply->enc_part.etype = 23)
REPLY(unasked_type, reply->enc_part.etype = ENCTYPE_CAMELLIA128)
REPLY(another_type, reply->enc_part.etype = ENCTYPE_AES128_SHA1)
REPLY(short_cipher, reply->enc_part.cipher.len = 20)
REPLY(no_cipher, reply->enc_part.cipher.len = 0)
REPLY(cut_cipher, reply->enc_part.cipher.len--)

static void other_ticket(struct kdc_rep *reply)
{
	static struct buffer der;
	const struct ticket ticket = {
		.server = {NT_SRV_HST, 2,
			{SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")},
			SLICE_LITERAL("EXAMPLE.TEST")},
		.enc_part = {.etype = 18, .cipher = SLICE_LITERAL("sealed")},
	};
	buffer_free(&der);
	assert_int_equal(der_write_ticket(&ticket, &der, &(struct error){0}), STATUS_OK);
	reply->ticket_der = buffer_slice(&der);
}

static const char not_decrypted[] =
	"the password of alice@EXAMPLE.TEST is wrong, by the KDC of EXAMPLE.TEST";

static void believes_nothing_in_clear(void **state UNUSED)
{
	static const struct lie {
		void (*change)(struct kdc_rep *reply);
		enum status status;
		const char *text;
	} lies[] = {
		{other_client, KRB_AP_ERR_MODIFIED,
			"is for bob@EXAMPLE.TEST, where alice@EXAMPLE.TEST was asked for"},
		{other_client_realm, KRB_AP_ERR_MODIFIED,
			"is for alice@OTHER.TEST, where alice@EXAMPLE.TEST was asked for"},
		{weak_type, KDC_ERR_ETYPE_NOSUPP,
			"is encrypted with arcfour-hmac, which was not asked for"},
		{unasked_type, KDC_ERR_ETYPE_NOSUPP,
			"is encrypted with camellia128-cts-cmac, which was not asked for"},
		{another_type, KDC_ERR_PREAUTH_FAILED, not_decrypted},
		{short_cipher, KDC_ERR_PREAUTH_FAILED, not_decrypted},
		{no_cipher, KDC_ERR_PREAUTH_FAILED, not_decrypted},
		{cut_cipher, KDC_ERR_PREAUTH_FAILED, not_decrypted},
		{other_ticket, KRB_AP_ERR_MODIFIED,
			"with a ticket in clear for imap/mail.example.test@EXAMPLE.TEST, where "
			"krbtgt/EXAMPLE.TEST@EXAMPLE.TEST was asked for"},
	};
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		kdc->change_reply = lies[i].change;
		check_refused(lies[i].status, lies[i].text);
	}
	kdc->change_reply = NULL;
	check_accepted();
}

/* ---- octets ---- */

static size_t place;  /* how much is left, or which octet is changed */
static size_t length; /* of the last whole answer */

static void cut(struct buffer *octets)
{
	length = octets->len;
	if (place != SIZE_MAX) /* a reply may be shorter than the one before it, by its nonce */
		octets->len = place < length ? place : length - 1;
}

static void refuses_every_reply_cut_short_at_every_length(void **state UNUSED)
{
	kdc->change_octets = cut;
	length = 2;
	for (place = 1; place < length; place++)
		check_refused(ERR_SYNTAX,
			"the answer of the KDC of EXAMPLE.TEST: AS-REP: malformed at octet 0");
	place = SIZE_MAX; /* the next reply may be longer, by its nonce */
	check_accepted();
}

static void add_one(struct buffer *octets)
{
	assert_int_equal(buffer_append(octets, SLICE_LITERAL("\0")), STATUS_OK);
}

static void make_huge(struct buffer *octets)
{
	octets->len = 0;
	assert_int_equal(buffer_reserve(octets, 100000), STATUS_OK);
	octets->data[0] = 0x6b;
	octets->data[1] = 0x83;
	octets->data[2] = 1;
	octets->len = 100000;
}

static void flip(struct buffer *octets)
{
	length = octets->len;
	octets->data[place] ^= 0x40;
}

static void refuses_octets_too_many(void **state UNUSED)
{
	kdc->change_octets = add_one;
	check_refused(ERR_SYNTAX, "octets after the end of the message");
	kdc->change_octets = make_huge;
	check_refused(ERR_SYNTAX, "a message of 100000 octets, of which at most 65536 are read");
}

/* Whatever is changed, what is taken is what the KDC has encrypted. */
static void believes_no_reply_with_an_octet_changed(void **state UNUSED)
{
	kdc->change_octets = flip;
	length = 1;
	for (place = 0; place < length; place++) {
		AUTO_CREDENTIAL_BOX tgt = {0};
		struct error err;
		struct kdc_session session = fake_session(&world);
		struct as_login login = with_password(FAKE_PASSWORD);
		if (log_in(&session, &login, &tgt, &err)) {
			assert_true(err.text[0]);
			continue;
		}
		/* The types of names, say, or the sealed ticket: for its service to judge. */
		assert_named(&tgt.credential.client, "alice@EXAMPLE.TEST");
		assert_named(&tgt.credential.server, "krbtgt/EXAMPLE.TEST@EXAMPLE.TEST");
		assert_int_equal(tgt.credential.endtime - tgt.credential.starttime, FAKE_LIFETIME);
	}
}

static struct buffer recorded;

static void record(struct buffer *octets)
{
	buffer_clear(&recorded);
	assert_int_equal(buffer_append(&recorded, buffer_slice(octets)), STATUS_OK);
}

static void replay(struct buffer *octets)
{
	octets->len = 0;
	assert_int_equal(buffer_append(octets, buffer_slice(&recorded)), STATUS_OK);
}

static void refuses_the_answer_to_another_request(void **state UNUSED)
{
	kdc->change_octets = record;
	check_accepted();
	kdc->change_octets = replay;
	check_refused(KRB_AP_ERR_MODIFIED, "answers another request (nonce)");
	buffer_free(&recorded);
}

static void make_tgs_rep(struct buffer *octets)
{
	octets->data[0] = 0x6d;
}

static void refuses_another_kind_of_message(void **state UNUSED)
{
	kdc->change_octets = make_tgs_rep;
	check_refused(KRB_AP_ERR_MSG_TYPE,
		"the answer of the KDC of EXAMPLE.TEST: AS-REP: a message of type 13, where 11 is "
		"expected");
}

/* ---- what a password is to become ---- */

static void check_info_refused(
	const struct etype_info2_entry *entry, enum status expected, const char *text)
{
	kdc->info = (struct etype_info2){1, {*entry}};
	for (unsigned preauth = 0; preauth < 2; preauth++) {
		kdc->preauth = preauth;
		check_refused(expected, text);
		assert_false(kdc->had_timestamp);
	}
}

#define COUNT(octets)                                                                              \
	(const struct etype_info2_entry)                                                           \
	{                                                                                          \
		.etype = ENCTYPE_AES256_SHA1, .parameters = SLICE_LITERAL(octets)                  \
	}

static void derives_nothing_by_a_forgers_wish(void **state UNUSED)
{
	check_info_refused(&COUNT("\0\0\x0f\xff"), ERR_SYNTAX,
		"iteration count of 4095, where aes256-cts-hmac-sha1-96 has no fewer than 4096");
	check_info_refused(&COUNT("\0\0\0\1"), ERR_SYNTAX, "iteration count of 1, where");
	check_info_refused(&COUNT("\0\0\0\0"), ERR_SYNTAX, "iteration count of 0, where");
	check_info_refused(&COUNT("\0\x10\0\1"), ERR_SYNTAX, "iteration count of 1048577");
	check_info_refused(&COUNT("\xff\xff\xff\xff"), ERR_SYNTAX, "iteration count of 4294967295");
	check_info_refused(&COUNT("\0\0\x10"), ERR_SYNTAX, "parameters of 3 octets");
	check_info_refused(&COUNT("\0\0\0\0\x10"), ERR_SYNTAX, "parameters of 5 octets");
	const struct etype_info2_entry weak = {.etype = 23};
	check_info_refused(&weak, KDC_ERR_ETYPE_NOSUPP,
		"only keys of types that were not asked for (the first of them arcfour-hmac)");
	const struct etype_info2_entry unasked = {.etype = ENCTYPE_CAMELLIA128};
	check_info_refused(&unasked, KDC_ERR_ETYPE_NOSUPP,
		"only keys of types that were not asked for (the first of them camellia128");
}

/* The clock of a KDC that cannot be believed is not that of this host. */
static void learns_no_time_from_a_liar(void **state UNUSED)
{
	kdc->clock = 5000;
	kdc->change_part = nonce;
	check_refused(KRB_AP_ERR_MODIFIED, "nonce");
}

SUITE(test_as_lies)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		TEST(refuses_what_does_not_fit_the_request),
		TEST(believes_nothing_in_clear),
		TEST(refuses_every_reply_cut_short_at_every_length),
		TEST(refuses_octets_too_many),
		TEST(believes_no_reply_with_an_octet_changed),
		TEST(refuses_the_answer_to_another_request),
		TEST(refuses_another_kind_of_message),
		TEST(derives_nothing_by_a_forgers_wish),
		TEST(learns_no_time_from_a_liar),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

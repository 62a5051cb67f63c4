/* SPDX-License-Identifier: BSD-3-Clause */
/* The AS exchange with KDCs that do what they should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/minting.h"
#include "tests/support/offered.h"
#include "tests/support/kdc_asking.h"
#include "tests/support/suite.h"

static struct fake_world world;
static struct fake_kdc *kdc; /* EXAMPLE.TEST's */

static void open_with(const char *krb5_conf)
{
	fake_open(&world, krb5_conf);
	kdc = &world.kdc[0];
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

/* Anew, with another krb5.conf. */
static void configure(const char *krb5_conf)
{
	fake_close(&world);
	open_with(krb5_conf);
}

static void info_is(int32_t etype, const char *salt, struct slice parameters)
{
	kdc->info = (struct etype_info2){1, {{etype, slice_string(salt), parameters}}};
}

static void gets_a_tgt_without_preauthentication(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct kdc_session session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	assert_logs_in(&session, &login, &tgt);
	const struct credential *c = &tgt.credential;
	assert_named(&c->client, "alice@EXAMPLE.TEST");
	assert_named(&c->server, "krbtgt/EXAMPLE.TEST@EXAMPLE.TEST");
	assert_int_equal(c->key_type, ENCTYPE_AES256_SHA1);
	assert_int_equal(c->key.len, 32);
	assert_uint_in_range(c->starttime, FAKE_NOW, FAKE_NOW + 60);
	assert_int_equal(c->authtime, c->starttime);
	assert_int_equal(c->endtime, c->starttime + FAKE_LIFETIME);
	assert_int_equal(c->renew_till, 0);
	assert_true(c->flags & TICKET_PRE_AUTHENT);
	assert_int_equal(session.offset, 0);
	assert_int_equal(kdc->asked, 1);
}

static void proves_the_password_when_asked_to(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct kdc_session session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	kdc->preauth = true;
	assert_logs_in(&session, &login, &tgt);
	assert_int_equal(kdc->asked, 2);
	assert_true(kdc->had_timestamp);
}

static void goes_by_the_kdcs_prescription(void **state UNUSED)
{
	static const struct slice more = {(const unsigned char *)"\0\0\x20\0", 4};
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct as_login login = with_password(FAKE_PASSWORD);
	for (unsigned preauth = 0; preauth < 2; preauth++) {
		struct kdc_session session = fake_session(&world);
		kdc->preauth = preauth;
		key_release(kdc->key);
		assert_int_equal(key_from_password(enctype_usable(ENCTYPE_AES128_SHA1),
					 &(struct password){login.secret.password,
						 SLICE_LITERAL("another salt"), more},
					 &kdc->key, &(struct error){0}),
			STATUS_OK);
		info_is(ENCTYPE_AES128_SHA1, "another salt", more);
		/* A type that was not asked for stands before it: passed over. */
		kdc->info.element[1] = kdc->info.element[0];
		kdc->info.element[0] = (struct etype_info2_entry){.etype = 23};
		kdc->info.count = 2;
		assert_logs_in(&session, &login, &tgt);
	}
}

static void asks_for_what_krb5_conf_says(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	configure("[libdefaults]\nticket_lifetime = 2h\nrenew_lifetime = 7d\nforwardable = true\n"
		  "proxiable = true\ndefault_tkt_enctypes = aes128-cts aes256-cts rc4\n");
	struct kdc_session session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	assert_logs_in(&session, &login, &tgt);
	assert_int_equal(kdc->body.options,
		KDC_OPTION_FORWARDABLE | KDC_OPTION_PROXIABLE | KDC_OPTION_RENEWABLE);
	assert_uint_in_range(kdc->body.till, FAKE_NOW + 7200, FAKE_NOW + 7260);
	assert_true(kdc->body.has_rtime);
	assert_uint_in_range(kdc->body.rtime, FAKE_NOW + 604800, FAKE_NOW + 604860);
	assert_int_equal(kdc->body.etype_count, 2);
	assert_int_equal(kdc->body.etype[0], ENCTYPE_AES128_SHA1);
	assert_int_equal(kdc->body.addresses.count, 0);
}

static void asks_for_the_usual_otherwise(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct kdc_session session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	assert_logs_in(&session, &login, &tgt);
	assert_int_equal(kdc->body.options, KDC_OPTION_RENEWABLE_OK);
	assert_uint_in_range(kdc->body.till, FAKE_NOW + 86400, FAKE_NOW + 86460);
	assert_false(kdc->body.has_rtime);
	assert_int_equal(kdc->body.etype_count, offered_count());
	assert_named(&kdc->body.server, "krbtgt/EXAMPLE.TEST@EXAMPLE.TEST");
	assert_true(kdc->body.nonce <= INT32_MAX);
}

/* Those of this host, but of no loopback interface: there may be none. */
static void asks_for_this_hosts_addresses(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	configure("[libdefaults]\nnoaddresses = false\n");
	struct kdc_session session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	kdc->preauth = true;
	assert_logs_in(&session, &login, &tgt);
	for (unsigned i = 0; i < kdc->body.addresses.count; i++) {
		const struct host_address *a = &kdc->body.addresses.element[i];
		assert_int_equal(a->address.len, a->type == ADDRESS_IPV4 ? 4 : 16);
		assert_true(a->type != ADDRESS_IPV4 || a->address.data[0] != 127);
		for (unsigned k = 0; k < i; k++)
			assert_false(
				slice_equal(a->address, kdc->body.addresses.element[k].address));
	}
}

static void no_two_requests_have_the_same_nonce(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct as_login login = with_password(FAKE_PASSWORD);
	uint32_t nonce[3];
	for (unsigned i = 0; i < 3; i++) {
		struct kdc_session session = fake_session(&world);
		assert_logs_in(&session, &login, &tgt);
		nonce[i] = kdc->body.nonce;
	}
	assert_int_not_equal(nonce[0], nonce[1]);
	assert_int_not_equal(nonce[1], nonce[2]);
}

/* ---- keytabs ---- */

struct key_row {
	int32_t enctype;
	uint32_t kvno;
	uint32_t timestamp;
	unsigned char seed;
};

static struct keytab *keytab_of(const struct key_row *rows, unsigned count)
{
	AUTO_BUFFER contents = {0};
	struct keytab *keytab;
	struct error err;
	mint_keytab_start(&contents, MINT_KEYTAB_2);
	for (unsigned i = 0; i < count; i++) {
		AUTO_KEY key = fake_key(rows[i].enctype, rows[i].seed);
		const struct mint_keytab_entry entry = {alice, rows[i].timestamp, rows[i].kvno,
			false, rows[i].enctype, key_octets(key)};
		mint_keytab_entry(&contents, MINT_KEYTAB_2, &entry);
	}
	if (keytab_parse(buffer_slice(&contents), "test.keytab", &keytab, &err))
		fail_msg("%s", err.text);
	return keytab;
}

static void kdc_has(int32_t enctype, unsigned char seed)
{
	key_release(kdc->key);
	kdc->key = fake_key(enctype, seed);
}

static void logs_in_by_keytab(void **state UNUSED)
{
	static const struct key_row rows[] = {{ENCTYPE_AES128_SHA256, 1, 100, 'a'}};
	AUTO_KEYTAB keytab = keytab_of(rows, 1);
	AUTO_CREDENTIAL_BOX tgt = {0};
	const struct as_login login = {&alice, {.keytab = keytab}};
	kdc_has(ENCTYPE_AES128_SHA256, 'a');
	for (unsigned preauth = 0; preauth < 2; preauth++) {
		struct kdc_session session = fake_session(&world);
		kdc->preauth = preauth;
		assert_logs_in(&session, &login, &tgt);
	}
	/* Only what the keytab has keys for is asked for. */
	assert_int_equal(kdc->body.etype_count, 1);
	assert_int_equal(kdc->body.etype[0], ENCTYPE_AES128_SHA256);
}

static void takes_the_newest_key(void **state UNUSED)
{
	static const struct newest_row {
		struct key_row rows[2];
	} table[] = {
		{{{ENCTYPE_AES256_SHA1, 2, 100, 'n'}, {ENCTYPE_AES256_SHA1, 1, 200, 'o'}}},
		{{{ENCTYPE_AES256_SHA1, 1, 100, 'o'}, {ENCTYPE_AES256_SHA1, 2, 100, 'n'}}},
		{{{ENCTYPE_AES256_SHA1, 300, 100, 'n'}, {ENCTYPE_AES256_SHA1, 2, 200, 'o'}}},
		/* After 255 comes 0, where a KDC has 8 bits for it. */
		{{{ENCTYPE_AES256_SHA1, 255, 100, 'o'}, {ENCTYPE_AES256_SHA1, 1, 200, 'n'}}},
		{{{ENCTYPE_AES256_SHA1, 1, 200, 'n'}, {ENCTYPE_AES256_SHA1, 255, 100, 'o'}}},
		{{{ENCTYPE_AES256_SHA1, 1, 50, 'o'}, {ENCTYPE_AES256_SHA1, 255, 100, 'n'}}},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		AUTO_KEYTAB keytab = keytab_of(table[i].rows, 2);
		AUTO_CREDENTIAL_BOX tgt = {0};
		const struct as_login login = {&alice, {.keytab = keytab}};
		struct kdc_session session = fake_session(&world);
		kdc_has(ENCTYPE_AES256_SHA1, 'n');
		assert_logs_in(&session, &login, &tgt);
	}
}

/* ---- clocks ---- */

static void goes_by_the_kdcs_clock(void **state UNUSED)
{
	static const int64_t clocks[] = {5000, -5000, 200, -100000, 100000000};
	struct as_login login = with_password(FAKE_PASSWORD);
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++)
		for (unsigned preauth = 0; preauth < 2; preauth++) {
			AUTO_CREDENTIAL_BOX tgt = {0};
			struct kdc_session session = fake_session(&world);
			kdc->clock = clocks[i];
			kdc->preauth = preauth;
			assert_logs_in(&session, &login, &tgt);
			assert_uint_in_range(session.offset - clocks[i] + 2, 0, 4);
			assert_uint_in_range(
				tgt.credential.starttime - FAKE_NOW - clocks[i], 0, 60);
		}
}

/* Of a second or two nothing is made. */
static void small_differences_are_none(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct as_login login = with_password(FAKE_PASSWORD);
	struct kdc_session session = fake_session(&world);
	assert_false(kdc_session_set_time(&session, FAKE_NOW + 1));
	assert_false(kdc_session_set_time(&session, FAKE_NOW - 1));
	assert_true(kdc_session_set_time(&session, FAKE_NOW + 100));
	assert_uint_in_range(session.offset, 98, 100);
	/* The KDC's word counts in the end. */
	assert_logs_in(&session, &login, &tgt);
	assert_int_equal(session.offset, 0);
}

static void keeps_to_its_own_clock_where_told_to(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	configure("[libdefaults]\nkdc_timesync = 0\n");
	struct as_login login = with_password(FAKE_PASSWORD);
	struct kdc_session session = fake_session(&world);
	kdc->clock = 200;
	kdc->preauth = true;
	assert_logs_in(&session, &login, &tgt);
	assert_int_equal(session.offset, 0);
}

SUITE(test_as)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		TEST(gets_a_tgt_without_preauthentication),
		TEST(proves_the_password_when_asked_to),
		TEST(goes_by_the_kdcs_prescription),
		TEST(asks_for_what_krb5_conf_says),
		TEST(asks_for_the_usual_otherwise),
		TEST(asks_for_this_hosts_addresses),
		TEST(no_two_requests_have_the_same_nonce),
		TEST(logs_in_by_keytab),
		TEST(takes_the_newest_key),
		TEST(goes_by_the_kdcs_clock),
		TEST(small_differences_are_none),
		TEST(keeps_to_its_own_clock_where_told_to),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

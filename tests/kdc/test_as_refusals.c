/* SPDX-License-Identifier: BSD-3-Clause */
/* The AS exchange where it ends in a refusal, each with its sentence; and where it leads elsewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/minting.h"
#include "tests/support/kdc_asking.h"
#include "tests/support/suite.h"

static struct fake_world world;
static struct fake_kdc *kdc;

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

static void configure(const char *krb5_conf)
{
	fake_close(&world);
	open_with(krb5_conf);
}

static void check(const struct as_login *login, enum status expected, const char *text)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct error err;
	struct kdc_session session = fake_session(&world);
	enum status status = log_in(&session, login, &tgt, &err);
	assert_no_ticket(status, &err, expected, text, &tgt);
	assert_int_equal(session.offset, 0);
}

static void check_refused(const char *password, enum status expected, const char *text)
{
	struct as_login login = with_password(password);
	check(&login, expected, text);
}

/* ---- passwords and keys ---- */

static void says_that_the_password_is_wrong(void **state UNUSED)
{
	for (unsigned preauth = 0; preauth < 2; preauth++) {
		kdc->preauth = preauth;
		check_refused("guess", KDC_ERR_PREAUTH_FAILED,
			"the password of alice@EXAMPLE.TEST is wrong, by the KDC of EXAMPLE.TEST");
	}
	check_refused("", ERR_SYNTAX, "the password of alice@EXAMPLE.TEST is empty");
}

/* Old KDCs say so with another code. */
static void knows_the_older_word_for_it(void **state UNUSED)
{
	kdc->preauth = true;
	kdc->error = (struct fake_error){.code = KRB_AP_ERR_BAD_INTEGRITY};
	kdc->error_from = 1;
	check_refused(FAKE_PASSWORD, KDC_ERR_PREAUTH_FAILED, "is wrong, by the KDC");
}

static struct keytab *keytab_of(const struct principal *name, int32_t enctype, unsigned char seed)
{
	AUTO_BUFFER contents = {0};
	AUTO_KEY key = fake_key(enctype, seed);
	struct keytab *keytab;
	struct error err;
	const struct mint_keytab_entry entry = {*name, 100, 1, false, enctype, key_octets(key)};
	mint_keytab_start(&contents, MINT_KEYTAB_2);
	mint_keytab_entry(&contents, MINT_KEYTAB_2, &entry);
	if (keytab_parse(buffer_slice(&contents), "test.keytab", &keytab, &err))
		fail_msg("%s", err.text);
	return keytab;
}

static void says_that_the_keytab_is_out_of_date(void **state UNUSED)
{
	AUTO_KEYTAB keytab = keytab_of(&alice, ENCTYPE_AES256_SHA1, 'o');
	const struct as_login login = {&alice, {.keytab = keytab}};
	for (unsigned preauth = 0; preauth < 2; preauth++) {
		kdc->preauth = preauth;
		check(&login, KDC_ERR_PREAUTH_FAILED,
			"the key of alice@EXAMPLE.TEST in the keytab test.keytab is not the one "
			"that the KDC of EXAMPLE.TEST has: export it again (kadmin: ktadd)");
	}
}

static void says_what_the_keytab_has_not(void **state UNUSED)
{
	AUTO_KEYTAB of_bob = keytab_of(&bob, ENCTYPE_AES256_SHA1, 'a');
	AUTO_KEYTAB of_alice = keytab_of(&alice, ENCTYPE_AES256_SHA1, 'a');
	const struct as_login login = {&alice, {.keytab = of_bob}};
	check(&login, ERR_NOT_FOUND,
		"the keytab test.keytab has no key of alice@EXAMPLE.TEST that may be used");
	configure("[libdefaults]\ndefault_tkt_enctypes = aes128-cts\n");
	const struct as_login other_type = {&alice, {.keytab = of_alice}};
	check(&other_type, ERR_NOT_FOUND, "has no key of alice@EXAMPLE.TEST that may be used");
	assert_int_equal(kdc->asked, 0);
}

/* ---- accounts ---- */

static void each_code_has_its_sentence(void **state UNUSED)
{
	static const struct row {
		int32_t code;
		enum status status;
		const char *text;
	} rows[] = {
		{6, KDC_ERR_C_PRINCIPAL_UNKNOWN,
			"the KDC of EXAMPLE.TEST does not know alice@EXAMPLE.TEST: is the name "
			"spelt"},
		{18, KDC_ERR_CLIENT_REVOKED,
			"the account alice@EXAMPLE.TEST is locked or disabled"},
		{23, KDC_ERR_KEY_EXPIRED,
			"the password of alice@EXAMPLE.TEST has expired: change it (kpasswd)"},
		{1, KDC_ERR_NAME_EXP, "the account alice@EXAMPLE.TEST has expired"},
		{12, KDC_ERR_POLICY, "for krbtgt/EXAMPLE.TEST@EXAMPLE.TEST to this client, by its"},
		{14, KDC_ERR_ETYPE_NOSUPP, "shares no encryption type with this host"},
		{68, KDC_ERR_WRONG_REALM, "says that alice@EXAMPLE.TEST is in another realm"},
		{99, KRB_ERR_GENERIC, "refuses, with error code 99"},
		{-1, KRB_ERR_GENERIC, "refuses, with error code -1"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		kdc->error = (struct fake_error){.code = rows[i].code};
		check_refused(FAKE_PASSWORD, rows[i].status, rows[i].text);
	}
}

static void what_the_kdc_says_is_marked_as_its_words(void **state UNUSED)
{
	kdc->error = (struct fake_error){.code = 18, .text = "ask \x1b[2J the desk"};
	check_refused(FAKE_PASSWORD, KDC_ERR_CLIENT_REVOKED,
		"its administrator can unlock it; it says (unverified): ask \\x1B[2J the desk");
}

static void clocks_too_far_apart(void **state UNUSED)
{
	configure("[libdefaults]\nkdc_timesync = false\n");
	kdc->clock = 7810;
	check_refused(FAKE_PASSWORD, KRB_AP_ERR_SKEW,
		"the clock of the KDC of EXAMPLE.TEST is 2 h 10 min ahead of this host's, more "
		"than 5 min");
	kdc->preauth = true;
	check_refused(FAKE_PASSWORD, KRB_AP_ERR_SKEW,
		"finds the clocks too far apart: this host is 2 h 10 min behind the KDC");
	kdc->clock = -7810;
	check_refused(FAKE_PASSWORD, KRB_AP_ERR_SKEW, "this host is 2 h 10 min ahead of the KDC");
}

/* With kdc_timesync, a KDC that finds nothing right is not asked for ever. */
static void asks_no_more_than_a_few_times(void **state UNUSED)
{
	kdc->error = (struct fake_error){.code = KRB_AP_ERR_SKEW};
	kdc->clock = 1000;
	check_refused(FAKE_PASSWORD, KRB_AP_ERR_SKEW, "finds the clocks too far apart");
	assert_uint_in_range(kdc->asked, 1, 4);
}

/* ---- pre-authentication ---- */

static void wants_what_is_not_supported(void **state UNUSED)
{
	static const unsigned char others[] = {0x30, 0x14, 0x30, 0x08, 0xa1, 0x03, 0x02, 0x01, 0x10,
		0xa2, 0x02, 0x04, 0x00, 0x30, 0x08, 0xa1, 0x03, 0x02, 0x01, 0x0f};
	AUTO_BUFFER data = {0};
	const struct padata methods = {2, {{16, SLICE_LITERAL("")}, {138, SLICE_LITERAL("")}}};
	assert_int_equal(der_write_padata(&methods, &data, &(struct error){0}), STATUS_OK);
	kdc->error =
		(struct fake_error){.code = KDC_ERR_PREAUTH_REQUIRED, .data = buffer_slice(&data)};
	check_refused(FAKE_PASSWORD, ERR_UNSUPPORTED,
		"wants pre-authentication of alice@EXAMPLE.TEST by other means (types 16, 138) "
		"than");
	kdc->error.data = SLICE_EMPTY;
	check_refused(FAKE_PASSWORD, ERR_UNSUPPORTED, "(types none that it names)");
	kdc->error.data = slice_of(others, sizeof others);
	check_refused(FAKE_PASSWORD, ERR_SYNTAX,
		"what the KDC of EXAMPLE.TEST wants for pre-authentication: METHOD-DATA: "
		"malformed");
	kdc->error = (struct fake_error){.code = KDC_ERR_PREAUTH_REQUIRED};
}

/* The proof is given once. */
static void is_not_satisfied(void **state UNUSED)
{
	kdc->preauth = true;
	kdc->error = (struct fake_error){.code = KDC_ERR_PREAUTH_REQUIRED};
	kdc->error_from = 1;
	check_refused(FAKE_PASSWORD, KDC_ERR_PREAUTH_REQUIRED, "wants more proof of the identity");
	assert_int_equal(kdc->asked, 2);
}

/* ---- the primary KDC ---- */

static void a_changed_password_is_tried_at_the_primary(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct kdc_session session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	world.primary_key = kdc->key;
	kdc->key = fake_key(ENCTYPE_AES256_SHA1, 'o');
	assert_logs_in(&session, &login, &tgt);
	check_refused("guess", KDC_ERR_PREAUTH_FAILED, "is wrong, by the KDC of EXAMPLE.TEST");
}

static void a_primary_that_knows_nothing_changes_nothing(void **state UNUSED)
{
	world.primary_key = key_ref(kdc->key);
	kdc->error = (struct fake_error){.code = KDC_ERR_KEY_EXPIRED};
	check_refused(FAKE_PASSWORD, KDC_ERR_KEY_EXPIRED, "has expired: change it");
	kdc->error = (struct fake_error){.code = KDC_ERR_CLIENT_REVOKED};
	unsigned before = kdc->asked;
	check_refused(FAKE_PASSWORD, KDC_ERR_CLIENT_REVOKED, "is locked");
	assert_int_equal(kdc->asked, before + 1);
}

/* ---- other realms, other names (RFC 6806) ---- */

static void add_other_realm(void)
{
	struct fake_kdc *other = fake_add(&world, "OTHER.TEST", NULL, NULL);
	other->key = key_ref(kdc->key);
	other->info = (struct etype_info2){
		1, {{ENCTYPE_AES256_SHA1, SLICE_LITERAL("EXAMPLE.TESTalice"), {NULL, 0}}}};
	kdc->error = (struct fake_error){.code = KDC_ERR_WRONG_REALM, .client_realm = "OTHER.TEST"};
}

static void follows_a_referral_where_allowed(void **state UNUSED)
{
	static const int32_t codes[] = {KDC_ERR_WRONG_REALM, KDC_ERR_C_PRINCIPAL_UNKNOWN};
	configure("[libdefaults]\ncanonicalize = true\n");
	add_other_realm();
	for (unsigned i = 0; i < 2; i++) {
		AUTO_CREDENTIAL_BOX tgt = {0};
		struct kdc_session session = fake_session(&world);
		struct as_login login = with_password(FAKE_PASSWORD);
		kdc->error.code = codes[i];
		assert_logs_in(&session, &login, &tgt);
		assert_named(&tgt.credential.client, "alice@OTHER.TEST");
		assert_named(&tgt.credential.server, "krbtgt/OTHER.TEST@OTHER.TEST");
	}
}

static void follows_it_for_an_enterprise_name(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct kdc_session session = fake_session(&world);
	struct principal name = alice;
	name.type = NT_ENTERPRISE;
	struct as_login login = {&name, {.password = SLICE_LITERAL(FAKE_PASSWORD)}};
	add_other_realm();
	assert_logs_in(&session, &login, &tgt);
	assert_named(&tgt.credential.client, "alice@OTHER.TEST");
}

static void follows_none_otherwise(void **state UNUSED)
{
	add_other_realm();
	check_refused(FAKE_PASSWORD, KDC_ERR_WRONG_REALM, "is in another realm");
	assert_int_equal(world.kdc[1].asked, 0);
}

static void follows_no_circle(void **state UNUSED)
{
	configure("[libdefaults]\ncanonicalize = true\n");
	add_other_realm();
	world.kdc[1].error =
		(struct fake_error){.code = KDC_ERR_WRONG_REALM, .client_realm = "EXAMPLE.TEST"};
	check_refused(FAKE_PASSWORD, KDC_ERR_WRONG_REALM,
		"alice@EXAMPLE.TEST is referred from realm to realm, the last of them");
	assert_uint_in_range(kdc->asked + world.kdc[1].asked, 1, AS_MAX_REALMS);
	kdc->error.client_realm = "a\nrealm";
	check_refused(FAKE_PASSWORD, ERR_UNREACHABLE, "no KDC of");
}

static void takes_another_name_where_allowed(void **state UNUSED)
{
	configure("[libdefaults]\ncanonicalize = true\n");
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct kdc_session session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	kdc->canonical = "bob@EXAMPLE.TEST";
	assert_logs_in(&session, &login, &tgt);
	assert_named(&tgt.credential.client, "bob@EXAMPLE.TEST");
	assert_true(kdc->body.options & KDC_OPTION_CANONICALIZE);
	kdc->canonical = "bob@OTHER.TEST";
	check_refused(FAKE_PASSWORD, KRB_AP_ERR_MODIFIED,
		"a ticket of bob@OTHER.TEST for krbtgt/EXAMPLE.TEST@EXAMPLE.TEST, which is not");
}

SUITE(test_as_refusals)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		TEST(says_that_the_password_is_wrong),
		TEST(knows_the_older_word_for_it),
		TEST(says_that_the_keytab_is_out_of_date),
		TEST(says_what_the_keytab_has_not),
		TEST(each_code_has_its_sentence),
		TEST(what_the_kdc_says_is_marked_as_its_words),
		TEST(clocks_too_far_apart),
		TEST(asks_no_more_than_a_few_times),
		TEST(wants_what_is_not_supported),
		TEST(is_not_satisfied),
		TEST(a_changed_password_is_tried_at_the_primary),
		TEST(a_primary_that_knows_nothing_changes_nothing),
		TEST(follows_a_referral_where_allowed),
		TEST(follows_it_for_an_enterprise_name),
		TEST(follows_none_otherwise),
		TEST(follows_no_circle),
		TEST(takes_another_name_where_allowed),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

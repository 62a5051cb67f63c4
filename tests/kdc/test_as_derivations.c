/* SPDX-License-Identifier: BSD-3-Clause */
/* How often a login makes a key of its password, when others ask it to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <openssl/evp.h>

#include "tests/support/kdc_asking.h"

static struct fake_world world;
static struct fake_kdc *kdc;

static unsigned derived;    /* keys */
static uint64_t iterations; /* for all of them */

int PKCS5_PBKDF2_HMAC(const char *password, int password_length, const unsigned char *salt,
	int salt_length, int count, const EVP_MD *digest, int length, unsigned char *out)
{
	__typeof__(&PKCS5_PBKDF2_HMAC) real;
	*(void **)&real = dlsym(RTLD_NEXT, "PKCS5_PBKDF2_HMAC");
	derived++;
	iterations += (unsigned)count;
	return real(password, password_length, salt, salt_length, count, digest, length, out);
}

static int open_world(void **state UNUSED)
{
	fake_open(&world, "[libdefaults]\npermitted_enctypes = aes\ncanonicalize = true\n");
	kdc = &world.kdc[0];
	kdc->preauth = true;
	derived = 0;
	iterations = 0;
	return 0;
}

static int close_world(void **state UNUSED)
{
	fake_close(&world);
	return 0;
}

static void info_is(const char *salt, const char *count)
{
	kdc->info = (struct etype_info2){1, {{.etype = ENCTYPE_AES256_SHA1}}};
	kdc->info.element[0].salt = slice_string(salt);
	if (count)
		kdc->info.element[0].parameters = slice_of(count, 4);
}

static void check_refused(struct kdc_session *session, enum status expected, const char *text)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct error err;
	struct as_login login = with_password(FAKE_PASSWORD);
	enum status status = log_in(session, &login, &tgt, &err);
	assert_no_ticket(status, &err, expected, text, &tgt);
}

static void a_login_makes_one(void **state UNUSED)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	struct kdc_session session = fake_session(&world);
	struct as_login login = with_password(FAKE_PASSWORD);
	info_is("EXAMPLE.TESTalice", "\0\0\x10\0");
	assert_logs_in(&session, &login, &tgt);
	assert_int_equal(derived, 1);
}

/* The primary KDC says the same of salt and count: it is the same key. */
static void the_primary_costs_no_other(void **state UNUSED)
{
	struct kdc_session session = fake_session(&world);
	world.primary_key = fake_key(ENCTYPE_AES256_SHA1, 'p');
	key_release(kdc->key);
	kdc->key = fake_key(ENCTYPE_AES256_SHA1, 'o');
	check_refused(&session, KDC_ERR_PREAUTH_FAILED, "is wrong");
	assert_int_equal(kdc->asked, 4);
	assert_int_equal(derived, 1);
}

/* ---- a forger ---- */

static unsigned forged;
static unsigned fails_at; /* the time stamp that is found wrong; 0: none */

static void forge(const struct krb_error *message, struct buffer *answer)
{
	struct error err;
	if (der_write_krb_error(message, answer, &err))
		fail_msg("%s", err.text);
}

/* A time stamp by another salt each time; then a referral to the next realm. */
static enum status refer_on(struct kdc_session *session UNUSED, const struct kdc_question *question,
	struct buffer *answer, struct error *err)
{
	AUTO_BUFFER info = {0};
	AUTO_BUFFER data = {0};
	char salt[20], realm[20];
	snprintf(salt, sizeof salt, "salt %u", forged);
	snprintf(realm, sizeof realm, "R%u.TEST", forged);
	if (question->primary && !world.primary_key)
		return error_set(err, ERR_NOT_FOUND, "no primary KDC");
	const struct etype_info2 entries = {
		1, {{.etype = ENCTYPE_AES256_SHA1, .salt = slice_string(salt)}}};
	assert_int_equal(der_write_etype_info2(&entries, &info, err), STATUS_OK);
	const struct padata methods = {
		2, {{PA_ENC_TIMESTAMP, SLICE_LITERAL("")}, {PA_ETYPE_INFO2, buffer_slice(&info)}}};
	assert_int_equal(der_write_padata(&methods, &data, err), STATUS_OK);
	struct krb_error message = {
		.stime = {FAKE_NOW, 0},
		.error_code = KDC_ERR_PREAUTH_REQUIRED,
		.server = alice,
		.data = buffer_slice(&data),
	};
	if (forged++ % 2) {
		message.error_code = KDC_ERR_WRONG_REALM;
		message.client = alice;
		message.client.realm = slice_string(realm);
		message.data = SLICE_EMPTY;
	}
	if (fails_at && forged - 1 == fails_at)
		message.error_code = KDC_ERR_PREAUTH_FAILED;
	forge(&message, answer);
	return STATUS_OK;
}

static void a_forger_gets_two(void **state UNUSED)
{
	struct kdc_session session = fake_session(&world);
	fails_at = 0;
	session.send = refer_on;
	forged = 0;
	check_refused(&session, ERR_UNSUPPORTED,
		"the KDC of R3.TEST asks for the password of alice@R3.TEST to become a third key");
	assert_int_equal(derived, 2);
}

/* The primary KDC's are counted with the others. */
static void at_the_primary_as_well(void **state UNUSED)
{
	struct kdc_session session = fake_session(&world);
	world.primary_key = key_ref(kdc->key);
	session.send = refer_on;
	forged = 0;
	fails_at = 3;
	check_refused(&session, KDC_ERR_PREAUTH_FAILED, "is wrong, by the KDC of R1.TEST");
	assert_int_equal(forged, 5); /* of which the last asked for a third key */
	assert_int_equal(derived, 2);
}

/* ---- time ---- */

static void a_count_that_takes_too_long_is_refused(void **state UNUSED)
{
	struct kdc_session session = fake_session(&world);
	session.deadline = session.began + 60;
	info_is("EXAMPLE.TESTalice", "\0\x10\0\0");
	check_refused(&session, ERR_UNSUPPORTED,
		"by a string-to-key iteration count of 1048576 would not be ready in the time that "
		"is left");
	assert_uint_in_range(iterations, 0, 32768); /* to measure it */
}

static void after_the_deadline_nothing_is_derived(void **state UNUSED)
{
	struct kdc_session session = fake_session(&world);
	session.deadline = session.began - 1;
	info_is("EXAMPLE.TESTalice", "\0\0\x10\0");
	check_refused(&session, ERR_UNSUPPORTED, "kerberos5_kdc_timeout is too short");
	assert_int_equal(derived, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		TEST(a_login_makes_one),
		TEST(the_primary_costs_no_other),
		TEST(a_forger_gets_two),
		TEST(at_the_primary_as_well),
		TEST(a_count_that_takes_too_long_is_refused),
		TEST(after_the_deadline_nothing_is_derived),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

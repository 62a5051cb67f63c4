/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the initiator puts in the place of a checksum: known octets, bindings, what is
 * refused. EVP_MD_fetch() and EVP_Digest() here take the place of OpenSSL's.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto/enctype.h"
#include "gss/gss_checksum.h"
#include "tests/support/offered.h"
#include "tests/support/assertions.h"

#define UNUSED __attribute__((unused))
#define BINDINGS "0123456789abcdef"
#define LENGTH "\x10\0\0\0"
/* What MIT krb5 and Heimdal send with mutual authentication, and Java without. */
#define FLAGS "\x3e\0\0\0"
#define FLAGS_DELEG "\x3f\0\0\0"

static struct gss_bindings bindings_from(const char text[GSS_BINDINGS_LENGTH])
{
	struct gss_bindings b;
	memcpy(b.hash, text, sizeof b.hash);
	return b;
}

static enum status read_value(struct slice value, struct gss_checksum *out, struct error *err)
{
	const struct checksum checksum = {GSS_CHECKSUM_TYPE, value};
	return gss_checksum_read(&checksum, out, err);
}

static struct gss_checksum accepted(struct slice value)
{
	struct gss_checksum out;
	struct error err = {0};
	if (read_value(value, &out, &err))
		fail_msg("%s", err.text);
	return out;
}

static void refused_octets(struct slice value, enum status status, const char *text)
{
	struct gss_checksum out;
	struct error err = {0};
	/* Memory of its own, so that reading beyond it is noticed. */
	unsigned char *copy = malloc(value.len + !value.len);
	memcpy(copy, value.data, value.len);
	enum status result = read_value(slice_of(copy, value.len), &out, &err);
	free(copy);
	assert_refusal(result, &err, status, text, text);
	assert_null(out.delegated.data);
}

#define refused(octets, status, text) refused_octets(SLICE_LITERAL(octets), status, text)

static void the_type_is_8003(void **state UNUSED)
{
	assert_int_equal(GSS_CHECKSUM_TYPE, 32771);
}

static void it_is_made_as_rfc_4121_has_it(void **state UNUSED)
{
	unsigned char value[GSS_CHECKSUM_LENGTH];
	struct gss_bindings b = bindings_from(BINDINGS);
	struct checksum c = gss_checksum_make(0x01020304, &b, value);
	assert_int_equal(c.type, 0x8003);
	assert_ptr_equal(c.value.data, value);
	assert_int_equal(c.value.len, 24);
	assert_memory_equal(value, LENGTH BINDINGS "\4\3\2\1", 24);
}

static void what_is_made_is_read(void **state UNUSED)
{
	unsigned char value[GSS_CHECKSUM_LENGTH];
	struct gss_bindings b = bindings_from(BINDINGS);
	struct checksum c = gss_checksum_make(GSS_MUTUAL | GSS_CONF, &b, value);
	struct gss_checksum out = accepted(c.value);
	assert_int_equal(out.flags, GSS_MUTUAL | GSS_CONF);
	assert_true(gss_bindings_equal(&out.bindings, &b));
	assert_null(out.delegated.data);
}

static void known_octets_are_read(void **state UNUSED)
{
	struct gss_checksum out = accepted(SLICE_LITERAL(LENGTH BINDINGS FLAGS));
	assert_int_equal(out.flags, GSS_MUTUAL | GSS_REPLAY | GSS_SEQUENCE | GSS_CONF | GSS_INTEG);
	assert_memory_equal(out.bindings.hash, BINDINGS, 16);
	assert_null(out.delegated.data);
}

static void unknown_flags_are_kept_and_mean_nothing(void **state UNUSED)
{
	struct gss_checksum out = accepted(SLICE_LITERAL(LENGTH BINDINGS "\xfe\xff\xff\xff"));
	assert_int_equal(out.flags, 0xfffffffe);
	assert_null(out.delegated.data);
}

static void a_delegation_is_found(void **state UNUSED)
{
	struct gss_checksum out =
		accepted(SLICE_LITERAL(LENGTH BINDINGS FLAGS_DELEG "\1\0\x04\0cred"));
	assert_int_equal(out.flags & GSS_DELEG, GSS_DELEG);
	assert_true(slice_equal(out.delegated, SLICE_LITERAL("cred")));
	out = accepted(SLICE_LITERAL(LENGTH BINDINGS FLAGS_DELEG "\1\0\0\0"));
	assert_non_null(out.delegated.data);
	assert_int_equal(out.delegated.len, 0);
}

static void the_longest_delegation_is_found(void **state UNUSED)
{
	static unsigned char value[28 + 65535] = LENGTH BINDINGS FLAGS_DELEG "\1\0\xff\xff";
	value[sizeof value - 1] = 'x';
	struct gss_checksum out = accepted(slice_of(value, sizeof value));
	assert_int_equal(out.delegated.len, 65535);
	assert_int_equal(out.delegated.data[65534], 'x');
	refused_octets(slice_of(value, sizeof value - 1), ERR_SYNTAX, "missing or cut short");
}

static void extensions_are_passed_over(void **state UNUSED)
{
	struct gss_checksum out = accepted(SLICE_LITERAL(LENGTH BINDINGS FLAGS "\1\0\x04\0cred"));
	assert_null(out.delegated.data);
	assert_int_equal(out.flags & GSS_DELEG, 0);
	out = accepted(SLICE_LITERAL(LENGTH BINDINGS FLAGS "\0"));
	assert_null(out.delegated.data);
	out = accepted(
		SLICE_LITERAL(LENGTH BINDINGS FLAGS_DELEG "\1\0\x04\0cred\0\0\0\1\0\0\0\1x"));
	assert_true(slice_equal(out.delegated, SLICE_LITERAL("cred")));
}

static void a_missing_checksum_is_refused(void **state UNUSED)
{
	const struct checksum absent = {0};
	struct gss_checksum out;
	struct error err = {0};
	enum status status = gss_checksum_read(&absent, &out, &err);
	assert_refusal(status, &err, KRB_AP_ERR_INAPP_CKSUM, "the authenticator has no checksum",
		"the authenticator has no checksum");
}

static void another_type_is_refused(void **state UNUSED)
{
	const struct checksum keyed = {16, SLICE_LITERAL(LENGTH BINDINGS FLAGS)};
	struct gss_checksum out;
	struct error err = {0};
	enum status status = gss_checksum_read(&keyed, &out, &err);
	assert_refusal(status, &err, KRB_AP_ERR_INAPP_CKSUM,
		"of type 16, that of GSS-API's Kerberos mechanism is of type 32771", "of type 16");
}

static void every_shorter_one_is_refused(void **state UNUSED)
{
	struct slice whole = SLICE_LITERAL(LENGTH BINDINGS FLAGS);
	for (size_t len = 0; len < whole.len; len++)
		refused_octets(slice_of(whole.data, len), KRB_AP_ERR_INAPP_CKSUM,
			"octets, at least 24 were expected");
}

static void another_length_of_bindings_is_refused(void **state UNUSED)
{
	refused("\x11\0\0\0" BINDINGS FLAGS "more", KRB_AP_ERR_INAPP_CKSUM,
		"channel bindings of 17 octets, 16 were expected");
	refused("\0\0\0\0" BINDINGS FLAGS, KRB_AP_ERR_INAPP_CKSUM,
		"channel bindings of 0 octets, 16 were expected");
	refused("\0\0\0\x10" BINDINGS FLAGS, KRB_AP_ERR_INAPP_CKSUM,
		"channel bindings of 268435456 octets");
	refused("\xff\xff\xff\xff" BINDINGS FLAGS, KRB_AP_ERR_INAPP_CKSUM,
		"channel bindings of 4294967295 octets");
}

static void every_shortened_delegation_is_refused(void **state UNUSED)
{
	struct slice whole = SLICE_LITERAL(LENGTH BINDINGS FLAGS_DELEG "\1\0\x04\0cred");
	for (size_t len = 24; len < whole.len; len++)
		refused_octets(slice_of(whole.data, len), ERR_SYNTAX,
			"the delegated credential is missing or cut short");
}

static void another_kind_of_delegation_is_refused(void **state UNUSED)
{
	refused(LENGTH BINDINGS FLAGS_DELEG "\2\0\x04\0cred", ERR_SYNTAX,
		"a delegation of kind 2, 1 was expected");
	refused(LENGTH BINDINGS FLAGS_DELEG "\0\1\x04\0cred", ERR_SYNTAX,
		"a delegation of kind 256, 1 was expected");
	/* As gokrb5 sends it, which has nothing to delegate. */
	refused(LENGTH BINDINGS FLAGS_DELEG "\0\0\0\0", ERR_SYNTAX,
		"a delegation of kind 0, 1 was expected");
}

/* ---- bindings ---- */

static void assert_hash(const char *application_data, const char *hash)
{
	struct gss_bindings b;
	struct error err = {0};
	if (gss_bindings_of(slice_string(application_data), &b, &err))
		fail_msg("%s", err.text);
	char hex[2 * GSS_BINDINGS_LENGTH + 1];
	for (size_t i = 0; i < GSS_BINDINGS_LENGTH; i++)
		snprintf(hex + 2 * i, 3, "%02x", b.hash[i]);
	assert_string_equal(hex, hash);
	assert_false(gss_bindings_none(&b));
}

/* By md5sum over octets that printf made. */
static void bindings_are_hashed(void **state UNUSED)
{
	assert_hash("", "441018525208457705bf09a8ee3c1093");
	assert_hash("tls-unique:0123456789ab", "04bd087502c18bd2ce6d44122fd997e9");
}

static bool md5_is_missing;
static bool md5_fails;

#define EVERYWHERE __attribute__((visibility("default")))
#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

EVERYWHERE EVP_MD *EVP_MD_fetch(OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	if (md5_is_missing && strcmp(algorithm, "MD5") == 0)
		return NULL;
	return REAL(EVP_MD_fetch)(ctx, algorithm, properties);
}

EVERYWHERE int EVP_Digest(const void *data, size_t count, unsigned char *md, unsigned int *size,
	const EVP_MD *type, ENGINE *impl)
{
	if (!md5_fails)
		return REAL(EVP_Digest)(data, count, md, size, type, impl);
	ERR_raise(ERR_LIB_EVP, EVP_R_INITIALIZATION_ERROR);
	return 0;
}

/* The name of the bindings is no secret: another provider than the FIPS provider may tell it. */
static void bindings_are_hashed_in_fips_mode(void **state UNUSED)
{
	crypto_close();
	assert_int_equal(EVP_default_properties_enable_fips(NULL, 1), 1);
	assert_hash("tls-unique:0123456789ab", "04bd087502c18bd2ce6d44122fd997e9");
	assert_int_equal(EVP_default_properties_enable_fips(NULL, 0), 1);
	crypto_close();
}

static void without_md5_the_peer_reads_what_is_missing(void **state UNUSED)
{
	struct gss_bindings b;
	struct error err = {0};
	crypto_close();
	md5_is_missing = true;
	enum status status = gss_bindings_of(SLICE_LITERAL("tls-unique:0"), &b, &err);
	md5_is_missing = false;
	assert_refusal(status, &err, ERR_CRYPTO,
		"GSS-API's channel bindings (RFC 4121): OpenSSL does not offer MD5 here (is it in "
		"FIPS mode?): load its default provider too (openssl.cnf)",
		"OpenSSL does not offer MD5 here");
	crypto_close();
	assert_hash("", "441018525208457705bf09a8ee3c1093");
}

static void a_failure_of_md5_is_told(void **state UNUSED)
{
	struct gss_bindings b;
	struct error err = {0};
	md5_fails = true;
	enum status status = gss_bindings_of(SLICE_LITERAL("tls-unique:0"), &b, &err);
	md5_fails = false;
	assert_refusal(status, &err, ERR_CRYPTO,
		"GSS-API's channel bindings (RFC 4121): OpenSSL cannot compute MD5: initialization "
		"error",
		"OpenSSL on the server lacks an algorithm or failed, see the server's log");
	assert_int_equal(ERR_peek_error(), 0);
}

static void bindings_are_compared(void **state UNUSED)
{
	struct gss_bindings none = {{0}}, some = bindings_from(BINDINGS), other = some;
	assert_true(gss_bindings_none(&none));
	assert_true(gss_bindings_equal(&some, &other));
	assert_false(gss_bindings_none(&some));
	for (size_t i = 0; i < GSS_BINDINGS_LENGTH; i++) {
		struct gss_bindings one = {{0}};
		one.hash[i] = 1;
		assert_false(gss_bindings_none(&one));
		other = some;
		other.hash[i] ^= 0x80;
		assert_false(gss_bindings_equal(&some, &other));
	}
}

static void flags_are_named(void **state UNUSED)
{
	char text[GSS_FLAGS_TEXT_SIZE];
	assert_string_equal(gss_flags_text(0, text), "none");
	assert_string_equal(gss_flags_text(0xffffffc0, text), "none");
	assert_string_equal(gss_flags_text(GSS_INTEG, text), "integrity");
	assert_string_equal(gss_flags_text(0xffffffff, text),
		"delegation, mutual, replay, sequence, confidentiality, integrity");
}

#define HASHED_TEST(name)                                                                          \
	{                                                                                          \
		if_md5(#name), name, NULL, NULL, NULL                                              \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_type_is_8003),
		cmocka_unit_test(it_is_made_as_rfc_4121_has_it),
		cmocka_unit_test(what_is_made_is_read),
		cmocka_unit_test(known_octets_are_read),
		cmocka_unit_test(unknown_flags_are_kept_and_mean_nothing),
		cmocka_unit_test(a_delegation_is_found),
		cmocka_unit_test(the_longest_delegation_is_found),
		cmocka_unit_test(extensions_are_passed_over),
		cmocka_unit_test(a_missing_checksum_is_refused),
		cmocka_unit_test(another_type_is_refused),
		cmocka_unit_test(every_shorter_one_is_refused),
		cmocka_unit_test(another_length_of_bindings_is_refused),
		cmocka_unit_test(every_shortened_delegation_is_refused),
		cmocka_unit_test(another_kind_of_delegation_is_refused),
		HASHED_TEST(bindings_are_hashed),
		HASHED_TEST(bindings_are_hashed_in_fips_mode),
		HASHED_TEST(without_md5_the_peer_reads_what_is_missing),
		HASHED_TEST(a_failure_of_md5_is_told),
		cmocka_unit_test(bindings_are_compared),
		cmocka_unit_test(flags_are_named),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/assertions.h"
#include "sasl/identity.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

static struct principal named(const char *name, const char *realm)
{
	return (struct principal){
		.type = NT_PRINCIPAL,
		.count = 1,
		.component = {slice_string(name)},
		.realm = slice_string(realm),
	};
}

static size_t encode(uint32_t c, unsigned char *out)
{
	static const unsigned char marks[] = {0x00, 0xc0, 0xe0, 0xf0};
	size_t following = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	for (size_t i = following; i > 0; i--, c >>= 6)
		out[i] = 0x80 | (c & 0x3f);
	out[0] = (unsigned char)(marks[following] | c);
	return following + 1;
}

/* From U+0080 on. */
static bool is_dangerous(uint32_t c)
{
	bool is_surrogate = c >= 0xd800 && c <= 0xdfff;
	return is_surrogate || c <= 0x9f || c == 0x200b || c == 0x200e || c == 0x200f ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void assert_identity(
	const struct principal *client, const char *default_realm, const char *expected)
{
	AUTO_BUFFER out = {0};
	struct error err;
	if (identity_of(client, default_realm, &out, &err))
		fail_msg("refused: %s", err.text);
	assert_int_equal(out.len, strlen(expected));
	assert_string_equal((const char *)out.data, expected);
}

static void assert_name_refused(const struct principal *client, const char *reason)
{
	AUTO_BUFFER out = {0};
	struct error err;
	enum status status = identity_of(client, "EXAMPLE.TEST", &out, &err);
	assert_refusal(status, &err, ERR_SYNTAX, reason, reason);
	assert_int_equal(out.len, 0);
}

static void a_client_of_the_default_realm_has_no_realm(void **state UNUSED)
{
	struct principal alice = named("alice", "EXAMPLE.TEST");
	assert_identity(&alice, "EXAMPLE.TEST", "alice");
}

static void any_other_realm_is_named(void **state UNUSED)
{
	static const char *const defaults[] = {
		NULL, "", "OTHER.TEST", "example.test", "EXAMPLE.TES", "EXAMPLE.TESTS"};
	struct principal alice = named("alice", "EXAMPLE.TEST");
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		assert_identity(&alice, defaults[i], "alice@EXAMPLE.TEST");
}

static void components_are_joined(void **state UNUSED)
{
	struct principal host = {NT_SRV_HST, 3,
		{SLICE_LITERAL("imap"), SLICE_LITERAL("mail"), SLICE_LITERAL("x")},
		SLICE_LITERAL("EXAMPLE.TEST")};
	assert_identity(&host, "EXAMPLE.TEST", "imap/mail/x");
	assert_identity(&host, NULL, "imap/mail/x@EXAMPLE.TEST");
}

static void utf8_and_inner_blanks_are_kept(void **state UNUSED)
{
	struct principal name = named("\xc3\xa9lo\xc3\xafse d", "EXAMPLE.TEST");
	assert_identity(&name, "EXAMPLE.TEST", "\xc3\xa9lo\xc3\xafse d");
}

/* Every character there is, in name, realm and authorization identity. */
static void each_character_by_itself(void **state UNUSED)
{
	for (uint32_t c = 0x80; c <= 0x10ffff; c++) {
		unsigned char octets[6] = {'a'};
		size_t len = 1 + encode(c, octets + 1);
		octets[len++] = 'b';
		struct slice text = slice_of(octets, len);
		const struct principal by_name = {
			NT_PRINCIPAL, 1, {text}, SLICE_LITERAL("EXAMPLE.TEST")};
		const struct principal by_realm = {NT_PRINCIPAL, 1, {SLICE_LITERAL("alice")}, text};
		struct buffer out = {0};
		bool right = !is_dangerous(c);
		bool name = identity_of(&by_name, NULL, &out, &(struct error){0}) == STATUS_OK;
		bool realm = identity_of(&by_realm, NULL, &out, &(struct error){0}) == STATUS_OK;
		bool authzid = identity_check_authzid(text, &(struct error){0}) == STATUS_OK;
		buffer_free(&out);
		if (name != right || realm != right || authzid != right)
			fail_msg(
				"U+%04X: %d, %d, %d instead of %d", c, name, realm, authzid, right);
	}
}

static void what_is_not_utf8_is_refused(void **state UNUSED)
{
	static const char *const texts[] = {"\x80", "\xbf", "\xfe", "\xff", "\xc0\xaf", "\xc1\xbf",
		"\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xed\xa0\xbd\xed\xb8\x80", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98",
		"\xc3(", "\xe2(\xa1", "\xf0\x9f(\x80", "M\xfcller"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct principal name = named(texts[i], "EXAMPLE.TEST");
		struct principal realm = named("alice", texts[i]);
		struct error err;
		assert_name_refused(&name, "octets that are not UTF-8");
		assert_name_refused(&realm, "octets that are not UTF-8");
		enum status status = identity_check_authzid(slice_string(texts[i]), &err);
		assert_refusal(status, &err, ERR_SYNTAX, "not UTF-8", "not UTF-8");
	}
}

static void an_x500_realm_may_have_slashes(void **state UNUSED)
{
	struct principal alice = named("alice", "/C=X/O=Y");
	assert_identity(&alice, "EXAMPLE.TEST", "alice@/C=X/O=Y");
}

static void separators_in_a_component_are_refused(void **state UNUSED)
{
	static const char *const names[] = {"a@b", "@", "a/b", "/a", "a\\", "root@EXAMPLE.TEST"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct principal client = named(names[i], "EXAMPLE.TEST");
		assert_name_refused(&client, "a character that separates names");
		client.count = 2;
		client.component[1] = client.component[0];
		client.component[0] = SLICE_LITERAL("alice");
		assert_name_refused(&client, "a character that separates names");
	}
}

static void separators_in_a_realm_are_refused(void **state UNUSED)
{
	struct principal client = named("alice", "EXAMPLE@TEST");
	assert_name_refused(&client, "a character that separates names");
	client.realm = SLICE_LITERAL("EXAMPLE\\TEST");
	assert_name_refused(&client, "a character that separates names");
}

static void every_control_character_is_refused(void **state UNUSED)
{
	for (unsigned c = 0; c <= 0x7f; c = c == 0x1f ? 0x7f : c + 1) {
		const unsigned char octets[] = {'a', (unsigned char)c, 'b'};
		struct principal client = named("alice", "EXAMPLE.TEST");
		const char *reason = c == 0 ? "a NUL octet" : "a control character";
		client.component[0] = slice_of(octets, 3);
		assert_name_refused(&client, reason);
		client = named("alice", NULL);
		client.realm = slice_of(octets, 3);
		assert_name_refused(&client, reason);
	}
}

static void outer_blanks_are_refused(void **state UNUSED)
{
	static const char *const blanks[] = {" a", "a ", " ", "a b "};
	for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
		struct principal client = named(blanks[i], "EXAMPLE.TEST");
		assert_name_refused(&client, "a blank at its beginning or end");
		client = named("alice", blanks[i]);
		assert_name_refused(&client, "a blank at its beginning or end");
	}
}

static void an_empty_name_or_realm_is_refused(void **state UNUSED)
{
	struct principal nobody = {.realm = SLICE_LITERAL("EXAMPLE.TEST")};
	assert_name_refused(&nobody, "no name");
	struct principal empty = named("", "EXAMPLE.TEST");
	assert_name_refused(&empty, "no name");
	struct principal nowhere = named("alice", "");
	assert_name_refused(&nowhere, "no realm");
}

static void a_very_long_name_is_refused(void **state UNUSED)
{
	static char name[IDENTITY_MAX_LENGTH];
	memset(name, 'n', sizeof name);
	struct principal client = {
		NT_PRINCIPAL, 1, {slice_of(name, sizeof name - 3)}, SLICE_LITERAL("RR")};
	assert_name_refused(&client, "more octets than an identity may have");
	client.component[0].len--;
	AUTO_BUFFER identity = {0};
	struct error err;
	assert_int_equal(identity_of(&client, NULL, &identity, &err), STATUS_OK);
}

static void the_refused_name_is_escaped(void **state UNUSED)
{
	struct principal client = named("al\nice", "EXAMPLE.TEST");
	assert_name_refused(&client, "\"al\\x0Aice@EXAMPLE.TEST\"");
}

static void an_authorization_identity_may_be_most_things(void **state UNUSED)
{
	struct error err;
	static const char *const names[] = {"", "bob", "bob@EXAMPLE.TEST", "dn:uid=bob,dc=test",
		"u:bob", "a\\b/c", "b o b", "\xc3\xa9"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (identity_check_authzid(slice_string(names[i]), &err))
			fail_msg("%s", err.text);
}

static void a_bad_authorization_identity_is_refused(void **state UNUSED)
{
	static const struct {
		struct slice authzid;
		const char *reason;
	} row[] = {
		{SLICE_LITERAL("bob\0"), "\"bob\\x00\" has a NUL octet"},
		{SLICE_LITERAL("\0"), "a NUL octet"},
		{SLICE_LITERAL("b\tob"), "\"b\\x09ob\" has a control character"},
		{SLICE_LITERAL("bob\x7f"), "\"bob\\x7F\" has a control character"},
		{SLICE_LITERAL(" bob"), "a blank at its beginning or end"},
		{SLICE_LITERAL("bob "), "a blank at its beginning or end"},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct error err;
		enum status status = identity_check_authzid(row[i].authzid, &err);
		assert_refusal(status, &err, ERR_SYNTAX, row[i].reason, row[i].reason);
	}
}

/* libsasl2's canon_user: what it was called with, and what it answers. */
static struct {
	sasl_conn_t *conn;
	char user[2][20];
	unsigned flags[2], count;
	int result[2];
} canon;

static struct error canon_error;

static int note_user(sasl_conn_t *conn, const char *user, unsigned len, unsigned flags,
	sasl_out_params_t *oparams UNUSED)
{
	unsigned n = canon.count++;
	assert_uint_in_range(n, 0, 1);
	canon.conn = conn;
	canon.flags[n] = flags;
	assert_int_equal(user[len], '\0'); /* libsasl2 looks that far */
	snprintf(canon.user[n], sizeof canon.user[n], "%.*s", (int)len, user);
	return canon.result[n];
}

static int canonicalize(struct slice authzid, int first, int second)
{
	const sasl_utils_t utils = {.conn = (sasl_conn_t *)&canon};
	sasl_out_params_t oparams = {0};
	memset(&canon, 0, sizeof canon);
	canon.result[0] = first;
	canon.result[1] = second;
	const struct identity_request request = {
		.utils = &utils,
		.canon_user = note_user,
		.authid = slice_of("alice@", 5),
		.authzid = authzid,
	};
	return identity_canonicalize(&request, &oparams, &canon_error);
}

static void one_name_is_canonicalized_as_both(void **state UNUSED)
{
	assert_int_equal(canonicalize(SLICE_EMPTY, SASL_OK, SASL_OK), SASL_OK);
	assert_int_equal(canon.count, 1);
	assert_ptr_equal(canon.conn, &canon);
	assert_string_equal(canon.user[0], "alice");
	assert_int_equal(
		canon.flags[0], SASL_CU_AUTHID | SASL_CU_AUTHZID | SASL_CU_EXTERNALLY_VERIFIED);
}

static void two_names_are_canonicalized_one_by_one(void **state UNUSED)
{
	assert_int_equal(canonicalize(SLICE_LITERAL("bob"), SASL_OK, SASL_OK), SASL_OK);
	assert_int_equal(canon.count, 2);
	assert_string_equal(canon.user[0], "alice");
	assert_int_equal(canon.flags[0], SASL_CU_AUTHID | SASL_CU_EXTERNALLY_VERIFIED);
	assert_string_equal(canon.user[1], "bob");
	assert_int_equal(canon.flags[1], SASL_CU_AUTHZID | SASL_CU_EXTERNALLY_VERIFIED);
}

static void what_follows_a_name_is_not_seen(void **state UNUSED)
{
	assert_int_equal(canonicalize(slice_of("bob@EXAMPLE.TEST", 3), SASL_OK, SASL_OK), SASL_OK);
	assert_string_equal(canon.user[1], "bob");
}

static void assert_canon_refused(struct slice authzid, int first, int second, const char *sentence)
{
	int result = canonicalize(authzid, first, second);
	assert_int_equal(result, first != SASL_OK ? first : second);
	assert_string_equal(canon_error.text, sentence);
	assert_string_equal(canon_error.shown, sentence);
}

static void its_refusal_names_the_name(void **state UNUSED)
{
	assert_canon_refused(SLICE_EMPTY, SASL_NOUSER, SASL_OK,
		"the authentication identity \"alice\" was refused: user not found");
	assert_canon_refused(SLICE_LITERAL("bob"), SASL_NOUSER, SASL_OK,
		"the authentication identity \"alice\" was refused: user not found");
	assert_int_equal(canon.count, 1);
	assert_canon_refused(SLICE_LITERAL("b\"\nb"), SASL_OK, SASL_NOUSER,
		"the authorization identity \"b\"\\x0Ab\" was refused: user not found");
}

SUITE(test_identity)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_of_the_default_realm_has_no_realm),
		cmocka_unit_test(any_other_realm_is_named),
		cmocka_unit_test(components_are_joined),
		cmocka_unit_test(utf8_and_inner_blanks_are_kept),
		cmocka_unit_test(each_character_by_itself),
		cmocka_unit_test(what_is_not_utf8_is_refused),
		cmocka_unit_test(an_x500_realm_may_have_slashes),
		cmocka_unit_test(separators_in_a_component_are_refused),
		cmocka_unit_test(separators_in_a_realm_are_refused),
		cmocka_unit_test(every_control_character_is_refused),
		cmocka_unit_test(outer_blanks_are_refused),
		cmocka_unit_test(an_empty_name_or_realm_is_refused),
		cmocka_unit_test(a_very_long_name_is_refused),
		cmocka_unit_test(the_refused_name_is_escaped),
		cmocka_unit_test(an_authorization_identity_may_be_most_things),
		cmocka_unit_test(a_bad_authorization_identity_is_refused),
		cmocka_unit_test(one_name_is_canonicalized_as_both),
		cmocka_unit_test(two_names_are_canonicalized_one_by_one),
		cmocka_unit_test(what_follows_a_name_is_not_seen),
		cmocka_unit_test(its_refusal_names_the_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

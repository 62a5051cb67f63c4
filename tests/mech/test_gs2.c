/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The header of GS2 (RFC 5801 section 4): what is written, what is read, and
 * what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mech/gs2.h"
#include "tests/support/suite.h"
#include "sasl/identity.h"

#define UNUSED __attribute__((unused))
#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

static void same(const char *what, struct slice found, const char *expected)
{
	if (!slice_equal(found, slice_string(expected)))
		fail_msg("%s: \"%.*s\", not \"%s\"", what, (int)found.len, (const char *)found.data,
			expected);
}

/* ---- written ---- */

static void a_header_is_written_as_the_rfc_has_it(void **state UNUSED)
{
	static const struct {
		enum gs2_flag flag;
		const char *binding_name, *authzid, *header;
	} cases[] = {
		{GS2_NO_BINDINGS, NULL, NULL, "n,,"},
		{GS2_NONE_THERE, NULL, NULL, "y,,"},
		{GS2_USES_BINDINGS, "tls-unique", NULL, "p=tls-unique,,"},
		{GS2_USES_BINDINGS, "A.z-09", "bob", "p=A.z-09,a=bob,"},
		{GS2_NO_BINDINGS, NULL, "bob", "n,a=bob,"},
		{GS2_NO_BINDINGS, NULL, "cn=bob,dc=example", "n,a=cn=3Dbob=2Cdc=3Dexample,"},
		{GS2_NONE_THERE, NULL, ",=", "y,a==2C=3D,"},
		{GS2_NO_BINDINGS, NULL, "J\xc3\xbcrgen", "n,a=J\xc3\xbcrgen,"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct gs2_header header = {
			.flag = cases[i].flag,
			.binding_name = slice_string(cases[i].binding_name),
			.authzid = slice_string(cases[i].authzid),
		};
		AUTO_BUFFER out = {0};
		NEW_ERROR(err);
		assert_int_equal(gs2_header_write(&header, &out, &err), STATUS_OK);
		same("the header", buffer_slice(&out), cases[i].header);
	}
}

static void a_name_of_bindings_that_is_none_is_not_written(void **state UNUSED)
{
	static const char *const names[] = {"", "tls,unique", "tls=unique", "tls unique",
		"tls_unique", "\xc3\xbc", "tls/", "tls:", "@", "[", "`", "{"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const struct gs2_header header = {
			.flag = GS2_USES_BINDINGS, .binding_name = slice_string(names[i])};
		AUTO_BUFFER out = {0};
		NEW_ERROR(err);
		assert_int_equal(gs2_header_write(&header, &out, &err), ERR_SYNTAX);
		assert_non_null(strstr(err.text, "is no name of a type of channel bindings"));
		assert_int_equal(out.len, 0);
	}
}

/* ---- read ---- */

static void a_message_is_read(void **state UNUSED)
{
	static const struct {
		const char *message;
		bool framed;
		enum gs2_flag flag;
		const char *binding_name, *authzid, *bound, *token;
	} cases[] = {
		{"n,,token", false, GS2_NO_BINDINGS, "", "", "n,,", "token"},
		{"y,,a=,F,", false, GS2_NONE_THERE, "", "", "y,,", "a=,F,"},
		{"n,,", false, GS2_NO_BINDINGS, "", "", "n,,", ""},
		{"F,n,,token", true, GS2_NO_BINDINGS, "", "", "n,,", "token"},
		{"F,y,a=bob,token", true, GS2_NONE_THERE, "", "bob", "y,a=bob,", "token"},
		{"p=tls-unique,,token", false, GS2_USES_BINDINGS, "tls-unique", "",
			"p=tls-unique,,", "token"},
		{"F,p=a.B-9,a=x,token", true, GS2_USES_BINDINGS, "a.B-9", "x", "p=a.B-9,a=x,",
			"token"},
		{"n,a==2C=3D,t", false, GS2_NO_BINDINGS, "", ",=", "n,a==2C=3D,", "t"},
		{"n,a=a=2Cb=3D2C,t", false, GS2_NO_BINDINGS, "", "a,b=2C", "n,a=a=2Cb=3D2C,", "t"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		AUTO_BUFFER authzid = {0};
		struct gs2_message message;
		NEW_ERROR(err);
		if (gs2_message_read(slice_string(cases[i].message), &message, &authzid, &err))
			fail_msg("%s: %s", cases[i].message, err.text);
		assert_int_equal(message.framed, cases[i].framed);
		assert_int_equal(message.header.flag, cases[i].flag);
		same("the bindings", message.header.binding_name, cases[i].binding_name);
		same("the identity", message.header.authzid, cases[i].authzid);
		same("what is bound", message.bound, cases[i].bound);
		same("the token", message.token, cases[i].token);
	}
}

static void a_malformed_header_is_refused(void **state UNUSED)
{
	static const char flag[] = "\"p=\" and a type of channel bindings, \"n\" or \"y\"";
	static const char name[] = "other than \"a=\" and an authorization identity";
	static const char escape[] = "'=' is not followed by 2C or 3D";
	static const char *const cases[][2] = {
		{"", "has no comma"},
		{"n", "has no comma"},
		{"F", "has no comma"},
		{"F,", "has no comma"},
		{"F,n", "has no comma"},
		{"p=tls-unique", "has no comma"},
		{"\x60\x81\x82", "has no comma"},
		{"n,", "has no second comma"},
		{"F,y,", "has no second comma"},
		{"n,a=bob", "has no second comma"},
		{"p=tls-unique,token", "has no second comma"},
		{",,", flag},
		{",n,,", flag},
		{"x,,", flag},
		{"N,,", flag},
		{"Y,,", flag},
		{"P=tls-unique,,", flag},
		{"p,,", flag},
		{"p=,,", flag},
		{"p=tls unique,,", flag},
		{"p=tls=2Cunique,,", flag},
		{"n=tls-unique,,", flag},
		{"y=,,", flag},
		{"nn,,", flag},
		{"n ,,", flag},
		{" n,,", flag},
		{"f,n,,", flag},
		{"F,F,n,,", flag},
		{"F=,n,,", flag},
		{"n,b=bob,", name},
		{"n,A=bob,", name},
		{"n,bob,", name},
		{"n,a,", name},
		{"n,a=,", name},
		{"n, a=bob,", name},
		{"n,a==,", escape},
		{"n,a==2,", escape},
		{"n,a==2c,", escape},
		{"n,a==3d,", escape},
		{"n,a==2D,", escape},
		{"n,a==41,", escape},
		{"n,a=bob=,", escape},
		{"n,a=bob=3,", escape},
		{"n,a=cn=bob,", escape},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		AUTO_BUFFER authzid = {0};
		struct gs2_message message;
		NEW_ERROR(err);
		if (gs2_message_read(slice_string(cases[i][0]), &message, &authzid, &err) !=
			ERR_SYNTAX)
			fail_msg("\"%s\" is read", cases[i][0]);
		if (!strstr(err.text, cases[i][1]))
			fail_msg("\"%s\": %s", cases[i][0], err.text);
		assert_string_equal(error_shown(&err), err.text);
	}
}

static void an_identity_has_a_limit(void **state UNUSED)
{
	for (size_t len = 3 * IDENTITY_MAX_LENGTH; len <= 3 * IDENTITY_MAX_LENGTH + 1; len++) {
		AUTO_BUFFER authzid = {0};
		AUTO_BUFFER octets = {0};
		struct gs2_message message;
		NEW_ERROR(err);
		assert_int_equal(buffer_append(&octets, SLICE_LITERAL("n,a=")), STATUS_OK);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(buffer_append(&octets, SLICE_LITERAL("x")), STATUS_OK);
		assert_int_equal(buffer_append(&octets, SLICE_LITERAL(",t")), STATUS_OK);
		bool fits = gs2_message_read(buffer_slice(&octets), &message, &authzid, &err) ==
			    STATUS_OK;
		assert_int_equal(fits, len == 3 * IDENTITY_MAX_LENGTH);
		if (!fits)
			assert_non_null(strstr(err.text, "too long"));
	}
}

static void what_is_written_is_read_again(void **state UNUSED)
{
	for (unsigned first = 1; first < 256; first++) {
		const unsigned char name[] = {'a', (unsigned char)first, ',', (unsigned char)first};
		const struct gs2_header header = {
			.flag = GS2_NONE_THERE, .authzid = slice_of(name, sizeof name)};
		AUTO_BUFFER out = {0};
		AUTO_BUFFER authzid = {0};
		struct gs2_message message;
		NEW_ERROR(err);
		assert_int_equal(gs2_header_write(&header, &out, &err), STATUS_OK);
		assert_int_equal(
			gs2_message_read(buffer_slice(&out), &message, &authzid, &err), STATUS_OK);
		assert_true(slice_equal(message.header.authzid, header.authzid));
		assert_true(slice_equal(message.bound, buffer_slice(&out)));
	}
}

/* ---- what the initial token is bound to ---- */

static void the_header_comes_before_the_bindings(void **state UNUSED)
{
	const sasl_channel_binding_t binding = {
		.name = "tls-unique", .len = 3, .data = (const unsigned char *)"a\0b"};
	AUTO_BUFFER out = {0};
	NEW_ERROR(err);
	assert_int_equal(gs2_bound_data(SLICE_LITERAL("n,,"), NULL, &out, &err), STATUS_OK);
	same("without", buffer_slice(&out), "n,,");
	buffer_clear(&out);
	assert_int_equal(
		gs2_bound_data(SLICE_LITERAL("p=tls-unique,,"), &binding, &out, &err), STATUS_OK);
	assert_true(slice_equal(buffer_slice(&out), SLICE_LITERAL("p=tls-unique,,a\0b")));
}

SUITE(test_gs2)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_written_as_the_rfc_has_it),
		cmocka_unit_test(a_name_of_bindings_that_is_none_is_not_written),
		cmocka_unit_test(a_message_is_read),
		cmocka_unit_test(a_malformed_header_is_refused),
		cmocka_unit_test(an_identity_has_a_limit),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(the_header_comes_before_the_bindings),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

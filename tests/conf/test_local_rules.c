/* SPDX-License-Identifier: BSD-3-Clause */
/* conf/local_rules: as which local user a principal is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/local_rules.h"
#include "tests/support/assertions.h"
#include "tests/support/krb5_conf_reading.h"
#include "tests/support/local_names.h"
#include "tests/support/suite.h"

static struct krb5_conf *conf_of(const char *realm_section)
{
	char text[4000];
	int len = snprintf(text, sizeof text, LOCAL_NAME_CONF, realm_section);
	assert_true(len < (int)sizeof text);
	return conf_of_text(slice_string(text));
}

static struct principal name_of(const char *text, struct buffer *storage)
{
	struct principal name;
	struct error err = {0};
	if (principal_parse(slice_string(text), &name, storage, &err))
		fail_msg("%s", err.text);
	return name;
}

static void expect(const char *name, enum status status, const struct buffer *found,
	const char *what, const char *who)
{
	if (name ? status != STATUS_OK : status != ERR_NOT_FOUND)
		fail_msg("%s: %s: status %d, \"%.*s\"", what, who, status, (int)found->len,
			(const char *)found->data);
	if (name && !slice_equal(buffer_slice(found), slice_string(name)))
		fail_msg("%s: %s: \"%.*s\", expected \"%s\"", what, who, (int)found->len,
			(const char *)found->data, name);
}

static void each_case_gives_its_name(void **state UNUSED)
{
	for (size_t i = 0; i < LOCAL_NAME_CASES; i++) {
		const struct local_name_case *c = &local_name_cases[i];
		AUTO_BUFFER storage = {0};
		AUTO_BUFFER found = {0};
		AUTO_KRB5_CONF conf = conf_of(c->realm_section);
		struct error err = {0};
		struct principal client = name_of(c->principal, &storage);
		if (krb5_conf_check_local_rules(conf, &err))
			fail_msg("%s", err.text);
		enum status status = krb5_conf_local_name(conf, &client, &found, &err);
		expect(c->name, status, &found, c->realm_section, c->principal);
	}
}

static void without_a_default_realm_nobody_has_a_name(void **state UNUSED)
{
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER found = {0};
	AUTO_KRB5_CONF conf = PARSED("[realms]\nA = {\nauth_to_local = RULE:[1:x]\n}\n");
	struct error err = {0};
	struct principal client = name_of("alice@A", &storage);
	assert_int_equal(krb5_conf_local_name(conf, &client, &found, &err), ERR_NOT_FOUND);
	assert_in(err.text, "krb5.conf has no default_realm");
}

/* libkrb5 would go on without end. */
static void a_match_of_nothing_is_replaced_once_at_each_place(void **state UNUSED)
{
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER found = {0};
	AUTO_KRB5_CONF conf = conf_of("auth_to_local = RULE:[1:$1]s/x*/-/g");
	struct error err = {0};
	struct principal client = name_of("axb@A", &storage);
	enum status status = krb5_conf_local_name(conf, &client, &found, &err);
	expect("-a--b-", status, &found, "s/x*/-/g", "axb");
}

static const struct malformed {
	const char *rule, *telling;
} malformed[] = {
	{"RULES:[1:$1]", "expected is RULE:... or DEFAULT, found \"RULES:[1:$1]\""},
	{"rule:[1:$1]", "expected is RULE:... or DEFAULT"},
	{"default", "expected is RULE:... or DEFAULT"},
	{"DEFAULTS", "expected is RULE:... or DEFAULT"},
	{"DB:/etc/x", "expected is RULE:... or DEFAULT"},
	{"RULE:[1:$1", "expected is a ']' at the end of [n:string], found \"[1:$1\""},
	{"RULE:[1$1]", "expected is [n:string] with n from 1 to 16"},
	{"RULE:[:$1]", "expected is [n:string] with n from 1 to 16"},
	{"RULE:[0:$1]", "expected is [n:string] with n from 1 to 16"},
	{"RULE:[17:$1]", "expected is [n:string] with n from 1 to 16"},
	{"RULE:[111:$1]", "expected is [n:string] with n from 1 to 16"},
	{"RULE:[-1:$1]", "expected is [n:string] with n from 1 to 16"},
	{"RULE:[1:$2]", "a number from 0 to n, which is 1"},
	{"RULE:[1:$]", "a number from 0 to n, which is 1"},
	{"RULE:[1:$x]", "a number from 0 to n, which is 1"},
	{"RULE:[1:$001]", "a number from 0 to n, which is 1"},
	{"RULE:[1:$1](a", "expected is a ')' at the end of the expression, found \"(a\""},
	{"RULE:[1:$1](a(b)c)", "the expression \"a(b\" cannot be used: "},
	{"RULE:[1:$1]([)", "the expression \"[\" cannot be used: "},
	{"RULE:[1:$1](*{)", "cannot be used: "},
	{"RULE:[1:$1](a)b", "expected is s/expression/text/ or the rule's end, found \"b\""},
	{"RULE:[1:$1]s/a/b", "expected is s/expression/text/ with three slashes, found \"s/a/b\""},
	{"RULE:[1:$1]s/a", "with three slashes"},
	{"RULE:[1:$1]s/[/b/", "the expression \"[\" cannot be used: "},
	{"RULE:[1:$1]s,a,b,", "or the rule's end, found \"s,a,b,\""},
	{"RULE:[1:$1]s/a/b/x", "or the rule's end, found \"x\""},
	{"RULE:[1:$1]s/a/b/gg", "or the rule's end, found \"g\""},
	{"RULE:[1:$1](.*\\1)", "it refers back to what it matched"},
	{"RULE:[1:$1]s/(a)\\1/b/", "it refers back to what it matched"},
	{"RULE:[1:$1](a{1001})", "it repeats too much"},
	{"RULE:[1:$1](a{1,99999999999})", "it repeats too much"},
	{"RULE:[1:$1](a{4294967297})", "it repeats too much"},
	{"RULE:[1:$1](a{32}{32})", "it repeats too much"},
	{"RULE:[1:$1](a++++++++++)", "it repeats too much"},
	{"RULE:[1:$1]([a]++++++++++)", "it repeats too much"},
	{"RULE:[1:$1](a**********)", "it repeats too much"},
	{"RULE:[1:$1](a?\?\?\?\?\?\?\?\?\?)", "it repeats too much"},
	{"RULE:[1:$1]s/((a{2,7}){6,7}){21}/b/", "it repeats too much"},
	{"RULE:[1:$1]s/((((((((((a)+)+)+)+)+)+)+)+)+)+/b/", "it repeats too much"},
	{"RULE:[1:$1]s/(a{500})(b{500})/c/", "it repeats too much"},
	{"RULE:[1:$1]/L", "/L is not for krb5.conf's auth_to_local, since libkrb5"},
	{"RULE:[1:$1]s/a/b//L", "/L is not for krb5.conf's"},
	{"RULE:[1:$1]s/a/b/L", "/L is not for krb5.conf's"},
	{"RULE:[1:$1]s/a/b/g/L", "/L is not for krb5.conf's"},
	{"RULE:L", "or the rule's end, found \"L\""},
};

/* Not of the snapshot, which serves all who want no local names. */
static void a_malformed_rule_is_a_fault_with_file_and_line(void **state UNUSED)
{
	AUTO_BUFFER storage = {0};
	struct principal client = name_of("alice@A", &storage);
	for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
		char lines[200];
		AUTO_BUFFER found = {0};
		struct error err = {0};
		snprintf(lines, sizeof lines, "auth_to_local = DEFAULT\nauth_to_local = %s",
			malformed[i].rule);
		AUTO_KRB5_CONF conf = conf_of(lines);
		if (krb5_conf_check_local_rules(conf, &err) != ERR_SYNTAX)
			fail_msg("taken: %s", malformed[i].rule);
		assert_in(err.text, "krb5.conf:7: auth_to_local = ");
		assert_in(err.text, malformed[i].telling);
		err = (struct error){0};
		assert_int_equal(krb5_conf_local_name(conf, &client, &found, &err), ERR_SYNTAX);
		assert_in(err.text, malformed[i].telling);
	}
}

/* ---- the option's, which are one text ---- */

static enum status get(const char *text, struct local_rules **rules, struct error *err)
{
	*err = (struct error){0};
	enum status status = local_rules_get(text, rules, err);
	assert_true((status == STATUS_OK) == (*rules != NULL));
	return status;
}

static void refuse(const char *text, const char *telling)
{
	struct local_rules *rules;
	struct error err;
	if (get(text, &rules, &err) != ERR_SYNTAX)
		fail_msg("taken: %s", text);
	assert_in(err.text, telling);
}

static void give(const char *text, const char *principal, const char *name)
{
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER found = {0};
	struct local_rules *rules;
	struct error err;
	struct principal client = name_of(principal, &storage);
	if (get(text, &rules, &err))
		fail_msg("%s", err.text);
	enum status status = local_rules_apply(rules, &client, "A", &found, &err);
	expect(name, status, &found, text, principal);
	local_rules_release(rules);
}

static void limits_are_kept(void **state UNUSED)
{
	char rule[1200], name[1000];
	snprintf(rule, sizeof rule, "RULE:[1:$1](%0250d)", 1);
	give(rule, "a@A", NULL);
	snprintf(rule, sizeof rule, "RULE:[1:$1](%0251d)", 1);
	refuse(rule, "it is too long");
	snprintf(rule, sizeof rule, "RULE:[1:%0991d]", 1);
	snprintf(name, sizeof name, "%0991d", 1);
	give(rule, "a@A", name);
	snprintf(rule, sizeof rule, "RULE:[1:%0992d]", 1);
	refuse(rule, "rule 1: a rule has at most 1000 octets and no NUL, this one has 1001");
	give("RULE:[1:$1](a{999})", "a@A", NULL);
	give("RULE:[1:$1]([]{9999}]*[^]{9999}]*\\{9999+[[:alpha:]{9999}]+)", "a@A", NULL);
	give("RULE:[1:$1](a+b+c+d+e+f+g+h+i+j+k+l+m+)", "abcdefghijklm@A", "abcdefghijklm");
	give("RULE:[1:$1]s/((a)(b+)*(c?)|d)+$/x/", "zabbb@A", "zx");
}

static void a_list_is_not_too_long(void **state UNUSED)
{
	char text[101 * 8 + 1] = "";
	for (int i = 0; i < 100; i++)
		strcat(text, "RULE:x ");
	refuse(text, "rule 1: expected is s/expression/text/ or the rule's end");
	text[0] = '\0';
	for (int i = 0; i < 100; i++)
		strcat(text, "DEFAULT ");
	give(text, "a@A", "a");
	strcat(text, "DEFAULT");
	refuse(text, "rule 101: more than 100 rules");
	text[0] = '\0';
	strcat(text, "RULE:");
	for (int i = 0; i < 20; i++)
		strcat(text, "s/a/a/");
	give(text, "a@A", "a");
	strcat(text, "s/a/a/");
	refuse(text, "rule 1: more than 20 substitutions");
}

static void blanks_part_rules(void **state UNUSED)
{
	give("RULE:[2:$1] DEFAULT", "a@A", "a");
	give("RULE:[2:$1]\tRULE:[1:x]", "a@A", "x");
	give("  RULE:[1:$1] s/a/b/  s/b/c/ \n DEFAULT ", "a@A", "c");
	give("RULE:[1:$1 DEFAULTER]", "a@A", "a DEFAULTER");
	refuse("RULE:[1:$1 DEFAULT ]", "rule 1: expected is a ']'");
	refuse("", "expected is RULE:... or DEFAULT, found none");
	refuse(" \n", "expected is RULE:... or DEFAULT, found none");
	refuse("DEFAULT, DEFAULT", "rule 1: expected is RULE:... or DEFAULT, found \"DEFAULT,\"");
	refuse("DEFAULT RULE:[1:x](", "rule 2: expected is a ')'");
}

static void the_first_rule_that_fits_counts(void **state UNUSED)
{
	const char *rules = "RULE:[1:$1@$0](.*@B)s/@.*// RULE:[2:$2] DEFAULT";
	give(rules, "alice@B", "alice");
	give(rules, "alice/admin@B", "admin");
	give(rules, "alice@A", "alice");
	give(rules, "alice@C", NULL);
}

static void a_rule_may_make_letters_small(void **state UNUSED)
{
	give("RULE:[1:$1]/L", "ALICE@A", "alice");
	give("RULE:[1:$1@$0](.*@AD)s/@.*///L", "ALICE@AD", "alice");
	give("RULE:[1:$1]s/A/O/L", "ALICE@A", "olice");
	give("RULE:[1:$1]s/A/O/g/L", "ALICEA@A", "oliceo");
	give("RULE:[1:$1]s/A/O/gL", "ALICEA@A", "oliceo");
	give("RULE:[1:$1](A.*)/L", "ALICE@A", "alice");
	/* Of ASCII alone, whatever the program's locale is. */
	give("RULE:[1:$1]/L", "\303\204Z@A", "\303\204z");
	refuse("RULE:[1:$1]/L/L", "found \"/L/L\"");
	refuse("RULE:[1:$1]/U", "found \"/U\"");
	refuse("DEFAULT/L", "expected is RULE:... or DEFAULT");
}

static void what_grows_without_end_is_refused(void **state UNUSED)
{
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER found = {0};
	struct local_rules *rules;
	struct error err;
	struct principal client = name_of("aaaaaaaa@A", &storage);
	assert_int_equal(
		get("RULE:[1:$1]s/a/aaaaaaaa/gs/a/aaaaaaaa/gs/a/aaaaaaaa/g DEFAULT", &rules, &err),
		STATUS_OK);
	assert_int_equal(local_rules_apply(rules, &client, "A", &found, &err), ERR_TOO_LONG);
	assert_in(err.text, "makes more than 1024 octets");
	local_rules_release(rules);
}

/* Where regexec() ends is not where the name does. */
static void a_nul_fits_no_expression(void **state UNUSED)
{
	AUTO_BUFFER found = {0};
	struct local_rules *rules;
	struct error err;
	const struct principal client = {
		.count = 1, .component = {SLICE_LITERAL("root\0x")}, .realm = SLICE_LITERAL("A")};
	assert_int_equal(get("RULE:[1:$1](root) RULE:", &rules, &err), STATUS_OK);
	assert_int_equal(local_rules_apply(rules, &client, "A", &found, &err), ERR_NOT_FOUND);
	local_rules_release(rules);
	AUTO_KRB5_CONF conf = conf_of("auth_to_local_names = {\nroot = root\n}\n"
				      "auth_to_local = RULE:[1:$1](root)");
	assert_int_equal(krb5_conf_local_name(conf, &client, &found, &err), ERR_NOT_FOUND);
}

static void a_text_is_compiled_once(void **state UNUSED)
{
	struct local_rules *first, *second, *other;
	struct error err;
	assert_int_equal(get("RULE:[1:x]", &first, &err), STATUS_OK);
	assert_int_equal(get("RULE:[1:x]", &second, &err), STATUS_OK);
	assert_ptr_equal(first, second);
	assert_int_equal(get("RULE:[1:y]", &other, &err), STATUS_OK);
	assert_ptr_not_equal(first, other);
	local_rules_release(second);
	give("RULE:[1:x]", "a@A", "x");
	local_rules_release(first);
	local_rules_release(other);
	local_rules_forget();
}

static void modules_of_libkrb5_are_seen(void **state UNUSED)
{
	AUTO_KRB5_CONF none = PARSED("[plugins]\nlocalauth = {\ndisable = k5login\n}\n");
	assert_null(krb5_conf_localauth_module(none));
	AUTO_KRB5_CONF sssd = PARSED("[plugins]\nlocalauth = {\nmodule = sssd:/usr/lib/x.so\n}\n");
	assert_value(krb5_conf_localauth_module(sssd), "sssd:/usr/lib/x.so");
}

static int forget(void **state UNUSED)
{
	local_rules_forget();
	crypto_close();
	return 0;
}

SUITE(test_local_rules)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case_gives_its_name),
		cmocka_unit_test(without_a_default_realm_nobody_has_a_name),
		cmocka_unit_test(a_match_of_nothing_is_replaced_once_at_each_place),
		cmocka_unit_test(a_malformed_rule_is_a_fault_with_file_and_line),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(a_list_is_not_too_long),
		cmocka_unit_test(blanks_part_rules),
		cmocka_unit_test(the_first_rule_that_fits_counts),
		cmocka_unit_test(a_rule_may_make_letters_small),
		cmocka_unit_test(what_grows_without_end_is_refused),
		cmocka_unit_test(a_nul_fits_no_expression),
		cmocka_unit_test(a_text_is_compiled_once),
		cmocka_unit_test(modules_of_libkrb5_are_seen),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, forget);
}

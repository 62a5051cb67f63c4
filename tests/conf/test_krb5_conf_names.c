/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of keytab, credential cache and replay cache, and the tokens in them. */
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/path_tokens.h"
#include "tests/support/krb5_conf_environment.h"

static void assert_expands(const char *text, const char *expected)
{
	AUTO_BUFFER out = {0};
	struct error err = {0};
	if (path_tokens_expand(text, &out, &err))
		fail_msg("refused: %s", err.text);
	assert_int_equal(out.len, strlen(expected));
	assert_string_equal((char *)out.data, expected);
}

static void assert_does_not_expand(const char *text, const char *sentence)
{
	AUTO_BUFFER out = {0};
	struct error err = {0};
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("before")), STATUS_OK);
	assert_int_equal(path_tokens_expand(text, &out, &err), ERR_SYNTAX);
	assert_int_equal(out.len, 0);
	if (!strstr(err.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", err.text, sentence);
}

static void tokens_are_expanded(void **state UNUSED)
{
	char uid[100], euid[100], name[100];
	snprintf(uid, sizeof uid, "FILE:/a_%lu_b_%lu", (unsigned long)getuid(),
		(unsigned long)getuid());
	snprintf(euid, sizeof euid, "%lu", (unsigned long)geteuid());
	snprintf(name, sizeof name, "/home/%s", getpwuid(geteuid())->pw_name);
	assert_expands("FILE:/a_%{uid}_b_%{USERID}", uid);
	assert_expands("%{euid}", euid);
	assert_expands("/home/%{username}", name);
	assert_expands("a%{null}b", "ab");
	assert_expands("%{TEMP}/x", "/tmp/x");
	assert_expands("", "");
	assert_expands("100% {uid} %u %", "100% {uid} %u %");
}

static void assert_named_after(const char *principal, const char *expected)
{
	AUTO_BUFFER storage = {0}, out = {0};
	struct principal p;
	struct error err = {0};
	assert_int_equal(principal_parse(slice_string(principal), &p, &storage, &err), STATUS_OK);
	assert_int_equal(path_tokens_expand_for("/x/%{principal}.cc", &p, &out, &err), STATUS_OK);
	assert_string_equal((char *)out.data, expected);
}

static void no_principal_leaves_its_folder(void **state UNUSED)
{
	assert_named_after("alice@EXAMPLE.TEST", "/x/alice@EXAMPLE.TEST.cc");
	assert_named_after("imap/a-b_c.test@R", "/x/imap%2Fa-b_c.test@R.cc");
	assert_named_after("..\\/..\\/etc@R", "/x/..%5C%2F..%5C%2Fetc@R.cc");
	assert_named_after("../../etc@R", "/x/..%2F..%2Fetc@R.cc");
	assert_named_after("a:b%2Fc d@R", "/x/a%3Ab%252Fc%20d@R.cc");
	assert_named_after("a\\@b@R", "/x/a%5C@b@R.cc");
	assert_named_after("J\xc3\xbcrg@R", "/x/J%C3%BCrg@R.cc");
	assert_does_not_expand("/x/%{principal}", "%{principal} is not known here");
}

static void temp_is_tmpdir_but_not_in_set_uid_programs(void **state UNUSED)
{
	setenv("TMPDIR", "/var/tmp", 1);
	assert_expands("%{TEMP}/x", "/var/tmp/x");
	is_set_uid = true;
	assert_expands("%{TEMP}/x", "/tmp/x");
}

static void unknown_tokens_are_refused(void **state UNUSED)
{
	assert_does_not_expand("/x/%{LIBDIR}", "%{LIBDIR} is not known; expected %{uid}");
	assert_does_not_expand("%{u}", "%{u} is not known");
	assert_does_not_expand("%{}", "%{} is not known");
	assert_does_not_expand("%{UID}", "%{UID} is not known");
	assert_does_not_expand("/x/%{uid", "\"%{uid\" has no closing brace");
}

static void long_names_are_refused(void **state UNUSED)
{
	char text[PATH_NAME_MAX + 20];
	memset(text, 'a', sizeof text);
	text[PATH_NAME_MAX] = '\0';
	assert_expands(text, text);
	text[PATH_NAME_MAX] = 'a';
	text[PATH_NAME_MAX + 1] = '\0';
	assert_does_not_expand(text, "a name of more than 4096 octets");
	memcpy(text, "%{null}", 7);
	assert_expands(text, text + 7);
}

typedef enum status name_function(
	const struct krb5_conf *conf, struct buffer *out, struct error *err);

static void assert_name(name_function *name, const struct krb5_conf *conf, const char *expected)
{
	AUTO_BUFFER out = {0};
	struct error err = {0};
	if (name(conf, &out, &err))
		fail_msg("refused: %s", err.text);
	assert_int_equal(out.len, strlen(expected));
	assert_string_equal((char *)out.data, expected);
}

static void assert_no_name(
	name_function *name, const struct krb5_conf *conf, enum status status, const char *sentence)
{
	AUTO_BUFFER out = {0};
	struct error err = {0};
	assert_int_equal(name(conf, &out, &err), status);
	assert_int_equal(out.len, 0);
	if (strncmp(err.text, sentence, strlen(sentence)) != 0)
		fail_msg("\"%s\" does not begin with \"%s\"", err.text, sentence);
}

static void names_have_defaults(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("");
	char ccache[60];
	snprintf(ccache, sizeof ccache, "FILE:/tmp/krb5cc_%lu", (unsigned long)geteuid());
	assert_name(krb5_conf_keytab_name, conf, "FILE:/etc/krb5.keytab");
	assert_name(krb5_conf_ccache_name, conf, ccache);
}

static void names_come_from_the_file(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_keytab_name = /x%{null}/kt\n"
				     "default_ccache_name = DIR:/x/%{null}cc\n");
	assert_name(krb5_conf_keytab_name, conf, "/x/kt");
	assert_name(krb5_conf_ccache_name, conf, "DIR:/x/cc");
}

static void environment_goes_before_the_file(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_keytab_name = /x/kt\n"
				     "default_ccache_name = /x/cc\n");
	setenv("KRB5_KTNAME", "/y/%{uid}kt", 1);
	setenv("KRB5CCNAME", "KEYRING:y", 1);
	assert_name(krb5_conf_keytab_name, conf, "/y/%{uid}kt");
	assert_name(krb5_conf_ccache_name, conf, "KEYRING:y");
	setenv("KRB5_KTNAME", "", 1);
	setenv("KRB5CCNAME", "", 1);
	assert_name(krb5_conf_keytab_name, conf, "/x/kt");
	assert_name(krb5_conf_ccache_name, conf, "/x/cc");
}

static void environment_is_ignored_in_set_uid_programs(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_keytab_name = /x/kt\n"
				     "default_ccache_name = /x/cc\n");
	setenv("KRB5_KTNAME", "/y/kt", 1);
	setenv("KRB5CCNAME", "/y/cc", 1);
	is_set_uid = true;
	assert_name(krb5_conf_keytab_name, conf, "/x/kt");
	assert_name(krb5_conf_ccache_name, conf, "/x/cc");
}

static void faulty_name_fails_for_who_asks(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_keytab_name = /x/kt\n"
				     "default_ccache_name = %{LIBDIR}/cc\n");
	assert_name(krb5_conf_keytab_name, conf, "/x/kt");
	assert_no_name(krb5_conf_ccache_name, conf, ERR_SYNTAX,
		"krb5.conf:3: [libdefaults] default_ccache_name: %{LIBDIR} is not known");
}

static void over_long_environment_is_refused(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("");
	char name[PATH_NAME_MAX + 2];
	memset(name, 'a', sizeof name);
	name[sizeof name - 1] = '\0';
	setenv("KRB5_KTNAME", name, 1);
	assert_no_name(krb5_conf_keytab_name, conf, ERR_SYNTAX,
		"KRB5_KTNAME: a name of more than 4096 octets");
}

/* Another user than the one for whom the name was expanded when the file was read. */
static void name_follows_a_change_of_user(void **state UNUSED)
{
	if (geteuid() != 0)
		return;
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_ccache_name = /x/%{euid}\n");
	assert_name(krb5_conf_ccache_name, conf, "/x/0");
	assert_int_equal(seteuid(65534), 0);
	AUTO_BUFFER out = {0};
	enum status status = krb5_conf_ccache_name(conf, &out, &(struct error){0});
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(status, STATUS_OK);
	assert_string_equal((char *)out.data, "/x/65534");
}

static void user_without_a_name_is_refused(void **state UNUSED)
{
	if (geteuid() != 0)
		return;
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_keytab_name = /x/%{username}\n");
	assert_int_equal(seteuid(4242424), 0);
	AUTO_BUFFER out = {0};
	struct error err = {0};
	enum status status = krb5_conf_keytab_name(conf, &out, &err);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(status, ERR_FILE);
	assert_string_equal(err.text, "krb5.conf:2: [libdefaults] default_keytab_name: "
				      "%{username}: the system knows no name for user id 4242424");
}

static void replay_cache_is_the_default_one(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("");
	assert_name(krb5_conf_replay_cache_name, conf, "dfl:");
	setenv("KRB5RCACHENAME", "", 1);
	setenv("KRB5RCACHETYPE", "", 1);
	assert_name(krb5_conf_replay_cache_name, conf, "dfl:");
}

static void replay_cache_comes_from_the_file(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_rcache_name = file2:/x%{null}/rc\n");
	assert_name(krb5_conf_replay_cache_name, conf, "file2:/x/rc");
}

static void replay_cache_goes_by_name_type_and_file(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_rcache_name = file2:/x/rc\n");
	setenv("KRB5RCACHETYPE", "none", 1);
	assert_name(krb5_conf_replay_cache_name, conf, "none:");
	setenv("KRB5RCACHENAME", "file2:/y/%{uid}", 1);
	assert_name(krb5_conf_replay_cache_name, conf, "file2:/y/%{uid}");
	is_set_uid = true;
	assert_name(krb5_conf_replay_cache_name, conf, "file2:/x/rc");
}

static void faulty_replay_cache_name_says_where_it_is_from(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_rcache_name = file2:%{LIBDIR}/rc\n");
	char name[PATH_NAME_MAX + 2];
	memset(name, 'a', sizeof name);
	name[sizeof name - 1] = '\0';
	assert_no_name(krb5_conf_replay_cache_name, conf, ERR_SYNTAX,
		"krb5.conf:2: [libdefaults] default_rcache_name: %{LIBDIR} is not known");
	setenv("KRB5RCACHETYPE", name, 1);
	assert_no_name(krb5_conf_replay_cache_name, conf, ERR_SYNTAX,
		"KRB5RCACHETYPE: a name of more than 4096 octets");
	setenv("KRB5RCACHENAME", name, 1);
	assert_no_name(krb5_conf_replay_cache_name, conf, ERR_SYNTAX,
		"KRB5RCACHENAME: a name of more than 4096 octets");
}

#define IN_ENVIRONMENT(test)                                                                       \
	cmocka_unit_test_setup_teardown(test, clear_environment, clear_environment)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ENVIRONMENT(tokens_are_expanded),
		IN_ENVIRONMENT(no_principal_leaves_its_folder),
		IN_ENVIRONMENT(temp_is_tmpdir_but_not_in_set_uid_programs),
		IN_ENVIRONMENT(unknown_tokens_are_refused),
		IN_ENVIRONMENT(long_names_are_refused),
		IN_ENVIRONMENT(names_have_defaults),
		IN_ENVIRONMENT(names_come_from_the_file),
		IN_ENVIRONMENT(environment_goes_before_the_file),
		IN_ENVIRONMENT(environment_is_ignored_in_set_uid_programs),
		IN_ENVIRONMENT(faulty_name_fails_for_who_asks),
		IN_ENVIRONMENT(over_long_environment_is_refused),
		IN_ENVIRONMENT(name_follows_a_change_of_user),
		IN_ENVIRONMENT(user_without_a_name_is_refused),
		IN_ENVIRONMENT(replay_cache_is_the_default_one),
		IN_ENVIRONMENT(replay_cache_comes_from_the_file),
		IN_ENVIRONMENT(replay_cache_goes_by_name_type_and_file),
		IN_ENVIRONMENT(faulty_replay_cache_name_says_where_it_is_from),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Logins under local names: kerberos5_names, kerberos5_auth_to_local,
 * kerberos5_realms and krb5.conf's auth_to_local.
 */
#include <stdio.h>
#include <string.h>

#include "conf/local_rules.h"
#include "mech/login_name.h"
#include "tests/support/login_fixture.h"
#include "tests/support/suite.h"

#define DEFAULT_REALM "[libdefaults]\n\tdefault_realm = " REALM_NAME "\n"
#define RULES                                                                                      \
	"[realms]\n\t" REALM_NAME " = {\n\t\tauth_to_local_names = {\n\t\t\talice = al\n\t\t}\n"   \
	"\t\tauth_to_local = RULE:[1:$1@$0](.*@OTHER.TEST)s/@.*/-other/\n"                         \
	"\t\tauth_to_local = RULE:[2:$1;$2](.*;admin)s/;.*/-admin/\n\t}\n"

/* The last one needs MD5. */
static const char *const mechanisms[] = {"GSSAPI", "KERBEROS_V5", "GS2-KRB5"};
#define MECHANISM_COUNT (md5_is_offered() ? 3u : 2u)

struct server_options {
	const char *names, *rules, *realms;
};

/* Logs in by each mechanism; `name` is the server's, or NULL if it refuses for `why`. */
static void expect(struct server_options options, const char *name, const char *why)
{
	for (unsigned i = 0; i < MECHANISM_COUNT; i++) {
		const char *const properties[] = {"krb5PrincipalName", NULL};
		struct pair_setup how = {
			.mechanism = mechanisms[i], .server.properties = properties};
		const char *(*option)[2] = how.server.option;
		memcpy(option++, (const char *[]){"log_level", "5"}, sizeof *option);
		if (options.names)
			memcpy(option++, (const char *[]){"kerberos5_names", options.names},
				sizeof *option);
		if (options.rules)
			memcpy(option++, (const char *[]){"kerberos5_auth_to_local", options.rules},
				sizeof *option);
		if (options.realms)
			memcpy(option++, (const char *[]){"kerberos5_realms", options.realms},
				sizeof *option);
		struct pair pair;
		pair_open(&pair, &how);
		bool succeeds = pair_run(&pair);
		if (succeeds != (name != NULL))
			fail_msg("%s: %s; %s", mechanisms[i], peer_detail(&pair.client),
				peer_log(&pair.server));
		if (name)
			assert_string_equal(peer_string(&pair.server, SASL_USERNAME), name);
		else
			assert_int_not_equal(pair.server.result, SASL_OK);
		if (why)
			expect_in("the server", peer_log(&pair.server), why);
		pair_close(&pair);
	}
}

static void issue(const char *client)
{
	remove(realm_path("keytab"));
	realm_issue(&(struct realm_ticket){.client = client});
}

static void nobody_is_mapped_unless_it_is_asked_for(void **state UNUSED)
{
	configure(DEFAULT_REALM RULES);
	expect((struct server_options){NULL, NULL, NULL}, "alice", NULL);
	expect((struct server_options){"principal", NULL, NULL}, "alice", NULL);
	expect((struct server_options){NULL, "RULE:[1:x]", NULL}, "alice",
		"kerberos5_auth_to_local is set and not used");
}

static void krb5_conf_maps(void **state UNUSED)
{
	configure(DEFAULT_REALM RULES);
	expect((struct server_options){"local", NULL, NULL}, "al",
		"alice@EXAMPLE.TEST authenticated to " REALM_SERVER " as \"al\"");
	expect((struct server_options){"local-or-principal", NULL, NULL}, "al", NULL);
	issue("bob@OTHER.TEST");
	expect((struct server_options){"local", NULL, NULL}, "bob-other", NULL);
	issue("root/admin@THIRD.TEST");
	expect((struct server_options){"local", NULL, NULL}, "root-admin", NULL);
}

static void who_has_no_local_name_is_refused_or_a_principal(void **state UNUSED)
{
	configure(DEFAULT_REALM RULES);
	issue("bob@EXAMPLE.TEST");
	expect((struct server_options){"local", NULL, NULL}, NULL,
		"(bob@EXAMPLE.TEST): bob@EXAMPLE.TEST has no local name, and nobody else logs in "
		"here (kerberos5_names is local): no rule for local names fits bob@EXAMPLE.TEST");
	expect((struct server_options){"local-or-principal", NULL, NULL}, "bob", NULL);
	issue("bob@THIRD.TEST");
	expect((struct server_options){"local", NULL, NULL}, NULL, "has no local name");
	expect((struct server_options){"local-or-principal", NULL, NULL}, "bob@THIRD.TEST", NULL);
}

static void without_rules_the_default_realm_is_local(void **state UNUSED)
{
	expect((struct server_options){"local", NULL, NULL}, "alice", NULL);
	issue("alice@OTHER.TEST");
	expect((struct server_options){"local", NULL, NULL}, NULL, "has no local name");
	issue("alice/admin@EXAMPLE.TEST");
	expect((struct server_options){"local", NULL, NULL}, NULL, "has no local name");
	configure("[libdefaults]\n");
	issue("alice@EXAMPLE.TEST");
	expect((struct server_options){"local", NULL, NULL}, NULL,
		"krb5.conf has no default_realm");
}

static void the_option_goes_first(void **state UNUSED)
{
	configure(DEFAULT_REALM RULES);
	expect((struct server_options){"local", "RULE:[1:$1@$0](.*)s/@.*//g RULE:[2:x]", NULL},
		"alice", NULL);
	expect((struct server_options){"local", "RULE:[2:x]", NULL}, "al", NULL);
	issue("ALICE@OTHER.TEST");
	expect((struct server_options){"local", "RULE:[1:$1@$0](A.*@OTHER\\.TEST)s/@.*///L", NULL},
		"alice", NULL);
	configure(DEFAULT_REALM RULES "[appdefaults]\n\tkerberos5_names = local\n\ttest = {\n"
				      "\t\tkerberos5_auth_to_local = RULE:[1:$1]/L\n\t}\n");
	expect((struct server_options){NULL, NULL, NULL}, "alice", NULL);
}

static void a_rule_that_does_not_compile_is_a_fault(void **state UNUSED)
{
	struct pair pair;
	struct pair_setup how = {.mechanism = "GSSAPI",
		.server.option = {{"kerberos5_names", "local"},
			{"kerberos5_auth_to_local", "DEFAULT RULE:[1:$2]"}}};
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	expect_in("the server", peer_log(&pair.server),
		"not offered: option kerberos5_auth_to_local: rule 2: in the string of [n:string]");
	pair_close(&pair);
	configure(DEFAULT_REALM "[realms]\n\t" REALM_NAME
				" = {\n\t\tauth_to_local = RULE:[1:$1](\n\t}\n");
	how = (struct pair_setup){
		.mechanism = "GSSAPI", .server.option = {{"kerberos5_names", "local"}}};
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	expect_in("the server", peer_log(&pair.server),
		"krb5.conf:5: auth_to_local = RULE:[1:$1](: expected is a ')'");
	pair_close(&pair);
	/* Who wants no local names has no fault. */
	expect((struct server_options){NULL, NULL, NULL}, "alice", NULL);
}

static void a_local_name_has_to_be_one(void **state UNUSED)
{
	static const char *const rules[] = {"RULE:[1:]", "RULE:[1: $1]", "RULE:[1:$1 ]",
		"RULE:[1:\342\200\256$1]", "RULE:[1:\377]", "RULE:[1:x\001y]"};
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		expect((struct server_options){"local-or-principal", rules[i], NULL}, NULL,
			"that a rule makes of alice@EXAMPLE.TEST has ");
	expect((struct server_options){"local", "RULE:[1:$1@$0]", NULL}, "alice@EXAMPLE.TEST",
		NULL);
}

/* ---- names that no client of ours would send ---- */

static int no_option(void *context UNUSED, const char *plugin UNUSED, const char *name UNUSED,
	const char **value UNUSED, unsigned *len UNUSED)
{
	return SASL_FAIL;
}

/* What the ticket says is judged before any rule sees it. */
static void no_rule_mends_a_name(void **state UNUSED)
{
	static const char *const clients[] = {
		"a\\@b@A", "a\\/b@A", " a@A", "a\001@A", "\\0@A", "a@ A"};
	const sasl_utils_t utils = {.getopt = no_option};
	struct error err;
	struct acceptor acceptor = {.names = NAMES_LOCAL};
	assert_int_equal(local_rules_get("RULE:[1:x]", &acceptor.local_rules, &err), STATUS_OK);
	assert_int_equal(krb5_conf_parse(SLICE_EMPTY, &acceptor.conf, &err), STATUS_OK);
	acceptor.options = (struct option_source){&utils, "GSSAPI", "test", acceptor.conf};
	for (size_t i = 0; i <= sizeof clients / sizeof *clients; i++) {
		AUTO_BUFFER storage = {0};
		AUTO_BUFFER name = {0};
		struct ap_context *context = ap_context_new();
		const char *client = i > 0 ? clients[i - 1] : "alice@A";
		assert_int_equal(
			principal_parse(slice_string(client), &context->client, &storage, &err),
			STATUS_OK);
		enum status status = login_name_of(&acceptor, context, &name, &err);
		assert_int_equal(status, i > 0 ? ERR_SYNTAX : STATUS_OK);
		if (i > 0)
			expect_in("the sentence", err.text, "since it could pass for another");
		ap_context_free(context);
	}
	local_rules_release(acceptor.local_rules);
	krb5_conf_release(acceptor.conf);
}

static void realms_may_be_listed(void **state UNUSED)
{
	expect((struct server_options){NULL, NULL, "EXAMPLE.TEST"}, "alice", NULL);
	expect((struct server_options){NULL, NULL, "OTHER.TEST, EXAMPLE.TEST"}, "alice", NULL);
	expect((struct server_options){NULL, NULL, "OTHER.TEST"}, NULL,
		"clients of realm EXAMPLE.TEST do not log in here: kerberos5_realms has "
		"\"OTHER.TEST\"");
	expect((struct server_options){NULL, NULL, "example.test XEXAMPLE.TEST EXAMPLE"}, NULL,
		"do not log in here");
	issue("bob@OTHER.TEST");
	expect((struct server_options){"local", "RULE:[1:$1]", "EXAMPLE.TEST"}, NULL,
		"clients of realm OTHER.TEST do not log in here");
	expect((struct server_options){"local", "RULE:[1:$1]", "EXAMPLE.TEST,OTHER.TEST"}, "bob",
		NULL);
	configure(DEFAULT_REALM "[appdefaults]\n\tkerberos5_realms = EXAMPLE.TEST\n");
	expect((struct server_options){NULL, NULL, NULL}, NULL, "do not log in here");
}

static void a_module_for_local_names_is_told_of(void **state UNUSED)
{
	configure(DEFAULT_REALM "[plugins]\n\tlocalauth = {\n\t\tmodule = sssd:/x/y.so\n\t}\n");
	struct pair pair;
	const struct pair_setup how = {.mechanism = "GSSAPI",
		.server.option = {{"kerberos5_names", "local"}, {"log_level", "5"}}};
	for (int i = 0; i < 2; i++) {
		pair_open(&pair, &how);
		assert_true(pair_run(&pair));
		if (i == 0)
			expect_in("the server", peer_log(&pair.server),
				"a module for local names, sssd:/x/y.so, which cannot be loaded");
		else
			expect_not_in("the server", peer_log(&pair.server), "sssd");
		pair_close(&pair);
	}
	configure(DEFAULT_REALM "[plugins]\n\tlocalauth = {\n\t\tmodule = other:/x.so\n\t}\n");
	const struct pair_setup no_names = {
		.mechanism = "GSSAPI", .server.option = {{"log_level", "5"}}};
	pair_open(&pair, &no_names);
	assert_true(pair_run(&pair));
	expect_not_in("the server", peer_log(&pair.server), "other:/x.so");
	pair_close(&pair);
}

static int begin(void **state)
{
	pair_library_offer("GSSAPI KERBEROS_V5 GS2-KRB5");
	return login_setup(state);
}

static int end(void **state)
{
	pair_library_offer(NULL);
	return login_teardown(state);
}

SUITE(test_local_names)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(nobody_is_mapped_unless_it_is_asked_for),
		LOGIN_CASE(krb5_conf_maps),
		LOGIN_CASE(who_has_no_local_name_is_refused_or_a_principal),
		LOGIN_CASE(without_rules_the_default_realm_is_local),
		LOGIN_CASE(the_option_goes_first),
		LOGIN_CASE(a_rule_that_does_not_compile_is_a_fault),
		LOGIN_CASE(a_local_name_has_to_be_one),
		LOGIN_CASE(no_rule_mends_a_name),
		LOGIN_CASE(realms_may_be_listed),
		LOGIN_CASE(a_module_for_local_names_is_told_of),
	};
	return cmocka_run_group_tests(tests, begin, end);
}

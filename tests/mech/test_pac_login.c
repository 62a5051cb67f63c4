/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whole logins with tickets that have a PAC: what the options kerberos5_pac and
 * kerberos5_require_group make of it, and the properties.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/login_fixture.h"
#include "tests/support/pac_maker.h"
#include "tests/support/suite.h"

/* Which PAC the ticket has. */
enum kind { GOOD, NONE, OTHERS_KEY, BY_RC4, BROKEN, TWICE, OTHERS_TICKET, LIKE_MIT };

static struct {
	enum kind kind;
	struct mint_account account;
	struct buffer pac, storage[2];
} made;

static void add_pac(struct mint_ticket *ticket, unsigned i)
{
	NEW_ERROR(err);
	buffer_clear(&made.storage[i]);
	if (mint_authdata(&ticket->part.authorization_data, 128, buffer_slice(&made.pac),
		    AD_IF_RELEVANT, &made.storage[i], &err))
		fail_msg("%s", err.text);
}

/* What `kind` says; the ticket's client and time are the PAC's. */
static void with_pac(struct mint_ticket *ticket, void *arg UNUSED)
{
	AUTO_KEY key = NULL;
	NEW_ERROR(err);
	if (made.kind == NONE)
		return;
	if (made.kind != OTHERS_KEY)
		key = key_ref(ticket->key);
	else if (key_random(enctype_by_number(18, &err), &key, &err))
		fail_msg("%s", err.text);
	buffer_clear(&made.pac);
	made.account.authtime = ticket->part.authtime + (made.kind == OTHERS_TICKET);
	mint_account_pac(&made.account, key, &made.pac);
	if (made.kind == BY_RC4)
		memcpy(mint_pac_buffer(&made.pac, PAC_SERVER_SIGNATURE), "\x76\xff\xff\xff", 4);
	if (made.kind == BROKEN)
		made.pac.data[8 + 8]++; /* the first offset, no multiple of 8 then */
	add_pac(ticket, 0);
	if (made.kind == TWICE)
		add_pac(ticket, 1);
}

static void issue(enum kind kind, const char *client)
{
	made.kind = kind;
	made.account.has_no_logon_info = kind == LIKE_MIT;
	if (kind == LIKE_MIT)
		made.account.dns_domain = NULL;
	realm_issue(&(struct realm_ticket){.client = client, .change = with_pac});
}

static int start(void **state UNUSED)
{
	made.account = mint_account(0);
	return usual_realm(state);
}

static int finish(void **state UNUSED)
{
	buffer_free(&made.pac);
	buffer_free(&made.storage[0]);
	buffer_free(&made.storage[1]);
	return 0;
}

struct options {
	const char *pac;    /* NULL: not set */
	const char *groups; /* likewise */
};

static struct pair_setup setup_of(const char *mechanism, const struct options *options)
{
	struct pair_setup how = {.mechanism = mechanism, .server.option = {{"log_level", "3"}}};
	unsigned n = 1;
	if (options->pac) {
		how.server.option[n][0] = "kerberos5_pac";
		how.server.option[n++][1] = options->pac;
	}
	if (options->groups) {
		how.server.option[n][0] = "kerberos5_require_group";
		how.server.option[n++][1] = options->groups;
	}
	return how;
}

static const char *const mechanisms[] = {"KERBEROS_V5", "GSSAPI"};
static char server_log[4000];

/* Does it succeed, with each mechanism? */
static bool login(const struct options *options)
{
	bool succeeds[2];
	for (size_t i = 0; i < 2; i++) {
		const struct pair_setup how = setup_of(mechanisms[i], options);
		struct pair pair;
		pair_open(&pair, &how);
		succeeds[i] = pair_run(&pair);
		snprintf(server_log, sizeof server_log, "%s", peer_log(&pair.server));
		pair_close(&pair);
	}
	assert_int_equal(succeeds[0], succeeds[1]);
	return succeeds[0];
}

static void accepted(const struct options *options)
{
	if (!login(options))
		fail_msg("%s", server_log);
}

static void refused(const struct options *options, const char *reason)
{
	if (login(options))
		fail_msg("is accepted, expected: %s", reason);
	expect_in("the log", server_log, "login refused");
	expect_in("the log", server_log, reason);
}

static void each_value_with_each_pac(void **state UNUSED)
{
	static const char believed[] = "";
	static const struct {
		enum kind kind;
		/* What `check` and `required` refuse it for; NULL: accepted. */
		const char *check, *required;
		const char *warning; /* of `check` */
	} cases[] = {
		{GOOD, NULL, NULL, believed},
		{LIKE_MIT, NULL, NULL, believed},
		{NONE, NULL, "a PAC that verifies is required", believed},
		{OTHERS_KEY, NULL,
			"the ticket's PAC is not believed: its server signature does not",
			"its server signature does not match"},
		{BY_RC4, NULL, "the ticket's PAC is not believed: its server signature is HMAC-MD5",
			"its server signature is HMAC-MD5 (RC4)"},
		{BROKEN, "the ticket's PAC: the buffer of type 1 begins", "the ticket's PAC: the",
			NULL},
		{TWICE, "a PAC is there more than once", "a PAC is there more than once", NULL},
		{OTHERS_TICKET, "PAC_CLIENT_INFO: it is of a login", "PAC_CLIENT_INFO: it is of",
			NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		start(NULL);
		issue(cases[i].kind, NULL);
		for (unsigned set = 0; set < 2; set++) {
			const struct options check = {.pac = set ? "check" : NULL};
			if (cases[i].check) {
				refused(&check, cases[i].check);
				continue;
			}
			accepted(&check);
			if (cases[i].warning != believed) {
				expect_in("the log", server_log,
					"3 GSSAPI: the PAC in the ticket of alice@EXAMPLE.TEST is "
					"not believed and counts as absent: ");
				expect_in("the log", server_log, cases[i].warning);
			} else {
				expect_not_in("the log", server_log, "PAC");
			}
		}
		if (cases[i].required)
			refused(&(struct options){.pac = "required"}, cases[i].required);
		else
			accepted(&(struct options){.pac = "required"});
		accepted(&(struct options){.pac = "ignore"});
		expect_not_in("the log", server_log, "PAC");
	}
}

static void a_dollar_ticket_is_refused(void **state UNUSED)
{
	made.account.account = made.account.extended_account = "root$";
	made.account.upn = "root$@example.test";
	made.account.client = "root";
	issue(GOOD, "root@EXAMPLE.TEST");
	static const struct options all[] = {{NULL, NULL}, {"check", NULL}, {"required", NULL}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		refused(&all[i],
			"the ticket names root@EXAMPLE.TEST, and its PAC is of the account "
			"\"root$\"");
		expect_in("the log", server_log, "login refused (root@EXAMPLE.TEST): ");
	}
	accepted(&(struct options){.pac = "ignore"});
	/* The same without PAC, as a client may ask for: only this stops it. */
	issue(NONE, "root@EXAMPLE.TEST");
	accepted(&(struct options){.pac = "check"});
	refused(&(struct options){.pac = "required"}, "a PAC that verifies is required");
	/* Its own name is no dollar ticket. */
	made.account.client = "root$";
	issue(GOOD, "root$@EXAMPLE.TEST");
	accepted(&(struct options){.pac = "required"});
}

static void a_user_logs_in_by_upn_and_by_another_suffix(void **state UNUSED)
{
	made.account.upn = "a.smith@example.test";
	made.account.client = "a.smith";
	issue(GOOD, "a.smith@EXAMPLE.TEST");
	accepted(&(struct options){.pac = "required"});
	made.account.upn = "a.smith@corp.example";
	issue(GOOD, "a.smith@EXAMPLE.TEST");
	refused(&(struct options){.pac = "required"}, "(UPN \"a.smith@corp.example\")");
}

/* Of a realm that the domain trusts, and whose principals have accounts in it. */
static void a_mapped_principal_keeps_its_name(void **state UNUSED)
{
	made.account.client = "root";
	made.account.dns_domain = "AD.TEST";
	issue(GOOD, "root@EXAMPLE.TEST");
	accepted(&(struct options){.pac = "required", .groups = "S-1-5-21-1-2-3-513"});
}

static void groups_decide(void **state UNUSED)
{
	static const char *const good[] = {"S-1-5-21-1-2-3-513", "S-1-5-32-544 S-1-5-21-1-2-3-1300",
		"s-1-18-1", " S-1-5-32-544,S-1-5-32-545,,\tS-1-5-21-1-2-3-1200, "};
	issue(GOOD, NULL);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		accepted(&(struct options){.groups = good[i]});
	static const char in_none[] =
		"alice@EXAMPLE.TEST is in none of the groups that are required "
		"(kerberos5_require_group: S-1-5-32-544): ";
	refused(&(struct options){.groups = "S-1-5-32-544"}, in_none);
	expect_in("the log", server_log, "its PAC has others");
	issue(NONE, NULL);
	refused(&(struct options){.groups = "S-1-5-32-544"}, in_none);
	expect_in("the log", server_log, "the ticket has no PAC");
	issue(OTHERS_KEY, NULL);
	refused(&(struct options){.groups = "S-1-5-21-1-2-3-513"},
		"the ticket's PAC is not believed");
	issue(LIKE_MIT, NULL);
	refused(&(struct options){.groups = "S-1-5-32-544"}, in_none);
}

/* Nobody gets in by an option that is at fault. */
static void an_option_at_fault_ends_the_offer(void **state UNUSED)
{
	static const struct {
		struct options options;
		const char *reason;
	} cases[] = {
		{{"maybe", NULL}, "the server option kerberos5_pac is \"maybe\"; it can be check, "
				  "required or ignore"},
		{{NULL, "Domain Users"},
			"the server option kerberos5_require_group has \"Domain\"; "
			"it can have SIDs"},
		{{NULL, "S-1-5-32-544 512"},
			"the server option kerberos5_require_group has \"512\""},
		{{"ignore", "S-1-5-32-544"}, "kerberos5_require_group needs the PAC, and "
					     "kerberos5_pac is \"ignore\""},
	};
	issue(GOOD, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		pair_library_stop();
		pair_library_start();
		assert_false(login(&cases[i].options));
		expect_in("the log", server_log, "not offered: ");
		expect_in("the log", server_log, cases[i].reason);
	}
}

static void the_options_may_stand_in_krb5_conf(void **state UNUSED)
{
	const struct options not_set = {NULL, NULL};
	configure("[libdefaults]\n\tdefault_realm = " REALM_NAME "\n[appdefaults]\n\ttest = {\n"
		  "\t\tkerberos5_pac = required\n\t}\n");
	issue(NONE, NULL);
	refused(&not_set, "a PAC that verifies is required");
	configure("[libdefaults]\n\tdefault_realm = " REALM_NAME "\n[appdefaults]\n"
		  "\tkerberos5_require_group = S-1-5-32-544\n");
	issue(GOOD, NULL);
	refused(&not_set, "S-1-5-32-544");
	accepted(&(struct options){.groups = "S-1-18-1"});
}

static const char *const names[] = {
	"krb5PACAccount", "krb5PACDomain", "krb5PACSid", "krb5PACGroups", NULL};

/* The values of each, "a b", in the order of `names`. */
static void expect_properties(const char *const expected[4])
{
	const struct pair_setup how = {.server.properties = names};
	struct propval value[5];
	struct pair pair;
	pair_open(&pair, &how);
	assert_true(pair_run(&pair));
	prop_getnames(sasl_auxprop_getctx(pair.server.conn), (const char **)names, value);
	for (unsigned i = 0; i < 4; i++) {
		char text[1000] = "";
		for (unsigned n = 0; n < value[i].nvalues; n++) {
			strcat(text, n > 0 ? " " : "");
			strcat(text, value[i].values[n]);
		}
		assert_string_equal(text, expected[i]);
	}
	pair_close(&pair);
}

static void properties_are_of_what_is_believed(void **state UNUSED)
{
	issue(GOOD, NULL);
	expect_properties((const char *const[]){"alice", "EXAMPLE.TEST", "S-1-5-21-1-2-3-1104",
		"S-1-5-21-1-2-3-513 S-1-5-21-1-2-3-1200 S-1-18-1 S-1-5-21-1-2-3-1300"});
	made.account.dns_domain = NULL;
	issue(GOOD, NULL);
	expect_properties((const char *const[]){"alice", "EXAMPLE", "S-1-5-21-1-2-3-1104",
		"S-1-5-21-1-2-3-513 S-1-5-21-1-2-3-1200 S-1-18-1 S-1-5-21-1-2-3-1300"});
	static const enum kind others[] = {NONE, OTHERS_KEY, BY_RC4, LIKE_MIT};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		issue(others[i], NULL);
		expect_properties((const char *const[]){"", "", "", ""});
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, finish)

SUITE(test_pac_login)
{
	const struct CMUnitTest tests[] = {
		CASE(each_value_with_each_pac),
		CASE(a_dollar_ticket_is_refused),
		CASE(a_user_logs_in_by_upn_and_by_another_suffix),
		CASE(a_mapped_principal_keeps_its_name),
		CASE(groups_decide),
		CASE(an_option_at_fault_ends_the_offer),
		CASE(the_options_may_stand_in_krb5_conf),
		CASE(properties_are_of_what_is_believed),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

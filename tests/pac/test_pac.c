/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A PAC as a whole: what is believed of it, whose it may be, and what the option
 * kerberos5_pac makes of it.
 */
#include "pac/pac.h"
#include "tests/support/assertions.h"
#include "tests/support/exchange.h"
#include "tests/support/pac_maker.h"
#include "tests/support/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct mint_account account;
static struct key *key;
static struct buffer octets;
static struct pac *pac;

static int start(void **state)
{
	(void)state;
	account = mint_account(EXCHANGE_NOW);
	key = exchange_key(ENCTYPE_AES256_SHA1, 1);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	key_release(key);
	buffer_free(&octets);
	pac_free(pac);
	pac = NULL;
	return 0;
}

static void make(void)
{
	buffer_free(&octets);
	mint_account_pac(&account, key, &octets);
}

/* Of a ticket of `client`. */
static enum status judge_demands(
	const struct pac_demands *demands, const char *client, struct error *err)
{
	AUTO_BUFFER storage = {0};
	struct principal name = exchange_principal(client, &storage);
	const struct pac_ticket ticket = {&name, EXCHANGE_NOW, key};
	pac_free(pac);
	enum status status = pac_judge(demands, buffer_slice(&octets), &ticket, &pac, err);
	assert_true(status == STATUS_OK || !pac);
	return status;
}

static enum status judge(enum pac_policy policy, const char *client, struct error *err)
{
	return judge_demands(&(struct pac_demands){.policy = policy}, client, err);
}

static void accepted(enum pac_policy policy, const char *client)
{
	NEW_ERROR(err);
	assert_success(judge(policy, client, &err), &err);
}

static void has(const struct buffer *buffer, const char *expected)
{
	assert_true(slice_equal(buffer_slice(buffer), slice_string(expected)));
}

static bool in_group(const char *text)
{
	struct sid sid;
	assert_true(sid_parse(slice_string(text), &sid));
	return pac_has_group(pac, &sid);
}

static void a_pac_that_verifies_is_read(void **state)
{
	(void)state;
	make();
	for (enum pac_policy policy = PAC_CHECK; policy <= PAC_REQUIRED; policy++) {
		accepted(policy, "alice@EXAMPLE.TEST");
		assert_string_equal(pac->fault, "");
		has(&pac->account, "alice");
		has(&pac->domain, "EXAMPLE");
		has(&pac->dns_domain, "EXAMPLE.TEST");
		has(&pac->upn, "alice@example.test");
		assert_true(pac->has_sid);
		assert_string_equal(SID_TEXT(&pac->sid), "S-1-5-21-1-2-3-1104");
		assert_int_equal(pac->group_count, 4);
		assert_true(in_group("S-1-5-21-1-2-3-1300"));
		assert_false(in_group("S-1-5-21-1-2-3-1104"));
		assert_false(in_group("S-1-5-21-1-2-3"));
	}
}

static void the_extended_form_has_the_last_word(void **state)
{
	(void)state;
	account.account = "shown";
	account.extended_sid = "S-1-5-21-1-2-3-9";
	make();
	accepted(PAC_CHECK, "alice@EXAMPLE.TEST");
	has(&pac->account, "alice");
	assert_string_equal(SID_TEXT(&pac->sid), "S-1-5-21-1-2-3-9");
	account.extended_account = account.extended_sid = NULL;
	account.account = "alice";
	make();
	accepted(PAC_CHECK, "alice@EXAMPLE.TEST");
	has(&pac->account, "alice");
	assert_string_equal(SID_TEXT(&pac->sid), "S-1-5-21-1-2-3-1104");
}

/* As MIT krb5 makes them: PAC_CLIENT_INFO and signatures, no more. */
static void a_pac_without_account_is_believed(void **state)
{
	(void)state;
	account.has_no_logon_info = true;
	account.dns_domain = NULL;
	make();
	accepted(PAC_REQUIRED, "alice@EXAMPLE.TEST");
	assert_string_equal(pac->fault, "");
	assert_int_equal(
		pac->account.len + pac->domain.len + pac->dns_domain.len + pac->upn.len, 0);
	assert_false(pac->has_sid);
	assert_int_equal(pac->group_count, 0);
}

static void signatures_of_the_kdc_are_told_by_type(void **state)
{
	(void)state;
	static const struct pac_buffer ticket = {PAC_TICKET_SIGNATURE, SLICE_LITERAL("t")};
	static const struct pac_buffer full = {PAC_FULL_SIGNATURE, SLICE_LITERAL("f")};
	for (unsigned i = 0; i < 4; i++) {
		AUTO_BUFFER client_info = {0};
		struct pac_buffer all[3];
		unsigned count = 0;
		mint_client_info(&account, &client_info);
		all[count++] = (struct pac_buffer){PAC_CLIENT_INFO, buffer_slice(&client_info)};
		if (i & 1)
			all[count++] = ticket;
		if (i & 2)
			all[count++] = full;
		buffer_free(&octets);
		mint_pac(all, count, key, &octets);
		accepted(PAC_CHECK, "alice@EXAMPLE.TEST");
		assert_int_equal(pac->has_ticket_signature, i & 1);
		assert_int_equal(pac->has_full_signature, (i & 2) / 2);
	}
}

/* ---- one that is not believed ---- */

static void nothing_is_believed(const char *reason)
{
	NEW_ERROR(err);
	accepted(PAC_CHECK, "alice@EXAMPLE.TEST");
	assert_in(pac->fault, reason);
	assert_int_equal(
		pac->account.len + pac->domain.len + pac->dns_domain.len + pac->upn.len, 0);
	assert_false(pac->has_sid);
	assert_int_equal(pac->group_count, 0);
	assert_false(in_group("S-1-5-21-1-2-3-513"));
	assert_refusal(judge(PAC_REQUIRED, "alice@EXAMPLE.TEST", &err), &err, KDC_ERR_POLICY,
		"the ticket's PAC is not believed: it",
		"a ticket with a PAC that verifies is required");
	assert_in(err.text, reason);
	accepted(PAC_IGNORE, "alice@EXAMPLE.TEST");
	assert_null(pac);
}

static void a_pac_of_another_key_counts_as_absent(void **state)
{
	(void)state;
	AUTO_KEY own = key_ref(key);
	key_release(key);
	key = exchange_key(ENCTYPE_AES256_SHA1, 2);
	make();
	key_release(key);
	key = key_ref(own);
	nothing_is_believed("its server signature does not match");
	/* Whose it is does not matter then. */
	accepted(PAC_CHECK, "root@EXAMPLE.TEST");
}

static void a_pac_without_client_counts_as_absent(void **state)
{
	(void)state;
	account.client = NULL;
	make();
	nothing_is_believed("it has no PAC_CLIENT_INFO");
}

static void a_pac_that_rc4_signs_counts_as_absent(void **state)
{
	(void)state;
	make();
	mint_pac_buffer(&octets, PAC_SERVER_SIGNATURE)[0] = 0x76;
	memset(mint_pac_buffer(&octets, PAC_SERVER_SIGNATURE) + 1, 0xff, 3);
	nothing_is_believed("HMAC-MD5 (RC4)");
}

static void no_pac_is_refused_where_one_is_required(void **state)
{
	(void)state;
	NEW_ERROR(err);
	accepted(PAC_CHECK, "alice@EXAMPLE.TEST");
	assert_null(pac);
	accepted(PAC_IGNORE, "alice@EXAMPLE.TEST");
	assert_null(pac);
	assert_refusal(judge(PAC_REQUIRED, "alice@EXAMPLE.TEST", &err), &err, KDC_ERR_POLICY,
		"a PAC that verifies is required (kerberos5_pac): the ticket has none",
		"a ticket with a PAC that verifies is required");
	assert_false(in_group("S-1-5-21-1-2-3-513"));
}

/* ---- one that is refused ---- */

static void refused(enum status status, const char *reason)
{
	for (enum pac_policy policy = PAC_CHECK; policy <= PAC_REQUIRED; policy++) {
		NEW_ERROR(err);
		assert_refusal(judge(policy, "alice@EXAMPLE.TEST", &err), &err, status, reason,
			"the ticket's PAC is not in order");
	}
	accepted(PAC_IGNORE, "alice@EXAMPLE.TEST");
	assert_null(pac);
}

static void a_container_at_fault_is_refused(void **state)
{
	(void)state;
	make();
	octets.data[4] = 1;
	refused(ERR_SYNTAX, "the ticket's PAC: it is of version 1");
	buffer_free(&octets);
	mint_u8(&octets, 0);
	octets.len = 0; /* an empty element is not the same as none */
	refused(ERR_SYNTAX, "the ticket's PAC: it ends before");
}

static void the_pac_of_another_ticket_is_refused(void **state)
{
	(void)state;
	account.client = "bob";
	make();
	refused(KRB_AP_ERR_BADMATCH, "the ticket's PAC: PAC_CLIENT_INFO: it is of \"bob\"");
	account = mint_account(EXCHANGE_NOW + 1);
	make();
	refused(KRB_AP_ERR_BADMATCH, "the ticket's PAC: PAC_CLIENT_INFO: it is of a login at");
}

static void buffers_at_fault_are_refused(void **state)
{
	(void)state;
	static const unsigned char octet[] = {1};
	for (uint32_t type = PAC_LOGON_INFO; type <= PAC_UPN_DNS_INFO;
		type += PAC_UPN_DNS_INFO - PAC_LOGON_INFO) {
		AUTO_BUFFER client_info = {0};
		mint_client_info(&account, &client_info);
		const struct pac_buffer all[] = {{PAC_CLIENT_INFO, buffer_slice(&client_info)},
			{type, {octet, sizeof octet}}};
		buffer_free(&octets);
		mint_pac(all, 2, key, &octets);
		refused(ERR_SYNTAX, type == PAC_LOGON_INFO
					    ? "the ticket's PAC: KERB_VALIDATION_INFO:"
					    : "the ticket's PAC: UPN_DNS_INFO:");
	}
}

/* ---- whose it is: "dollar tickets" ---- */

struct naming {
	const char *client;
	const char *account;
	const char *upn;
};

static enum status judge_naming(const struct naming *naming, struct error *err)
{
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER name = {0};
	struct principal client = exchange_principal(naming->client, &storage);
	for (unsigned i = 0; i < client.count; i++) {
		mint_octets(&name, i > 0 ? SLICE_LITERAL("/") : SLICE_EMPTY);
		mint_octets(&name, client.component[i]);
	}
	mint_u8(&name, 0);
	account.client = (const char *)name.data;
	account.account = account.extended_account = naming->account;
	account.upn = naming->upn;
	make();
	return judge(PAC_CHECK, naming->client, err);
}

static void names_that_are_the_accounts_are_accepted(void **state)
{
	(void)state;
	static const struct naming good[] = {
		{"alice@EXAMPLE.TEST", "alice", NULL},
		{"ALICE@EXAMPLE.TEST", "alice", NULL},
		{"alice@EXAMPLE.TEST", "Alice", "a.smith@example.test"},
		{"alice@example.test", "alice", NULL},
		/* by its UPN */
		{"a.smith@EXAMPLE.TEST", "alice", "a.smith@example.test"},
		{"A.Smith@EXAMPLE.TEST", "alice", "a.smith@Example.Test"},
		{"a.smith\\@example.test@EXAMPLE.TEST", "alice", "a.smith@example.test"},
		{"a.smith\\@CORP.example@EXAMPLE.TEST", "alice", "a.smith@corp.EXAMPLE"},
		{"a\\@b@EXAMPLE.TEST", "alice", "a@b@example.test"},
		/* machines and gMSAs */
		{"web$@EXAMPLE.TEST", "WEB$", "web$@example.test"},
		{"gmsa1$@EXAMPLE.TEST", "gmsa1$", NULL},
		{"host/web.example.test@EXAMPLE.TEST", "WEB$",
			"host/web.example.test@EXAMPLE.TEST"},
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		NEW_ERROR(err);
		if (judge_naming(&good[i], &err))
			fail_msg("%s: %s", good[i].client, err.text);
	}
}

static void names_that_are_not_the_accounts_are_refused(void **state)
{
	(void)state;
	static const struct naming bad[] = {
		{"root@EXAMPLE.TEST", "root$", NULL},
		{"root@EXAMPLE.TEST", "root$", "root$@example.test"},
		{"ROOT@EXAMPLE.TEST", "root$", ""},
		{"gmsa1@EXAMPLE.TEST", "gmsa1$", NULL},
		{"root$@EXAMPLE.TEST", "root", NULL},
		/* the UPN of a machine account has to have a '/' */
		{"root@EXAMPLE.TEST", "root$", "root@example.test"},
		{"root@EXAMPLE.TEST", "evil$", "root@example.test"},
		{"root\\@example.test@EXAMPLE.TEST", "evil$", "root@example.test"},
		/* nor by another suffix */
		{"root@EXAMPLE.TEST", "alice", "root@corp.example"},
		{"root@EXAMPLE.TEST", "alice", "root@EXAMPLE.TEST.example"},
		{"root@EXAMPLE.TEST", "alice", "root@example.tes"},
		{"root@EXAMPLE.TEST", "alice", "root@"},
		{"a@EXAMPLE.TEST", "alice", "a@b@example.test"},
		{"root@EXAMPLE.TEST", "alice", "@example.test"},
		{"root/admin@EXAMPLE.TEST", "root", "root@example.test"},
		{"alic@EXAMPLE.TEST", "alice", NULL},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		NEW_ERROR(err);
		if (judge_naming(&bad[i], &err) != KDC_ERR_POLICY)
			fail_msg("%s is accepted for %s, %s", bad[i].client, bad[i].account,
				bad[i].upn ? bad[i].upn : "no UPN");
		assert_in(err.text, "and its PAC is of the account");
		assert_in(err.text, bad[i].account);
		assert_string_equal(
			error_shown(&err), "the ticket's client is not the name of its account");
	}
}

/* The account is what KERB_VALIDATION_INFO says, if the extended form is not there. */
static void older_domain_controllers_stop_dollar_tickets_too(void **state)
{
	(void)state;
	NEW_ERROR(err);
	account.account = "root$";
	account.client = "root";
	account.upn = NULL;
	account.extended_account = account.extended_sid = NULL;
	make();
	assert_int_equal(judge(PAC_CHECK, "root@EXAMPLE.TEST", &err), KDC_ERR_POLICY);
}

/* Principals of another realm that are mapped to accounts, and PACs that do not say the domain. */
static void clients_of_other_realms_are_not_compared(void **state)
{
	(void)state;
	account.client = "root";
	make();
	accepted(PAC_REQUIRED, "root@MIT.TEST");
	has(&pac->account, "alice");
	account.dns_domain = NULL;
	make();
	accepted(PAC_REQUIRED, "root@EXAMPLE.TEST");
	account.dns_domain = "EXAMPLE.TEST";
	account.extended_account = "";
	account.account = "";
	make();
	accepted(PAC_REQUIRED, "root@EXAMPLE.TEST");
}

/* ---- groups ---- */

static enum status judge_groups(
	enum pac_policy policy, const char *first, const char *second, struct error *err)
{
	struct sid group[2];
	const struct pac_demands demands = {policy, second ? 2 : 1, group};
	assert_true(sid_parse(slice_string(first), &group[0]));
	assert_true(!second || sid_parse(slice_string(second), &group[1]));
	return judge_demands(&demands, "alice@EXAMPLE.TEST", err);
}

static void a_member_of_any_group_is_accepted(void **state)
{
	(void)state;
	NEW_ERROR(err);
	make();
	static const char *const groups[] = {
		"S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-1200", "S-1-18-1", "S-1-5-21-1-2-3-1300"};
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		assert_success(judge_groups(PAC_CHECK, groups[i], NULL, &err), &err);
		assert_success(judge_groups(PAC_REQUIRED, "S-1-5-32-1", groups[i], &err), &err);
		assert_success(judge_groups(PAC_CHECK, groups[i], "S-1-5-32-1", &err), &err);
	}
}

static void no_group(
	enum pac_policy policy, const char *group, const char *other, const char *reason)
{
	NEW_ERROR(err);
	assert_refusal(judge_groups(policy, group, other, &err), &err, KDC_ERR_POLICY, reason,
		"only members of certain groups may log in here");
	assert_in(err.text, "alice@EXAMPLE.TEST is in none of the groups that are required "
			    "(kerberos5_require_group: S-1-5-21-1-2-3-");
}

static void who_is_in_no_group_is_refused(void **state)
{
	(void)state;
	make();
	no_group(PAC_CHECK, "S-1-5-21-1-2-3-1104", NULL, "1104): its PAC has others");
	no_group(PAC_CHECK, "S-1-5-21-1-2-3-51", "S-1-5-21-1-2-3", "51, ...): its PAC has others");
	no_group(PAC_IGNORE, "S-1-5-21-1-2-3-513", NULL, "the ticket has no PAC");
	key_release(key);
	key = exchange_key(ENCTYPE_AES256_SHA1, 2);
	no_group(PAC_CHECK, "S-1-5-21-1-2-3-513", NULL,
		"the ticket's PAC is not believed: its server signature does not match");
	buffer_free(&octets);
	no_group(PAC_CHECK, "S-1-5-21-1-2-3-513", NULL, "the ticket has no PAC");
}

static void a_domain_has_its_dns_name_or_the_other(void **state)
{
	(void)state;
	make();
	accepted(PAC_CHECK, "alice@EXAMPLE.TEST");
	assert_true(slice_equal(pac_domain(pac), SLICE_LITERAL("EXAMPLE.TEST")));
	account.dns_domain = NULL;
	make();
	accepted(PAC_CHECK, "alice@EXAMPLE.TEST");
	assert_true(slice_equal(pac_domain(pac), SLICE_LITERAL("EXAMPLE")));
}

/* A domain that trusts another: the client's realm is the account's domain there too. */
static void accounts_of_a_trusted_domain_are_compared(void **state)
{
	(void)state;
	NEW_ERROR(err);
	account.dns_domain = "other.test";
	static const struct naming own = {"bob@OTHER.TEST", "bob", NULL};
	assert_success(judge_naming(&own, &err), &err);
	static const struct naming dollar = {"root@OTHER.TEST", "root$", "root$@other.test"};
	assert_int_equal(judge_naming(&dollar, &err), KDC_ERR_POLICY);
	assert_in(err.text, "root@OTHER.TEST");
}

static void what_the_log_reads_is_escaped(void **state)
{
	(void)state;
	NEW_ERROR(err);
	static const struct naming naming = {"root@EXAMPLE.TEST", "evil\n$", "x\x1b@example.test"};
	assert_int_equal(judge_naming(&naming, &err), KDC_ERR_POLICY);
	assert_in(err.text, "evil\\x0A$");
	assert_in(err.text, "x\\x1B@");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, finish)

SUITE(test_pac)
{
	const struct CMUnitTest tests[] = {
		CASE(a_pac_that_verifies_is_read),
		CASE(the_extended_form_has_the_last_word),
		CASE(a_pac_without_account_is_believed),
		CASE(signatures_of_the_kdc_are_told_by_type),
		CASE(a_pac_of_another_key_counts_as_absent),
		CASE(a_pac_without_client_counts_as_absent),
		CASE(a_pac_that_rc4_signs_counts_as_absent),
		CASE(no_pac_is_refused_where_one_is_required),
		CASE(a_container_at_fault_is_refused),
		CASE(the_pac_of_another_ticket_is_refused),
		CASE(buffers_at_fault_are_refused),
		CASE(names_that_are_the_accounts_are_accepted),
		CASE(names_that_are_not_the_accounts_are_refused),
		CASE(older_domain_controllers_stop_dollar_tickets_too),
		CASE(clients_of_other_realms_are_not_compared),
		CASE(a_member_of_any_group_is_accepted),
		CASE(who_is_in_no_group_is_refused),
		CASE(a_domain_has_its_dns_name_or_the_other),
		CASE(accounts_of_a_trusted_domain_are_compared),
		CASE(what_the_log_reads_is_escaped),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

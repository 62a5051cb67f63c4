/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a server logs before any login: that it cannot offer a mechanism, how
 * long, that it is over; and a default_realm that does not go with its keytab.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/support/login_fixture.h"

/* Takes the place of libc's: the clock that nobody sets is the test's. */
static time_t uptime = 1000;

__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *out)
{
	if (id != CLOCK_MONOTONIC)
		return timespec_get(out, TIME_UTC) == TIME_UTC ? 0 : -1;
	*out = (struct timespec){.tv_sec = uptime};
	return 0;
}

static const char *host; /* NULL: the usual one */

/* What a new connection logs at the level, if it is asked for its mechanisms. */
static const char *log_at(const char *level, const char *service)
{
	static char log[4000];
	const struct pair_setup how = {.service = service,
		.host = host,
		.server.option = {{level ? "log_level" : NULL, level}}};
	const char *list;
	struct pair pair;
	pair_open(&pair, &how);
	pair.server.mechanism = ""; /* keep the lines of all */
	(void)sasl_listmech(pair.server.conn, NULL, " ", " ", " ", &list, NULL, NULL);
	snprintf(log, sizeof log, "%s", peer_log(&pair.server));
	pair_close(&pair);
	return log;
}

/* At the level that libsasl2 has by default. */
static const char *log_of(const char *service)
{
	return log_at(NULL, service);
}

static void expect_all(const char *log, const char *start)
{
	static const char *const mechanisms[] = {"GSSAPI", "KERBEROS_V5", "GSS-SPNEGO"};
	unsigned lines = 0;
	for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++) {
		char line[200];
		snprintf(line, sizeof line, "1 %s: %s", mechanisms[i], start);
		expect_in("the log", log, line);
	}
	for (const char *end = log; (end = strchr(end, '\n')); end++)
		lines++;
	assert_int_equal(lines, sizeof mechanisms / sizeof *mechanisms);
}

static void an_outage_is_logged_again_each_hour(void **state UNUSED)
{
	remove(realm_path("keytab"));
	expect_all(log_of(NULL), "not offered: there is no keytab ");
	for (int hour = 0; hour < 3; hour++) {
		assert_string_equal(log_of(NULL), "");
		uptime += 3599;
		assert_string_equal(log_of(NULL), "");
		uptime += 1;
		expect_all(log_of(NULL), "not offered: there is no keytab ");
	}
}

static void its_end_is_logged_once_and_how_long_it_was(void **state UNUSED)
{
	remove(realm_path("keytab"));
	expect_all(log_of(NULL), "not offered: ");
	uptime += 3600 + 120;
	expect_all(log_of(NULL), "not offered: ");
	uptime += 3600;
	realm_issue(&(struct realm_ticket){0});
	expect_all(log_of(NULL), "offered again, after 2 h 2 min\n");
	assert_string_equal(log_of(NULL), "");

	remove(realm_path("keytab"));
	expect_all(log_of(NULL), "not offered: ");
	uptime += 60;
	realm_issue(&(struct realm_ticket){0});
	expect_all(log_of(NULL), "offered again, after 1 min\n");
}

static void another_reason_is_logged_at_once_and_belongs_to_it(void **state UNUSED)
{
	remove(realm_path("keytab"));
	expect_all(log_of(NULL), "not offered: there is no keytab ");
	uptime += 1800;
	realm_issue(&(struct realm_ticket){.server = "imap/mail.example.test@EXAMPLE.TEST"});
	expect_all(log_of(NULL), "not offered: keytab ");
	uptime += 1800;
	assert_string_equal(log_of(NULL), "");
	realm_issue(&(struct realm_ticket){0});
	expect_all(log_of(NULL), "offered again, after 1 h\n");
}

/* As does a keytab that was changed without a change in the sentence. */
static void another_state_of_the_keytab_is_logged_at_once(void **state UNUSED)
{
	for (uint32_t kvno = 1; kvno < 3; kvno++) {
		realm_issue(&(struct realm_ticket){
			.server = "imap/mail.example.test@EXAMPLE.TEST", .kvno = kvno});
		expect_all(log_of(NULL), "not offered: keytab ");
		assert_string_equal(log_of(NULL), "");
	}
}

static void each_service_has_its_own_outage(void **state UNUSED)
{
	expect_all(log_of("imap"), "not offered: keytab ");
	assert_string_equal(log_of(NULL), "");
	assert_string_equal(log_of("imap"), "");
	expect_all(log_of("pop"), "not offered: keytab ");
}

/* With one sentence for both: there is no keytab. */
static void each_host_has_its_own_outage(void **state UNUSED)
{
	remove(realm_path("keytab"));
	expect_all(log_of(NULL), "not offered: there is no keytab ");
	host = "imap.example.test";
	expect_all(log_of(NULL), "not offered: there is no keytab ");
	assert_string_equal(log_of(NULL), "");
	host = NULL;
	assert_string_equal(log_of(NULL), "");
}

static void what_the_log_does_not_show_is_not_remembered(void **state UNUSED)
{
	remove(realm_path("keytab"));
	assert_string_equal(log_at("0", NULL), "");
	expect_all(log_of(NULL), "not offered: ");
	realm_issue(&(struct realm_ticket){0});
	assert_string_equal(log_at("0", NULL), "");
	expect_all(log_of(NULL), "offered again, after ");
}

static void log_in_as(const char *name)
{
	const struct pair_setup how = {0};
	struct pair pair;
	pair_open(&pair, &how);
	assert_true(pair_run(&pair));
	assert_string_equal(peer_string(&pair.server, SASL_USERNAME), name);
	pair_close(&pair);
}

static void expect_one(const char *log, const char *line)
{
	char expected[1200];
	snprintf(expected, sizeof expected, "%s\n", line);
	assert_string_equal(log, expected);
}

static void without_a_default_realm_it_is_said_once(void **state UNUSED)
{
	char line[1000];
	configure("[libdefaults]\n");
	snprintf(line, sizeof line,
		"1 libkerberos5: krb5.conf has no default_realm, so that all users keep their "
		"realm in their names: set it in [libdefaults] (keytab %s has keys of "
		"EXAMPLE.TEST)",
		realm_path("keytab"));
	assert_string_equal(log_at("0", NULL), "");
	expect_one(log_of(NULL), line);
	assert_string_equal(log_of(NULL), "");
	uptime += 7200;
	assert_string_equal(log_of("test"), "");
	log_in_as("alice@EXAMPLE.TEST");
}

static void a_default_realm_in_small_letters_is_a_mistake(void **state UNUSED)
{
	char line[1000];
	configure("[libdefaults]\n\tdefault_realm = example.test\n");
	snprintf(line, sizeof line,
		"1 libkerberos5: default_realm of krb5.conf is example.test, but keytab %s has "
		"keys "
		"of EXAMPLE.TEST, so that users of EXAMPLE.TEST keep their realm in their names: "
		"capital letters count",
		realm_path("keytab"));
	expect_one(log_of(NULL), line);
	assert_string_equal(log_of(NULL), "");
	log_in_as("alice@EXAMPLE.TEST");
}

static void a_default_realm_without_a_key_is_said_once(void **state UNUSED)
{
	char line[1000];
	configure("[libdefaults]\n\tdefault_realm = USERS.TEST\n");
	assert_string_equal(log_at("0", NULL), "");
	snprintf(line, sizeof line,
		"1 libkerberos5: default_realm of krb5.conf is USERS.TEST, of which keytab %s has "
		"no key: only its users are named without their realm, those of EXAMPLE.TEST keep "
		"it; that is right if users and services have realms of their own, else correct "
		"krb5.conf",
		realm_path("keytab"));
	expect_one(log_of(NULL), line);
	assert_string_equal(log_of(NULL), "");
	uptime += 7200;
	assert_string_equal(log_of("test"), "");
	log_in_as("alice@EXAMPLE.TEST");
	realm_issue(&(struct realm_ticket){.client = "bob@USERS.TEST"});
	log_in_as("bob");
}

/* A keytab with two keys for the service in each realm, up to a NULL. */
static void write_keytab_of(const char *const *realm)
{
	AUTO_BUFFER contents = {0};
	struct error err;
	struct mint_keytab_entry entry = {
		.principal = {.type = 1,
			.count = 2,
			.component = {SLICE_LITERAL("test"), SLICE_LITERAL(REALM_HOST)}},
		.enctype = 18,
		.key = SLICE_LITERAL("0123456789abcdef0123456789abcdef"),
	};
	mint_keytab_start(&contents, MINT_KEYTAB_2);
	for (; *realm; realm++) {
		entry.principal.realm = slice_string(*realm);
		for (entry.kvno = 1; entry.kvno < 3; entry.kvno++)
			mint_keytab_entry(&contents, MINT_KEYTAB_2, &entry);
	}
	assert_int_equal(mint_file(realm_path("keytab"), buffer_slice(&contents), &err), STATUS_OK);
}

static void a_few_of_the_keytabs_realms_are_named(void **state UNUSED)
{
	static const char *const three[] = {"A.TEST", "B.TEST", "C\n.TEST", NULL};
	static const char *const five[] = {"A.TEST", "B.TEST", "C.TEST", "D.TEST", "E.TEST", NULL};
	configure("[libdefaults]\n");
	write_keytab_of(three);
	expect_in("the log", log_of(NULL), " has keys of A.TEST, B.TEST, C\\x0A.TEST)\n");
	write_keytab_of(five);
	expect_in("the log", log_of(NULL), " has keys of A.TEST, B.TEST, C.TEST and others)\n");
}

static void a_default_realm_with_a_key_is_nothing_to_log(void **state UNUSED)
{
	static const char *const realms[] = {"example.test", "OTHER.TEST", REALM_NAME, NULL};
	assert_string_equal(log_at("4", NULL), "");
	write_keytab_of(realms);
	assert_string_equal(log_at("4", NULL), "");
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(an_outage_is_logged_again_each_hour),
		LOGIN_CASE(its_end_is_logged_once_and_how_long_it_was),
		LOGIN_CASE(another_reason_is_logged_at_once_and_belongs_to_it),
		LOGIN_CASE(another_state_of_the_keytab_is_logged_at_once),
		LOGIN_CASE(each_service_has_its_own_outage),
		LOGIN_CASE(each_host_has_its_own_outage),
		LOGIN_CASE(what_the_log_does_not_show_is_not_remembered),
		LOGIN_CASE(without_a_default_realm_it_is_said_once),
		LOGIN_CASE(a_default_realm_in_small_letters_is_a_mistake),
		LOGIN_CASE(a_default_realm_without_a_key_is_said_once),
		LOGIN_CASE(a_few_of_the_keytabs_realms_are_named),
		LOGIN_CASE(a_default_realm_with_a_key_is_nothing_to_log),
	};
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

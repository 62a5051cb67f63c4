/* SPDX-License-Identifier: BSD-3-Clause */
/* What single values of krb5.conf mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conf/duration.h"
#include "tests/support/offered.h"
#include "tests/support/krb5_conf_reading.h"
#include "tests/support/suite.h"

static void assert_refused(struct slice text, const char *sentence)
{
	struct krb5_conf *conf = (struct krb5_conf *)1;
	struct error err = {0};
	assert_int_equal(krb5_conf_parse(text, &conf, &err), ERR_SYNTAX);
	assert_int_equal(err.status, ERR_SYNTAX);
	assert_null(conf);
	assert_string_equal(err.text, sentence);
}

#define REFUSED(literal, sentence) assert_refused(SLICE_LITERAL(literal), (sentence))

/* [libdefaults] */

static void nothing_set_gives_the_defaults(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("");
	assert_null(krb5_conf_default_realm(conf));
	assert_int_equal(krb5_conf_clock_skew(conf), 300);
	assert_false(krb5_conf_pins_acceptor_hostname(conf));
	const struct enctype_list *permitted = krb5_conf_permitted_enctypes(conf);
	assert_int_equal(permitted->count, offered_count());
	assert_int_equal(permitted->number[0], ENCTYPE_AES256_SHA1);
}

static void default_realm_is_found(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_realm = EXAMPLE.TEST\n");
	assert_value(krb5_conf_default_realm(conf), "EXAMPLE.TEST");
}

static void empty_default_realm_is_none(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndefault_realm = \"\"\n");
	assert_null(krb5_conf_default_realm(conf));
}

static void clock_skew_is_understood(void **state UNUSED)
{
	AUTO_KRB5_CONF plain = PARSED("[libdefaults]\nclockskew = 120\n");
	assert_int_equal(krb5_conf_clock_skew(plain), 120);
	AUTO_KRB5_CONF units = PARSED("[libdefaults]\nclockskew = 1h30m\n");
	assert_int_equal(krb5_conf_clock_skew(units), 5400);
}

static void clock_skew_that_is_none_is_refused(void **state UNUSED)
{
	REFUSED("[libdefaults]\n\nclockskew = soon\n",
		"krb5.conf:3: [libdefaults] clockskew = soon: not a span of time; expected seconds "
		"as in 300, or 5m, 1h30m, 0:05:00");
	REFUSED("[libdefaults]\nclockskew = 300 # seconds\n",
		"krb5.conf:2: [libdefaults] clockskew = 300 # seconds: not a span of time; "
		"expected seconds as in 300, or 5m, 1h30m, 0:05:00");
	REFUSED("[libdefaults]\nclockskew = \"\"\n",
		"krb5.conf:2: [libdefaults] clockskew = : not a span of time; expected seconds as "
		"in 300, or 5m, 1h30m, 0:05:00");
}

static void permitted_enctypes_are_in_their_order(void **state UNUSED)
{
	AUTO_KRB5_CONF conf =
		PARSED("[libdefaults]\npermitted_enctypes = aes256-sha2, rc4 aes128-cts\n");
	const struct enctype_list *permitted = krb5_conf_permitted_enctypes(conf);
	assert_int_equal(permitted->count, 2);
	assert_int_equal(permitted->number[0], ENCTYPE_AES256_SHA384);
	assert_int_equal(permitted->number[1], ENCTYPE_AES128_SHA1);
}

static void permitted_enctypes_that_leave_nothing_are_refused(void **state UNUSED)
{
	REFUSED("[libdefaults]\npermitted_enctypes = rc4\n",
		"krb5.conf:2: [libdefaults] permitted_enctypes = rc4: no supported encryption type "
		"in the list \"rc4\"; expected names such as aes256-cts-hmac-sha1-96, aes, "
		"camellia or DEFAULT");
}

static void bindings_are_announced_by_true_only(void **state UNUSED)
{
	AUTO_KRB5_CONF aware = PARSED("[libdefaults]\nclient_aware_channel_bindings = yes\n");
	assert_true(krb5_conf_announces_bindings(aware));
	AUTO_KRB5_CONF not = PARSED("[libdefaults]\nclient_aware_channel_bindings = 0\n");
	assert_false(krb5_conf_announces_bindings(not ));
	AUTO_KRB5_CONF nothing = PARSED("[libdefaults]\n");
	assert_false(krb5_conf_announces_bindings(nothing));
	REFUSED("[libdefaults]\nclient_aware_channel_bindings = perhaps\n",
		"krb5.conf:2: [libdefaults] client_aware_channel_bindings = perhaps: neither true "
		"nor false");
}

static void acceptor_hostname_is_pinned_by_false_only(void **state UNUSED)
{
	AUTO_KRB5_CONF pinned = PARSED("[libdefaults]\nignore_acceptor_hostname = No\n");
	assert_true(krb5_conf_pins_acceptor_hostname(pinned));
	AUTO_KRB5_CONF open = PARSED("[libdefaults]\nignore_acceptor_hostname = true\n");
	assert_false(krb5_conf_pins_acceptor_hostname(open));
	REFUSED("[libdefaults]\nignore_acceptor_hostname = perhaps\n",
		"krb5.conf:2: [libdefaults] ignore_acceptor_hostname = perhaps: neither true nor "
		"false");
}

static void kcm_is_where_the_file_says(void **state UNUSED)
{
	AUTO_KRB5_CONF set = PARSED("[libdefaults]\nkcm_socket = /run/kcm\n");
	assert_string_equal(krb5_conf_kcm_socket(set), "/run/kcm");
	AUTO_KRB5_CONF unset = PARSED("");
	assert_string_equal(krb5_conf_kcm_socket(unset), "/run/.heim_org.h5l.kcm-socket");
}

static void first_value_counts(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\nclockskew = 1\nclockskew = soon\n");
	assert_int_equal(krb5_conf_clock_skew(conf), 1);
}

static void syntax_is_checked(void **state UNUSED)
{
	REFUSED("[libdefaults\n", "krb5.conf:1: \"[libdefaults\" has no closing bracket; expected "
				  "\"[section]\"");
}

/* Durations */

static void assert_duration(const char *text, int64_t expected)
{
	int64_t seconds = -1;
	if (!duration_parse(text, &seconds) || seconds != expected)
		fail_msg("\"%s\" gave %lld", text, (long long)seconds);
}

static void assert_no_duration(const char *text)
{
	int64_t seconds;
	if (duration_parse(text, &seconds))
		fail_msg("\"%s\" was taken", text);
}

static void durations_in_seconds(void **state UNUSED)
{
	assert_duration("0", 0);
	assert_duration("300", 300);
	assert_duration(" 300", 300);
	assert_duration("2147483647", INT32_MAX);
	assert_no_duration("2147483648");
	assert_no_duration("99999999999999999999999");
	assert_no_duration("-300");
	assert_no_duration("+300");
	assert_no_duration("3.5");
	assert_no_duration("");
	assert_no_duration(" ");
}

static void durations_with_units(void **state UNUSED)
{
	assert_duration("3s", 3);
	assert_duration("5m", 300);
	assert_duration("1h30m", 5400);
	assert_duration("2d", 172800);
	assert_duration("3d4m    42s", 3 * 86400 + 4 * 60 + 42);
	assert_duration("1m 12345s", 60 + 12345);
	assert_duration("3d 0m  ", 3 * 86400);
	assert_duration("24855d 3h 14m 7s", INT32_MAX);
	assert_no_duration("24855d 3h 14m 8s");
	assert_no_duration("24856d");
	assert_no_duration("99999999d");
}

static void malformed_units_are_no_durations(void **state UNUSED)
{
	assert_no_duration("3dd");
	assert_no_duration("3d4m5h");
	assert_no_duration("3m3m");
	assert_no_duration("3x");
	assert_no_duration("3M");
	assert_no_duration("5 m");
	assert_no_duration("1h 30");
	assert_no_duration("3d-1h");
	assert_no_duration("m");
}

static void durations_as_clock_times(void **state UNUSED)
{
	assert_duration("0:05", 300);
	assert_duration("0:05:00", 300);
	assert_duration("3:4", 3 * 3600 + 4 * 60);
	assert_duration("1:02:03", 3723);
	assert_duration("100:00", 360000);
	assert_duration("42-13:42:47", 42 * 86400 + 13 * 3600 + 42 * 60 + 47);
	assert_no_duration("42-13:42");
	assert_no_duration("1-2");
	assert_no_duration("1-");
	assert_no_duration("3: 4");
	assert_no_duration("3:-4");
	assert_no_duration("3:");
	assert_no_duration("3:4:");
	assert_no_duration("3:4:5:6");
	assert_no_duration("3:4s");
	assert_no_duration("13:0003");
	assert_no_duration("13:000:03");
	assert_no_duration("1-100:00:00");
	assert_no_duration("596523:14:08");
}

/* Booleans */

static void booleans_are_those_of_mit(void **state UNUSED)
{
	static const char *const yes[] = {"y", "yes", "true", "t", "1", "on", "YES", "True"};
	static const char *const no[] = {"n", "no", "false", "f", "nil", "0", "off", "FALSE"};
	static const char *const neither[] = {"", "2", "yess", "ye", "enabled", " yes"};
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		bool value = false;
		assert_true(krb5_conf_boolean(yes[i], &value));
		assert_true(value);
	}
	for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
		bool value = true;
		assert_true(krb5_conf_boolean(no[i], &value));
		assert_false(value);
	}
	for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) {
		bool value = true;
		assert_false(krb5_conf_boolean(neither[i], &value));
		assert_true(value);
	}
}

/* [domain_realm], [appdefaults], [capaths] */

static void host_realm_goes_from_host_to_parents(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[domain_realm]\n"
				     "mail.example.test = HOST\n"
				     ".example.test = BELOW\n"
				     "example.test = DOMAIN\n"
				     "example.org = ORG\n"
				     "net = NET\n"
				     "empty.test = \"\"\n");
	assert_value(krb5_conf_host_realm(conf, "mail.example.test"), "HOST");
	assert_value(krb5_conf_host_realm(conf, "a.mail.example.test"), "HOST");
	assert_value(krb5_conf_host_realm(conf, "www.example.test"), "BELOW");
	assert_value(krb5_conf_host_realm(conf, "a.b.example.test"), "BELOW");
	assert_value(krb5_conf_host_realm(conf, "example.test"), "DOMAIN");
	assert_value(krb5_conf_host_realm(conf, "www.example.org"), "ORG");
	assert_value(krb5_conf_host_realm(conf, "a.b.c.net"), "NET");
	assert_null(krb5_conf_host_realm(conf, "notexample.org"));
	assert_null(krb5_conf_host_realm(conf, "test"));
	assert_null(krb5_conf_host_realm(conf, "empty.test"));
	assert_null(krb5_conf_host_realm(conf, ""));
	assert_null(krb5_conf_host_realm(conf, "."));
}

static void host_realm_takes_the_name_in_lower_case(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[domain_realm]\nmail.example.test = A\nOLD.TEST = B\n");
	assert_value(krb5_conf_host_realm(conf, "Mail.EXAMPLE.test"), "A");
	assert_value(krb5_conf_host_realm(conf, "mail.example.test."), "A");
	assert_null(krb5_conf_host_realm(conf, "OLD.TEST"));
}

static void addresses_have_no_realm(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[domain_realm]\n1 = A\n::1 = B\n192.0.2.1 = C\n");
	assert_null(krb5_conf_host_realm(conf, "192.0.2.1"));
	assert_null(krb5_conf_host_realm(conf, "::1"));
	assert_value(krb5_conf_host_realm(conf, "host.1"), "A");
}

static void long_host_names_have_no_realm(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[domain_realm]\ntest = A\n");
	char host[400];
	memset(host, 'a', sizeof host);
	strcpy(host + 255 - 5, ".test");
	assert_value(krb5_conf_host_realm(conf, host), "A");
	memset(host, 'a', sizeof host);
	strcpy(host + 256 - 5, ".test");
	assert_null(krb5_conf_host_realm(conf, host));
}

static void host_realm_passes_a_wildcard_by(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[domain_realm]\n*.example.test = A\n");
	assert_null(krb5_conf_host_realm(conf, "mail.example.test"));
	assert_null(krb5_conf_host_realm(conf, "mail.example.test.."));
}

static void appdefault_is_searched_in_mit_order(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[appdefaults]\n"
				     "sasl = {\n"
				     " EXAMPLE.TEST = {\n  one = 1\n }\n"
				     " one = 2\n two = 2\n"
				     "}\n"
				     "EXAMPLE.TEST = {\n one = 3\n two = 3\n three = 3\n}\n"
				     "one = 4\ntwo = 4\nthree = 4\nfour = 4\n");
	const char *realm = "EXAMPLE.TEST";
	assert_value(krb5_conf_appdefault(conf, "sasl", realm, "one"), "1");
	assert_value(krb5_conf_appdefault(conf, "sasl", realm, "two"), "2");
	assert_value(krb5_conf_appdefault(conf, "sasl", realm, "three"), "3");
	assert_value(krb5_conf_appdefault(conf, "sasl", realm, "four"), "4");
	assert_null(krb5_conf_appdefault(conf, "sasl", realm, "five"));
	assert_value(krb5_conf_appdefault(conf, "sasl", NULL, "one"), "2");
	assert_value(krb5_conf_appdefault(conf, "sasl", NULL, "three"), "4");
	assert_value(krb5_conf_appdefault(conf, "other", realm, "one"), "3");
	assert_value(krb5_conf_appdefault(conf, "other", "OTHER.TEST", "one"), "4");
}

static void capath_gives_the_values_of_a_pair(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[capaths]\n"
				     "A.TEST = {\n B.TEST = X.TEST\n B.TEST = Y.TEST\n"
				     " C.TEST = .\n}\n");
	assert_value(krb5_conf_capath(conf, "A.TEST", "B.TEST", 0), "X.TEST");
	assert_value(krb5_conf_capath(conf, "A.TEST", "B.TEST", 1), "Y.TEST");
	assert_null(krb5_conf_capath(conf, "A.TEST", "B.TEST", 2));
	assert_value(krb5_conf_capath(conf, "A.TEST", "C.TEST", 0), ".");
	assert_null(krb5_conf_capath(conf, "B.TEST", "A.TEST", 0));
	assert_null(krb5_conf_capath(conf, "A.TEST", "D.TEST", 0));
}

SUITE(test_krb5_conf_values)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_set_gives_the_defaults),
		cmocka_unit_test(default_realm_is_found),
		cmocka_unit_test(empty_default_realm_is_none),
		cmocka_unit_test(clock_skew_is_understood),
		cmocka_unit_test(clock_skew_that_is_none_is_refused),
		cmocka_unit_test(permitted_enctypes_are_in_their_order),
		cmocka_unit_test(permitted_enctypes_that_leave_nothing_are_refused),
		cmocka_unit_test(acceptor_hostname_is_pinned_by_false_only),
		cmocka_unit_test(bindings_are_announced_by_true_only),
		cmocka_unit_test(kcm_is_where_the_file_says),
		cmocka_unit_test(first_value_counts),
		cmocka_unit_test(syntax_is_checked),
		cmocka_unit_test(durations_in_seconds),
		cmocka_unit_test(durations_with_units),
		cmocka_unit_test(malformed_units_are_no_durations),
		cmocka_unit_test(durations_as_clock_times),
		cmocka_unit_test(booleans_are_those_of_mit),
		cmocka_unit_test(host_realm_goes_from_host_to_parents),
		cmocka_unit_test(host_realm_takes_the_name_in_lower_case),
		cmocka_unit_test(addresses_have_no_realm),
		cmocka_unit_test(long_host_names_have_no_realm),
		cmocka_unit_test(host_realm_passes_a_wildcard_by),
		cmocka_unit_test(appdefault_is_searched_in_mit_order),
		cmocka_unit_test(capath_gives_the_values_of_a_pair),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* conf/kdc_conf: what krb5.conf says about KDCs and tickets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/kdc_conf.h"
#include "tests/support/offered.h"
#include "tests/support/krb5_conf_reading.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

static struct kdc_conf read_for(const char *realm, const char *text)
{
	AUTO_KRB5_CONF conf = conf_of_text(slice_string(text));
	struct kdc_conf out;
	struct error err = {0};
	if (kdc_conf_read(conf, realm, &out, &err))
		fail_msg("%s", err.text);
	return out;
}

static void nothing_said(void **state UNUSED)
{
	struct kdc_conf c = read_for("EXAMPLE.TEST", "");
	assert_true(c.timesync);
	assert_true(c.lookup_dns);
	assert_int_equal(c.udp_limit, 1465);
	assert_int_equal(c.lifetime, 86400);
	assert_int_equal(c.renew_lifetime, 0);
	assert_false(c.forwardable || c.proxiable || c.canonicalize || c.addresses);
	assert_int_equal(c.tkt_enctypes.count, offered_count());
	assert_int_equal(c.tgs_enctypes.count, offered_count());
}

/* As with MIT krb5 since 1.18: whoever puts a type first gets it first. */
static void the_order_of_permitted_enctypes_is_kept(void **state UNUSED)
{
	struct kdc_conf c = read_for("R", "[libdefaults]\npermitted_enctypes = aes128-sha2 "
					  "aes256-cts aes256-sha2\n");
	static const int32_t order[] = {
		ENCTYPE_AES128_SHA256, ENCTYPE_AES256_SHA1, ENCTYPE_AES256_SHA384};
	assert_int_equal(c.tkt_enctypes.count, 3);
	assert_int_equal(c.tgs_enctypes.count, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(c.tkt_enctypes.number[i], order[i]);
		assert_int_equal(c.tgs_enctypes.number[i], order[i]);
	}
	c = read_for("R", "[libdefaults]\npermitted_enctypes = aes128-cts aes256-cts\n"
			  "default_tkt_enctypes = DEFAULT\n");
	assert_int_equal(c.tkt_enctypes.number[0], ENCTYPE_AES256_SHA1);
	assert_int_equal(c.tgs_enctypes.number[0], ENCTYPE_AES128_SHA1);
}

static void everything_said(void **state UNUSED)
{
	struct kdc_conf c = read_for("EXAMPLE.TEST",
		"[libdefaults]\nkdc_timesync = 0\ndns_lookup_kdc = no\nudp_preference_limit = 1\n"
		"ticket_lifetime = 10h\nrenew_lifetime = 7d\nforwardable = yes\nproxiable = on\n"
		"canonicalize = true\nnoaddresses = false\ndefault_tkt_enctypes = aes128-cts rc4\n"
		"default_tgs_enctypes = aes256-sha2, aes128-sha2\n");
	assert_false(c.timesync);
	assert_false(c.lookup_dns);
	assert_int_equal(c.udp_limit, 1);
	assert_int_equal(c.lifetime, 36000);
	assert_int_equal(c.renew_lifetime, 604800);
	assert_true(c.forwardable && c.proxiable && c.canonicalize && c.addresses);
	assert_int_equal(c.tkt_enctypes.count, 1);
	assert_int_equal(c.tkt_enctypes.number[0], ENCTYPE_AES128_SHA1);
	assert_int_equal(c.tgs_enctypes.count, 2);
	assert_int_equal(c.tgs_enctypes.number[1], ENCTYPE_AES128_SHA256);
}

static void a_realms_own_goes_first(void **state UNUSED)
{
	static const char text[] = "[libdefaults]\nforwardable = true\nticket_lifetime = 1h\n"
				   "OTHER.TEST = {\nforwardable = false\n}\n";
	struct kdc_conf here = read_for("EXAMPLE.TEST", text);
	struct kdc_conf there = read_for("OTHER.TEST", text);
	assert_true(here.forwardable);
	assert_false(there.forwardable);
	assert_int_equal(there.lifetime, 3600);
}

static void older_names_and_limits(void **state UNUSED)
{
	assert_false(read_for("R", "[libdefaults]\ndns_fallback = false\n").lookup_dns);
	assert_true(read_for("R", "[libdefaults]\ndns_fallback = false\ndns_lookup_kdc = true\n")
			    .lookup_dns);
	assert_int_equal(
		read_for("R", "[libdefaults]\nudp_preference_limit = 99999\n").udp_limit, 32700);
	assert_int_equal(
		read_for("R", "[libdefaults]\nudp_preference_limit = 99999999999999999999999\n")
			.udp_limit,
		32700);
}

static void types_are_permitted_ones(void **state UNUSED)
{
	struct kdc_conf c =
		read_for("R", "[libdefaults]\npermitted_enctypes = aes256-cts aes256-sha2\n"
			      "default_tkt_enctypes = aes128-cts aes256-cts\n");
	assert_int_equal(c.tkt_enctypes.count, 1);
	assert_int_equal(c.tkt_enctypes.number[0], ENCTYPE_AES256_SHA1);
	assert_int_equal(c.tgs_enctypes.count, 2);
}

static void refuses_what_it_does_not_understand(void **state UNUSED)
{
	static const struct fault {
		const char *text;
		const char *sentence;
	} faults[] = {
		{"kdc_timesync = 2",
			"krb5.conf:2: [libdefaults] kdc_timesync = 2: neither true nor"},
		{"dns_lookup_kdc = maybe", "dns_lookup_kdc = maybe: neither true nor false"},
		{"dns_fallback = maybe", "dns_fallback = maybe: neither true nor false"},
		{"udp_preference_limit = -1", "udp_preference_limit = -1: not a number of octets"},
		{"udp_preference_limit = 1k", "not a number of octets"},
		{"ticket_lifetime = soon", "ticket_lifetime = soon: not a span of time"},
		{"renew_lifetime = -1d", "renew_lifetime = -1d: not a span of time"},
		{"noaddresses = none", "noaddresses = none: neither true nor false"},
		{"EXAMPLE.TEST = {\nforwardable = often\n}",
			"krb5.conf:3: [libdefaults] forwardable = often: neither"},
		{"default_tkt_enctypes = des rc4", "default_tkt_enctypes = des rc4:"},
		{"default_tgs_enctypes = aes256-cts\npermitted_enctypes = aes128-cts",
			"default_tgs_enctypes has no type that permitted_enctypes has too"},
	};
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		AUTO_BUFFER text = {0};
		struct kdc_conf out;
		struct error err = {0};
		assert_int_equal(buffer_append(&text, SLICE_LITERAL("[libdefaults]\n")), STATUS_OK);
		assert_int_equal(buffer_append(&text, slice_string(faults[i].text)), STATUS_OK);
		AUTO_KRB5_CONF conf = conf_of_text(buffer_slice(&text));
		assert_int_equal(kdc_conf_read(conf, "EXAMPLE.TEST", &out, &err), ERR_SYNTAX);
		assert_in(err.text, faults[i].sentence);
	}
}

/* It may be one that nothing was put into yet. */
static void a_fault_leaves_the_value_alone(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\nnoaddresses = none\n");
	struct kdc_conf out = {.addresses = true};
	struct error err;
	assert_int_equal(kdc_conf_read(conf, "EXAMPLE.TEST", &out, &err), ERR_SYNTAX);
	assert_true(out.addresses);
}

static void host_names(void **state UNUSED)
{
	static const struct row {
		const char *text;
		enum canonicalization canonicalization;
		bool rdns;
	} rows[] = {
		{"", CANONICALIZE_NOT, true},
		{"dns_canonicalize_hostname = false", CANONICALIZE_NOT, true},
		{"dns_canonicalize_hostname = true\nrdns = false", CANONICALIZE_ALWAYS, false},
		{"dns_canonicalize_hostname = Fallback", CANONICALIZE_FALLBACK, true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		AUTO_BUFFER text = {0};
		struct host_conf out;
		struct error err = {0};
		assert_int_equal(buffer_append(&text, SLICE_LITERAL("[libdefaults]\n")), STATUS_OK);
		assert_int_equal(buffer_append(&text, slice_string(rows[i].text)), STATUS_OK);
		AUTO_KRB5_CONF conf = conf_of_text(buffer_slice(&text));
		assert_int_equal(host_conf_read(conf, &out, &err), STATUS_OK);
		assert_int_equal(out.canonicalization, rows[i].canonicalization);
		assert_int_equal(out.rdns, rows[i].rdns);
	}
	AUTO_KRB5_CONF conf = PARSED("[libdefaults]\ndns_canonicalize_hostname = perhaps\n");
	struct host_conf out;
	struct error err = {0};
	assert_int_equal(host_conf_read(conf, &out, &err), ERR_SYNTAX);
	assert_in(
		err.text, "dns_canonicalize_hostname = perhaps: neither true, false nor fallback");
}

static void values_of_realms(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[realms]\nR = {\nkdc = a\nkdc = b\n}\n");
	assert_value(krb5_conf_realm_value(conf, "R", "kdc", 0), "a");
	assert_value(krb5_conf_realm_value(conf, "R", "kdc", 1), "b");
	assert_null(krb5_conf_realm_value(conf, "R", "kdc", 2));
	assert_null(krb5_conf_realm_value(conf, "R", "primary_kdc", 0));
	assert_null(krb5_conf_realm_value(conf, "S", "kdc", 0));
}

SUITE(test_kdc_conf)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_said),
		cmocka_unit_test(the_order_of_permitted_enctypes_is_kept),
		cmocka_unit_test(everything_said),
		cmocka_unit_test(a_realms_own_goes_first),
		cmocka_unit_test(older_names_and_limits),
		cmocka_unit_test(types_are_permitted_ones),
		cmocka_unit_test(refuses_what_it_does_not_understand),
		cmocka_unit_test(a_fault_leaves_the_value_alone),
		cmocka_unit_test(host_names),
		cmocka_unit_test(values_of_realms),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

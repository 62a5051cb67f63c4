/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sasl/address.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

static void assert_address(const char *text, int32_t type, struct slice octets)
{
	unsigned char storage[ADDRESS_MAX_LENGTH];
	struct host_address address = address_parse(text, storage);
	if (address.type != type || !slice_equal(address.address, octets))
		fail_msg("\"%s\" is of type %d with %zu octets", text, address.type,
			address.address.len);
	if (type != 0)
		assert_ptr_equal(address.address.data, storage);
}

static void assert_unknown(const char *text)
{
	assert_address(text, 0, SLICE_EMPTY);
}

static void ipv4_with_a_port(void **state UNUSED)
{
	assert_address("192.0.2.1;143", ADDRESS_IPV4, SLICE_LITERAL("\xc0\0\2\1"));
	assert_address("0.0.0.0;0", ADDRESS_IPV4, SLICE_LITERAL("\0\0\0\0"));
}

static void ipv6_with_a_port(void **state UNUSED)
{
	assert_address("2001:db8::1;143", ADDRESS_IPV6,
		SLICE_LITERAL("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"));
	assert_address("::;143", ADDRESS_IPV6, SLICE_LITERAL("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
}

static void the_longest_ipv6_address(void **state UNUSED)
{
	assert_address("1111:2222:3333:4444:5555:6666:255.255.255.255;65535", ADDRESS_IPV6,
		SLICE_LITERAL("\x11\x11\x22\x22\x33\x33\x44\x44\x55\x55\x66\x66\xff\xff\xff\xff"));
}

static void a_port_may_be_missing(void **state UNUSED)
{
	assert_address("192.0.2.1", ADDRESS_IPV4, SLICE_LITERAL("\xc0\0\2\1"));
	assert_address("192.0.2.1;", ADDRESS_IPV4, SLICE_LITERAL("\xc0\0\2\1"));
}

static void a_scope_is_passed_over(void **state UNUSED)
{
	assert_address("fe80::1%eth0;143", ADDRESS_IPV6,
		SLICE_LITERAL("\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1"));
}

static void no_address_is_not_known(void **state UNUSED)
{
	assert_unknown(NULL);
	assert_unknown("");
	assert_unknown(";143");
	assert_unknown("%eth0");
}

static void what_is_no_address_is_not_known(void **state UNUSED)
{
	static const char *const texts[] = {"localhost;143", "192.0.2;143", "192.0.2.256;143",
		"192.0.2.1.1", " 192.0.2.1", "192.0.2.1 ;1", "1::2::3;4", "/run/socket"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_unknown(texts[i]);
}

static void overlong_text_is_not_known(void **state UNUSED)
{
	char text[4096];
	memset(text, '1', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_unknown(text);
	assert_unknown("1111:2222:3333:4444:5555:6666:255.255.255.2551;1");
}

SUITE(test_address)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_with_a_port),
		cmocka_unit_test(ipv6_with_a_port),
		cmocka_unit_test(the_longest_ipv6_address),
		cmocka_unit_test(a_port_may_be_missing),
		cmocka_unit_test(a_scope_is_passed_over),
		cmocka_unit_test(no_address_is_not_known),
		cmocka_unit_test(what_is_no_address_is_not_known),
		cmocka_unit_test(overlong_text_is_not_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

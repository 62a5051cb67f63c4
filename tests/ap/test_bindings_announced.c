/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a client's authenticator says of channel bindings besides their hash
 * (MS-KILE section 3.2.5.8), octet by octet.
 */
#include "ap/bindings.h"
#include "tests/support/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNUSED __attribute__((unused))

/* Where the four octets of the options are in each of the next three: at the end, or before. */
static const unsigned char alone[] = {
	/* AD-IF-RELEVANT with AD-AUTH-DATA-AP-OPTIONS (143): 0x4000, in little-endian order */
	0x30, 0x1d, 0x30, 0x1b, 0xa0, 0x03, 0x02, 0x01, 0x01, 0xa1, 0x14, 0x04, 0x12, 0x30, 0x10,
	0x30, 0x0e, 0xa0, 0x04, 0x02, 0x02, 0x00, 0x8f, 0xa1, 0x06, 0x04, 0x04, 0x00, 0x40, 0x00,
	0x00};

/* In one container with a list of encryption types (129), as MIT krb5 has it. */
static const unsigned char with_types[] = {0x30, 0x31, 0x30, 0x2f, 0xa0, 0x03, 0x02, 0x01, 0x01,
	0xa1, 0x28, 0x04, 0x26, 0x30, 0x24, 0x30, 0x12, 0xa0, 0x04, 0x02, 0x02, 0x00, 0x81, 0xa1,
	0x0a, 0x04, 0x08, 0x30, 0x06, 0x02, 0x01, 0x12, 0x02, 0x01, 0x11, 0x30, 0x0e, 0xa0, 0x04,
	0x02, 0x02, 0x00, 0x8f, 0xa1, 0x06, 0x04, 0x04, 0x00, 0x40, 0x00, 0x00};

/* As Windows has it: token restrictions (141), KERB-LOCAL (142), the options, the target (144). */
static const unsigned char windows[] = {0x30, 0x81, 0x96, 0x30, 0x81, 0x93, 0xa0, 0x03, 0x02, 0x01,
	0x01, 0xa1, 0x81, 0x8b, 0x04, 0x81, 0x88, 0x30, 0x81, 0x85, 0x30, 0x3f, 0xa0, 0x04, 0x02,
	0x02, 0x00, 0x8d, 0xa1, 0x37, 0x04, 0x35, 0x30, 0x33, 0x30, 0x31, 0xa0, 0x03, 0x02, 0x01,
	0x00, 0xa1, 0x2a, 0x04, 0x28, 0x01, 0x00, 0x00, 0x00, 0x00, 0x20, 0x00, 0x00, 0x10, 0x11,
	0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20,
	0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f,
	0x30, 0x1a, 0xa0, 0x04, 0x02, 0x02, 0x00, 0x8e, 0xa1, 0x12, 0x04, 0x10, 0x01, 0x02, 0x03,
	0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x30, 0x0e,
	0xa0, 0x04, 0x02, 0x02, 0x00, 0x8f, 0xa1, 0x06, 0x04, 0x04, 0x00, 0x40, 0x00, 0x00, 0x30,
	0x16, 0xa0, 0x04, 0x02, 0x02, 0x00, 0x90, 0xa1, 0x0e, 0x04, 0x0c, 0x69, 0x00, 0x6d, 0x00,
	0x61, 0x00, 0x70, 0x00, 0x2f, 0x00, 0x6d, 0x00};

static const struct {
	struct slice der;
	size_t options; /* where the four octets begin */
} lists[] = {
	{{alone, sizeof alone}, sizeof alone - 4},
	{{with_types, sizeof with_types}, sizeof with_types - 4},
	{{windows, sizeof windows}, sizeof windows - 28},
};
#define COUNT (sizeof lists / sizeof *lists)

/* A copy with the octet at that place changed. */
static unsigned char changed[sizeof windows];

static struct slice with(size_t list, size_t place, unsigned char octet)
{
	memcpy(changed, lists[list].der.data, lists[list].der.len);
	changed[place] = octet;
	return slice_of(changed, lists[list].der.len);
}

static bool announced_in(struct slice der)
{
	struct authorization_data list;
	struct error err = {.status = STATUS_OK};
	bool announced = false;
	if (der_read_authorization_data(der, &list, &err) ||
		bindings_announced(&list, &announced, &err))
		fail_msg("%s", err.text);
	return announced;
}

static void the_options_bit_announces_bindings(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT; i++) {
		assert_true(announced_in(lists[i].der));
		assert_true(announced_in(with(i, lists[i].options + 1, 0xff)));
		assert_false(announced_in(with(i, lists[i].options + 1, 0xbf)));
		assert_false(announced_in(with(i, lists[i].options + 1, 0)));
	}
}

/* In network order it is another bit. */
static void the_options_are_in_little_endian_order(void **state UNUSED)
{
	struct slice der = with(0, lists[0].options + 1, 0);
	changed[lists[0].options + 2] = 0x40;
	assert_false(announced_in(der));
}

static void it_counts_inside_if_relevant_alone(void **state UNUSED)
{
	/* AD-AND-OR (5), AD-MANDATORY-FOR-KDC (8), a type that nobody has been given */
	static const unsigned char types[] = {5, 8, 99};
	for (size_t i = 0; i < sizeof types; i++)
		assert_false(announced_in(with(0, 8, types[i])));
	/* the element by itself */
	assert_false(announced_in(slice_of(alone + 13, sizeof alone - 13)));
	assert_false(announced_in(SLICE_LITERAL("\x30\x00")));
}

static void assert_refused(struct slice der, const char *sentence)
{
	struct authorization_data list;
	struct error err = {.status = STATUS_OK};
	bool announced;
	assert_int_equal(der_read_authorization_data(der, &list, &err), STATUS_OK);
	assert_int_equal(bindings_announced(&list, &announced, &err), ERR_SYNTAX);
	if (!strstr(err.text, sentence))
		fail_msg("%s", err.text);
}

static void malformed_options_are_refused(void **state UNUSED)
{
	static const struct ad_element wrong[] = {
		{AD_AP_OPTIONS, {(const unsigned char *)"\0\x40\0", 3}},
		{AD_AP_OPTIONS, {(const unsigned char *)"\0\x40\0\0\0", 5}},
		{AD_AP_OPTIONS, {(const unsigned char *)"", 0}},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		AUTO_BUFFER inner = {0};
		AUTO_BUFFER outer = {0};
		struct error err;
		struct authorization_data list = {.count = 1, .element = {wrong[i]}};
		assert_int_equal(der_write_authorization_data(&list, &inner, &err), STATUS_OK);
		list.element[0] = (struct ad_element){AD_IF_RELEVANT, buffer_slice(&inner)};
		assert_int_equal(der_write_authorization_data(&list, &outer, &err), STATUS_OK);
		assert_refused(buffer_slice(&outer), "octets instead of 4");
	}
	/* The container's list ends too early. */
	assert_refused(with(0, 14, 0x11), "AD-IF-RELEVANT");
}

static void what_is_made_is_what_windows_and_mit_read(void **state UNUSED)
{
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER der = {0};
	struct authorization_data list = {.count = 1};
	struct error err = {.status = STATUS_OK};
	assert_int_equal(bindings_announce(&storage, &list.element[0], &err), STATUS_OK);
	assert_int_equal(der_write_authorization_data(&list, &der, &err), STATUS_OK);
	assert_int_equal(der.len, sizeof alone);
	assert_memory_equal(der.data, alone, sizeof alone);
}

static int close_schema(void **state UNUSED)
{
	der_close();
	return 0;
}

SUITE(test_bindings_announced)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_options_bit_announces_bindings),
		cmocka_unit_test(the_options_are_in_little_endian_order),
		cmocka_unit_test(it_counts_inside_if_relevant_alone),
		cmocka_unit_test(malformed_options_are_refused),
		cmocka_unit_test(what_is_made_is_what_windows_and_mit_read),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_schema);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/sid.h"
#include "tests/support/assertions.h"
#include "tests/support/pac_maker.h"
#include "tests/support/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void parsed(const char *text, const char *expected)
{
	struct sid sid;
	assert_true(sid_parse(slice_string(text), &sid));
	assert_string_equal(SID_TEXT(&sid), expected);
}

static void a_text_is_parsed_and_written(void **state)
{
	(void)state;
	parsed("S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-513");
	parsed("s-1-5-32-544", "S-1-5-32-544");
	parsed("S-1-18-1", "S-1-18-1");
	parsed("S-1-5-4294967295", "S-1-5-4294967295");
	parsed("S-1-4294967295-1", "S-1-4294967295-1");
	parsed("S-1-4294967296-1", "S-1-0x000100000000-1");
	parsed("S-1-0xFfFfFfFfFfFf-0", "S-1-0xffffffffffff-0");
	parsed("S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15",
		"S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15");
}

static void what_is_no_sid_is_not_parsed(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "S", "S-1", "S-1-", "S-1-5", "S-1-5-", "S-2-5-21",
		"S-1--21", "S-1-5--21", "S-1-5-21-", "S-1-5-21 ", " S-1-5-21", "S-1-5-+21",
		"S-1-5-4294967296", "S-1-281474976710656-1", "S-1-0x1000000000000-1", "S-1-5-0x20",
		"S-1-5-2a", "S-1-5-21,S-1-5-22", "Domain Users", "X-1-5-21",
		"S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16",
		"S-1-5-99999999999999999999999999999999"};
	struct sid sid;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (sid_parse(slice_string(texts[i]), &sid))
			fail_msg("\"%s\" was parsed as %s", texts[i], SID_TEXT(&sid));
}

static void a_packet_is_read(void **state)
{
	(void)state;
	AUTO_BUFFER octets = {0};
	struct sid sid;
	mint_sid(&octets, "S-1-5-21-1-2-4294967295");
	struct ndr ndr = ndr_of(buffer_slice(&octets));
	sid_read(&ndr, &sid);
	assert_false(ndr.reader.failed);
	assert_int_equal(ndr.reader.rest.len, 0);
	assert_string_equal(SID_TEXT(&sid), "S-1-5-21-1-2-4294967295");
}

static void not_read(struct slice octets, const char *reason)
{
	NEW_ERROR(err);
	struct sid sid;
	struct ndr ndr = ndr_of(octets);
	sid_read(&ndr, &sid);
	assert_refusal(ndr_check(&ndr, &err), &err, ERR_SYNTAX, reason, reason);
	assert_int_equal(sid.count, 0);
}

static void a_packet_at_fault_is_not_read(void **state)
{
	(void)state;
	AUTO_BUFFER octets = {0};
	mint_sid(&octets, "S-1-5-21-1-2-3");
	octets.data[0] = 2;
	not_read(buffer_slice(&octets), "a SID is not of revision 1");
	octets.data[0] = 1;
	octets.data[1] = 16;
	not_read(buffer_slice(&octets), "more than 15 sub-authorities");
	octets.data[1] = 15;
	NEW_ERROR(err);
	struct sid sid;
	struct ndr ndr = ndr_of(buffer_slice(&octets));
	sid_read(&ndr, &sid);
	assert_refusal(ndr_check(&ndr, &err), &err, ERR_SYNTAX, "it ends before", "it ends before");
}

static void sids_are_equal_in_each_part(void **state)
{
	(void)state;
	struct sid a, b;
	assert_true(sid_parse(SLICE_LITERAL("S-1-5-21-1-2-3"), &a));
	static const char *const others[] = {"S-1-6-21-1-2-3", "S-1-5-21-1-2", "S-1-5-21-1-2-3-4",
		"S-1-5-21-1-2-4", "S-1-5-22-1-2-3"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		assert_true(sid_parse(slice_string(others[i]), &b));
		assert_false(sid_equal(&a, &b));
		assert_false(sid_equal(&b, &a));
	}
	assert_true(sid_parse(SLICE_LITERAL("s-1-5-21-1-2-3"), &b));
	assert_true(sid_equal(&a, &b));
}

static void a_domain_without_room_has_no_rid(void **state)
{
	(void)state;
	struct sid domain, sid;
	assert_true(sid_parse(SLICE_LITERAL("S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14"), &domain));
	assert_true(sid_of_rid(&domain, 500, &sid));
	assert_int_equal(sid.part[14], 500);
	domain = sid;
	assert_false(sid_of_rid(&domain, 500, &sid));
}

SUITE(test_sid)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_parsed_and_written),
		cmocka_unit_test(what_is_no_sid_is_not_parsed),
		cmocka_unit_test(a_packet_is_read),
		cmocka_unit_test(a_packet_at_fault_is_not_read),
		cmocka_unit_test(sids_are_equal_in_each_part),
		cmocka_unit_test(a_domain_without_room_has_no_rid),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

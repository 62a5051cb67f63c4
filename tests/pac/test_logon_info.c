/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/logon_info.h"
#include "tests/support/assertions.h"
#include "tests/support/pac_maker.h"
#include "tests/support/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OBJECT 16 /* where the object begins, behind the headers */

static struct mint_account account;
static struct buffer octets;
static struct logon_info info;

static int start(void **state)
{
	(void)state;
	account = mint_account(0);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	buffer_free(&octets);
	logon_info_clear(&info);
	return 0;
}

static void make(void)
{
	buffer_free(&octets);
	mint_logon_info(&account, &octets);
}

static void read_well(void)
{
	NEW_ERROR(err);
	logon_info_clear(&info);
	assert_success(logon_info_read(buffer_slice(&octets), &info, &err), &err);
}

static void read_account(void)
{
	make();
	read_well();
}

static void refused(const char *reason)
{
	NEW_ERROR(err);
	logon_info_clear(&info);
	assert_refusal(logon_info_read(buffer_slice(&octets), &info, &err), &err, ERR_SYNTAX,
		reason, reason);
	assert_null(info.account.data);
	assert_null(info.group);
}

/* "A B C" */
static void has_groups(const char *expected)
{
	char text[1000] = "";
	for (unsigned i = 0; i < info.group_count; i++) {
		strcat(text, i > 0 ? " " : "");
		strcat(text, SID_TEXT(&info.group[i]));
	}
	assert_string_equal(text, expected);
}

static void is_user(const char *expected)
{
	assert_int_equal(info.has_user, expected != NULL);
	if (expected)
		assert_string_equal(SID_TEXT(&info.user), expected);
}

/* Where the little-endian `value` is for the `n`th time, at a multiple of 4. */
static unsigned char *find(uint32_t value, unsigned n)
{
	AUTO_BUFFER wanted = {0};
	mint_le32(&wanted, value);
	for (size_t i = OBJECT; i + 4 <= octets.len; i += 4)
		if (memcmp(octets.data + i, wanted.data, 4) == 0 && n-- == 0)
			return octets.data + i;
	fail_msg("there is no %x", value);
	return NULL;
}

static void set(unsigned char *at, uint32_t value)
{
	AUTO_BUFFER octet = {0};
	mint_le32(&octet, value);
	memcpy(at, octet.data, 4);
}

/* Fields at fixed places of the object, from MS-PAC 2.5. */
#define EFFECTIVE_NAME (octets.data + OBJECT + 4 + 48)
#define USER_ID (octets.data + OBJECT + 4 + 100)
#define GROUP_COUNT (octets.data + OBJECT + 4 + 108)
#define GROUP_IDS (octets.data + OBJECT + 4 + 112)
#define LOGON_DOMAIN_ID (octets.data + OBJECT + 4 + 152)
#define SID_COUNT (octets.data + OBJECT + 4 + 196)
#define EXTRA_SIDS (octets.data + OBJECT + 4 + 200)
#define RESOURCE_DOMAIN (octets.data + OBJECT + 4 + 204)
#define RESOURCE_COUNT (octets.data + OBJECT + 4 + 208)
#define RESOURCE_IDS (octets.data + OBJECT + 4 + 212)
#define TAIL (octets.data + OBJECT + 4 + 216)

static void an_account_is_read(void **state)
{
	(void)state;
	read_account();
	assert_true(slice_equal(buffer_slice(&info.account), SLICE_LITERAL("alice")));
	assert_true(slice_equal(buffer_slice(&info.domain), SLICE_LITERAL("EXAMPLE")));
	is_user("S-1-5-21-1-2-3-1104");
	has_groups("S-1-5-21-1-2-3-513 S-1-5-21-1-2-3-1200 S-1-18-1 S-1-5-21-1-2-3-1300");
}

static void the_primary_group_counts_once(void **state)
{
	(void)state;
	account.primary_group_id = 515;
	account.extra_sids.count = account.resource_groups.count = 0;
	read_account();
	has_groups("S-1-5-21-1-2-3-513 S-1-5-21-1-2-3-1200 S-1-5-21-1-2-3-515");
	account.primary_group_id = 0;
	read_account();
	has_groups("S-1-5-21-1-2-3-513 S-1-5-21-1-2-3-1200");
}

static void groups_that_grant_nothing_are_left_out(void **state)
{
	(void)state;
	account.groups.group[0].attributes = 3;
	account.groups.group[1].attributes = 0x17;
	account.extra_sids.group[0].attributes = 0x10;
	account.resource_groups.group[0].attributes = 0x20000000;
	read_account();
	has_groups("");
}

static void lists_without_their_flag_are_left_out(void **state)
{
	(void)state;
	account.user_flags = 0x200;
	read_account();
	has_groups("S-1-5-21-1-2-3-513 S-1-5-21-1-2-3-1200 S-1-5-21-1-2-3-1300");
	account.user_flags = 0x20;
	read_account();
	has_groups("S-1-5-21-1-2-3-513 S-1-5-21-1-2-3-1200 S-1-18-1");
}

static void an_account_without_user_id_is_the_first_extra_sid(void **state)
{
	(void)state;
	account.user_id = 0;
	account.extra_sids =
		(struct mint_groups){2, {{.sid = "S-1-5-21-7-8-9-1000", .attributes = 7},
						{.sid = "S-1-18-2", .attributes = 7}}};
	read_account();
	is_user("S-1-5-21-7-8-9-1000");
	has_groups("S-1-5-21-1-2-3-513 S-1-5-21-1-2-3-1200 S-1-18-2 S-1-5-21-1-2-3-1300");
	account.user_flags = 0x200;
	read_account();
	is_user(NULL);
}

static void an_account_without_domain_has_no_sids_of_it(void **state)
{
	(void)state;
	account.domain_sid = NULL;
	account.resource_domain_sid = NULL;
	read_account();
	is_user(NULL);
	has_groups("S-1-18-1");
}

static void names_may_be_missing(void **state)
{
	(void)state;
	account.account = NULL;
	account.domain = "";
	read_account();
	assert_int_equal(info.account.len, 0);
	assert_int_equal(info.domain.len, 0);
}

/* In memory of that length, for AddressSanitizer; and with a header that says so. */
static void what_is_cut_is_refused(void **state)
{
	(void)state;
	account.domain = "EXAMPLES"; /* so that there is no padding at the end */
	account.resource_groups.group[account.resource_groups.count++] =
		(struct mint_group){.rid = 1, .attributes = 7};
	make();
	for (size_t length = 0; length < octets.len; length++) {
		NEW_ERROR(err);
		AUTO_BUFFER cut = {0};
		mint_octets(&cut, slice_of(octets.data, length));
		assert_int_equal(logon_info_read(buffer_slice(&cut), &info, &err), ERR_SYNTAX);
		if (length < OBJECT)
			continue;
		set(cut.data + 8, (uint32_t)length - OBJECT);
		if (logon_info_read(buffer_slice(&cut), &info, &err) == STATUS_OK)
			fail_msg("%zu of %zu octets are read", length, octets.len);
	}
}

static void the_headers_are_checked(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		unsigned char value;
	} faults[] = {{0, 2}, {1, 0}, {2, 9}, {3, 1}};
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		make();
		octets.data[faults[i].at] = faults[i].value;
		refused("no little-endian type serialization of version 1");
	}
	make();
	set(octets.data + 8, (uint32_t)octets.len - OBJECT + 1);
	refused("it ends before");
	set(octets.data + 8, UINT32_MAX);
	refused("it ends before");
	make();
	set(octets.data + OBJECT, 0);
	refused("it is a null pointer");
}

static void octets_behind_the_objects_end_are_refused(void **state)
{
	(void)state;
	make();
	mint_le64(&octets, 0);
	set(octets.data + 8, (uint32_t)octets.len - OBJECT);
	refused("it goes on behind what belongs to it");
}

static void a_strings_lengths_agree(void **state)
{
	(void)state;
	make();
	EFFECTIVE_NAME[0] = 12;
	refused("longer than its MaximumLength");
	EFFECTIVE_NAME[2] = 12;
	refused("has not the length that it is said to have");
	make();
	EFFECTIVE_NAME[0] = 9;
	refused("has not the length that it is said to have");
	make();
	set(EFFECTIVE_NAME + 4, 0);
	refused("has a length, but no text");
	make();
	set(TAIL, 4); /* maximum count */
	refused("has not the length");
	make();
	set(TAIL + 4, 1); /* offset */
	refused("has not the length");
	make();
	set(TAIL + 8, 4); /* actual count */
	refused("has not the length");
	/* Twice it wraps to 10 in 32 bits. */
	make();
	set(TAIL, UINT32_MAX);
	set(TAIL + 8, 0x80000005);
	refused("has not the length");
}

static void a_name_that_is_no_utf16_is_refused(void **state)
{
	(void)state;
	make();
	TAIL[12 + 1] = 0xd8;
	refused("half of a surrogate pair");
	make();
	TAIL[12] = 0;
	refused("NUL character");
	make();
	find('E' | 'X' << 16, 0)[1] = 0xdc;
	refused("half of a surrogate pair");
}

static void counts_and_elements_agree(void **state)
{
	(void)state;
	unsigned char *const counts[] = {(make(), GROUP_COUNT), SID_COUNT, RESOURCE_COUNT};
	static const uint32_t wrong[] = {0, 3, 0x20000001, UINT32_MAX};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		uint32_t right = i == 0 ? 2 : 1;
		for (size_t j = 0; j < sizeof wrong / sizeof *wrong; j++) {
			set(counts[i], wrong[j]);
			refused("a list has not as many elements as it says");
		}
		set(counts[i], right);
	}
	set(GROUP_IDS, 0);
	refused("a list has a count, but no elements");
	make();
	set(EXTRA_SIDS, 0);
	refused("a list has a count, but no elements");
	make();
	set(RESOURCE_IDS, 0);
	refused("a list has a count, but no elements");
}

/* Both counts alike: only what is there bounds them. */
static void counts_beyond_the_end_are_refused(void **state)
{
	(void)state;
	static const uint32_t wrong[] = {1000, 0x20000002, 0x80000002, UINT32_MAX};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		make();
		unsigned char *elements = find(513, 1) - 4;
		set(GROUP_COUNT, wrong[i]);
		set(elements, wrong[i]);
		refused("it ends before");
	}
}

static void sids_are_checked(void **state)
{
	(void)state;
	make();
	unsigned char *domain = find(21, 0) - 12; /* the count, revision, ..., 21 */
	domain[4] = 2;
	refused("not of revision 1");
	domain[4] = 1;
	domain[5] = 3;
	refused("a SID has not as many sub-authorities as it says");
	domain[5] = 16;
	refused("more than 15 sub-authorities");
	domain[5] = 4;
	set(domain, 5);
	refused("a SID has not as many sub-authorities as it says");
}

static void a_missing_extra_sid_is_refused(void **state)
{
	(void)state;
	account.user_flags = 0;
	make();
	/* The pointer is before the attributes, the count of the SID, and what is before its 18. */
	set(find(0x12000000, 0) - 16, 0);
	refused("a SID of ExtraSids is missing");
}

/* Anything else than a crash or a fault will do. */
static void no_octet_breaks_the_reader(void **state)
{
	(void)state;
	static const unsigned char values[] = {0, 1, 4, 0x7f, 0x80, 0xff};
	make();
	for (size_t i = 0; i < octets.len; i++)
		for (size_t j = 0; j < sizeof values; j++) {
			NEW_ERROR(err);
			unsigned char before = octets.data[i];
			octets.data[i] = values[j];
			logon_info_clear(&info);
			enum status status = logon_info_read(buffer_slice(&octets), &info, &err);
			assert_true(status == STATUS_OK || status == ERR_SYNTAX);
			octets.data[i] = before;
		}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, finish)

SUITE(test_logon_info)
{
	const struct CMUnitTest tests[] = {
		CASE(an_account_is_read),
		CASE(the_primary_group_counts_once),
		CASE(groups_that_grant_nothing_are_left_out),
		CASE(lists_without_their_flag_are_left_out),
		CASE(an_account_without_user_id_is_the_first_extra_sid),
		CASE(an_account_without_domain_has_no_sids_of_it),
		CASE(names_may_be_missing),
		CASE(what_is_cut_is_refused),
		CASE(the_headers_are_checked),
		CASE(octets_behind_the_objects_end_are_refused),
		CASE(a_strings_lengths_agree),
		CASE(a_name_that_is_no_utf16_is_refused),
		CASE(counts_and_elements_agree),
		CASE(counts_beyond_the_end_are_refused),
		CASE(sids_are_checked),
		CASE(a_missing_extra_sid_is_refused),
		CASE(no_octet_breaks_the_reader),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

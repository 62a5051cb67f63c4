/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/pac_buffers.h"
#include "tests/support/assertions.h"
#include "tests/support/pac_maker.h"
#include "tests/support/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct info {
	uint32_t type;
	uint32_t size;
	uint64_t offset;
};

static struct buffer octets;
static struct pac_buffers buffers;

static int finish(void **state)
{
	(void)state;
	buffer_free(&octets);
	return 0;
}

/* `whole` octets, of which the header says what it says. */
static void make(uint32_t count, uint32_t version, const struct info *infos, size_t whole)
{
	buffer_free(&octets);
	mint_le32(&octets, count);
	mint_le32(&octets, version);
	for (unsigned i = 0; infos && infos[i].type; i++) {
		mint_le32(&octets, infos[i].type);
		mint_le32(&octets, infos[i].size);
		mint_le64(&octets, infos[i].offset);
	}
	while (octets.len < whole)
		mint_u8(&octets, 0);
}

static void refused(const char *reason)
{
	NEW_ERROR(err);
	assert_refusal(pac_buffers_read(buffer_slice(&octets), &buffers, &err), &err, ERR_SYNTAX,
		reason, reason);
}

static void read_well(void)
{
	NEW_ERROR(err);
	assert_success(pac_buffers_read(buffer_slice(&octets), &buffers, &err), &err);
}

static void buffers_are_found_by_type(void **state)
{
	(void)state;
	make(3, 0, (const struct info[]){{1, 5, 64}, {20, 8, 56}, {6, 0, 72}, {0}}, 72);
	read_well();
	assert_int_equal(buffers.count, 3);
	assert_ptr_equal(pac_buffers_find(&buffers, 1)->data.data, octets.data + 64);
	assert_int_equal(pac_buffers_find(&buffers, 1)->data.len, 5);
	assert_ptr_equal(pac_buffers_find(&buffers, 20)->data.data, octets.data + 56);
	assert_int_equal(pac_buffers_find(&buffers, 6)->data.len, 0);
	assert_null(pac_buffers_find(&buffers, 7));
}

static void a_header_that_is_cut_is_refused(void **state)
{
	(void)state;
	make(2, 0, (const struct info[]){{1, 8, 40}, {6, 8, 48}, {0}}, 56);
	read_well();
	for (size_t length = 0; length < 56; length++) {
		NEW_ERROR(err);
		/* In memory of that length, for AddressSanitizer. */
		AUTO_BUFFER cut = {0};
		mint_octets(&cut, slice_of(octets.data, length));
		assert_int_equal(pac_buffers_read(buffer_slice(&cut), &buffers, &err), ERR_SYNTAX);
	}
}

static void count_and_version_are_bounded(void **state)
{
	(void)state;
	const struct info one[] = {{1, 8, 24}, {0}};
	make(1, 1, one, 32);
	refused("of version 1, expected is 0");
	make(0, 0, one, 32);
	refused("has 0 buffers");
	make(65, 0, one, 4096);
	refused("has 65 buffers");
	make(UINT32_MAX, 0, one, 32);
	refused("has 4294967295 buffers");
	/* 16 times it wraps to 16 in 32 bits. */
	make(0x10000001, 0, one, 32);
	refused("has 268435457 buffers");
	make(2, 0, one, 32);
	refused("those of buffers are from 40 to 32");
}

static void sixty_four_buffers_are_read(void **state)
{
	(void)state;
	struct info infos[PAC_MAX_BUFFERS + 1] = {{0}};
	for (unsigned i = 0; i < PAC_MAX_BUFFERS; i++)
		infos[i] = (struct info){i + 1, 8, 8 + 16 * PAC_MAX_BUFFERS + 8 * i};
	make(PAC_MAX_BUFFERS, 0, infos, 8 + 24 * PAC_MAX_BUFFERS);
	read_well();
	assert_int_equal(buffers.count, PAC_MAX_BUFFERS);
}

static void places_outside_are_refused(void **state)
{
	(void)state;
	static const struct info places[] = {{1, 1, 32}, {1, 9, 24}, {1, 0, 40},
		{1, UINT32_MAX, 24}, {1, 8, UINT64_MAX - 7}, {1, 16, UINT64_MAX - 7},
		{1, 8, UINT64_C(1) << 32}, {1, 8, (UINT64_C(1) << 32) + 24},
		{1, UINT32_MAX - 23, 24}, {1, 8, 0}, {1, 8, 8}, {1, 8, 16}, {1, 0, 0}};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		make(1, 0, (const struct info[]){places[i], {0}}, 32);
		refused("those of buffers are from 24 to 32");
	}
	make(1, 0, (const struct info[]){{1, 8, 24}, {0}}, 32);
	read_well();
	make(1, 0, (const struct info[]){{1, 0, 32}, {0}}, 32);
	read_well();
}

static void places_that_are_not_aligned_are_refused(void **state)
{
	(void)state;
	for (unsigned i = 1; i < 8; i++) {
		make(1, 0, (const struct info[]){{9, 1, 24 + i}, {0}}, 40);
		refused("the buffer of type 9 begins at octet");
	}
}

static void buffers_that_overlap_are_refused(void **state)
{
	(void)state;
	static const struct info second[] = {{2, 8, 56}, {2, 1, 56}, {2, 16, 56}, {2, 24, 48},
		{2, 9, 48}, {2, 1, 64}, {2, 8, 64}};
	for (size_t i = 0; i < sizeof second / sizeof *second; i++) {
		make(2, 0, (const struct info[]){{1, 9, 56}, second[i], {0}}, 80);
		refused("the buffers of the types 1 and 2 overlap");
		make(2, 0, (const struct info[]){second[i], {1, 9, 56}, {0}}, 80);
		refused("the buffers of the types 2 and 1 overlap");
	}
	make(2, 0, (const struct info[]){{1, 8, 56}, {2, 8, 64}, {0}}, 80);
	read_well();
	make(2, 0, (const struct info[]){{1, 8, 56}, {2, 8, 48}, {0}}, 80);
	read_well();
	make(2, 0, (const struct info[]){{1, 16, 56}, {2, 0, 64}, {0}}, 80);
	read_well();
	/* Not only neighbours in the header. */
	make(3, 0, (const struct info[]){{1, 8, 56}, {2, 8, 64}, {3, 4, 56}, {0}}, 80);
	refused("the buffers of the types 1 and 3 overlap");
}

static void a_type_is_there_once(void **state)
{
	(void)state;
	make(3, 0, (const struct info[]){{6, 8, 56}, {2, 8, 64}, {6, 8, 72}, {0}}, 80);
	refused("the buffer of type 6 is there twice");
	make(3, 0, (const struct info[]){{99, 0, 56}, {2, 8, 64}, {99, 0, 56}, {0}}, 80);
	refused("the buffer of type 99 is there twice");
}

/* What MIT krb5's tests call fuzz1 and fuzz2. */
static void published_faults_are_refused(void **state)
{
	(void)state;
	static const unsigned char first[] = {
		0, 0, 0, 0x10, 0, 0, 0, 0, 6, 0xff, 0xff, 0xff, 0, 0, 0xf5};
	static const unsigned char second[] = {0, 0, 0, 0x20, 0, 0, 0, 0, 0x20, 0x20};
	mint_octets(&octets, slice_of(first, sizeof first));
	refused("has 268435456 buffers");
	buffer_free(&octets);
	mint_octets(&octets, slice_of(second, sizeof second));
	refused("has 536870912 buffers");
}

#define CASE(f) cmocka_unit_test_teardown(f, finish)

SUITE(test_pac_buffers)
{
	const struct CMUnitTest tests[] = {
		CASE(buffers_are_found_by_type),
		CASE(a_header_that_is_cut_is_refused),
		CASE(count_and_version_are_bounded),
		CASE(sixty_four_buffers_are_read),
		CASE(places_outside_are_refused),
		CASE(places_that_are_not_aligned_are_refused),
		CASE(buffers_that_overlap_are_refused),
		CASE(a_type_is_there_once),
		CASE(published_faults_are_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

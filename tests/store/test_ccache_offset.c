/* SPDX-License-Identifier: BSD-3-Clause */
/* Files: the KDC's time offset, as it is kept in the header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/ccache_files.h"
#include "tests/support/suite.h"

/* A header of these fields, alice, and a ticket. */
static void put_cache_with(struct buffer *b, struct slice header)
{
	AUTO_BUFFER usual = {0};
	struct credential c = credential_for(&imap);
	mint_ccache_start(&usual, 4, &alice, 0);
	mint_ccache_credential(&usual, 4, &c, NULL);
	buffer_clear(b);
	mint_octets(b, SLICE_LITERAL("\5\4"));
	mint_u16(b, (uint16_t)header.len);
	mint_octets(b, header);
	mint_octets(b, slice_of(usual.data + 16, usual.len - 16));
}

/* A cache whose header has no place for the offset, in a new file. */
static struct ccache *open_without_offset(mode_t mode, struct stat *st)
{
	AUTO_BUFFER b = {0};
	unlink(path);
	put_cache_with(&b, SLICE_LITERAL(""));
	write_file(path, &b);
	assert_int_equal(chmod(path, mode), 0);
	assert_int_equal(stat(path, st), 0);
	return open_well(path);
}

#define OFFSET_OF_2_HOURS "\0\1\0\x8\0\0\x1c\x20\0\0\0\0"

static void the_time_offset_is_kept_in_the_header(void **state)
{
	static const struct row {
		struct slice before, after;
		bool same_file; /* it was long enough */
	} rows[] = {
		{SLICE_LITERAL("\0\1\0\x8\xff\xff\xff\xf7\0\0\0\1"),
			SLICE_LITERAL(OFFSET_OF_2_HOURS), true},
		{SLICE_LITERAL(""), SLICE_LITERAL(OFFSET_OF_2_HOURS), false},
		{SLICE_LITERAL("\0\x9\0\3abc"), SLICE_LITERAL(OFFSET_OF_2_HOURS "\0\x9\0\3abc"),
			false},
		{SLICE_LITERAL("\0\x9\0\3abc\0\1\0\x8\0\0\0\1\0\0\0\0"),
			SLICE_LITERAL(OFFSET_OF_2_HOURS "\0\x9\0\3abc"), true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		AUTO_BUFFER b = {0};
		struct error err = {0};
		struct stat before, after;
		put_cache_with(&b, rows[i].before);
		write_file(path, &b);
		assert_int_equal(stat(path, &before), 0);
		AUTO_CCACHE ccache = open_well(path);
		assert_success(ccache_set_kdc_offset(ccache, 7200, &err), &err);
		put_cache_with(&b, rows[i].after);
		assert_file(path, &b);
		assert_int_equal(stat(path, &after), 0);
		assert_int_equal(before.st_ino == after.st_ino, rows[i].same_file);
		AUTO_CCACHE again = open_well(path);
		assert_int_equal(ccache_kdc_offset(again), 7200);
		find_well(again, &imap);
	}
}

static void a_header_without_room_stays(void **state)
{
	static unsigned char header[65535] = {0, 9, 0xff, 0xfb};
	(void)state;
	AUTO_BUFFER b = {0};
	struct error err = {0};
	put_cache_with(&b, slice_of(header, sizeof header));
	write_file(path, &b);
	AUTO_CCACHE ccache = open_well(path);
	assert_int_equal(ccache_set_kdc_offset(ccache, 7200, &err), ERR_SYNTAX);
	assert_tells(&err, "no room for the KDC's time offset");
	assert_file(path, &b);
}

static void version_3_has_no_place_for_it(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct error err = {0};
	struct credential c = credential_for(&imap);
	mint_ccache_start(&b, 3, &alice, 0);
	mint_ccache_credential(&b, 3, &c, NULL);
	write_file(path, &b);
	AUTO_CCACHE ccache = open_well(path);
	assert_int_equal(ccache_set_kdc_offset(ccache, 7200, &err), ERR_UNSUPPORTED);
	assert_tells(&err, "is of version 3, which has no place for the KDC's clock");
	assert_file(path, &b);
}

static void anothers_cache_keeps_its_own(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct error err = {0};
	struct credential c = credential_for(&imap);
	put_cache(&b, &c);
	write_file(path, &b);
	AUTO_CCACHE ccache = open_well(path);
	buffer_clear(&b);
	mint_ccache_start(&b, 4, &bob, 0);
	write_file(path, &b);
	assert_int_equal(ccache_set_kdc_offset(ccache, 7200, &err), KRB_AP_ERR_BADMATCH);
	assert_file(path, &b);
}

/* The link stays, and what it leads to is replaced. */
static void behind_a_link_the_file_is_replaced(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct error err = {0};
	struct stat st;
	char link[200];
	put_cache_with(&b, SLICE_LITERAL(""));
	write_file(path, &b);
	snprintf(link, sizeof link, "%s.link", path);
	assert_int_equal(symlink(path, link), 0);
	AUTO_CCACHE ccache = open_well(link);
	assert_success(ccache_set_kdc_offset(ccache, 7200, &err), &err);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	put_cache_with(&b, SLICE_LITERAL(OFFSET_OF_2_HOURS));
	assert_file(path, &b);
	assert_int_equal(mode_of(path), 0600);
}

/* Who else may read the cache is its owner's choice, and stays so. */
static void a_file_that_is_replaced_keeps_its_readers(void **state)
{
	(void)state;
	static const mode_t modes[] = {0640, 0644, 0600};
	const gid_t group = geteuid() == 0 ? 12345 : getegid();
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		struct error err = {0};
		struct stat before, after;
		AUTO_CCACHE ccache = open_without_offset(modes[i], &before);
		assert_int_equal(chown(path, (uid_t)-1, group), 0);
		assert_success(ccache_set_kdc_offset(ccache, 7200, &err), &err);
		assert_int_equal(stat(path, &after), 0);
		assert_int_not_equal(after.st_ino, before.st_ino);
		assert_int_equal(after.st_mode & 07777, modes[i]);
		if (modes[i] & 077)
			assert_int_equal(after.st_gid, group);
	}
}

/* Owner rw, user 12345 r, group nothing, mask r, others nothing: as the kernel has it. */
#define ACCESS_LIST                                                                                \
	"\2\0\0\0\1\0\6\0\xff\xff\xff\xff\2\0\4\0\x39\x30\0\0"                                     \
	"\4\0\0\0\xff\xff\xff\xff\x10\0\4\0\xff\xff\xff\xff\x20\0\0\0\xff\xff\xff\xff"

/* Its mode is 0640, by which the group would read what it may not. */
static void a_file_that_is_replaced_keeps_its_access_list(void **state)
{
	(void)state;
	static const char name[] = "system.posix_acl_access";
	const struct slice list = SLICE_LITERAL(ACCESS_LIST);
	struct error err = {0};
	struct stat before, after;
	char found[100];
	AUTO_CCACHE ccache = open_without_offset(0600, &before);
	if (setxattr(path, name, list.data, list.len, 0) != 0) {
		print_message("this file system has no access lists\n");
		skip();
	}
	assert_success(ccache_set_kdc_offset(ccache, 7200, &err), &err);
	assert_int_equal(stat(path, &after), 0);
	assert_int_not_equal(after.st_ino, before.st_ino);
	assert_int_equal(after.st_mode & 07777, 0640);
	assert_int_equal(getxattr(path, name, found, sizeof found), list.len);
	assert_memory_equal(found, list.data, list.len);
}

SUITE(test_ccache_offset)
{
#define TEST(name) cmocka_unit_test_setup(name, start_with_nothing)
	const struct CMUnitTest tests[] = {
		TEST(the_time_offset_is_kept_in_the_header),
		TEST(a_header_without_room_stays),
		TEST(version_3_has_no_place_for_it),
		TEST(anothers_cache_keeps_its_own),
		TEST(behind_a_link_the_file_is_replaced),
		TEST(a_file_that_is_replaced_keeps_its_readers),
		TEST(a_file_that_is_replaced_keeps_its_access_list),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

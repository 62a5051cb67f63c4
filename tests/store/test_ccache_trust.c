/* SPDX-License-Identifier: BSD-3-Clause */
/* Whose caches are believed; most of it can be tried by root alone, who can make other users'
 * files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/ccache_files.h"
#include "tests/support/suite.h"

#define SOMEBODY 12345

static const struct file_owners somebody = {1, {SOMEBODY}};

static void put_alices(const char *name)
{
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	put_cache(&b, &c);
	write_file(name, &b);
}

static void only_as_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("only root can make what is another user's\n");
	skip();
}

static void refused_of(
	const char *name, const struct file_owners *owners, enum status status, const char *telling)
{
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	assert_int_equal(ccache_open(name, owners, &ccache, &err), status);
	assert_null(ccache);
	assert_tells(&err, telling);
}

static void refused(const char *name, const char *telling)
{
	refused_of(name, NULL, ERR_UNTRUSTED, telling);
}

static void believed_of(const char *name, const struct file_owners *owners)
{
	AUTO_CCACHE ccache = open_of(name, owners);
	find_well(ccache, &imap);
}

static void believed(const char *name)
{
	believed_of(name, NULL);
}

static void become(uid_t uid)
{
	assert_int_equal(seteuid(0), 0); /* who alone may become another */
	assert_int_equal(seteuid(uid), 0);
}

/* Files */

static void owner_is_the_effective_user_or_root(void **state)
{
	(void)state;
	put_alices(path);
	believed(path);
	only_as_root();
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chmod(path, 0644), 0);
	become(SOMEBODY); /* root's */
	believed(path);
	become(0);
	assert_int_equal(chown(path, SOMEBODY, SOMEBODY), 0);
	become(SOMEBODY); /* his own */
	believed(path);
	become(SOMEBODY + 1);
	refused(path, "belongs to user 12345 (mode 0644), expected is user 12346, whom");
	become(0);
	refused(path, "belongs to user 12345 (mode 0644), expected is user 0, whom");
	refused(path, "run kinit as that one, or name the owner in the option "
		      "kerberos5_ccache_owners");
}

static void further_owners_can_be_named(void **state)
{
	(void)state;
	const struct file_owners others = {2, {4711, SOMEBODY + 1}};
	only_as_root();
	put_alices(path);
	assert_int_equal(chown(path, SOMEBODY, SOMEBODY), 0);
	believed_of(path, &somebody);
	refused_of(path, &others, ERR_UNTRUSTED, "belongs to user 12345");
	assert_int_equal(chown(path, SOMEBODY + 1, 0), 0);
	believed_of(path, &others);
}

static void group_and_others_may_read_and_not_write(void **state)
{
	(void)state;
	put_alices(path);
	static const mode_t fine[] = {0600, 0640, 0644, 0400, 0444};
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
		assert_int_equal(chmod(path, fine[i]), 0);
		believed(path);
	}
	assert_int_equal(chmod(path, 0660), 0);
	refused(path, "can be written to by others (mode 0660): chmod go-w");
	assert_int_equal(chmod(path, 0602), 0);
	refused(path, "can be written to by others (mode 0602)");
	refused_of(path, &somebody, ERR_UNTRUSTED, "can be written to by others");
}

static void a_second_name_is_refused(void **state)
{
	(void)state;
	put_alices(path);
	assert_int_equal(link(path, in_folder("other")), 0);
	refused(path, "has another name too (a hard link)");
	assert_int_equal(unlink(in_folder("other")), 0);
	believed(path);
}

static void what_is_no_file_is_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(20);
	refused_of(path, NULL, ERR_FILE, "not a regular file");
	alarm(0);
}

static void no_octet_of_another_file_is_told(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	mint_octets(&b, SLICE_LITERAL("QZ secret"));
	write_file(path, &b);
	assert_int_equal(ccache_open(path, NULL, &ccache, &err), ERR_SYNTAX);
	assert_null(strstr(err.text, "515a"));
	assert_null(strstr(err.text, "QZ"));
	assert_int_equal(mkdir(in_folder("dir"), 0700), 0);
	write_file(in_folder("dir/primary"), &b);
	char name[PATH_MAX];
	snprintf(name, sizeof name, "DIR:%s", in_folder("dir"));
	assert_int_equal(ccache_open(name, NULL, &ccache, &err), ERR_SYNTAX);
	assert_null(strstr(err.text, "QZ"));
	assert_int_equal(unlink(in_folder("dir/primary")), 0);
}

static void one_that_becomes_anothers_is_not_written(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	only_as_root();
	put_alices(path);
	read_file(path, &b);
	AUTO_CCACHE ccache = open_well(path);
	assert_int_equal(chown(path, SOMEBODY, SOMEBODY), 0);
	fail_to_store(ccache, ERR_UNTRUSTED, "belongs to user 12345");
	assert_int_equal(chown(path, 0, 0), 0);
	assert_int_equal(chmod(path, 0666), 0);
	fail_to_store(ccache, ERR_UNTRUSTED, "can be written to by others");
	assert_int_equal(rename(path, in_folder("moved")), 0);
	assert_int_equal(chmod(in_folder("moved"), 0600), 0);
	assert_int_equal(symlink("moved", path), 0);
	assert_int_equal(lchown(path, SOMEBODY, SOMEBODY), 0);
	fail_to_store(ccache, ERR_UNTRUSTED, "is a symbolic link of user 12345");
	assert_file(in_folder("moved"), &b);
}

/* Links */

static void links_are_followed_if_they_are_the_users_or_roots(void **state)
{
	(void)state;
	put_alices(in_folder("target"));
	assert_int_equal(symlink("target", path), 0);
	believed(path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(in_folder("target"), path), 0);
	believed(path);
	only_as_root();
	assert_int_equal(lchown(path, SOMEBODY, SOMEBODY), 0);
	refused(path,
		"is a symbolic link of user 12345, which is followed only if it is of user 0");
	/* Nor if the option names whose files are believed: who makes links is not asked. */
	refused_of(path, &somebody, ERR_UNTRUSTED, "is a symbolic link of user 12345");
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chown(in_folder("target"), SOMEBODY, SOMEBODY), 0);
	become(SOMEBODY); /* his own link to his own file */
	believed(path);
	become(0);
}

static void each_link_on_the_way_is_judged(void **state)
{
	(void)state;
	put_alices(in_folder("target"));
	assert_int_equal(symlink("second", path), 0);
	assert_int_equal(symlink("target", in_folder("second")), 0);
	believed(path);
	only_as_root();
	assert_int_equal(lchown(in_folder("second"), SOMEBODY, SOMEBODY), 0);
	refused(path, "is a symbolic link of user 12345");
}

/* A secret's folder has links to what is behind ..data, a link to the folder of its present
 * version. */
static void links_are_as_kubernetes_makes_them(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_folder("..2026_11_30"), 0755), 0);
	put_alices(in_folder("..2026_11_30/ccache"));
	assert_int_equal(chmod(in_folder("..2026_11_30/ccache"), 0640), 0);
	assert_int_equal(symlink("..2026_11_30", in_folder("..data")), 0);
	assert_int_equal(symlink("..data/ccache", path), 0);
	believed(path);
	if (geteuid() == 0) {
		assert_int_equal(chmod(folder, 0755), 0);
		assert_int_equal(chown(in_folder("..2026_11_30/ccache"), 0, SOMEBODY), 0);
		assert_int_equal(setegid(SOMEBODY), 0); /* fsGroup */
		become(SOMEBODY);
		believed(path);
		become(0);
		assert_int_equal(setegid(0), 0);
	}
	assert_int_equal(unlink(in_folder("..2026_11_30/ccache")), 0);
}

static void links_with_a_second_name_are_refused(void **state)
{
	(void)state;
	put_alices(in_folder("target"));
	assert_int_equal(symlink("target", path), 0);
	assert_int_equal(link(path, in_folder("second")), 0);
	refused(path, "with a second name");
}

static void links_without_end_are_not_followed(void **state)
{
	(void)state;
	assert_int_equal(symlink("ccache", path), 0);
	refused_of(path, NULL, ERR_FILE, strerror(ELOOP));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("gone", path), 0);
	refused_of(path, NULL, ERR_NOT_FOUND, "run kinit");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("gone/far", path), 0);
	refused_of(path, NULL, ERR_NOT_FOUND, "run kinit");
}

/* Collections */

static char collection[PATH_MAX + 8], one[PATH_MAX + 8];

static void make_collection(void)
{
	assert_int_equal(mkdir(in_folder("dir"), 0700), 0);
	put_alices(in_folder("dir/tkt"));
	snprintf(collection, sizeof collection, "DIR:%s", in_folder("dir"));
	snprintf(one, sizeof one, "DIR::%s", in_folder("dir/tkt"));
}

static int empty_collection(void **state)
{
	(void)state;
	unlink(in_folder("dir/tkt"));
	unlink(in_folder("dir/primary"));
	return start_with_nothing(state);
}

static void refused_both(const struct file_owners *owners, const char *telling)
{
	AUTO_BUFFER names = {0};
	struct error err = {0};
	refused_of(collection, owners, ERR_UNTRUSTED, telling);
	refused_of(one, owners, ERR_UNTRUSTED, telling);
	assert_int_equal(ccache_list(collection, owners, &names, &err), ERR_UNTRUSTED);
	assert_tells(&err, telling);
}

static void a_folder_is_judged_as_its_files_are(void **state)
{
	(void)state;
	make_collection();
	believed(collection);
	believed(one);
	assert_int_equal(chmod(in_folder("dir"), 0770), 0);
	refused_both(NULL, "the credential cache folder /tmp/");
	refused_both(NULL, "can be written to by others (mode 0770)");
	assert_int_equal(chmod(in_folder("dir"), 01777), 0);
	refused_both(NULL, "can be written to by others (mode 01777)");
	assert_int_equal(chmod(in_folder("dir"), 0755), 0);
	believed(collection);
	only_as_root();
	assert_int_equal(chown(in_folder("dir"), SOMEBODY, SOMEBODY), 0);
	refused_both(NULL, "belongs to user 12345 (mode 0755)");
	believed_of(collection, &somebody);
	believed_of(one, &somebody);
}

static void a_link_to_a_folder_is_judged(void **state)
{
	(void)state;
	make_collection();
	assert_int_equal(symlink("dir", path), 0);
	snprintf(collection, sizeof collection, "DIR:%s", path);
	snprintf(one, sizeof one, "DIR::%s/tkt", path);
	believed(collection);
	only_as_root();
	assert_int_equal(lchown(path, SOMEBODY, SOMEBODY), 0);
	refused_both(NULL, "is a symbolic link of user 12345");
	snprintf(collection, sizeof collection, "DIR:%s//", path);
	refused(collection, "is a symbolic link of user 12345");
}

/* Such as ln -s dir/ makes: what it leads to is judged, and not taken for missing. */
static void a_link_to_a_folder_may_end_in_slashes(void **state)
{
	(void)state;
	make_collection();
	snprintf(collection, sizeof collection, "DIR:%s", path);
	snprintf(one, sizeof one, "DIR::%s/tkt", path);
	static const char *const ends[] = {"", "/", "//"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		char target[PATH_MAX];
		snprintf(target, sizeof target, "%s%s", in_folder("dir"), ends[i]);
		assert_int_equal(symlink(target, path), 0);
		believed(collection);
		believed(one);
		assert_int_equal(chmod(in_folder("dir"), 0770), 0);
		refused_both(NULL, "can be written to by others (mode 0770)");
		assert_int_equal(chmod(in_folder("dir"), 0700), 0);
		assert_int_equal(unlink(path), 0);
	}
}

static void the_file_that_names_the_primary_one_is_judged(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	make_collection();
	mint_octets(&b, SLICE_LITERAL("tkt\n"));
	write_file(in_folder("dir/primary"), &b);
	believed(collection);
	assert_int_equal(chmod(in_folder("dir/primary"), 0620), 0);
	refused(collection, "the file that names the primary credential cache, /tmp/");
	only_as_root();
	assert_int_equal(chmod(in_folder("dir/primary"), 0600), 0);
	assert_int_equal(chown(in_folder("dir/primary"), SOMEBODY, SOMEBODY), 0);
	refused(collection, "belongs to user 12345");
}

static void a_cache_in_a_folder_is_judged(void **state)
{
	(void)state;
	make_collection();
	assert_int_equal(chmod(in_folder("dir/tkt"), 0660), 0);
	refused(collection, "can be written to by others");
	refused(one, "can be written to by others");
}

/* Who the others are */

static void owners_are_names_or_numbers(void **state)
{
	(void)state;
	struct file_owners owners;
	struct error err = {0};
	assert_success(file_owners_parse(NULL, &owners, &err), &err);
	assert_int_equal(owners.count, 0);
	assert_success(file_owners_parse(" ,", &owners, &err), &err);
	assert_int_equal(owners.count, 0);
	assert_success(file_owners_parse("root, 12345 4294967294", &owners, &err), &err);
	assert_int_equal(owners.count, 3);
	assert_int_equal(owners.uid[0], 0);
	assert_int_equal(owners.uid[1], 12345);
	assert_int_equal(owners.uid[2], 4294967294);
}

static void other_owners_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *telling;
	} wrong[] = {
		{"root no-such-user-here", "\"no-such-user-here\" is neither a user's name"},
		{"-1", "\"-1\" is neither"},
		{"4294967295", "\"4294967295\" is neither"}, /* what chown() takes for nobody */
		{"4294967296", "\"4294967296\" is neither"},
		{"99999999999999999999", "is neither"},
		{"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "more than 16 users, the first too "
							      "many is \"17\""},
		{"a\nb", "\"a\\x0Ab\" is neither"},
	};
	struct file_owners owners;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct error err = {0};
		assert_int_equal(file_owners_parse(wrong[i].text, &owners, &err), ERR_SYNTAX);
		assert_tells(&err, wrong[i].telling);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start_with_nothing, empty_collection)

SUITE(test_ccache_trust)
{
	const struct CMUnitTest tests[] = {
		TEST(owner_is_the_effective_user_or_root),
		TEST(further_owners_can_be_named),
		TEST(group_and_others_may_read_and_not_write),
		TEST(a_second_name_is_refused),
		TEST(what_is_no_file_is_not_waited_for),
		TEST(no_octet_of_another_file_is_told),
		TEST(one_that_becomes_anothers_is_not_written),
		TEST(links_are_followed_if_they_are_the_users_or_roots),
		TEST(each_link_on_the_way_is_judged),
		TEST(links_are_as_kubernetes_makes_them),
		TEST(links_with_a_second_name_are_refused),
		TEST(links_without_end_are_not_followed),
		TEST(a_folder_is_judged_as_its_files_are),
		TEST(a_link_to_a_folder_is_judged),
		TEST(a_link_to_a_folder_may_end_in_slashes),
		TEST(the_file_that_names_the_primary_one_is_judged),
		TEST(a_cache_in_a_folder_is_judged),
		cmocka_unit_test(owners_are_names_or_numbers),
		cmocka_unit_test(other_owners_are_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that are read, that include others, and whose changes are noticed. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/profile_directory.h"
#include "tests/support/suite.h"

/* Files */

static void missing_files_are_an_empty_tree(void **state UNUSED)
{
	AUTO_PROFILE profile = read_ok(in_directory("missing"), NULL);
	assert_null(VALUE(profile, "a", "x"));
	AUTO_PROFILE none = read_ok("", NULL);
	assert_null(VALUE(none, "a", "x"));
}

static void directory_in_place_of_a_file_is_refused(void **state UNUSED)
{
	assert_read_refused(directory, ERR_FILE, ": not a regular file");
}

static void fifo_is_refused_without_waiting(void **state UNUSED)
{
	const char *path = in_directory("fifo");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_read_refused(path, ERR_FILE, "/fifo: not a regular file");
}

static void unreadable_file_is_refused(void **state UNUSED)
{
	const char *path = write_profile("file", "[a]\n");
	assert_int_equal(chmod(path, 0), 0);
	bool is_superuser = geteuid() == 0; /* who reads everything */
	assert_int_equal(is_superuser ? seteuid(65534) : 0, 0);
	assert_read_refused(path, ERR_FILE, "/file: Permission denied");
	assert_int_equal(is_superuser ? seteuid(0) : 0, 0);
}

static void file_as_a_directory_is_refused(void **state UNUSED)
{
	write_profile("file", "[a]\n");
	assert_read_refused(in_directory("file/x"), ERR_FILE, "/file/x: Not a directory");
}

static const char *write_long_file(const char *name, off_t size)
{
	const char *path = write_profile(name, "[a]\nx = 1\n");
	FILE *file = fopen(path, "a");
	assert_non_null(file);
	while (ftello(file) < size)
		fputc('\n', file);
	fclose(file);
	return path;
}

static void file_of_one_mebibyte_is_the_longest(void **state UNUSED)
{
	profile_free(read_ok(write_long_file("fits", PROFILE_MAX_OCTETS), NULL));
	assert_read_refused(write_long_file("long", PROFILE_MAX_OCTETS + 1), ERR_TOO_LONG,
		"/long: longer than 1048576 octets");
}

static void fault_names_the_file_and_line(void **state UNUSED)
{
	assert_read_refused(write_profile("file", "[a]\nx = 1\n}\n"), ERR_SYNTAX,
		"/file:3: a '}' without a '{'");
}

/* Includes */

static void included_file_counts_where_it_is_included(void **state UNUSED)
{
	write_profile("inner", "[a]\nx = 2\n");
	const char *path = write_profile("outer", "[a]\nx = 1\ninclude @/inner \t\n[a]\nx = 3\n");
	AUTO_PROFILE profile = read_ok(path, NULL);
	assert_value(VALUE_AT(profile, 0, "a", "x"), "1");
	assert_value(VALUE_AT(profile, 1, "a", "x"), "2");
	assert_value(VALUE_AT(profile, 2, "a", "x"), "3");
}

static void included_file_does_not_disturb_the_including_one(void **state UNUSED)
{
	write_profile("inner", "[b]\ny = 2\n");
	const char *path =
		write_profile("outer", "[a]\ns = {\nx = 1\ninclude @/inner\r\nz = 3\n}\n");
	AUTO_PROFILE profile = read_ok(path, NULL);
	assert_value(VALUE(profile, "a", "s", "x"), "1");
	assert_value(VALUE(profile, "a", "s", "z"), "3");
	assert_value(VALUE(profile, "b", "y"), "2");
}

static void included_file_begins_outside_of_sections(void **state UNUSED)
{
	write_profile("inner", "x = 2\n");
	const char *path = write_profile("outer", "[a]\ninclude @/inner\n");
	assert_read_refused(
		path, ERR_SYNTAX, "/inner:1: \"x = 2\" stands before the first section");
}

static void included_file_closes_its_own_braces(void **state UNUSED)
{
	write_profile("inner", "[b]\ns = {\n");
	const char *path = write_profile("outer", "include @/inner\n[a]\nx = 1\n}\n");
	assert_read_refused(path, ERR_SYNTAX, "/inner:2: the brace opened here is not closed");
}

static void included_file_that_is_missing_is_refused(void **state UNUSED)
{
	const char *path = write_profile("outer", "\ninclude @/missing\n");
	char sentence[300];
	snprintf(sentence, sizeof sentence, "/outer:2: %s/missing: No such file or directory",
		directory);
	assert_read_refused(path, ERR_FILE, sentence);
}

static void include_of_a_directory_is_refused(void **state UNUSED)
{
	const char *path = write_profile("outer", "include @\n");
	char sentence[300];
	snprintf(sentence, sizeof sentence, "/outer:1: %s: not a regular file", directory);
	assert_read_refused(path, ERR_FILE, sentence);
}

static void relative_include_is_refused(void **state UNUSED)
{
	assert_read_refused(write_profile("file", "include other.conf\n"), ERR_SYNTAX,
		"/file:1: \"include other.conf\": expected an absolute path");
	assert_read_refused(write_profile("file", "include\n"), ERR_SYNTAX,
		"/file:1: \"include \": expected an absolute path");
	assert_read_refused(write_profile("file", "includedir krb5.conf.d\n"), ERR_SYNTAX,
		"/file:1: \"includedir krb5.conf.d\": expected an absolute path");
}

static void file_that_includes_itself_is_refused(void **state UNUSED)
{
	assert_read_refused(write_profile("file", "[a]\ninclude @/file\n"), ERR_SYNTAX,
		"/file:2: files include each other more than 10 deep");
}

static void directory_that_includes_itself_is_refused(void **state UNUSED)
{
	assert_read_refused(write_profile("file", "includedir @\n"), ERR_SYNTAX,
		"/file:1: files include each other more than 10 deep");
}

/* a includes b, b includes c, and so on, as many as there are levels. */
static const char *write_chain(unsigned levels)
{
	for (unsigned i = 0; i <= levels; i++) {
		char name[2] = {(char)('a' + i), '\0'}, text[] = "include @/b\n[a]\nx = 1\n";
		text[10] = (char)('b' + i);
		write_profile(name, i < levels ? text : "[a]\nx = 1\n");
	}
	return in_directory("a");
}

static void includes_nest_to_10(void **state UNUSED)
{
	profile_free(read_ok(write_chain(10), NULL));
	assert_read_refused(write_chain(11), ERR_SYNTAX, "/k:1: files include each other");
}

static void number_of_files_is_bounded(void **state UNUSED)
{
	/* Each includes the next twenty times: 20 + 400 reads. */
	char twice[2][500] = {"", ""};
	for (unsigned i = 0; i < 20; i++) {
		strcat(twice[0], "include @/b\n");
		strcat(twice[1], "include @/c\n");
	}
	const char *path = write_profile("a", twice[0]);
	write_profile("b", twice[1]);
	write_profile("c", "");
	assert_read_refused(path, ERR_SYNTAX, "/c: more than 256 files are included");
}

static void directory_gives_the_files_with_fitting_names_in_order(void **state UNUSED)
{
	assert_int_equal(mkdir(in_directory("d"), 0700), 0);
	write_profile("d/b", "[a]\nx = b\n");
	write_profile("d/A-1_z", "[a]\nx = A\n");
	write_profile("d/with.dot.conf", "[a]\nx = dot\n");
	write_profile("d/with blank.conf", "[a]\nx = blank\n");
	write_profile("d/.hidden.conf", "broken\n");
	write_profile("d/.hidden", "broken\n");
	write_profile("d/b~", "broken\n");
	write_profile("d/b.conf.rpmsave", "broken\n");
	write_profile("d/b.bak", "broken\n");
	assert_int_equal(mkdir(in_directory("d/sub"), 0700), 0);
	AUTO_PROFILE profile = read_ok(write_profile("file", "includedir @/d\n"), NULL);
	assert_value(VALUE_AT(profile, 0, "a", "x"), "A");
	assert_value(VALUE_AT(profile, 1, "a", "x"), "b");
	assert_value(VALUE_AT(profile, 2, "a", "x"), "blank");
	assert_value(VALUE_AT(profile, 3, "a", "x"), "dot");
	assert_null(VALUE_AT(profile, 4, "a", "x"));
}

static void missing_directory_is_refused(void **state UNUSED)
{
	const char *path = write_profile("file", "includedir @/missing\n");
	char sentence[300];
	snprintf(sentence, sizeof sentence, "/file:1: %s/missing: No such file or directory",
		directory);
	assert_read_refused(path, ERR_FILE, sentence);
}

static void dangling_link_in_a_directory_is_refused(void **state UNUSED)
{
	assert_int_equal(mkdir(in_directory("d"), 0700), 0);
	assert_int_equal(symlink("/nowhere/at/all", in_directory("d/link")), 0);
	char sentence[300];
	snprintf(sentence, sizeof sentence, "/file:1: %s/d/link: No such file", directory);
	assert_read_refused(write_profile("file", "includedir @/d\n"), ERR_FILE, sentence);
}

static void fault_in_a_directory_names_its_file(void **state UNUSED)
{
	assert_int_equal(mkdir(in_directory("d"), 0700), 0);
	write_profile("d/x.conf", "[a]\n\nx\n");
	assert_read_refused(write_profile("file", "includedir @/d/\n"), ERR_SYNTAX,
		"/d//x.conf:3: \"x\" is neither");
}

/* Changes */

static void unchanged_files_are_not_changed(void **state UNUSED)
{
	assert_int_equal(mkdir(in_directory("d"), 0700), 0);
	write_profile("d/x", "");
	write_profile("inner", "");
	struct watch watch = {0};
	profile_free(read_ok(write_profile("file", "include @/inner\nincludedir @/d\n"), &watch));
	assert_int_equal(watch.count, 4);
	assert_false(watch_changed(&watch));
	watch_free(&watch);
	assert_int_equal(watch.count, 0);
	assert_false(watch_changed(&watch));
}

/* Reads "file", does `change`, and sees whether it is noticed. */
static void assert_noticed(void (*change)(void))
{
	struct watch watch = {0};
	profile_free(read_ok(in_directory("file"), &watch));
	assert_false(watch_changed(&watch));
	change();
	assert_true(watch_changed(&watch));
	watch_free(&watch);
}

static void lengthen_file(void)
{
	write_profile("file", "[a]\nx = 1\nx = 2\n");
}

static void replace_file(void)
{
	write_profile("new", "[a]\nx = 2\n");
	assert_int_equal(rename(in_directory("new"), in_directory("file")), 0);
}

static void remove_file(void)
{
	assert_int_equal(unlink(in_directory("file")), 0);
}

static void restrict_file(void)
{
	assert_int_equal(chmod(in_directory("file"), 0), 0);
}

static void touch_inner(void)
{
	struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	assert_int_equal(utimensat(AT_FDCWD, in_directory("inner"), times, 0), 0);
}

static void add_to_directory(void)
{
	struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	write_profile("d/y", "");
	assert_int_equal(utimensat(AT_FDCWD, in_directory("d"), times, 0), 0);
}

static void change_of_a_file_is_noticed(void **state UNUSED)
{
	write_profile("file", "[a]\nx = 1\n");
	assert_noticed(lengthen_file);
	assert_noticed(replace_file);
	assert_noticed(restrict_file);
}

static void disappearance_and_appearance_are_noticed(void **state UNUSED)
{
	write_profile("file", "[a]\nx = 1\n");
	assert_noticed(remove_file);
	assert_noticed(lengthen_file);
}

static void change_of_an_included_file_is_noticed(void **state UNUSED)
{
	write_profile("inner", "");
	write_profile("file", "include @/inner\n");
	assert_noticed(touch_inner);
}

static void new_file_in_an_included_directory_is_noticed(void **state UNUSED)
{
	assert_int_equal(mkdir(in_directory("d"), 0700), 0);
	write_profile("file", "includedir @/d\n");
	assert_noticed(add_to_directory);
}

static void broken_file_is_watched_as_well(void **state UNUSED)
{
	const char *path = write_profile("file", "[a\n");
	struct watch watch = {0};
	struct profile *profile;
	assert_int_equal(profile_read(path, &watch, &profile, &(struct error){0}), ERR_SYNTAX);
	assert_false(watch_changed(&watch));
	lengthen_file();
	assert_true(watch_changed(&watch));
	watch_free(&watch);
}

SUITE(test_profile_files)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(missing_files_are_an_empty_tree),
		IN_DIRECTORY(directory_in_place_of_a_file_is_refused),
		IN_DIRECTORY(fifo_is_refused_without_waiting),
		IN_DIRECTORY(unreadable_file_is_refused),
		IN_DIRECTORY(file_as_a_directory_is_refused),
		IN_DIRECTORY(file_of_one_mebibyte_is_the_longest),
		IN_DIRECTORY(fault_names_the_file_and_line),
		IN_DIRECTORY(included_file_counts_where_it_is_included),
		IN_DIRECTORY(included_file_does_not_disturb_the_including_one),
		IN_DIRECTORY(included_file_begins_outside_of_sections),
		IN_DIRECTORY(included_file_closes_its_own_braces),
		IN_DIRECTORY(included_file_that_is_missing_is_refused),
		IN_DIRECTORY(include_of_a_directory_is_refused),
		IN_DIRECTORY(relative_include_is_refused),
		IN_DIRECTORY(file_that_includes_itself_is_refused),
		IN_DIRECTORY(directory_that_includes_itself_is_refused),
		IN_DIRECTORY(includes_nest_to_10),
		IN_DIRECTORY(number_of_files_is_bounded),
		IN_DIRECTORY(directory_gives_the_files_with_fitting_names_in_order),
		IN_DIRECTORY(missing_directory_is_refused),
		IN_DIRECTORY(dangling_link_in_a_directory_is_refused),
		IN_DIRECTORY(fault_in_a_directory_names_its_file),
		IN_DIRECTORY(unchanged_files_are_not_changed),
		IN_DIRECTORY(change_of_a_file_is_noticed),
		IN_DIRECTORY(disappearance_and_appearance_are_noticed),
		IN_DIRECTORY(change_of_an_included_file_is_noticed),
		IN_DIRECTORY(new_file_in_an_included_directory_is_noticed),
		IN_DIRECTORY(broken_file_is_watched_as_well),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

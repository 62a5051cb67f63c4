/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of sections and relations that come more than once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/profile_directory.h"
#include "tests/support/suite.h"

/* One name several times */

static void repeated_relation_gives_values_in_order(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\nx = 1\ny = 9\nx = 2\n[b]\nx = 8\n[a]\nx = 3\n");
	assert_value(VALUE(profile, "a", "x"), "1");
	assert_value(VALUE_AT(profile, 1, "a", "x"), "2");
	assert_value(VALUE_AT(profile, 2, "a", "x"), "3");
	assert_null(VALUE_AT(profile, 3, "a", "x"));
}

static void repeated_subsection_is_continued(void **state UNUSED)
{
	AUTO_PROFILE profile =
		PARSED("[a]\ns = {\nx = 1\n}\ns = {\nx = 2\ny = 3\n}\n[a]\ns = {\nx = 4\n}\n");
	assert_value(VALUE_AT(profile, 0, "a", "s", "x"), "1");
	assert_value(VALUE_AT(profile, 1, "a", "s", "x"), "2");
	assert_value(VALUE_AT(profile, 2, "a", "s", "x"), "4");
	assert_value(VALUE(profile, "a", "s", "y"), "3");
}

static void relation_and_subsection_may_share_a_name(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\ns = 1\ns = {\nx = 2\n}\ns = 3\n");
	assert_value(VALUE_AT(profile, 0, "a", "s"), "1");
	assert_value(VALUE_AT(profile, 1, "a", "s"), "3");
	assert_value(VALUE(profile, "a", "s", "x"), "2");
}

/* Final sections, subsections and relations */

static void final_relation_takes_no_more_values(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\nx = 1\nx* = 2\nx = 3\n[a]\nx* = 4\n");
	assert_value(VALUE_AT(profile, 0, "a", "x"), "1");
	assert_value(VALUE_AT(profile, 1, "a", "x"), "2");
	assert_null(VALUE_AT(profile, 2, "a", "x"));
}

static void final_section_is_not_continued(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]*\nx = 1\nx = 2\ns = {\ny = 3\n}\n"
				      "[a]\nx = 4\nz = 5\ns = {\ny = 6\nt = {\n}\n}\nw = 7\n"
				      "[b]\nx = 8\n");
	assert_value(VALUE_AT(profile, 1, "a", "x"), "2");
	assert_null(VALUE_AT(profile, 2, "a", "x"));
	assert_null(VALUE(profile, "a", "z"));
	assert_null(VALUE(profile, "a", "w"));
	assert_null(VALUE(profile, "w"));
	assert_value(VALUE(profile, "a", "s", "y"), "3");
	assert_null(VALUE_AT(profile, 1, "a", "s", "y"));
	assert_value(VALUE(profile, "b", "x"), "8");
}

static void subsection_is_final_by_its_name(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\ns* = {\nx = 1\n}\ns = {\nx = 2\ny = 3\n}\nz = 4\n");
	assert_value(VALUE(profile, "a", "s", "x"), "1");
	assert_null(VALUE_AT(profile, 1, "a", "s", "x"));
	assert_null(VALUE(profile, "a", "s", "y"));
	assert_value(VALUE(profile, "a", "z"), "4");
}

static void subsection_is_final_by_its_closing_brace(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\ns = {\nx = 1\n}*\ns = {\nx = 2\n}\nz = 4\n");
	assert_value(VALUE(profile, "a", "s", "x"), "1");
	assert_null(VALUE_AT(profile, 1, "a", "s", "x"));
	assert_value(VALUE(profile, "a", "z"), "4");
}

static void final_mark_in_ignored_text_marks_nothing(void **state UNUSED)
{
	AUTO_PROFILE profile =
		PARSED("[a]\ns* = {\nx = 1\n}\ns = {\nt = {\n}*\n}*\nz = 1\n[a]\nz = 2\n");
	assert_value(VALUE_AT(profile, 1, "a", "z"), "2");
}

static void ignored_text_has_to_be_well_formed(void **state UNUSED)
{
	REFUSED("[a]*\n[a]\nx\n", "test.conf:3: \"x\" is neither a section nor a relation; "
				  "expected \"[section]\" or \"name = value\"");
	REFUSED("[a]*\n[a]\ns = {\n", "test.conf:3: the brace opened here is not closed; expected "
				      "a '}' before the end of the file");
}

static void text_after_a_star_in_a_name_is_ignored(void **state UNUSED)
{
	AUTO_PROFILE profile =
		PARSED("[domain_realm]\n*.example.test = A\nx*y = 1\n.example.test = B\n");
	assert_value(VALUE(profile, "domain_realm", ".example.test"), "B");
	assert_value(VALUE(profile, "domain_realm", "x"), "1");
}

/* Several files, and large ones */

static void files_of_a_list_are_searched_in_order(void **state UNUSED)
{
	const char *one = write_profile("one", "[a]\nx = 1\n");
	const char *two = write_profile("two", "[a]\nx = 2\ny = 3\n");
	char paths[500];
	snprintf(paths, sizeof paths, ":%s::%s/missing:/dev/null:%s:", one, directory, two);
	AUTO_PROFILE profile = read_ok(paths, NULL);
	assert_value(VALUE_AT(profile, 0, "a", "x"), "1");
	assert_value(VALUE_AT(profile, 1, "a", "x"), "2");
	assert_value(VALUE(profile, "a", "y"), "3");
}

static void final_relation_ends_the_search_in_later_files(void **state UNUSED)
{
	const char *one = write_profile("one", "[a]\nx* = 1\n");
	const char *two = write_profile("two", "[a]\nx = 2\n");
	char paths[500];
	snprintf(paths, sizeof paths, "%s:%s", one, two);
	AUTO_PROFILE profile = read_ok(paths, NULL);
	assert_value(VALUE(profile, "a", "x"), "1");
	assert_null(VALUE_AT(profile, 1, "a", "x"));
}

static void large_file_is_read_in_little_time(void **state UNUSED)
{
	const char *path = in_directory("file");
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("[domain_realm]\n", file);
	for (unsigned i = 0; i < 50000; i++)
		fprintf(file, "host%u = R\n", i);
	fclose(file);
	AUTO_PROFILE profile = read_ok(path, NULL);
	assert_value(VALUE(profile, "domain_realm", "host0"), "R");
	assert_value(VALUE(profile, "domain_realm", "host49999"), "R");
	assert_null(VALUE(profile, "domain_realm", "host50000"));
}

/* More than the tree has places, so that some meet in one. */
static void many_sections_keep_their_own_relations(void **state UNUSED)
{
	enum { SECTIONS = 2000 };
	const char *path = in_directory("file");
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (unsigned i = 0; i < SECTIONS; i++)
		fprintf(file, "[section%u]\nx = %u\n", i, i);
	fclose(file);
	AUTO_PROFILE profile = read_ok(path, NULL);
	for (unsigned i = 0; i < SECTIONS; i++) {
		char name[20], value[20];
		snprintf(name, sizeof name, "section%u", i);
		snprintf(value, sizeof value, "%u", i);
		assert_value(VALUE(profile, name, "x"), value);
		assert_null(VALUE_AT(profile, 1, name, "x"));
	}
}

SUITE(test_profile_tree)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repeated_relation_gives_values_in_order),
		cmocka_unit_test(repeated_subsection_is_continued),
		cmocka_unit_test(relation_and_subsection_may_share_a_name),
		cmocka_unit_test(final_relation_takes_no_more_values),
		cmocka_unit_test(final_section_is_not_continued),
		cmocka_unit_test(subsection_is_final_by_its_name),
		cmocka_unit_test(subsection_is_final_by_its_closing_brace),
		cmocka_unit_test(final_mark_in_ignored_text_marks_nothing),
		cmocka_unit_test(ignored_text_has_to_be_well_formed),
		cmocka_unit_test(text_after_a_star_in_a_name_is_ignored),
		IN_DIRECTORY(files_of_a_list_are_searched_in_order),
		IN_DIRECTORY(final_relation_ends_the_search_in_later_files),
		IN_DIRECTORY(large_file_is_read_in_little_time),
		IN_DIRECTORY(many_sections_keep_their_own_relations),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* What a line of krb5.conf means, and which lines are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/profile_reading.h"
#include "tests/support/suite.h"

/* Sections, relations, values */

static void empty_text_is_an_empty_tree(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("");
	assert_null(VALUE(profile, "libdefaults", "default_realm"));
	assert_null(profile_value(profile, (const char *const[]){NULL}));
}

static void relation_is_found_in_its_section(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[libdefaults]\n\tdefault_realm = EXAMPLE.TEST\n");
	assert_value(VALUE(profile, "libdefaults", "default_realm"), "EXAMPLE.TEST");
	assert_null(VALUE(profile, "realms", "default_realm"));
	assert_null(VALUE(profile, "libdefaults", "default_real"));
	assert_null(VALUE(profile, "libdefaults"));
}

static void blanks_around_names_and_values_do_not_count(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("  [a]  \n \t x\t=\t 1 2  \t\ny=3\n");
	assert_value(VALUE(profile, "a", "x"), "1 2");
	assert_value(VALUE(profile, "a", "y"), "3");
}

static void value_may_hold_equal_signs_brackets_and_hashes(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\nx = RULE:[1:$1](a=b) # no comment\n");
	assert_value(VALUE(profile, "a", "x"), "RULE:[1:$1](a=b) # no comment");
}

static void section_name_may_hold_blanks(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[two words]\nx = 1\n");
	assert_value(VALUE(profile, "two words", "x"), "1");
}

static void comments_and_empty_lines_are_skipped(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("# one\n;two\n\n   # three\n[a]\n ; x = 0\n\t\nx = 1\n#");
	assert_value(VALUE(profile, "a", "x"), "1");
}

static void comment_may_follow_brackets_braces_and_quotes(void **state UNUSED)
{
	AUTO_PROFILE profile =
		PARSED("[a] # 1\ns = { ; 2\nx = \"1\" # 3\n} # 4\nt =\n{ # 5\ny = 2\n}; 6\n");
	assert_value(VALUE(profile, "a", "s", "x"), "1");
	assert_value(VALUE(profile, "a", "t", "y"), "2");
}

static void line_ends_may_be_crlf(void **state UNUSED)
{
	AUTO_PROFILE profile =
		PARSED("[a]\r\nx = 1\r\ns = {\r\ny = \"2\"\r\n}\r\nt =\r\n{\r\n}\r\n\r\n");
	assert_value(VALUE(profile, "a", "x"), "1");
	assert_value(VALUE(profile, "a", "s", "y"), "2");
}

static void last_line_end_may_be_missing(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\nx = 1");
	assert_value(VALUE(profile, "a", "x"), "1");
}

static void byte_order_mark_is_skipped(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("\xEF\xBB\xBF[a]\nx = 1\n");
	assert_value(VALUE(profile, "a", "x"), "1");
}

static void line_may_be_longer_than_mit_reads(void **state UNUSED)
{
	char text[5000] = "[a]\nx = ";
	size_t start = strlen(text);
	memset(text + start, 'v', sizeof text - start);
	AUTO_PROFILE profile = profile_of_text(slice_of(text, sizeof text));
	assert_int_equal(strlen(VALUE(profile, "a", "x")), sizeof text - start);
}

static void place_tells_file_and_line(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\n\nx = 1\nx = 2\n");
	const char *path[] = {"a", "x", NULL}, *none[] = {"a", "y", NULL};
	assert_string_equal(PROFILE_PLACE(profile, path), "test.conf:3");
	assert_string_equal(PROFILE_PLACE(profile, none), "krb5.conf");
}

static void names_are_told_apart_by_case(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\nx = 1\n[A]\nX = 2\n");
	assert_null(VALUE(profile, "a", "X"));
	assert_value(VALUE(profile, "A", "X"), "2");
}

static void octets_above_ascii_are_kept(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\nx = caf\xC3\xA9\n");
	assert_value(VALUE(profile, "a", "x"), "caf\xC3\xA9");
}

/* Quotes */

static void quoted_value_keeps_its_blanks(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\nx = \" 1  \"\ny = \"\"\nz = \"{\"\n");
	assert_value(VALUE(profile, "a", "x"), " 1  ");
	assert_value(VALUE(profile, "a", "y"), "");
	assert_value(VALUE(profile, "a", "z"), "{");
}

static void escapes_are_understood_in_quotes(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\nx = \"a\\nb\\tc\\bd\\\"e\\\\f\\qg\"\n");
	assert_value(VALUE(profile, "a", "x"), "a\nb\tc\bd\"e\\fqg");
}

static void escapes_mean_nothing_without_quotes(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\nx = a\\nb\"c\n");
	assert_value(VALUE(profile, "a", "x"), "a\\nb\"c");
}

static void quote_left_open_is_refused(void **state UNUSED)
{
	REFUSED("[a]\n\nx = \"1\n", "test.conf:3: \"1 has no closing quote");
	REFUSED("[a]\nx = \"1\\\"", "test.conf:2: \"1\\x5C\" has no closing quote");
	REFUSED("[a]\nx = \"\\", "test.conf:2: \"\\x5C has no closing quote");
	REFUSED("[a]\nx = \"", "test.conf:2: \" has no closing quote");
}

static void text_after_the_closing_quote_is_refused(void **state UNUSED)
{
	REFUSED("[a]\nx = \"aes\" \"camellia\"\n",
		"test.conf:2: \"\"camellia\"\" after the closing quote; expected the end of the "
		"line");
}

/* Braces */

static void subsections_nest(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\ns = {\n t = {\n  x = 1\n }\n y = 2\n}\nz = 3\n");
	assert_value(VALUE(profile, "a", "s", "t", "x"), "1");
	assert_value(VALUE(profile, "a", "s", "y"), "2");
	assert_value(VALUE(profile, "a", "z"), "3");
	assert_null(VALUE(profile, "a", "s", "z"));
	assert_null(VALUE(profile, "a", "s"));
}

static void brace_may_stand_in_the_next_line(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\ns =\n{\nx = 1\n}\nt =  \n\n# so\n {\ny = 2\n}\n");
	assert_value(VALUE(profile, "a", "s", "x"), "1");
	assert_value(VALUE(profile, "a", "t", "y"), "2");
}

static struct slice nested(unsigned depth, char *out, size_t size)
{
	size_t used = (size_t)snprintf(out, size, "[a]\n");
	for (unsigned i = 0; i < depth; i++)
		used += (size_t)snprintf(out + used, size - used, "s = {\n");
	for (unsigned i = 0; i < depth; i++)
		used += (size_t)snprintf(out + used, size - used, "}\n");
	return slice_of(out, used);
}

static void braces_nest_to_32(void **state UNUSED)
{
	char text[1024];
	profile_free(profile_of_text(nested(32, text, sizeof text)));
	assert_no_profile(nested(33, text, sizeof text), ERR_SYNTAX,
		"test.conf:34: braces nested deeper than 32");
}

static void brace_left_open_is_refused(void **state UNUSED)
{
	REFUSED("[a]\nx = 1\ns = {\nt = {\n}\n",
		"test.conf:3: the brace opened here is not closed; expected a '}' before the end "
		"of the file");
}

static void section_within_braces_is_refused(void **state UNUSED)
{
	REFUSED("[a]\ns = {\nx = 1\n[b]\ny = 2\n",
		"test.conf:4: a section begins within the braces opened in line 2; expected a '}' "
		"before it");
}

static void stray_closing_brace_is_refused(void **state UNUSED)
{
	REFUSED("[a]\ns = {\n}\n}\n", "test.conf:4: a '}' without a '{' before it; expected a "
				      "relation or a section");
}

static void text_after_a_brace_is_refused(void **state UNUSED)
{
	REFUSED("[a]\ns = { x = 1 }\n",
		"test.conf:2: \"x = 1 }\" after '{'; expected the end of the line");
	REFUSED("[a]\ns = {}\n", "test.conf:2: \"}\" after '{'; expected the end of the line");
	REFUSED("[a]\ns = {\n} x = 1\n",
		"test.conf:3: \"x = 1\" after '}'; expected the end of the line");
	REFUSED("[a]\ns =\n{ x = 1\n}\n", "test.conf:3: the relation in line 2 has no value; "
					  "expected one after the '=', or a '{' here instead of "
					  "\"{ x = 1\"");
}

static void missing_value_is_refused(void **state UNUSED)
{
	REFUSED("[libdefaults]\ndefault_realm =\nclockskew = 300\n",
		"test.conf:3: the relation in line 2 has no value; expected one after the '=', or "
		"a '{' here instead of \"clockskew = 300\"");
	REFUSED("[libdefaults]\ndefault_realm =\n",
		"test.conf:2: the relation has no value; expected one after the '='");
}

/* Malformed lines */

static void line_without_equal_sign_is_refused(void **state UNUSED)
{
	REFUSED("[a]\nx\n", "test.conf:2: \"x\" is neither a section nor a relation; expected "
			    "\"[section]\" or \"name = value\"");
	REFUSED("[a]\n include /etc/x\n",
		"test.conf:2: \"include /etc/x\" is neither a section nor a relation; expected "
		"\"[section]\" or \"name = value\"");
}

static void relation_without_name_is_refused(void **state UNUSED)
{
	REFUSED("[a]\n = 1\n", "test.conf:2: no name before '='; expected \"name = value\"");
}

static void name_with_a_blank_is_refused(void **state UNUSED)
{
	REFUSED("[a]\nx * = 1\n", "test.conf:2: \"x *\" is not a name: it has a blank in it; "
				  "expected \"name = value\"");
	REFUSED("[a]\nx y = 1\n", "test.conf:2: \"x y\" is not a name: it has a blank in it; "
				  "expected \"name = value\"");
}

static void unclosed_section_bracket_is_refused(void **state UNUSED)
{
	REFUSED("\n[libdefaults\nx = 1\n",
		"test.conf:2: \"[libdefaults\" has no closing bracket; expected \"[section]\"");
}

static void text_after_a_section_is_refused(void **state UNUSED)
{
	REFUSED("[a] x = 1\n",
		"test.conf:1: \"x = 1\" after a section's name; expected the end of the line");
	REFUSED("[a] *\n",
		"test.conf:1: \"*\" after a section's name; expected the end of the line");
}

static void section_name_that_nobody_would_find_is_refused(void **state UNUSED)
{
	REFUSED("[]\n", "test.conf:1: \"[]\" is not a section's name; expected one without blanks "
			"around it");
	REFUSED("[ libdefaults ]\n", "test.conf:1: \"[ libdefaults ]\" is not a section's name; "
				     "expected one without blanks around it");
}

static void text_before_the_first_section_is_refused(void **state UNUSED)
{
	REFUSED("# so\ndefault_realm = EXAMPLE.TEST\n[libdefaults]\n",
		"test.conf:2: \"default_realm = EXAMPLE.TEST\" stands before the first section; "
		"expected \"[section]\"");
	REFUSED("<html>\n", "test.conf:1: \"<html>\" stands before the first section; expected "
			    "\"[section]\"");
	REFUSED("}\n", "test.conf:1: \"}\" stands before the first section; expected "
		       "\"[section]\"");
}

static void nul_octet_is_refused(void **state UNUSED)
{
	REFUSED("[a]\nx = 1\0\n", "test.conf:2: a NUL octet; expected a text file");
	REFUSED("[a]\n# \0\n", "test.conf:2: a NUL octet; expected a text file");
}

static void old_macintosh_line_ends_are_refused(void **state UNUSED)
{
	REFUSED("[a]\rx = 1\r",
		"test.conf:1: \"x = 1\" after a section's name; expected the end of the line");
}

static void foreign_octets_are_escaped_in_sentences(void **state UNUSED)
{
	REFUSED("\x1B[31m\n", "test.conf:1: \"\\x1B[31m\" stands before the first section; "
			      "expected \"[section]\"");
}

static void long_line_is_cut_in_sentences(void **state UNUSED)
{
	char text[600];
	memset(text, 'x', sizeof text);
	struct profile *profile;
	struct error err = {0};
	assert_int_equal(profile_parse(slice_of(text, sizeof text), "test.conf", &profile, &err),
		ERR_SYNTAX);
	assert_non_null(strstr(err.text, "xxx...\" stands before the first section"));
}

static void module_is_refused_by_name(void **state UNUSED)
{
	assert_no_profile(SLICE_LITERAL("module /lib/conf.so:rest\n"), ERR_UNSUPPORTED,
		"test.conf:1: \"module /lib/conf.so:rest\": configuration from a loadable module "
		"is not supported; expected the configuration itself");
}

static void module_is_a_relation_within_a_section(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[plugins]\nmodule = a:b.so\n");
	assert_value(VALUE(profile, "plugins", "module"), "a:b.so");
}

static void includes_are_refused_from_memory(void **state UNUSED)
{
	assert_no_profile(SLICE_LITERAL("include /etc/x\n"), ERR_UNSUPPORTED,
		"test.conf:1: \"include /etc/x\" is possible in files only");
	assert_no_profile(SLICE_LITERAL("[a]\nincludedir /etc/x\n"), ERR_UNSUPPORTED,
		"test.conf:2: \"includedir /etc/x\" is possible in files only");
}

static void longer_words_are_no_directives(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\ninclude_x = 1\nincludedirs = 2\n");
	assert_value(VALUE(profile, "a", "include_x"), "1");
	assert_value(VALUE(profile, "a", "includedirs"), "2");
}

SUITE(test_profile_syntax)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_text_is_an_empty_tree),
		cmocka_unit_test(relation_is_found_in_its_section),
		cmocka_unit_test(blanks_around_names_and_values_do_not_count),
		cmocka_unit_test(value_may_hold_equal_signs_brackets_and_hashes),
		cmocka_unit_test(section_name_may_hold_blanks),
		cmocka_unit_test(comments_and_empty_lines_are_skipped),
		cmocka_unit_test(comment_may_follow_brackets_braces_and_quotes),
		cmocka_unit_test(line_ends_may_be_crlf),
		cmocka_unit_test(last_line_end_may_be_missing),
		cmocka_unit_test(byte_order_mark_is_skipped),
		cmocka_unit_test(line_may_be_longer_than_mit_reads),
		cmocka_unit_test(place_tells_file_and_line),
		cmocka_unit_test(names_are_told_apart_by_case),
		cmocka_unit_test(octets_above_ascii_are_kept),
		cmocka_unit_test(quoted_value_keeps_its_blanks),
		cmocka_unit_test(escapes_are_understood_in_quotes),
		cmocka_unit_test(escapes_mean_nothing_without_quotes),
		cmocka_unit_test(quote_left_open_is_refused),
		cmocka_unit_test(text_after_the_closing_quote_is_refused),
		cmocka_unit_test(subsections_nest),
		cmocka_unit_test(brace_may_stand_in_the_next_line),
		cmocka_unit_test(braces_nest_to_32),
		cmocka_unit_test(brace_left_open_is_refused),
		cmocka_unit_test(section_within_braces_is_refused),
		cmocka_unit_test(stray_closing_brace_is_refused),
		cmocka_unit_test(text_after_a_brace_is_refused),
		cmocka_unit_test(missing_value_is_refused),
		cmocka_unit_test(line_without_equal_sign_is_refused),
		cmocka_unit_test(relation_without_name_is_refused),
		cmocka_unit_test(name_with_a_blank_is_refused),
		cmocka_unit_test(unclosed_section_bracket_is_refused),
		cmocka_unit_test(text_after_a_section_is_refused),
		cmocka_unit_test(section_name_that_nobody_would_find_is_refused),
		cmocka_unit_test(text_before_the_first_section_is_refused),
		cmocka_unit_test(nul_octet_is_refused),
		cmocka_unit_test(old_macintosh_line_ends_are_refused),
		cmocka_unit_test(foreign_octets_are_escaped_in_sentences),
		cmocka_unit_test(long_line_is_cut_in_sentences),
		cmocka_unit_test(module_is_refused_by_name),
		cmocka_unit_test(module_is_a_relation_within_a_section),
		cmocka_unit_test(includes_are_refused_from_memory),
		cmocka_unit_test(longer_words_are_no_directives),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

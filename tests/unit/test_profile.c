#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/profile.h"

#define UNUSED __attribute__((unused))
#define VALUE(profile, ...) profile_value((profile), (const char *const[]){__VA_ARGS__, NULL})
#define VALUE_AT(profile, n, ...)                                                                  \
	profile_value_at((profile), (const char *const[]){__VA_ARGS__, NULL}, (n))
#define PARSED(literal) parsed(SLICE_LITERAL(literal))

static struct profile *parsed(struct slice text)
{
	struct profile *profile;
	struct error err = {0};
	if (profile_parse(text, "test.conf", &profile, &err))
		fail_msg("refused: %s", err.text);
	return profile;
}

static void assert_refused(struct slice text, enum status status, const char *sentence)
{
	struct profile *profile = (struct profile *)1;
	struct error err = {0};
	assert_int_equal(profile_parse(text, "test.conf", &profile, &err), status);
	assert_null(profile);
	assert_string_equal(err.text, sentence);
}

#define REFUSED(literal, sentence) assert_refused(SLICE_LITERAL(literal), ERR_SYNTAX, (sentence))

static void assert_value(const char *value, const char *expected)
{
	assert_non_null(value);
	assert_string_equal(value, expected);
}

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
	AUTO_PROFILE profile = parsed(slice_of(text, sizeof text));
	assert_int_equal(strlen(VALUE(profile, "a", "x")), sizeof text - start);
}

static void repeated_relation_gives_values_in_order(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\nx = 1\ny = 9\nx = 2\n[b]\nx = 8\n[a]\nx = 3\n");
	assert_value(VALUE(profile, "a", "x"), "1");
	assert_value(VALUE_AT(profile, 1, "a", "x"), "2");
	assert_value(VALUE_AT(profile, 2, "a", "x"), "3");
	assert_null(VALUE_AT(profile, 3, "a", "x"));
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
	profile_free(parsed(nested(32, text, sizeof text)));
	assert_refused(nested(33, text, sizeof text), ERR_SYNTAX,
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
	assert_refused(SLICE_LITERAL("module /lib/conf.so:rest\n"), ERR_UNSUPPORTED,
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
	assert_refused(SLICE_LITERAL("include /etc/x\n"), ERR_UNSUPPORTED,
		"test.conf:1: \"include /etc/x\" is possible in files only");
	assert_refused(SLICE_LITERAL("[a]\nincludedir /etc/x\n"), ERR_UNSUPPORTED,
		"test.conf:2: \"includedir /etc/x\" is possible in files only");
}

static void longer_words_are_no_directives(void **state UNUSED)
{
	AUTO_PROFILE profile = PARSED("[a]\ninclude_x = 1\nincludedirs = 2\n");
	assert_value(VALUE(profile, "a", "include_x"), "1");
	assert_value(VALUE(profile, "a", "includedirs"), "2");
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

/* Files */

static char directory[] = "/tmp/test_profile.XXXXXX";

static const char *in_directory(const char *name)
{
	static char paths[8][200];
	static unsigned next;
	char *path = paths[next++ % 8];
	snprintf(path, sizeof paths[0], "%s/%s", directory, name);
	return path;
}

/* Each '@' in the text becomes the directory. */
static const char *write_file(const char *name, const char *text)
{
	const char *path = in_directory(name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (; *text; text++) {
		if (*text == '@')
			fputs(directory, file);
		else
			fputc(*text, file);
	}
	assert_int_equal(fclose(file), 0);
	return path;
}

static void remove_tree(const char *path)
{
	DIR *entries = opendir(path);
	for (struct dirent *entry; entries && (entry = readdir(entries)) != NULL;) {
		char name[600];
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
			remove_tree(name);
	}
	if (entries)
		closedir(entries);
	remove(path);
}

static int make_directory(void **state UNUSED)
{
	strcpy(strrchr(directory, '.'), ".XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state UNUSED)
{
	remove_tree(directory);
	return 0;
}

static struct profile *read_ok(const char *paths, struct watch *watch)
{
	struct watch own = {0};
	struct profile *profile;
	struct error err = {0};
	if (profile_read(paths, watch ? watch : &own, &profile, &err))
		fail_msg("refused: %s", err.text);
	watch_free(&own);
	return profile;
}

/* The sentence begins with the directory and then goes as `sentence` says. */
static void assert_read_refused(const char *paths, enum status status, const char *sentence)
{
	struct watch watch = {0};
	struct profile *profile = (struct profile *)1;
	struct error err = {0};
	assert_int_equal(profile_read(paths, &watch, &profile, &err), status);
	assert_null(profile);
	assert_int_equal(strncmp(err.text, directory, strlen(directory)), 0);
	const char *rest = err.text + strlen(directory);
	if (strncmp(rest, sentence, strlen(sentence)) != 0)
		fail_msg("\"%s\" does not begin with \"%s\"", rest, sentence);
	watch_free(&watch);
}

static void files_of_a_list_are_searched_in_order(void **state UNUSED)
{
	const char *one = write_file("one", "[a]\nx = 1\n");
	const char *two = write_file("two", "[a]\nx = 2\ny = 3\n");
	char paths[500];
	snprintf(paths, sizeof paths, ":%s::%s/missing:/dev/null:%s:", one, directory, two);
	AUTO_PROFILE profile = read_ok(paths, NULL);
	assert_value(VALUE_AT(profile, 0, "a", "x"), "1");
	assert_value(VALUE_AT(profile, 1, "a", "x"), "2");
	assert_value(VALUE(profile, "a", "y"), "3");
}

static void final_relation_ends_the_search_in_later_files(void **state UNUSED)
{
	const char *one = write_file("one", "[a]\nx* = 1\n");
	const char *two = write_file("two", "[a]\nx = 2\n");
	char paths[500];
	snprintf(paths, sizeof paths, "%s:%s", one, two);
	AUTO_PROFILE profile = read_ok(paths, NULL);
	assert_value(VALUE(profile, "a", "x"), "1");
	assert_null(VALUE_AT(profile, 1, "a", "x"));
}

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
	const char *path = write_file("file", "[a]\n");
	assert_int_equal(chmod(path, 0), 0);
	bool is_superuser = geteuid() == 0; /* who reads everything */
	assert_int_equal(is_superuser ? seteuid(65534) : 0, 0);
	assert_read_refused(path, ERR_FILE, "/file: Permission denied");
	assert_int_equal(is_superuser ? seteuid(0) : 0, 0);
}

static void file_as_a_directory_is_refused(void **state UNUSED)
{
	write_file("file", "[a]\n");
	assert_read_refused(in_directory("file/x"), ERR_FILE, "/file/x: Not a directory");
}

static const char *write_long_file(const char *name, off_t size)
{
	const char *path = write_file(name, "[a]\nx = 1\n");
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
	assert_read_refused(write_long_file("long", PROFILE_MAX_OCTETS + 1), ERR_FILE,
		"/long: longer than 1048576 octets");
}

static void fault_names_the_file_and_line(void **state UNUSED)
{
	assert_read_refused(
		write_file("file", "[a]\nx = 1\n}\n"), ERR_SYNTAX, "/file:3: a '}' without a '{'");
}

/* Includes */

static void included_file_counts_where_it_is_included(void **state UNUSED)
{
	write_file("inner", "[a]\nx = 2\n");
	const char *path = write_file("outer", "[a]\nx = 1\ninclude @/inner \t\n[a]\nx = 3\n");
	AUTO_PROFILE profile = read_ok(path, NULL);
	assert_value(VALUE_AT(profile, 0, "a", "x"), "1");
	assert_value(VALUE_AT(profile, 1, "a", "x"), "2");
	assert_value(VALUE_AT(profile, 2, "a", "x"), "3");
}

static void included_file_does_not_disturb_the_including_one(void **state UNUSED)
{
	write_file("inner", "[b]\ny = 2\n");
	const char *path = write_file("outer", "[a]\ns = {\nx = 1\ninclude @/inner\r\nz = 3\n}\n");
	AUTO_PROFILE profile = read_ok(path, NULL);
	assert_value(VALUE(profile, "a", "s", "x"), "1");
	assert_value(VALUE(profile, "a", "s", "z"), "3");
	assert_value(VALUE(profile, "b", "y"), "2");
}

static void included_file_begins_outside_of_sections(void **state UNUSED)
{
	write_file("inner", "x = 2\n");
	const char *path = write_file("outer", "[a]\ninclude @/inner\n");
	assert_read_refused(
		path, ERR_SYNTAX, "/inner:1: \"x = 2\" stands before the first section");
}

static void included_file_closes_its_own_braces(void **state UNUSED)
{
	write_file("inner", "[b]\ns = {\n");
	const char *path = write_file("outer", "include @/inner\n[a]\nx = 1\n}\n");
	assert_read_refused(path, ERR_SYNTAX, "/inner:2: the brace opened here is not closed");
}

static void included_file_that_is_missing_is_refused(void **state UNUSED)
{
	const char *path = write_file("outer", "\ninclude @/missing\n");
	char sentence[300];
	snprintf(sentence, sizeof sentence, "/outer:2: %s/missing: No such file or directory",
		directory);
	assert_read_refused(path, ERR_FILE, sentence);
}

static void include_of_a_directory_is_refused(void **state UNUSED)
{
	const char *path = write_file("outer", "include @\n");
	char sentence[300];
	snprintf(sentence, sizeof sentence, "/outer:1: %s: not a regular file", directory);
	assert_read_refused(path, ERR_FILE, sentence);
}

static void relative_include_is_refused(void **state UNUSED)
{
	assert_read_refused(write_file("file", "include other.conf\n"), ERR_SYNTAX,
		"/file:1: \"include other.conf\": expected an absolute path");
	assert_read_refused(write_file("file", "include\n"), ERR_SYNTAX,
		"/file:1: \"include \": expected an absolute path");
	assert_read_refused(write_file("file", "includedir krb5.conf.d\n"), ERR_SYNTAX,
		"/file:1: \"includedir krb5.conf.d\": expected an absolute path");
}

static void file_that_includes_itself_is_refused(void **state UNUSED)
{
	assert_read_refused(write_file("file", "[a]\ninclude @/file\n"), ERR_SYNTAX,
		"/file:2: files include each other more than 10 deep");
}

static void directory_that_includes_itself_is_refused(void **state UNUSED)
{
	assert_read_refused(write_file("file", "includedir @\n"), ERR_SYNTAX,
		"/file:1: files include each other more than 10 deep");
}

/* a includes b, b includes c, and so on, as many as there are levels. */
static const char *write_chain(unsigned levels)
{
	for (unsigned i = 0; i <= levels; i++) {
		char name[2] = {(char)('a' + i), '\0'}, text[] = "include @/b\n[a]\nx = 1\n";
		text[10] = (char)('b' + i);
		write_file(name, i < levels ? text : "[a]\nx = 1\n");
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
	const char *path = write_file("a", twice[0]);
	write_file("b", twice[1]);
	write_file("c", "");
	assert_read_refused(path, ERR_SYNTAX, "/c: more than 256 files are included");
}

static void directory_gives_the_files_with_fitting_names_in_order(void **state UNUSED)
{
	assert_int_equal(mkdir(in_directory("d"), 0700), 0);
	write_file("d/b", "[a]\nx = b\n");
	write_file("d/A-1_z", "[a]\nx = A\n");
	write_file("d/with.dot.conf", "[a]\nx = dot\n");
	write_file("d/with blank.conf", "[a]\nx = blank\n");
	write_file("d/.hidden.conf", "broken\n");
	write_file("d/.hidden", "broken\n");
	write_file("d/b~", "broken\n");
	write_file("d/b.conf.rpmsave", "broken\n");
	write_file("d/b.bak", "broken\n");
	assert_int_equal(mkdir(in_directory("d/sub"), 0700), 0);
	AUTO_PROFILE profile = read_ok(write_file("file", "includedir @/d\n"), NULL);
	assert_value(VALUE_AT(profile, 0, "a", "x"), "A");
	assert_value(VALUE_AT(profile, 1, "a", "x"), "b");
	assert_value(VALUE_AT(profile, 2, "a", "x"), "blank");
	assert_value(VALUE_AT(profile, 3, "a", "x"), "dot");
	assert_null(VALUE_AT(profile, 4, "a", "x"));
}

static void missing_directory_is_refused(void **state UNUSED)
{
	const char *path = write_file("file", "includedir @/missing\n");
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
	assert_read_refused(write_file("file", "includedir @/d\n"), ERR_FILE, sentence);
}

static void fault_in_a_directory_names_its_file(void **state UNUSED)
{
	assert_int_equal(mkdir(in_directory("d"), 0700), 0);
	write_file("d/x.conf", "[a]\n\nx\n");
	assert_read_refused(write_file("file", "includedir @/d/\n"), ERR_SYNTAX,
		"/d//x.conf:3: \"x\" is neither");
}

/* Changes */

static void unchanged_files_are_not_changed(void **state UNUSED)
{
	assert_int_equal(mkdir(in_directory("d"), 0700), 0);
	write_file("d/x", "");
	write_file("inner", "");
	struct watch watch = {0};
	profile_free(read_ok(write_file("file", "include @/inner\nincludedir @/d\n"), &watch));
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
	write_file("file", "[a]\nx = 1\nx = 2\n");
}

static void replace_file(void)
{
	write_file("new", "[a]\nx = 2\n");
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
	write_file("d/y", "");
	assert_int_equal(utimensat(AT_FDCWD, in_directory("d"), times, 0), 0);
}

static void change_of_a_file_is_noticed(void **state UNUSED)
{
	write_file("file", "[a]\nx = 1\n");
	assert_noticed(lengthen_file);
	assert_noticed(replace_file);
	assert_noticed(restrict_file);
}

static void disappearance_and_appearance_are_noticed(void **state UNUSED)
{
	write_file("file", "[a]\nx = 1\n");
	assert_noticed(remove_file);
	assert_noticed(lengthen_file);
}

static void change_of_an_included_file_is_noticed(void **state UNUSED)
{
	write_file("inner", "");
	write_file("file", "include @/inner\n");
	assert_noticed(touch_inner);
}

static void new_file_in_an_included_directory_is_noticed(void **state UNUSED)
{
	assert_int_equal(mkdir(in_directory("d"), 0700), 0);
	write_file("file", "includedir @/d\n");
	assert_noticed(add_to_directory);
}

static void broken_file_is_watched_as_well(void **state UNUSED)
{
	const char *path = write_file("file", "[a\n");
	struct watch watch = {0};
	struct profile *profile;
	assert_int_equal(profile_read(path, &watch, &profile, NULL), ERR_SYNTAX);
	assert_false(watch_changed(&watch));
	lengthen_file();
	assert_true(watch_changed(&watch));
	watch_free(&watch);
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

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
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
		cmocka_unit_test(repeated_relation_gives_values_in_order),
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
		cmocka_unit_test(repeated_subsection_is_continued),
		cmocka_unit_test(relation_and_subsection_may_share_a_name),
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
		cmocka_unit_test(final_relation_takes_no_more_values),
		cmocka_unit_test(final_section_is_not_continued),
		cmocka_unit_test(subsection_is_final_by_its_name),
		cmocka_unit_test(subsection_is_final_by_its_closing_brace),
		cmocka_unit_test(final_mark_in_ignored_text_marks_nothing),
		cmocka_unit_test(ignored_text_has_to_be_well_formed),
		cmocka_unit_test(text_after_a_star_in_a_name_is_ignored),
		IN_DIRECTORY(files_of_a_list_are_searched_in_order),
		IN_DIRECTORY(final_relation_ends_the_search_in_later_files),
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
		IN_DIRECTORY(large_file_is_read_in_little_time),
		IN_DIRECTORY(many_sections_keep_their_own_relations),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/enctype_list.h"
#include "tests/support/offered.h"
#include "tests/support/closing.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

static void assert_no_list(const char *text)
{
	struct enctype_list list = {1, {1}};
	struct error err = {0};
	assert_int_equal(enctype_list_parse(text, &list, &err), ERR_SYNTAX);
	assert_int_equal(list.count, 0);
	char sentence[300];
	snprintf(sentence, sizeof sentence,
		"no supported encryption type in the list \"%s\"; expected names such as "
		"aes256-cts-hmac-sha1-96, aes, camellia or DEFAULT",
		text);
	assert_string_equal(err.text, sentence);
}

/* Those of the numbers, "18 17", that OpenSSL has the algorithms of. */
static void take_offered(const char *numbers, char out[100])
{
	char *end;
	out[0] = '\0';
	for (; *numbers; numbers = end) {
		long number = strtol(numbers, &end, 10);
		if (is_offered((int32_t)number))
			snprintf(out + strlen(out), 100 - strlen(out), "%s%ld", *out ? " " : "",
				number);
	}
}

/* `numbers` as above. */
static void assert_list(const char *text, const char *numbers)
{
	char expected[100], found[100] = "";
	struct enctype_list list;
	struct error err = {0};
	take_offered(numbers, expected);
	if (!expected[0]) {
		assert_no_list(text);
		return;
	}
	if (enctype_list_parse(text, &list, &err))
		fail_msg("\"%s\" refused: %s", text, err.text);
	for (unsigned i = 0; i < list.count; i++)
		snprintf(found + strlen(found), sizeof found - strlen(found), "%s%d", i ? " " : "",
			(int)list.number[i]);
	assert_string_equal(found, expected);
}

static void names_and_aliases_are_known(void **state UNUSED)
{
	assert_list("aes256-cts-hmac-sha1-96", "18");
	assert_list("aes256-cts", "18");
	assert_list("aes128-sha1", "17");
	assert_list("aes256-sha2", "20");
	assert_list("aes128-sha2", "19");
	assert_list("camellia256-cts", "26");
	assert_list("camellia128-cts-cmac", "25");
}

static void order_is_kept(void **state UNUSED)
{
	assert_list("aes128-cts aes256-cts", "17 18");
	assert_list("aes256-cts aes128-cts", "18 17");
}

static void words_are_separated_by_blanks_and_commas(void **state UNUSED)
{
	assert_list(" aes256-cts,aes128-cts\t,\r\n aes128-sha2,", "18 17 19");
	assert_list("aes256-cts;aes128-cts aes128-sha2", "19");
}

static void case_does_not_matter(void **state UNUSED)
{
	assert_list("AES256-CTS Aes", "18 17 20 19");
	assert_list("default", "18 17 20 19 25 26");
}

static void families_are_those_of_mit(void **state UNUSED)
{
	assert_list("aes", "18 17 20 19");
	assert_list("camellia", "26 25");
	assert_list("des3 camellia rc4", "26 25");
}

static void default_is_the_whole_table(void **state UNUSED)
{
	assert_list("DEFAULT", "18 17 20 19 25 26");
}

static void each_type_is_listed_once_where_it_came_first(void **state UNUSED)
{
	assert_list("aes128-cts aes128-cts aes DEFAULT aes128-sha1", "17 18 20 19 25 26");
}

static void minus_takes_away(void **state UNUSED)
{
	assert_list("DEFAULT -camellia", "18 17 20 19");
	assert_list("aes -aes256-sha1 -aes128-cts", "20 19");
	assert_list("DEFAULT -camellia -aes256-sha1 +aes256-sha1", "17 20 19 18");
	assert_list("camellia aes256-cts -DEFAULT aes128-cts", "17");
	assert_list("aes -rc4", "18 17 20 19");
}

static void minus_of_what_is_not_there_changes_nothing(void **state UNUSED)
{
	assert_list("-aes256-cts aes", "18 17 20 19");
	assert_list("aes128-cts -camellia -whatever", "17");
}

static void plus_adds(void **state UNUSED)
{
	assert_list("+aes128-cts +camellia", "17 26 25");
}

static void unknown_words_are_passed_over(void **state UNUSED)
{
	assert_list("future-cipher aes128-cts aes12 aes128-ctss + - ++aes256-cts 18", "17");
}

static void weak_types_are_passed_over(void **state UNUSED)
{
	assert_list("arcfour-hmac des3-cbc-sha1 des-cbc-crc aes128-cts rc4-hmac-exp", "17");
}

static void list_that_leaves_nothing_is_refused(void **state UNUSED)
{
	assert_no_list("");
	assert_no_list(" , ");
	assert_no_list("rc4 des3");
	assert_no_list("arcfour-hmac");
	assert_no_list("unknown");
	assert_no_list("DEFAULT -DEFAULT");
	assert_no_list("-aes");
}

static void long_list_is_cut_in_the_sentence(void **state UNUSED)
{
	char text[1000];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	struct enctype_list list;
	struct error err = {0};
	assert_int_equal(enctype_list_parse(text, &list, &err), ERR_SYNTAX);
	assert_non_null(strstr(err.text, "xxx...\"; expected names"));
	assert_int_equal(enctype_list_parse(text, &list, &(struct error){0}), ERR_SYNTAX);
}

SUITE(test_enctype_list)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_aliases_are_known),
		cmocka_unit_test(order_is_kept),
		cmocka_unit_test(words_are_separated_by_blanks_and_commas),
		cmocka_unit_test(case_does_not_matter),
		cmocka_unit_test(families_are_those_of_mit),
		cmocka_unit_test(default_is_the_whole_table),
		cmocka_unit_test(each_type_is_listed_once_where_it_came_first),
		cmocka_unit_test(minus_takes_away),
		cmocka_unit_test(minus_of_what_is_not_there_changes_nothing),
		cmocka_unit_test(plus_adds),
		cmocka_unit_test(unknown_words_are_passed_over),
		cmocka_unit_test(weak_types_are_passed_over),
		cmocka_unit_test(list_that_leaves_nothing_is_refused),
		cmocka_unit_test(long_list_is_cut_in_the_sentence),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

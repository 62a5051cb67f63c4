/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/assertions.h"
#include "sasl/options.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

/* The application's getopt: one option, and what it was asked for. */
static struct {
	const char *name, *value;
	int result;
	void *context;
	char plugin[20];
} set;

static int get_option(
	void *context, const char *plugin, const char *name, const char **value, unsigned *len)
{
	set.context = context;
	snprintf(set.plugin, sizeof set.plugin, "%s", plugin ? plugin : "");
	assert_null(len);
	if (!set.name || strcmp(name, set.name) != 0)
		return SASL_FAIL;
	*value = set.value;
	return set.result;
}

/* Options by the application and by krb5.conf. */
struct settings {
	const char *name, *value;
	struct slice conf;
};

static struct krb5_conf *conf;

static struct option_source source_of(const struct settings *settings)
{
	static sasl_utils_t utils;
	struct error err;
	utils = (sasl_utils_t){.getopt = get_option, .getopt_context = &set};
	memset(&set, 0, sizeof set);
	set.name = settings->name;
	set.value = settings->value;
	krb5_conf_release(conf);
	if (krb5_conf_parse(settings->conf, &conf, &err))
		fail_msg("%s", err.text);
	return (struct option_source){&utils, "KERBEROS_V5", "imap", conf};
}

static int teardown(void **state UNUSED)
{
	krb5_conf_release(conf);
	conf = NULL;
	return 0;
}

static unsigned choice_of(enum option option, const struct settings *settings)
{
	struct option_source source = source_of(settings);
	struct error err;
	unsigned choice = 99;
	if (option_choice(&source, option, &choice, &err))
		fail_msg("refused: %s", err.text);
	return choice;
}

static const char *text_of(enum option option, const struct settings *settings)
{
	struct option_source source = source_of(settings);
	return option_text(&source, option);
}

static void assert_choice_refused(
	enum option option, const struct settings *settings, const char *sentence)
{
	struct option_source source = source_of(settings);
	struct error err;
	unsigned choice = 99;
	assert_int_equal(option_choice(&source, option, &choice, &err), ERR_SYNTAX);
	assert_string_equal(err.text, sentence);
	assert_string_equal(err.shown, "");
}

static void the_application_is_asked_with_context_and_mechanism(void **state UNUSED)
{
	const struct settings keytab = {"keytab", "/etc/imap.keytab", SLICE_EMPTY};
	assert_string_equal(text_of(OPTION_KEYTAB, &keytab), "/etc/imap.keytab");
	assert_ptr_equal(set.context, &set);
	assert_string_equal(set.plugin, "KERBEROS_V5");
}

static void what_is_not_set_is_null(void **state UNUSED)
{
	const struct settings nothing = {0};
	assert_null(text_of(OPTION_KEYTAB, &nothing));
	assert_null(text_of(OPTION_SERVICE_PRINCIPAL, &nothing));
}

static void an_empty_value_counts_as_not_set(void **state UNUSED)
{
	const struct settings empty = {"keytab", "", SLICE_EMPTY};
	assert_null(text_of(OPTION_KEYTAB, &empty));
	const struct settings mutual = {"kerberos5_mutual", "", SLICE_EMPTY};
	assert_int_equal(choice_of(OPTION_MUTUAL_CLIENT, &mutual), 0);
}

static void success_without_a_value_counts_as_not_set(void **state UNUSED)
{
	const struct settings null = {"keytab", NULL, SLICE_EMPTY};
	assert_null(text_of(OPTION_KEYTAB, &null));
}

/* As the table has it, so that a word in another order is another default nowhere. */
static void the_preset_holds_if_nothing_is_set(void **state UNUSED)
{
	const struct settings nothing = {0};
	for (enum option option = 0; option < OPTION_COUNT; option++) {
		const struct option_row *row = &option_table[option];
		if (row->values && !row->is_list)
			assert_string_equal(
				option_word(option, choice_of(option, &nothing)), row->preset);
	}
	assert_string_equal(option_table[OPTION_AD_COMPAT].preset, "no");
	assert_string_equal(option_table[OPTION_CHANNEL_BINDINGS].preset, "allowed");
}

static void yes_and_no_may_be_any_boolean(void **state UNUSED)
{
	static const struct {
		const char *word;
		unsigned choice;
	} row[] = {{"yes", 0}, {"no", 1}, {"NO", 1}, {"true", 0}, {"False", 1}, {"on", 0},
		{"off", 1}, {"1", 0}, {"0", 1}, {"y", 0}, {"n", 1}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const struct settings mutual = {"kerberos5_mutual", row[i].word, SLICE_EMPTY};
		assert_int_equal(choice_of(OPTION_MUTUAL_CLIENT, &mutual), row[i].choice);
		const struct settings hide = {"kerberos5_hide", row[i].word, SLICE_EMPTY};
		assert_int_equal(choice_of(OPTION_HIDE, &hide), row[i].choice);
	}
}

static void words_are_found_in_any_case(void **state UNUSED)
{
	const struct settings required = {"kerberos5_mutual", "Required", SLICE_EMPTY};
	assert_int_equal(choice_of(OPTION_MUTUAL_SERVER, &required), 1);
	const struct settings allowed = {"kerberos5_mutual", "ALLOWED", SLICE_EMPTY};
	assert_int_equal(choice_of(OPTION_MUTUAL_SERVER, &allowed), 0);
}

static void other_words_are_refused_by_name(void **state UNUSED)
{
	const struct settings maybe = {"kerberos5_mutual", "maybe", SLICE_EMPTY};
	assert_choice_refused(OPTION_MUTUAL_CLIENT, &maybe,
		"the client option kerberos5_mutual is \"maybe\"; it can be yes or no");
	assert_choice_refused(OPTION_MUTUAL_SERVER, &maybe,
		"the server option kerberos5_mutual is \"maybe\"; it can be allowed or required");
}

static void a_boolean_is_no_word_of_other_options(void **state UNUSED)
{
	const struct settings yes = {"kerberos5_mutual", "yes", SLICE_EMPTY};
	assert_choice_refused(OPTION_MUTUAL_SERVER, &yes,
		"the server option kerberos5_mutual is \"yes\"; it can be allowed or required");
}

static void the_other_sides_word_is_refused_where_only_one_side_reads(void **state UNUSED)
{
	const struct settings required = {"kerberos5_mutual", "required", SLICE_EMPTY};
	assert_choice_refused(OPTION_MUTUAL_CLIENT, &required,
		"the client option kerberos5_mutual is \"required\"; it can be yes or no");
}

static void a_refused_value_is_escaped_and_cut(void **state UNUSED)
{
	char value[500];
	memset(value, 'x', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	value[0] = '\n';
	const struct settings long_value = {"kerberos5_hide", value, SLICE_EMPTY};
	struct option_source source = source_of(&long_value);
	struct error err;
	unsigned choice;
	enum status status = option_choice(&source, OPTION_HIDE, &choice, &err);
	assert_refusal(status, &err, ERR_SYNTAX, "is \"\\x0Axxx", "malformed");
	assert_in(err.text, "xxx...\"; it can be yes or no");
}

static void appdefaults_are_read_where_the_option_is_not_set(void **state UNUSED)
{
	struct settings both = {NULL, NULL,
		SLICE_LITERAL("[appdefaults]\n\timap = {\n\t\tkerberos5_mutual = no\n\t}\n")};
	assert_int_equal(choice_of(OPTION_MUTUAL_CLIENT, &both), 1);
	both.name = "kerberos5_mutual";
	both.value = "yes";
	assert_int_equal(choice_of(OPTION_MUTUAL_CLIENT, &both), 0);
}

static void appdefaults_of_another_service_are_not_read(void **state UNUSED)
{
	const struct settings other = {NULL, NULL,
		SLICE_LITERAL("[appdefaults]\n\tsmtp = {\n\t\tkerberos5_mutual = no\n\t}\n")};
	assert_int_equal(choice_of(OPTION_MUTUAL_CLIENT, &other), 0);
}

static void a_word_for_the_other_side_in_appdefaults_is_passed_over(void **state UNUSED)
{
	const struct settings required = {
		NULL, NULL, SLICE_LITERAL("[appdefaults]\n\tkerberos5_mutual = required\n")};
	assert_int_equal(choice_of(OPTION_MUTUAL_CLIENT, &required), 0);
	assert_int_equal(choice_of(OPTION_MUTUAL_SERVER, &required), 1);
	const struct settings no = {
		NULL, NULL, SLICE_LITERAL("[appdefaults]\n\tkerberos5_mutual = no\n")};
	assert_int_equal(choice_of(OPTION_MUTUAL_CLIENT, &no), 1);
	assert_int_equal(choice_of(OPTION_MUTUAL_SERVER, &no), 0);
}

static void a_word_for_neither_side_in_appdefaults_is_refused(void **state UNUSED)
{
	const struct settings maybe = {
		NULL, NULL, SLICE_LITERAL("[appdefaults]\n\tkerberos5_mutual = maybe\n")};
	assert_choice_refused(OPTION_MUTUAL_SERVER, &maybe,
		"the server option kerberos5_mutual is \"maybe\"; it can be allowed or required");
}

static void options_of_the_server_alone_are_not_in_appdefaults(void **state UNUSED)
{
	const struct settings elsewhere = {NULL, NULL,
		SLICE_LITERAL("[appdefaults]\n\tkeytab = /tmp/k\n\tkerberos5_hide = no\n"
			      "\tkerberos5_service_principal = imap/x\n")};
	assert_null(text_of(OPTION_KEYTAB, &elsewhere));
	assert_null(text_of(OPTION_SERVICE_PRINCIPAL, &elsewhere));
	assert_int_equal(choice_of(OPTION_HIDE, &elsewhere), 0);
}

static void every_row_can_be_printed(void **state UNUSED)
{
	for (enum option option = 0; option < OPTION_COUNT; option++) {
		const struct option_row *row = &option_table[option];
		assert_true(strcmp(row->side, "client") == 0 || strcmp(row->side, "server") == 0 ||
			    strcmp(row->side, "client and server") == 0);
		assert_true(row->name[0] && (row->preset || row->otherwise) && row->purpose[0]);
		assert_false(row->values && row->most);
		assert_true(row->least <= row->most);
		if (row->values)
			assert_true(row->values[0] && row->values[1]);
	}
}

static void a_list_has_its_words_in_order_each_once(void **state UNUSED)
{
	static const struct {
		const char *value;
		struct option_words words;
	} cases[] = {
		{NULL, {2, {CREDENTIALS_CACHE, CREDENTIALS_KEYTAB}}},
		{" , ", {2, {CREDENTIALS_CACHE, CREDENTIALS_KEYTAB}}},
		{"strict", {1, {CREDENTIALS_STRICT}}},
		{"STRICT, cache", {2, {CREDENTIALS_STRICT, CREDENTIALS_CACHE}}},
		{"password keytab", {2, {CREDENTIALS_PASSWORD, CREDENTIALS_KEYTAB}}},
		{"cache\tstrict cache,cache", {2, {CREDENTIALS_CACHE, CREDENTIALS_STRICT}}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct settings settings = {
			"kerberos5_credentials", cases[i].value, {NULL, 0}};
		const struct option_source source = source_of(&settings);
		struct option_words words;
		struct error err;
		assert_int_equal(option_list(&source, OPTION_CREDENTIALS, &words, &err), STATUS_OK);
		assert_int_equal(words.count, cases[i].words.count);
		for (unsigned w = 0; w < words.count; w++)
			assert_int_equal(words.word[w], cases[i].words.word[w]);
	}
}

static void a_list_with_another_word_is_refused_whole(void **state UNUSED)
{
	const struct settings settings = {"kerberos5_credentials", "cache magic", {NULL, 0}};
	const struct option_source source = source_of(&settings);
	struct option_words words;
	struct error err;
	assert_int_equal(option_list(&source, OPTION_CREDENTIALS, &words, &err), ERR_SYNTAX);
	assert_string_equal(err.text,
		"the client option kerberos5_credentials is \"cache magic\"; it can be cache, "
		"keytab, password or strict, or several of them");
}

static void a_number_is_within_its_bounds(void **state UNUSED)
{
	static const struct {
		const char *value;
		unsigned number; /* 0: refused */
	} cases[] = {{NULL, 10}, {"1", 1}, {"600", 600}, {"007", 7}, {"0", 0}, {"601", 0},
		{"-1", 0}, {"+5", 0}, {"1s", 0}, {" 1", 0}, {"18446744073709551617", 0}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct settings settings = {
			"kerberos5_kdc_timeout", cases[i].value, {NULL, 0}};
		const struct option_source source = source_of(&settings);
		struct error err;
		unsigned number;
		enum status status = option_number(&source, OPTION_KDC_TIMEOUT, &number, &err);
		assert_int_equal(status, cases[i].number ? STATUS_OK : ERR_SYNTAX);
		if (!status)
			assert_int_equal(number, cases[i].number);
		else
			assert_non_null(strstr(err.text, "option kerberos5_kdc_timeout is \""));
	}
	const struct settings of_conf = {
		NULL, NULL, SLICE_LITERAL("[appdefaults]\nkerberos5_kdc_timeout = 3\n")};
	const struct option_source source = source_of(&of_conf);
	unsigned number;
	struct error err = {0};
	assert_int_equal(option_number(&source, OPTION_KDC_TIMEOUT, &number, &err), STATUS_OK);
	assert_int_equal(number, 3);
}

SUITE(test_options)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_application_is_asked_with_context_and_mechanism),
		cmocka_unit_test(what_is_not_set_is_null),
		cmocka_unit_test(an_empty_value_counts_as_not_set),
		cmocka_unit_test(success_without_a_value_counts_as_not_set),
		cmocka_unit_test(the_preset_holds_if_nothing_is_set),
		cmocka_unit_test(yes_and_no_may_be_any_boolean),
		cmocka_unit_test(words_are_found_in_any_case),
		cmocka_unit_test(other_words_are_refused_by_name),
		cmocka_unit_test(a_boolean_is_no_word_of_other_options),
		cmocka_unit_test(the_other_sides_word_is_refused_where_only_one_side_reads),
		cmocka_unit_test(a_refused_value_is_escaped_and_cut),
		cmocka_unit_test(appdefaults_are_read_where_the_option_is_not_set),
		cmocka_unit_test(appdefaults_of_another_service_are_not_read),
		cmocka_unit_test(a_word_for_the_other_side_in_appdefaults_is_passed_over),
		cmocka_unit_test(a_word_for_neither_side_in_appdefaults_is_refused),
		cmocka_unit_test(options_of_the_server_alone_are_not_in_appdefaults),
		cmocka_unit_test(every_row_can_be_printed),
		cmocka_unit_test(a_number_is_within_its_bounds),
		cmocka_unit_test(a_list_has_its_words_in_order_each_once),
		cmocka_unit_test(a_list_with_another_word_is_refused_whole),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}

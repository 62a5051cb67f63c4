/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The module is not loaded where its tables do not fit the definitions, and the log
 * says which. plugin.c is linked with a table of this test, in place of der_tables.c's.
 */
#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "asn1/der_record.h"

#define UNUSED __attribute__((unused))

sasl_server_plug_init_t sasl_server_plug_init;
sasl_client_plug_init_t sasl_client_plug_init;

extern const asn1_static_node kerberos5_asn1[];

static const struct der_row good_rows[] = {
	{"cksumtype", AT(checksum, type)},
	{"checksum", AT(checksum, value)},
	{0},
};
static const struct der_row row_without_field[] = {
	{"cksumtype", AT(checksum, type)},
	{"checksum", AT(checksum, value)},
	{"checksun", AT(checksum, value)},
	{0},
};
static const struct der_row field_without_row[] = {
	{"checksum", AT(checksum, value)},
	{0},
};
static const struct der_row row_of_another_type[] = {
	{"cksumtype", AT(checksum, value)},
	{"checksum", AT(checksum, value)},
	{0},
};

static struct der_record record = {RECORD("Checksum", checksum), .rows = good_rows};
static struct der_record *const records[] = {&record, NULL};
const struct der_table der_tables[] = {{kerberos5_asn1, records}, {0}};

static char log_text[1000];
static unsigned lines;

static int no_option(void *context UNUSED, const char *plugin UNUSED, const char *name UNUSED,
	const char **value UNUSED, unsigned *len UNUSED)
{
	return SASL_FAIL;
}

__attribute__((format(printf, 3, 4))) static void keep_line(
	sasl_conn_t *conn UNUSED, int level, const char *format, ...)
{
	va_list args;
	int len = snprintf(log_text, sizeof log_text, "%d ", level);
	va_start(args, format);
	vsnprintf(log_text + len, sizeof log_text - (size_t)len, format, args);
	va_end(args);
	lines++;
}

static const sasl_utils_t utils = {.getopt = no_option, .log = keep_line};

static void check_loaded(void)
{
	sasl_server_plug_t *server;
	sasl_client_plug_t *client;
	int version, count;
	lines = 0;
	assert_int_equal(
		sasl_server_plug_init(&utils, SASL_SERVER_PLUG_VERSION, &version, &server, &count),
		SASL_OK);
	assert_true(count > 0);
	for (int i = 0; i < count; i++)
		server[i].mech_free(NULL, &utils);
	assert_int_equal(
		sasl_client_plug_init(&utils, SASL_CLIENT_PLUG_VERSION, &version, &client, &count),
		SASL_OK);
	assert_true(count > 0);
	for (int i = 0; i < count; i++)
		client[i].mech_free(NULL, &utils);
	assert_int_equal(lines, 2);
	assert_string_equal(log_text, "6 libkerberos5: " PACKAGE_STRING);
}

static void check_log(int result, int count, const char *what)
{
	char expected[1000];
	snprintf(expected, sizeof expected,
		"1 libkerberos5: no mechanism is offered: the definitions of messages do not fit "
		"the module: %s",
		what);
	assert_int_equal(result, SASL_FAIL);
	assert_int_equal(count, 0);
	assert_int_equal(lines, 1);
	assert_string_equal(log_text, expected);
	lines = 0;
}

static void check_not_loaded(const struct der_row *rows, const char *what)
{
	sasl_server_plug_t *server;
	sasl_client_plug_t *client;
	int version, count;
	record.rows = rows;
	lines = 0;
	int result =
		sasl_server_plug_init(&utils, SASL_SERVER_PLUG_VERSION, &version, &server, &count);
	check_log(result, count, what);
	result = sasl_client_plug_init(&utils, SASL_CLIENT_PLUG_VERSION, &version, &client, &count);
	check_log(result, count, what);
	record.rows = good_rows;
}

static void a_module_whose_tables_fit_is_loaded_and_logs_its_version(void **state UNUSED)
{
	check_loaded();
}

static void a_broken_table_is_not_loaded_and_the_log_says_which(void **state UNUSED)
{
	check_not_loaded(row_without_field,
		"Checksum.checksun: a row for which the definition has no field");
	check_not_loaded(
		field_without_row, "Checksum.cksumtype: it has no row, and is not OPTIONAL");
	check_not_loaded(row_of_another_type,
		"Checksum.cksumtype: the row's member is of a type that cannot hold it");
	check_loaded();
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_whose_tables_fit_is_loaded_and_logs_its_version),
		cmocka_unit_test(a_broken_table_is_not_loaded_and_the_log_says_which),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

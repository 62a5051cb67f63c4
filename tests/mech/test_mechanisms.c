/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which mechanisms the module hands out: the option kerberos5_mechanisms.
 */
#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

static const char *setting;
static char line[300];

static int get_option(void *context UNUSED, const char *plugin UNUSED, const char *name,
	const char **value, unsigned *len UNUSED)
{
	if (!setting || strcmp(name, "kerberos5_mechanisms") != 0)
		return SASL_FAIL;
	*value = setting;
	return SASL_OK;
}

__attribute__((format(printf, 3, 4))) static void keep_line(
	sasl_conn_t *conn UNUSED, int level, const char *format, ...)
{
	va_list args;
	int len = snprintf(line, sizeof line, "%d ", level);
	va_start(args, format);
	vsnprintf(line + len, sizeof line - (size_t)len, format, args);
	va_end(args);
}

static const sasl_utils_t utils = {.getopt = get_option, .log = keep_line};
static sasl_server_plug_init_t *server_init;
static sasl_client_plug_init_t *client_init;
static void *module;

/* The names that both sides give, with a blank after each; the two have to be the same. */
static const char *names(void)
{
	static char text[100], clients[100];
	sasl_server_plug_t *server;
	sasl_client_plug_t *client;
	int version, count;
	text[0] = clients[0] = '\0';
	assert_int_equal(
		server_init(&utils, SASL_SERVER_PLUG_VERSION, &version, &server, &count), SASL_OK);
	for (int i = 0; i < count; i++) {
		strcat(strcat(text, server[i].mech_name), " ");
		server[i].mech_free(NULL, &utils);
	}
	assert_int_equal(
		client_init(&utils, SASL_CLIENT_PLUG_VERSION, &version, &client, &count), SASL_OK);
	for (int i = 0; i < count; i++) {
		strcat(strcat(clients, client[i].mech_name), " ");
		client[i].mech_free(NULL, &utils);
	}
	assert_string_equal(text, clients);
	return text;
}

static void all_but_gs2_are_offered_where_nothing_is_set(void **state UNUSED)
{
	setting = NULL;
	assert_string_equal(names(), "KERBEROS_V5 GSSAPI GSS-SPNEGO ");
}

static void those_that_are_set_are_offered(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{"GSSAPI", "GSSAPI "},
		{"kerberos_v5", "KERBEROS_V5 "},
		{"GSSAPI KERBEROS_V5", "KERBEROS_V5 GSSAPI "},
		{" gssapi,\tgssapi ", "GSSAPI "},
		{"GS2-KRB5", "GS2-KRB5 "},
		{"gss-spnego", "GSS-SPNEGO "},
		{"GS2-KRB5 KERBEROS_V5 GSSAPI", "KERBEROS_V5 GSSAPI GS2-KRB5 "},
		{" ", "KERBEROS_V5 GSSAPI GSS-SPNEGO "},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		setting = cases[i][0];
		assert_string_equal(names(), cases[i][1]);
	}
	assert_string_equal(line, "6 libkerberos5: " PACKAGE_STRING);
}

static void a_slip_offers_none_and_says_so(void **state UNUSED)
{
	setting = "GSSAPI SPNEGO";
	assert_string_equal(names(), "");
	assert_string_equal(line,
		"1 libkerberos5: no mechanism is offered: the client and server option "
		"kerberos5_mechanisms is \"GSSAPI SPNEGO\"; it can be GSSAPI, KERBEROS_V5, "
		"GSS-SPNEGO or GS2-KRB5, or several of them");
}

static int load(void **state UNUSED)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/libkerberos5.so", getenv("KERBEROS5_MODULE_DIR"));
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module)
		return -1;
	*(void **)&server_init = dlsym(module, "sasl_server_plug_init");
	*(void **)&client_init = dlsym(module, "sasl_client_plug_init");
	return server_init && client_init ? 0 : -1;
}

static int unload(void **state UNUSED)
{
	return dlclose(module);
}

SUITE(test_mechanisms)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_but_gs2_are_offered_where_nothing_is_set),
		cmocka_unit_test(those_that_are_set_are_offered),
		cmocka_unit_test(a_slip_offers_none_and_says_so),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, load, unload);
}

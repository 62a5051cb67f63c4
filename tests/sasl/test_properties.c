/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sasl/prop.h>

#include "sasl/properties.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

static struct propctx *properties;
static const sasl_utils_t utils = {
	.prop_getnames = prop_getnames,
	.prop_set = prop_set,
	.prop_erase = prop_erase,
};

/* The application asked for "color" and "shape". */
static sasl_server_params_t asked(void)
{
	static const char *names[] = {"color", "shape", NULL};
	prop_dispose(&properties);
	properties = prop_new(0);
	assert_non_null(properties);
	assert_int_equal(prop_request(properties, names), SASL_OK);
	return (sasl_server_params_t){.utils = &utils, .propctx = properties};
}

static struct propval value_of(const char *name)
{
	const char *names[] = {name, NULL};
	struct propval value[2] = {0};
	prop_getnames(properties, names, value);
	return value[0];
}

static int teardown(void **state UNUSED)
{
	prop_dispose(&properties);
	return 0;
}

static void only_what_was_asked_for_is_wanted(void **state UNUSED)
{
	sasl_server_params_t params = asked();
	assert_true(property_wanted(&params, "color"));
	assert_true(property_wanted(&params, "shape"));
	assert_false(property_wanted(&params, "size"));
	assert_false(property_wanted(&params, "colo"));
	assert_false(property_wanted(&params, ""));
}

static void nothing_is_wanted_without_a_context(void **state UNUSED)
{
	const sasl_server_params_t params = {.utils = &utils};
	assert_false(property_wanted(&params, "color"));
}

static void a_value_is_set(void **state UNUSED)
{
	sasl_server_params_t params = asked();
	assert_int_equal(property_set(&params, "color", SLICE_LITERAL("red")), SASL_OK);
	struct propval value = value_of("color");
	assert_int_equal(value.nvalues, 1);
	assert_string_equal(value.values[0], "red");
	assert_null(value_of("shape").values);
}

static void a_value_may_have_any_octets(void **state UNUSED)
{
	sasl_server_params_t params = asked();
	assert_int_equal(property_set(&params, "color", SLICE_LITERAL("\0\xff\0z")), SASL_OK);
	struct propval value = value_of("color");
	assert_int_equal(value.nvalues, 1);
	assert_int_equal(value.valsize, 4);
	assert_memory_equal(value.values[0], "\0\xff\0z", 4);
}

static void a_large_value_is_kept_whole(void **state UNUSED)
{
	enum { LENGTH = 48 << 10 };
	sasl_server_params_t params = asked();
	unsigned char *octets = malloc(LENGTH);
	assert_non_null(octets);
	for (int i = 0; i < LENGTH; i++)
		octets[i] = (unsigned char)(i * 7);
	assert_int_equal(property_set(&params, "color", slice_of(octets, LENGTH)), SASL_OK);
	struct propval value = value_of("color");
	assert_int_equal(value.valsize, LENGTH);
	assert_memory_equal(value.values[0], octets, LENGTH);
	free(octets);
}

static void what_a_plugin_put_there_is_replaced(void **state UNUSED)
{
	sasl_server_params_t params = asked();
	assert_int_equal(prop_set(properties, "color", "forged", -1), SASL_OK);
	assert_int_equal(prop_set(properties, "shape", "round", -1), SASL_OK);
	assert_int_equal(property_set(&params, "color", SLICE_LITERAL("red")), SASL_OK);
	struct propval value = value_of("color");
	assert_int_equal(value.nvalues, 1);
	assert_string_equal(value.values[0], "red");
	assert_string_equal(value_of("shape").values[0], "round");
}

static void an_empty_value_leaves_none(void **state UNUSED)
{
	sasl_server_params_t params = asked();
	assert_int_equal(prop_set(properties, "color", "forged", -1), SASL_OK);
	assert_int_equal(property_set(&params, "color", slice_of("none", 0)), SASL_OK);
	assert_int_equal(value_of("color").nvalues, 0);
	assert_int_equal(property_set(&params, "color", SLICE_EMPTY), SASL_OK);
	assert_int_equal(value_of("color").nvalues, 0);
}

static int cannot_set(struct propctx *context UNUSED, const char *name UNUSED,
	const char *value UNUSED, int length UNUSED)
{
	return SASL_NOMEM;
}

static void a_failure_is_handed_on(void **state UNUSED)
{
	sasl_server_params_t params = asked();
	const sasl_utils_t broken = {.prop_set = cannot_set, .prop_erase = prop_erase};
	params.utils = &broken;
	assert_int_equal(property_set(&params, "color", SLICE_LITERAL("red")), SASL_NOMEM);
}

SUITE(test_properties)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_was_asked_for_is_wanted),
		cmocka_unit_test(nothing_is_wanted_without_a_context),
		cmocka_unit_test(a_value_is_set),
		cmocka_unit_test(a_value_may_have_any_octets),
		cmocka_unit_test(a_large_value_is_kept_whole),
		cmocka_unit_test(what_a_plugin_put_there_is_replaced),
		cmocka_unit_test(an_empty_value_leaves_none),
		cmocka_unit_test(a_failure_is_handed_on),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* From an application's security properties to the layers that it allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sasl/security.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))
#define NONE LAYER_NONE
#define INTEGRITY LAYER_INTEGRITY
#define PRIVACY LAYER_PRIVACY

static const struct row {
	sasl_ssf_t min, max, external;
	unsigned with_128, with_256; /* the layers, by the strength of the key */
} rows[] = {
	/* without TLS */
	{0, 0, 0, NONE, NONE},
	{0, 1, 0, NONE | INTEGRITY, NONE | INTEGRITY},
	{0, 2, 0, NONE | INTEGRITY, NONE | INTEGRITY},
	{0, 56, 0, NONE | INTEGRITY, NONE | INTEGRITY},
	{0, 127, 0, NONE | INTEGRITY, NONE | INTEGRITY},
	{0, 128, 0, NONE | INTEGRITY | PRIVACY, NONE | INTEGRITY},
	{0, 255, 0, NONE | INTEGRITY | PRIVACY, NONE | INTEGRITY},
	{0, 256, 0, NONE | INTEGRITY | PRIVACY, NONE | INTEGRITY | PRIVACY},
	{0, UINT32_MAX, 0, NONE | INTEGRITY | PRIVACY, NONE | INTEGRITY | PRIVACY},
	{1, 1, 0, INTEGRITY, INTEGRITY},
	{1, 256, 0, INTEGRITY | PRIVACY, INTEGRITY | PRIVACY},
	{2, 256, 0, PRIVACY, PRIVACY},
	{56, 128, 0, PRIVACY, 0},
	{128, 128, 0, PRIVACY, 0},
	{128, 256, 0, PRIVACY, PRIVACY},
	{129, 256, 0, 0, PRIVACY},
	{256, 256, 0, 0, PRIVACY},
	{257, UINT32_MAX, 0, 0, 0},
	{2, 100, 0, 0, 0},
	{1, 0, 0, 0, 0},
	/* with TLS */
	{0, 0, 128, NONE, NONE},
	{0, 256, 256, NONE, NONE},
	{128, 256, 256, NONE, NONE},
	{256, 256, 256, NONE, NONE},
	{0, 128, 256, NONE, NONE},
	{0, 256, 128, NONE | INTEGRITY | PRIVACY, NONE | INTEGRITY},
	{0, 257, 256, NONE | INTEGRITY, NONE | INTEGRITY},
	{129, 256, 128, INTEGRITY | PRIVACY, INTEGRITY},
	{257, 512, 256, INTEGRITY | PRIVACY, INTEGRITY | PRIVACY},
	{384, 512, 256, PRIVACY, PRIVACY},
	{0, 256, UINT32_MAX, NONE, NONE},
};

static struct security security_for(const struct row *row)
{
	const sasl_security_properties_t properties = {
		.min_ssf = row->min, .max_ssf = row->max, .maxbufsize = 4096};
	return security_of(&properties, row->external);
}

static void layers_are_between_minimum_and_maximum(void **state UNUSED)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct security security = security_for(&rows[i]);
		unsigned with_128 = security_layers(&security, 128);
		unsigned with_256 = security_layers(&security, 256);
		if (with_128 != rows[i].with_128 || with_256 != rows[i].with_256)
			fail_msg("min %u, max %u, external %u: 0x%x and 0x%x, not 0x%x and 0x%x",
				rows[i].min, rows[i].max, rows[i].external, with_128, with_256,
				rows[i].with_128, rows[i].with_256);
	}
}

static void what_tls_gives_is_taken_off(void **state UNUSED)
{
	struct security security = security_for(&(struct row){.min = 200, .max = 300});
	assert_int_equal(security.min, 200);
	assert_int_equal(security.max, 300);
	security = security_for(&(struct row){.min = 200, .max = 300, .external = 256});
	assert_int_equal(security.min, 0);
	assert_int_equal(security.max, 44);
	security = security_for(&(struct row){.min = 300, .max = 200, .external = 256});
	assert_int_equal(security.min, 44);
	assert_int_equal(security.max, 0);
}

static void a_buffer_is_at_most_the_longest_packet(void **state UNUSED)
{
	static const uint32_t row[][2] = {{0, 0}, {1, 1}, {65536, 65536}, {1 << 24, 1 << 24},
		{PACKET_MAX - 1, PACKET_MAX - 1}, {PACKET_MAX, PACKET_MAX},
		{PACKET_MAX + 1, PACKET_MAX}, {INT32_MAX, PACKET_MAX}, {UINT32_MAX, PACKET_MAX}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const sasl_security_properties_t properties = {.maxbufsize = row[i][0]};
		assert_int_equal(security_of(&properties, 0).max_buffer, row[i][1]);
	}
}

static void the_strength_of_a_layer(void **state UNUSED)
{
	assert_int_equal(layer_ssf(NONE, 256), 0);
	assert_int_equal(layer_ssf(INTEGRITY, 256), 1);
	assert_int_equal(layer_ssf(INTEGRITY, 128), 1);
	assert_int_equal(layer_ssf(PRIVACY, 128), 128);
	assert_int_equal(layer_ssf(PRIVACY, 256), 256);
}

static void the_strongest_of_several(void **state UNUSED)
{
	static const unsigned strongest[8] = {
		0, NONE, INTEGRITY, INTEGRITY, PRIVACY, PRIVACY, PRIVACY, PRIVACY};
	for (unsigned layers = 0; layers < 8; layers++) {
		assert_int_equal(layer_strongest(layers), strongest[layers]);
		/* Other bits, such as the one for mutual authentication, are no layers. */
		assert_int_equal(layer_strongest(layers | 0xf8), strongest[layers]);
	}
}

static void layers_have_names(void **state UNUSED)
{
	assert_string_equal(layers_text(0), "nothing");
	assert_string_equal(layers_text(NONE), "no layer");
	assert_string_equal(layers_text(NONE | INTEGRITY), "no layer, integrity");
	assert_string_equal(layers_text(INTEGRITY | PRIVACY), "integrity, privacy");
	assert_string_equal(layers_text(0xf8 | PRIVACY), "privacy");
}

SUITE(test_security)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_are_between_minimum_and_maximum),
		cmocka_unit_test(what_tls_gives_is_taken_off),
		cmocka_unit_test(a_buffer_is_at_most_the_longest_packet),
		cmocka_unit_test(the_strength_of_a_layer),
		cmocka_unit_test(the_strongest_of_several),
		cmocka_unit_test(layers_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

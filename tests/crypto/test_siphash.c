/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SipHash-2-4 against its paper, and against OpenSSL's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/siphash.h"
#include "tests/support/replay_cache_file.h"
#include "tests/support/suite.h"

/* Appendix A of the paper: key 00 01 .. 0f, message 00 01 .. 0e. */
static void example_of_the_paper(void **state UNUSED)
{
	unsigned char octets[16];
	for (unsigned i = 0; i < sizeof octets; i++)
		octets[i] = (unsigned char)i;
	assert_true(siphash24(octets, slice_of(octets, 15)) == UINT64_C(0xa129ca6149be45e5));
	assert_true(siphash_by_openssl(octets, octets, 15) == UINT64_C(0xa129ca6149be45e5));
}

static void other_keys_and_lengths(void **state UNUSED)
{
	unsigned char octets[400];
	for (unsigned i = 0; i < sizeof octets; i++)
		octets[i] = (unsigned char)(i * 37 + 11);
	for (unsigned key = 0; key < 40; key++)
		for (unsigned len = 0; len < 360; len += len < 24 ? 1 : 17)
			assert_true(siphash_by_openssl(octets + key, octets + 40, len) ==
				    siphash24(octets + key, slice_of(octets + 40, len)));
}

SUITE(test_siphash)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_of_the_paper),
		cmocka_unit_test(other_keys_and_lengths),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

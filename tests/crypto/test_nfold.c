/* SPDX-License-Identifier: BSD-3-Clause */
/* The vectors of RFC 3961 appendix A.1. */
#include <string.h>

#include "tests/support/crypto_vectors.h"

#include "crypto/nfold.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

static const struct fold {
	const char *in;
	const char *out;
} folds[] = {
	{"012345", "be072631276b1955"},
	{"password", "78a07b6caf85fa"},
	{"Rough Consensus, and Running Code", "bb6ed30870b7f0e0"},
	{"password", "59e4a8ca7c0385c3c37b3f6d2000247cb6e6bd5b3e"},
	{"MASSACHVSETTS INSTITVTE OF TECHNOLOGY",
		"db3b0d8f0b061e603282b308a50841229ad798fab9540c1b"},
	{"Q", "518a54a215a8452a518a54a215a8452a518a54a215"},
	{"ba", "fb25d531ae8974499f52fd92ea9857c4ba24cf297e"},
	{"kerberos", "6b65726265726f73"},
	{"kerberos", "6b65726265726f737b9b5b2b93132b93"},
	{"kerberos", "8372c236344e5f1550cd0747e15d62ca7a5a3bcea4"},
	{"kerberos", "6b65726265726f737b9b5b2b93132b935c9bdcdad95c9899c4cae4dee6d6cae4"},
};

static void published_folds_are_reproduced(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(folds); i++) {
		unsigned char out[NFOLD_MAX];
		size_t length = strlen(folds[i].out) / 2;
		nfold(slice_string(folds[i].in), out, length);
		check_octets(i, out, length, folds[i].out);
	}
}

/* All ones is the zero of 1's complement; a carry that ran on would change it. */
static void ones_stay_ones(void **state UNUSED)
{
	unsigned char out[16];
	nfold(SLICE_LITERAL("\xff\xff\xff\xff\xff"), out, sizeof out);
	check_octets(0, out, sizeof out, "ffffffffffffffffffffffffffffffff");
}

static void zeros_stay_zeros(void **state UNUSED)
{
	unsigned char out[16];
	nfold(SLICE_LITERAL("\0\0\0\0\0"), out, sizeof out);
	check_octets(0, out, sizeof out, "00000000000000000000000000000000");
}

SUITE(test_nfold)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_folds_are_reproduced),
		cmocka_unit_test(ones_stay_ones),
		cmocka_unit_test(zeros_stay_zeros),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

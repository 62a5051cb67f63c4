/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/suite.h"

#define SUITES(X)                                                                                  \
	X(test_crypto_rfc3962)                                                                     \
	X(test_crypto_rfc6803)                                                                     \
	X(test_crypto_rfc8009)                                                                     \
	X(test_derive)                                                                             \
	X(test_enctype)                                                                            \
	X(test_key)                                                                                \
	X(test_key_append)                                                                         \
	X(test_key_threads)                                                                        \
	X(test_nfold)                                                                              \
	X(test_password)                                                                           \
	X(test_siphash)

SUITES_MAIN(SUITES)

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/suite.h"

#define SUITES(X)                                                                                  \
	X(test_address)                                                                            \
	X(test_identity)                                                                           \
	X(test_options)                                                                            \
	X(test_prompts)                                                                            \
	X(test_properties)                                                                         \
	X(test_security)

SUITES_MAIN(SUITES)

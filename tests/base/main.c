/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/suite.h"

#define SUITES(X)                                                                                  \
	X(test_base)                                                                               \
	X(test_utf8)

SUITES_MAIN(SUITES)

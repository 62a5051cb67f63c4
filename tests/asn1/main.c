/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/suite.h"

#define SUITES(X)                                                                                  \
	X(test_der)                                                                                \
	X(test_der_cred)                                                                           \
	X(test_der_fields)                                                                         \
	X(test_der_kdc)                                                                            \
	X(test_der_oracle)                                                                         \
	X(test_der_packet)                                                                         \
	X(test_der_packet_write)                                                                   \
	X(test_der_strict)                                                                         \
	X(test_der_write)                                                                          \
	X(test_schema)                                                                             \
	X(test_schema_definitions)

SUITES_MAIN(SUITES)

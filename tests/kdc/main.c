/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/suite.h"

#define SUITES(X)                                                                                  \
	X(test_as)                                                                                 \
	X(test_as_lies)                                                                            \
	X(test_as_refusals)                                                                        \
	X(test_kdc_refusal)                                                                        \
	X(test_locate)                                                                             \
	X(test_service_ticket)                                                                     \
	X(test_tgs)                                                                                \
	X(test_tickets_refused)                                                                    \
	X(test_tickets_threads)                                                                    \
	X(test_transport)

SUITES_MAIN(SUITES)

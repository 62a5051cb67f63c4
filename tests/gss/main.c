/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/suite.h"

#define SUITES(X)                                                                                  \
	X(test_gss_bindings)                                                                       \
	X(test_gss_delegation)                                                                     \
	X(test_gss_establish)                                                                      \
	X(test_gss_etypes)                                                                         \
	X(test_gss_message_forged)                                                                 \
	X(test_gss_message_hostile)                                                                \
	X(test_gss_message_recorded)                                                               \
	X(test_gss_mic)                                                                            \
	X(test_gss_peers)                                                                          \
	X(test_gss_recorded)                                                                       \
	X(test_gss_token)                                                                          \
	X(test_spnego)                                                                             \
	X(test_spnego_recorded)                                                                    \
	X(test_spnego_token)

SUITES_MAIN(SUITES)

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/suite.h"

#define SUITES(X)                                                                                  \
	X(test_ap_pac)                                                                             \
	X(test_ap_rep)                                                                             \
	X(test_ap_req)                                                                             \
	X(test_ap_req_hostile)                                                                     \
	X(test_authdata)                                                                           \
	X(test_bindings_announced)                                                                 \
	X(test_channel)                                                                            \
	X(test_channel_hostile)                                                                    \
	X(test_channel_room)                                                                       \
	X(test_krb_error)                                                                          \
	X(test_service)                                                                            \
	X(test_ticket)                                                                             \
	X(test_transited)

SUITES_MAIN(SUITES)

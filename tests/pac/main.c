/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/suite.h"

#define SUITES(X)                                                                                  \
	X(test_logon_info)                                                                         \
	X(test_pac)                                                                                \
	X(test_pac_buffers)                                                                        \
	X(test_pac_names)                                                                          \
	X(test_pac_recorded)                                                                       \
	X(test_sid)                                                                                \
	X(test_signature)                                                                          \
	X(test_utf16)

SUITES_MAIN(SUITES)

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/suite.h"

#define SUITES(X)                                                                                  \
	X(test_enctype_list)                                                                       \
	X(test_kdc_conf)                                                                           \
	X(test_krb5_conf_values)                                                                   \
	X(test_local_rules)                                                                        \
	X(test_local_rules_libkrb5)                                                                \
	X(test_profile_files)                                                                      \
	X(test_profile_syntax)                                                                     \
	X(test_profile_tree)

SUITES_MAIN(SUITES)

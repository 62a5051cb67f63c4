/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * krb5_conf_environment.h - a test begins and ends with none of the environment
 * variables that conf/krb5_conf.c looks at. To be included behind <cmocka.h>.
 */
#ifndef TESTS_SUPPORT_KRB5_CONF_ENVIRONMENT_H
#define TESTS_SUPPORT_KRB5_CONF_ENVIRONMENT_H

#include <stdlib.h>

#include "tests/support/krb5_conf_reading.h"

/* Takes the place of libc's, so that a test can play a set-uid program. */
static bool is_set_uid;

char *secure_getenv(const char *name)
{
	return is_set_uid ? NULL : getenv(name);
}

static inline int clear_environment(void **state UNUSED)
{
	is_set_uid = false;
	unsetenv("KRB5_CONFIG");
	unsetenv("KRB5_KTNAME");
	unsetenv("KRB5CCNAME");
	unsetenv("KRB5RCACHENAME");
	unsetenv("KRB5RCACHETYPE");
	unsetenv("TMPDIR");
	return 0;
}

#endif

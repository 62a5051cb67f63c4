/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * krb5_conf_reading.h - what the tests of conf/krb5_conf.c share. To be
 * included behind <cmocka.h>.
 */
#ifndef TESTS_SUPPORT_KRB5_CONF_READING_H
#define TESTS_SUPPORT_KRB5_CONF_READING_H

#include "conf/krb5_conf.h"

#define UNUSED __attribute__((unused))
#define PARSED(literal) parsed(SLICE_LITERAL(literal))

static inline struct krb5_conf *parsed(struct slice text)
{
	struct krb5_conf *conf;
	struct error err = {0};
	if (krb5_conf_parse(text, &conf, &err))
		fail_msg("refused: %s", err.text);
	return conf;
}

static inline void assert_value(const char *value, const char *expected)
{
	assert_non_null(value);
	assert_string_equal(value, expected);
}

static inline int close_crypto(void **state UNUSED)
{
	crypto_close();
	return 0;
}

#endif

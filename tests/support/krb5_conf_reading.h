/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * krb5_conf_reading.h - what the tests of conf/krb5_conf.c share.
 */
#ifndef TESTS_SUPPORT_KRB5_CONF_READING_H
#define TESTS_SUPPORT_KRB5_CONF_READING_H

#include "conf/krb5_conf.h"
#include "tests/support/assertions.h"
#include "tests/support/closing.h"

#define UNUSED __attribute__((unused))
#define PARSED(literal) conf_of_text(SLICE_LITERAL(literal))

struct krb5_conf *conf_of_text(struct slice text);

#endif

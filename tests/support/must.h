/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * must.h - what programs of the tests cannot do without. If it fails, the program ends, with one
 * line on standard error that says why.
 */
#ifndef TESTS_SUPPORT_MUST_H
#define TESTS_SUPPORT_MUST_H

#include <stdbool.h>

#include "base/error.h"

/* Of what fuzz targets look at: abort(), which a fuzzer notices. */
void must(bool holds);

/* Exit status 99. what is the line. */
void must_hold(bool holds, const char *what);

/* abort(), after the text of err: no case needs a message that cannot be made. */
void must_succeed(enum status status, const struct error *err);

/* One of libsasl2's results, SASL_OK. what names the call. Exit status 99. */
void must_sasl(int result, const char *what);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/must.h"

#include <sasl/sasl.h>
#include <stdio.h>
#include <stdlib.h>

void must(bool holds)
{
	if (!holds)
		abort();
}

void must_hold(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "the test: %s\n", what);
	exit(99);
}

void must_succeed(enum status status, const struct error *err)
{
	if (status == STATUS_OK)
		return;
	fprintf(stderr, "the test: %s\n", err->text);
	abort();
}

void must_sasl(int result, const char *what)
{
	if (result == SASL_OK)
		return;
	fprintf(stderr, "the test: %s: %s\n", what, sasl_errstring(result, NULL, NULL));
	exit(99);
}

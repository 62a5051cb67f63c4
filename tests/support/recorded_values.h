/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recorded_values.h - what was recorded of a session, from a file in
 * tests/data: after a line "session NAME", each value is its name and then, on
 * indented lines, its octets in hexadecimal; lines with # are comments.
 */
#ifndef TESTS_SUPPORT_RECORDED_VALUES_H
#define TESTS_SUPPORT_RECORDED_VALUES_H

#include "tests/support/minting.h"

/* After <cmocka.h> and what it wants before it. */

enum { RECORDED_MAX = 40 };

struct recorded {
	const char *session;
	unsigned count;
	struct recorded_value {
		char name[40];
		struct buffer octets;
	} values[RECORDED_MAX];
};

void recorded_open(struct recorded *r, const char *file, const char *session);

void recorded_close(struct recorded *r);

struct slice recorded_value(const struct recorded *r, const char *name);

/* "WHAT-PART" */
struct slice recorded_part(const struct recorded *r, const char *what, const char *part);

void assert_same(struct slice found, struct slice expected);

#endif

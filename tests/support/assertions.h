/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * assertions.h - what cases assert of texts and of failures. With cmocka: each ends the case
 * that calls it.
 */
#ifndef TESTS_SUPPORT_ASSERTIONS_H
#define TESTS_SUPPORT_ASSERTIONS_H

#include "base/error.h"

void assert_in(const char *text, const char *part);
void assert_not_in(const char *text, const char *part);

/* What a case needs before it begins with its subject. Else it fails with the text of err. */
void assert_success(enum status status, const struct error *err);

/*
 * Did it fail for the reason that the case is about, and does a peer read no more than it may?
 * text is a telling part of the sentence for the log, shown one of the sentence for the peer.
 */
void assert_refusal(enum status status, const struct error *err, enum status expected,
	const char *text, const char *shown);

/* It is there, and is this. */
void assert_value(const char *value, const char *expected);

#endif

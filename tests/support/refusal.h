/*
 * refusal.h - did it fail for the reason that the test is about, and does a
 * peer read no more than it may?
 */
#ifndef TESTS_UNIT_REFUSAL_H
#define TESTS_UNIT_REFUSAL_H

#include <string.h>

#include "base/error.h"

/* After <cmocka.h> and what it wants before it. */

static inline void assert_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static inline void assert_not_in(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" is in \"%s\"", part, text);
}

/* A telling part of the sentence for the log, and of the one for the peer. */
static inline void assert_refusal(enum status status, const struct error *err, enum status expected,
	const char *text, const char *shown)
{
	if (status != expected || err->status != expected)
		fail_msg("%d (%d), expected %d: %s", status, err->status, expected,
			status ? err->text : "success");
	assert_in(err->text, text);
	assert_in(error_shown(err), shown);
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * timestamp.h - moments and spans of time.
 *
 * Seconds are counted from 1970-01-01 UTC in 64 bits. Rules that depend on
 * the present take it as an argument; only the outermost caller asks the
 * clock.
 */
#ifndef BASE_TIMESTAMP_H
#define BASE_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct timestamp {
	int64_t seconds;
	int32_t microseconds; /* 0 to 999999 */
};

/* The system's clock. */
struct timestamp timestamp_now(void);

/* Milliseconds of a clock that nobody sets, from an arbitrary beginning: for waiting. */
int64_t monotonic_milliseconds(void);

bool timestamp_equal(struct timestamp a, struct timestamp b);

/* |a - b| in whole seconds, rounded up, so that a limit is not passed by a fraction. */
int64_t timestamp_distance(struct timestamp a, struct timestamp b);

/*
 * KerberosTime (RFC 4120 section 5.2.3): exactly "YYYYMMDDHHMMSSZ", a real
 * calendar date, no fraction, no leap second. False for anything else.
 */
#define KERBEROS_TIME_LEN 15
bool kerberos_time_parse(struct slice text, int64_t *seconds);

/*
 * The reverse; NUL-terminated. False where the year has not four digits.
 */
bool kerberos_time_format(int64_t seconds, char out[KERBEROS_TIME_LEN + 1]);

/* "2026-01-31 10:20:30 UTC" for a sentence. Returns `out`. */
#define TIME_TEXT_SIZE 40
const char *time_text(int64_t seconds, char out[TIME_TEXT_SIZE]);
#define TIME_TEXT(seconds) time_text((seconds), (char[TIME_TEXT_SIZE]){0})

/* "7 min 12 s", "3 h", "2 days 4 h" for a span of seconds, without a sign. Returns `out`. */
const char *span_text(int64_t seconds, char out[TIME_TEXT_SIZE]);
#define SPAN_TEXT(seconds) span_text((seconds), (char[TIME_TEXT_SIZE]){0})

#endif

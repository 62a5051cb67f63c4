/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mint_values.h - the values of tests/tools/mint's options, read.
 *
 * Each returns ERR_SYNTAX with a sentence that says what was found and what
 * was expected.
 */
#ifndef TESTS_SUPPORT_MINT_VALUES_H
#define TESTS_SUPPORT_MINT_VALUES_H

#include "asn1/der.h"
#include "crypto/enctype.h"

/* Decimal, or hexadecimal with 0x, from `least` to `most`. */
MUST_CHECK enum status value_number(
	const char *text, int64_t least, int64_t most, int64_t *out, struct error *err);

/* "now", "+10h", "-5m" (units s, m, h, d; seconds without one), "20260131102030Z". */
MUST_CHECK enum status value_time(const char *text, int64_t now, int64_t *out, struct error *err);

/* Names separated by commas ("forwardable,renewable"), hexadecimal masks, or "none". */
MUST_CHECK enum status value_flags(const char *text, uint32_t *out, struct error *err);

/* All names that value_flags() knows, "a, b, c". Returns `out`. */
const char *value_flag_names(char *out, size_t size);

/* "192.0.2.1", "2001:db8::1"; `out` points into `storage`. */
MUST_CHECK enum status value_address(
	const char *text, struct host_address *out, struct buffer *storage, struct error *err);

/* "TYPE:HEX". `out` points into `storage`. */
MUST_CHECK enum status value_element(
	const char *text, struct ad_element *out, struct buffer *storage, struct error *err);

/* A name of the type, or its number. Errors of enctype_by_number() as well. */
MUST_CHECK enum status value_enctype(
	const char *text, const struct enctype **out, struct error *err);

#endif

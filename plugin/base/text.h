/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * text.h - bytes from outside, made fit for a sentence.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/bytes.h"

/*
 * Writes `s` into `out` as printable ASCII: a backslash, control characters
 * and octets above 126 become \xHH. What does not fit ends in "...". The
 * result is always NUL-terminated. Returns `out`, so that it can stand as an
 * argument of a printf.
 */
const char *text_escape(struct slice s, char *out, size_t size);

/* A buffer of a size that suits one name in a sentence, for one expression. */
#define TEXT_SIZE 200
#define TEXT(s) text_escape((s), (char[TEXT_SIZE]){0}, TEXT_SIZE)

#endif

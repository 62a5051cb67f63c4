/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * utf16.h - the names of a PAC, which are UTF-16 (little-endian), as UTF-8.
 */
#ifndef PAC_UTF16_H
#define PAC_UTF16_H

#include "base/bytes.h"
#include "base/error.h"

/*
 * Appends the text as UTF-8. ERR_SYNTAX, with `out` as it was, for an odd
 * number of octets, half of a surrogate pair, or a NUL character, by which a
 * name could pass for a shorter one. ERR_NO_MEMORY.
 */
MUST_CHECK enum status utf16_to_utf8(struct slice text, struct buffer *out, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * utf8.h - UTF-8, strictly (RFC 3629).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/*
 * Takes the first character off `rest`, which is not empty. False, with `rest`
 * as it was, for what is not UTF-8: an octet that begins no character, a
 * character that is cut, a longer form than the shortest, half of a surrogate
 * pair, a number above U+10FFFF.
 */
bool utf8_next(struct slice *rest, uint32_t *character);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * duration.h - spans of time as krb5.conf writes them (MIT's "duration string").
 */
#ifndef CONF_DURATION_H
#define CONF_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Seconds from "300", from parts with a unit in descending order ("2d",
 * "1h30m", "1d 12h 5s"), from hours, minutes and maybe seconds ("0:05",
 * "0:05:00"), or days before these ("1-00:00:00"). After a colon stand one or
 * two digits; blanks may stand before a part only. False for anything else, a
 * minus sign included, and for more than 2^31 - 1 seconds.
 */
bool duration_parse(const char *text, int64_t *seconds);

#endif

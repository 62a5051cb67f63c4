/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/duration.h"

#include <string.h>

#define LONGEST INT32_MAX
#define MINUTE 60
#define HOUR 3600
#define DAY 86400

static const struct unit {
	char letter;
	int64_t seconds;
} units[] = {{'d', DAY}, {'h', HOUR}, {'m', MINUTE}, {'s', 1}};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes the digits at *text, `most` at most. */
static bool take_number(const char **text, size_t most, int64_t *number)
{
	const char *start = *text;
	*number = 0;
	for (; is_digit(**text); (*text)++) {
		*number = 10 * *number + (**text - '0');
		if (*number > LONGEST)
			return false;
	}
	size_t digits = (size_t)(*text - start);
	return digits > 0 && digits <= most;
}

static bool add(int64_t *total, int64_t number, int64_t seconds)
{
	*total += number * seconds; /* far from the limit of 64 bits: both are below 2^31 */
	return *total <= LONGEST;
}

/* ":05" or ":05:00" after the hours */
static bool take_clock(const char *text, int64_t hours, int64_t *total)
{
	int64_t minutes, seconds = 0;
	if (*text++ != ':' || !take_number(&text, 2, &minutes))
		return false;
	if (*text == ':') {
		text++;
		if (!take_number(&text, 2, &seconds))
			return false;
	}
	return *text == '\0' && add(total, hours, HOUR) && add(total, minutes, MINUTE) &&
	       add(total, seconds, 1);
}

/* "-12:00:00" after the days */
static bool take_days_clock(const char *text, int64_t days, int64_t *total)
{
	int64_t hours;
	text++;
	return take_number(&text, 2, &hours) && strchr(text, ':') != strrchr(text, ':') &&
	       add(total, days, DAY) && take_clock(text, hours, total);
}

/* "h30m 5s" after the first number */
static bool take_units(const char *text, int64_t number, int64_t *total)
{
	const struct unit *unit = units, *end = units + sizeof units / sizeof *units;
	for (;;) {
		while (unit < end && unit->letter != *text)
			unit++;
		if (unit == end || !add(total, number, unit->seconds))
			return false;
		unit++;
		text += 1 + strspn(text + 1, " \t");
		if (*text == '\0')
			return true;
		if (!take_number(&text, SIZE_MAX, &number))
			return false;
	}
}

bool duration_parse(const char *text, int64_t *seconds)
{
	int64_t number, total = 0;
	text += strspn(text, " \t");
	if (!take_number(&text, SIZE_MAX, &number))
		return false;
	*seconds = number;
	if (*text == '\0')
		return true;

	bool understood = *text == ':'   ? take_clock(text, number, &total)
			  : *text == '-' ? take_days_clock(text, number, &total)
					 : take_units(text, number, &total);
	*seconds = total;
	return understood;
}

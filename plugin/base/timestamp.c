/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/timestamp.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Of 32 bits, the clock would be wrong from 2038-01-19 on. */
_Static_assert(sizeof(time_t) >= sizeof(int64_t), "time_t has 64 bits; see configure");

struct timestamp timestamp_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (struct timestamp){now.tv_sec, (int32_t)(now.tv_nsec / 1000)};
}

int64_t monotonic_milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool timestamp_equal(struct timestamp a, struct timestamp b)
{
	return a.seconds == b.seconds && a.microseconds == b.microseconds;
}

int64_t timestamp_distance(struct timestamp a, struct timestamp b)
{
	bool less = a.seconds < b.seconds ||
		    (a.seconds == b.seconds && a.microseconds < b.microseconds);
	struct timestamp late = less ? b : a, early = less ? a : b;
	int64_t seconds;
	if (__builtin_sub_overflow(late.seconds, early.seconds, &seconds))
		return INT64_MAX;
	return late.microseconds > early.microseconds && seconds < INT64_MAX ? seconds + 1
									     : seconds;
}

/* `width` decimal digits at `text`; -1 where one is not a digit. */
static int digits(const unsigned char *text, int width)
{
	int value = 0;
	for (int i = 0; i < width; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

static bool is_leap_year(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01 to the first day of a month of the years 0 to 10000. */
static int64_t days_before(int year, int month)
{
	int past = year - 1; /* whole years, and their leap days, since the year 1 */
	int64_t days = (int64_t)past * 365 + past / 4 - past / 100 + past / 400 - 719162;
	if (year == 0)
		days = -719162 - 366;
	for (int m = 1; m < month; m++)
		days += days_in_month(year, m);
	return days;
}

bool kerberos_time_parse(struct slice text, int64_t *seconds)
{
	if (text.len != KERBEROS_TIME_LEN || text.data[14] != 'Z')
		return false;
	int year = digits(text.data, 4), month = digits(text.data + 4, 2);
	int day = digits(text.data + 6, 2), hour = digits(text.data + 8, 2);
	int minute = digits(text.data + 10, 2), second = digits(text.data + 12, 2);
	if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return false;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return false;
	int64_t days = days_before(year, month) + day - 1;
	*seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
	return true;
}

#define DAY 86400

struct calendar {
	int year, month, day, hour, minute, second;
};

/*
 * False where the year has not four digits. The reverse of what
 * kerberos_time_parse() computes, and not gmtime_r(), which sees only what fits
 * into a time_t.
 */
static bool to_calendar(int64_t seconds, struct calendar *out)
{
	if (seconds < days_before(0, 1) * DAY || seconds >= days_before(10000, 1) * DAY)
		return false;
	int of_day = (int)((seconds % DAY + DAY) % DAY);
	int64_t days = (seconds - of_day) / DAY;
	int year = (int)((days - days_before(0, 1)) / 366); /* or a few years later */
	while (days_before(year + 1, 1) <= days)
		year++;
	int month = 1, day = (int)(days - days_before(year, 1));
	for (; day >= days_in_month(year, month); month++)
		day -= days_in_month(year, month);
	*out = (struct calendar){
		year, month, day + 1, of_day / 3600, of_day / 60 % 60, of_day % 60};
	return true;
}

/* Each ticket and authenticator has several times: snprintf() would take eight times as long. */
static char *put_two_digits(char *out, int number)
{
	*out++ = (char)('0' + number / 10);
	*out++ = (char)('0' + number % 10);
	return out;
}

bool kerberos_time_format(int64_t seconds, char out[KERBEROS_TIME_LEN + 1])
{
	struct calendar c;
	if (!to_calendar(seconds, &c))
		return false;
	const int numbers[] = {
		c.year / 100, c.year % 100, c.month, c.day, c.hour, c.minute, c.second};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		out = put_two_digits(out, numbers[i]);
	memcpy(out, "Z", 2);
	return true;
}

const char *time_text(int64_t seconds, char out[TIME_TEXT_SIZE])
{
	struct calendar c;
	if (to_calendar(seconds, &c))
		snprintf(out, TIME_TEXT_SIZE, "%04d-%02d-%02d %02d:%02d:%02d UTC", c.year, c.month,
			c.day, c.hour, c.minute, c.second);
	else
		snprintf(out, TIME_TEXT_SIZE, "@%lld", (long long)seconds);
	return out;
}

const char *span_text(int64_t seconds, char out[TIME_TEXT_SIZE])
{
	static const struct {
		uint64_t seconds;
		const char *one, *many;
	} unit[] = {{86400, "day", "days"}, {3600, "h", "h"}, {60, "min", "min"}, {1, "s", "s"}};
	enum { UNITS = sizeof unit / sizeof *unit };

	uint64_t span = seconds < 0 ? -(uint64_t)seconds : (uint64_t)seconds;
	unsigned i = 0;
	while (i < UNITS - 1 && span < unit[i].seconds)
		i++;
	uint64_t first = span / unit[i].seconds;
	uint64_t second = i < UNITS - 1 ? span % unit[i].seconds / unit[i + 1].seconds : 0;
	int n = snprintf(out, TIME_TEXT_SIZE, "%llu %s", (unsigned long long)first,
		first == 1 ? unit[i].one : unit[i].many);
	if (second > 0)
		snprintf(out + n, TIME_TEXT_SIZE - (size_t)n, " %llu %s",
			(unsigned long long)second, unit[i + 1].many);
	return out;
}

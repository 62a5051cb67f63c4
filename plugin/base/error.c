/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum status error_set(struct error *err, enum status status, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	err->status = status;
	err->shown[0] = '\0';
	return status;
}

enum status error_set_shown(struct error *err, enum status status, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	err->status = status;
	snprintf(err->shown, sizeof err->shown, "%.*s", (int)sizeof err->shown - 1, err->text);
	return status;
}

enum status error_show(struct error *err, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(err->shown, sizeof err->shown, fmt, args);
	va_end(args);
	return err->status;
}

enum status error_prefix(struct error *err, const char *fmt, ...)
{
	char rest[sizeof err->text];
	memcpy(rest, err->text, sizeof rest);

	va_list args;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	size_t used = strlen(err->text);
	if (used + sizeof ": " < sizeof err->text) {
		memcpy(err->text + used, ": ", 2);
		used += 2;
		size_t room = sizeof err->text - used - 1;
		size_t len = strnlen(rest, room);
		memcpy(err->text + used, rest, len);
		err->text[used + len] = '\0';
	}
	return err->status;
}

enum status error_no_memory(struct error *err)
{
	return error_set(err, ERR_NO_MEMORY, "out of memory");
}

const char *error_shown(const struct error *err)
{
	return err->shown[0] ? err->shown : status_words((int32_t)err->status)->meaning;
}

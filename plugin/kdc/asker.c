#include "kdc/asker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "kdc/transport.h"

enum status kdc_realm_text(struct slice realm, char out[KDC_REALM_SIZE], struct error *err)
{
	if (realm.len == 0 || realm.len >= KDC_REALM_SIZE || memchr(realm.data, '\0', realm.len))
		return error_set(err, ERR_SYNTAX,
			"\"%s\" is no realm's name: 1 to %d octets without NUL are expected",
			TEXT(realm), KDC_REALM_SIZE - 1);
	memcpy(out, realm.data, realm.len);
	out[realm.len] = '\0';
	return STATUS_OK;
}

enum status kdc_asker_begin(struct kdc_asker *asker, const struct krb5_conf *conf,
	struct slice realm, struct timestamp now, int64_t kdc_offset, unsigned timeout_seconds,
	struct error *err)
{
	char text[KDC_REALM_SIZE];
	int64_t began = monotonic_milliseconds();
	*asker = (struct kdc_asker){
		.conf = conf,
		.send = kdc_send,
		.now = now,
		.began = began,
		.deadline = began + (int64_t)timeout_seconds * 1000,
	};
	enum status status = kdc_realm_text(realm, text, err);
	if (!status)
		status = kdc_conf_read(conf, text, &asker->settings, err);
	if (!status && asker->settings.timesync)
		asker->offset = asker->home_offset = kdc_offset;
	return status;
}

static int64_t passed_milliseconds(const struct kdc_asker *asker)
{
	return monotonic_milliseconds() - asker->began;
}

struct timestamp kdc_asker_time(struct kdc_asker *asker)
{
	struct timestamp *now = &asker->now;
	if (++now->microseconds >= 1000000) {
		now->microseconds = 0;
		now->seconds++;
	}
	int64_t passed = passed_milliseconds(asker);
	int64_t microseconds = now->microseconds + passed % 1000 * 1000;
	return (struct timestamp){
		.seconds = now->seconds + asker->offset + passed / 1000 + microseconds / 1000000,
		.microseconds = (int32_t)(microseconds % 1000000),
	};
}

bool kdc_asker_set_time(struct kdc_asker *asker, int64_t seconds)
{
	int64_t here = kdc_asker_time(asker).seconds - asker->offset;
	int64_t offset = seconds - here;
	/* The cache's file format has 32 bits for it; and less than a second or two is none. */
	if (!asker->settings.timesync || offset > INT32_MAX || offset < INT32_MIN)
		return false;
	if (offset >= -1 && offset <= 1)
		offset = 0;
	bool changed = offset != asker->offset;
	asker->offset = offset;
	if (changed)
		kdc_trace(asker, "this host's clock is %s %s the KDC's", SPAN_TEXT(offset),
			offset < 0 ? "ahead of" : "behind");
	return changed;
}

void kdc_trace_line(const struct kdc_asker *asker, const char *fmt, ...)
{
	char text[1024];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	asker->trace.line(asker->trace.arg, text);
}

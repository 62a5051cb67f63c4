/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/session.h"

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

void kdc_session_begin(
	struct kdc_session *session, const struct krb5_conf *conf, unsigned timeout_seconds)
{
	int64_t began = monotonic_milliseconds();
	*session = (struct kdc_session){
		.conf = conf,
		.send = kdc_send,
		.now = timestamp_now(),
		.began = began,
		.deadline = began + (int64_t)timeout_seconds * 1000,
	};
}

enum status kdc_session_enter(struct kdc_session *session, struct slice realm, struct error *err)
{
	char text[KDC_REALM_SIZE];
	if (session->has_settings)
		return STATUS_OK;
	if (kdc_realm_text(realm, text, err) ||
		kdc_conf_read(session->conf, text, &session->settings, err))
		return err->status;
	session->has_settings = true;
	return STATUS_OK;
}

void kdc_session_reset(struct kdc_session *session)
{
	ccache_close(session->ccache);
	session->ccache = NULL;
	credential_box_clear(&session->tgt);
	session->unwritable = false;
	session->has_settings = false;
	session->offset = session->home_offset = 0;
}

/* ---- the clock ---- */

struct timestamp kdc_session_time(struct kdc_session *session)
{
	struct timestamp *now = &session->now;
	if (++now->microseconds >= 1000000) {
		now->microseconds = 0;
		now->seconds++;
	}
	int64_t passed = monotonic_milliseconds() - session->began;
	int64_t microseconds = now->microseconds + passed % 1000 * 1000;
	return (struct timestamp){
		.seconds = now->seconds + session->offset + passed / 1000 + microseconds / 1000000,
		.microseconds = (int32_t)(microseconds % 1000000),
	};
}

bool kdc_session_set_time(struct kdc_session *session, int64_t seconds)
{
	int64_t here = kdc_session_time(session).seconds - session->offset;
	int64_t offset = seconds - here;
	/* The cache's file format has 32 bits for it; and less than a second or two is none. */
	if (!session->settings.timesync || offset > INT32_MAX || offset < INT32_MIN)
		return false;
	if (offset >= -1 && offset <= 1)
		offset = 0;
	bool changed = offset != session->offset;
	session->offset = offset;
	if (changed)
		kdc_trace(session, "this host's clock is %s %s the KDC's", SPAN_TEXT(offset),
			offset < 0 ? "ahead of" : "behind");
	return changed;
}

/* ---- the cache ---- */

/* A clock that is right for the cache is looked up in krb5.conf only if that matters. */
enum status kdc_session_take_cache(
	struct kdc_session *session, struct ccache **ccache, struct error *err)
{
	ccache_close(session->ccache);
	session->ccache = *ccache;
	*ccache = NULL;
	int64_t offset = ccache_kdc_offset(session->ccache);
	if (offset == 0 || session->has_settings)
		return STATUS_OK;
	if (kdc_session_enter(session, ccache_client(session->ccache)->realm, err))
		return err->status;
	if (session->settings.timesync)
		session->offset = session->home_offset = offset;
	return STATUS_OK;
}

enum status kdc_session_find(struct kdc_session *session, const struct principal *server,
	struct credential *out, struct error *err)
{
	const struct krb5_conf *conf = session->conf;
	if (!session->ccache)
		return error_set(err, ERR_NOT_FOUND, "there is no credential cache");
	return ccache_find(session->ccache, server,
		&(struct ccache_terms){krb5_conf_permitted_enctypes(conf),
			kdc_session_time(session).seconds, krb5_conf_clock_skew(conf)},
		out, err);
}

void kdc_session_keep(struct kdc_session *session, const struct credential *ticket)
{
	NEW_ERROR(err);
	if (!session->ccache || session->unwritable ||
		ccache_store(session->ccache, ticket, &err) == STATUS_OK)
		return;
	session->unwritable = true;
	kdc_warn(session, "the new ticket is not kept: %s", err.text);
}

void kdc_session_keep_offset(struct kdc_session *session)
{
	NEW_ERROR(err);
	if (!session->ccache || !session->settings.timesync || session->unwritable ||
		session->home_offset == ccache_kdc_offset(session->ccache) ||
		ccache_set_kdc_offset(session->ccache, session->home_offset, &err) == STATUS_OK)
		return;
	session->unwritable = err.status != ERR_UNSUPPORTED;
	kdc_warn(session, "%s: %s",
		session->unwritable ? "the new ticket is not kept" : "the KDC's clock is not kept",
		err.text);
}

/* ---- lines ---- */

void kdc_trace_line(const struct kdc_trace *trace, const char *fmt, ...)
{
	char text[1200];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	trace->line(trace->arg, text);
}

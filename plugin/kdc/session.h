/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session.h - what the questions to KDCs of one login have in common: the
 * clock, the deadline, and the credential cache.
 *
 * A session is for one client: it enters the client's realm (whose settings in
 * krb5.conf count) and takes at most one cache. AS and TGS exchanges, with the
 * KDCs of one realm or several, share its deadline and what they learn of the
 * KDCs' clock. A login that fails one way goes on another way with the same
 * session: after kdc_session_reset() it is as at first, but for the time.
 *
 * `err` is never NULL in this room.
 */
#ifndef KDC_SESSION_H
#define KDC_SESSION_H

#include "base/timestamp.h"
#include "kdc/locate.h"
#include "store/ccache.h"

struct kdc_session;

#define KDC_ADDRESS_SIZE 80

/* A KDC as krb5.conf or DNS has it, and one of its addresses, "192.0.2.1:88". */
struct kdc_endpoint {
	struct kdc_server server;
	char address[KDC_ADDRESS_SIZE];
};

/* One request, and whom to ask. */
struct kdc_question {
	const char *realm;
	struct slice request; /* AS-REQ or TGS-REQ */
	bool primary;         /* only KDCs to which changes of passwords are made */
	/* One that is not to be asked, by this name or at this address; or NULL. */
	const struct kdc_endpoint *except;
};

/*
 * Puts a KDC's answer into `answer`, which is empty: a message that begins
 * like an AS-REP, a TGS-REP or a KRB-ERROR, and is otherwise unread.
 * ERR_UNREACHABLE if there is none; ERR_SYNTAX, ERR_NO_MEMORY.
 */
typedef enum status kdc_send_function(struct kdc_session *session,
	const struct kdc_question *question, struct buffer *answer, struct error *err);

/* Takes one line of text, which never has a key in it; `line` may be NULL. */
struct kdc_trace {
	void (*line)(void *arg, const char *text);
	void *arg;
};

struct kdc_session {
	const struct krb5_conf *conf;
	struct kdc_trace trace;   /* each exchange: "TGS: asking the KDC of R for S" */
	struct kdc_trace warning; /* what went wrong and does not matter to this login; clocks */
	kdc_send_function *send;  /* kdc_send(), or a test's */
	void *send_arg;

	struct timestamp now; /* this host's clock when the session began */
	int64_t began;        /* monotonic_milliseconds() at `now` */
	int64_t deadline;     /* likewise: nothing is waited for any longer */
	int64_t offset;       /* seconds to add for the KDCs' clock, as far as is known */
	int64_t home_offset;  /* likewise, as the client's own realm has it: what may be kept */

	bool has_settings; /* they were read: the client's realm has been entered */
	struct kdc_conf settings;
	struct ccache *ccache;     /* owned; NULL: there is none, tickets are not kept */
	bool unwritable;           /* the cache is, and a warning said so */
	struct credential_box tgt; /* a ticket-granting ticket that no cache has; or empty */

	struct kdc_endpoint answered; /* by kdc_send(): the last that did */
};

/* Begins a session in the present, with kdc_send(). `conf` has to live as long. */
void kdc_session_begin(
	struct kdc_session *session, const struct krb5_conf *conf, unsigned timeout_seconds);

/*
 * Reads krb5.conf's settings for a client of `realm`, unless a realm has been
 * entered already. Errors of kdc_conf_read(), and ERR_SYNTAX for a realm as
 * kdc_realm_text() has it.
 */
MUST_CHECK enum status kdc_session_enter(
	struct kdc_session *session, struct slice realm, struct error *err);

/* Closes the cache; forgets realm and the KDC's clock. The time and the deadline go on. */
void kdc_session_reset(struct kdc_session *session);
#define AUTO_KDC_SESSION __attribute__((cleanup(kdc_session_reset))) struct kdc_session

/* ---- the clock ---- */

/*
 * The present, by the KDC's clock as far as it is known. Each call gives a
 * time of its own, so that no two authenticators are the same.
 */
struct timestamp kdc_session_time(struct kdc_session *session);

/*
 * Goes by the KDC's clock from now on, which shows `seconds` at this moment,
 * if kdc_timesync lets it. False if it does not, or nothing changes.
 */
bool kdc_session_set_time(struct kdc_session *session, int64_t seconds);

/* ---- the cache ---- */

/*
 * Takes an open cache over; `*ccache` becomes NULL. If the cache records the
 * KDC's clock, the session enters the client's realm, and goes by that clock
 * unless kdc_timesync is false. Errors of kdc_session_enter().
 */
MUST_CHECK enum status kdc_session_take_cache(
	struct kdc_session *session, struct ccache **ccache, struct error *err);

/*
 * The ticket for `server` in the cache. As ccache_find(), for a permitted type,
 * by the KDC's clock; ERR_NOT_FOUND without a cache.
 */
MUST_CHECK enum status kdc_session_find(struct kdc_session *session, const struct principal *server,
	struct credential *out, struct error *err);

/* Adds a ticket to the cache, if there is one. If that fails, a warning says so, once. */
void kdc_session_keep(struct kdc_session *session, const struct credential *ticket);

/*
 * Keeps the KDC's clock with the cache, for whoever takes tickets from it. That of
 * another realm is for this login alone: kept, it would be in the way of all
 * others.
 */
void kdc_session_keep_offset(struct kdc_session *session);

/* ---- lines ---- */

/* One line for the trace, or a warning; if nobody listens, the arguments are not looked at. */
#define kdc_trace(session, ...)                                                                    \
	((session)->trace.line ? kdc_trace_line(&(session)->trace, __VA_ARGS__) : (void)0)
#define kdc_warn(session, ...)                                                                     \
	((session)->warning.line ? kdc_trace_line(&(session)->warning, __VA_ARGS__) : (void)0)
void kdc_trace_line(const struct kdc_trace *trace, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * A realm's name as a string, for krb5.conf and DNS. ERR_SYNTAX if it is
 * empty, has a NUL or is longer than KDC_REALM_SIZE - 1.
 */
#define KDC_REALM_SIZE 256
MUST_CHECK enum status kdc_realm_text(
	struct slice realm, char out[KDC_REALM_SIZE], struct error *err);

#endif

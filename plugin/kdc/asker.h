/*
 * asker.h - who asks KDCs: what the exchanges of one errand have in common.
 *
 * An errand is whatever is done to get one ticket: an AS exchange of one or
 * several rounds, or TGS exchanges with the KDCs of several realms. Its time
 * is bounded as a whole.
 *
 * `err` is never NULL in this room.
 */
#ifndef KDC_ASKER_H
#define KDC_ASKER_H

#include "base/error.h"
#include "base/timestamp.h"
#include "kdc/locate.h"

struct kdc_asker;

#define KDC_ADDRESS_SIZE 80

/* A KDC as krb5.conf or DNS has it, and one of its addresses, "192.0.2.1:88". */
struct kdc_place {
	struct kdc_server server;
	char address[KDC_ADDRESS_SIZE];
};

/* One request, and whom to ask. */
struct kdc_question {
	const char *realm;
	struct slice request; /* AS-REQ or TGS-REQ */
	bool primary;         /* only KDCs to which changes of passwords are made */
	/* One that is not to be asked, by this name or at this address; or NULL. */
	const struct kdc_place *except;
};

/*
 * Puts a KDC's answer into `answer`, which is empty: a message that begins
 * like an AS-REP, a TGS-REP or a KRB-ERROR, and is otherwise unread.
 * ERR_UNREACHABLE where there is none; ERR_SYNTAX, ERR_NO_MEMORY.
 */
typedef enum status kdc_send_function(struct kdc_asker *asker, const struct kdc_question *question,
	struct buffer *answer, struct error *err);

/* Is told of each exchange: "TGS: asking the KDC of R for S"; never a key. May be all NULL. */
struct kdc_trace {
	void (*line)(void *arg, const char *text);
	void *arg;
};

struct kdc_asker {
	const struct krb5_conf *conf;
	struct kdc_conf settings;
	struct kdc_trace trace;
	kdc_send_function *send; /* kdc_send(), or a test's */
	void *send_arg;

	struct timestamp now; /* this host's clock when the errand began */
	int64_t offset;       /* seconds to add for the KDCs' clock, as far as is known */
	int64_t home_offset;  /* likewise, as the client's own realm has it: what may be kept */
	int64_t began;        /* monotonic_milliseconds() at `now` */
	int64_t deadline;     /* likewise: nothing is waited for any longer */

	struct kdc_place answered; /* by kdc_send(): the last that did */
};

#define KDC_TIMEOUT_SECONDS 10 /* what a caller gives who was told nothing else */

/*
 * Begins an errand for a client of `realm`, with kdc_send(). `kdc_offset`
 * is what is known of the KDC's clock beforehand (a credential cache's), and
 * counts unless kdc_timesync is false. Errors of kdc_conf_read(), and
 * ERR_SYNTAX for a realm as kdc_realm_text() has it.
 */
MUST_CHECK enum status kdc_asker_begin(struct kdc_asker *asker, const struct krb5_conf *conf,
	struct slice realm, struct timestamp now, int64_t kdc_offset, unsigned timeout_seconds,
	struct error *err);

/*
 * The present, by the KDC's clock as far as it is known. Each call gives a
 * time of its own, so that no two authenticators are the same.
 */
struct timestamp kdc_asker_time(struct kdc_asker *asker);

/*
 * Goes by the KDC's clock from now on, which shows `seconds` at this moment,
 * where kdc_timesync lets it. False where it does not, or nothing changes.
 */
bool kdc_asker_set_time(struct kdc_asker *asker, int64_t seconds);

/*
 * A realm's name as a string, for krb5.conf and DNS. ERR_SYNTAX where it is
 * empty, has a NUL or is longer than KDC_REALM_SIZE - 1.
 */
#define KDC_REALM_SIZE 256
MUST_CHECK enum status kdc_realm_text(
	struct slice realm, char out[KDC_REALM_SIZE], struct error *err);

/* One line for the trace; where there is none, the arguments are not looked at. */
#define kdc_trace(asker, ...) ((asker)->trace.line ? kdc_trace_line((asker), __VA_ARGS__) : (void)0)
void kdc_trace_line(const struct kdc_asker *asker, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif

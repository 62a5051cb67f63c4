/*
 * bindings.h - channel bindings (RFC 5056), judged in the same way for every
 * mechanism. How a client sends them, and how they are compared, is each
 * mechanism's own.
 */
#ifndef AP_BINDINGS_H
#define AP_BINDINGS_H

#include <stdbool.h>

#include "base/error.h"

/* What the server's application gave. */
struct bindings_here {
	bool present;
	bool critical; /* the application demands that they match */
};

/* What the client's authenticator has, compared with them. */
enum bindings_sent {
	BINDINGS_SENT_NONE,
	BINDINGS_SENT_OTHERS,
	BINDINGS_SENT_SAME,
};

/*
 * `match`: both sides have the same. It is no failure if only one side has
 * some, unless they are critical. KRB_AP_ERR_MODIFIED for those of another
 * channel, and for none where they are critical.
 */
MUST_CHECK enum status bindings_judge(
	const struct bindings_here *here, enum bindings_sent sent, bool *match, struct error *err);

#endif

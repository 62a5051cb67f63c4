/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bindings.h - channel bindings (RFC 5056), judged in the same way for every
 * mechanism. How a client sends them, and how they are compared, is each
 * mechanism's own.
 *
 * A client may say besides, in its authenticator, that it sends bindings
 * whenever it has some (MS-KILE section 3.2.5.8: KERB_AP_OPTIONS_CBT). If the
 * server has some and the client sent none, the client took this for a
 * connection without TLS, and whoever has the TLS connection stands between.
 */
#ifndef AP_BINDINGS_H
#define AP_BINDINGS_H

#include <stdbool.h>

#include "asn1/der.h"
#include "base/error.h"

/* The words of the option kerberos5_channel_bindings, in its order. */
enum bindings_policy {
	BINDINGS_ALLOWED,  /* compared if both sides have some */
	BINDINGS_REQUIRED, /* a login without a match is refused */
	BINDINGS_NEVER,    /* neither sent nor compared */
};

/* What the server's application gave, and what has to hold for them. */
struct bindings_here {
	bool present;
	bool critical; /* they have to match: by the application or the option */
	bool awaited;  /* the client says that it sends some whenever it has them */
};

/* What the client's authenticator has, compared with them. */
enum bindings_sent {
	BINDINGS_SENT_NONE,
	BINDINGS_SENT_OTHERS,
	BINDINGS_SENT_SAME,
};

/*
 * `match`: both sides have the same. It is no failure if only one side has
 * some, unless they are critical or awaited. KRB_AP_ERR_MODIFIED for those of
 * another channel, and for none if they are critical or awaited.
 */
MUST_CHECK enum status bindings_judge(
	const struct bindings_here *here, enum bindings_sent sent, bool *match, struct error *err);

/*
 * `critical`: the application, on either side, demands them. KRB_AP_ERR_METHOD if
 * the option forbids what it demands.
 */
MUST_CHECK enum status bindings_check_policy(
	enum bindings_policy policy, bool critical, struct error *err);

/*
 * The element of authorization data by which a client says that it sends
 * bindings whenever it has some, for its authenticator: it points into `der`.
 * ERR_NO_MEMORY.
 */
MUST_CHECK enum status bindings_announce(
	struct buffer *der, struct ad_element *out, struct error *err);

/*
 * Does an authenticator's list say so, inside AD-IF-RELEVANT? ERR_SYNTAX for
 * an element that cannot be read.
 */
MUST_CHECK enum status bindings_announced(
	const struct authorization_data *list, bool *announced, struct error *err);

#endif

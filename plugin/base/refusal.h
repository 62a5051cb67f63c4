/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * refusal.h - what a KRB-ERROR means, in one sentence (RFC 4120 sections 5.9.1
 * and 7.5.9).
 *
 * The message is not authenticated. So the sentence is composed here, from the
 * code, the other side's time, and the names that this side asked for. Of the
 * text in the message at most 200 printable characters follow, marked as
 * unverified. The sentences are in status.c.
 */
#ifndef BASE_REFUSAL_H
#define BASE_REFUSAL_H

#include "base/error.h"
#include "base/principal.h"
#include "base/timestamp.h"

struct refusal {
	/* From the message. */
	int32_t code;
	struct timestamp time;
	struct slice text; /* empty if there is none */

	/* What this side knows. */
	const char *kdc_realm;          /* of the KDC that refused; NULL if it was a server */
	const struct principal *client; /* may be NULL for a server's refusal */
	const struct principal *service;
	struct timestamp now;
};

/*
 * Sets `err` to the sentence, and lets the peer read it without the message's
 * text. Returns the code as a status, KRB_ERR_GENERIC for one without a
 * sentence: never STATUS_OK, nor one of our own.
 */
enum status error_refused(struct error *err, const struct refusal *refusal);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * channel.h - the application's data under the keys that an exchange made:
 * integrity by KRB-SAFE, privacy by KRB-PRIV (RFC 4120 sections 3.4, 3.5, 5.6
 * and 5.7).
 *
 * Sequence numbers begin where the authenticator and the AP-REP said, count
 * up by one for each message and direction, wrap at 2^32, and are checked
 * exactly: the transport is a stream, on which nothing is lost or overtakes.
 * The sender's address is directional (section 7.5.3), so that a message does
 * not pass for one of the other side's. There are no time stamps.
 */
#ifndef AP_CHANNEL_H
#define AP_CHANNEL_H

#include "ap/ap.h"

/* What can be protected and read at all, in octets. */
#define CHANNEL_MAX_MESSAGE KEY_TEXT_MAX

struct channel {
	struct key *key; /* its own reference */
	bool is_initiator;
	bool has_acceptor_subkey; /* the key is the acceptor's subkey */
	uint64_t send_seq;        /* of the next message each way; KRB-SAFE and KRB-PRIV have */
	uint64_t receive_seq;     /* the low 32 bits of it, GSS-API's tokens all 64 */
};

/*
 * After a successful exchange, which `context` holds: the key is
 * ap_context_key()'s. KRB_AP_ERR_BADSEQ if a sequence number is missing.
 */
MUST_CHECK enum status channel_open(const struct ap_context *context, bool is_initiator,
	struct channel *out, struct error *err);
void channel_close(struct channel *channel);

/* How many octets the pieces have. ERR_SYNTAX for more than CHANNEL_MAX_MESSAGE. */
MUST_CHECK enum status channel_check_size(
	const struct slice *pieces, size_t count, size_t *size, struct error *err);

/* What distinguishes one kind of message from another: KRB-PRIV, KRB-SAFE, or GSS-API's tokens. */
struct protection {
	const char *name; /* "KRB-PRIV" */

	/*
	 * Appends the message that carries the pieces, in order, to `out`: they
	 * are copied once. ERR_NO_MEMORY, ERR_CRYPTO, ERR_SYNTAX for more than
	 * CHANNEL_MAX_MESSAGE octets; what `out` then has beyond what it had is
	 * of no use.
	 */
	enum status (*make)(struct channel *channel, const struct slice *pieces, size_t count,
		struct buffer *out, struct error *err);

	/*
	 * Reads one message and appends its data to `out`. `storage` is for the
	 * plain text on the way, and is kept for the next message.
	 * KRB_AP_ERR_MSG_TYPE   the other kind, or none
	 * ERR_SYNTAX            malformed
	 * KRB_AP_ERR_BAD_INTEGRITY, _MODIFIED, _INAPP_CKSUM   it does not verify
	 * KRB_AP_ERR_BADORDER   another sequence number than is due
	 * KRB_AP_ERR_BADADDR    not from the other side: reflected
	 */
	enum status (*read)(struct channel *channel, struct slice message, struct buffer *storage,
		struct buffer *out, struct error *err);

	/*
	 * The length of a message with so many octets of data under a key of
	 * this type, if its sequence number is one that takes the most octets.
	 */
	size_t (*length)(const struct enctype *type, size_t data);
};

/*
 * The most octets of data for which the message under a key of this type is at
 * most `limit` octets long, and at most CHANNEL_MAX_MESSAGE; 0 if not one fits.
 */
size_t protection_room(
	const struct protection *protection, const struct enctype *type, size_t limit);

extern const struct protection protection_integrity; /* KRB-SAFE */
extern const struct protection protection_privacy;   /* KRB-PRIV */

/* What a mechanism has for each security layer. */
struct protections {
	const struct protection *integrity, *privacy;
};
extern const struct protections krb_protections; /* the two above */

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gss_message.h - messages under an established context: Wrap tokens with and
 * without confidentiality, and MIC tokens (RFC 4121 section 4.2), in the terms
 * of ap/channel.h.
 *
 * Sequence numbers have 64 bits and are checked exactly, on every message: one
 * that is missing, repeated or reordered is refused. Our tokens have no filler
 * and are not rotated (EC 0 when sealed, RRC 0); those that come may have any
 * filler and any rotation (section 4.2.5).
 */
#ifndef GSS_GSS_MESSAGE_H
#define GSS_GSS_MESSAGE_H

#include "ap/channel.h"

/*
 * Wrap tokens: integrity without confidentiality, privacy with it. `read` of
 * each refuses the other kind: where privacy was agreed on, nothing that can be
 * read on the way is taken for a message. Its errors:
 * KRB_AP_ERR_MSG_TYPE       no Wrap token; a token of RFC 1964
 * ERR_SYNTAX                cut short, a filler octet that is not FF, an EC
 *                           that does not fit
 * KRB_AP_ERR_METHOD         sealed where it is not due, or the reverse
 * KRB_AP_ERR_BADDIRECTION   not from the other side: reflected
 * KRB_AP_ERR_NOKEY          the flag AcceptorSubkey does not fit the context
 * KRB_AP_ERR_BAD_INTEGRITY, KRB_AP_ERR_MODIFIED   it does not verify
 * KRB_AP_ERR_BADORDER       another sequence number than is due
 */
extern const struct protections gss_protections;

/* Reads a Wrap token of either kind, as the negotiation of layers has it. As above. */
MUST_CHECK enum status gss_unwrap(
	struct channel *channel, struct slice token, struct buffer *out, struct error *err);

/*
 * The same, where the number does not count: from an initiator that asked
 * neither for REPLAY nor for SEQUENCE (go-ldap's numbers begin anywhere). For a
 * single message only, in a place that no other can take.
 */
MUST_CHECK enum status gss_unwrap_unnumbered(
	struct channel *channel, struct slice token, struct buffer *out, struct error *err);

/* Appends the MIC token for `data`. ERR_NO_MEMORY, ERR_CRYPTO. */
MUST_CHECK enum status gss_mic_make(
	struct channel *channel, struct slice data, struct buffer *out, struct error *err);

/* Errors as for gss_protections. */
MUST_CHECK enum status gss_mic_verify(
	struct channel *channel, struct slice data, struct slice token, struct error *err);

#endif

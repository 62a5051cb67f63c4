/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gss.h - establishing a context of GSS-API's Kerberos mechanism (RFC 4121):
 * the AP exchange in that mechanism's tokens, and what it negotiates on the
 * way. Of SASL it knows nothing, and no GSS-API library is used.
 *
 * The initiator:               The acceptor:
 *   gss_initiate          ->     gss_request_read, ap_req_read, gss_accept
 *   gss_initiate_finish   <-     gss_reply, where the initiator asked for it
 *   gss_channel_open             gss_channel_open
 *
 * `err` is never NULL in this room.
 */
#ifndef GSS_GSS_H
#define GSS_GSS_H

#include "ap/ap.h"
#include "ap/channel.h"
#include "gss/gss_checksum.h"
#include "gss/gss_delegation.h"

struct gss_initiator {
	const struct credential *credential;
	struct timestamp now;
	bool mutual;
	uint32_t protection; /* GSS_CONF, GSS_INTEG: what messages are to have */
	struct gss_bindings bindings;
	bool announces_bindings; /* as struct ap_initiator has it */
	/* In order of preference: what the acceptor may choose its subkey's type from. */
	const struct enctype_list *permitted;
	const struct credential *delegated; /* a ticket for the acceptor to use; NULL: none */
	const struct principal *asked; /* the service that was asked for; only to read the answer */
};

/*
 * Makes the initial token (sections 4.1 and 4.1.1) and appends it to `token`:
 * an AP-REQ with a subkey, and a checksum with the flags REPLAY and SEQUENCE, those of
 * `protection`, and MUTUAL if asked for. Where an AP-REP is asked for and types are permitted that
 * are preferred to the session key's, they are listed in the authenticator, the session key's last
 * (RFC 4537). A ticket to delegate is in the checksum too, and announced by the flag DELEG. Fills
 * `context`, which has to be empty; on failure it is left empty, and `token` as it was. Errors of
 * ap_req_make().
 */
MUST_CHECK enum status gss_initiate(const struct gss_initiator *initiator,
	const struct ap_trace *trace, struct ap_context *context, struct buffer *token,
	struct error *err);

/*
 * Reads the acceptor's answer, where mutual authentication was asked for: an
 * AP-REP token, or an error token, whose KRB-ERROR is told as krb_error_read()
 * does. KRB_AP_ERR_MSG_TYPE for another token; errors of gss_token_read(),
 * ap_rep_read() and krb_error_read(); KDC_ERR_ETYPE_NOSUPP for a subkey of a
 * type that is neither permitted nor the session key's. After a failure the
 * context is not established, whatever it holds.
 */
MUST_CHECK enum status gss_initiate_finish(const struct gss_initiator *initiator,
	struct slice token, const struct ap_trace *trace, struct ap_context *context,
	struct error *err);

/* The AP-REQ of an initial token. KRB_AP_ERR_MSG_TYPE for another token; as gss_token_read(). */
MUST_CHECK enum status gss_request_read(
	struct slice token, struct slice *ap_req, struct error *err);

struct gss_acceptor {
	/* What the application gave; has_bindings false: the initiator's are passed over. */
	bool has_bindings;
	struct gss_bindings bindings;
	bool bindings_are_critical; /* an initiator without any is refused */
	bool bindings_are_awaited;  /* likewise: it says that it sends them if it has some */
	const struct enctype_list *permitted;
	struct gss_delegated *delegated; /* empty; receives what is delegated. NULL: not kept */
};

/* What the acceptor learns from the initiator's checksum. */
struct gss_accepted {
	uint32_t flags;
	bool bindings_match;          /* both sides had the same */
	const struct enctype *subkey; /* the type for the acceptor's subkey */
};

/*
 * Judges what ap_req_read() put into `context`. Bindings are compared where
 * the application gave some; a delegated KRB-CRED is read to its end
 * (gss_delegation.h), whether it is kept or not; and the subkey's type is the
 * first of the initiator's list that is permitted here and is no weaker than
 * the session key (RFC 4537), else the session key's own. The list may stand
 * outside AD-IF-RELEVANT too, where ap_req_read() was told to let
 * AD_ETYPE_NEGOTIATION pass.
 *
 * The checksum's flag MUTUAL alone says whether an AP-REP is due, and
 * context->mutual is set to it: other acceptors do so, deployed initiators
 * (go-ldap) set the flag without the AP-REQ's option, and the option, unlike
 * the flag, can be changed on the way.
 *
 * KRB_AP_ERR_INAPP_CKSUM, ERR_SYNTAX  as gss_checksum_read()
 * KRB_AP_ERR_MODIFIED       bindings, as bindings_judge()
 * ERR_SYNTAX                a list of types that cannot be read
 * KRB_AP_ERR_BAD_INTEGRITY, ERR_SYNTAX, ...  a delegated KRB-CRED, as gss_delegation_read()
 */
MUST_CHECK enum status gss_accept(const struct gss_acceptor *acceptor, const struct ap_trace *trace,
	struct ap_context *context, struct gss_accepted *out, struct error *err);

/* Makes the AP-REP token with a subkey of the accepted type, appended to `token`. As ap_rep_make().
 */
MUST_CHECK enum status gss_reply(const struct gss_accepted *accepted, const struct ap_trace *trace,
	struct ap_context *context, struct buffer *token, struct error *err);

/* The error token for a refusal, appended to `token`. As krb_error_make(). */
MUST_CHECK enum status gss_refuse(
	const struct ap_refusal *refusal, struct buffer *token, struct error *err);

/*
 * The channel for messages, once the context is established. Where there was
 * no AP-REP the acceptor's sequence numbers begin with the initiator's, and
 * where a side sent none, with 0. Never fails.
 */
void gss_channel_open(const struct ap_context *context, bool is_initiator, struct channel *out);

#endif

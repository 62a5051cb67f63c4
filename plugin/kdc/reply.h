/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reply.h - an AS-REP or TGS-REP against what was asked (RFC 4120 sections
 * 3.1.5 and 3.3.4).
 *
 * Of a reply only its encrypted part is believed, and the ticket as far as it
 * agrees with that. The client's name stands outside: a wrong one makes a
 * ticket that no service accepts, and is refused unless the KDC was asked to
 * canonicalize it.
 */
#ifndef KDC_REPLY_H
#define KDC_REPLY_H

#include "asn1/der_kdc.h"
#include "crypto/key.h"
#include "store/credential.h"

/* What a reply has to fit. */
struct reply_wanted {
	const char *realm;                  /* of the KDC, for sentences */
	const struct kdc_req_body *request; /* nonce, options, till, rtime, etypes */
	const struct principal *client;
	bool client_may_change; /* (RFC 6806 section 6) */
	const struct principal *server;
	/*
	 * A ticket-granting ticket may come instead, for any realm: on the way to
	 * another realm, or as a referral (section 3.3.3.2; RFC 6806 section 8).
	 */
	bool tgt_may_come;
	bool server_may_change; /* (RFC 6806 section 5) */
	uint32_t tgt_flags;     /* of the ticket-granting ticket; 0 for an AS-REP */
	int64_t now;            /* by the KDC's clock, as far as is known */
	int64_t skew;           /* seconds that the ticket's beginning may differ from that */
	/*
	 * A ticket without starttime begins at its authtime (section 5.3), which
	 * is that of the login, hours ago: the beginning is not looked at.
	 */
	bool authtime_may_be_old;
	struct key *key; /* that decrypts it, with this usage; for reply_open() */
	uint32_t usage;
};

/* krbtgt/REALM, as yet of no realm itself. It points into `realm`. */
struct principal tgt_name(struct slice realm);

/* Is it krbtgt/REALM, of two components? */
bool is_tgt_name(const struct principal *name);

/* KRB_AP_ERR_NOT_US unless it is. */
MUST_CHECK enum status tgt_check(const struct principal *name, struct error *err);

/*
 * Is the reply encrypted with a type that was asked for? KDC_ERR_ETYPE_NOSUPP.
 * To be called before a password becomes a key of that type.
 */
MUST_CHECK enum status reply_check_enctype(
	const struct reply_wanted *wanted, const struct kdc_rep *reply, struct error *err);

/*
 * Decrypts the reply's part and compares it all. `part` points into `plain`.
 *
 * KRB_AP_ERR_BAD_INTEGRITY  does not decrypt with the key (err says just that)
 * KDC_ERR_ETYPE_NOSUPP      encrypted with another type than the key's, or a
 *                           session key of a type that was not asked for (or
 *                           ERR_SYNTAX: not of its type's length)
 * KRB_AP_ERR_MODIFIED       another nonce (an answer to another request),
 *                           client, server, or a ticket for another server; a
 *                           flag (POSTDATED, INVALID, PROXY, FORWARDED) that was
 *                           not asked for, or times beyond those
 * KRB_AP_ERR_SKEW           begins too far from `now`
 * KRB_AP_ERR_TKT_EXPIRED    has ended already
 * ERR_SYNTAX, ERR_NO_MEMORY, ERR_CRYPTO
 */
MUST_CHECK enum status reply_open(const struct reply_wanted *wanted, const struct kdc_rep *reply,
	struct buffer *plain, struct enc_kdc_rep_part *part, struct error *err);

/* Puts it all into the box. ERR_NO_MEMORY. */
MUST_CHECK enum status reply_credential(const struct kdc_rep *reply,
	const struct enc_kdc_rep_part *part, struct credential_box *out, struct error *err);

#endif

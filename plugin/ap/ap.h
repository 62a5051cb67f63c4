/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ap.h - the Client/Server Authentication Exchange (RFC 4120 section 3.2).
 *
 * One context holds what one side knows of an exchange, whichever side it
 * is: names, times, flags, keys, sequence numbers, authorization data. It is
 * filled by ap_req_make() and ap_rep_read() on the client, ap_req_read() and
 * ap_rep_make() on the server, and owns all that its slices point to. Of SASL
 * it knows nothing.
 *
 * There is no replay cache here: section 3.2.3 asks for one unless the
 * application protects against replay by itself, and that is for the caller
 * to know.
 *
 * `err` is never NULL in this room, except that krb_error_make() does without.
 */
#ifndef AP_AP_H
#define AP_AP_H

#include "asn1/der.h"
#include "base/error.h"
#include "base/timestamp.h"
#include "conf/krb5_conf.h"
#include "crypto/key.h"
#include "pac/pac.h"
#include "store/ccache.h"
#include "store/keytab.h"

struct ap_context {
	struct principal client; /* the authenticated name, from the ticket's encrypted part */
	struct principal server; /* the service principal of the ticket */
	uint32_t ticket_flags;
	int32_t ticket_enctype; /* what the ticket is encrypted with */
	bool ticket_has_kvno;
	uint32_t ticket_kvno;
	int64_t authtime;
	int64_t starttime; /* authtime where the ticket has none */
	int64_t endtime;
	int64_t renew_till; /* 0 where the ticket has none */
	struct slice
		authorization_data; /* server: DER of the ticket's, whole; empty where absent */

	struct pac *pac; /* server: the ticket's; NULL if it has none, or is not to be looked at */

	struct key *session_key;
	struct key *initiator_subkey; /* NULL if there is none */
	struct key *acceptor_subkey;  /* likewise */

	bool mutual;           /* an AP-REP is due */
	struct timestamp time; /* the authenticator's ctime and cusec */
	/* Of the authenticator, on the server: its checksum (type 0 and no value where absent), its
	 * own list of authorization data. */
	struct checksum checksum;
	struct authorization_data authenticator_data;
	bool has_initiator_seq;
	uint32_t initiator_seq;
	bool has_acceptor_seq;
	uint32_t acceptor_seq;
	/* The authenticator's integrity tag, the last octets of its cipher text, by which a replay
	 * cache knows it; on the server. */
	struct slice authenticator_tag;

	/* What the slices point into. */
	struct buffer token;
	struct buffer ticket_plain;
	struct buffer authenticator_plain;
};

/* All zero is an empty context. Wipes, frees, and leaves an empty one; NULL is allowed. */
void ap_context_clear(struct ap_context *context);
#define AUTO_AP_CONTEXT __attribute__((cleanup(ap_context_clear))) struct ap_context

/* An empty one on the heap, for a connection to give up after its exchange. NULL: no memory. */
struct ap_context *ap_context_new(void);
void ap_context_free(struct ap_context *context); /* NULL is allowed */

/* The key that protects messages: the acceptor's subkey, else the initiator's, else the session
 * key. */
struct key *ap_context_key(const struct ap_context *context);

/*
 * How strong that key is, in bits: a subkey is no stronger than the session
 * key under which it was sent.
 */
unsigned ap_context_strength(const struct ap_context *context);

/*
 * Is told of each of the exchange's six steps that succeeded, with names,
 * encryption types, key version and times, never a key: "1: AP-REQ made: ...".
 * A NULL trace, or one whose `line` is NULL, costs nothing.
 */
struct ap_trace {
	void (*line)(void *arg, const char *text);
	void *arg;
};

/* What a client wants said in its AP-REQ. */
struct ap_initiator {
	const struct credential *credential;
	struct timestamp now;
	bool mutual;
	bool subkey; /* send a fresh one, of the session key's type */
	/*
	 * The application's checksum: made by the session key over this with
	 * usage 10, if its data is not NULL. Otherwise, if checksum.value.data
	 * is not NULL, `checksum` is sent as it is (GSS-API's 0x8003).
	 */
	struct slice checksummed;
	struct checksum checksum;
	/* Goes into the authenticator's authorization-data; NULL: none. */
	const struct authorization_data *authorization_data;
	/* Say there that channel bindings are sent if there are some (bindings_announce()). */
	bool announces_bindings;
};

/*
 * Step 1: makes the KRB_AP_REQ (section 3.2.2), appended to `token`. The
 * sequence number is random, from 1 to 2^30 - 1. Fills `context`, which has
 * to be empty; on failure it is left empty, and `token` as it was.
 *
 * ERR_SYNTAX            the credential's ticket cannot be read, or its key has
 *                       not the length of its type
 * KDC_ERR_ETYPE_NOSUPP  the session key's type is not supported
 * ERR_NO_MEMORY, ERR_CRYPTO
 */
MUST_CHECK enum status ap_req_make(const struct ap_initiator *initiator,
	const struct ap_trace *trace, struct ap_context *context, struct buffer *token,
	struct error *err);

/*
 * KDC_ERR_POLICY for a ticket of nobody in particular, by its client's name
 * (principal_is_anonymous()) or its flag ANONYMOUS (RFC 8062): nobody logs in
 * without a name. For a client before it uses a credential; servers look by
 * themselves.
 */
MUST_CHECK enum status ap_check_anonymous(
	const struct principal *client, uint32_t flags, struct error *err);

/* What a server knows before it reads an AP-REQ. */
struct ap_acceptor {
	const struct keytab *keytab;
	/*
	 * Which of the keytab's principals may be asked for: `principal` alone
	 * if it is not NULL (an empty realm: in any realm of the keytab);
	 * else every one of exactly two components whose first is `service`.
	 */
	const struct principal *principal;
	struct slice service;
	const struct krb5_conf *conf; /* clock skew, permitted enctypes, capaths */
	struct timestamp now;
	/* The peer's address as in a HostAddress; type 0: not known, nothing is checked. */
	struct host_address peer;
	/*
	 * A type of authorization data that the caller understands when it
	 * stands in the authenticator, outside AD-IF-RELEVANT; 0: none.
	 */
	int32_t understood_ad_type;
	struct pac_demands pac; /* all zero: PAC_CHECK, and no group is required */
};

/*
 * Could any AP-REQ be accepted? ERR_NOT_FOUND, with a sentence for the
 * administrator, where the keytab has no supported and permitted key of a
 * principal that `acceptor` allows (what it looked for, what is there).
 */
MUST_CHECK enum status ap_acceptor_check(const struct ap_acceptor *acceptor, struct error *err);

/*
 * Steps 2 to 4: reads and judges the KRB_AP_REQ (section 3.2.3), in that
 * section's order, and fills `context`, which has to be empty. `token` is
 * copied. On failure nothing is left in `context` but what a KRB-ERROR needs,
 * and a log: `client`, whom the ticket names (count 0 unless the ticket was
 * decrypted; that the peer is this client is not shown), and, none of it
 * authenticated, `server`, the name that the peer asked for (count
 * 0 if not even that could be read), `mutual`, whether the peer asked for an
 * AP-REP, and `time`, zero unless the authenticator was decrypted. Every
 * failure has RFC 4120's code, one sentence for the log and one fit for the
 * peer:
 *
 * KRB_AP_ERR_BADVERSION, _MSG_TYPE   not an AP-REQ of version 5
 * ERR_SYNTAX                 it, or a decrypted part, cannot be read
 * KRB_AP_ERR_NOT_US          a ticket for a principal that is not served here
 * KRB_AP_ERR_BADKEYVER       no key of that version; the sentence names those there are
 * KRB_AP_ERR_NOKEY           no key of that encryption type, USE-SESSION-KEY
 * KDC_ERR_ETYPE_NOSUPP       an encryption type that is weak or not permitted
 * KRB_AP_ERR_BAD_INTEGRITY   ticket or authenticator do not decrypt
 * KRB_AP_ERR_TKT_NYV, _TKT_EXPIRED   by more than the clock skew; INVALID flag: _TKT_NYV
 * KRB_AP_ERR_BADMATCH        authenticator and ticket name different clients
 * KRB_AP_ERR_BADADDR         the ticket's addresses do not hold the peer's
 * KRB_AP_ERR_SKEW            the authenticator's time
 * KRB_AP_ERR_ILL_CR_TKT      a cross-realm ticket that nobody's transited policy passed
 * KDC_ERR_POLICY             an anonymous ticket (RFC 8062)
 * KRB_AP_ERR_MODIFIED, KDC_ERR_POLICY   authorization data that do not verify, or are not
 * understood
 * ERR_SYNTAX, KRB_AP_ERR_BADMATCH, KDC_ERR_POLICY   the PAC: as pac_judge() says
 */
MUST_CHECK enum status ap_req_read(const struct ap_acceptor *acceptor, struct slice token,
	const struct ap_trace *trace, struct ap_context *context, struct error *err);

/*
 * Step 5: makes the KRB_AP_REP (section 3.2.4), appended to `token`, with the
 * authenticator's time, a fresh subkey of the type `subkey` if it is not NULL,
 * and a random sequence number from 1 to 2^30 - 1. ERR_NO_MEMORY, ERR_CRYPTO;
 * `token` is then as it was.
 */
MUST_CHECK enum status ap_rep_make(const struct enctype *subkey, const struct ap_trace *trace,
	struct ap_context *context, struct buffer *token, struct error *err);

/*
 * Step 6: reads the KRB_AP_REP (section 3.2.5): decrypts it with the session
 * key, compares ctime and cusec exactly with the authenticator's, takes the
 * acceptor's subkey and sequence number. KRB_AP_ERR_MUT_FAIL if the times
 * differ, KRB_AP_ERR_BAD_INTEGRITY if it does not decrypt,
 * KRB_AP_ERR_BADVERSION, _MSG_TYPE, KDC_ERR_ETYPE_NOSUPP for a subkey of a
 * type that is not supported, ERR_SYNTAX. `context` is then as it was.
 */
MUST_CHECK enum status ap_rep_read(struct slice token, const struct ap_trace *trace,
	struct ap_context *context, struct error *err);

/* A refusal as a KRB-ERROR message (section 5.9.1). */
struct ap_refusal {
	enum status code;               /* one of RFC 4120's; others are sent as KRB_ERR_GENERIC */
	struct timestamp now;           /* stime */
	const struct principal *server; /* who refuses; required by the format */
	struct timestamp client_time;   /* of the authenticator, as far as it is known; else zero */
	const char *text;               /* e-text, what a peer may read; may be NULL */
};
MUST_CHECK enum status krb_error_make(
	const struct ap_refusal *refusal, struct buffer *token, struct error *err);

/*
 * Reads a KRB-ERROR that a server sent to a client. It is not authenticated:
 * `err` gets the code and a sentence composed here, from the code, the
 * server's time against `now`, and the name that the client itself asked for,
 * followed by at most 200 printable ASCII characters of e-text, marked
 * "server says (unverified)". Returns that status (KRB_ERR_GENERIC for a code
 * that is not known or is 0), or ERR_SYNTAX if it is not a KRB-ERROR.
 * Never STATUS_OK.
 */
MUST_CHECK enum status krb_error_read(
	struct slice token, struct timestamp now, const struct principal *asked, struct error *err);

#endif

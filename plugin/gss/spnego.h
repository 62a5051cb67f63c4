/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spnego.h - negotiating Kerberos, and nothing else, by SPNEGO (RFC 4178): the order of
 * its tokens, and the MICs by which both sides know that the list of mechanisms was
 * not changed on the way. It knows neither SASL nor what is in Kerberos' tokens.
 *
 * The initiator:                       The acceptor:
 *   spnego_initiate              ->      spnego_accept
 *     (the initial token in it)            (Kerberos reads that token)
 *   spnego_continue              <-      spnego_reply
 *     (Kerberos reads the reply)
 *   spnego_conclude, a MIC       ->      spnego_accept, spnego_reply
 *
 * The acceptor takes the first mechanism of the list that is Kerberos, by either of its
 * OIDs, and answers with that OID. If it is the list's first, its token is there
 * already, and one message each way is all. If not, the acceptor requests MICs, and
 * another round follows: Kerberos' tokens, then a MIC each way (section 5). No side
 * sends more than three tokens, whatever the peer does.
 *
 * A MIC is demanded where section 5 does; one that comes unasked for is verified all
 * the same. `err` is never NULL.
 */
#ifndef GSS_SPNEGO_H
#define GSS_SPNEGO_H

#include "ap/channel.h"
#include "gss/spnego_token.h"

/* One side's negotiation. All zero is one that has not begun. */
struct spnego {
	enum spnego_step {
		SPNEGO_START,
		SPNEGO_TOKEN_DUE,  /* acceptor: of Kerberos; initiator: the acceptor's answer */
		SPNEGO_TOKEN_READ, /* its reply is to be made */
		SPNEGO_MIC_DUE,    /* acceptor: nothing else */
		SPNEGO_MIC_READ,
		SPNEGO_DONE,
		SPNEGO_FAILED,
	} step;
	bool is_raw;             /* acceptor: Kerberos' tokens, without SPNEGO around them */
	bool is_first;           /* acceptor: no reply was made yet */
	bool needs_mic;          /* of the other side, and to it */
	struct slice mech;       /* which Kerberos; points to a constant */
	struct slice mic;        /* came, and is to be verified; points into the token */
	enum spnego_state said;  /* initiator: by the acceptor */
	struct buffer mech_list; /* what MICs are made of: the initiator's list, DER */
};

void spnego_close(struct spnego *spnego);

/* ---- the initiator ---- */

/* Makes the first token around Kerberos' initial one, appended to `out`. ERR_NO_MEMORY. */
MUST_CHECK enum status spnego_initiate(
	struct spnego *spnego, struct slice mech_token, struct buffer *out, struct error *err);

/*
 * Reads the acceptor's answer. `mech_token` is Kerberos' part of it, which is to be
 * read before spnego_conclude(); data == NULL: there is none. `token` has to last
 * until then.
 * KRB_AP_ERR_METHOD   the acceptor rejects, and gives no reason; chose another mechanism
 * KRB_AP_ERR_BADORDER an answer without a state, or one that is not due
 * and errors of spnego_resp_read()
 */
MUST_CHECK enum status spnego_continue(
	struct spnego *spnego, struct slice token, struct slice *mech_token, struct error *err);

/*
 * Once the context is established, and `channel` is open under its key: verifies the
 * acceptor's MIC, and appends the last token, with ours, to `out` where one is due.
 * The negotiation is done then.
 * KRB_AP_ERR_MODIFIED  no MIC where one is due, or a wrong one: the list was changed
 * KRB_AP_ERR_METHOD    the acceptor rejected
 * KRB_AP_ERR_BADORDER  the acceptor expects a token that SPNEGO does not have
 */
MUST_CHECK enum status spnego_conclude(
	struct spnego *spnego, struct channel *channel, struct buffer *out, struct error *err);

/* ---- the acceptor ---- */

/*
 * Reads the initiator's next token. `mech_token` is as above, but for the case that
 * spnego_reply() is due at once: data == NULL. A token of Kerberos alone, as old clients
 * send it, is taken for the first one. `token` has to last until spnego_reply().
 * KRB_AP_ERR_METHOD    Kerberos is not offered; the initiator rejects
 * KRB_AP_ERR_BADORDER  a field that is not due, or is missing
 * KRB_AP_ERR_MODIFIED  no MIC where one is due
 * and errors of spnego_init_read() and spnego_resp_read()
 */
MUST_CHECK enum status spnego_accept(
	struct spnego *spnego, struct slice token, struct slice *mech_token, struct error *err);

/*
 * Verifies a MIC that came and makes the reply, appended to `out`, around `mech_reply`,
 * Kerberos' own, if it has one. `channel` is open if the context is established, else
 * NULL. spnego_is_done() says whether another token is due. Nothing is appended at the
 * very end. KRB_AP_ERR_MODIFIED  a wrong MIC: the list was changed on the way
 */
MUST_CHECK enum status spnego_reply(struct spnego *spnego, struct slice mech_reply,
	struct channel *channel, struct buffer *out, struct error *err);

bool spnego_is_done(const struct spnego *spnego);

/* The token of a refusal, around Kerberos' error token, appended to `out`. ERR_NO_MEMORY. */
MUST_CHECK enum status spnego_refuse(
	struct slice mech_token, struct buffer *out, struct error *err);

#endif

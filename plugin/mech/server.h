/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * server.h - the server side of every mechanism: it is created, offered,
 * stepped, refused, finished and disposed of here. A mechanism has a table
 * of what is due from the client, and functions that read it.
 *
 * A login begins with the first row of the table. A step sets
 * `server->state` to the row that is due next; nothing leads out of a login
 * that is over.
 */
#ifndef MECH_SERVER_H
#define MECH_SERVER_H

#include "mech/acceptor.h"
#include "mech/connection.h"
#include "mech/mechanism.h"
#include "mech/verdict.h"

/* The first member of a mechanism's own struct, if it has one. */
struct server {
	struct connection base; /* first */
	const struct mechanism *mechanism;
	enum {
		SERVER_BEGINS,
		SERVER_ASKED, /* the client's first message was empty, and so was our answer */
		SERVER_RUNS,
		SERVER_TOLD, /* success, and the last message was sent: an empty one is due */
		SERVER_FINISHED,
		SERVER_REFUSED,
	} stage;
	unsigned state; /* which row of the table is due */
	struct acceptor acceptor;
};
_Static_assert(offsetof(struct server, base) == 0, "see connection.h");

/*
 * Reads the client's message and appends the answer to `server->base.out`,
 * which is empty before. Gives libsasl2's result:
 *
 * SASL_CONTINUE  the answer is sent, also if it is empty, and state is due
 * SASL_OK        the login is over (server_finish()); an answer is sent, if there is one
 * others         it is refused, and `err` says why (verdict_result())
 */
typedef int server_step(struct server *server, struct slice message, struct error *err);

struct server_state {
	server_step *step;
	/*
	 * If the client waits for an AP-REP in this state: the message that
	 * tells it why it is refused (verdict.h). The login then fails with
	 * whatever comes next. A step that fails may have set the state whose message
	 * it is to be.
	 */
	verdict_message_make *refusal;
};

struct server_side {
	size_t size;       /* of the struct that begins with a struct server */
	unsigned features; /* libsasl2's SASL_FEAT_..., besides those of all mechanisms */
	const struct server_state *states;
	/* Releases what only the exchange needs and is the mechanism's own; may be NULL. */
	void (*release)(struct server *server);
};

/*
 * The application's channel bindings; NULL if it gave none, or the option
 * kerberos5_channel_bindings is `never`.
 */
const sasl_channel_binding_t *server_bindings(const struct server *server);

/*
 * Once the authenticator is read, before its bindings are compared: what
 * application, option and client want of them. Sets the connection's
 * demands_bindings by the last two. KRB_AP_ERR_METHOD if the option requires bindings and there are
 * none here, or the application demands what the option forbids; errors of
 * bindings_announced().
 */
MUST_CHECK enum status server_judge_bindings(
	struct server *server, struct bindings_here *here, struct error *err);

/* A mechanism as libsasl2 loads it. */
void server_plug(const struct mechanism *mechanism, sasl_server_plug_t *out);

/*
 * The end of a mechanism's last step: gives libsasl2 the names and properties,
 * and opens the layer. `authzid` is the identity that the client asks for;
 * empty: its own. For results other than SASL_OK `err` says why.
 */
int server_finish(struct server *server, struct slice authzid, const struct layer_choice *choice,
	struct error *err);

/* The client's empty message that answers an AP-REP; SASL_BADAUTH for another one. */
int server_expect_empty(struct slice message, struct error *err);

#endif

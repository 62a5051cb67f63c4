/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * client.h - the client side of every mechanism: it is created, gets its
 * ticket, is stepped, fails, finishes and is disposed of here. A mechanism has
 * a table of what is due from the server, and functions that read it.
 *
 * Before the first step the client has a ticket, the user has been asked all
 * that there is to ask, and libsasl2 has the names.
 */
#ifndef MECH_CLIENT_H
#define MECH_CLIENT_H

#include "mech/connection.h"
#include "mech/initiator.h"
#include "mech/mechanism.h"

/* The first member of a mechanism's own struct, if it has one. */
struct client {
	struct connection base; /* first */
	const struct mechanism *mechanism;
	enum { CLIENT_BEGINS, CLIENT_RUNS, CLIENT_FINISHED, CLIENT_FAILED } stage;
	unsigned state; /* which row of the table is due */
	struct initiator initiator;
	struct slice authzid; /* what the user asks for; empty: nothing. Of the initiator */
};
_Static_assert(offsetof(struct client, base) == 0, "see connection.h");

/*
 * Reads the server's message and appends the answer to `client->base.out`,
 * which is empty before. Gives libsasl2's result:
 *
 * SASL_CONTINUE  the answer is sent, also if it is empty, and client->state is due
 * SASL_OK        the login is over (client_finish()); an answer is sent, if there is one
 * others         it failed, and `err` says why (logger_result())
 */
typedef int client_step(struct client *client, struct slice message, struct error *err);

struct client_state {
	client_step *step;
	/* An AP-REP is due: if nothing comes at all, the ticket may be what is wrong. */
	bool is_asked;
};

struct client_side {
	size_t size;       /* of the struct that begins with a struct client */
	unsigned features; /* libsasl2's SASL_FEAT_..., besides those of all mechanisms */
	const struct client_state *states;
	/* Releases what only the exchange needs and is the mechanism's own; may be NULL. */
	void (*release)(struct client *client);
};

/*
 * The application's channel bindings; NULL if it gave none, or the option
 * kerberos5_channel_bindings is `never`. KRB_AP_ERR_METHOD if the application
 * demands what the option forbids.
 */
MUST_CHECK enum status client_bindings(
	const struct client *client, const sasl_channel_binding_t **out, struct error *err);

/* A mechanism as libsasl2 loads it. */
void client_plug(const struct mechanism *mechanism, sasl_client_plug_t *out);

/* The end of a mechanism's last step: opens the layer. As connection_succeed(). */
MUST_CHECK enum status client_finish(
	struct client *client, const struct layer_choice *choice, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * connection.h - what a connection has, whichever side of whichever mechanism
 * it is.
 */
#ifndef MECH_CONNECTION_H
#define MECH_CONNECTION_H

#include <stddef.h>

#include "ap/ap.h"
#include "mech/layer.h"

/* What a side knows of the channel bindings that its application gave libsasl2. */
enum bindings {
	BINDINGS_NONE,  /* there are none, or nothing was done about them */
	BINDINGS_SENT,  /* the client sent them, and cannot know whether they were compared */
	BINDINGS_MATCH, /* they were compared, and are the peer's too */
};

/* The first member of a mechanism's context. */
struct connection {
	struct layer layer;         /* first: see layer.h */
	struct ap_context *context; /* until the exchange is over */
	struct channel channel;     /* likewise, or until the layer has it */
	struct security security;   /* what is allowed here, from when it is known on */
	enum bindings bindings;     /* likewise */
	bool demands_bindings;      /* the login fails unless they match, whatever libsasl2 says */
	sasl_out_params_t *oparams; /* libsasl2's of the connection; NULL before the first step */
	struct buffer out;          /* what the last step gave to libsasl2 */
	size_t size;                /* of the whole context */
};
_Static_assert(offsetof(struct connection, layer) == 0 && offsetof(struct layer, framing) == 0,
	"libsasl2 hands this to encode and decode");

/* A context of `size` octets, all zero but for its connection. NULL: no memory. */
void *connection_new(size_t size);

/*
 * With the first step of a login. libsasl2 has one `oparams` for all logins of
 * a connection and does not clear it: if the application refuses an
 * authorization identity, or the bindings do not satisfy it, layer and bindings
 * of that login would be those of the next, of whichever mechanism. So both are
 * taken back here, and again by connection_free(), which comes before any
 * other login.
 */
void connection_begin(struct connection *connection, sasl_out_params_t *oparams);

/*
 * The end of every login that succeeds: opens the layer (layer_open(), whose
 * errors it has), and tells libsasl2 what became of `binding`, the
 * application's channel bindings, or NULL. KRB_AP_ERR_MODIFIED if they are
 * critical, or the connection demands them, and `connection->bindings` is not
 * BINDINGS_MATCH: libsasl2's own check comes after it has remembered that the login is done, and
 * lets a second one pass.
 */
MUST_CHECK enum status connection_succeed(struct connection *connection,
	const struct layer_choice *choice, const struct logger *log,
	const sasl_channel_binding_t *binding, struct error *err);

/* Wipes and frees the whole context, once what else it holds was released. */
void connection_free(struct connection *connection);

/* A connection may be idle for days after the exchange: what only that needs goes. */
void connection_end_exchange(struct connection *connection);

/*
 * The end of every step: hands `out` to libsasl2, and `result` back. What goes
 * on has a message, also if it is empty. A success has one if there is data;
 * all others have none, and `out` is freed.
 */
int connection_give(struct connection *connection, int result, const char **out, unsigned *out_len);

#endif

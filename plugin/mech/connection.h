/*
 * connection.h - what a connection has, whichever side of whichever mechanism
 * it is.
 */
#ifndef MECH_CONNECTION_H
#define MECH_CONNECTION_H

#include <stddef.h>

#include "ap/ap.h"
#include "mech/layer.h"

/* The first member of a mechanism's context. */
struct connection {
	struct layer layer;         /* first: see layer.h */
	struct ap_context *context; /* until the exchange is over */
	struct channel channel;     /* likewise, or until the layer has it */
	struct security security;   /* what is allowed here, from when it is known on */
	struct buffer out;          /* what the last step gave to libsasl2 */
	size_t size;                /* of the whole context */
};
_Static_assert(offsetof(struct connection, layer) == 0 && offsetof(struct layer, framing) == 0,
	"libsasl2 hands this to encode and decode");

/* A context of `size` octets, all zero but for its connection. NULL: no memory. */
void *connection_new(size_t size);

/* Wipes and frees the whole context, once what else it holds was let go of. */
void connection_free(struct connection *connection);

/* A connection may be idle for days after the exchange: what only that needs goes. */
void connection_end_exchange(struct connection *connection);

/* Hands `out` to libsasl2, and `result` back; an empty message is one too. */
int connection_give(struct connection *connection, int result, const char **out, unsigned *out_len);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * framing.h - a security layer as libsasl2 sees it: a stream of packets, each
 * a length of four octets in network order and that many octets of what a
 * mechanism protects (RFC 4422 section 3.7).
 *
 * The stream may arrive in any pieces. A declared length above our maximum is
 * refused before anything is allocated for it. After the first failure the
 * layer is dead: every later call fails, with the same reason.
 */
#ifndef SASL_FRAMING_H
#define SASL_FRAMING_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "base/bytes.h"
#include "base/error.h"
#include "sasl/logger.h"

/*
 * What a mechanism does to one packet; each appends to `out`. `storage` is
 * for what it needs on the way, and is wiped by the caller.
 */
struct framing_mechanism {
	enum status (*protect)(void *arg, const struct slice *pieces, size_t count,
		struct buffer *out, struct error *err);
	enum status (*unprotect)(void *arg, struct slice packet, struct buffer *storage,
		struct buffer *out, struct error *err);
};

struct framing {
	const struct framing_mechanism *mechanism;
	void *arg;
	const struct logger *log;
	uint32_t max_packet;    /* the longest that we receive, without its length: to PACKET_MAX */
	struct buffer partial;  /* the beginning of a packet, with its length */
	struct buffer sent;     /* what encode gave to libsasl2 last */
	struct buffer received; /* likewise decode */
	struct buffer storage;  /* see above */
	int result;             /* SASL_OK, or what every call gives: the layer is dead */
	char *failure;          /* why; NULL where there was no memory to say so */
};

/* All zero is a layer that is not open. Wipes and frees. */
void framing_close(struct framing *framing);

/*
 * libsasl2's callbacks of sasl_out_params; `context` is a struct framing *.
 * SASL_NOTDONE where it is NULL or not open: an application goes on with a layer
 * after it began another login on the connection.
 */
int framing_encode(void *context, const struct iovec *pieces, unsigned count, const char **out,
	unsigned *out_len);
int framing_decode(
	void *context, const char *in, unsigned in_len, const char **out, unsigned *out_len);

#endif

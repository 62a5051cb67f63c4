/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * attempt.h - one request on its way to one address, by UDP or TCP (RFC 4120
 * section 7.2).
 *
 * Nothing here waits: the caller polls the descriptor for attempt_events() and
 * calls attempt_continue() when there is something to do.
 */
#ifndef KDC_ATTEMPT_H
#define KDC_ATTEMPT_H

#include <sys/socket.h>

#include "base/bytes.h"
#include "kdc/session.h"

#define ATTEMPT_MAX_ANSWER 65536 /* octets; DER_MAX_TOKEN */

struct attempt {
	int fd; /* -1: given up */
	bool tcp;
	struct slice request;    /* borrowed */
	unsigned char prefix[4]; /* TCP: the request's length, in network order */
	size_t sent;             /* of prefix and request */
	struct buffer answer;    /* TCP: after its own prefix */
	struct kdc_endpoint endpoint;
	char reason[120]; /* once it has been given up: why */
};

enum attempt_state { ATTEMPT_GOES_ON, ATTEMPT_ANSWERED, ATTEMPT_GIVEN_UP };

/* "192.0.2.1:88", "[2001:db8::1]:88". Returns `out`. */
const char *address_text(
	const struct sockaddr *address, socklen_t address_length, char out[KDC_ADDRESS_SIZE]);

/* Where a request goes: one of the server's addresses. */
struct attempt_target {
	const struct kdc_server *server;
	const struct sockaddr *address;
	socklen_t address_length;
	enum kdc_transport transport;
};

/*
 * Makes the socket, close-on-exec and non-blocking, and begins. Whatever goes
 * wrong is told in `reason`, and fd is -1. The target may be gone afterwards, the
 * request has to live as long as the attempt.
 */
void attempt_open(
	struct attempt *attempt, const struct attempt_target *target, struct slice request);

/* For poll(). */
short attempt_events(const struct attempt *attempt);

/*
 * Sends and receives what can be without waiting. A whole answer is in
 * `attempt->answer` afterwards. A TCP record is read to the length it
 * announces, of at most ATTEMPT_MAX_ANSWER octets; a datagram that is longer,
 * or empty, is given up, and so is a connection that ends before its record.
 */
enum attempt_state attempt_continue(struct attempt *attempt);

/* UDP: sends the request once more. */
void attempt_repeat(struct attempt *attempt);

void attempt_give_up(struct attempt *attempt, const char *reason);
void attempt_close(struct attempt *attempt);

#endif

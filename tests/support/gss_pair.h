/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gss_pair.h - initiator and acceptor of a GSS-API context in memory, on top
 * of tests/support/exchange.h. A test changes what it is about and establishes.
 */
#ifndef TESTS_SUPPORT_GSS_PAIR_H
#define TESTS_SUPPORT_GSS_PAIR_H

#include "gss/gss.h"
#include "gss/gss_token.h"
#include "tests/support/exchange.h"

struct gss_pair {
	struct exchange x;
	struct enctype_list permitted[2]; /* the initiator's, the acceptor's */
	struct gss_initiator initiator;
	struct gss_acceptor acceptor;
	struct gss_accepted accepted;
	struct gss_delegated delegated;
	struct buffer request, reply; /* tokens */
	struct ap_trace trace;        /* of both sides */
	char traced[16384];           /* its lines, each with a newline after it */
};

/* aes256-cts-hmac-sha1-96 throughout, and permitted on both sides with aes128. */
void gss_pair_open(struct gss_pair *p);

void gss_pair_close(struct gss_pair *p);

/* The initiator's token. */
MUST_CHECK enum status gss_pair_request(struct gss_pair *p, struct error *err);

/* What the acceptor makes of p->request; its token, if one is due, in p->reply. */
MUST_CHECK enum status gss_pair_answer(struct gss_pair *p, struct error *err);

/* What the initiator makes of p->reply. */
MUST_CHECK enum status gss_pair_finish(struct gss_pair *p, struct error *err);

/* The whole of it, until one fails. */
MUST_CHECK enum status gss_pair_establish(struct gss_pair *p, struct error *err);

#endif

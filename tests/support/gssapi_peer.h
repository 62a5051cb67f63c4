/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gssapi_peer.h - a hand-made peer of GSSAPI, for either side: it sends what
 * a test wants, in whatever order, to a side that is the module's.
 */
#ifndef TESTS_SUPPORT_GSSAPI_PEER_H
#define TESTS_SUPPORT_GSSAPI_PEER_H

#include "tests/support/layer_fixture.h"

#include "gss/gss.h"
#include "gss/gss_message.h"
#include "gss/gss_token.h"

struct gss_peer {
	struct pair pair; /* only one side of it is used */
	struct pair_setup how;
	struct ccache *ccache;
	struct keytab *keytab;
	struct krb5_conf *conf;
	struct credential credential;
	struct ap_context context;
	struct channel channel;
	struct buffer token; /* what the peer sends next */
	struct buffer got;   /* what the module's side sent */
	bool has_got;
	int result;
};

void must_be(enum status status, const struct error *err);

void gss_peer_open(struct gss_peer *p, const struct pair_setup *how);

void gss_peer_close(struct gss_peer *p);

void gss_peer_take(struct gss_peer *p, const char *out, unsigned len);

/* Sends `token` to the module's server, or its client. */
int to_server(struct gss_peer *p, struct slice token);

int start_client(struct gss_peer *p);

int to_client(struct gss_peer *p, struct slice token);

/* The peer as an initiator, which asks for any layer; a test may change it. It points into `p`. */
struct gss_initiator peer_initiator(const struct gss_peer *p, bool mutual);

/* The peer's initial token. */
struct slice initial_token(struct gss_peer *p, bool mutual);

/* The peer, an initiator, reads the module's AP-REP. */
void finish_initiating(struct gss_peer *p, struct slice token);

/* The peer, an acceptor, reads the module's initial token. */
void accept_request(struct gss_peer *p, struct gss_accepted *accepted);

/* A Wrap token without confidentiality, in p->token. */
struct slice wrapped(struct gss_peer *p, struct slice data);
#define WRAPPED(p, text) wrapped((p), SLICE_LITERAL(text))

/* What the module's Wrap token holds. */
void expect_unwrapped(struct gss_peer *p, struct slice data);
#define EXPECT_UNWRAPPED(p, text) expect_unwrapped((p), SLICE_LITERAL(text))

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gss_server.h - a context of GSS-API's Kerberos mechanism (gss/gss.h) as the
 * server of a SASL mechanism establishes it.
 */
#ifndef MECH_GSS_SERVER_H
#define MECH_GSS_SERVER_H

#include "gss/gss.h"
#include "mech/server.h"

/* The first member of a mechanism's own struct, if it has one. */
struct gss_server {
	struct server base; /* first */
	struct gss_accepted accepted;
	struct gss_delegated *delegated; /* NULL: it is not kept */
};
_Static_assert(offsetof(struct gss_server, base) == 0, "see server.h");

/* What the client's channel bindings are compared with. */
struct gss_server_bindings {
	bool present;                  /* if not, the client's are passed over */
	bool critical;                 /* a client without any is refused */
	struct slice application_data; /* of the bindings (RFC 2744 section 3.11) */
};

/* As the application gave them, and the option kerberos5_channel_bindings has it. */
struct gss_server_bindings gss_server_bindings_of(const struct server *server);

/*
 * Reads and judges the initial token, records it in the replay cache, and
 * appends the AP-REP's token to `reply` if the client asked for one. Fills the
 * connection's context, `accepted`, and the connection's bindings: matched if
 * both sides have the same. What option and client demand of them is seen to
 * here (server_judge_bindings()). Errors of that, gss_request_read(), acceptor_read(),
 * gss_accept(), acceptor_record() and gss_reply(); KRB_AP_ERR_METHOD if mutual
 * authentication is required (acceptor.mutual_required) and not asked for.
 */
MUST_CHECK enum status gss_server_accept(struct gss_server *server, struct slice token,
	const struct gss_server_bindings *bindings, struct buffer *reply, struct error *err);

/* server_finish(), after which what the client delegated is kept (delegated.h). */
int gss_server_finish(struct gss_server *server, struct slice authzid,
	const struct layer_choice *choice, struct error *err);

/* Releases what this file put into the struct, as struct server_side has it. */
void gss_server_release(struct server *server);

#endif

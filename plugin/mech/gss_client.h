/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gss_client.h - a context of GSS-API's Kerberos mechanism (gss/gss.h) as the
 * client of a SASL mechanism establishes it.
 */
#ifndef MECH_GSS_CLIENT_H
#define MECH_GSS_CLIENT_H

#include "gss/gss.h"
#include "mech/client.h"

/* The first member of a mechanism's own struct, if it has one. */
struct gss_client {
	struct client base; /* first */
	struct gss_initiator gss;
};
_Static_assert(offsetof(struct gss_client, base) == 0, "see client.h");

/*
 * The application's channel bindings, for a mechanism that sends them without
 * learning whether the server compares them; `out->data` is NULL if there are
 * none. KRB_AP_ERR_METHOD if they are critical; errors of client_bindings(). If
 * the option kerberos5_channel_bindings is `required`, that is left to the server.
 */
MUST_CHECK enum status gss_client_bindings(
	struct client *client, struct slice *out, struct error *err);

/* What a mechanism asks for. */
struct gss_client_request {
	bool mutual;           /* an AP-REP */
	uint32_t protection;   /* as struct gss_initiator has it */
	struct slice bindings; /* application data (RFC 2744 section 3.11); data == NULL: none */
};

/*
 * What a mechanism asks for that settles the layer later: some servers protect nothing
 * without these flags, whatever is agreed on then.
 */
#define GSS_CLIENT_ANY_LAYER (GSS_CONF | GSS_INTEG)

/*
 * Appends the initial token to `token`, and fills the connection's context;
 * client->gss.mutual says then whether an AP-REP is due. Errors of gss_initiate().
 */
MUST_CHECK enum status gss_client_ask(struct gss_client *client,
	const struct gss_client_request *request, struct buffer *token, struct error *err);

/*
 * Reads the server's AP-REP token. Anything but a right one fails: the server
 * has not shown that it is genuine. For results other than SASL_OK `err` says
 * why, and the ticket is not used again if that may help.
 */
int gss_client_read_reply(struct gss_client *client, struct slice token, struct error *err);

#endif

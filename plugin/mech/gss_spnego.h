/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gss_spnego.h - the mechanism GSS-SPNEGO: Kerberos as SPNEGO negotiates it (gss/spnego.h),
 * as Windows and its peers have it.
 *
 *   1. client: the first token, with the initial token of gss/gss.h in it
 *   2. server: its answer, with the AP-REP token in it if the client asked for mutual
 *              authentication
 *   3. further tokens, if Kerberos was not the client's first choice
 *
 * Nothing negotiates a layer: the flags of the initial token say which one the client
 * wants. CONF is privacy, INTEG alone integrity, neither is none. Nothing tells how long a packet
 * the other side takes, and no authorization identity is sent.
 */
#ifndef MECH_GSS_SPNEGO_H
#define MECH_GSS_SPNEGO_H

#include "mech/mechanism.h"
#include "sasl/security.h"

#define GSS_SPNEGO_NAME "GSS-SPNEGO"

extern const struct mechanism gss_spnego_mechanism;
extern const struct server_side gss_spnego_server;
extern const struct client_side gss_spnego_client;

/* The longest packet that the other side is taken to receive, in octets. */
#define GSS_SPNEGO_MAX_PACKET 65536

/* The layers that are allowed, and leave room for data in packets each way. */
unsigned gss_spnego_layers(
	const struct security *security, unsigned strength, const struct enctype *type);

#endif

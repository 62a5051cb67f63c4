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
 * wants. INTEG with CONF is privacy, INTEG alone integrity, all else none. Nothing tells how
 * long a packet the other side takes, and no authorization identity is sent.
 */
#ifndef MECH_GSS_SPNEGO_H
#define MECH_GSS_SPNEGO_H

#include "mech/mechanism.h"
#include "sasl/security.h"

#define GSS_SPNEGO_NAME "GSS-SPNEGO"

extern const struct mechanism gss_spnego_mechanism;
extern const struct server_side gss_spnego_server;
extern const struct client_side gss_spnego_client;

/*
 * security_of(), with packets as long as peers send them (gss_spnego.c), whatever the
 * application takes; none, if it takes none.
 */
struct security gss_spnego_security_of(
	const sasl_security_properties_t *properties, sasl_ssf_t external);

/* The longest packet to send, in octets: the other side takes what this application takes. */
uint32_t gss_spnego_max_sent(const sasl_security_properties_t *properties);

/* The layers that are allowed, and leave room for data in packets of `max_sent` octets. */
unsigned gss_spnego_layers(const struct security *security, unsigned strength,
	const struct enctype *type, uint32_t max_sent);

#endif

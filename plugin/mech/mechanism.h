/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mechanism.h - what a SASL mechanism of the module is: a name, how strong it
 * is, and a table of steps for each side. What every mechanism does stands
 * once in server.h and client.h.
 */
#ifndef MECH_MECHANISM_H
#define MECH_MECHANISM_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdbool.h>

#include "sasl/options.h"

struct server_side; /* server.h */
struct client_side; /* client.h */

struct mechanism {
	const char *name;   /* also its word of the option kerberos5_mechanisms */
	bool only_if_named; /* in that option */
	sasl_ssf_t max_ssf;
	unsigned security_flags; /* libsasl2's SASL_SEC_... */
	const struct server_side *server;
	const struct client_side *client;
};

/* What Kerberos gives, whatever the messages are. */
#define KERBEROS_SECURITY_FLAGS                                                                    \
	(SASL_SEC_NOPLAINTEXT | SASL_SEC_NOACTIVE | SASL_SEC_NOANONYMOUS | SASL_SEC_MUTUAL_AUTH)

/* The strength of the strongest layer: privacy by a key of 256 bits. */
#define KERBEROS_MAX_SSF 256

/* Is it offered, with these words of the option? */
bool mechanism_is_wanted(const struct mechanism *mechanism, const struct option_words *wanted);

#endif

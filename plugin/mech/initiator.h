/*
 * initiator.h - what the client sides of the mechanisms share: options, the
 * service's name, and the ticket for it.
 */
#ifndef MECH_INITIATOR_H
#define MECH_INITIATOR_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "ap/ap.h"
#include "sasl/logger.h"

struct initiator {
	struct logger log;
	struct krb5_conf *conf;
	struct ccache *ccache;
	struct credential credential; /* points into the cache */
	struct principal server;      /* who is asked for; the realm may be empty */
	struct buffer host;           /* what `server` points into */
	struct buffer authid;         /* the client's identity, NUL-terminated */
	struct timestamp now;         /* this host's clock, put right by the cache's KDC offset */
	bool mutual;
};

/*
 * Reads options and krb5.conf, opens the credential cache and finds the
 * ticket for params->service at params->serverFQDN (in lower case, without a
 * final dot; the realm from [domain_realm], else whichever the cache has).
 * On failure the initiator is to be closed all the same.
 */
MUST_CHECK enum status initiator_open(struct initiator *initiator, sasl_client_params_t *params,
	const char *mechanism, struct error *err);

/* The log stays as it is, for what is left of the connection. */
void initiator_close(struct initiator *initiator);

#endif

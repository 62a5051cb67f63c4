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
	struct buffer server_storage; /* what `server` points into */
	struct buffer authid;         /* the client's identity, NUL-terminated */
	struct timestamp now;         /* this host's clock, put right by the cache's KDC offset */
	bool mutual;
};

/*
 * Reads options and krb5.conf, opens the credential cache and finds the
 * ticket for the principal that the option names, else for params->service at
 * params->serverFQDN (in lower case, without a final dot); the realm, where the
 * option gives none, from [domain_realm], else whichever the cache has. A login
 * name that the application gives has to be the ticket's if the option
 * kerberos5_credentials has `strict`.
 * On failure the initiator is to be closed all the same.
 */
MUST_CHECK enum status initiator_open(struct initiator *initiator, sasl_client_params_t *params,
	const char *mechanism, struct error *err);

/* The log stays as it is, for what is left of the connection. */
void initiator_close(struct initiator *initiator);

/*
 * Tells log and sasl_errdetail() why the login failed; gives `result` back.
 * The user reads the whole reason: it is the user's own host that it speaks of.
 */
int initiator_fail(const struct initiator *initiator, int result, const struct error *err);

/*
 * The authorization identity (prompts.h). SASL_INTERACT is for libsasl2; for
 * other results than SASL_OK and that one, `err` says what happened.
 */
int initiator_authzid(sasl_client_params_t *params, sasl_interact_t **prompts,
	struct slice *authzid, struct error *err);

#endif

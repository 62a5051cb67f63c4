/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * initiator.h - what the client sides of the mechanisms share: options, the
 * service's name, and the ticket for it.
 */
#ifndef MECH_INITIATOR_H
#define MECH_INITIATOR_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "ap/bindings.h"
#include "kdc/tickets.h"
#include "mech/mechanism.h"
#include "sasl/logger.h"
#include "sasl/options.h"
#include "sasl/prompts.h"

struct initiator {
	/* libsasl2's of the connection and of this step; set before anything is called. */
	sasl_client_params_t *params;
	sasl_interact_t **prompts;

	struct logger log;
	struct krb5_conf *conf; /* NULL: not open */
	struct option_source options;
	struct service_names service;
	const struct principal *server; /* of those, who is asked for; the realm may be empty */

	/* The ways to a ticket (CREDENTIALS_...), in order, and how far they have been gone. */
	struct option_words ways;
	unsigned tried;
	bool strict;
	struct error reasons;  /* of all that were tried */
	const char *first_way; /* which the first of them is about, until there is a second */
	struct answers answers;

	bool has_ticket;
	struct credential_box ticket;
	int64_t kdc_offset;   /* as kdc/tickets.h has it */
	struct buffer authid; /* the client's identity, NUL-terminated */
	struct timestamp now; /* this host's clock, put right by what is known of the KDC's */
	bool mutual;
	unsigned delegate; /* what is to be delegated: a word of OPTION_DELEGATE */
	bool delegates;    /* there is a ticket to: */
	struct credential_box delegated;
	enum bindings_policy bindings_policy;
	bool announces_bindings; /* as struct ap_initiator has it */
};

/*
 * Reads options and krb5.conf, and gets a ticket for the principal that the
 * option names, else for params->service at params->serverFQDN, in the ways
 * that the option kerberos5_credentials names (kdc/tickets.h): by password only
 * where it does. A login name that the application gives chooses between
 * several identities, and has to be the ticket's if the option has `strict`.
 *
 * The initiator is all zeros at first, but for params and prompts. SASL_INTERACT is for libsasl2:
 * it is then to be called again, with the user's answers, and goes on where it was; once it has a
 * ticket it asks nobody any more. For other results than SASL_OK and that one, `err` says what each
 * way lacked.
 */
int initiator_open(
	struct initiator *initiator, const struct mechanism *mechanism, struct error *err);

/*
 * The service refused the ticket, or has not answered and never will: where a
 * new one may help, the next login asks for one (kdc/refused_tickets.h). `why` is
 * what its KRB-ERROR says, KRB_AP_ERR_BAD_INTEGRITY where there was none: many
 * servers just end the exchange then.
 */
void initiator_refused(const struct initiator *initiator, enum status why);

/* params and log stay as they are, for what is left of the connection. */
void initiator_close(struct initiator *initiator);

/*
 * Tells log and sasl_errdetail() why the login failed; gives `result` back.
 * The user reads the whole reason: it is the user's own host that it speaks of.
 */
int initiator_fail(const struct initiator *initiator, int result, const struct error *err);

/*
 * The authorization identity (prompts.h), which points into the initiator.
 * SASL_INTERACT is for libsasl2; for other results than SASL_OK and that one, `err`
 * says what happened.
 */
int initiator_authzid(struct initiator *initiator, struct slice *authzid, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * acceptor.h - what the server sides of the mechanisms share: options, keys,
 * and whether a mechanism can be offered at all.
 */
#ifndef MECH_ACCEPTOR_H
#define MECH_ACCEPTOR_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "ap/ap.h"
#include "ap/bindings.h"
#include "sasl/address.h"
#include "sasl/logger.h"
#include "sasl/options.h"

struct acceptor {
	sasl_server_params_t *params; /* libsasl2's of the connection */
	struct logger log;
	struct krb5_conf *conf;
	struct option_source options;
	struct keytab *keytab; /* the snapshot of when the connection began */
	uint64_t keytab_state; /* see keytab_get() */
	struct buffer keytab_name;
	struct principal pinned; /* count == 0: any principal of the service */
	struct buffer pinned_storage;
	bool mutual_required; /* by the option; from acceptor_read() on, by the application too */
	bool sends_refusals;  /* as a message, before the login fails: kerberos5_refusal_message */
	enum bindings_policy bindings_policy;
	struct pac_demands pac;
	struct buffer required_groups;   /* what `pac` points into */
	unsigned names;                  /* a word of OPTION_NAMES (login_name.h) */
	struct local_rules *local_rules; /* the option's; NULL: none */
	int refusal; /* libsasl2's result once the login is refused (verdict.h) */
};

/*
 * Reads options and krb5.conf and takes the keytab's snapshot: one stat, no
 * file opened while keytab and krb5.conf stay as they are. Checks that there
 * is a key that could serve (ap_acceptor_check()), and warns in the log of what
 * is not right all the same (server_warnings.h). Where it fails it tells the log
 * why, as outage.h says, and the peer no more than that it is so. Gives libsasl2's
 * result; on failure the acceptor is to be closed all the same.
 */
int acceptor_begin(struct acceptor *acceptor, sasl_server_params_t *params, const char *mechanism);

/* params and log stay as they are, for what is left of the connection. */
void acceptor_close(struct acceptor *acceptor);

/* Is the mechanism to be listed even though it cannot serve (kerberos5_hide: no)? */
bool acceptor_stays_listed(const sasl_server_params_t *params, const char *mechanism);

/*
 * ap_req_read() with what the connection knows, the context emptied first.
 * Where it fails for want of a key, the keytab is looked at again: it may
 * have been replaced since the connection began, and then the token is read
 * once more.
 */
MUST_CHECK enum status acceptor_read(struct acceptor *acceptor, int32_t understood_ad_type,
	struct slice token, struct ap_context *context, struct error *err);

/*
 * Records the authenticator in the replay cache that option and krb5.conf
 * name. Errors of replay_cache_store(); what concerns this host is not fit for
 * the peer.
 */
MUST_CHECK enum status acceptor_record(
	const struct acceptor *acceptor, const struct ap_context *context, struct error *err);

/*
 * After the exchange: canonicalizes the names (identity.h) and sets the
 * properties that the application asked for. libsasl2's result, SASL_BADAUTH
 * for a name that nobody can have; for other than SASL_OK `err` says why.
 */
int acceptor_finish(const struct acceptor *acceptor, const struct ap_context *context,
	struct slice authzid, sasl_out_params_t *oparams, struct error *err);

#endif

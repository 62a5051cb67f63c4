/*
 * acceptor.h - what the server sides of the mechanisms share: options, keys,
 * and whether a mechanism can be offered at all.
 */
#ifndef MECH_ACCEPTOR_H
#define MECH_ACCEPTOR_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "ap/ap.h"
#include "sasl/address.h"
#include "sasl/logger.h"

struct acceptor {
	struct logger log;
	struct krb5_conf *conf;
	struct keytab *keytab; /* the snapshot of when the connection began */
	uint64_t keytab_state; /* see keytab_get() */
	struct buffer keytab_name;
	struct principal pinned; /* count == 0: any principal of the service */
	struct buffer pinned_storage;
	bool mutual_required; /* by the option; from acceptor_read() on, by the application too */
};

/*
 * Reads options and krb5.conf and takes the keytab's snapshot: one stat, no
 * file opened while keytab and krb5.conf stay as they are. Checks that there
 * is a key that could serve (ap_acceptor_check()), and warns in the log of a
 * keytab that everybody can read and of encryption types that OpenSSL lacks.
 * On failure the acceptor is to be closed all the same.
 */
MUST_CHECK enum status acceptor_open(struct acceptor *acceptor, sasl_server_params_t *params,
	const char *mechanism, struct error *err);

/* The log stays as it is, for what is left of the connection. */
void acceptor_close(struct acceptor *acceptor);

/*
 * Tells the log that acceptor_open() failed, and why, at SASL_LOG_ERR: once
 * for each state of the keytab and process, not with every connection.
 */
void acceptor_log_unavailable(const struct acceptor *acceptor, const struct error *err);

/* Is the mechanism to be listed even though it cannot serve (kerberos5_hide: no)? */
bool acceptor_stays_listed(const sasl_server_params_t *params, const char *mechanism);

/*
 * ap_req_read() with what the connection knows, the context emptied first.
 * Where it fails for want of a key, the keytab is looked at again: it may
 * have been replaced since the connection began, and then the token is read
 * once more.
 */
MUST_CHECK enum status acceptor_read(struct acceptor *acceptor, const sasl_server_params_t *params,
	int32_t understood_ad_type, struct slice token, struct ap_context *context,
	struct error *err);

/*
 * After the exchange: canonicalizes the names (identity.h) and sets the
 * properties that the application asked for. libsasl2's result; for other
 * than SASL_OK `err` says why.
 */
int acceptor_finish(const struct acceptor *acceptor, sasl_server_params_t *params,
	const struct ap_context *context, struct slice authzid, sasl_out_params_t *oparams,
	struct error *err);

#endif

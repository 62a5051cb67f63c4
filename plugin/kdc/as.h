/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * as.h - the AS exchange (RFC 4120 section 3.1): a client's key for a
 * ticket-granting ticket.
 *
 * Pre-authentication is by encrypted time stamp (PA-ENC-TIMESTAMP), when the
 * KDC asks for it, with a key as its PA-ETYPE-INFO2 says. The older
 * PA-ETYPE-INFO and PA-PW-SALT are not looked at: a KDC sends them to clients
 * that ask for none of the types that we ask for (sections 5.2.7.3, 5.2.7.4).
 * If the KDC says that it covers the request with a checksum, that is
 * checked (RFC 6806 section 11).
 *
 * Of a password at most two keys are made in one login (client_key.h), and the
 * time counts against the session's deadline. Nothing of a KRB-ERROR is
 * authenticated, so that who forges one chooses salt, iteration count and type
 * of the key that the time stamp is encrypted with, among the types that are
 * asked for: what is gained is one cipher text to guess the password by, with
 * tables that were computed for one salt, and with no fewer iterations than
 * the type's default. permitted_enctypes can leave the cheaper types out.
 *
 * If krb5.conf says `canonicalize`, or the name is an enterprise name, the
 * KDC may refer to another realm and may change the client's name (RFC 6806
 * sections 6 and 7): what the password proves is then sent to another realm's
 * KDC.
 */
#ifndef KDC_AS_H
#define KDC_AS_H

#include "kdc/session.h"
#include "kdc/client_key.h"
#include "store/credential.h"

#define AS_MAX_REALMS 5 /* that refer to each other */

/* Who logs in, and by what. */
struct as_login {
	const struct principal *client; /* with its realm */
	struct client_secret secret;
};

/*
 * `out` receives the ticket-granting ticket, with lifetime and flags as far as
 * krb5.conf wants them (conf/kdc_conf.h). If kdc_timesync lets it, the
 * KDC's time is taken from what it says before pre-authentication, and in the
 * end from the reply: session->offset is for the caller to keep with the ticket,
 * and without a ticket is as it was. Otherwise the ticket's time has to be
 * within clockskew of this host's.
 *
 * KDC_ERR_PREAUTH_FAILED    the password is wrong, or the keytab's key is out
 *                           of date; a primary KDC, if one is known, was asked
 *                           too, since the password may just have been changed
 * KDC_ERR_KEY_EXPIRED       the password has expired
 * KDC_ERR_CLIENT_REVOKED    locked
 * KDC_ERR_C_PRINCIPAL_UNKNOWN
 * any other error code of a KRB-ERROR, each with its sentence (refusal.h)
 * ERR_UNSUPPORTED           other pre-authentication is wanted
 * ERR_UNREACHABLE           no KDC answers
 * failures of kdc_session_enter(), client_key(), kdc_exchange() and reply_open()
 */
MUST_CHECK enum status as_get(struct kdc_session *session, const struct as_login *login,
	struct credential_box *out, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * login_name.h - as whom a client logs in, which the options kerberos5_names,
 * kerberos5_auth_to_local and kerberos5_realms decide. For acceptor.c alone.
 */
#ifndef MECH_LOGIN_NAME_H
#define MECH_LOGIN_NAME_H

#include "mech/acceptor.h"

/*
 * Reads them: acceptor->names, ->local_rules. ERR_SYNTAX for a rule that does not
 * compile, of the option or of krb5.conf, if local names are wanted; what is in
 * vain is a warning, once.
 */
MUST_CHECK enum status login_name_begin(struct acceptor *acceptor, struct error *err);

/*
 * Fills `out` with the authentication identity (identity.h) of the client of a ticket:
 *
 * - Its realm has to be one of kerberos5_realms, if that is set (KDC_ERR_POLICY).
 * - Its name must not be one that could pass for another (identity_of()).
 * - If local names are wanted, the first rule of kerberos5_auth_to_local that fits makes one,
 *   else krb5.conf (krb5_conf_local_name()); it has to pass identity_check_local().
 *   A client without one is refused if kerberos5_names is `local` (KDC_ERR_POLICY).
 * - All others are named by their principal, without realm if it is the default one.
 *
 * With keys of several realms in the keytab, the KDC of another realm than
 * the default one can make a ticket that names any client: such a ticket gives a
 * local name to that realm's own clients alone, and leaves the default realm in a name. If
 * the default realm has no key here, users and services live in different realms.
 */
MUST_CHECK enum status login_name_of(const struct acceptor *acceptor,
	const struct ap_context *context, struct buffer *out, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * delegated.h - the tickets that a client hands to the server (gss/gss_delegation.h), kept
 * in a credential cache for the programs of the server to use.
 */
#ifndef MECH_DELEGATED_H
#define MECH_DELEGATED_H

#include "gss/gss.h"
#include "mech/acceptor.h"

/* Does the option kerberos5_delegated_ccache say where to keep them? */
bool delegated_is_wanted(const struct acceptor *acceptor);

/*
 * Once the login has succeeded: makes the cache that the option names, in place of one
 * that is there (ccache_create()), of those tickets that are the client's own, and tells
 * its name in the property krb5DelegatedCCache, if the application asked for that. A cache
 * that cannot be made, and a ticket of another client, are logged; the login goes on.
 */
void delegated_keep(const struct acceptor *acceptor, const struct ap_context *context,
	const struct gss_delegated *delegated);

#endif

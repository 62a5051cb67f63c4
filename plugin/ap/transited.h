/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * transited.h - which realms a ticket passed through on its way here (RFC
 * 4120 sections 2.7, 3.3.3.2).
 */
#ifndef AP_TRANSITED_H
#define AP_TRANSITED_H

#include "asn1/der.h"
#include "conf/krb5_conf.h"

/*
 * Is a ticket for a server in `server_realm` acceptable for its path? Yes if
 * its transited list is empty (a client of this realm, or of one that shares
 * a key with it) or if it has TRANSITED-POLICY-CHECKED. Otherwise every realm
 * of the list (DOMAIN-X500-COMPRESS, type 1, expanded) has to be the client's
 * or the server's, or be allowed by [capaths], or, where [capaths] has
 * nothing on the pair, lie on the path from one to the other through the
 * realm hierarchy: up to their nearest common ancestor and down again. Realms
 * without a common ancestor are joined by no such path.
 *
 * That client and server are of one realm excuses nothing: a ticket that left
 * the realm and came back was in the hands of others.
 *
 * KRB_AP_ERR_ILL_CR_TKT, naming the realm that is not allowed; another type
 * of encoding, or a list that cannot be expanded within 32 realms and 4096
 * octets, is refused in the same way. ERR_NO_MEMORY.
 */
MUST_CHECK enum status transited_check(const struct enc_ticket_part *ticket,
	struct slice server_realm, const struct krb5_conf *conf, struct error *err);

#endif

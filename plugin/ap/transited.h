/*
 * transited.h - which realms a cross-realm ticket passed through (RFC 4120
 * sections 2.7, 3.3.3.2).
 */
#ifndef AP_TRANSITED_H
#define AP_TRANSITED_H

#include "asn1/der.h"
#include "conf/krb5_conf.h"

/*
 * Is a ticket of a client in `client_realm` for a server in `server_realm`
 * acceptable for its path? Yes if the realms are equal, the ticket has
 * TRANSITED-POLICY-CHECKED, or the transited list is empty; otherwise every
 * realm of the list (DOMAIN-X500-COMPRESS, type 1, expanded) has to be allowed
 * by [capaths], or, where [capaths] has nothing on the pair, lie on the path
 * through the realm hierarchy. KRB_AP_ERR_ILL_CR_TKT, naming the realm that is
 * not allowed; another type of encoding, or a list that cannot be expanded
 * within 32 realms and 4096 octets, is refused in the same way.
 */
MUST_CHECK enum status transited_check(const struct enc_ticket_part *ticket,
	struct slice server_realm, const struct krb5_conf *conf, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * addresses.h - network addresses, for a ticket that is to be good from these
 * alone (RFC 4120 section 5.4.1; noaddresses = false in krb5.conf).
 *
 * Each address is there once; of more than DER_MAX_ELEMENTS the first. `storage` is what
 * `out` points into.
 */
#ifndef KDC_ADDRESSES_H
#define KDC_ADDRESSES_H

#include "asn1/der.h"

/*
 * This host's: of interfaces that are up, IPv4 and IPv6, without those of the
 * loopback interface and of links alone. ERR_FILE if the system does not
 * tell, ERR_NO_MEMORY.
 */
MUST_CHECK enum status addresses_of_this_host(
	struct host_addresses *out, struct buffer *storage, struct error *err);

/*
 * Another host's, as the system's resolver has them, which is waited for as long as it
 * does. ERR_NOT_FOUND if it has none, ERR_NO_MEMORY.
 */
MUST_CHECK enum status addresses_of_host(
	struct slice host, struct host_addresses *out, struct buffer *storage, struct error *err);

#endif

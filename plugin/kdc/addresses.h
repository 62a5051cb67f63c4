/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * local_addresses.h - this host's network addresses, for a ticket that is to
 * be good from these alone (RFC 4120 section 5.4.1; noaddresses = false in
 * krb5.conf).
 */
#ifndef KDC_LOCAL_ADDRESSES_H
#define KDC_LOCAL_ADDRESSES_H

#include "asn1/der.h"

/*
 * Of interfaces that are up, IPv4 and IPv6, each once; without those of the
 * loopback interface and of links alone. Of more than DER_MAX_ELEMENTS the
 * first. `storage` is what `out` points into. ERR_FILE if the system does
 * not tell, ERR_NO_MEMORY.
 */
MUST_CHECK enum status local_addresses(
	struct host_addresses *out, struct buffer *storage, struct error *err);

#endif

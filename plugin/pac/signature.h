/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * signature.h - PAC_SIGNATURE_DATA (MS-PAC section 2.8).
 */
#ifndef PAC_SIGNATURE_H
#define PAC_SIGNATURE_H

#include "crypto/key.h"
#include "pac/pac_buffers.h"

/*
 * Verifies the server signature: the checksum by the service's key over the
 * whole PAC, with zeros in place of the server's and the KDC's signatures
 * (section 2.8.1). Only the checksum type of `key` is accepted, of RC4's less
 * than of others: with it who knows the NT hash alone could sign. The KDC's own
 * signature has to be there, but only the KDC can verify it.
 *
 * STATUS_OK, KRB_AP_ERR_MODIFIED if it does not match, KRB_AP_ERR_INAPP_CKSUM if
 * it is missing, cannot be read, or is of another type; or a fault of this host.
 */
MUST_CHECK enum status pac_signature_verify(
	const struct pac_buffers *buffers, struct key *key, struct error *err);

#endif

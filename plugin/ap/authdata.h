/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * authdata.h - authorization data, judged (RFC 4120 sections 5.2.6 and 7.5.4).
 */
#ifndef AP_AUTHDATA_H
#define AP_AUTHDATA_H

#include "asn1/der.h"
#include "crypto/key.h"

/*
 * Goes through a list that a ticket or an authenticator carried. `pac` is NULL
 * where a PAC means nothing: in an authenticator, or if none is wanted. Else it
 * becomes the PAC's octets, which nobody has verified; its `data` is NULL if there
 * is none.
 *   AD-IF-RELEVANT        opened; what is inside and not understood is passed over
 *   AD-MANDATORY-FOR-KDC  passed over: it is for the KDC
 *   AD-KDC-ISSUED         its checksum is verified with the session key (usage
 *                         19), inside AD-IF-RELEVANT too, so that nobody who
 *                         is handed the list takes for the KDC's what is not;
 *                         its elements are judged like others
 *   AD-AND-OR             evaluated: at least condition-count of its elements pass
 *   AD-WIN2K-PAC          put into `pac`, inside AD-IF-RELEVANT, and only once
 *   understood_type       passes, at the top level only, and only once; 0: none
 *   any other type        refused outside AD-IF-RELEVANT
 *
 * KDC_ERR_POLICY for an element that is not understood (with its type), and for
 * a second PAC,
 * KRB_AP_ERR_MODIFIED or KRB_AP_ERR_INAPP_CKSUM for an AD-KDC-ISSUED that
 * does not verify, ERR_SYNTAX for one that cannot be read (inside
 * AD-IF-RELEVANT too: malformed is malformed). Nesting is bounded at 8.
 */
MUST_CHECK enum status authdata_check(const struct authorization_data *list,
	int32_t understood_type, struct key *session_key, struct slice *pac, struct error *err);

#endif

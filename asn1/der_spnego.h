/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * der_spnego.h - the tokens of SPNEGO (RFC 4178 section 4.2) without GSS-API's framing.
 *
 * Read and written like the messages of der.h. A mechanism is the contents of its
 * OBJECT IDENTIFIER; a token or a MIC that is absent has data == NULL. What
 * RFC 4178 says to pass over (reqFlags), and the hints of MS-SPNG, have no place
 * in the structs: they are held to their form, and dropped.
 */
#ifndef ASN1_DER_SPNEGO_H
#define ASN1_DER_SPNEGO_H

#include "asn1/der.h"

/* NegTokenInit, and NegTokenInit2 of MS-SPNG, in which there may be no mechanism. */
struct spnego_init {
	unsigned count;
	struct slice mech[DER_MAX_ELEMENTS];
	struct slice mech_list; /* MechTypeList as it was read; not written */
	struct slice token;
	struct slice mic;
};

enum spnego_state {
	SPNEGO_ACCEPT_COMPLETED = 0,
	SPNEGO_ACCEPT_INCOMPLETE = 1,
	SPNEGO_REJECT = 2,
	SPNEGO_REQUEST_MIC = 3,
};

/* NegTokenResp. */
struct spnego_resp {
	bool has_state;
	int32_t state; /* enum spnego_state; no other is read or written */
	struct slice mech;
	struct slice token;
	struct slice mic;
};

DER_MESSAGE(spnego_init, spnego_init)
DER_READER(spnego_init2, spnego_init)
DER_MESSAGE(spnego_resp, spnego_resp)

#endif

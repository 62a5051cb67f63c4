/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * delegation.h - a delegated credential, and the authenticator's checksum
 * around it, as an initiator of somebody else's makes them.
 */
#ifndef TESTS_SUPPORT_DELEGATION_H
#define TESTS_SUPPORT_DELEGATION_H

#include "asn1/der_cred.h"
#include "gss/gss_checksum.h"
#include "tests/support/exchange.h"

struct delegation {
	struct krb_cred cred; /* all but the cipher, which is made of `part` */
	struct enc_krb_cred_part part;
	struct key *key; /* that it is encrypted with; NULL: it is not */
	uint32_t usage;
	struct buffer storage;
};

/* alice's ticket-granting ticket, forwarded, in the session key of the ticket for the service. */
void delegation_open(struct delegation *d, const struct exchange *x);

void delegation_close(struct delegation *d);

/* Appends the KRB-CRED that encloses this instead of the encrypted `part`. */
void delegation_enclose(struct delegation *d, struct slice plain, struct buffer *out);

void delegation_make(struct delegation *d, struct buffer *out);

/* Appends a checksum of these flags that carries it. */
void delegation_checksum(uint32_t flags, struct slice krb_cred, struct buffer *out);

#endif

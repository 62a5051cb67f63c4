/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * credential.h - a ticket, and what its client knows about it (RFC 4120
 * section 3.1.5: what the client keeps of a reply): names, session key,
 * times, flags.
 *
 * A struct credential borrows: a credential cache, a message or a box owns
 * what its slices point into. A box owns one credential whole.
 */
#ifndef STORE_CREDENTIAL_H
#define STORE_CREDENTIAL_H

#include "base/error.h"
#include "base/principal.h"

struct credential {
	struct principal client;
	struct principal server;
	int32_t key_type; /* the session key's encryption type */
	struct slice key; /* secret */
	int64_t authtime;
	int64_t starttime; /* authtime where the cache has none */
	int64_t endtime;
	int64_t renew_till;  /* 0 where it has none */
	uint32_t flags;      /* TicketFlags, as in asn1/der.h */
	struct slice ticket; /* DER */
};

/* All zeros is a box with nothing in it. */
struct credential_box {
	struct credential credential; /* points into `storage` */
	struct buffer storage;        /* secret */
};

/*
 * Puts a copy into the box, in place of what was there. `in` may be the
 * box's own credential. ERR_NO_MEMORY; the box stays as it was then.
 */
MUST_CHECK enum status credential_copy(
	const struct credential *in, struct credential_box *out, struct error *err);

void credential_box_clear(struct credential_box *box); /* wipes, and leaves an empty one */
#define AUTO_CREDENTIAL_BOX __attribute__((cleanup(credential_box_clear))) struct credential_box

#endif

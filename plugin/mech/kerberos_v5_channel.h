/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kerberos_v5_channel.h - channel bindings in KERBEROS_V5: a client whose
 * application has bindings sends their hash in its authenticator, as
 * authorization data of a type of ours inside AD-IF-RELEVANT, so that a server
 * without them passes over it. doc/kerberos_v5.txt has the octets.
 */
#ifndef MECH_KERBEROS_V5_CHANNEL_H
#define MECH_KERBEROS_V5_CHANNEL_H

#include <sasl/sasl.h>

#include "asn1/der.h"
#include "crypto/digest.h"

/* The type of the element, whose data is the hash. */
#define AD_KERBEROS_V5_CHANNEL (-2)

/*
 * SHA-256 over the name of the bindings' type, an octet of zero, and their data.
 * The name is in it, because libsasl2's other mechanisms take only bindings of
 * one name for the same, and because two types could have equal data.
 */
struct channel_hash {
	unsigned char octets[SHA256_LENGTH];
};

/* ERR_CRYPTO, ERR_NO_MEMORY. */
MUST_CHECK enum status channel_hash_of(
	const sasl_channel_binding_t *binding, struct channel_hash *out, struct error *err);

/* In constant time. `sent` has the hash's length. */
bool channel_hash_equal(const struct channel_hash *hash, struct slice sent);

/* Appends the AD-IF-RELEVANT's data: a list with the one element. ERR_NO_MEMORY. */
MUST_CHECK enum status channel_hash_write(
	const struct channel_hash *hash, struct buffer *out, struct error *err);

/*
 * The hash in an authenticator's list; `sent` is empty if there is none, and
 * points into the list otherwise. ERR_SYNTAX for another length, and for a
 * second one: nobody is to read another one than was judged.
 */
MUST_CHECK enum status channel_hash_find(
	const struct authorization_data *list, struct slice *sent, struct error *err);

#endif

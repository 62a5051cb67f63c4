/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * client_key.h - the client's long-term key: from its keytab, or from its
 * password by the KDC's prescription (RFC 4120 section 5.2.7.5, RFC 3961
 * string-to-key).
 */
#ifndef KDC_CLIENT_KEY_H
#define KDC_CLIENT_KEY_H

#include "asn1/der_kdc.h"
#include "crypto/key.h"
#include "store/keytab.h"

/* Exactly one of the two. */
struct client_secret {
	const struct keytab *keytab;
	struct slice password; /* used if there is no keytab; borrowed, secret */
};

/*
 * Those of `types` for which a key can be had: for a keytab, the types of its
 * entries for `client`. ERR_NOT_FOUND, naming keytab and types, if it has
 * none.
 */
MUST_CHECK enum status client_key_types(const struct client_secret *secret,
	const struct principal *client, const struct enctype_list *types, struct enctype_list *out,
	struct error *err);

/*
 * The keys that one login made of its password. A salt and an iteration count
 * come in clear, and may be a forger's: each key costs time, and a time stamp
 * that is encrypted with it lets the forger guess the password by a table that
 * was computed for that salt beforehand. So there are two at most (the KDC's
 * copy of the database, and the primary one's), and one that was made is not
 * made again.
 */
#define CLIENT_MAX_DERIVATIONS 2

struct client_keys {
	const struct client_secret *secret;
	int64_t deadline; /* monotonic_milliseconds(): nothing is derived beyond it */
	unsigned count;
	struct derivation {
		int32_t etype;
		struct buffer salt;
		struct buffer parameters;
		struct key *key;
	} made[CLIENT_MAX_DERIVATIONS];
};

void client_keys_clear(struct client_keys *keys); /* the secret and the deadline stay */

/*
 * The key as `info` prescribes it. If it has no salt, that is the realm
 * followed by the name's components. Of a keytab's keys of that type the
 * newest is taken.
 *
 * The caller has seen to it that the type is one that was asked for. Refused
 * before anything is derived: parameters of another length than four octets,
 * an iteration count below the type's default or above 2^20, an empty password
 * (ERR_SYNTAX); a third key of a password, and one that would not be ready by
 * the deadline (ERR_UNSUPPORTED). ERR_NOT_FOUND, KDC_ERR_ETYPE_NOSUPP,
 * ERR_NO_MEMORY, ERR_CRYPTO.
 */
MUST_CHECK enum status client_key(struct client_keys *keys, const struct principal *client,
	const struct etype_info2_entry *info, struct key **out, struct error *err);

#endif

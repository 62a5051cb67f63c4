/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * key.h - a protocol key and what is done with it (RFC 3961 sections 3, 4
 * and 5; RFC 3962, 6803, 8009).
 *
 * A struct key holds a protocol key and, once they have been needed, the
 * working keys of each key usage with their OpenSSL contexts: deriving is
 * done once, nothing is fetched per message. A key may be used by several
 * threads at once without a lock; it is wiped when it is released.
 */
#ifndef CRYPTO_KEY_H
#define CRYPTO_KEY_H

#include "asn1/der.h"
#include "crypto/enctype.h"

/* Key usage numbers, RFC 4120 section 7.5.1; those of GSS-API's tokens, RFC 4121 section 2. */
enum {
	USAGE_AS_REQ_TIMESTAMP = 1,
	USAGE_TICKET = 2,
	USAGE_AS_REP = 3,
	USAGE_TGS_REQ_CHECKSUM = 6,
	USAGE_TGS_REQ_AUTHENTICATOR = 7,
	USAGE_TGS_REP = 8,
	USAGE_AP_REQ_CHECKSUM = 10,
	USAGE_AP_REQ_AUTHENTICATOR = 11,
	USAGE_AP_REP = 12,
	USAGE_KRB_PRIV = 13,
	USAGE_KRB_CRED = 14,
	USAGE_KRB_SAFE = 15,
	USAGE_PAC_SIGNATURE = 17, /* MS-PAC section 2.8.1 */
	USAGE_AD_KDC_ISSUED = 19,
	USAGE_ACCEPTOR_SEAL = 22,
	USAGE_ACCEPTOR_SIGN = 23,
	USAGE_INITIATOR_SEAL = 24,
	USAGE_INITIATOR_SIGN = 25,
	USAGE_AS_REQ = 56, /* RFC 6806 section 11 */
};

#define KEY_MAX_LENGTH 32
#define CHECKSUM_MAX_LENGTH 24
#define KEY_TEXT_MAX (1u << 30) /* octets of plain text in one message */

struct key;

/*
 * A key from its octets, which are copied. ERR_SYNTAX for a wrong length,
 * KDC_ERR_ETYPE_NOSUPP for an enctype that enctype_by_number() refuses,
 * ERR_NO_MEMORY. *out is NULL on failure.
 */
MUST_CHECK enum status key_new(
	int32_t enctype, struct slice octets, struct key **out, struct error *err);

/* A fresh random one. ERR_CRYPTO if there is no randomness. */
MUST_CHECK enum status key_random(const struct enctype *type, struct key **out, struct error *err);

/* Seconds; more would let a peer keep us busy. */
#define KEY_MAX_ITERATIONS (1u << 20)

/* What RFC 3961's string-to-key takes. */
struct password {
	struct slice octets;
	struct slice salt;
	struct slice parameters; /* four octets of iteration count in network order; empty: the
				    type's default */
};

/*
 * RFC 3961 string-to-key with PBKDF2. ERR_SYNTAX for parameters of another
 * length, a count of 0 or above 2^20 (zero, which RFC 3962 reads as 2^32, is
 * refused too), a password or salt above 64 KiB.
 */
MUST_CHECK enum status key_from_password(const struct enctype *type,
	const struct password *password, struct key **out, struct error *err);

/* A second holder of the same key; never fails, never copies. NULL is allowed. */
struct key *key_ref(struct key *key);
void key_release(struct key *key); /* NULL is allowed */
void key_release_at(struct key **key);
#define AUTO_KEY __attribute__((cleanup(key_release_at))) struct key *

const struct enctype *key_type(const struct key *key);
struct slice key_octets(const struct key *key); /* secret */

/*
 * Encrypts in place. `data` holds enctype_confounder_length() octets of room,
 * `plain_length` octets of plain text, and room for the rest of
 * enctype_overhead(); afterwards plain_length + overhead octets of cipher
 * text. ERR_CRYPTO, ERR_NO_MEMORY; then `data` is wiped, except where
 * plain_length is above KEY_TEXT_MAX and nothing was touched.
 */
MUST_CHECK enum status key_encrypt_in_place(struct key *key, uint32_t usage, unsigned char *data,
	size_t plain_length, struct error *err);

/* The same from a slice outside `out`, appended to it. */
MUST_CHECK enum status key_encrypt(
	struct key *key, uint32_t usage, struct slice plain, struct buffer *out, struct error *err);

/*
 * Decrypts and verifies. `plain` is cleared, so `cipher` lies elsewhere, and
 * receives the plain text. KRB_AP_ERR_BAD_INTEGRITY for anything that was not
 * made with this key and usage, too short a text included; `plain` is empty
 * then.
 */
MUST_CHECK enum status key_decrypt(struct key *key, uint32_t usage, struct slice cipher,
	struct buffer *plain, struct error *err);

/*
 * The same for long texts, which would else be copied: the plain text is
 * appended to `out` by decrypting it to there. The cipher text is in two
 * pieces, of which one may be empty; where neither is, they are first put
 * together. They lie outside `out`, which has what it had on failure.
 */
MUST_CHECK enum status key_decrypt_append(struct key *key, uint32_t usage,
	const struct slice cipher[2], struct buffer *out, struct error *err);

/*
 * The mandatory checksum of the key's type over the pieces. `out` receives
 * enctype_checksum_length() octets.
 */
MUST_CHECK enum status key_checksum(struct key *key, uint32_t usage, struct pieces pieces,
	unsigned char out[CHECKSUM_MAX_LENGTH], struct error *err);

/*
 * KRB_AP_ERR_INAPP_CKSUM if the checksum's type is not the key's mandatory
 * one, KRB_AP_ERR_MODIFIED if its value or length is wrong. Constant-time in
 * the value.
 */
MUST_CHECK enum status key_verify_checksum(struct key *key, uint32_t usage, struct pieces pieces,
	const struct checksum *checksum, struct error *err);

#endif

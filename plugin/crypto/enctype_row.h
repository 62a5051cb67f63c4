/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * enctype_row.h - what one row of the table of encryption types says; for
 * the files of crypto/ alone.
 */
#ifndef CRYPTO_ENCTYPE_ROW_H
#define CRYPTO_ENCTYPE_ROW_H

#include "crypto/derive.h"
#include "crypto/enctype.h"

#define BLOCK_LENGTH 16      /* AES and Camellia alike */
#define CONFOUNDER_LENGTH 16 /* likewise */

struct enctype {
	int32_t number;
	int32_t checksum_type;
	const char *name;
	unsigned strength;     /* bits */
	size_t key_length;     /* the protocol key and Ke */
	size_t mac_key_length; /* Ki and Kc */
	size_t tag_length;     /* what follows a cipher text; a checksum */
	bool tag_over_cipher;  /* and the initial vector (RFC 8009), not the plain text */

	derive_function *derive;

	uint32_t iterations;  /* of PBKDF2 by default */
	bool salt_names_type; /* RFC 6803 and 8009 put the type's name and a zero before the salt */

	/* OpenSSL's names. */
	const char *cts_cipher;
	const char *block_cipher; /* with which RFC 3961 derives; NULL if the MAC does it */
	const char *mac;
	const char *mac_parameter; /* "digest" or "cipher", and which */
	const char *mac_algorithm;
	const char *digest; /* PBKDF2's */
};

/* By rank. */
extern const struct enctype enctype_table[ENCTYPE_COUNT];

/* enctype_by_number() with a status. */
MUST_CHECK enum status enctype_find(int32_t number, const struct enctype **out, struct error *err);

#endif

/*
 * prf.h - the pseudo-random functions of the encryption types.
 */
#ifndef CRYPTO_PRF_H
#define CRYPTO_PRF_H

#include "base/bytes.h"
#include "base/error.h"

struct key;

/* `out` receives the type's prf_length octets. Fails only as OpenSSL does. */
typedef enum status prf_function(
	struct key *key, struct slice input, unsigned char *out, struct error *err);

prf_function prf_by_cipher; /* RFC 3961 section 5.3 */
prf_function prf_cmac;      /* RFC 6803 section 6 */
prf_function prf_hmac_sha2; /* RFC 8009 section 5 */

#endif

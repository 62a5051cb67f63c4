/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * digest.h - hashes without a key, where a protocol asks for one.
 */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include "base/bytes.h"
#include "base/error.h"

#define MD5_LENGTH 16
#define SHA256_LENGTH 32

/*
 * MD5 protects nothing any more; what it tells apart has to be secured by
 * other means. ERR_CRYPTO if no provider of OpenSSL has it (the FIPS provider
 * alone has not), or it fails; ERR_NO_MEMORY.
 */
MUST_CHECK enum status digest_md5(
	struct slice data, unsigned char out[MD5_LENGTH], struct error *err);

/* ERR_CRYPTO, ERR_NO_MEMORY. */
MUST_CHECK enum status digest_sha256(
	struct slice data, unsigned char out[SHA256_LENGTH], struct error *err);

#endif

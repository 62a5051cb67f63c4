/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * siphash.h - SipHash-2-4 with a result of 64 bits (Aumasson and Bernstein,
 * "SipHash: a fast short-input PRF"), by which a replay cache places its
 * records. It keeps nothing secret and proves nothing, so it does not depend
 * on what OpenSSL's providers offer: the FIPS provider has no SipHash.
 */
#ifndef CRYPTO_SIPHASH_H
#define CRYPTO_SIPHASH_H

#include <stdint.h>

#include "base/bytes.h"

#define SIPHASH_KEY_LENGTH 16

/* The number that the paper gives, whose least significant octet is the first. */
uint64_t siphash24(const unsigned char key[SIPHASH_KEY_LENGTH], struct slice message);

#endif

/*
 * siphash.h - SipHash-2-4 with a result of 64 bits (Aumasson and Bernstein,
 * "SipHash: a fast short-input PRF"), by which a replay cache places its
 * records.
 */
#ifndef CRYPTO_SIPHASH_H
#define CRYPTO_SIPHASH_H

#include "base/bytes.h"
#include "base/error.h"

#define SIPHASH_KEY_LENGTH 16

/* What OpenSSL computes with; may be used for any number of keys, by one thread at a time. */
struct siphash {
	void *mac;
};

/*
 * ERR_CRYPTO where OpenSSL has no SipHash (its FIPS provider has none, and the
 * default provider may not be loaded), or fails; ERR_NO_MEMORY.
 */
MUST_CHECK enum status siphash_open(struct siphash *out, struct error *err);
void siphash_close(struct siphash *siphash);
#define AUTO_SIPHASH __attribute__((cleanup(siphash_close))) struct siphash

/* The number that the paper gives, whose least significant octet is the first. ERR_CRYPTO. */
MUST_CHECK enum status siphash24(struct siphash *siphash,
	const unsigned char key[SIPHASH_KEY_LENGTH], struct slice message, uint64_t *out,
	struct error *err);

#endif

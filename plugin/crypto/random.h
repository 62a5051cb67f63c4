/*
 * random.h - OpenSSL's random octets.
 */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include <stddef.h>

#include "base/error.h"

/* ERR_CRYPTO where there is no randomness, or `len` is above 2^31 - 1. */
MUST_CHECK enum status random_octets(void *out, size_t len, struct error *err);

#endif

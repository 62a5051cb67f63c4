/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * random.h - OpenSSL's random octets, from a stock: a call of OpenSSL's costs
 * more than all else that a short message needs, and a system call.
 *
 * No octet is given twice: what was given out is wiped from the stock, and a
 * child process does not use the stock that its parent has too. Any thread may
 * call these functions at any time.
 */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include <stddef.h>

#include "base/error.h"

/* For what others may see: nonces, sequence numbers, confounders. ERR_CRYPTO, ERR_NO_MEMORY. */
MUST_CHECK enum status random_octets(void *out, size_t len, struct error *err);

/* For keys: from the generator that OpenSSL keeps for them. The same errors. */
MUST_CHECK enum status random_secret(void *out, size_t len, struct error *err);

/* Wipes and frees what is in stock; crypto_close() calls it. */
void random_close(void);

#endif

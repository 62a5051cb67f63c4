/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nfold.h - stretching a constant to the size of a block (RFC 3961 section 5.1).
 */
#ifndef CRYPTO_NFOLD_H
#define CRYPTO_NFOLD_H

#include "base/bytes.h"

#define NFOLD_MAX 32

/* `in` is not empty; `out` receives `out_length` octets, 1 to NFOLD_MAX. */
void nfold(struct slice in, unsigned char *out, size_t out_length);

#endif

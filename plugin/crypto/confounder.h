/*
 * confounder.h - random octets, one block for each message, drawn from
 * OpenSSL sixteen blocks at a time: a call of RAND_bytes() costs more than
 * encrypting a short message.
 */
#ifndef CRYPTO_CONFOUNDER_H
#define CRYPTO_CONFOUNDER_H

#include "base/error.h"

#define CONFOUNDER_LENGTH 16

/* Zeros are an empty stock. One thread at a time; wiped by whoever frees it. */
struct confounders {
	unsigned char octets[16 * CONFOUNDER_LENGTH];
	unsigned left;  /* of them, not given out */
	unsigned forks; /* in which process the stock was filled */
};

/*
 * Never gives the same block twice: what has been given is wiped, and a child
 * process does not use the stock that its parent has too. ERR_CRYPTO.
 */
MUST_CHECK enum status confounder_draw(
	struct confounders *c, unsigned char out[CONFOUNDER_LENGTH], struct error *err);

#endif

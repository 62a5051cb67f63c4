/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/derive.h"

#include <pthread.h>
#include <string.h>

#include "crypto/enctype_row.h"
#include "crypto/key.h"
#include "crypto/nfold.h"
#include "crypto/prepared.h"

/* What RFC 3961 section 5.3 appends to a usage: these constants are folded once. */
static const unsigned char last_octets[] = {0x99, 0xAA, 0x55};
enum { FOLDED_USAGES = 32, LAST_OCTETS = sizeof last_octets, CONSTANT_LENGTH = 5 };
static unsigned char folded[FOLDED_USAGES][LAST_OCTETS][BLOCK_LENGTH];
static pthread_once_t folding = PTHREAD_ONCE_INIT;

static void fold_constants(void)
{
	unsigned char constant[CONSTANT_LENGTH];
	for (uint32_t usage = 0; usage < FOLDED_USAGES; usage++)
		for (size_t i = 0; i < LAST_OCTETS; i++) {
			store_u32(constant, usage);
			constant[4] = last_octets[i];
			nfold(slice_of(constant, sizeof constant), folded[usage][i], BLOCK_LENGTH);
		}
}

static void fold(struct slice constant, unsigned char out[BLOCK_LENGTH])
{
	const unsigned char *c = constant.data;
	if (constant.len == CONSTANT_LENGTH && !c[0] && !c[1] && !c[2] && c[3] < FOLDED_USAGES) {
		pthread_once(&folding, fold_constants);
		for (size_t i = 0; i < LAST_OCTETS; i++)
			if (c[4] == last_octets[i]) {
				memcpy(out, folded[c[3]][i], BLOCK_LENGTH);
				return;
			}
	}
	nfold(constant, out, BLOCK_LENGTH);
}

enum status derive_by_cipher(struct prepared *base, struct slice constant, unsigned char *out,
	size_t length, struct error *err)
{
	unsigned char block[BLOCK_LENGTH];
	enum status status = STATUS_OK;

	fold(constant, block);
	for (size_t done = 0; !status && done < length; done += sizeof block) {
		size_t part = length - done < sizeof block ? length - done : sizeof block;
		status = prepared_block(base, block, block, err);
		if (!status)
			memcpy(out + done, block, part);
	}
	wipe(block, sizeof block);
	return status;
}

/* K(i) = CMAC(key, K(i-1) | i | constant | 0 | length in bits), K(0) all zeros. */
enum status derive_feedback_cmac(struct prepared *base, struct slice constant, unsigned char *out,
	size_t length, struct error *err)
{
	unsigned char previous[BLOCK_LENGTH] = {0}, counter[4], bits[4];
	const struct slice input[] = {
		slice_of(previous, sizeof previous),
		slice_of(counter, sizeof counter),
		constant,
		slice_of("", 1),
		slice_of(bits, sizeof bits),
	};
	enum status status = STATUS_OK;

	store_u32(bits, (uint32_t)(8 * length));
	for (size_t done = 0; !status && done < length; done += sizeof previous) {
		size_t part = length - done < sizeof previous ? length - done : sizeof previous;
		store_u32(counter, (uint32_t)(done / sizeof previous + 1));
		status = prepared_mac(base, (struct pieces){input, sizeof input / sizeof *input},
			previous, sizeof previous, err);
		if (!status)
			memcpy(out + done, previous, part);
	}
	wipe(previous, sizeof previous);
	return status;
}

/*
 * HMAC(key, 1 | constant | 0 | length in bits), truncated: the counter never goes
 * beyond 1, since no type wants more than its hash gives.
 */
enum status derive_hmac_sha2(struct prepared *base, struct slice constant, unsigned char *out,
	size_t length, struct error *err)
{
	static const unsigned char counter[4] = {0, 0, 0, 1};
	unsigned char bits[4];
	store_u32(bits, (uint32_t)(8 * length));
	const struct slice input[] = {
		slice_of(counter, sizeof counter),
		constant,
		slice_of("", 1),
		slice_of(bits, sizeof bits),
	};
	return prepared_mac(
		base, (struct pieces){input, sizeof input / sizeof *input}, out, length, err);
}

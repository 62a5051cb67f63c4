#include "crypto/derive.h"

#include <string.h>

#include "crypto/enctype_row.h"
#include "crypto/key.h"
#include "crypto/nfold.h"
#include "crypto/prepared.h"

enum status derive_by_cipher(struct prepared *base, struct slice constant, unsigned char *out,
	size_t length, struct error *err)
{
	unsigned char block[BLOCK_LENGTH];
	enum status status = STATUS_OK;

	nfold(constant, block, sizeof block);
	for (size_t done = 0; done < length && !status; done += sizeof block) {
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
	for (size_t done = 0; done < length && !status; done += sizeof previous) {
		size_t part = length - done < sizeof previous ? length - done : sizeof previous;
		store_u32(counter, (uint32_t)(done / sizeof previous + 1));
		status = prepared_mac(
			base, input, sizeof input / sizeof *input, previous, sizeof previous, err);
		if (!status)
			memcpy(out + done, previous, part);
	}
	wipe(previous, sizeof previous);
	return status;
}

/*
 * HMAC(key, 1 | label | 0 | context | length in bits), truncated: the counter
 * never goes beyond 1, since no type wants more than its hash gives.
 */
enum status derive_hmac_sha2_context(struct prepared *base, struct slice label,
	struct slice context, unsigned char *out, size_t length, struct error *err)
{
	static const unsigned char counter[4] = {0, 0, 0, 1};
	unsigned char bits[4];
	store_u32(bits, (uint32_t)(8 * length));
	const struct slice input[] = {
		slice_of(counter, sizeof counter),
		label,
		slice_of("", 1),
		context,
		slice_of(bits, sizeof bits),
	};
	return prepared_mac(base, input, sizeof input / sizeof *input, out, length, err);
}

enum status derive_hmac_sha2(struct prepared *base, struct slice constant, unsigned char *out,
	size_t length, struct error *err)
{
	return derive_hmac_sha2_context(base, constant, SLICE_EMPTY, out, length, err);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/nfold.h"

/* The eight bits of `in`, taken as a ring, that start at `bit`. */
static unsigned ring_octet(struct slice in, size_t bit)
{
	size_t first = bit / 8, second = first + 1 == in.len ? 0 : first + 1;
	unsigned pair = (unsigned)in.data[first] << 8 | in.data[second];
	return pair >> (8 - bit % 8) & 0xff;
}

/*
 * The sums are the octets of a number whose octets have outgrown 255. What
 * is carried out of the first comes back into the last: 1's complement.
 */
static void carry_around(uint32_t *sums, size_t count)
{
	uint32_t carry = 0;
	do {
		for (size_t i = count; i > 0; i--) {
			carry += sums[i - 1];
			sums[i - 1] = carry & 0xff;
			carry >>= 8;
		}
	} while (carry > 0);
}

void nfold(struct slice in, unsigned char *out, size_t out_length)
{
	uint32_t sums[NFOLD_MAX] = {0};
	size_t bits = 8 * in.len;
	size_t start = 0, turn = 13 % bits; /* each copy is rotated right by 13 bits more */
	size_t in_copy = 0, place = 0;

	/* Until an end of a copy meets the end of the output: their least common multiple. */
	do {
		size_t bit = start + 8 * in_copy;
		sums[place] += ring_octet(in, bit < bits ? bit : bit - bits);
		if (++place == out_length)
			place = 0;
		if (++in_copy == in.len) {
			in_copy = 0;
			start = start >= turn ? start - turn : start + bits - turn;
		}
	} while (in_copy > 0 || place > 0);

	carry_around(sums, out_length);
	for (size_t i = 0; i < out_length; i++)
		out[i] = (unsigned char)sums[i];
}

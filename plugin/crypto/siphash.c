/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/siphash.h"

/* Up to eight octets, the least significant first. */
static uint64_t read_word(const unsigned char *octets, size_t count)
{
	uint64_t word = 0;
	while (count-- > 0)
		word = word << 8 | octets[count];
	return word;
}

static uint64_t rotate_left(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

/* The state, v0 to v3 of the paper. */
struct sip {
	uint64_t v0, v1, v2, v3;
};

/* SipRound, section 2.2, figure 2.1. */
static void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotate_left(s->v1, 13) ^ s->v0;
	s->v0 = rotate_left(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate_left(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate_left(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate_left(s->v1, 17) ^ s->v2;
	s->v2 = rotate_left(s->v2, 32);
}

/* Two rounds for each word: the 2 of the name. */
static void compress(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

uint64_t siphash24(const unsigned char key[SIPHASH_KEY_LENGTH], struct slice message)
{
	uint64_t k0 = read_word(key, 8), k1 = read_word(key + 8, 8);
	struct sip s = {
		/* "somepseudorandomlygeneratedbytes" */
		k0 ^ UINT64_C(0x736f6d6570736575),
		k1 ^ UINT64_C(0x646f72616e646f6d),
		k0 ^ UINT64_C(0x6c7967656e657261),
		k1 ^ UINT64_C(0x7465646279746573),
	};
	size_t whole = message.len - message.len % 8;
	for (size_t at = 0; at < whole; at += 8)
		compress(&s, read_word(message.data + at, 8));
	/* The last word ends in the length, modulo 256. */
	uint64_t rest = whole < message.len ? read_word(message.data + whole, message.len % 8) : 0;
	compress(&s, (uint64_t)message.len << 56 | rest);
	s.v2 ^= 0xff;
	for (unsigned i = 0; i < 4; i++) /* the 4 */
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

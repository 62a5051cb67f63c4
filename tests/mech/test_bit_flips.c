/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every bit of every message of KERBEROS_V5 counts: turned over, it is noticed,
 * but for those that RFC 4120 leaves unauthenticated, which are listed here.
 */
#include <string.h>

#include "tests/support/login_fixture.h"
#include "tests/support/suite.h"

/* One login with one bit of one message turned over; true if both sides were content. */
static bool run_with_flip(int message, size_t bit, size_t *bits)
{
	struct pair pair;
	pair_open(&pair, &(struct pair_setup){0});
	assert_true(pair_start(&pair));
	for (int i = 0; i < message; i++)
		assert_true(pair_step(&pair));
	*bits = pair.token.len * 8;
	bool good = bit < *bits; /* some logins' messages are an octet shorter */
	if (good)
		pair.token.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
	for (int i = 0; i < 4 && good && !pair_done(&pair); i++)
		good = pair_step(&pair);
	good = good && pair_done(&pair);
	pair_close(&pair);
	return good;
}

static void every_bit_of_the_challenge_counts(void **state UNUSED)
{
	size_t bits = 1;
	for (size_t bit = 0; bit < bits; bit++)
		if (run_with_flip(0, bit, &bits))
			fail_msg("bit %zu of the challenge was turned over unnoticed", bit);
	assert_int_equal(bits, 21 * 8);
}

/*
 * What RFC 4120 leaves unauthenticated in an AP-REQ: the reserved bits of
 * ap-options, and the type of the service's name. Found by their place in
 * the encoding of this test's own ticket.
 */
struct open_place {
	const char *name;
	struct slice before; /* octets that stand right before it */
	unsigned char mask;  /* the bits of the first octet behind them that may differ */
	size_t length;       /* octets of which every bit of `mask` may differ */
};

static const struct open_place open_places[] = {
	{"ap-options, bit 0 and bits 3 to 7 (reserved)", SLICE_LITERAL("\xa2\x07\x03\x05\x00"),
		0x9f, 1},
	{"ap-options, bits 8 to 31 (reserved)", SLICE_LITERAL("\xa2\x07\x03\x05\x00\x20"), 0xff, 3},
	{"ticket.sname.name-type", SLICE_LITERAL("\xa0\x03\x02\x01"), 0xff, 1},
};

static const unsigned char *find_octets(struct slice token, struct slice octets)
{
	return memmem(token.data, token.len, octets.data, octets.len);
}

static bool is_open(struct slice token, size_t bit)
{
	for (size_t i = 0; i < sizeof open_places / sizeof *open_places; i++) {
		const struct open_place *place = &open_places[i];
		struct slice from = token;
		if (i == 2) { /* inside the ticket, behind its realm */
			const unsigned char *realm = find_octets(token, SLICE_LITERAL(REALM_NAME));
			from = slice_of(realm, token.len - (size_t)(realm - token.data));
		}
		const unsigned char *at = find_octets(from, place->before);
		assert_non_null(at);
		size_t start = (size_t)(at - token.data) + place->before.len;
		if (bit / 8 >= start && bit / 8 < start + place->length &&
			(place->mask >> bit % 8 & 1) != 0)
			return true;
	}
	return false;
}

static void every_bit_of_the_ap_req_counts(void **state UNUSED)
{
	struct pair pair;
	pair_open(&pair, &(struct pair_setup){0});
	assert_true(pair_start(&pair) && pair_step(&pair));
	size_t bits = 1;
	for (size_t bit = 0; bit < bits; bit++) {
		bool good = run_with_flip(1, bit, &bits);
		bool may = is_open(buffer_slice(&pair.token), bit);
		if (good != may)
			fail_msg("bit %zu of the AP-REQ (octet %zu) was turned over and %s", bit,
				bit / 8, good ? "accepted" : "refused, though it is listed");
	}
	pair_close(&pair);
}

static void every_bit_of_the_ap_rep_counts(void **state UNUSED)
{
	size_t bits = 1;
	for (size_t bit = 0; bit < bits; bit++)
		if (run_with_flip(2, bit, &bits))
			fail_msg("bit %zu of the AP-REP was turned over unnoticed", bit);
	assert_true(bits > 8 * 50);
}

static void an_ap_req_cut_short_is_refused_at_every_length(void **state UNUSED)
{
	size_t whole = 2;
	for (size_t len = 0; len < whole; len++) {
		struct pair pair;
		pair_open(&pair, &(struct pair_setup){0});
		assert_true(pair_start(&pair) && pair_step(&pair));
		whole = pair.token.len;
		pair.token.len = len;
		bool stepped = pair_step(&pair);
		assert_int_not_equal(pair.server.result, SASL_OK);
		if (len == 0)
			assert_true(stepped); /* an empty message is not an AP-REQ */
		else
			assert_int_equal(pair.server.result, SASL_BADAUTH);
		pair_close(&pair);
	}
	assert_true(whole > 400);
}

SUITE(test_bit_flips)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(every_bit_of_the_challenge_counts),
		LOGIN_CASE(every_bit_of_the_ap_req_counts),
		LOGIN_CASE(every_bit_of_the_ap_rep_counts),
		LOGIN_CASE(an_ap_req_cut_short_is_refused_at_every_length),
	};
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "pac/signature.h"
#include "tests/support/assertions.h"
#include "tests/support/exchange.h"
#include "tests/support/pac_maker.h"
#include "tests/support/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct key *key;
static struct buffer pac;

static int start(void **state)
{
	(void)state;
	struct mint_account account = mint_account(EXCHANGE_NOW);
	key = exchange_key(ENCTYPE_AES256_SHA1, 1);
	mint_account_pac(&account, key, &pac);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	key_release(key);
	buffer_free(&pac);
	return 0;
}

static enum status verify(struct key *with, struct error *err)
{
	struct pac_buffers buffers;
	assert_success(pac_buffers_read(buffer_slice(&pac), &buffers, err), err);
	return pac_signature_verify(&buffers, with, err);
}

static void refused(struct key *with, enum status status, const char *reason)
{
	NEW_ERROR(err);
	assert_int_equal(verify(with, &err), status);
	assert_in(err.text, reason);
}

/* Where a buffer's octets are in `pac`. */
static unsigned char *at(uint32_t type)
{
	NEW_ERROR(err);
	struct pac_buffers buffers;
	assert_success(pac_buffers_read(buffer_slice(&pac), &buffers, &err), &err);
	return pac.data + (pac_buffers_find(&buffers, type)->data.data - pac.data);
}

/* The PAC_INFO_BUFFER of a type. */
static unsigned char *info_of(uint32_t type)
{
	for (unsigned char *info = pac.data + 8;; info += 16)
		if (info[0] == type)
			return info;
}

static void each_enctype_verifies_its_own(void **state)
{
	(void)state;
	const struct enctype *type;
	for (unsigned rank = 0; (type = enctype_by_rank(rank)); rank++) {
		NEW_ERROR(err);
		AUTO_KEY own = exchange_key(enctype_number(type), 3);
		struct mint_account account = mint_account(EXCHANGE_NOW);
		buffer_free(&pac);
		mint_account_pac(&account, own, &pac);
		assert_success(verify(own, &err), &err);
		AUTO_KEY other = exchange_key(enctype_number(type), 4);
		refused(other, KRB_AP_ERR_MODIFIED, "its server signature does not match");
	}
}

/* The values of both signatures excepted, of which only the server's can be compared. */
static void every_bit_is_covered(void **state)
{
	(void)state;
	size_t kdc = (size_t)(at(PAC_KDC_SIGNATURE) - pac.data);
	for (size_t i = 0; i < pac.len; i++) {
		if (i >= kdc + 4 && i < kdc + 16)
			continue;
		for (unsigned bit = 0; bit < 8; bit++) {
			NEW_ERROR(err);
			struct pac_buffers buffers;
			pac.data[i] ^= (unsigned char)(1 << bit);
			if (pac_buffers_read(buffer_slice(&pac), &buffers, &err) == STATUS_OK &&
				pac_signature_verify(&buffers, key, &err) == STATUS_OK)
				fail_msg("bit %u of octet %zu can be changed", bit, i);
			pac.data[i] ^= (unsigned char)(1 << bit);
		}
	}
}

static void the_kdcs_value_is_not_covered(void **state)
{
	(void)state;
	NEW_ERROR(err);
	at(PAC_KDC_SIGNATURE)[4] ^= 1;
	assert_success(verify(key, &err), &err);
}

static void another_usage_is_refused(void **state)
{
	(void)state;
	NEW_ERROR(err);
	static const unsigned char zeros[12];
	unsigned char value[CHECKSUM_MAX_LENGTH];
	unsigned char *own = at(PAC_SERVER_SIGNATURE) + 4;
	memset(at(PAC_KDC_SIGNATURE) + 4, 0, sizeof zeros);
	memset(own, 0, sizeof zeros);
	struct slice all = buffer_slice(&pac);
	assert_success(key_checksum(key, 16, (struct pieces){&all, 1}, value, &err), &err);
	memcpy(own, value, sizeof zeros);
	refused(key, KRB_AP_ERR_MODIFIED, "does not match");
	memset(own, 0, sizeof zeros);
	assert_success(key_checksum(key, 17, (struct pieces){&all, 1}, value, &err), &err);
	memcpy(own, value, sizeof zeros);
	assert_success(verify(key, &err), &err);
}

static void a_signature_by_rc4_is_named(void **state)
{
	(void)state;
	memcpy(at(PAC_SERVER_SIGNATURE), "\x76\xff\xff\xff", 4);
	refused(key, KRB_AP_ERR_INAPP_CKSUM,
		"its server signature is HMAC-MD5 (RC4), which is weak");
}

static void a_signature_of_another_type_is_refused(void **state)
{
	(void)state;
	static const int32_t types[] = {0, 15, 19, 20, 17, 18, 7, 14, 99, -1, 16 + 256, INT32_MIN};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		char expected[80];
		AUTO_BUFFER type = {0};
		mint_le32(&type, (uint32_t)types[i]);
		memcpy(at(PAC_SERVER_SIGNATURE), type.data, 4);
		snprintf(
			expected, sizeof expected, "of checksum type %d, expected is 16", types[i]);
		refused(key, KRB_AP_ERR_INAPP_CKSUM, expected);
	}
}

/* Renamed to a type that nobody has. */
static void a_signature_that_is_missing_is_refused(void **state)
{
	(void)state;
	info_of(PAC_SERVER_SIGNATURE)[0] = 99;
	refused(key, KRB_AP_ERR_INAPP_CKSUM, "it has no server signature");
	info_of(99)[0] = PAC_SERVER_SIGNATURE;
	info_of(PAC_KDC_SIGNATURE)[0] = 99;
	refused(key, KRB_AP_ERR_INAPP_CKSUM, "it has no KDC signature");
}

static void signatures_of_other_lengths_are_refused(void **state)
{
	(void)state;
	for (unsigned length = 0; length < 16; length++) {
		info_of(PAC_SERVER_SIGNATURE)[4] = (unsigned char)length;
		refused(key, KRB_AP_ERR_INAPP_CKSUM, "its server signature has");
	}
	info_of(PAC_SERVER_SIGNATURE)[4] = 16;
	for (unsigned length = 0; length < 4; length++) {
		info_of(PAC_KDC_SIGNATURE)[4] = (unsigned char)length;
		refused(key, KRB_AP_ERR_INAPP_CKSUM, "its KDC signature has");
	}
}

/* In the order server, KDC and the reverse, with so many octets behind the values. */
static enum status signed_with(
	size_t server_more, size_t kdc_more, bool kdc_first, struct error *err)
{
	static const unsigned char type[4 + 80] = {16};
	const struct pac_buffer server = {PAC_SERVER_SIGNATURE, {type, 16 + server_more}};
	const struct pac_buffer kdc = {PAC_KDC_SIGNATURE, {type, 4 + kdc_more}};
	struct pac_buffer all[4] = {
		{99, SLICE_LITERAL("99")}, server, {98, SLICE_LITERAL("98")}, kdc};
	AUTO_KEY other = exchange_key(ENCTYPE_AES256_SHA1, 9);
	if (kdc_first) {
		all[1] = kdc;
		all[3] = server;
	}
	buffer_free(&pac);
	mint_pac(all, 4, other, &pac);
	/* The two that mint_pac() adds are of other types then. */
	unsigned char *added = pac.data + 8 + 4 * 16;
	added[0] = 97;
	added[16] = 96;
	mint_pac_sign(&pac, key);
	return verify(key, err);
}

static void both_orders_and_a_number_of_the_controller_verify(void **state)
{
	(void)state;
	NEW_ERROR(err);
	assert_success(signed_with(0, 12, false, &err), &err);
	assert_success(signed_with(0, 12, true, &err), &err);
	assert_success(signed_with(2, 14, false, &err), &err);
	assert_success(signed_with(2, 64, true, &err), &err);
	assert_int_equal(signed_with(1, 12, false, &err), KRB_AP_ERR_INAPP_CKSUM);
	assert_int_equal(signed_with(3, 12, false, &err), KRB_AP_ERR_INAPP_CKSUM);
	assert_in(err.text, "its server signature has 15 octets, expected are 12");
	assert_int_equal(signed_with(0, 65, true, &err), KRB_AP_ERR_INAPP_CKSUM);
	assert_in(err.text, "its KDC signature has 69 octets");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, finish)

SUITE(test_signature)
{
	const struct CMUnitTest tests[] = {
		CASE(each_enctype_verifies_its_own),
		CASE(every_bit_is_covered),
		CASE(the_kdcs_value_is_not_covered),
		CASE(another_usage_is_refused),
		CASE(a_signature_by_rc4_is_named),
		CASE(a_signature_of_another_type_is_refused),
		CASE(a_signature_that_is_missing_is_refused),
		CASE(signatures_of_other_lengths_are_refused),
		CASE(both_orders_and_a_number_of_the_controller_verify),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

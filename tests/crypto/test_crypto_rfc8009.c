/* SPDX-License-Identifier: BSD-3-Clause */
/* The vectors of RFC 8009 appendix A: AES with SHA-2. */
#include "tests/support/crypto_vectors.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

static const struct derive_vector working_keys[] = {
	{ENCTYPE_AES128_SHA256, "3705d96080c17728a0e800eab6e0d23c", "0000000299",
		"b31a018a48f54776f403e9a396325dc3"},
	{ENCTYPE_AES128_SHA256, "3705d96080c17728a0e800eab6e0d23c", "00000002aa",
		"9b197dd1e8c5609d6e67c3e37c62c72e"},
	{ENCTYPE_AES128_SHA256, "3705d96080c17728a0e800eab6e0d23c", "0000000255",
		"9fda0e56ab2d85e1569a688696c26a6c"},
	{ENCTYPE_AES256_SHA384, "6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52",
		"0000000299", "ef5718be86cc84963d8bbb5031e9f5c4ba41f28faf69e73d"},
	{ENCTYPE_AES256_SHA384, "6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52",
		"00000002aa", "56ab22bee63d82d7bc5227f6773f8ea7a5eb1c825160c38312980c442e5c7e49"},
	{ENCTYPE_AES256_SHA384, "6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52",
		"0000000255", "69b16514e3cd8e56b82010d5c73012b622c4d00ffc23ed1f"},
};

static const struct encrypt_vector texts[] = {
	{ENCTYPE_AES128_SHA256, 2, "3705d96080c17728a0e800eab6e0d23c",
		"7e5895eaf2672435bad817f545a37148", "",
		"ef85fb890bb8472f4dab20394dca781dad877eda39d50c870c0d5a0a8e48c718"},
	{ENCTYPE_AES128_SHA256, 2, "3705d96080c17728a0e800eab6e0d23c",
		"7bca285e2fd4130fb55b1a5c83bc5b24", "000102030405",
		"84d7f30754ed987bab0bf3506beb09cfb55402cef7e6877ce99e247e52d16ed4"
		"421dfdf8976c"},
	{ENCTYPE_AES128_SHA256, 2, "3705d96080c17728a0e800eab6e0d23c",
		"56ab21713ff62c0a1457200f6fa9948f", "000102030405060708090a0b0c0d0e0f",
		"3517d640f50ddc8ad3628722b3569d2ae07493fa8263254080ea65c1008e8fc2"
		"95fb4852e7d83e1e7c48c37eebe6b0d3"},
	{ENCTYPE_AES128_SHA256, 2, "3705d96080c17728a0e800eab6e0d23c",
		"a7a4e29a4728ce10664fb64e49ad3fac", "000102030405060708090a0b0c0d0e0f1011121314",
		"720f73b18d9859cd6ccb4346115cd336c70f58edc0c4437c5573544c31c813bc"
		"e1e6d072c186b39a413c2f92ca9b8334a287ffcbfc"},
	{ENCTYPE_AES256_SHA384, 2,
		"6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52",
		"f764e9fa15c276478b2c7d0c4e5f58e4", "",
		"41f53fa5bfe7026d91faf9be959195a058707273a96a40f0a01960621ac61274"
		"8b9bbfbe7eb4ce3c"},
	{ENCTYPE_AES256_SHA384, 2,
		"6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52",
		"b80d3251c1f6471494256ffe712d0b9a", "000102030405",
		"4ed7b37c2bcac8f74f23c1cf07e62bc7b75fb3f637b9f559c7f664f69eab7b60"
		"92237526ea0d1f61cb20d69d10f2"},
	{ENCTYPE_AES256_SHA384, 2,
		"6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52",
		"53bf8a0d105265d4e276428624ce5e63", "000102030405060708090a0b0c0d0e0f",
		"bc47ffec7998eb91e8115cf8d19dac4bbbe2e163e87dd37f49beca92027764f6"
		"8cf51f14d798c2273f35df574d1f932e40c4ff255b36a266"},
	{ENCTYPE_AES256_SHA384, 2,
		"6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52",
		"763e65367e864f02f55153c7e3b58af1", "000102030405060708090a0b0c0d0e0f1011121314",
		"40013e2df58e8751957d2878bcd2d6fe101ccfd556cb1eae79db3c3ee86429f2"
		"b2a602ac86fef6ecb647d6295fae077a1feb517508d2c16b4192e01f62"},
};

static const struct checksum_vector checksums[] = {
	{ENCTYPE_AES128_SHA256, 2, "3705d96080c17728a0e800eab6e0d23c",
		"000102030405060708090a0b0c0d0e0f1011121314", "d78367186643d67b411cba9139fc1dee"},
	{ENCTYPE_AES256_SHA384, 2,
		"6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52",
		"000102030405060708090a0b0c0d0e0f1011121314",
		"45ee791567eefca37f4ac1e0222de80d43c3bfa06699672a"},
};

static const struct password_vector passwords[] = {
	{ENCTYPE_AES128_SHA256, "70617373776f7264",
		"10df9dd783e5bc8acea1730e74355f61415448454e412e4d49542e4544557261"
		"656275726e",
		32768, "089bca48b105ea6ea77ca5d2f39dc5e7"},
	{ENCTYPE_AES256_SHA384, "70617373776f7264",
		"10df9dd783e5bc8acea1730e74355f61415448454e412e4d49542e4544557261"
		"656275726e",
		32768, "45bd806dbf6a833a9cffc1c94589a222367a79bc21c413718906e9f578a78467"},
};

static void working_keys_are_derived(void **state UNUSED)
{
	check_derive(working_keys, COUNT_OF(working_keys));
}

static void texts_are_encrypted(void **state UNUSED)
{
	check_encrypt(texts, COUNT_OF(texts));
}

static void texts_are_decrypted(void **state UNUSED)
{
	check_decrypt(texts, COUNT_OF(texts));
}

static void checksums_are_made_and_verified(void **state UNUSED)
{
	check_checksum(checksums, COUNT_OF(checksums));
}

static void passwords_become_keys(void **state UNUSED)
{
	check_password(passwords, COUNT_OF(passwords));
}

SUITE(test_crypto_rfc8009)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(working_keys_are_derived),
		cmocka_unit_test(texts_are_encrypted),
		cmocka_unit_test(texts_are_decrypted),
		cmocka_unit_test(checksums_are_made_and_verified),
		cmocka_unit_test(passwords_become_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The vectors of RFC 3962 appendix B, and others for the same two types from
 * the tests of MIT krb5: AES with SHA-1.
 */
#include "tests/support/crypto_vectors.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

/* With what PBKDF2 gives before the key is derived from it. */
struct stretched_vector {
	int32_t enctype;
	uint32_t iterations;
	const char *password, *salt, *stretched, *key;
};

static const struct stretched_vector passwords[] = {
	{ENCTYPE_AES128_SHA1, 1, "70617373776f7264", "415448454e412e4d49542e4544557261656275726e",
		"cdedb5281bb2f801565a1122b2563515", "42263c6e89f4fc28b8df68ee09799f15"},
	{ENCTYPE_AES256_SHA1, 1, "70617373776f7264", "415448454e412e4d49542e4544557261656275726e",
		"cdedb5281bb2f801565a1122b25635150ad1f7a04bb9f3a333ecc0e2e1f70837",
		"fe697b52bc0d3ce14432ba036a92e65bbb52280990a2fa27883998d72af30161"},
	{ENCTYPE_AES128_SHA1, 2, "70617373776f7264", "415448454e412e4d49542e4544557261656275726e",
		"01dbee7f4a9e243e988b62c73cda935d", "c651bf29e2300ac27fa469d693bdda13"},
	{ENCTYPE_AES256_SHA1, 2, "70617373776f7264", "415448454e412e4d49542e4544557261656275726e",
		"01dbee7f4a9e243e988b62c73cda935da05378b93244ec8f48a99e61ad799d86",
		"a2e16d16b36069c135d5e9d2e25f896102685618b95914b467c67622225824ff"},
	{ENCTYPE_AES128_SHA1, 1200, "70617373776f7264",
		"415448454e412e4d49542e4544557261656275726e", "5c08eb61fdf71e4e4ec3cf6ba1f5512b",
		"4c01cd46d632d01e6dbe230a01ed642a"},
	{ENCTYPE_AES256_SHA1, 1200, "70617373776f7264",
		"415448454e412e4d49542e4544557261656275726e",
		"5c08eb61fdf71e4e4ec3cf6ba1f5512ba7e52ddbc5e5142f708a31e2e62b1e13",
		"55a6ac740ad17b4846941051e1e8b0a7548d93b0ab30a8bc3ff16280382b8c2a"},
	{ENCTYPE_AES128_SHA1, 5, "70617373776f7264", "1234567878563412",
		"d1daa78615f287e6a1c8b120d7062a49", "e9b23d52273747dd5c35cb55be619d8e"},
	{ENCTYPE_AES256_SHA1, 5, "70617373776f7264", "1234567878563412",
		"d1daa78615f287e6a1c8b120d7062a493f98d203e6be49a6adf4fa574b6e64ee",
		"97a4e786be20d81a382d5ebc96d5909cabcdadc87ca48f574504159f16c36e31"},
	{ENCTYPE_AES128_SHA1, 1200,
		"5858585858585858585858585858585858585858585858585858585858585858"
		"5858585858585858585858585858585858585858585858585858585858585858",
		"706173732070687261736520657175616c7320626c6f636b2073697a65",
		"139c30c0966bc32ba55fdbf212530ac9", "59d1bb789a828b1aa54ef9c2883f69ed"},
	{ENCTYPE_AES256_SHA1, 1200,
		"5858585858585858585858585858585858585858585858585858585858585858"
		"5858585858585858585858585858585858585858585858585858585858585858",
		"706173732070687261736520657175616c7320626c6f636b2073697a65",
		"139c30c0966bc32ba55fdbf212530ac9c5ec59f1a452f5cc9ad940fea0598ed1",
		"89adee3608db8bc71f1bfbfe459486b05618b70cbae22092534e56c553ba4b34"},
	{ENCTYPE_AES128_SHA1, 1200,
		"5858585858585858585858585858585858585858585858585858585858585858"
		"5858585858585858585858585858585858585858585858585858585858585858"
		"58",
		"7061737320706872617365206578636565647320626c6f636b2073697a65",
		"9ccad6d468770cd51b10e6a68721be61", "cb8005dc5f90179a7f02104c0018751d"},
	{ENCTYPE_AES256_SHA1, 1200,
		"5858585858585858585858585858585858585858585858585858585858585858"
		"5858585858585858585858585858585858585858585858585858585858585858"
		"58",
		"7061737320706872617365206578636565647320626c6f636b2073697a65",
		"9ccad6d468770cd51b10e6a68721be611a8b4d282601db3b36be9246915ec82a",
		"d78c5c9cb872a8c9dad4697f0bb5b2d21496c82beb2caeda2112fceea057401b"},
	{ENCTYPE_AES128_SHA1, 50, "f09d849e", "4558414d504c452e434f4d7069616e697374",
		"6b9cf26d45455a43a5b8bb276a403b39", "f149c1f2e154a73452d43e7fe62a56e5"},
	{ENCTYPE_AES256_SHA1, 50, "f09d849e", "4558414d504c452e434f4d7069616e697374",
		"6b9cf26d45455a43a5b8bb276a403b39e7fe37a0c41e02c281ff3069e1e94f52",
		"4b6d9839f84406df1f09cc166db4b83c571848b784a3d6bdc346589a3e393f9e"},
};

static const char cts_key[] = "636869636b656e207465726979616b69";

/* From an initial vector of zeros. */
static const struct cts_vector {
	const char *plain, *cipher;
} cts_texts[] = {
	{"4920776f756c64206c696b652074686520", "c6353568f2bf8cb4d8a580362da7ff7f97"},
	{"4920776f756c64206c696b65207468652047656e6572616c20476175277320",
		"fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5"},
	{"4920776f756c64206c696b65207468652047656e6572616c2047617527732043",
		"39312523a78662d5be7fcbcc98ebf5a897687268d6ecccc0c07b25e25ecfe584"},
	{"4920776f756c64206c696b65207468652047656e6572616c2047617527732043"
	 "6869636b656e2c20706c656173652c",
		"97687268d6ecccc0c07b25e25ecfe584b3fffd940c16a18c1b5549d2f838029e"
		"39312523a78662d5be7fcbcc98ebf5"},
	{"4920776f756c64206c696b65207468652047656e6572616c2047617527732043"
	 "6869636b656e2c20706c656173652c20",
		"97687268d6ecccc0c07b25e25ecfe5849dad8bbb96c4cdc03bc103e1a194bbd8"
		"39312523a78662d5be7fcbcc98ebf5a8"},
	{"4920776f756c64206c696b65207468652047656e6572616c2047617527732043"
	 "6869636b656e2c20706c656173652c20616e6420776f6e746f6e20736f75702e",
		"97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a8"
		"4807efe836ee89a526730dbc2f7bc8409dad8bbb96c4cdc03bc103e1a194bbd8"},
};

static const struct derive_vector working_keys[] = {
	{ENCTYPE_AES128_SHA1, "42263c6e89f4fc28b8df68ee09799f15", "0000000299",
		"34280a382bc92769b2da2f9ef066854b"},
	{ENCTYPE_AES128_SHA1, "42263c6e89f4fc28b8df68ee09799f15", "00000002aa",
		"5b14fc4e250e14ddf9dccf1af6674f53"},
	{ENCTYPE_AES128_SHA1, "42263c6e89f4fc28b8df68ee09799f15", "0000000255",
		"4ed31063621684f09ae8d89991af3e8f"},
	{ENCTYPE_AES256_SHA1, "fe697b52bc0d3ce14432ba036a92e65bbb52280990a2fa27883998d72af30161",
		"0000000299", "bfab388bdcb238e9f9c98d6a878304f04d30c82556375ac507a7a852790f4674"},
	{ENCTYPE_AES256_SHA1, "fe697b52bc0d3ce14432ba036a92e65bbb52280990a2fa27883998d72af30161",
		"00000002aa", "c7cfd9cd75fe793a586a542d87e0d1396f1134a104bb1a9190b8c90ada3ddf37"},
	{ENCTYPE_AES256_SHA1, "fe697b52bc0d3ce14432ba036a92e65bbb52280990a2fa27883998d72af30161",
		"0000000255", "97151b4c76945063e2eb0529dc067d97d7bba90776d8126d91f34f3101aea8ba"},
};

static const struct encrypt_vector texts[] = {
	{ENCTYPE_AES128_SHA1, 0, "5a5c0f0ba54f3828b2195e66ca24a289", NULL, "",
		"49ff8e11c173d9583a3254fbe7b1f1df36c538e8416784a1672e6676"},
	{ENCTYPE_AES128_SHA1, 1, "98450e3f3baa13f5c99beb936981b06f", NULL, "31",
		"f86742f537b35dc2174a4dbaa920faf9042090b065e1ebb1cad9a65394"},
	{ENCTYPE_AES128_SHA1, 2, "9062430c8cda3388922e6d6a509f5b7a", NULL, "392062797465737373",
		"68fb9679601f45c78857b2bf820fd6e53eca8d42fd4b1d7024a09205abb7cd2e"
		"c26c355d2f"},
	{ENCTYPE_AES128_SHA1, 3, "033ee6502c54fd23e27791e987983827", NULL,
		"31332062797465732062797465",
		"ec366d0327a933bf49330e650e49bc6b974637fe80bf532fe51795b4809718e6"
		"194724db948d1fd637"},
	{ENCTYPE_AES128_SHA1, 4, "dceeb70b3de76562e689226c76429148", NULL,
		"333020627974657320627974657320627974657320627974657320627974",
		"c96081032d5d8eeb7e32b4089f789d0faa481dea74c0f97cbf3146ddfcf8e800"
		"156ecb532fc203e30ff600b63b350939fece510f02d7ff1e7bac"},
	{ENCTYPE_AES256_SHA1, 0, "17f275f2954f2ed1f90c377ba7f4d6a369aa0136e0bf0c927ad6133c693759a9",
		NULL, "", "e5094c55ee7b38262e2b044280b069379a95bf95bd8376fb3281b435"},
	{ENCTYPE_AES256_SHA1, 1, "b9477e1ff0329c0050e20ce6c72d2dff27e8fe541ab0954429a9cb5b4f7b1e2a",
		NULL, "31", "406150b97aeb76d43b36b62cc1ecdfbe6f40e95755e0beb5c27825f3a4"},
	{ENCTYPE_AES256_SHA1, 2, "b1ae4cd8462aff1677053cc9279aac30b796fb81ce21474dd3ddbcfea4ec76d7",
		NULL, "392062797465737373",
		"09957aa25fcaf88f7b39e4406e633012d5fea21853f6478da7065caef41fd454"
		"a40824eec5"},
	{ENCTYPE_AES256_SHA1, 3, "e5a72be9b7926c1225bafef9c1872e7ba4cdb2b17893d84abd90acdd8764d966",
		NULL, "31332062797465732062797465",
		"d8f1aafeec84587cc3e700a774e56651a6d693e174ec4473b5e6d96f80297a65"
		"3fb818ad893e719f96"},
	{ENCTYPE_AES256_SHA1, 4, "f1c795e9248a09338d82c3f8d5b567040b0110736845041347235b1404231398",
		NULL, "333020627974657320627974657320627974657320627974657320627974",
		"d1137a4d634cfece924dbc3bf6790648bd5cff7de0e7b99460211d0daef3d79a"
		"295c688858f3b34b9cbd6eebae81daf6b734d4d498b6714f1c1d"},
};

static const struct checksum_vector checksums[] = {
	{ENCTYPE_AES128_SHA1, 3, "9062430c8cda3388922e6d6a509f5b7a",
		"6569676874206e696e652074656e20656c6576656e207477656c766520746869"
		"727465656e",
		"01a4b088d45628f6946614e3"},
	{ENCTYPE_AES256_SHA1, 4, "b1ae4cd8462aff1677053cc9279aac30b796fb81ce21474dd3ddbcfea4ec76d7",
		"666f75727465656e", "e08739e3279e2903ec8e3836"},
};

static void passwords_become_keys(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(passwords); i++) {
		const struct stretched_vector *v = &passwords[i];
		const struct password_vector whole = {
			v->enctype, v->password, v->salt, v->iterations, v->key};
		check_password(&whole, 1);
	}
}

/* The step after PBKDF2: DK with the constant "kerberos". */
static void stretched_passwords_become_keys(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(passwords); i++) {
		const struct stretched_vector *v = &passwords[i];
		const struct derive_vector step = {
			v->enctype, v->stretched, "6b65726265726f73", v->key};
		check_derive(&step, 1);
	}
}

static void check_cts(enum direction direction)
{
	const struct enctype *type = enctype_usable(ENCTYPE_AES128_SHA1);
	const struct algorithms *algorithms = NULL;
	struct octets key = from_hex(cts_key);
	struct prepared p = {0};
	struct error err;

	assert_int_equal(algorithms_of(type, &algorithms, &err), STATUS_OK);
	assert_int_equal(prepare_cts(&p, algorithms, direction, key.data, &err), STATUS_OK);
	for (size_t i = 0; i < COUNT_OF(cts_texts); i++) {
		const struct cts_vector *v = &cts_texts[i];
		struct octets text = from_hex(direction == ENCRYPT ? v->plain : v->cipher);
		assert_int_equal(prepared_cts(&p, (const unsigned char[BLOCK_LENGTH]){0},
					 slice_of(text.data, text.len), text.data, &err),
			STATUS_OK);
		check_octets(i, text.data, text.len, direction == ENCRYPT ? v->cipher : v->plain);
	}
	prepared_release(&p);
}

static void ciphertext_stealing_encrypts(void **state UNUSED)
{
	check_cts(ENCRYPT);
}

static void ciphertext_stealing_decrypts(void **state UNUSED)
{
	check_cts(DECRYPT);
}

static void working_keys_are_derived(void **state UNUSED)
{
	check_derive(working_keys, COUNT_OF(working_keys));
}

static void texts_are_decrypted(void **state UNUSED)
{
	check_decrypt(texts, COUNT_OF(texts));
}

static void checksums_are_made_and_verified(void **state UNUSED)
{
	check_checksum(checksums, COUNT_OF(checksums));
}

SUITE(test_crypto_rfc3962)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_become_keys),
		cmocka_unit_test(stretched_passwords_become_keys),
		cmocka_unit_test(ciphertext_stealing_encrypts),
		cmocka_unit_test(ciphertext_stealing_decrypts),
		cmocka_unit_test(working_keys_are_derived),
		cmocka_unit_test(texts_are_decrypted),
		cmocka_unit_test(checksums_are_made_and_verified),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

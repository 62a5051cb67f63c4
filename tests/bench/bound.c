/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/bound.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>

/* RFC 3962, 8009 and 6803 in OpenSSL's names. */
static const struct row {
	int32_t enctype;
	const char *cipher, *mac, *mac_parameter, *mac_algorithm;
	size_t mac_key_length;
} rows[] = {
	{17, "AES-128-CBC-CTS", "HMAC", OSSL_MAC_PARAM_DIGEST, "SHA1", 16},
	{18, "AES-256-CBC-CTS", "HMAC", OSSL_MAC_PARAM_DIGEST, "SHA1", 32},
	{19, "AES-128-CBC-CTS", "HMAC", OSSL_MAC_PARAM_DIGEST, "SHA256", 16},
	{20, "AES-256-CBC-CTS", "HMAC", OSSL_MAC_PARAM_DIGEST, "SHA384", 24},
	{25, "CAMELLIA-128-CBC-CTS", "CMAC", OSSL_MAC_PARAM_CIPHER, "CAMELLIA-128-CBC", 16},
	{26, "CAMELLIA-256-CBC-CTS", "CMAC", OSSL_MAC_PARAM_CIPHER, "CAMELLIA-256-CBC", 32},
};

static const unsigned char zeros[32];

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "OpenSSL cannot %s\n", what);
	exit(1);
}

static const struct row *row_of(const struct enctype *type)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].enctype == enctype_number(type))
			return &rows[i];
	fprintf(stderr, "%s is not in the benchmark's table\n", enctype_name(type));
	exit(1);
}

static EVP_CIPHER_CTX *prepare_cipher(const char *name, int encrypt)
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_CIPHER_PARAM_CTS_MODE, (char *)"CS3", 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	must(cipher && ctx && EVP_CipherInit_ex2(ctx, cipher, zeros, NULL, encrypt, params) == 1,
		"prepare a cipher");
	EVP_CIPHER_free(cipher);
	return ctx;
}

static EVP_MAC_CTX *prepare_mac(const struct row *row)
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(row->mac_parameter, (char *)row->mac_algorithm, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, row->mac, NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	must(ctx && EVP_MAC_init(ctx, zeros, row->mac_key_length, params) == 1, "prepare a MAC");
	EVP_MAC_free(mac);
	return ctx;
}

void bound_open(struct bound *bound, const struct enctype *type)
{
	const struct row *row = row_of(type);
	*bound = (struct bound){
		.encrypt = prepare_cipher(row->cipher, 1),
		.decrypt = prepare_cipher(row->cipher, 0),
		.mac = prepare_mac(row),
	};
}

void bound_close(struct bound *bound)
{
	EVP_CIPHER_CTX_free(bound->encrypt);
	EVP_CIPHER_CTX_free(bound->decrypt);
	EVP_MAC_CTX_free(bound->mac);
}

static void run_cipher(EVP_CIPHER_CTX *ctx, const unsigned char *in, unsigned char *out, size_t len)
{
	int written;
	must(EVP_CipherInit_ex2(ctx, NULL, NULL, zeros, -1, NULL) == 1 &&
			EVP_CipherUpdate(ctx, out, &written, in, (int)len) == 1,
		"encrypt or decrypt");
}

void bound_mac(struct bound *bound, const unsigned char *in, size_t len)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	size_t mac_len;
	must(EVP_MAC_init(bound->mac, NULL, 0, NULL) == 1 &&
			EVP_MAC_update(bound->mac, in, len) == 1 &&
			EVP_MAC_final(bound->mac, mac, &mac_len, sizeof mac) == 1,
		"compute a MAC");
}

void bound_wrap(struct bound *bound, const unsigned char *in, unsigned char *out, size_t len)
{
	bound_mac(bound, in, len);
	run_cipher(bound->encrypt, in, out, len);
}

void bound_unwrap(struct bound *bound, const unsigned char *in, unsigned char *out, size_t len)
{
	run_cipher(bound->decrypt, in, out, len);
	bound_mac(bound, out, len);
}

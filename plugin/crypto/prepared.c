/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/prepared.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <string.h>

#include "crypto/enctype_row.h"
#include "crypto/key.h"

/* NULL, with the reason in OpenSSL's queue, if that fails. */
static EVP_CIPHER_CTX *new_cipher(const EVP_CIPHER *cipher, enum direction direction,
	const unsigned char *key, const OSSL_PARAM *params)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	if (ctx && EVP_CipherInit_ex2(ctx, cipher, key, NULL, direction, params) == 1)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

enum status prepare_cts(struct prepared *p, const struct algorithms *algorithms,
	enum direction direction, const unsigned char *key, struct error *err)
{
	/* CS3 exchanges the last two blocks always, as RFC 3962 does. */
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_CIPHER_PARAM_CTS_MODE, (char *)"CS3", 0),
		OSSL_PARAM_construct_end(),
	};
	p->cipher = new_cipher(algorithms->cts, direction, key, params);
	return p->cipher ? STATUS_OK : openssl_failed(err, "prepare a cipher");
}

enum status prepare_block(struct prepared *p, const struct algorithms *algorithms,
	const unsigned char *key, struct error *err)
{
	p->cipher = new_cipher(algorithms->block, ENCRYPT, key, NULL);
	return p->cipher ? STATUS_OK : openssl_failed(err, "prepare a cipher");
}

enum status prepare_mac(struct prepared *p, const struct algorithms *algorithms, struct slice key,
	struct error *err)
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(algorithms->mac);
	if (!ctx || EVP_MAC_init(ctx, key.data, key.len, NULL) != 1) {
		EVP_MAC_CTX_free(ctx);
		return openssl_failed(err, "prepare a MAC");
	}
	p->mac = ctx;
	return STATUS_OK;
}

void prepared_release(struct prepared *p)
{
	EVP_CIPHER_CTX_free(p->cipher);
	EVP_MAC_CTX_free(p->mac);
	wipe(p, sizeof *p);
}

enum status prepared_cts(struct prepared *p, const unsigned char *vector, struct slice in,
	unsigned char *out, struct error *err)
{
	int written = 0;
	/* The vector also tells OpenSSL that a new text begins. */
	if (EVP_CipherInit_ex2(p->cipher, NULL, NULL, vector, -1, NULL) != 1 ||
		EVP_CipherUpdate(p->cipher, out, &written, in.data, (int)in.len) != 1 ||
		(size_t)written != in.len)
		return openssl_failed(err, "encrypt or decrypt");
	return STATUS_OK;
}

enum status prepared_block(
	struct prepared *p, const unsigned char *in, unsigned char *out, struct error *err)
{
	int written = 0;
	if (EVP_CipherUpdate(p->cipher, out, &written, in, BLOCK_LENGTH) != 1 ||
		written != BLOCK_LENGTH)
		return openssl_failed(err, "encrypt a block");
	return STATUS_OK;
}

enum status prepared_mac(struct prepared *p, struct pieces pieces, unsigned char *out,
	size_t length, struct error *err)
{
	unsigned char whole[EVP_MAX_MD_SIZE];
	size_t whole_length = 0;

	/* Without a key this begins a new text with the key that is there. */
	bool ok = !p->mac_is_used || EVP_MAC_init(p->mac, NULL, 0, NULL) == 1;
	p->mac_is_used = true;
	for (size_t i = 0; i < pieces.count && ok; i++)
		if (pieces.slices[i].len > 0)
			ok = EVP_MAC_update(p->mac, pieces.slices[i].data, pieces.slices[i].len) ==
			     1;
	ok = ok && EVP_MAC_final(p->mac, whole, &whole_length, sizeof whole) == 1 &&
	     whole_length >= length;
	if (ok)
		memcpy(out, whole, length);
	wipe(whole, sizeof whole);
	return ok ? STATUS_OK : openssl_failed(err, "compute a MAC");
}

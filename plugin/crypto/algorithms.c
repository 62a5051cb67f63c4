/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/algorithms.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/enctype_row.h"
#include "crypto/guard.h"
#include "crypto/key.h"
#include "crypto/random.h"

struct crypto {
	struct algorithms of[ENCTYPE_COUNT];
	bool present[ENCTYPE_COUNT];
	EVP_MD *md5;     /* NULL: OpenSSL lacks it */
	EVP_KDF *pbkdf2; /* which PKCS5_PBKDF2_HMAC() fetches, too: it is at hand then */
	unsigned missing_count;
	char missing[ENCTYPE_COUNT * ENCTYPE_TEXT_SIZE]; /* their names */
};

/* Published once it is complete, by whichever thread is first. */
static _Atomic(struct crypto *) opened;

enum status openssl_failed(struct error *err, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);
	ERR_clear_error();
	if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
		return error_no_memory(err);
	return error_set(err, ERR_CRYPTO, "OpenSSL cannot %s: %s", what,
		reason ? reason : "no reason given");
}

static EVP_MAC_CTX *mac_template(const struct enctype *type)
{
	static const unsigned char zeros[KEY_MAX_LENGTH];
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
			type->mac_parameter, (char *)type->mac_algorithm, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, type->mac, NULL);
	EVP_MAC_CTX *template = mac ? EVP_MAC_CTX_new(mac) : NULL;
	EVP_MAC_free(mac);
	if (template && EVP_MAC_init(template, zeros, type->mac_key_length, params) != 1) {
		EVP_MAC_CTX_free(template);
		return NULL;
	}
	return template;
}

static void release_algorithms(struct algorithms *a)
{
	EVP_CIPHER_free(a->cts);
	EVP_CIPHER_free(a->block);
	EVP_MD_free(a->digest);
	EVP_MAC_CTX_free(a->mac);
}

static bool fetch_algorithms(const struct enctype *type, struct algorithms *a)
{
	a->cts = EVP_CIPHER_fetch(NULL, type->cts_cipher, NULL);
	a->digest = EVP_MD_fetch(NULL, type->digest, NULL);
	a->mac = mac_template(type);
	if (type->block_cipher)
		a->block = EVP_CIPHER_fetch(NULL, type->block_cipher, NULL);
	return a->cts && a->digest && a->mac && (a->block || !type->block_cipher);
}

static void add_missing(struct crypto *crypto, const struct enctype *type)
{
	if (crypto->missing_count++ > 0)
		strcat(crypto->missing, ", ");
	strcat(crypto->missing, type->name);
}

static void release_crypto(struct crypto *crypto)
{
	if (!crypto)
		return;
	for (unsigned i = 0; i < ENCTYPE_COUNT; i++)
		release_algorithms(&crypto->of[i]);
	EVP_MD_free(crypto->md5);
	EVP_KDF_free(crypto->pbkdf2);
	free(crypto);
}

static struct crypto *fetch_crypto(void)
{
	struct crypto *crypto = calloc(1, sizeof *crypto);
	if (!crypto)
		return NULL;
	/* What OpenSSL notes about a type that it lacks is not the program's concern. */
	ERR_set_mark();
	for (unsigned i = 0; i < ENCTYPE_COUNT; i++) {
		crypto->present[i] = fetch_algorithms(&enctype_table[i], &crypto->of[i]);
		if (!crypto->present[i])
			add_missing(crypto, &enctype_table[i]);
	}
	/*
	 * Also where the program wants algorithms that FIPS approves: nothing is kept
	 * secret or proved by it.
	 */
	crypto->md5 = EVP_MD_fetch(NULL, "MD5", "-fips");
	crypto->pbkdf2 = EVP_KDF_fetch(NULL, "PBKDF2", NULL);
	ERR_pop_to_mark();
	return crypto;
}

/* NULL when there is no memory. */
static struct crypto *crypto_get(void)
{
	struct crypto *crypto = atomic_load_explicit(&opened, memory_order_acquire);
	if (crypto)
		return crypto;
	guard_lock();
	crypto = atomic_load_explicit(&opened, memory_order_relaxed);
	if (!crypto) {
		crypto = fetch_crypto();
		atomic_store_explicit(&opened, crypto, memory_order_release);
	}
	guard_unlock();
	return crypto;
}

enum status crypto_open(struct error *err)
{
	const struct crypto *crypto = crypto_get();
	if (!crypto)
		return error_no_memory(err);
	if (crypto->missing_count == ENCTYPE_COUNT)
		return error_set(err, ERR_CRYPTO,
			"OpenSSL offers the algorithms of none of these encryption types: %s; see "
			"the providers and default_properties in openssl.cnf",
			crypto->missing);
	return STATUS_OK;
}

void crypto_close(void)
{
	random_close();
	release_crypto(atomic_exchange(&opened, NULL));
}

const char *crypto_missing(void)
{
	const struct crypto *crypto = crypto_get();
	return crypto && crypto->missing_count > 0 ? crypto->missing : NULL;
}

enum status algorithms_of(
	const struct enctype *type, const struct algorithms **out, struct error *err)
{
	const struct crypto *crypto = crypto_get();
	if (!crypto)
		return error_no_memory(err);
	if (!crypto->present[type - enctype_table])
		return error_set(err, KDC_ERR_ETYPE_NOSUPP,
			"%s (%d) cannot be used: OpenSSL does not offer its algorithms here; is it "
			"in "
			"FIPS mode?",
			type->name, (int)type->number);
	*out = &crypto->of[type - enctype_table];
	return STATUS_OK;
}

bool algorithms_present(const struct enctype *type)
{
	const struct crypto *crypto = crypto_get();
	return crypto && crypto->present[type - enctype_table];
}

enum status md5_algorithm(const EVP_MD **out, struct error *err)
{
	const struct crypto *crypto = crypto_get();
	if (!crypto)
		return error_no_memory(err);
	if (!crypto->md5)
		return error_set_shown(err, ERR_CRYPTO,
			"OpenSSL does not offer MD5 here (is it in FIPS mode?): load its default "
			"provider too (openssl.cnf)");
	*out = crypto->md5;
	return STATUS_OK;
}

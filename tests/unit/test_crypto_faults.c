/*
 * What happens where OpenSSL lacks an algorithm, or fails. The functions here
 * take the place of the library's in this program, and pass on to them unless
 * they were told to fail.
 */
#include "crypto/random.h"
#include "crypto_vectors.h"

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdlib.h>

#define UNUSED __attribute__((unused))

static unsigned fetches;    /* so many were asked for */
static const char *absent;  /* names that contain this are not fetched */
static const char *failing; /* the function that fails, */
static unsigned after;      /* after having worked so often */

static bool lacks(const char *algorithm)
{
	fetches++;
	return absent && strstr(algorithm, absent);
}

static bool fails(const char *function)
{
	if (!failing || strcmp(failing, function) != 0)
		return false;
	if (after > 0) {
		after--;
		return false;
	}
	ERR_raise(ERR_LIB_EVP, EVP_R_INITIALIZATION_ERROR);
	return true;
}

/* What OpenSSL calls within itself does not fail, but cannot fetch either. */
#define OURS __attribute__((visibility("hidden")))
#define EVERYWHERE __attribute__((visibility("default")))
#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

EVERYWHERE EVP_CIPHER *EVP_CIPHER_fetch(
	OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	if (lacks(algorithm)) {
		ERR_raise(ERR_LIB_EVP, EVP_R_UNSUPPORTED_ALGORITHM);
		return NULL;
	}
	return REAL(EVP_CIPHER_fetch)(ctx, algorithm, properties);
}

EVERYWHERE EVP_MD *EVP_MD_fetch(OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	if (lacks(algorithm))
		return NULL;
	return REAL(EVP_MD_fetch)(ctx, algorithm, properties);
}

EVERYWHERE EVP_MAC *EVP_MAC_fetch(OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	if (lacks(algorithm))
		return NULL;
	return REAL(EVP_MAC_fetch)(ctx, algorithm, properties);
}

OURS int RAND_bytes(unsigned char *out, int count)
{
	return fails("RAND_bytes") ? 0 : REAL(RAND_bytes)(out, count);
}

OURS int RAND_priv_bytes(unsigned char *out, int count)
{
	return fails("RAND_priv_bytes") ? 0 : REAL(RAND_priv_bytes)(out, count);
}

OURS EVP_CIPHER_CTX *EVP_CIPHER_CTX_new(void)
{
	return fails("EVP_CIPHER_CTX_new") ? NULL : REAL(EVP_CIPHER_CTX_new)();
}

OURS int EVP_CipherInit_ex2(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher, const unsigned char *key,
	const unsigned char *iv, int enc, const OSSL_PARAM params[])
{
	return fails("EVP_CipherInit_ex2")
		       ? 0
		       : REAL(EVP_CipherInit_ex2)(ctx, cipher, key, iv, enc, params);
}

OURS int EVP_CipherUpdate(
	EVP_CIPHER_CTX *ctx, unsigned char *out, int *written, const unsigned char *in, int length)
{
	return fails("EVP_CipherUpdate") ? 0
					 : REAL(EVP_CipherUpdate)(ctx, out, written, in, length);
}

OURS EVP_MAC_CTX *EVP_MAC_CTX_dup(const EVP_MAC_CTX *ctx)
{
	return fails("EVP_MAC_CTX_dup") ? NULL : REAL(EVP_MAC_CTX_dup)(ctx);
}

OURS int EVP_MAC_init(
	EVP_MAC_CTX *ctx, const unsigned char *key, size_t length, const OSSL_PARAM params[])
{
	return fails("EVP_MAC_init") ? 0 : REAL(EVP_MAC_init)(ctx, key, length, params);
}

OURS int EVP_MAC_update(EVP_MAC_CTX *ctx, const unsigned char *data, size_t length)
{
	return fails("EVP_MAC_update") ? 0 : REAL(EVP_MAC_update)(ctx, data, length);
}

OURS int EVP_MAC_final(EVP_MAC_CTX *ctx, unsigned char *out, size_t *written, size_t size)
{
	return fails("EVP_MAC_final") ? 0 : REAL(EVP_MAC_final)(ctx, out, written, size);
}

OURS int EVP_Digest(const void *data, size_t count, unsigned char *md, unsigned int *size,
	const EVP_MD *type, ENGINE *impl)
{
	return fails("EVP_Digest") ? 0 : REAL(EVP_Digest)(data, count, md, size, type, impl);
}

OURS int PKCS5_PBKDF2_HMAC(const char *pass, int passlen, const unsigned char *salt, int saltlen,
	int iter, const EVP_MD *digest, int keylen, unsigned char *out)
{
	return fails("PKCS5_PBKDF2_HMAC") ? 0
					  : REAL(PKCS5_PBKDF2_HMAC)(pass, passlen, salt, saltlen,
						    iter, digest, keylen, out);
}

static int reset(void **state UNUSED)
{
	absent = failing = NULL;
	after = fetches = 0;
	crypto_close();
	ERR_clear_error();
	return 0;
}

static void check_missing(const char *name, const char *list, unsigned there)
{
	struct error err;
	absent = name;
	assert_int_equal(crypto_open(&err), STATUS_OK);
	assert_string_equal(crypto_missing(), list);
	assert_non_null(enctype_by_rank(there - 1));
	assert_null(enctype_by_rank(there));
}

static void types_without_their_cipher_are_left_out(void **state UNUSED)
{
	check_missing("CAMELLIA", "camellia128-cts-cmac, camellia256-cts-cmac", 4);
	assert_non_null(enctype_by_number(18, NULL));
}

static void types_without_their_hash_are_left_out(void **state UNUSED)
{
	check_missing("SHA384", "aes256-cts-hmac-sha384-192", 5);
}

static void types_without_their_mac_are_left_out(void **state UNUSED)
{
	check_missing("CMAC", "camellia128-cts-cmac, camellia256-cts-cmac", 4);
}

static void types_without_their_block_cipher_are_left_out(void **state UNUSED)
{
	check_missing("AES-256-ECB", "aes256-cts-hmac-sha1-96", 5);
	assert_int_equal(enctype_number(enctype_by_rank(0)), 17);
}

static void a_type_left_out_is_refused_with_the_reason(void **state UNUSED)
{
	struct error err = {0};
	struct key *key = NULL;
	unsigned char octets[16] = {0};
	absent = "CAMELLIA";
	assert_null(enctype_by_number(25, &err));
	assert_int_equal(err.status, KDC_ERR_ETYPE_NOSUPP);
	assert_non_null(strstr(err.text, "camellia128-cts-cmac (25) cannot be used"));
	assert_non_null(strstr(err.text, "FIPS"));
	assert_int_equal(
		key_new(25, slice_of(octets, sizeof octets), &key, &err), KDC_ERR_ETYPE_NOSUPP);
	assert_null(key);
}

static void a_type_left_out_leaves_no_error_in_the_queue(void **state UNUSED)
{
	struct error err;
	ERR_raise(ERR_LIB_USER, 77); /* of the program around us */
	unsigned long theirs = ERR_peek_last_error();
	absent = "CAMELLIA";
	assert_int_equal(crypto_open(&err), STATUS_OK);
	assert_true(ERR_peek_last_error() == theirs);
}

static void nothing_at_all_is_an_error(void **state UNUSED)
{
	struct error err = {0};
	absent = "C"; /* each type has a C in its cipher's name */
	assert_int_equal(crypto_open(&err), ERR_CRYPTO);
	assert_non_null(strstr(err.text, "offers the algorithms of none"));
	assert_non_null(strstr(err.text, "aes256-cts-hmac-sha1-96, aes128"));
	assert_non_null(strstr(err.text, "openssl.cnf"));
	assert_null(enctype_by_rank(0));
}

static void a_type_that_appears_is_found_after_closing(void **state UNUSED)
{
	absent = "CAMELLIA";
	assert_null(enctype_by_number(25, NULL));
	absent = NULL;
	assert_null(enctype_by_number(25, NULL));
	crypto_close();
	assert_non_null(enctype_by_number(25, NULL));
}

static struct key *key_of(int32_t number)
{
	struct key *key = NULL;
	struct error err;
	assert_int_equal(key_random(enctype_by_number(number, NULL), &key, &err), STATUS_OK);
	return key;
}

static void use_all_types(void)
{
	for (unsigned rank = 0; rank < ENCTYPE_COUNT; rank++) {
		AUTO_KEY key = key_of(enctype_number(enctype_by_rank(rank)));
		AUTO_BUFFER cipher = {0}, storage = {0};
		unsigned char out[PRF_MAX_LENGTH];
		struct slice plain, text = SLICE_LITERAL("text");
		size_t length;
		struct error err;
		assert_int_equal(key_encrypt(key, 1, text, &cipher, &err), STATUS_OK);
		assert_int_equal(key_decrypt(key, 1, buffer_slice(&cipher), &storage, &plain, &err),
			STATUS_OK);
		assert_int_equal(key_checksum(key, 1, &text, 1, out, &err), STATUS_OK);
		assert_int_equal(key_prf(key, text, out, &length, &err), STATUS_OK);
	}
}

/* The first round also sets up OpenSSL's own random generators. */
static void nothing_is_fetched_but_once(void **state UNUSED)
{
	use_all_types();
	assert_true(fetches > 0);
	fetches = 0;
	use_all_types();
	assert_int_equal(fetches, 0);
}

static void check_failure(enum status status, const struct error *err)
{
	assert_int_equal(status, err->status);
	assert_int_equal(status, ERR_CRYPTO);
	assert_non_null(strstr(err->text, "OpenSSL cannot "));
	assert_non_null(strstr(err->text, "initialization error"));
	assert_int_equal(ERR_peek_error(), 0);
}

static const char *const functions[] = {"EVP_CIPHER_CTX_new", "EVP_CipherInit_ex2",
	"EVP_CipherUpdate", "EVP_MAC_CTX_dup", "EVP_MAC_init", "EVP_MAC_update", "EVP_MAC_final",
	"RAND_bytes", "EVP_Digest"};

typedef enum status operation(struct key *key, struct error *err);

/*
 * Lets each function fail at its first call, its second and so on, until the
 * operation gets through; afterwards it must work with the same key.
 */
static void fail_everywhere(int32_t number, operation *operate)
{
	unsigned failures = 0;
	for (size_t i = 0; i < COUNT_OF(functions); i++)
		for (unsigned n = 0;; n++) {
			AUTO_KEY key = key_of(number);
			struct error err = {0};
			failing = functions[i];
			after = n;
			enum status status = operate(key, &err);
			bool reached = after == 0 && status != STATUS_OK;
			if (reached)
				check_failure(status, &err);
			else
				assert_int_equal(status, STATUS_OK);
			failing = NULL;
			assert_int_equal(operate(key, &err), STATUS_OK);
			if (!reached)
				break;
			failures++;
		}
	assert_true(failures >= 3);
}

static enum status encrypt(struct key *key, struct error *err)
{
	unsigned char data[64], zeros[64] = {0};
	memset(data, 0x55, sizeof data);
	size_t whole = 20 + enctype_overhead(key_type(key));
	enum status status = key_encrypt_in_place(key, 7, data, 20, err);
	if (status)
		assert_memory_equal(data, zeros, whole);
	assert_int_equal(data[whole], 0x55);
	return status;
}

static enum status encrypt_to_buffer(struct key *key, struct error *err)
{
	AUTO_BUFFER out = {0};
	enum status status = key_encrypt(key, 7, SLICE_LITERAL("text"), &out, err);
	assert_int_equal(out.len, status ? 0 : 4 + enctype_overhead(key_type(key)));
	return status;
}

/* `key` itself has no working key yet: its copy encrypts, and nothing fails meanwhile. */
static void encrypt_by_copy(struct key *key, struct slice text, struct buffer *cipher)
{
	AUTO_KEY copy = NULL;
	struct error err;
	const char *paused = failing;
	failing = NULL;
	assert_int_equal(
		key_new(enctype_number(key_type(key)), key_octets(key), &copy, &err), STATUS_OK);
	assert_int_equal(key_encrypt(copy, 7, text, cipher, &err), STATUS_OK);
	failing = paused;
}

static enum status decrypt(struct key *key, struct error *err)
{
	AUTO_BUFFER cipher = {0}, storage = {0};
	struct slice plain;
	encrypt_by_copy(key, SLICE_LITERAL("text"), &cipher);
	enum status status = key_decrypt(key, 7, buffer_slice(&cipher), &storage, &plain, err);
	assert_int_equal(plain.len, status ? 0 : 4);
	for (size_t i = 0; i < storage.capacity && status; i++)
		assert_int_equal(storage.data[i], 0);
	return status;
}

static enum status append_cut(struct key *key, struct slice text, size_t cut, struct error *err)
{
	AUTO_BUFFER cipher = {0}, out = {0};
	encrypt_by_copy(key, text, &cipher);
	const struct slice pieces[] = {
		slice_of(cipher.data, cut), slice_of(cipher.data + cut, cipher.len - cut)};
	enum status status = key_decrypt_append(key, 7, pieces, &out, err);
	assert_int_equal(out.len, status ? 0 : text.len);
	for (size_t i = 0; i < cipher.len && i < out.capacity && status; i++)
		assert_int_equal(out.data[i], 0);
	return status;
}

static enum status append_few(struct key *key, struct error *err)
{
	return append_cut(key, SLICE_LITERAL("text"), 0, err);
}

static enum status append_many(struct key *key, struct error *err)
{
	return append_cut(key, SLICE_LITERAL("the text of more than two blocks"), 0, err);
}

static enum status append_joined(struct key *key, struct error *err)
{
	return append_cut(key, SLICE_LITERAL("the text of more than two blocks"), 9, err);
}

static enum status checksum(struct key *key, struct error *err)
{
	unsigned char out[CHECKSUM_MAX_LENGTH];
	struct slice text = SLICE_LITERAL("text");
	return key_checksum(key, 7, &text, 1, out, err);
}

static enum status verify(struct key *key, struct error *err)
{
	const struct enctype *type = key_type(key);
	unsigned char wrong[CHECKSUM_MAX_LENGTH] = {0};
	struct slice text = SLICE_LITERAL("text");
	enum status status = key_verify_checksum(key, 7, enctype_checksum_type(type), &text, 1,
		slice_of(wrong, enctype_checksum_length(type)), err);
	return status == KRB_AP_ERR_MODIFIED ? STATUS_OK : status;
}

static enum status prf(struct key *key, struct error *err)
{
	unsigned char out[PRF_MAX_LENGTH];
	size_t length;
	return key_prf(key, SLICE_LITERAL("text"), out, &length, err);
}

static operation *const operations[] = {encrypt, encrypt_to_buffer, decrypt, append_few,
	append_many, append_joined, checksum, verify, prf};

static void each_failure_is_reported_and_passes(void **state)
{
	for (size_t i = 0; i < COUNT_OF(operations); i++)
		fail_everywhere(*(const int32_t *)*state, operations[i]);
}

static void a_random_key_needs_randomness(void **state UNUSED)
{
	struct key *key = (struct key *)&reset;
	struct error err = {0};
	failing = "RAND_priv_bytes";
	assert_int_equal(key_random(enctype_by_number(18, NULL), &key, &err), ERR_CRYPTO);
	assert_non_null(strstr(err.text, "OpenSSL cannot give a random key"));
	assert_null(key);
}

static void random_octets_need_randomness(void **state UNUSED)
{
	unsigned char out[8];
	struct error err = {0};
	failing = "RAND_bytes";
	assert_int_equal(random_octets(out, sizeof out, &err), ERR_CRYPTO);
	assert_non_null(strstr(err.text, "random octets"));
}

static void a_password_needs_pbkdf2(void **state UNUSED)
{
	struct key *key = NULL;
	struct error err = {0};
	failing = "PKCS5_PBKDF2_HMAC";
	assert_int_equal(key_from_password(enctype_by_number(18, NULL), SLICE_LITERAL("password"),
				 SLICE_LITERAL("salt"), SLICE_EMPTY, &key, &err),
		ERR_CRYPTO);
	assert_non_null(strstr(err.text, "PBKDF2"));
	assert_null(key);
}

static int32_t aes256_sha1 = 18, aes256_sha384 = 20, camellia128 = 25;

#define FAULT(test)                                                                                \
	{                                                                                          \
#test, test, reset, reset, NULL                                                    \
	}
#define FAULT_WITH(test, type)                                                                     \
	{                                                                                          \
#test " (" #type ")", test, reset, reset, &type                                    \
	}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		FAULT(types_without_their_cipher_are_left_out),
		FAULT(types_without_their_hash_are_left_out),
		FAULT(types_without_their_mac_are_left_out),
		FAULT(types_without_their_block_cipher_are_left_out),
		FAULT(a_type_left_out_is_refused_with_the_reason),
		FAULT(a_type_left_out_leaves_no_error_in_the_queue),
		FAULT(nothing_at_all_is_an_error),
		FAULT(a_type_that_appears_is_found_after_closing),
		FAULT(nothing_is_fetched_but_once),
		FAULT_WITH(each_failure_is_reported_and_passes, aes256_sha1),
		FAULT_WITH(each_failure_is_reported_and_passes, aes256_sha384),
		FAULT_WITH(each_failure_is_reported_and_passes, camellia128),
		FAULT(a_random_key_needs_randomness),
		FAULT(random_octets_need_randomness),
		FAULT(a_password_needs_pbkdf2),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "crypto/key.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/key_internal.h"
#include "crypto/random.h"

static const unsigned char zero_vector[BLOCK_LENGTH];

enum status key_of_type(const struct enctype *type, const unsigned char *octets, struct key **out,
	struct error *err)
{
	const struct algorithms *algorithms = NULL;
	enum status status = algorithms_of(type, &algorithms, err);
	if (status)
		return status;
	struct key *key = calloc(1, sizeof *key);
	if (!key)
		return error_no_memory(err);
	atomic_init(&key->holders, 1);
	key->type = type;
	key->algorithms = algorithms;
	key->root.purpose = PURPOSE_DERIVE;
	memcpy(key->root.main_octets, octets, type->key_length);
	*out = key;
	return STATUS_OK;
}

enum status key_new(int32_t enctype, struct slice octets, struct key **out, struct error *err)
{
	const struct enctype *type = NULL;
	*out = NULL;
	enum status status = enctype_find(enctype, &type, err);
	if (status)
		return status;
	if (octets.len != type->key_length)
		return error_set(err, ERR_SYNTAX, "a key of %zu octets, where %s has %zu",
			octets.len, type->name, type->key_length);
	return key_of_type(type, octets.data, out, err);
}

enum status key_random(const struct enctype *type, struct key **out, struct error *err)
{
	unsigned char octets[KEY_MAX_LENGTH];
	*out = NULL;
	if (RAND_priv_bytes(octets, (int)type->key_length) != 1)
		return openssl_failed(err, "give a random key");
	enum status status = key_of_type(type, octets, out, err);
	wipe(octets, sizeof octets);
	return status;
}

struct key *key_ref(struct key *key)
{
	if (key)
		atomic_fetch_add_explicit(&key->holders, 1, memory_order_relaxed);
	return key;
}

void key_release(struct key *key)
{
	if (!key || atomic_fetch_sub_explicit(&key->holders, 1, memory_order_acq_rel) > 1)
		return;
	working_keys_release(key);
	wipe(key, sizeof *key);
	free(key);
}

void key_release_at(struct key **key)
{
	key_release(*key);
	*key = NULL;
}

const struct enctype *key_type(const struct key *key)
{
	return key->type;
}

struct slice key_octets(const struct key *key)
{
	return slice_of(key->root.main_octets, key->type->key_length);
}

/*
 * Over the initial vector and the cipher text (RFC 8009), or over confounder
 * and plain text (RFC 3961), whichever `text` is.
 */
static enum status compute_tag(const struct enctype *type, struct prepared *prepared,
	struct slice text, unsigned char *out, struct error *err)
{
	const struct slice pieces[] = {
		slice_of(zero_vector, type->tag_over_cipher ? sizeof zero_vector : 0),
		text,
	};
	return prepared_mac(prepared, pieces, 2, out, type->tag_length, err);
}

/* `data` holds `length` octets of confounder and plain text, and room for the tag. */
static enum status encrypt_and_tag(const struct enctype *type, struct prepared *prepared,
	unsigned char *data, size_t length, struct error *err)
{
	struct slice text = slice_of(data, length);
	enum status status = STATUS_OK;

	if (!type->tag_over_cipher)
		status = compute_tag(type, prepared, text, data + length, err);
	if (!status)
		status = prepared_cts(prepared, data, data, length, err);
	if (!status && type->tag_over_cipher)
		status = compute_tag(type, prepared, text, data + length, err);
	return status;
}

enum status key_encrypt_confounded(struct key *key, uint32_t usage, const unsigned char *confounder,
	unsigned char *data, size_t plain_length, struct error *err)
{
	struct working_key *working;
	struct prepared *prepared;

	enum status status = working_key_get(key, usage, PURPOSE_ENCRYPT, &working, err);
	if (!status)
		status = working_key_take(key, working, &prepared, err);
	if (status)
		return status;
	if (confounder)
		memcpy(data, confounder, CONFOUNDER_LENGTH);
	else
		status = confounder_draw(&prepared->confounders, data, err);
	if (!status)
		status = encrypt_and_tag(
			key->type, prepared, data, CONFOUNDER_LENGTH + plain_length, err);
	working_key_put(working, prepared);
	return status;
}

enum status key_encrypt_in_place(struct key *key, uint32_t usage, unsigned char *data,
	size_t plain_length, struct error *err)
{
	if (plain_length > KEY_TEXT_MAX)
		return error_set(err, ERR_CRYPTO, "%zu octets are too many to encrypt at once",
			plain_length);
	enum status status = key_encrypt_confounded(key, usage, NULL, data, plain_length, err);
	if (status)
		wipe(data, plain_length + enctype_overhead(key->type));
	return status;
}

enum status key_encrypt(
	struct key *key, uint32_t usage, struct slice plain, struct buffer *out, struct error *err)
{
	size_t overhead = enctype_overhead(key->type);
	if (plain.len > KEY_TEXT_MAX)
		return error_set(
			err, ERR_CRYPTO, "%zu octets are too many to encrypt at once", plain.len);
	if (buffer_reserve(out, plain.len + overhead))
		return error_no_memory(err);

	unsigned char *data = out->data + out->len;
	if (plain.len > 0)
		memcpy(data + CONFOUNDER_LENGTH, plain.data, plain.len);
	enum status status = key_encrypt_in_place(key, usage, data, plain.len, err);
	if (!status)
		out->len += plain.len + overhead;
	return status;
}

static enum status check_tag(const struct enctype *type, struct prepared *prepared,
	struct slice text, const unsigned char *tag, uint32_t usage, struct error *err)
{
	unsigned char expected[CHECKSUM_MAX_LENGTH];
	enum status status = compute_tag(type, prepared, text, expected, err);
	if (!status && CRYPTO_memcmp(expected, tag, type->tag_length) != 0)
		status = error_set(err, KRB_AP_ERR_BAD_INTEGRITY,
			"what was encrypted with %s for key usage %u has been changed, or is of "
			"another key",
			type->name, (unsigned)usage);
	wipe(expected, sizeof expected);
	return status;
}

/* `cipher` is at least the type's overhead long; `out` has room for all but the tag. */
static enum status decrypt_and_check(const struct enctype *type, struct prepared *prepared,
	struct slice cipher, unsigned char *out, uint32_t usage, struct error *err)
{
	struct slice text = slice_of(cipher.data, cipher.len - type->tag_length);
	const unsigned char *tag = text.data + text.len;
	enum status status = STATUS_OK;

	if (type->tag_over_cipher)
		status = check_tag(type, prepared, text, tag, usage, err);
	if (!status)
		status = prepared_cts(prepared, text.data, out, text.len, err);
	if (!status && !type->tag_over_cipher)
		status = check_tag(type, prepared, slice_of(out, text.len), tag, usage, err);
	return status;
}

static enum status check_cipher_length(
	const struct enctype *type, struct slice cipher, struct error *err)
{
	size_t overhead = enctype_overhead(type);
	if (cipher.len < overhead)
		return error_set(err, KRB_AP_ERR_BAD_INTEGRITY,
			"an encrypted part of %zu octets is too short: %s has at least %zu",
			cipher.len, type->name, overhead);
	if (cipher.len - overhead > KEY_TEXT_MAX)
		return error_set(err, KRB_AP_ERR_BAD_INTEGRITY,
			"an encrypted part of %zu octets is too long", cipher.len);
	return STATUS_OK;
}

static enum status decrypt_into(struct key *key, uint32_t usage, struct slice cipher,
	struct buffer *storage, struct error *err)
{
	struct working_key *working;
	struct prepared *prepared;

	enum status status = check_cipher_length(key->type, cipher, err);
	if (status)
		return status;
	if (buffer_reserve(storage, cipher.len))
		return error_no_memory(err);
	status = working_key_get(key, usage, PURPOSE_DECRYPT, &working, err);
	if (!status)
		status = working_key_take(key, working, &prepared, err);
	if (status)
		return status;
	status = decrypt_and_check(key->type, prepared, cipher, storage->data, usage, err);
	working_key_put(working, prepared);
	return status;
}

enum status key_decrypt(struct key *key, uint32_t usage, struct slice cipher,
	struct buffer *storage, struct slice *plain, struct error *err)
{
	*plain = SLICE_EMPTY;
	buffer_clear(storage);
	enum status status = decrypt_into(key, usage, cipher, storage, err);
	if (status) {
		buffer_clear(storage);
		return status;
	}
	storage->len = cipher.len - key->type->tag_length;
	*plain = slice_of(storage->data + CONFOUNDER_LENGTH, storage->len - CONFOUNDER_LENGTH);
	return STATUS_OK;
}

enum status key_checksum(struct key *key, uint32_t usage, const struct slice *pieces, size_t count,
	unsigned char out[CHECKSUM_MAX_LENGTH], struct error *err)
{
	struct working_key *working;
	struct prepared *prepared;

	enum status status = working_key_get(key, usage, PURPOSE_CHECKSUM, &working, err);
	if (!status)
		status = working_key_take(key, working, &prepared, err);
	if (status)
		return status;
	status = prepared_mac(prepared, pieces, count, out, key->type->tag_length, err);
	working_key_put(working, prepared);
	return status;
}

enum status key_verify_checksum(struct key *key, uint32_t usage, int32_t type,
	const struct slice *pieces, size_t count, struct slice value, struct error *err)
{
	const struct enctype *own = key->type;
	if (type != own->checksum_type)
		return error_set(err, KRB_AP_ERR_INAPP_CKSUM,
			"a checksum of type %d, where a key of %s makes type %d", (int)type,
			own->name, (int)own->checksum_type);
	if (value.len != own->tag_length)
		return error_set(err, KRB_AP_ERR_MODIFIED,
			"a checksum of %zu octets, where that of %s has %zu", value.len, own->name,
			own->tag_length);

	unsigned char expected[CHECKSUM_MAX_LENGTH];
	enum status status = key_checksum(key, usage, pieces, count, expected, err);
	if (!status && CRYPTO_memcmp(expected, value.data, value.len) != 0)
		status = error_set(err, KRB_AP_ERR_MODIFIED,
			"the checksum of %s for key usage %u does not match: what it covers has "
			"been changed, or is of another key",
			own->name, (unsigned)usage);
	wipe(expected, sizeof expected);
	return status;
}

enum status key_prf(struct key *key, struct slice input, unsigned char out[PRF_MAX_LENGTH],
	size_t *out_length, struct error *err)
{
	*out_length = key->type->prf_length;
	return key->type->prf(key, input, out, err);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include <openssl/crypto.h>
#include <string.h>

#include "crypto/key_internal.h"
#include "crypto/random.h"

static const unsigned char zero_vector[BLOCK_LENGTH];

/*
 * Over the initial vector and the cipher text (RFC 8009), or over confounder
 * and plain text (RFC 3961), whichever `text` is.
 */
static enum status compute_tag(const struct enctype *type, struct prepared *prepared,
	const struct slice text[2], unsigned char *out, struct error *err)
{
	const struct slice pieces[] = {
		slice_of(zero_vector, type->tag_over_cipher ? sizeof zero_vector : 0),
		text[0],
		text[1],
	};
	return prepared_mac(prepared, pieces, 3, out, type->tag_length, err);
}

/* `data` holds `length` octets of confounder and plain text, and room for the tag. */
static enum status encrypt_and_tag(const struct enctype *type, struct prepared *prepared,
	unsigned char *data, size_t length, struct error *err)
{
	const struct slice text[] = {slice_of(data, length), SLICE_EMPTY};
	if (!type->tag_over_cipher && compute_tag(type, prepared, text, data + length, err))
		return err->status;
	if (prepared_cts(prepared, zero_vector, data, data, length, err))
		return err->status;
	if (type->tag_over_cipher)
		return compute_tag(type, prepared, text, data + length, err);
	return STATUS_OK;
}

enum status key_encrypt_confounded(struct key *key, uint32_t usage, const unsigned char *confounder,
	unsigned char *data, size_t plain_length, struct error *err)
{
	struct working_key *working;
	struct prepared *prepared;

	if (working_key_get(key, usage, PURPOSE_ENCRYPT, &working, err) ||
		working_key_take(key, working, &prepared, err))
		return err->status;
	enum status status = STATUS_OK;
	if (confounder)
		memcpy(data, confounder, CONFOUNDER_LENGTH);
	else
		status = random_octets(data, CONFOUNDER_LENGTH, err);
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
	if (key_encrypt_in_place(key, usage, data, plain.len, err))
		return err->status;
	out->len += plain.len + overhead;
	return STATUS_OK;
}

static enum status check_tag(const struct enctype *type, struct prepared *prepared,
	const struct slice text[2], const unsigned char *tag, uint32_t usage, struct error *err)
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

/* Where confounder and plain text go: the one before the other, or apart. */
struct room {
	unsigned char *confounder, *plain;
};

/* Two blocks at most are one unit, in which the first does not stand first. */
static enum status decrypt_few(
	struct prepared *prepared, struct slice text, struct room room, struct error *err)
{
	unsigned char few[2 * BLOCK_LENGTH];
	enum status status = prepared_cts(prepared, zero_vector, text.data, few, text.len, err);
	if (!status) {
		memcpy(room.confounder, few, CONFOUNDER_LENGTH);
		memcpy(room.plain, few + CONFOUNDER_LENGTH, text.len - CONFOUNDER_LENGTH);
	}
	wipe(few, sizeof few);
	return status;
}

/* In CBC a block of cipher text is the next one's vector, so any of them may be the first. */
static enum status decrypt(
	struct prepared *prepared, struct slice text, struct room room, struct error *err)
{
	if (room.plain == room.confounder + CONFOUNDER_LENGTH)
		return prepared_cts(
			prepared, zero_vector, text.data, room.confounder, text.len, err);
	if (text.len <= 2 * BLOCK_LENGTH)
		return decrypt_few(prepared, text, room, err);
	if (prepared_cts(prepared, zero_vector, text.data, room.confounder, CONFOUNDER_LENGTH, err))
		return err->status;
	return prepared_cts(prepared, text.data, text.data + CONFOUNDER_LENGTH, room.plain,
		text.len - CONFOUNDER_LENGTH, err);
}

/* `cipher` is at least the type's overhead long. */
static enum status decrypt_and_check(const struct enctype *type, struct prepared *prepared,
	struct slice cipher, struct room room, uint32_t usage, struct error *err)
{
	const struct slice text[] = {
		slice_of(cipher.data, cipher.len - type->tag_length),
		SLICE_EMPTY,
	};
	const struct slice plain[] = {
		slice_of(room.confounder, CONFOUNDER_LENGTH),
		slice_of(room.plain, text->len - CONFOUNDER_LENGTH),
	};
	const unsigned char *tag = text->data + text->len;
	if (type->tag_over_cipher && check_tag(type, prepared, text, tag, usage, err))
		return err->status;
	if (decrypt(prepared, *text, room, err))
		return err->status;
	if (!type->tag_over_cipher)
		return check_tag(type, prepared, plain, tag, usage, err);
	return STATUS_OK;
}

static enum status check_cipher_length(const struct enctype *type, size_t length, struct error *err)
{
	size_t overhead = enctype_overhead(type);
	if (length < overhead)
		return error_set(err, KRB_AP_ERR_BAD_INTEGRITY,
			"an encrypted part of %zu octets is too short: %s has at least %zu", length,
			type->name, overhead);
	if (length - overhead > KEY_TEXT_MAX)
		return error_set(err, KRB_AP_ERR_BAD_INTEGRITY,
			"an encrypted part of %zu octets is too long", length);
	return STATUS_OK;
}

static enum status decrypt_into(
	struct key *key, uint32_t usage, struct slice cipher, struct room room, struct error *err)
{
	struct working_key *working;
	struct prepared *prepared;

	if (working_key_get(key, usage, PURPOSE_DECRYPT, &working, err) ||
		working_key_take(key, working, &prepared, err))
		return err->status;
	enum status status = decrypt_and_check(key->type, prepared, cipher, room, usage, err);
	working_key_put(working, prepared);
	return status;
}

enum status key_decrypt(struct key *key, uint32_t usage, struct slice cipher,
	struct buffer *storage, struct slice *plain, struct error *err)
{
	*plain = SLICE_EMPTY;
	buffer_clear(storage);
	if (check_cipher_length(key->type, cipher.len, err))
		return err->status;
	if (buffer_reserve(storage, cipher.len))
		return error_no_memory(err);
	const struct room room = {storage->data, storage->data + CONFOUNDER_LENGTH};
	if (decrypt_into(key, usage, cipher, room, err)) {
		buffer_clear(storage);
		return err->status;
	}
	storage->len = cipher.len - key->type->tag_length;
	*plain = slice_of(room.plain, storage->len - CONFOUNDER_LENGTH);
	return STATUS_OK;
}

/* From one piece: the confounder goes elsewhere. */
static enum status decrypt_to(
	struct key *key, uint32_t usage, struct slice cipher, unsigned char *out, struct error *err)
{
	unsigned char confounder[CONFOUNDER_LENGTH];
	const struct room room = {confounder, out};
	enum status status = decrypt_into(key, usage, cipher, room, err);
	wipe(confounder, sizeof confounder);
	return status;
}

/* From two, put together where the plain text is to be. */
static enum status join_and_decrypt(struct key *key, uint32_t usage, const struct slice cipher[2],
	unsigned char *out, struct error *err)
{
	const struct room room = {out, out + CONFOUNDER_LENGTH};
	const struct slice whole = slice_of(out, cipher[0].len + cipher[1].len);
	memcpy(out, cipher[0].data, cipher[0].len);
	memcpy(out + cipher[0].len, cipher[1].data, cipher[1].len);
	if (decrypt_into(key, usage, whole, room, err))
		return err->status;
	size_t plain_length = whole.len - enctype_overhead(key->type);
	memmove(out, room.plain, plain_length);
	wipe(out + plain_length, whole.len - plain_length);
	return STATUS_OK;
}

enum status key_decrypt_append(struct key *key, uint32_t usage, const struct slice cipher[2],
	struct buffer *out, struct error *err)
{
	const struct slice *first = &cipher[cipher[0].len == 0];
	size_t length = cipher[0].len + cipher[1].len;
	if (check_cipher_length(key->type, length, err))
		return err->status;
	if (buffer_reserve(out, length))
		return error_no_memory(err);
	unsigned char *room = out->data + out->len;
	enum status status = first->len == length ? decrypt_to(key, usage, *first, room, err)
						  : join_and_decrypt(key, usage, cipher, room, err);
	if (status)
		wipe(room, length);
	else
		out->len += length - enctype_overhead(key->type);
	return status;
}

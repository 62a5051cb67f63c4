/* SPDX-License-Identifier: BSD-3-Clause */
#include <openssl/crypto.h>
#include <string.h>

#include "crypto/key_internal.h"
#include "crypto/random.h"

static const unsigned char zero_vector[BLOCK_LENGTH];

/* A working key in use, and what is done with it. */
struct work {
	struct working_key *working;
	struct prepared *prepared;
	const struct enctype *type;
	uint32_t usage;
};

/* work_end() has to follow, whether what is done succeeds or not. */
static enum status work_begin(
	struct key *key, uint32_t usage, enum purpose purpose, struct work *work, struct error *err)
{
	work->type = key->type;
	work->usage = usage;
	if (working_key_get(key, usage, purpose, &work->working, err) ||
		working_key_take(key, work->working, &work->prepared, err))
		return err->status;
	return STATUS_OK;
}

static void work_end(struct work *work)
{
	working_key_put(work->working, work->prepared);
}

/*
 * Over the initial vector and the cipher text (RFC 8009), or over confounder
 * and plain text (RFC 3961), whichever `text` is.
 */
static enum status compute_tag(
	struct work *work, const struct slice text[2], unsigned char *out, struct error *err)
{
	const struct slice slices[] = {
		slice_of(zero_vector, work->type->tag_over_cipher ? sizeof zero_vector : 0),
		text[0],
		text[1],
	};
	return prepared_mac(
		work->prepared, (struct pieces){slices, 3}, out, work->type->tag_length, err);
}

/* `data` holds `length` octets of confounder and plain text, and room for the tag. */
static enum status encrypt_and_tag(
	struct work *work, unsigned char *data, size_t length, struct error *err)
{
	const struct slice text[] = {slice_of(data, length), SLICE_EMPTY};
	const bool tag_over_cipher = work->type->tag_over_cipher;
	if (!tag_over_cipher && compute_tag(work, text, data + length, err))
		return err->status;
	if (prepared_cts(work->prepared, zero_vector, *text, data, err))
		return err->status;
	return tag_over_cipher ? compute_tag(work, text, data + length, err) : STATUS_OK;
}

enum status key_encrypt_confounded(struct key *key, uint32_t usage, unsigned char *data,
	size_t plain_length, struct error *err)
{
	struct work work;
	if (work_begin(key, usage, PURPOSE_ENCRYPT, &work, err))
		return err->status;
	enum status status = encrypt_and_tag(&work, data, CONFOUNDER_LENGTH + plain_length, err);
	work_end(&work);
	return status;
}

enum status key_encrypt_in_place(struct key *key, uint32_t usage, unsigned char *data,
	size_t plain_length, struct error *err)
{
	if (plain_length > KEY_TEXT_MAX)
		return error_set(err, ERR_CRYPTO, "%zu octets are too many to encrypt at once",
			plain_length);
	enum status status = random_octets(data, CONFOUNDER_LENGTH, err);
	if (!status)
		status = key_encrypt_confounded(key, usage, data, plain_length, err);
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

static enum status check_tag(
	struct work *work, const struct slice text[2], const unsigned char *tag, struct error *err)
{
	unsigned char expected[CHECKSUM_MAX_LENGTH];
	enum status status = compute_tag(work, text, expected, err);
	if (!status && CRYPTO_memcmp(expected, tag, work->type->tag_length) != 0)
		status = error_set(err, KRB_AP_ERR_BAD_INTEGRITY,
			"what was encrypted with %s for key usage %u has been changed, or is of "
			"another key",
			work->type->name, (unsigned)work->usage);
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
	enum status status = prepared_cts(prepared, zero_vector, text, few, err);
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
		return prepared_cts(prepared, zero_vector, text, room.confounder, err);
	if (text.len <= 2 * BLOCK_LENGTH)
		return decrypt_few(prepared, text, room, err);
	const struct slice first = slice_of(text.data, CONFOUNDER_LENGTH);
	const struct slice others =
		slice_of(text.data + CONFOUNDER_LENGTH, text.len - CONFOUNDER_LENGTH);
	if (prepared_cts(prepared, zero_vector, first, room.confounder, err))
		return err->status;
	return prepared_cts(prepared, first.data, others, room.plain, err);
}

/* `cipher` is at least the type's overhead long. */
static enum status decrypt_and_check(
	struct work *work, struct slice cipher, struct room room, struct error *err)
{
	const struct slice text[] = {
		slice_of(cipher.data, cipher.len - work->type->tag_length),
		SLICE_EMPTY,
	};
	const struct slice plain[] = {
		slice_of(room.confounder, CONFOUNDER_LENGTH),
		slice_of(room.plain, text->len - CONFOUNDER_LENGTH),
	};
	const unsigned char *tag = text->data + text->len;
	const bool tag_over_cipher = work->type->tag_over_cipher;
	if (tag_over_cipher && check_tag(work, text, tag, err))
		return err->status;
	if (decrypt(work->prepared, *text, room, err))
		return err->status;
	return tag_over_cipher ? STATUS_OK : check_tag(work, plain, tag, err);
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
	struct work work;
	if (work_begin(key, usage, PURPOSE_DECRYPT, &work, err))
		return err->status;
	enum status status = decrypt_and_check(&work, cipher, room, err);
	work_end(&work);
	return status;
}

/* The confounder goes elsewhere. */
static enum status decrypt_to(
	struct key *key, uint32_t usage, struct slice cipher, unsigned char *out, struct error *err)
{
	unsigned char confounder[CONFOUNDER_LENGTH];
	const struct room room = {confounder, out};
	enum status status = decrypt_into(key, usage, cipher, room, err);
	wipe(confounder, sizeof confounder);
	return status;
}

enum status key_decrypt_confounded(
	struct key *key, uint32_t usage, struct slice cipher, unsigned char *out, struct error *err)
{
	return decrypt_into(key, usage, cipher, (struct room){out, out + CONFOUNDER_LENGTH}, err);
}

/* Moving a short text costs less than to decrypt its confounder apart. */
#define SHORT_TEXT 1024
static enum status decrypt_and_move(
	struct key *key, uint32_t usage, struct slice cipher, unsigned char *out, struct error *err)
{
	size_t plain_length = cipher.len - enctype_overhead(key->type);
	if (key_decrypt_confounded(key, usage, cipher, out, err))
		return err->status;
	memmove(out, out + CONFOUNDER_LENGTH, plain_length);
	wipe(out + plain_length, cipher.len - plain_length);
	return STATUS_OK;
}

enum status key_decrypt(struct key *key, uint32_t usage, struct slice cipher, struct buffer *plain,
	struct error *err)
{
	buffer_clear(plain);
	if (check_cipher_length(key->type, cipher.len, err))
		return err->status;
	if (buffer_reserve(plain, cipher.len))
		return error_no_memory(err);
	enum status status = cipher.len <= SHORT_TEXT
				     ? decrypt_and_move(key, usage, cipher, plain->data, err)
				     : decrypt_to(key, usage, cipher, plain->data, err);
	if (status)
		buffer_clear(plain);
	else
		plain->len = cipher.len - enctype_overhead(key->type);
	return status;
}

/* Two pieces are put together where the plain text is to be. */
static enum status join_and_decrypt(struct key *key, uint32_t usage, const struct slice cipher[2],
	unsigned char *out, struct error *err)
{
	memcpy(out, cipher[0].data, cipher[0].len);
	memcpy(out + cipher[0].len, cipher[1].data, cipher[1].len);
	const struct slice whole = slice_of(out, cipher[0].len + cipher[1].len);
	return decrypt_and_move(key, usage, whole, out, err);
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

/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/key.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/key_internal.h"
#include "crypto/random.h"

enum status key_of_type(const struct enctype *type, const unsigned char *octets, struct key **out,
	struct error *err)
{
	const struct algorithms *algorithms = NULL;
	if (algorithms_of(type, &algorithms, err))
		return err->status;
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
	if (enctype_find(enctype, &type, err))
		return err->status;
	if (octets.len != type->key_length)
		return error_set(err, ERR_SYNTAX, "a key of %zu octets; %s has %zu", octets.len,
			type->name, type->key_length);
	return key_of_type(type, octets.data, out, err);
}

enum status key_random(const struct enctype *type, struct key **out, struct error *err)
{
	unsigned char octets[KEY_MAX_LENGTH];
	*out = NULL;
	enum status status = random_secret(octets, type->key_length, err);
	if (!status)
		status = key_of_type(type, octets, out, err);
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

enum status key_checksum(struct key *key, uint32_t usage, struct pieces pieces,
	unsigned char out[CHECKSUM_MAX_LENGTH], struct error *err)
{
	struct working_key *working;
	struct prepared *prepared;

	if (working_key_get(key, usage, PURPOSE_CHECKSUM, &working, err) ||
		working_key_take(key, working, &prepared, err))
		return err->status;
	enum status status = prepared_mac(prepared, pieces, out, key->type->tag_length, err);
	working_key_put(working, prepared);
	return status;
}

enum status key_verify_checksum(struct key *key, uint32_t usage, struct pieces pieces,
	const struct checksum *checksum, struct error *err)
{
	const struct enctype *own = key->type;
	const struct slice value = checksum->value;
	if (checksum->type != own->checksum_type)
		return error_set(err, KRB_AP_ERR_INAPP_CKSUM,
			"a checksum of type %d; a key of %s makes type %d", (int)checksum->type,
			own->name, (int)own->checksum_type);
	if (value.len != own->tag_length)
		return error_set(err, KRB_AP_ERR_MODIFIED,
			"a checksum of %zu octets; that of %s has %zu", value.len, own->name,
			own->tag_length);

	unsigned char expected[CHECKSUM_MAX_LENGTH];
	enum status status = key_checksum(key, usage, pieces, expected, err);
	if (!status && CRYPTO_memcmp(expected, value.data, value.len) != 0)
		status = error_set(err, KRB_AP_ERR_MODIFIED,
			"the checksum of %s for key usage %u does not match: what it covers has "
			"been changed, or is of another key",
			own->name, (unsigned)usage);
	wipe(expected, sizeof expected);
	return status;
}

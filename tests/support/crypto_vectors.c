/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/crypto_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct octets from_hex(const char *hex)
{
	struct octets out = {.len = strlen(hex) / 2};
	assert_true(out.len <= sizeof out.data);
	for (size_t i = 0; i < out.len; i++) {
		unsigned value;
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
		out.data[i] = (unsigned char)value;
	}
	return out;
}

struct slice slice_of_octets(const struct octets *octets)
{
	return slice_of(octets->data, octets->len);
}

void check_octets(size_t vector, const void *got, size_t got_length, const char *expected)
{
	char text[2 * 192 + 1] = "";
	for (size_t i = 0; i < got_length && i < 192; i++)
		sprintf(text + 2 * i, "%02x", ((const unsigned char *)got)[i]);
	if (strcmp(text, expected) != 0)
		fail_msg("vector %zu: got %s, expected %s", vector, text, expected);
}

struct key *key_from_hex(int32_t enctype, const char *hex)
{
	struct octets octets = from_hex(hex);
	struct error err = {0};
	struct key *key = NULL;
	if (key_new(enctype, slice_of_octets(&octets), &key, &err))
		fail_msg("%s", err.text);
	return key;
}

void check_derive(const struct derive_vector *vectors, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct derive_vector *v = &vectors[i];
		AUTO_KEY key = key_from_hex(v->enctype, v->key);
		struct octets constant = from_hex(v->constant);
		unsigned char out[KEY_MAX_LENGTH];
		size_t length = strlen(v->derived) / 2;
		struct error err;
		assert_int_equal(
			key_derive(key, slice_of_octets(&constant), out, length, &err), STATUS_OK);
		check_octets(i, out, length, v->derived);
	}
}

void check_encrypt(const struct encrypt_vector *vectors, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct encrypt_vector *v = &vectors[i];
		if (!v->confounder)
			continue;
		AUTO_KEY key = key_from_hex(v->enctype, v->key);
		struct octets plain = from_hex(v->plain), confounder = from_hex(v->confounder);
		unsigned char data[192];
		struct error err;
		assert_int_equal(confounder.len, enctype_confounder_length(key_type(key)));
		memcpy(data, confounder.data, confounder.len);
		memcpy(data + confounder.len, plain.data, plain.len);
		assert_int_equal(
			key_encrypt_confounded(key, v->usage, data, plain.len, &err), STATUS_OK);
		check_octets(i, data, plain.len + enctype_overhead(key_type(key)), v->cipher);
	}
}

void check_decrypt(const struct encrypt_vector *vectors, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct encrypt_vector *v = &vectors[i];
		AUTO_KEY key = key_from_hex(v->enctype, v->key);
		struct octets cipher = from_hex(v->cipher);
		AUTO_BUFFER plain = {0};
		unsigned char confounded[192];
		struct error err;
		if (key_decrypt(key, v->usage, slice_of_octets(&cipher), &plain, &err))
			fail_msg("vector %zu: %s", i, err.text);
		check_octets(i, plain.data, plain.len, v->plain);
		if (key_decrypt_confounded(
			    key, v->usage, slice_of_octets(&cipher), confounded, &err))
			fail_msg("vector %zu: %s", i, err.text);
		if (v->confounder)
			check_octets(i, confounded, enctype_confounder_length(key_type(key)),
				v->confounder);
	}
}

void check_checksum(const struct checksum_vector *vectors, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct checksum_vector *v = &vectors[i];
		AUTO_KEY key = key_from_hex(v->enctype, v->key);
		struct octets text = from_hex(v->text), checksum = from_hex(v->checksum);
		struct slice piece = slice_of_octets(&text);
		unsigned char out[CHECKSUM_MAX_LENGTH];
		struct error err;
		assert_int_equal(key_checksum(key, v->usage, (struct pieces){&piece, 1}, out, &err),
			STATUS_OK);
		check_octets(i, out, enctype_checksum_length(key_type(key)), v->checksum);
		assert_int_equal(key_verify_checksum(key, v->usage, (struct pieces){&piece, 1},
					 &(struct checksum){enctype_checksum_type(key_type(key)),
						 slice_of_octets(&checksum)},
					 &err),
			STATUS_OK);
	}
}

void check_password(const struct password_vector *vectors, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct password_vector *v = &vectors[i];
		struct octets password = from_hex(v->password), salt = from_hex(v->salt);
		unsigned char params[4];
		AUTO_KEY key = NULL;
		struct error err;
		store_u32(params, v->iterations);
		if (key_from_password(enctype_usable(v->enctype),
			    &(struct password){slice_of_octets(&password), slice_of_octets(&salt),
				    slice_of(params, sizeof params)},
			    &key, &err))
			fail_msg("vector %zu: %s", i, err.text);
		check_octets(i, key_octets(key).data, key_octets(key).len, v->key);
	}
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include <openssl/evp.h>

#include "crypto/key_internal.h"

#define STRING_MAX 65536 /* of a password or a salt */

static enum status read_iterations(
	const struct enctype *type, struct slice params, uint32_t *out, struct error *err)
{
	*out = type->iterations;
	if (params.len == 0)
		return STATUS_OK;
	if (params.len != 4)
		return error_set(err, ERR_SYNTAX,
			"string-to-key parameters of %zu octets; %s takes 4", params.len,
			type->name);
	struct reader reader = reader_of(params);
	*out = read_u32(&reader);
	if (*out == 0 || *out > KEY_MAX_ITERATIONS)
		return error_set(err, ERR_SYNTAX,
			"a string-to-key iteration count of %u; 1 to %u are accepted",
			(unsigned)*out, KEY_MAX_ITERATIONS);
	return STATUS_OK;
}

static enum status full_salt(
	const struct enctype *type, struct slice salt, struct buffer *out, struct error *err)
{
	if (type->salt_names_type && (buffer_append(out, slice_string(type->name)) ||
					     buffer_append(out, slice_of("", 1))))
		return error_no_memory(err);
	return buffer_append(out, salt) ? error_no_memory(err) : STATUS_OK;
}

/* What PBKDF2 gives is a key that only serves to derive the real one. */
static enum status intermediate_key(const struct enctype *type, const struct password *password,
	struct key **out, struct error *err)
{
	AUTO_BUFFER salt = {0};
	const struct algorithms *algorithms = NULL;
	unsigned char octets[KEY_MAX_LENGTH];
	uint32_t iterations;

	if (read_iterations(type, password->parameters, &iterations, err) ||
		full_salt(type, password->salt, &salt, err) ||
		algorithms_of(type, &algorithms, err))
		return err->status;
	if (PKCS5_PBKDF2_HMAC((const char *)password->octets.data, (int)password->octets.len,
		    salt.data, (int)salt.len, (int)iterations, algorithms->digest,
		    (int)type->key_length, octets) != 1)
		return openssl_failed(err, "compute PBKDF2");
	enum status status = key_of_type(type, octets, out, err);
	wipe(octets, sizeof octets);
	return status;
}

enum status key_from_password(const struct enctype *type, const struct password *password,
	struct key **out, struct error *err)
{
	AUTO_KEY intermediate = NULL;
	unsigned char octets[KEY_MAX_LENGTH];

	*out = NULL;
	if (password->octets.len > STRING_MAX || password->salt.len > STRING_MAX)
		return error_set(err, ERR_SYNTAX,
			"a password of %zu and a salt of %zu octets; at most %d each are accepted",
			password->octets.len, password->salt.len, STRING_MAX);
	if (intermediate_key(type, password, &intermediate, err))
		return err->status;

	enum status status =
		key_derive(intermediate, SLICE_LITERAL("kerberos"), octets, type->key_length, err);
	if (!status)
		status = key_of_type(type, octets, out, err);
	wipe(octets, sizeof octets);
	return status;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/client_key.h"

#include "base/text.h"
#include "base/timestamp.h"

/* Of higher counts it is measured first how long so many iterations take. */
#define SAMPLE_ITERATIONS 32768u

/*
 * Is `a` the newer of two? A kvno of 8 bits begins again after 255: a small one
 * that was written later than a large one is newer.
 */
static bool is_newer(const struct keytab_entry *a, const struct keytab_entry *b)
{
	if (a->kvno < 128 && b->kvno > 240 && b->kvno < 256)
		return a->timestamp >= b->timestamp;
	if (b->kvno < 128 && a->kvno > 240 && a->kvno < 256)
		return a->timestamp > b->timestamp;
	return a->kvno > b->kvno;
}

static const struct keytab_entry *newest(
	const struct keytab *keytab, const struct principal *client, int32_t type)
{
	const struct keytab_entry *best = NULL, *entry;
	unsigned position = 0;
	while ((entry = keytab_find(
			keytab, client, &(struct keytab_wanted){type, false, 0}, &position)))
		if (entry->key && (!best || is_newer(entry, best)))
			best = entry;
	return best;
}

enum status client_key_types(const struct client_secret *secret, const struct principal *client,
	const struct enctype_list *types, struct enctype_list *out, struct error *err)
{
	*out = *types;
	if (!secret->keytab)
		return STATUS_OK;
	out->count = 0;
	for (unsigned i = 0; i < types->count; i++)
		if (newest(secret->keytab, client, types->number[i]))
			out->number[out->count++] = types->number[i];
	if (out->count > 0)
		return STATUS_OK;
	return error_set(err, ERR_NOT_FOUND,
		"the keytab %s has no key of %s that may be used (permitted_enctypes and "
		"default_tkt_enctypes in krb5.conf)",
		keytab_name(secret->keytab), PRINCIPAL_TEXT(client));
}

/* A count that is too low lets whoever listens guess the password the faster. */
static enum status check_parameters(
	const struct enctype *type, struct slice parameters, struct error *err)
{
	struct reader reader = reader_of(parameters);
	uint32_t count = read_u32(&reader), least = enctype_iterations(type);
	if (parameters.len == 4 && count < least)
		return error_set(err, ERR_SYNTAX,
			"the KDC asks for a string-to-key iteration count of %u, where %s has no "
			"fewer than %u: it may be a forger's",
			(unsigned)count, enctype_name(type), (unsigned)least);
	return STATUS_OK;
}

static enum status default_salt(
	const struct principal *client, struct buffer *out, struct error *err)
{
	if (buffer_append(out, client->realm))
		return error_no_memory(err);
	for (unsigned i = 0; i < client->count; i++)
		if (buffer_append(out, client->component[i]))
			return error_no_memory(err);
	return STATUS_OK;
}

/* ---- a password's keys, once each ---- */

void client_keys_clear(struct client_keys *keys)
{
	for (unsigned i = 0; i < keys->count; i++) {
		buffer_free(&keys->made[i].salt);
		buffer_free(&keys->made[i].parameters);
		key_release(keys->made[i].key);
	}
	keys->count = 0;
}

static const struct derivation *find_made(
	const struct client_keys *keys, int32_t etype, struct slice salt, struct slice parameters)
{
	for (unsigned i = 0; i < keys->count; i++) {
		const struct derivation *made = &keys->made[i];
		if (made->etype == etype && slice_equal(buffer_slice(&made->salt), salt) &&
			slice_equal(buffer_slice(&made->parameters), parameters))
			return made;
	}
	return NULL;
}

/* What is left of the time has to do for a count that a forger chose, on this host. */
static enum status check_time(const struct client_keys *keys, const struct enctype *type,
	struct slice parameters, struct error *err)
{
	AUTO_KEY unwanted = NULL;
	unsigned char sample[4];
	struct reader reader = reader_of(parameters);
	int64_t began = monotonic_milliseconds(), needed = 0;
	uint32_t count = read_u32(&reader);
	if (parameters.len == 4 && count / 4 > SAMPLE_ITERATIONS && count <= KEY_MAX_ITERATIONS) {
		store_u32(sample, SAMPLE_ITERATIONS);
		if (key_from_password(type,
			    &(struct password){SLICE_LITERAL("sample"), SLICE_LITERAL("sample"),
				    slice_of(sample, sizeof sample)},
			    &unwanted, err))
			return err->status;
		needed = (monotonic_milliseconds() - began) * (count / SAMPLE_ITERATIONS);
	}
	if (began + needed < keys->deadline)
		return STATUS_OK;
	return error_set(err, ERR_UNSUPPORTED,
		"a key of the password by a string-to-key iteration count of %u would not be ready "
		"in the time that is left (%s): it may be a forger's, or kerberos5_kdc_timeout is "
		"too short",
		parameters.len == 4 ? (unsigned)count : (unsigned)enctype_iterations(type),
		SPAN_TEXT((keys->deadline > began ? keys->deadline - began : 0) / 1000));
}

static enum status derive(struct client_keys *keys, const struct enctype *type, struct slice salt,
	struct slice parameters, struct error *err)
{
	struct derivation *made = &keys->made[keys->count];
	if (check_time(keys, type, parameters, err))
		return err->status;
	*made = (struct derivation){.etype = enctype_number(type)};
	if (key_from_password(type, &(struct password){keys->secret->password, salt, parameters},
		    &made->key, err))
		return err->status;
	keys->count++;
	if (buffer_append(&made->salt, salt) || buffer_append(&made->parameters, parameters))
		return error_no_memory(err);
	return STATUS_OK;
}

/* Belongs to `keys`. NULL, with the reason, if there is none. */
static struct key *password_key(struct client_keys *keys, const struct principal *client,
	const struct enctype *type, const struct etype_info2_entry *info, struct error *err)
{
	AUTO_BUFFER salt = {0};
	struct slice given = info->salt;
	if (keys->secret->password.len == 0) {
		(void)error_set(
			err, ERR_SYNTAX, "the password of %s is empty", PRINCIPAL_TEXT(client));
		return NULL;
	}
	if (check_parameters(type, info->parameters, err))
		return NULL;
	if (!given.data) {
		if (default_salt(client, &salt, err))
			return NULL;
		given = buffer_slice(&salt);
	}
	const struct derivation *made = find_made(keys, info->etype, given, info->parameters);
	if (made)
		return made->key;
	if (keys->count == CLIENT_MAX_DERIVATIONS) {
		(void)error_set(err, ERR_UNSUPPORTED,
			"the KDC of %s asks for the password of %s to become a third key, of yet "
			"another type, salt or iteration count: in one login no more than %d are "
			"made, since a forger may ask for them",
			TEXT(client->realm), PRINCIPAL_TEXT(client), CLIENT_MAX_DERIVATIONS);
		return NULL;
	}
	if (derive(keys, type, given, info->parameters, err))
		return NULL;
	return keys->made[keys->count - 1].key;
}

enum status client_key(struct client_keys *keys, const struct principal *client,
	const struct etype_info2_entry *info, struct key **out, struct error *err)
{
	*out = NULL;
	const struct enctype *type = enctype_by_number(info->etype, err);
	if (!type)
		return err->status;
	const struct keytab *keytab = keys->secret->keytab;
	if (!keytab) {
		struct key *key = password_key(keys, client, type, info, err);
		if (!key)
			return err->status;
		*out = key_ref(key);
		return STATUS_OK;
	}

	const struct keytab_entry *entry = newest(keytab, client, info->etype);
	if (!entry)
		return error_set(err, ERR_NOT_FOUND, "the keytab %s has no key of %s of type %s",
			keytab_name(keytab), PRINCIPAL_TEXT(client), ENCTYPE_TEXT(info->etype));
	*out = key_ref(entry->key);
	return STATUS_OK;
}

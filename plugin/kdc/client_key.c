#include "kdc/client_key.h"

#include "base/text.h"

/*
 * Is `a` the newer of two? A kvno of 8 bits begins anew after 255: a small one
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
	while ((entry = keytab_find(keytab, client, type, false, 0, &position)))
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

static enum status password_key(const struct client_secret *secret, const struct principal *client,
	const struct enctype *type, const struct etype_info2_entry *info, struct key **out,
	struct error *err)
{
	AUTO_BUFFER salt = {0};
	struct slice given = info->salt;
	if (secret->password.len == 0)
		return error_set(
			err, ERR_SYNTAX, "the password of %s is empty", PRINCIPAL_TEXT(client));
	if (check_parameters(type, info->parameters, err))
		return err->status;
	if (!given.data) {
		if (default_salt(client, &salt, err))
			return err->status;
		given = buffer_slice(&salt);
	}
	return key_from_password(type, secret->password, given, info->parameters, out, err);
}

enum status client_key(const struct client_secret *secret, const struct principal *client,
	const struct etype_info2_entry *info, struct key **out, struct error *err)
{
	*out = NULL;
	const struct enctype *type = enctype_by_number(info->etype, err);
	if (!type)
		return err->status;
	if (!secret->keytab)
		return password_key(secret, client, type, info, out, err);

	const struct keytab_entry *entry = newest(secret->keytab, client, info->etype);
	if (!entry)
		return error_set(err, ERR_NOT_FOUND, "the keytab %s has no key of %s of type %s",
			keytab_name(secret->keytab), PRINCIPAL_TEXT(client),
			ENCTYPE_TEXT(info->etype));
	*out = key_ref(entry->key);
	return STATUS_OK;
}

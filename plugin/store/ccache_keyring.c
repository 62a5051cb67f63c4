/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A cache is a keyring (keyring_place.h). In it are a key with its client's name, perhaps
 * one with the KDC's time offset, and one for each credential.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "store/ccache_marshal.h"
#include "store/ccache_type.h"
#include "store/keyring_place.h"

#define CLIENT_KEY "__krb5_princ__"
#define OFFSET_KEY "__krb5_time_offsets__"

static enum status set_name(
	const struct keyring_place *place, struct ccache *ccache, struct error *err)
{
	char text[KEYRING_PLACE_TEXT_SIZE];
	return ccache_set_name(
		ccache, "KEYRING:", keyring_place_text(place, place->cache, text), err);
}

/* Adds the first piece. */
static enum status add_client(const struct keyring_place *place, int32_t cache,
	struct ccache *ccache, int32_t *key, struct error *err)
{
	AUTO_BUFFER payload = {0};
	int number = keyring_search(cache, "user", CLIENT_KEY, 0, key);
	if (number == 0)
		number = keyring_read(*key, CCACHE_MAX_LENGTH, &payload);
	if (number)
		return keyring_refused(place, number, err);
	if (keyring_judge(place, "the name of its client", *key, err))
		return err->status;
	return ccache_add_piece(ccache, buffer_slice(&payload), err);
}

/* Its key, or 0 where there is none. */
static int32_t take_offset(int32_t cache, struct ccache *ccache)
{
	AUTO_BUFFER payload = {0};
	int32_t key;
	if (keyring_search(cache, "user", OFFSET_KEY, 0, &key) != 0)
		return 0;
	if (keyring_read(key, CCACHE_MAX_LENGTH, &payload) == 0) {
		struct reader reader = reader_of(buffer_slice(&payload));
		int32_t offset = (int32_t)read_u32(&reader);
		ccache->kdc_offset = reader.failed ? 0 : offset;
	}
	return key;
}

/* A key that ended, or was removed, since the keyring was read is no fault. */
static bool is_gone(int number)
{
	return number == ENOKEY || number == EKEYEXPIRED || number == EKEYREVOKED ||
	       number == EACCES;
}

static enum status add_key(
	const struct keyring_place *place, int32_t key, struct ccache *ccache, struct error *err)
{
	AUTO_BUFFER payload = {0};
	int number = keyring_read(key, CCACHE_MAX_LENGTH, &payload);
	if (is_gone(number))
		return STATUS_OK;
	if (number)
		return keyring_refused(place, number, err);
	if (keyring_judge(place, "a ticket", key, err))
		return err->status;
	return ccache_add_piece(ccache, buffer_slice(&payload), err);
}

static enum status read_cache(
	const struct keyring_place *place, int32_t cache, struct ccache *ccache, struct error *err)
{
	AUTO_BUFFER keys = {0};
	int32_t client, key;
	if (add_client(place, cache, ccache, &client, err))
		return err->status;
	int32_t offset = take_offset(cache, ccache);
	int number = keyring_read(cache, KEYRING_MAX_KEYS * sizeof key, &keys);
	if (number)
		return keyring_refused(place, number, err);
	struct reader reader = reader_of(buffer_slice(&keys));
	while (keyring_next(&reader, &key))
		if (key != client && key != offset && add_key(place, key, ccache, err))
			return err->status;
	return ccache_parse_pieces(ccache, err);
}

static enum status open_parts(
	const struct keyring_place *given, struct ccache *ccache, int32_t *cache, struct error *err)
{
	AUTO_BUFFER storage = {0};
	struct keyring_place place = *given;
	int32_t collection;
	if (keyring_collection(&place, false, &collection, err) ||
		(!place.cache && keyring_primary(collection, &storage, &place, err)) ||
		set_name(&place, ccache, err))
		return err->status;
	int number = keyring_find_cache(&place, collection, cache);
	if (number)
		return keyring_refused(&place, number, err);
	if (keyring_judge(&place, "a keyring", *cache, err))
		return err->status;
	return read_cache(&place, *cache, ccache, err);
}

static enum status open_keyring(const char *rest, struct ccache *ccache, struct error *err)
{
	struct keyring_place place;
	int32_t cache;
	if (keyring_place_of(rest, &ccache->owners, &place, err))
		return err->status;
	return open_parts(&place, ccache, &cache, err);
}

/*
 * Under the server's name: a key of this name is replaced. Large ones do not
 * count against the user's quota, but not each kernel has them, and old
 * programs do not know them.
 */
static int put_key(const struct keyring_place *place, const struct principal *server,
	struct slice octets, int32_t cache, int32_t *key)
{
	char description[KEYRING_MAX_DESCRIPTION + 1];
	int number = EINVAL;
	principal_text(server, description, sizeof description);
	if (strcmp(place->anchor, KEYRING_LEGACY) != 0)
		number = keyring_add("big_key", description, octets, cache, key);
	if (number == EINVAL || number == ENODEV)
		number = keyring_add("user", description, octets, cache, key);
	return number;
}

static uint32_t seconds_to(int64_t end)
{
	int64_t left = end - timestamp_now().seconds;
	return left <= 0 ? 1 : left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
}

/* The ticket goes when it has ended. If the kernel does not take that, it stays. */
static enum status put_credential(const struct keyring_place *place,
	const struct credential *credential, int32_t cache, struct error *err)
{
	AUTO_BUFFER octets = {0};
	int32_t key;
	if (marshal_credential(credential, 4, &octets, err))
		return err->status;
	int number = put_key(place, &credential->server, buffer_slice(&octets), cache, &key);
	if (number)
		return keyring_refused(place, number, err);
	(void)keyring_set_timeout(key, seconds_to(credential->endtime));
	return STATUS_OK;
}

/* Likewise the cache, when its last ticket has. */
static void limit_time(
	int32_t cache, const struct credential *credential, unsigned count, int64_t last)
{
	for (unsigned i = 0; i < count; i++)
		if (credential[i].endtime > last)
			last = credential[i].endtime;
	(void)keyring_set_timeout(cache, seconds_to(last));
}

static enum status put_offset(
	const struct keyring_place *place, int64_t kdc_offset, int32_t cache, struct error *err)
{
	AUTO_BUFFER octets = {0};
	int32_t key;
	if (marshal_kdc_offset(kdc_offset, &octets, err))
		return err->status;
	int number = keyring_add("user", OFFSET_KEY, buffer_slice(&octets), cache, &key);
	return number ? keyring_refused(place, number, err) : STATUS_OK;
}

/* The cache as it is now, if it is still of the same client. */
static enum status open_again(const struct ccache *ccache, struct keyring_place *place,
	struct ccache *now, int32_t *cache, struct error *err)
{
	if (!now)
		return error_no_memory(err);
	if (keyring_place_of(ccache->place, &ccache->owners, place, err) ||
		open_parts(place, now, cache, err))
		return err->status;
	return ccache_check_client(ccache, now, err);
}

static enum status store_keyring(
	const struct ccache *ccache, const struct credential *credential, struct error *err)
{
	struct keyring_place place;
	int32_t cache;
	AUTO_CCACHE now = calloc(1, sizeof *now);
	if (open_again(ccache, &place, now, &cache, err) ||
		put_credential(&place, credential, cache, err))
		return err->status;
	limit_time(cache, now->credential, now->count, credential->endtime);
	return STATUS_OK;
}

static enum status set_offset_keyring(
	const struct ccache *ccache, int64_t kdc_offset, struct error *err)
{
	struct keyring_place place;
	int32_t cache;
	AUTO_CCACHE now = calloc(1, sizeof *now);
	if (open_again(ccache, &place, now, &cache, err))
		return err->status;
	return put_offset(&place, kdc_offset, cache, err);
}

/* An empty one, in place of one of this name; libkrb5 empties that, too, before it fills it. */
static enum status make_cache(const struct keyring_place *place, int32_t collection,
	const struct principal *client, int32_t *cache, struct error *err)
{
	AUTO_BUFFER octets = {0};
	int32_t key;
	if (marshal_principal(client, &octets, err))
		return err->status;
	int number = keyring_add("keyring", place->cache, SLICE_EMPTY, collection, cache);
	if (number == 0)
		number = keyring_add("user", CLIENT_KEY, buffer_slice(&octets), *cache, &key);
	return number ? keyring_refused(place, number, err) : STATUS_OK;
}

static enum status fill_cache(const struct keyring_place *place, const struct ccache_start *start,
	int32_t cache, struct error *err)
{
	if (start->kdc_offset != 0 && put_offset(place, start->kdc_offset, cache, err))
		return err->status;
	for (unsigned i = 0; i < start->count; i++)
		if (put_credential(place, &start->credential[i], cache, err))
			return err->status;
	if (start->count > 0)
		limit_time(cache, start->credential, start->count, 0);
	return STATUS_OK;
}

static enum status create_keyring(
	const char *rest, const struct ccache_start *start, struct error *err)
{
	AUTO_BUFFER storage = {0};
	struct keyring_place place;
	int32_t collection, cache;
	if (keyring_place_of(rest, NULL, &place, err) ||
		keyring_collection(&place, true, &collection, err) ||
		(!place.cache && keyring_primary(collection, &storage, &place, err)) ||
		make_cache(&place, collection, start->client, &cache, err) ||
		fill_cache(&place, start, cache, err))
		return err->status;
	return keyring_set_first_primary(&place, collection, err);
}

static enum status add_name(const struct keyring_place *place, const char *cache,
	struct buffer *names, struct error *err)
{
	char text[KEYRING_PLACE_TEXT_SIZE];
	return ccache_add_name(names, "KEYRING:", keyring_place_text(place, cache, text), err);
}

/* The description in "keyring;UID;GID;PERMISSIONS;DESCRIPTION"; NULL for what is no keyring. */
static const char *name_of(const struct buffer *text)
{
	const char *field = (const char *)text->data;
	if (text->len == 0 || text->data[text->len - 1] != '\0' ||
		strncmp(field, "keyring;", 8) != 0)
		return NULL;
	for (unsigned i = 0; i < 4 && field; i++) {
		field = strchr(field, ';');
		field = field ? field + 1 : NULL;
	}
	return field && field[0] ? field : NULL;
}

static enum status add_others(const struct keyring_place *place, int32_t collection,
	struct buffer *names, struct error *err)
{
	AUTO_BUFFER keys = {0}, text = {0};
	int32_t key;
	int number = keyring_read(collection, KEYRING_MAX_KEYS * sizeof key, &keys);
	if (number)
		return keyring_refused(place, number, err);
	struct reader reader = reader_of(buffer_slice(&keys));
	while (keyring_next(&reader, &key)) {
		if (keyring_describe(key, &text) != 0)
			continue;
		const char *name = name_of(&text);
		if (name && strcmp(name, place->cache) != 0 && add_name(place, name, names, err))
			return err->status;
	}
	return STATUS_OK;
}

static enum status list_keyring(
	const char *rest, const struct file_owners *owners, struct buffer *names, struct error *err)
{
	AUTO_BUFFER storage = {0};
	struct keyring_place place;
	int32_t collection, cache;
	if (keyring_place_of(rest, owners, &place, err))
		return err->status;
	if (place.cache)
		return add_name(&place, place.cache, names, err);
	if (keyring_collection(&place, false, &collection, err) ||
		keyring_primary(collection, &storage, &place, err))
		return err->status;
	if (keyring_find_cache(&place, collection, &cache) == 0 &&
		add_name(&place, place.cache, names, err))
		return err->status;
	return add_others(&place, collection, names, err);
}

const struct ccache_type ccache_keyring = {
	.name = "KEYRING",
	.open = open_keyring,
	.store = store_keyring,
	.set_kdc_offset = set_offset_keyring,
	.create = create_keyring,
	.list = list_keyring,
};

/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/keyring_place.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define COLLECTION_PREFIX "_krb_"
#define PERSISTENT_COLLECTION "_krb"
#define PRIMARY_KEY "krb_ccache:primary"
#define PRIMARY_VERSION 1
#define NAME_OF_NOTHING "tkt"

enum status keyring_place_of(const char *rest, const struct file_owners *owners,
	struct keyring_place *out, struct error *err)
{
	if (strlen(rest) > KEYRING_MAX_DESCRIPTION - sizeof COLLECTION_PREFIX)
		return error_set(err, ERR_SYNTAX,
			"the credential cache name KEYRING:%.40s... is too long", rest);
	strcpy(out->text, rest);
	out->cache = NULL;
	out->owners = owners;
	char *colon = strchr(out->text, ':');
	out->anchor = colon ? out->text : KEYRING_LEGACY;
	out->collection = out->text;
	if (!colon)
		return STATUS_OK;
	*colon++ = '\0';
	out->collection = colon;
	colon = strchr(colon, ':');
	if (colon) {
		*colon++ = '\0';
		out->cache = colon;
	}
	return STATUS_OK;
}

const char *keyring_place_text(
	const struct keyring_place *place, const char *cache, char out[KEYRING_PLACE_TEXT_SIZE])
{
	snprintf(out, KEYRING_PLACE_TEXT_SIZE, "%s:%s:%s", place->anchor, place->collection, cache);
	return out;
}

enum status keyring_refused(const struct keyring_place *place, int number, struct error *err)
{
	if (number == ENOKEY || number == EKEYEXPIRED || number == EKEYREVOKED)
		return error_set(err, ERR_NOT_FOUND,
			"there is no credential cache KEYRING:%s:%s%s%s: run kinit, or set "
			"KRB5CCNAME",
			place->anchor, place->collection, place->cache ? ":" : "",
			place->cache ? place->cache : "");
	return error_set(err, ERR_FILE,
		"the kernel does not let user %ld have the credential cache KEYRING:%s:%s%s%s: %s",
		(long)geteuid(), place->anchor, place->collection, place->cache ? ":" : "",
		place->cache ? place->cache : "", strerror(number));
}

/* "TYPE;UID;GID;PERMISSIONS;DESCRIPTION"; false if it is not that. */
static bool read_attributes(const struct buffer *text, uid_t *owner, uint32_t *permissions)
{
	unsigned long uid, bits;
	if (text->len == 0 || text->data[text->len - 1] != '\0' ||
		sscanf((const char *)text->data, "%*[^;];%lu;%*u;%lx;", &uid, &bits) != 2)
		return false;
	*owner = (uid_t)uid;
	*permissions = (uint32_t)bits;
	return true;
}

/*
 * A session's keyrings stay with it when the user changes (su), and the
 * superuser has everybody's: of whom a key is, the way to it does not tell.
 */
enum status keyring_judge(
	const struct keyring_place *place, const char *what, int32_t key, struct error *err)
{
	const uint32_t write = 0x04, set_attributes = 0x20;
	const uint32_t by_others = (write | set_attributes) << 8 | write | set_attributes;
	AUTO_BUFFER text = {0};
	uid_t owner;
	uint32_t permissions;
	int number = keyring_describe(key, &text);
	if (number || !read_attributes(&text, &owner, &permissions))
		return keyring_refused(place, number ? number : EINVAL, err);
	bool trusted = file_owner_is_trusted(owner, place->owners);
	if (trusted && !(permissions & by_others))
		return STATUS_OK;
	return error_set(err, ERR_UNTRUSTED,
		"the credential cache KEYRING:%s:%s%s%s has %s of user %ld (permissions %08x), "
		"expected is one of user %ld, whom this program runs as, or root%s: run kinit%s",
		place->anchor, place->collection, place->cache ? ":" : "",
		place->cache ? place->cache : "", what, (long)owner, (unsigned)permissions,
		(long)geteuid(), trusted ? ", which nobody else can write to" : "",
		trusted ? " again"
			: " as that one, or name the owner in the option "
			  "kerberos5_ccache_owners");
}

/* A user's keyrings are not possessed by the user's processes, hence the links to the process. */
static const struct anchor {
	const char *name;
	int32_t ring;
	int32_t possess;
} anchors[] = {
	{KEYRING_LEGACY, KEY_SPEC_SESSION_KEYRING, 0},
	{"session", KEY_SPEC_SESSION_KEYRING, 0},
	{"process", KEY_SPEC_PROCESS_KEYRING, 0},
	{"thread", KEY_SPEC_THREAD_KEYRING, 0},
	{"user", KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING},
};

/* Nothing is the effective user. */
static bool parse_uid(const char *text, uid_t *uid)
{
	uint64_t value = 0;
	if (text[0] == '\0') {
		*uid = geteuid();
		return true;
	}
	for (; *text >= '0' && *text <= '9' && value < UINT32_MAX; text++)
		value = value * 10 + (uint64_t)(*text - '0');
	*uid = (uid_t)value;
	return *text == '\0' && value < UINT32_MAX;
}

/* Once it was made, it is looked for again: so the process comes to possess it. */
static int find_or_make(
	int32_t ring, const char *description, int32_t possess, bool make, int32_t *key)
{
	int number = keyring_search(ring, "keyring", description, possess, key);
	if (number != ENOKEY || !make)
		return number;
	number = keyring_add("keyring", description, SLICE_EMPTY, ring, key);
	return number ? number : keyring_search(ring, "keyring", description, possess, key);
}

static enum status find_persistent(
	const struct keyring_place *place, bool make, int32_t *collection, struct error *err)
{
	int32_t ring;
	uid_t uid;
	if (!parse_uid(place->collection, &uid))
		return error_set(err, ERR_SYNTAX,
			"KEYRING:persistent:%s does not name a credential cache: expected is a "
			"user's number, as in KEYRING:persistent:%ld",
			place->collection, (long)geteuid());
	int number = keyring_persistent(uid, &ring);
	if (number == 0)
		number = find_or_make(
			ring, PERSISTENT_COLLECTION, KEY_SPEC_PROCESS_KEYRING, make, collection);
	return number ? keyring_refused(place, number, err) : STATUS_OK;
}

static enum status find_anchored(
	const struct keyring_place *place, bool make, int32_t *collection, struct error *err)
{
	char description[sizeof COLLECTION_PREFIX + KEYRING_MAX_DESCRIPTION];
	snprintf(description, sizeof description, COLLECTION_PREFIX "%s", place->collection);
	for (size_t i = 0; i < sizeof anchors / sizeof *anchors; i++) {
		const struct anchor *anchor = &anchors[i];
		if (strcmp(anchor->name, place->anchor) != 0)
			continue;
		int number =
			find_or_make(anchor->ring, description, anchor->possess, make, collection);
		return number ? keyring_refused(place, number, err) : STATUS_OK;
	}
	return error_set(err, ERR_SYNTAX,
		"KEYRING:%s:%s does not name a credential cache: expected is KEYRING:persistent:, "
		"user:, session:, process: or thread:, and a name",
		place->anchor, place->collection);
}

enum status keyring_collection(
	const struct keyring_place *place, bool make, int32_t *collection, struct error *err)
{
	bool persistent = strcmp(place->anchor, "persistent") == 0;
	if (persistent ? find_persistent(place, make, collection, err)
		       : find_anchored(place, make, collection, err))
		return err->status;
	return keyring_judge(place, "a keyring", *collection, err);
}

/* A version, and the name with its length. The name is put into `storage`. */
static enum status take_primary(struct slice payload, struct buffer *storage,
	struct keyring_place *place, struct error *err)
{
	struct reader reader = reader_of(payload);
	uint32_t version = read_u32(&reader);
	struct slice name = read_bytes(&reader, read_u32(&reader));
	if (reader.failed || version != PRIMARY_VERSION || name.len == 0 ||
		name.len > KEYRING_MAX_DESCRIPTION || memchr(name.data, '\0', name.len))
		return error_set(err, ERR_SYNTAX,
			"the collection KEYRING:%s:%s does not tell its primary credential cache: "
			"version %u, name \"%s\": run kswitch",
			place->anchor, place->collection, version, TEXT(name));
	if (buffer_append(storage, name) || buffer_append(storage, SLICE_LITERAL("\0")))
		return error_no_memory(err);
	place->cache = (const char *)storage->data;
	return STATUS_OK;
}

enum status keyring_primary(
	int32_t collection, struct buffer *storage, struct keyring_place *place, struct error *err)
{
	AUTO_BUFFER payload = {0};
	int32_t key;
	int number = keyring_search(collection, "user", PRIMARY_KEY, 0, &key);
	if (number == ENOKEY) {
		place->cache = place->collection[0] ? place->collection : NAME_OF_NOTHING;
		return STATUS_OK;
	}
	if (number == 0)
		number = keyring_read(key, KEYRING_MAX_DESCRIPTION + 8, &payload);
	if (number)
		return keyring_refused(place, number, err);
	if (keyring_judge(place, "the name of the primary one", key, err))
		return err->status;
	return take_primary(buffer_slice(&payload), storage, place, err);
}

enum status keyring_set_first_primary(
	const struct keyring_place *place, int32_t collection, struct error *err)
{
	AUTO_BUFFER payload = {0};
	unsigned char numbers[8];
	int32_t key;
	struct slice name = slice_string(place->cache);
	int number = keyring_search(collection, "user", PRIMARY_KEY, 0, &key);
	if (number != ENOKEY)
		return number ? keyring_refused(place, number, err) : STATUS_OK;
	store_u32(numbers, PRIMARY_VERSION);
	store_u32(numbers + 4, (uint32_t)name.len);
	if (buffer_append(&payload, slice_of(numbers, sizeof numbers)) ||
		buffer_append(&payload, name))
		return error_no_memory(err);
	number = keyring_add("user", PRIMARY_KEY, buffer_slice(&payload), collection, &key);
	return number ? keyring_refused(place, number, err) : STATUS_OK;
}

/* Old programs put theirs into the session's keyring itself. */
int keyring_find_cache(const struct keyring_place *place, int32_t collection, int32_t *cache)
{
	int number = keyring_search(collection, "keyring", place->cache, 0, cache);
	if (number == ENOKEY && strcmp(place->anchor, KEYRING_LEGACY) == 0)
		number =
			keyring_search(KEY_SPEC_SESSION_KEYRING, "keyring", place->cache, 0, cache);
	return number;
}

bool keyring_next(struct reader *keys, int32_t *key)
{
	struct slice octets = read_bytes(keys, sizeof *key);
	if (octets.len > 0)
		memcpy(key, octets.data, sizeof *key);
	return octets.len > 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A collection is a keyring named _krb_COLLECTION in another one, the anchor
 * (for KEYRING:persistent it is _krb). In it are a key that names the primary
 * cache, and the caches, which are keyrings. In a cache are a key with its
 * client's name, perhaps one with the KDC's time offset, and one for each
 * credential.
 */
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "store/ccache_marshal.h"
#include "store/ccache_type.h"
#include "store/keyring.h"

#define COLLECTION_PREFIX "_krb_"
#define PERSISTENT_COLLECTION "_krb"
#define PRIMARY_KEY "krb_ccache:primary"
#define PRIMARY_VERSION 1
#define CLIENT_KEY "__krb5_princ__"
#define OFFSET_KEY "__krb5_time_offsets__"
#define LEGACY "legacy"
#define NAME_OF_NOTHING "tkt"

#define MAX_DESCRIPTION 4095 /* of a key, in octets */
#define MAX_KEYS 4096        /* in a keyring, that are looked at */

/* "ANCHOR:COLLECTION" as split() has it, and a cache's name, which a keyring may have told. */
#define MAX_PLACE (2 * MAX_DESCRIPTION + 16)

/* "ANCHOR:COLLECTION:CACHE", of which the cache may be missing, and the anchor with it. */
struct parts {
	char text[MAX_DESCRIPTION + 1];
	const char *anchor;
	const char *collection;
	const char *cache;                /* NULL: the primary */
	const struct file_owners *owners; /* see ccache_open() */
};

static enum status split(
	const char *rest, const struct file_owners *owners, struct parts *out, struct error *err)
{
	if (strlen(rest) > MAX_DESCRIPTION - sizeof COLLECTION_PREFIX)
		return error_set(err, ERR_SYNTAX,
			"the credential cache name KEYRING:%.40s... is too long", rest);
	strcpy(out->text, rest);
	out->cache = NULL;
	out->owners = owners;
	char *colon = strchr(out->text, ':');
	out->anchor = colon ? out->text : LEGACY;
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

static enum status set_name(const struct parts *parts, struct ccache *ccache, struct error *err)
{
	char place[MAX_PLACE];
	snprintf(place, sizeof place, "%s:%s:%s", parts->anchor, parts->collection, parts->cache);
	return ccache_set_name(ccache, "KEYRING:", place, err);
}

static enum status failed(const struct parts *parts, int number, struct error *err)
{
	if (number == ENOKEY || number == EKEYEXPIRED || number == EKEYREVOKED)
		return error_set(err, ERR_NOT_FOUND,
			"there is no credential cache KEYRING:%s:%s%s%s: run kinit, or set "
			"KRB5CCNAME",
			parts->anchor, parts->collection, parts->cache ? ":" : "",
			parts->cache ? parts->cache : "");
	return error_set(err, ERR_FILE,
		"the kernel does not let user %ld have the credential cache KEYRING:%s:%s%s%s: %s",
		(long)geteuid(), parts->anchor, parts->collection, parts->cache ? ":" : "",
		parts->cache ? parts->cache : "", strerror(number));
}

/* "TYPE;UID;GID;PERMISSIONS;DESCRIPTION"; false where it is not that. */
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
static enum status judge(
	const struct parts *parts, const char *what, int32_t key, struct error *err)
{
	const uint32_t write = 0x04, set_attributes = 0x20;
	const uint32_t by_others = (write | set_attributes) << 8 | write | set_attributes;
	AUTO_BUFFER text = {0};
	uid_t owner;
	uint32_t permissions;
	int number = keyring_describe(key, &text);
	if (number || !read_attributes(&text, &owner, &permissions))
		return failed(parts, number ? number : EINVAL, err);
	bool trusted = file_owner_is_trusted(owner, parts->owners);
	if (trusted && !(permissions & by_others))
		return STATUS_OK;
	return error_set(err, ERR_UNTRUSTED,
		"the credential cache KEYRING:%s:%s%s%s has %s of user %ld (permissions %08x), "
		"expected is one of user %ld, whom this program runs as, or root%s: run kinit%s",
		parts->anchor, parts->collection, parts->cache ? ":" : "",
		parts->cache ? parts->cache : "", what, (long)owner, (unsigned)permissions,
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
	{LEGACY, KEY_SPEC_SESSION_KEYRING, 0},
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

static enum status find_persistent(
	const struct parts *parts, int32_t *collection, struct error *err)
{
	int32_t ring;
	uid_t uid;
	if (!parse_uid(parts->collection, &uid))
		return error_set(err, ERR_SYNTAX,
			"KEYRING:persistent:%s does not name a credential cache: expected is a "
			"user's number, as in KEYRING:persistent:%ld",
			parts->collection, (long)geteuid());
	int number = keyring_persistent(uid, &ring);
	if (number == 0)
		number = keyring_search(ring, "keyring", PERSISTENT_COLLECTION,
			KEY_SPEC_PROCESS_KEYRING, collection);
	return number ? failed(parts, number, err) : STATUS_OK;
}

static enum status find_anchored(const struct parts *parts, int32_t *collection, struct error *err)
{
	char description[sizeof COLLECTION_PREFIX + MAX_DESCRIPTION];
	snprintf(description, sizeof description, COLLECTION_PREFIX "%s", parts->collection);
	for (size_t i = 0; i < sizeof anchors / sizeof *anchors; i++) {
		const struct anchor *anchor = &anchors[i];
		if (strcmp(anchor->name, parts->anchor) != 0)
			continue;
		int number = keyring_search(
			anchor->ring, "keyring", description, anchor->possess, collection);
		return number ? failed(parts, number, err) : STATUS_OK;
	}
	return error_set(err, ERR_SYNTAX,
		"KEYRING:%s:%s does not name a credential cache: expected is KEYRING:persistent:, "
		"user:, session:, process: or thread:, and a name",
		parts->anchor, parts->collection);
}

static enum status find_collection(
	const struct parts *parts, int32_t *collection, struct error *err)
{
	bool persistent = strcmp(parts->anchor, "persistent") == 0;
	if (persistent ? find_persistent(parts, collection, err)
		       : find_anchored(parts, collection, err))
		return err->status;
	return judge(parts, "a keyring", *collection, err);
}

/* A version, and the name with its length. The name is put into `storage`. */
static enum status take_primary(
	struct slice payload, struct buffer *storage, struct parts *parts, struct error *err)
{
	struct reader reader = reader_of(payload);
	uint32_t version = read_u32(&reader);
	struct slice name = read_bytes(&reader, read_u32(&reader));
	if (reader.failed || version != PRIMARY_VERSION || name.len == 0 ||
		name.len > MAX_DESCRIPTION || memchr(name.data, '\0', name.len))
		return error_set(err, ERR_SYNTAX,
			"the collection KEYRING:%s:%s does not tell its primary credential cache: "
			"version %u, name \"%s\": run kswitch",
			parts->anchor, parts->collection, version, TEXT(name));
	if (buffer_append(storage, name) || buffer_append(storage, SLICE_LITERAL("\0")))
		return error_no_memory(err);
	parts->cache = (const char *)storage->data;
	return STATUS_OK;
}

static enum status find_primary(
	int32_t collection, struct buffer *storage, struct parts *parts, struct error *err)
{
	AUTO_BUFFER payload = {0};
	int32_t key;
	int number = keyring_search(collection, "user", PRIMARY_KEY, 0, &key);
	if (number == ENOKEY) {
		parts->cache = parts->collection[0] ? parts->collection : NAME_OF_NOTHING;
		return STATUS_OK;
	}
	if (number == 0)
		number = keyring_read(key, MAX_DESCRIPTION + 8, &payload);
	if (number)
		return failed(parts, number, err);
	if (judge(parts, "the name of the primary one", key, err))
		return err->status;
	return take_primary(buffer_slice(&payload), storage, parts, err);
}

/* Old programs put theirs into the session's keyring itself. */
static int find_cache(const struct parts *parts, int32_t collection, int32_t *cache)
{
	int number = keyring_search(collection, "keyring", parts->cache, 0, cache);
	if (number == ENOKEY && strcmp(parts->anchor, LEGACY) == 0)
		number =
			keyring_search(KEY_SPEC_SESSION_KEYRING, "keyring", parts->cache, 0, cache);
	return number;
}

/* Adds the first piece. */
static enum status add_client(const struct parts *parts, int32_t cache, struct ccache *ccache,
	int32_t *key, struct error *err)
{
	AUTO_BUFFER payload = {0};
	int number = keyring_search(cache, "user", CLIENT_KEY, 0, key);
	if (number == 0)
		number = keyring_read(*key, CCACHE_MAX_LENGTH, &payload);
	if (number)
		return failed(parts, number, err);
	if (judge(parts, "the name of its client", *key, err))
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
	const struct parts *parts, int32_t key, struct ccache *ccache, struct error *err)
{
	AUTO_BUFFER payload = {0};
	int number = keyring_read(key, CCACHE_MAX_LENGTH, &payload);
	if (is_gone(number))
		return STATUS_OK;
	if (number)
		return failed(parts, number, err);
	if (judge(parts, "a ticket", key, err))
		return err->status;
	return ccache_add_piece(ccache, buffer_slice(&payload), err);
}

/* The keys in a keyring, one after the other; false after the last. */
static bool next_key(struct reader *keys, int32_t *key)
{
	struct slice octets = read_bytes(keys, sizeof *key);
	if (octets.len > 0)
		memcpy(key, octets.data, sizeof *key);
	return octets.len > 0;
}

static enum status read_cache(
	const struct parts *parts, int32_t cache, struct ccache *ccache, struct error *err)
{
	AUTO_BUFFER keys = {0};
	int32_t client, key;
	if (add_client(parts, cache, ccache, &client, err))
		return err->status;
	int32_t offset = take_offset(cache, ccache);
	int number = keyring_read(cache, MAX_KEYS * sizeof key, &keys);
	if (number)
		return failed(parts, number, err);
	struct reader reader = reader_of(buffer_slice(&keys));
	while (next_key(&reader, &key))
		if (key != client && key != offset && add_key(parts, key, ccache, err))
			return err->status;
	return ccache_parse_pieces(ccache, err);
}

static enum status open_parts(
	const struct parts *given, struct ccache *ccache, int32_t *cache, struct error *err)
{
	AUTO_BUFFER storage = {0};
	struct parts parts = *given;
	int32_t collection;
	if (find_collection(&parts, &collection, err) ||
		(!parts.cache && find_primary(collection, &storage, &parts, err)) ||
		set_name(&parts, ccache, err))
		return err->status;
	int number = find_cache(&parts, collection, cache);
	if (number)
		return failed(&parts, number, err);
	if (judge(&parts, "a keyring", *cache, err))
		return err->status;
	return read_cache(&parts, *cache, ccache, err);
}

static enum status open_keyring(const char *rest, struct ccache *ccache, struct error *err)
{
	struct parts parts;
	int32_t cache;
	if (split(rest, &ccache->owners, &parts, err))
		return err->status;
	return open_parts(&parts, ccache, &cache, err);
}

/*
 * Under the server's name: a key of this name is replaced. Large ones do not
 * count against the user's quota, but not each kernel has them, and old
 * programs do not know them.
 */
static int put_key(const struct parts *parts, const struct principal *server, struct slice octets,
	int32_t cache, int32_t *key)
{
	char description[MAX_DESCRIPTION + 1];
	int number = EINVAL;
	principal_text(server, description, sizeof description);
	if (strcmp(parts->anchor, LEGACY) != 0)
		number = keyring_add("big_key", description, octets, cache, key);
	if (number == EINVAL || number == ENODEV)
		number = keyring_add("user", description, octets, cache, key);
	return number;
}

static uint32_t seconds_to(int64_t end, int64_t now)
{
	return end <= now ? 1 : end - now > UINT32_MAX ? UINT32_MAX : (uint32_t)(end - now);
}

/*
 * The ticket goes when it has ended, the cache when its last ticket has. Where
 * the kernel does not take that, they stay.
 */
static void limit_time(const struct ccache *now, int32_t cache, int32_t key, int64_t endtime)
{
	int64_t time = timestamp_now().seconds, last = endtime;
	for (unsigned i = 0; i < now->count; i++)
		if (now->credential[i].endtime > last)
			last = now->credential[i].endtime;
	(void)keyring_set_timeout(key, seconds_to(endtime, time));
	(void)keyring_set_timeout(cache, seconds_to(last, time));
}

static enum status store_keyring(
	const struct ccache *ccache, const struct credential *credential, struct error *err)
{
	struct parts parts;
	int32_t cache, key;
	AUTO_BUFFER octets = {0};
	AUTO_CCACHE now = calloc(1, sizeof *now);
	if (!now)
		return error_no_memory(err);
	if (split(ccache->place, &ccache->owners, &parts, err) ||
		open_parts(&parts, now, &cache, err) || ccache_check_client(ccache, now, err) ||
		marshal_credential(credential, 4, &octets, err))
		return err->status;
	int number = put_key(&parts, &credential->server, buffer_slice(&octets), cache, &key);
	if (number)
		return failed(&parts, number, err);
	limit_time(now, cache, key, credential->endtime);
	return STATUS_OK;
}

static enum status set_offset_keyring(
	const struct ccache *ccache, int64_t kdc_offset, struct error *err)
{
	struct parts parts;
	int32_t cache, key;
	AUTO_BUFFER octets = {0};
	AUTO_CCACHE now = calloc(1, sizeof *now);
	if (!now)
		return error_no_memory(err);
	if (split(ccache->place, &ccache->owners, &parts, err) ||
		open_parts(&parts, now, &cache, err) || ccache_check_client(ccache, now, err) ||
		marshal_kdc_offset(kdc_offset, &octets, err))
		return err->status;
	int number = keyring_add("user", OFFSET_KEY, buffer_slice(&octets), cache, &key);
	return number ? failed(&parts, number, err) : STATUS_OK;
}

static enum status add_name(
	const struct parts *parts, const char *cache, struct buffer *names, struct error *err)
{
	char place[MAX_PLACE];
	snprintf(place, sizeof place, "%s:%s:%s", parts->anchor, parts->collection, cache);
	return ccache_add_name(names, "KEYRING:", place, err);
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

static enum status add_others(
	const struct parts *parts, int32_t collection, struct buffer *names, struct error *err)
{
	AUTO_BUFFER keys = {0}, text = {0};
	int32_t key;
	int number = keyring_read(collection, MAX_KEYS * sizeof key, &keys);
	if (number)
		return failed(parts, number, err);
	struct reader reader = reader_of(buffer_slice(&keys));
	while (next_key(&reader, &key)) {
		if (keyring_describe(key, &text) != 0)
			continue;
		const char *name = name_of(&text);
		if (name && strcmp(name, parts->cache) != 0 && add_name(parts, name, names, err))
			return err->status;
	}
	return STATUS_OK;
}

static enum status list_keyring(
	const char *rest, const struct file_owners *owners, struct buffer *names, struct error *err)
{
	AUTO_BUFFER storage = {0};
	struct parts parts;
	int32_t collection, cache;
	if (split(rest, owners, &parts, err))
		return err->status;
	if (parts.cache)
		return add_name(&parts, parts.cache, names, err);
	if (find_collection(&parts, &collection, err) ||
		find_primary(collection, &storage, &parts, err))
		return err->status;
	if (find_cache(&parts, collection, &cache) == 0 &&
		add_name(&parts, parts.cache, names, err))
		return err->status;
	return add_others(&parts, collection, names, err);
}

const struct ccache_type ccache_keyring = {
	.name = "KEYRING",
	.open = open_keyring,
	.store = store_keyring,
	.set_kdc_offset = set_offset_keyring,
	.list = list_keyring,
};

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keyring_stand_in.h - the kernel's keyrings in the test's own memory: the
 * functions of store/keyring.h, which take the place of those that make system
 * calls. To be included behind <cmocka.h>.
 */
#ifndef TESTS_SUPPORT_KEYRING_STAND_IN_H
#define TESTS_SUPPORT_KEYRING_STAND_IN_H

#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/ccache_marshal.h"
#include "store/keyring.h"
#include "tests/support/ccache_files.h"

#define MAX_FAKE_KEYS 40

/* Keys have the numbers from 1 on; the first four are the special rings -1 to -4. */
static struct fake_key {
	char type[12];
	char description[4096];
	struct buffer payload; /* of a keyring its keys */
	uint32_t timeout;
	unsigned owner, permissions; /* those of new ones are root's, as the kernel makes them */
	int fault;                   /* to read it fails with this */
} fake_keys[MAX_FAKE_KEYS];
static int32_t fake_count;
static int32_t fake_persistent; /* 0: not even the user's own is had */
static int fake_big_keys;       /* how it fails to add one */
static const char *fake_text;   /* what the last one is described as */

static inline struct fake_key *fake_key(int32_t key)
{
	return &fake_keys[(key < 0 ? -key : key) - 1];
}

static inline int32_t fake_member(int32_t ring, size_t position)
{
	int32_t key = 0;
	const struct buffer *members = &fake_key(ring)->payload;
	if ((position + 1) * sizeof key <= members->len)
		memcpy(&key, members->data + position * sizeof key, sizeof key);
	return key > 0 && key <= fake_count ? key : 0;
}

static inline bool fake_has(int32_t ring, int32_t wanted)
{
	int32_t key;
	for (size_t i = 0; (key = fake_member(ring, i)); i++)
		if (key == wanted)
			return true;
	return false;
}

static inline void fake_link(int32_t key, int32_t ring)
{
	if (!fake_has(ring, key))
		mint_octets(&fake_key(ring)->payload, slice_of(&key, sizeof key));
}

static inline int32_t fake_add(
	const char *type, const char *description, struct slice payload, int32_t ring)
{
	struct fake_key *key = &fake_keys[fake_count++];
	assert_uint_in_range(fake_count, 1, MAX_FAKE_KEYS - 1);
	key->permissions = 0x3f010000;
	snprintf(key->type, sizeof key->type, "%s", type);
	snprintf(key->description, sizeof key->description, "%s", description);
	mint_octets(&key->payload, payload);
	if (ring)
		fake_link(fake_count, ring);
	return fake_count;
}

static inline int32_t fake_ring(const char *description, int32_t ring)
{
	return fake_add("keyring", description, SLICE_EMPTY, ring);
}

static inline int32_t fake_find(int32_t ring, const char *type, const char *description)
{
	int32_t key, found = 0;
	for (size_t i = 0; !found && (key = fake_member(ring, i)); i++) {
		const struct fake_key *k = fake_key(key);
		if (strcmp(k->type, type) == 0 && strcmp(k->description, description) == 0)
			found = key;
		else if (strcmp(k->type, "keyring") == 0)
			found = fake_find(key, type, description);
	}
	return found;
}

int keyring_search(
	int32_t ring, const char *type, const char *description, int32_t to, int32_t *key)
{
	*key = fake_find(ring, type, description);
	if (*key && to)
		fake_link(*key, to);
	return *key ? 0 : ENOKEY;
}

int keyring_persistent(uid_t uid, int32_t *key)
{
	*key = fake_persistent;
	return uid == geteuid() ? 0 : EPERM;
}

int keyring_read(int32_t key, size_t max, struct buffer *out)
{
	buffer_clear(out);
	if (key > fake_count || key == 0)
		return ENOKEY;
	const struct fake_key *k = fake_key(key);
	if (k->fault || k->payload.len > max)
		return k->fault ? k->fault : EFBIG;
	mint_octets(out, buffer_slice(&k->payload));
	return 0;
}

int keyring_describe(int32_t key, struct buffer *out)
{
	char text[sizeof fake_keys->description + 40];
	const struct fake_key *k = fake_key(key);
	int len = snprintf(text, sizeof text, "%s;%u;0;%08x;%s", k->type, k->owner, k->permissions,
		k->description);
	buffer_clear(out);
	if (fake_text && key == fake_count)
		len = snprintf(text, sizeof text, "%s", fake_text);
	mint_octets(out, slice_of(text, (size_t)len + 1));
	return k->fault;
}

int keyring_add(
	const char *type, const char *description, struct slice payload, int32_t ring, int32_t *key)
{
	if (strcmp(type, "big_key") == 0 && fake_big_keys)
		return fake_big_keys;
	*key = fake_find(ring, type, description);
	if (!*key)
		*key = fake_add(type, description, SLICE_EMPTY, ring);
	buffer_clear(&fake_key(*key)->payload);
	mint_octets(&fake_key(*key)->payload, payload);
	return 0;
}

int keyring_set_timeout(int32_t key, uint32_t seconds)
{
	fake_key(key)->timeout = seconds;
	return 0;
}

/* A keyring with the client's name, as a cache is. */
static inline int32_t fake_cache(
	const char *name, const struct principal *client, int32_t collection)
{
	AUTO_BUFFER octets = {0};
	int32_t cache = fake_ring(name, collection);
	assert_success(marshal_principal(client, &octets, &(struct error){0}), NULL);
	fake_add("user", "__krb5_princ__", buffer_slice(&octets), cache);
	return cache;
}

static inline int32_t fake_credential(const char *type, const struct credential *c, int32_t cache)
{
	AUTO_BUFFER octets = {0};
	put(&octets, c);
	return fake_add(type, PRINCIPAL_TEXT(&c->server), buffer_slice(&octets), cache);
}

static inline void fake_primary(const char *name, int32_t collection)
{
	AUTO_BUFFER octets = {0};
	mint_u32(&octets, 1);
	mint_u32(&octets, (uint32_t)strlen(name));
	mint_octets(&octets, slice_string(name));
	fake_add("user", "krb_ccache:primary", buffer_slice(&octets), collection);
}

/* As setup of each test: the special rings, empty. */
static inline int fake_start(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MAX_FAKE_KEYS; i++) {
		buffer_free(&fake_keys[i].payload);
		fake_keys[i] = (struct fake_key){.timeout = 0};
	}
	fake_count = 0;
	fake_big_keys = 0;
	fake_text = NULL;
	for (unsigned i = 0; i < 4; i++)
		fake_ring("special", 0);
	fake_persistent = fake_ring("_persistent", 0);
	return 0;
}

static inline int fake_end(void **state)
{
	fake_start(state);
	for (unsigned i = 0; i < MAX_FAKE_KEYS; i++)
		buffer_free(&fake_keys[i].payload);
	return 0;
}

#endif

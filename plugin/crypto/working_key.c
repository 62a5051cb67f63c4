/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "crypto/key_internal.h"

/* The last octet of a constant, after the usage (RFC 3961 section 5.3). */
enum { FOR_CHECKSUM = 0x99, FOR_ENCRYPTION = 0xAA, FOR_INTEGRITY = 0x55 };

/* What each purpose derives, and prepares of OpenSSL. */
static const struct plan {
	unsigned char main, mac; /* last octets of the constants; 0: nothing is derived */
	bool cts;
	bool base; /* as derivation wants it: one block of the cipher, or the MAC */
	enum direction direction;
} plans[PURPOSE_COUNT] = {
	[PURPOSE_ENCRYPT] = {FOR_ENCRYPTION, FOR_INTEGRITY, .cts = true, .direction = ENCRYPT},
	[PURPOSE_DECRYPT] = {FOR_ENCRYPTION, FOR_INTEGRITY, .cts = true, .direction = DECRYPT},
	[PURPOSE_CHECKSUM] = {.mac = FOR_CHECKSUM},
	[PURPOSE_DERIVE] = {.base = true},
};

static enum status prepare_base(struct prepared *p, const struct key *key,
	const struct working_key *working, struct error *err)
{
	if (key->type->block_cipher)
		return prepare_block(p, key->algorithms, working->main_octets, err);
	return prepare_mac(
		p, key->algorithms, slice_of(working->main_octets, key->type->key_length), err);
}

static enum status prepare(struct prepared *p, const struct key *key,
	const struct working_key *working, struct error *err)
{
	const struct plan *plan = &plans[working->purpose];
	if (plan->base)
		return prepare_base(p, key, working, err);
	if (plan->cts &&
		prepare_cts(p, key->algorithms, plan->direction, working->main_octets, err))
		return err->status;
	return prepare_mac(
		p, key->algorithms, slice_of(working->mac_octets, key->type->mac_key_length), err);
}

static void release_prepared(struct prepared *prepared)
{
	if (!prepared)
		return;
	prepared_release(prepared);
	free(prepared);
}

enum status working_key_take(const struct key *key, struct working_key *working,
	struct prepared **out, struct error *err)
{
	*out = atomic_exchange_explicit(&working->idle, NULL, memory_order_acquire);
	if (*out)
		return STATUS_OK;

	struct prepared *fresh = calloc(1, sizeof *fresh);
	if (!fresh)
		return error_no_memory(err);
	if (prepare(fresh, key, working, err)) {
		release_prepared(fresh);
		return err->status;
	}
	*out = fresh;
	return STATUS_OK;
}

void working_key_put(struct working_key *working, struct prepared *prepared)
{
	struct prepared *empty = NULL;
	if (!atomic_compare_exchange_strong_explicit(
		    &working->idle, &empty, prepared, memory_order_release, memory_order_relaxed))
		release_prepared(prepared);
}

enum status key_derive(struct key *key, struct slice constant, unsigned char *out, size_t length,
	struct error *err)
{
	struct prepared *base;
	if (working_key_take(key, &key->root, &base, err))
		return err->status;
	enum status status = key->type->derive(base, constant, out, length, err);
	working_key_put(&key->root, base);
	return status;
}

/* From which the key of a usage is derived (RFC 3961 section 5.3). */
static struct slice usage_constant(uint32_t usage, unsigned char last, unsigned char out[5])
{
	store_u32(out, usage);
	out[4] = last;
	return slice_of(out, 5);
}

static enum status derive_working_key(
	struct key *key, struct working_key *working, struct error *err)
{
	const struct plan *plan = &plans[working->purpose];
	const struct enctype *type = key->type;
	unsigned char octets[5];
	struct slice constant = usage_constant(working->usage, plan->main, octets);
	if (plan->main && key_derive(key, constant, working->main_octets, type->key_length, err))
		return err->status;
	constant = usage_constant(working->usage, plan->mac, octets);
	return key_derive(key, constant, working->mac_octets, type->mac_key_length, err);
}

static void release_working_key(struct working_key *working)
{
	release_prepared(atomic_load(&working->idle));
	wipe(working, sizeof *working);
	free(working);
}

static struct working_key *find(struct working_key *first, uint32_t usage, enum purpose purpose)
{
	for (struct working_key *w = first; w; w = w->next)
		if (w->usage == usage && w->purpose == purpose)
			return w;
	return NULL;
}

/*
 * Puts `fresh` at the head of the list, whose head was `first` when it was
 * last looked at; where another thread was quicker with the same one, that is
 * taken.
 */
static struct working_key *publish(
	struct key *key, struct working_key *first, struct working_key *fresh)
{
	fresh->next = first;
	while (!atomic_compare_exchange_weak_explicit(
		&key->working, &fresh->next, fresh, memory_order_release, memory_order_acquire)) {
		struct working_key *theirs = find(fresh->next, fresh->usage, fresh->purpose);
		if (theirs) {
			release_working_key(fresh);
			return theirs;
		}
	}
	return fresh;
}

enum status working_key_get(struct key *key, uint32_t usage, enum purpose purpose,
	struct working_key **out, struct error *err)
{
	struct working_key *first = atomic_load_explicit(&key->working, memory_order_acquire);
	*out = find(first, usage, purpose);
	if (*out)
		return STATUS_OK;

	struct working_key *fresh = calloc(1, sizeof *fresh);
	if (!fresh)
		return error_no_memory(err);
	fresh->usage = usage;
	fresh->purpose = purpose;
	if (derive_working_key(key, fresh, err)) {
		release_working_key(fresh);
		return err->status;
	}
	*out = publish(key, first, fresh);
	return STATUS_OK;
}

void working_keys_release(struct key *key)
{
	struct working_key *next, *working = atomic_load(&key->working);
	for (; working; working = next) {
		next = working->next;
		release_working_key(working);
	}
	release_prepared(atomic_load(&key->root.idle));
}

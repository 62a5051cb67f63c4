/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each cache is an immutable image, as a file has it, that is counted by
 * reference. A store makes another and puts it in place of the one that it
 * began with; where that one is gone meanwhile, it begins again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/shared.h"
#include "store/ccache_marshal.h"
#include "store/ccache_type.h"

struct image {
	unsigned holders; /* changed under shared_lock() */
	struct buffer octets;
};

struct slot {
	struct slot *next;
	char *name;
	struct image *image;
};

static struct slot *slots; /* changed under shared_lock() */

static void release(struct image *image)
{
	if (!image)
		return;
	shared_lock();
	bool last = --image->holders == 0;
	shared_unlock();
	if (!last)
		return;
	buffer_free(&image->octets);
	free(image);
}

static void release_at(struct image **image)
{
	release(*image);
}
#define AUTO_IMAGE __attribute__((cleanup(release_at))) struct image *

static struct image *new_image(void)
{
	struct image *image = calloc(1, sizeof *image);
	if (image)
		image->holders = 1;
	return image;
}

/* Under the lock. */
static struct slot *find_slot(const char *name)
{
	struct slot *slot = slots;
	while (slot && strcmp(slot->name, name) != 0)
		slot = slot->next;
	return slot;
}

static struct image *take(const char *name)
{
	shared_lock();
	struct slot *slot = find_slot(name);
	struct image *image = slot ? slot->image : NULL;
	if (image)
		image->holders++;
	shared_unlock();
	return image;
}

/* Puts `*new` where `old` is, and takes it over; false where that is no more. */
static bool replace(const char *name, struct image *old, struct image **new)
{
	shared_lock();
	struct slot *slot = find_slot(name);
	bool same = slot && slot->image == old;
	if (same) {
		slot->image = *new;
		*new = old;
	}
	shared_unlock();
	return same;
}

static enum status read_image(
	const char *name, const struct image *image, struct ccache *ccache, struct error *err)
{
	if (ccache_set_name(ccache, "MEMORY:", name, err))
		return err->status;
	if (!image)
		return error_set(err, ERR_NOT_FOUND,
			"the credential cache %s is not one of this module: a cache of type MEMORY "
			"that libkrb5 filled in the same process cannot be read; name a client "
			"keytab (KRB5_CLIENT_KTNAME, or the option kerberos5_client_keytab), or "
			"set "
			"KRB5CCNAME to a cache of another type",
			ccache->name);
	if (buffer_append(&ccache->contents, buffer_slice(&image->octets)))
		return error_no_memory(err);
	return ccache_parse_contents(ccache, err);
}

static enum status open_memory(const char *name, struct ccache *ccache, struct error *err)
{
	AUTO_IMAGE image = take(name);
	return read_image(name, image, ccache, err);
}

/* What is to be done to the octets of an image. */
struct change {
	const struct credential *added; /* NULL: none */
	int64_t kdc_offset;             /* to be set, if none is added */
};

static enum status write_changed(const struct change *change, const struct image *old,
	const struct ccache *now, struct buffer *out, struct error *err)
{
	struct slice octets = buffer_slice(&old->octets);
	if (!change->added)
		return marshal_with_kdc_offset(octets, change->kdc_offset, out, err);
	if (buffer_append(out, octets))
		return error_no_memory(err);
	if (marshal_credential(change->added, now->version, out, err))
		return err->status;
	if (out->len > CCACHE_MAX_LENGTH)
		return error_set(err, ERR_FILE,
			"the credential cache %s would be longer than %d octets", now->name,
			CCACHE_MAX_LENGTH);
	return STATUS_OK;
}

static enum status change_image(const struct ccache *ccache, const struct image *old,
	const struct change *change, struct image *new, struct error *err)
{
	AUTO_CCACHE now = calloc(1, sizeof *now);
	if (!now)
		return error_no_memory(err);
	if (read_image(ccache->place, old, now, err) || ccache_check_client(ccache, now, err))
		return err->status;
	return write_changed(change, old, now, &new->octets, err);
}

/* Until nobody else has replaced the image meanwhile. */
static enum status change_memory(
	const struct ccache *ccache, const struct change *change, struct error *err)
{
	for (;;) {
		AUTO_IMAGE old = take(ccache->place);
		AUTO_IMAGE new = new_image();
		if (!new)
			return error_no_memory(err);
		if (change_image(ccache, old, change, new, err))
			return err->status;
		if (replace(ccache->place, old, &new))
			return STATUS_OK;
	}
}

static enum status store_memory(
	const struct ccache *ccache, const struct credential *credential, struct error *err)
{
	return change_memory(ccache, &(struct change){.added = credential}, err);
}

static enum status set_offset_memory(
	const struct ccache *ccache, int64_t kdc_offset, struct error *err)
{
	return change_memory(ccache, &(struct change){.kdc_offset = kdc_offset}, err);
}

static void free_slot(struct slot *slot)
{
	if (!slot)
		return;
	release(slot->image);
	free(slot->name);
	free(slot);
}

static void free_slot_at(struct slot **slot)
{
	free_slot(*slot);
}
#define AUTO_SLOT __attribute__((cleanup(free_slot_at))) struct slot *

static struct slot *new_slot(const char *name)
{
	AUTO_SLOT slot = calloc(1, sizeof *slot);
	if (!slot || !(slot->name = strdup(name)) || !(slot->image = new_image()))
		return NULL;
	struct slot *result = slot;
	slot = NULL;
	return result;
}

/* Takes the slot over, or puts its image where there is one of this name, whose image it gets. */
static void put_slot(struct slot **slot)
{
	shared_lock();
	struct slot *there = find_slot((*slot)->name);
	if (there) {
		struct image *old = there->image;
		there->image = (*slot)->image;
		(*slot)->image = old;
	} else {
		(*slot)->next = slots;
		slots = *slot;
		*slot = NULL;
	}
	shared_unlock();
}

static enum status create_memory(
	const char *name, const struct ccache_start *start, struct error *err)
{
	AUTO_SLOT slot = new_slot(name);
	if (!slot)
		return error_no_memory(err);
	if (marshal_file(start, &slot->image->octets, err))
		return err->status;
	put_slot(&slot);
	return STATUS_OK;
}

void ccache_forget_memory(void)
{
	shared_lock();
	struct slot *slot = slots;
	slots = NULL;
	shared_unlock();
	while (slot) {
		struct slot *next = slot->next;
		free_slot(slot);
		slot = next;
	}
}

const struct ccache_type ccache_memory = {
	.name = "MEMORY",
	.open = open_memory,
	.store = store_memory,
	.set_kdc_offset = set_offset_memory,
	.create = create_memory,
};

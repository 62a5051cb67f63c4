/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/keytab_snapshot.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file_trust.h"
#include "base/shared.h"
#include "base/text.h"
#include "store/location.h"

#define SLOTS 8

/* What the last reading of a file gave; everything under shared_lock(). */
static struct slot {
	char path[PATH_MAX]; /* empty: not in use */
	enum keytab_side side;
	struct file_state state;
	bool settled;
	uid_t uid; /* who read: another identity may fail or succeed where this one did not */
	gid_t gid;
	uint64_t generation;
	struct keytab *keytab; /* NULL: `failure` tells why */
	struct error failure;
} slots[SLOTS];

static unsigned next_slot; /* the oldest, which gives way */
static uint64_t last_generation;

void keytab_release(struct keytab *keytab)
{
	if (!keytab)
		return;
	shared_lock();
	bool last = --keytab->references == 0;
	shared_unlock();
	if (last)
		keytab_free(keytab);
}

void keytab_release_at(struct keytab **keytab)
{
	keytab_release(*keytab);
}

void keytab_forget(void)
{
	struct keytab *dropped[SLOTS];
	shared_lock();
	for (unsigned i = 0; i < SLOTS; i++) {
		dropped[i] = slots[i].keytab;
		slots[i] = (struct slot){.keytab = NULL};
	}
	shared_unlock();
	for (unsigned i = 0; i < SLOTS; i++)
		keytab_release(dropped[i]);
}

static enum status path_of(const char *name, const char **path, struct error *err)
{
	struct slice type = location_type(name, path);
	if (type.len > 0 && !slice_equal(type, SLICE_LITERAL("FILE")) &&
		!slice_equal(type, SLICE_LITERAL("WRFILE")))
		return error_set(err, ERR_UNSUPPORTED,
			"the keytab %s is of type %s, which is not supported: use a file (FILE:)",
			name, TEXT(type));
	if (strlen(*path) == 0 || strlen(*path) >= PATH_MAX)
		return error_set(err, ERR_UNSUPPORTED,
			"the keytab's name \"%.80s\" has a path of %zu octets, expected 1 to %d",
			name, strlen(*path), PATH_MAX - 1);
	return STATUS_OK;
}

/* What to do about a file that cannot be read. */
static enum status explain(const char *path, struct error *err)
{
	if (err->status == ERR_NOT_FOUND)
		return error_set(err, ERR_NOT_FOUND,
			"there is no keytab %s: make it with kadmin's ktadd, or name another "
			"(option keytab, KRB5_KTNAME, or default_keytab_name in krb5.conf)",
			path);
	if (err->status == ERR_TOO_LONG)
		return error_set(err, ERR_TOO_LONG,
			"the keytab %s is longer than %d MiB, which is the most that is read: take "
			"old keys out of it (kadmin's ktremove), or give each service a keytab of "
			"its own",
			path, KEYTAB_MAX_LENGTH >> 20);
	if (err->status == ERR_FILE)
		return error_prefix(err,
			"cannot read the keytab as user %ld, group %ld (it has to be a file that "
			"they may read)",
			(long)geteuid(), (long)getegid());
	return err->status;
}

static const struct file_rules rules[] = {
	[KEYTAB_SERVER] =
		{
			.what = "the keytab",
			.max = KEYTAB_MAX_LENGTH,
			.any_owner = true,
			.hard_links = true,
		},
	[KEYTAB_CLIENT] =
		{
			.what = "the client keytab",
			.max = KEYTAB_MAX_LENGTH,
			.owner_advice =
				"chown it to that user, if you know that its keys are yours",
		},
};

/* Reads the file as it is now, into a slot of the caller's. */
static void read_slot(const char *path, enum keytab_side side, struct slot *out)
{
	*out = (struct slot){.side = side, .uid = geteuid(), .gid = getegid()};
	memcpy(out->path, path, strlen(path) + 1);
	struct timespec when = {0};
	clock_gettime(CLOCK_REALTIME, &when);
	/* Before it is opened, for the case that it cannot be. */
	out->state = file_state(path);

	AUTO_BUFFER contents = {0};
	enum status status =
		file_read_trusted(path, &rules[side], &contents, &out->state, &out->failure);
	out->settled = file_state_is_settled(&out->state, when);
	if (status) {
		explain(path, &out->failure);
	} else if (keytab_parse_buffer(&contents, path, &out->keytab, &out->failure) == STATUS_OK) {
		out->keytab->mode = out->state.mode;
		out->keytab->owner = out->state.owner;
	}
}

/* From here to the next such line: under shared_lock(). */

static struct slot *find_slot(const char *path, enum keytab_side side)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (slots[i].path[0] && slots[i].side == side && strcmp(slots[i].path, path) == 0)
			return &slots[i];
	return NULL;
}

/* A client's keytab that one user may believe, another may not. */
static bool is_current(const struct slot *slot, const struct file_state *state)
{
	bool for_all = slot->keytab && slot->side == KEYTAB_SERVER;
	return slot->settled && file_state_equal(&slot->state, state) &&
	       (for_all || (slot->uid == geteuid() && slot->gid == getegid()));
}

static bool same_outcome(const struct slot *a, const struct slot *b)
{
	if (!file_state_equal(&a->state, &b->state) || !a->keytab != !b->keytab)
		return false;
	return a->keytab ? slice_equal_secret(buffer_slice(&a->keytab->contents),
				   buffer_slice(&b->keytab->contents))
			 : strcmp(a->failure.text, b->failure.text) == 0;
}

static enum status take(
	const struct slot *slot, struct keytab **out, uint64_t *generation, struct error *err)
{
	if (generation)
		*generation = slot->generation;
	*out = slot->keytab;
	if (slot->keytab) {
		slot->keytab->references++;
		return STATUS_OK;
	}
	*err = slot->failure;
	return err->status;
}

/*
 * Puts what was read in its place, with a new generation unless it says what
 * the old one said. Leaves in `fresh->keytab` the snapshot that has to go.
 */
static struct slot *put_slot(struct slot *fresh)
{
	struct slot *slot = find_slot(fresh->path, fresh->side);
	if (slot && same_outcome(slot, fresh)) {
		slot->settled = fresh->settled;
		slot->uid = fresh->uid;
		slot->gid = fresh->gid;
		return slot;
	}
	if (!slot) {
		slot = &slots[next_slot];
		next_slot = (next_slot + 1) % SLOTS;
	}
	struct keytab *old = slot->keytab;
	fresh->generation = ++last_generation;
	*slot = *fresh;
	fresh->keytab = old;
	return slot;
}

/* No longer under the lock. */

static enum status read_again(const char *path, enum keytab_side side, struct keytab **out,
	uint64_t *generation, struct error *err)
{
	struct slot fresh;
	read_slot(path, side, &fresh);
	/* Says nothing about the file: not to be remembered. */
	if (!fresh.keytab && fresh.failure.status == ERR_NO_MEMORY)
		return error_no_memory(err);

	shared_lock();
	enum status status = take(put_slot(&fresh), out, generation, err);
	shared_unlock();
	keytab_release(fresh.keytab);
	return status;
}

enum status keytab_get(const char *name, enum keytab_side side, struct keytab **out,
	uint64_t *generation, struct error *err)
{
	const char *path;
	*out = NULL;
	if (generation)
		*generation = 0;
	if (path_of(name, &path, err))
		return err->status;

	enum status status = STATUS_OK;
	struct file_state state = file_state(path);
	shared_lock();
	struct slot *slot = find_slot(path, side);
	bool current = slot && is_current(slot, &state);
	if (current)
		status = take(slot, out, generation, err);
	shared_unlock();
	return current ? status : read_again(path, side, out, generation, err);
}

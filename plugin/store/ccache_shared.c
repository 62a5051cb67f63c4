/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The caches that are files, as they were read last. A look costs one stat of
 * the name. What is found is used only if the file was judged and read, in
 * this state, for the same user and owners: a symbolic link, whose owner counts
 * too, is never in the state of a file, and is judged and read each time.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/shared.h"
#include "store/ccache_type.h"

static struct slot {
	struct ccache *ccache; /* NULL: free */
	struct file_state state;
	bool settled;
	uid_t uid; /* who read */
	gid_t gid;
	uint64_t used;      /* the look that used it last */
} slots[CCACHE_MAX_SHARED]; /* changed under shared_lock(), as are these */

static uint64_t looks;

struct look {
	const struct ccache_type *type;
	const char *path;
	const struct file_owners *owners;
	struct file_state state; /* of the name */
	uid_t uid;
};

/* ---- under the lock ---- */

static bool same_owners(const struct file_owners *a, const struct file_owners *b)
{
	unsigned count = b ? b->count : 0;
	return a->count == count &&
	       (count == 0 || memcmp(a->uid, b->uid, count * sizeof *a->uid) == 0);
}

static bool has_path(const struct slot *slot, const char *path)
{
	return slot->ccache && strcmp(slot->ccache->place, path) == 0;
}

static bool is_for(const struct slot *slot, const struct look *look)
{
	return has_path(slot, look->path) && slot->uid == look->uid &&
	       slot->ccache->type == look->type && same_owners(&slot->ccache->owners, look->owners);
}

/* Whether an owner may read a file is no matter of groups. */
static bool same_group(const struct slot *slot)
{
	return slot->state.owner == slot->uid || slot->gid == getegid();
}

/* What the slot held, which is free now: to be closed without the lock. */
static struct ccache *empty(struct slot *slot)
{
	struct ccache *ccache = slot->ccache;
	*slot = (struct slot){.ccache = NULL};
	return ccache;
}

/* The slot for what was read by this look. */
static struct slot *slot_for(const struct look *look)
{
	struct slot *best = &slots[0];
	for (struct slot *slot = slots; slot < slots + CCACHE_MAX_SHARED; slot++) {
		if (is_for(slot, look))
			return slot;
		if (slot->used < best->used)
			best = slot;
	}
	return best; /* a free one has been used by none */
}

/* ---- without it ---- */

static void close_all(struct ccache *gone[CCACHE_MAX_SHARED])
{
	for (unsigned i = 0; i < CCACHE_MAX_SHARED; i++)
		ccache_close(gone[i]);
}

/* NULL if it has to be read. What the file was before is released. */
static struct ccache *find(const struct look *look)
{
	struct ccache *found = NULL, *gone[CCACHE_MAX_SHARED] = {NULL};
	shared_lock();
	looks++;
	for (unsigned i = 0; i < CCACHE_MAX_SHARED; i++) {
		struct slot *slot = &slots[i];
		if (has_path(slot, look->path) && !file_state_equal(&slot->state, &look->state)) {
			gone[i] = empty(slot);
		} else if (slot->settled && is_for(slot, look) && same_group(slot)) {
			found = slot->ccache;
			found->others++;
			slot->used = looks;
		}
	}
	shared_unlock();
	close_all(gone);
	return found;
}

/* From now on a slot holds it as well. */
static void share(const struct look *look, struct ccache *ccache, bool settled)
{
	shared_lock();
	struct slot *slot = slot_for(look);
	struct ccache *old = slot->ccache;
	*slot = (struct slot){
		.ccache = ccache,
		.state = look->state,
		.settled = settled,
		.uid = look->uid,
		.gid = getegid(),
		.used = looks,
	};
	ccache->others++;
	shared_unlock();
	ccache_close(old);
}

static enum status read_file(const struct look *look, struct ccache **out, struct error *err)
{
	struct timespec when = {0};
	struct file_state state;
	AUTO_CCACHE ccache = ccache_new(look->type, look->owners);
	if (!ccache)
		return error_no_memory(err);
	clock_gettime(CLOCK_REALTIME, &when);
	if (ccache_set_name(ccache, look->type->prefix, look->path, err) ||
		ccache_file_read(ccache, &state, err))
		return err->status;
	/* The file that was looked at, and no link to it; by the user who looked. */
	if (file_state_equal(&state, &look->state) && geteuid() == look->uid)
		share(look, ccache, file_state_is_settled(&state, when));
	*out = ccache;
	ccache = NULL;
	return STATUS_OK;
}

enum status ccache_open_shared(const struct ccache_type *type, const char *path,
	const struct file_owners *owners, struct ccache **out, struct error *err)
{
	const struct look look = {
		.type = type,
		.path = path,
		.owners = owners,
		.state = file_state_of_name(path),
		.uid = geteuid(),
	};
	*out = find(&look);
	return *out ? STATUS_OK : read_file(&look, out, err);
}

void ccache_forget_shared(void)
{
	struct ccache *gone[CCACHE_MAX_SHARED];
	shared_lock();
	for (unsigned i = 0; i < CCACHE_MAX_SHARED; i++)
		gone[i] = empty(&slots[i]);
	shared_unlock();
	close_all(gone);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/keyring.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST_ROOM 4096
#define MAX_DESCRIPTION 8192

/* 0, and the number that the system call returned; or a number of errno's. */
static int taken(long returned, int32_t *out)
{
	if (returned == -1)
		return errno;
	*out = (int32_t)returned;
	return 0;
}

int keyring_search(
	int32_t ring, const char *type, const char *description, int32_t to, int32_t *key)
{
	return taken(syscall(SYS_keyctl, KEYCTL_SEARCH, ring, type, description, to), key);
}

int keyring_persistent(uid_t uid, int32_t *key)
{
	long ring = syscall(SYS_keyctl, KEYCTL_GET_PERSISTENT, (long)uid, KEY_SPEC_PROCESS_KEYRING);
	bool unknown = ring == -1 && errno == EOPNOTSUPP;
	if (unknown && uid == geteuid())
		ring = KEY_SPEC_USER_KEYRING;
	return taken(ring, key);
}

/* What READ and DESCRIBE have in common: they tell how much room they want. */
static int fetch(int operation, int32_t key, size_t max, struct buffer *out)
{
	buffer_clear(out);
	size_t want = FIRST_ROOM;
	for (;;) {
		if (buffer_reserve(out, want))
			return ENOMEM;
		long len =
			syscall(SYS_keyctl, (long)operation, (long)key, out->data, out->capacity);
		if (len < 0)
			return errno;
		if ((size_t)len > max)
			return EFBIG;
		want = (size_t)len;
		if (want <= out->capacity) {
			out->len = want;
			return 0;
		}
	}
}

int keyring_read(int32_t key, size_t max, struct buffer *out)
{
	return fetch(KEYCTL_READ, key, max, out);
}

int keyring_describe(int32_t key, struct buffer *out)
{
	return fetch(KEYCTL_DESCRIBE, key, MAX_DESCRIPTION, out);
}

int keyring_add(
	const char *type, const char *description, struct slice payload, int32_t ring, int32_t *key)
{
	return taken(syscall(SYS_add_key, type, description, payload.data, payload.len, ring), key);
}

int keyring_set_timeout(int32_t key, uint32_t seconds)
{
	return syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, key, seconds) == -1 ? errno : 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/watch.h"

#include <stdlib.h>
#include <string.h>

enum status watch_add(
	struct watch *watch, const char *path, const struct file_state *state, struct error *err)
{
	struct watched *files = reallocarray(watch->files, watch->count + 1, sizeof *files);
	if (!files)
		return error_no_memory(err);
	watch->files = files;

	char *copy = strdup(path);
	if (!copy)
		return error_no_memory(err);
	files[watch->count++] = (struct watched){copy, *state};
	return STATUS_OK;
}

bool watch_changed(const struct watch *watch)
{
	for (size_t i = 0; i < watch->count; i++) {
		struct file_state state = file_state(watch->files[i].path);
		if (!file_state_equal(&state, &watch->files[i].state))
			return true;
	}
	return false;
}

void watch_free(struct watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		free(watch->files[i].path);
	free(watch->files);
	*watch = (struct watch){0};
}

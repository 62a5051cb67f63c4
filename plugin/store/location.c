/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/location.h"

#include <string.h>

struct slice location_type(const char *name, const char **rest)
{
	const char *colon = name[0] == '/' ? NULL : strchr(name, ':');
	*rest = colon ? colon + 1 : name;
	return colon ? slice_of(name, (size_t)(colon - name)) : SLICE_EMPTY;
}

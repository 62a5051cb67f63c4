/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/mechanism.h"

#include <string.h>

bool mechanism_is_wanted(const struct mechanism *mechanism, const struct option_words *wanted)
{
	for (unsigned i = 0; i < wanted->count; i++)
		if (strcmp(option_word(OPTION_MECHANISMS, wanted->word[i]), mechanism->name) == 0)
			return true;
	return wanted->count == 0 && !mechanism->only_if_named;
}

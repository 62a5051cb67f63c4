/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory_search.h - is a secret left anywhere in the memory of the process, in
 * use or freed? The stack is left out.
 */
#ifndef TESTS_SUPPORT_MEMORY_SEARCH_H
#define TESTS_SUPPORT_MEMORY_SEARCH_H

#include "crypto/key.h"

/*
 * A secret that is looked for, disguised so that it does not find itself. Of
 * a key its end counts: free() writes over the first octets of a block.
 */
#define SECRET_LENGTH 16

struct secret {
	const char *name;
	unsigned char disguised[SECRET_LENGTH];
};

struct secret secret_of(const char *name, struct slice octets);

struct secret secret_of_key(const char *name, const struct key *key);

bool is_left(const struct secret *secret);

void assert_gone(const struct secret *secret);

#endif

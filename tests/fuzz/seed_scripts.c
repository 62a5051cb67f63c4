/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes the scripts of tests/attack/ as inputs for fuzz_login to begin with.
 *
 *	seed_scripts DIR
 */
#include <stdio.h>

#include "tests/attack/attack.h"

int main(int argc, char **argv)
{
	const uint8_t *script;
	const char *name;
	size_t size;
	if (argc != 2) {
		fputs("seed_scripts DIR\n", stderr);
		return 2;
	}
	for (unsigned i = 0; (script = attack_script(i, &size, &name)) != NULL; i++) {
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", argv[1], name);
		FILE *file = fopen(path, "wb");
		if (!file || fwrite(script, 1, size, file) != size || fclose(file) != 0) {
			perror(path);
			return 1;
		}
	}
	return 0;
}

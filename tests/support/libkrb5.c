/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/libkrb5.h"

#include <dlfcn.h>
#include <stdio.h>

void *libkrb5_open(const struct libkrb5_function *functions, size_t count)
{
	void *library = dlopen("libkrb5.so.3", RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		printf("# missing: MIT's libkrb5 (Debian: libkrb5-3): %s\n", dlerror());
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		void *symbol = dlsym(library, functions[i].name);
		if (!symbol) {
			printf("# missing: a libkrb5 of version 1.18 or later (Debian: libkrb5-3): "
			       "no %s\n",
				functions[i].name);
			dlclose(library);
			return NULL;
		}
		*(void **)functions[i].pointer = symbol;
	}
	return library;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libkrb5.h - functions of MIT's libkrb5, loaded if it is installed.
 */
#ifndef TESTS_SUPPORT_LIBKRB5_H
#define TESTS_SUPPORT_LIBKRB5_H

#include <stddef.h>

struct libkrb5_function {
	const char *name;
	void *pointer; /* to the pointer that receives it */
};

/*
 * The library with `count` functions, for dlclose(). NULL if it or one of them is missing, which is
 * said on standard output, as a comment of TAP.
 */
void *libkrb5_open(const struct libkrb5_function *functions, size_t count);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libkrb5_names.h - the local names that MIT's libkrb5 gives principals, loaded
 * where it is installed.
 */
#ifndef TESTS_SUPPORT_LIBKRB5_NAMES_H
#define TESTS_SUPPORT_LIBKRB5_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Can it be loaded? What is missing is said on standard output, as a comment of TAP. */
bool libkrb5_names_load(void);
void libkrb5_names_unload(void);

/*
 * The local name of a principal by the file that KRB5_CONFIG names: true if
 * there is one. Ends the program where libkrb5 takes neither file nor principal.
 */
bool libkrb5_local_name(const char *principal, char *out, size_t size);

#endif

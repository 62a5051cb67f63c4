/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * offered.h - what the module finds in this machine's OpenSSL. In FIPS mode
 * Camellia and MD5 are missing, and the cases that need them are left out.
 * test_enctype holds that nothing is missing that OpenSSL has.
 */
#ifndef TESTS_SUPPORT_OFFERED_H
#define TESTS_SUPPORT_OFFERED_H

#include <stdbool.h>
#include <stdint.h>

/* All types that the module knows, whether or not this OpenSSL has them. */
enum { ENCTYPES = 6 };
extern const int32_t enctypes[ENCTYPES];

bool is_offered(int32_t enctype);
bool md5_is_offered(void);

/* How many encryption types. */
unsigned offered_count(void);

/*
 * For a row of cmocka's tables: `name`, or, if the case cannot run here, NULL,
 * with which cmocka passes the row over.
 */
const char *if_offered(int32_t enctype, const char *name);
const char *if_md5(const char *name);

/* All of a program's main() if none of its cases can run here: says why in TAP. */
int nothing_to_try(const char *why);

#endif

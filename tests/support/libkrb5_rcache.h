/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libkrb5_rcache.h - the replay cache of MIT's libkrb5, loaded where it is
 * installed. Its functions are exported, but in no header.
 */
#ifndef TESTS_SUPPORT_LIBKRB5_RCACHE_H
#define TESTS_SUPPORT_LIBKRB5_RCACHE_H

#include "base/bytes.h"

struct libkrb5_rcache;

#define LIBKRB5_REPEAT (-1765328350) /* KRB5KRB_AP_ERR_REPEAT */

/* Can it be loaded? What is missing is said on standard output, as a comment of TAP. */
bool libkrb5_load(void);
void libkrb5_unload(void);

/* The cache of this name; ends the program where that cannot be. Reads no krb5.conf. */
struct libkrb5_rcache *libkrb5_rcache_open(const char *name);
void libkrb5_rcache_close(struct libkrb5_rcache *cache);

/* From now on it takes the time for this. */
void libkrb5_rcache_set_time(struct libkrb5_rcache *cache, int32_t now);

/* Stores the authenticator that has this cipher text. 0, or an error code. */
int32_t libkrb5_rcache_store(struct libkrb5_rcache *cache, int32_t enctype, struct slice cipher);

#endif

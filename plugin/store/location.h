/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * location.h - where a store is: "TYPE:rest", as krb5 writes it.
 */
#ifndef STORE_LOCATION_H
#define STORE_LOCATION_H

#include "base/bytes.h"

/*
 * The type, without the colon, and in `rest` what follows it. A name that
 * begins with '/' or has no colon is a path: the type is empty then, and
 * `rest` is the whole name. Both point into `name`. Types are compared with
 * case, as MIT krb5 does.
 */
struct slice location_type(const char *name, const char **rest);

#endif

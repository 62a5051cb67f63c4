/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * realm.h - the hierarchy of realms, as their names tell it (RFC 4120
 * section 6.1).
 *
 * Domain style: A.B.C is below B.C. X.500 style: C=X/O=Y is below C=X, and
 * "/COM/HP", as in the examples of section 3.3.3.2, below "/COM". Names of
 * other styles ("NAMETYPE:rest") have no hierarchy.
 */
#ifndef BASE_REALM_H
#define BASE_REALM_H

#include <stdbool.h>

#include "base/bytes.h"

/* Is `realm` the same as `top` or below it? */
bool realm_is_within(struct slice realm, struct slice top);

/* The empty slice above the topmost. The result points into `realm`. */
struct slice realm_parent(struct slice realm);

/* The nearest realm that both are within; empty where there is none. Points into `a`. */
struct slice realm_common_ancestor(struct slice a, struct slice b);

#endif

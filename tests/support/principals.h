/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * principals.h - who the tests are about, all of the realm EXAMPLE.TEST.
 */
#ifndef TESTS_SUPPORT_PRINCIPALS_H
#define TESTS_SUPPORT_PRINCIPALS_H

#include "base/principal.h"

extern const struct principal alice, bob; /* users */
extern const struct principal imap;       /* imap/mail.example.test */
extern const struct principal krbtgt;     /* the ticket-granting service */

#endif

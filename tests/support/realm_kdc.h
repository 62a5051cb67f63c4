/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * realm_kdc.h - a KDC for the throw-away realm of realm.h: the fake one, on the network. It knows
 * alice by FAKE_PASSWORD, and the service. There is a keytab, and no credential cache.
 */
#ifndef TESTS_SUPPORT_REALM_KDC_H
#define TESTS_SUPPORT_REALM_KDC_H

#include "tests/support/fake_kdc_net.h"

/*
 * Tickets have these flags too. krb5.conf leads to the KDC, and libsasl2 is started again.
 * What the KDC was asked.
 */
struct fake_asked *realm_kdc_open(struct fake_world *world, uint32_t ticket_flags);
void realm_kdc_close(struct fake_world *world);

#endif

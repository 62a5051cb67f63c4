/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fake_kdc_net.h - the fake KDC as something on the network: by UDP, at a port
 * of the loopback address, in a process of its own that ends with the test.
 */
#ifndef TESTS_SUPPORT_FAKE_KDC_NET_H
#define TESTS_SUPPORT_FAKE_KDC_NET_H

#include "tests/support/fake_kdc.h"

/* What it was asked; shared with that process. */
struct fake_asked {
	unsigned as, tgs;
};

/*
 * The world as it is now answers, by this host's clock. *port is for krb5.conf:
 * "kdc = udp/127.0.0.1:PORT". Ends the program where there is no port.
 */
struct fake_asked *fake_serve(struct fake_world *world, unsigned *port);
void fake_serve_end(void);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * transport.h - a request to a realm's KDCs, and the first answer (RFC 4120
 * section 7.2).
 *
 * A request of at most udp_preference_limit octets goes by UDP first, a longer
 * one by TCP first. The realm's KDCs are asked in order: each gets a second
 * before the next one is asked too, or none if it refuses outright, and an
 * answer that comes later still counts. When all have been asked, they are
 * asked by the other transport, and then those by UDP again, after 2, 4, 8 and
 * so on seconds, until the session's deadline. KRB_ERR_RESPONSE_TOO_BIG by UDP
 * leads to TCP, with the KDC that said so first. A KDC that says it is not
 * available (KDC_ERR_SVC_UNAVAILABLE) or whose answer does not begin like a
 * Kerberos message is passed over.
 *
 * It polls, and uses neither threads nor signals; sockets are close-on-exec.
 * The time that the system's resolver takes to look up a name is not in our
 * hands (resolv.conf's timeout and attempts are), but after the deadline no
 * look-up begins.
 */
#ifndef KDC_TRANSPORT_H
#define KDC_TRANSPORT_H

#include "kdc/session.h"

/*
 * As struct kdc_session says. The sentence for ERR_UNREACHABLE names the
 * addresses that were asked and what became of each, or says where a KDC was
 * looked for in vain, or that there was no time to ask one. With `primary`,
 * ERR_NOT_FOUND if no such KDC is known that is not excepted.
 */
kdc_send_function kdc_send;

#endif

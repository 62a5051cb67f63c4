/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * srv.h - SRV records (RFC 2782) by the system's resolver library.
 */
#ifndef KDC_SRV_H
#define KDC_SRV_H

#include "kdc/locate.h"

/*
 * Appends the servers that the records under `name`, a whole domain name, give
 * to `out`. None if DNS has none, or says that there is no such service (a
 * target of "."); and none, with out->dns_failed, if no name server answers,
 * or it refuses or fails. One that is silent costs a few seconds.
 */
void srv_lookup(const char *name, struct kdc_servers *out);

/* The same from an answer's octets, which are hostile. */
void srv_read(struct slice answer, struct kdc_servers *out);

#endif

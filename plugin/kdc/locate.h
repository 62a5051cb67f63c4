/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * locate.h - where a realm's KDCs are (RFC 4120 section 7.2.3).
 *
 * krb5.conf's [realms] goes first: `kdc`, each a host or an address (IPv6 in
 * brackets), maybe with ":port", maybe with "udp/" or "tcp/" before it. A
 * realm that has none there is looked up in DNS, as SRV records, unless
 * dns_lookup_kdc forbids it. What DNS says is not authenticated: a wrong
 * address can keep a client from logging in and no more, since no reply is
 * believed that the KDC's keys did not protect.
 */
#ifndef KDC_LOCATE_H
#define KDC_LOCATE_H

#include "conf/kdc_conf.h"

#define KDC_MAX_SERVERS 16
#define KDC_HOST_SIZE 256
#define KDC_PORT_SIZE 6
#define KDC_DEFAULT_PORT "88"

enum kdc_transport { KDC_UDP, KDC_TCP };

struct kdc_server {
	char host[KDC_HOST_SIZE]; /* a name, or an address without brackets */
	char port[KDC_PORT_SIZE]; /* digits */
};

struct kdc_servers {
	unsigned count;   /* may be 0: none is known */
	bool dns_failed;  /* DNS was asked, and could not tell */
	bool passed_over; /* krb5.conf names a web proxy ("https://") or a socket ("/path") */
	struct kdc_server server[KDC_MAX_SERVERS];
};

/* Which KDCs are wanted. */
struct kdc_lookup {
	const struct krb5_conf *conf;
	const char *realm;
	enum kdc_transport transport; /* by which they may be asked */
	bool primary;                 /* only those to which changes of passwords are made */
	bool dns;                     /* DNS may be asked: dns_lookup_kdc */
};

/*
 * The KDCs in the order in which to try them, of more than KDC_MAX_SERVERS the
 * first. Primary ones are krb5.conf's primary_kdc (or master_kdc), else the SRV
 * records of _kerberos-master. SRV records are sorted by priority and, within
 * one, at random by weight (RFC 2782). Web proxies and sockets are passed over.
 *
 * ERR_SYNTAX, with file and line, for a `kdc` that cannot be understood.
 * ERR_NO_MEMORY. That none is known is no failure.
 */
MUST_CHECK enum status kdc_locate(
	const struct kdc_lookup *lookup, struct kdc_servers *out, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kdc_conf.h - what krb5.conf says about KDCs, and about the tickets to ask
 * them for.
 *
 * These are for clients alone and are looked up when a ticket has to be
 * fetched: a server's login does not fail for them, and one with a ready
 * ticket costs nothing here.
 */
#ifndef CONF_KDC_CONF_H
#define CONF_KDC_CONF_H

#include <stddef.h>

#include "conf/krb5_conf.h"

struct kdc_conf {
	bool timesync;    /* kdc_timesync: go by the KDC's clock; default true */
	bool lookup_dns;  /* dns_lookup_kdc, else dns_fallback; default true */
	size_t udp_limit; /* udp_preference_limit: longer requests go by TCP; default 1465 */

	int64_t lifetime;       /* ticket_lifetime, seconds; default a day */
	int64_t renew_lifetime; /* renew_lifetime; 0, the default: not renewable */
	bool forwardable;       /* default false, as the next two */
	bool proxiable;
	bool canonicalize;
	bool addresses; /* the opposite of noaddresses; default false */

	/*
	 * default_tkt_enctypes and default_tgs_enctypes, as far as
	 * permitted_enctypes has them too; default permitted_enctypes, in its
	 * order, as with MIT krb5 since 1.18.
	 */
	struct enctype_list tkt_enctypes;
	struct enctype_list tgs_enctypes;
};

/*
 * [libdefaults] for clients of `realm`: a relation in [libdefaults] REALM =
 * { } goes before one of the same name in [libdefaults] itself, as with MIT
 * krb5. ERR_SYNTAX, with file, line and relation, for a value that cannot be
 * understood and for types of which none is permitted. Limits of UDP above
 * 32700 count as that.
 */
MUST_CHECK enum status kdc_conf_read(
	const struct krb5_conf *conf, const char *realm, struct kdc_conf *out, struct error *err);

/* [realms] realm = { relation }: the nth value (from 0); NULL past the end. */
const char *krb5_conf_realm_value(
	const struct krb5_conf *conf, const char *realm, const char *relation, unsigned n);

enum canonicalization {
	CANONICALIZE_NOT,
	CANONICALIZE_ALWAYS,
	CANONICALIZE_FALLBACK, /* where there is no ticket under the name as it was given */
};

/* How a service's host name is to be completed before a ticket is asked for. */
struct host_conf {
	/*
	 * [libdefaults] dns_canonicalize_hostname. Not at all where it is not
	 * set: DNS is not to be trusted with that. (MIT krb5 does it then.)
	 */
	enum canonicalization canonicalization;
	bool rdns; /* and backwards again; default true, no effect unless the first one is set */
};

/* ERR_SYNTAX as kdc_conf_read(). */
MUST_CHECK enum status host_conf_read(
	const struct krb5_conf *conf, struct host_conf *out, struct error *err);

#endif

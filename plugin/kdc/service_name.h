/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * service_name.h - whom to ask a ticket for: the principal of a service at a
 * host (RFC 4120 section 6.2.1), and the host's name as krb5.conf wants it.
 *
 * DNS is asked for a host's canonical name only if dns_canonicalize_hostname
 * says so, and then believed: whoever can forge its answers chooses the
 * service. Its answers are waited for as long as the system's resolver does.
 */
#ifndef KDC_SERVICE_NAME_H
#define KDC_SERVICE_NAME_H

#include "base/principal.h"
#include "conf/krb5_conf.h"
#include "kdc/session.h"

struct service_names {
	unsigned count;                /* that are known so far; the first is the one asked for */
	struct principal principal[2]; /* a realm that is empty is not known */
	struct buffer storage[2];      /* what they point into */
	struct slice given;            /* the host's name by the program; or empty */
	bool has_fallback;             /* DNS may know another name, which nobody needed yet */
};

/*
 * SERVICE/host: the host in lower case and without a final dot, or its
 * canonical name; its realm from [domain_realm], else empty. `service` and
 * `host` have to live as long as the names. KRB_ERR_GENERIC for an empty host; ERR_SYNTAX if
 * krb5.conf has something else than it may for dns_canonicalize_hostname or
 * rdns.
 */
MUST_CHECK enum status service_names_of_host(const struct krb5_conf *conf, const char *service,
	struct slice host, struct service_names *out, struct error *err);

/* The one principal that `text` names, as principal_parse() reads it. */
MUST_CHECK enum status service_names_of_text(
	const char *text, struct service_names *out, struct error *err);

/*
 * The nth name in the order in which to try them, NULL past the end. If
 * dns_canonicalize_hostname is `fallback`, the second one is the canonical
 * name, looked up when it is asked for.
 */
const struct principal *service_names_at(
	struct service_names *names, const struct krb5_conf *conf, unsigned n);

/*
 * Adds where the name came from to the sentence on a ticket that there is not:
 * the host's name that the program gave, and what maps it to its realm. `err` as
 * the KDC's refusal left it; if the name is not what is at fault, it stays.
 */
void service_names_explain(const struct service_names *names, struct error *err);

void service_names_clear(struct service_names *names);

/*
 * The domain that the service's host is in, in upper case: a realm of last
 * resort. False if it is no SERVICE/host.domain.
 */
bool service_domain_realm(const struct principal *server, char out[KDC_REALM_SIZE]);

#endif

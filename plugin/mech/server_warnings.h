/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * server_warnings.h - what is not right with a server that can serve all the
 * same: told to its log once in a process (logger_once()).
 */
#ifndef MECH_SERVER_WARNINGS_H
#define MECH_SERVER_WARNINGS_H

#include "conf/local_rules.h"
#include "sasl/logger.h"
#include "store/keytab.h"

/*
 * A keytab that everybody can read (SASL_LOG_ERR, which is shown by default) or
 * that is another user's (SASL_LOG_WARN), once for each state of it: `state`, see
 * keytab_get().
 */
void server_warn_of_keytab(const struct logger *log, const struct keytab *keytab, uint64_t state);

/* A library for local names that krb5.conf has libkrb5 load; at SASL_LOG_WARN. */
void server_warn_of_localauth(const struct logger *log, const struct krb5_conf *conf);

/* kerberos5_auth_to_local is set, and no local names are wanted; at SASL_LOG_WARN. */
void server_warn_of_idle_rules(const struct logger *log);

/* Encryption types that OpenSSL lacks, at SASL_LOG_WARN. */
void server_warn_of_missing_types(const struct logger *log);

/*
 * A default_realm that leaves users of the keytab's realms with their realm in
 * their names, for all mechanisms together: none at all, one that differs from a
 * keytab's only in upper and lower case, or one of which the keytab has no key.
 * The last may be meant, since users and services may live in different realms; a
 * slip of the pen looks the same. All at SASL_LOG_ERR, which is shown by default.
 */
void server_warn_of_default_realm(
	const struct logger *log, const struct krb5_conf *conf, const struct keytab *keytab);

#endif

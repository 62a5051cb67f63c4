/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/server_warnings.h"

#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/enctype.h"

void server_warn_of_keytab(const struct logger *log, const struct keytab *keytab, uint64_t state)
{
	NEW_ERROR(warning);
	uid_t owner;
	if (keytab_world_readable(keytab)) {
		(void)error_set(&warning, ERR_FILE,
			"keytab %s can be read by everybody; whoever reads it can pose as this "
			"service: chmod o-r",
			keytab_name(keytab));
		logger_once(log, SASL_LOG_ERR, state, warning.text);
	}
	if (keytab_is_foreign(keytab, &owner)) {
		(void)error_set(&warning, ERR_UNTRUSTED,
			"keytab %s belongs to user %ld, who is neither root nor this server's user "
			"%ld; whoever writes it can pose as any user: chown it to one of these",
			keytab_name(keytab), (long)owner, (long)geteuid());
		logger_once(log, SASL_LOG_WARN, state, warning.text);
	}
}

void server_warn_of_localauth(const struct logger *log, const struct krb5_conf *conf)
{
	const char *module = krb5_conf_localauth_module(conf);
	NEW_ERROR(warning);
	if (!module)
		return;
	(void)error_set(&warning, ERR_UNSUPPORTED,
		"krb5.conf names a module for local names, %s, which cannot be loaded: what it "
		"would do has to be done by auth_to_local of krb5.conf or by "
		"kerberos5_auth_to_local",
		TEXT(slice_string(module)));
	logger_once(log, SASL_LOG_WARN, 0, warning.text);
}

void server_warn_of_idle_rules(const struct logger *log)
{
	logger_once(log, SASL_LOG_WARN, 0,
		"kerberos5_auth_to_local is set and not used: set kerberos5_names to local or "
		"local-or-principal");
}

/* Missing types are not an error, but tickets that use them will be refused. */
void server_warn_of_missing_types(const struct logger *log)
{
	const char *missing = crypto_missing();
	if (!missing)
		return;
	NEW_ERROR(warning);
	(void)error_set(&warning, ERR_CRYPTO,
		"OpenSSL does not offer the algorithms of %s (is it in FIPS mode?): tickets that "
		"need them will be refused",
		missing);
	logger_once(log, SASL_LOG_WARN, 0, warning.text);
}

enum { REALMS_NAMED = 3 };

static bool has(const struct slice *list, unsigned count, struct slice item)
{
	for (unsigned i = 0; i < count; i++)
		if (slice_equal(list[i], item))
			return true;
	return false;
}

/* "A, B, C and others" in the keytab's order. */
static void list_realms(const struct keytab *keytab, char *out, size_t size)
{
	struct slice named[REALMS_NAMED];
	unsigned count = 0;
	size_t len = 0;
	const struct keytab_entry *entry;
	for (unsigned n = 0; (entry = keytab_entry_at(keytab, n)); n++) {
		struct slice realm = entry->principal.realm;
		if (has(named, count, realm))
			continue;
		if (count == REALMS_NAMED) {
			snprintf(out + len, size - len, " and others");
			return;
		}
		len += (size_t)snprintf(
			out + len, size - len, "%s%s", count > 0 ? ", " : "", TEXT(realm));
		named[count++] = realm;
	}
}

/* The keytab's realm that is `realm` but for upper and lower case; empty if there is none. */
static struct slice respelled(const struct keytab *keytab, struct slice realm)
{
	const struct keytab_entry *entry;
	for (unsigned n = 0; (entry = keytab_entry_at(keytab, n)); n++)
		if (slice_equal_nocase(entry->principal.realm, realm))
			return entry->principal.realm;
	return SLICE_EMPTY;
}

/* One line for all mechanisms: they share krb5.conf. */
static void warn_of_realm(const struct logger *log, const struct error *warning)
{
	const struct logger about = {log->utils, log->level, "libkerberos5"};
	logger_once(&about, SASL_LOG_ERR, 0, warning->text);
}

void server_warn_of_default_realm(
	const struct logger *log, const struct krb5_conf *conf, const struct keytab *keytab)
{
	NEW_ERROR(warning);
	const char *name = krb5_conf_default_realm(conf);
	struct slice realm = slice_string(name);
	if (!logger_wants(log, SASL_LOG_ERR) || (name && keytab_has_realm(keytab, realm)))
		return;
	struct slice meant = respelled(keytab, realm);
	char realms[(REALMS_NAMED + 1) * TEXT_SIZE] = "";
	list_realms(keytab, realms, sizeof realms);
	if (!name)
		(void)error_set(&warning, ERR_NOT_FOUND,
			"krb5.conf has no default_realm, so that all users keep their realm in "
			"their names: set it in [libdefaults] (keytab %s has keys of %s)",
			keytab_name(keytab), realms);
	else if (meant.len > 0)
		(void)error_set(&warning, ERR_NOT_FOUND,
			"default_realm of krb5.conf is %s, but keytab %s has keys of %s, so that "
			"users of %s keep their realm in their names: capital letters count",
			TEXT(realm), keytab_name(keytab), TEXT(meant), TEXT(meant));
	else
		(void)error_set(&warning, ERR_NOT_FOUND,
			"default_realm of krb5.conf is %s, of which keytab %s has no key: only its "
			"users are named without their realm, those of %s keep it; that is right "
			"if users and services have realms of their own, else correct krb5.conf",
			TEXT(realm), keytab_name(keytab), realms);
	warn_of_realm(log, &warning);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * local_rules.h - which local user a principal is: rules, of which the first
 * that fits counts (MIT's krb5.conf(5), auth_to_local; local_rule.h has what a
 * rule is). A list is immutable, and any thread may use it.
 *
 * Names and realms are compared and matched octet by octet; who may be a
 * client at all, and which names are fit to be a user's, is not judged here.
 */
#ifndef CONF_LOCAL_RULES_H
#define CONF_LOCAL_RULES_H

#include "conf/krb5_conf.h"

struct local_rules;

#define LOCAL_RULES_MAX 100

/*
 * The rules of one text, which may end in /L too, with blanks between them:
 * "RULE:[1:$1@$0](.+@A)s/@.+///L DEFAULT". The list of the last such text is kept
 * compiled for all. ERR_SYNTAX, with the number of the rule and what is wrong: local_rule_compile()
 * or more than LOCAL_RULES_MAX, or none; ERR_NO_MEMORY. *out is NULL then.
 */
MUST_CHECK enum status local_rules_get(
	const char *text, struct local_rules **out, struct error *err);

void local_rules_release(struct local_rules *rules); /* NULL is allowed */

/* Releases the list that is kept. */
void local_rules_forget(void);

/*
 * Fills `out` (what was there is cleared) with the local name that a list gives
 * the principal. `default_realm`, which may be NULL, is for DEFAULT.
 * ERR_NOT_FOUND if no rule fits; ERR_TOO_LONG, ERR_NO_MEMORY.
 */
MUST_CHECK enum status local_rules_apply(const struct local_rules *rules,
	const struct principal *client, const char *default_realm, struct buffer *out,
	struct error *err);

/* ---- krb5.conf's ---- */

/*
 * Can the rules of krb5.conf be used? ERR_SYNTAX, with file and line, if one of
 * [realms] DEFAULT-REALM = { auth_to_local = ... } does not compile. The
 * snapshot is one all the same: who needs no local names has no fault.
 */
MUST_CHECK enum status krb5_conf_check_local_rules(const struct krb5_conf *conf, struct error *err);

/*
 * The local name by [realms] of the default realm: auth_to_local_names has the
 * principal's name without realm (of several values the last counts); else the first rule of
 * auth_to_local that fits, or, if there is none at all, DEFAULT. As
 * libkrb5, auth_to_local_names does not look at the client's realm. Errors of both functions above;
 * ERR_NOT_FOUND too without a default realm.
 */
MUST_CHECK enum status krb5_conf_local_name(const struct krb5_conf *conf,
	const struct principal *client, struct buffer *out, struct error *err);

/*
 * The first `module` of [plugins] localauth, or NULL: a library by which
 * libkrb5 would find local names, and which is not loaded here.
 */
const char *krb5_conf_localauth_module(const struct krb5_conf *conf);

#endif

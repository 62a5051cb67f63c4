/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * local_rule.h - one rule that makes a local user's name of a principal
 * (MIT's krb5.conf(5), auth_to_local), and lists of them as they are made. For
 * plugin/conf/ alone; local_rules.h is what others see.
 *
 *	DEFAULT
 *	RULE:[n:string](expression)s/expression/text/g
 *
 * DEFAULT takes the first component of a principal of the default realm that has
 * no other, or that realm's name as the second.
 *
 * RULE fits principals of n components. `string` is what the rule goes on
 * with: $0 stands for the realm, $1 for the first component, and so on.
 * Without [n:string] it fits all principals, and goes on with the name without
 * realm, in which a backslash precedes '/' and '\' of a component. The
 * expression in parentheses, which may be missing, has to match that string
 * as a whole; it ends at the first ')'. Each s/expression/text/ then replaces
 * the first match of its expression, or with g all of them, by the text as it stands. Blanks may
 * stand between them.
 *
 * Expressions are POSIX's extended ones, by regcomp(3). Two things that it would
 * take are refused, since a client chooses what is matched: references back (\1), and
 * repetitions that make more than LOCAL_RULE_MAX_SIZE pieces of an expression.
 */
#ifndef CONF_LOCAL_RULE_H
#define CONF_LOCAL_RULE_H

#include "base/bytes.h"
#include "base/error.h"
#include "conf/local_rules.h"

#define LOCAL_RULE_MAX_LENGTH 1000    /* octets of a rule */
#define LOCAL_RULE_MAX_EXPRESSION 250 /* of one expression in it */
#define LOCAL_RULE_MAX_SIZE 1000
#define LOCAL_RULE_MAX_SUBSTITUTIONS 20
#define LOCAL_NAME_MAX_LENGTH 1024 /* of what is matched and made */

struct local_rule;

/*
 * Compiles a rule. With `or_lower` it may end in /L as well (or in L behind a
 * slash), which makes the result's ASCII letters small. ERR_SYNTAX, with what is wrong and
 * where; ERR_NO_MEMORY. *out is NULL then.
 */
MUST_CHECK enum status local_rule_compile(
	struct slice text, bool or_lower, struct local_rule **out, struct error *err);

void local_rule_free(struct local_rule *rule); /* NULL is allowed */

/*
 * Appends the local name to `out`, which is empty before. `default_realm` may be NULL.
 * ERR_NOT_FOUND if the rule does not fit the principal;
 * ERR_TOO_LONG if it makes more than LOCAL_NAME_MAX_LENGTH octets.
 */
MUST_CHECK enum status local_rule_apply(const struct local_rule *rule,
	const struct principal *client, const char *default_realm, struct buffer *out,
	struct error *err);

/*
 * A principal as auth_to_local_names has it, and as rules without [n:string] match it:
 * appends the components, joined by '/', a backslash before '/' and '\' in one;
 * NUL-terminated, the NUL not counted. Only ERR_NO_MEMORY.
 */
MUST_CHECK enum status principal_key(
	const struct principal *principal, struct buffer *out, struct error *err);

/* A list without rules, for one holder; and one rule more. As local_rule_compile(). */
MUST_CHECK enum status local_rules_new(struct local_rules **out, struct error *err);
MUST_CHECK enum status local_rules_add(
	struct local_rules *rules, struct slice text, bool or_lower, struct error *err);

#endif

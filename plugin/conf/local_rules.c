/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/local_rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/shared.h"
#include "base/text.h"
#include "conf/local_rule.h"

struct local_rules {
	unsigned holders; /* changed under shared_lock() */
	char *text;       /* what it was compiled from; NULL: by local_rules_add() */
	unsigned count;
	struct local_rule *rule[LOCAL_RULES_MAX];
};

static struct local_rules *kept; /* of the last text; changed under shared_lock() */

static const char separators[] = " \t\n\r";

/* ---- a list ---- */

enum status local_rules_new(struct local_rules **out, struct error *err)
{
	*out = calloc(1, sizeof **out);
	if (!*out)
		return error_no_memory(err);
	(*out)->holders = 1;
	return STATUS_OK;
}

enum status local_rules_add(
	struct local_rules *rules, struct slice text, bool or_lower, struct error *err)
{
	if (rules->count == LOCAL_RULES_MAX)
		return error_set(err, ERR_SYNTAX, "more than %d rules", LOCAL_RULES_MAX);
	if (local_rule_compile(text, or_lower, &rules->rule[rules->count], err))
		return err->status;
	rules->count++;
	return STATUS_OK;
}

void local_rules_release(struct local_rules *rules)
{
	if (!rules)
		return;
	shared_lock();
	bool last = --rules->holders == 0;
	shared_unlock();
	if (!last)
		return;
	for (unsigned i = 0; i < rules->count; i++)
		local_rule_free(rules->rule[i]);
	free(rules->text);
	free(rules);
}

static void release_at(struct local_rules **rules)
{
	local_rules_release(*rules);
}

enum status local_rules_apply(const struct local_rules *rules, const struct principal *client,
	const char *default_realm, struct buffer *out, struct error *err)
{
	for (unsigned i = 0; i < rules->count; i++) {
		enum status status =
			local_rule_apply(rules->rule[i], client, default_realm, out, err);
		if (status != ERR_NOT_FOUND)
			return status;
	}
	return error_set(
		err, ERR_NOT_FOUND, "no rule for local names fits %s", PRINCIPAL_TEXT(client));
}

/* ---- of one text ---- */

static bool begins_rule(const char *at)
{
	const char *word = "DEFAULT";
	size_t len = strlen(word);
	return strncmp(at, "RULE:", strlen("RULE:")) == 0 ||
	       (strncmp(at, word, len) == 0 && (!at[len] || strchr(separators, at[len])));
}

/* Up to the next rule, without the blanks between: a rule may have blanks in it. */
static struct slice next_rule(const char **at)
{
	*at += strspn(*at, separators);
	const char *begin = *at, *end = begin;
	while (**at) {
		*at += strcspn(*at, separators);
		end = *at;
		*at += strspn(*at, separators);
		if (begins_rule(*at))
			break;
	}
	return slice_of(begin, (size_t)(end - begin));
}

static enum status compile_all(struct local_rules *rules, struct error *err)
{
	struct slice rule;
	for (const char *at = rules->text; (rule = next_rule(&at)).len > 0;)
		if (local_rules_add(rules, rule, true, err))
			return error_prefix(err, "rule %u", rules->count + 1);
	if (rules->count == 0)
		return error_set(err, ERR_SYNTAX, "expected is RULE:... or DEFAULT, found none");
	return STATUS_OK;
}

static struct local_rules *take_kept(const char *text)
{
	shared_lock();
	struct local_rules *rules = kept && strcmp(kept->text, text) == 0 ? kept : NULL;
	if (rules)
		rules->holders++;
	shared_unlock();
	return rules;
}

static void keep(struct local_rules *rules)
{
	shared_lock();
	struct local_rules *old = kept;
	kept = rules;
	if (rules)
		rules->holders++;
	shared_unlock();
	local_rules_release(old);
}

enum status local_rules_get(const char *text, struct local_rules **out, struct error *err)
{
	*out = take_kept(text);
	if (*out)
		return STATUS_OK;
	__attribute__((cleanup(release_at))) struct local_rules *rules = NULL;
	if (local_rules_new(&rules, err))
		return err->status;
	rules->text = strdup(text);
	if (!rules->text)
		return error_no_memory(err);
	if (compile_all(rules, err))
		return err->status;
	keep(rules);
	*out = rules;
	rules = NULL;
	return STATUS_OK;
}

void local_rules_forget(void)
{
	keep(NULL);
}

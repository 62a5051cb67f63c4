/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/local_rule.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct substitution {
	regex_t expression;
	struct slice text;
	bool all;
};

struct local_rule {
	bool is_default;
	unsigned components; /* 0: any number, and there is no format */
	struct slice format;
	bool has_match;
	regex_t match;
	unsigned count;
	struct substitution substitution[LOCAL_RULE_MAX_SUBSTITUTIONS];
	bool lower;
	char text[LOCAL_RULE_MAX_LENGTH + 1]; /* into which slices point */
};

void local_rule_free(struct local_rule *rule)
{
	if (!rule)
		return;
	if (rule->has_match)
		regfree(&rule->match);
	for (unsigned i = 0; i < rule->count; i++)
		regfree(&rule->substitution[i].expression);
	free(rule);
}

static void free_at(struct local_rule **rule)
{
	local_rule_free(*rule);
}

/* ---- expressions ---- */

/*
 * How much regcomp() makes of an expression: about one for each character, and
 * what is repeated as often as it says. a+ is aa* there, so that a++++ doubles each
 * time; a**** takes twice the time with each star.
 */
struct measure {
	unsigned outer[LOCAL_RULE_MAX_EXPRESSION]; /* of the groups that are open */
	unsigned depth;
	unsigned sum;  /* in the innermost one */
	unsigned last; /* what a repetition behind it is about */
};

static unsigned bounded(unsigned size)
{
	return size < LOCAL_RULE_MAX_SIZE ? size : LOCAL_RULE_MAX_SIZE + 1;
}

static void measure_piece(struct measure *m, unsigned size)
{
	m->sum = bounded(m->sum + m->last);
	m->last = size;
}

static void measure_end_of_group(struct measure *m)
{
	unsigned size = bounded(m->sum + m->last + 1);
	m->last = 0;
	if (m->depth > 0)
		m->sum = m->outer[--m->depth];
	measure_piece(m, size);
}

/* Goes on behind [...], in which nothing repeats. */
static const char *skip_bracket(const char *at)
{
	at += *at == '^';
	at += *at == ']';
	while (*at && *at != ']') {
		const char *end = NULL;
		if (at[0] == '[' && at[1] && strchr(":.=", at[1]))
			end = strstr(at + 2, (const char[]){at[1], ']', '\0'});
		at = end ? end + 2 : at + 1;
	}
	return *at ? at + 1 : at;
}

/* Up to how often: at least once. Goes on behind the brace. */
static unsigned read_count(const char **at)
{
	unsigned most = 1;
	for (unsigned number = 0; (**at >= '0' && **at <= '9') || **at == ','; (*at)++) {
		number = **at == ',' ? 0 : bounded(number * 10 + (unsigned)(**at - '0'));
		most = number > most ? number : most;
	}
	*at += **at == '}';
	return most;
}

static void measure_next(struct measure *m, const char **at)
{
	char c = *(*at)++;
	switch (c) {
	case '(':
		measure_piece(m, 0);
		m->outer[m->depth++] = m->sum;
		m->sum = 0;
		break;
	case ')':
		measure_end_of_group(m);
		break;
	case '{':
		m->last = bounded(m->last * read_count(at));
		break;
	case '*':
	case '+':
	case '?':
		m->last = bounded(m->last * 2);
		break;
	case '[':
		measure_piece(m, 1);
		*at = skip_bracket(*at);
		break;
	case '\\':
		measure_piece(m, 1);
		*at += **at != '\0';
		break;
	default:
		measure_piece(m, 1);
	}
}

/* What a client's name must not meet, or what is too large; NULL: nothing. */
static const char *fault_of_expression(const char *expression)
{
	struct measure m = {.depth = 0};
	if (strlen(expression) > LOCAL_RULE_MAX_EXPRESSION)
		return "it is too long";
	for (const char *at = expression; *at;) {
		if (at[0] == '\\' && at[1] >= '0' && at[1] <= '9')
			return "it refers back to what it matched (\\1)";
		measure_next(&m, &at);
		if (m.sum + m.last > LOCAL_RULE_MAX_SIZE)
			return "it repeats too much";
	}
	return NULL;
}

static enum status refuse_expression(const char *expression, const char *fault, struct error *err)
{
	return error_set(err, ERR_SYNTAX, "the expression \"%s\" cannot be used: %s",
		TEXT(slice_string(expression)), fault);
}

static enum status compile(struct slice text, regex_t *out, struct error *err)
{
	char expression[LOCAL_RULE_MAX_LENGTH + 1], reason[100];
	memcpy(expression, text.data, text.len);
	expression[text.len] = '\0';
	const char *fault = fault_of_expression(expression);
	if (fault)
		return refuse_expression(expression, fault, err);
	int result = regcomp(out, expression, REG_EXTENDED);
	if (result == REG_ESPACE)
		return error_no_memory(err);
	if (result == 0)
		return STATUS_OK;
	(void)regerror(result, out, reason, sizeof reason);
	return refuse_expression(expression, reason, err);
}

/* ---- a rule's parts; `*at` goes on behind each ---- */

static enum status expected(const char *what, const char *at, struct error *err)
{
	return error_set(
		err, ERR_SYNTAX, "expected is %s, found \"%s\"", what, TEXT(slice_string(at)));
}

/* One or two digits. */
static bool read_number(const char **at, unsigned *out)
{
	const char *begin = *at;
	*out = 0;
	for (; **at >= '0' && **at <= '9' && *at < begin + 2; (*at)++)
		*out = *out * 10 + (unsigned)(**at - '0');
	return *at > begin && !(**at >= '0' && **at <= '9');
}

static enum status check_format(const struct local_rule *rule, struct error *err)
{
	const char *end = (const char *)rule->format.data + rule->format.len;
	for (const char *at = (const char *)rule->format.data; at < end;) {
		unsigned number;
		if (*at++ == '$' && (!read_number(&at, &number) || number > rule->components))
			return error_set(err, ERR_SYNTAX,
				"in the string of [n:string] a $ has to be followed by a number "
				"from 0 to n, which is %u",
				rule->components);
	}
	return STATUS_OK;
}

static enum status read_selection(struct local_rule *rule, const char **at, struct error *err)
{
	if (**at != '[')
		return STATUS_OK;
	(*at)++;
	const char *number = *at;
	if (!read_number(at, &rule->components) || rule->components == 0 ||
		rule->components > PRINCIPAL_MAX_COMPONENTS || *(*at)++ != ':')
		return expected("[n:string] with n from 1 to 16", number - 1, err);
	const char *end = strchr(*at, ']');
	if (!end)
		return expected("a ']' at the end of [n:string]", number - 1, err);
	rule->format = slice_of(*at, (size_t)(end - *at));
	*at = end + 1;
	return check_format(rule, err);
}

static enum status read_match(struct local_rule *rule, const char **at, struct error *err)
{
	if (**at != '(')
		return STATUS_OK;
	const char *end = strchr(*at, ')');
	if (!end)
		return expected("a ')' at the end of the expression", *at, err);
	struct slice expression = slice_of(*at + 1, (size_t)(end - *at - 1));
	*at = end + 1;
	if (compile(expression, &rule->match, err))
		return err->status;
	rule->has_match = true;
	return STATUS_OK;
}

/* s/expression/text/, and maybe g. */
static enum status read_substitution(struct local_rule *rule, const char **at, struct error *err)
{
	const char *begin = *at + strlen("s/");
	const char *middle = strchr(begin, '/');
	const char *end = middle ? strchr(middle + 1, '/') : NULL;
	if (!end)
		return expected("s/expression/text/ with three slashes", *at, err);
	if (rule->count == LOCAL_RULE_MAX_SUBSTITUTIONS)
		return error_set(err, ERR_SYNTAX, "more than %d substitutions",
			LOCAL_RULE_MAX_SUBSTITUTIONS);
	struct substitution *substitution = &rule->substitution[rule->count];
	if (compile(slice_of(begin, (size_t)(middle - begin)), &substitution->expression, err))
		return err->status;
	rule->count++;
	substitution->text = slice_of(middle + 1, (size_t)(end - middle - 1));
	substitution->all = end[1] == 'g';
	*at = end + 1 + substitution->all;
	return STATUS_OK;
}

static void skip_blanks(const char **at)
{
	*at += strspn(*at, " \t");
}

static enum status read_end(
	struct local_rule *rule, const char *at, bool or_lower, struct error *err)
{
	bool is_lower = strcmp(at, "/L") == 0 || (strcmp(at, "L") == 0 && at[-1] != ':');
	if (is_lower && !or_lower)
		return error_set(err, ERR_SYNTAX,
			"/L is not for krb5.conf's auth_to_local, since libkrb5 takes no rule with "
			"it: set the rule in the option kerberos5_auth_to_local");
	rule->lower = is_lower;
	return is_lower || !*at ? STATUS_OK
				: expected("s/expression/text/ or the rule's end", at, err);
}

static enum status read_rule(struct local_rule *rule, bool or_lower, struct error *err)
{
	const char *at = rule->text;
	rule->is_default = strcmp(at, "DEFAULT") == 0;
	if (rule->is_default)
		return STATUS_OK;
	if (strncmp(at, "RULE:", strlen("RULE:")) != 0)
		return expected("RULE:... or DEFAULT", at, err);
	at += strlen("RULE:");
	if (read_selection(rule, &at, err) || read_match(rule, &at, err))
		return err->status;
	for (skip_blanks(&at); at[0] == 's' && at[1] == '/'; skip_blanks(&at))
		if (read_substitution(rule, &at, err))
			return err->status;
	return read_end(rule, at, or_lower, err);
}

enum status local_rule_compile(
	struct slice text, bool or_lower, struct local_rule **out, struct error *err)
{
	*out = NULL;
	if (text.len > LOCAL_RULE_MAX_LENGTH || (text.len > 0 && memchr(text.data, '\0', text.len)))
		return error_set(err, ERR_SYNTAX,
			"a rule has at most %d octets and no NUL, this one has %zu",
			LOCAL_RULE_MAX_LENGTH, text.len);
	__attribute__((cleanup(free_at))) struct local_rule *rule = calloc(1, sizeof *rule);
	if (!rule)
		return error_no_memory(err);
	if (text.len > 0)
		memcpy(rule->text, text.data, text.len);
	if (read_rule(rule, or_lower, err))
		return err->status;
	*out = rule;
	rule = NULL;
	return STATUS_OK;
}

/* ---- a principal ---- */

enum status principal_key(const struct principal *principal, struct buffer *out, struct error *err)
{
	for (unsigned i = 0; i < principal->count; i++) {
		struct slice part = principal->component[i];
		if (i > 0 && buffer_append(out, SLICE_LITERAL("/")))
			return error_no_memory(err);
		for (size_t k = 0; k < part.len; k++) {
			bool is_marked = part.data[k] && strchr("/\\", part.data[k]);
			if ((is_marked && buffer_append(out, SLICE_LITERAL("\\"))) ||
				buffer_append(out, slice_of(part.data + k, 1)))
				return error_no_memory(err);
		}
	}
	if (buffer_append(out, SLICE_LITERAL("\0")))
		return error_no_memory(err);
	out->len--;
	return STATUS_OK;
}

static enum status does_not_fit(struct error *err)
{
	return error_set(err, ERR_NOT_FOUND, "the rule does not fit");
}

/* Of what the rule goes on with: a string in `data`, since a NUL follows that is not counted. */
static enum status put(struct buffer *out, struct slice piece, struct error *err)
{
	if (out->len + piece.len > LOCAL_NAME_MAX_LENGTH)
		return error_set(err, ERR_TOO_LONG,
			"a rule for local names makes more than %d "
			"octets of it",
			LOCAL_NAME_MAX_LENGTH);
	if (buffer_append(out, piece) || buffer_append(out, SLICE_LITERAL("\0")))
		return error_no_memory(err);
	out->len--;
	return STATUS_OK;
}

static enum status fill_format(const struct local_rule *rule, const struct principal *client,
	struct buffer *out, struct error *err)
{
	const char *at = (const char *)rule->format.data, *end = at + rule->format.len;
	while (at < end) {
		unsigned number;
		struct slice piece = slice_of(at, 1);
		if (*at++ == '$' && read_number(&at, &number))
			piece = number > 0 ? client->component[number - 1] : client->realm;
		if (put(out, piece, err))
			return err->status;
	}
	return put(out, SLICE_EMPTY, err);
}

static enum status select_string(const struct local_rule *rule, const struct principal *client,
	struct buffer *out, struct error *err)
{
	if (rule->components > 0)
		return fill_format(rule, client, out, err);
	AUTO_BUFFER name = {0};
	if (principal_key(client, &name, err))
		return err->status;
	return put(out, buffer_slice(&name), err);
}

static bool matches_whole(const struct local_rule *rule, const struct buffer *string)
{
	regmatch_t found;
	return !rule->has_match ||
	       (regexec(&rule->match, (const char *)string->data, 1, &found, 0) == 0 &&
		       found.rm_so == 0 && (size_t)found.rm_eo == string->len);
}

/* Each match is looked for as if the string began behind the one before it, as libkrb5 does. */
static enum status substitute(const struct substitution *how, const struct buffer *in,
	struct buffer *out, struct error *err)
{
	const char *at = (const char *)in->data, *end = at + in->len;
	regmatch_t found;
	while (regexec(&how->expression, at, 1, &found, 0) == 0) {
		if (put(out, slice_of(at, (size_t)found.rm_so), err) || put(out, how->text, err))
			return err->status;
		bool is_empty = found.rm_eo == found.rm_so;
		at += found.rm_eo;
		if (!how->all || at == end)
			break;
		/* Of nothing there is one more match without end. */
		if (is_empty && put(out, slice_of(at++, 1), err))
			return err->status;
	}
	return put(out, slice_of(at, (size_t)(end - at)), err);
}

static void make_lower(struct buffer *name)
{
	for (size_t i = 0; i < name->len; i++)
		if (name->data[i] >= 'A' && name->data[i] <= 'Z')
			name->data[i] = (unsigned char)(name->data[i] - 'A' + 'a');
}

static void swap(struct buffer *a, struct buffer *b)
{
	struct buffer c = *a;
	*a = *b;
	*b = c;
}

static enum status apply_rule(const struct local_rule *rule, const struct principal *client,
	struct buffer *out, struct error *err)
{
	AUTO_BUFFER next = {0};
	if (rule->components > 0 && rule->components != client->count)
		return does_not_fit(err);
	if (select_string(rule, client, out, err))
		return err->status;
	/* For regexec() the string ended there. */
	if (memchr(out->data, '\0', out->len) || !matches_whole(rule, out))
		return does_not_fit(err);
	for (unsigned i = 0; i < rule->count; i++) {
		buffer_clear(&next);
		if (substitute(&rule->substitution[i], out, &next, err))
			return err->status;
		swap(out, &next);
	}
	if (rule->lower)
		make_lower(out);
	return STATUS_OK;
}

static enum status apply_default(const struct principal *client, const char *default_realm,
	struct buffer *out, struct error *err)
{
	struct slice realm = slice_string(default_realm);
	bool is_local = default_realm && slice_equal(client->realm, realm) &&
			(client->count == 1 ||
				(client->count == 2 && slice_equal(client->component[1], realm)));
	return is_local ? put(out, client->component[0], err) : does_not_fit(err);
}

enum status local_rule_apply(const struct local_rule *rule, const struct principal *client,
	const char *default_realm, struct buffer *out, struct error *err)
{
	buffer_clear(out);
	return rule->is_default ? apply_default(client, default_realm, out, err)
				: apply_rule(rule, client, out, err);
}

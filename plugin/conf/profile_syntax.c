/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/profile_syntax.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool is_blank(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice trim(struct slice s)
{
	while (s.len > 0 && is_blank(s.data[0]))
		s = slice_of(s.data + 1, s.len - 1);
	while (s.len > 0 && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

/* From its position `from` to the end, trimmed. */
static struct slice rest_of(struct slice s, size_t from)
{
	return trim(slice_of(s.data + from, s.len - from));
}

/* Where `c` stands in the slice; its length where it does not. */
static size_t position(struct slice s, char c)
{
	const unsigned char *found = s.len > 0 ? memchr(s.data, c, s.len) : NULL;
	return found ? (size_t)(found - s.data) : s.len;
}

static bool is_nothing(struct slice trimmed)
{
	return trimmed.len == 0 || trimmed.data[0] == '#' || trimmed.data[0] == ';';
}

static bool is_just(struct slice s, char c)
{
	return s.len > 0 && s.data[0] == c && is_nothing(rest_of(s, 1));
}

enum status syntax_error(
	const struct syntax *s, enum status status, struct error *err, const char *fmt, ...)
{
	char sentence[480];
	va_list args;
	va_start(args, fmt);
	vsnprintf(sentence, sizeof sentence, fmt, args);
	va_end(args);
	return error_set(err, status, "%s:%u: %s", s->file, s->line, sentence);
}

static enum status fault_after(
	const struct syntax *s, const char *what, struct slice rest, struct error *err)
{
	return syntax_error(s, ERR_SYNTAX, err, "\"%s\" after %s; expected the end of the line",
		TEXT(rest), what);
}

/* Goes down into a section or subsection. */
static enum status open_level(struct syntax *s, struct slice name, bool final, struct error *err)
{
	struct profile_node *parent = s->level[s->depth].node;
	struct profile_node *node = NULL;
	if (s->depth == 0 || parent) {
		node = profile_enter(s->profile, parent, name);
		if (!node)
			return error_no_memory(err);
		if (node->final)
			node = NULL;
		else
			node->final = final;
	}
	s->depth++;
	s->level[s->depth].node = node;
	s->level[s->depth].line = s->line;
	return STATUS_OK;
}

/* "[name]" or "[name]*" */
static enum status section(struct syntax *s, struct slice line, struct error *err)
{
	if (s->depth > 1)
		return syntax_error(s, ERR_SYNTAX, err,
			"a section begins within the braces opened in line %u; expected a '}' "
			"before it",
			s->level[s->depth].line);
	size_t end = position(line, ']');
	if (end == line.len)
		return syntax_error(s, ERR_SYNTAX, err,
			"\"%s\" has no closing bracket; expected \"[section]\"", TEXT(line));
	struct slice name = slice_of(line.data + 1, end - 1);
	if (name.len == 0 || trim(name).len != name.len)
		return syntax_error(s, ERR_SYNTAX, err,
			"\"[%s]\" is not a section's name; expected one without blanks around it",
			TEXT(name));

	bool final = end + 1 < line.len && line.data[end + 1] == '*';
	struct slice rest = rest_of(line, end + 1 + final);
	if (!is_nothing(rest))
		return fault_after(s, "a section's name", rest, err);
	s->depth = 0;
	return open_level(s, name, final, err);
}

/* "}" or "}*" */
static enum status closing_brace(struct syntax *s, struct slice line, struct error *err)
{
	if (s->depth < 2)
		return syntax_error(s, ERR_SYNTAX, err,
			"a '}' without a '{' before it; expected a relation or a section");
	bool final = line.len > 1 && line.data[1] == '*';
	struct slice rest = rest_of(line, 1 + final);
	if (!is_nothing(rest))
		return fault_after(s, "'}'", rest, err);
	if (final && s->level[s->depth].node)
		s->level[s->depth].node->final = true;
	s->depth--;
	return STATUS_OK;
}

static enum status open_brace(struct syntax *s, struct slice name, bool final, struct error *err)
{
	if (s->depth > PROFILE_MAX_BRACES)
		return syntax_error(
			s, ERR_SYNTAX, err, "braces nested deeper than %d", PROFILE_MAX_BRACES);
	return open_level(s, name, final, err);
}

static unsigned char unescape(unsigned char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'b':
		return '\b';
	default:
		return c;
	}
}

/* `text` begins with the quote; `out` receives what is between it and the next. */
static enum status quoted(
	struct syntax *s, struct slice text, struct buffer *out, struct error *err)
{
	if (buffer_reserve(out, text.len))
		return error_no_memory(err);
	size_t i;
	for (i = 1; i < text.len && text.data[i] != '"'; i++) {
		unsigned char c = text.data[i];
		if (c == '\\' && i + 1 < text.len)
			c = unescape(text.data[++i]);
		out->data[out->len++] = c;
	}
	if (i == text.len)
		return syntax_error(s, ERR_SYNTAX, err, "%s has no closing quote", TEXT(text));
	struct slice rest = rest_of(text, i + 1);
	return is_nothing(rest) ? STATUS_OK : fault_after(s, "the closing quote", rest, err);
}

static enum status add_value(
	struct syntax *s, struct slice name, bool final, struct slice value, struct error *err)
{
	struct profile_node *parent = s->level[s->depth].node;
	if (!parent)
		return STATUS_OK;
	struct profile_node *node = profile_enter(s->profile, parent, name);
	if (!node)
		return error_no_memory(err);
	if (node->final)
		return STATUS_OK;
	node->final = final;
	return profile_add_value(node, value, s->file, s->line) ? error_no_memory(err) : STATUS_OK;
}

static enum status check_name(const struct syntax *s, struct slice name, struct error *err)
{
	if (name.len == 0)
		return syntax_error(
			s, ERR_SYNTAX, err, "no name before '='; expected \"name = value\"");
	for (size_t i = 0; i < name.len; i++)
		if (is_blank(name.data[i]))
			return syntax_error(s, ERR_SYNTAX, err,
				"\"%s\" is not a name: it has a blank in it; expected "
				"\"name = value\"",
				TEXT(name));
	return STATUS_OK;
}

/* "name = value", "name = {", "name =" */
static enum status relation(struct syntax *s, struct slice line, struct error *err)
{
	size_t equals = position(line, '=');
	if (equals == line.len)
		return syntax_error(s, ERR_SYNTAX, err,
			"\"%s\" is neither a section nor a relation; expected \"[section]\" or "
			"\"name = value\"",
			TEXT(line));
	struct slice name = trim(slice_of(line.data, equals));
	if (check_name(s, name, err))
		return err->status;

	size_t star = position(name, '*');
	bool final = star < name.len;
	name.len = star;
	struct slice value = rest_of(line, equals + 1);
	if (value.len == 0 || is_just(value, '{')) {
		s->awaits_brace = value.len == 0;
		return open_brace(s, name, final, err);
	}
	if (value.data[0] == '{')
		return fault_after(s, "'{'", rest_of(value, 1), err);
	if (value.data[0] != '"')
		return add_value(s, name, final, value, err);

	AUTO_BUFFER text = {0};
	if (quoted(s, value, &text, err))
		return err->status;
	return add_value(s, name, final, buffer_slice(&text), err);
}

static enum status awaited_brace(struct syntax *s, struct slice line, struct error *err)
{
	if (!is_just(line, '{'))
		return syntax_error(s, ERR_SYNTAX, err,
			"the relation in line %u has no value; expected one after the '=', or a "
			"'{' here instead of \"%s\"",
			s->level[s->depth].line, TEXT(line));
	s->awaits_brace = false;
	return STATUS_OK;
}

/* Relations and all else that is wrong there: MIT krb5 would ignore it. */
static enum status before_sections(struct syntax *s, struct slice line, struct error *err)
{
	static const struct slice module = SLICE_LITERAL("module");
	if (line.len > module.len && slice_equal(slice_of(line.data, module.len), module) &&
		is_blank(line.data[module.len]))
		return syntax_error(s, ERR_UNSUPPORTED, err,
			"\"%s\": configuration from a loadable module is not supported; expected "
			"the configuration itself",
			TEXT(line));
	return syntax_error(s, ERR_SYNTAX, err,
		"\"%s\" stands before the first section; expected \"[section]\"", TEXT(line));
}

enum status syntax_line(struct syntax *s, struct slice line, struct error *err)
{
	if (position(line, '\0') < line.len)
		return syntax_error(s, ERR_SYNTAX, err, "a NUL octet; expected a text file");
	line = trim(line);
	if (is_nothing(line))
		return STATUS_OK;
	if (s->awaits_brace)
		return awaited_brace(s, line, err);
	if (line.data[0] == '[')
		return section(s, line, err);
	if (s->depth == 0)
		return before_sections(s, line, err);
	if (line.data[0] == '}')
		return closing_brace(s, line, err);
	return relation(s, line, err);
}

enum status syntax_end(struct syntax *s, struct error *err)
{
	if (s->depth < 2)
		return STATUS_OK;
	s->line = s->level[s->depth].line;
	if (s->awaits_brace)
		return syntax_error(s, ERR_SYNTAX, err,
			"the relation has no value; expected one after the '='");
	return syntax_error(s, ERR_SYNTAX, err,
		"the brace opened here is not closed; expected a '}' before the end of the file");
}

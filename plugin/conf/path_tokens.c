/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/path_tokens.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static enum status add_text(struct buffer *out, const char *text, struct error *err)
{
	return buffer_append(out, slice_string(text)) ? error_no_memory(err) : STATUS_OK;
}

static enum status add_id(struct buffer *out, uid_t id, struct error *err)
{
	char text[24];
	snprintf(text, sizeof text, "%lu", (unsigned long)id);
	return add_text(out, text, err);
}

static enum status add_uid(const struct principal *unused, struct buffer *out, struct error *err)
{
	(void)unused;
	return add_id(out, getuid(), err);
}

static enum status add_euid(const struct principal *unused, struct buffer *out, struct error *err)
{
	(void)unused;
	return add_id(out, geteuid(), err);
}

static enum status add_username(
	const struct principal *unused, struct buffer *out, struct error *err)
{
	(void)unused;
	struct passwd entry, *found = NULL;
	char storage[4096];
	uid_t uid = geteuid();
	if (getpwuid_r(uid, &entry, storage, sizeof storage, &found) != 0 || !found)
		return error_set(err, ERR_FILE,
			"%%{username}: the system knows no name for user id %lu",
			(unsigned long)uid);
	return add_text(out, entry.pw_name, err);
}

static enum status add_temp(const struct principal *unused, struct buffer *out, struct error *err)
{
	(void)unused;
	const char *directory = secure_getenv("TMPDIR");
	return add_text(out, directory ? directory : "/tmp", err);
}

static enum status add_nothing(
	const struct principal *unused, struct buffer *out, struct error *err)
{
	(void)unused, (void)out, (void)err;
	return STATUS_OK;
}

/* What may stand in any name of a file, and separates nothing in one of a keyring. */
static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       memchr("@._-$+", c, 6) != NULL;
}

static enum status add_escaped(struct buffer *out, unsigned char c, struct error *err)
{
	char text[4];
	snprintf(text, sizeof text, is_plain(c) ? "%c" : "%%%02X", c);
	return add_text(out, text, err);
}

/* What separates parts is marked inside of them, so that no two principals become the same. */
static enum status add_part(struct buffer *out, struct slice part, struct error *err)
{
	for (size_t i = 0; i < part.len; i++) {
		unsigned char c = part.data[i];
		bool separates = c == '/' || c == '@' || c == '\\';
		if ((separates && add_escaped(out, '\\', err)) || add_escaped(out, c, err))
			return err->status;
	}
	return STATUS_OK;
}

static enum status add_principal(
	const struct principal *principal, struct buffer *out, struct error *err)
{
	if (!principal)
		return error_set(err, ERR_SYNTAX,
			"%%{principal} is not known here, where no client has logged in");
	for (unsigned i = 0; i < principal->count; i++)
		if ((i > 0 && add_escaped(out, '/', err)) ||
			add_part(out, principal->component[i], err))
			return err->status;
	if (add_text(out, "@", err) || add_part(out, principal->realm, err))
		return err->status;
	return STATUS_OK;
}

static const struct token {
	const char *name;
	enum status (*add)(
		const struct principal *principal, struct buffer *out, struct error *err);
} tokens[] = {
	{"uid", add_uid},
	{"USERID", add_uid},
	{"euid", add_euid},
	{"username", add_username},
	{"TEMP", add_temp},
	{"null", add_nothing},
	{"principal", add_principal},
};

static enum status add_token(
	struct slice name, const struct principal *principal, struct buffer *out, struct error *err)
{
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
		if (slice_equal(name, slice_string(tokens[i].name)))
			return tokens[i].add(principal, out, err);
	return error_set(err, ERR_SYNTAX,
		"%%{%s} is not known; expected %%{uid}, %%{euid}, %%{username}, %%{USERID}, "
		"%%{TEMP} or %%{null}",
		TEXT(name));
}

static enum status expand(
	const char *text, const struct principal *principal, struct buffer *out, struct error *err)
{
	const char *start;
	while ((start = strstr(text, "%{")) != NULL) {
		const char *end = strchr(start, '}');
		if (!end)
			return error_set(err, ERR_SYNTAX, "\"%s\" has no closing brace",
				TEXT(slice_string(start)));
		struct slice name = slice_of(start + 2, (size_t)(end - start - 2));
		if (buffer_append(out, slice_of(text, (size_t)(start - text))))
			return error_no_memory(err);
		if (add_token(name, principal, out, err))
			return err->status;
		text = end + 1;
	}
	return add_text(out, text, err);
}

/* Bounds and terminates a name. */
static enum status finish(struct buffer *out, struct error *err)
{
	if (out->len > PATH_NAME_MAX)
		return error_set(err, ERR_SYNTAX, "a name of more than %d octets: \"%s\"",
			PATH_NAME_MAX, TEXT(buffer_slice(out)));
	if (buffer_reserve(out, 1))
		return error_no_memory(err);
	out->data[out->len] = '\0';
	return STATUS_OK;
}

enum status path_tokens_expand_for(
	const char *text, const struct principal *principal, struct buffer *out, struct error *err)
{
	buffer_clear(out);
	if (expand(text, principal, out, err) || finish(out, err)) {
		buffer_clear(out);
		return err->status;
	}
	return STATUS_OK;
}

enum status path_tokens_expand(const char *text, struct buffer *out, struct error *err)
{
	return path_tokens_expand_for(text, NULL, out, err);
}

enum status path_name_copy(const char *text, struct buffer *out, struct error *err)
{
	buffer_clear(out);
	if (add_text(out, text, err) || finish(out, err)) {
		buffer_clear(out);
		return err->status;
	}
	return STATUS_OK;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/profile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "conf/profile_syntax.h"

/* What all the files of one profile_read() have in common. */
struct collection {
	struct profile *profile;
	struct watch *watch; /* NULL: from memory, and nothing can be included */
	unsigned files;
	unsigned nesting;
};

/* `from` is where the path was named; NULL: in the list of paths. */
static enum status read_file(
	struct collection *all, const char *path, const struct syntax *from, struct error *err);
static enum status include_directory(
	struct collection *all, const char *path, const struct syntax *from, struct error *err);

static const struct directive {
	const char *name;
	enum status (*include)(struct collection *all, const char *path, const struct syntax *from,
		struct error *err);
} directives[] = {
	{"include", read_file},
	{"includedir", include_directory},
};

static void free_string(char **string)
{
	free(*string);
}
#define AUTO_STRING __attribute__((cleanup(free_string))) char *

static bool begins_with(struct slice s, struct slice start)
{
	return s.len >= start.len && slice_equal(slice_of(s.data, start.len), start);
}

static struct slice without(struct slice s, size_t start)
{
	return slice_of(s.data + start, s.len - start);
}

/* MIT krb5 knows them at the very beginning of a line only. */
static const struct directive *directive_of(struct slice line)
{
	for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
		struct slice name = slice_string(directives[i].name);
		if (begins_with(line, name) &&
			(line.len == name.len || is_blank(line.data[name.len])))
			return &directives[i];
	}
	return NULL;
}

static enum status include(struct collection *all, const struct directive *directive,
	struct slice path, const struct syntax *from, struct error *err)
{
	if (!all->watch)
		return syntax_error(from, ERR_UNSUPPORTED, err,
			"\"%s %s\" is possible in files only", directive->name, TEXT(path));
	if (path.len == 0 || path.data[0] != '/' || memchr(path.data, '\0', path.len))
		return syntax_error(from, ERR_SYNTAX, err, "\"%s %s\": expected an absolute path",
			directive->name, TEXT(path));
	if (all->nesting == PROFILE_MAX_INCLUDES)
		return syntax_error(from, ERR_SYNTAX, err,
			"files include each other more than %d deep; does one include itself?",
			PROFILE_MAX_INCLUDES);

	AUTO_STRING name = slice_to_string(path);
	if (!name)
		return error_no_memory(err);
	all->nesting++;
	enum status status = directive->include(all, name, from, err);
	all->nesting--;
	return status;
}

static struct slice take_line(struct slice *text)
{
	const unsigned char *end = memchr(text->data, '\n', text->len);
	struct slice line = slice_of(text->data, end ? (size_t)(end - text->data) : text->len);
	*text = without(*text, line.len + (end ? 1 : 0));
	return line;
}

static enum status parse_line(
	struct collection *all, struct syntax *s, struct slice line, struct error *err)
{
	const struct directive *directive = directive_of(line);
	if (!directive)
		return syntax_line(s, line, err);
	return include(all, directive, trim(without(line, strlen(directive->name))), s, err);
}

static enum status parse_text(
	struct collection *all, const char *name, struct slice text, struct error *err)
{
	static const struct slice byte_order_mark = SLICE_LITERAL("\xEF\xBB\xBF");
	if (begins_with(text, byte_order_mark))
		text = without(text, byte_order_mark.len);

	struct syntax s = {.profile = all->profile, .file = profile_add_file(all->profile, name)};
	if (!s.file)
		return error_no_memory(err);
	while (text.len > 0) {
		s.line++;
		if (parse_line(all, &s, take_line(&text), err))
			return err->status;
	}
	return syntax_end(&s, err);
}

/* A file that is missing is a fault where another names it. */
static enum status not_included(const struct syntax *from, struct error *err)
{
	char text[400];
	enum status status = err->status == ERR_NOT_FOUND ? ERR_FILE : err->status;
	return syntax_error(
		from, status, err, "%s", text_escape(slice_string(err->text), text, sizeof text));
}

static enum status read_file(
	struct collection *all, const char *path, const struct syntax *from, struct error *err)
{
	AUTO_BUFFER text = {0};
	struct file_state state = {.exists = false};
	enum status status = file_read(path, PROFILE_MAX_OCTETS, &text, &state, err);
	if (status == ERR_NOT_FOUND && !from)
		return watch_add(all->watch, path, &state, err);
	if (status)
		return from ? not_included(from, err) : err->status;
	if (++all->files > PROFILE_MAX_FILES)
		return error_set(err, ERR_SYNTAX, "%s: more than %d files are included", path,
			PROFILE_MAX_FILES);
	if (watch_add(all->watch, path, &state, err))
		return err->status;
	return parse_text(all, path, buffer_slice(&text), err);
}

/* Leaves out what editors and package managers put beside the files that are meant. */
static int is_included_name(const struct dirent *entry)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *name = entry->d_name;
	size_t len = strlen(name);
	bool is_conf = len >= 5 && strcmp(name + len - 5, ".conf") == 0;
	return name[0] != '.' && (is_conf || name[strspn(name, plain)] == '\0');
}

/* Not alphasort(), which depends on the locale. */
static int by_octets(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static enum status include_entry(struct collection *all, const char *directory, const char *name,
	const struct syntax *from, struct error *err)
{
	AUTO_STRING path = NULL;
	if (asprintf(&path, "%s/%s", directory, name) < 0) {
		path = NULL;
		return error_no_memory(err);
	}
	struct file_state state = file_state(path);
	if (state.exists && S_ISDIR(state.mode))
		return STATUS_OK;
	return read_file(all, path, from, err);
}

static enum status include_directory(
	struct collection *all, const char *path, const struct syntax *from, struct error *err)
{
	/* Before it is listed: what comes in between is then a change. */
	struct file_state state = file_state(path);
	if (watch_add(all->watch, path, &state, err))
		return err->status;

	struct dirent **entries;
	int count = scandir(path, &entries, is_included_name, by_octets);
	if (count < 0) {
		error_set(err, ERR_FILE, "%s: %s", path, strerror(errno));
		return not_included(from, err);
	}
	enum status status = STATUS_OK;
	for (int i = 0; i < count; i++) {
		if (!status)
			status = include_entry(all, path, entries[i]->d_name, from, err);
		free(entries[i]);
	}
	free(entries);
	return status;
}

static enum status read_list(struct collection *all, struct slice paths, struct error *err)
{
	while (paths.len > 0) {
		const unsigned char *colon = memchr(paths.data, ':', paths.len);
		size_t len = colon ? (size_t)(colon - paths.data) : paths.len;
		struct slice element = slice_of(paths.data, len);
		paths = without(paths, len + (colon ? 1 : 0));
		if (len == 0 || slice_equal(element, SLICE_LITERAL("/dev/null")))
			continue;

		AUTO_STRING path = slice_to_string(element);
		if (!path)
			return error_no_memory(err);
		if (read_file(all, path, NULL, err))
			return err->status;
	}
	return STATUS_OK;
}

enum status profile_read(
	const char *paths, struct watch *watch, struct profile **out, struct error *err)
{
	*out = NULL;
	AUTO_PROFILE profile = profile_new();
	if (!profile)
		return error_no_memory(err);
	struct collection all = {.profile = profile, .watch = watch};
	if (read_list(&all, slice_string(paths), err))
		return err->status;
	*out = profile;
	profile = NULL;
	return STATUS_OK;
}

enum status profile_parse(
	struct slice text, const char *name, struct profile **out, struct error *err)
{
	*out = NULL;
	AUTO_PROFILE profile = profile_new();
	if (!profile)
		return error_no_memory(err);
	struct collection all = {.profile = profile};
	if (parse_text(&all, name, text, err))
		return err->status;
	*out = profile;
	profile = NULL;
	return STATUS_OK;
}

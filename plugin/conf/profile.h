/*
 * profile.h - the syntax of krb5.conf (MIT's krb5.conf(5), "Structure").
 *
 * Files are read into one immutable tree: sections in brackets, relations
 * "name = value", subsections "name = { ... }", `include` and `includedir`
 * of absolute paths, `module` refused by name, comments with '#' or ';' at
 * the beginning of a line, double-quoted values with backslash escapes,
 * a '*' after a name or a closing brace that ends the search in later files.
 * Several files are searched in order, the first value of a name counts.
 */
#ifndef CONF_PROFILE_H
#define CONF_PROFILE_H

#include "base/error.h"
#include "base/file.h"

struct profile;

/*
 * `paths` is a list separated by ':' as in KRB5_CONFIG. A file that does not
 * exist is passed over (all missing: an empty tree). ERR_SYNTAX or ERR_FILE
 * with file name and line: an unclosed brace, a line that is neither section
 * nor relation, an unreadable file, includes nested deeper than 10, a file of
 * more than 1 MiB. Included files that are missing are faults.
 */
MUST_CHECK enum status profile_read(const char *paths, struct profile **out, struct error *err);

/* The same from memory, for tests and fuzzing; `include` is refused. */
MUST_CHECK enum status profile_parse(
	struct slice text, const char *name, struct profile **out, struct error *err);
void profile_free(struct profile *profile);

/*
 * Has any file of the tree, an included one or directory as well, changed
 * since it was read? Costs one stat each.
 */
bool profile_changed(const struct profile *profile);

/*
 * The first value under `path`, a NULL-terminated list of names from section
 * to relation: {"libdefaults", "default_realm", NULL}. NULL where there is
 * none. The string lives as long as the profile.
 */
const char *profile_value(const struct profile *profile, const char *const path[]);

/*
 * The nth (from 0) value under `path`, where a relation is given several
 * times; NULL past the end.
 */
const char *profile_value_at(const struct profile *profile, const char *const path[], unsigned n);

#endif

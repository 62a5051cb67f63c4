/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * profile.h - the syntax of krb5.conf (MIT's krb5.conf(5), "Structure").
 *
 * Files are read into one immutable tree:
 *
 *	# comment, also with ';'
 *	include /absolute/path          (these two at the very beginning of
 *	includedir /absolute/path        a line, at any place in the file)
 *	[section]
 *		name = value
 *		name = "value with \"\\\n\t\b escapes"
 *		name = {
 *			name = value
 *		}
 *
 * The same section or subsection given again, in whatever file, is continued;
 * a relation given again adds a value, and the first counts. A '*' after a
 * bracket, a name or a closing brace makes it final: what comes later under
 * that name, in the same file or another, is ignored (but must be well
 * formed). Text after a '*' within a name is ignored as well.
 *
 * An included file begins anew, outside of all sections. A directory's files
 * are read in the order of their octets, those whose names have only letters,
 * digits, '-' and '_', or end in ".conf" and do not begin with '.';
 * directories within it are passed over.
 *
 * Line ends may be LF or CR LF, the last one may be missing, a UTF-8 byte
 * order mark is skipped. A comment has a line of its own or comes after a
 * bracket, a brace or a closing quote; in any other value '#' and ';' are
 * part of the value. Blanks may stand before a section's bracket (before that
 * of the first one MIT krb5 would overlook it).
 *
 * Where MIT krb5 takes what can only be a slip and does something else than
 * was meant, this module refuses it: text before the first section, or after
 * a bracket, a brace or a closing quote; braces or quotes left open; a name
 * without a value; a section's name that is empty or has blanks around it;
 * NUL octets.
 */
#ifndef CONF_PROFILE_H
#define CONF_PROFILE_H

#include "base/error.h"
#include "conf/watch.h"

#define PROFILE_MAX_OCTETS (1024 * 1024) /* in one file */
#define PROFILE_MAX_FILES 256            /* read for one profile */
#define PROFILE_MAX_INCLUDES 10          /* nested */
#define PROFILE_MAX_BRACES 32            /* nested */

struct profile;

/*
 * `paths` is a list separated by ':' as in KRB5_CONFIG; empty elements and
 * /dev/null mean no file. A file of the list that does not exist is passed
 * over (all missing: an empty tree); an included one that is missing is a
 * fault, as is a directory in place of a file. Errors name file and line:
 *
 * ERR_SYNTAX       not as above, or more than the limits allow
 * ERR_UNSUPPORTED  the directive `module`
 * ERR_FILE         a file or directory that cannot be read or is too long
 * ERR_NO_MEMORY
 *
 * Every file and directory that was looked at is added to `watch`, also when
 * the call fails with one of the first two: they last until a file changes.
 */
MUST_CHECK enum status profile_read(
	const char *paths, struct watch *watch, struct profile **out, struct error *err);

/* From memory; `name` stands for the file in errors. The include directives are ERR_UNSUPPORTED. */
MUST_CHECK enum status profile_parse(
	struct slice text, const char *name, struct profile **out, struct error *err);

void profile_free(struct profile *profile); /* NULL is allowed */
void profile_free_at(struct profile **profile);
#define AUTO_PROFILE __attribute__((cleanup(profile_free_at))) struct profile *

/* Is there a section of that name, in brackets? */
bool profile_has_section(const struct profile *profile, const char *name);

/*
 * The first value under `path`, a NULL-terminated list of names from section
 * to relation: {"libdefaults", "default_realm", NULL}. NULL where there is
 * none. The string lives as long as the profile. Names are compared octet by
 * octet.
 */
const char *profile_value(const struct profile *profile, const char *const path[]);

/*
 * The nth (from 0) value under `path`, where a relation is given several
 * times; NULL past the end.
 */
const char *profile_value_at(const struct profile *profile, const char *const path[], unsigned n);

/* Where the nth value (from 0), or the first, under `path` stands, "FILE:LINE", for a sentence. */
#define PROFILE_PLACE_SIZE 540
const char *profile_place_at(const struct profile *profile, const char *const path[], unsigned n,
	char out[PROFILE_PLACE_SIZE]);
#define PROFILE_PLACE_AT(profile, path, n)                                                         \
	profile_place_at((profile), (path), (n), (char[PROFILE_PLACE_SIZE]){0})
#define PROFILE_PLACE(profile, path) PROFILE_PLACE_AT(profile, path, 0)

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * profile_syntax.h - the lines of one file, one after the other, into a profile.
 *
 * Knows sections, relations, braces, quotes and '*'; the include directives
 * are the caller's.
 */
#ifndef CONF_PROFILE_SYNTAX_H
#define CONF_PROFILE_SYNTAX_H

#include "conf/profile_tree.h"

struct syntax {
	struct profile *profile;
	const char *file;  /* for sentences */
	unsigned line;     /* the one being read, from 1; the caller counts */
	unsigned depth;    /* 0 before the first section, 1 in a section, more in braces */
	bool awaits_brace; /* "name =" stood alone in a line: the next begins with '{' */
	struct {
		struct profile_node *node; /* NULL: ignored, for it was final before */
		unsigned line;
	} level[1 + 1 + PROFILE_MAX_BRACES];
};

/* Without its line feed. ERR_SYNTAX, ERR_UNSUPPORTED, ERR_NO_MEMORY. */
MUST_CHECK enum status syntax_line(struct syntax *s, struct slice line, struct error *err);

/* After the last line: is anything still open? ERR_SYNTAX. */
MUST_CHECK enum status syntax_end(struct syntax *s, struct error *err);

/* A fault in the present line: the sentence after "FILE:LINE: ". */
MUST_CHECK enum status syntax_error(const struct syntax *s, enum status status, struct error *err,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

bool is_blank(unsigned char c);

/* Without the blanks at both ends. */
struct slice trim(struct slice s);

#endif

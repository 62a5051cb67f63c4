/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * profile_tree.h - what a profile is made of; for those who fill one.
 *
 * A node is whatever stands under one name in one place: it may have values
 * (it is a relation), other nodes may have it as their parent (it is a
 * section), or both. Things that are given twice under the same name, in
 * whatever file, meet in the same node, values in the order of their coming.
 */
#ifndef CONF_PROFILE_TREE_H
#define CONF_PROFILE_TREE_H

#include "conf/profile.h"

struct profile_value {
	struct profile_value *next;
	const char *file; /* owned by the profile, see profile_add_file() */
	unsigned line;
	char text[];
};

struct profile_node {
	struct profile_node *next;         /* in its bucket */
	const struct profile_node *parent; /* NULL: a section in brackets */
	struct profile_value *first;
	struct profile_value *last;
	bool final; /* nothing more is to be added, here or below */
	char name[];
};

/* NULL where there is no memory, as for the next two. */
struct profile *profile_new(void);

/* The node of that name below `parent` (NULL: at the top), made where it is not there yet. */
struct profile_node *profile_enter(
	struct profile *profile, const struct profile_node *parent, struct slice name);

/* A file's name as sentences show it, escaped; lives as long as the profile. */
const char *profile_add_file(struct profile *profile, const char *path);

/* Copies `text`. Only ERR_NO_MEMORY. */
MUST_CHECK enum status profile_add_value(
	struct profile_node *node, struct slice text, const char *file, unsigned line);

#endif

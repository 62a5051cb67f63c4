/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/profile_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Room for a long path in a sentence that holds more than the path. */
#define FILE_NAME_SIZE 512

struct profile_file {
	struct profile_file *next;
	char name[FILE_NAME_SIZE];
};

/*
 * All nodes are in one hash table under their parent and name, so that a file
 * with thousands of hosts costs as little to search as a small one. The table
 * does not grow: the longest file accepted has some hundred nodes a bucket.
 */
#define BUCKETS 512

struct profile {
	struct profile_file *files;
	struct profile_node *buckets[BUCKETS];
};

struct profile *profile_new(void)
{
	return calloc(1, sizeof(struct profile));
}

static void free_values(struct profile_value *value)
{
	while (value) {
		struct profile_value *next = value->next;
		free(value);
		value = next;
	}
}

static void free_bucket(struct profile_node *node)
{
	while (node) {
		struct profile_node *next = node->next;
		free_values(node->first);
		free(node);
		node = next;
	}
}

static void free_files(struct profile_file *file)
{
	while (file) {
		struct profile_file *next = file->next;
		free(file);
		file = next;
	}
}

void profile_free(struct profile *profile)
{
	if (!profile)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		free_bucket(profile->buckets[i]);
	free_files(profile->files);
	free(profile);
}

void profile_free_at(struct profile **profile)
{
	profile_free(*profile);
}

/* FNV-1a, begun with the parent. */
static size_t bucket_of(const struct profile_node *parent, struct slice name)
{
	uint64_t hash = 0xcbf29ce484222325 ^ (uintptr_t)parent >> 4;
	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ name.data[i]) * 0x100000001b3;
	return (hash ^ hash >> 32) % BUCKETS;
}

static struct profile_node *find(
	const struct profile *profile, const struct profile_node *parent, struct slice name)
{
	struct profile_node *node = profile->buckets[bucket_of(parent, name)];
	while (node && !(node->parent == parent && slice_equal(slice_string(node->name), name)))
		node = node->next;
	return node;
}

struct profile_node *profile_enter(
	struct profile *profile, const struct profile_node *parent, struct slice name)
{
	struct profile_node *node = find(profile, parent, name);
	if (node)
		return node;

	node = calloc(1, sizeof *node + name.len + 1);
	if (!node)
		return NULL;
	if (name.len > 0)
		memcpy(node->name, name.data, name.len);
	node->parent = parent;
	struct profile_node **bucket = &profile->buckets[bucket_of(parent, name)];
	node->next = *bucket;
	*bucket = node;
	return node;
}

const char *profile_add_file(struct profile *profile, const char *path)
{
	struct profile_file *file = malloc(sizeof *file);
	if (!file)
		return NULL;
	file->next = profile->files;
	profile->files = file;
	return text_escape(slice_string(path), file->name, sizeof file->name);
}

enum status profile_add_value(
	struct profile_node *node, struct slice text, const char *file, unsigned line)
{
	struct profile_value *value = calloc(1, sizeof *value + text.len + 1);
	if (!value)
		return ERR_NO_MEMORY;
	value->file = file;
	value->line = line;
	if (text.len > 0)
		memcpy(value->text, text.data, text.len);

	if (node->last)
		node->last->next = value;
	else
		node->first = value;
	node->last = value;
	return STATUS_OK;
}

bool profile_has_section(const struct profile *profile, const char *name)
{
	return find(profile, NULL, slice_string(name)) != NULL;
}

static const struct profile_value *nth_value(
	const struct profile *profile, const char *const path[], unsigned n)
{
	const struct profile_node *node = NULL;
	for (; *path; path++) {
		node = find(profile, node, slice_string(*path));
		if (!node)
			return NULL;
	}
	const struct profile_value *value = node ? node->first : NULL;
	for (; value && n > 0; n--)
		value = value->next;
	return value;
}

const char *profile_value_at(const struct profile *profile, const char *const path[], unsigned n)
{
	const struct profile_value *value = nth_value(profile, path, n);
	return value ? value->text : NULL;
}

const char *profile_value(const struct profile *profile, const char *const path[])
{
	return profile_value_at(profile, path, 0);
}

const char *profile_place_at(const struct profile *profile, const char *const path[], unsigned n,
	char out[PROFILE_PLACE_SIZE])
{
	const struct profile_value *value = nth_value(profile, path, n);
	if (!value)
		return "krb5.conf";
	snprintf(out, PROFILE_PLACE_SIZE, "%s:%u", value->file, value->line);
	return out;
}

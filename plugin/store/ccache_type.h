/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ccache_type.h - the types of credential caches, and what a struct ccache
 * is made of. For plugin/store/ccache*.c alone.
 */
#ifndef STORE_CCACHE_TYPE_H
#define STORE_CCACHE_TYPE_H

#include <limits.h>

#include "store/ccache.h"

/* One row for each type; `rest` is the name without the type and its colon. */
struct ccache_type {
	const char *name;
	/* What a cache's name has before its place. */
	const char *prefix;
	/* The path of the file that the cache is. NULL: it is no file. */
	enum status (*path)(const char *rest, const struct file_owners *owners, char out[PATH_MAX],
		struct error *err);
	/* Names the new cache, and reads it; where it is no file. */
	enum status (*open)(const char *rest, struct ccache *ccache, struct error *err);
	enum status (*store)(const struct ccache *ccache, const struct credential *credential,
		struct error *err);
	enum status (*set_kdc_offset)(
		const struct ccache *ccache, int64_t kdc_offset, struct error *err);
	/* NULL: not made by this module. */
	enum status (*create)(
		const char *rest, const struct ccache_start *start, struct error *err);
	/* Adds names of caches, each with ccache_add_name(). NULL: no collections. */
	enum status (*list)(const char *rest, const struct file_owners *owners,
		struct buffer *names, struct error *err);
};

extern const struct ccache_type ccache_dir;
extern const struct ccache_type ccache_file;
extern const struct ccache_type ccache_kcm;
extern const struct ccache_type ccache_keyring; /* where the build has it */
extern const struct ccache_type ccache_memory;

struct ccache_row {
	uint32_t hash; /* of the server's name */
	unsigned next; /* row of the same bucket, further down; `count` past the last */
};

struct ccache {
	unsigned others;                /* who hold it too; under shared_lock() */
	const struct ccache_type *type; /* NULL: read from memory */
	char *name;
	struct file_owners owners; /* who are believed, see ccache_open() */
	const char *place;         /* in `name`: what tells this cache from others of its type */
	struct buffer contents;    /* secret; names, keys and tickets point into it */
	int version;               /* of the format: 3 or 4 */
	size_t whole; /* octets of the contents to the end of the last whole credential */
	struct principal client;
	int64_t kdc_offset;
	struct credential *credential; /* those that may serve, in the cache's order */
	unsigned count;
	struct ccache_row *row; /* of each credential; NULL if there is none */
	unsigned *bucket;       /* the first row of each; `count` where there is none */
	uint32_t bucket_mask;
};

/* A new one that has only its type and its owners; NULL if there is no memory. */
struct ccache *ccache_new(const struct ccache_type *type, const struct file_owners *owners);

/* Names a new cache "PREFIX PLACE", without the blank. */
MUST_CHECK enum status ccache_set_name(
	struct ccache *ccache, const char *prefix, const char *place, struct error *err);

/* The same, for a list that ccache_list() makes. */
MUST_CHECK enum status ccache_add_name(
	struct buffer *names, const char *prefix, const char *place, struct error *err);

/*
 * The cache that is the file: the one that others hold while the file is as it
 * was for the same user, owners and type; else it is read, and shared from now on.
 * The sentences are those of ccache_open().
 */
MUST_CHECK enum status ccache_open_shared(const struct ccache_type *type, const char *path,
	const struct file_owners *owners, struct ccache **out, struct error *err);

void ccache_forget_shared(void);
void ccache_forget_memory(void);

/*
 * Once all credentials are there: by which ccache_find() finds them. One that is
 * stored under an empty realm receives that of its ticket. ERR_NO_MEMORY.
 */
MUST_CHECK enum status ccache_index(struct ccache *ccache, struct error *err);

/* Reads the `contents` of a named cache, which are a file's. Errors as for ccache_parse(). */
MUST_CHECK enum status ccache_parse_contents(struct ccache *ccache, struct error *err);

/*
 * For caches that come in pieces: the client's name, then each credential, as
 * version 4 has them. All are added, and then read: the first as `client`.
 * ERR_SYNTAX if a piece is not just that; ERR_FILE where all would be
 * longer than CCACHE_MAX_LENGTH; ERR_NO_MEMORY.
 */
MUST_CHECK enum status ccache_add_piece(
	struct ccache *ccache, struct slice piece, struct error *err);
MUST_CHECK enum status ccache_parse_pieces(struct ccache *ccache, struct error *err);

/* By which a file of these owners is judged. */
struct file_rules ccache_file_rules(const struct file_owners *owners);

/*
 * What FILE: does, with `place` for the path, for DIR: as well. `state` is that
 * of the very file that was read.
 */
MUST_CHECK enum status ccache_file_read(
	struct ccache *ccache, struct file_state *state, struct error *err);
MUST_CHECK enum status ccache_file_store(
	const struct ccache *ccache, const struct credential *credential, struct error *err);
MUST_CHECK enum status ccache_file_set_kdc_offset(
	const struct ccache *ccache, int64_t kdc_offset, struct error *err);
MUST_CHECK enum status ccache_file_create(
	const char *path, const struct ccache_start *start, struct error *err);

/* Is the cache still, as `now` was read from it, of the same client? KRB_AP_ERR_BADMATCH. */
MUST_CHECK enum status ccache_check_client(
	const struct ccache *before, const struct ccache *now, struct error *err);

#endif

/*
 * ccache_type.h - the types of credential caches, and what a struct ccache
 * is made of. For plugin/store/ccache*.c alone.
 */
#ifndef STORE_CCACHE_TYPE_H
#define STORE_CCACHE_TYPE_H

#include "store/ccache.h"

/* One row for each type; `rest` is the name without the type and its colon. */
struct ccache_type {
	const char *name;
	/* Names the new cache, and reads it. */
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

struct ccache {
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
};

/* Names a new cache "PREFIX PLACE", without the blank. */
MUST_CHECK enum status ccache_set_name(
	struct ccache *ccache, const char *prefix, const char *place, struct error *err);

/* The same, for a list that ccache_list() makes. */
MUST_CHECK enum status ccache_add_name(
	struct buffer *names, const char *prefix, const char *place, struct error *err);

/* Reads the `contents` of a named cache, which are a file's. Errors as for ccache_parse(). */
MUST_CHECK enum status ccache_parse_contents(struct ccache *ccache, struct error *err);

/*
 * For caches that come in pieces: the client's name, then each credential, as
 * version 4 has them. All are added, and then read: the first as `client`.
 * ERR_SYNTAX where a piece is not just that; ERR_FILE where all would be
 * longer than CCACHE_MAX_LENGTH; ERR_NO_MEMORY.
 */
MUST_CHECK enum status ccache_add_piece(
	struct ccache *ccache, struct slice piece, struct error *err);
MUST_CHECK enum status ccache_parse_pieces(struct ccache *ccache, struct error *err);

/* By which a file of these owners is judged. */
struct file_rules ccache_file_rules(const struct file_owners *owners);

/* What FILE: does, with `place` for the path, for DIR: as well. */
MUST_CHECK enum status ccache_file_read(struct ccache *ccache, struct error *err);
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

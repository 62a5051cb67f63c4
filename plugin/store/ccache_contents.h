/*
 * ccache_contents.h - what a struct ccache is made of: ccache_parse.c makes
 * it, ccache.c opens it and looks things up. For these two alone.
 */
#ifndef STORE_CCACHE_CONTENTS_H
#define STORE_CCACHE_CONTENTS_H

#include "store/ccache.h"

struct ccache {
	char *name;
	struct buffer contents; /* secret; names, keys and tickets point into it */
	struct principal client;
	int64_t kdc_offset;
	struct credential *credential; /* those that may serve, in the file's order */
	unsigned count;
};

/* Takes the contents over and leaves an empty buffer. Errors as ccache_parse(). */
MUST_CHECK enum status ccache_parse_buffer(
	struct buffer *contents, const char *name, struct ccache **out, struct error *err);

#endif

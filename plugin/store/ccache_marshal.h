/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ccache_marshal.h - names and credentials as octets, in MIT's format of
 * credential caches: version 4, which keyrings and KCM use as well, and 3.
 *
 * Each appends to `out`. ERR_NO_MEMORY; part of it may be there then.
 */
#ifndef STORE_CCACHE_MARSHAL_H
#define STORE_CCACHE_MARSHAL_H

#include "store/ccache.h"

MUST_CHECK enum status marshal_principal(
	const struct principal *p, struct buffer *out, struct error *err);

/* Times after 2106 are the last that the format knows. */
MUST_CHECK enum status marshal_credential(
	const struct credential *c, int version, struct buffer *out, struct error *err);

/* A whole file of version 4, with the KDC's time offset in its header. */
MUST_CHECK enum status marshal_file(
	const struct ccache_start *start, struct buffer *out, struct error *err);

/* The KDC's time offset as a keyring and a header's field have it: seconds and microseconds. */
MUST_CHECK enum status marshal_kdc_offset(
	int64_t kdc_offset, struct buffer *out, struct error *err);

/*
 * The file of version 4 in `contents` (which has been read, ccache_parse.c) with
 * another time offset in its header; all else as it is. ERR_SYNTAX if the
 * header has no room for it.
 */
MUST_CHECK enum status marshal_with_kdc_offset(
	struct slice contents, int64_t kdc_offset, struct buffer *out, struct error *err);

#endif

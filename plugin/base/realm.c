/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/realm.h"

#include <string.h>

static bool has_octet(struct slice s, char c)
{
	return s.len > 0 && memchr(s.data, c, s.len);
}

enum style {
	STYLE_DOMAIN, /* A.B.C is below B.C */
	STYLE_X500,   /* C=X/O=Y is below C=X */
	STYLE_OTHER,  /* no hierarchy */
};

static enum style style_of(struct slice realm)
{
	if (realm.len > 0 && realm.data[0] == '/')
		return STYLE_X500;
	for (size_t i = 0; i < realm.len; i++)
		if (realm.data[i] == '=' || realm.data[i] == ':')
			return realm.data[i] == '=' ? STYLE_X500 : STYLE_OTHER;
	return has_octet(realm, '/') ? STYLE_OTHER : STYLE_DOMAIN;
}

bool realm_is_within(struct slice realm, struct slice top)
{
	if (slice_equal(realm, top))
		return true;
	enum style style = style_of(realm);
	if (style == STYLE_OTHER || style != style_of(top) || realm.len <= top.len)
		return false;
	size_t extra = realm.len - top.len;
	if (style == STYLE_X500)
		return realm.data[top.len] == '/' &&
		       slice_equal(slice_of(realm.data, top.len), top);
	return realm.data[extra - 1] == '.' &&
	       slice_equal(slice_of(realm.data + extra, top.len), top);
}

struct slice realm_parent(struct slice realm)
{
	const unsigned char *edge;
	switch (style_of(realm)) {
	case STYLE_DOMAIN:
		edge = memchr(realm.data, '.', realm.len);
		return edge ? slice_of(edge + 1, realm.len - (size_t)(edge + 1 - realm.data))
			    : SLICE_EMPTY;
	case STYLE_X500:
		edge = memrchr(realm.data, '/', realm.len);
		return edge ? slice_of(realm.data, (size_t)(edge - realm.data)) : SLICE_EMPTY;
	default:
		return SLICE_EMPTY;
	}
}

struct slice realm_common_ancestor(struct slice a, struct slice b)
{
	while (a.len > 0 && !realm_is_within(b, a))
		a = realm_parent(a);
	return a;
}

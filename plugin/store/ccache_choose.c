/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/ccache.h"

enum fit { FITS, IN_THE_REALM, ANY };

static enum fit fit_of(const struct ccache *ccache, const struct ccache_criteria *criteria)
{
	bool in_realm = criteria->realm.len == 0 ||
			slice_equal(ccache_client(ccache)->realm, criteria->realm);
	if (!criteria->client)
		return in_realm ? FITS : ANY;
	if (principal_fits(ccache_client(ccache), criteria->client))
		return FITS;
	return in_realm ? IN_THE_REALM : ANY;
}

static enum status refuse(const char *name, const struct principal *client,
	const struct ccache *first, struct error *err)
{
	return error_set(err, ERR_NOT_FOUND,
		"there is no credential cache of %s in %s, which has that of %s: run kinit %s",
		PRINCIPAL_TEXT(client), name, PRINCIPAL_TEXT(ccache_client(first)),
		PRINCIPAL_TEXT(client));
}

/* The first of those that fit best, of those that can be opened; NULL if none can. */
static enum status open_best(const struct buffer *names, const struct ccache_criteria *criteria,
	enum fit *fit, struct ccache **best, struct error *err)
{
	NEW_ERROR(later);
	struct error *reason = err; /* that of the first is told */
	enum status status = STATUS_OK;
	for (const char *p = NULL; (p = ccache_next_name(names, p));) {
		AUTO_CCACHE ccache = NULL;
		if (ccache_open(p, criteria->owners, &ccache, reason)) {
			status = err->status;
			reason = &later;
			continue;
		}
		enum fit its_fit = fit_of(ccache, criteria);
		if (*best && its_fit >= *fit)
			continue;
		ccache_close(*best);
		*best = ccache;
		ccache = NULL;
		*fit = its_fit;
		if (*fit == FITS)
			break;
	}
	return *best ? STATUS_OK : status;
}

enum status ccache_choose(const char *name, const struct ccache_criteria *criteria,
	struct ccache **out, struct error *err)
{
	AUTO_BUFFER listed = {0};
	AUTO_CCACHE best = NULL;
	enum fit fit = ANY;
	*out = NULL;
	if (!criteria->names && ccache_list(name, criteria->owners, &listed, err))
		return err->status;
	if (open_best(criteria->names ? criteria->names : &listed, criteria, &fit, &best, err))
		return err->status;
	if (criteria->client && !criteria->or_another && fit != FITS)
		return refuse(name, criteria->client, best, err);
	*out = best;
	best = NULL;
	return STATUS_OK;
}

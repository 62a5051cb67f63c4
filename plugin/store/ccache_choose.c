#include "store/ccache.h"

static bool fits(const struct ccache *ccache, const struct ccache_wish *wish)
{
	if (wish->client)
		return principal_fits(ccache_client(ccache), wish->client);
	return wish->realm.len == 0 || slice_equal(ccache_client(ccache)->realm, wish->realm);
}

static enum status refuse(const char *name, const struct principal *client,
	const struct ccache *first, struct error *err)
{
	return error_set(err, ERR_NOT_FOUND,
		"there is no credential cache of %s in %s, which has that of %s: run kinit %s",
		PRINCIPAL_TEXT(client), name, PRINCIPAL_TEXT(ccache_client(first)),
		PRINCIPAL_TEXT(client));
}

enum status ccache_choose(
	const char *name, const struct ccache_wish *wish, struct ccache **out, struct error *err)
{
	AUTO_BUFFER names = {0};
	AUTO_CCACHE first = NULL;
	*out = NULL;
	enum status status = ccache_list(name, wish->owners, &names, err);
	if (status)
		return status;
	struct error *reason = err;
	for (const char *p = NULL; (p = ccache_next_name(&names, p));) {
		AUTO_CCACHE ccache = NULL;
		enum status opened = ccache_open(p, wish->owners, &ccache, reason);
		reason = NULL; /* that of the first is told */
		if (opened) {
			status = status ? status : opened;
			continue;
		}
		if (!fits(ccache, wish) && first)
			continue;
		struct ccache **to = fits(ccache, wish) ? out : &first;
		*to = ccache;
		ccache = NULL;
		if (*out)
			return STATUS_OK;
	}
	if (!first)
		return status;
	if (wish->client)
		return refuse(name, wish->client, first, err);
	*out = first;
	first = NULL;
	return STATUS_OK;
}

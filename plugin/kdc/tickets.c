#include "kdc/tickets.h"

#include "kdc/as.h"
#include "kdc/purse.h"

void ticket_errand_begin(struct ticket_errand *errand, unsigned timeout_seconds)
{
	errand->now = timestamp_now();
	errand->began = monotonic_milliseconds();
	errand->deadline = errand->began + (int64_t)timeout_seconds * 1000;
}

void ticket_found_clear(struct ticket_found *found)
{
	credential_box_clear(&found->box);
	found->kdc_offset = 0;
}

/* ---- from the user's cache ---- */

/* The service's realm, which one of several identities may be of; empty: no idea. */
static struct slice realm_of(const struct principal *server, char storage[KDC_REALM_SIZE])
{
	if (server->realm.len > 0)
		return server->realm;
	return service_domain_realm(server, storage) ? slice_string(storage) : SLICE_EMPTY;
}

enum status ticket_caches_list(
	const struct ticket_errand *errand, struct buffer *names, struct error *err)
{
	AUTO_BUFFER name = {0};
	enum status status = krb5_conf_ccache_name(errand->conf, &name, err);
	return status ? status : ccache_list((const char *)name.data, errand->owners, names, err);
}

static enum status choose(
	const struct ticket_errand *errand, struct ccache **out, struct error *err)
{
	AUTO_BUFFER name = {0};
	char realm[KDC_REALM_SIZE];
	enum status status = krb5_conf_ccache_name(errand->conf, &name, err);
	if (status)
		return status;
	const struct principal *server = service_names_at(errand->service, errand->conf, 0);
	const struct ccache_wish wish = {
		.owners = errand->owners,
		.client = errand->client,
		.realm = realm_of(server, realm),
		.or_another = !errand->strict,
		.names = errand->caches,
	};
	return ccache_choose((const char *)name.data, &wish, out, err);
}

enum status ticket_from_cache(
	const struct ticket_errand *errand, struct ticket_found *out, struct error *err)
{
	AUTO_PURSE purse = {.errand = errand};
	AUTO_CCACHE ccache = NULL;
	enum status status = choose(errand, &ccache, err);
	if (!status)
		status = purse_take_cache(&purse, &ccache, err);
	return status ? status : purse_pay(&purse, out, err);
}

/* ---- by a password ---- */

enum status ticket_from_password(const struct ticket_errand *errand, struct slice password,
	struct ticket_found *out, struct error *err)
{
	AUTO_PURSE purse = {.errand = errand};
	struct kdc_asker *asker;
	const struct as_wish wish = {errand->client, {NULL, password}};
	if (errand->client->realm.len == 0)
		return error_set(err, ERR_NOT_FOUND,
			"%s is to log in, of a realm that is not known: give the name with its "
			"realm, or set default_realm in krb5.conf",
			PRINCIPAL_TEXT(errand->client));
	enum status status = purse_asker(&purse, errand->client->realm, &asker, err);
	if (!status)
		status = as_get(asker, &wish, &purse.tgt, err);
	return status ? status : purse_pay(&purse, out, err);
}

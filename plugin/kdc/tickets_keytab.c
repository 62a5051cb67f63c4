#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kdc/as.h"
#include "kdc/flight.h"
#include "kdc/purse.h"
#include "store/location.h"

#define RENEW_SECONDS 300

struct login {
	const struct ticket_errand *errand;
	struct keytab *keytab;
	struct principal client; /* points into the keytab */
	struct buffer cache;     /* the name of its tickets' cache, NUL-terminated */
};

static void login_clear(struct login *login)
{
	keytab_release(login->keytab);
	buffer_free(&login->cache);
}

/* ---- who ---- */

/* The first of the client's, if it is given, with a key that can be used. */
static const struct keytab_entry *find_entry(
	const struct keytab *keytab, const struct principal *client)
{
	const struct keytab_entry *entry;
	for (unsigned n = 0; (entry = keytab_entry_at(keytab, n)); n++)
		if (entry->key && (!client || principal_fits(&entry->principal, client)))
			return entry;
	return NULL;
}

static enum status choose_client(struct login *login, struct error *err)
{
	const struct ticket_errand *errand = login->errand;
	const struct keytab_entry *entry = NULL;
	if (errand->client)
		entry = find_entry(login->keytab, errand->client);
	if (!entry && !(errand->client && errand->strict))
		entry = find_entry(login->keytab, NULL);
	if (entry) {
		login->client = entry->principal;
		return STATUS_OK;
	}
	return error_set(err, ERR_NOT_FOUND, "the client keytab %s has no key of %s",
		keytab_name(login->keytab),
		errand->client ? PRINCIPAL_TEXT(errand->client) : "anybody that can be used");
}

/* A keytab that nobody named need not be there. */
static enum status open_keytab(struct login *login, const char *name, struct error *err)
{
	AUTO_BUFFER otherwise = {0};
	enum status status = STATUS_OK;
	if (!name) {
		status = krb5_conf_client_keytab_name(login->errand->conf, &otherwise, err);
		name = (const char *)otherwise.data;
	}
	if (!status)
		status = keytab_get(name, KEYTAB_CLIENT, &login->keytab, NULL, err);
	if (status != ERR_NOT_FOUND)
		return status;
	(void)location_type(name, &name);
	return error_set(err, status, "there is no client keytab %s", name);
}

#define MAX_ATTEMPTS 8

/* ---- the process's own cache ---- */

/* Whole, so that no two clients have one cache. */
static enum status add_principal(struct buffer *out, const struct principal *p, struct error *err)
{
	size_t room = 4 * p->realm.len + 2; /* escaped, with what separates it */
	for (unsigned i = 0; i < p->count; i++)
		room += 4 * p->component[i].len + 1;
	if (buffer_reserve(out, room))
		return error_no_memory(err);
	char *text = (char *)out->data + out->len;
	out->len += strlen(principal_text(p, text, room)) + 1;
	return STATUS_OK;
}

static enum status name_cache(struct login *login, struct error *err)
{
	char prefix[60];
	struct buffer *out = &login->cache;
	int len = snprintf(
		prefix, sizeof prefix, "MEMORY:client keytab of user %ld: ", (long)geteuid());
	if (buffer_append(out, slice_of(prefix, (size_t)len)) ||
		buffer_append(out, slice_string(keytab_name(login->keytab))) ||
		buffer_append(out, SLICE_LITERAL(": ")))
		return error_no_memory(err);
	return add_principal(out, &login->client, err);
}

static enum status open_cache(const struct login *login, struct purse *purse, struct error *err)
{
	AUTO_CCACHE ccache = NULL;
	enum status status = ccache_open((const char *)login->cache.data, NULL, &ccache, err);
	return status ? status : purse_take_cache(purse, &ccache, err);
}

/* Will the cache's ticket-granting ticket do for a while? */
static bool lasts(const struct purse *purse)
{
	struct credential tgt;
	struct error unwanted;
	if (!purse->ccache || purse_find_tgt(purse, &tgt, &unwanted))
		return false;
	int64_t half = (tgt.endtime - tgt.starttime) / 2;
	return tgt.endtime - purse_time(purse) > (half < RENEW_SECONDS ? half : RENEW_SECONDS);
}

/* The cache begins anew with a ticket-granting ticket of the KDC's. */
static enum status fill_cache(const struct login *login, struct purse *purse, struct error *err)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	const struct as_wish wish = {&login->client, {login->keytab, SLICE_EMPTY}};
	struct kdc_asker *asker;
	enum status status = purse_asker(purse, login->client.realm, &asker, err);
	if (!status)
		status = as_get(asker, &wish, &tgt, err);
	if (status)
		return status;
	const struct ccache_start start = {
		&tgt.credential.client, asker->offset, &tgt.credential, 1};
	/* Another thread may wipe all caches as soon as this one is there. */
	for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		status = ccache_create((const char *)login->cache.data, &start, err);
		if (!status)
			status = open_cache(login, purse, err);
		if (status != ERR_NOT_FOUND)
			break;
	}
	return status;
}

struct renewal {
	const struct login *login;
	struct purse *purse;
};

/* Another thread may have done it meanwhile. */
static enum status renew_cache(void *arg, struct error *err)
{
	const struct renewal *renewal = arg;
	struct error unwanted;
	if (open_cache(renewal->login, renewal->purse, &unwanted) == STATUS_OK &&
		lasts(renewal->purse))
		return STATUS_OK;
	return fill_cache(renewal->login, renewal->purse, err);
}

static enum status renew_once(const struct login *login, struct purse *purse, struct error *err)
{
	struct renewal renewal = {login, purse};
	const struct flight_task task = {renew_cache, &renewal, login->errand->deadline};
	return flight_once((const char *)login->cache.data, NULL, &task, err);
}

/* What a KDC says whose own key has changed, say, since it gave the ticket-granting ticket. */
static bool is_about_tgt(enum status status)
{
	return status == KDC_ERR_TGT_REVOKED || status == KRB_AP_ERR_BAD_INTEGRITY ||
	       status == KRB_AP_ERR_BADKEYVER || status == KRB_AP_ERR_TKT_EXPIRED;
}

static enum status pay(const struct login *login, struct ticket_found *out, struct error *err)
{
	AUTO_PURSE purse = {.errand = login->errand};
	struct credential tgt;
	struct error unwanted;
	if (open_cache(login, &purse, err) && err->status != ERR_NOT_FOUND)
		return err->status;
	bool renew = !purse_is_ready(&purse) && !lasts(&purse);
	if (renew && renew_once(login, &purse, err)) {
		if (!purse.ccache || purse_find_tgt(&purse, &tgt, &unwanted))
			return err->status;
		purse_warn(&purse, err, "no new ticket by the client keytab");
	}
	enum status status = purse_pay(&purse, out, err);
	if (renew || !is_about_tgt(status))
		return status;
	purse_warn(&purse, err, "asking for a new ticket with the client keytab");
	status = fill_cache(login, &purse, err);
	return status ? status : purse_pay(&purse, out, err);
}

enum status ticket_from_keytab(const struct ticket_errand *errand, const char *keytab,
	struct ticket_found *out, struct error *err)
{
	__attribute__((cleanup(login_clear))) struct login login = {.errand = errand};
	enum status status = open_keytab(&login, keytab, err);
	if (status || (status = choose_client(&login, err)) || (status = name_cache(&login, err)))
		return status;
	return pay(&login, out, err);
}

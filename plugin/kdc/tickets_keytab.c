/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kdc/as.h"
#include "kdc/request_once.h"
#include "kdc/ticket_get.h"
#include "store/location.h"

#define RENEW_SECONDS 300
#define MAX_ATTEMPTS 8 /* at a cache that other threads wipe */

struct keytab_login {
	struct kdc_session *session;
	const struct ticket_request *request;
	struct keytab *keytab;
	struct principal client; /* points into the keytab */
	struct buffer cache;     /* the name of its tickets' cache, NUL-terminated */
};

static void login_clear(struct keytab_login *login)
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

static enum status choose_client(struct keytab_login *login, struct error *err)
{
	const struct ticket_request *request = login->request;
	const struct keytab_entry *entry = NULL;
	if (request->client)
		entry = find_entry(login->keytab, request->client);
	if (!entry && !(request->client && request->strict))
		entry = find_entry(login->keytab, NULL);
	if (entry) {
		login->client = entry->principal;
		return STATUS_OK;
	}
	return error_set(err, ERR_NOT_FOUND, "the client keytab %s has no key of %s",
		keytab_name(login->keytab),
		request->client ? PRINCIPAL_TEXT(request->client) : "anybody that can be used");
}

/* A keytab that nobody named need not be there. */
static enum status open_keytab(struct keytab_login *login, const char *name, struct error *err)
{
	AUTO_BUFFER otherwise = {0};
	if (!name && krb5_conf_client_keytab_name(login->session->conf, &otherwise, err))
		return err->status;
	if (!name)
		name = (const char *)otherwise.data;
	enum status status = keytab_get(name, KEYTAB_CLIENT, &login->keytab, NULL, err);
	if (status != ERR_NOT_FOUND)
		return status;
	(void)location_type(name, &name);
	return error_set(err, status, "there is no client keytab %s", name);
}

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

static enum status name_cache(struct keytab_login *login, struct error *err)
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

static enum status open_cache(const struct keytab_login *login, struct error *err)
{
	AUTO_CCACHE ccache = NULL;
	if (ccache_open((const char *)login->cache.data, NULL, &ccache, err))
		return err->status;
	return kdc_session_take_cache(login->session, &ccache, err);
}

/* Will the cache's ticket-granting ticket do for a while? If there is none, one is requested. */
static bool lasts(struct kdc_session *session)
{
	struct credential tgt;
	NEW_ERROR(unwanted);
	if (ticket_find_tgt(session, &tgt, &unwanted))
		return false;
	int64_t half = (tgt.endtime - tgt.starttime) / 2;
	int64_t least = half < RENEW_SECONDS ? half : RENEW_SECONDS;
	return tgt.endtime - kdc_session_time(session).seconds > least;
}

/* The cache begins again with a ticket-granting ticket of the KDC's. */
static enum status fill_cache(const struct keytab_login *login, struct error *err)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	const struct as_login as = {&login->client, {login->keytab, SLICE_EMPTY}};
	if (as_get(login->session, &as, &tgt, err))
		return err->status;
	const struct ccache_start start = {
		&tgt.credential.client, login->session->offset, &tgt.credential, 1};
	enum status status = STATUS_OK;
	/* Another thread may wipe all caches as soon as this one is there. */
	for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		status = ccache_create((const char *)login->cache.data, &start, err);
		if (!status)
			status = open_cache(login, err);
		if (status != ERR_NOT_FOUND)
			break;
	}
	return status;
}

/* Another thread may have done it meanwhile. A cache that cannot be read is filled again. */
static enum status renew_cache(void *arg, struct error *err)
{
	const struct keytab_login *login = arg;
	NEW_ERROR(unwanted);
	if (open_cache(login, &unwanted) == STATUS_OK && lasts(login->session))
		return STATUS_OK;
	return fill_cache(login, err);
}

/* What a KDC says whose own key has changed, say, since it gave the ticket-granting ticket. */
static bool is_about_tgt(enum status status)
{
	return status == KDC_ERR_TGT_REVOKED || status == KRB_AP_ERR_BAD_INTEGRITY ||
	       status == KRB_AP_ERR_BADKEYVER || status == KRB_AP_ERR_TKT_EXPIRED;
}

static enum status get(struct keytab_login *login, struct credential_box *out, struct error *err)
{
	struct kdc_session *session = login->session;
	const struct request_task renewal = {renew_cache, login, session->deadline};
	struct credential tgt;
	NEW_ERROR(unwanted);
	if (open_cache(login, err) && err->status != ERR_NOT_FOUND)
		return err->status;
	bool renew = !ticket_is_ready(session, login->request) && !lasts(session);
	if (renew && request_once((const char *)login->cache.data, NULL, &renewal, err)) {
		/* Without an old ticket, what is told is why there is no new one. */
		if (ticket_find_tgt(session, &tgt, &unwanted))
			return err->status;
		kdc_warn(session, "no new ticket by the client keytab: %s", err->text);
	}
	enum status status = ticket_get(session, login->request, NULL, out, err);
	if (renew || !is_about_tgt(status))
		return status;
	kdc_warn(session, "asking for a new ticket with the client keytab: %s", err->text);
	if (fill_cache(login, err))
		return err->status;
	return ticket_get(session, login->request, NULL, out, err);
}

enum status ticket_from_keytab(struct kdc_session *session, const struct ticket_request *request,
	const char *keytab, struct credential_box *out, struct error *err)
{
	__attribute__((cleanup(login_clear))) struct keytab_login login = {
		.session = session, .request = request};
	kdc_session_reset(session);
	if (open_keytab(&login, keytab, err) || choose_client(&login, err) ||
		name_cache(&login, err))
		return err->status;
	return get(&login, out, err);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/tickets.h"

#include "kdc/addresses.h"
#include "kdc/as.h"
#include "kdc/reply.h"
#include "kdc/tgs.h"
#include "kdc/ticket_get.h"

/* ---- from the user's cache ---- */

/* NUL-terminated. */
static enum status name_caches(const struct krb5_conf *conf, const struct ticket_request *request,
	struct buffer *out, struct error *err)
{
	if (!request->ccache)
		return krb5_conf_ccache_name(conf, out, err);
	return path_name_copy(request->ccache, out, err);
}

enum status ticket_caches_list(const struct krb5_conf *conf, const struct ticket_request *request,
	struct buffer *names, struct error *err)
{
	AUTO_BUFFER name = {0};
	if (name_caches(conf, request, &name, err))
		return err->status;
	return ccache_list((const char *)name.data, request->owners, names, err);
}

/* The service's realm, which one of several identities may be of; empty: no idea. */
static struct slice realm_of(const struct principal *server, char storage[KDC_REALM_SIZE])
{
	if (server->realm.len > 0)
		return server->realm;
	return service_domain_realm(server, storage) ? slice_string(storage) : SLICE_EMPTY;
}

static enum status choose_cache(const struct krb5_conf *conf, const struct ticket_request *request,
	struct ccache **out, struct error *err)
{
	AUTO_BUFFER name = {0};
	char realm[KDC_REALM_SIZE];
	if (name_caches(conf, request, &name, err))
		return err->status;
	const struct ccache_criteria criteria = {
		.owners = request->owners,
		.client = request->client,
		.realm = realm_of(service_names_at(request->service, conf, 0), realm),
		.or_another = !request->strict,
		.names = request->caches,
	};
	return ccache_choose((const char *)name.data, &criteria, out, err);
}

enum status ticket_from_cache(struct kdc_session *session, const struct ticket_request *request,
	struct credential_box *out, struct error *err)
{
	AUTO_CCACHE ccache = NULL;
	kdc_session_reset(session);
	if (choose_cache(session->conf, request, &ccache, err) ||
		kdc_session_take_cache(session, &ccache, err))
		return err->status;
	return ticket_get(session, request, NULL, out, err);
}

/* ---- by a password ---- */

enum status ticket_from_password(struct kdc_session *session, const struct ticket_request *request,
	struct slice password, struct credential_box *out, struct error *err)
{
	const struct as_login login = {request->client, {NULL, password}};
	kdc_session_reset(session);
	if (request->client->realm.len == 0)
		return error_set(err, ERR_NOT_FOUND,
			"%s is to log in, of a realm that is not known: give the name with its "
			"realm, or set default_realm in krb5.conf",
			PRINCIPAL_TEXT(request->client));
	if (as_get(session, &login, &session->tgt, err))
		return err->status;
	return ticket_get(session, request, &session->tgt.credential, out, err);
}

/* ---- for the service to use ---- */

/* The host of SERVICE/host; krb5.conf's settings are those of the client's realm. */
static enum status add_addresses(const struct kdc_session *session, const struct principal *service,
	struct host_addresses *out, struct buffer *storage, struct error *err)
{
	*out = (struct host_addresses){0};
	if (!session->settings.addresses)
		return STATUS_OK;
	if (service->count < 2)
		return error_set(err, ERR_NOT_FOUND,
			"%s names no host: a ticket to delegate needs its addresses (noaddresses "
			"= false in krb5.conf)",
			PRINCIPAL_TEXT(service));
	return addresses_of_host(service->component[1], out, storage, err);
}

enum status ticket_to_delegate(struct kdc_session *session, const struct principal *service,
	struct credential_box *out, struct error *err)
{
	AUTO_BUFFER storage = {0};
	struct host_addresses addresses;
	struct credential tgt;
	if (ticket_find_tgt(session, &tgt, err) ||
		kdc_session_enter(session, tgt.client.realm, err) ||
		add_addresses(session, service, &addresses, &storage, err))
		return err->status;
	if (!(tgt.flags & TICKET_FORWARDABLE))
		return error_set(err, KDC_ERR_BADOPTION,
			"the ticket-granting ticket of %s is not forwardable: get one that is "
			"(kinit -f, or forwardable = true in krb5.conf)",
			PRINCIPAL_TEXT(&tgt.client));
	const struct principal server = tgt_name(tgt.client.realm);
	const struct tgs_request request = {
		.tgt = &tgt, .server = &server, .forwarded = true, .addresses = &addresses};
	return tgs_get(session, &request, out, err);
}

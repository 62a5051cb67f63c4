/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/service_ticket.h"

#include <string.h>

#include "base/text.h"
#include "kdc/realm_path.h"
#include "kdc/reply.h"
#include "kdc/service_name.h"
#include "kdc/tgs.h"

struct journey {
	struct kdc_session *session;
	const struct principal *server;
	struct credential_box tgt; /* for the realm that has been reached */
	unsigned count;
	char realm[KDC_MAX_REALMS]
		  [KDC_REALM_SIZE]; /* that have been reached; the last is the present */
};

static void journey_clear(struct journey *j)
{
	credential_box_clear(&j->tgt);
}

static const char *present_realm(const struct journey *j)
{
	return j->realm[j->count - 1];
}

static bool was_reached(const struct journey *j, struct slice realm)
{
	for (unsigned i = 0; i < j->count; i++)
		if (slice_equal(slice_string(j->realm[i]), realm))
			return true;
	return false;
}

/* Goes where this ticket-granting ticket leads, and takes it over. */
static enum status enter(struct journey *j, struct credential_box *tgt, struct error *err)
{
	if (tgt_check(&tgt->credential.server, err))
		return err->status;
	struct slice realm = tgt->credential.server.component[1];
	if (was_reached(j, realm))
		return error_set(err, KRB_AP_ERR_ILL_CR_TKT,
			"on the way to %s the KDC of %s leads back to realm %s: a circle",
			PRINCIPAL_TEXT(j->server), TEXT(slice_string(present_realm(j))),
			TEXT(realm));
	if (j->count == KDC_MAX_REALMS)
		return error_set(err, KRB_AP_ERR_ILL_CR_TKT,
			"the way to %s leads through more than %d realms, the last of them %s",
			PRINCIPAL_TEXT(j->server), KDC_MAX_REALMS,
			TEXT(slice_string(present_realm(j))));
	if (kdc_realm_text(realm, j->realm[j->count], err))
		return err->status;
	j->count++;
	credential_box_clear(&j->tgt);
	j->tgt = *tgt;
	*tgt = (struct credential_box){0};
	return STATUS_OK;
}

/* ---- to a realm ---- */

/* If the cache has none, the KDC is asked: nobody has to know why. */
static bool find_tgt(
	struct kdc_session *session, const struct principal *server, struct credential_box *out)
{
	struct credential found;
	NEW_ERROR(unwanted);
	return session->ccache &&
	       kdc_session_find(session, server, &found, &unwanted) == STATUS_OK &&
	       credential_copy(&found, out, &unwanted) == STATUS_OK;
}

static enum status get_tgt(
	struct journey *j, struct slice realm, struct credential_box *out, struct error *err)
{
	const struct principal server = tgt_name(realm);
	const struct tgs_request request = {.tgt = &j->tgt.credential, .server = &server};
	if (find_tgt(j->session, &server, out))
		return STATUS_OK;
	if (tgs_get(j->session, &request, out, err))
		return err->status;
	kdc_session_keep(j->session, &out->credential);
	return STATUS_OK;
}

/* A refusal that says no more than: not this realm from here. */
static bool is_no_way(enum status status)
{
	return status == KDC_ERR_S_PRINCIPAL_UNKNOWN || status == KDC_ERR_POLICY ||
	       status == KDC_ERR_PATH_NOT_ACCEPTED || status == KDC_ERR_ETYPE_NOSUPP;
}

/* One step: for the farthest realm on the path that can be reached from here. */
static enum status go_on(struct journey *j, const struct realm_path *path, struct error *err)
{
	AUTO_CREDENTIAL_BOX tgt = {0};
	NEW_ERROR(nearer);
	struct error *reason = err; /* that of the farthest is told */
	int here = realm_path_index(path, slice_string(present_realm(j)));
	/* Off the path, where a KDC may have led: the service's realm alone is asked for. */
	int nearest = here < 0 && j->count > 1 ? (int)path->count - 1 : here + 1;
	for (int i = (int)path->count - 1; i >= nearest; i--) {
		if (get_tgt(j, path->realm[i], &tgt, reason) == STATUS_OK)
			return enter(j, &tgt, err);
		if (!is_no_way(reason->status)) {
			*err = *reason;
			return err->status;
		}
		reason = &nearer;
	}
	return error_prefix(err,
		"the client takes the host for realm %s (krb5.conf [domain_realm]), and realm %s "
		"gives no ticket for it",
		TEXT(path->realm[path->count - 1]), TEXT(slice_string(present_realm(j))));
}

static enum status go_to(struct journey *j, struct slice realm, struct error *err)
{
	struct realm_path path;
	char target[KDC_REALM_SIZE], start[KDC_REALM_SIZE];
	if (kdc_realm_text(realm, target, err))
		return err->status;
	memcpy(start, present_realm(j), sizeof start);
	if (strcmp(start, target) == 0)
		return STATUS_OK;
	if (realm_path_find(j->session->conf, start, target, &path, err))
		return err->status;
	while (strcmp(present_realm(j), target) != 0)
		if (go_on(j, &path, err))
			return err->status;
	return STATUS_OK;
}

/* ---- for the service ---- */

static enum status ask(
	struct journey *j, bool canonicalize, struct credential_box *out, struct error *err)
{
	const struct tgs_request request = {
		.tgt = &j->tgt.credential, .server = j->server, .canonicalize = canonicalize};
	return tgs_get(j->session, &request, out, err);
}

/* From realm to realm, as the KDCs refer. */
static enum status ask_for_service(struct journey *j, struct credential_box *out, struct error *err)
{
	for (;;) {
		if (ask(j, true, out, err))
			return err->status;
		const struct principal *name = &out->credential.server;
		if (principal_name_equal(name, j->server))
			return STATUS_OK;
		/* A service under another name (or none but here): what is its own name's ticket?
		 */
		if (!is_tgt_name(name) ||
			slice_equal(name->component[1], slice_string(present_realm(j))))
			return ask(j, false, out, err);
		AUTO_CREDENTIAL_BOX referral = *out;
		*out = (struct credential_box){0};
		kdc_trace(j->session, "the KDC of %s refers to realm %s", present_realm(j),
			TEXT(referral.credential.server.component[1]));
		if (enter(j, &referral, err))
			return err->status;
	}
}

/* The first KDC does not know the service. If this leads nowhere its sentence stands. */
static enum status ask_in_domain_realm(
	struct journey *j, struct credential_box *out, struct error *err)
{
	char realm[KDC_REALM_SIZE];
	NEW_ERROR(there);
	if (!service_domain_realm(j->server, realm) || was_reached(j, slice_string(realm)) ||
		go_to(j, slice_string(realm), &there))
		return err->status;
	return ask_for_service(j, out, err);
}

/* To the service's realm if that is known, and there for the ticket. */
static enum status travel(struct journey *j, struct credential_box *out, struct error *err)
{
	if (j->server->realm.len > 0 && go_to(j, j->server->realm, err))
		return err->status;
	enum status status = ask_for_service(j, out, err);
	if (status == KDC_ERR_S_PRINCIPAL_UNKNOWN && j->server->realm.len == 0 && j->count == 1)
		status = ask_in_domain_realm(j, out, err);
	return status;
}

enum status kdc_service_ticket(struct kdc_session *session, const struct credential *tgt,
	const struct principal *server, struct credential_box *out, struct error *err)
{
	__attribute__((cleanup(journey_clear))) struct journey j = {
		.session = session, .server = server};
	AUTO_CREDENTIAL_BOX first = {0};
	if (kdc_session_enter(session, tgt->client.realm, err) ||
		credential_copy(tgt, &first, err) || enter(&j, &first, err))
		return err->status;
	return travel(&j, out, err);
}

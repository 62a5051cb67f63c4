/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/ticket_get.h"

#include "base/text.h"
#include "kdc/request_once.h"
#include "kdc/refused_tickets.h"
#include "kdc/reply.h"
#include "kdc/service_ticket.h"

enum status ticket_find_tgt(struct kdc_session *session, struct credential *out, struct error *err)
{
	if (session->tgt.credential.ticket.data) {
		*out = session->tgt.credential;
		return STATUS_OK;
	}
	if (!session->ccache)
		return error_set(err, ERR_NOT_FOUND, "there is no credential cache");
	struct slice realm = ccache_client(session->ccache)->realm;
	struct principal server = tgt_name(realm);
	server.realm = realm;
	return kdc_session_find(session, &server, out, err);
}

bool ticket_is_ready(struct kdc_session *session, const struct ticket_request *request)
{
	struct credential ticket;
	NEW_ERROR(reason);
	const struct principal *server = service_names_at(request->service, session->conf, 0);
	return kdc_session_find(session, server, &ticket, &reason) == STATUS_OK &&
	       !ticket_is_refused(&ticket);
}

/* ---- of a KDC ---- */

/* More than services put up with. */
static void report_clock(const struct kdc_session *session)
{
	int64_t skew = krb5_conf_clock_skew(session->conf), offset = session->offset;
	if (offset > skew || offset < -skew)
		kdc_warn(session,
			"this host's clock is %s %s the KDC's, by which it goes here: put it right",
			SPAN_TEXT(offset), offset < 0 ? "ahead of" : "behind");
}

static enum status ask(struct kdc_session *session, const struct credential *tgt,
	const struct principal *server, struct credential_box *out, struct error *err)
{
	if (kdc_service_ticket(session, tgt, server, out, err))
		return err->status;
	report_clock(session);
	/* Under the name and realm that it is looked for by, if the KDC has others. */
	struct credential kept = out->credential;
	kept.server = *server;
	if (server->realm.len == 0)
		kept.server.realm = out->credential.server.realm;
	kdc_session_keep_offset(session);
	kdc_session_keep(session, &kept);
	return STATUS_OK;
}

/* ---- from the cache, or of a KDC by what it has ---- */

/* What one thread asks for while others wait. */
struct cached_request {
	struct kdc_session *session;
	const struct principal *server;
	struct credential_box *out;
};

/* What to tell if there is neither this ticket nor one to get it by. */
static enum status choose_reason(
	const struct error *ticket, const struct error *tgt, struct error *err)
{
	bool has_old_tgt = ticket->status == ERR_NOT_FOUND && tgt->status != ERR_NOT_FOUND;
	*err = has_old_tgt ? *tgt : *ticket;
	return err->status;
}

/* Whatever the KDC lacks, a ticket that its service refused may be offered again. */
static enum status fall_back(const struct cached_request *request, const struct credential *refused,
	const struct error *why, struct error *err)
{
	ticket_is_the_only_one(refused);
	kdc_warn(request->session,
		"there is no new ticket in place of one that the service refused: %s", why->text);
	return credential_copy(refused, request->out, err);
}

/* Another thread may have put the ticket there meanwhile. */
static enum status open_again(struct kdc_session *session, struct error *err)
{
	AUTO_CCACHE now = NULL;
	if (ccache_open_again(session->ccache, &now, err))
		return STATUS_OK; /* what was read serves */
	return kdc_session_take_cache(session, &now, err);
}

static enum status ask_once(void *arg, struct error *err)
{
	const struct cached_request *request = arg;
	struct kdc_session *session = request->session;
	struct credential found, tgt;
	NEW_ERROR(no_ticket);
	NEW_ERROR(no_tgt);
	if (open_again(session, err))
		return err->status;
	enum status status = kdc_session_find(session, request->server, &found, &no_ticket);
	bool refused = !status && ticket_is_refused(&found);
	if (!status && !refused)
		return credential_copy(&found, request->out, err);
	if (ticket_find_tgt(session, &tgt, &no_tgt))
		return refused ? fall_back(request, &found, &no_tgt, err)
			       : choose_reason(&no_ticket, &no_tgt, err);
	status = ask(session, &tgt, request->server, request->out, err);
	if (!status || !refused)
		return status;
	const struct error why = *err;
	return fall_back(request, &found, &why, err);
}

static enum status get_cached(struct kdc_session *session, const struct principal *server,
	struct credential_box *out, struct error *err)
{
	struct credential found;
	NEW_ERROR(reason);
	struct cached_request request = {session, server, out};
	const struct request_task task = {ask_once, &request, session->deadline};
	if (kdc_session_find(session, server, &found, &reason) == STATUS_OK &&
		!ticket_is_refused(&found))
		return credential_copy(&found, out, err);
	return request_once(ccache_name(session->ccache), server, &task, err);
}

/* ---- by which name ---- */

static enum status get_by_name(struct kdc_session *session, const struct credential *tgt,
	const struct principal *server, struct credential_box *out, struct error *err)
{
	return tgt ? ask(session, tgt, server, out, err) : get_cached(session, server, out, err);
}

/* There may be a ticket under another name. */
static bool is_unknown(enum status status)
{
	return status == KDC_ERR_S_PRINCIPAL_UNKNOWN || status == ERR_NOT_FOUND;
}

enum status ticket_get(struct kdc_session *session, const struct ticket_request *request,
	const struct credential *tgt, struct credential_box *out, struct error *err)
{
	struct service_names *names = request->service;
	const struct krb5_conf *conf = session->conf;
	const struct principal *server = service_names_at(names, conf, 0);
	NEW_ERROR(there); /* what is told is about the first name */
	enum status status = get_by_name(session, tgt, server, out, err);
	for (unsigned n = 1; is_unknown(status) && (server = service_names_at(names, conf, n)); n++)
		status = get_by_name(session, tgt, server, out, &there) ? status : STATUS_OK;
	if (status)
		service_names_explain(names, err);
	return status;
}

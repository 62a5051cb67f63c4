#include "kdc/purse.h"

#include <stdio.h>

#include "kdc/flight.h"
#include "kdc/refused_tickets.h"
#include "kdc/reply.h"
#include "kdc/service_ticket.h"

void purse_clear(struct purse *purse)
{
	ccache_close(purse->ccache);
	credential_box_clear(&purse->tgt);
}

void purse_warn(const struct purse *purse, const struct error *why, const char *what)
{
	const struct kdc_trace *warning = &purse->errand->warning;
	char text[sizeof why->text + 100];
	if (!warning->line)
		return;
	snprintf(text, sizeof text, "%s: %s", what, why->text);
	warning->line(warning->arg, text);
}

/* A clock that is right for the cache is looked up in krb5.conf only where that matters. */
enum status purse_take_cache(struct purse *purse, struct ccache **ccache, struct error *err)
{
	struct kdc_asker *asker;
	ccache_close(purse->ccache);
	purse->ccache = *ccache;
	*ccache = NULL;
	purse->kdc_offset = ccache_kdc_offset(purse->ccache);
	if (purse->kdc_offset == 0)
		return STATUS_OK;
	enum status status = purse_asker(purse, ccache_client(purse->ccache)->realm, &asker, err);
	if (!status)
		purse->kdc_offset = asker->offset;
	return status;
}

int64_t purse_time(const struct purse *purse)
{
	const struct ticket_errand *errand = purse->errand;
	int64_t passed = errand->now.microseconds / 1000 + monotonic_milliseconds() - errand->began;
	return errand->now.seconds + passed / 1000 + purse->kdc_offset;
}

enum status purse_asker(
	struct purse *purse, struct slice realm, struct kdc_asker **out, struct error *err)
{
	const struct ticket_errand *errand = purse->errand;
	struct kdc_asker *asker = &purse->asker;
	*out = asker;
	if (purse->is_asking)
		return STATUS_OK;
	enum status status =
		kdc_asker_begin(asker, errand->conf, realm, errand->now, purse->kdc_offset, 0, err);
	if (status)
		return status;
	asker->began = errand->began;
	asker->deadline = errand->deadline;
	asker->trace = errand->trace;
	if (errand->send) {
		asker->send = errand->send;
		asker->send_arg = errand->send_arg;
	}
	purse->is_asking = true;
	return STATUS_OK;
}

static enum status find(const struct purse *purse, const struct principal *server,
	struct credential *out, struct error *err)
{
	const struct krb5_conf *conf = purse->errand->conf;
	return ccache_find(purse->ccache, server, krb5_conf_permitted_enctypes(conf),
		purse_time(purse), krb5_conf_clock_skew(conf), out, err);
}

enum status purse_find_tgt(const struct purse *purse, struct credential *out, struct error *err)
{
	struct slice realm = ccache_client(purse->ccache)->realm;
	struct principal server = tgt_name(realm);
	server.realm = realm;
	return find(purse, &server, out, err);
}

bool purse_is_ready(const struct purse *purse)
{
	const struct ticket_errand *errand = purse->errand;
	struct credential ticket;
	struct error reason;
	return purse->ccache &&
	       find(purse, service_names_at(errand->service, errand->conf, 0), &ticket, &reason) ==
		       STATUS_OK &&
	       !ticket_is_refused(&ticket);
}

/* ---- the cache, for tickets on the way ---- */

static bool find_on_the_way(void *arg, struct slice realm, struct credential_box *out)
{
	const struct purse *purse = arg;
	const struct principal server = tgt_name(realm);
	struct credential found;
	struct error unwanted;
	return find(purse, &server, &found, &unwanted) == STATUS_OK &&
	       credential_copy(&found, out, &unwanted) == STATUS_OK;
}

static void keep(void *arg, const struct credential *ticket)
{
	struct purse *purse = arg;
	struct error err;
	if (purse->unwritable || ccache_store(purse->ccache, ticket, &err) == STATUS_OK)
		return;
	purse->unwritable = true;
	purse_warn(purse, &err, "the new ticket is not kept");
}

/*
 * Whoever takes the ticket from the cache goes by the KDC's clock too. That of another realm's
 * is for this login alone: kept, it would be in the way of all others.
 */
static void keep_offset(struct purse *purse)
{
	struct error err;
	const struct kdc_asker *asker = &purse->asker;
	if (!asker->settings.timesync || purse->unwritable ||
		asker->home_offset == ccache_kdc_offset(purse->ccache) ||
		ccache_set_kdc_offset(purse->ccache, asker->home_offset, &err) == STATUS_OK)
		return;
	purse->unwritable = err.status != ERR_UNSUPPORTED;
	purse_warn(purse, &err,
		purse->unwritable ? "the new ticket is not kept" : "the KDC's clock is not kept");
}

/* ---- a ticket ---- */

/* More than services put up with. */
static void report_clock(const struct purse *purse)
{
	const struct kdc_trace *warning = &purse->errand->warning;
	int64_t skew = krb5_conf_clock_skew(purse->errand->conf), offset = purse->kdc_offset;
	char text[120];
	if (!warning->line || (offset <= skew && offset >= -skew))
		return;
	snprintf(text, sizeof text,
		"this host's clock is %s %s the KDC's, by which it goes here: put it right",
		SPAN_TEXT(offset), offset < 0 ? "ahead of" : "behind");
	warning->line(warning->arg, text);
}

static enum status ask(struct purse *purse, const struct credential *tgt,
	const struct principal *server, struct credential_box *out, struct error *err)
{
	const struct tgt_store store = {find_on_the_way, keep, purse};
	struct kdc_asker *asker;
	enum status status = purse_asker(purse, tgt->client.realm, &asker, err);
	if (status)
		return status;
	status = kdc_service_ticket(asker, tgt, server, purse->ccache ? &store : NULL, out, err);
	purse->kdc_offset = asker->offset;
	if (status)
		return status;
	report_clock(purse);
	if (!purse->ccache)
		return STATUS_OK;
	/* Under the name and realm that it is looked for by, where the KDC has others. */
	struct credential kept = out->credential;
	kept.server = *server;
	if (server->realm.len == 0)
		kept.server.realm = out->credential.server.realm;
	keep_offset(purse);
	keep(purse, &kept);
	return STATUS_OK;
}

/* What to tell where there is neither this ticket nor one to get it by. */
static enum status choose_reason(
	const struct error *ticket, const struct error *tgt, struct error *err)
{
	bool has_old_tgt = ticket->status == ERR_NOT_FOUND && tgt->status != ERR_NOT_FOUND;
	*err = has_old_tgt ? *tgt : *ticket;
	return err->status;
}

struct payment {
	struct purse *purse;
	const struct principal *server;
	struct credential_box *out;
};

/* Whatever the KDC lacks, a ticket that its service refused may be offered again. */
static enum status fall_back(const struct payment *payment, const struct credential *refused,
	const struct error *why, struct error *err)
{
	ticket_is_the_only_one(refused);
	purse_warn(payment->purse, why,
		"there is no new ticket in place of one that the service refused");
	return credential_copy(refused, payment->out, err);
}

/* Another thread may have put the ticket there meanwhile. */
static enum status pay_anew(void *arg, struct error *err)
{
	const struct payment *payment = arg;
	struct purse *purse = payment->purse;
	AUTO_CCACHE now = NULL;
	struct credential found, tgt;
	struct error no_ticket, no_tgt;
	if (ccache_open_again(purse->ccache, &now, err) == STATUS_OK &&
		purse_take_cache(purse, &now, err))
		return err->status;
	enum status status = find(purse, payment->server, &found, &no_ticket);
	bool refused = !status && ticket_is_refused(&found);
	if (!status && !refused)
		return credential_copy(&found, payment->out, err);
	if (purse_find_tgt(purse, &tgt, &no_tgt))
		return refused ? fall_back(payment, &found, &no_tgt, err)
			       : choose_reason(&no_ticket, &no_tgt, err);
	status = ask(purse, &tgt, payment->server, payment->out, err);
	if (!status || !refused)
		return status;
	const struct error why = *err;
	return fall_back(payment, &found, &why, err);
}

static enum status pay_from_cache(struct purse *purse, const struct principal *server,
	struct credential_box *out, struct error *err)
{
	struct credential found;
	struct error reason;
	struct payment payment = {purse, server, out};
	const struct flight_task task = {pay_anew, &payment, purse->errand->deadline};
	if (find(purse, server, &found, &reason) == STATUS_OK && !ticket_is_refused(&found))
		return credential_copy(&found, out, err);
	return flight_once(ccache_name(purse->ccache), server, &task, err);
}

/* There may be a ticket under another name. */
static bool is_unknown(enum status status)
{
	return status == KDC_ERR_S_PRINCIPAL_UNKNOWN || status == ERR_NOT_FOUND;
}

static enum status pay(struct purse *purse, const struct principal *server,
	struct credential_box *out, struct error *err)
{
	return purse->ccache ? pay_from_cache(purse, server, out, err)
			     : ask(purse, &purse->tgt.credential, server, out, err);
}

enum status purse_pay(struct purse *purse, struct ticket_found *out, struct error *err)
{
	struct service_names *names = purse->errand->service;
	const struct krb5_conf *conf = purse->errand->conf;
	const struct principal *server = service_names_at(names, conf, 0);
	struct error there; /* what is told is about the name that was asked for */
	enum status status = pay(purse, server, &out->box, err);
	for (unsigned n = 1; is_unknown(status) && (server = service_names_at(names, conf, n)); n++)
		if (pay(purse, server, &out->box, &there) == STATUS_OK)
			status = STATUS_OK;
	out->kdc_offset = purse->kdc_offset;
	if (status)
		service_names_explain(names, err);
	return status;
}

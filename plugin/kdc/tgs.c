/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/tgs.h"

#include "crypto/key.h"
#include "kdc/exchange.h"
#include "kdc/refusal.h"
#include "kdc/reply.h"

struct tgs {
	struct kdc_session *session;
	const struct tgs_request *request;
	char realm[KDC_REALM_SIZE];
	struct key *session_key;
	struct kdc_req_body body;
	int64_t offset;     /* the session's at first */
	bool was_told_time; /* by a KRB-ERROR, which anybody may have sent */
};

static void tgs_clear(struct tgs *tgs)
{
	key_release(tgs->session_key);
}

/* The authenticator, which binds the request's body to the session key (section 3.3.2). */
static enum status make_authenticator(
	const struct tgs *tgs, struct slice body, struct buffer *cipher, struct error *err)
{
	AUTO_BUFFER plain = {0};
	unsigned char value[CHECKSUM_MAX_LENGTH];
	const struct enctype *type = key_type(tgs->session_key);
	const struct authenticator authenticator = {
		.client = tgs->request->tgt->client,
		.checksum = {enctype_checksum_type(type),
			slice_of(value, enctype_checksum_length(type))},
		.time = kdc_session_time(tgs->session),
	};
	if (key_checksum(tgs->session_key, USAGE_TGS_REQ_CHECKSUM, (struct pieces){&body, 1}, value,
		    err) ||
		der_write_authenticator(&authenticator, &plain, err))
		return err->status;
	return key_encrypt(
		tgs->session_key, USAGE_TGS_REQ_AUTHENTICATOR, buffer_slice(&plain), cipher, err);
}

static enum status make_request(const struct tgs *tgs, struct buffer *out, struct error *err)
{
	AUTO_BUFFER body = {0};
	AUTO_BUFFER cipher = {0};
	AUTO_BUFFER ap_req = {0};
	if (der_write_kdc_req_body(&tgs->body, &body, err) ||
		make_authenticator(tgs, buffer_slice(&body), &cipher, err))
		return err->status;
	const struct ap_req header = {
		.ticket_der = tgs->request->tgt->ticket,
		.authenticator = {.etype = tgs->request->tgt->key_type,
			.cipher = buffer_slice(&cipher)},
	};
	if (der_write_ap_req(&header, &ap_req, err))
		return err->status;
	const struct kdc_req request = {
		.padata = {.count = 1, .element = {{PA_TGS_REQ, buffer_slice(&ap_req)}}},
		.body_der = buffer_slice(&body),
	};
	return der_write_tgs_req(&request, out, err);
}

static enum status prepare(struct tgs *tgs, struct error *err)
{
	const struct tgs_request *request = tgs->request;
	const struct credential *tgt = request->tgt;
	if (kdc_realm_text(tgt->server.component[1], tgs->realm, err) ||
		key_new(tgt->key_type, tgt->key, &tgs->session_key, err))
		return error_prefix(
			err, "the ticket-granting ticket of %s", PRINCIPAL_TEXT(&tgt->client));

	const uint32_t inherited = TICKET_FORWARDABLE | TICKET_PROXIABLE;
	tgs->body = (struct kdc_req_body){
		.options = (tgt->flags & inherited) |
			   (request->canonicalize ? KDC_OPTION_CANONICALIZE : 0) |
			   (request->forwarded ? KDC_OPTION_FORWARDED : 0),
		.server = *request->server,
		.till = tgt->endtime,
	};
	if (request->addresses)
		tgs->body.addresses = *request->addresses;
	tgs->body.server.realm = tgt->server.component[1];
	kdc_set_etypes(&tgs->body, &tgs->session->settings.tgs_enctypes);
	return kdc_nonce(&tgs->body.nonce, err);
}

static enum status read_reply(const struct tgs *tgs, const struct kdc_rep *reply,
	struct credential_box *out, struct error *err)
{
	AUTO_BUFFER plain = {0};
	struct enc_kdc_rep_part part;
	const struct credential *tgt = tgs->request->tgt;
	const struct reply_wanted wanted = {
		.realm = tgs->realm,
		.request = &tgs->body,
		.client = &tgt->client,
		.server = &tgs->body.server,
		.tgt_may_come = tgs->request->canonicalize || is_tgt_name(&tgs->body.server),
		.server_may_change = tgs->request->canonicalize,
		.tgt_flags = tgt->flags,
		.now = kdc_session_time(tgs->session).seconds,
		.skew = krb5_conf_clock_skew(tgs->session->conf),
		.authtime_may_be_old = true,
		.key = tgs->session_key,
		.usage = USAGE_TGS_REP,
	};
	if (reply_open(&wanted, reply, &plain, &part, err))
		return err->status;
	/* A KDC of another realm has a say on delegation if the one before it trusts it with that.
	 */
	bool local = slice_equal(tgt->server.component[1], tgt->client.realm);
	if (!local && !(tgt->flags & TICKET_OK_AS_DELEGATE))
		part.flags &= ~TICKET_OK_AS_DELEGATE;
	if (tgs->was_told_time && part.has_starttime)
		kdc_session_set_time(tgs->session, part.starttime);
	else
		tgs->session->offset = tgs->offset; /* nothing bears out what a KRB-ERROR said */
	if (local)
		tgs->session->home_offset = tgs->session->offset;
	return reply_credential(reply, &part, out, err);
}

/* If it fails and the KDC has told its time, the request may be repeated by that. */
static enum status ask(struct tgs *tgs, struct credential_box *out, struct error *err)
{
	AUTO_BUFFER request = {0};
	AUTO_KDC_ANSWER answer = {.refused = false};
	if (make_request(tgs, &request, err))
		return err->status;
	const struct kdc_question question = {
		.realm = tgs->realm, .request = buffer_slice(&request)};
	kdc_trace(tgs->session, "TGS: asking the KDC of %s for %s", tgs->realm,
		PRINCIPAL_TEXT(&tgs->body.server));
	if (kdc_exchange(tgs->session, &question, KRB_TGS_REP, &answer, err))
		return err->status;
	if (!answer.refused)
		return read_reply(tgs, &answer.reply, out, err);

	const struct kdc_request_names names = {
		tgs->realm, &tgs->request->tgt->client, &tgs->body.server};
	enum status status =
		kdc_refusal(&answer.error, &names, kdc_session_time(tgs->session), err);
	tgs->was_told_time = status == KRB_AP_ERR_SKEW &&
			     kdc_session_set_time(tgs->session, answer.error.stime.seconds);
	return status;
}

enum status tgs_get(struct kdc_session *session, const struct tgs_request *request,
	struct credential_box *out, struct error *err)
{
	__attribute__((cleanup(tgs_clear))) struct tgs tgs = {
		.session = session, .request = request, .offset = session->offset};
	enum status status = prepare(&tgs, err);
	if (!status)
		status = ask(&tgs, out, err);
	if (tgs.was_told_time)
		status = ask(&tgs, out, err);
	if (status)
		session->offset = tgs.offset;
	return status;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "gss/gss_delegation.h"

#include "ap/step.h"
#include "ap/ticket.h"

static const char what[] = "the delegated KRB-CRED";

/* ---- the initiator ---- */

static struct krb_cred_info describe(const struct credential *credential)
{
	return (struct krb_cred_info){
		.key = {credential->key_type, credential->key},
		.client = credential->client,
		.has_flags = true,
		.flags = credential->flags,
		.has_authtime = true,
		.authtime = credential->authtime,
		.has_starttime = true,
		.starttime = credential->starttime,
		.has_endtime = true,
		.endtime = credential->endtime,
		.has_renew_till = credential->renew_till != 0,
		.renew_till = credential->renew_till,
		.server = credential->server,
	};
}

static enum status make_part(const struct credential *delegated, struct timestamp now,
	struct buffer *plain, struct error *err)
{
	const struct enc_krb_cred_part part = {
		.count = 1,
		.info = {describe(delegated)},
		.has_timestamp = true,
		.has_usec = true,
		.timestamp = now,
	};
	return der_write_enc_krb_cred_part(&part, plain, err);
}

enum status gss_delegation_make(const struct credential *service,
	const struct credential *delegated, struct timestamp now, struct buffer *out,
	struct error *err)
{
	AUTO_BUFFER plain = {0}, cipher = {0};
	AUTO_KEY key = NULL;
	struct krb_cred cred = {.count = 1, .enc_part.etype = service->key_type};
	if (der_read_ticket(delegated->ticket, &cred.ticket[0], err) ||
		make_part(delegated, now, &plain, err) ||
		key_new(service->key_type, service->key, &key, err) ||
		key_encrypt(key, USAGE_KRB_CRED, buffer_slice(&plain), &cipher, err))
		return error_prefix(err, "%s", what);
	cred.enc_part.cipher = buffer_slice(&cipher);
	return der_write_krb_cred(&cred, out, err);
}

/* ---- the acceptor ---- */

void gss_delegated_clear(struct gss_delegated *delegated)
{
	if (!delegated)
		return;
	for (unsigned i = 0; i < delegated->count; i++)
		credential_box_clear(&delegated->ticket[i]);
	delegated->count = 0;
}

static void trace_ticket(
	const struct ap_trace *trace, const struct ticket *ticket, const struct krb_cred_info *info)
{
	step_trace(trace, "GSS-API: delegated ticket %s until %s, flags: %s",
		PRINCIPAL_TEXT(&ticket->server),
		info->has_endtime ? TIME_TEXT(info->endtime) : "a time that is not said",
		ticket_flags_text(info->flags, (char[TICKET_FLAGS_TEXT_SIZE]){0}));
}

/* The ticket is written as it was read: reading is strict, so that no octet can differ. */
static enum status keep(const struct ticket *ticket, const struct krb_cred_info *info,
	struct gss_delegated *out, struct error *err)
{
	AUTO_BUFFER der = {0};
	if (der_write_ticket(ticket, &der, err))
		return err->status;
	const struct credential credential = {
		.client = info->client,
		.server = info->server.count > 0 ? info->server : ticket->server,
		.key_type = info->key.type,
		.key = info->key.value,
		.authtime = info->authtime,
		.starttime = info->has_starttime ? info->starttime : info->authtime,
		.endtime = info->endtime,
		.renew_till = info->renew_till,
		.flags = info->flags,
		.ticket = buffer_slice(&der),
	};
	if (credential_copy(&credential, &out->ticket[out->count], err))
		return err->status;
	out->count++;
	return STATUS_OK;
}

static enum status keep_all(const struct krb_cred *cred, const struct enc_krb_cred_part *part,
	struct gss_delegated *out, struct error *err)
{
	for (unsigned i = 0; i < cred->count; i++)
		if (keep(&cred->ticket[i], &part->info[i], out, err)) {
			gss_delegated_clear(out);
			return err->status;
		}
	return STATUS_OK;
}

/*
 * In clear it is as Heimdal sends it, and MIT krb5 did: the authenticator around
 * it is encrypted, in the session key too.
 */
static enum status take_part(const struct ap_context *context, const struct encrypted_data *data,
	struct buffer *storage, struct slice *plain, struct error *err)
{
	static const struct step_part encrypted_part = {USAGE_KRB_CRED, what};
	*plain = data->cipher;
	if (data->etype == 0)
		return STATUS_OK;
	if (step_decrypt(context, &encrypted_part, data, storage, err))
		return err->status;
	*plain = buffer_slice(storage);
	return STATUS_OK;
}

enum status gss_delegation_read(const struct ap_context *context, struct slice krb_cred,
	const struct ap_trace *trace, struct gss_delegated *out, struct error *err)
{
	AUTO_BUFFER storage = {0};
	struct krb_cred cred;
	struct enc_krb_cred_part part;
	struct slice plain;
	if (der_read_krb_cred(krb_cred, &cred, err))
		return err->status;
	if (cred.count == 0)
		return error_set_shown(err, ERR_SYNTAX, "%s has no ticket", what);
	if (take_part(context, &cred.enc_part, &storage, &plain, err) ||
		der_read_enc_krb_cred_part(plain, &part, err))
		return err->status;
	if (part.count != cred.count)
		return error_set_shown(err, ERR_SYNTAX,
			"%s has %u tickets and describes %u, the same number was expected", what,
			cred.count, part.count);
	for (unsigned i = 0; i < cred.count && step_is_traced(trace); i++)
		trace_ticket(trace, &cred.ticket[i], &part.info[i]);
	return out ? keep_all(&cred, &part, out, err) : STATUS_OK;
}

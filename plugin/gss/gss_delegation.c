/* SPDX-License-Identifier: BSD-3-Clause */
#include "gss/gss_delegation.h"

#include "ap/step.h"
#include "ap/ticket.h"
#include "asn1/der_cred.h"

static const char what[] = "the delegated KRB-CRED";

static void trace_ticket(
	const struct ap_trace *trace, const struct ticket *ticket, const struct krb_cred_info *info)
{
	step_trace(trace, "GSS-API: delegated ticket %s until %s, flags: %s",
		PRINCIPAL_TEXT(&ticket->server),
		info->has_endtime ? TIME_TEXT(info->endtime) : "a time that is not said",
		ticket_flags_text(info->flags, (char[TICKET_FLAGS_TEXT_SIZE]){0}));
}

/*
 * In clear it is as Heimdal sends it, and MIT krb5 did: the authenticator around
 * it is encrypted, in the session key too.
 */
static enum status take_part(const struct ap_context *context, const struct encrypted_data *data,
	struct buffer *storage, struct slice *plain, struct error *err)
{
	*plain = data->cipher;
	return data->etype == 0
		       ? STATUS_OK
		       : step_decrypt(context, USAGE_KRB_CRED, data, what, storage, plain, err);
}

static enum status check_cred(const struct ap_context *context, struct slice krb_cred,
	const struct ap_trace *trace, struct error *err)
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
	return STATUS_OK;
}

enum status gss_delegation_check(const struct ap_context *context, struct slice krb_cred,
	const struct ap_trace *trace, struct error *err)
{
	return check_cred(context, krb_cred, trace, err);
}

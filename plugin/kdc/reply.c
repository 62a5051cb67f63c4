/* SPDX-License-Identifier: BSD-3-Clause */
#include "kdc/reply.h"

#include "base/text.h"

#define KRBTGT SLICE_LITERAL("krbtgt")

struct principal tgt_name(struct slice realm)
{
	return (struct principal){.type = NT_SRV_INST, .count = 2, .component = {KRBTGT, realm}};
}

bool is_tgt_name(const struct principal *name)
{
	return name->count == 2 && slice_equal(name->component[0], KRBTGT);
}

enum status tgt_check(const struct principal *name, struct error *err)
{
	if (is_tgt_name(name))
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_NOT_US,
		"%s is no ticket-granting service, from which other tickets are had",
		PRINCIPAL_TEXT(name));
}

static bool is_asked_for(const struct kdc_req_body *request, int32_t etype)
{
	for (unsigned i = 0; i < request->etype_count; i++)
		if (request->etype[i] == etype)
			return true;
	return false;
}

/* "the reply of the KDC of R ..." */
static enum status refuse(
	const struct reply_wanted *wanted, enum status status, const char *what, struct error *err)
{
	return error_set(err, status, "the reply of the KDC of %s %s",
		TEXT(slice_string(wanted->realm)), what);
}

static enum status refuse_name(const struct reply_wanted *wanted, const char *what,
	const struct principal *found, const struct principal *expected, struct error *err)
{
	return error_set(err, KRB_AP_ERR_MODIFIED,
		"the reply of the KDC of %s is %s %s, where %s was asked for",
		TEXT(slice_string(wanted->realm)), what, PRINCIPAL_TEXT(found),
		PRINCIPAL_TEXT(expected));
}

enum status reply_check_enctype(
	const struct reply_wanted *wanted, const struct kdc_rep *reply, struct error *err)
{
	if (is_asked_for(wanted->request, reply->enc_part.etype))
		return STATUS_OK;
	return error_set(err, KDC_ERR_ETYPE_NOSUPP,
		"the reply of the KDC of %s is encrypted with %s, which was not asked for",
		TEXT(slice_string(wanted->realm)), ENCTYPE_TEXT(reply->enc_part.etype));
}

/* Krbtgt's realm is that of its KDC or a name for it: what matters is whom it is for. */
static bool server_fits(const struct reply_wanted *wanted, const struct principal *server)
{
	if (principal_equal(server, wanted->server))
		return true;
	if (is_tgt_name(server))
		return wanted->tgt_may_come;
	return wanted->server_may_change;
}

static enum status check_names(const struct reply_wanted *wanted, const struct kdc_rep *reply,
	const struct enc_kdc_rep_part *part, struct error *err)
{
	if (!wanted->client_may_change && !principal_equal(&reply->client, wanted->client))
		return refuse_name(wanted, "for", &reply->client, wanted->client, err);
	if (!server_fits(wanted, &part->server))
		return refuse_name(wanted, "a ticket for", &part->server, wanted->server, err);
	/* What a service will be shown is the ticket. */
	if (!principal_equal(&reply->ticket.server, &part->server))
		return refuse_name(wanted, "with a ticket in clear for", &reply->ticket.server,
			&part->server, err);
	return STATUS_OK;
}

/* Those that make a ticket another thing than what was asked for. */
#define STRANGE_FLAGS (TICKET_FORWARDED | TICKET_PROXY | TICKET_POSTDATED | TICKET_INVALID)

static enum status check_flags(
	const struct reply_wanted *wanted, const struct enc_kdc_rep_part *part, struct error *err)
{
	uint32_t forwarded = (wanted->tgt_flags | wanted->request->options) & TICKET_FORWARDED;
	uint32_t strange = part->flags & STRANGE_FLAGS & ~forwarded;
	if (!strange)
		return STATUS_OK;
	return error_set(err, KRB_AP_ERR_MODIFIED,
		"the reply of the KDC of %s has flags that were not asked for (0x%08x)",
		TEXT(slice_string(wanted->realm)), (unsigned)strange);
}

/* RENEWABLE-OK: renewable, if need be, but for no longer than what was asked for. */
static int64_t latest_renewal(const struct kdc_req_body *request)
{
	return request->has_rtime && request->rtime > request->till ? request->rtime
								    : request->till;
}

static int64_t start_of(const struct enc_kdc_rep_part *part)
{
	return part->has_starttime ? part->starttime : part->authtime;
}

static enum status check_times(
	const struct reply_wanted *wanted, const struct enc_kdc_rep_part *part, struct error *err)
{
	const struct kdc_req_body *request = wanted->request;
	if (part->endtime > request->till)
		return refuse(wanted, KRB_AP_ERR_MODIFIED,
			"is a ticket that lasts longer than was asked for", err);
	if (part->has_renew_till && part->flags & TICKET_RENEWABLE &&
		part->renew_till > latest_renewal(request))
		return refuse(wanted, KRB_AP_ERR_MODIFIED,
			"is a ticket that can be renewed for longer than was asked for", err);
	int64_t start = start_of(part), ahead = start - wanted->now;
	bool may_be_old = wanted->authtime_may_be_old && !part->has_starttime;
	if (!may_be_old && (ahead > wanted->skew || ahead < -wanted->skew))
		return error_set(err, KRB_AP_ERR_SKEW,
			"the clock of the KDC of %s is %s %s this host's, more than %s (clockskew "
			"in krb5.conf): put them right",
			TEXT(slice_string(wanted->realm)), SPAN_TEXT(ahead),
			ahead < 0 ? "behind" : "ahead of", SPAN_TEXT(wanted->skew));
	if (part->endtime <= start)
		return refuse(wanted, KRB_AP_ERR_TKT_EXPIRED,
			"is a ticket that ends before it begins", err);
	return STATUS_OK;
}

static enum status check_session_key(
	const struct reply_wanted *wanted, const struct encryption_key *key, struct error *err)
{
	if (!is_asked_for(wanted->request, key->type))
		return error_set(err, KDC_ERR_ETYPE_NOSUPP,
			"the reply of the KDC of %s has a session key of type %s, which was not "
			"asked for",
			TEXT(slice_string(wanted->realm)), ENCTYPE_TEXT(key->type));
	const struct enctype *type = enctype_by_number(key->type, err);
	if (!type)
		return err->status;
	if (key->value.len == enctype_key_length(type))
		return STATUS_OK;
	return error_set(err, ERR_SYNTAX,
		"the session key in the reply of the KDC of %s has %zu octets, where %s has %zu",
		TEXT(slice_string(wanted->realm)), key->value.len, enctype_name(type),
		enctype_key_length(type));
}

static enum status decrypt(const struct reply_wanted *wanted, const struct kdc_rep *reply,
	struct buffer *plain, struct error *err)
{
	const struct encrypted_data *data = &reply->enc_part;
	int32_t type = enctype_number(key_type(wanted->key));
	if (data->etype != type)
		return error_set(err, KDC_ERR_ETYPE_NOSUPP,
			"the reply of the KDC of %s is encrypted with %s, where the key is of type "
			"%s",
			TEXT(slice_string(wanted->realm)), ENCTYPE_TEXT(data->etype),
			ENCTYPE_TEXT(type));
	enum status status = key_decrypt(wanted->key, wanted->usage, data->cipher, plain, err);
	if (status == KRB_AP_ERR_BAD_INTEGRITY)
		return refuse(wanted, status, "does not decrypt", err);
	return status;
}

enum status reply_open(const struct reply_wanted *wanted, const struct kdc_rep *reply,
	struct buffer *plain, struct enc_kdc_rep_part *part, struct error *err)
{
	if (decrypt(wanted, reply, plain, err))
		return err->status;
	if (der_read_enc_kdc_rep_part(buffer_slice(plain), part, err))
		return error_prefix(
			err, "the reply of the KDC of %s", TEXT(slice_string(wanted->realm)));
	if (part->nonce != wanted->request->nonce)
		return refuse(wanted, KRB_AP_ERR_MODIFIED, "answers another request (nonce)", err);
	if (check_session_key(wanted, &part->key, err) || check_names(wanted, reply, part, err) ||
		check_flags(wanted, part, err) || check_times(wanted, part, err))
		return err->status;
	return STATUS_OK;
}

enum status reply_credential(const struct kdc_rep *reply, const struct enc_kdc_rep_part *part,
	struct credential_box *out, struct error *err)
{
	const struct credential credential = {
		.client = reply->client,
		.server = part->server,
		.key_type = part->key.type,
		.key = part->key.value,
		.authtime = part->authtime,
		.starttime = start_of(part),
		.endtime = part->endtime,
		.renew_till = part->has_renew_till ? part->renew_till : 0,
		.flags = part->flags,
		.ticket = reply->ticket_der,
	};
	return credential_copy(&credential, out, err);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/step.h"
#include "gss/gss.h"
#include "gss/gss_token.h"

#define FLAGS_ALWAYS (GSS_REPLAY | GSS_SEQUENCE)

/* The types that are preferred to the session key's, and that one; empty where there are none. */
static struct etype_list preferred(const struct enctype_list *permitted, int32_t session)
{
	struct etype_list list = {0};
	while (list.count < permitted->count && permitted->number[list.count] != session) {
		list.etype[list.count] = permitted->number[list.count];
		list.count++;
	}
	if (list.count > 0)
		list.etype[list.count++] = session;
	return list;
}

/* Authorization data for the authenticator, and the memory of what is in them. */
struct offer {
	struct authorization_data data;
	struct buffer etypes;
	struct buffer inside;
};

static void offer_free(struct offer *offer)
{
	buffer_free(&offer->etypes);
	buffer_free(&offer->inside);
}

/* RFC 4537 section 3: a list of types, as something that may be passed over. */
static enum status make_offer(const struct etype_list *list, struct offer *offer, struct error *err)
{
	if (der_write_etype_list(list, &offer->etypes, err))
		return err->status;
	const struct authorization_data inside = {
		.count = 1,
		.element = {{AD_ETYPE_NEGOTIATION, buffer_slice(&offer->etypes)}},
	};
	if (der_write_authorization_data(&inside, &offer->inside, err))
		return err->status;
	offer->data.count = 1;
	offer->data.element[0] = (struct ad_element){AD_IF_RELEVANT, buffer_slice(&offer->inside)};
	return STATUS_OK;
}

static void trace_initiated(const struct ap_trace *trace, uint32_t flags,
	const struct gss_bindings *bindings, const struct etype_list *list)
{
	step_trace(trace,
		"GSS-API: flags: %s; channel bindings: %s; encryption types offered for the "
		"acceptor's subkey: %u, the first %s",
		gss_flags_text(flags, (char[GSS_FLAGS_TEXT_SIZE]){0}),
		gss_bindings_none(bindings) ? "none" : "sent", list->count,
		list->count ? ENCTYPE_TEXT(list->etype[0]) : "none");
}

/* The checksum with the delegated ticket behind it, in `storage`. */
static enum status add_delegation(const struct gss_initiator *initiator, struct checksum *checksum,
	struct buffer *storage, struct error *err)
{
	AUTO_BUFFER krb_cred = {0};
	if (gss_delegation_make(
		    initiator->credential, initiator->delegated, initiator->now, &krb_cred, err))
		return err->status;
	if (buffer_append(storage, checksum->value))
		return error_no_memory(err);
	if (gss_checksum_add_delegation(buffer_slice(&krb_cred), storage, err))
		return err->status;
	checksum->value = buffer_slice(storage);
	return STATUS_OK;
}

static enum status initiate(const struct gss_initiator *initiator, const struct ap_trace *trace,
	struct ap_context *context, struct buffer *token, struct error *err)
{
	unsigned char value[GSS_CHECKSUM_LENGTH];
	uint32_t flags = FLAGS_ALWAYS | initiator->protection |
			 (initiator->mutual ? GSS_MUTUAL : 0) |
			 (initiator->delegated ? GSS_DELEG : 0);
	struct checksum checksum = gss_checksum_make(flags, &initiator->bindings, value);
	__attribute__((cleanup(offer_free))) struct offer offer = {0};
	AUTO_BUFFER ap_req = {0}, delegation = {0};
	struct etype_list list = {0};
	/* Without an AP-REP there is no subkey of the acceptor's. */
	if (initiator->mutual)
		list = preferred(initiator->permitted, initiator->credential->key_type);
	if (list.count > 0 && make_offer(&list, &offer, err))
		return err->status;
	if (initiator->delegated && add_delegation(initiator, &checksum, &delegation, err))
		return err->status;

	const struct ap_initiator ap = {
		.credential = initiator->credential,
		.now = initiator->now,
		.mutual = initiator->mutual,
		.subkey = true,
		.checksum = checksum,
		.authorization_data = &offer.data,
		.announces_bindings = initiator->announces_bindings,
	};
	if (ap_req_make(&ap, trace, context, &ap_req, err))
		return err->status;
	if (gss_token_write(GSS_TOKEN_AP_REQ, buffer_slice(&ap_req), token, err)) {
		ap_context_clear(context);
		return err->status;
	}
	if (step_is_traced(trace))
		trace_initiated(trace, flags, &initiator->bindings, &list);
	return STATUS_OK;
}

enum status gss_initiate(const struct gss_initiator *initiator, const struct ap_trace *trace,
	struct ap_context *context, struct buffer *token, struct error *err)
{
	return initiate(initiator, trace, context, token, err);
}

/* What was asked for is what may come: a permitted type, or the session key's own. */
static enum status check_subkey(
	const struct gss_initiator *initiator, const struct ap_context *context, struct error *err)
{
	if (!context->acceptor_subkey)
		return STATUS_OK;
	const struct enctype *type = key_type(context->acceptor_subkey);
	if (type == key_type(context->session_key) ||
		enctype_list_has(initiator->permitted, enctype_number(type)))
		return STATUS_OK;
	return error_set_shown(err, KDC_ERR_ETYPE_NOSUPP,
		"the acceptor's subkey is of type %s, which is not among permitted_enctypes here",
		enctype_name(type));
}

enum status gss_initiate_finish(const struct gss_initiator *initiator, struct slice token,
	const struct ap_trace *trace, struct ap_context *context, struct error *err)
{
	enum gss_token_id id;
	struct slice message;
	if (gss_token_read(token, &id, &message, err))
		return err->status;
	if (id == GSS_TOKEN_ERROR)
		return krb_error_read(message, initiator->now, initiator->asked, err);
	if (id != GSS_TOKEN_AP_REP)
		return error_set_shown(err, KRB_AP_ERR_MSG_TYPE,
			"a GSS-API token with an AP-REQ came where one with an AP-REP is due");
	if (ap_rep_read(message, trace, context, err))
		return err->status;
	return check_subkey(initiator, context, err);
}

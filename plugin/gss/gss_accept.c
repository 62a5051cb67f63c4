/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/bindings.h"
#include "ap/step.h"
#include "gss/gss.h"
#include "gss/gss_token.h"

enum status gss_request_read(struct slice token, struct slice *ap_req, struct error *err)
{
	enum gss_token_id id;
	enum status status = gss_token_read(token, &id, ap_req, err);
	if (status == STATUS_OK && id != GSS_TOKEN_AP_REQ)
		return error_set_shown(err, KRB_AP_ERR_MSG_TYPE,
			"a GSS-API token with %s came where one with an AP-REQ is due",
			id == GSS_TOKEN_AP_REP ? "an AP-REP" : "a KRB-ERROR");
	return status;
}

static enum bindings_sent compare_bindings(
	const struct gss_acceptor *acceptor, const struct gss_bindings *sent)
{
	if (gss_bindings_none(sent))
		return BINDINGS_SENT_NONE;
	return gss_bindings_equal(sent, &acceptor->bindings) ? BINDINGS_SENT_SAME
							     : BINDINGS_SENT_OTHERS;
}

/* The list in an element of authorization data, or inside it; count 0: none. */
static enum status read_etypes(
	const struct ad_element *element, struct etype_list *out, struct error *err)
{
	struct authorization_data inside;
	if (element->type == AD_ETYPE_NEGOTIATION)
		return der_read_etype_list(element->data, out, err);
	if (element->type != AD_IF_RELEVANT)
		return STATUS_OK;
	enum status status = der_read_authorization_data(element->data, &inside, err);
	for (unsigned i = 0; i < inside.count && out->count == 0 && !status; i++)
		if (inside.element[i].type == AD_ETYPE_NEGOTIATION)
			status = der_read_etype_list(inside.element[i].data, out, err);
	return status;
}

static enum status find_etypes(
	const struct authorization_data *data, struct etype_list *out, struct error *err)
{
	*out = (struct etype_list){0};
	for (unsigned i = 0; i < data->count && out->count == 0; i++)
		if (read_etypes(&data->element[i], out, err))
			return error_prefix(err, "the authenticator's list of encryption types");
	return STATUS_OK;
}

static const struct enctype *choose_subkey(const struct etype_list *offered,
	const struct enctype_list *permitted, const struct enctype *session)
{
	for (unsigned i = 0; i < offered->count; i++) {
		if (!enctype_list_has(permitted, offered->etype[i]))
			continue;
		const struct enctype *type = enctype_usable(offered->etype[i]);
		if (type && enctype_strength(type) >= enctype_strength(session))
			return type;
	}
	return session;
}

static const char *bindings_text(
	const struct gss_acceptor *acceptor, const struct gss_checksum *checksum, bool match)
{
	if (match)
		return "the same as here";
	if (gss_bindings_none(&checksum->bindings))
		return acceptor->has_bindings ? "none sent, though there are some here" : "none";
	return "sent, and not looked at: the application gave none";
}

static enum status accept_context(const struct gss_acceptor *acceptor, const struct ap_trace *trace,
	struct ap_context *context, struct gss_accepted *out, struct error *err)
{
	struct gss_checksum checksum;
	struct etype_list offered;
	const struct bindings_here here = {acceptor->has_bindings, acceptor->bindings_are_critical,
		acceptor->bindings_are_awaited};
	if (gss_checksum_read(&context->checksum, &checksum, err) ||
		bindings_judge(&here, compare_bindings(acceptor, &checksum.bindings),
			&out->bindings_match, err) ||
		find_etypes(&context->authenticator_data, &offered, err))
		return err->status;
	out->flags = checksum.flags;
	out->subkey = choose_subkey(&offered, acceptor->permitted, key_type(context->session_key));
	context->mutual = checksum.flags & GSS_MUTUAL;
	if (step_is_traced(trace))
		step_trace(trace,
			"GSS-API: flags: %s; channel bindings: %s; encryption types offered for "
			"the acceptor's subkey: %u, chosen: %s",
			gss_flags_text(checksum.flags, (char[GSS_FLAGS_TEXT_SIZE]){0}),
			bindings_text(acceptor, &checksum, out->bindings_match), offered.count,
			context->mutual ? enctype_name(out->subkey) : "no subkey");
	if (checksum.delegated.data)
		return gss_delegation_read(
			context, checksum.delegated, trace, acceptor->delegated, err);
	return STATUS_OK;
}

enum status gss_accept(const struct gss_acceptor *acceptor, const struct ap_trace *trace,
	struct ap_context *context, struct gss_accepted *out, struct error *err)
{
	*out = (struct gss_accepted){0};
	enum status status = accept_context(acceptor, trace, context, out, err);
	if (status != STATUS_OK)
		*out = (struct gss_accepted){0};
	return status;
}

enum status gss_reply(const struct gss_accepted *accepted, const struct ap_trace *trace,
	struct ap_context *context, struct buffer *token, struct error *err)
{
	AUTO_BUFFER ap_rep = {0};
	if (ap_rep_make(accepted->subkey, trace, context, &ap_rep, err))
		return err->status;
	return gss_token_write(GSS_TOKEN_AP_REP, buffer_slice(&ap_rep), token, err);
}

enum status gss_refuse(const struct ap_refusal *refusal, struct buffer *token, struct error *err)
{
	AUTO_BUFFER krb_error = {0};
	if (krb_error_make(refusal, &krb_error, err))
		return err->status;
	return gss_token_write(GSS_TOKEN_ERROR, buffer_slice(&krb_error), token, err);
}

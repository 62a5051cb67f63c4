/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/authdata.h"
#include "ap/bindings.h"
#include "ap/service.h"
#include "ap/step.h"
#include "ap/ticket.h"
#include "ap/transited.h"
#include "base/text.h"

/* ---- make: the client's side ---- */

static size_t principal_octets(const struct principal *p)
{
	size_t octets = p->realm.len;
	for (unsigned i = 0; i < p->count; i++)
		octets += p->component[i].len;
	return octets;
}

/* A copy at the end of `storage`, which has the room: nothing that points into it moves. */
static enum status copy_slice(struct slice in, struct buffer *storage, struct slice *out)
{
	size_t start = storage->len;
	enum status status = buffer_append(storage, in);
	*out = slice_of(storage->data + start, in.len);
	return status;
}

static enum status copy_principal(
	const struct principal *in, struct buffer *storage, struct principal *out)
{
	*out = (struct principal){.type = in->type, .count = in->count};
	enum status status = copy_slice(in->realm, storage, &out->realm);
	for (unsigned i = 0; i < in->count && status == STATUS_OK; i++)
		status = copy_slice(in->component[i], storage, &out->component[i]);
	return status;
}

/* What the client knows of its ticket; the ticket itself stands first in context->token. */
static enum status take_credential(
	const struct credential *credential, struct ap_context *context, struct error *err)
{
	struct slice der;
	struct ticket ticket;
	if (buffer_reserve(&context->token,
		    credential->ticket.len + principal_octets(&credential->client)) ||
		copy_slice(credential->ticket, &context->token, &der) ||
		copy_principal(&credential->client, &context->token, &context->client))
		return error_no_memory(err);
	if (der_read_ticket(der, &ticket, err))
		return error_prefix(err, "the ticket for %s", PRINCIPAL_TEXT(&credential->server));
	const struct encryption_key key = {credential->key_type, credential->key};
	if (step_key(&key, "the credential's session key", &context->session_key, err))
		return err->status;

	context->server = ticket.server;
	context->ticket_enctype = ticket.enc_part.etype;
	context->ticket_has_kvno = ticket.enc_part.has_kvno;
	context->ticket_kvno = ticket.enc_part.kvno;
	context->ticket_flags = credential->flags;
	context->authtime = credential->authtime;
	context->starttime = credential->starttime;
	context->endtime = credential->endtime;
	context->renew_till = credential->renew_till;
	return STATUS_OK;
}

/* `value` is the memory of a checksum that is made here. */
static enum status make_checksum(const struct ap_initiator *initiator, struct key *session_key,
	unsigned char value[CHECKSUM_MAX_LENGTH], struct checksum *out, struct error *err)
{
	if (!initiator->checksummed.data) {
		*out = initiator->checksum;
		return STATUS_OK;
	}
	const struct enctype *type = key_type(session_key);
	out->type = enctype_checksum_type(type);
	out->value = slice_of(value, enctype_checksum_length(type));
	return key_checksum(session_key, USAGE_AP_REQ_CHECKSUM,
		(struct pieces){&initiator->checksummed, 1}, value, err);
}

static enum status make_authenticator(const struct ap_initiator *initiator,
	const struct ap_context *context, struct buffer *cipher, struct error *err)
{
	AUTO_BUFFER plain = {0};
	AUTO_BUFFER announcement = {0};
	unsigned char value[CHECKSUM_MAX_LENGTH];
	struct key *subkey = context->initiator_subkey;
	struct authenticator authenticator = {
		.client = context->client,
		.time = context->time,
		.has_seq_number = true,
		.seq_number = context->initiator_seq,
	};
	if (subkey)
		authenticator.subkey = (struct encryption_key){
			.type = enctype_number(key_type(subkey)), .value = key_octets(subkey)};
	struct authorization_data *data = &authenticator.authorization_data;
	if (initiator->authorization_data)
		*data = *initiator->authorization_data;
	if (initiator->announces_bindings &&
		bindings_announce(&announcement, &data->element[data->count++], err))
		return err->status;
	if (make_checksum(initiator, context->session_key, value, &authenticator.checksum, err) ||
		der_write_authenticator(&authenticator, &plain, err))
		return err->status;
	return key_encrypt(context->session_key, USAGE_AP_REQ_AUTHENTICATOR, buffer_slice(&plain),
		cipher, err);
}

static enum status make_req(const struct ap_initiator *initiator, struct ap_context *context,
	struct buffer *token, struct error *err)
{
	AUTO_BUFFER cipher = {0};
	if (take_credential(initiator->credential, context, err) ||
		step_seq_number(&context->initiator_seq, err))
		return err->status;
	const struct enctype *type = key_type(context->session_key);
	context->mutual = initiator->mutual;
	context->time = initiator->now;
	context->has_initiator_seq = true;
	if (initiator->subkey && key_random(type, &context->initiator_subkey, err))
		return err->status;
	if (make_authenticator(initiator, context, &cipher, err))
		return err->status;

	const struct ap_req req = {
		.options = initiator->mutual ? AP_OPTION_MUTUAL_REQUIRED : 0,
		.ticket_der = initiator->credential->ticket,
		.authenticator = {.etype = enctype_number(type), .cipher = buffer_slice(&cipher)},
	};
	return der_write_ap_req(&req, token, err);
}

static const char *mutual_text(bool mutual)
{
	return mutual ? "mutual authentication asked for" : "no mutual authentication asked for";
}

static void trace_made(const struct ap_trace *trace, const struct ap_context *context)
{
	step_trace(trace,
		"1: AP-REQ made: client %s, service %s, ticket encrypted with %s, session key %s, "
		"time %s, %s, subkey %s",
		PRINCIPAL_TEXT(&context->client), PRINCIPAL_TEXT(&context->server),
		ENCTYPE_TEXT(context->ticket_enctype), enctype_name(key_type(context->session_key)),
		TIME_TEXT(context->time.seconds), mutual_text(context->mutual),
		step_subkey_text(context->initiator_subkey));
}

enum status ap_req_make(const struct ap_initiator *initiator, const struct ap_trace *trace,
	struct ap_context *context, struct buffer *token, struct error *err)
{
	enum status status = make_req(initiator, context, token, err);
	if (status != STATUS_OK) {
		ap_context_clear(context);
		return status;
	}
	if (step_is_traced(trace))
		trace_made(trace, context);
	return STATUS_OK;
}

/* ---- read: the server's side ---- */

/* The message in the context's own memory, and what stands in it in clear. */
static enum status read_message(
	struct slice token, struct ap_context *context, struct ap_req *req, struct error *err)
{
	if (step_expect(token, KRB_AP_REQ, err))
		return err->status;
	if (token.len > DER_MAX_TOKEN)
		return error_set_shown(err, ERR_SYNTAX,
			"the AP-REQ has %zu octets, more than %d are not read", token.len,
			DER_MAX_TOKEN);
	if (buffer_append(&context->token, token))
		return error_no_memory(err);
	if (der_read_ap_req(buffer_slice(&context->token), req, err))
		return err->status;

	context->server = req->ticket.server;
	context->mutual = req->options & AP_OPTION_MUTUAL_REQUIRED;
	context->ticket_enctype = req->ticket.enc_part.etype;
	context->ticket_has_kvno = req->ticket.enc_part.has_kvno;
	context->ticket_kvno = req->ticket.enc_part.kvno;
	if (req->options & AP_OPTION_USE_SESSION_KEY)
		return error_set_shown(err, KRB_AP_ERR_NOKEY,
			"the AP-REQ has the option USE-SESSION-KEY: the ticket is encrypted for "
			"user-to-user authentication, which this service does not do");
	return STATUS_OK;
}

/* A decrypted ticket. */
struct opened {
	struct enc_ticket_part part;
	const struct keytab_entry *entry; /* the one with the service's key */
};

/* Step 2: the ticket. */
static enum status read_ticket(const struct ap_acceptor *acceptor, const struct ticket *ticket,
	struct ap_context *context, struct opened *opened, struct error *err)
{
	struct buffer *plain = &context->ticket_plain;
	struct enc_ticket_part *part = &opened->part;
	if (service_open_ticket(acceptor, ticket, plain, &opened->entry, err))
		return err->status;
	if (der_read_enc_ticket_part(buffer_slice(plain), part, err))
		return error_prefix(err, "the ticket's encrypted part");
	if (service_check_enctype(acceptor, part->key.type, "the session key's type", err) ||
		step_key(&part->key, "the ticket's session key", &context->session_key, err))
		return err->status;

	context->client = part->client;
	context->ticket_flags = part->flags;
	context->authtime = part->authtime;
	context->starttime = ticket_start(part);
	context->endtime = part->endtime;
	context->renew_till = part->has_renew_till ? part->renew_till : 0;
	context->authorization_data = part->authorization_data.der;
	return STATUS_OK;
}

static void trace_ticket(
	const struct ap_trace *trace, const struct ap_context *context, unsigned kvno)
{
	if (step_is_traced(trace))
		step_trace(trace,
			"2: ticket decrypted: client %s, service %s, %s, kvno %u of the keytab, "
			"session key %s, valid from %s to %s, flags: %s",
			PRINCIPAL_TEXT(&context->client), PRINCIPAL_TEXT(&context->server),
			ENCTYPE_TEXT(context->ticket_enctype), kvno,
			enctype_name(key_type(context->session_key)), TIME_TEXT(context->starttime),
			TIME_TEXT(context->endtime),
			ticket_flags_text(
				context->ticket_flags, (char[TICKET_FLAGS_TEXT_SIZE]){0}));
}

static void take_authenticator(
	const struct authenticator *authenticator, struct ap_context *context)
{
	const struct authorization_data *data = &authenticator->authorization_data;
	context->checksum = authenticator->checksum;
	context->has_initiator_seq = authenticator->has_seq_number;
	context->initiator_seq = authenticator->seq_number;
	context->authenticator_data.count = data->count;
	context->authenticator_data.der = data->der;
	for (unsigned i = 0; i < data->count; i++)
		context->authenticator_data.element[i] = data->element[i];
}

static enum status take_subkey(const struct ap_acceptor *acceptor,
	const struct encryption_key *subkey, struct ap_context *context, struct error *err)
{
	static const char what[] = "the authenticator's subkey";
	if (service_check_enctype(acceptor, subkey->type, what, err))
		return err->status;
	return step_key(subkey, what, &context->initiator_subkey, err);
}

/* What decrypted is long enough to have one. */
static struct slice tag_of(const struct ap_context *context, struct slice cipher)
{
	size_t length = enctype_checksum_length(key_type(context->session_key));
	return slice_of(cipher.data + cipher.len - length, length);
}

/* Step 3: the authenticator, ... */
static enum status read_authenticator(const struct encrypted_data *encrypted,
	struct ap_context *context, struct authenticator *out, struct error *err)
{
	static const struct step_part part = {USAGE_AP_REQ_AUTHENTICATOR, "the authenticator"};
	struct buffer *plain = &context->authenticator_plain;
	if (step_decrypt(context, &part, encrypted, plain, err))
		return err->status;
	if (der_read_authenticator(buffer_slice(plain), out, err))
		return error_prefix(err, "%s", part.name);
	context->time = out->time;
	context->authenticator_tag = tag_of(context, encrypted->cipher);
	return STATUS_OK;
}

/* ... and ticket and authenticator together against the present. */
static enum status accept_authenticator(const struct ap_acceptor *acceptor,
	const struct enc_ticket_part *ticket, const struct authenticator *authenticator,
	struct ap_context *context, struct error *err)
{
	int64_t skew = krb5_conf_clock_skew(acceptor->conf);
	if (ticket_check_client(ticket, authenticator, err) ||
		ticket_check_address(ticket, &acceptor->peer, err) ||
		ticket_check_skew(ticket, authenticator->time, acceptor->now, skew, err) ||
		ticket_check_times(ticket, acceptor->now, skew, err))
		return err->status;
	if (authenticator->subkey.value.data &&
		take_subkey(acceptor, &authenticator->subkey, context, err))
		return err->status;
	take_authenticator(authenticator, context);
	return STATUS_OK;
}

/* What restricts the use of the ticket. */
static enum status check_restrictions(const struct ap_acceptor *acceptor,
	const struct opened *opened, const struct authenticator *authenticator,
	struct ap_context *context, struct error *err)
{
	const struct enc_ticket_part *ticket = &opened->part;
	const struct pac_ticket of_pac = {&ticket->client, ticket->authtime, opened->entry->key};
	struct slice pac = SLICE_EMPTY;
	struct slice *wanted = acceptor->pac.policy == PAC_IGNORE ? NULL : &pac;
	if (ap_check_anonymous(&ticket->client, ticket->flags, err))
		return err->status;
	if (transited_check(ticket, context->server.realm, acceptor->conf, err))
		return err->status;
	if (authdata_check(&ticket->authorization_data, 0, context->session_key, wanted, err))
		return error_prefix(err, "the ticket's authorization data");
	if (authdata_check(&authenticator->authorization_data, acceptor->understood_ad_type,
		    context->session_key, NULL, err))
		return error_prefix(err, "the authenticator's authorization data");
	return pac_judge(&acceptor->pac, pac, &of_pac, &context->pac, err);
}

static void trace_pac(const struct ap_trace *trace, const struct pac *pac)
{
	if (!pac)
		return;
	if (pac->fault[0]) {
		step_trace(trace, "the ticket's PAC is not believed: %s", pac->fault);
		return;
	}
	step_trace(trace,
		"the ticket's PAC is verified: account \"%s\" of \"%s\", UPN \"%s\", SID %s, "
		"%u groups; ticket signature: %s, full signature: %s",
		TEXT(buffer_slice(&pac->account)), TEXT(pac_domain(pac)),
		TEXT(buffer_slice(&pac->upn)), pac->has_sid ? SID_TEXT(&pac->sid) : "none",
		pac->group_count, pac->has_ticket_signature ? "yes" : "no",
		pac->has_full_signature ? "yes" : "no");
}

static enum status read_req(const struct ap_acceptor *acceptor, struct slice token,
	const struct ap_trace *trace, struct ap_context *context, struct error *err)
{
	struct ap_req req;
	struct opened ticket;
	struct authenticator authenticator;
	if (read_message(token, context, &req, err) ||
		read_ticket(acceptor, &req.ticket, context, &ticket, err))
		return err->status;
	trace_ticket(trace, context, ticket.entry->kvno);
	if (read_authenticator(&req.authenticator, context, &authenticator, err) ||
		accept_authenticator(acceptor, &ticket.part, &authenticator, context, err) ||
		check_restrictions(acceptor, &ticket, &authenticator, context, err))
		return err->status;
	if (step_is_traced(trace)) {
		step_trace(trace,
			"3: authenticator decrypted: time %s and %d us, within %s of this "
			"server's, "
			"subkey %s",
			TIME_TEXT(context->time.seconds), context->time.microseconds,
			SPAN_TEXT(timestamp_distance(context->time, acceptor->now)),
			step_subkey_text(context->initiator_subkey));
		trace_pac(trace, context->pac);
		step_trace(trace, "4: %s", mutual_text(context->mutual));
	}
	return STATUS_OK;
}

/*
 * Releases everything but what a KRB-ERROR may say, and the client's name,
 * which the log says. The name stood in the ticket's plain text, where the
 * session key is too, and which goes.
 */
static void keep_for_refusal(struct ap_context *context)
{
	struct buffer name = {0};
	struct principal client = {0};
	if (context->client.count > 0 &&
		(buffer_reserve(&name, principal_octets(&context->client)) ||
			copy_principal(&context->client, &name, &client)))
		client = (struct principal){0};
	struct ap_context kept = {
		.client = client,
		.server = context->server,
		.mutual = context->mutual,
		.time = context->time,
		.token = context->token,
		.ticket_plain = name,
	};
	context->token = (struct buffer){0};
	ap_context_clear(context);
	*context = kept;
}

enum status ap_req_read(const struct ap_acceptor *acceptor, struct slice token,
	const struct ap_trace *trace, struct ap_context *context, struct error *err)
{
	enum status status = read_req(acceptor, token, trace, context, err);
	if (status != STATUS_OK)
		keep_for_refusal(context);
	return status;
}

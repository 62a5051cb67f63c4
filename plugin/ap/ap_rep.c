/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/step.h"

static enum status write_rep(const struct ap_context *context, const struct enc_ap_rep_part *part,
	struct buffer *token, struct error *err)
{
	AUTO_BUFFER plain = {0};
	AUTO_BUFFER cipher = {0};
	if (der_write_enc_ap_rep_part(part, &plain, err) ||
		key_encrypt(context->session_key, USAGE_AP_REP, buffer_slice(&plain), &cipher, err))
		return err->status;

	const struct ap_rep rep = {
		.enc_part = {.etype = enctype_number(key_type(context->session_key)),
			.cipher = buffer_slice(&cipher)},
	};
	return der_write_ap_rep(&rep, token, err);
}

enum status ap_rep_make(const struct enctype *subkey, const struct ap_trace *trace,
	struct ap_context *context, struct buffer *token, struct error *err)
{
	struct enc_ap_rep_part part = {.time = context->time, .has_seq_number = true};
	AUTO_KEY fresh = NULL;
	if (step_seq_number(&part.seq_number, err) || (subkey && key_random(subkey, &fresh, err)))
		return err->status;
	if (fresh)
		part.subkey = (struct encryption_key){
			.type = enctype_number(key_type(fresh)), .value = key_octets(fresh)};
	if (write_rep(context, &part, token, err))
		return err->status;

	key_release(context->acceptor_subkey);
	context->acceptor_subkey = key_ref(fresh);
	context->has_acceptor_seq = true;
	context->acceptor_seq = part.seq_number;
	if (step_is_traced(trace))
		step_trace(trace,
			"5: AP-REP made: client's time %s and %d us, encrypted with %s; subkey %s",
			TIME_TEXT(part.time.seconds), part.time.microseconds,
			enctype_name(key_type(context->session_key)),
			step_subkey_text(context->acceptor_subkey));
	return STATUS_OK;
}

static enum status refuse_times(struct timestamp sent, struct timestamp came, struct error *err)
{
	return error_set_shown(err, KRB_AP_ERR_MUT_FAIL,
		"mutual authentication failed: the AP-REP has the time %s and %d us, the "
		"authenticator was sent with %s and %d us",
		TIME_TEXT(came.seconds), came.microseconds, TIME_TEXT(sent.seconds),
		sent.microseconds);
}

enum status ap_rep_read(struct slice token, const struct ap_trace *trace,
	struct ap_context *context, struct error *err)
{
	static const struct step_part encrypted_part = {USAGE_AP_REP, "the AP-REP"};
	AUTO_BUFFER plain = {0};
	AUTO_KEY subkey = NULL;
	struct ap_rep rep;
	struct enc_ap_rep_part part;
	if (step_expect(token, KRB_AP_REP, err) || der_read_ap_rep(token, &rep, err) ||
		step_decrypt(context, &encrypted_part, &rep.enc_part, &plain, err))
		return err->status;
	if (der_read_enc_ap_rep_part(buffer_slice(&plain), &part, err))
		return error_prefix(err, "the AP-REP's encrypted part");
	if (!timestamp_equal(part.time, context->time))
		return refuse_times(context->time, part.time, err);
	if (part.subkey.value.data && step_key(&part.subkey, "the AP-REP's subkey", &subkey, err))
		return err->status;

	key_release(context->acceptor_subkey);
	context->acceptor_subkey = key_ref(subkey);
	context->has_acceptor_seq = part.has_seq_number;
	context->acceptor_seq = part.seq_number;
	if (step_is_traced(trace))
		step_trace(trace,
			"6: AP-REP decrypted: its time is the authenticator's, the service is "
			"genuine; subkey %s",
			step_subkey_text(subkey));
	return STATUS_OK;
}

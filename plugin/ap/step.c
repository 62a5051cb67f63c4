/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/step.h"

#include <stdarg.h>
#include <stdio.h>

#include "crypto/random.h"

static const struct message_name {
	int type;
	const char *text;
} message_names[] = {
	{10, "an AS-REQ"},
	{11, "an AS-REP"},
	{12, "a TGS-REQ"},
	{13, "a TGS-REP"},
	{KRB_AP_REQ, "an AP-REQ"},
	{KRB_AP_REP, "an AP-REP"},
	{KRB_SAFE, "a KRB-SAFE"},
	{KRB_PRIV, "a KRB-PRIV"},
	{KRB_CRED, "a KRB-CRED"},
	{KRB_ERROR, "a KRB-ERROR"},
};

static const char *message_name(int type)
{
	for (size_t i = 0; i < sizeof message_names / sizeof *message_names; i++)
		if (message_names[i].type == type)
			return message_names[i].text;
	return "not a Kerberos message";
}

enum status step_expect(struct slice token, int message_type, struct error *err)
{
	int type = der_message_type(token);
	if (type == message_type)
		return STATUS_OK;
	return error_set_shown(err, KRB_AP_ERR_MSG_TYPE, "%s was expected, what came is %s",
		message_name(message_type), token.len == 0 ? "empty" : message_name(type));
}

enum status step_decrypt(const struct ap_context *context, const struct step_part *part,
	const struct encrypted_data *data, struct buffer *plain, struct error *err)
{
	const struct enctype *type = key_type(context->session_key);
	if (data->etype != enctype_number(type))
		return error_set_shown(err, KRB_AP_ERR_BAD_INTEGRITY,
			"%s is encrypted with %s, the session key is of type %s", part->name,
			ENCTYPE_TEXT(data->etype), enctype_name(type));
	enum status status =
		key_decrypt(context->session_key, part->usage, data->cipher, plain, err);
	if (status == KRB_AP_ERR_BAD_INTEGRITY)
		return error_set_shown(err, status,
			"%s does not decrypt with the ticket's session key", part->name);
	return status;
}

enum status step_seq_number(uint32_t *out, struct error *err)
{
	if (random_octets(out, sizeof *out, err))
		return err->status;
	*out &= (UINT32_C(1) << 30) - 1;
	if (*out == 0)
		*out = 1;
	return STATUS_OK;
}

enum status step_key(
	const struct encryption_key *in, const char *what, struct key **out, struct error *err)
{
	return key_new(in->type, in->value, out, err) ? error_prefix(err, "%s", what) : STATUS_OK;
}

bool step_is_traced(const struct ap_trace *trace)
{
	return trace && trace->line;
}

void step_trace(const struct ap_trace *trace, const char *fmt, ...)
{
	char text[2048];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	trace->line(trace->arg, text);
}

const char *step_subkey_text(const struct key *subkey)
{
	return subkey ? enctype_name(key_type(subkey)) : "none";
}

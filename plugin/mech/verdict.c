/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/verdict.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* A fault of this host, and not of what the peer sent. */
static bool is_own_fault(enum status status)
{
	return status == ERR_CRYPTO || status == ERR_FILE || status == ERR_UNSUPPORTED ||
	       status == ERR_UNTRUSTED;
}

int verdict_result(const struct error *err)
{
	if (err->status == ERR_NO_MEMORY)
		return SASL_NOMEM;
	return is_own_fault(err->status) ? SASL_FAIL : SASL_BADAUTH;
}

/* " from 192.0.2.7", or nothing. */
#define FROM_SIZE (sizeof " from " + ADDRESS_TEXT_LENGTH)
static const char *from_text(const sasl_server_params_t *params, char out[FROM_SIZE])
{
	char address[ADDRESS_TEXT_LENGTH + 1];
	out[0] = '\0';
	if (peer_address_text(params->ipremoteport, address))
		snprintf(out, FROM_SIZE, " from %s", address);
	return out;
}
#define FROM_TEXT(params) from_text((params), (char[FROM_SIZE]){0})

/* " (alice@EXAMPLE.TEST)", or nothing. */
#define CLIENT_SIZE (PRINCIPAL_TEXT_SIZE + sizeof " ()")
static const char *client_text(const struct ap_context *context, char out[CLIENT_SIZE])
{
	out[0] = '\0';
	if (context && context->client.count > 0)
		snprintf(out, CLIENT_SIZE, " (%s)", PRINCIPAL_TEXT(&context->client));
	return out;
}
#define CLIENT_TEXT(context) client_text((context), (char[CLIENT_SIZE]){0})

int verdict_refuse(struct acceptor *acceptor, const struct ap_context *context, int result,
	const struct error *err)
{
	bool own = result == SASL_FAIL || result == SASL_NOMEM;
	acceptor->refusal = result;
	logger_line(&acceptor->log, own ? SASL_LOG_ERR : SASL_LOG_FAIL, "login %s%s%s: %s",
		own ? "failed" : "refused", FROM_TEXT(acceptor->params), CLIENT_TEXT(context),
		err->text);
	logger_set_detail(&acceptor->log, error_shown(err));
	return result;
}

bool verdict_message(const struct acceptor *acceptor, const struct ap_context *context,
	const struct error *err, verdict_message_make *make, struct buffer *out)
{
	struct ap_refusal refusal = {
		.code = err->status,
		.now = timestamp_now(),
		.server = &context->server,
		.client_time = context->time,
		.text = error_shown(err),
	};
	/* If the message cannot be made, the peer gets none. What matters is logged already. */
	NEW_ERROR(unwanted);
	buffer_clear(out);
	return acceptor->sends_refusals && context->mutual &&
	       make(&refusal, out, &unwanted) == STATUS_OK;
}

void verdict_accepted(const struct acceptor *acceptor, const struct ap_context *context,
	const sasl_out_params_t *oparams)
{
	if (!logger_wants(&acceptor->log, SASL_LOG_NOTE))
		return;
	char other[TEXT_SIZE + 30] = "";
	if (strcmp(oparams->user, oparams->authid) != 0)
		snprintf(other, sizeof other, ", asking to act as \"%s\"",
			TEXT(slice_string(oparams->user)));
	logger_line(&acceptor->log, SASL_LOG_NOTE,
		"login accepted%s: %s authenticated to %s as \"%s\"%s, %s, %s, SSF %u",
		FROM_TEXT(acceptor->params), PRINCIPAL_TEXT(&context->client),
		PRINCIPAL_TEXT(&context->server), TEXT(slice_string(oparams->authid)), other,
		enctype_name(key_type(context->session_key)),
		context->mutual ? "mutual" : "not mutual", oparams->mech_ssf);
}

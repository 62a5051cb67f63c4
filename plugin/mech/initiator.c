/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/initiator.h"

#include "ap/ap.h"
#include "base/text.h"
#include "kdc/refused_tickets.h"
#include "mech/other_gssapi.h"
#include "mech/ticket_ways.h"
#include "sasl/address.h"
#include "sasl/identity.h"

/*
 * By the option, or because the application demands it; if the mechanism can. A server that is to
 * act as the user has to be genuine.
 */
static enum status read_delegate(
	struct initiator *initiator, const struct mechanism *mechanism, struct error *err)
{
	unsigned choice;
	enum status status = option_choice(&initiator->options, OPTION_DELEGATE, &choice, err);
	if (initiator->params->props.security_flags & SASL_SEC_PASS_CREDENTIALS)
		choice = DELEGATE_YES;
	if (!(mechanism->security_flags & SASL_SEC_PASS_CREDENTIALS))
		choice = DELEGATE_NO;
	initiator->delegate = choice;
	if (choice != DELEGATE_NO)
		initiator->mutual = true;
	return status;
}

/* By the option, or because the application demands it. */
static enum status read_mutual(struct initiator *initiator, struct error *err)
{
	enum status status = option_is(
		&initiator->options, OPTION_MUTUAL_CLIENT, "yes", &initiator->mutual, err);
	if (initiator->params->props.security_flags & SASL_SEC_MUTUAL_AUTH)
		initiator->mutual = true;
	return status;
}

/* The server hears of them too, so that nobody on the way can say that there are none. */
static enum status read_bindings_policy(struct initiator *initiator, struct error *err)
{
	unsigned policy;
	enum status status =
		option_choice(&initiator->options, OPTION_CHANNEL_BINDINGS, &policy, err);
	initiator->bindings_policy = (enum bindings_policy)policy;
	initiator->announces_bindings =
		policy == BINDINGS_REQUIRED ||
		(policy == BINDINGS_ALLOWED && krb5_conf_announces_bindings(initiator->conf));
	return status;
}

static enum status name_server(struct initiator *initiator, struct error *err)
{
	const sasl_client_params_t *params = initiator->params;
	struct service_names *service = &initiator->service;
	const char *name = option_text(&initiator->options, OPTION_SERVICE_PRINCIPAL_CLIENT);
	enum status status;
	if (name) {
		status = service_names_of_text(name, service, err);
		if (status)
			error_prefix(err, "option kerberos5_service_principal");
	} else {
		status = service_names_of_host(initiator->conf, params->service,
			host_name(params->serverFQDN), service, err);
	}
	initiator->server = &service->principal[0];
	return status;
}

static enum status begin(
	struct initiator *initiator, const struct mechanism *mechanism, struct error *err)
{
	const sasl_client_params_t *params = initiator->params;
	initiator->log = (struct logger){params->utils, params->log_level, mechanism->name};
	other_gssapi_warn(&initiator->log);
	if (krb5_conf_get(timestamp_now(), &initiator->conf, err))
		return err->status;
	initiator->options = option_source_of(&initiator->log, params->service, initiator->conf);
	if (read_mutual(initiator, err) || read_delegate(initiator, mechanism, err) ||
		read_bindings_policy(initiator, err) || name_server(initiator, err))
		return err->status;
	return ticket_ways_begin(initiator, err);
}

int initiator_open(
	struct initiator *initiator, const struct mechanism *mechanism, struct error *err)
{
	if (!initiator->conf && begin(initiator, mechanism, err))
		return logger_result(err, SASL_FAIL);
	if (!initiator->has_ticket) {
		int result = ticket_ways_go(initiator, err);
		if (result != SASL_OK)
			return result;
		initiator->has_ticket = true;
		const struct credential *credential = &initiator->ticket.credential;
		if (ap_check_anonymous(&credential->client, credential->flags, err) ||
			identity_of(&credential->client, krb5_conf_default_realm(initiator->conf),
				&initiator->authid, err))
			return logger_result(err, SASL_FAIL);
	}
	initiator->now = timestamp_now();
	initiator->now.seconds += initiator->kdc_offset;
	return SASL_OK;
}

/* The key was changed; or the ticket was taken by a clock that has been put right since. */
static bool may_be_outdated(enum status why)
{
	return why == KRB_AP_ERR_BAD_INTEGRITY || why == KRB_AP_ERR_MODIFIED ||
	       why == KRB_AP_ERR_BADKEYVER || why == KRB_AP_ERR_NOKEY || why == KRB_AP_ERR_SKEW;
}

void initiator_refused(const struct initiator *initiator, enum status why)
{
	if (initiator->has_ticket && may_be_outdated(why))
		ticket_refused(&initiator->ticket.credential, monotonic_milliseconds());
}

void initiator_close(struct initiator *initiator)
{
	credential_box_clear(&initiator->ticket);
	credential_box_clear(&initiator->delegated);
	service_names_clear(&initiator->service);
	krb5_conf_release(initiator->conf);
	answers_clear(&initiator->answers);
	buffer_free(&initiator->authid);
	*initiator = (struct initiator){
		.params = initiator->params,
		.log = initiator->log,
	};
}

int initiator_fail(const struct initiator *initiator, int result, const struct error *err)
{
	const struct logger log = logger_of_failures(&initiator->log);
	logger_line(&log, logger_fault_level(err), "%s", err->text);
	logger_set_detail(&initiator->log, err->text);
	return result;
}

int initiator_authzid(struct initiator *initiator, struct slice *authzid, struct error *err)
{
	struct answers *answers = &initiator->answers;
	int result =
		prompts_ask(initiator->params, initiator->prompts, QUESTION(ASK_AUTHZID), answers);
	*authzid = buffer_slice(&answers->text[ASK_AUTHZID]);
	if (result == SASL_OK && identity_check_authzid(*authzid, err))
		return logger_result(err, SASL_FAIL);
	if (result != SASL_OK && result != SASL_INTERACT)
		(void)error_set(err, KRB_ERR_GENERIC,
			"the application could not tell the authorization identity: %s",
			sasl_errstring(result, NULL, NULL));
	return result;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/acceptor.h"

#include <stdio.h>
#include <string.h>

#include "mech/login_name.h"
#include "mech/login_properties.h"
#include "mech/other_gssapi.h"
#include "mech/outage.h"
#include "mech/pac_options.h"
#include "mech/server_warnings.h"
#include "mech/trace.h"
#include "mech/verdict.h"
#include "sasl/identity.h"
#include "sasl/options.h"
#include "store/replay_cache.h"

/* Which protocols carry what sasl_errdetail() says when a login fails. */
static bool protocol_tells_reason(const char *service)
{
	return strcmp(service, "ldap") == 0;
}

static enum status read_refusal_message(struct acceptor *acceptor, struct error *err)
{
	const struct option_source *options = &acceptor->options;
	enum status status =
		option_is(options, OPTION_REFUSAL_MESSAGE, "yes", &acceptor->sends_refusals, err);
	if (!option_text(options, OPTION_REFUSAL_MESSAGE))
		acceptor->sends_refusals = !protocol_tells_reason(options->service);
	return status;
}

/* The name that virtual hosting pins: by option, or by krb5.conf and the server's own host name. */
static enum status read_pinned(struct acceptor *acceptor, struct error *err)
{
	const sasl_server_params_t *params = acceptor->params;
	const char *name = option_text(&acceptor->options, OPTION_SERVICE_PRINCIPAL);
	if (name) {
		enum status status = principal_parse(
			slice_string(name), &acceptor->pinned, &acceptor->pinned_storage, err);
		return status ? error_prefix(err, "option kerberos5_service_principal") : STATUS_OK;
	}
	struct slice host = host_name(params->serverFQDN);
	if (krb5_conf_pins_acceptor_hostname(acceptor->conf) && host.len > 0)
		acceptor->pinned = (struct principal){
			.type = NT_SRV_HST,
			.count = 2,
			.component = {slice_string(params->service), host},
		};
	return STATUS_OK;
}

/* The name of a store: by the option, else by what krb5.conf and the environment have. */
static enum status name_store(const struct option_source *options, enum option option,
	enum status (*standard)(
		const struct krb5_conf *conf, struct buffer *out, struct error *err),
	struct buffer *out, struct error *err)
{
	const char *name = option_text(options, option);
	if (!name)
		return standard(options->conf, out, err);
	enum status status = path_tokens_expand(name, out, err);
	return status ? error_prefix(err, "option %s", option_table[option].name) : STATUS_OK;
}

static enum status get_keytab(struct acceptor *acceptor, struct keytab **keytab, struct error *err)
{
	return keytab_get((const char *)acceptor->keytab_name.data, KEYTAB_SERVER, keytab,
		&acceptor->keytab_state, err);
}

static enum status open_keytab(struct acceptor *acceptor, struct error *err)
{
	if (name_store(&acceptor->options, OPTION_KEYTAB, krb5_conf_keytab_name,
		    &acceptor->keytab_name, err) ||
		get_keytab(acceptor, &acceptor->keytab, err))
		return err->status;
	server_warn_of_keytab(&acceptor->log, acceptor->keytab, acceptor->keytab_state);
	return STATUS_OK;
}

static struct ap_acceptor for_ap(const struct acceptor *acceptor, struct timestamp now)
{
	return (struct ap_acceptor){
		.keytab = acceptor->keytab,
		.principal = acceptor->pinned.count > 0 ? &acceptor->pinned : NULL,
		.service = slice_string(acceptor->params->service),
		.conf = acceptor->conf,
		.now = now,
		.pac = acceptor->pac,
	};
}

static enum status read_bindings_policy(struct acceptor *acceptor, struct error *err)
{
	unsigned policy;
	enum status status =
		option_choice(&acceptor->options, OPTION_CHANNEL_BINDINGS, &policy, err);
	acceptor->bindings_policy = (enum bindings_policy)policy;
	return status;
}

static enum status open_acceptor(struct acceptor *acceptor, struct error *err)
{
	struct timestamp now = timestamp_now();
	if (krb5_conf_get(now, &acceptor->conf, err))
		return err->status;

	acceptor->options =
		option_source_of(&acceptor->log, acceptor->params->service, acceptor->conf);
	if (option_is(&acceptor->options, OPTION_MUTUAL_SERVER, "required",
		    &acceptor->mutual_required, err) ||
		read_refusal_message(acceptor, err) || read_bindings_policy(acceptor, err) ||
		pac_demands_read(
			&acceptor->options, &acceptor->pac, &acceptor->required_groups, err) ||
		login_name_begin(acceptor, err) || read_pinned(acceptor, err) ||
		open_keytab(acceptor, err))
		return err->status;
	server_warn_of_missing_types(&acceptor->log);
	struct ap_acceptor ap = for_ap(acceptor, now);
	if (ap_acceptor_check(&ap, err))
		return err->status;
	server_warn_of_default_realm(&acceptor->log, acceptor->conf, acceptor->keytab);
	return STATUS_OK;
}

static int tell_unavailable(
	const struct acceptor *acceptor, const struct outage *outage, const struct error *err)
{
	char line[200];
	outage_tell(outage, acceptor->keytab_state, err->text);
	snprintf(line, sizeof line, "%s is not available on this server; its log says why",
		acceptor->log.mechanism);
	logger_set_detail(&acceptor->log, line);
	return err->status == ERR_NO_MEMORY ? SASL_NOMEM : SASL_NOMECH;
}

int acceptor_begin(struct acceptor *acceptor, sasl_server_params_t *params, const char *mechanism)
{
	NEW_ERROR(err);
	*acceptor = (struct acceptor){
		.params = params,
		.log = {params->utils, params->log_level, mechanism},
	};
	const struct outage outage = {
		.log = &acceptor->log,
		.service = params->service,
		.host = params->serverFQDN,
		.now = monotonic_milliseconds() / 1000,
	};
	other_gssapi_warn(&acceptor->log);
	if (open_acceptor(acceptor, &err))
		return tell_unavailable(acceptor, &outage, &err);
	outage_end(&outage);
	return SASL_OK;
}

void acceptor_close(struct acceptor *acceptor)
{
	keytab_release(acceptor->keytab);
	local_rules_release(acceptor->local_rules);
	krb5_conf_release(acceptor->conf);
	buffer_free(&acceptor->keytab_name);
	buffer_free(&acceptor->pinned_storage);
	buffer_free(&acceptor->required_groups);
	*acceptor = (struct acceptor){
		.params = acceptor->params,
		.log = acceptor->log,
	};
}

/*
 * Not one of those that may stand in krb5.conf, which may be what is broken. If
 * the option's value cannot be read, the mechanism is hidden.
 */
bool acceptor_stays_listed(const sasl_server_params_t *params, const char *mechanism)
{
	const struct logger log = {params->utils, params->log_level, mechanism};
	const struct option_source options = option_source_of(&log, params->service, NULL);
	bool stays;
	NEW_ERROR(unwanted);
	return option_is(&options, OPTION_HIDE, "no", &stays, &unwanted) == STATUS_OK && stays;
}

static bool wants_key(enum status status)
{
	return status == KRB_AP_ERR_NOT_US || status == KRB_AP_ERR_BADKEYVER ||
	       status == KRB_AP_ERR_NOKEY || status == KRB_AP_ERR_BAD_INTEGRITY;
}

/*
 * Takes the keytab's present snapshot; false if it is the one we have, or if there is
 * none: the refusal that made us look says what is missing.
 */
static bool renew_keytab(struct acceptor *acceptor)
{
	struct keytab *fresh;
	NEW_ERROR(unwanted);
	if (get_keytab(acceptor, &fresh, &unwanted))
		return false;
	bool changed = fresh != acceptor->keytab;
	keytab_release(acceptor->keytab);
	acceptor->keytab = fresh;
	return changed;
}

static void warn_of_pac(const struct acceptor *acceptor, const struct ap_context *context)
{
	if (context->pac && context->pac->fault[0])
		logger_line(&acceptor->log, SASL_LOG_WARN,
			"the PAC in the ticket of %s is not believed and counts as absent: %s",
			PRINCIPAL_TEXT(&context->client), context->pac->fault);
}

enum status acceptor_read(struct acceptor *acceptor, int32_t understood_ad_type, struct slice token,
	struct ap_context *context, struct error *err)
{
	const sasl_server_params_t *params = acceptor->params;
	unsigned char address[ADDRESS_MAX_LENGTH];
	struct ap_trace trace = trace_to(&acceptor->log);
	struct ap_acceptor ap = for_ap(acceptor, timestamp_now());
	ap.peer = address_parse(params->ipremoteport, address);
	ap.understood_ad_type = understood_ad_type;
	/* Not before: it may have been demanded after the mechanisms were listed. */
	if (params->props.security_flags & SASL_SEC_MUTUAL_AUTH)
		acceptor->mutual_required = true;

	ap_context_clear(context);
	enum status status = ap_req_read(&ap, token, &trace, context, err);
	if (wants_key(status) && renew_keytab(acceptor)) {
		ap.keytab = acceptor->keytab;
		ap_context_clear(context);
		status = ap_req_read(&ap, token, &trace, context, err);
	}
	if (!status)
		warn_of_pac(acceptor, context);
	return status;
}

static int64_t seconds_now(void)
{
	return timestamp_now().seconds;
}

enum status acceptor_record(
	const struct acceptor *acceptor, const struct ap_context *context, struct error *err)
{
	AUTO_BUFFER name = {0};
	enum status status = name_store(
		&acceptor->options, OPTION_REPLAY_CACHE, krb5_conf_replay_cache_name, &name, err);
	/* A slip in this host's configuration is no fault of the peer's. */
	if (status == ERR_SYNTAX)
		err->status = ERR_UNSUPPORTED;
	if (status)
		return err->status;
	const struct replay_entry entry = {
		.tag = context->authenticator_tag,
		.time = context->time.seconds,
		.skew = krb5_conf_clock_skew(acceptor->conf),
		.now = seconds_now,
	};
	status = replay_cache_store((const char *)name.data, &entry, err);
	if (status == KRB_AP_ERR_REPEAT)
		return error_show(err, "the request was seen before: it is a replay");
	return status;
}

/* What libsasl2 says of a name that it cannot take. */
static bool is_about_the_name(int result)
{
	return result == SASL_BADPARAM || result == SASL_BADPROT || result == SASL_BUFOVER;
}

int acceptor_finish(const struct acceptor *acceptor, const struct ap_context *context,
	struct slice authzid, sasl_out_params_t *oparams, struct error *err)
{
	const sasl_server_params_t *params = acceptor->params;
	AUTO_BUFFER authid = {0};
	if (identity_check_authzid(authzid, err) || login_name_of(acceptor, context, &authid, err))
		return verdict_result(err);

	const struct identity_request names = {
		.utils = params->utils,
		.canon_user = params->canon_user,
		.authid = buffer_slice(&authid),
		.authzid = authzid,
	};
	int result = identity_canonicalize(&names, oparams, err);
	if (result != SASL_OK)
		return is_about_the_name(result) ? SASL_BADAUTH : result;

	result = login_properties_set(params, context);
	if (result != SASL_OK)
		(void)error_set(err, KRB_ERR_GENERIC,
			"the properties of the login cannot be stored: %s",
			sasl_errstring(result, NULL, NULL));
	return result;
}

#include "mech/initiator.h"

#include "base/text.h"
#include "sasl/address.h"
#include "sasl/identity.h"
#include "sasl/options.h"
#include "sasl/prompts.h"

static struct option_source options_of(
	const struct initiator *initiator, const sasl_client_params_t *params)
{
	return (struct option_source){
		.utils = params->utils,
		.mechanism = initiator->log.mechanism,
		.service = params->service,
		.conf = initiator->conf,
	};
}

static enum status read_mutual(
	struct initiator *initiator, const sasl_client_params_t *params, struct error *err)
{
	struct option_source options = options_of(initiator, params);
	unsigned choice;
	enum status status = option_choice(&options, OPTION_MUTUAL_CLIENT, &choice, err);
	initiator->mutual =
		choice == 0 || (params->props.security_flags & SASL_SEC_MUTUAL_AUTH) != 0;
	return status;
}

/* SERVICE/host, from what the application knows of the server. */
static enum status name_host(
	struct initiator *initiator, const sasl_client_params_t *params, struct error *err)
{
	struct buffer *host = &initiator->server_storage;
	struct slice given = host_name(params->serverFQDN);
	if (given.len == 0)
		return error_set(err, KRB_ERR_GENERIC,
			"the application gave no name of the server's host, which Kerberos needs");
	if (buffer_append(host, given) || buffer_append(host, SLICE_LITERAL("\0")))
		return error_no_memory(err);
	host->len--;
	for (size_t i = 0; i < host->len; i++)
		if (host->data[i] >= 'A' && host->data[i] <= 'Z')
			host->data[i] = (unsigned char)(host->data[i] - 'A' + 'a');

	initiator->server = (struct principal){
		.type = NT_SRV_HST,
		.count = 2,
		.component = {slice_string(params->service), buffer_slice(host)},
		.realm = slice_string(
			krb5_conf_host_realm(initiator->conf, (const char *)host->data)),
	};
	return STATUS_OK;
}

static enum status name_server(
	struct initiator *initiator, const sasl_client_params_t *params, struct error *err)
{
	struct option_source options = options_of(initiator, params);
	const char *name = option_text(&options, OPTION_SERVICE_PRINCIPAL_CLIENT);
	if (!name)
		return name_host(initiator, params, err);
	enum status status = principal_parse(
		slice_string(name), &initiator->server, &initiator->server_storage, err);
	return status ? error_prefix(err, "option kerberos5_service_principal") : STATUS_OK;
}

/* With "strict", the name that the application gave has to be that of the tickets. */
static enum status check_client(
	const struct initiator *initiator, sasl_client_params_t *params, struct error *err)
{
	struct option_source options = options_of(initiator, params);
	struct option_words words;
	const char *name;
	enum status status = option_list(&options, OPTION_CREDENTIALS, &words, err);
	if (status || !option_words_have(&words, CREDENTIALS_STRICT))
		return status;
	if (prompt_authname(params, &name) != SASL_OK)
		return error_set(
			err, KRB_ERR_GENERIC, "the application could not tell who is to log in");
	const struct principal *client = ccache_client(initiator->ccache);
	if (!name || identity_matches(client, krb5_conf_default_realm(initiator->conf), name))
		return STATUS_OK;
	return error_set(err, ERR_NOT_FOUND,
		"\"%s\" is to log in, and the credential cache %s has tickets of %s: run kinit, "
		"set "
		"KRB5CCNAME, or leave strict out of the option kerberos5_credentials",
		TEXT(slice_string(name)), ccache_name(initiator->ccache), PRINCIPAL_TEXT(client));
}

static enum status find_ticket(
	struct initiator *initiator, sasl_client_params_t *params, struct error *err)
{
	AUTO_BUFFER name = {0};
	enum status status = krb5_conf_ccache_name(initiator->conf, &name, err);
	if (status || (status = ccache_open((const char *)name.data, &initiator->ccache, err)) ||
		(status = check_client(initiator, params, err)))
		return status;
	initiator->now.seconds += ccache_kdc_offset(initiator->ccache);
	return ccache_find(initiator->ccache, &initiator->server,
		krb5_conf_permitted_enctypes(initiator->conf), initiator->now.seconds,
		&initiator->credential, err);
}

enum status initiator_open(struct initiator *initiator, sasl_client_params_t *params,
	const char *mechanism, struct error *err)
{
	*initiator = (struct initiator){
		.log = {params->utils, params->log_level, mechanism},
		.now = timestamp_now(),
	};
	enum status status = krb5_conf_get(initiator->now, &initiator->conf, err);
	if (status || (status = read_mutual(initiator, params, err)) ||
		(status = name_server(initiator, params, err)) ||
		(status = find_ticket(initiator, params, err)))
		return status;
	return identity_of(&initiator->credential.client, krb5_conf_default_realm(initiator->conf),
		&initiator->authid, err);
}

void initiator_close(struct initiator *initiator)
{
	ccache_close(initiator->ccache);
	krb5_conf_release(initiator->conf);
	buffer_free(&initiator->server_storage);
	buffer_free(&initiator->authid);
	*initiator = (struct initiator){.log = initiator->log};
}

int initiator_fail(const struct initiator *initiator, int result, const struct error *err)
{
	logger_line(&initiator->log, logger_fault_level(err), "%s", err->text);
	logger_set_detail(&initiator->log, err->text);
	return result;
}

int initiator_authzid(sasl_client_params_t *params, sasl_interact_t **prompts,
	struct slice *authzid, struct error *err)
{
	const char *name;
	int result = prompt_authzid(params, prompts, &name);
	*authzid = slice_string(name);
	if (result == SASL_OK && identity_check_authzid(*authzid, err))
		return logger_result(err, SASL_FAIL);
	if (result != SASL_OK && result != SASL_INTERACT)
		(void)error_set(err, KRB_ERR_GENERIC,
			"the application could not tell the authorization identity: %s",
			sasl_errstring(result, NULL, NULL));
	return result;
}

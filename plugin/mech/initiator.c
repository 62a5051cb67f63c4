#include "mech/initiator.h"

#include <string.h>

#include "base/text.h"
#include "sasl/identity.h"
#include "sasl/options.h"

static enum status read_mutual(
	struct initiator *initiator, const sasl_client_params_t *params, struct error *err)
{
	struct option_source options = {
		.utils = params->utils,
		.mechanism = initiator->log.mechanism,
		.service = params->service,
		.conf = initiator->conf,
	};
	unsigned choice;
	enum status status = option_choice(&options, OPTION_MUTUAL_CLIENT, &choice, err);
	initiator->mutual =
		choice == 0 || (params->props.security_flags & SASL_SEC_MUTUAL_AUTH) != 0;
	return status;
}

static enum status name_server(
	struct initiator *initiator, const sasl_client_params_t *params, struct error *err)
{
	struct buffer *host = &initiator->host;
	struct slice given = slice_string(params->serverFQDN);
	if (given.len > 0 && given.data[given.len - 1] == '.')
		given.len--;
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

static enum status find_ticket(struct initiator *initiator, struct error *err)
{
	AUTO_BUFFER name = {0};
	enum status status = krb5_conf_ccache_name(initiator->conf, &name, err);
	if (status || (status = ccache_open((const char *)name.data, &initiator->ccache, err)))
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
		(status = find_ticket(initiator, err)))
		return status;
	return identity_of(&initiator->credential.client, krb5_conf_default_realm(initiator->conf),
		&initiator->authid, err);
}

void initiator_close(struct initiator *initiator)
{
	ccache_close(initiator->ccache);
	krb5_conf_release(initiator->conf);
	buffer_free(&initiator->host);
	buffer_free(&initiator->authid);
	*initiator = (struct initiator){.log = initiator->log};
}

/*
 * The client side of KERBEROS_V5. A connection goes from START (the
 * challenge is due) to FINISHED, by way of ASKED (the AP-REP is due) where
 * mutual authentication was asked for.
 */
#include "mech/kerberos_v5.h"

#include <stdlib.h>

#include "mech/initiator.h"
#include "mech/trace.h"
#include "sasl/identity.h"
#include "sasl/prompts.h"

struct client {
	enum { START, ASKED, FINISHED, FAILED } state;
	struct initiator initiator;
	struct ap_context context;
	struct buffer out; /* what the last step gave to libsasl2 */
};

static void client_dispose(void *context, const sasl_utils_t *utils)
{
	(void)utils;
	struct client *client = context;
	if (!client)
		return;
	initiator_close(&client->initiator);
	ap_context_clear(&client->context);
	buffer_free(&client->out);
	wipe(client, sizeof *client);
	free(client);
}

static int client_new(void *glob_context, sasl_client_params_t *params, void **context)
{
	(void)glob_context, (void)params;
	*context = calloc(1, sizeof(struct client));
	return *context ? SASL_OK : SASL_NOMEM;
}

/* The user reads the whole reason: it is the user's own host that it speaks of. */
static int fail(struct client *client, int result, const struct error *err)
{
	client->state = FAILED;
	logger_line(&client->initiator.log, logger_fault_level(err), "%s", err->text);
	logger_set_detail(&client->initiator.log, err->text);
	return result;
}

static enum status choose_layers(
	const struct challenge *challenge, bool mutual, unsigned *layers, struct error *err)
{
	*layers = LAYER_NONE | (mutual ? LAYER_MUTUAL : 0);
	if ((challenge->layers & LAYER_NONE) == 0)
		return error_set(err, KRB_ERR_GENERIC,
			"the server insists on a security layer (it offers 0x%02x)",
			challenge->layers);
	if (mutual && (challenge->layers & LAYER_MUTUAL) == 0)
		return error_set(err, KRB_AP_ERR_MUT_FAIL,
			"the server does not offer mutual authentication, which is asked for here "
			"(option kerberos5_mutual)");
	return STATUS_OK;
}

static enum status make_ap_req(struct client *client, const struct challenge *challenge,
	struct slice authzid, struct error *err)
{
	struct initiator *initiator = &client->initiator;
	AUTO_BUFFER octets = {0};
	struct binding binding = {.authzid = authzid};
	enum status status = identity_check_authzid(authzid, err);
	if (status ||
		(status = choose_layers(challenge, initiator->mutual, &binding.layers, err)) ||
		(status = binding_make(&binding, challenge, &octets, err)))
		return status;

	const struct authorization_data data = {
		.count = 1,
		.element = {{AD_KERBEROS_V5_BINDING, buffer_slice(&octets)}},
	};
	const struct ap_initiator ap = {
		.credential = &initiator->credential,
		.now = initiator->now,
		.mutual = initiator->mutual,
		.subkey = true,
		.checksummed = buffer_slice(&octets),
		.authorization_data = &data,
	};
	const struct ap_trace trace = trace_to(&initiator->log);
	return ap_req_make(&ap, &trace, &client->context, &client->out, err);
}

static int finish(struct client *client, sasl_out_params_t *oparams)
{
	client->state = FINISHED;
	oparams->doneflag = 1;
	oparams->mech_ssf = 0;
	oparams->maxoutbuf = 0;
	oparams->encode_context = NULL;
	oparams->encode = NULL;
	oparams->decode_context = NULL;
	oparams->decode = NULL;
	oparams->param_version = 0;
	return SASL_OK;
}

static int answer_challenge(struct client *client, sasl_client_params_t *params, struct slice token,
	sasl_interact_t **prompts, const char **out, unsigned *out_len, sasl_out_params_t *oparams)
{
	struct initiator *initiator = &client->initiator;
	struct error err;
	const char *asked_name;

	initiator_close(initiator); /* of an earlier round, before the user was asked */
	if (initiator_open(initiator, params, KERBEROS_V5_NAME, &err))
		return fail(client, logger_result(&err, SASL_FAIL), &err);
	struct challenge challenge;
	if (challenge_read(token, &challenge, &err))
		return fail(client, SASL_BADPROT, &err);
	int result = prompt_authzid(params, prompts, &asked_name);
	if (result == SASL_INTERACT)
		return result;
	if (result != SASL_OK) {
		(void)error_set(&err, KRB_ERR_GENERIC,
			"the application could not tell the authorization identity: %s",
			sasl_errstring(result, NULL, NULL));
		return fail(client, result, &err);
	}
	struct slice authzid = slice_string(asked_name);
	if (make_ap_req(client, &challenge, authzid, &err))
		return fail(client, logger_result(&err, SASL_FAIL), &err);

	result = identity_canonicalize(params->utils, params->canon_user,
		buffer_slice(&initiator->authid), authzid, oparams, &err);
	if (result != SASL_OK)
		return fail(client, result, &err);
	*out = (const char *)client->out.data;
	*out_len = (unsigned)client->out.len;
	if (!initiator->mutual)
		return finish(client, oparams);
	client->state = ASKED;
	return SASL_CONTINUE;
}

/* Anything but a right AP-REP fails: the server has not shown that it is genuine. */
static int read_ap_rep(struct client *client, struct slice token, sasl_out_params_t *oparams)
{
	struct initiator *initiator = &client->initiator;
	struct error err;
	if (der_message_type(token) == KRB_ERROR) {
		enum status status =
			krb_error_read(token, initiator->now, &initiator->server, &err);
		return fail(client, status == ERR_SYNTAX ? SASL_BADPROT : SASL_BADAUTH, &err);
	}
	const struct ap_trace trace = trace_to(&initiator->log);
	if (ap_rep_read(token, &trace, &client->context, &err))
		return fail(client, logger_result(&err, SASL_BADSERV), &err);
	return finish(client, oparams);
}

static int client_step(void *context, sasl_client_params_t *params, const char *in, unsigned in_len,
	sasl_interact_t **prompts, const char **out, unsigned *out_len, sasl_out_params_t *oparams)
{
	struct client *client = context;
	struct slice token = slice_of(in, in_len);
	*out = NULL;
	*out_len = 0;
	switch (client->state) {
	case START:
		return answer_challenge(client, params, token, prompts, out, out_len, oparams);
	case ASKED:
		return read_ap_rep(client, token, oparams);
	default:
		return SASL_BADPROT;
	}
}

/* None: NULL would mean a name and a password. */
static const unsigned long required_prompts[] = {SASL_CB_LIST_END};

const sasl_client_plug_t kerberos_v5_client_plug = {
	.mech_name = KERBEROS_V5_NAME,
	.max_ssf = KERBEROS_V5_MAX_SSF,
	.security_flags = KERBEROS_V5_SECURITY_FLAGS,
	.features = SASL_FEAT_NEEDSERVERFQDN | SASL_FEAT_SERVER_FIRST | SASL_FEAT_ALLOWS_PROXY,
	.required_prompts = required_prompts,
	.mech_new = client_new,
	.mech_step = client_step,
	.mech_dispose = client_dispose,
};

#include "sasl/prompts.h"

#include <stdbool.h>
#include <stddef.h>

static sasl_interact_t *find_answer(sasl_interact_t *prompts, unsigned long id)
{
	for (sasl_interact_t *p = prompts; p && p->id != SASL_CB_LIST_END; p++)
		if (p->id == id)
			return p;
	return NULL;
}

static int ask_user(const sasl_utils_t *utils, sasl_interact_t **prompt_need)
{
	if (!prompt_need)
		return SASL_INTERACT;
	sasl_interact_t *prompts = utils->calloc(2, sizeof *prompts);
	if (!prompts)
		return SASL_NOMEM;
	prompts[0] = (sasl_interact_t){
		.id = SASL_CB_USER,
		.challenge = "Authorization identity",
		.prompt = "Log in as (leave empty for yourself)",
		.defresult = "",
	};
	prompts[1].id = SASL_CB_LIST_END;
	*prompt_need = prompts;
	return SASL_INTERACT;
}

/*
 * The length goes into a size_t's worth of room: libsasl2's own callbacks
 * write one, though the type says unsigned.
 */
static int call_back(
	sasl_callback_ft callback, void *context, unsigned long id, const char **answer)
{
	union {
		unsigned as_declared;
		size_t as_written;
	} length = {0};
	sasl_getsimple_t *simple = (sasl_getsimple_t *)(void (*)(void))callback;
	return simple(context, (int)id, answer, &length.as_declared);
}

static int get_answer(
	sasl_client_params_t *params, sasl_interact_t **prompt_need, const char **answer)
{
	const sasl_utils_t *utils = params->utils;
	sasl_interact_t *prompt = find_answer(prompt_need ? *prompt_need : NULL, SASL_CB_USER);
	if (prompt) {
		*answer = prompt->result;
		utils->free(*prompt_need);
		*prompt_need = NULL;
		return SASL_OK;
	}

	sasl_callback_ft callback;
	void *context;
	switch (utils->getcallback(utils->conn, SASL_CB_USER, &callback, &context)) {
	case SASL_OK:
		return call_back(callback, context, SASL_CB_USER, answer);
	case SASL_INTERACT:
		return ask_user(utils, prompt_need);
	default:
		return SASL_OK;
	}
}

int prompt_authname(sasl_client_params_t *params, const char **authname)
{
	const sasl_utils_t *utils = params->utils;
	sasl_callback_ft callback;
	void *context;
	const char *answer = NULL;
	int result = SASL_OK;
	/* libsasl2's own has the connection for its context, which no application knows. */
	if (utils->getcallback(utils->conn, SASL_CB_AUTHNAME, &callback, &context) == SASL_OK &&
		context != utils->conn)
		result = call_back(callback, context, SASL_CB_AUTHNAME, &answer);
	*authname = answer && *answer ? answer : NULL;
	return result;
}

int prompt_authzid(
	sasl_client_params_t *params, sasl_interact_t **prompt_need, const char **authzid)
{
	const char *answer = NULL;
	int result = get_answer(params, prompt_need, &answer);
	*authzid = answer && *answer ? answer : NULL;
	return result;
}

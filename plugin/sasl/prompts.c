/* SPDX-License-Identifier: BSD-3-Clause */
#include "sasl/prompts.h"

#include <stdbool.h>
#include <stddef.h>

/* What is wanted of the application for each question. */
static const struct row {
	unsigned long id;
	const char *challenge;
	const char *prompt;
	const char *standard;
	bool is_secret;
	bool of_application; /* libsasl2's own callback does not count */
} rows[QUESTION_COUNT] = {
	[ASK_AUTHZID] =
		{
			.id = SASL_CB_USER,
			.challenge = "Authorization identity",
			.prompt = "Log in as (leave empty for yourself)",
			.standard = "",
		},
	[ASK_AUTHNAME] =
		{
			.id = SASL_CB_AUTHNAME,
			.challenge = "Kerberos name",
			.prompt = "Your Kerberos name",
			.of_application = true,
		},
	[ASK_PASSWORD] =
		{
			.id = SASL_CB_PASS,
			.challenge = "Kerberos password",
			.prompt = "Your Kerberos password",
			.is_secret = true,
		},
};

void answers_clear(struct answers *answers)
{
	for (unsigned i = 0; i < QUESTION_COUNT; i++)
		buffer_free(&answers->text[i]);
	answers->given = 0;
}

static int put(struct answers *answers, enum question question, struct slice text)
{
	struct buffer *out = &answers->text[question];
	buffer_clear(out);
	/* All at once, so that no copy is left behind where it grew. */
	if (buffer_reserve(out, text.len + 1) || buffer_append(out, text) ||
		buffer_append(out, SLICE_LITERAL("\0")))
		return SASL_NOMEM;
	out->len--;
	answers->given |= QUESTION(question);
	return SASL_OK;
}

/* ---- by callbacks ---- */

/*
 * No place for the length: a name ends with its NUL. Programs have only met plug-ins that ask
 * for none: autofs takes the length of a NULL name where there is a place for one, and
 * libsasl2's own callbacks write a size_t there, though the type says unsigned.
 */
static int call_back(
	sasl_callback_ft callback, void *context, unsigned long id, const char **answer)
{
	sasl_getsimple_t *simple = (sasl_getsimple_t *)(void (*)(void))callback;
	return simple(context, (int)id, answer, NULL);
}

static int call_back_secret(
	const sasl_utils_t *utils, sasl_callback_ft callback, void *context, struct slice *answer)
{
	sasl_getsecret_t *secret = (sasl_getsecret_t *)(void (*)(void))callback;
	sasl_secret_t *given = NULL;
	int result = secret(utils->conn, context, SASL_CB_PASS, &given);
	*answer = given ? slice_of(given->data, given->len) : SLICE_EMPTY;
	return result;
}

const char *prompt_authname(sasl_client_params_t *params)
{
	const sasl_utils_t *utils = params->utils;
	sasl_callback_ft callback;
	void *context;
	const char *answer = NULL;
	/* libsasl2's own has the connection for its context, which no application knows. */
	if (utils->getcallback(utils->conn, SASL_CB_AUTHNAME, &callback, &context) != SASL_OK ||
		context == utils->conn ||
		call_back(callback, context, SASL_CB_AUTHNAME, &answer) != SASL_OK)
		return NULL;
	return answer && *answer ? answer : NULL;
}

/* SASL_INTERACT where the user has to be asked. */
static int ask_application(
	sasl_client_params_t *params, enum question question, struct answers *answers)
{
	const sasl_utils_t *utils = params->utils;
	const struct row *row = &rows[question];
	sasl_callback_ft callback;
	void *context;
	const char *text = NULL;
	struct slice answer = SLICE_EMPTY;
	int found = utils->getcallback(utils->conn, row->id, &callback, &context);
	if (found == SASL_INTERACT)
		return found;
	bool is_own = row->of_application && context == utils->conn;
	if (found != SASL_OK || is_own)
		return put(answers, question, SLICE_EMPTY);
	int result = row->is_secret ? call_back_secret(utils, callback, context, &answer)
				    : call_back(callback, context, row->id, &text);
	if (result != SASL_OK)
		return result;
	return put(answers, question, row->is_secret ? answer : slice_string(text));
}

/* ---- by the user ---- */

/* A password may have any octets; of names the text counts, whatever `len` says. */
static struct slice answer_of(const struct row *row, const sasl_interact_t *prompt)
{
	if (!row->is_secret || !prompt->result)
		return slice_string(prompt->result);
	return slice_of(prompt->result, prompt->len);
}

static int take(const sasl_interact_t *prompt, struct answers *answers)
{
	for (unsigned i = 0; i < QUESTION_COUNT; i++)
		if (rows[i].id == prompt->id)
			return put(answers, i, answer_of(&rows[i], prompt));
	return SASL_OK;
}

static int take_all(const sasl_utils_t *utils, sasl_interact_t **prompts, struct answers *answers)
{
	int result = SASL_OK;
	if (!prompts || !*prompts)
		return SASL_OK;
	for (const sasl_interact_t *p = *prompts; p->id != SASL_CB_LIST_END && result == SASL_OK;
		p++)
		result = take(p, answers);
	utils->free(*prompts);
	*prompts = NULL;
	return result;
}

static int ask_user(const sasl_utils_t *utils, sasl_interact_t **prompts, unsigned questions)
{
	if (!prompts)
		return SASL_INTERACT;
	sasl_interact_t *list = utils->calloc(QUESTION_COUNT + 1, sizeof *list);
	if (!list)
		return SASL_NOMEM;
	unsigned count = 0;
	for (unsigned i = 0; i < QUESTION_COUNT; i++)
		if (questions & QUESTION(i))
			list[count++] = (sasl_interact_t){
				.id = rows[i].id,
				.challenge = rows[i].challenge,
				.prompt = rows[i].prompt,
				.defresult = rows[i].standard,
			};
	list[count].id = SASL_CB_LIST_END;
	*prompts = list;
	return SASL_INTERACT;
}

int prompts_ask(sasl_client_params_t *params, sasl_interact_t **prompts, unsigned questions,
	struct answers *answers)
{
	unsigned for_user = 0;
	int result = take_all(params->utils, prompts, answers);
	for (unsigned i = 0; i < QUESTION_COUNT && result == SASL_OK; i++) {
		if (!(questions & QUESTION(i)) || (answers->given & QUESTION(i)))
			continue;
		result = ask_application(params, i, answers);
		if (result == SASL_INTERACT) {
			for_user |= QUESTION(i);
			result = SASL_OK;
		}
	}
	if (result != SASL_OK || !for_user)
		return result;
	return ask_user(params->utils, prompts, for_user);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * prompts.h - what a client mechanism asks the application for, which may ask
 * the user. Who has tickets logs in without a word.
 */
#ifndef SASL_PROMPTS_H
#define SASL_PROMPTS_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "base/bytes.h"

enum question { ASK_AUTHZID, ASK_AUTHNAME, ASK_PASSWORD, QUESTION_COUNT };
#define QUESTION(question) (1u << (question)) /* as a member of a set */

/* What was answered, over several rounds of one login. */
struct answers {
	unsigned given;                     /* a set of questions */
	struct buffer text[QUESTION_COUNT]; /* NUL-terminated, the NUL not counted */
};
void answers_clear(struct answers *answers); /* wipes */

/*
 * The authentication identity that the application gives by a callback of its
 * own, SASL_CB_AUTHNAME; it belongs to the application. NULL where it gives
 * none: an empty one, one that the user would have to be asked for, or a callback
 * that fails, as Subversion's does where no name was configured.
 * (libsasl2's own callback answers $USER, which nobody chose.)
 */
const char *prompt_authname(sasl_client_params_t *params);

/*
 * Answers those of `questions` that are not given yet: from what the user said
 * in *prompts, which is freed then, else by the application's callback; where
 * it has none, the answer is empty. Where it wants to ask the user, for one or
 * several: SASL_INTERACT, *prompts says what, and the step is to be
 * taken again. Other results are a callback's own failure, or SASL_NOMEM.
 */
int prompts_ask(sasl_client_params_t *params, sasl_interact_t **prompts, unsigned questions,
	struct answers *answers);

#endif

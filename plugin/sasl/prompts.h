/*
 * prompts.h - what a client mechanism asks the user for. It never has to be
 * answered: who has tickets logs in without a word.
 */
#ifndef SASL_PROMPTS_H
#define SASL_PROMPTS_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

/*
 * The authentication identity that the application gives by a callback of its
 * own, SASL_CB_AUTHNAME; it belongs to the application. NULL where it gives
 * none: an empty one, or one that the user would have to be asked for.
 * (libsasl2's own callback answers $USER, which nobody chose.) libsasl2's
 * result, SASL_OK unless the callback fails.
 */
int prompt_authname(sasl_client_params_t *params, const char **authname);

/*
 * The authorization identity: from the answers in *prompt_need, else from
 * the application's SASL_CB_USER, else, where the application has no such
 * callback, none. *authzid is NULL where there is none or it is empty, and
 * belongs to the application. SASL_INTERACT: the application has to ask the
 * user, *prompt_need says what, and the step is to be taken again. Answered
 * prompts are freed. Other results are the callback's own failure.
 */
int prompt_authzid(
	sasl_client_params_t *params, sasl_interact_t **prompt_need, const char **authzid);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sasl/prompts.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

/* What the application has for SASL_CB_USER. */
static struct {
	int getcallback; /* result of the look-up */
	const char *user;
	int result; /* of the callback */
	unsigned calls;
} application;

static int get_user(void *context, int id, const char **user, unsigned *len)
{
	assert_ptr_equal(context, &application);
	assert_int_equal(id, SASL_CB_USER);
	application.calls++;
	*user = application.user;
	if (len) /* as autofs does, whether there is a name or not */
		*len = (unsigned)strlen(application.user);
	return application.result;
}

static int get_callback(
	sasl_conn_t *conn UNUSED, unsigned long id, sasl_callback_ft *callback, void **context)
{
	assert_int_equal(id, SASL_CB_USER);
	*callback = (sasl_callback_ft)(void (*)(void))get_user;
	*context = &application;
	return application.getcallback;
}

static bool memory_is_out;
static void *allocate(size_t count, size_t size)
{
	return memory_is_out ? NULL : calloc(count, size);
}

static const sasl_utils_t utils = {
	.getcallback = get_callback,
	.calloc = allocate,
	.free = free,
};

static int setup(void **state UNUSED)
{
	memset(&application, 0, sizeof application);
	memory_is_out = false;
	return 0;
}

static struct answers answers;

static int teardown(void **state UNUSED)
{
	answers_clear(&answers);
	return 0;
}

/* As a login does that has had no answer yet. */
static int ask(sasl_interact_t **prompts, const char **authzid)
{
	sasl_client_params_t params = {.utils = &utils};
	answers_clear(&answers);
	int result = prompts_ask(&params, prompts, QUESTION(ASK_AUTHZID), &answers);
	const struct buffer *text = &answers.text[ASK_AUTHZID];
	*authzid = text->len > 0 ? (const char *)text->data : NULL;
	return result;
}

static void a_callback_answers(void **state UNUSED)
{
	const char *authzid;
	application.user = "bob";
	assert_int_equal(ask(NULL, &authzid), SASL_OK);
	assert_string_equal(authzid, "bob");
	assert_int_equal(application.calls, 1);
}

static void an_empty_answer_is_none(void **state UNUSED)
{
	const char *authzid;
	application.user = "";
	assert_int_equal(ask(NULL, &authzid), SASL_OK);
	assert_null(authzid);
	application.user = NULL;
	assert_int_equal(ask(NULL, &authzid), SASL_OK);
	assert_null(authzid);
}

static void the_callbacks_failure_is_handed_on(void **state UNUSED)
{
	const char *authzid;
	application.result = SASL_FAIL;
	assert_int_equal(ask(NULL, &authzid), SASL_FAIL);
	assert_null(authzid);
}

static void without_a_callback_there_is_none(void **state UNUSED)
{
	const char *authzid;
	sasl_interact_t *prompts = NULL;
	application.getcallback = SASL_FAIL;
	application.user = "bob";
	assert_int_equal(ask(&prompts, &authzid), SASL_OK);
	assert_null(authzid);
	assert_null(prompts);
	assert_int_equal(application.calls, 0);
}

static void the_user_is_asked_where_the_application_wants_to(void **state UNUSED)
{
	const char *authzid;
	sasl_interact_t *prompts = NULL;
	application.getcallback = SASL_INTERACT;
	assert_int_equal(ask(&prompts, &authzid), SASL_INTERACT);
	assert_null(authzid);
	assert_non_null(prompts);
	assert_int_equal(prompts[0].id, SASL_CB_USER);
	assert_non_null(prompts[0].prompt);
	assert_non_null(prompts[0].challenge);
	assert_string_equal(prompts[0].defresult, "");
	assert_null(prompts[0].result);
	assert_int_equal(prompts[1].id, SASL_CB_LIST_END);
	free(prompts);
}

static void the_users_answer_is_taken_and_the_prompts_freed(void **state UNUSED)
{
	const char *authzid;
	sasl_interact_t *prompts = NULL;
	application.getcallback = SASL_INTERACT;
	assert_int_equal(ask(&prompts, &authzid), SASL_INTERACT);
	prompts[0].result = "bob";
	prompts[0].len = 3;
	assert_int_equal(ask(&prompts, &authzid), SASL_OK);
	assert_string_equal(authzid, "bob");
	assert_null(prompts);
}

static void no_answer_of_the_user_is_none(void **state UNUSED)
{
	const char *authzid;
	sasl_interact_t *prompts = NULL;
	application.getcallback = SASL_INTERACT;
	assert_int_equal(ask(&prompts, &authzid), SASL_INTERACT);
	assert_int_equal(ask(&prompts, &authzid), SASL_OK);
	assert_null(authzid);
	assert_null(prompts);
}

static void who_cannot_be_given_prompts_is_told_so(void **state UNUSED)
{
	const char *authzid;
	application.getcallback = SASL_INTERACT;
	assert_int_equal(ask(NULL, &authzid), SASL_INTERACT);
	assert_null(authzid);
}

static void prompts_need_memory(void **state UNUSED)
{
	const char *authzid;
	sasl_interact_t *prompts = NULL;
	application.getcallback = SASL_INTERACT;
	memory_is_out = true;
	assert_int_equal(ask(&prompts, &authzid), SASL_NOMEM);
	assert_null(prompts);
}

/* ---- name and password ---- */

#define ALL (QUESTION(ASK_AUTHZID) | QUESTION(ASK_AUTHNAME) | QUESTION(ASK_PASSWORD))

/* By which callback each is answered; SASL_INTERACT: by the user, SASL_FAIL: by nobody. */
static struct {
	int user, authname, password;
	void *context; /* of SASL_CB_AUTHNAME */
	int result;    /* of SASL_CB_PASS */
	bool no_secret;
} has;

static int answer_simple(void *context UNUSED, int id, const char **answer, unsigned *len UNUSED)
{
	*answer = id == SASL_CB_USER ? "bob" : "alice";
	return SASL_OK;
}

static int answer_secret(sasl_conn_t *conn, void *context, int id, sasl_secret_t **secret)
{
	static struct {
		sasl_secret_t head;
		char room[20];
	} given = {.head.len = 6};
	assert_ptr_equal(conn, &has);
	assert_null(context);
	assert_int_equal(id, SASL_CB_PASS);
	memcpy(given.head.data, "secret and more", 15);
	*secret = has.no_secret ? NULL : &given.head;
	return has.result;
}

static int get_any_callback(
	sasl_conn_t *conn UNUSED, unsigned long id, sasl_callback_ft *callback, void **context)
{
	*context = id == SASL_CB_AUTHNAME ? has.context : NULL;
	*callback = (sasl_callback_ft)(void (*)(void))answer_simple;
	if (id == SASL_CB_USER)
		return has.user;
	if (id == SASL_CB_AUTHNAME)
		return has.authname;
	*callback = (sasl_callback_ft)(void (*)(void))answer_secret;
	return has.password;
}

static int ask_all(sasl_interact_t **prompts)
{
	const sasl_utils_t all = {.conn = (sasl_conn_t *)&has,
		.getcallback = get_any_callback,
		.calloc = allocate,
		.free = free};
	sasl_client_params_t params = {.utils = &all};
	return prompts_ask(&params, prompts, ALL, &answers);
}

static void assert_answer(enum question question, const char *text)
{
	assert_true(answers.given & QUESTION(question));
	assert_string_equal((const char *)answers.text[question].data, text);
	assert_int_equal(answers.text[question].len, strlen(text));
}

static int setup_all(void **state)
{
	memset(&has, 0, sizeof has);
	return setup(state);
}

static void callbacks_answer_all(void **state UNUSED)
{
	sasl_interact_t *prompts = NULL;
	assert_int_equal(ask_all(&prompts), SASL_OK);
	assert_null(prompts);
	assert_answer(ASK_AUTHZID, "bob");
	assert_answer(ASK_AUTHNAME, "alice");
	assert_answer(ASK_PASSWORD, "secret"); /* as long as it says */
}

/* $USER is nobody's word. */
static void the_librarys_own_answer_is_no_name(void **state UNUSED)
{
	has.context = &has; /* the connection */
	assert_int_equal(ask_all(NULL), SASL_OK);
	assert_answer(ASK_AUTHNAME, "");
}

static void who_has_no_callback_answers_nothing(void **state UNUSED)
{
	has.user = has.authname = has.password = SASL_FAIL;
	assert_int_equal(ask_all(NULL), SASL_OK);
	assert_answer(ASK_AUTHNAME, "");
	assert_answer(ASK_PASSWORD, "");
}

static void a_failing_callback_ends_it(void **state UNUSED)
{
	has.result = SASL_BADPARAM;
	assert_int_equal(ask_all(NULL), SASL_BADPARAM);
	assert_false(answers.given & QUESTION(ASK_PASSWORD));
	has.result = SASL_OK;
	has.no_secret = true;
	assert_int_equal(ask_all(NULL), SASL_OK);
	assert_answer(ASK_PASSWORD, "");
}

/* What a callback knows the user is not asked for, and nothing is asked for twice. */
static void the_user_is_asked_in_one_round(void **state UNUSED)
{
	sasl_interact_t *prompts = NULL;
	has.authname = has.password = SASL_INTERACT;
	assert_int_equal(ask_all(&prompts), SASL_INTERACT);
	assert_int_equal(prompts[0].id, SASL_CB_AUTHNAME);
	assert_int_equal(prompts[1].id, SASL_CB_PASS);
	assert_int_equal(prompts[2].id, SASL_CB_LIST_END);
	prompts[0].result = "carol";
	prompts[1].result = "hers, and more";
	prompts[1].len = 4;
	has.user = SASL_INTERACT; /* it is known already */
	assert_int_equal(ask_all(&prompts), SASL_OK);
	assert_null(prompts);
	assert_answer(ASK_AUTHZID, "bob");
	assert_answer(ASK_AUTHNAME, "carol");
	assert_answer(ASK_PASSWORD, "hers");
	assert_int_equal(ask_all(&prompts), SASL_OK);
	assert_null(prompts);
}

static void answers_are_wiped(void **state UNUSED)
{
	assert_int_equal(ask_all(NULL), SASL_OK);
	answers_clear(&answers);
	assert_int_equal(answers.given, 0);
	for (unsigned i = 0; i < QUESTION_COUNT; i++)
		assert_null(answers.text[i].data);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define ALL_CASE(name) cmocka_unit_test_setup_teardown(name, setup_all, teardown)

SUITE(test_prompts)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		CASE(a_callback_answers),
		CASE(an_empty_answer_is_none),
		CASE(the_callbacks_failure_is_handed_on),
		CASE(without_a_callback_there_is_none),
		CASE(the_user_is_asked_where_the_application_wants_to),
		CASE(the_users_answer_is_taken_and_the_prompts_freed),
		CASE(no_answer_of_the_user_is_none),
		CASE(who_cannot_be_given_prompts_is_told_so),
		CASE(prompts_need_memory),
		ALL_CASE(callbacks_answer_all),
		ALL_CASE(the_librarys_own_answer_is_no_name),
		ALL_CASE(who_has_no_callback_answers_nothing),
		ALL_CASE(a_failing_callback_ends_it),
		ALL_CASE(the_user_is_asked_in_one_round),
		ALL_CASE(answers_are_wiped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

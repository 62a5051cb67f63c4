/* SPDX-License-Identifier: BSD-3-Clause */
/* kdc/tickets: tickets that their service refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/suite.h"
#include "tests/support/ticket_sessions.h"

#define CACHE in_folder("ccache")

static const struct wanted plain;
static int64_t later; /* by the clock of refusals, in milliseconds */

static enum status from_keytab(struct kdc_session *session, const struct ticket_request *request,
	struct credential_box *out, struct error *err)
{
	return ticket_from_keytab(session, request, NULL, out, err);
}

/* What a login does whose ticket the service refuses. */
static void refuse(way_function *way, unsigned tgs)
{
	struct found_ticket found;
	struct error err;
	as_asked = tgs_asked = 0;
	assert_success(go(way, &plain, &found, &err), &err);
	assert_int_equal(tgs_asked, tgs);
	ticket_refused(&found.box.credential, later);
	credential_box_clear(&found.box);
}

static void check_new_one(way_function *way)
{
	check_found(way, &plain, IMAP, ALICE, 0, 0);
	refuse(way, 0);
	check_found(way, &plain, IMAP, ALICE, 0, 1);
	check_found(way, &plain, IMAP, ALICE, 0, 0);
	/* Whoever forges refusals does not have one asked for after the other. */
	refuse(way, 0);
	check_found(way, &plain, IMAP, ALICE, 0, 0);
	later += REFUSED_TICKETS_SECONDS * 1000;
	refuse(way, 0);
	check_found(way, &plain, IMAP, ALICE, 0, 1);
	check_found(way, &plain, IMAP, ALICE, 0, 0);
	assert_string_equal(warned, "");
}

static void another_one_is_asked_for(void **state UNUSED)
{
	init_cache(CACHE, 0);
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 1);
	check_new_one(ticket_from_cache);
}

static void of_the_processs_own_too(void **state UNUSED)
{
	write_client_keytab(in_folder("keytab"), (const char *const[]){ALICE, NULL});
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	check_new_one(from_keytab);
}

/* Other processes, which know of no refusal, take the new one: though it ends earlier. */
static void end_soon(struct enc_kdc_rep_part *part)
{
	part->endtime = part->starttime + 1000;
}

static void the_new_one_goes_first(void **state UNUSED)
{
	init_cache(CACHE, 0);
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 1);
	refuse(ticket_from_cache, 0);
	kdc->change_part = end_soon;
	now += 10;
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 1);
	refused_tickets_forget();
	struct found_ticket found;
	struct error err;
	assert_success(go(ticket_from_cache, &plain, &found, &err), &err);
	assert_in_range(found.box.credential.endtime, now, now + 1100);
	credential_box_clear(&found.box);
}

/* A refusal that somebody forged must not keep out whoever has no other ticket. */
static void where_there_is_none_the_old_one_is_offered_again(void **state UNUSED)
{
	init_cache(CACHE, 0);
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 1);
	refuse(ticket_from_cache, 0);
	kdc->error = (struct fake_error){.code = KDC_ERR_POLICY};
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 1);
	assert_in(warned, "there is no new ticket in place of one that the service refused: the "
			  "KDC of EXAMPLE.TEST does not give a ticket");
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 0);
}

static void nor_where_there_is_no_tgt(void **state UNUSED)
{
	struct found_ticket found;
	struct error err;
	init_cache(in_folder("other"), 0);
	setenv("KRB5CCNAME", in_folder("other"), 1);
	assert_success(go(ticket_from_cache, &plain, &found, &err), &err);
	const struct ccache_start start = {&alice, 0, &found.box.credential, 1};
	assert_success(ccache_create(CACHE, &start, &err), &err);
	credential_box_clear(&found.box);
	setenv("KRB5CCNAME", CACHE, 1);
	refuse(ticket_from_cache, 0);
	check_found(ticket_from_cache, &plain, IMAP, ALICE, 0, 0);
	assert_in(warned, "there is no new ticket in place of one that the service refused: there "
			  "is no ticket of alice@EXAMPLE.TEST for krbtgt/");
}

/* The oldest is forgotten, and no row is written beyond the table. */
static void so_many_are_remembered(void **state UNUSED)
{
	struct credential c[REFUSED_TICKETS_MAX + 1];
	char service[REFUSED_TICKETS_MAX + 1][20];
	for (unsigned i = 0; i <= REFUSED_TICKETS_MAX; i++) {
		struct slice name =
			slice_of(service[i], (size_t)snprintf(service[i], 20, "service %u", i));
		c[i] = (struct credential){.client = alice, .server = alice, .ticket = name};
		c[i].server.component[0] = name;
		later++;
		ticket_refused(&c[i], later);
		assert_true(ticket_is_refused(&c[i]));
	}
	assert_false(ticket_is_refused(&c[0]));
	for (unsigned i = 1; i <= REFUSED_TICKETS_MAX; i++)
		assert_true(ticket_is_refused(&c[i]));
}

SUITE(test_tickets_refused)
{
	const struct CMUnitTest tests[] = {
		SESSION_CASE(another_one_is_asked_for),
		SESSION_CASE(of_the_processs_own_too),
		SESSION_CASE(the_new_one_goes_first),
		SESSION_CASE(where_there_is_none_the_old_one_is_offered_again),
		SESSION_CASE(nor_where_there_is_no_tgt),
		SESSION_CASE(so_many_are_remembered),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/ccache_samples.h"
#include "tests/support/suite.h"

static void assert_same_name(const struct principal *a, const struct principal *b)
{
	assert_int_equal(a->type, b->type);
	assert_true(principal_equal(a, b));
}

static void assert_same(const struct credential *a, const struct credential *b)
{
	assert_same_name(&a->client, &b->client);
	assert_same_name(&a->server, &b->server);
	assert_int_equal(a->key_type, b->key_type);
	assert_true(slice_equal(a->key, b->key));
	assert_int_equal(a->authtime, b->authtime);
	assert_int_equal(a->starttime, b->starttime);
	assert_int_equal(a->endtime, b->endtime);
	assert_int_equal(a->renew_till, b->renew_till);
	assert_int_equal(a->flags, b->flags);
	assert_true(slice_equal(a->ticket, b->ticket));
}

static void copy_well(const struct credential *in, struct credential_box *out)
{
	struct error err = {0};
	assert_int_equal(credential_copy(in, out, &err), STATUS_OK);
}

static bool lies_in(struct slice s, const struct buffer *storage)
{
	return s.data >= storage->data && s.data + s.len <= storage->data + storage->len;
}

static void a_copy_is_whole_and_its_own(void **state)
{
	(void)state;
	struct credential c = credential_for(&imap);
	AUTO_CREDENTIAL_BOX box = {0};
	copy_well(&c, &box);
	assert_same(&box.credential, &c);
	const struct credential *copy = &box.credential;
	assert_true(lies_in(copy->key, &box.storage));
	assert_true(lies_in(copy->ticket, &box.storage));
	assert_true(lies_in(copy->client.component[0], &box.storage));
	assert_true(lies_in(copy->client.realm, &box.storage));
	assert_true(lies_in(copy->server.component[1], &box.storage));
	assert_true(lies_in(copy->server.realm, &box.storage));
}

static void a_copy_takes_the_place_of_what_was_there(void **state)
{
	(void)state;
	struct credential first = credential_for(&krbtgt), second = credential_for(&imap);
	AUTO_CREDENTIAL_BOX box = {0};
	copy_well(&first, &box);
	copy_well(&second, &box);
	assert_same(&box.credential, &second);
}

static void a_box_may_be_copied_into_itself(void **state)
{
	(void)state;
	struct credential c = credential_for(&imap);
	AUTO_CREDENTIAL_BOX box = {0};
	copy_well(&c, &box);
	copy_well(&box.credential, &box);
	assert_same(&box.credential, &c);
}

static void a_credential_of_nothing_is_copied(void **state)
{
	(void)state;
	struct credential c = {.key_type = 0};
	AUTO_CREDENTIAL_BOX box = {0};
	copy_well(&c, &box);
	assert_same(&box.credential, &c);
}

static void a_cleared_box_is_empty(void **state)
{
	(void)state;
	struct credential c = credential_for(&imap);
	struct credential_box box = {0};
	copy_well(&c, &box);
	credential_box_clear(&box);
	assert_null(box.storage.data);
	assert_null(box.credential.key.data);
	assert_int_equal(box.credential.server.count, 0);
	credential_box_clear(&box);
}

SUITE(test_credential)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_is_whole_and_its_own),
		cmocka_unit_test(a_copy_takes_the_place_of_what_was_there),
		cmocka_unit_test(a_box_may_be_copied_into_itself),
		cmocka_unit_test(a_credential_of_nothing_is_copied),
		cmocka_unit_test(a_cleared_box_is_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

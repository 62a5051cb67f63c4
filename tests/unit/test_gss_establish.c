/* Both sides of a GSS-API context, from the first token to the channel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/gss_pair.h"
#include "tests/unit/refusal.h"

static struct gss_pair p;

static int start(void **state)
{
	(void)state;
	gss_pair_open(&p);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	gss_pair_close(&p);
	return 0;
}

static void established(void)
{
	struct error err = {0};
	if (gss_pair_establish(&p, &err))
		fail_msg("%s", err.text);
}

static void assert_same_channel(void)
{
	struct channel client, server;
	gss_channel_open(&p.x.client, true, &client);
	gss_channel_open(&p.x.server, false, &server);
	assert_true(slice_equal(key_octets(client.key), key_octets(server.key)));
	assert_true(client.is_initiator);
	assert_false(server.is_initiator);
	assert_int_equal(client.has_acceptor_subkey, server.has_acceptor_subkey);
	assert_int_equal(client.send_seq, server.receive_seq);
	assert_int_equal(client.receive_seq, server.send_seq);
	channel_close(&client);
	channel_close(&server);
}

static void establishes_with_mutual_authentication(void **state)
{
	(void)state;
	established();
	assert_same_channel();
	assert_ptr_equal(ap_context_key(&p.x.client), p.x.client.acceptor_subkey);
	assert_int_equal(
		p.accepted.flags, GSS_MUTUAL | GSS_REPLAY | GSS_SEQUENCE | GSS_CONF | GSS_INTEG);
	assert_false(p.accepted.bindings_match);
	assert_null(p.accepted.delegated.data);
}

static void establishes_without_mutual_authentication(void **state)
{
	(void)state;
	p.initiator.mutual = false;
	established();
	assert_same_channel();
	assert_int_equal(p.reply.len, 0);
	assert_ptr_equal(ap_context_key(&p.x.client), p.x.client.initiator_subkey);
	assert_int_equal(p.accepted.flags, GSS_REPLAY | GSS_SEQUENCE | GSS_CONF | GSS_INTEG);
	struct channel server;
	gss_channel_open(&p.x.server, false, &server);
	assert_false(server.has_acceptor_subkey);
	assert_int_equal(server.send_seq, p.x.client.initiator_seq);
	assert_int_equal(server.receive_seq, p.x.client.initiator_seq);
	channel_close(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			establishes_with_mutual_authentication, start, stop),
		cmocka_unit_test_setup_teardown(
			establishes_without_mutual_authentication, start, stop),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

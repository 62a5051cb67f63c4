/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Channel bindings of GSSAPI: what the client sends. test_bindings.c has whole logins.
 */
#include "tests/support/gssapi_peer.h"
#include "tests/support/suite.h"

static const sasl_channel_binding_t tls = {
	.name = "tls-server-end-point", .len = 12, .data = (const unsigned char *)"tls:ABCDEFGH"};

/* RFC 4121 section 4.1.1.2: the hash that peers compute too. */
static void the_client_sends_the_hash(void **state UNUSED)
{
	const struct pair_setup how = {.client.binding = &tls};
	struct gss_peer p;
	struct gss_checksum checksum;
	struct gss_accepted accepted;
	struct gss_bindings expected;
	struct error err;
	gss_peer_open(&p, &how);
	assert_int_equal(start_client(&p), SASL_CONTINUE);
	accept_request(&p, &accepted);
	must_be(gss_checksum_read(&p.context.checksum, &checksum, &err), &err);
	must_be(gss_bindings_of(SLICE_LITERAL("tls:ABCDEFGH"), &expected, &err), &err);
	assert_true(gss_bindings_equal(&checksum.bindings, &expected));
	gss_peer_close(&p);
}

SUITE(test_gssapi_bindings)
{
	if (!md5_is_offered())
		return nothing_to_try("OpenSSL does not offer MD5 here");
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(the_client_sends_the_hash),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

/*
 * Channel bindings of GSSAPI: what the applications give libsasl2.
 */
#include "gssapi_peer.h"

static const sasl_channel_binding_t tls = {
	.name = "tls-server-end-point", .len = 12, .data = (const unsigned char *)"tls:ABCDEFGH"};
static const sasl_channel_binding_t other = {
	.name = "tls-server-end-point", .len = 12, .data = (const unsigned char *)"tls:ABCDEFGI"};
static const sasl_channel_binding_t critical = {.name = "tls-server-end-point",
	.critical = 1,
	.len = 12,
	.data = (const unsigned char *)"tls:ABCDEFGH"};

static const struct {
	const char *what;
	const sasl_channel_binding_t *client, *server;
	bool succeeds;
} cases[] = {
	{"both have the same", &tls, &tls, true},
	{"both have the same, which is critical", &tls, &critical, true},
	{"the server has none", &tls, NULL, true},
	{"the client has none", NULL, &tls, true},
	{"the client has none, and they are critical", NULL, &critical, false},
	{"they differ", &other, &tls, false},
	{"they differ, and are critical", &other, &critical, false},
};

static void bindings_are_compared(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct pair_setup how = {.mechanism = "GSSAPI",
			.client.binding = cases[i].client,
			.server = {.binding = cases[i].server, .option = {{"log_level", "2"}}}};
		struct pair pair;
		pair_open(&pair, &how);
		if (pair_run(&pair) != cases[i].succeeds)
			fail_msg("%s: client %s; server %s", cases[i].what,
				peer_detail(&pair.client), peer_detail(&pair.server));
		if (!cases[i].succeeds) {
			expect_in("the log", peer_log(&pair.server), "channel binding");
			expect_in("the client", peer_detail(&pair.client), "channel binding");
		}
		pair_close(&pair);
	}
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(bindings_are_compared),
		LOGIN_CASE(the_client_sends_the_hash),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

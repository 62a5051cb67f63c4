/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GSSAPI through libsasl2's public API, both sides ours: logins that succeed,
 * in every way in which protocols carry them, and what is chosen.
 */
#include "tests/support/layer_fixture.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GSSAPI .mechanism = "GSSAPI"

static void login_as(const struct pair_setup *how, const char *authid, const char *authzid)
{
	struct pair pair;
	pair_open(&pair, how);
	expect_login(&pair);
	assert_string_equal(peer_string(&pair.server, SASL_AUTHUSER), authid);
	assert_string_equal(peer_string(&pair.server, SASL_USERNAME), authzid);
	assert_string_equal(peer_string(&pair.client, SASL_AUTHUSER), authid);
	assert_string_equal(peer_string(&pair.client, SASL_USERNAME), authzid);
	pair_close(&pair);
}

static void logs_in_with_mutual_authentication(void **state UNUSED)
{
	const struct pair_setup how = {GSSAPI, .server.option = {{"log_level", "4"}}};
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_string_equal(peer_log(&pair.server),
		"4 GSSAPI: login accepted: alice@EXAMPLE.TEST authenticated to "
		"test/mail.example.test@EXAMPLE.TEST as \"alice\", aes256-cts-hmac-sha1-96, "
		"mutual, SSF 0\n");
	pair_close(&pair);
	login_as(&how, "alice", "alice");
}

/* Token, AP-REP, empty, offer, choice: RFC 4752 section 3. */
static void the_messages_are_those_of_the_rfc(void **state UNUSED)
{
	const struct pair_setup how = {GSSAPI};
	struct pair pair;
	pair_open(&pair, &how);
	assert_true(pair_start(&pair));
	assert_true(pair.to_client && pair.token.len > 20);
	assert_memory_equal(pair.token.data, "\x60", 1);
	assert_memory_equal(pair.token.data + 3,
		"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x02\x00\x6f", 14);
	assert_true(pair_step(&pair));
	assert_true(pair.has_token && !pair.to_client);
	assert_int_equal(pair.token.len, 0);
	assert_true(pair_step(&pair));
	assert_int_equal(pair.token.len, 16 + 4 + 12);
	assert_memory_equal(pair.token.data, "\x05\x04\x05\xff", 4);
	assert_memory_equal(pair.token.data + 16, "\x01\x00\x00\x00", 4);
	assert_true(pair_step(&pair));
	assert_int_equal(pair.client.result, SASL_OK);
	assert_memory_equal(pair.token.data, "\x05\x04\x04\xff", 4);
	assert_memory_equal(pair.token.data + 16, "\x01\x00\x00\x00", 4);
	assert_true(pair_step(&pair));
	assert_int_equal(pair.server.result, SASL_OK);
	assert_false(pair.has_token);
	pair_close(&pair);
}

/* As Java does without a layer: the offer comes in place of the AP-REP. */
static void logs_in_without_mutual_authentication(void **state UNUSED)
{
	const struct pair_setup how = {GSSAPI, .client.option = {{"kerberos5_mutual", "no"}},
		.server.option = {{"log_level", "4"}}};
	struct pair pair;
	pair_open(&pair, &how);
	assert_true(pair_start(&pair));
	assert_memory_equal(pair.token.data, "\x05\x04\x01\xff", 4);
	assert_true(pair_step(&pair));
	assert_int_equal(pair.client.result, SASL_OK);
	assert_true(pair_step(&pair));
	assert_true(pair_done(&pair));
	expect_in("the log", peer_log(&pair.server), ", not mutual, SSF 0\n");
	pair_close(&pair);
}

static void a_layer_asks_for_mutual_authentication(void **state UNUSED)
{
	struct pair_setup how = {GSSAPI, .client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER)};
	how.client.option[0][0] = "kerberos5_mutual";
	how.client.option[0][1] = "no";
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_int_equal(number(&pair.client, SASL_SSF), 256);
	pair_close(&pair);
}

static void works_in_every_kind_of_protocol(void **state UNUSED)
{
	for (int way = 0; way < 8; way++) {
		const struct pair_setup how = {GSSAPI, .no_success_data = way & 1,
			.no_initial_response = way & 2,
			.client.option = {{"kerberos5_mutual", way & 4 ? "no" : "yes"}}};
		login_as(&how, "alice", "alice");
	}
}

static void the_authorization_identity_arrives(void **state UNUSED)
{
	login_as(&(struct pair_setup){GSSAPI, .client.user = "bob"}, "alice", "bob");
	login_as(&(struct pair_setup){GSSAPI, .client.user = ""}, "alice", "alice");
	login_as(&(struct pair_setup){GSSAPI, .client.user = "bob", .client.prompt = true}, "alice",
		"bob");
}

static void callbacks_may_have_no_name(void **state UNUSED)
{
	login_as(&(struct pair_setup){GSSAPI, .client.nameless = true}, "alice", "alice");
}

static void every_enctype_and_layer(void **state UNUSED)
{
	for (size_t t = 0; t < COUNT_OF(enctypes); t++)
		for (unsigned ssf = 0; is_offered(enctypes[t]) && ssf < 3; ssf++) {
			realm_issue(&(struct realm_ticket){
				.session_enctype = enctypes[t], .ticket_enctype = enctypes[t]});
			unsigned strength = enctype_strength(enctype_usable(enctypes[t]));
			const unsigned most[] = {0, 1, 256}, got[] = {0, 1, strength};
			const struct pair_setup how = {GSSAPI,
				.client = limits(0, most[ssf], USUAL_BUFFER),
				.server = limits(0, 256, USUAL_BUFFER)};
			struct pair pair;
			pair_open(&pair, &how);
			expect_login(&pair);
			assert_int_equal(number(&pair.client, SASL_SSF), got[ssf]);
			assert_int_equal(number(&pair.server, SASL_SSF), got[ssf]);
			pair_close(&pair);
		}
}

/* The acceptor takes a better type for its subkey; that does not mend the session key. */
static void the_strength_is_that_of_the_weakest_key(void **state UNUSED)
{
	session_of(ENCTYPE_AES128_SHA1);
	const struct pair_setup how = {GSSAPI, .client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER)};
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_int_equal(number(&pair.client, SASL_SSF), 128);
	assert_int_equal(number(&pair.server, SASL_SSF), 128);
	pair_close(&pair);
}

/* Three octets say how much a side can receive. */
static void buffers_have_24_bits(void **state UNUSED)
{
	const struct pair_setup how = {
		GSSAPI, .client = limits(0, 256, 0x7fffffff), .server = limits(0, 256, 0x1000000)};
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_uint_in_range(number(&pair.client, SASL_MAXOUTBUF), 0xffff00, 0xffffff);
	assert_uint_in_range(number(&pair.server, SASL_MAXOUTBUF), 0xffff00, 0xffffff);
	pair_close(&pair);
}

/* Servers of Active Directory refuse a layer beneath TLS. */
static void there_is_no_layer_beneath_tls_unless_it_is_needed(void **state UNUSED)
{
	struct pair_setup how = {GSSAPI, .client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER)};
	how.client.external_ssf = how.server.external_ssf = 128;
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_int_equal(number(&pair.client, SASL_SSF), 0);
	pair_close(&pair);

	how.client.security.min_ssf = 129;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_int_equal(number(&pair.client, SASL_SSF), 1);
	pair_close(&pair);
}

static void data_pass_the_layer(void **state UNUSED)
{
	const struct pair_setup how = {GSSAPI, .client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER)};
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	static const char text[] = "what was said";
	for (int i = 0; i < 10; i++) {
		sasl_conn_t *from = i % 2 ? pair.server.conn : pair.client.conn;
		sasl_conn_t *to = i % 2 ? pair.client.conn : pair.server.conn;
		const char *packet, *data;
		unsigned len, data_len;
		assert_int_equal(sasl_encode(from, text, sizeof text, &packet, &len), SASL_OK);
		assert_null(memmem(packet, len, text, sizeof text));
		assert_int_equal(sasl_decode(to, packet, len, &data, &data_len), SASL_OK);
		assert_int_equal(data_len, sizeof text);
		assert_memory_equal(data, text, sizeof text);
	}
	pair_close(&pair);
}

static void the_login_name_counts_if_it_is_to_be_strict(void **state UNUSED)
{
	login_as(&(struct pair_setup){GSSAPI, .client.authname = "bob"}, "alice", "alice");
	login_as(&(struct pair_setup){GSSAPI, .client.authname = "alice",
			 .client.option = {{"kerberos5_credentials", "cache, strict"}}},
		"alice", "alice");
	login_as(&(struct pair_setup){GSSAPI, .client.authname = "alice@EXAMPLE.TEST",
			 .client.option = {{"kerberos5_credentials", "strict"}}},
		"alice", "alice");
	setenv("USER", "somebody", 1);
	login_as(&(struct pair_setup){GSSAPI,
			 .client.option = {{"kerberos5_credentials", "strict"}}},
		"alice", "alice");
}

static void another_service_can_be_asked_for(void **state UNUSED)
{
	realm_issue(&(struct realm_ticket){.server = "test/other.example.test@EXAMPLE.TEST"});
	login_as(&(struct pair_setup){GSSAPI, .client.option = {{"kerberos5_service_principal",
						      "test/other.example.test"}}},
		"alice", "alice");
	login_as(&(struct pair_setup){.client.option = {{"kerberos5_service_principal",
					      "test/other.example.test@EXAMPLE.TEST"}}},
		"alice", "alice");
}

static void of_two_that_are_as_strong_gssapi_comes_first(void **state UNUSED)
{
	struct pair pair;
	static const char *const lists[] = {"GSSAPI KERBEROS_V5", "KERBEROS_V5 GSSAPI"};
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		const struct pair_setup how = {.mechanism = lists[i]};
		pair_open(&pair, &how);
		expect_login(&pair);
		assert_string_equal(pair.client.mechanism, "GSSAPI");
		const char *listed;
		assert_int_equal(
			sasl_listmech(pair.server.conn, NULL, "", " ", "", &listed, NULL, NULL),
			SASL_OK);
		expect_in("the server's list", listed, "GSSAPI KERBEROS_V5");
		pair_close(&pair);
	}
}

SUITE(test_gssapi)
{
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(logs_in_with_mutual_authentication),
		LOGIN_CASE(the_messages_are_those_of_the_rfc),
		LOGIN_CASE(logs_in_without_mutual_authentication),
		LOGIN_CASE(a_layer_asks_for_mutual_authentication),
		LOGIN_CASE(works_in_every_kind_of_protocol),
		LOGIN_CASE(the_authorization_identity_arrives),
		LOGIN_CASE(callbacks_may_have_no_name),
		LOGIN_CASE(every_enctype_and_layer),
		LOGIN_CASE(the_strength_is_that_of_the_weakest_key),
		LOGIN_CASE(buffers_have_24_bits),
		LOGIN_CASE(there_is_no_layer_beneath_tls_unless_it_is_needed),
		LOGIN_CASE(data_pass_the_layer),
		LOGIN_CASE(the_login_name_counts_if_it_is_to_be_strict),
		LOGIN_CASE(another_service_can_be_asked_for),
		LOGIN_CASE(of_two_that_are_as_strong_gssapi_comes_first),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

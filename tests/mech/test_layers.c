/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The security layers of KERBEROS_V5 through libsasl2's public API: which one
 * is chosen, and how strong it is.
 */
#include "tests/support/layer_fixture.h"

#include <string.h>

#include "base/timestamp.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define ANY(max)                                                                                   \
	{                                                                                          \
		0, max, USUAL_BUFFER, 0                                                            \
	}

/* The strength, the same on both sides; or 9999 where the login fails. */
#define NO_LOGIN 9999
static unsigned strength_between(const struct pair_setup *how)
{
	struct pair pair;
	pair_open(&pair, how);
	bool done = pair_run(&pair);
	unsigned ssf = done ? number(&pair.client, SASL_SSF) : NO_LOGIN;
	if (done)
		assert_int_equal(number(&pair.server, SASL_SSF), ssf);
	pair_close(&pair);
	return ssf;
}

/* ---- which layer ---- */

static const struct choice {
	int32_t enctype;
	struct {
		sasl_ssf_t min, max;
		unsigned buffer;
		sasl_ssf_t external;
	} client, server;
	unsigned ssf;
} choices[] = {
	/* the strongest that both allow */
	{ENCTYPE_AES256_SHA1, ANY(256), ANY(256), 256},
	{ENCTYPE_AES128_SHA1, ANY(256), ANY(256), 128},
	{ENCTYPE_AES256_SHA1, ANY(1), ANY(256), 1},
	{ENCTYPE_AES256_SHA1, ANY(256), ANY(1), 1},
	{ENCTYPE_AES256_SHA1, ANY(0), ANY(256), 0},
	{ENCTYPE_AES256_SHA1, ANY(256), ANY(0), 0},
	{ENCTYPE_AES256_SHA1, ANY(1000000), ANY(1000000), 256},
	{ENCTYPE_AES256_SHA1, {256, 256, USUAL_BUFFER, 0}, ANY(256), 256},
	{ENCTYPE_AES256_SHA1, ANY(256), {256, 256, USUAL_BUFFER, 0}, 256},
	{ENCTYPE_AES256_SHA1, {1, 1, USUAL_BUFFER, 0}, ANY(256), 1},
	/* by the strength of the key; the server does not know it when it offers */
	{ENCTYPE_AES128_SHA1, ANY(128), ANY(256), 128},
	{ENCTYPE_AES256_SHA1, ANY(128), ANY(256), 1},
	{ENCTYPE_AES128_SHA1, ANY(256), ANY(128), 1},
	{ENCTYPE_AES256_SHA1, ANY(255), ANY(256), 1},
	{ENCTYPE_AES256_SHA1, ANY(256), ANY(255), 1},
	/* never below the minimum */
	{ENCTYPE_AES256_SHA1, {1, 256, USUAL_BUFFER, 0}, ANY(0), NO_LOGIN},
	{ENCTYPE_AES256_SHA1, ANY(0), {1, 256, USUAL_BUFFER, 0}, NO_LOGIN},
	{ENCTYPE_AES256_SHA1, {2, 256, USUAL_BUFFER, 0}, ANY(1), NO_LOGIN},
	{ENCTYPE_AES256_SHA1, ANY(1), {2, 256, USUAL_BUFFER, 0}, NO_LOGIN},
	{ENCTYPE_AES128_SHA1, {129, 256, USUAL_BUFFER, 0}, ANY(256), NO_LOGIN},
	{ENCTYPE_AES128_SHA1, ANY(256), {129, 256, USUAL_BUFFER, 0}, NO_LOGIN},
	{ENCTYPE_AES128_SHA1, {128, 256, USUAL_BUFFER, 0}, {128, 256, USUAL_BUFFER, 0}, 128},
	/* no packets at all */
	{ENCTYPE_AES256_SHA1, {0, 256, 0, 0}, ANY(256), 0},
	{ENCTYPE_AES256_SHA1, ANY(256), {0, 256, 0, 0}, 0},
	{ENCTYPE_AES256_SHA1, {1, 256, USUAL_BUFFER, 0}, {0, 256, 0, 0}, NO_LOGIN},
	{ENCTYPE_AES256_SHA1, {1, 256, 60, 0}, ANY(256), NO_LOGIN},
	{ENCTYPE_AES256_SHA1, ANY(256), {1, 256, 60, 0}, NO_LOGIN},
	/* under TLS */
	{ENCTYPE_AES256_SHA1, {0, 256, USUAL_BUFFER, 256}, {0, 256, USUAL_BUFFER, 256}, 0},
	{ENCTYPE_AES256_SHA1, {128, 256, USUAL_BUFFER, 256}, {128, 256, USUAL_BUFFER, 256}, 0},
	{ENCTYPE_AES256_SHA1, {0, 0, USUAL_BUFFER, 256}, {0, 0, USUAL_BUFFER, 256}, 0},
	{ENCTYPE_AES256_SHA1, {0, 0, 0, 128}, {0, 0, 0, 128}, 0},
	{ENCTYPE_AES256_SHA1, {0, 256, USUAL_BUFFER, 128}, {0, 256, USUAL_BUFFER, 128}, 1},
	{ENCTYPE_AES256_SHA1, {0, 512, USUAL_BUFFER, 256}, {0, 512, USUAL_BUFFER, 256}, 256},
	{ENCTYPE_AES256_SHA1, {257, 512, USUAL_BUFFER, 256}, ANY(256), 256},
	{ENCTYPE_AES256_SHA1, {512, 512, USUAL_BUFFER, 256}, ANY(1), NO_LOGIN},
	/* one side knows of TLS, the other does not */
	{ENCTYPE_AES256_SHA1, ANY(256), {0, 256, USUAL_BUFFER, 256}, 0},
	{ENCTYPE_AES256_SHA1, {0, 256, USUAL_BUFFER, 256}, ANY(256), 0},
};

static void the_strongest_layer_that_both_allow(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(choices); i++) {
		const struct choice *c = &choices[i];
		session_of(c->enctype);
		struct pair_setup how = {
			.client = limits(c->client.min, c->client.max, c->client.buffer),
			.server = limits(c->server.min, c->server.max, c->server.buffer),
		};
		how.client.external_ssf = c->client.external;
		how.server.external_ssf = c->server.external;
		unsigned ssf = strength_between(&how);
		if (ssf != c->ssf)
			fail_msg("row %zu: strength %u, expected %u", i, ssf, c->ssf);
	}
}

/* Only what leaves room for one octet, in the buffers of both. */
static void a_small_buffer_rules_a_layer_out(void **state UNUSED)
{
	session_of(ENCTYPE_AES256_SHA384);
	const struct enctype *type = enctype_usable(ENCTYPE_AES256_SHA384);
	unsigned seen[257] = {0};
	for (unsigned buffer = 80; buffer < 160; buffer++) {
		unsigned expected = protection_room(&protection_privacy, type, buffer) > 0     ? 256
				    : protection_room(&protection_integrity, type, buffer) > 0 ? 1
											       : 0;
		const struct pair_setup at_client = {
			.client = limits(0, 256, buffer),
			.server = limits(0, 256, USUAL_BUFFER),
		};
		const struct pair_setup at_server = {
			.client = limits(0, 256, USUAL_BUFFER),
			.server = limits(0, 256, buffer),
		};
		assert_int_equal(strength_between(&at_client), expected);
		assert_int_equal(strength_between(&at_server), expected);
		seen[expected]++;
	}
	assert_true(seen[0] > 0 && seen[256] > 0);
}

/* Listing makes a connection of the mechanism's, which the login then uses. */
static void tls_may_come_after_the_list(void **state UNUSED)
{
	const struct pair_setup how = {
		.client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER),
	};
	const char *list;
	const sasl_ssf_t external = 256;
	struct pair pair;
	pair_open(&pair, &how);
	assert_int_equal(
		sasl_listmech(pair.server.conn, NULL, "", " ", "", &list, NULL, NULL), SASL_OK);
	assert_non_null(strstr(list, "KERBEROS_V5"));
	assert_int_equal(sasl_setprop(pair.client.conn, SASL_SSF_EXTERNAL, &external), SASL_OK);
	assert_int_equal(sasl_setprop(pair.server.conn, SASL_SSF_EXTERNAL, &external), SASL_OK);
	expect_login(&pair);
	assert_int_equal(number(&pair.server, SASL_SSF), 0);
	assert_int_equal(number(&pair.client, SASL_SSF), 0);
	pair_close(&pair);
}

/* libsasl2 keeps what the refused login has set. */
static void a_refused_login_leaves_no_layer_behind(void **state UNUSED)
{
	const struct pair_setup first = {
		.client = {.user = "nobody", .security = {0, 256, USUAL_BUFFER, 0, NULL, NULL}},
		.server = limits(0, 256, USUAL_BUFFER),
	};
	const struct pair_setup second = {
		.client = limits(0, 0, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER),
	};
	struct pair pair, other;
	pair_open(&pair, &first);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_NOAUTHZ);

	pair_open(&other, &second);
	sasl_conn_t *unused = other.server.conn;
	other.server.conn = pair.server.conn;
	expect_login(&other);
	assert_int_equal(number(&other.client, SASL_SSF), 0);
	assert_int_equal(number(&other.server, SASL_SSF), 0);
	const char *out;
	unsigned len;
	assert_int_equal(sasl_encode(other.server.conn, "as it is", 8, &out, &len), SASL_OK);
	assert_int_equal(len, 8);
	assert_memory_equal(out, "as it is", 8);
	assert_int_equal(sasl_decode(other.server.conn, "as it is", 8, &out, &len), SASL_OK);
	assert_int_equal(len, 8);
	other.server.conn = unused;
	pair_close(&other);
	pair_close(&pair);
}

static void a_server_may_permit_weaker_keys_alone(void **state UNUSED)
{
	const struct pair_setup how = {
		.client = limits(0, 128, USUAL_BUFFER),
		.server = limits(0, 128, USUAL_BUFFER),
	};
	configure("[libdefaults]\n\tdefault_realm = " REALM_NAME
		  "\n\tpermitted_enctypes = aes128-cts-hmac-sha1-96 aes128-sha2\n");
	realm_issue(&(struct realm_ticket){
		.ticket_enctype = ENCTYPE_AES128_SHA256, .session_enctype = ENCTYPE_AES128_SHA256});
	assert_int_equal(strength_between(&how), 128);
}

/* ---- how strong ---- */

static const unsigned strengths[] = {128, 256, 128, 256, 128, 256};

static void the_strength_is_that_of_the_key(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(enctypes); i++)
		for (sasl_ssf_t max = 1; is_offered(enctypes[i]) && max <= 256; max += 255) {
			session_of(enctypes[i]);
			unsigned expected = max == 1 ? 1 : strengths[i];
			const struct pair_setup how = {
				.client = limits(0, max, USUAL_BUFFER),
				.server = limits(0, 256, USUAL_BUFFER),
			};
			assert_int_equal(strength_between(&how), expected);
		}
}

static void the_log_says_how_strong(void **state UNUSED)
{
	struct pair_setup how = {
		.client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER),
	};
	how.server.option[0][0] = "log_level";
	how.server.option[0][1] = "4";
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_non_null(strstr(peer_log(&pair.server), ", mutual, SSF 256\n"));
	pair_close(&pair);
}

static void a_layer_means_mutual_authentication(void **state UNUSED)
{
	struct pair_setup how = {
		.client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER),
	};
	how.client.option[0][0] = "kerberos5_mutual";
	how.client.option[0][1] = "no";
	how.server.option[0][0] = "log_level";
	how.server.option[0][1] = "4";
	struct pair pair;
	pair_open(&pair, &how);
	assert_true(pair_start(&pair));
	assert_true(pair_step(&pair));
	assert_int_equal(pair.client.result, SASL_CONTINUE);
	assert_true(pair_step(&pair));
	assert_true(pair_step(&pair));
	assert_true(pair_done(&pair));
	assert_non_null(strstr(peer_log(&pair.server), ", mutual, SSF 256\n"));
	pair_close(&pair);
}

static void expect_failure(
	const struct pair_setup *how, int result, const char *at_client, const char *at_server)
{
	struct pair pair;
	pair_open(&pair, how);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, result);
	if (!strstr(peer_detail(&pair.client), at_client))
		fail_msg("client: %s", peer_detail(&pair.client));
	if (!strstr(peer_detail(&pair.server), at_server))
		fail_msg("server: %s", peer_detail(&pair.server));
	pair_close(&pair);
}

static void a_key_weaker_than_the_minimum_is_refused(void **state UNUSED)
{
	session_of(ENCTYPE_AES128_SHA256);
	const struct pair_setup at_server = {
		.client = limits(0, 256, USUAL_BUFFER),
		.server = limits(129, 256, USUAL_BUFFER),
	};
	expect_failure(&at_server, SASL_BADAUTH,
		"this server requires a security layer of strength 129, and "
		"aes128-cts-hmac-sha256-128 gives 128",
		"this server requires a security layer of strength 129, and "
		"aes128-cts-hmac-sha256-128 gives 128");
	const struct pair_setup at_client = {
		.client = limits(129, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER),
	};
	expect_failure(&at_client, SASL_FAIL,
		"no security layer that both sides allow: the server offers no layer, integrity, "
		"privacy in packets of 65536 octets, allowed here is nothing in packets of 65536",
		"");
}

/* ---- a server that answers with a subkey of another type ---- */

/* The session key of the ticket in the cache. */
static struct key *session_key(void)
{
	AUTO_BUFFER storage = {0};
	struct principal server;
	struct credential credential;
	struct error err;
	const struct enctype_list all = {1, {ENCTYPE_AES256_SHA1}};
	assert_success(principal_parse(SLICE_LITERAL(REALM_SERVER), &server, &storage, &err), &err);
	AUTO_CCACHE ccache = NULL;
	assert_success(ccache_open(realm_path("ccache"), NULL, &ccache, &err), &err);
	assert_success(ccache_find(ccache, &server,
			       &(struct ccache_terms){&all, timestamp_now().seconds, 0},
			       &credential, &err),
		&err);
	struct key *key;
	assert_success(key_new(credential.key_type, credential.key, &key, &err), &err);
	return key;
}

/* The AP-REP on its way with another subkey. */
static void replace_subkey(struct buffer *token, int32_t enctype)
{
	AUTO_KEY key = session_key();
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER plain = {0};
	AUTO_BUFFER cipher = {0};
	struct ap_rep rep;
	struct enc_ap_rep_part part;
	struct slice text;
	struct error err;
	assert_success(der_read_ap_rep(buffer_slice(token), &rep, &err), &err);
	assert_success(key_decrypt(key, USAGE_AP_REP, rep.enc_part.cipher, &storage, &err), &err);
	text = buffer_slice(&storage);
	assert_success(der_read_enc_ap_rep_part(text, &part, &err), &err);
	part.subkey.type = enctype;
	part.subkey.value.len = enctype_key_length(enctype_usable(enctype));
	assert_success(der_write_enc_ap_rep_part(&part, &plain, &err), &err);
	assert_success(key_encrypt(key, USAGE_AP_REP, buffer_slice(&plain), &cipher, &err), &err);
	rep.enc_part.cipher = buffer_slice(&cipher);
	AUTO_BUFFER changed = {0};
	assert_success(der_write_ap_rep(&rep, &changed, &err), &err);
	buffer_clear(token);
	assert_success(buffer_append(token, buffer_slice(&changed)), &err);
}

/* What the client makes of it. */
static int with_subkey_of(int32_t enctype, struct pair_setup *how, struct pair *pair)
{
	pair_open(pair, how);
	assert_true(pair_start(pair));
	assert_true(pair_step(pair));
	assert_true(pair_step(pair));
	assert_int_equal(pair->server.result, SASL_OK);
	replace_subkey(&pair->token, enctype);
	(void)pair_step(pair);
	return pair->client.result;
}

static void a_subkey_that_is_too_weak_is_refused(void **state UNUSED)
{
	struct pair_setup how = {
		.client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER),
	};
	struct pair pair;
	assert_int_equal(with_subkey_of(ENCTYPE_AES256_SHA384, &how, &pair), SASL_OK);
	assert_int_equal(number(&pair.client, SASL_SSF), 256);
	pair_close(&pair);
	assert_int_equal(with_subkey_of(ENCTYPE_AES128_SHA256, &how, &pair), SASL_OK);
	assert_int_equal(number(&pair.client, SASL_SSF), 128);
	pair_close(&pair);
	how.client = limits(129, 256, USUAL_BUFFER);
	assert_int_equal(with_subkey_of(ENCTYPE_AES128_SHA256, &how, &pair), SASL_BADSERV);
	assert_non_null(strstr(peer_detail(&pair.client),
		"under the server's subkey, which is of type aes128-cts-hmac-sha256-128, the "
		"security layer has strength 128, and 129 to 256 are allowed"));
	pair_close(&pair);
}

static void a_subkey_that_leaves_no_room_is_refused(void **state UNUSED)
{
	const struct enctype *type = enctype_usable(ENCTYPE_AES256_SHA1);
	unsigned buffer = 1;
	while (protection_room(&protection_privacy, type, buffer) == 0)
		buffer++;
	struct pair_setup how = {
		.client = limits(2, 256, USUAL_BUFFER),
		.server = limits(2, 256, buffer),
	};
	struct pair pair;
	assert_int_equal(with_subkey_of(ENCTYPE_AES256_SHA1, &how, &pair), SASL_OK);
	assert_int_equal(number(&pair.client, SASL_MAXOUTBUF), 1);
	pair_close(&pair);
	assert_int_equal(with_subkey_of(ENCTYPE_AES256_SHA384, &how, &pair), SASL_BADSERV);
	assert_non_null(strstr(peer_detail(&pair.client), "no data fit into packets of"));
	pair_close(&pair);
}

SUITE(test_layers)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(the_strongest_layer_that_both_allow),
		LOGIN_CASE(a_small_buffer_rules_a_layer_out),
		LOGIN_CASE(tls_may_come_after_the_list),
		LOGIN_CASE(a_refused_login_leaves_no_layer_behind),
		LOGIN_CASE(a_server_may_permit_weaker_keys_alone),
		LOGIN_CASE(the_strength_is_that_of_the_key),
		LOGIN_CASE(the_log_says_how_strong),
		LOGIN_CASE(a_layer_means_mutual_authentication),
		LOGIN_CASE(a_key_weaker_than_the_minimum_is_refused),
		LOGIN_CASE(a_subkey_that_is_too_weak_is_refused),
		LOGIN_CASE(a_subkey_that_leaves_no_room_is_refused),
	};
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

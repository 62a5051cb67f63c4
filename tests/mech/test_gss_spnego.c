/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GSS-SPNEGO through libsasl2's public API: both sides ours: which layer comes of what
 * both allow, who logs in, and who is refused.
 */
#include "tests/support/bindings.h"
#include "tests/support/gssapi_peer.h"
#include "tests/support/suite.h"

#define SPNEGO .mechanism = "GSS-SPNEGO"

static void exchange_data(sasl_conn_t *from, sasl_conn_t *to)
{
	static const char text[] = "what only the two know";
	const char *packet, *out;
	unsigned len, out_len;
	assert_int_equal(sasl_encode(from, text, sizeof text, &packet, &len), SASL_OK);
	assert_int_equal(sasl_decode(to, packet, len, &out, &out_len), SASL_OK);
	assert_int_equal(out_len, sizeof text);
	assert_memory_equal(out, text, sizeof text);
}

static void check_login(const struct pair_setup *how, unsigned ssf)
{
	struct pair pair;
	pair_open(&pair, how);
	expect_login(&pair);
	assert_string_equal(peer_string(&pair.server, SASL_USERNAME), "alice");
	assert_int_equal(number(&pair.client, SASL_SSF), ssf);
	assert_int_equal(number(&pair.server, SASL_SSF), ssf);
	if (ssf > 0) {
		exchange_data(pair.client.conn, pair.server.conn);
		exchange_data(pair.server.conn, pair.client.conn);
	}
	pair_close(&pair);
}

static void one_token_each_way_is_all(void **state UNUSED)
{
	const struct pair_setup how = {SPNEGO, .server.option = {{"log_level", "4"}}};
	struct pair pair;
	pair_open(&pair, &how);
	assert_true(pair_start(&pair)); /* the server has read the client's */
	assert_int_equal(pair.server.result, SASL_OK);
	assert_int_equal(pair.token.data[0], 0xa1);
	assert_true(pair_step(&pair));
	assert_true(pair_done(&pair));
	assert_false(pair.has_token);
	assert_string_equal(peer_log(&pair.server),
		"4 GSS-SPNEGO: login accepted: alice@EXAMPLE.TEST authenticated to "
		"test/mail.example.test@EXAMPLE.TEST as \"alice\", aes256-cts-hmac-sha1-96, "
		"mutual, SSF 0\n");
	pair_close(&pair);
}

static void works_in_every_kind_of_protocol(void **state UNUSED)
{
	for (int way = 0; way < 8; way++) {
		const struct pair_setup how = {SPNEGO, .no_success_data = way & 1,
			.no_initial_response = way & 2,
			.client.option = {{"kerberos5_mutual", way & 4 ? "no" : "yes"}}};
		check_login(&how, 0);
	}
}

/* Strengths that each side allows, and TLS around both. */
static const struct {
	sasl_ssf_t client_min, client_max, server_min, server_max, tls;
	int ssf; /* -1: the client does not begin; -2: the server refuses */
} limit_rows[] = {
	{0, 256, 0, 256, 0, 256},
	{0, 1, 0, 256, 0, 1},
	{0, 0, 0, 256, 0, 0},
	{1, 1, 1, 256, 0, 1},
	{2, 256, 0, 256, 0, 256},
	{256, 256, 256, 256, 0, 256},
	{0, 128, 0, 256, 0, 1}, /* the key has 256 bits */
	{2, 128, 0, 256, 0, -1},
	/* The server's limits show in its refusal alone. */
	{0, 256, 0, 0, 0, -2},
	{0, 256, 0, 1, 0, -2},
	{0, 1, 0, 0, 0, -2},
	{0, 0, 1, 256, 0, -2},
	{0, 1, 2, 256, 0, -2},
	/* Within TLS no more than has to be. */
	{0, 512, 0, 512, 256, 0},
	{256, 512, 0, 512, 256, 0},
	{257, 512, 0, 512, 256, 256},
	{300, 512, 0, 512, 256, 256},
	{0, 256, 0, 512, 256, 0},
	{0, 0, 0, 512, 256, 0},
	/* What TLS gives is not taken from the most that a server allows, but from the least. */
	{257, 512, 0, 256, 256, 256},
	{257, 512, 0, 255, 256, -2},
	{257, 257, 0, 1, 256, 1},
	{0, 512, 256, 512, 256, 0},
	{0, 512, 257, 512, 256, -2},
};

static struct pair_setup within_limits(size_t row)
{
	struct pair_setup how = {SPNEGO,
		.client = limits(
			limit_rows[row].client_min, limit_rows[row].client_max, USUAL_BUFFER),
		.server = limits(
			limit_rows[row].server_min, limit_rows[row].server_max, USUAL_BUFFER)};
	how.client.external_ssf = how.server.external_ssf = limit_rows[row].tls;
	return how;
}

static void check_refusal(
	const struct pair_setup *how, bool by_server, const char *sentence, size_t row)
{
	struct pair pair;
	struct pair_setup logged = *how;
	logged.server.option[PAIR_OPTIONS - 2][0] = NULL;
	logged.server.option[0][0] = "log_level";
	logged.server.option[0][1] = "2";
	pair_open(&pair, &logged);
	if (pair_run(&pair))
		fail_msg("row %zu: logs in", row);
	if (by_server) {
		assert_int_not_equal(pair.server.result, SASL_OK);
		expect_in("the log", peer_log(&pair.server), "2 GSS-SPNEGO: login refused");
		expect_in("the log", peer_log(&pair.server), sentence);
	}
	expect_in("the client", peer_detail(&pair.client), sentence);
	pair_close(&pair);
}

static void the_flags_say_which_layer(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(limit_rows); i++) {
		const struct pair_setup how = within_limits(i);
		if (limit_rows[i].ssf >= 0)
			check_login(&how, (unsigned)limit_rows[i].ssf);
		else if (limit_rows[i].ssf == -1)
			check_refusal(&how, false,
				"no security layer of aes256-cts-hmac-sha1-96 is allowed here: "
				"strength ",
				i);
		else
			check_refusal(&how, true, ", and this server allows ", i);
	}
}

static void every_enctype_has_its_layers(void **state UNUSED)
{
	for (size_t t = 0; t < COUNT_OF(enctypes); t++)
		for (unsigned most = 0; is_offered(enctypes[t]) && most <= 256; most += 128) {
			unsigned strength = enctype_strength(enctype_usable(enctypes[t]));
			const struct pair_setup how = {SPNEGO,
				.client = limits(0, most, USUAL_BUFFER),
				.server = limits(0, 256, USUAL_BUFFER)};
			session_of(enctypes[t]);
			check_login(&how, most == 0 ? 0 : most >= strength ? strength : 1);
		}
}

/* Nobody tells how much the other side takes: half of nothing is no layer. */
static void packets_without_room_have_no_layer(void **state UNUSED)
{
	struct pair_setup how = {
		SPNEGO, .client = limits(0, 256, 20), .server = limits(0, 256, USUAL_BUFFER)};
	check_login(&how, 0);
	how.client.security.min_ssf = 1;
	check_refusal(&how, false, "in packets of 20 octets (minssf, maxssf, maxbufsize)", 0);
	how.client = limits(0, 256, USUAL_BUFFER);
	how.server = limits(0, 256, 20);
	check_refusal(&how, true,
		"the client asks for privacy, and this server allows no layer: strength 0 to 256, "
		"in packets of 20 octets (minssf, maxssf, maxbufsize)",
		0);
}

/* A header of 16 octets, as much encrypted again, confounder and checksum. */
#define AROUND (16 + 16 + 16 + 12)

static void the_most_that_is_sent_fits_what_peers_take(void **state UNUSED)
{
	static const unsigned sizes[][2] = {{1 << 20, 65536}, {65536, 65536}, {4096, 4096}};
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		const struct pair_setup how = {SPNEGO, .client = limits(0, 256, sizes[i][0]),
			.server = limits(0, 256, sizes[i][0])};
		struct pair pair;
		pair_open(&pair, &how);
		expect_login(&pair);
		assert_int_equal(number(&pair.client, SASL_MAXOUTBUF), sizes[i][1] - AROUND);
		assert_int_equal(number(&pair.server, SASL_MAXOUTBUF), sizes[i][1] - AROUND);
		pair_close(&pair);
	}
}

/* 64 KiB of data and more is what Cyrus SASL's plug-in sends to whoever does not say otherwise. */
static void packets_are_taken_as_long_as_peers_send_them(void **state UNUSED)
{
	static const struct {
		unsigned buffer, len;
		bool is_taken;
	} rows[] = {{4096, 65536, true}, {4096, 65536 + 1024, true}, {4096, 65536 + 1025, false},
		{100000, 100000 + 1024, true}, {100000, 100000 + 1025, false}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct pair_setup how = {SPNEGO, .client = limits(0, 256, rows[i].buffer),
			.server = limits(0, 256, rows[i].buffer)};
		char length[4];
		struct pair pair;
		const char *out;
		unsigned out_len;
		pair_open(&pair, &how);
		expect_login(&pair);
		store_u32((unsigned char *)length, rows[i].len);
		assert_int_equal(
			sasl_decode(pair.server.conn, length, 4, &out, &out_len) == SASL_OK,
			rows[i].is_taken);
		pair_close(&pair);
	}
}

static void a_layer_asks_for_mutual_authentication(void **state UNUSED)
{
	struct pair_setup how = {SPNEGO, .client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER)};
	how.client.option[0][0] = "kerberos5_mutual";
	how.client.option[0][1] = "no";
	check_login(&how, 256);
}

static void http_has_no_layer(void **state UNUSED)
{
	struct pair_setup how = {SPNEGO, .client = limits(1, 256, USUAL_BUFFER),
		.server = limits(0, 0, 0), .flags = SASL_NEED_HTTP};
	/* libsasl2 itself looks at the least strength. */
	how.client.security.min_ssf = 0;
	check_login(&how, 0);
	how.mechanism = "GSSAPI";
	struct pair pair;
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, SASL_NOMECH);
	pair_close(&pair);
}

/* libsasl2 puts what is strongest first; the order in which the module offers them is no help. */
static void gssapi_is_preferred(void **state UNUSED)
{
	static const char *const lists[] = {"GSSAPI GSS-SPNEGO", "GSS-SPNEGO GSSAPI",
		"KERBEROS_V5 GSS-SPNEGO GSSAPI", "GSS-SPNEGO KERBEROS_V5 GSSAPI"};
	const char *list = NULL;
	struct pair pair;
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		const struct pair_setup how = {.mechanism = lists[i]};
		pair_open(&pair, &how);
		expect_login(&pair);
		assert_string_equal(pair.client.mechanism, "GSSAPI");
		pair_close(&pair);
	}
	pair_open(&pair, &(struct pair_setup){.server.security.max_ssf = 256});
	assert_int_equal(
		sasl_listmech(pair.server.conn, NULL, "", " ", "", &list, NULL, NULL), SASL_OK);
	assert_string_equal(list, "GSSAPI KERBEROS_V5 GSS-SPNEGO");
	pair_close(&pair);
}

/* ---- who ---- */

static void the_users_own_identity_may_be_asked_for(void **state UNUSED)
{
	static const char *const names[] = {"", "alice", "alice@EXAMPLE.TEST"};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		check_login(&(struct pair_setup){SPNEGO, .client.user = names[i]}, 0);
}

static void another_identity_is_refused(void **state UNUSED)
{
	static const char *const names[] = {"bob", "alice@OTHER.TEST", "u:alice", "ALICE"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const struct pair_setup how = {SPNEGO, .client.user = names[i]};
		struct pair pair;
		pair_open(&pair, &how);
		assert_false(pair_start(&pair));
		assert_int_equal(pair.client.result, SASL_FAIL);
		expect_in("the client", peer_detail(&pair.client),
			"GSS-SPNEGO logs in as the user of the ticket, alice@EXAMPLE.TEST, and "
			"cannot ask to act as \"");
		pair_close(&pair);
	}
}

/* ---- refusals ---- */

static void a_refused_client_reads_why(void **state UNUSED)
{
	const struct pair_setup how = {SPNEGO};
	struct pair pair;
	realm_issue(&(struct realm_ticket){.keep_keytab = true});
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, SASL_BADAUTH);
	expect_in("the client", peer_detail(&pair.client), "decrypt");
	pair_close(&pair);
}

static void replays_are_refused(void **state UNUSED)
{
	struct gss_peer first, again;
	gss_peer_open(&first, &(struct pair_setup){SPNEGO});
	gss_peer_open(&again, &(struct pair_setup){SPNEGO});
	assert_int_equal(start_client(&first), SASL_CONTINUE);
	assert_int_equal(buffer_append(&first.token, buffer_slice(&first.got)), STATUS_OK);
	assert_int_equal(to_server(&first, buffer_slice(&first.token)), SASL_OK);
	assert_int_equal(to_server(&again, buffer_slice(&first.token)), SASL_CONTINUE);
	expect_in("the log", peer_log(&again.pair.server), "the request is a replay");
	assert_int_equal(to_server(&again, SLICE_EMPTY), SASL_BADAUTH);
	gss_peer_close(&first);
	gss_peer_close(&again);
}

static void bindings_are_those_of_gssapi(void **state UNUSED)
{
	static const struct {
		const sasl_channel_binding_t *client, *server;
		bool succeeds;
	} rows[] = {
		{NULL, NULL, true},
		{&tls, NULL, true},
		{NULL, &tls, true},
		{&tls, &tls, true},
		{&tls, &other, false},
	};
	for (size_t i = 0; i < COUNT_OF(rows) && md5_is_offered(); i++) {
		const struct pair_setup how = {
			SPNEGO, .client.binding = rows[i].client, .server.binding = rows[i].server};
		struct pair pair;
		pair_open(&pair, &how);
		if (pair_run(&pair) != rows[i].succeeds)
			fail_msg("row %zu", i);
		pair_close(&pair);
	}
}

SUITE(test_gss_spnego)
{
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(one_token_each_way_is_all),
		LOGIN_CASE(works_in_every_kind_of_protocol),
		LOGIN_CASE(the_flags_say_which_layer),
		LOGIN_CASE(every_enctype_has_its_layers),
		LOGIN_CASE(packets_without_room_have_no_layer),
		LOGIN_CASE(the_most_that_is_sent_fits_what_peers_take),
		LOGIN_CASE(packets_are_taken_as_long_as_peers_send_them),
		LOGIN_CASE(a_layer_asks_for_mutual_authentication),
		LOGIN_CASE(http_has_no_layer),
		LOGIN_CASE(gssapi_is_preferred),
		LOGIN_CASE(the_users_own_identity_may_be_asked_for),
		LOGIN_CASE(another_identity_is_refused),
		LOGIN_CASE(a_refused_client_reads_why),
		LOGIN_CASE(replays_are_refused),
		LOGIN_CASE(bindings_are_those_of_gssapi),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

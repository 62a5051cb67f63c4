/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Logins of GS2-KRB5: between our own two sides, and with clients that send
 * what ours does not.
 */
#include <string.h>

#include "tests/support/bindings_login.h"
#include "tests/support/gssapi_peer.h"
#include "tests/support/offered.h"

#include "gss/gss_mechanism.h"
#include "mech/gs2.h"

static const sasl_channel_binding_t unique = {
	.name = "tls-unique", .len = 3, .data = (const unsigned char *)"abc"};

static int gs2_setup(void **state)
{
	pair_library_offer("GS2-KRB5");
	return login_setup(state);
}

/* ---- between our own ---- */

static void log_in(struct pair *pair, const struct pair_setup *how)
{
	pair_open(pair, how);
	if (!pair_run(pair))
		fail_msg("client: %s; server: %s", peer_detail(&pair->client),
			peer_detail(&pair->server));
}

static void a_client_logs_in_whatever_the_protocol_carries(void **state UNUSED)
{
	for (unsigned i = 0; i < 4; i++) {
		const struct pair_setup how = {
			.mechanism = GS2_NAME,
			.no_success_data = i & 1,
			.no_initial_response = i & 2,
			.server.option = {{"log_level", "5"}},
		};
		struct pair pair;
		const void *ssf;
		log_in(&pair, &how);
		assert_string_equal(peer_string(&pair.server, SASL_USERNAME), "alice");
		assert_string_equal(peer_string(&pair.server, SASL_AUTHUSER), "alice");
		assert_int_equal(sasl_getprop(pair.server.conn, SASL_SSF, &ssf), SASL_OK);
		assert_int_equal(*(const sasl_ssf_t *)ssf, 0);
		expect_in("the log", peer_log(&pair.server), "GS2-KRB5: login accepted: ");
		pair_close(&pair);
	}
}

static void authentication_is_mutual_whatever_the_option_says(void **state UNUSED)
{
	const struct pair_setup how = {
		.mechanism = GS2_NAME,
		.client.option = {{"kerberos5_mutual", "no"}},
		.server.option = {{"log_level", "5"}},
	};
	struct pair pair;
	log_in(&pair, &how);
	expect_in("the log", peer_log(&pair.server), ", mutual, SSF 0");
	pair_close(&pair);
}

static void an_identity_of_any_octets_arrives(void **state UNUSED)
{
	static const char *const users[] = {
		"bob", "cn=bob,dc=example", "=2C", ",", "J\xc3\xbcrgen"};
	for (size_t i = 0; i < COUNT_OF(users); i++) {
		const struct pair_setup how = {.mechanism = GS2_NAME, .client.user = users[i]};
		struct pair pair;
		log_in(&pair, &how);
		assert_string_equal(peer_string(&pair.server, SASL_USERNAME), users[i]);
		assert_string_equal(peer_string(&pair.server, SASL_AUTHUSER), "alice");
		pair_close(&pair);
	}
}

#define DOWNGRADED "but was not offered GS2-KRB5-PLUS, which this server offers"
#define NOT_SHOWN "nothing in this login shows that both sides have the same"

/* With one other mechanism in its list libsasl2 says "y", with GS2-KRB5 alone "n". */
static const struct {
	const char *what, *mechanisms;
	const sasl_channel_binding_t *client, *server;
	const char *server_says; /* NULL: both succeed */
	bool used;
} cases[] = {
	{"n: neither has any", GS2_NAME, NULL, NULL, NULL, false},
	{"n: the server has some", GS2_NAME, NULL, &tls, NULL, false},
	{"n: the server demands some", GS2_NAME, NULL, &tls_critical, NOT_SHOWN, false},
	{"n: the client has some", GS2_NAME, &tls, NULL, NULL, false},
	{"y: the server has none", "GS2-KRB5 OTHER", &tls, NULL, NULL, false},
	{"y: the server has some", "GS2-KRB5 OTHER", &tls, &tls, DOWNGRADED, false},
	{"y: the server demands some", "GS2-KRB5 OTHER", &tls, &tls_critical, DOWNGRADED, false},
	{"p: the same", "GS2-KRB5-PLUS", &tls, &tls, NULL, true},
	{"p: the same, among others", "GS2-KRB5 GS2-KRB5-PLUS", &tls, &tls, NULL, true},
	{"p: both demand them", "GS2-KRB5-PLUS", &tls_critical, &tls_critical, NULL, true},
	{"p: alone, since the client demands them", GS2_NAME, &tls_critical, &tls, NULL, true},
	{"p: they differ", "GS2-KRB5-PLUS", &other, &tls, "are not those of this connection",
		false},
	{"p: they differ, and are critical", "GS2-KRB5-PLUS", &other_critical, &tls_critical,
		"are not those of this connection", false},
	{"p: the server has none", "GS2-KRB5-PLUS", &tls, NULL,
		"(tls-server-end-point), and this server's application has none", false},
	{"p: of another type", "GS2-KRB5-PLUS", &unique, &tls,
		"of the type tls-unique, this server tls-server-end-point", false},
};

static void disposition(const char *side, const sasl_out_params_t *oparams, bool used)
{
	sasl_cbinding_disp_t expected = used ? SASL_CB_DISP_USED : SASL_CB_DISP_NONE;
	if (oparams->cbindingdisp != expected)
		fail_msg("the %s says %d of its bindings", side, (int)oparams->cbindingdisp);
}

static void bindings_are_judged_by_what_the_client_says(void **state UNUSED)
{
	for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
		size_t n = i / 2;
		const struct pair_setup how = {
			.mechanism = cases[n].mechanisms,
			.no_success_data = i % 2,
			.client.binding = cases[n].client,
			.server = {.binding = cases[n].server, .option = {{"log_level", "2"}}},
		};
		struct pair pair;
		pair_open(&pair, &how);
		/* libsasl2 lets a client that demands bindings have no other mechanism. */
		bool peeks = !how.client.binding || !how.client.binding->critical;
		if (peeks)
			peek(&pair);
		if (pair_run(&pair) == (cases[n].server_says != NULL))
			fail_msg("%s: client: %s; server: %s", cases[n].what,
				peer_detail(&pair.client), peer_detail(&pair.server));
		if (peeks) {
			disposition("client", client_told, cases[n].used);
			disposition("server", server_told, cases[n].used);
		}
		if (cases[n].server_says) {
			must_have_refused(&pair);
			expect_in(cases[n].what, peer_log(&pair.server), cases[n].server_says);
		}
		pair_close(&pair);
	}
}

static void it_is_listed_with_plus_where_there_are_bindings(void **state UNUSED)
{
	static const struct {
		const sasl_channel_binding_t *binding;
		const char *list;
	} lists[] = {
		{NULL, "GS2-KRB5"},
		{&tls, "GS2-KRB5-PLUS GS2-KRB5"},
		{&tls_critical, "GS2-KRB5-PLUS"},
	};
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		const struct pair_setup how = {.server.binding = lists[i].binding};
		struct pair pair;
		const char *list;
		pair_open(&pair, &how);
		assert_int_equal(
			sasl_listmech(pair.server.conn, NULL, "", " ", "", &list, NULL, NULL),
			SASL_OK);
		expect_in("the list", list, lists[i].list);
		expect_not_in("the list", list + strlen(lists[i].list), "GS2");
		pair_close(&pair);
	}
}

/* ---- clients that send something else ---- */

static void peer_open(struct gss_peer *p, const sasl_channel_binding_t *server)
{
	const struct pair_setup how = {.server.binding = server};
	gss_peer_open(p, &how);
	p->pair.server.mechanism = GS2_NAME;
}

static int send_first(struct gss_peer *p, struct slice octets)
{
	const char *out = NULL;
	unsigned len = 0;
	p->result = sasl_server_start(p->pair.server.conn, GS2_NAME, (const char *)octets.data,
		(unsigned)octets.len, &out, &len);
	gss_peer_take(p, out, len);
	return p->result;
}

struct first {
	const char *header; /* as it is sent */
	const char *bound;  /* what the token is bound to; NULL: nothing */
	bool keeps_framing, is_not_mutual;
};

static struct slice first_message(struct gss_peer *p, const struct first *first)
{
	struct gss_initiator initiator = peer_initiator(p, !first->is_not_mutual);
	AUTO_BUFFER token = {0};
	struct slice sent;
	NEW_ERROR(err);
	if (first->bound)
		must_be(gss_bindings_of(slice_string(first->bound), &initiator.bindings, &err),
			&err);
	must_be(gss_initiate(&initiator, NULL, &p->context, &token, &err), &err);
	must_be(gss_framing_read(buffer_slice(&token), GSS_OID_KERBEROS, &sent, &err), &err);
	if (first->keeps_framing)
		sent = buffer_slice(&token);
	buffer_clear(&p->token);
	assert_int_equal(buffer_append(&p->token, slice_string(first->header)), STATUS_OK);
	assert_int_equal(buffer_append(&p->token, sent), STATUS_OK);
	return buffer_slice(&p->token);
}

static void both_forms_of_the_header_are_read(void **state UNUSED)
{
	static const struct first good[] = {
		{"n,,", "n,,", false, false},
		{"F,n,,", "n,,", true, false},
		{"y,a=bob,", "y,a=bob,", false, false},
		{"F,y,a=bob,", "y,a=bob,", true, false},
	};
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		struct gss_peer p;
		peer_open(&p, NULL);
		if (send_first(&p, first_message(&p, &good[i])) != SASL_OK)
			fail_msg("%s: %s", good[i].header, peer_detail(&p.pair.server));
		finish_initiating(&p, buffer_slice(&p.got));
		gss_peer_close(&p);
	}
}

static void what_does_not_fit_its_header_is_refused(void **state UNUSED)
{
	static const char bound[] = "are not those of this connection";
	static const struct {
		struct first first;
		const char *says;
	} bad[] = {
		{{"F,n,,", "n,,", false, false}, "no GSS-API token: it begins with the octet 01"},
		{{"n,,", "n,,", true, false}, "the identifier (TOK_ID) 6082"},
		{{"n,,", NULL, false, false}, "sent no channel bindings"},
		{{"n,,", "n,,", false, true}, "requires mutual authentication"},
		{{"n,,", "", false, false}, bound},
		{{"n,,", "y,,", false, false}, bound},
		{{"F,n,,", "F,n,,", true, false}, bound},
		{{"n,a=bob,", "n,,", false, false}, bound},
		{{"n,a=bob,", "n,a=alice,", false, false}, bound},
		{{"n,,", "n,a=bob,", false, false}, bound},
		{{"n,,", "p=tls-server-end-point,,tls:ABCDEFGH", false, false}, bound},
		{{"p=tls-server-end-point,,", "p=tls-server-end-point,,", false, false}, bound},
		{{"p=tls-server-end-point,,", "n,,tls:ABCDEFGH", false, false}, bound},
		{{"p=tls-server-end-point,,", "tls:ABCDEFGH", false, false}, bound},
		{{"y,,", "y,,", false, false}, DOWNGRADED},
		{{"p=tls-unique,,", "p=tls-unique,,tls:ABCDEFGH", false, false},
			"of the type tls-unique, this server tls-server-end-point"},
		{{"q,,", "q,,", false, false}, "the header of the client's GS2 message"},
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct gss_peer p;
		peer_open(&p, &tls);
		int result = send_first(&p, first_message(&p, &bad[i].first));
		if (result == SASL_CONTINUE) /* with the reason */
			result = sasl_server_step(
				p.pair.server.conn, "", 0, &(const char *){0}, &(unsigned){0});
		if (result != SASL_BADAUTH)
			fail_msg("%s bound to %s: %d", bad[i].first.header, bad[i].first.bound,
				result);
		expect_in(bad[i].first.header, peer_log(&p.pair.server), bad[i].says);
		gss_peer_close(&p);
	}
}

static void a_message_that_is_cut_short_is_refused(void **state UNUSED)
{
	struct gss_peer p;
	peer_open(&p, NULL);
	const struct first first = {"n,a=bob,", "n,a=bob,", false, false};
	struct slice whole = first_message(&p, &first);
	for (size_t len = 1; len < whole.len; len = len < 40 ? len + 1 : len + 61) {
		struct pair pair;
		const struct pair_setup how = {.mechanism = GS2_NAME};
		const char *out;
		unsigned out_len;
		pair_open(&pair, &how);
		int result = sasl_server_start(pair.server.conn, GS2_NAME, (const char *)whole.data,
			(unsigned)len, &out, &out_len);
		assert_int_equal(result, SASL_BADAUTH);
		pair_close(&pair);
	}
	assert_int_equal(send_first(&p, whole), SASL_OK);
	gss_peer_close(&p);
}

/* A replay of the whole message. */
static void a_message_is_taken_once(void **state UNUSED)
{
	struct gss_peer p;
	struct pair pair;
	const struct pair_setup how = {.mechanism = GS2_NAME};
	const struct first first = {"n,,", "n,,", false, false};
	const char *out;
	unsigned len;
	peer_open(&p, NULL);
	assert_int_equal(send_first(&p, first_message(&p, &first)), SASL_OK);
	pair_open(&pair, &how);
	pair.server.result = sasl_server_start(pair.server.conn, GS2_NAME,
		(const char *)p.token.data, (unsigned)p.token.len, &out, &len);
	must_have_refused(&pair);
	expect_in("the server", peer_detail(&pair.server), "it is a replay");
	pair_close(&pair);
	gss_peer_close(&p);
}

/* ---- servers that do not answer rightly ---- */

static void a_client_takes_nothing_but_a_right_reply(void **state UNUSED)
{
	static const struct {
		struct slice reply;
		const char *says;
	} replies[] = {
		{{NULL, 0}, "an empty token came"},
		{{(const unsigned char *)"x,,", 3}, "no GSS-API token"},
		{{(const unsigned char *)"\x02\x00", 2}, "no GSS-API token"},
	};
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		const struct pair_setup how = {.mechanism = GS2_NAME};
		struct pair pair;
		const char *out;
		unsigned len;
		pair_open(&pair, &how);
		assert_true(pair_start(&pair));
		int result = sasl_client_step(pair.client.conn,
			replies[i].reply.data ? (const char *)replies[i].reply.data : "",
			(unsigned)replies[i].reply.len, NULL, &out, &len);
		assert_true(result < SASL_OK);
		expect_in("the client", peer_detail(&pair.client), replies[i].says);
		pair_close(&pair);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(a_client_logs_in_whatever_the_protocol_carries),
		LOGIN_CASE(authentication_is_mutual_whatever_the_option_says),
		LOGIN_CASE(an_identity_of_any_octets_arrives),
		BINDINGS_CASE(bindings_are_judged_by_what_the_client_says),
		LOGIN_CASE(it_is_listed_with_plus_where_there_are_bindings),
		LOGIN_CASE(both_forms_of_the_header_are_read),
		LOGIN_CASE(what_does_not_fit_its_header_is_refused),
		LOGIN_CASE(a_message_that_is_cut_short_is_refused),
		LOGIN_CASE(a_message_is_taken_once),
		LOGIN_CASE(a_client_takes_nothing_but_a_right_reply),
	};
	if (!md5_is_offered())
		return nothing_to_try("GS2 needs MD5, which OpenSSL does not offer here");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, gs2_setup, login_teardown);
}

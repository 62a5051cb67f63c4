/*
 * KERBEROS_V5 through libsasl2's public API: everything that is refused, and
 * what each side says of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sasl/prop.h>

#include "base/timestamp.h"
#include "pair.h"
#include "realm.h"

#define UNUSED __attribute__((unused))

static int setup(void **state UNUSED)
{
	realm_start();
	pair_library_start();
	return 0;
}

static int teardown(void **state UNUSED)
{
	pair_library_stop();
	realm_stop();
	return 0;
}

static void configure(const char *krb5_conf)
{
	realm_configure(krb5_conf);
	pair_library_stop();
	pair_library_start();
}

static int usual_realm(void **state UNUSED)
{
	configure("[libdefaults]\n\tdefault_realm = " REALM_NAME "\n");
	realm_issue(&(struct realm_ticket){0});
	return 0;
}

static void expect_in(const char *what, const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s says \"%s\", not \"%s\"", what, text, part);
}

static void expect_not_in(const char *what, const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("%s says \"%s\", which has \"%s\"", what, text, part);
}

/* What the two sides and the server's log are expected to say. */
struct expected {
	int server_result, client_result;
	const char *client, *server, *log;
};

static void expect_refusal(const struct pair_setup *how, const struct expected *expected)
{
	struct pair_setup with_log = *how;
	with_log.server.option[PAIR_OPTIONS - 1][0] = NULL;
	struct pair pair;
	pair_open(&pair, &with_log);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, expected->client_result);
	assert_int_equal(pair.server.result, expected->server_result);
	if (expected->client)
		expect_in("the client", peer_detail(&pair.client), expected->client);
	if (expected->server)
		expect_in("the server", peer_detail(&pair.server), expected->server);
	if (expected->log)
		expect_in("the log", peer_log(&pair.server), expected->log);
	/* Whoever is not authenticated reads no path of the server. */
	expect_not_in("the server", peer_detail(&pair.server), "/tmp/");
	pair_close(&pair);
}

static const struct pair_setup verbose = {.server.option = {{"log_level", "2"}}};

static void times(struct mint_ticket *ticket, void *arg)
{
	const int64_t *offset = arg;
	int64_t now = timestamp_now().seconds;
	ticket->part.authtime = now + offset[0];
	ticket->part.has_starttime = true;
	ticket->part.starttime = now + offset[0];
	ticket->part.endtime = now + offset[1];
}

static void a_client_with_an_expired_ticket_does_not_begin(void **state UNUSED)
{
	int64_t yesterday[] = {-86400, -3600};
	realm_issue(&(struct realm_ticket){.change = times, .arg = yesterday});
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, SASL_FAIL);
	expect_in("the client", peer_detail(&pair.client), "test/mail.example.test");
	expect_in("the client", peer_detail(&pair.client), "1 h");
	pair_close(&pair);
}

/* Some clients show nothing else to their user (imtest: "generic failure"). */
static void the_trace_file_says_why_a_login_failed(void **state UNUSED)
{
	int64_t yesterday[] = {-86400, -3600};
	realm_issue(&(struct realm_ticket){.change = times, .arg = yesterday});
	setenv("KRB5_TRACE", realm_path("trace"), 1);
	struct pair pair;
	pair_open(&pair, &(struct pair_setup){.client.option = {{"log_level", "0"}}});
	assert_false(pair_run(&pair));
	unsetenv("KRB5_TRACE");
	assert_string_equal(peer_log(&pair.client), "");
	pair_close(&pair);

	char line[1200] = "";
	FILE *file = fopen(realm_path("trace"), "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof line, file));
	fclose(file);
	assert_int_equal(line[0], '[');
	expect_in("the trace", line, ": the ticket for test/mail.example.test@EXAMPLE.TEST in ");
	expect_in("the trace", line, "1 h ago");
}

static void a_client_without_a_cache_says_what_to_do(void **state UNUSED)
{
	remove(realm_path("ccache"));
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, SASL_FAIL);
	expect_in("the client", peer_detail(&pair.client), "kinit");
	expect_in("the client", peer_detail(&pair.client), realm_path("ccache"));
	pair_close(&pair);
}

static void a_client_without_the_ticket_says_what_to_do(void **state UNUSED)
{
	realm_issue(&(struct realm_ticket){.server = "test/other.example.test@EXAMPLE.TEST"});
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, SASL_FAIL);
	expect_in("the client", peer_detail(&pair.client), "test/mail.example.test");
	expect_in("the client", peer_detail(&pair.client), "kvno");
	pair_close(&pair);
}

static void the_clients_krb5_conf_is_named_with_its_line(void **state UNUSED)
{
	configure("[libdefaults]\n\tdefault_realm EXAMPLE.TEST\n");
	struct pair pair;
	pair_open(&pair, &verbose);
	const char *out, *mechanism;
	unsigned len;
	assert_int_equal(
		sasl_client_start(pair.client.conn, "KERBEROS_V5", NULL, &out, &len, &mechanism),
		SASL_CONTINUE);
	char challenge[22] = {9};
	assert_int_equal(
		sasl_client_step(pair.client.conn, challenge, 21, NULL, &out, &len), SASL_BADPROT);
	expect_in("the client", peer_detail(&pair.client), realm_path("krb5.conf"));
	expect_in("the client", peer_detail(&pair.client), "2");
	expect_in("the client's log", peer_log(&pair.client), "1 KERBEROS_V5: ");
	assert_int_not_equal(
		sasl_server_start(pair.server.conn, "KERBEROS_V5", NULL, 0, &out, &len), SASL_OK);
	expect_in("the server's log", peer_log(&pair.server), "1 KERBEROS_V5: not offered: ");
	expect_in("the server's log", peer_log(&pair.server), realm_path("krb5.conf"));
	pair_close(&pair);
}

static void bad_option_values_are_named(void **state UNUSED)
{
	struct pair pair;
	const struct pair_setup client = {.client.option = {{"kerberos5_mutual", "maybe"}}};
	pair_open(&pair, &client);
	assert_false(pair_run(&pair));
	expect_in("the client", peer_detail(&pair.client),
		"the client option kerberos5_mutual is \"maybe\"; it can be yes or no");
	pair_close(&pair);

	const struct pair_setup server = {.server.option = {{"kerberos5_mutual", "on"}}};
	pair_open(&pair, &server);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_NOMECH);
	assert_string_equal(peer_log(&pair.server),
		"1 KERBEROS_V5: not offered: the server option kerberos5_mutual is \"on\"; it can "
		"be allowed or required\n");
	pair_close(&pair);
}

static void skewed_clock_is_told_to_the_user(void **state UNUSED)
{
	/* A cache that says the KDC's clock is ahead: the client's authenticator runs with it. */
	AUTO_BUFFER cache = {0};
	struct error err;
	struct ccache *old = NULL;
	assert_int_equal(ccache_open(realm_path("ccache"), &old, &err), STATUS_OK);
	struct credential credential;
	AUTO_BUFFER storage = {0};
	struct principal server;
	assert_int_equal(
		principal_parse(SLICE_LITERAL(REALM_SERVER), &server, &storage, &err), STATUS_OK);
	const struct enctype_list all = {1, {ENCTYPE_AES256_SHA1}};
	assert_int_equal(
		ccache_find(old, &server, &all, timestamp_now().seconds, &credential, &err),
		STATUS_OK);
	mint_ccache_start(&cache, 4, &credential.client, 1032);
	mint_ccache_credential(&cache, 4, &credential, &(struct host_addresses){0});
	assert_int_equal(mint_file(realm_path("ccache"), buffer_slice(&cache), &err), STATUS_OK);
	ccache_close(old);

	expect_refusal(
		&verbose, &(struct expected){
				  .server_result = SASL_CONTINUE,
				  .client_result = SASL_BADAUTH,
				  .client = "clock skew too great",
				  .server = "clock skew too great",
				  .log = "2 KERBEROS_V5: login refused: clock skew too great",
			  });
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_false(pair_run(&pair));
	expect_in("the client", peer_detail(&pair.client), "17 min");
	pair_close(&pair);
}

static void a_refused_login_ends_with_badauth(void **state UNUSED)
{
	struct realm_ticket other_key = {.keep_keytab = true};
	realm_issue(&other_key);
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_true(pair_start(&pair));
	assert_true(pair_step(&pair));
	assert_true(pair_step(&pair));
	assert_int_equal(pair.server.result, SASL_CONTINUE);
	assert_int_equal(der_message_type(buffer_slice(&pair.token)), KRB_ERROR);
	const char *out;
	unsigned len;
	assert_int_equal(sasl_server_step(pair.server.conn, "", 0, &out, &len), SASL_BADAUTH);
	const char *log = peer_log(&pair.server);
	assert_ptr_equal(strchr(log, '\n'), strrchr(log, '\n'));
	pair_close(&pair);
}

static void without_mutual_a_refusal_is_immediate(void **state UNUSED)
{
	realm_issue(&(struct realm_ticket){.keep_keytab = true});
	struct pair_setup how = verbose;
	how.client.option[0][0] = "kerberos5_mutual";
	how.client.option[0][1] = "no";
	expect_refusal(&how, &(struct expected){
				     .server_result = SASL_BADAUTH,
				     .client_result = SASL_OK,
				     .log = "login refused: ",
			     });
}

static void a_ticket_in_another_key_is_refused(void **state UNUSED)
{
	realm_issue(&(struct realm_ticket){.keep_keytab = true});
	expect_refusal(&verbose, &(struct expected){
					 .server_result = SASL_CONTINUE,
					 .client_result = SASL_BADAUTH,
					 .client = "test/mail.example.test",
					 .log = "does not decrypt",
				 });
}

static void a_key_of_another_version_is_named_in_the_log_only(void **state UNUSED)
{
	realm_issue(&(struct realm_ticket){.kvno = 7, .keep_keytab = true});
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_false(pair_run(&pair));
	expect_in("the log", peer_log(&pair.server), "kvno 7");
	expect_in("the log", peer_log(&pair.server), realm_path("keytab"));
	expect_not_in("the client", peer_detail(&pair.client), realm_path("keytab"));
	expect_not_in("the server", peer_detail(&pair.server), realm_path("keytab"));
	pair_close(&pair);
}

static void a_service_that_is_pinned_is_the_only_one(void **state UNUSED)
{
	struct pair_setup how = verbose;
	how.server.option[1][0] = "kerberos5_service_principal";
	how.server.option[1][1] = "test/mail.example.test";
	struct pair pair;
	pair_open(&pair, &how);
	assert_true(pair_run(&pair));
	pair_close(&pair);

	how.server.option[1][1] = "test/other.example.test@EXAMPLE.TEST";
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_NOMECH);
	expect_in("the log", peer_log(&pair.server), "test/other.example.test@EXAMPLE.TEST");
	pair_close(&pair);

	how.server.option[1][1] = "test@a@b";
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	expect_in("the log", peer_log(&pair.server), "option kerberos5_service_principal: ");
	pair_close(&pair);
}

static void krb5_conf_can_pin_the_servers_host_name(void **state UNUSED)
{
	configure("[libdefaults]\n\tignore_acceptor_hostname = false\n");
	realm_issue(&(struct realm_ticket){.server = "test/balancer.example.test@EXAMPLE.TEST"});
	struct pair pair;
	pair_open(&pair, &(struct pair_setup){.server.option = {{"log_level", "2"}}});
	assert_false(pair_run(&pair));
	expect_in("the log", peer_log(&pair.server), "test/mail.example.test");
	pair_close(&pair);

	realm_issue(&(struct realm_ticket){0});
	pair_open(&pair, &(struct pair_setup){.host = "mail.example.test."});
	assert_true(pair_run(&pair));
	pair_close(&pair);
}

static void name_client(struct mint_ticket *ticket, void *arg)
{
	ticket->part.client = *(struct principal *)arg;
}

static void names_that_pass_for_others_are_refused(void **state UNUSED)
{
	static const struct {
		struct slice name, realm;
		const char *reason;
	} row[] = {
		{SLICE_LITERAL("alice\0"), SLICE_LITERAL("EXAMPLE.TEST"), "a NUL octet"},
		{SLICE_LITERAL("alice"), SLICE_LITERAL("EXAMPLE.TEST\0.X"), "a NUL octet"},
		{SLICE_LITERAL("ali\nce"), SLICE_LITERAL("EXAMPLE.TEST"), "a control character"},
		{SLICE_LITERAL("ali\x7f"), SLICE_LITERAL("EXAMPLE.TEST"), "a control character"},
		{SLICE_LITERAL(" alice"), SLICE_LITERAL("EXAMPLE.TEST"), "a blank"},
		{SLICE_LITERAL("alice "), SLICE_LITERAL("EXAMPLE.TEST"), "a blank"},
		{SLICE_LITERAL("alice"), SLICE_LITERAL("EXAMPLE.TEST "), "a blank"},
		{SLICE_LITERAL("alice@EXAMPLE.TEST"), SLICE_LITERAL("OTHER"), "separates"},
		{SLICE_LITERAL("alice/admin"), SLICE_LITERAL("EXAMPLE.TEST"), "separates"},
		{SLICE_LITERAL("al\\ice"), SLICE_LITERAL("EXAMPLE.TEST"), "separates"},
		{SLICE_LITERAL("alice"), SLICE_LITERAL("A@EXAMPLE.TEST"), "separates"},
		{SLICE_LITERAL(""), SLICE_LITERAL("EXAMPLE.TEST"), "no name"},
		{SLICE_LITERAL("alice"), SLICE_LITERAL(""), "no realm"},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct principal client = {NT_PRINCIPAL, 1, {row[i].name}, row[i].realm};
		realm_issue(&(struct realm_ticket){.change = name_client, .arg = &client});
		struct pair pair;
		pair_open(&pair, &verbose);
		assert_false(pair_run(&pair));
		expect_in("the client", peer_detail(&pair.client), row[i].reason);
		pair_close(&pair);
	}
}

static void outer_blanks_in_an_authorization_identity_are_refused(void **state UNUSED)
{
	static const struct {
		const char *user, *reason;
	} row[] = {{"bob ", "a blank"}, {" bob", "a blank"}, {"bo\tb\n", "a control character"}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const struct pair_setup how = {.client.user = row[i].user};
		struct pair pair;
		pair_open(&pair, &how);
		assert_false(pair_run(&pair));
		assert_int_equal(pair.client.result, SASL_BADPROT);
		expect_in("the client", peer_detail(&pair.client), row[i].reason);
		pair_close(&pair);
	}
}

static void the_server_speaks_first(void **state UNUSED)
{
	struct pair pair;
	const char *out;
	unsigned len;
	pair_open(&pair, &verbose);
	assert_int_equal(sasl_server_start(pair.server.conn, "KERBEROS_V5", "x", 1, &out, &len),
		SASL_BADPROT);
	expect_in("the server", peer_detail(&pair.server), "begins with the server's challenge");
	expect_in("the log", peer_log(&pair.server), "sent 1 octets before the challenge");
	pair_close(&pair);

	pair_open(&pair, &verbose);
	assert_int_equal(sasl_server_start(pair.server.conn, "KERBEROS_V5", "", 0, &out, &len),
		SASL_CONTINUE);
	assert_int_equal(len, 21);
	assert_memory_equal(out, "\x09\0\0\0\0", 5);
	pair_close(&pair);
}

static void challenges_are_random(void **state UNUSED)
{
	char seen[21] = {0};
	for (int i = 0; i < 20; i++) {
		struct pair pair;
		pair_open(&pair, &verbose);
		assert_true(pair_start(&pair));
		assert_int_equal(pair.token.len, 21);
		assert_memory_not_equal(pair.token.data + 5, seen + 5, 16);
		memcpy(seen, pair.token.data, 21);
		pair_close(&pair);
	}
}

static void eight_other_messages_get_an_empty_answer(void **state UNUSED)
{
	static const struct slice other[] = {
		SLICE_LITERAL(""),
		SLICE_LITERAL("\0"),
		SLICE_LITERAL("\x6a\x03\x02\x01\x05"), /* an AS-REQ, as it were */
		SLICE_LITERAL("garbage"),
	};
	struct pair pair;
	const char *out;
	unsigned len;
	pair_open(&pair, &verbose);
	assert_true(pair_start(&pair));
	for (int i = 0; i < 8; i++) {
		assert_int_equal(sasl_server_step(pair.server.conn, (const char *)other[i % 4].data,
					 (unsigned)other[i % 4].len, &out, &len),
			SASL_CONTINUE);
		assert_int_equal(len, 0);
	}
	assert_int_equal(sasl_server_step(pair.server.conn, "", 0, &out, &len), SASL_BADPROT);
	expect_in("the log", peer_log(&pair.server), "9 messages and none was an AP-REQ");
	pair_close(&pair);

	/* After eight of them an AP-REQ is still welcome. */
	pair_open(&pair, &verbose);
	assert_true(pair_start(&pair));
	assert_true(pair_step(&pair));
	for (int i = 0; i < 8; i++)
		assert_int_equal(
			sasl_server_step(pair.server.conn, "", 0, &out, &len), SASL_CONTINUE);
	assert_true(pair_step(&pair));
	assert_true(pair_step(&pair));
	assert_true(pair_done(&pair));
	pair_close(&pair);
}

static void a_replay_to_a_second_connection_is_refused(void **state UNUSED)
{
	struct pair first, second;
	pair_open(&first, &verbose);
	assert_true(pair_start(&first) && pair_step(&first));
	pair_open(&second, &verbose);
	assert_true(pair_start(&second));
	const char *out;
	unsigned len;
	assert_int_equal(sasl_server_step(second.server.conn, (char *)first.token.data,
				 (unsigned)first.token.len, &out, &len),
		SASL_CONTINUE);
	assert_int_equal(der_message_type(slice_of(out, len)), KRB_ERROR);
	expect_in("the log", peer_log(&second.server), "answers another challenge");
	assert_true(pair_step(&first));
	assert_int_equal(first.server.result, SASL_OK);
	pair_close(&first);
	pair_close(&second);
}

static void nothing_may_follow_the_ap_req(void **state UNUSED)
{
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_true(pair_start(&pair) && pair_step(&pair));
	assert_int_equal(buffer_append(&pair.token, SLICE_LITERAL("\0")), STATUS_OK);
	assert_false(pair_step(&pair));
	assert_int_equal(pair.server.result, SASL_BADPROT);
	pair_close(&pair);
}

static void a_client_wants_a_right_challenge(void **state UNUSED)
{
	static const struct {
		struct slice challenge;
		const char *reason;
	} row[] = {
		{SLICE_LITERAL(""), "has 0 octets instead of 21"},
		{SLICE_LITERAL("\x09\0\0\0\0_15_octets_here"), "has 20 octets"},
		{SLICE_LITERAL("\x09\0\0\0\0_sixteen_octets_."), "has 22 octets"},
		{SLICE_LITERAL("\x0e\0\0\0\0_sixteen_octets_"),
			"no security layer that both sides allow: the server offers 0x0e"},
		{SLICE_LITERAL("\x01\0\0\0\0_sixteen_octets_"), "not offer mutual authentication"},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct pair pair;
		pair_open(&pair, &verbose);
		assert_true(pair_start(&pair));
		buffer_clear(&pair.token);
		assert_int_equal(buffer_append(&pair.token, row[i].challenge), STATUS_OK);
		bool stepped = pair_step(&pair);
		if (stepped && row[i].challenge.len == 21)
			fail_msg("row %zu was taken", i);
		expect_in("the client", peer_detail(&pair.client), row[i].reason);
		pair_close(&pair);
	}
}

static void a_client_wants_a_right_ap_rep(void **state UNUSED)
{
	struct pair pair;
	for (int kind = 0; kind < 4; kind++) {
		pair_open(&pair, &verbose);
		assert_true(pair_start(&pair) && pair_step(&pair));
		AUTO_BUFFER ap_req = {0};
		assert_int_equal(buffer_append(&ap_req, buffer_slice(&pair.token)), STATUS_OK);
		assert_true(pair_step(&pair));
		struct slice token[] = {SLICE_EMPTY, buffer_slice(&ap_req),
			SLICE_LITERAL("\x6f\x00"), SLICE_LITERAL("\x7e\x02\x30\x00")};
		buffer_clear(&pair.token);
		assert_int_equal(buffer_append(&pair.token, token[kind]), STATUS_OK);
		assert_false(pair_step(&pair));
		assert_int_not_equal(pair.client.result, SASL_OK);
		pair_close(&pair);
	}
}

/* libsasl2 keeps the connection that was made when the mechanisms were listed. */
static void what_is_demanded_after_the_listing_counts(void **state UNUSED)
{
	const struct pair_setup how = {
		.client.option = {{"kerberos5_mutual", "no"}},
		.server.option = {{"log_level", "2"}},
	};
	const sasl_security_properties_t mutual = {.security_flags = SASL_SEC_MUTUAL_AUTH};
	const char *list;
	struct pair pair;
	pair_open(&pair, &how);
	assert_int_equal(
		sasl_listmech(pair.server.conn, NULL, " ", " ", " ", &list, NULL, NULL), SASL_OK);
	assert_int_equal(sasl_setprop(pair.server.conn, SASL_SEC_PROPS, &mutual), SASL_OK);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_BADAUTH);
	expect_in("the log", peer_log(&pair.server), "requires mutual authentication");
	pair_close(&pair);
}

/* libsasl2 has let go of the connection, and hands on NULL. */
static void a_step_after_the_end_is_refused(void **state UNUSED)
{
	const struct pair_setup how = {.client.option = {{"kerberos5_mutual", "no"}}};
	realm_issue(&(struct realm_ticket){.keep_keytab = true});
	struct pair pair;
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_BADAUTH);
	const char *out;
	unsigned len;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			sasl_server_step(pair.server.conn, "x", 1, &out, &len), SASL_BADAUTH);
	pair_close(&pair);
}

static void a_server_can_be_started_again(void **state UNUSED)
{
	struct pair pair;
	const char *out, *list;
	unsigned len;
	pair_open(&pair, &verbose);
	assert_int_equal(sasl_server_start(pair.server.conn, "KERBEROS_V5", "x", 1, &out, &len),
		SASL_BADPROT);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
			sasl_server_start(pair.server.conn, "KERBEROS_V5", NULL, 0, &out, &len),
			SASL_CONTINUE);
		assert_int_equal(
			sasl_listmech(pair.server.conn, NULL, " ", " ", " ", &list, NULL, NULL),
			SASL_OK);
	}
	assert_true(pair_run(&pair));
	pair_close(&pair);
}

static int refuse_user(sasl_conn_t *conn UNUSED, void *context, const char *user, unsigned len,
	unsigned flags, const char *realm UNUSED, char *out, unsigned out_max, unsigned *out_len)
{
	const unsigned *refused = context;
	if (flags & *refused || len >= out_max)
		return SASL_NOUSER;
	memcpy(out, user, len);
	*out_len = len;
	return SASL_OK;
}

/* A side of which the application refuses names with one of these SASL_CU_ flags. */
static void refuse_names(struct peer *peer, unsigned *flags)
{
	sasl_callback_t *end = peer->callbacks;
	while (end->id != SASL_CB_LIST_END)
		end++;
	end[1] = *end;
	*end = (sasl_callback_t){
		SASL_CB_CANON_USER, (int (*)(void))(void (*)(void))refuse_user, flags};
}

static void a_name_that_the_application_refuses_is_named(void **state UNUSED)
{
	static const struct {
		unsigned flags;
		const char *sentence;
	} row[] = {
		{SASL_CU_AUTHID,
			"the authentication identity \"alice\" was refused: user not found"},
		{SASL_CU_AUTHZID, "the authorization identity \"bob\" was refused: user not found"},
	};
	static const char *const property[] = {"krb5Realm", NULL};
	const struct pair_setup how = {.client.user = "bob",
		.server = {.option = {{"log_level", "2"}}, .properties = property}};
	for (size_t i = 0; i < 2; i++) {
		unsigned flags = row[i].flags;
		struct pair pair;
		pair_open(&pair, &how);
		refuse_names(&pair.server, &flags);
		assert_false(pair_run(&pair));
		assert_int_equal(pair.server.result, SASL_CONTINUE);
		assert_int_equal(pair.client.result, SASL_BADAUTH);
		expect_in("the server", peer_detail(&pair.server), row[i].sentence);
		expect_in("the log", peer_log(&pair.server), row[i].sentence);
		expect_in("the client", peer_detail(&pair.client), row[i].sentence);
		struct propval realm;
		prop_getnames(
			sasl_auxprop_getctx(pair.server.conn), (const char **)property, &realm);
		assert_null(realm.values);
		pair_close(&pair);

		pair_open(&pair, &how);
		refuse_names(&pair.client, &flags);
		assert_false(pair_run(&pair));
		assert_int_equal(pair.client.result, SASL_NOUSER);
		expect_in("the client", peer_detail(&pair.client), row[i].sentence);
		pair_close(&pair);
	}
}

static int no_user(void *context UNUSED, int id UNUSED, const char **user, unsigned *len)
{
	*user = NULL;
	*len = 0;
	return SASL_NOTINIT;
}

static void a_client_that_failed_goes_no_further(void **state UNUSED)
{
	const struct pair_setup how = {.client.user = "bob"};
	for (int i = 0; i < 2; i++) {
		unsigned flags = SASL_CU_AUTHID;
		struct pair pair;
		const char *out;
		unsigned len;
		pair_open(&pair, &how);
		if (i == 0)
			refuse_names(&pair.client, &flags);
		else
			pair.client.callbacks[2].proc = (int (*)(void))(void (*)(void))no_user;
		assert_true(pair_start(&pair));
		char challenge[22] = {0};
		memcpy(challenge, pair.token.data, 21);
		assert_false(pair_step(&pair));
		expect_in("the client", peer_detail(&pair.client),
			i == 0 ? "was refused: user not found"
			       : "could not tell the authorization identity");
		assert_int_equal(
			sasl_client_step(pair.client.conn, challenge, 21, NULL, &out, &len),
			SASL_BADPROT);
		assert_int_equal(len, 0);
		pair_close(&pair);
	}
}

/* One login with one bit of one message turned over; true if both sides were content. */
static bool run_with_flip(int message, size_t bit, size_t *bits)
{
	struct pair pair;
	pair_open(&pair, &(struct pair_setup){0});
	assert_true(pair_start(&pair));
	for (int i = 0; i < message; i++)
		assert_true(pair_step(&pair));
	*bits = pair.token.len * 8;
	bool good = bit < *bits; /* some logins' messages are an octet shorter */
	if (good)
		pair.token.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
	for (int i = 0; i < 4 && good && !pair_done(&pair); i++)
		good = pair_step(&pair);
	good = good && pair_done(&pair);
	pair_close(&pair);
	return good;
}

static void every_bit_of_the_challenge_counts(void **state UNUSED)
{
	size_t bits = 1;
	for (size_t bit = 0; bit < bits; bit++)
		if (run_with_flip(0, bit, &bits))
			fail_msg("bit %zu of the challenge was turned over unnoticed", bit);
	assert_int_equal(bits, 21 * 8);
}

/*
 * What RFC 4120 leaves unauthenticated in an AP-REQ: the reserved bits of
 * ap-options, and the type of the service's name. Found by their place in
 * the encoding of this test's own ticket.
 */
struct open_place {
	const char *name;
	struct slice before; /* octets that stand right before it */
	unsigned char mask;  /* the bits of the first octet behind them that may differ */
	size_t length;       /* octets of which every bit of `mask` may differ */
};

static const struct open_place open_places[] = {
	{"ap-options, bit 0 and bits 3 to 7 (reserved)", SLICE_LITERAL("\xa2\x07\x03\x05\x00"),
		0x9f, 1},
	{"ap-options, bits 8 to 31 (reserved)", SLICE_LITERAL("\xa2\x07\x03\x05\x00\x20"), 0xff, 3},
	{"ticket.sname.name-type", SLICE_LITERAL("\xa0\x03\x02\x01"), 0xff, 1},
};

static const unsigned char *find_octets(struct slice token, struct slice octets)
{
	return memmem(token.data, token.len, octets.data, octets.len);
}

static bool is_open(struct slice token, size_t bit)
{
	for (size_t i = 0; i < sizeof open_places / sizeof *open_places; i++) {
		const struct open_place *place = &open_places[i];
		struct slice from = token;
		if (i == 2) { /* inside the ticket, behind its realm */
			const unsigned char *realm = find_octets(token, SLICE_LITERAL(REALM_NAME));
			from = slice_of(realm, token.len - (size_t)(realm - token.data));
		}
		const unsigned char *at = find_octets(from, place->before);
		assert_non_null(at);
		size_t start = (size_t)(at - token.data) + place->before.len;
		if (bit / 8 >= start && bit / 8 < start + place->length &&
			(place->mask >> bit % 8 & 1) != 0)
			return true;
	}
	return false;
}

static void every_bit_of_the_ap_req_counts(void **state UNUSED)
{
	struct pair pair;
	pair_open(&pair, &(struct pair_setup){0});
	assert_true(pair_start(&pair) && pair_step(&pair));
	size_t bits = 1;
	for (size_t bit = 0; bit < bits; bit++) {
		bool good = run_with_flip(1, bit, &bits);
		bool may = is_open(buffer_slice(&pair.token), bit);
		if (good != may)
			fail_msg("bit %zu of the AP-REQ (octet %zu) was turned over and %s", bit,
				bit / 8, good ? "accepted" : "refused, though it is listed");
	}
	pair_close(&pair);
}

static void every_bit_of_the_ap_rep_counts(void **state UNUSED)
{
	size_t bits = 1;
	for (size_t bit = 0; bit < bits; bit++)
		if (run_with_flip(2, bit, &bits))
			fail_msg("bit %zu of the AP-REP was turned over unnoticed", bit);
	assert_true(bits > 8 * 50);
}

static void an_ap_req_cut_short_is_refused_at_every_length(void **state UNUSED)
{
	size_t whole = 2;
	for (size_t len = 0; len < whole; len++) {
		struct pair pair;
		pair_open(&pair, &(struct pair_setup){0});
		assert_true(pair_start(&pair) && pair_step(&pair));
		whole = pair.token.len;
		pair.token.len = len;
		bool stepped = pair_step(&pair);
		assert_int_not_equal(pair.server.result, SASL_OK);
		if (len == 0)
			assert_true(stepped); /* an empty message is not an AP-REQ */
		else
			assert_int_equal(pair.server.result, SASL_BADPROT);
		pair_close(&pair);
	}
	assert_true(whole > 400);
}

#define CASE(name) cmocka_unit_test_setup(name, usual_realm)

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		CASE(a_client_with_an_expired_ticket_does_not_begin),
		CASE(the_trace_file_says_why_a_login_failed),
		CASE(a_client_without_a_cache_says_what_to_do),
		CASE(a_client_without_the_ticket_says_what_to_do),
		CASE(the_clients_krb5_conf_is_named_with_its_line),
		CASE(bad_option_values_are_named),
		CASE(skewed_clock_is_told_to_the_user),
		CASE(a_refused_login_ends_with_badauth),
		CASE(without_mutual_a_refusal_is_immediate),
		CASE(a_ticket_in_another_key_is_refused),
		CASE(a_key_of_another_version_is_named_in_the_log_only),
		CASE(a_service_that_is_pinned_is_the_only_one),
		CASE(krb5_conf_can_pin_the_servers_host_name),
		CASE(names_that_pass_for_others_are_refused),
		CASE(outer_blanks_in_an_authorization_identity_are_refused),
		CASE(the_server_speaks_first),
		CASE(challenges_are_random),
		CASE(eight_other_messages_get_an_empty_answer),
		CASE(a_replay_to_a_second_connection_is_refused),
		CASE(nothing_may_follow_the_ap_req),
		CASE(a_client_wants_a_right_challenge),
		CASE(a_client_wants_a_right_ap_rep),
		CASE(what_is_demanded_after_the_listing_counts),
		CASE(a_step_after_the_end_is_refused),
		CASE(a_server_can_be_started_again),
		CASE(a_name_that_the_application_refuses_is_named),
		CASE(a_client_that_failed_goes_no_further),
		CASE(every_bit_of_the_challenge_counts),
		CASE(every_bit_of_the_ap_req_counts),
		CASE(every_bit_of_the_ap_rep_counts),
		CASE(an_ap_req_cut_short_is_refused_at_every_length),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}

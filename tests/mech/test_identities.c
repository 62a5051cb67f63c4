/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which of several identities a client has, for each connection by itself:
 * kerberos5_ccache, kerberos5_client_keytab and kerberos5_client_principal.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/login_fixture.h"
#include "tests/support/realm_kdc.h"
#include "tests/support/suite.h"

enum { THREADS = 8, LOGINS = 12 };

/* ---- several caches ---- */

/* Moves the ticket that was issued last, with its key, out of the way of the next. */
static void put_aside(const char *name)
{
	assert_int_equal(rename(realm_path("ccache"), realm_path(name)), 0);
}

/* Two tickets for the service with one key, in files below a folder. */
static int two_caches(void **state UNUSED)
{
	usual_realm(NULL);
	assert_int_equal(mkdir(realm_path("dir"), 0700), 0);
	realm_issue(&(struct realm_ticket){.client = "alice@EXAMPLE.TEST"});
	put_aside("dir/tkta");
	realm_issue_again(&(struct realm_ticket){.client = "bob@EXAMPLE.TEST"});
	put_aside("dir/tktb");
	return 0;
}

static int no_caches(void **state UNUSED)
{
	unlink(realm_path("dir/tkta"));
	unlink(realm_path("dir/tktb"));
	return rmdir(realm_path("dir"));
}

#define CACHES_CASE(name) cmocka_unit_test_setup_teardown(name, two_caches, no_caches)

static struct pair_setup client_with(const char *option, const char *value)
{
	return (struct pair_setup){.mechanism = "GSSAPI", .client.option = {{option, value}}};
}

static void logs_in(struct pair_setup how, const char *name)
{
	struct pair pair;
	pair_open(&pair, &how);
	if (!pair_run(&pair))
		fail_msg("%s; %s", peer_detail(&pair.client), peer_detail(&pair.server));
	assert_string_equal(peer_string(&pair.server, SASL_AUTHUSER), name);
	assert_string_equal(peer_string(&pair.client, SASL_AUTHUSER), name);
	pair_close(&pair);
}

static void is_refused(struct pair_setup how, const char *why)
{
	struct pair pair;
	pair_open(&pair, &how);
	assert_false(pair_run(&pair));
	expect_in("the client", peer_detail(&pair.client), why);
	pair_close(&pair);
}

/* KRB5CCNAME is one for the whole process, and names none that is there. */
static void each_connection_may_have_a_cache(void **state UNUSED)
{
	char tokens[200];
	logs_in(client_with("kerberos5_ccache", realm_path("dir/tkta")), "alice");
	logs_in(client_with("kerberos5_ccache", realm_path("dir/tktb")), "bob");
	snprintf(tokens, sizeof tokens, "FILE:%s%%{null}", realm_path("dir/tktb"));
	logs_in(client_with("kerberos5_ccache", tokens), "bob");
	is_refused(client_with("kerberos5_ccache", realm_path("dir/tktc")),
		"there is no credential cache ");
	is_refused(client_with("kerberos5_ccache", "/tmp/%{nothing}"),
		"option kerberos5_ccache: %{nothing} is not known");
}

static void krb5_conf_may_name_it_by_service(void **state UNUSED)
{
	char conf[600];
	snprintf(conf, sizeof conf,
		"[libdefaults]\n\tdefault_realm = EXAMPLE.TEST\n[appdefaults]\n"
		"\tkerberos5_ccache = %s\n\timap = {\n\t\tkerberos5_ccache = /nowhere\n\t}\n",
		realm_path("dir/tktb"));
	configure(conf);
	logs_in((struct pair_setup){.mechanism = "KERBEROS_V5"}, "bob");
	logs_in(client_with("kerberos5_ccache", realm_path("dir/tkta")), "alice");
}

static struct pair_setup of_collection(const char *principal, char name[200])
{
	snprintf(name, 200, "DIR:%s", realm_path("dir"));
	return (struct pair_setup){.mechanism = "GSSAPI",
		.client.option = {{"kerberos5_ccache", name},
			{principal ? "kerberos5_client_principal" : NULL, principal}}};
}

static void the_option_chooses_of_a_collection(void **state UNUSED)
{
	char name[200];
	logs_in(of_collection("alice", name), "alice");
	logs_in(of_collection("bob", name), "bob");
	logs_in(of_collection("bob@EXAMPLE.TEST", name), "bob");
	is_refused(of_collection("carol", name),
		"carol@EXAMPLE.TEST is to log in and nobody else (option "
		"kerberos5_client_principal): there is no credential cache of "
		"carol@EXAMPLE.TEST");
	is_refused(of_collection("bob@OTHER.TEST", name), "no credential cache of bob@OTHER.TEST");
	is_refused(of_collection("a@b@c", name),
		"option kerberos5_client_principal: the name \"a@b@c\": ");
	struct pair_setup one = client_with("kerberos5_client_principal", "bob");
	one.client.option[1][0] = "kerberos5_ccache";
	one.client.option[1][1] = realm_path("dir/tkta");
	is_refused(one, "which has that of alice@EXAMPLE.TEST");
}

/* What the program gives is often no name of Kerberos'. */
static void the_option_goes_before_the_programs_name(void **state UNUSED)
{
	char name[200];
	struct pair_setup how = of_collection("bob", name);
	how.client.authname = "alice";
	logs_in(how, "bob");
	how = of_collection(NULL, name);
	how.client.authname = "bob";
	logs_in(how, "bob");
	how = of_collection("bob", name);
	how.client.authname = "alice";
	how.client.option[2][0] = "kerberos5_credentials";
	how.client.option[2][1] = "cache strict";
	is_refused(how, "the program wants to log in as alice@EXAMPLE.TEST, and "
			"kerberos5_client_principal is bob@EXAMPLE.TEST (strict");
	how.client.authname = "bob";
	logs_in(how, "bob");
}

/* ---- at once ---- */

static pthread_barrier_t start;

struct worker {
	struct pair_setup how;
	const char *name;
	char why[300];
	pthread_t thread;
};

/* Not with cmocka's assertions, which are for one thread. */
static void *work(void *argument)
{
	struct worker *worker = argument;
	pthread_barrier_wait(&start);
	for (unsigned i = 0; i < LOGINS && !worker->why[0]; i++) {
		struct pair pair;
		pair_open(&pair, &worker->how);
		const char *name = pair_run(&pair) ? peer_string(&pair.server, SASL_AUTHUSER)
						   : peer_detail(&pair.client);
		if (strcmp(name, worker->name) != 0)
			snprintf(worker->why, sizeof worker->why, "%s, not %s", name, worker->name);
		pair_close(&pair);
	}
	return NULL;
}

/* Half of the threads are the one, half the other. */
static void log_in_at_once(struct pair_setup first, struct pair_setup second)
{
	struct worker workers[THREADS];
	pthread_barrier_init(&start, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){
			.how = i % 2 ? second : first, .name = i % 2 ? "bob" : "alice"};
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	pthread_barrier_destroy(&start);
	for (unsigned i = 0; i < THREADS; i++)
		assert_string_equal(workers[i].why, "");
}

static void two_caches_serve_at_once(void **state UNUSED)
{
	char first[200], second[200];
	snprintf(first, sizeof first, "%s", realm_path("dir/tkta"));
	snprintf(second, sizeof second, "%s", realm_path("dir/tktb"));
	log_in_at_once(
		client_with("kerberos5_ccache", first), client_with("kerberos5_ccache", second));
}

/* ---- several keys ---- */

static struct fake_world world;

static void write_keytab(const char *name, const char *const clients[], size_t count)
{
	AUTO_BUFFER contents = {0};
	AUTO_KEY key = fake_password_key(ENCTYPE_AES256_SHA1);
	struct error err;
	mint_keytab_start(&contents, MINT_KEYTAB_2);
	for (size_t i = 0; i < count; i++) {
		const struct mint_keytab_entry entry = {
			.principal = {NT_PRINCIPAL, 1, {slice_string(clients[i])},
				SLICE_LITERAL("EXAMPLE.TEST")},
			.kvno = 1,
			.enctype = ENCTYPE_AES256_SHA1,
			.key = key_octets(key),
		};
		mint_keytab_entry(&contents, MINT_KEYTAB_2, &entry);
	}
	assert_int_equal(mint_file(realm_path(name), buffer_slice(&contents), &err), STATUS_OK);
}

/* As Active Directory's tools make one: what is to log in is not the first. */
static int open_realm(void **state UNUSED)
{
	static const char *const clients[] = {"MAIL", "alice", "bob", "MAIL$"};
	realm_kdc_open(&world, 0);
	write_keytab("client", clients, 4);
	write_keytab("other", clients + 2, 1);
	return 0;
}

static int close_realm(void **state UNUSED)
{
	realm_kdc_close(&world);
	return remove(realm_path("other"));
}

#define KEYS_CASE(name) cmocka_unit_test_setup_teardown(name, open_realm, close_realm)

static void the_option_chooses_of_a_keytab(void **state UNUSED)
{
	logs_in((struct pair_setup){.mechanism = "GSSAPI"}, "MAIL");
	logs_in(client_with("kerberos5_client_principal", "MAIL$"), "MAIL$");
	logs_in(client_with("kerberos5_client_principal", "bob@EXAMPLE.TEST"), "bob");
	is_refused(client_with("kerberos5_client_principal", "carol"),
		"carol@EXAMPLE.TEST is to log in and nobody else (option "
		"kerberos5_client_principal): the client keytab ");
	struct pair_setup how = client_with("kerberos5_client_principal", "bob");
	how.client.authname = "alice";
	logs_in(how, "bob");
}

static void each_connection_may_have_a_keytab(void **state UNUSED)
{
	logs_in(client_with("kerberos5_client_keytab", realm_path("other")), "bob");
	logs_in(client_with("kerberos5_client_keytab", realm_path("client")), "MAIL");
}

static void two_keys_serve_at_once(void **state UNUSED)
{
	char other[200];
	snprintf(other, sizeof other, "%s", realm_path("other"));
	log_in_at_once(client_with("kerberos5_client_principal", "alice"),
		client_with("kerberos5_client_principal", "bob"));
	log_in_at_once(client_with("kerberos5_client_principal", "alice"),
		client_with("kerberos5_client_keytab", other));
}

SUITE(test_identities)
{
	const struct CMUnitTest tests[] = {
		CACHES_CASE(each_connection_may_have_a_cache),
		CACHES_CASE(krb5_conf_may_name_it_by_service),
		CACHES_CASE(the_option_chooses_of_a_collection),
		CACHES_CASE(the_option_goes_before_the_programs_name),
		CACHES_CASE(two_caches_serve_at_once),
		KEYS_CASE(the_option_chooses_of_a_keytab),
		KEYS_CASE(each_connection_may_have_a_keytab),
		KEYS_CASE(two_keys_serve_at_once),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * threads.c - logins in several threads while keytab, cache and krb5.conf are
 * written anew under them and the process forks: for ThreadSanitizer ("make
 * check-threads"), with the module linked in.
 *
 * Who writes a file renames a new one over it, as kadmin, kinit and editors do,
 * so that every login succeeds.
 */
#include <pthread.h>
#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/krb5_conf.h"
#include "tests/support/pair.h"
#include "tests/support/realm.h"
#include "store/ccache.h"
#include "store/keytab.h"

enum { LOGIN_THREADS = 4, LOGINS = 100, STORE_THREADS = 2, FORKS = 16, CHILD_SECONDS = 60 };

extern sasl_server_plug_init_t sasl_server_plug_init;
extern sasl_client_plug_init_t sasl_client_plug_init;

static atomic_int failures, busy;

static void check(bool holds, const char *what, const char *why)
{
	if (holds)
		return;
	fprintf(stderr, "%s: %s\n", what, why);
	failures++;
}

static void must(enum status status, const struct error *err)
{
	check(status == STATUS_OK, "the test", err->text);
	if (status != STATUS_OK)
		exit(99);
}

/* ---- the realm ---- */

static struct key *service_key, *session_key;
static struct principal client, server;
static struct buffer client_storage, server_storage;

static void write_file(const char *path, const struct buffer *contents)
{
	struct error err;
	must(mint_file(path, buffer_slice(contents), &err), &err);
}

/* The key that serves stays; how many others there are changes. */
static void write_keytab(const char *path, unsigned round)
{
	AUTO_BUFFER contents = {0};
	mint_keytab_start(&contents, MINT_KEYTAB_2);
	for (unsigned kvno = 1; kvno <= 1 + round % 5; kvno++) {
		const struct mint_keytab_entry entry = {
			.principal = server,
			.kvno = kvno,
			.enctype = ENCTYPE_AES256_SHA1,
			.key = key_octets(service_key),
		};
		mint_keytab_entry(&contents, MINT_KEYTAB_2, &entry);
	}
	write_file(path, &contents);
}

/* A ticket as a KDC gives it: another one each time, since it is encrypted anew. */
static void issue(struct buffer *der, struct credential *out)
{
	struct error err;
	const struct mint_ticket ticket =
		mint_ticket_of(&client, &server, service_key, session_key, timestamp_now().seconds);
	must(mint_ticket(&ticket, der, &err), &err);
	*out = mint_credential(&ticket, buffer_slice(der));
}

static void write_ccache(const char *path)
{
	AUTO_BUFFER der = {0};
	AUTO_BUFFER contents = {0};
	struct credential credential;
	issue(&der, &credential);
	mint_ccache_start(&contents, 4, &client, 0);
	mint_ccache_credential(&contents, 4, &credential, NULL);
	write_file(path, &contents);
}

static void write_conf(const char *path, unsigned round)
{
	AUTO_BUFFER contents = {0};
	char line[100];
	snprintf(line, sizeof line, "\tclockskew = %u\n", 300 + round % 7);
	mint_octets(&contents, SLICE_LITERAL("[libdefaults]\n\tdefault_realm = " REALM_NAME
					     "\n\tdns_canonicalize_hostname = false\n"));
	mint_octets(&contents, slice_string(line));
	write_file(path, &contents);
}

/* realm_path() gives memory that is for one thread. */
static char keytab_path[200], ccache_path[200], conf_path[200];

static void make_realm(void)
{
	struct error err;
	const struct enctype *type = enctype_usable(ENCTYPE_AES256_SHA1);
	realm_start();
	must(key_random(type, &service_key, &err), &err);
	must(key_random(type, &session_key, &err), &err);
	must(principal_parse(slice_string(REALM_CLIENT), &client, &client_storage, &err), &err);
	must(principal_parse(slice_string(REALM_SERVER), &server, &server_storage, &err), &err);
	snprintf(keytab_path, sizeof keytab_path, "%s", realm_path("keytab"));
	snprintf(ccache_path, sizeof ccache_path, "%s", realm_path("ccache"));
	snprintf(conf_path, sizeof conf_path, "%s", realm_path("krb5.conf"));
	write_conf(conf_path, 0);
	write_keytab(keytab_path, 0);
	write_ccache(ccache_path);
}

static void remove_realm(void)
{
	realm_stop();
	key_release(service_key);
	key_release(session_key);
	buffer_free(&client_storage);
	buffer_free(&server_storage);
}

/* ---- what goes on at once ---- */

static bool talk(const struct peer *from, const struct peer *to)
{
	static const char data[3000] = "data";
	const char *packets, *out;
	unsigned packets_len, len;
	return sasl_encode(from->conn, data, sizeof data, &packets, &packets_len) == SASL_OK &&
	       sasl_decode(to->conn, packets, packets_len, &out, &len) == SASL_OK &&
	       len == sizeof data && memcmp(out, data, len) == 0;
}

static bool log_in(unsigned n)
{
	static const char *const mechanisms[] = {"KERBEROS_V5", "GSSAPI"};
	const struct pair_setup how = {
		.mechanism = mechanisms[n % 2],
		.client.security = {.max_ssf = n % 3 ? 256 : 1, .maxbufsize = 4096},
		.server.security = {.max_ssf = 256, .maxbufsize = 4096},
	};
	struct pair pair;
	pair_open(&pair, &how);
	bool good = pair_run(&pair);
	check(good, "a login",
		pair.client.result != SASL_OK ? peer_detail(&pair.client)
					      : peer_detail(&pair.server));
	if (good)
		check(talk(&pair.client, &pair.server) && talk(&pair.server, &pair.client),
			"a layer", "data do not come through");
	pair_close(&pair);
	return good;
}

static void *log_in_often(void *arg)
{
	unsigned thread = *(const unsigned *)arg;
	for (unsigned i = 0; i < LOGINS; i++)
		(void)log_in(thread + i);
	busy--;
	return NULL;
}

/* The clock that the look at krb5.conf goes by is ahead, so that each look is one. */
static void look_at_conf(unsigned round)
{
	AUTO_KRB5_CONF conf = NULL;
	struct error err;
	struct timestamp now = timestamp_now();
	now.seconds += (int64_t)(round + 1) * (KRB5_CONF_RECHECK_SECONDS + 1);
	check(krb5_conf_get(now, &conf, &err) == STATUS_OK, "krb5.conf", err.text);
	if (conf)
		check(krb5_conf_clock_skew(conf) >= 300, "krb5.conf", "another clockskew");
}

static void *write_files(void *arg)
{
	(void)arg;
	for (unsigned round = 1; busy > 0; round++) {
		write_keytab(keytab_path, round);
		write_ccache(ccache_path);
		write_conf(conf_path, round);
		look_at_conf(round);
		if (round % 16 == 0) {
			keytab_forget();
			krb5_conf_forget();
		}
	}
	return NULL;
}

/* The stores by themselves: caches, of a file and of type MEMORY, which threads share and replace.
 */
static void *use_stores(void *arg)
{
	const struct enctype_list types = {1, {ENCTYPE_AES256_SHA1}};
	(void)arg;
	while (busy > 0) {
		AUTO_BUFFER der = {0};
		AUTO_CCACHE ccache = NULL;
		AUTO_CCACHE file = NULL;
		AUTO_KEYTAB keytab = NULL;
		struct credential credential, found;
		struct error err;
		unsigned position = 0;
		issue(&der, &credential);
		const struct ccache_start start = {
			.client = &client, .credential = &credential, .count = 1};
		check(ccache_create("MEMORY:shared", &start, &err) == STATUS_OK &&
				ccache_open("MEMORY:shared", NULL, &ccache, &err) == STATUS_OK &&
				ccache_store(ccache, &credential, &err) == STATUS_OK &&
				ccache_find(ccache, &server,
					&(struct ccache_terms){&types, timestamp_now().seconds, 0},
					&found, &err) == STATUS_OK,
			"a cache", err.text);
		check(ccache_open(ccache_path, NULL, &file, &err) == STATUS_OK &&
				ccache_find(file, &server,
					&(struct ccache_terms){&types, timestamp_now().seconds, 0},
					&found, &err) == STATUS_OK,
			"the cache", err.text);
		check(keytab_get(keytab_path, KEYTAB_SERVER, &keytab, NULL, &err) == STATUS_OK,
			"the keytab", err.text);
		check(keytab_find(keytab, &server,
			      &(struct keytab_wanted){ENCTYPE_AES256_SHA1, true, 1},
			      &position) != NULL,
			"the keytab", "it has no key");
	}
	return NULL;
}

/* A child has one thread and whatever state the others were in. */
static void *fork_often(void *arg)
{
	(void)arg;
	for (int i = 0; i < FORKS; i++) {
		pid_t child = fork();
		if (child == 0) {
			alarm(CHILD_SECONDS);
			failures = 0;
			_exit(log_in(0) && log_in(1) && failures == 0 ? 0 : 1);
		}
		int status = -1;
		check(child > 0 && waitpid(child, &status, 0) == child && status == 0, "a child",
			"it could not log in");
	}
	busy--;
	return NULL;
}

static int get_no_path(void *context, const char **path)
{
	(void)context;
	*path = "/nonexistent";
	return SASL_OK;
}

static void start_libsasl2(void)
{
	static const sasl_callback_t callbacks[] = {
		{SASL_CB_GETPATH, (int (*)(void))(void (*)(void))get_no_path, NULL},
		{SASL_CB_GETCONFPATH, (int (*)(void))(void (*)(void))get_no_path, NULL},
		{SASL_CB_LIST_END, NULL, NULL},
	};
	if (sasl_client_init(callbacks) != SASL_OK ||
		sasl_server_init(callbacks, "threads") != SASL_OK ||
		sasl_client_add_plugin("kerberos5", sasl_client_plug_init) != SASL_OK ||
		sasl_server_add_plugin("kerberos5", sasl_server_plug_init) != SASL_OK) {
		fputs("libsasl2 does not start\n", stderr);
		exit(99);
	}
}

int main(void)
{
	enum { OTHERS = STORE_THREADS + 2, THREADS = LOGIN_THREADS + OTHERS };
	pthread_t thread[THREADS];
	unsigned number[LOGIN_THREADS], n = 0;
	make_realm();
	start_libsasl2();
	busy = LOGIN_THREADS + 1;
	for (unsigned i = 0; i < LOGIN_THREADS; i++) {
		number[i] = i;
		pthread_create(&thread[n++], NULL, log_in_often, &number[i]);
	}
	pthread_create(&thread[n++], NULL, fork_often, NULL);
	pthread_create(&thread[n++], NULL, write_files, NULL);
	for (unsigned i = 0; i < STORE_THREADS; i++)
		pthread_create(&thread[n++], NULL, use_stores, NULL);
	while (n > 0)
		pthread_join(thread[--n], NULL);
	sasl_client_done();
	sasl_server_done();
	remove_realm();
	printf("%d logins and %d forks, %d failures\n", LOGIN_THREADS * LOGINS, FORKS, failures);
	return failures == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Once an exchange is over, no key is left in the memory of the process:
 * neither in use nor in what was freed, by us or by a library. The stack is
 * left out, where OpenSSL's cipher and hash routines leave parts of what they
 * worked on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/random.h"
#include "tests/support/pair.h"
#include "tests/support/realm.h"
#include "tests/support/exchange.h"
#include "tests/support/offered.h"
#include "tests/support/memory_search.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

/* Two hundred octets of freed memory, with a key in them that nobody wiped. */
static void what_is_left_is_found(void **state UNUSED)
{
	struct error err;
	unsigned char *block = malloc(200);
	assert_non_null(block);
	assert_int_equal(random_octets(block + 100, SECRET_LENGTH, &err), STATUS_OK);
	struct secret secret = secret_of("block", slice_of(block + 100, SECRET_LENGTH));
	assert_true(is_left(&secret));
	free(block);
	assert_true(is_left(&secret));
}

static void what_was_wiped_is_not_found(void **state UNUSED)
{
	struct error err;
	unsigned char *block = malloc(200);
	assert_non_null(block);
	assert_int_equal(random_octets(block + 100, SECRET_LENGTH, &err), STATUS_OK);
	struct secret secret = secret_of("block", slice_of(block + 100, SECRET_LENGTH));
	wipe(block, 200);
	free(block);
	assert_gone(&secret);
}

/* Random, so that nothing else looks like them. */
static struct key *random_key(int32_t enctype)
{
	struct key *key;
	struct error err;
	assert_int_equal(key_random(enctype_by_number(enctype, &err), &key, &err), STATUS_OK);
	return key;
}

static void take_random_keys(struct exchange *x, int32_t enctype)
{
	key_release(x->service_key);
	x->service_key = random_key(enctype);
	x->ticket.key = x->service_key;
	exchange_keytab(x, &(struct exchange_entry){EXCHANGE_SERVICE, 1, x->service_key}, 1);
	key_release(x->session_key);
	x->session_key = random_key(enctype);
	x->ticket.part.key =
		(struct encryption_key){.type = enctype, .value = key_octets(x->session_key)};
	exchange_issue(x);
}

/* Client and server in this program; `spoil` turns over a bit of the message's last octet. */
static void exchange_leaves_no_key(int32_t enctype, bool spoil_request, bool spoil_reply)
{
	struct exchange x;
	struct error err;
	struct secret secrets[5];
	unsigned count = 0;
	AUTO_BUFFER reply = {0};
	exchange_open(&x);
	take_random_keys(&x, enctype);
	exchange_request(&x);
	secrets[count++] = secret_of_key("service's key", x.service_key);
	secrets[count++] = secret_of_key("session key", x.session_key);
	secrets[count++] = secret_of_key("initiator's subkey", x.client.initiator_subkey);

	x.token.data[x.token.len - 1] ^= spoil_request;
	assert_int_equal(exchange_read(&x, &err) != STATUS_OK, spoil_request);
	if (!spoil_request) {
		assert_int_equal(
			ap_rep_make(key_type(x.server.session_key), NULL, &x.server, &reply, &err),
			STATUS_OK);
		secrets[count++] = secret_of_key("acceptor's subkey", x.server.acceptor_subkey);
		reply.data[reply.len - 1] ^= spoil_reply;
		assert_int_equal(
			ap_rep_read(buffer_slice(&reply), NULL, &x.client, &err) != STATUS_OK,
			spoil_reply);
	}
	exchange_close(&x);
	for (unsigned i = 0; i < count; i++)
		assert_gone(&secrets[i]);
}

static void an_exchange_leaves_no_key(void **state UNUSED)
{
	static const int32_t types[] = {17, 18, 19, 20, 25, 26};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (is_offered(types[i]))
			exchange_leaves_no_key(types[i], false, false);
}

static void a_refused_request_leaves_no_key(void **state UNUSED)
{
	exchange_leaves_no_key(ENCTYPE_AES256_SHA1, true, false);
}

static void a_refused_reply_leaves_no_key(void **state UNUSED)
{
	exchange_leaves_no_key(ENCTYPE_AES256_SHA1, false, true);
}

/* The session key in the cache that realm_issue() wrote, or the key in its keytab. */
static struct secret session_key_of_realm(void)
{
	AUTO_BUFFER storage = {0};
	AUTO_CCACHE ccache = NULL;
	struct principal server;
	struct credential credential;
	struct error err;
	const struct enctype_list all = {1, {ENCTYPE_AES256_SHA1}};
	assert_int_equal(
		principal_parse(SLICE_LITERAL(REALM_SERVER), &server, &storage, &err), STATUS_OK);
	assert_int_equal(ccache_open(realm_path("ccache"), NULL, &ccache, &err), STATUS_OK);
	assert_int_equal(ccache_find(ccache, &server,
				 &(struct ccache_terms){&all, timestamp_now().seconds, 0},
				 &credential, &err),
		STATUS_OK);
	struct secret secret = secret_of("session key", credential.key);
	ccache_forget();
	return secret;
}

static struct secret service_key_of_realm(void)
{
	struct keytab *keytab;
	struct error err;
	uint64_t unused;
	assert_int_equal(
		keytab_get(realm_path("keytab"), KEYTAB_SERVER, &keytab, &unused, &err), STATUS_OK);
	struct secret secret = secret_of_key("service's key", keytab_entry_at(keytab, 0)->key);
	keytab_release(keytab);
	keytab_forget();
	return secret;
}

/* As by kdestroy: the next login finds none, and the module releases the cache that it shares. */
static void destroy_cache(void)
{
	struct pair pair;
	assert_int_equal(unlink(realm_path("ccache")), 0);
	pair_open(&pair, &(struct pair_setup){0});
	assert_false(pair_run(&pair));
	pair_close(&pair);
}

static void login_leaves_no_key(const struct pair_setup *how, bool keep_keytab)
{
	pair_library_start();
	realm_issue(&(struct realm_ticket){0});
	if (keep_keytab)
		realm_issue(&(struct realm_ticket){.keep_keytab = true});
	struct secret session = session_key_of_realm(), service = service_key_of_realm();
	struct pair pair;
	pair_open(&pair, how);
	assert_int_equal(pair_run(&pair), !keep_keytab);
	pair_close(&pair);
	destroy_cache();
	assert_gone(&session);
	pair_library_stop();
	assert_gone(&service);
}

static void a_login_leaves_no_key(void **state UNUSED)
{
	login_leaves_no_key(&(struct pair_setup){0}, false);
}

static void a_refused_login_leaves_no_key(void **state UNUSED)
{
	login_leaves_no_key(&(struct pair_setup){0}, true);
}

static int setup(void **state UNUSED)
{
	realm_start();
	return 0;
}

static int teardown(void **state UNUSED)
{
	realm_stop();
	crypto_close();
	der_close();
	return 0;
}

SUITE(test_secrets)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_is_found),
		cmocka_unit_test(what_was_wiped_is_not_found),
		cmocka_unit_test(an_exchange_leaves_no_key),
		cmocka_unit_test(a_refused_request_leaves_no_key),
		cmocka_unit_test(a_refused_reply_leaves_no_key),
		cmocka_unit_test(a_login_leaves_no_key),
		cmocka_unit_test(a_refused_login_leaves_no_key),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The module where OpenSSL lacks an algorithm, as its FIPS provider does where
 * it is alone: the functions here take the place of the library's, for the
 * module too.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "tests/support/pair.h"
#include "tests/support/realm.h"

#define UNUSED __attribute__((unused))

static unsigned fetches;

#define EVERYWHERE __attribute__((visibility("default")))
#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

static bool has_fips_provider_alone(const char *algorithm)
{
	fetches++;
	return !strstr(algorithm, "CAMELLIA") && strcmp(algorithm, "MD5") != 0 &&
	       strcmp(algorithm, "SIPHASH") != 0;
}

EVERYWHERE EVP_CIPHER *EVP_CIPHER_fetch(
	OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	return has_fips_provider_alone(algorithm)
		       ? REAL(EVP_CIPHER_fetch)(ctx, algorithm, properties)
		       : NULL;
}

EVERYWHERE EVP_MD *EVP_MD_fetch(OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	return has_fips_provider_alone(algorithm) ? REAL(EVP_MD_fetch)(ctx, algorithm, properties)
						  : NULL;
}

EVERYWHERE EVP_MAC *EVP_MAC_fetch(OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	return has_fips_provider_alone(algorithm) ? REAL(EVP_MAC_fetch)(ctx, algorithm, properties)
						  : NULL;
}

static int setup(void **state UNUSED)
{
	realm_start();
	pair_library_start();
	realm_issue(&(struct realm_ticket){0});
	return 0;
}

static int teardown(void **state UNUSED)
{
	pair_library_stop();
	realm_stop();
	return 0;
}

static const struct pair_setup with_warnings = {
	.server = {.option = {{"log_level", "3"}}, .hears_of_missing_types = true}};

static void the_log_names_them_once(void **state UNUSED)
{
	struct pair pair;
	pair_open(&pair, &with_warnings);
	assert_true(pair_run(&pair));
	assert_string_equal(peer_log(&pair.server),
		"3 KERBEROS_V5: OpenSSL does not offer the algorithms of camellia128-cts-cmac, "
		"camellia256-cts-cmac (is it in FIPS mode?): tickets that need them will be "
		"refused\n");
	pair_close(&pair);

	pair_open(&pair, &with_warnings);
	assert_true(pair_run(&pair));
	assert_string_equal(peer_log(&pair.server), "");
	pair_close(&pair);
}

/* Before a chroot, threads and children. */
static void a_server_fetches_when_the_module_is_loaded(void **state UNUSED)
{
	struct pair pair;
	pair_library_stop();
	fetches = 0;
	pair_library_start();
	assert_int_not_equal(fetches, 0);
	fetches = 0;
	pair_open(&pair, &with_warnings);
	assert_true(pair_run(&pair));
	assert_int_equal(fetches, 0);
	pair_close(&pair);
}

/* Its replay cache included. */
static void gssapi_works(void **state UNUSED)
{
	const struct pair_setup how = {.mechanism = "GSSAPI"};
	struct pair pair;
	pair_open(&pair, &how);
	if (!pair_run(&pair))
		fail_msg("client: %s; server: %s", peer_detail(&pair.client),
			peer_detail(&pair.server));
	pair_close(&pair);
}

/* Whichever side's they are. */
static void the_client_reads_what_channel_bindings_lack(void **state UNUSED)
{
	static const sasl_channel_binding_t tls = {.name = "tls-server-end-point",
		.len = 12,
		.data = (const unsigned char *)"tls:ABCDEFGH"};
	for (int i = 0; i < 2; i++) {
		struct pair_setup how = {.mechanism = "GSSAPI"};
		struct peer_setup *side = i == 0 ? &how.client : &how.server;
		struct pair pair;
		side->binding = &tls;
		pair_open(&pair, &how);
		assert_false(pair_run(&pair));
		if (!strstr(peer_detail(&pair.client), "OpenSSL does not offer MD5 here"))
			fail_msg("client: %s", peer_detail(&pair.client));
		pair_close(&pair);
	}
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_log_names_them_once),
		cmocka_unit_test(a_server_fetches_when_the_module_is_loaded),
		cmocka_unit_test(gssapi_works),
		cmocka_unit_test(the_client_reads_what_channel_bindings_lack),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}

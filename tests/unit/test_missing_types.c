/*
 * The module where OpenSSL lacks an algorithm, as in FIPS mode: the function
 * here takes the place of the library's, for the module too.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "pair.h"
#include "realm.h"

#define UNUSED __attribute__((unused))

static unsigned fetches;

__attribute__((visibility("default"))) EVP_CIPHER *EVP_CIPHER_fetch(
	OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	fetches++;
	if (strstr(algorithm, "CAMELLIA"))
		return NULL;
	__typeof__(&EVP_CIPHER_fetch) real = dlsym(RTLD_NEXT, "EVP_CIPHER_fetch");
	return real(ctx, algorithm, properties);
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

static const struct pair_setup with_warnings = {.server.option = {{"log_level", "3"}}};

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

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_log_names_them_once),
		cmocka_unit_test(a_server_fetches_when_the_module_is_loaded),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}

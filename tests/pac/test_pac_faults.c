/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * OpenSSL fails while a PAC is verified: a fault of this host is not one of the PAC, for
 * which it would only count as absent.
 */
#include "pac/pac.h"
#include "tests/support/openssl_faults.h"

#include "tests/support/exchange.h"
#include "tests/support/pac_maker.h"

static void a_fault_of_this_host_lets_nobody_in(void **state UNUSED)
{
	static const char *const macs[] = {"EVP_MAC_init", "EVP_MAC_update", "EVP_MAC_final"};
	static const struct principal client = {
		.count = 1,
		.component = {SLICE_LITERAL("alice")},
		.realm = SLICE_LITERAL("EXAMPLE.TEST"),
	};
	AUTO_KEY key = exchange_key(ENCTYPE_AES256_SHA1, 1);
	AUTO_BUFFER octets = {0};
	struct mint_account account = mint_account(EXCHANGE_NOW);
	const struct pac_ticket ticket = {&client, EXCHANGE_NOW, key};
	const struct pac_demands demands = {.policy = PAC_CHECK};
	mint_account_pac(&account, key, &octets);
	for (size_t i = 0; i < COUNT_OF(macs); i++) {
		struct pac *pac;
		NEW_ERROR(err);
		failing = macs[i];
		enum status status =
			pac_judge(&demands, buffer_slice(&octets), &ticket, &pac, &err);
		failing = NULL;
		assert_int_equal(status, ERR_CRYPTO);
		assert_null(pac);
		assert_non_null(strstr(err.text, "the ticket's PAC: "));
		assert_null(strstr(error_shown(&err), "PAC"));
		assert_int_equal(
			pac_judge(&demands, buffer_slice(&octets), &ticket, &pac, &err), STATUS_OK);
		assert_string_equal(pac->fault, "");
		pac_free(pac);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_of_this_host_lets_nobody_in),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

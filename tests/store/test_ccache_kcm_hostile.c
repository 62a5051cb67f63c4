/* SPDX-License-Identifier: BSD-3-Clause */
/* Whatever a KCM daemon answers, or somebody in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/kcm_stand_in.h"
#include "tests/support/suite.h"

#define RAW(octets) SLICE_LITERAL(octets)

/* A reply with length and code 0 whose results are these. */
static void wrap(struct buffer *out, struct slice results)
{
	mint_u32(out, (uint32_t)(4 + results.len));
	mint_u32(out, 0);
	mint_u32(out, 0);
	mint_octets(out, results);
}

static void fail_with(
	enum kcm_operation operation, struct slice answer, enum status status, const char *telling)
{
	struct ccache *ccache;
	struct error err = {0};
	kcm_daemon.odd = operation;
	kcm_daemon.answer = answer;
	enum status is = ccache_open("KCM:", NULL, &ccache, &err);
	if (is != status || ccache || !strstr(err.text, telling))
		fail_msg("operation %d: %d, \"%s\"; expected was %d, \"%s\"", operation, is,
			err.text, status, telling);
}

static void a_malformed_reply_is_a_fault_to_each_question(void **state)
{
	(void)state;
	static const enum kcm_operation operations[] = {
		KCM_GET_DEFAULT_CACHE, KCM_GET_PRINCIPAL, KCM_GET_KDC_OFFSET, KCM_GET_CRED_LIST};
	static const struct {
		struct slice answer;
		enum status status;
		const char *telling;
	} cases[] = {
		{RAW(""), ERR_FILE, "Connection reset by peer"},
		{RAW("\0\0\0"), ERR_FILE, "Connection reset by peer"},
		{RAW("\0\0\0\4\0\0\0"), ERR_FILE, "Connection reset by peer"},
		{RAW("\0\0\0\4\0\0\0\0\0\0"), ERR_FILE, "Connection reset by peer"},
		{RAW("\0\0\0\5\0\0\0\0\0\0\0\0"), ERR_FILE, "Connection reset by peer"},
		{RAW("\0\xff\xff\xff\0\0\0\0\0\0\0\0and no more"), ERR_FILE, "Connection reset"},
		{RAW("\0\0\0\0\0\0\0\0"), ERR_SYNTAX, "length is not from 4 octets to 16 MiB (0)"},
		{RAW("\0\0\0\3\0\0\0\0xxx"), ERR_SYNTAX, "to 16 MiB (3)"},
		{RAW("\1\0\0\1\0\0\0\0xxx"), ERR_SYNTAX, "to 16 MiB (16777217)"},
		{RAW("\xff\xff\xff\xff\0\0\0\0xxx"), ERR_SYNTAX, "to 16 MiB (4294967295)"},
		{RAW("\0\0\0\4\0\0\0\7\0\0\0\0"), ERR_SYNTAX, "transport's code is not 0 (7)"},
	};
	for (unsigned i = 0; i < sizeof operations / sizeof *operations; i++)
		for (unsigned n = 0; n < sizeof cases / sizeof *cases; n++)
			fail_with(
				operations[i], cases[n].answer, cases[n].status, cases[n].telling);
}

/* A reply that is well formed up to its results. */
static void fail_with_results(
	enum kcm_operation operation, struct slice results, enum status status, const char *telling)
{
	AUTO_BUFFER answer = {0};
	wrap(&answer, results);
	kcm_daemon.stays = true;
	fail_with(operation, buffer_slice(&answer), status, telling);
}

static void a_malformed_name_of_a_cache_is_a_fault(void **state)
{
	(void)state;
	const char *telling = "malformed name of a credential cache";
	char big[2000] = {0};
	memset(big, 'x', sizeof big - 1);
	fail_with_results(KCM_GET_DEFAULT_CACHE, RAW(""), ERR_SYNTAX, telling);
	fail_with_results(KCM_GET_DEFAULT_CACHE, RAW("no end"), ERR_SYNTAX, telling);
	fail_with_results(KCM_GET_DEFAULT_CACHE, RAW("\0"), ERR_SYNTAX, telling);
	fail_with_results(KCM_GET_DEFAULT_CACHE, slice_of(big, sizeof big), ERR_SYNTAX, telling);
	fail_with_results(
		KCM_GET_DEFAULT_CACHE, RAW("\x1b[2J\xff"), ERR_SYNTAX, "cache: \"\\x1B[2J\\xFF\"");
}

static void a_malformed_client_is_a_fault(void **state)
{
	(void)state;
	static const struct {
		struct slice results;
		const char *telling;
	} cases[] = {
		{RAW("\0\0\0\1"), "its client's name does not fit"},
		{RAW("\0\0\0\1\0\0\0\1\0\0\0\5R"), "its client's name does not fit"},
		{RAW("\0\0\0\1\0\0\0\0\0\0\0\1R"), "its client's name has 0 components"},
		{RAW("\0\0\0\1\xff\xff\xff\xff\0\0\0\1R"), "has 4294967295 components"},
		{RAW("\0\0\0\1\0\0\0\1\0\0\0\1R\0\0\0\1a."), "1 octets stand behind its client's"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		fail_with_results(
			KCM_GET_PRINCIPAL, cases[i].results, ERR_SYNTAX, cases[i].telling);
}

static void a_malformed_list_is_a_fault(void **state)
{
	(void)state;
	const char *telling = "malformed list of what is in the credential cache KCM:1000";
	static const struct slice cases[] = {
		RAW(""),
		RAW("\0\0"),
		RAW("\0\0\0\1"),
		RAW("\0\0\0\0more"),
		RAW("\0\0\0\1\0\0\0\5abc"),
		RAW("\0\0\0\1\xff\xff\xff\xff"
		    "abc"),
		RAW("\xff\xff\xff\xff"),
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		fail_with_results(KCM_GET_CRED_LIST, cases[i], ERR_SYNTAX, telling);
	kcm_daemon.list_code = KCM_INTERNAL;
	fail_with_results(KCM_GET_CRED_UUID_LIST, RAW("0123456789abcde"), ERR_SYNTAX, telling);
	fail_with_results(KCM_GET_CRED_UUID_LIST, RAW("0123456789abcdefX"), ERR_SYNTAX, telling);
}

/* The credential in whatever way it is asked for. */
static void fail_with_credential(struct slice octets, const char *telling)
{
	AUTO_BUFFER list = {0};
	mint_u32(&list, 1);
	mint_u32(&list, (uint32_t)octets.len);
	mint_octets(&list, octets);
	kcm_daemon.list_code = 0;
	fail_with_results(KCM_GET_CRED_LIST, buffer_slice(&list), ERR_SYNTAX, telling);
	kcm_daemon.list_code = KCM_INTERNAL;
	kcm_daemon.odd = (enum kcm_operation)0;
	buffer_clear(&kcm_daemon.cache[0].credential[0]);
	mint_octets(&kcm_daemon.cache[0].credential[0], octets);
	struct ccache *ccache;
	struct error err = {0};
	assert_int_equal(ccache_open("KCM:", NULL, &ccache, &err), ERR_SYNTAX);
	assert_tells(&err, telling);
}

static void a_malformed_credential_is_a_fault(void **state)
{
	(void)state;
	AUTO_BUFFER whole = {0};
	struct credential c = credential_for(&imap);
	put(&whole, &c);
	for (size_t len = 0; len < whole.len; len++)
		fail_with_credential(slice_of(whole.data, len), "a credential does not fit");
	mint_u8(&whole, 0);
	fail_with_credential(buffer_slice(&whole), "1 octets stand behind a credential");
	store_u32(whole.data + 4, 0);
	fail_with_credential(buffer_slice(&whole), "the client's name has 0 components");
}

static void more_than_is_read_is_a_fault(void **state)
{
	(void)state;
	AUTO_BUFFER ticket = {0};
	struct credential c = credential_for(&imap);
	assert_int_equal(buffer_reserve(&ticket, 9 << 20), STATUS_OK);
	memset(ticket.data, 'x', 9 << 20);
	c.ticket = slice_of(ticket.data, 9 << 20);
	kcm_daemon.list_code = KCM_INTERNAL;
	kcm_clear(state);
	kcm_daemon.cache[0].count = 0;
	kcm_put_credential(&kcm_daemon.cache[0], &c);
	kcm_put_credential(&kcm_daemon.cache[0], &c);
	struct ccache *ccache;
	struct error err = {0};
	assert_int_equal(ccache_open("KCM:", NULL, &ccache, &err), ERR_FILE);
	assert_tells(&err, "the credential cache KCM:1000: longer than 16777216 octets");
}

static void an_offset_that_is_malformed_is_none(void **state)
{
	(void)state;
	AUTO_BUFFER answer = {0};
	mint_u32(&answer, 4);
	mint_u32(&answer, 0);
	mint_u32(&answer, (uint32_t)KCM_INTERNAL);
	kcm_daemon.odd = KCM_GET_KDC_OFFSET;
	kcm_daemon.answer = buffer_slice(&answer);
	kcm_daemon.stays = true;
	AUTO_CCACHE unknown = open_well("KCM:");
	assert_int_equal(ccache_kdc_offset(unknown), 0);
	buffer_clear(&answer);
	wrap(&answer, RAW("\0\0\1"));
	kcm_daemon.answer = buffer_slice(&answer);
	AUTO_CCACHE short_one = open_well("KCM:");
	assert_int_equal(ccache_kdc_offset(short_one), 0);
}

static void codes_of_refusal_are_told(void **state)
{
	(void)state;
	static const enum kcm_operation operations[] = {
		KCM_GET_DEFAULT_CACHE, KCM_GET_PRINCIPAL, KCM_GET_CRED_LIST};
	for (unsigned i = 0; i < sizeof operations / sizeof *operations; i++) {
		fail_with(operations[i], RAW("\0\0\0\4\0\0\0\0\0\0\0\15"), ERR_FILE,
			"refuses the credential cache KCM:");
		fail_with(
			operations[i], RAW("\0\0\0\4\0\0\0\0\0\0\0\15"), ERR_FILE, "with code 13");
	}
}

static void fail_to_list(enum kcm_operation operation, struct slice results, const char *telling)
{
	AUTO_BUFFER names = {0}, answer = {0};
	struct error err = {0};
	wrap(&answer, results);
	kcm_daemon.odd = operation;
	kcm_daemon.answer = buffer_slice(&answer);
	kcm_daemon.stays = true;
	assert_int_equal(ccache_list("KCM:", NULL, &names, &err), ERR_SYNTAX);
	assert_tells(&err, telling);
}

static void a_malformed_collection_is_a_fault(void **state)
{
	(void)state;
	fail_to_list(KCM_GET_CACHE_UUID_LIST, RAW("0123456789abcdefX"),
		"malformed list of credential caches");
	fail_to_list(KCM_GET_CACHE_BY_UUID, RAW(""), "malformed name of a credential cache");
	fail_to_list(KCM_GET_CACHE_BY_UUID, RAW("xyz"), "malformed name of a credential cache");
}

/* Each octet of a good dialogue's replies, changed: a cache or a sentence, and an end. */
static void no_octet_does_harm(void **state)
{
	(void)state;
	AUTO_BUFFER list = {0}, answer = {0};
	kcm_put_list(&list, &kcm_daemon.cache[0]);
	wrap(&answer, buffer_slice(&list));
	kcm_daemon.odd = KCM_GET_CRED_LIST;
	for (size_t i = 0; i < answer.len; i++) {
		static const unsigned char changes[] = {0x01, 0x80, 0xff};
		for (unsigned n = 0; n < sizeof changes; n++) {
			answer.data[i] ^= changes[n];
			kcm_daemon.answer = buffer_slice(&answer);
			AUTO_CCACHE ccache = NULL;
			struct error err = {0};
			enum status status = ccache_open("KCM:", NULL, &ccache, &err);
			assert_true((status == STATUS_OK) == (ccache != NULL));
			assert_true(status == STATUS_OK || err.text[0]);
			answer.data[i] ^= changes[n];
		}
	}
}

SUITE(test_ccache_kcm_hostile)
{
	const struct CMUnitTest tests[] = {
#define CASE(function) cmocka_unit_test_setup_teardown(function, kcm_reset, kcm_clear)
		CASE(a_malformed_reply_is_a_fault_to_each_question),
		CASE(a_malformed_name_of_a_cache_is_a_fault),
		CASE(a_malformed_client_is_a_fault),
		CASE(a_malformed_list_is_a_fault),
		CASE(a_malformed_credential_is_a_fault),
		CASE(more_than_is_read_is_a_fault),
		CASE(an_offset_that_is_malformed_is_none),
		CASE(codes_of_refusal_are_told),
		CASE(a_malformed_collection_is_a_fault),
		CASE(no_octet_does_harm),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, kcm_start, kcm_stop);
}

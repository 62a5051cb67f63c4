/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/authdata.h"
#include "tests/support/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNKNOWN 4711 /* a type that nobody has been given */
#define OURS -1      /* the type that the caller understands */

/* Data of the elements under test; let go of after each case. */
static struct buffer storage[32];
static unsigned used;
static struct key *session_key;

static int start(void **state)
{
	(void)state;
	struct error err;
	static const unsigned char octets[32] = {1, 2, 3};
	used = 0;
	return key_new(ENCTYPE_AES256_SHA1, slice_of(octets, sizeof octets), &session_key, &err);
}

static int finish(void **state)
{
	(void)state;
	while (used > 0)
		buffer_free(&storage[--used]);
	key_release(session_key);
	return 0;
}

static struct buffer *fresh(void)
{
	assert_true(used < sizeof storage / sizeof *storage);
	storage[used] = (struct buffer){0};
	return &storage[used++];
}

static struct ad_element plain(int32_t type)
{
	return (struct ad_element){type, SLICE_LITERAL("data")};
}

static struct authorization_data list_of(const struct ad_element *elements, unsigned count)
{
	struct authorization_data list = {.count = count};
	memcpy(list.element, elements, count * sizeof *elements);
	return list;
}
#define LIST(...)                                                                                  \
	list_of((const struct ad_element[]){__VA_ARGS__},                                          \
		sizeof((const struct ad_element[]){__VA_ARGS__}) / sizeof(struct ad_element))

/* AD-IF-RELEVANT or AD-MANDATORY-FOR-KDC around a list. */
static struct ad_element wrapped(int32_t type, struct authorization_data list)
{
	struct error err;
	struct buffer *out = fresh();
	assert_int_equal(der_write_authorization_data(&list, out, &err), STATUS_OK);
	return (struct ad_element){type, buffer_slice(out)};
}

static struct ad_element and_or(int32_t count, struct authorization_data list)
{
	struct error err;
	struct buffer *out = fresh();
	const struct ad_and_or in = {.condition_count = count, .elements = list};
	assert_int_equal(der_write_ad_and_or(&in, out, &err), STATUS_OK);
	return (struct ad_element){AD_AND_OR, buffer_slice(out)};
}

/* Signed with `key` over `usage`; `type` 0: the key's own. */
static struct ad_element issued_with(
	struct key *key, uint32_t usage, int32_t type, struct authorization_data list)
{
	struct error err;
	struct buffer *out = fresh();
	AUTO_BUFFER covered = {0};
	unsigned char value[CHECKSUM_MAX_LENGTH];
	assert_int_equal(der_write_authorization_data(&list, &covered, &err), STATUS_OK);
	struct slice piece = buffer_slice(&covered);
	assert_int_equal(
		key_checksum(key, usage, (struct pieces){&piece, 1}, value, &err), STATUS_OK);
	const struct ad_kdc_issued in = {
		.checksum = {type ? type : enctype_checksum_type(key_type(key)),
			slice_of(value, enctype_checksum_length(key_type(key)))},
		.elements = list,
	};
	assert_int_equal(der_write_ad_kdc_issued(&in, out, &err), STATUS_OK);
	return (struct ad_element){AD_KDC_ISSUED, buffer_slice(out)};
}

static struct ad_element issued(struct authorization_data list)
{
	return issued_with(session_key, USAGE_AD_KDC_ISSUED, 0, list);
}

static struct key *another_key(void)
{
	static const unsigned char octets[32] = {3, 2, 1};
	struct error err;
	struct key *key;
	assert_int_equal(key_new(ENCTYPE_AES256_SHA1, slice_of(octets, sizeof octets), &key, &err),
		STATUS_OK);
	return key;
}

static void passes(struct authorization_data list, int32_t understood)
{
	struct error err = {0};
	if (authdata_check(&list, understood, session_key, NULL, &err))
		fail_msg("%s", err.text);
}

static void refused(
	struct authorization_data list, int32_t understood, enum status status, const char *text)
{
	struct error err = {0};
	assert_int_equal(authdata_check(&list, understood, session_key, NULL, &err), status);
	assert_int_equal(err.status, status);
	if (!strstr(err.text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, err.text);
}

/* ---- top level ---- */

static void nothing_passes(void **state)
{
	(void)state;
	passes((struct authorization_data){0}, 0);
}

static void unknown_type_is_refused_by_its_number(void **state)
{
	(void)state;
	refused(LIST(plain(UNKNOWN)), 0, KDC_ERR_POLICY, "type 4711 is not understood");
	refused(LIST(plain(-77)), OURS, KDC_ERR_POLICY, "type -77 is not understood");
	refused(LIST(wrapped(AD_IF_RELEVANT, LIST(plain(1000))), plain(UNKNOWN)), 0, KDC_ERR_POLICY,
		"4711");
}

static void understood_type_passes(void **state)
{
	(void)state;
	passes(LIST(plain(OURS)), OURS);
	refused(LIST(plain(OURS)), 0, KDC_ERR_POLICY, "type -1");
	refused(LIST(plain(OURS)), -2, KDC_ERR_POLICY, "type -1");
}

static void understood_type_passes_only_once(void **state)
{
	(void)state;
	refused(LIST(plain(OURS), plain(OURS)), OURS, KDC_ERR_POLICY,
		"type -1 is there more than once");
}

static void understood_type_excuses_no_other(void **state)
{
	(void)state;
	refused(LIST(plain(OURS), plain(UNKNOWN)), OURS, KDC_ERR_POLICY, "4711");
}

/* 0 means that none is understood, not that type 0 is. */
static void type_zero_is_not_understood(void **state)
{
	(void)state;
	refused(LIST(plain(0)), 0, KDC_ERR_POLICY, "type 0 is not understood");
}

static void understood_type_counts_at_the_top_only(void **state)
{
	(void)state;
	refused(LIST(issued(LIST(plain(OURS)))), OURS, KDC_ERR_POLICY, "type -1");
	refused(LIST(and_or(1, LIST(plain(OURS)))), OURS, KDC_ERR_POLICY, "0 are satisfied");
	/* Inside AD-IF-RELEVANT it is one of those passed over, and does not count. */
	passes(LIST(plain(OURS), wrapped(AD_IF_RELEVANT, LIST(plain(OURS)))), OURS);
}

/* ---- AD-IF-RELEVANT ---- */

static void unknown_types_that_are_optional_are_passed_over(void **state)
{
	(void)state;
	passes(LIST(wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN), plain(128)))), 0);
	passes(LIST(wrapped(AD_IF_RELEVANT, LIST(wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN)))))),
		0);
}

static void malformed_if_relevant_is_refused(void **state)
{
	(void)state;
	refused(LIST(plain(AD_IF_RELEVANT)), 0, ERR_SYNTAX, "AD-IF-RELEVANT");
	refused(LIST(wrapped(AD_IF_RELEVANT, LIST(plain(AD_IF_RELEVANT)))), 0, ERR_SYNTAX,
		"AD-IF-RELEVANT");
	refused(LIST(wrapped(AD_IF_RELEVANT, LIST(plain(AD_KDC_ISSUED)))), 0, ERR_SYNTAX,
		"AD-KDC-ISSUED");
	refused(LIST(wrapped(AD_IF_RELEVANT, LIST(plain(AD_AND_OR)))), 0, ERR_SYNTAX, "AD-AND-OR");
}

static void octets_after_a_list_are_refused(void **state)
{
	(void)state;
	struct ad_element element = wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN)));
	assert_int_equal(buffer_append(&storage[used - 1], SLICE_LITERAL("\0")), STATUS_OK);
	element.data = buffer_slice(&storage[used - 1]);
	refused(LIST(element), 0, ERR_SYNTAX, "AD-IF-RELEVANT");
}

/* ---- AD-WIN2K-PAC ---- */

static struct ad_element pac_of(const char *octets)
{
	return (struct ad_element){128, slice_string(octets)};
}

/* NULL: there is none. */
static void has_pac(struct authorization_data list, const char *expected)
{
	struct error err = {0};
	struct slice pac = SLICE_EMPTY;
	assert_int_equal(authdata_check(&list, 0, session_key, &pac, &err), STATUS_OK);
	assert_int_equal(pac.data != NULL, expected != NULL);
	assert_true(slice_equal(pac, slice_string(expected)));
}

static void two_pacs(struct authorization_data list)
{
	struct error err = {0};
	struct slice pac = SLICE_EMPTY;
	assert_int_equal(authdata_check(&list, 0, session_key, &pac, &err), KDC_ERR_POLICY);
	assert_string_equal(err.text, "a PAC is there more than once");
	/* Who does not want it does not look. */
	passes(list, 0);
}

static void a_pac_is_found_inside_if_relevant(void **state)
{
	(void)state;
	struct ad_element other = wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN)));
	has_pac(LIST(other), NULL);
	has_pac(LIST(wrapped(AD_IF_RELEVANT, LIST(pac_of("a PAC")))), "a PAC");
	has_pac(LIST(other, wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN), pac_of("a PAC"))), other),
		"a PAC");
	has_pac(LIST(wrapped(AD_IF_RELEVANT, LIST(wrapped(AD_IF_RELEVANT, LIST(pac_of("deep")))))),
		"deep");
	has_pac(LIST(wrapped(AD_IF_RELEVANT, LIST(pac_of("")))), "");
}

static void a_pac_that_is_not_optional_is_not_understood(void **state)
{
	(void)state;
	struct error err = {0};
	struct slice pac = SLICE_EMPTY;
	struct authorization_data list = LIST(pac_of("a PAC"));
	assert_int_equal(authdata_check(&list, 0, session_key, &pac, &err), KDC_ERR_POLICY);
	assert_non_null(strstr(err.text, "type 128 is not understood"));
	assert_null(pac.data);
}

static void a_second_pac_is_refused(void **state)
{
	(void)state;
	struct ad_element one = wrapped(AD_IF_RELEVANT, LIST(pac_of("one")));
	two_pacs(LIST(one, one));
	two_pacs(LIST(wrapped(AD_IF_RELEVANT, LIST(pac_of("one"), pac_of("two")))));
	two_pacs(LIST(wrapped(AD_IF_RELEVANT, LIST(pac_of(""), pac_of("")))));
	two_pacs(LIST(one, wrapped(AD_IF_RELEVANT, LIST(issued(LIST(pac_of("two")))))));
	two_pacs(LIST(
		one, wrapped(AD_IF_RELEVANT, LIST(wrapped(AD_IF_RELEVANT, LIST(pac_of("2")))))));
}

/* ---- AD-MANDATORY-FOR-KDC ---- */

static void what_is_for_the_kdc_is_passed_over(void **state)
{
	(void)state;
	passes(LIST(wrapped(AD_MANDATORY_FOR_KDC, LIST(plain(UNKNOWN)))), 0);
	passes(LIST(plain(AD_MANDATORY_FOR_KDC)), 0);
}

static void what_is_for_the_kdc_does_not_excuse_what_follows(void **state)
{
	(void)state;
	refused(LIST(plain(AD_MANDATORY_FOR_KDC), plain(UNKNOWN)), 0, KDC_ERR_POLICY, "4711");
}

/* ---- AD-KDC-ISSUED ---- */

static void kdc_issued_is_verified_and_its_elements_judged(void **state)
{
	(void)state;
	passes(LIST(issued(LIST(wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN)))))), 0);
	refused(LIST(issued(LIST(plain(UNKNOWN)))), 0, KDC_ERR_POLICY, "type 4711");
	passes(LIST(wrapped(AD_IF_RELEVANT, LIST(issued(LIST(plain(UNKNOWN)))))), 0);
}

static void kdc_issued_by_another_key_is_refused(void **state)
{
	(void)state;
	AUTO_KEY other = another_key();
	struct authorization_data list = LIST(wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN))));
	struct ad_element element = issued_with(other, USAGE_AD_KDC_ISSUED, 0, list);
	refused(LIST(element), 0, KRB_AP_ERR_MODIFIED, "AD-KDC-ISSUED");
	refused(LIST(wrapped(AD_IF_RELEVANT, LIST(element))), 0, KRB_AP_ERR_MODIFIED,
		"AD-KDC-ISSUED");
}

static void kdc_issued_for_another_usage_is_refused(void **state)
{
	(void)state;
	struct authorization_data list = LIST(wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN))));
	refused(LIST(issued_with(session_key, USAGE_AP_REQ_CHECKSUM, 0, list)), 0,
		KRB_AP_ERR_MODIFIED, "AD-KDC-ISSUED");
}

static void kdc_issued_with_another_checksum_type_is_refused(void **state)
{
	(void)state;
	struct authorization_data list = LIST(wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN))));
	refused(LIST(issued_with(session_key, USAGE_AD_KDC_ISSUED, 7, list)), 0,
		KRB_AP_ERR_INAPP_CKSUM, "AD-KDC-ISSUED");
}

/* Every bit of what the KDC issued. */
static void changed_kdc_issued_is_refused(void **state)
{
	(void)state;
	struct ad_element element = issued(LIST(wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN)))));
	unsigned char *octets = storage[used - 1].data;
	passes(LIST(element), 0);
	for (size_t bit = 0; bit < element.data.len * 8; bit++) {
		struct error err = {0};
		struct authorization_data list = LIST(element);
		octets[bit / 8] ^= (unsigned char)(1 << bit % 8);
		enum status status = authdata_check(&list, 0, session_key, NULL, &err);
		octets[bit / 8] ^= (unsigned char)(1 << bit % 8);
		if (status != ERR_SYNTAX && status != KRB_AP_ERR_MODIFIED &&
			status != KRB_AP_ERR_INAPP_CKSUM)
			fail_msg("bit %zu of octet %zu: %d %s", bit % 8, bit / 8, status, err.text);
	}
}

/* ---- AD-AND-OR ---- */

static void and_or_counts_what_passes(void **state)
{
	(void)state;
	struct ad_element good = wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN)));
	passes(LIST(and_or(1, LIST(plain(UNKNOWN), good, plain(UNKNOWN)))), 0);
	passes(LIST(and_or(2, LIST(good, plain(UNKNOWN), good))), 0);
	passes(LIST(and_or(3, LIST(good, good, good))), 0);
	refused(LIST(and_or(2, LIST(plain(UNKNOWN), good, plain(UNKNOWN)))), 0, KDC_ERR_POLICY,
		"asks for 2 of its 3 elements, 1 are satisfied");
	refused(LIST(and_or(1, LIST(plain(UNKNOWN)))), 0, KDC_ERR_POLICY, "0 are satisfied");
}

static void and_or_that_asks_for_more_than_it_has_is_refused(void **state)
{
	(void)state;
	struct ad_element good = wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN)));
	refused(LIST(and_or(2, LIST(good))), 0, KDC_ERR_POLICY, "asks for 2 of its 1");
	refused(LIST(and_or(INT32_MAX, LIST(good))), 0, KDC_ERR_POLICY, "1 are satisfied");
}

static void and_or_that_asks_for_nothing_is_refused(void **state)
{
	(void)state;
	refused(LIST(and_or(0, LIST(plain(UNKNOWN)))), 0, ERR_SYNTAX, "asks for 0");
	refused(LIST(and_or(-1, LIST(plain(UNKNOWN)))), 0, ERR_SYNTAX, "asks for -1");
}

static void malformed_inside_and_or_is_not_outvoted(void **state)
{
	(void)state;
	AUTO_KEY other = another_key();
	struct ad_element good = wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN)));
	refused(LIST(and_or(1, LIST(good, plain(AD_IF_RELEVANT)))), 0, ERR_SYNTAX,
		"AD-IF-RELEVANT");
	refused(LIST(and_or(1, LIST(good, issued_with(other, USAGE_AD_KDC_ISSUED, 0, LIST(good))))),
		0, KRB_AP_ERR_MODIFIED, "AD-KDC-ISSUED");
}

static void and_or_nests(void **state)
{
	(void)state;
	struct ad_element good = wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN)));
	struct ad_element bad = and_or(2, LIST(good, plain(UNKNOWN)));
	passes(LIST(and_or(1, LIST(bad, and_or(1, LIST(good, plain(UNKNOWN)))))), 0);
	refused(LIST(and_or(2, LIST(bad, good))), 0, KDC_ERR_POLICY, "1 are satisfied");
}

static void optional_and_or_passes_over_what_it_does_not_know(void **state)
{
	(void)state;
	passes(LIST(wrapped(AD_IF_RELEVANT, LIST(and_or(1, LIST(plain(UNKNOWN)))))), 0);
}

/* What stands behind an optional element is not optional for that. */
static void optional_ends_with_its_element(void **state)
{
	(void)state;
	struct ad_element good = wrapped(AD_IF_RELEVANT, LIST(plain(UNKNOWN)));
	refused(LIST(issued(LIST(good, plain(UNKNOWN)))), 0, KDC_ERR_POLICY, "4711");
}

/* ---- bounds ---- */

static struct ad_element in_if_relevant(struct authorization_data list)
{
	return wrapped(AD_IF_RELEVANT, list);
}

static struct ad_element in_and_or(struct authorization_data list)
{
	return and_or(1, list);
}

static struct ad_element nested(struct ad_element (*wrap)(struct authorization_data),
	struct ad_element core, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		core = wrap(LIST(core));
	return core;
}

static void eight_levels_and_no_more(void **state)
{
	(void)state;
	struct ad_element core = plain(AD_MANDATORY_FOR_KDC);
	passes(LIST(nested(in_if_relevant, plain(UNKNOWN), 8)), 0);
	refused(LIST(nested(in_if_relevant, plain(UNKNOWN), 9)), 0, ERR_SYNTAX,
		"nested deeper than 8");
	passes(LIST(nested(in_and_or, core, 7)), 0);
	finish(NULL);
	start(NULL);
	refused(LIST(nested(in_and_or, core, 8)), 0, ERR_SYNTAX, "nested deeper than 8");
	refused(LIST(nested(issued, core, 8)), 0, ERR_SYNTAX, "nested deeper than 8");
}

static void sixty_four_elements_are_judged_one_by_one(void **state)
{
	(void)state;
	struct authorization_data list = {.count = DER_MAX_ELEMENTS};
	for (unsigned i = 0; i < list.count; i++)
		list.element[i] = plain(AD_MANDATORY_FOR_KDC);
	passes(list, 0);
	list.element[DER_MAX_ELEMENTS - 1] = plain(UNKNOWN);
	refused(list, 0, KDC_ERR_POLICY, "4711");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, finish)

SUITE(test_authdata)
{
	const struct CMUnitTest tests[] = {
		CASE(nothing_passes),
		CASE(unknown_type_is_refused_by_its_number),
		CASE(understood_type_passes),
		CASE(understood_type_passes_only_once),
		CASE(understood_type_excuses_no_other),
		CASE(type_zero_is_not_understood),
		CASE(understood_type_counts_at_the_top_only),
		CASE(unknown_types_that_are_optional_are_passed_over),
		CASE(malformed_if_relevant_is_refused),
		CASE(octets_after_a_list_are_refused),
		CASE(a_pac_is_found_inside_if_relevant),
		CASE(a_pac_that_is_not_optional_is_not_understood),
		CASE(a_second_pac_is_refused),
		CASE(what_is_for_the_kdc_is_passed_over),
		CASE(what_is_for_the_kdc_does_not_excuse_what_follows),
		CASE(kdc_issued_is_verified_and_its_elements_judged),
		CASE(kdc_issued_by_another_key_is_refused),
		CASE(kdc_issued_for_another_usage_is_refused),
		CASE(kdc_issued_with_another_checksum_type_is_refused),
		CASE(changed_kdc_issued_is_refused),
		CASE(and_or_counts_what_passes),
		CASE(and_or_that_asks_for_more_than_it_has_is_refused),
		CASE(and_or_that_asks_for_nothing_is_refused),
		CASE(malformed_inside_and_or_is_not_outvoted),
		CASE(and_or_nests),
		CASE(optional_and_or_passes_over_what_it_does_not_know),
		CASE(optional_ends_with_its_element),
		CASE(eight_levels_and_no_more),
		CASE(sixty_four_elements_are_judged_one_by_one),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/ccache_samples.h"
#include "tests/support/suite.h"

static void refuse(const struct buffer *contents, const char *telling)
{
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	assert_int_equal(
		ccache_parse(buffer_slice(contents), "/test.ccache", &ccache, &err), ERR_SYNTAX);
	assert_null(ccache);
	assert_tells(&err, "the credential cache /test.ccache");
	assert_tells(&err, telling);
}

/* The format */

static void a_credential_is_read_whole(void **state)
{
	(void)state;
	for (int version = 3; version <= 4; version++) {
		AUTO_BUFFER b = {0};
		struct credential put_in = credential_for(&imap);
		mint_ccache_start(&b, version, &alice, 0);
		mint_ccache_credential(&b, version, &put_in, NULL);
		AUTO_CCACHE ccache = parse_well(&b);
		assert_string_equal(ccache_name(ccache), "/test.ccache");
		assert_true(principal_equal(ccache_client(ccache), &alice));
		assert_int_equal(ccache_client(ccache)->type, NT_PRINCIPAL);

		struct credential c = find_well(ccache, &imap);
		assert_true(principal_equal(&c.client, &alice));
		assert_true(principal_equal(&c.server, &imap));
		assert_int_equal(c.server.type, NT_SRV_HST);
		assert_int_equal(c.key_type, ENCTYPE_AES256_SHA1);
		assert_true(slice_equal(c.key, KEY_32));
		assert_int_equal(c.authtime, NOW - 100);
		assert_int_equal(c.starttime, NOW - 50);
		assert_int_equal(c.endtime, NOW + 1000);
		assert_int_equal(c.renew_till, NOW + 5000);
		assert_int_equal(c.flags, TICKET_INITIAL | TICKET_FORWARDABLE);
		assert_true(slice_equal(c.ticket, SLICE_LITERAL("the ticket")));
	}
}

static void a_known_file_of_version_4_is_read(void **state)
{
	(void)state;
	static const unsigned char octets[] = {
		5, 4, 0, 12, 0, 1, 0, 8, 0xff, 0xff, 0xff, 0xf9, 0, 0, 0, 1, /* 7 s behind */
		0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 'R', 0, 0, 0, 1, 'a',    /* a@R */
		0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 'R', 0, 0, 0, 1, 'a',    /* client */
		0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 'R', 0, 0, 0, 1, 's',    /* server */
		0, 17, 0, 0, 0, 2, 'k', 'k',                                 /* key */
		0, 0, 0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,  /* times */
		0, 0x40, 0x80, 0, 0,                                         /* is_skey, flags */
		0, 0, 0, 1, 0, 2, 0, 0, 0, 4, 127, 0, 0, 1,                  /* an address */
		0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 'd',     /* authorization data */
		0, 0, 0, 1, 't', 0, 0, 0, 2, 't', '2', /* tickets */
	};
	AUTO_BUFFER b = {0};
	mint_octets(&b, slice_of(octets, sizeof octets));
	AUTO_CCACHE ccache = parse_well(&b);
	assert_int_equal(ccache_kdc_offset(ccache), -7);
	struct principal s = {
		.count = 1, .component = {SLICE_LITERAL("s")}, .realm = SLICE_LITERAL("R")};
	struct credential c = find_well(ccache, &s);
	assert_string_equal(PRINCIPAL_TEXT(&c.client), "a@R");
	assert_true(slice_equal(c.key, SLICE_LITERAL("kk")));
	assert_int_equal(c.authtime, 1);
	assert_int_equal(c.starttime, 1);
	assert_int_equal(c.endtime, UINT32_MAX);
	assert_int_equal(c.flags, TICKET_FORWARDABLE | TICKET_RENEWABLE);
	assert_true(slice_equal(c.ticket, SLICE_LITERAL("t")));
}

static void the_kdcs_clock_is_told_by_version_4_alone(void **state)
{
	(void)state;
	AUTO_BUFFER with = {0};
	mint_ccache_start(&with, 4, &alice, 432);
	AUTO_CCACHE ahead = parse_well(&with);
	assert_int_equal(ccache_kdc_offset(ahead), 432);
	AUTO_BUFFER without = {0};
	mint_ccache_start(&without, 3, &alice, 432);
	AUTO_CCACHE silent = parse_well(&without);
	assert_int_equal(ccache_kdc_offset(silent), 0);
}

/* Version 4 with the fields of the header as given, and no credential. */
static void put_header(struct buffer *out, struct slice fields)
{
	AUTO_BUFFER version_3 = {0};
	mint_ccache_start(&version_3, 3, &alice, 0);
	mint_u16(out, 0x0504);
	mint_u16(out, (uint16_t)fields.len);
	mint_octets(out, fields);
	mint_octets(out, slice_of(version_3.data + 2, version_3.len - 2));
}

static void unknown_fields_of_the_header_are_passed_over(void **state)
{
	(void)state;
	static const struct {
		struct slice fields;
		int64_t offset;
	} cases[] = {
		{SLICE_LITERAL(""), 0},
		{SLICE_LITERAL("\0\2\0\0"), 0},
		{SLICE_LITERAL("\xff\xff\0\3abc\0\1\0\10\0\0\0\5\0\0\0\0"), 5},
		{SLICE_LITERAL("\0\1\0\10\0\0\0\6\0\0\0\0\0\2\0\1x"), 6},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		put_header(&b, cases[i].fields);
		AUTO_CCACHE ccache = parse_well(&b);
		assert_int_equal(ccache_kdc_offset(ccache), cases[i].offset);
		assert_true(principal_equal(ccache_client(ccache), &alice));
	}
}

static void a_malformed_header_is_a_fault(void **state)
{
	(void)state;
	static const struct {
		struct slice fields;
		const char *telling;
	} cases[] = {
		{SLICE_LITERAL("\0"), "a field of the header does not fit"},
		{SLICE_LITERAL("\0\2\0"), "a field of the header does not fit"},
		{SLICE_LITERAL("\0\2\0\1"), "0 octets that are left at octet 8"},
		{SLICE_LITERAL("\0\2\xff\xff..."), "3 octets that are left at octet 8"},
		{SLICE_LITERAL("\0\1\0\7aaaaaaa"), "time offset before octet 15 has 7 octets"},
		{SLICE_LITERAL("\0\1\0\11aaaaaaaaa"), "has 9 octets, expected 8"},
		{SLICE_LITERAL("\0\1\0\0"), "has 0 octets, expected 8"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		put_header(&b, cases[i].fields);
		refuse(&b, cases[i].telling);
	}
}

static void an_absent_start_time_is_the_authentications(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential put_in = credential_for(&imap);
	put_in.starttime = 0;
	put_cache(&b, &put_in);
	AUTO_CCACHE ccache = parse_well(&b);
	assert_int_equal(find_well(ccache, &imap).starttime, NOW - 100);
}

static void addresses_are_passed_over(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	struct host_addresses addresses = {
		.count = 2,
		.element = {{ADDRESS_IPV4, SLICE_LITERAL("\x7f\0\0\1")},
			{ADDRESS_IPV6, SLICE_LITERAL("0123456789abcdef")}},
	};
	mint_ccache_start(&b, 4, &alice, 0);
	mint_ccache_credential(&b, 4, &c, &addresses);
	AUTO_CCACHE ccache = parse_well(&b);
	assert_true(slice_equal(find_well(ccache, &imap).ticket, SLICE_LITERAL("the ticket")));
}

static void configuration_entries_are_passed_over(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	mint_ccache_start(&b, 4, &alice, 0);
	mint_ccache_configuration(&b, 4, &alice, "fast_avail", SLICE_LITERAL("yes"));
	put(&b, &c);
	mint_ccache_configuration(&b, 4, &alice, "pa_type", SLICE_EMPTY);
	AUTO_CCACHE ccache = parse_well(&b);
	find_well(ccache, &imap);
	struct principal configuration = {
		.count = 2,
		.component = {SLICE_LITERAL("krb5_ccache_conf_data"), SLICE_LITERAL("fast_avail")},
	};
	fail_to_find(ccache, &configuration, ERR_NOT_FOUND, "there is no ticket");
}

static void removed_entries_are_passed_over(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.endtime = 0;
	c.authtime = UINT32_MAX;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	fail_to_find(ccache, &imap, ERR_NOT_FOUND, "there is no ticket");
}

static void user_to_user_tickets_are_passed_over(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	put_cache(&b, &c);
	/* Before it: flags, two empty lists, "the ticket", no second ticket. */
	b.data[b.len - 4 - 10 - 4 - 4 - 4 - 4 - 1] = 1;
	AUTO_CCACHE ccache = parse_well(&b);
	fail_to_find(ccache, &imap, ERR_NOT_FOUND, "there is no ticket");
}

/* Faults */

/* What is left and where it begins, as the sentence tells them, are all there is. */
static void refuse_at_the_end(const struct buffer *contents)
{
	struct ccache *ccache;
	struct error err = {0};
	assert_int_equal(
		ccache_parse(buffer_slice(contents), "/test.ccache", &ccache, &err), ERR_SYNTAX);
	assert_tells(&err, "damaged or cut short, run kinit again");
	const char *place = strstr(err.text, "does not fit into the ");
	size_t left, offset;
	assert_non_null(place);
	assert_int_equal(
		sscanf(place, "does not fit into the %zu octets that are left at octet %zu:", &left,
			&offset),
		2);
	assert_int_equal(left + offset, contents->len);
}

/* Of two credentials, for imap and krbtgt, one or none is whole: up to octet `whole`. */
static void assert_ends_early(const struct buffer *contents, size_t whole, bool has_first)
{
	AUTO_CCACHE ccache = parse_well(contents);
	char telling[120] =
		"krbtgt/EXAMPLE.TEST@EXAMPLE.TEST in the credential cache /test.ccache: run";
	if (contents->len > whole)
		snprintf(telling, sizeof telling,
			"from octet %zu on is damaged or cut short (%zu octets): run", whole,
			contents->len - whole);
	fail_to_find(ccache, &krbtgt, ERR_NOT_FOUND, telling);
	if (has_first)
		find_well(ccache, &imap);
	else
		fail_to_find(ccache, &imap, ERR_NOT_FOUND, "there is no ticket");
}

static void cut_short_at_every_octet_it_has_what_is_whole_or_is_a_fault(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential first = credential_for(&imap);
	struct credential second = credential_for(&krbtgt);
	mint_ccache_start(&b, 4, &alice, 0);
	size_t none = b.len;
	put(&b, &first);
	size_t one = b.len;
	put(&b, &second);
	for (size_t len = b.len - 1; len > 0; len--) {
		b.len = len;
		if (len >= none)
			assert_ends_early(&b, len >= one ? one : none, len >= one);
		else
			refuse_at_the_end(&b);
	}
	b.len = 0;
	refuse(&b, "is empty (0 octets): run kinit");
}

static void behind_hostile_lengths_there_is_nothing(void **state)
{
	(void)state;
	static const uint32_t lengths[] = {0xffffffff, 0x80000000, 0x7fffffff, 0x10000, 0x400};
	AUTO_BUFFER whole = {0};
	struct credential c = credential_for(&imap);
	mint_ccache_start(&whole, 3, &alice, 0);
	size_t start = whole.len;
	mint_ccache_credential(&whole, 3, &c, NULL);
	/* realm, component; the server's; key; addresses, authdata, tickets from the end */
	size_t client = start + 4 + 4;
	size_t server = client + 4 + 12 + 4 + 5 + 4 + 4;
	size_t key = server + 4 + 12 + 4 + 4 + 4 + 17 + 4;
	size_t end = whole.len;
	const size_t places[] = {10, client, client + 16, server, server + 16, key, end - 26,
		end - 22, end - 18, end - 4};
	for (unsigned i = 0; i < sizeof places / sizeof *places; i++)
		for (unsigned n = 0; n < sizeof lengths / sizeof *lengths; n++) {
			AUTO_BUFFER b = {0};
			mint_octets(&b, buffer_slice(&whole));
			store_u32(b.data + places[i], lengths[n]);
			if (places[i] < start)
				refuse(&b, "damaged or cut short");
			else
				assert_ends_early(&b, start, false);
		}
}

static void hostile_counts_of_components_are_faults(void **state)
{
	(void)state;
	static const struct {
		uint32_t count;
		const char *telling;
	} cases[] = {
		{0, "0 components at octet 6, expected 1 to 16"},
		{17, "17 components at octet 6"},
		{0x80000000, "2147483648 components"},
		{0xffffffff, "4294967295 components"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		mint_ccache_start(&b, 3, &alice, 0);
		store_u32(b.data + 6, cases[i].count);
		refuse(&b, cases[i].telling);
	}
}

static void a_malformed_name_says_whose(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	mint_ccache_start(&b, 3, &alice, 0);
	size_t start = b.len;
	mint_ccache_credential(&b, 3, &c, NULL);
	store_u32(b.data + start + 4, 17);
	refuse(&b, "the client's name has 17 components");
	store_u32(b.data + start + 4, 1);
	store_u32(b.data + start + 33 + 4, 0);
	refuse(&b, "the server's name has 0 components");
}

static void another_version_or_kind_of_file_is_told(void **state)
{
	(void)state;
	static const struct {
		uint16_t version;
		const char *telling;
	} cases[] = {
		{0x0501,
			"is of version 1, or is a keytab: expected is 0x0504 or 0x0503 at octet 0"},
		{0x0502, "is of version 2, or is a keytab"},
		{0x0505, "is not one that can be read: expected is 0x0504 or 0x0503 at octet 0"},
		{0x0500, "is not one that can be read"},
		{0x0403, "is not one that can be read"},
		{0x7f45, "is not one that can be read"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		mint_u16(&b, cases[i].version);
		refuse(&b, cases[i].telling);
	}
}

static int close_all(void **state)
{
	(void)state;
	der_close();
	crypto_close();
	return 0;
}

SUITE(test_ccache_parse)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_credential_is_read_whole),
		cmocka_unit_test(a_known_file_of_version_4_is_read),
		cmocka_unit_test(the_kdcs_clock_is_told_by_version_4_alone),
		cmocka_unit_test(unknown_fields_of_the_header_are_passed_over),
		cmocka_unit_test(a_malformed_header_is_a_fault),
		cmocka_unit_test(an_absent_start_time_is_the_authentications),
		cmocka_unit_test(addresses_are_passed_over),
		cmocka_unit_test(configuration_entries_are_passed_over),
		cmocka_unit_test(removed_entries_are_passed_over),
		cmocka_unit_test(user_to_user_tickets_are_passed_over),
		cmocka_unit_test(cut_short_at_every_octet_it_has_what_is_whole_or_is_a_fault),
		cmocka_unit_test(behind_hostile_lengths_there_is_nothing),
		cmocka_unit_test(hostile_counts_of_components_are_faults),
		cmocka_unit_test(a_malformed_name_says_whose),
		cmocka_unit_test(another_version_or_kind_of_file_is_told),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_all);
}

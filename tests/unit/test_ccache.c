#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/timestamp.h"
#include "store/ccache.h"
#include "tests/minting.h"

#define NOW INT64_C(1700000000)
#define KEY_16 SLICE_LITERAL("0123456789abcdef")
#define KEY_32 SLICE_LITERAL("0123456789abcdefFEDCBA9876543210")

static const struct principal alice = {
	.type = NT_PRINCIPAL,
	.count = 1,
	.component = {SLICE_LITERAL("alice")},
	.realm = SLICE_LITERAL("EXAMPLE.TEST"),
};

static const struct principal bob = {
	.type = NT_PRINCIPAL,
	.count = 1,
	.component = {SLICE_LITERAL("bob")},
	.realm = SLICE_LITERAL("EXAMPLE.TEST"),
};

static const struct principal imap = {
	.type = NT_SRV_HST,
	.count = 2,
	.component = {SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")},
	.realm = SLICE_LITERAL("EXAMPLE.TEST"),
};

static const struct principal krbtgt = {
	.type = NT_SRV_INST,
	.count = 2,
	.component = {SLICE_LITERAL("krbtgt"), SLICE_LITERAL("EXAMPLE.TEST")},
	.realm = SLICE_LITERAL("EXAMPLE.TEST"),
};

static const struct enctype_list aes256_only = {1, {ENCTYPE_AES256_SHA1}};
static const struct enctype_list two_types = {2, {ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA1}};

static struct credential credential_for(const struct principal *server)
{
	return (struct credential){
		.client = alice,
		.server = *server,
		.key_type = ENCTYPE_AES256_SHA1,
		.key = KEY_32,
		.authtime = NOW - 100,
		.starttime = NOW - 50,
		.endtime = NOW + 1000,
		.renew_till = NOW + 5000,
		.flags = TICKET_INITIAL | TICKET_FORWARDABLE,
		.ticket = SLICE_LITERAL("the ticket"),
	};
}

static void put(struct buffer *out, const struct credential *c)
{
	mint_ccache_credential(out, 4, c, NULL);
}

/* A cache of version 4, of alice's, with the credential. */
static void put_cache(struct buffer *out, const struct credential *c)
{
	mint_ccache_start(out, 4, &alice, 0);
	put(out, c);
}

static struct ccache *parse_well(const struct buffer *contents)
{
	struct ccache *ccache = NULL;
	struct error err = {0};
	if (ccache_parse(buffer_slice(contents), "/test.ccache", &ccache, &err))
		fail_msg("%s", err.text);
	return ccache;
}

static void assert_tells(const struct error *err, const char *telling)
{
	if (!strstr(err->text, telling))
		fail_msg("\"%s\" has no \"%s\"", err->text, telling);
}

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

static struct credential find_well(const struct ccache *ccache, const struct principal *server)
{
	struct credential c;
	struct error err = {0};
	if (ccache_find(ccache, server, &two_types, NOW, &c, &err))
		fail_msg("%s", err.text);
	return c;
}

static void fail_to_find(const struct ccache *ccache, const struct principal *server,
	enum status status, const char *telling)
{
	struct credential c;
	struct error err = {0};
	assert_int_equal(ccache_find(ccache, server, &aes256_only, NOW, &c, &err), status);
	assert_int_equal(err.status, status);
	assert_tells(&err, "/test.ccache");
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

static void cut_short_at_every_octet_it_is_a_fault_or_a_prefix(void **state)
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
		if (len == none || len == one) {
			AUTO_CCACHE ccache = parse_well(&b);
			fail_to_find(ccache, &krbtgt, ERR_NOT_FOUND, "krbtgt/EXAMPLE.TEST");
			continue;
		}
		refuse_at_the_end(&b);
	}
	b.len = 0;
	refuse(&b, "is empty (0 octets): run kinit");
}

static void hostile_lengths_are_faults(void **state)
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
			refuse(&b, "damaged or cut short");
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
		{0x0501, "is of version 1, or is a keytab: it begins with 0x0501 at octet 0"},
		{0x0502, "is of version 2, or is a keytab"},
		{0x0505, "it begins with 0x0505 at octet 0, expected 0x0504 or 0x0503"},
		{0x0500, "it begins with 0x0500"},
		{0x0403, "it begins with 0x0403"},
		{0x7f45, "it begins with 0x7f45"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		mint_u16(&b, cases[i].version);
		refuse(&b, cases[i].telling);
	}
}

/* Looking up */

static void of_several_the_one_that_lasts_longest_is_taken(void **state)
{
	(void)state;
	static const int64_t ends[] = {NOW + 10, NOW + 4000, NOW - 5, NOW + 300};
	AUTO_BUFFER b = {0};
	mint_ccache_start(&b, 4, &alice, 0);
	for (unsigned i = 0; i < 4; i++) {
		struct credential c = credential_for(&imap);
		c.endtime = ends[i];
		put(&b, &c);
	}
	AUTO_CCACHE ccache = parse_well(&b);
	assert_int_equal(find_well(ccache, &imap).endtime, NOW + 4000);
}

static void of_equals_the_last_in_the_file_is_taken(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	put_cache(&b, &c);
	c.ticket = SLICE_LITERAL("newer");
	put(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	assert_true(slice_equal(find_well(ccache, &imap).ticket, SLICE_LITERAL("newer")));
}

static void one_that_serves_comes_before_one_that_does_not_but_lasts_longer(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_ccache_start(&b, 4, &alice, 0);
	struct credential early = credential_for(&imap);
	early.starttime = NOW + 10;
	early.endtime = NOW + 9000;
	put(&b, &early);
	struct credential good = credential_for(&imap);
	put(&b, &good);
	struct credential weak = credential_for(&imap);
	weak.key_type = 23;
	weak.endtime = NOW + 9000;
	put(&b, &weak);
	AUTO_CCACHE ccache = parse_well(&b);
	struct credential c = find_well(ccache, &imap);
	assert_int_equal(c.endtime, NOW + 1000);
	assert_int_equal(c.key_type, ENCTYPE_AES256_SHA1);
}

static void an_empty_realm_matches_any(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.server.realm = SLICE_LITERAL("OTHER.TEST");
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	struct principal any = imap;
	any.realm = SLICE_EMPTY;
	struct credential found = find_well(ccache, &any);
	assert_string_equal(PRINCIPAL_TEXT(&found.server), "imap/mail.example.test@OTHER.TEST");
	fail_to_find(ccache, &imap, ERR_NOT_FOUND, "for imap/mail.example.test@EXAMPLE.TEST in");
}

static void an_entry_with_an_empty_realm_has_that_of_its_ticket(void **state)
{
	(void)state;
	AUTO_BUFFER der = {0};
	struct ticket ticket = {
		.server = imap,
		.enc_part = {.etype = ENCTYPE_AES256_SHA1, .cipher = SLICE_LITERAL("cipher")},
	};
	struct error err = {0};
	assert_int_equal(der_write_ticket(&ticket, &der, &err), STATUS_OK);
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.server.realm = SLICE_EMPTY;
	c.ticket = buffer_slice(&der);
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);

	struct principal wanted = imap;
	struct credential found = find_well(ccache, &wanted);
	assert_true(principal_equal(&found.server, &imap));
	wanted.realm = SLICE_EMPTY;
	found = find_well(ccache, &wanted);
	assert_true(principal_equal(&found.server, &imap));
	wanted.realm = SLICE_LITERAL("OTHER.TEST");
	fail_to_find(ccache, &wanted, ERR_NOT_FOUND, "there is no ticket");
}

static void an_empty_realm_and_no_ticket_match_any_realm_only(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.server.realm = SLICE_EMPTY;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	struct principal wanted = imap;
	wanted.realm = SLICE_EMPTY;
	find_well(ccache, &wanted);
	fail_to_find(ccache, &imap, ERR_NOT_FOUND, "there is no ticket");
}

static void anothers_ticket_is_not_taken(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.client = bob;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	fail_to_find(
		ccache, &imap, ERR_NOT_FOUND, "there is no ticket of alice@EXAMPLE.TEST for imap/");
}

static void a_missing_ticket_comes_with_advice(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential tgt = credential_for(&krbtgt);
	put_cache(&b, &tgt);
	AUTO_CCACHE ccache = parse_well(&b);
	fail_to_find(ccache, &imap, ERR_NOT_FOUND,
		"in the credential cache /test.ccache: run kvno "
		"imap/mail.example.test@EXAMPLE.TEST");
	AUTO_BUFFER old = {0};
	tgt.endtime = NOW;
	put_cache(&old, &tgt);
	AUTO_CCACHE ended = parse_well(&old);
	fail_to_find(ended, &imap, ERR_NOT_FOUND,
		": run kinit, then kvno imap/mail.example.test@EXAMPLE.TEST");
}

static void an_expired_ticket_says_when_it_ended(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.endtime = NOW - 7200;
	put_cache(&b, &c);
	c.endtime = NOW - 9000;
	put(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	fail_to_find(ccache, &imap, KRB_AP_ERR_TKT_EXPIRED,
		"ended at 2023-11-14 20:13:20 UTC, 2 h ago: run kinit, then kvno imap/");
}

static void a_ticket_ends_at_its_last_second(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.starttime = NOW;
	c.endtime = NOW + 1;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	find_well(ccache, &imap);
	AUTO_BUFFER ended = {0};
	c.endtime = NOW;
	put_cache(&ended, &c);
	AUTO_CCACHE over = parse_well(&ended);
	fail_to_find(over, &imap, KRB_AP_ERR_TKT_EXPIRED, "ended at 2023-11-14 22:13:20 UTC");
}

static void a_ticket_that_is_not_yet_valid_says_when_it_starts(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.starttime = NOW + 600;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	fail_to_find(ccache, &imap, KRB_AP_ERR_TKT_NYV,
		"starts at 2023-11-14 22:23:20 UTC, in 10 min: wait, or check this host's clock");
}

static void an_invalid_ticket_is_not_taken(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.flags |= TICKET_INVALID;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	fail_to_find(ccache, &imap, KRB_AP_ERR_TKT_NYV, "flag INVALID): run kinit -v");
}

static void a_session_key_of_another_type_is_told(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	c.key_type = ENCTYPE_AES128_SHA1;
	c.key = KEY_16;
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	find_well(ccache, &imap);
	char telling[200];
	snprintf(telling, sizeof telling, "session key of type %s; permitted are: %s (",
		ENCTYPE_TEXT(ENCTYPE_AES128_SHA1), ENCTYPE_TEXT(ENCTYPE_AES256_SHA1));
	fail_to_find(ccache, &imap, KDC_ERR_ETYPE_NOSUPP, telling);
}

static void with_no_permitted_type_nothing_is_found(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	struct enctype_list none = {0};
	struct error err = {0};
	assert_int_equal(ccache_find(ccache, &imap, &none, NOW, &c, &err), KDC_ERR_ETYPE_NOSUPP);
	assert_tells(&err, "permitted are: none");
}

static void hostile_names_are_escaped_in_sentences(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	put_cache(&b, &c);
	AUTO_CCACHE ccache = parse_well(&b);
	struct principal evil = imap;
	evil.component[0] = SLICE_LITERAL("a\nb\0%n");
	fail_to_find(ccache, &evil, ERR_NOT_FOUND, "a\\x0Ab\\x00%n/mail");
}

/* Files */

static char folder[] = "/tmp/test_ccache.XXXXXX";
static char path[64];

static void fail_to_open(const char *name, enum status status, const char *telling)
{
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	assert_int_equal(ccache_open(name, &ccache, &err), status);
	assert_null(ccache);
	assert_int_equal(err.status, status);
	assert_tells(&err, telling);
}

static void write_cache(void)
{
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	struct error err = {0};
	put_cache(&b, &c);
	if (mint_file(path, buffer_slice(&b), &err))
		fail_msg("%s", err.text);
}

static void a_cache_is_opened_by_path_and_by_type(void **state)
{
	(void)state;
	char name[80];
	struct error err = {0};
	write_cache();
	AUTO_CCACHE bare = NULL;
	assert_int_equal(ccache_open(path, &bare, &err), STATUS_OK);
	find_well(bare, &imap);
	AUTO_CCACHE file = NULL;
	snprintf(name, sizeof name, "FILE:%s", path);
	assert_int_equal(ccache_open(name, &file, &err), STATUS_OK);
	assert_string_equal(ccache_name(file), path);
}

static void other_types_are_refused_by_name(void **state)
{
	(void)state;
	static const char *const types[] = {"DIR", "KEYRING", "KCM", "MEMORY", "API"};
	for (unsigned i = 0; i < 5; i++) {
		char name[32], telling[64];
		snprintf(name, sizeof name, "%s:/x", types[i]);
		snprintf(telling, sizeof telling, "cache %s:/x is of type %s", types[i], types[i]);
		fail_to_open(name, ERR_UNSUPPORTED, telling);
		fail_to_open(name, ERR_UNSUPPORTED, "set KRB5CCNAME");
		fail_to_open(name, ERR_UNSUPPORTED, "FILE:/tmp/krb5cc_");
	}
}

static void a_missing_cache_comes_with_advice(void **state)
{
	(void)state;
	unlink(path);
	fail_to_open(path, ERR_NOT_FOUND, path);
	fail_to_open(path, ERR_NOT_FOUND, ": run kinit, or set KRB5CCNAME");
}

static void a_directory_is_refused(void **state)
{
	(void)state;
	fail_to_open(folder, ERR_FILE, "not a regular file");
	fail_to_open(folder, ERR_FILE, "cannot read the credential cache as user ");
}

static void a_fifo_is_refused_without_waiting(void **state)
{
	(void)state;
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(10);
	fail_to_open(path, ERR_FILE, "not a regular file");
	alarm(0);
	unlink(path);
}

static void a_file_that_is_too_long_is_refused(void **state)
{
	(void)state;
	write_cache();
	assert_int_equal(truncate(path, CCACHE_MAX_LENGTH + 1), 0);
	fail_to_open(path, ERR_FILE, "longer than 16777216 octets");
}

static void a_cache_cut_short_names_the_file(void **state)
{
	(void)state;
	write_cache();
	assert_int_equal(truncate(path, 100), 0);
	fail_to_open(path, ERR_SYNTAX, path);
	fail_to_open(path, ERR_SYNTAX, "cut short");
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/ccache", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	ccache_close(NULL);
	der_close();
	crypto_close();
	unlink(path);
	return rmdir(folder);
}

int main(void)
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
		cmocka_unit_test(cut_short_at_every_octet_it_is_a_fault_or_a_prefix),
		cmocka_unit_test(hostile_lengths_are_faults),
		cmocka_unit_test(hostile_counts_of_components_are_faults),
		cmocka_unit_test(a_malformed_name_says_whose),
		cmocka_unit_test(another_version_or_kind_of_file_is_told),
		cmocka_unit_test(of_several_the_one_that_lasts_longest_is_taken),
		cmocka_unit_test(of_equals_the_last_in_the_file_is_taken),
		cmocka_unit_test(one_that_serves_comes_before_one_that_does_not_but_lasts_longer),
		cmocka_unit_test(an_empty_realm_matches_any),
		cmocka_unit_test(an_entry_with_an_empty_realm_has_that_of_its_ticket),
		cmocka_unit_test(an_empty_realm_and_no_ticket_match_any_realm_only),
		cmocka_unit_test(anothers_ticket_is_not_taken),
		cmocka_unit_test(a_missing_ticket_comes_with_advice),
		cmocka_unit_test(an_expired_ticket_says_when_it_ended),
		cmocka_unit_test(a_ticket_ends_at_its_last_second),
		cmocka_unit_test(a_ticket_that_is_not_yet_valid_says_when_it_starts),
		cmocka_unit_test(an_invalid_ticket_is_not_taken),
		cmocka_unit_test(a_session_key_of_another_type_is_told),
		cmocka_unit_test(with_no_permitted_type_nothing_is_found),
		cmocka_unit_test(hostile_names_are_escaped_in_sentences),
		cmocka_unit_test(a_cache_is_opened_by_path_and_by_type),
		cmocka_unit_test(other_types_are_refused_by_name),
		cmocka_unit_test(a_missing_cache_comes_with_advice),
		cmocka_unit_test(a_directory_is_refused),
		cmocka_unit_test(a_fifo_is_refused_without_waiting),
		cmocka_unit_test(a_file_that_is_too_long_is_refused),
		cmocka_unit_test(a_cache_cut_short_names_the_file),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

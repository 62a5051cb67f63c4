#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/keytab.h"
#include "tests/minting.h"

#define KEY_16 SLICE_LITERAL("0123456789abcdef")
#define KEY_32 SLICE_LITERAL("0123456789abcdefFEDCBA9876543210")
#define V1 MINT_KEYTAB_1
#define V2 MINT_KEYTAB_2

static const struct principal imap = {
	.type = NT_SRV_HST,
	.count = 2,
	.component = {SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")},
	.realm = SLICE_LITERAL("EXAMPLE.TEST"),
};

static struct mint_keytab_entry entry_of(uint32_t kvno, int32_t enctype, struct slice key)
{
	return (struct mint_keytab_entry){
		.principal = imap,
		.timestamp = 1700000000,
		.kvno = kvno,
		.enctype = enctype,
		.key = key,
	};
}

static void put_entry(struct buffer *out, uint16_t version, uint32_t kvno)
{
	struct mint_keytab_entry entry = entry_of(kvno, ENCTYPE_AES128_SHA1, KEY_16);
	mint_keytab_entry(out, version, &entry);
}

/* A keytab with one entry of each kvno from 1 to `entries`. */
static void put_keytab(struct buffer *out, uint16_t version, unsigned entries)
{
	mint_keytab_start(out, version);
	for (unsigned kvno = 1; kvno <= entries; kvno++)
		put_entry(out, version, kvno);
}

static struct keytab *parse_well(const struct buffer *contents)
{
	struct keytab *keytab = NULL;
	struct error err = {0};
	if (keytab_parse(buffer_slice(contents), "/test.keytab", &keytab, &err))
		fail_msg("%s", err.text);
	return keytab;
}

static void refuse(const struct buffer *contents, enum status status, const char *telling)
{
	AUTO_KEYTAB keytab = NULL;
	struct error err = {0};
	assert_int_equal(
		keytab_parse(buffer_slice(contents), "/test.keytab", &keytab, &err), status);
	assert_null(keytab);
	assert_int_equal(err.status, status);
	assert_non_null(strstr(err.text, "/test.keytab"));
	if (!strstr(err.text, telling))
		fail_msg("\"%s\" has no \"%s\"", err.text, telling);
}

static void assert_principal(const struct principal *p, int32_t type)
{
	assert_true(principal_equal(p, &imap));
	assert_int_equal(p->type, type);
}

/* The format */

static void an_entry_is_read_whole(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	struct mint_keytab_entry entry = entry_of(3, ENCTYPE_AES256_SHA1, KEY_32);
	mint_keytab_entry(&b, V2, &entry);

	AUTO_KEYTAB keytab = parse_well(&b);
	const struct keytab_entry *e = keytab_entry_at(keytab, 0);
	assert_non_null(e);
	assert_principal(&e->principal, NT_SRV_HST);
	assert_int_equal(e->kvno, 3);
	assert_int_equal(e->timestamp, 1700000000);
	assert_int_equal(e->enctype, ENCTYPE_AES256_SHA1);
	assert_true(slice_equal(key_octets(e->key), KEY_32));
	assert_null(keytab_entry_at(keytab, 1));
	assert_string_equal(keytab_name(keytab), "/test.keytab");
	assert_false(keytab_world_readable(keytab));
}

static void version_1_is_in_host_order_without_name_types(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_keytab(&b, V1, 2);
	AUTO_KEYTAB keytab = parse_well(&b);
	const struct keytab_entry *e = keytab_entry_at(keytab, 1);
	assert_non_null(e);
	assert_principal(&e->principal, NT_UNKNOWN);
	assert_int_equal(e->kvno, 2);
	assert_int_equal(e->timestamp, 1700000000);
	assert_int_equal(e->enctype, ENCTYPE_AES128_SHA1);
	assert_true(slice_equal(key_octets(e->key), KEY_16));
}

static void a_known_file_of_version_2_is_read(void **state)
{
	(void)state;
	static const unsigned char octets[] = {
		0x05, 0x02, 0, 0, 0, 0x32,               /* 50 octets */
		0, 1, 0, 1, 'R', 0, 1, 'x', 0, 0, 0, 1,  /* x@R, NT-PRINCIPAL */
		0x65, 0x53, 0xf1, 0x00, 7, 0, 17, 0, 16, /* 1700000000, kvno 7, type 17 */
		'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e',
		'f',                          /* */
		0, 0, 1, 7,                   /* kvno 263 */
		0, 0, 0, 0, 0, 0, 0, 0, 0,    /* slack */
		0xff, 0xff, 0xff, 0xfe, 0, 0, /* a hole of two */
	};
	AUTO_BUFFER b = {0};
	mint_octets(&b, slice_of(octets, sizeof octets));
	AUTO_KEYTAB keytab = parse_well(&b);
	const struct keytab_entry *e = keytab_entry_at(keytab, 0);
	assert_non_null(e);
	assert_string_equal(PRINCIPAL_TEXT(&e->principal), "x@R");
	assert_int_equal(e->kvno, 263);
	assert_int_equal(e->timestamp, 1700000000);
	assert_true(slice_equal(key_octets(e->key), KEY_16));
}

static void a_keytab_without_entries_is_one(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	AUTO_KEYTAB keytab = parse_well(&b);
	assert_null(keytab_entry_at(keytab, 0));
	unsigned position = 0;
	assert_null(keytab_find(keytab, &imap, ENCTYPE_AES128_SHA1, false, 0, &position));
}

static void a_kvno_of_32_bits_overrides_the_octet(void **state)
{
	(void)state;
	for (unsigned version = V1; version <= V2; version++) {
		AUTO_BUFFER b = {0};
		mint_keytab_start(&b, (uint16_t)version);
		put_entry(&b, (uint16_t)version, 70000);
		AUTO_KEYTAB keytab = parse_well(&b);
		assert_int_equal(keytab_entry_at(keytab, 0)->kvno, 70000);
	}
}

static void an_old_entry_has_its_kvno_in_an_octet(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	struct mint_keytab_entry entry = entry_of(0x1ff, ENCTYPE_AES128_SHA1, KEY_16);
	entry.short_kvno = true;
	mint_keytab_entry(&b, V2, &entry);
	AUTO_KEYTAB keytab = parse_well(&b);
	assert_int_equal(keytab_entry_at(keytab, 0)->kvno, 255);
}

/* An entry of kvno 9, `slack` zero octets more in its record than it fills. */
static void put_entry_with_slack(struct buffer *out, unsigned slack)
{
	size_t start = out->len;
	struct mint_keytab_entry entry = entry_of(9, ENCTYPE_AES128_SHA1, KEY_16);
	entry.short_kvno = true;
	mint_keytab_entry(out, V2, &entry);
	for (unsigned i = 0; i < slack; i++)
		mint_u8(out, 0);
	store_u32(out->data + start, (uint32_t)(out->len - start - 4));
}

static void slack_in_a_record_is_passed_over(void **state)
{
	(void)state;
	for (unsigned slack = 0; slack < 12; slack++) {
		AUTO_BUFFER b = {0};
		mint_keytab_start(&b, V2);
		put_entry_with_slack(&b, slack);
		put_entry(&b, V2, 10);
		AUTO_KEYTAB keytab = parse_well(&b);
		assert_int_equal(keytab_entry_at(keytab, 0)->kvno, 9);
		assert_int_equal(keytab_entry_at(keytab, 1)->kvno, 10);
	}
}

static void holes_are_passed_over(void **state)
{
	(void)state;
	for (unsigned version = V1; version <= V2; version++) {
		AUTO_BUFFER b = {0};
		mint_keytab_start(&b, (uint16_t)version);
		mint_keytab_hole(&b, (uint16_t)version, 1);
		put_entry(&b, (uint16_t)version, 1);
		mint_keytab_hole(&b, (uint16_t)version, 70);
		mint_keytab_hole(&b, (uint16_t)version, 7);
		put_entry(&b, (uint16_t)version, 2);
		mint_keytab_hole(&b, (uint16_t)version, 300);
		AUTO_KEYTAB keytab = parse_well(&b);
		assert_int_equal(keytab_entry_at(keytab, 0)->kvno, 1);
		assert_int_equal(keytab_entry_at(keytab, 1)->kvno, 2);
		assert_null(keytab_entry_at(keytab, 2));
	}
}

static void a_length_of_zero_ends_the_file(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_keytab(&b, V2, 1);
	mint_u32(&b, 0);
	mint_octets(&b, SLICE_LITERAL("\x7f\xff\xff\xffnot looked at"));
	AUTO_KEYTAB keytab = parse_well(&b);
	assert_non_null(keytab_entry_at(keytab, 0));
	assert_null(keytab_entry_at(keytab, 1));
}

static void an_unsupported_type_stays_without_a_key(void **state)
{
	(void)state;
	static const int32_t types[] = {23, 16, 3, 99, -133};
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	for (unsigned i = 0; i < 5; i++) {
		struct mint_keytab_entry entry = entry_of(1, types[i], SLICE_LITERAL("any"));
		mint_keytab_entry(&b, V2, &entry);
	}
	AUTO_KEYTAB keytab = parse_well(&b);
	for (unsigned i = 0; i < 5; i++) {
		const struct keytab_entry *e = keytab_entry_at(keytab, i);
		assert_int_equal(e->enctype, types[i]);
		assert_null(e->key);
		unsigned position = 0;
		assert_ptr_equal(keytab_find(keytab, &imap, types[i], true, 1, &position), e);
	}
}

static void sixteen_components_fit(void **state)
{
	(void)state;
	for (unsigned version = V1; version <= V2; version++) {
		AUTO_BUFFER b = {0};
		mint_keytab_start(&b, (uint16_t)version);
		struct mint_keytab_entry entry = entry_of(1, ENCTYPE_AES128_SHA1, KEY_16);
		entry.principal.count = 16;
		for (unsigned i = 0; i < 16; i++)
			entry.principal.component[i] = slice_of(&"abcdefghijklmnop"[i], 1);
		mint_keytab_entry(&b, (uint16_t)version, &entry);
		AUTO_KEYTAB keytab = parse_well(&b);
		assert_true(
			principal_equal(&keytab_entry_at(keytab, 0)->principal, &entry.principal));
	}
}

static void names_may_hold_any_octet(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	struct mint_keytab_entry entry = entry_of(1, ENCTYPE_AES128_SHA1, KEY_16);
	entry.principal.component[0] = SLICE_LITERAL("a\0b/@\\\xff");
	entry.principal.component[1] = SLICE_EMPTY;
	mint_keytab_entry(&b, V2, &entry);
	AUTO_KEYTAB keytab = parse_well(&b);
	unsigned position = 0;
	assert_non_null(
		keytab_find(keytab, &entry.principal, ENCTYPE_AES128_SHA1, true, 1, &position));
}

/* Faults */

static void a_key_of_the_wrong_length_names_its_entry(void **state)
{
	(void)state;
	static const size_t lengths[] = {0, 1, 15, 17, 32};
	for (unsigned i = 0; i < 5; i++) {
		AUTO_BUFFER b = {0};
		put_keytab(&b, V2, 1);
		struct mint_keytab_entry entry =
			entry_of(1, ENCTYPE_AES128_SHA1, slice_of(KEY_32.data, lengths[i]));
		mint_keytab_entry(&b, V2, &entry);
		refuse(&b, ERR_SYNTAX, "imap/mail.example.test@EXAMPLE.TEST at octet 80");
	}
}

static void cut_short_at_every_octet_it_is_a_fault_or_a_prefix(void **state)
{
	(void)state;
	for (unsigned version = V1; version <= V2; version++) {
		AUTO_BUFFER b = {0};
		put_keytab(&b, (uint16_t)version, 1);
		size_t one = b.len;
		put_entry(&b, (uint16_t)version, 2);
		size_t two = b.len;
		for (size_t len = 3; len < two; len++) {
			b.len = len;
			if (len == one) {
				AUTO_KEYTAB keytab = parse_well(&b);
				assert_non_null(keytab_entry_at(keytab, 0));
				assert_null(keytab_entry_at(keytab, 1));
				continue;
			}
			refuse(&b, ERR_SYNTAX, "cut short");
			char telling[32];
			snprintf(telling, sizeof telling, "at octet %zu", len < one ? 2 : one);
			refuse(&b, ERR_SYNTAX, telling);
		}
	}
}

static void cut_short_in_the_version_it_is_a_fault(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	refuse(&b, ERR_SYNTAX, "is empty");
	mint_u8(&b, 5);
	refuse(&b, ERR_SYNTAX, "cut short after 1 octet");
}

static void an_entry_shorter_than_its_fields_is_a_fault(void **state)
{
	(void)state;
	AUTO_BUFFER whole = {0};
	mint_keytab_start(&whole, V2);
	struct mint_keytab_entry entry = entry_of(1, ENCTYPE_AES128_SHA1, KEY_16);
	entry.short_kvno = true;
	mint_keytab_entry(&whole, V2, &entry);
	for (uint32_t size = 1; size < whole.len - 6; size++) {
		AUTO_BUFFER b = {0};
		mint_octets(&b, buffer_slice(&whole));
		store_u32(b.data + 2, size);
		refuse(&b, ERR_SYNTAX, "too short for what it holds");
	}
}

static void hostile_lengths_of_records_are_faults(void **state)
{
	(void)state;
	static const struct {
		uint32_t length;
		const char *telling;
	} cases[] = {
		{0x7fffffff, "entry at octet 2 should have 2147483647 octets, and 16 are left"},
		{0x80000000, "hole at octet 2 should have 2147483648 octets, and 16 are left"},
		{0x80000001, "hole at octet 2 should have 2147483647 octets"},
		{17, "entry at octet 2 should have 17 octets, and 16 are left"},
		{0xffffffef, "hole at octet 2 should have 17 octets"},
		{0xffffffff, "octet 7"}, /* a hole of one octet; what follows it is no length */
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		mint_keytab_start(&b, V2);
		mint_u32(&b, cases[i].length);
		for (unsigned n = 0; n < 16; n++)
			mint_u8(&b, 0x7f);
		refuse(&b, ERR_SYNTAX, cases[i].telling);
	}
}

static void hostile_lengths_of_fields_are_faults(void **state)
{
	(void)state;
	/* Of the realm, of a component, of the key, in turn. */
	static const size_t places[] = {8, 22, 28, 58};
	for (unsigned i = 0; i < 4; i++) {
		AUTO_BUFFER b = {0};
		put_keytab(&b, V2, 1);
		b.data[places[i]] = 0xff;
		b.data[places[i] + 1] = 0xff;
		refuse(&b, ERR_SYNTAX, "too short for what it holds");
	}
}

static void hostile_counts_of_components_are_faults(void **state)
{
	(void)state;
	static const struct {
		uint16_t version;
		uint16_t count;
		const char *telling;
	} cases[] = {
		{V2, 0, "0 components at octet 6, expected 1 to 16"},
		{V2, 17, "17 components at octet 6"},
		{V2, 0x8000, "32768 components"},
		{V2, 0xffff, "65535 components"},
		{V1, 0, "0 components"},
		{V1, 1, "0 components"},
		{V1, 18, "17 components"},
		{V1, 0xffff, "65534 components"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		put_keytab(&b, cases[i].version, 1);
		uint16_t count = cases[i].count;
		b.data[6] = (unsigned char)(count >> 8);
		b.data[7] = (unsigned char)count;
		if (cases[i].version == V1)
			memcpy(b.data + 6, &count, sizeof count);
		refuse(&b, ERR_SYNTAX, cases[i].telling);
	}
}

static void a_name_without_a_realm_is_a_fault(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	struct mint_keytab_entry entry = entry_of(1, ENCTYPE_AES128_SHA1, KEY_16);
	entry.principal.realm = SLICE_EMPTY;
	mint_keytab_entry(&b, V2, &entry);
	refuse(&b, ERR_SYNTAX, "without a realm at octet 6");
}

static void another_kind_of_file_is_told(void **state)
{
	(void)state;
	static const struct {
		uint16_t version;
		const char *telling;
	} cases[] = {
		{0x0503, "is a credential cache (it begins with 0x0503 at octet 0"},
		{0x0504, "is a credential cache (it begins with 0x0504"},
		{0x0500, "it begins with 0x0500 at octet 0, expected 0x0502 or 0x0501"},
		{0x0505, "it begins with 0x0505"},
		{0x7f45, "it begins with 0x7f45"},
		{0x0205, "it begins with 0x0205"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		mint_u16(&b, cases[i].version);
		refuse(&b, ERR_SYNTAX, cases[i].telling);
	}
}

/* Looking up */

static void entries_are_found_in_the_files_order(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	struct mint_keytab_entry other = entry_of(1, ENCTYPE_AES256_SHA1, KEY_32);
	put_entry(&b, V2, 1);
	mint_keytab_entry(&b, V2, &other);
	put_entry(&b, V2, 3);
	put_entry(&b, V2, 2);
	mint_keytab_entry(&b, V2, &other);

	AUTO_KEYTAB keytab = parse_well(&b);
	unsigned position = 0;
	static const uint32_t kvnos[] = {1, 3, 2};
	for (unsigned i = 0; i < 3; i++) {
		const struct keytab_entry *e =
			keytab_find(keytab, &imap, ENCTYPE_AES128_SHA1, false, 0, &position);
		assert_non_null(e);
		assert_int_equal(e->kvno, kvnos[i]);
	}
	assert_null(keytab_find(keytab, &imap, ENCTYPE_AES128_SHA1, false, 0, &position));
	assert_null(keytab_find(keytab, &imap, ENCTYPE_AES128_SHA1, false, 0, &position));
}

static void a_search_may_start_anywhere(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_keytab(&b, V2, 5);
	AUTO_KEYTAB keytab = parse_well(&b);
	for (unsigned start = 0; start < 8; start++) {
		unsigned position = start;
		const struct keytab_entry *e =
			keytab_find(keytab, &imap, ENCTYPE_AES128_SHA1, false, 0, &position);
		assert_ptr_equal(e, keytab_entry_at(keytab, start));
		assert_int_equal(position, e ? start + 1 : start);
	}
}

static bool finds(const struct keytab *keytab, const struct principal *p, int32_t enctype,
	bool has_kvno, uint32_t kvno)
{
	unsigned position = 0;
	return keytab_find(keytab, p, enctype, has_kvno, kvno, &position);
}

static void a_kvno_is_compared_modulo_256_where_one_is_short(void **state)
{
	(void)state;
	static const struct {
		uint32_t entry, request;
		bool fits;
	} cases[] = {
		{3, 3, true},
		{3, 4, false},
		{259, 3, true},
		{3, 259, true},
		{259, 259, true},
		{259, 515, false},
		{256, 0, true},
		{255, 511, true},
		{511, 255, true},
		{256, 512, false},
		{0, 256, true},
		{0xffffff03, 3, true},
		{3, 0xffffffff, false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		mint_keytab_start(&b, V2);
		put_entry(&b, V2, cases[i].entry);
		AUTO_KEYTAB keytab = parse_well(&b);
		assert_int_equal(finds(keytab, &imap, ENCTYPE_AES128_SHA1, true, cases[i].request),
			cases[i].fits);
		assert_true(finds(keytab, &imap, ENCTYPE_AES128_SHA1, false, cases[i].request));
	}
}

static void another_name_realm_or_type_is_not_found(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_keytab(&b, V2, 1);
	AUTO_KEYTAB keytab = parse_well(&b);
	struct principal p = imap;
	p.type = NT_UNKNOWN; /* a hint: not compared */
	assert_true(finds(keytab, &p, ENCTYPE_AES128_SHA1, true, 1));
	assert_false(finds(keytab, &p, ENCTYPE_AES256_SHA1, true, 1));
	p.realm = SLICE_LITERAL("EXAMPLE.TESt");
	assert_false(finds(keytab, &p, ENCTYPE_AES128_SHA1, true, 1));
	p = imap;
	p.component[1] = SLICE_LITERAL("MAIL.example.test");
	assert_false(finds(keytab, &p, ENCTYPE_AES128_SHA1, true, 1));
	p = imap;
	p.count = 1;
	assert_false(finds(keytab, &p, ENCTYPE_AES128_SHA1, true, 1));
	p = imap;
	p.component[0] = SLICE_LITERAL("imap/mail.example.test");
	p.count = 1;
	assert_false(finds(keytab, &p, ENCTYPE_AES128_SHA1, true, 1));
}

#define MANY 10000

static void each_of_ten_thousand_names_is_found(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_keytab_start(&b, V2);
	for (unsigned i = 0; i < MANY; i++) {
		char host[32];
		snprintf(host, sizeof host, "host%u.example.test", i);
		struct mint_keytab_entry entry = entry_of(i, ENCTYPE_AES128_SHA1, KEY_16);
		entry.principal.component[1] = slice_string(host);
		mint_keytab_entry(&b, V2, &entry);
	}
	AUTO_KEYTAB keytab = parse_well(&b);
	for (unsigned i = 0; i < MANY; i++) {
		const struct keytab_entry *e = keytab_entry_at(keytab, i);
		unsigned position = 0;
		assert_ptr_equal(
			keytab_find(keytab, &e->principal, e->enctype, true, i, &position), e);
		assert_int_equal(position, i + 1);
		assert_null(keytab_find(keytab, &e->principal, e->enctype, true, i, &position));
	}
}

static void each_of_ten_thousand_versions_is_found(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_keytab(&b, V2, MANY);
	AUTO_KEYTAB keytab = parse_well(&b);
	unsigned position = 0;
	for (unsigned kvno = 1; kvno <= MANY; kvno++) {
		const struct keytab_entry *e =
			keytab_find(keytab, &imap, ENCTYPE_AES128_SHA1, false, 0, &position);
		assert_non_null(e);
		assert_int_equal(e->kvno, kvno);
	}
	assert_null(keytab_find(keytab, &imap, ENCTYPE_AES128_SHA1, false, 0, &position));
}

/* Files */

static char folder[] = "/tmp/test_keytab.XXXXXX";
static char path[64];

static void write_file(const struct buffer *contents)
{
	struct error err = {0};
	if (mint_file(path, buffer_slice(contents), &err))
		fail_msg("%s", err.text);
}

static void write_keytab(unsigned entries)
{
	AUTO_BUFFER b = {0};
	put_keytab(&b, V2, entries);
	write_file(&b);
}

/* Long enough for the file's clock to have moved on. */
static void let_it_settle(void)
{
	usleep(40000);
}

static struct keytab *get_well(const char *name, uint64_t *generation)
{
	struct keytab *keytab = NULL;
	struct error err = {0};
	if (keytab_get(name, &keytab, generation, &err))
		fail_msg("%s", err.text);
	return keytab;
}

static uint64_t fail_to_get(const char *name, enum status status, const char *telling)
{
	AUTO_KEYTAB keytab = NULL;
	struct error err = {0};
	uint64_t generation = 99;
	assert_int_equal(keytab_get(name, &keytab, &generation, &err), status);
	assert_null(keytab);
	assert_int_equal(err.status, status);
	if (!strstr(err.text, telling))
		fail_msg("\"%s\" has no \"%s\"", err.text, telling);
	return generation;
}

static unsigned entries_of(const struct keytab *keytab)
{
	unsigned n = 0;
	while (keytab_entry_at(keytab, n))
		n++;
	return n;
}

static int watch(const char *what)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	assert_true(fd >= 0 && inotify_add_watch(fd, what, IN_OPEN) >= 0);
	return fd;
}

/* How often what is watched was opened since the last call. */
static unsigned opens(int fd)
{
	struct inotify_event event[16];
	ssize_t n = read(fd, event, sizeof event);
	return n < 0 ? 0 : (unsigned)((size_t)n / sizeof *event);
}

static void all_share_one_snapshot(void **state)
{
	(void)state;
	write_keytab(2);
	let_it_settle();
	uint64_t first, second;
	AUTO_KEYTAB a = get_well(path, &first);
	int fd = watch(path);
	AUTO_KEYTAB b = get_well(path, &second);
	assert_int_equal(opens(fd), 0);
	close(fd);
	assert_ptr_equal(a, b);
	assert_int_equal(first, second);
	assert_true(first > 0);
	assert_int_equal(entries_of(a), 2);
	assert_string_equal(keytab_name(a), path);
}

static void names_with_a_type_are_paths(void **state)
{
	(void)state;
	write_keytab(1);
	let_it_settle();
	char name[80];
	AUTO_KEYTAB bare = get_well(path, NULL);
	snprintf(name, sizeof name, "FILE:%s", path);
	AUTO_KEYTAB file = get_well(name, NULL);
	snprintf(name, sizeof name, "WRFILE:%s", path);
	AUTO_KEYTAB wrfile = get_well(name, NULL);
	assert_ptr_equal(bare, file);
	assert_ptr_equal(bare, wrfile);
	assert_string_equal(keytab_name(wrfile), path);
}

static void other_types_are_refused_by_name(void **state)
{
	(void)state;
	assert_int_equal(fail_to_get("KEYRING:x", ERR_UNSUPPORTED, "of type KEYRING"), 0);
	fail_to_get("MEMORY:x", ERR_UNSUPPORTED, "of type MEMORY");
	fail_to_get("file:/x", ERR_UNSUPPORTED, "of type file");
	fail_to_get("FILE:", ERR_UNSUPPORTED, "0 octets");
	fail_to_get("", ERR_UNSUPPORTED, "0 octets");
}

static void a_path_that_is_too_long_is_refused(void **state)
{
	(void)state;
	char name[5001];
	memset(name, 'a', 5000);
	name[0] = '/';
	name[5000] = '\0';
	fail_to_get(name, ERR_UNSUPPORTED, "5000 octets, expected 1 to 4095");
}

static void a_replaced_file_is_read_and_the_old_snapshot_lives_on(void **state)
{
	(void)state;
	write_keytab(1);
	uint64_t first, second;
	AUTO_KEYTAB old = get_well(path, &first);
	write_keytab(3);
	AUTO_KEYTAB new = get_well(path, &second);
	assert_int_equal(entries_of(new), 3);
	assert_int_equal(entries_of(old), 1);
	assert_true(finds(old, &imap, ENCTYPE_AES128_SHA1, true, 1));
	assert_true(second > first);
}

static void append_to_file(struct slice octets)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, octets.data, octets.len), octets.len);
	close(fd);
}

static void a_file_that_grew_is_read(void **state)
{
	(void)state;
	write_keytab(1);
	AUTO_KEYTAB old = get_well(path, NULL);
	AUTO_BUFFER more = {0};
	put_entry(&more, V2, 2);
	append_to_file(buffer_slice(&more));
	AUTO_KEYTAB new = get_well(path, NULL);
	assert_int_equal(entries_of(new), 2);
	assert_int_equal(entries_of(old), 1);
}

/* As MIT's ktadd does: a length of zero, the record, then its length over the zero. */
static void an_entry_being_added_is_not_seen_before_it_is_whole(void **state)
{
	(void)state;
	write_keytab(1);
	struct stat before;
	assert_int_equal(stat(path, &before), 0);
	AUTO_BUFFER more = {0};
	put_entry(&more, V2, 2);
	AUTO_BUFFER unfinished = {0};
	mint_octets(&unfinished, buffer_slice(&more));
	store_u32(unfinished.data, 0);
	append_to_file(buffer_slice(&unfinished));
	AUTO_KEYTAB between = get_well(path, NULL);
	assert_int_equal(entries_of(between), 1);

	/* The same size, and perhaps the same tick of the clock. */
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, more.data, 4, before.st_size), 4);
	close(fd);
	AUTO_KEYTAB after = get_well(path, NULL);
	assert_int_equal(entries_of(after), 2);
}

static void a_file_that_just_changed_is_read_once_more(void **state)
{
	(void)state;
	write_keytab(1);
	uint64_t first, second;
	AUTO_KEYTAB a = get_well(path, &first);
	let_it_settle();
	int fd = watch(path);
	AUTO_KEYTAB b = get_well(path, &second);
	assert_int_equal(opens(fd), 1);
	AUTO_KEYTAB c = get_well(path, NULL);
	assert_int_equal(opens(fd), 0);
	close(fd);
	assert_ptr_equal(a, b);
	assert_ptr_equal(a, c);
	assert_int_equal(first, second);
}

static void a_file_cut_short_is_reported_until_it_is_whole(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_keytab(&b, V2, 2);
	size_t len = b.len;
	write_keytab(1);
	AUTO_KEYTAB old = get_well(path, NULL);
	b.len = len - 5;
	write_file(&b);
	fail_to_get(path, ERR_SYNTAX, "cut short, or is being written");
	append_to_file(slice_of(b.data + b.len, 5));
	AUTO_KEYTAB new = get_well(path, NULL);
	assert_int_equal(entries_of(new), 2);
	assert_int_equal(entries_of(old), 1);
}

static void a_failure_is_remembered(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	mint_octets(&b, SLICE_LITERAL("neither"));
	write_file(&b);
	let_it_settle();
	uint64_t first = fail_to_get(path, ERR_SYNTAX, "it begins with 0x6e65");
	int fd = watch(path);
	uint64_t second = fail_to_get(path, ERR_SYNTAX, "it begins with 0x6e65");
	assert_int_equal(opens(fd), 0);
	close(fd);
	assert_int_equal(first, second);
	write_keytab(1);
	uint64_t third;
	AUTO_KEYTAB keytab = get_well(path, &third);
	assert_int_equal(entries_of(keytab), 1);
	assert_true(third > second);
}

static void a_missing_file_is_noticed_when_it_appears(void **state)
{
	(void)state;
	unlink(path);
	uint64_t first = fail_to_get(path, ERR_NOT_FOUND, "there is no keytab /tmp/test_keytab.");
	int fd = watch(folder);
	uint64_t second = fail_to_get(path, ERR_NOT_FOUND, "ktadd");
	assert_int_equal(opens(fd), 0);
	close(fd);
	assert_int_equal(first, second);
	write_keytab(1);
	AUTO_KEYTAB keytab = get_well(path, &second);
	assert_int_equal(entries_of(keytab), 1);
	unlink(path);
	assert_true(fail_to_get(path, ERR_NOT_FOUND, "there is no keytab") > second);
}

static void a_directory_is_refused(void **state)
{
	(void)state;
	fail_to_get(folder, ERR_FILE, "not a regular file");
	fail_to_get(folder, ERR_FILE, "cannot read the keytab as user ");
}

static void a_fifo_is_refused_without_waiting(void **state)
{
	(void)state;
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(10);
	fail_to_get(path, ERR_FILE, "not a regular file");
	alarm(0);
	unlink(path);
}

static void a_file_that_is_too_long_is_refused(void **state)
{
	(void)state;
	write_keytab(1);
	assert_int_equal(truncate(path, KEYTAB_MAX_LENGTH + 1), 0);
	fail_to_get(path, ERR_FILE, "longer than 4194304 octets");
	assert_int_equal(truncate(path, KEYTAB_MAX_LENGTH), 0);
	AUTO_KEYTAB keytab = get_well(path, NULL);
	assert_int_equal(entries_of(keytab), 1);
}

static void a_file_of_another_owner_is_read_by_whoever_may(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("only root can be somebody else\n");
		skip();
	}
	assert_int_equal(chmod(folder, 0755), 0);
	write_keytab(1);
	let_it_settle();
	assert_int_equal(seteuid(65534), 0);
	fail_to_get(path, ERR_FILE, "Permission denied");
	fail_to_get(path, ERR_FILE, "as user 65534");
	assert_int_equal(seteuid(0), 0);
	/* The file is as it was; who asks is not. */
	AUTO_KEYTAB keytab = get_well(path, NULL);
	assert_int_equal(entries_of(keytab), 1);
}

static void a_file_that_others_may_read_is_told(void **state)
{
	(void)state;
	write_keytab(1);
	AUTO_KEYTAB tight = get_well(path, NULL);
	assert_false(keytab_world_readable(tight));
	assert_int_equal(chmod(path, 0640), 0);
	AUTO_KEYTAB group = get_well(path, NULL);
	assert_false(keytab_world_readable(group));
	assert_int_equal(chmod(path, 0644), 0);
	AUTO_KEYTAB world = get_well(path, NULL);
	assert_true(keytab_world_readable(world));
}

static void more_names_than_are_kept_are_all_right(void **state)
{
	(void)state;
	write_keytab(1);
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 1; i <= 12; i++) {
			/* The same file by another name: "/tmp/.../././x" */
			char name[128];
			snprintf(name, sizeof name, "%s/%.*s%s", folder, (int)(2 * i),
				"././././././././././././", strrchr(path, '/') + 1);
			AUTO_KEYTAB keytab = get_well(name, NULL);
			assert_string_equal(keytab_name(keytab), name);
			assert_int_equal(entries_of(keytab), 1);
		}
}

static void after_forgetting_it_is_read_again(void **state)
{
	(void)state;
	write_keytab(1);
	let_it_settle();
	AUTO_KEYTAB a = get_well(path, NULL);
	keytab_forget();
	keytab_forget();
	AUTO_KEYTAB b = get_well(path, NULL);
	assert_ptr_not_equal(a, b);
	assert_int_equal(entries_of(a), 1);
	keytab_release(NULL);
}

static atomic_bool stop;

static void *get_all_the_time(void *faults)
{
	while (!stop) {
		AUTO_KEYTAB keytab = NULL;
		struct error err;
		if (keytab_get(path, &keytab, NULL, &err)) {
			++*(unsigned *)faults;
			continue;
		}
		unsigned n = entries_of(keytab);
		if ((n != 1 && n != 40) || !finds(keytab, &imap, ENCTYPE_AES128_SHA1, true, n))
			++*(unsigned *)faults;
	}
	return NULL;
}

static void eight_threads_see_whole_files_while_it_is_replaced(void **state)
{
	(void)state;
	pthread_t thread[8];
	unsigned faults[8] = {0};
	stop = false;
	write_keytab(1);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, get_all_the_time, &faults[i]), 0);
	for (unsigned i = 0; i < 60; i++) {
		write_keytab(i % 2 ? 1 : 40);
		if (i % 20 == 0)
			keytab_forget();
	}
	stop = true;
	for (unsigned i = 0; i < 8; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(faults[i], 0);
	}
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/keytab", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	keytab_forget();
	crypto_close();
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_read_whole),
		cmocka_unit_test(version_1_is_in_host_order_without_name_types),
		cmocka_unit_test(a_known_file_of_version_2_is_read),
		cmocka_unit_test(a_keytab_without_entries_is_one),
		cmocka_unit_test(a_kvno_of_32_bits_overrides_the_octet),
		cmocka_unit_test(an_old_entry_has_its_kvno_in_an_octet),
		cmocka_unit_test(slack_in_a_record_is_passed_over),
		cmocka_unit_test(holes_are_passed_over),
		cmocka_unit_test(a_length_of_zero_ends_the_file),
		cmocka_unit_test(an_unsupported_type_stays_without_a_key),
		cmocka_unit_test(sixteen_components_fit),
		cmocka_unit_test(names_may_hold_any_octet),
		cmocka_unit_test(a_key_of_the_wrong_length_names_its_entry),
		cmocka_unit_test(cut_short_at_every_octet_it_is_a_fault_or_a_prefix),
		cmocka_unit_test(cut_short_in_the_version_it_is_a_fault),
		cmocka_unit_test(an_entry_shorter_than_its_fields_is_a_fault),
		cmocka_unit_test(hostile_lengths_of_records_are_faults),
		cmocka_unit_test(hostile_lengths_of_fields_are_faults),
		cmocka_unit_test(hostile_counts_of_components_are_faults),
		cmocka_unit_test(a_name_without_a_realm_is_a_fault),
		cmocka_unit_test(another_kind_of_file_is_told),
		cmocka_unit_test(entries_are_found_in_the_files_order),
		cmocka_unit_test(a_search_may_start_anywhere),
		cmocka_unit_test(a_kvno_is_compared_modulo_256_where_one_is_short),
		cmocka_unit_test(another_name_realm_or_type_is_not_found),
		cmocka_unit_test(each_of_ten_thousand_names_is_found),
		cmocka_unit_test(each_of_ten_thousand_versions_is_found),
		cmocka_unit_test(all_share_one_snapshot),
		cmocka_unit_test(names_with_a_type_are_paths),
		cmocka_unit_test(other_types_are_refused_by_name),
		cmocka_unit_test(a_path_that_is_too_long_is_refused),
		cmocka_unit_test(a_replaced_file_is_read_and_the_old_snapshot_lives_on),
		cmocka_unit_test(a_file_that_grew_is_read),
		cmocka_unit_test(an_entry_being_added_is_not_seen_before_it_is_whole),
		cmocka_unit_test(a_file_that_just_changed_is_read_once_more),
		cmocka_unit_test(a_file_cut_short_is_reported_until_it_is_whole),
		cmocka_unit_test(a_failure_is_remembered),
		cmocka_unit_test(a_missing_file_is_noticed_when_it_appears),
		cmocka_unit_test(a_directory_is_refused),
		cmocka_unit_test(a_fifo_is_refused_without_waiting),
		cmocka_unit_test(a_file_that_is_too_long_is_refused),
		cmocka_unit_test(a_file_of_another_owner_is_read_by_whoever_may),
		cmocka_unit_test(a_file_that_others_may_read_is_told),
		cmocka_unit_test(more_names_than_are_kept_are_all_right),
		cmocka_unit_test(after_forgetting_it_is_read_again),
		cmocka_unit_test(eight_threads_see_whole_files_while_it_is_replaced),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

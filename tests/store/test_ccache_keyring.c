/* SPDX-License-Identifier: BSD-3-Clause */
/* Caches in the kernel's keyrings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/timestamp.h"
#include "tests/support/keyring_stand_in.h"

static void fail_to_open(const char *name, enum status status, const char *telling)
{
	struct ccache *ccache;
	struct error err = {0};
	assert_int_equal(ccache_open(name, NULL, &ccache, &err), status);
	assert_null(ccache);
	assert_int_equal(err.status, status);
	assert_tells(&err, telling);
}

static void assert_opens(const char *name, const char *as, const struct principal *client)
{
	AUTO_CCACHE ccache = open_well(name);
	assert_string_equal(ccache_name(ccache), as);
	assert_true(principal_equal(ccache_client(ccache), client));
}

/* Which one a name means */

static void a_cache_is_read_from_each_anchor(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int32_t ring;
	} cases[] = {
		{"KEYRING:thread:c", KEY_SPEC_THREAD_KEYRING},
		{"KEYRING:process:c", KEY_SPEC_PROCESS_KEYRING},
		{"KEYRING:session:c", KEY_SPEC_SESSION_KEYRING},
		{"KEYRING:user:c", KEY_SPEC_USER_KEYRING},
		{"KEYRING:legacy:c", KEY_SPEC_SESSION_KEYRING},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char whole[64];
		fake_start(state);
		fail_to_open(cases[i].name, ERR_NOT_FOUND, "run kinit, or set KRB5CCNAME");
		int32_t collection = fake_ring("_krb_c", cases[i].ring);
		fail_to_open(cases[i].name, ERR_NOT_FOUND, cases[i].name);
		fake_cache("c", &alice, collection);
		snprintf(whole, sizeof whole, "%s:c", cases[i].name);
		assert_opens(cases[i].name, whole, &alice);
		assert_opens(whole, whole, &alice);
	}
}

static void a_persistent_cache_has_a_users_number_or_none(void **state)
{
	(void)state;
	char name[64], whole[96];
	int32_t collection = fake_ring("_krb", fake_persistent);
	snprintf(name, sizeof name, "%lu", (unsigned long)geteuid());
	fake_cache(name, &alice, collection);
	fake_cache("tkt", &bob, collection);
	snprintf(name, sizeof name, "KEYRING:persistent:%lu", (unsigned long)geteuid());
	snprintf(whole, sizeof whole, "%s:%lu", name, (unsigned long)geteuid());
	assert_opens(name, whole, &alice);
	assert_opens("KEYRING:persistent:", "KEYRING:persistent::tkt", &bob);
	fail_to_open("KEYRING:persistent:77777", ERR_FILE, "Operation not permitted");
	static const char *const numbers[] = {
		"x", "-1", "+1", " 1", "1x", "4294967295", "4294967296", "18446744073709551616"};
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		snprintf(name, sizeof name, "KEYRING:persistent:%s", numbers[i]);
		fail_to_open(name, ERR_SYNTAX, "expected is a user's number");
	}
}

static void what_the_user_has_the_process_comes_to_possess(void **state)
{
	(void)state;
	int32_t users = fake_ring("_krb_c", KEY_SPEC_USER_KEYRING);
	int32_t persistent = fake_ring("_krb", fake_persistent);
	int32_t session = fake_ring("_krb_s", KEY_SPEC_SESSION_KEYRING);
	fake_cache("c", &alice, users);
	fake_cache("tkt", &alice, persistent);
	fake_cache("s", &alice, session);
	assert_opens("KEYRING:user:c", "KEYRING:user:c:c", &alice);
	assert_opens("KEYRING:persistent:", "KEYRING:persistent::tkt", &alice);
	assert_opens("KEYRING:session:s", "KEYRING:session:s:s", &alice);
	assert_true(fake_has(KEY_SPEC_PROCESS_KEYRING, users));
	assert_true(fake_has(KEY_SPEC_PROCESS_KEYRING, persistent));
	assert_false(fake_has(KEY_SPEC_PROCESS_KEYRING, session));
}

static void the_primary_is_named_in_the_collection(void **state)
{
	(void)state;
	int32_t collection = fake_ring("_krb_c", KEY_SPEC_SESSION_KEYRING);
	fake_cache("c", &alice, collection);
	fake_cache("krb_ccache_x:y", &bob, collection);
	fake_primary("krb_ccache_x:y", collection);
	assert_opens("KEYRING:session:c", "KEYRING:session:c:krb_ccache_x:y", &bob);
	assert_opens("KEYRING:session:c:krb_ccache_x:y", "KEYRING:session:c:krb_ccache_x:y", &bob);
	assert_opens("KEYRING:session:c:c", "KEYRING:session:c:c", &alice);
}

/* Each of the parts may be as long as a key's description. */
static void a_long_name_is_not_cut(void **state)
{
	(void)state;
	char ring[106] = "_krb_", cache[4096] = "", name[200], whole[5000];
	AUTO_BUFFER names = {0};
	struct error err;
	memset(ring + 5, 'r', sizeof ring - 6);
	memset(cache, 'c', sizeof cache - 1);
	int32_t collection = fake_ring(ring, KEY_SPEC_SESSION_KEYRING);
	fake_cache(cache, &alice, collection);
	fake_primary(cache, collection);
	snprintf(name, sizeof name, "KEYRING:session:%s", ring + 5);
	snprintf(whole, sizeof whole, "%s:%s", name, cache);
	assert_opens(name, whole, &alice);
	assert_success(ccache_list(name, NULL, &names, &err), &err);
	assert_string_equal(ccache_next_name(&names, NULL), whole);
}

static void a_cache_of_old_programs_is_in_the_sessions_keyring(void **state)
{
	(void)state;
	fake_ring("_krb_old", KEY_SPEC_SESSION_KEYRING);
	fake_cache("old", &bob, KEY_SPEC_SESSION_KEYRING);
	assert_opens("KEYRING:old", "KEYRING:legacy:old:old", &bob);
	fail_to_open("KEYRING:session:old", ERR_NOT_FOUND, "KEYRING:session:old:old: run kinit");
}

static void another_anchor_is_refused(void **state)
{
	(void)state;
	fail_to_open("KEYRING:other:c", ERR_SYNTAX, "KEYRING:other:c does not name a credential");
	char name[5000] = "KEYRING:";
	memset(name + 8, 'x', sizeof name - 9);
	fail_to_open(name, ERR_SYNTAX, "is too long");
}

/* What is in it */

static int32_t make_alices(const char *anchor_collection)
{
	int32_t collection = fake_ring(anchor_collection, KEY_SPEC_SESSION_KEYRING);
	return fake_cache("c", &alice, collection);
}

static void credentials_and_the_time_offset_are_read(void **state)
{
	(void)state;
	struct credential tgt = credential_for(&krbtgt), c = credential_for(&imap);
	int32_t cache = make_alices("_krb_c");
	fake_credential("big_key", &tgt, cache);
	fake_credential("user", &c, cache);
	AUTO_CCACHE before = open_well("KEYRING:session:c");
	find_well(before, &krbtgt);
	assert_true(slice_equal(find_well(before, &imap).key, KEY_32));
	assert_int_equal(ccache_kdc_offset(before), 0);
	fake_add("user", "__krb5_time_offsets__", SLICE_LITERAL("\xff\xff\xff\xf7\0\0\0\1"), cache);
	AUTO_CCACHE after = open_well("KEYRING:session:c");
	assert_int_equal(ccache_kdc_offset(after), -9);
	find_well(after, &imap);
}

static void the_time_offset_is_kept(void **state)
{
	(void)state;
	struct error err = {0};
	struct credential c = credential_for(&imap);
	fake_credential("user", &c, make_alices("_krb_c"));
	for (int32_t offset = -7200; offset <= 7200; offset += 14400) {
		AUTO_CCACHE before = open_well("KEYRING:session:c");
		assert_success(ccache_set_kdc_offset(before, offset, &err), &err);
		AUTO_CCACHE after = open_well("KEYRING:session:c");
		assert_int_equal(ccache_kdc_offset(after), offset);
		find_well(after, &imap);
	}
}

static void keys_that_are_gone_are_passed_over(void **state)
{
	(void)state;
	static const int faults[] = {ENOKEY, EKEYEXPIRED, EKEYREVOKED, EACCES};
	struct credential tgt = credential_for(&krbtgt), c = credential_for(&imap);
	int32_t cache = make_alices("_krb_c");
	int32_t key = fake_credential("user", &tgt, cache);
	fake_credential("user", &c, cache);
	for (unsigned i = 0; i < sizeof faults / sizeof *faults; i++) {
		fake_key(key)->fault = faults[i];
		AUTO_CCACHE ccache = open_well("KEYRING:session:c");
		find_well(ccache, &imap);
		fail_to_find_in(ccache, &krbtgt);
	}
	fake_key(key)->fault = EIO;
	fail_to_open("KEYRING:session:c", ERR_FILE, "Input/output error");
}

/* Stored */

static void assert_stored(const char *name, const char *collection, const char *type)
{
	struct credential tgt = credential_for(&krbtgt), c = credential_for(&imap);
	int32_t cache = make_alices(collection);
	int64_t now = timestamp_now().seconds;
	tgt.endtime = now + 50000;
	c.endtime = now + 1000;
	fake_credential("user", &tgt, cache);
	AUTO_CCACHE before = open_well(name);
	store_well(before, &c);
	int32_t key = fake_find(cache, type, "imap/mail.example.test@EXAMPLE.TEST");
	assert_int_not_equal(key, 0);
	AUTO_BUFFER wanted = {0};
	put(&wanted, &c);
	assert_int_equal(fake_key(key)->payload.len, wanted.len);
	assert_memory_equal(fake_key(key)->payload.data, wanted.data, wanted.len);
	assert_uint_in_range(fake_key(key)->timeout, 900, 1000);
	assert_uint_in_range(fake_key(cache)->timeout, 49900, 50000);
	/* The same again takes its place. */
	c.endtime = now + 100000;
	int32_t count = fake_count;
	store_well(before, &c);
	assert_int_equal(fake_count, count);
	assert_uint_in_range(fake_key(cache)->timeout, 99900, 100000);
}

static void what_is_stored_ends_with_its_ticket(void **state)
{
	assert_stored("KEYRING:session:c", "_krb_c", "big_key");
	fake_start(state);
	fake_big_keys = ENODEV;
	assert_stored("KEYRING:session:c", "_krb_c", "user");
	fake_start(state);
	fake_big_keys = EINVAL;
	assert_stored("KEYRING:session:c", "_krb_c", "user");
	fake_start(state);
	assert_stored("KEYRING:c", "_krb_c", "user");
}

static void what_the_kernel_does_not_take_is_told(void **state)
{
	(void)state;
	make_alices("_krb_c");
	AUTO_CCACHE ccache = open_well("KEYRING:session:c");
	fake_big_keys = EDQUOT;
	fail_to_store(ccache, ERR_FILE,
		"have the credential cache KEYRING:session:c:c: Disk quota exceeded");
}

/* ---- made ---- */

static void make_of(const char *name, const struct credential *c, unsigned count)
{
	struct error err = {0};
	const struct ccache_start start = {&alice, -9, c, count};
	assert_success(ccache_create(name, &start, &err), &err);
}

static void check_made(const char *name, const char *as)
{
	struct credential c[2] = {credential_for(&krbtgt), credential_for(&imap)};
	int64_t now = timestamp_now().seconds;
	c[0].endtime = now + 50000;
	c[1].endtime = now + 1000;
	make_of(name, c, 2);
	AUTO_CCACHE ccache = open_well(name);
	assert_string_equal(ccache_name(ccache), as);
	assert_true(principal_equal(ccache_client(ccache), &alice));
	assert_int_equal(ccache_kdc_offset(ccache), -9);
	find_well(ccache, &krbtgt);
	find_well(ccache, &imap);
	int32_t cache = fake_find(-3, "keyring", strrchr(as, ':') + 1);
	if (cache)
		assert_uint_in_range(fake_key(cache)->timeout, 49900, 50000);
	AUTO_BUFFER names = {0};
	struct error err = {0};
	assert_success(ccache_list(name, NULL, &names, &err), &err);
	assert_string_equal(ccache_next_name(&names, NULL), as);
}

static void a_new_cache_has_a_collection_and_is_its_primary(void **state)
{
	check_made("KEYRING:session:c", "KEYRING:session:c:c");
	fake_start(state);
	check_made("KEYRING:session:c:other", "KEYRING:session:c:other");
	AUTO_CCACHE primary = open_well("KEYRING:session:c");
	assert_string_equal(ccache_name(primary), "KEYRING:session:c:other");
	fake_start(state);
	check_made("KEYRING:user:c", "KEYRING:user:c:c");
	fake_start(state);
	check_made("KEYRING:persistent:", "KEYRING:persistent::tkt");
	fake_start(state);
	check_made("KEYRING:c", "KEYRING:legacy:c:c");
}

static void a_second_one_leaves_the_primary(void **state)
{
	(void)state;
	check_made("KEYRING:session:c", "KEYRING:session:c:c");
	make_of("KEYRING:session:c:other", NULL, 0);
	AUTO_CCACHE primary = open_well("KEYRING:session:c");
	assert_string_equal(ccache_name(primary), "KEYRING:session:c:c");
	AUTO_CCACHE other = open_well("KEYRING:session:c:other");
	fail_to_find_in(other, &imap);
}

static void a_new_cache_takes_the_place_of_one(void **state)
{
	(void)state;
	const struct credential c = credential_for(&krbtgt);
	int32_t cache = make_alices("_krb_c");
	fake_credential("user", &(struct credential){.server = imap}, cache);
	make_of("KEYRING:session:c", &c, 1);
	AUTO_CCACHE ccache = open_well("KEYRING:session:c");
	find_well(ccache, &krbtgt);
	fail_to_find_in(ccache, &imap);
}

static void a_collection_of_anothers_gets_no_cache(void **state)
{
	(void)state;
	struct error err = {0};
	const struct ccache_start start = {.client = &alice};
	make_alices("_krb_c");
	fake_key(fake_find(-3, "keyring", "_krb_c"))->owner = 4711;
	assert_int_equal(ccache_create("KEYRING:session:c", &start, &err), ERR_UNTRUSTED);
	assert_int_equal(ccache_create("KEYRING:nowhere:c", &start, &err), ERR_SYNTAX);
	fake_start(NULL);
	fake_big_keys = EDQUOT;
	const struct credential c = credential_for(&imap);
	const struct ccache_start full = {&alice, 0, &c, 1};
	assert_int_equal(ccache_create("KEYRING:session:c", &full, &err), ERR_FILE);
	assert_tells(&err, "Disk quota exceeded");
}

static void what_became_anothers_is_left_alone(void **state)
{
	(void)state;
	make_alices("_krb_c");
	AUTO_CCACHE ccache = open_well("KEYRING:session:c");
	fake_start(state);
	fail_to_store(ccache, ERR_NOT_FOUND, "there is no credential cache KEYRING:session:c:c");
	fake_cache("c", &bob, fake_ring("_krb_c", KEY_SPEC_SESSION_KEYRING));
	int32_t count = fake_count;
	fail_to_store(ccache, KRB_AP_ERR_BADMATCH, "has become that of bob@EXAMPLE.TEST");
	assert_int_equal(fake_count, count);
}

/* Collections */

static void a_collection_is_listed_with_the_primary_first(void **state)
{
	(void)state;
	AUTO_BUFFER names = {0};
	struct error err = {0};
	int32_t collection = fake_ring("_krb_c", KEY_SPEC_SESSION_KEYRING);
	fake_cache("c", &alice, collection);
	fake_cache("x;y:z", &bob, collection);
	fake_primary("x;y:z", collection);
	assert_success(ccache_list("KEYRING:session:c", NULL, &names, &err), &err);
	const char *name = ccache_next_name(&names, NULL);
	assert_string_equal(name, "KEYRING:session:c:x;y:z");
	name = ccache_next_name(&names, name);
	assert_string_equal(name, "KEYRING:session:c:c");
	assert_null(ccache_next_name(&names, name));
	assert_success(ccache_list("KEYRING:session:c:any", NULL, &names, &err), &err);
	assert_int_equal(names.len, sizeof "KEYRING:session:c:any");
}

static void a_primary_that_is_not_there_is_not_listed(void **state)
{
	(void)state;
	AUTO_BUFFER names = {0};
	struct error err = {0};
	int32_t collection = fake_ring("_krb_c", KEY_SPEC_SESSION_KEYRING);
	fake_primary("gone", collection);
	assert_int_equal(ccache_list("KEYRING:session:c", NULL, &names, &err), ERR_NOT_FOUND);
	int32_t key = fake_ring("other", collection);
	assert_success(ccache_list("KEYRING:session:c", NULL, &names, &err), &err);
	assert_string_equal(ccache_next_name(&names, NULL), "KEYRING:session:c:other");
	fake_key(key)->fault = ENOKEY;
	assert_int_equal(ccache_list("KEYRING:session:c", NULL, &names, &err), ERR_NOT_FOUND);
}

/* Hostile keys */

static void a_malformed_primary_is_a_fault(void **state)
{
	(void)state;
	static const struct slice cases[] = {
		SLICE_LITERAL(""),
		SLICE_LITERAL("\0\0\0\1\0\0\0"),
		SLICE_LITERAL("\0\0\0\1\0\0\0\0"),
		SLICE_LITERAL("\0\0\0\1\0\0\0\2c"),
		SLICE_LITERAL("\0\0\0\1\xff\xff\xff\xffxxxx"),
		SLICE_LITERAL("\0\0\0\2\0\0\0\1c"),
		SLICE_LITERAL("\0\0\0\1\0\0\0\2c\0"),
	};
	make_alices("_krb_c");
	int32_t collection = fake_find(KEY_SPEC_SESSION_KEYRING, "keyring", "_krb_c");
	fake_primary("c", collection);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		buffer_clear(&fake_key(fake_count)->payload);
		mint_octets(&fake_key(fake_count)->payload, cases[i]);
		fail_to_open("KEYRING:session:c", ERR_SYNTAX, "does not tell its primary");
	}
}

static void a_malformed_client_or_credential_is_a_fault(void **state)
{
	(void)state;
	struct credential c = credential_for(&imap);
	int32_t cache = make_alices("_krb_c");
	struct buffer *client = &fake_key(fake_count)->payload;
	struct buffer *credential = &fake_key(fake_credential("user", &c, cache))->payload;
	struct buffer *const payloads[] = {client, credential};
	for (unsigned i = 0; i < 2; i++) {
		size_t whole = payloads[i]->len;
		for (size_t len = 0; len < whole; len++) {
			payloads[i]->len = len;
			fail_to_open("KEYRING:session:c", ERR_SYNTAX, "does not fit into");
		}
		payloads[i]->len = whole;
		mint_u8(payloads[i], 0);
		fail_to_open("KEYRING:session:c", ERR_SYNTAX, "1 octets stand behind");
		payloads[i]->len = whole;
	}
	AUTO_CCACHE ccache = open_well("KEYRING:session:c");
	find_well(ccache, &imap);
}

static void odd_offsets_and_lists_of_keys_do_no_harm(void **state)
{
	(void)state;
	struct credential c = credential_for(&imap);
	int32_t cache = make_alices("_krb_c");
	fake_credential("user", &c, cache);
	fake_add("user", "__krb5_time_offsets__", SLICE_LITERAL("\1\1\1"), cache);
	mint_octets(&fake_key(cache)->payload, SLICE_LITERAL("\1\2\3"));
	AUTO_CCACHE ccache = open_well("KEYRING:session:c");
	assert_int_equal(ccache_kdc_offset(ccache), 0);
	find_well(ccache, &imap);
	for (unsigned i = 0; i < 5000; i++)
		mint_u32(&fake_key(cache)->payload, 0);
	fail_to_open("KEYRING:session:c", ERR_FILE, "File too large");
}

static void odd_descriptions_are_passed_over(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "keyring", "keyring;", "keyring;1;1;1",
		"keyring;1;1;1;", "user;1;1;1;name", "keyring ;1;1;1;name"};
	AUTO_BUFFER names = {0};
	struct error err = {0};
	fake_ring("other", fake_ring("_krb_c", KEY_SPEC_SESSION_KEYRING));
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
		fake_text = texts[i];
		assert_int_equal(
			ccache_list("KEYRING:session:c", NULL, &names, &err), ERR_NOT_FOUND);
	}
}

/* Whose they are */

static void refused_of(const struct file_owners *owners, const char *telling)
{
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	assert_int_equal(ccache_open("KEYRING:session:c", owners, &ccache, &err), ERR_UNTRUSTED);
	assert_null(ccache);
	assert_tells(&err, telling);
}

/* Of a cache: the collection's keyring, its own, and the keys in them. */
struct parts_of_cache {
	int32_t key[5];
};

static struct parts_of_cache make_parts(void)
{
	struct credential c = credential_for(&imap);
	struct parts_of_cache parts;
	parts.key[0] = fake_ring("_krb_c", KEY_SPEC_SESSION_KEYRING);
	parts.key[1] = fake_cache("c", &alice, parts.key[0]);
	parts.key[2] = fake_count; /* the client's name */
	fake_primary("c", parts.key[0]);
	parts.key[3] = fake_count;
	parts.key[4] = fake_credential("user", &c, parts.key[1]);
	return parts;
}

static void each_part_is_roots_or_the_effective_users(void **state)
{
	(void)state;
	static const char *const what[] = {"a keyring", "a keyring", "the name of its client",
		"the name of the primary one", "a ticket"};
	const struct file_owners others = {1, {4711}};
	struct parts_of_cache parts = make_parts();
	AUTO_CCACHE ccache = open_well("KEYRING:session:c");
	for (unsigned i = 0; i < 5; i++) {
		char telling[200];
		struct fake_key *key = fake_key(parts.key[i]);
		key->owner = geteuid() + 1;
		snprintf(telling, sizeof telling,
			"has %s of user %ld (permissions 3f010000), expected is one of user %ld, "
			"whom this program runs as, or root: run kinit as that one",
			what[i], (long)geteuid() + 1, (long)geteuid());
		refused_of(NULL, telling);
		key->owner = 4711;
		refused_of(NULL, "of user 4711");
		AUTO_CCACHE of_others = open_of("KEYRING:session:c", &others);
		struct credential c = credential_for(&imap);
		if (i != 3) /* its name is given then */
			fail_to_store(ccache, ERR_UNTRUSTED, "of user 4711");
		store_well(of_others, &c);
		key->owner = geteuid();
	}
	AUTO_CCACHE again = open_well("KEYRING:session:c");
	assert_non_null(again);
}

static void no_part_may_be_written_by_others(void **state)
{
	(void)state;
	static const unsigned permissions[] = {
		0x3f010400, 0x3f010004, 0x3f012000, 0x3f010020, 0x3f3f3f3f};
	struct parts_of_cache parts = make_parts();
	for (unsigned i = 0; i < 5; i++) {
		struct fake_key *key = fake_key(parts.key[i]);
		for (unsigned n = 0; n < 5; n++) {
			key->permissions = permissions[n];
			refused_of(
				NULL, "or root, which nobody else can write to: run kinit again");
		}
		key->permissions = 0x3f3f1b1b; /* all but these */
		AUTO_CCACHE ccache = open_well("KEYRING:session:c");
		assert_non_null(ccache);
	}
}

static void a_collection_of_anothers_is_not_listed(void **state)
{
	(void)state;
	AUTO_BUFFER names = {0};
	struct error err = {0};
	const struct file_owners others = {1, {4711}};
	struct parts_of_cache parts = make_parts();
	fake_key(parts.key[0])->owner = 4711;
	assert_int_equal(ccache_list("KEYRING:session:c", NULL, &names, &err), ERR_UNTRUSTED);
	assert_success(ccache_list("KEYRING:session:c", &others, &names, &err), &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(function) cmocka_unit_test_setup(function, fake_start)
		CASE(a_cache_is_read_from_each_anchor),
		CASE(a_persistent_cache_has_a_users_number_or_none),
		CASE(what_the_user_has_the_process_comes_to_possess),
		CASE(the_primary_is_named_in_the_collection),
		CASE(a_long_name_is_not_cut),
		CASE(a_cache_of_old_programs_is_in_the_sessions_keyring),
		CASE(another_anchor_is_refused),
		CASE(credentials_and_the_time_offset_are_read),
		CASE(the_time_offset_is_kept),
		CASE(keys_that_are_gone_are_passed_over),
		CASE(what_is_stored_ends_with_its_ticket),
		CASE(what_the_kernel_does_not_take_is_told),
		CASE(a_new_cache_has_a_collection_and_is_its_primary),
		CASE(a_second_one_leaves_the_primary),
		CASE(a_new_cache_takes_the_place_of_one),
		CASE(a_collection_of_anothers_gets_no_cache),
		CASE(what_became_anothers_is_left_alone),
		CASE(a_collection_is_listed_with_the_primary_first),
		CASE(a_primary_that_is_not_there_is_not_listed),
		CASE(a_malformed_primary_is_a_fault),
		CASE(a_malformed_client_or_credential_is_a_fault),
		CASE(odd_offsets_and_lists_of_keys_do_no_harm),
		CASE(odd_descriptions_are_passed_over),
		CASE(each_part_is_roots_or_the_effective_users),
		CASE(no_part_may_be_written_by_others),
		CASE(a_collection_of_anothers_is_not_listed),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, fake_end);
}

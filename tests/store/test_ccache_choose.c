/* SPDX-License-Identifier: BSD-3-Clause */
/* Collections: which caches there are, and which one fits. Here they are folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/ccache_files.h"
#include "tests/support/suite.h"

static char collection[80]; /* DIR:FOLDER */

static const char *as_cache(const char *name)
{
	static char result[120];
	snprintf(result, sizeof result, "DIR::%s", in_folder(name));
	return result;
}

static void put_cache_of(const char *name, const struct principal *client)
{
	AUTO_BUFFER b = {0};
	mint_ccache_start(&b, 4, client, 0);
	write_file(in_folder(name), &b);
}

static void put_text(const char *name, struct slice text)
{
	AUTO_BUFFER b = {0};
	mint_octets(&b, text);
	write_file(in_folder(name), &b);
}

static const struct principal alice_elsewhere = {
	.type = NT_PRINCIPAL,
	.count = 1,
	.component = {SLICE_LITERAL("alice")},
	.realm = SLICE_LITERAL("OTHER.TEST"),
};

/* Which one a folder means */

static void assert_opens(const char *name, const char *as, const struct principal *client)
{
	AUTO_CCACHE ccache = open_well(name);
	assert_string_equal(ccache_name(ccache), as);
	assert_true(principal_equal(ccache_client(ccache), client));
}

static void fail_to_open(const char *name, enum status status, const char *telling)
{
	struct ccache *ccache;
	struct error err = {0};
	assert_int_equal(ccache_open(name, NULL, &ccache, &err), status);
	assert_null(ccache);
	assert_tells(&err, telling);
}

static void a_folder_means_its_primary_cache(void **state)
{
	(void)state;
	put_cache_of("tkt", &alice);
	put_cache_of("tktbob", &bob);
	assert_opens(collection, as_cache("tkt"), &alice);
	put_text("primary", SLICE_LITERAL("tktbob\n"));
	assert_opens(collection, as_cache("tktbob"), &bob);
	assert_opens(as_cache("tkt"), as_cache("tkt"), &alice);
}

static void what_is_stored_goes_to_that_one(void **state)
{
	(void)state;
	put_cache_of("tkt", &bob);
	put_cache_of("tkt2", &alice);
	put_text("primary", SLICE_LITERAL("tkt2\n"));
	struct credential c = credential_for(&imap);
	AUTO_CCACHE before = open_well(collection);
	store_well(before, &c);
	AUTO_CCACHE after = open_well(as_cache("tkt2"));
	find_well(after, &imap);
}

static void one_is_made_in_the_place_of_the_primary(void **state)
{
	(void)state;
	struct error err = {0};
	struct ccache_start start = {.client = &alice};
	assert_success(ccache_create(collection, &start, &err), &err);
	assert_opens(as_cache("tkt"), as_cache("tkt"), &alice);
	start.client = &bob;
	assert_success(ccache_create(as_cache("tkt2"), &start, &err), &err);
	assert_opens(as_cache("tkt2"), as_cache("tkt2"), &bob);
	assert_int_equal(empty_folder(), 2);
}

static void a_malformed_primary_is_a_fault(void **state)
{
	(void)state;
	static const struct slice cases[] = {
		SLICE_LITERAL(""),
		SLICE_LITERAL("\n"),
		SLICE_LITERAL("tkt"),
		SLICE_LITERAL("other\n"),
		SLICE_LITERAL("tk\n"),
		SLICE_LITERAL("tkt/../../etc/passwd\n"),
		SLICE_LITERAL("../tkt\n"),
		SLICE_LITERAL("tkt\0x\n"),
	};
	put_cache_of("tkt", &alice);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		put_text("primary", cases[i]);
		fail_to_open(collection, ERR_SYNTAX, "primary does not name a credential cache");
	}
	AUTO_BUFFER b = {0};
	for (unsigned i = 0; i < 300; i++)
		mint_octets(&b, SLICE_LITERAL("tkt"));
	mint_octets(&b, SLICE_LITERAL("\n"));
	write_file(in_folder("primary"), &b);
	fail_to_open(collection, ERR_SYNTAX, "primary does not name a credential cache");
}

static void a_name_that_cannot_be_a_cache_is_a_fault(void **state)
{
	(void)state;
	put_cache_of("other", &alice);
	fail_to_open(as_cache("other"), ERR_SYNTAX, "does not name a credential cache");
	fail_to_open("DIR:", ERR_SYNTAX, "DIR: names no folder");
	fail_to_open("DIR::tkt", ERR_SYNTAX, "expected is DIR::FOLDER/NAME");
	fail_to_open(collection, ERR_NOT_FOUND, "there is no credential cache DIR::");
	fail_to_open("DIR:/nonexistent", ERR_NOT_FOUND, "DIR::/nonexistent/tkt: run kinit");
	char name[5000] = "DIR:/";
	memset(name + 5, 'x', sizeof name - 6);
	fail_to_open(name, ERR_FILE, "is too long");
	name[4] = ':';
	memcpy(name + 4990, "/tkt", 5);
	fail_to_open(name, ERR_FILE, "is too long");
}

/* Lists */

static void list_well(const char *name, struct buffer *names)
{
	struct error err = {0};
	assert_success(ccache_list(name, NULL, names, &err), &err);
}

static unsigned count_names(const struct buffer *names, const char *wanted)
{
	unsigned count = 0;
	for (const char *p = NULL; (p = ccache_next_name(names, p));)
		count += !wanted || strcmp(p, wanted) == 0;
	return count;
}

static void a_collection_is_listed_with_the_primary_first(void **state)
{
	(void)state;
	AUTO_BUFFER names = {0};
	static const char *const all[] = {"tkt", "tkta", "tktb", "tktc"};
	for (unsigned i = 0; i < 4; i++)
		put_cache_of(all[i], &alice);
	put_cache_of("other", &alice);
	put_cache_of(".tkt", &alice);
	for (unsigned i = 0; i < 4; i++) {
		char line[16];
		snprintf(line, sizeof line, "%s\n", all[i]);
		put_text("primary", slice_string(line));
		list_well(collection, &names);
		assert_string_equal(ccache_next_name(&names, NULL), as_cache(all[i]));
		assert_int_equal(count_names(&names, NULL), 4);
		for (unsigned n = 0; n < 4; n++)
			assert_int_equal(count_names(&names, as_cache(all[n])), 1);
	}
}

static void a_primary_that_is_not_there_is_not_listed(void **state)
{
	(void)state;
	AUTO_BUFFER names = {0};
	put_cache_of("tkta", &alice);
	list_well(collection, &names);
	assert_string_equal(ccache_next_name(&names, NULL), as_cache("tkta"));
	assert_int_equal(count_names(&names, NULL), 1);
}

static void a_name_of_one_cache_lists_itself(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"FILE:/nonexistent", "/nonexistent", "MEMORY:x", "DIR::/nonexistent/tktx"};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER names = {0};
		list_well(cases[i], &names);
		assert_string_equal(ccache_next_name(&names, NULL), cases[i]);
		assert_int_equal(count_names(&names, NULL), 1);
	}
}

static void a_list_of_nothing_is_a_fault(void **state)
{
	(void)state;
	AUTO_BUFFER names = {0};
	struct error err = {0};
	assert_int_equal(ccache_list(collection, NULL, &names, &err), ERR_NOT_FOUND);
	assert_tells(&err, "there is no credential cache in the collection DIR:/tmp/");
	assert_int_equal(ccache_list("DIR:/nonexistent", NULL, &names, &err), ERR_NOT_FOUND);
	assert_tells(&err, "cannot read the credential cache folder as user ");
	assert_int_equal(ccache_list("API:x", NULL, &names, &err), ERR_UNSUPPORTED);
	assert_null(ccache_next_name(&names, NULL));
}

/* Choices */

static void assert_chosen(const struct principal *client, const char *realm, const char *wanted)
{
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	const struct ccache_criteria criteria = {.client = client, .realm = slice_string(realm)};
	assert_success(ccache_choose(collection, &criteria, &ccache, &err), &err);
	assert_string_equal(ccache_name(ccache), as_cache(wanted));
}

static void put_three(void)
{
	put_cache_of("tktalice", &alice);
	put_cache_of("tktbob", &bob);
	put_cache_of("tktother", &alice_elsewhere);
	put_text("primary", SLICE_LITERAL("tktbob\n"));
}

static void a_client_gets_the_clients_cache(void **state)
{
	(void)state;
	put_three();
	assert_chosen(&alice, "", "tktalice");
	assert_chosen(&bob, "OTHER.TEST", "tktbob");
	assert_chosen(&alice_elsewhere, "EXAMPLE.TEST", "tktother");
	struct principal any = bob;
	any.realm = SLICE_EMPTY;
	assert_chosen(&any, "OTHER.TEST", "tktbob");
}

static void without_a_client_the_realm_decides_and_then_the_primary(void **state)
{
	(void)state;
	put_three();
	assert_chosen(NULL, "", "tktbob");
	assert_chosen(NULL, "EXAMPLE.TEST", "tktbob");
	assert_chosen(NULL, "OTHER.TEST", "tktother");
	assert_chosen(NULL, "THIRD.TEST", "tktbob");
}

static void assert_chosen_instead(const char *realm, const char *wanted)
{
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	static const struct principal carol = {
		.count = 1,
		.component = {SLICE_LITERAL("carol")},
		.realm = SLICE_LITERAL("EXAMPLE.TEST"),
	};
	const struct ccache_criteria criteria = {
		.client = &carol, .realm = slice_string(realm), .or_another = true};
	assert_success(ccache_choose(collection, &criteria, &ccache, &err), &err);
	assert_string_equal(ccache_name(ccache), as_cache(wanted));
}

static void without_the_clients_it_is_as_without_a_client(void **state)
{
	(void)state;
	put_three();
	assert_chosen_instead("", "tktbob");
	assert_chosen_instead("OTHER.TEST", "tktother");
	assert_chosen_instead("THIRD.TEST", "tktbob");
	/* One that is the client's comes first, wherever it is. */
	const struct ccache_criteria criteria = {
		.client = &alice_elsewhere, .realm = bob.realm, .or_another = true};
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	assert_success(ccache_choose(collection, &criteria, &ccache, &err), &err);
	assert_string_equal(ccache_name(ccache), as_cache("tktother"));
}

/* More than there are snapshots. */
static void no_cache_is_opened_twice(void **state)
{
	(void)state;
	const unsigned count = CCACHE_MAX_SHARED + 4;
	char name[20], events[8192];
	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof name, "tkt%u", i);
		put_cache_of(name, &bob);
	}
	put_text("primary", SLICE_LITERAL("tkt0\n"));
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	assert_true(fd >= 0 && inotify_add_watch(fd, folder, IN_OPEN) >= 0);
	assert_chosen_instead("THIRD.TEST", "tkt0");
	unsigned opens = 0;
	ssize_t n = read(fd, events, sizeof events);
	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *event = (const void *)(events + at);
		opens += event->len > 0 && strncmp(event->name, "tkt", 3) == 0;
		at += (ssize_t)(sizeof *event + event->len);
	}
	close(fd);
	assert_int_equal(opens, count);
}

static void what_was_listed_before_is_chosen_from(void **state)
{
	(void)state;
	put_three();
	AUTO_BUFFER names = {0};
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	assert_success(ccache_list(as_cache("tktalice"), NULL, &names, &err), &err);
	const struct ccache_criteria criteria = {.names = &names};
	assert_success(ccache_choose(collection, &criteria, &ccache, &err), &err);
	assert_string_equal(ccache_name(ccache), as_cache("tktalice"));
}

static void caches_that_cannot_be_read_are_passed_over(void **state)
{
	(void)state;
	put_three();
	put_text("tktbob", SLICE_LITERAL("damaged"));
	put_text("tktdamaged", SLICE_EMPTY);
	assert_chosen(&alice, "", "tktalice");
	assert_chosen(NULL, "OTHER.TEST", "tktother");
}

static void fail_to_choose(
	const char *name, const struct principal *client, enum status status, const char *telling)
{
	struct ccache *ccache;
	struct error err = {0};
	const struct ccache_criteria criteria = {.client = client};
	assert_int_equal(ccache_choose(name, &criteria, &ccache, &err), status);
	assert_null(ccache);
	assert_int_equal(err.status, status);
	assert_tells(&err, telling);
}

static void a_client_without_a_cache_is_told_so(void **state)
{
	(void)state;
	put_cache_of("tkt", &alice_elsewhere);
	put_cache_of("tktbob", &bob);
	fail_to_choose(collection, &alice, ERR_NOT_FOUND,
		"there is no credential cache of alice@EXAMPLE.TEST in DIR:");
	fail_to_choose(collection, &alice, ERR_NOT_FOUND,
		"which has that of alice@OTHER.TEST: run kinit alice@EXAMPLE.TEST");
}

static void where_none_can_be_read_the_first_says_why(void **state)
{
	(void)state;
	put_text("tkt", SLICE_EMPTY);
	put_text("tktx", SLICE_LITERAL("x"));
	fail_to_choose(collection, NULL, ERR_SYNTAX, "/tkt is empty");
	fail_to_choose(collection, &alice, ERR_SYNTAX, "/tkt is empty");
	fail_to_choose("FILE:/nonexistent", NULL, ERR_NOT_FOUND, "cache /nonexistent: run kinit");
	fail_to_choose("API:", NULL, ERR_UNSUPPORTED, "of type API");
}

static int make_collection(void **state)
{
	int result = make_folder(state);
	snprintf(collection, sizeof collection, "DIR:%s", folder);
	return result;
}

SUITE(test_ccache_choose)
{
	const struct CMUnitTest tests[] = {
#define CASE(function) cmocka_unit_test_setup(function, start_with_nothing)
		CASE(a_folder_means_its_primary_cache),
		CASE(what_is_stored_goes_to_that_one),
		CASE(one_is_made_in_the_place_of_the_primary),
		CASE(a_malformed_primary_is_a_fault),
		CASE(a_name_that_cannot_be_a_cache_is_a_fault),
		CASE(a_collection_is_listed_with_the_primary_first),
		CASE(a_primary_that_is_not_there_is_not_listed),
		CASE(a_name_of_one_cache_lists_itself),
		CASE(a_list_of_nothing_is_a_fault),
		CASE(a_client_gets_the_clients_cache),
		CASE(without_a_client_the_realm_decides_and_then_the_primary),
		CASE(without_the_clients_it_is_as_without_a_client),
		CASE(no_cache_is_opened_twice),
		CASE(what_was_listed_before_is_chosen_from),
		CASE(caches_that_cannot_be_read_are_passed_over),
		CASE(a_client_without_a_cache_is_told_so),
		CASE(where_none_can_be_read_the_first_says_why),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_collection, remove_folder);
}

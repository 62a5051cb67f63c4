/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A cache that is a file is read once and shared, for as long as nothing about
 * it changes, and for nobody else. Other users' files can be made by root alone.
 */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/random.h"
#include "tests/support/ccache_files.h"
#include "tests/support/memory_search.h"

#define SOMEBODY 12345
#define GROUP 12346
#define OTHER_GROUP 12347

static const struct file_owners somebody = {1, {SOMEBODY}};
static const struct file_owners somebody_else = {1, {SOMEBODY + 1}};

/* In place of the C library's: how many names were compared. */
static unsigned comparisons;

int memcmp(const void *a, const void *b, size_t len)
{
	const unsigned char *p = a, *q = b;
	comparisons++;
	for (size_t i = 0; i < len; i++)
		if (p[i] != q[i])
			return p[i] < q[i] ? -1 : 1;
	return 0;
}

/* As well: what the clock shows, where a test sets it. */
static struct timespec clock_shows;

int clock_gettime(clockid_t id, struct timespec *out)
{
	if (clock_shows.tv_sec == 0)
		return (int)syscall(SYS_clock_gettime, id, out);
	*out = clock_shows;
	return 0;
}

static void put_ticket(const char *name)
{
	AUTO_BUFFER b = {0};
	struct credential c = credential_for(&imap);
	put_cache(&b, &c);
	write_file(name, &b);
}

/* Long enough for the file's clock to have moved on. */
static void let_it_settle(void)
{
	usleep(40000);
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
	char events[8192];
	unsigned count = 0;
	ssize_t n = read(fd, events, sizeof events);
	for (ssize_t at = 0; at < n; count++)
		at += (ssize_t)(sizeof(struct inotify_event) +
				((const struct inotify_event *)(events + at))->len);
	return count;
}

static void only_as_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("only root can make what is another user's\n");
	skip();
}

static void refused_of(
	const char *name, const struct file_owners *owners, enum status status, const char *telling)
{
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	assert_int_equal(ccache_open(name, owners, &ccache, &err), status);
	assert_null(ccache);
	assert_tells(&err, telling);
}

/* Is what was opened shared with whoever opens it now? */
static bool is_shared(const struct ccache *ccache, const char *name)
{
	AUTO_CCACHE again = open_well(name);
	find_well(again, &imap);
	return again == ccache;
}

/* ---- as long as it is the same ---- */

static void all_share_one_snapshot(void **state)
{
	(void)state;
	put_ticket(path);
	let_it_settle();
	AUTO_CCACHE first = open_well(path);
	int fd = watch(path);
	char name[100];
	snprintf(name, sizeof name, "FILE:%s", path);
	assert_true(is_shared(first, path));
	assert_true(is_shared(first, name));
	struct ccache *again;
	struct error err = {0};
	assert_success(ccache_open_again(first, &again, &err), &err);
	assert_ptr_equal(again, first);
	ccache_close(again);
	assert_int_equal(opens(fd), 0);
	close(fd);
}

static void those_of_a_collection_are_shared_too(void **state)
{
	(void)state;
	char collection[80], cache[100], file[80];
	snprintf(collection, sizeof collection, "DIR:%s", folder);
	snprintf(file, sizeof file, "%s/tkt", folder);
	snprintf(cache, sizeof cache, "DIR::%s", file);
	put_ticket(file);
	let_it_settle();
	AUTO_CCACHE first = open_well(collection);
	int fd = watch(file);
	assert_true(is_shared(first, collection));
	assert_true(is_shared(first, cache));
	assert_int_equal(opens(fd), 0);
	/* It has another name, and what is stored goes where that says. */
	AUTO_CCACHE of_the_file = open_well(file);
	assert_ptr_not_equal(of_the_file, first);
	assert_string_equal(ccache_name(of_the_file), file);
	assert_string_equal(ccache_name(first), cache);
	close(fd);
}

/* ---- once it is another ---- */

static void replace_it(void)
{
	put_ticket(path);
}

static void write_to_it(void)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "\5", 1, 0), 1);
	close(fd);
}

static void add_to_it(void)
{
	struct credential c = credential_for(&krbtgt);
	AUTO_CCACHE ccache = open_well(path);
	store_well(ccache, &c);
}

static void touch_it(void)
{
	assert_int_equal(utimensat(AT_FDCWD, path, NULL, 0), 0);
}

static void change_its_mode(void)
{
	assert_int_equal(chmod(path, 0400), 0);
}

static void change_its_group(void)
{
	assert_int_equal(chown(path, (uid_t)-1, geteuid() == 0 ? GROUP : getegid()), 0);
}

static void a_change_is_noticed(void **state)
{
	(void)state;
	void (*const changes[])(void) = {
		replace_it, write_to_it, add_to_it, touch_it, change_its_mode, change_its_group};
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		put_ticket(path);
		let_it_settle();
		AUTO_CCACHE before = open_well(path);
		assert_true(is_shared(before, path));
		changes[i]();
		if (is_shared(before, path))
			fail_msg("change %zu was not noticed", i);
		find_well(before, &imap); /* whoever holds it may go on with it */
	}
}

static void what_was_read_right_after_a_change_is_read_again(void **state)
{
	(void)state;
	put_ticket(path);
	clock_shows = file_state(path).changed;
	AUTO_CCACHE too_early = open_well(path);
	clock_shows.tv_sec++;
	AUTO_CCACHE after = open_well(path);
	assert_ptr_not_equal(after, too_early);
	assert_true(is_shared(after, path));
	clock_shows.tv_sec = 0;
}

/* The same size, and perhaps the same tick of the clock. */
static void a_change_right_after_the_reading_is_noticed(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		AUTO_BUFFER one = {0}, other = {0};
		struct credential c = credential_for(&imap);
		put_cache(&one, &c);
		c.endtime++;
		put_cache(&other, &c);
		write_file(path, &one);
		AUTO_CCACHE before = open_well(path);
		assert_non_null(before);
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		assert_int_equal(pwrite(fd, other.data, other.len, 0), other.len);
		close(fd);
		AUTO_CCACHE after = open_well(path);
		assert_int_equal(find_well(after, &imap).endtime, NOW + 1001);
	}
}

static void what_may_be_anothers_is_refused_though_it_was_shared(void **state)
{
	(void)state;
	put_ticket(path);
	let_it_settle();
	AUTO_CCACHE before = open_well(path);
	assert_non_null(before);
	assert_int_equal(chmod(path, 0620), 0);
	refused_of(path, NULL, ERR_UNTRUSTED, "can be written to by others");
	assert_int_equal(chmod(path, 0600), 0);
	let_it_settle();
	AUTO_CCACHE again = open_well(path);
	assert_non_null(again);
	assert_int_equal(link(path, in_folder("second")), 0);
	refused_of(path, NULL, ERR_UNTRUSTED, "a hard link");
}

static void a_change_of_owner_is_noticed(void **state)
{
	(void)state;
	only_as_root();
	put_ticket(path);
	let_it_settle();
	AUTO_CCACHE before = open_well(path);
	assert_non_null(before);
	assert_int_equal(chown(path, SOMEBODY, (gid_t)-1), 0);
	refused_of(path, NULL, ERR_UNTRUSTED, "belongs to user 12345");
}

/* ---- for nobody else ---- */

static void become(uid_t uid, gid_t gid)
{
	assert_int_equal(seteuid(0), 0); /* who alone may become another */
	assert_int_equal(setegid(gid), 0);
	assert_int_equal(seteuid(uid), 0);
}

static int be_root_again(void **state)
{
	clock_shows.tv_sec = 0;
	if (getuid() == 0)
		become(0, getgid());
	return start_with_nothing(state);
}

static void another_user_does_not_get_what_only_one_may_read(void **state)
{
	(void)state;
	only_as_root();
	assert_int_equal(chmod(folder, 0711), 0);
	put_ticket(path);
	let_it_settle();
	AUTO_CCACHE before = open_well(path);
	become(SOMEBODY, getgid());
	refused_of(path, NULL, ERR_FILE, "Permission denied");
	become(0, getgid());
	assert_true(is_shared(before, path));
}

static void another_user_judges_again(void **state)
{
	(void)state;
	only_as_root();
	assert_int_equal(chmod(folder, 0711), 0);
	put_ticket(path);
	assert_int_equal(chown(path, SOMEBODY, (gid_t)-1), 0);
	assert_int_equal(chmod(path, 0644), 0);
	let_it_settle();
	become(SOMEBODY, getgid());
	AUTO_CCACHE before = open_well(path);
	assert_true(is_shared(before, path));
	become(SOMEBODY + 1, getgid());
	refused_of(path, NULL, ERR_UNTRUSTED, "belongs to user 12345");
	become(0, getgid());
	refused_of(path, NULL, ERR_UNTRUSTED, "belongs to user 12345");
}

static void another_group_reads_again(void **state)
{
	(void)state;
	only_as_root();
	assert_int_equal(chmod(folder, 0711), 0);
	put_ticket(path);
	assert_int_equal(chown(path, (uid_t)-1, GROUP), 0);
	assert_int_equal(chmod(path, 0640), 0);
	let_it_settle();
	become(SOMEBODY, GROUP);
	AUTO_CCACHE before = open_well(path);
	assert_true(is_shared(before, path));
	become(SOMEBODY, OTHER_GROUP);
	refused_of(path, NULL, ERR_FILE, "Permission denied");
}

static void other_owners_judge_again(void **state)
{
	(void)state;
	put_ticket(path);
	if (geteuid() == 0)
		assert_int_equal(chown(path, SOMEBODY, (gid_t)-1), 0);
	let_it_settle();
	AUTO_CCACHE before = open_of(path, &somebody);
	AUTO_CCACHE same = open_of(path, &somebody);
	assert_ptr_equal(same, before);
	if (geteuid() == 0) {
		refused_of(path, NULL, ERR_UNTRUSTED, "belongs to user 12345");
		refused_of(path, &somebody_else, ERR_UNTRUSTED, "belongs to user 12345");
	} else {
		AUTO_CCACHE nobodys = open_of(path, NULL);
		AUTO_CCACHE others = open_of(path, &somebody_else);
		assert_ptr_not_equal(nobodys, before);
		assert_ptr_not_equal(others, before);
	}
}

static void what_is_behind_a_link_is_not_shared(void **state)
{
	(void)state;
	put_ticket(path);
	assert_int_equal(symlink(path, in_folder("link")), 0);
	let_it_settle();
	AUTO_CCACHE by_link = open_well(in_folder("link"));
	assert_false(is_shared(by_link, in_folder("link")));
	AUTO_CCACHE by_name = open_well(path);
	assert_true(is_shared(by_name, path));
	if (geteuid() == 0) {
		assert_int_equal(lchown(in_folder("link"), SOMEBODY, (gid_t)-1), 0);
		refused_of(in_folder("link"), NULL, ERR_UNTRUSTED, "a symbolic link of user 12345");
	}
}

static void a_link_in_the_place_of_the_file_is_judged(void **state)
{
	(void)state;
	put_ticket(path);
	let_it_settle();
	AUTO_CCACHE before = open_well(path);
	assert_int_equal(rename(path, in_folder("moved")), 0);
	assert_int_equal(symlink("moved", path), 0);
	if (geteuid() == 0) {
		assert_int_equal(lchown(path, SOMEBODY, (gid_t)-1), 0);
		refused_of(path, NULL, ERR_UNTRUSTED, "a symbolic link of user 12345");
	} else {
		assert_false(is_shared(before, path));
	}
}

/* ---- and no longer ---- */

/* The one that was used last is kept the longest. */
static void so_many_are_kept(void **state)
{
	(void)state;
	char name[CCACHE_MAX_SHARED + 1][80];
	for (unsigned i = 0; i <= CCACHE_MAX_SHARED; i++) {
		snprintf(name[i], sizeof name[i], "%s/%u", folder, i);
		put_ticket(name[i]);
	}
	let_it_settle();
	ccache_forget();
	for (unsigned i = 0; i < CCACHE_MAX_SHARED; i++)
		ccache_close(open_well(name[i]));
	int fd = watch(folder);
	for (unsigned i = 0; i < CCACHE_MAX_SHARED; i++)
		if (i != 1)
			ccache_close(open_well(name[i]));
	assert_int_equal(opens(fd), 0);
	ccache_close(open_well(name[CCACHE_MAX_SHARED]));
	assert_int_equal(opens(fd), 1);
	for (unsigned i = 0; i <= CCACHE_MAX_SHARED; i++)
		if (i != 1)
			ccache_close(open_well(name[i]));
	assert_int_equal(opens(fd), 0);
	ccache_close(open_well(name[1]));
	assert_int_equal(opens(fd), 1);
	close(fd);
}

/* A cache with a session key that nothing else looks like. */
static struct secret put_secret(const char *name)
{
	struct error err = {0};
	AUTO_BUFFER b = {0};
	unsigned char key[32];
	struct credential c = credential_for(&imap);
	assert_success(random_octets(key, sizeof key, &err), &err);
	c.key = slice_of(key, sizeof key);
	put_cache(&b, &c);
	write_file(name, &b);
	struct secret secret = secret_of("session key", c.key);
	wipe(key, sizeof key);
	let_it_settle();
	return secret;
}

static void what_is_gone_is_wiped_at_the_next_look(void **state)
{
	(void)state;
	struct secret secret = put_secret(path);
	ccache_close(open_well(path));
	assert_true(is_left(&secret));
	assert_int_equal(unlink(path), 0);
	refused_of(path, NULL, ERR_NOT_FOUND, "run kinit");
	assert_gone(&secret);
}

static void what_was_replaced_is_wiped_at_the_next_look(void **state)
{
	(void)state;
	struct secret secret = put_secret(path);
	ccache_close(open_well(path));
	put_ticket(path);
	ccache_close(open_well(path));
	assert_gone(&secret);
}

static void what_gives_way_is_wiped(void **state)
{
	(void)state;
	struct secret secret = put_secret(path);
	ccache_close(open_well(path));
	for (unsigned i = 0; i < CCACHE_MAX_SHARED; i++) {
		char name[80];
		snprintf(name, sizeof name, "%s/%u", folder, i);
		put_ticket(name);
		ccache_close(open_well(name));
	}
	assert_gone(&secret);
}

static void what_is_forgotten_is_wiped_after_its_last_holder(void **state)
{
	(void)state;
	struct secret secret = put_secret(path);
	struct ccache *held = open_well(path);
	ccache_forget();
	assert_true(is_left(&secret));
	find_well(held, &imap);
	assert_false(is_shared(held, path));
	ccache_close(held);
	assert_true(is_left(&secret)); /* the slot has it again */
	ccache_forget();
	assert_gone(&secret);
}

/* ---- among many ---- */

static struct credential ticket_number(unsigned i, char name[30])
{
	struct credential c = credential_for(&imap);
	snprintf(name, 30, "host%u.example.test", i);
	c.server.component[1] = slice_string(name);
	c.endtime += i;
	return c;
}

static struct ccache *parse_tickets(unsigned count)
{
	char name[30];
	AUTO_BUFFER b = {0};
	mint_ccache_start(&b, 4, &alice, 0);
	for (unsigned i = 0; i < count; i++) {
		struct credential c = ticket_number(i, name);
		put(&b, &c);
	}
	return parse_well(&b);
}

/* Of a thousand names none but the right one is compared. */
static void a_ticket_of_a_thousand_costs_as_one(void **state)
{
	(void)state;
	char name[30];
	AUTO_CCACHE one = parse_tickets(1);
	AUTO_CCACHE thousand = parse_tickets(1000);
	struct credential c = ticket_number(0, name);
	comparisons = 0;
	find_well(one, &c.server);
	const unsigned alone = comparisons;
	assert_true(alone > 0);
	for (unsigned i = 0; i < 1000; i++) {
		c = ticket_number(i, name);
		comparisons = 0;
		assert_int_equal(find_well(thousand, &c.server).endtime, NOW + 1000 + i);
		assert_int_equal(comparisons, alone);
	}
	c = ticket_number(1000, name);
	comparisons = 0;
	fail_to_find(thousand, &c.server, ERR_NOT_FOUND, "there is no ticket");
	assert_int_equal(comparisons, 0);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			all_share_one_snapshot, start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(
			those_of_a_collection_are_shared_too, start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(
			a_change_is_noticed, start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(what_was_read_right_after_a_change_is_read_again,
			start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(a_change_right_after_the_reading_is_noticed,
			start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(
			what_may_be_anothers_is_refused_though_it_was_shared, start_with_nothing,
			be_root_again),
		cmocka_unit_test_setup_teardown(
			a_change_of_owner_is_noticed, start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(another_user_does_not_get_what_only_one_may_read,
			start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(
			another_user_judges_again, start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(
			another_group_reads_again, start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(
			other_owners_judge_again, start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(
			what_is_behind_a_link_is_not_shared, start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(a_link_in_the_place_of_the_file_is_judged,
			start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(
			so_many_are_kept, start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(
			what_is_gone_is_wiped_at_the_next_look, start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(what_was_replaced_is_wiped_at_the_next_look,
			start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(
			what_gives_way_is_wiped, start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(what_is_forgotten_is_wiped_after_its_last_holder,
			start_with_nothing, be_root_again),
		cmocka_unit_test_setup_teardown(
			a_ticket_of_a_thousand_costs_as_one, start_with_nothing, be_root_again),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

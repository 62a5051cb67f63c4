/* SPDX-License-Identifier: BSD-3-Clause */
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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/keytab_samples.h"
#include "tests/support/suite.h"

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
	if (keytab_get(name, KEYTAB_SERVER, &keytab, generation, &err))
		fail_msg("%s", err.text);
	return keytab;
}

static uint64_t fail_to_get(const char *name, enum status status, const char *telling)
{
	AUTO_KEYTAB keytab = NULL;
	struct error err = {0};
	uint64_t generation = 99;
	assert_int_equal(keytab_get(name, KEYTAB_SERVER, &keytab, &generation, &err), status);
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

/* Nanoseconds since the file's last change. */
static int64_t age(void)
{
	struct stat st;
	struct timespec now;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
	return (now.tv_sec - st.st_ctim.tv_sec) * INT64_C(1000000000) + now.tv_nsec -
	       st.st_ctim.tv_nsec;
}

static void a_file_that_just_changed_is_read_once_more(void **state)
{
	(void)state;
	uint64_t first, second;
	AUTO_KEYTAB a = NULL;
	/* On a busy machine it may come too late: then once more. */
	do {
		keytab_release(a);
		write_keytab(1);
		a = get_well(path, &first);
	} while (age() > INT64_C(15000000));

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
	uint64_t first = fail_to_get(path, ERR_SYNTAX, "is not a keytab that can be read");
	int fd = watch(path);
	uint64_t second = fail_to_get(path, ERR_SYNTAX, "is not a keytab that can be read");
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
	fail_to_get(path, ERR_TOO_LONG,
		"is longer than 16 MiB, which is the most that is read: take old keys out of it");
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

static void fail_for(enum keytab_side side, const char *telling)
{
	AUTO_KEYTAB keytab = NULL;
	struct error err = {0};
	assert_int_equal(keytab_get(path, side, &keytab, NULL, &err), ERR_UNTRUSTED);
	assert_null(keytab);
	if (!strstr(err.text, telling))
		fail_msg("\"%s\" has no \"%s\"", err.text, telling);
}

static void get_for(enum keytab_side side)
{
	AUTO_KEYTAB keytab = NULL;
	struct error err = {0};
	if (keytab_get(path, side, &keytab, NULL, &err))
		fail_msg("%s", err.text);
	assert_int_equal(entries_of(keytab), 1);
}

static void a_file_that_others_may_write_is_refused(void **state)
{
	(void)state;
	write_keytab(1);
	get_for(KEYTAB_SERVER);
	get_for(KEYTAB_CLIENT);
	assert_int_equal(chmod(path, 0660), 0);
	fail_for(KEYTAB_SERVER, "the keytab /tmp/");
	fail_for(KEYTAB_SERVER, "can be written to by others (mode 0660): chmod go-w");
	fail_for(KEYTAB_CLIENT, "the client keytab /tmp/");
	fail_for(KEYTAB_CLIENT, "can be written to by others (mode 0660): chmod go-w");
	assert_int_equal(chmod(path, 0602), 0);
	fail_for(KEYTAB_SERVER, "can be written to by others (mode 0602)");
	assert_int_equal(chmod(path, 0640), 0);
	get_for(KEYTAB_SERVER);
	get_for(KEYTAB_CLIENT);
}

static void a_second_name_matters_to_clients(void **state)
{
	(void)state;
	char other[80];
	write_keytab(1);
	snprintf(other, sizeof other, "%s/other", folder);
	assert_int_equal(link(path, other), 0);
	get_for(KEYTAB_SERVER);
	fail_for(KEYTAB_CLIENT, "has another name too (a hard link)");
	assert_int_equal(unlink(other), 0);
}

static void another_owner_is_told_of_servers_and_refused_of_clients(void **state)
{
	(void)state;
	uid_t owner;
	write_keytab(1);
	AUTO_KEYTAB own = get_well(path, NULL);
	assert_false(keytab_is_foreign(own, &owner));
	if (geteuid() != 0) {
		print_message("only root can make what is another user's\n");
		skip();
	}
	assert_int_equal(chown(path, 12345, 12345), 0);
	AUTO_KEYTAB foreign = get_well(path, NULL);
	assert_true(keytab_is_foreign(foreign, &owner));
	assert_int_equal(owner, 12345);
	let_it_settle(); /* so that the server's snapshot would do for who asks next */
	get_for(KEYTAB_SERVER);
	get_for(KEYTAB_SERVER);
	fail_for(KEYTAB_CLIENT, "belongs to user 12345 (mode 0600), expected is user 0, whom");
	fail_for(KEYTAB_CLIENT, "chown it to that user");

	/* What one user may believe another may not, though the file stays as it is. */
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chmod(path, 0644), 0);
	let_it_settle();
	assert_int_equal(seteuid(12345), 0);
	get_for(KEYTAB_CLIENT);
	assert_false(keytab_is_foreign(foreign, &owner));
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(seteuid(12346), 0);
	fail_for(KEYTAB_CLIENT, "belongs to user 12345");
	assert_int_equal(seteuid(0), 0);
	fail_for(KEYTAB_CLIENT, "belongs to user 12345");
}

static void links_are_anybodys_for_servers_alone(void **state)
{
	(void)state;
	char target[80];
	write_keytab(1);
	snprintf(target, sizeof target, "%s/target", folder);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	get_for(KEYTAB_CLIENT);
	get_for(KEYTAB_SERVER);
	if (geteuid() == 0) {
		assert_int_equal(lchown(path, 12345, 12345), 0);
		keytab_forget();
		get_for(KEYTAB_SERVER);
		fail_for(KEYTAB_CLIENT, "is a symbolic link of user 12345");
	}
	assert_int_equal(unlink(target), 0);
	assert_int_equal(unlink(path), 0);
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

/* The file's `n`th name: "/tmp/.../././keytab" */
static const char *another_name(unsigned n)
{
	static char name[128];
	snprintf(name, sizeof name, "%s/%.*skeytab", folder, (int)(2 * n),
		"././././././././././././");
	return name;
}

static void eight_names_are_kept(void **state)
{
	(void)state;
	write_keytab(1);
	let_it_settle();
	keytab_forget();
	const struct keytab *kept[8];
	for (unsigned i = 0; i < 8; i++) {
		AUTO_KEYTAB keytab = get_well(another_name(i), NULL);
		kept[i] = keytab;
	}
	int fd = watch(path);
	for (unsigned i = 0; i < 8; i++) {
		AUTO_KEYTAB keytab = get_well(another_name(i), NULL);
		assert_ptr_equal(keytab, kept[i]);
	}
	assert_int_equal(opens(fd), 0);
	close(fd);
}

static void more_names_than_are_kept_are_all_right(void **state)
{
	(void)state;
	write_keytab(1);
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 1; i <= 12; i++) {
			const char *name = another_name(i);
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

static void a_forked_child_has_the_snapshot_and_notices_changes(void **state)
{
	(void)state;
	write_keytab(1);
	let_it_settle();
	AUTO_KEYTAB keytab = get_well(path, NULL);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		AUTO_KEYTAB same = get_well(path, NULL);
		write_keytab(5);
		AUTO_KEYTAB new = get_well(path, NULL);
		_exit(same == keytab && entries_of(new) == 5 ? 0 : 1);
	}
	int result;
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
	AUTO_KEYTAB new = get_well(path, NULL);
	assert_int_equal(entries_of(new), 5);
}

static atomic_bool stop;

static void *get_all_the_time(void *faults)
{
	while (!stop) {
		AUTO_KEYTAB keytab = NULL;
		struct error err;
		if (keytab_get(path, KEYTAB_SERVER, &keytab, NULL, &err)) {
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

SUITE(test_keytab)
{
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(a_file_that_others_may_write_is_refused),
		cmocka_unit_test(a_second_name_matters_to_clients),
		cmocka_unit_test(another_owner_is_told_of_servers_and_refused_of_clients),
		cmocka_unit_test(links_are_anybodys_for_servers_alone),
		cmocka_unit_test(a_file_that_others_may_read_is_told),
		cmocka_unit_test(eight_names_are_kept),
		cmocka_unit_test(more_names_than_are_kept_are_all_right),
		cmocka_unit_test(after_forgetting_it_is_read_again),
		cmocka_unit_test(a_forked_child_has_the_snapshot_and_notices_changes),
		cmocka_unit_test(eight_threads_see_whole_files_while_it_is_replaced),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

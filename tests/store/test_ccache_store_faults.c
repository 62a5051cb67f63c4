/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files that cannot be written: what was there stays. This program has a
 * pwrite() and a nanosleep() of its own, which take the place of the C
 * library's: the disk is full when a test says so, and nothing waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/ccache_files.h"

static size_t room = SIZE_MAX; /* octets until the disk is full */
static bool inherited;         /* a file was written that a new program would have open */

static void (*while_writing)(void);

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
	inherited |= (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
	if (while_writing)
		while_writing();
	if (len > 0 && room == 0) {
		errno = ENOSPC;
		return -1;
	}
	if (len > room)
		len = room;
	ssize_t n = syscall(SYS_pwrite64, fd, data, len, offset);
	if (n > 0 && room != SIZE_MAX)
		room -= (size_t)n;
	return n;
}

static void (*while_waiting)(void);
static unsigned waits;

int nanosleep(const struct timespec *length, struct timespec *left)
{
	(void)length, (void)left;
	waits++;
	if (while_waiting)
		while_waiting();
	return 0;
}

static int start(void **state)
{
	room = SIZE_MAX;
	while_writing = while_waiting = NULL;
	waits = 0;
	inherited = false;
	return start_with_nothing(state);
}

static void put_alices(struct buffer *b)
{
	struct credential tgt = credential_for(&krbtgt);
	put_cache(b, &tgt);
	write_file(path, b);
}

/* The disk */

static void a_full_disk_leaves_the_cache_as_it_was(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	AUTO_CCACHE ccache = open_well(path);
	for (size_t left = 0; left < 100; left++) {
		room = left;
		fail_to_store(ccache, ERR_FILE, "No space left on device");
		assert_file(path, &b);
	}
	assert_false(inherited);
}

static void a_full_disk_leaves_what_was_whole_before_a_torn_end(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	size_t whole = b.len;
	mint_octets(&b, SLICE_LITERAL("\0\0\0\1\0\0\0\1torn"));
	write_file(path, &b);
	AUTO_CCACHE ccache = open_well(path);
	room = 20;
	fail_to_store(ccache, ERR_FILE, "No space left");
	b.len = whole;
	assert_file(path, &b);
}

static void a_full_disk_leaves_what_was_to_be_replaced(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	struct error err = {0};
	struct ccache_start new = {.client = &bob};
	room = 20;
	assert_int_equal(ccache_create(path, &new, &err), ERR_FILE);
	assert_tells(&err, path);
	assert_tells(&err, "No space left on device");
	assert_file(path, &b);
	assert_int_equal(empty_folder(), 1);
	assert_false(inherited);
}

/* A write beyond the limit would end the process. */
static int store_within(rlim_t limit)
{
	struct error err = {0};
	struct credential c = credential_for(&imap);
	AUTO_CCACHE ccache = open_well(path);
	struct rlimit files;
	if (getrlimit(RLIMIT_FSIZE, &files) != 0)
		return 1;
	files.rlim_cur = limit;
	if (setrlimit(RLIMIT_FSIZE, &files) != 0)
		return 2;
	return ccache_store(ccache, &c, &err) == ERR_FILE && strstr(err.text, "File too large") ? 0
												: 3;
}

static void a_limit_of_the_process_is_heeded(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	pid_t child = fork();
	if (child == 0)
		_exit(store_within(b.len + 10));
	int ended = -1;
	assert_int_equal(waitpid(child, &ended, 0), child);
	assert_int_equal(ended, 0);
	assert_file(path, &b);
}

static void a_cache_does_not_outgrow_what_is_read(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	struct credential big = credential_for(&krbtgt);
	AUTO_BUFFER ticket = {0};
	assert_int_equal(buffer_reserve(&ticket, CCACHE_MAX_LENGTH), STATUS_OK);
	memset(ticket.data, 'x', CCACHE_MAX_LENGTH);
	put_cache(&b, &big);
	big.ticket = slice_of(ticket.data, CCACHE_MAX_LENGTH - b.len + 10 - 64);
	b.len = 0;
	put_cache(&b, &big);
	assert_uint_in_range(b.len, CCACHE_MAX_LENGTH - 100, CCACHE_MAX_LENGTH);
	write_file(path, &b);
	AUTO_CCACHE ccache = open_well(path);
	fail_to_store(ccache, ERR_FILE, "File too large");
	assert_file(path, &b);
}

/* Rights and owners */

static void store_as(uid_t uid, const char *telling)
{
	const struct file_owners owners = {1, {12345}};
	AUTO_CCACHE ccache = open_of(path, &owners);
	if (geteuid() == 0 && seteuid(uid) != 0)
		fail_msg("seteuid: %s", strerror(errno));
	fail_to_store(ccache, ERR_FILE, telling);
	if (getuid() == 0 && seteuid(0) != 0)
		fail_msg("seteuid: %s", strerror(errno));
}

static void a_cache_that_may_not_be_written_stays(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(path, 12345, 12345), 0);
	store_as(12345, "cannot be written as user ");
	store_as(12345, "Permission denied");
	assert_file(path, &b);
}

static void anothers_cache_stays_even_if_it_could_be_written(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	if (geteuid() != 0)
		return; /* nobody else's file can be made then */
	assert_int_equal(chown(path, 12345, 12345), 0);
	store_as(0, "belongs to user 12345: user 0 does not write it");
	assert_file(path, &b);
}

static void what_is_no_file_is_not_waited_for(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	AUTO_CCACHE ccache = open_well(path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(20);
	fail_to_store(ccache, ERR_FILE, "not a regular file");
	alarm(0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	fail_to_store(ccache, ERR_FILE, "Is a directory");
}

static void a_link_leads_to_the_users_own_cache(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	char target[80];
	put_alices(&b);
	snprintf(target, sizeof target, "%s/target", folder);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	AUTO_CCACHE ccache = open_well(path);
	struct credential c = credential_for(&imap);
	store_well(ccache, &c);
	put(&b, &c);
	assert_file(target, &b);
}

/* What it became */

static void a_cache_that_is_gone_is_not_made_again(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	AUTO_CCACHE ccache = open_well(path);
	assert_int_equal(unlink(path), 0);
	fail_to_store(ccache, ERR_NOT_FOUND, "No such file or directory");
	assert_int_equal(empty_folder(), 0);
}

static void a_cache_that_became_anothers_is_left_alone(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0}, bobs = {0};
	put_alices(&b);
	AUTO_CCACHE ccache = open_well(path);
	mint_ccache_start(&bobs, 4, &bob, 0);
	write_file(path, &bobs);
	fail_to_store(ccache, KRB_AP_ERR_BADMATCH,
		"has become that of bob@EXAMPLE.TEST: a ticket of alice@EXAMPLE.TEST is not");
	assert_file(path, &bobs);
}

static void a_damaged_cache_is_left_alone(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	AUTO_CCACHE ccache = open_well(path);
	mint_octets(&b, SLICE_LITERAL("\0\0\0\1\0\0\0\0and much more behind it"));
	write_file(path, &b);
	fail_to_store(ccache, ERR_SYNTAX, "0 components");
	assert_file(path, &b);
}

static void a_credential_without_a_name_is_not_stored(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	AUTO_CCACHE ccache = open_well(path);
	struct error err = {0};
	struct credential c = credential_for(&imap);
	c.server.count = 0;
	assert_int_equal(ccache_store(ccache, &c, &err), ERR_SYNTAX);
	assert_tells(&err, "server has a name of 0 components");
	struct principal nobody = {.count = 0};
	struct ccache_start new = {.client = &nobody};
	assert_int_equal(ccache_create(path, &new, &err), ERR_SYNTAX);
	assert_tells(&err, "client has a name of 0 components");
	c = credential_for(&imap);
	c.client.count = 0;
	new = (struct ccache_start){.client = &alice, .credential = &c, .count = 1};
	assert_int_equal(ccache_create(path, &new, &err), ERR_SYNTAX);
	assert_file(path, &b);
}

/* Locks */

static int other_fd;

static void lock_elsewhere(void)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	other_fd = open(path, O_RDONLY);
	assert_true(other_fd >= 0);
	assert_int_equal(fcntl(other_fd, F_OFD_SETLK, &lock), 0);
}

static void unlock_elsewhere(void)
{
	if (waits == 3)
		close(other_fd);
}

static void a_lock_is_waited_for(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	AUTO_CCACHE ccache = open_well(path);
	struct credential c = credential_for(&imap);
	lock_elsewhere();
	while_waiting = unlock_elsewhere;
	store_well(ccache, &c);
	assert_int_equal(waits, 3);
	put(&b, &c);
	assert_file(path, &b);
}

static void a_lock_is_not_waited_for_without_end(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	AUTO_CCACHE ccache = open_well(path);
	lock_elsewhere();
	fail_to_store(ccache, ERR_FILE, "is locked by another process for more than 5 s");
	assert_uint_in_range(waits, 10, 2000);
	close(other_fd);
	assert_file(path, &b);
}

static void replace_meanwhile(void)
{
	AUTO_BUFFER b = {0};
	mint_ccache_start(&b, 3, &alice, 0);
	write_file(path, &b);
	close(other_fd);
	while_waiting = NULL;
}

static void a_cache_that_was_replaced_meanwhile_gets_it(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0}, wanted = {0};
	put_alices(&b);
	AUTO_CCACHE ccache = open_well(path);
	struct credential c = credential_for(&imap);
	lock_elsewhere();
	while_waiting = replace_meanwhile;
	store_well(ccache, &c);
	mint_ccache_start(&wanted, 3, &alice, 0);
	mint_ccache_credential(&wanted, 3, &c, NULL);
	assert_file(path, &wanted);
}

static int stay[2]; /* a pipe: a child stays as long as we have it open */

static void fork_meanwhile(void)
{
	while_writing = NULL;
	assert_int_equal(pipe(stay), 0);
	if (fork() == 0) {
		char c;
		close(stay[1]);
		_exit((int)read(stay[0], &c, 1));
	}
}

static void a_lock_ends_with_the_store_in_children_too(void **state)
{
	(void)state;
	AUTO_BUFFER b = {0};
	put_alices(&b);
	AUTO_CCACHE ccache = open_well(path);
	struct credential c = credential_for(&imap);
	while_writing = fork_meanwhile;
	store_well(ccache, &c);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(path, O_RDWR), ended = -1;
	assert_int_equal(fcntl(fd, F_GETLK, &lock), 0);
	assert_int_equal(lock.l_type, F_UNLCK);
	close(fd);
	close(stay[0]);
	close(stay[1]);
	assert_true(wait(&ended) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_full_disk_leaves_the_cache_as_it_was, start),
		cmocka_unit_test_setup(a_full_disk_leaves_what_was_whole_before_a_torn_end, start),
		cmocka_unit_test_setup(a_full_disk_leaves_what_was_to_be_replaced, start),
		cmocka_unit_test_setup(a_limit_of_the_process_is_heeded, start),
		cmocka_unit_test_setup(a_cache_does_not_outgrow_what_is_read, start),
		cmocka_unit_test_setup(a_cache_that_may_not_be_written_stays, start),
		cmocka_unit_test_setup(anothers_cache_stays_even_if_it_could_be_written, start),
		cmocka_unit_test_setup(what_is_no_file_is_not_waited_for, start),
		cmocka_unit_test_setup(a_link_leads_to_the_users_own_cache, start),
		cmocka_unit_test_setup(a_cache_that_is_gone_is_not_made_again, start),
		cmocka_unit_test_setup(a_cache_that_became_anothers_is_left_alone, start),
		cmocka_unit_test_setup(a_damaged_cache_is_left_alone, start),
		cmocka_unit_test_setup(a_credential_without_a_name_is_not_stored, start),
		cmocka_unit_test_setup(a_lock_is_waited_for, start),
		cmocka_unit_test_setup(a_lock_is_not_waited_for_without_end, start),
		cmocka_unit_test_setup(a_cache_that_was_replaced_meanwhile_gets_it, start),
		cmocka_unit_test_setup(a_lock_ends_with_the_store_in_children_too, start),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

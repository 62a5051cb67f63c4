/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files that are damaged, and a system that fails: the functions here take the
 * place of libc's in this program and pass on to them unless they were told to
 * fail.
 */
#undef _FORTIFY_SOURCE /* its headers define pread() themselves */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/replay_cache_file.h"

#define OURS __attribute__((visibility("hidden")))
#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

static const char *failing; /* the function that fails, */
static int failure;         /* in this way, */
static unsigned times;      /* so often */
static bool in_pieces;      /* reads and writes of at most five octets */
static int64_t slept;       /* nanoseconds, in no time */
static unsigned reads;      /* of the file, so many */

static bool fails(const char *function)
{
	if (!failing || times == 0 || strcmp(failing, function) != 0)
		return false;
	times--;
	errno = failure;
	return true;
}

static void fail_with(const char *function, int number, unsigned count)
{
	failing = function;
	failure = number;
	times = count;
}

static size_t piece(size_t len)
{
	return in_pieces && len > 5 ? 5 : len;
}

OURS ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
	return fails("pwrite") ? -1 : REAL(pwrite)(fd, data, piece(len), offset);
}

OURS ssize_t pread(int fd, void *data, size_t len, off_t offset)
{
	reads++;
	return fails("pread") ? -1 : REAL(pread)(fd, data, piece(len), offset);
}

/* What a hardened build calls instead. */
OURS ssize_t __pread_chk(int fd, void *data, size_t len, off_t offset, size_t room);
OURS ssize_t __pread_chk(int fd, void *data, size_t len, off_t offset, size_t room)
{
	assert_uint_in_range(len, 0, room);
	return pread(fd, data, len, offset);
}

OURS int fcntl(int fd, int command, ...)
{
	va_list args;
	va_start(args, command);
	void *arg = va_arg(args, void *);
	va_end(args);
	if (command == F_OFD_SETLK && fails("fcntl"))
		return -1;
	return REAL(fcntl)(fd, command, arg);
}

OURS int close(int fd)
{
	int result = REAL(close)(fd);
	return fails("close") ? -1 : result;
}

OURS int statx(int fd, const char *path, int flags, unsigned mask, struct statx *out)
{
	return fails("statx") ? -1 : REAL(statx)(fd, path, flags, mask, out);
}

static bool remote; /* all files are on another host */

OURS int fstatfs(int fd, struct statfs *out)
{
	int result = REAL(fstatfs)(fd, out);
	if (remote)
		out->f_type = 0x6969; /* NFS */
	return result;
}

OURS int nanosleep(const struct timespec *length, struct timespec *left)
{
	(void)left;
	slept += length->tv_nsec;
	return 0;
}

static void assert_fails_with(uint32_t n, const char *sentence)
{
	struct error err = {0};
	assert_int_equal(store_at(n, NOW, NOW, &err), ERR_FILE);
	if (!strstr(err.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", err.text, sentence);
	assert_non_null(strstr(err.text, file_path));
	failing = NULL;
}

static void a_disk_that_is_full_stores_nothing(void **state UNUSED)
{
	fail_with("pwrite", ENOSPC, 1);
	assert_fails_with(1, "cannot be written: No space left on device");
	assert_stored(1, NOW);
	fail_with("pwrite", EDQUOT, 1);
	assert_fails_with(2, "cannot be written: Disk quota exceeded");
	assert_stored(2, NOW);
	assert_replay(1, NOW);
}

static void a_disk_that_is_found_full_at_the_end_is_refused(void **state UNUSED)
{
	remote = true; /* where close() may fail for that */
	fail_with("close", ENOSPC, 1);
	assert_fails_with(1, "cannot be written: No space left on device");
	remote = false;
	/* It may be there or not; here it is. */
	assert_replay(1, NOW);
}

static void a_disk_that_cannot_be_read_is_refused(void **state UNUSED)
{
	assert_stored(1, NOW);
	fail_with("pread", EIO, 1);
	assert_fails_with(1, "cannot be read: Input/output error");
	fail_with("statx", EIO, 1);
	assert_fails_with(1, ": Input/output error");
	assert_replay(1, NOW);
}

static void interrupted_calls_are_made_again(void **state UNUSED)
{
	fail_with("pwrite", EINTR, 3);
	assert_stored(1, NOW);
	assert_int_equal(times, 0);
	fail_with("pread", EINTR, 3);
	assert_replay(1, NOW);
	assert_int_equal(times, 0);
}

static void pieces_are_put_together(void **state UNUSED)
{
	in_pieces = true;
	for (uint32_t n = 0; n < 100; n++)
		assert_stored(n, NOW);
	for (uint32_t n = 0; n < 100; n++)
		assert_replay(n, NOW);
	in_pieces = false;
	for (uint32_t n = 0; n < 100; n++)
		assert_replay(n, NOW);
}

static void a_lock_that_fails_is_refused(void **state UNUSED)
{
	fail_with("fcntl", ENOLCK, 1);
	assert_fails_with(1, "cannot be locked: No locks available");
	assert_stored(1, NOW);
}

static void a_lock_is_waited_for(void **state UNUSED)
{
	slept = 0;
	fail_with("fcntl", EAGAIN, 100);
	assert_stored(1, NOW);
	assert_true(slept > 0 && slept < REPLAY_CACHE_WAIT_SECONDS * INT64_C(1000000000));
}

static void a_lock_is_not_waited_for_too_long(void **state UNUSED)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	const int64_t second = 1000000000;
	assert_stored(1, NOW);
	int fd = open(file_path, O_RDWR);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	slept = 0;
	assert_fails_with(1, "is locked by another process for more than 5 s");
	assert_true(slept >= REPLAY_CACHE_WAIT_SECONDS * second &&
		    slept < (REPLAY_CACHE_WAIT_SECONDS + 1) * second);
	close(fd);
	assert_replay(1, NOW);
}

/* The key, and the places in each table up to the one that has a free one. */
static void no_more_is_read_than_needed(void **state UNUSED)
{
	static const unsigned char key[KEY_LENGTH] = "a file's own key";
	uint32_t a = number_at(160, key, 0), b = number_at(160, key, a + 1),
		 c = number_at(160, key, b + 1);
	write_cache(key, KEY_LENGTH);
	reads = 0;
	assert_stored(c, NOW);
	assert_int_equal(reads, 2);
	assert_stored(a, NOW);
	reads = 0;
	assert_stored(b, NOW);
	assert_int_equal(reads, 3);
	reads = 0;
	assert_replay(a, NOW);
	assert_int_equal(reads, 2);
}

/* Cut at each octet of the last record: the others stay, that one is as if it never was. */
static void a_record_cut_short_is_harmless(void **state UNUSED)
{
	static const unsigned char key[KEY_LENGTH] = "a file's own key";
	uint32_t a = number_at(160, key, 0), b = number_at(160, key, a + 1);
	for (off_t len = 160; len <= 160 + 32; len++) {
		write_cache(key, KEY_LENGTH);
		assert_stored(a, NOW);
		assert_stored(b, NOW);
		assert_int_equal(truncate(file_path, len), 0);
		AUTO_BUFFER contents = {0};
		if (len < 160 + 16)
			assert_stored(a, NOW);
		else
			assert_replay(a, NOW);
		assert_record(read_cache(&contents), 160, a, NOW);
		if (len < 160 + 32)
			assert_stored(b, NOW);
		assert_replay(b, NOW);
		assert_record(read_cache(&contents), 160 + 16, b, NOW);
		assert_int_equal(contents.len, 160 + 32);
	}
}

static void a_key_cut_short_is_made_anew(void **state UNUSED)
{
	static const unsigned char zeros[KEY_LENGTH];
	for (size_t len = 0; len < KEY_LENGTH; len++) {
		AUTO_BUFFER contents = {0};
		write_cache(zeros, len);
		assert_stored(1, NOW);
		assert_replay(1, NOW);
		size_t place = place_in(0, read_cache(&contents).data, tag_number(1));
		assert_record(buffer_slice(&contents), place, 1, NOW);
		assert_memory_not_equal(contents.data, zeros, KEY_LENGTH);
	}
	write_cache(zeros, KEY_LENGTH);
	assert_stored(1, NOW);
	AUTO_BUFFER contents = {0};
	assert_memory_equal(read_cache(&contents).data, zeros, KEY_LENGTH);
}

/* Records of no tag of ours, with all sorts of times. */
static void garbage_is_other_records(void **state UNUSED)
{
	enum { LENGTH = 60000 };
	unsigned char *garbage = malloc(LENGTH);
	uint32_t random = 1;
	for (size_t i = 0; i < LENGTH; i++)
		garbage[i] = (unsigned char)((random = random * 1103515245 + 12345) >> 16);
	write_cache(garbage, LENGTH);
	for (uint32_t n = 0; n < 300; n++)
		assert_stored(n, NOW);
	for (uint32_t n = 0; n < 300; n++)
		assert_replay(n, NOW);
	free(garbage);
}

/* Every place that the tag could have is taken, up to the last table that fits. */
static void a_file_without_room_is_refused(void **state UNUSED)
{
	unsigned char key[KEY_LENGTH] = {0}, others[2 * RECORD_LENGTH], old[4];
	struct tag tag = tag_number(1);
	memset(others, 0xff, sizeof others);
	write_cache(key, sizeof key);
	int fd = open(file_path, O_RDWR);
	size_t start = KEY_LENGTH, count = 1023, last = 0;
	for (unsigned table = 0; table < 17; table++, key[0]++) {
		last = start + 16 * (siphash_by_openssl(key, tag.octets, TAG_LENGTH) % count);
		assert_int_equal(pwrite(fd, others, sizeof others, (off_t)last), sizeof others);
		start += count * 16;
		count = table == 0 ? 2048 : count * 2;
	}
	assert_int_equal(start, INT64_C(16384) * ((1 << 17) - 1));
	assert_fails_with(1, "is full: no further table fits into 2 GiB");
	/* The last of the records grows old. */
	store_u32(old, NOW - SKEW - 1);
	assert_int_equal(pwrite(fd, old, 4, (off_t)last + RECORD_LENGTH + TAG_LENGTH), 4);
	assert_stored(1, NOW);
	assert_replay(1, NOW);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_disk_that_is_full_stores_nothing),
		IN_FOLDER(a_disk_that_is_found_full_at_the_end_is_refused),
		IN_FOLDER(a_disk_that_cannot_be_read_is_refused),
		IN_FOLDER(interrupted_calls_are_made_again),
		IN_FOLDER(pieces_are_put_together),
		IN_FOLDER(a_lock_that_fails_is_refused),
		IN_FOLDER(a_lock_is_waited_for),
		IN_FOLDER(a_lock_is_not_waited_for_too_long),
		IN_FOLDER(no_more_is_read_than_needed),
		IN_FOLDER(a_record_cut_short_is_harmless),
		IN_FOLDER(a_key_cut_short_is_made_anew),
		IN_FOLDER(garbage_is_other_records),
		IN_FOLDER(a_file_without_room_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

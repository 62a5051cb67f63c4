/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A replay cache's file stays open from one login to the next, as long as it is
 * the one that its name means, in this process.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/replay_cache_file.h"
#include "tests/support/suite.h"

static char other[140]; /* a second name in the folder */

static int make_names(void **state)
{
	int result = make_cache_folder(state);
	snprintf(other, sizeof other, "%s/other", cache_folder);
	return result;
}

static int remove_names(void **state)
{
	replay_cache_forget();
	(void)remove(other);
	return remove_cache_folder(state);
}

#define WITH_NAMES(test) cmocka_unit_test_setup_teardown(test, make_names, remove_names)

/* The descriptor of what was opened as the cache, but for `not_this`; -1: none. */
static int find_descriptor(int not_this)
{
	int found = -1;
	DIR *folder_of_all = opendir("/proc/self/fd");
	assert_non_null(folder_of_all);
	for (struct dirent *entry; (entry = readdir(folder_of_all));) {
		char link[40 + sizeof entry->d_name], target[300] = "";
		snprintf(link, sizeof link, "/proc/self/fd/%s", entry->d_name);
		int fd = atoi(entry->d_name);
		if (readlink(link, target, sizeof target - 1) > 0 && fd != not_this &&
			strncmp(target, file_path, strlen(file_path)) == 0)
			found = fd;
	}
	closedir(folder_of_all);
	return found;
}

static void one_file_stays_open(void **state UNUSED)
{
	assert_stored(1, NOW);
	int fd = find_descriptor(-1);
	assert_true(fd >= 0);
	for (uint32_t n = 2; n < 10; n++) {
		assert_stored(n, NOW);
		assert_int_equal(find_descriptor(-1), fd);
		assert_int_equal(find_descriptor(fd), -1);
	}
	assert_replay(5, NOW);
	replay_cache_forget();
	assert_int_equal(find_descriptor(-1), -1);
	assert_replay(5, NOW);
}

static void write_other(const char *text)
{
	FILE *file = fopen(other, "w");
	assert_non_null(file);
	assert_int_equal(chmod(other, 0600), 0);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* In the file that has the name now. */
static void assert_stored_anew(uint32_t n)
{
	struct stat st;
	assert_stored(n, NOW);
	assert_int_equal(stat(file_path, &st), 0);
	assert_true(st.st_size > KEY_LENGTH);
	assert_replay(n, NOW);
	int fd = find_descriptor(-1);
	assert_int_equal(find_descriptor(fd), -1);
}

static void a_file_that_was_replaced_is_left(void **state UNUSED)
{
	assert_stored(1, NOW);
	write_other("");
	assert_int_equal(rename(other, file_path), 0);
	assert_stored_anew(1);
}

static void a_file_that_was_removed_is_left(void **state UNUSED)
{
	assert_stored(1, NOW);
	assert_int_equal(remove(file_path), 0);
	assert_stored_anew(1);
}

static void a_file_that_was_moved_is_left(void **state UNUSED)
{
	assert_stored(1, NOW);
	assert_int_equal(rename(file_path, other), 0);
	assert_stored_anew(1);
}

static void a_file_that_was_emptied_begins_again(void **state UNUSED)
{
	assert_stored(1, NOW);
	assert_int_equal(truncate(file_path, 0), 0);
	assert_stored_anew(1);
}

static void another_name_is_another_file(void **state UNUSED)
{
	char name[160];
	struct tag tag = tag_number(1);
	struct error err;
	snprintf(name, sizeof name, "file2:%s", other);
	assert_stored(1, NOW);
	assert_int_equal(store_in(name, tag_slice(&tag), NOW, NOW, &err), STATUS_OK);
	assert_replay(1, NOW);
}

/* Daemons close all that is open; the number is then somebody else's. */
static void a_descriptor_that_the_program_took_is_not_touched(void **state UNUSED)
{
	char text[20] = "";
	assert_stored(1, NOW);
	int fd = find_descriptor(-1);
	write_other("the program's");
	int programs = open(other, O_RDWR);
	assert_int_equal(dup2(programs, fd), fd);
	assert_stored(2, NOW);
	assert_replay(1, NOW);
	close(programs);
	assert_int_equal(pread(fd, text, sizeof text - 1, 0), 13); /* not closed */
	assert_string_equal(text, "the program's");                /* not written to */
	close(fd);
}

static void a_descriptor_that_the_program_closed_is_opened_again(void **state UNUSED)
{
	assert_stored(1, NOW);
	assert_int_equal(close(find_descriptor(-1)), 0);
	assert_stored(2, NOW);
	assert_replay(1, NOW);
}

/* What it prints then would be written into the file. */
static void a_program_without_standard_output_gets_none(void **state UNUSED)
{
	int saved = dup(STDOUT_FILENO);
	close(STDOUT_FILENO);
	struct error err;
	enum status status = store_at(1, NOW, NOW, &err);
	bool free = fcntl(STDOUT_FILENO, F_GETFD) < 0;
	dup2(saved, STDOUT_FILENO);
	close(saved);
	assert_int_equal(status, STATUS_OK);
	assert_true(free);
	assert_replay(1, NOW);
}

/* A lock of the open file would be both processes' at once. */
static void a_child_opens_the_file_for_itself(void **state UNUSED)
{
	assert_stored(1, NOW);
	int parents = dup(find_descriptor(-1));
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct error err;
		struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
		bool ok = store_at(2, NOW, NOW, &err) == STATUS_OK &&
			  store_at(1, NOW, NOW, &err) == KRB_AP_ERR_REPEAT &&
			  fcntl(parents, F_OFD_SETLK, &lock) == 0;
		lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
		ok = ok && fcntl(find_descriptor(parents), F_OFD_GETLK, &lock) == 0 &&
		     lock.l_type == F_WRLCK;
		_exit(ok ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(parents);
	assert_replay(2, NOW);
}

SUITE(test_replay_cache_kept)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		WITH_NAMES(one_file_stays_open),
		WITH_NAMES(a_file_that_was_replaced_is_left),
		WITH_NAMES(a_file_that_was_removed_is_left),
		WITH_NAMES(a_file_that_was_moved_is_left),
		WITH_NAMES(a_file_that_was_emptied_begins_again),
		WITH_NAMES(another_name_is_another_file),
		WITH_NAMES(a_descriptor_that_the_program_took_is_not_touched),
		WITH_NAMES(a_descriptor_that_the_program_closed_is_opened_again),
		WITH_NAMES(a_program_without_standard_output_gets_none),
		WITH_NAMES(a_child_opens_the_file_for_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

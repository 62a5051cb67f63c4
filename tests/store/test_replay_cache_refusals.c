/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A replay cache that is not safe to use, or cannot be used at all: refused,
 * with a sentence that says why.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/replay_cache_file.h"

/* Takes the place of libc's, so that a test can play a set-uid program. */
static bool is_set_uid;

char *secure_getenv(const char *name)
{
	return is_set_uid ? NULL : getenv(name);
}

static void assert_refused(const char *name, const char *sentence)
{
	struct error err = {0};
	struct tag tag = tag_number(1);
	assert_int_equal(store_in(name, tag_slice(&tag), NOW, NOW, &err), ERR_FILE);
	assert_int_equal(err.status, ERR_FILE);
	if (!strstr(err.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", err.text, sentence);
	assert_string_equal(
		error_shown(&err), "the server cannot tell whether the request is a replay");
}

static void a_file_that_is_missing_is_made_for_the_owner_alone(void **state UNUSED)
{
	struct stat st;
	assert_stored(1, NOW);
	assert_int_equal(lstat(file_path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void modes_for_others_are_refused(void **state UNUSED)
{
	static const mode_t modes[] = {0640, 0620, 0610, 0604, 0602, 0601, 0666};
	assert_stored(1, NOW);
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		char expected[300];
		snprintf(expected, sizeof expected,
			"%s may be used by others than its owner (mode "
			"0%03o, expected 0600)",
			file_path, (unsigned)modes[i]);
		assert_int_equal(chmod(file_path, modes[i]), 0);
		assert_refused(cache_name, expected);
	}
	assert_int_equal(chmod(file_path, 0600), 0);
	assert_replay(1, NOW);
}

static void symbolic_links_are_refused(void **state UNUSED)
{
	char target[300];
	snprintf(target, sizeof target, "%s/target", cache_folder);
	assert_int_equal(symlink(target, file_path), 0);
	assert_refused(cache_name, "is a symbolic link");
	assert_int_equal(access(target, F_OK), -1);
	write_cache("", 0); /* through the link */
	assert_refused(cache_name, "is a symbolic link");
	assert_int_equal(remove(target), 0);
}

static void hard_links_are_refused(void **state UNUSED)
{
	char other[300];
	snprintf(other, sizeof other, "%s/other", cache_folder);
	write_cache("secret", 6);
	assert_int_equal(link(file_path, other), 0);
	assert_refused(cache_name, "has another name too");
	assert_int_equal(remove(other), 0);
	assert_stored(1, NOW);
}

static void what_is_no_file_is_refused(void **state UNUSED)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	assert_int_equal(mkdir(file_path, 0700), 0);
	assert_refused(cache_name, "is not a regular file");
	assert_int_equal(rmdir(file_path), 0);
	/* Nobody reads from it: does not wait either. */
	assert_int_equal(mkfifo(file_path, 0600), 0);
	assert_refused(cache_name, "is not a regular file");
	assert_int_equal(remove(file_path), 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%.100s", file_path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_refused(cache_name, "is not a regular file");
	close(fd);
	assert_refused("file2:/dev/null", "the replay cache /dev/null is not a regular file");
}

static void folders_that_are_missing_are_named(void **state UNUSED)
{
	char name[400];
	snprintf(name, sizeof name, "file2:%s/none/cache", cache_folder);
	assert_refused(name, "/none/cache cannot be opened as user ");
	assert_refused(name, ": No such file or directory; its folder has to exist");
	assert_stored(1, NOW);
	snprintf(name, sizeof name, "file2:%s/cache", file_path);
	assert_refused(name, "Not a directory");
}

static void paths_of_no_length_or_too_long_are_refused(void **state UNUSED)
{
	char name[5000] = "file2:";
	assert_refused(name, "path has 0 octets, expected 1 to 4095");
	memset(name + 6, 'a', sizeof name - 6);
	name[6 + 4096] = '\0';
	assert_refused(name, "path has 4096 octets, expected 1 to 4095");
	name[6 + 400] = '\0';
	assert_refused(name, "File name too long");
	name[6 + 400] = 'a';
	setenv("KRB5RCACHEDIR", name, 1);
	assert_refused("dfl:", "a longer name than the 4095 octets of a path");
	unsetenv("KRB5RCACHEDIR");
}

static void long_files_are_refused(void **state UNUSED)
{
	write_cache("", 0);
	assert_int_equal(truncate(file_path, INT64_C(1) << 31), 0);
	assert_refused(cache_name, "has 2147483648 octets, expected at most 2 GiB");
	assert_int_equal(truncate(file_path, (INT64_C(1) << 31) - 1), 0);
	assert_stored(1, NOW);
	assert_replay(1, NOW);
}

/* A write at the limit would be a signal that ends the process. */
static void a_limit_of_file_sizes_is_refused(void **state UNUSED)
{
	static const unsigned char key[KEY_LENGTH];
	uint32_t within = number_at(160, key, 0), beyond = number_at(1600, key, 0);
	struct rlimit before, limit;
	char expected[400];
	write_cache(key, sizeof key);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = (struct rlimit){.rlim_cur = 1600, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	struct error err = {0};
	enum status refused = store_at(beyond, NOW, NOW, &err);
	enum status stored = store_at(within, NOW, NOW, &(struct error){0});
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	snprintf(expected, sizeof expected,
		"the replay cache %s cannot be written at octet 1616: "
		"this process is limited to files of 1600 octets (ulimit -f)",
		file_path);
	assert_int_equal(refused, ERR_FILE);
	assert_string_equal(err.text, expected);
	assert_int_equal(stored, STATUS_OK);
	assert_stored(beyond, NOW);
}

/* What only root can set up; others have nothing to compare. */

static void files_of_others_are_refused(void **state UNUSED)
{
	if (geteuid() != 0)
		return;
	assert_stored(1, NOW);
	assert_int_equal(chown(file_path, 65534, 65534), 0);
	assert_refused(cache_name,
		"belongs to user 65534, expected user 0, whom this server runs "
		"as; remove it, or set kerberos5_replay_cache to file2:PATH in a "
		"folder that is this server's own");
}

static void without_permission_the_user_is_named(void **state UNUSED)
{
	if (geteuid() != 0)
		return;
	assert_stored(1, NOW);
	assert_int_equal(chmod(cache_folder, 0755), 0);
	assert_int_equal(setegid(65533), 0);
	assert_int_equal(seteuid(65534), 0);
	struct error others = {0}, missing = {0};
	char name[400];
	struct tag tag = tag_number(1);
	snprintf(name, sizeof name, "file2:%s/new", cache_folder);
	enum status first = store_at(1, NOW, NOW, &others);
	enum status second = store_in(name, tag_slice(&tag), NOW, NOW, &missing);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(setegid(0), 0);
	assert_int_equal(first, ERR_FILE);
	assert_non_null(strstr(others.text, "belongs to user 0, expected user 65534"));
	assert_int_equal(second, ERR_FILE);
	assert_non_null(strstr(missing.text, "/new cannot be opened as user 65534, group 65533: "
					     "Permission denied; let that user make files there"));
}

/* In a child that sees a file system of its own; false where that is not allowed. */
static bool in_file_system(unsigned long flags, const char *options, void (*work)(void))
{
	pid_t child = fork();
	if (child == 0) {
		if (unshare(CLONE_NEWNS) != 0 ||
			mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
			mount("none", cache_folder, "tmpfs", flags, options) != 0)
			_exit(77);
		work();
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		return false;
	assert_int_equal(status, 0);
	return true;
}

static void say_unless(bool tried, const char *what)
{
	if (!tried)
		printf("# %s: no file system of our own (not root, or in a container)\n", what);
}

static void must(bool holds, const struct error *err)
{
	if (holds)
		return;
	printf("# %s\n", err->text);
	fflush(stdout);
	_exit(1);
}

static void store_read_only(void)
{
	struct error err = {0};
	must(store_at(1, NOW, NOW, &err) == ERR_FILE &&
			strstr(err.text, "Read-only file system; set kerberos5_replay_cache to "
					 "file2:PATH in a folder"),
		&err);
}

static void read_only_file_systems_are_refused(void **state UNUSED)
{
	say_unless(in_file_system(MS_RDONLY, "", store_read_only), "read-only file system");
}

/* Two pages, so that tables soon find no room; what was stored stays a replay. */
static void store_until_full(void)
{
	struct error err = {0};
	uint32_t n = 0, stored = 0;
	while (n < 100 && store_at(n, NOW, NOW, &err) == STATUS_OK)
		n++;
	must(n > 0 && n < 100 && err.status == ERR_FILE &&
			strstr(err.text, "cannot be written: No space left on device"),
		&err);
	for (stored = 0; stored < n; stored++)
		must(store_at(stored, NOW, NOW, &err) == KRB_AP_ERR_REPEAT, &err);
	must(store_at(n, NOW, NOW, &err) == ERR_FILE, &err);
}

static void a_full_disk_is_refused(void **state UNUSED)
{
	say_unless(in_file_system(0, "size=8k", store_until_full), "full disk");
}

/* dfl: in the folder of the environment, under the name of the effective user. */
static void dfl_is_where_the_environment_says(void **state UNUSED)
{
	struct stat st;
	struct tag tag = tag_number(1);
	snprintf(file_path, sizeof file_path, "%s/krb5_%lu.rcache2", cache_folder,
		(unsigned long)geteuid());
	setenv("TMPDIR", cache_folder, 1);
	assert_int_equal(
		store_in("dfl:", tag_slice(&tag), NOW, NOW, &(struct error){0}), STATUS_OK);
	assert_int_equal(stat(file_path, &st), 0);
	assert_int_equal(
		store_in("dfl:", tag_slice(&tag), NOW, NOW, &(struct error){0}), KRB_AP_ERR_REPEAT);
	assert_int_equal(remove(file_path), 0);
	setenv("TMPDIR", "/nonexistent", 1);
	setenv("KRB5RCACHEDIR", cache_folder, 1);
	assert_int_equal(
		store_in("dfl:rest", tag_slice(&tag), NOW, NOW, &(struct error){0}), STATUS_OK);
	assert_int_equal(stat(file_path, &st), 0);
	unsetenv("KRB5RCACHEDIR");
	assert_refused("dfl:", "the replay cache /nonexistent/krb5_");
	unsetenv("TMPDIR");
}

/* No file can be opened, so that none is made where all make theirs. */
static void a_set_uid_program_hears_no_environment(void **state UNUSED)
{
	struct rlimit before, none;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	setenv("TMPDIR", cache_folder, 1);
	setenv("KRB5RCACHEDIR", cache_folder, 1);
	is_set_uid = true;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_refused("dfl:", "the replay cache /var/tmp/krb5_");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	is_set_uid = false;
	unsetenv("KRB5RCACHEDIR");
	unsetenv("TMPDIR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_file_that_is_missing_is_made_for_the_owner_alone),
		IN_FOLDER(modes_for_others_are_refused),
		IN_FOLDER(symbolic_links_are_refused),
		IN_FOLDER(hard_links_are_refused),
		IN_FOLDER(what_is_no_file_is_refused),
		IN_FOLDER(folders_that_are_missing_are_named),
		IN_FOLDER(paths_of_no_length_or_too_long_are_refused),
		IN_FOLDER(long_files_are_refused),
		IN_FOLDER(a_limit_of_file_sizes_is_refused),
		IN_FOLDER(files_of_others_are_refused),
		IN_FOLDER(without_permission_the_user_is_named),
		IN_FOLDER(read_only_file_systems_are_refused),
		IN_FOLDER(a_full_disk_is_refused),
		IN_FOLDER(dfl_is_where_the_environment_says),
		IN_FOLDER(a_set_uid_program_hears_no_environment),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

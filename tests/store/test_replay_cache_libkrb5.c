/* SPDX-License-Identifier: BSD-3-Clause */
/* One file, MIT's libkrb5 and ours: each finds what the other stored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/libkrb5_rcache.h"
#include "tests/support/offered.h"
#include "tests/support/replay_cache_file.h"
#include "tests/support/suite.h"

enum { AES128_SHA1 = 17, MANY = 10000 };

static struct libkrb5_rcache *theirs;

static int open_theirs(void **state)
{
	if (make_cache_folder(state))
		return 1;
	theirs = libkrb5_rcache_open(cache_name);
	libkrb5_rcache_set_time(theirs, NOW);
	return 0;
}

static int close_theirs(void **state)
{
	libkrb5_rcache_close(theirs);
	return remove_cache_folder(state);
}

/* Of this type twelve octets of a cipher text, its last, are the checksum. */
static int32_t store_theirs(uint32_t n)
{
	struct tag tag = tag_number(n);
	return libkrb5_rcache_store(theirs, AES128_SHA1, tag_slice(&tag));
}

static void ours_finds_what_libkrb5_stored(void **state UNUSED)
{
	for (uint32_t n = 0; n < MANY; n++)
		assert_int_equal(store_theirs(n), 0);
	for (uint32_t n = 0; n < MANY; n++)
		assert_replay(n, NOW);
	assert_stored(MANY, NOW);
}

static void libkrb5_finds_what_ours_stored(void **state UNUSED)
{
	for (uint32_t n = 0; n < MANY; n++)
		assert_stored(n, NOW);
	for (uint32_t n = 0; n < MANY; n++)
		assert_int_equal(store_theirs(n), LIBKRB5_REPEAT);
	assert_int_equal(store_theirs(MANY), 0);
}

/* In turn, for longer than a record lives, so that places are used again. */
static void both_fill_one_file(void **state UNUSED)
{
	enum { STEP = 50 };
	for (uint32_t n = 0; n < MANY; n++) {
		int32_t now = NOW + (int32_t)(n / STEP) * 3;
		libkrb5_rcache_set_time(theirs, now);
		uint32_t recent = n - n % STEP;
		if (n % 2 == 0) {
			assert_int_equal(store_theirs(n), 0);
			assert_replay(n, now);
			assert_replay(recent, now);
		} else {
			assert_stored(n, now);
			assert_int_equal(store_theirs(n), LIBKRB5_REPEAT);
			assert_int_equal(store_theirs(recent), LIBKRB5_REPEAT);
		}
	}
}

/* The same calls on a file of each, which began with the same key. */
static void both_write_the_same_octets(void **state UNUSED)
{
	static const unsigned char key[KEY_LENGTH] = "a file's own key";
	AUTO_BUFFER of_ours = {0}, of_theirs = {0};
	write_cache(key, sizeof key);
	for (uint32_t n = 0; n < MANY; n++)
		assert_stored(n, NOW + n / 20);
	(void)read_cache(&of_ours);
	write_cache(key, sizeof key);
	for (uint32_t n = 0; n < MANY; n++) {
		libkrb5_rcache_set_time(theirs, NOW + (int32_t)(n / 20));
		assert_int_equal(store_theirs(n), 0);
	}
	(void)read_cache(&of_theirs);
	assert_int_equal(of_ours.len, of_theirs.len);
	assert_memory_equal(of_ours.data, of_theirs.data, of_ours.len);
}

/* An authenticator's tag is the same for both, whatever its type. */
static void both_know_an_authenticator_of_each_type(void **state UNUSED)
{
	static const int32_t types[] = {17, 18, 19, 20, 25, 26};
	unsigned char cipher[100];
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (!is_offered(types[i]))
			continue;
		size_t length = enctype_checksum_length(enctype_usable(types[i]));
		struct slice tag = slice_of(cipher + sizeof cipher - length, length);
		for (size_t at = 0; at < sizeof cipher; at++)
			cipher[at] = (unsigned char)(at * 7 + i);
		assert_int_equal(
			store_in(cache_name, tag, NOW, NOW, &(struct error){0}), STATUS_OK);
		assert_int_equal(
			libkrb5_rcache_store(theirs, types[i], slice_of(cipher, sizeof cipher)),
			LIBKRB5_REPEAT);
	}
}

/* While libkrb5 stores in another process, neither accepts what the other did. */
static void both_at_once_accept_each_tag_once(void **state UNUSED)
{
	enum { TAGS = 3000 };
	int out[2], result;
	unsigned char accepted[TAGS] = {0};
	assert_int_equal(pipe(out), 0);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		for (uint32_t n = 0; n < TAGS; n++)
			accepted[n] = store_theirs(n) == 0;
		_exit(write(out[1], accepted, TAGS) == TAGS ? 0 : 1);
	}
	unsigned char ours[TAGS];
	for (uint32_t n = TAGS; n-- > 0;)
		ours[n] = store_at(n, NOW, NOW, &(struct error){0}) == STATUS_OK;
	assert_int_equal(read(out[0], accepted, TAGS), TAGS);
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
	for (uint32_t n = 0; n < TAGS; n++)
		assert_int_equal(accepted[n] + ours[n], 1);
	close(out[0]);
	close(out[1]);
}

/* dfl: is the same file. */
static void both_have_the_same_default(void **state UNUSED)
{
	struct tag tag = tag_number(1);
	setenv("KRB5RCACHEDIR", cache_folder, 1);
	snprintf(file_path, sizeof file_path, "%s/krb5_%lu.rcache2", cache_folder,
		(unsigned long)geteuid());
	struct libkrb5_rcache *defaults = libkrb5_rcache_open("dfl:");
	libkrb5_rcache_set_time(defaults, NOW);
	assert_int_equal(libkrb5_rcache_store(defaults, AES128_SHA1, tag_slice(&tag)), 0);
	assert_int_equal(
		store_in("dfl:", tag_slice(&tag), NOW, NOW, &(struct error){0}), KRB_AP_ERR_REPEAT);
	libkrb5_rcache_close(defaults);
	unsetenv("KRB5RCACHEDIR");
}

#define WITH_THEIRS(test) cmocka_unit_test_setup_teardown(test, open_theirs, close_theirs)

SUITE(test_replay_cache_libkrb5)
{
	const struct CMUnitTest tests[] = {
		WITH_THEIRS(ours_finds_what_libkrb5_stored),
		WITH_THEIRS(libkrb5_finds_what_ours_stored),
		WITH_THEIRS(both_fill_one_file),
		WITH_THEIRS(both_write_the_same_octets),
		WITH_THEIRS(both_know_an_authenticator_of_each_type),
		WITH_THEIRS(both_at_once_accept_each_tag_once),
		WITH_THEIRS(both_have_the_same_default),
	};
	if (!libkrb5_load()) {
		puts("1..0 # SKIP libkrb5 is missing");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	libkrb5_unload();
	return failed;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* What a replay cache remembers and for how long, and the bytes of its file. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/replay_cache_file.h"
#include "tests/support/suite.h"

/* 255 and one more is 0, without a carry. */
static const unsigned char file_key[KEY_LENGTH] = "\xff"
						  "a key of the te";

static void first_time_is_stored_second_is_a_replay(void **state UNUSED)
{
	for (uint32_t n = 0; n < 3; n++) {
		assert_stored(n, NOW);
		assert_replay(n, NOW);
		assert_replay(n, NOW + 1);
	}
	assert_replay(0, NOW);
}

static void a_replay_says_so(void **state UNUSED)
{
	struct error err = {0};
	char expected[500];
	assert_stored(7, NOW);
	assert_int_equal(store_at(7, NOW, NOW + 60, &err), KRB_AP_ERR_REPEAT);
	snprintf(expected, sizeof expected,
		"the request is a replay: its authenticator is in the replay cache %s already, "
		"with the time 2027-01-15 08:00:00 UTC",
		file_path);
	assert_string_equal(err.text, expected);
	assert_string_equal(error_shown(&err), "the request is a replay");
}

static void twelve_octets_of_a_tag_count(void **state UNUSED)
{
	struct slice tag = SLICE_LITERAL("twelve-octet"), same = SLICE_LITERAL("twelve-octets!");
	assert_int_equal(store_in(cache_name, tag, NOW, NOW, &(struct error){0}), STATUS_OK);
	assert_int_equal(
		store_in(cache_name, same, NOW, NOW, &(struct error){0}), KRB_AP_ERR_REPEAT);
}

static void short_tags_are_filled_with_zeros(void **state UNUSED)
{
	struct slice tag = SLICE_LITERAL("short"), same = SLICE_LITERAL("short\0\0\0\0\0\0\0");
	assert_int_equal(same.len, TAG_LENGTH);
	assert_int_equal(store_in(cache_name, tag, NOW, NOW, &(struct error){0}), STATUS_OK);
	assert_int_equal(
		store_in(cache_name, same, NOW, NOW, &(struct error){0}), KRB_AP_ERR_REPEAT);
	assert_int_equal(
		store_in(cache_name, SLICE_EMPTY, NOW, NOW, &(struct error){0}), STATUS_OK);
}

/* Enough for five tables. */
static void many_are_remembered(void **state UNUSED)
{
	enum { MANY = 20000 };
	for (uint32_t n = 0; n < MANY; n++)
		assert_stored(n, NOW + n / 100);
	for (uint32_t n = 0; n < MANY; n += 7)
		assert_replay(n, NOW + MANY / 100);
}

/* The same search over an array, for records none of which is too old. */
static void put_record(unsigned char *file, size_t *len, struct tag tag, uint32_t time)
{
	static const unsigned char never[4];
	for (unsigned table = 0;; table++) {
		size_t place = place_in(table, file, tag);
		for (unsigned i = 0; i < 2; i++, place += RECORD_LENGTH) {
			if (memcmp(file + place + TAG_LENGTH, never, 4) != 0)
				continue;
			memcpy(file + place, tag.octets, TAG_LENGTH);
			store_u32(file + place + TAG_LENGTH, time);
			if (*len < place + RECORD_LENGTH)
				*len = place + RECORD_LENGTH;
			return;
		}
	}
}

static void every_octet_of_the_file_is_as_expected(void **state UNUSED)
{
	enum { MANY = 5000 };
	AUTO_BUFFER contents = {0};
	size_t len = KEY_LENGTH;
	unsigned char *expected = calloc(1, 1 << 20);
	assert_stored(0, NOW);
	memcpy(expected, read_cache(&contents).data, KEY_LENGTH);
	put_record(expected, &len, tag_number(0), NOW);
	for (uint32_t n = 1; n < MANY; n++) {
		assert_stored(n, NOW + n / 20);
		put_record(expected, &len, tag_number(n), NOW + n / 20);
	}
	struct slice file = read_cache(&contents);
	assert_int_equal(file.len, len);
	assert_memory_equal(file.data, expected, len);
	free(expected);
}

static void keys_are_random(void **state UNUSED)
{
	AUTO_BUFFER first = {0}, second = {0};
	assert_stored(0, NOW);
	(void)read_cache(&first);
	remove(file_path);
	assert_stored(0, NOW);
	(void)read_cache(&second);
	assert_memory_not_equal(first.data, second.data, KEY_LENGTH);
}

static void third_at_a_place_goes_to_the_next_table(void **state UNUSED)
{
	enum { PLACE = 16 * 500 };
	uint32_t a = number_at(PLACE, file_key, 0), b = number_at(PLACE, file_key, a + 1),
		 c = number_at(PLACE, file_key, b + 1);
	size_t next = place_in(1, file_key, tag_number(c));
	AUTO_BUFFER contents = {0};
	write_cache(file_key, KEY_LENGTH);
	assert_stored(a, NOW);
	assert_record(read_cache(&contents), PLACE, a, NOW);
	assert_int_equal(contents.len, PLACE + 16);
	assert_stored(b, NOW);
	assert_record(read_cache(&contents), PLACE + 16, b, NOW);
	assert_int_equal(contents.len, PLACE + 32);
	assert_stored(c, NOW);
	assert_record(read_cache(&contents), next, c, NOW);
	assert_int_equal(contents.len, next + 16);
	assert_replay(a, NOW);
	assert_replay(b, NOW);
	assert_replay(c, NOW);
	assert_memory_equal(contents.data, file_key, KEY_LENGTH);
}

static void behind_the_last_place_is_the_next_table(void **state UNUSED)
{
	enum { PLACE = 16384 - 16 };
	uint32_t a = number_at(PLACE, file_key, 0), b = number_at(PLACE, file_key, a + 1);
	AUTO_BUFFER contents = {0};
	write_cache(file_key, KEY_LENGTH);
	assert_stored(a, NOW);
	assert_stored(b, NOW);
	assert_record(read_cache(&contents), PLACE, a, NOW);
	assert_record(read_cache(&contents), PLACE + 16, b, NOW);
	assert_replay(b, NOW);
}

static void the_old_give_way(void **state UNUSED)
{
	enum { PLACE = 160 };
	uint32_t a = number_at(PLACE, file_key, 0), b = number_at(PLACE, file_key, a + 1),
		 c = number_at(PLACE, file_key, b + 1), d = number_at(PLACE, file_key, c + 1);
	AUTO_BUFFER contents = {0};
	write_cache(file_key, KEY_LENGTH);
	assert_stored(a, NOW);
	assert_stored(b, NOW + 10);
	assert_stored(c, NOW + SKEW + 1);
	assert_record(read_cache(&contents), PLACE, c, NOW + SKEW + 1);
	assert_record(read_cache(&contents), PLACE + 16, b, NOW + 10);
	assert_stored(d, NOW + SKEW + 11);
	assert_record(read_cache(&contents), PLACE + 16, d, NOW + SKEW + 11);
	assert_int_equal(contents.len, PLACE + 32);
}

/* Until SKEW has passed the earlier of the two places is not free; then it is, and yet found. */
static void the_first_place_is_kept_so_long(void **state UNUSED)
{
	enum { PLACE = 160 };
	uint32_t a = number_at(PLACE, file_key, 0), b = number_at(PLACE, file_key, a + 1);
	AUTO_BUFFER contents = {0};
	write_cache(file_key, KEY_LENGTH);
	assert_stored(a, NOW);
	assert_stored(b, NOW + SKEW);
	assert_record(read_cache(&contents), PLACE, a, NOW);
	assert_record(read_cache(&contents), PLACE + 16, b, NOW + SKEW);
	/* Behind a place that is free now. */
	assert_replay(b, NOW + SKEW + 1);
	/* Old, and not overwritten: still a replay, as libkrb5 has it. */
	assert_replay(a, NOW + SKEW + 1);
}

static void a_record_counts_from_the_later_of_both_times(void **state UNUSED)
{
	enum { PLACE = 160, AHEAD = NOW + 200 };
	uint32_t a = number_at(PLACE, file_key, 0), b = number_at(PLACE, file_key, a + 1),
		 c = number_at(PLACE, file_key, b + 1);
	AUTO_BUFFER contents = {0};
	write_cache(file_key, KEY_LENGTH);
	assert_int_equal(store_at(a, AHEAD, NOW, &(struct error){0}), STATUS_OK);
	assert_record(read_cache(&contents), PLACE, a, AHEAD);
	assert_int_equal(store_at(b, NOW - 200, NOW, &(struct error){0}), STATUS_OK);
	assert_record(read_cache(&contents), PLACE + 16, b, NOW);
	/* Its authenticator is good until then. */
	assert_replay(a, AHEAD + SKEW);
	assert_stored(c, AHEAD + SKEW);
	assert_record(read_cache(&contents), PLACE, a, AHEAD);
	assert_record(read_cache(&contents), PLACE + 16, c, AHEAD + SKEW);
}

static void none_remembers_nothing(void **state UNUSED)
{
	struct tag tag = tag_number(1);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_in("none:", tag_slice(&tag), NOW, NOW, &(struct error){0}),
			STATUS_OK);
}

static void other_types_are_refused(void **state UNUSED)
{
	static const char *const names[] = {"", "cache", "/tmp/cache", "/tmp:", ":", "FILE2:/tmp/x",
		"file:/tmp/x", "file2", "dfl", "none", "nonesuch:", "non:", "memory:"};
	struct tag tag = tag_number(1);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct error err = {0};
		char expected[200];
		snprintf(expected, sizeof expected,
			"the replay cache \"%s\" is of no type that is known; expected file2:PATH, "
			"dfl: or none:",
			names[i]);
		assert_int_equal(
			store_in(names[i], tag_slice(&tag), NOW, NOW, &err), ERR_UNSUPPORTED);
		assert_string_equal(err.text, expected);
	}
}

/* Asked for the time: is the file locked by then? */
static bool asked_under_lock;
static void look_at_lock(void)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(file_path, O_RDWR);
	assert_int_equal(fcntl(fd, F_OFD_GETLK, &lock), 0);
	asked_under_lock = lock.l_type == F_WRLCK;
	close(fd);
}

/* Its time is good when it comes, and when its turn is there, its first record has given way. */
static void a_request_that_waited_too_long_is_refused(void **state UNUSED)
{
	enum { MADE = NOW - 200, LATER = NOW + SKEW + 1 };
	AUTO_BUFFER file = {0};
	struct error err = {0};
	assert_int_equal(store_at(1, MADE, NOW, &(struct error){0}), STATUS_OK);
	const unsigned char *key = read_cache(&file).data;
	size_t place = place_in(0, key, tag_number(1));
	uint32_t same_place = number_at(place, key, 2);
	assert_int_equal(store_at(same_place, LATER, LATER, &(struct error){0}), STATUS_OK);
	assert_record(read_cache(&file), place, same_place, LATER);

	when_asked = look_at_lock;
	assert_int_equal(store_at(1, MADE, LATER, &err), KRB_AP_ERR_SKEW);
	when_asked = NULL;
	assert_true(asked_under_lock);
	assert_non_null(strstr(err.text, "has waited too long for its turn at the replay cache"));
	assert_null(strstr(error_shown(&err), file_path));
	/* To the second that the record is kept for. */
	assert_int_equal(store_at(3, LATER - SKEW, LATER, &(struct error){0}), STATUS_OK);
	assert_int_equal(store_at(4, LATER - SKEW - 1, LATER, &(struct error){0}), KRB_AP_ERR_SKEW);
}

static void times_without_room_are_refused(void **state UNUSED)
{
	static const int64_t times[] = {INT64_MIN + SKEW, -1, 0, INT64_C(1) << 32, INT64_MAX};
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		struct error err = {0};
		assert_int_equal(store_at(1, times[i], times[i], &err), ERR_FILE);
		assert_non_null(strstr(err.text, "before 1970 or after 2106"));
	}
	assert_stored(1, 1);
	assert_stored(2, UINT32_MAX);
	assert_replay(2, UINT32_MAX);
}

SUITE(test_replay_cache)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(first_time_is_stored_second_is_a_replay),
		IN_FOLDER(a_replay_says_so),
		IN_FOLDER(twelve_octets_of_a_tag_count),
		IN_FOLDER(short_tags_are_filled_with_zeros),
		IN_FOLDER(many_are_remembered),
		IN_FOLDER(every_octet_of_the_file_is_as_expected),
		IN_FOLDER(keys_are_random),
		IN_FOLDER(third_at_a_place_goes_to_the_next_table),
		IN_FOLDER(behind_the_last_place_is_the_next_table),
		IN_FOLDER(the_old_give_way),
		IN_FOLDER(the_first_place_is_kept_so_long),
		IN_FOLDER(a_record_counts_from_the_later_of_both_times),
		IN_FOLDER(none_remembers_nothing),
		IN_FOLDER(other_types_are_refused),
		IN_FOLDER(a_request_that_waited_too_long_is_refused),
		IN_FOLDER(times_without_room_are_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay_cache_file.h - what the tests of store/replay_cache.c share: a file in
 * a folder of its own, and where its records have to be, told without the code
 * that is tested.
 */
#ifndef TESTS_SUPPORT_REPLAY_CACHE_FILE_H
#define TESTS_SUPPORT_REPLAY_CACHE_FILE_H

#include "crypto/enctype.h"
#include "store/replay_cache.h"

#define UNUSED __attribute__((unused))

enum { NOW = 1800000000, SKEW = 300, TAG_LENGTH = 12, RECORD_LENGTH = 16, KEY_LENGTH = 16 };

extern char cache_folder[60], file_path[120], cache_name[140];

int make_cache_folder(void **state);

int remove_cache_folder(void **state);

#define IN_FOLDER(test)                                                                            \
	cmocka_unit_test_setup_teardown(test, make_cache_folder, remove_cache_folder)

/* The nth tag: twelve octets, of which no two are the same. */
struct tag {
	unsigned char octets[TAG_LENGTH];
};

struct tag tag_number(uint32_t n);

struct slice tag_slice(const struct tag *tag);

extern void (*when_asked)(void); /* for the time; NULL: nothing happens */

enum status store_in(
	const char *name, struct slice tag, int64_t time, int64_t now, struct error *err);

enum status store_at(uint32_t n, int64_t time, int64_t now, struct error *err);

void assert_stored(uint32_t n, int64_t now);

void assert_replay(uint32_t n, int64_t now);

/* OpenSSL's SipHash-2-4, from its default provider in FIPS mode too. */
uint64_t siphash_by_openssl(
	const unsigned char key[KEY_LENGTH], const unsigned char *message, size_t len);

/* The first of a tag's two places in a table. */
size_t place_in(unsigned table, const unsigned char file_key[KEY_LENGTH], struct tag tag);

/* The first number, from `from` on, whose tag has this place in the first table. */
uint32_t number_at(size_t place, const unsigned char file_key[KEY_LENGTH], uint32_t from);

void write_cache(const void *contents, size_t len);

struct slice read_cache(struct buffer *out);

void assert_record(struct slice file, size_t place, uint32_t n, uint32_t time);

#endif

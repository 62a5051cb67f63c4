/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/replay_cache_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

char cache_folder[60], file_path[120], cache_name[140];

int make_cache_folder(void **state UNUSED)
{
	snprintf(cache_folder, sizeof cache_folder, "/tmp/kerberos5-replay.XXXXXX");
	if (!mkdtemp(cache_folder))
		return 1;
	snprintf(file_path, sizeof file_path, "%s/cache", cache_folder);
	snprintf(cache_name, sizeof cache_name, "file2:%s", file_path);
	return 0;
}

int remove_cache_folder(void **state UNUSED)
{
	replay_cache_forget();
	(void)remove(file_path);
	crypto_close();
	return rmdir(cache_folder);
}

struct tag tag_number(uint32_t n)
{
	struct tag tag;
	memcpy(tag.octets, "tag number: ", TAG_LENGTH);
	store_u32(tag.octets + 8, n);
	return tag;
}

struct slice tag_slice(const struct tag *tag)
{
	return slice_of(tag->octets, TAG_LENGTH);
}

/* This host's clock. */
static _Thread_local int64_t the_time;
void (*when_asked)(void);

static int64_t tell_time(void)
{
	if (when_asked)
		when_asked();
	return the_time;
}

enum status store_in(
	const char *name, struct slice tag, int64_t time, int64_t now, struct error *err)
{
	const struct replay_entry entry = {tag, time, SKEW, tell_time};
	the_time = now;
	return replay_cache_store(name, &entry, err);
}

enum status store_at(uint32_t n, int64_t time, int64_t now, struct error *err)
{
	struct tag tag = tag_number(n);
	return store_in(cache_name, tag_slice(&tag), time, now, err);
}

void assert_stored(uint32_t n, int64_t now)
{
	struct error err = {0};
	if (store_at(n, now, now, &err))
		fail_msg("tag %u is refused: %s", n, err.text);
}

void assert_replay(uint32_t n, int64_t now)
{
	struct error err = {0};
	assert_int_equal(store_at(n, now, now, &err), KRB_AP_ERR_REPEAT);
	assert_int_equal(err.status, KRB_AP_ERR_REPEAT);
	assert_non_null(strstr(err.text, file_path));
	assert_null(strstr(error_shown(&err), file_path));
}

uint64_t siphash_by_openssl(
	const unsigned char key[KEY_LENGTH], const unsigned char *message, size_t len)
{
	static OSSL_LIB_CTX *library; /* without what openssl.cnf says */
	static EVP_MAC *siphash;
	static EVP_MAC_CTX *mac;
	if (!mac) {
		assert_non_null(library = OSSL_LIB_CTX_new());
		assert_non_null(siphash = EVP_MAC_fetch(library, "SIPHASH", NULL));
		assert_non_null(mac = EVP_MAC_CTX_new(siphash));
	}
	size_t size = sizeof(uint64_t), got;
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_construct_end(),
	};
	unsigned char octets[sizeof(uint64_t)];
	assert_int_equal(EVP_MAC_init(mac, key, KEY_LENGTH, params), 1);
	assert_int_equal(EVP_MAC_update(mac, message, len), 1);
	assert_int_equal(EVP_MAC_final(mac, octets, &got, sizeof octets), 1);
	uint64_t hash = 0;
	for (size_t i = sizeof octets; i-- > 0;)
		hash = hash << 8 | octets[i];
	return hash;
}

/* Where the tables begin and how many records they have. */
static const struct table {
	size_t start, count;
} tables[] = {
	{16, 1023},
	{16384, 2048},
	{49152, 4096},
	{114688, 8192},
	{245760, 16384},
	{507904, 32768},
	{1032192, 65536},
};

size_t place_in(unsigned table, const unsigned char file_key[KEY_LENGTH], struct tag tag)
{
	unsigned char key[KEY_LENGTH];
	memcpy(key, file_key, sizeof key);
	key[0] = (unsigned char)(key[0] + table);
	uint64_t hash = siphash_by_openssl(key, tag.octets, TAG_LENGTH);
	return tables[table].start + RECORD_LENGTH * (size_t)(hash % tables[table].count);
}

uint32_t number_at(size_t place, const unsigned char file_key[KEY_LENGTH], uint32_t from)
{
	while (place_in(0, file_key, tag_number(from)) != place)
		from++;
	return from;
}

void write_cache(const void *contents, size_t len)
{
	int fd = open(file_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, contents, len), len);
	close(fd);
}

struct slice read_cache(struct buffer *out)
{
	struct stat st;
	int fd = open(file_path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	buffer_clear(out);
	assert_int_equal(buffer_reserve(out, (size_t)st.st_size + 1), STATUS_OK);
	assert_int_equal(read(fd, out->data, (size_t)st.st_size), st.st_size);
	out->len = (size_t)st.st_size;
	close(fd);
	return buffer_slice(out);
}

void assert_record(struct slice file, size_t place, uint32_t n, uint32_t time)
{
	unsigned char expected[RECORD_LENGTH];
	struct tag tag = tag_number(n);
	memcpy(expected, tag.octets, TAG_LENGTH);
	store_u32(expected + TAG_LENGTH, time);
	assert_uint_in_range(place + RECORD_LENGTH, RECORD_LENGTH, file.len);
	assert_memory_equal(file.data + place, expected, RECORD_LENGTH);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_replay_cache.c - any octets as the file of a replay cache: a tag is
 * found there, or stored so that it is found from then on, whatever else the
 * file says; and nothing but its record, and the key where there was none, is
 * changed.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/replay_table.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1800000000, OLDEST = NOW - 300, KEY_LENGTH = 16, RECORD_LENGTH = 16 };

static const struct replay_record record = {.tag = "fixed octets", .time = NOW};

/* How many of the records that were there are others now. */
static unsigned count_changes(int fd, const uint8_t *data, size_t size)
{
	unsigned changes = 0;
	for (size_t at = KEY_LENGTH; at + RECORD_LENGTH <= size; at += RECORD_LENGTH) {
		uint8_t now[RECORD_LENGTH];
		must(pread(fd, now, sizeof now, (off_t)at) == sizeof now);
		changes += memcmp(now, data + at, sizeof now) != 0;
	}
	return changes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	if (fd < 0)
		fd = memfd_create("fuzz", 0);
	must(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	const struct replay_file file = {.fd = fd, .path = "fuzz.rcache2", .length = (off_t)size};
	struct error err = {0};
	enum status status = replay_table_store(&file, &record, OLDEST, &err);
	must(status == STATUS_OK || (status == KRB_AP_ERR_REPEAT && err.text[0]));
	must(count_changes(fd, data, size) <= (status == STATUS_OK));
	must(replay_table_store(&file, &record, OLDEST, &err) == KRB_AP_ERR_REPEAT);
	return 0;
}

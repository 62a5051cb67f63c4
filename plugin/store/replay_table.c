/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/replay_table.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/portable.h"
#include "base/timestamp.h"
#include "crypto/random.h"
#include "crypto/siphash.h"

enum {
	RECORD_LENGTH = REPLAY_TAG_LENGTH + 4,
	FIRST_RECORDS = 1024, /* of which the key takes the first */
	TABLES = 17,          /* so many fit */
	PLACES = 2,           /* of a tag in each */
	NOWHERE = -1,
};

_Static_assert(SIPHASH_KEY_LENGTH == RECORD_LENGTH, "the key takes one record's place");
_Static_assert(
	RECORD_LENGTH *FIRST_RECORDS *((INT64_C(1) << TABLES) - 1) <= REPLAY_FILE_MAX_LENGTH &&
		RECORD_LENGTH * FIRST_RECORDS * ((INT64_C(2) << TABLES) - 1) >
			REPLAY_FILE_MAX_LENGTH,
	"the last table is the last that fits");

/* Octets of the file and their place in it. */
struct extent {
	off_t offset;
	unsigned char *octets;
	size_t len;
};

/* Fewer octets only if the file ends. */
static enum status read_extent(
	const struct replay_file *file, const struct extent *extent, size_t *got, struct error *err)
{
	*got = 0;
	while (*got < extent->len) {
		ssize_t n = TEMP_FAILURE_RETRY(pread(file->fd, extent->octets + *got,
			extent->len - *got, extent->offset + (off_t)*got));
		if (n < 0)
			return error_set(err, ERR_FILE, "the replay cache %s cannot be read: %s",
				file->path, strerror(errno));
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return STATUS_OK;
}

static enum status check_limit(const struct replay_file *file, off_t end, struct error *err)
{
	uint64_t limit;
	if (end <= file->length || file_may_reach((uint64_t)end, &limit))
		return STATUS_OK;
	return error_set(err, ERR_FILE,
		"the replay cache %s cannot be written at octet %lld: this process is limited to "
		"files of %llu octets (ulimit -f)",
		file->path, (long long)end, (unsigned long long)limit);
}

static enum status write_at(
	const struct replay_file *file, off_t offset, struct slice octets, struct error *err)
{
	if (check_limit(file, offset + (off_t)octets.len, err))
		return err->status;
	int number = file_write_at(file->fd, octets, offset);
	if (number)
		return error_set(err, ERR_FILE, "the replay cache %s cannot be written: %s",
			file->path, strerror(number));
	return STATUS_OK;
}

/* One record on its way. */
struct search {
	const struct replay_file *file;
	const struct replay_record *record;
	int64_t oldest;
	unsigned char key[SIPHASH_KEY_LENGTH]; /* of the table that is looked into */
	off_t available;                       /* the first free place so far, or NOWHERE */
	bool ends;                             /* no further table has the record */
};

/* A key that was cut short is made anew: nothing can be found by it any more. */
static enum status read_key(struct search *search, struct error *err)
{
	const struct extent extent = {0, search->key, SIPHASH_KEY_LENGTH};
	size_t got;
	if (read_extent(search->file, &extent, &got, err))
		return err->status;
	if (got == SIPHASH_KEY_LENGTH)
		return STATUS_OK;
	if (random_octets(search->key, SIPHASH_KEY_LENGTH, err))
		return err->status;
	return write_at(search->file, 0, slice_of(search->key, SIPHASH_KEY_LENGTH), err);
}

/* Where the first of the two places in table `n` is. */
static off_t find_place(const struct search *search, unsigned n)
{
	uint64_t hash = siphash24(search->key, slice_of(search->record->tag, REPLAY_TAG_LENGTH));
	uint64_t first = FIRST_RECORDS * ((UINT64_C(1) << n) - 1);
	uint64_t count = (uint64_t)FIRST_RECORDS << n;
	if (n == 0) {
		first++;
		count--;
	}
	return (off_t)((first + hash % count) * RECORD_LENGTH);
}

/* What lies beyond the end, a record that was cut short too, is read as never written. */
static enum status read_places(const struct replay_file *file, off_t offset,
	unsigned char out[PLACES * RECORD_LENGTH], struct error *err)
{
	const struct extent extent = {offset, out, PLACES * RECORD_LENGTH};
	size_t got;
	if (read_extent(file, &extent, &got, err))
		return err->status;
	size_t whole = got - got % RECORD_LENGTH;
	memset(out + whole, 0, PLACES * RECORD_LENGTH - whole);
	return STATUS_OK;
}

static uint32_t time_of(const unsigned char *place)
{
	struct reader r = reader_of(slice_of(place + REPLAY_TAG_LENGTH, 4));
	return read_u32(&r);
}

static enum status look_at(
	struct search *search, off_t offset, const unsigned char *place, struct error *err)
{
	uint32_t time = time_of(place);
	if (time != 0 && memcmp(place, search->record->tag, REPLAY_TAG_LENGTH) == 0)
		return error_set(err, KRB_AP_ERR_REPEAT,
			"the request is a replay: its authenticator is in the replay cache %s "
			"already, with the time %s",
			search->file->path, TIME_TEXT(time));
	if (search->available == NOWHERE && (time == 0 || time < search->oldest))
		search->available = offset;
	search->ends = search->ends || time == 0;
	return STATUS_OK;
}

static enum status look_into(struct search *search, unsigned table, struct error *err)
{
	unsigned char places[PLACES * RECORD_LENGTH];
	off_t offset = find_place(search, table);
	if (read_places(search->file, offset, places, err))
		return err->status;
	for (unsigned at = 0; at < sizeof places; at += RECORD_LENGTH)
		if (look_at(search, offset + at, places + at, err))
			return err->status;
	return STATUS_OK;
}

static enum status look_everywhere(struct search *search, struct error *err)
{
	if (read_key(search, err))
		return err->status;
	for (unsigned table = 0; table < TABLES && !search->ends; table++) {
		if (look_into(search, table, err))
			return err->status;
		search->key[0]++;
	}
	if (search->available == NOWHERE)
		return error_set(err, ERR_FILE,
			"the replay cache %s is full: no further table fits into 2 GiB, and no "
			"record is old enough to give way; remove the file once its records have "
			"outlived the clock skew allowed",
			search->file->path);
	return STATUS_OK;
}

enum status replay_table_store(const struct replay_file *file, const struct replay_record *record,
	int64_t oldest, struct error *err)
{
	struct search search = {
		.file = file,
		.record = record,
		.oldest = oldest,
		.available = NOWHERE,
	};
	if (look_everywhere(&search, err))
		return err->status;
	unsigned char octets[RECORD_LENGTH];
	memcpy(octets, record->tag, REPLAY_TAG_LENGTH);
	store_u32(octets + REPLAY_TAG_LENGTH, record->time);
	return write_at(file, search.available, slice_of(octets, sizeof octets), err);
}

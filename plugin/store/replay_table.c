#include "store/replay_table.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

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

/* Fewer octets only where the file ends. */
static enum status read_at(const struct replay_file *file, off_t offset, unsigned char *out,
	size_t len, size_t *got, struct error *err)
{
	*got = 0;
	while (*got < len) {
		ssize_t n = TEMP_FAILURE_RETRY(
			pread(file->fd, out + *got, len - *got, offset + (off_t)*got));
		if (n < 0)
			return error_set(err, ERR_FILE, "the replay cache %s cannot be read: %s",
				file->path, strerror(errno));
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return STATUS_OK;
}

/* A write beyond the limit would end the whole process by SIGXFSZ. */
static enum status check_limit(const struct replay_file *file, off_t end, struct error *err)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
		(rlim_t)end > limit.rlim_cur)
		return error_set(err, ERR_FILE,
			"the replay cache %s cannot be written at octet %lld: this process is "
			"limited to files of %llu octets (ulimit -f)",
			file->path, (long long)end, (unsigned long long)limit.rlim_cur);
	return STATUS_OK;
}

static enum status write_at(const struct replay_file *file, off_t offset, const unsigned char *data,
	size_t len, struct error *err)
{
	enum status status = check_limit(file, offset + (off_t)len, err);
	while (!status && len > 0) {
		ssize_t n = TEMP_FAILURE_RETRY(pwrite(file->fd, data, len, offset));
		if (n <= 0)
			return error_set(err, ERR_FILE, "the replay cache %s cannot be written: %s",
				file->path, strerror(n < 0 ? errno : EIO));
		data += n;
		len -= (size_t)n;
		offset += n;
	}
	return status;
}

/* A key that was cut short is made anew: nothing can be found by it any more. */
static enum status read_key(
	const struct replay_file *file, unsigned char key[SIPHASH_KEY_LENGTH], struct error *err)
{
	size_t got;
	enum status status = read_at(file, 0, key, SIPHASH_KEY_LENGTH, &got, err);
	if (status || got == SIPHASH_KEY_LENGTH)
		return status;
	status = random_octets(key, SIPHASH_KEY_LENGTH, err);
	return status ? status : write_at(file, 0, key, SIPHASH_KEY_LENGTH, err);
}

/* Where the first of the two places in table `n` is. */
static enum status find_place(unsigned n, const unsigned char key[SIPHASH_KEY_LENGTH],
	const struct replay_record *record, off_t *offset, struct error *err)
{
	uint64_t hash;
	enum status status = siphash24(key, slice_of(record->tag, REPLAY_TAG_LENGTH), &hash, err);
	if (status)
		return status;
	uint64_t first = FIRST_RECORDS * ((UINT64_C(1) << n) - 1);
	uint64_t count = (uint64_t)FIRST_RECORDS << n;
	if (n == 0) {
		first++;
		count--;
	}
	*offset = (off_t)((first + hash % count) * RECORD_LENGTH);
	return STATUS_OK;
}

/* What lies beyond the end, a record that was cut short too, is read as never written. */
static enum status read_places(const struct replay_file *file, off_t offset,
	unsigned char out[PLACES * RECORD_LENGTH], struct error *err)
{
	size_t got;
	enum status status = read_at(file, offset, out, PLACES * RECORD_LENGTH, &got, err);
	size_t whole = got - got % RECORD_LENGTH;
	memset(out + whole, 0, PLACES * RECORD_LENGTH - whole);
	return status;
}

static uint32_t time_of(const unsigned char *place)
{
	struct reader r = reader_of(slice_of(place + REPLAY_TAG_LENGTH, 4));
	return read_u32(&r);
}

/*
 * Looks into one table. *available is the first free place in this or an
 * earlier one, NOWHERE if there is none; *ends tells whether the search does.
 */
static enum status look(const struct replay_file *file, off_t offset,
	const struct replay_record *record, int64_t oldest, off_t *available, bool *ends,
	struct error *err)
{
	unsigned char places[PLACES * RECORD_LENGTH];
	enum status status = read_places(file, offset, places, err);
	if (status)
		return status;
	for (unsigned i = 0; i < PLACES; i++) {
		const unsigned char *place = places + i * RECORD_LENGTH;
		uint32_t time = time_of(place);
		if (time != 0 && memcmp(place, record->tag, REPLAY_TAG_LENGTH) == 0)
			return error_set(err, KRB_AP_ERR_REPEAT,
				"the request is a replay: its authenticator is in the replay cache "
				"%s already, with the time %s",
				file->path, TIME_TEXT(time));
		if (*available == NOWHERE && (time == 0 || time < oldest))
			*available = offset + (off_t)i * RECORD_LENGTH;
		*ends = *ends || time == 0;
	}
	return STATUS_OK;
}

/* No place for the record: the file is full. */
static enum status find_available(const struct replay_file *file,
	const struct replay_record *record, int64_t oldest, off_t *available, struct error *err)
{
	unsigned char key[SIPHASH_KEY_LENGTH];
	enum status status = read_key(file, key, err);
	bool ends = false;
	*available = NOWHERE;
	for (unsigned n = 0; n < TABLES && !ends && !status; n++, key[0]++) {
		off_t offset;
		status = find_place(n, key, record, &offset, err);
		if (!status)
			status = look(file, offset, record, oldest, available, &ends, err);
	}
	if (!status && *available == NOWHERE)
		return error_set(err, ERR_FILE,
			"the replay cache %s is full: no further table fits into 2 GiB, and no "
			"record is old enough to give way; remove the file once its records have "
			"outlived the clock skew allowed",
			file->path);
	return status;
}

enum status replay_table_store(const struct replay_file *file, const struct replay_record *record,
	int64_t oldest, struct error *err)
{
	off_t available;
	enum status status = find_available(file, record, oldest, &available, err);
	if (status)
		return status;
	unsigned char octets[RECORD_LENGTH];
	memcpy(octets, record->tag, REPLAY_TAG_LENGTH);
	store_u32(octets + REPLAY_TAG_LENGTH, record->time);
	return write_at(file, available, octets, sizeof octets, err);
}

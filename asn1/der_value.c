/* The simple types of der_type.h: each one's reader and writer, side by side. */
#include "asn1/der_type.h"

#include <inttypes.h>

#include "asn1/der_read.h"
#include "asn1/der_write.h"
#include "base/text.h"
#include "base/timestamp.h"

#define UNUSED __attribute__((unused))

/* Two's complement, already known to be minimal. */
static enum status read_integer(const struct der_reading *r, int64_t min, int64_t max, int64_t *out)
{
	struct slice content = r->element.content;
	if (content.len > sizeof *out)
		return error_set(r->err, ERR_SYNTAX,
			"an integer of %zu octets, where %" PRId64 " to %" PRId64 " is expected",
			content.len, min, max);
	uint64_t bits = content.data[0] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < content.len; i++)
		bits = bits << 8 | content.data[i];
	*out = (int64_t)bits;
	if (*out < min || *out > max)
		return error_set(r->err, ERR_SYNTAX,
			"%" PRId64 ", where %" PRId64 " to %" PRId64 " is expected", *out, min,
			max);
	return STATUS_OK;
}

static void put_integer(struct der_writer *w, int64_t value)
{
	unsigned char octets[sizeof value];
	size_t start = sizeof octets;
	int64_t rest = value;
	do {
		octets[--start] = (unsigned char)rest;
		rest >>= 8;
	} while (rest != (octets[start] & 0x80 ? -1 : 0));
	der_put(w, slice_of(octets + start, sizeof octets - start));
	der_put_header(w, TAG_INTEGER, sizeof octets - start);
}

static enum status int32_read(const struct der_reading *r, const struct der_type *type, void *value)
{
	int64_t number;
	enum status status = read_integer(r, type->range.min, type->range.max, &number);
	if (status)
		return status;
	*(int32_t *)value = (int32_t)number;
	return STATUS_OK;
}

static enum status int32_write(struct der_writer *w, const struct der_type *type, const void *value)
{
	int32_t number = *(const int32_t *)value;
	if (number < type->range.min || number > type->range.max)
		return error_set(w->err, ERR_SYNTAX,
			"%" PRId32 ", where %" PRId64 " to %" PRId64 " can be sent", number,
			type->range.min, type->range.max);
	put_integer(w, number);
	return STATUS_OK;
}

const struct der_type der_int32 = {
	TAG_INTEGER, int32_read, int32_write, .range = {INT32_MIN, INT32_MAX}};
const struct der_type der_microseconds = {
	TAG_INTEGER, int32_read, int32_write, .range = {0, 999999}};

static enum status uint32_read(
	const struct der_reading *r, const struct der_type *type, void *value)
{
	int64_t number;
	enum status status = read_integer(r, type->range.min, type->range.max, &number);
	if (status)
		return status;
	*(uint32_t *)value = (uint32_t)number;
	return STATUS_OK;
}

static enum status uint32_write(
	struct der_writer *w, const struct der_type *type UNUSED, const void *value)
{
	put_integer(w, *(const uint32_t *)value);
	return STATUS_OK;
}

const struct der_type der_uint32 = {
	TAG_INTEGER, uint32_read, uint32_write, .range = {INT32_MIN, UINT32_MAX}};

enum status der_constant_read(
	const struct der_reading *r, const struct der_type *type, void *value UNUSED)
{
	int64_t number;
	enum status status = read_integer(r, INT32_MIN, INT32_MAX, &number);
	if (status)
		return status;
	if (number != type->constant.value)
		return error_set(r->err, type->constant.otherwise,
			"%" PRId64 ", where %d is expected", number, type->constant.value);
	return STATUS_OK;
}

enum status der_constant_write(
	struct der_writer *w, const struct der_type *type, const void *value UNUSED)
{
	put_integer(w, type->constant.value);
	return STATUS_OK;
}

static enum status time_read(
	const struct der_reading *r, const struct der_type *type UNUSED, void *value)
{
	if (!kerberos_time_parse(r->element.content, value))
		return error_set(r->err, ERR_SYNTAX,
			"\"%s\", where a time as YYYYMMDDHHMMSSZ is expected",
			TEXT(r->element.content));
	return STATUS_OK;
}

static enum status time_write(
	struct der_writer *w, const struct der_type *type UNUSED, const void *value)
{
	int64_t seconds = *(const int64_t *)value;
	char text[KERBEROS_TIME_LEN + 1];
	if (!kerberos_time_format(seconds, text))
		return error_set(w->err, ERR_SYNTAX,
			"%" PRId64 " s from 1970, where only years 0 to 9999 can be sent", seconds);
	der_put(w, slice_of(text, KERBEROS_TIME_LEN));
	der_put_header(w, TAG_GENERALIZED_TIME, KERBEROS_TIME_LEN);
	return STATUS_OK;
}

const struct der_type der_time = {TAG_GENERALIZED_TIME, time_read, time_write, {NULL}};

/* RFC 4120 section 5.2.8: the first content octet counts unused bits, four or more follow. */
static enum status flags_read(
	const struct der_reading *r, const struct der_type *type UNUSED, void *value)
{
	struct reader bits = reader_of(r->element.content);
	unsigned unused = read_u8(&bits);
	size_t count = 8 * bits.rest.len - unused;
	if (count < 32)
		return error_set(r->err, ERR_SYNTAX,
			"a bit string of %zu bits, where 32 or more are expected", count);
	*(uint32_t *)value = read_u32(&bits);
	return STATUS_OK;
}

static enum status flags_write(
	struct der_writer *w, const struct der_type *type UNUSED, const void *value)
{
	unsigned char content[5] = {0};
	store_u32(content + 1, *(const uint32_t *)value);
	der_put(w, slice_of(content, sizeof content));
	der_put_header(w, TAG_BIT_STRING, sizeof content);
	return STATUS_OK;
}

const struct der_type der_flags = {TAG_BIT_STRING, flags_read, flags_write, {NULL}};

static enum status slice_read(
	const struct der_reading *r, const struct der_type *type UNUSED, void *value)
{
	*(struct slice *)value = r->element.content;
	return STATUS_OK;
}

static enum status slice_write(struct der_writer *w, const struct der_type *type, const void *value)
{
	const struct slice *octets = value;
	der_put(w, *octets);
	der_put_header(w, type->tag, octets->len);
	return STATUS_OK;
}

const struct der_type der_octets = {TAG_OCTET_STRING, slice_read, slice_write, {NULL}};
const struct der_type der_string = {TAG_GENERAL_STRING, slice_read, slice_write, {NULL}};

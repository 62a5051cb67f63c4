/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * framing_stand_ins.h - a stream of packets under a mechanism that leaves them
 * as they are. The program that includes this has a malloc(), calloc() and
 * strdup() of its own, which count, and fail when they are told to; other
 * libraries keep theirs. To be included behind <cmocka.h>.
 */
#ifndef TESTS_SUPPORT_FRAMING_STAND_INS_H
#define TESTS_SUPPORT_FRAMING_STAND_INS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "sasl/framing.h"

#define UNUSED __attribute__((unused))
#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

/* ---- memory ---- */

static size_t largest;         /* octets that were asked for at once */
static unsigned asked;         /* how often */
static unsigned fail_at;       /* this time there is none; 0: there always is */
static void *volatile nothing; /* so that realloc(NULL) is not made malloc() again */

#define OURS __attribute__((visibility("hidden")))

static inline bool is_out_of_memory(size_t len)
{
	largest = len > largest ? len : largest;
	return ++asked == fail_at;
}

OURS void *malloc(size_t len)
{
	return is_out_of_memory(len) ? NULL : realloc(nothing, len);
}

OURS void *calloc(size_t count, size_t size)
{
	void *data = is_out_of_memory(count * size) ? NULL : realloc(nothing, count * size);
	return data ? memset(data, 0, count * size) : NULL;
}

OURS char *strdup(const char *string)
{
	size_t len = strlen(string) + 1;
	char *copy = is_out_of_memory(len) ? NULL : realloc(nothing, len);
	return copy ? memcpy(copy, string, len) : NULL;
}

static inline void count_memory(unsigned failing)
{
	largest = asked = 0;
	fail_at = failing;
}

/* ---- a mechanism ---- */

static unsigned packets; /* that it was given */

static enum status protect(void *arg UNUSED, const struct slice *pieces, size_t count,
	struct buffer *out, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_equal(pieces[i], SLICE_LITERAL("not this")))
			return error_set(err, ERR_CRYPTO, "the cipher failed");
		if (buffer_append(out, pieces[i]))
			return error_no_memory(err);
	}
	return STATUS_OK;
}

static enum status unprotect(void *arg UNUSED, struct slice packet, struct buffer *storage,
	struct buffer *out, struct error *err)
{
	packets++;
	if (slice_equal(packet, SLICE_LITERAL("changed")))
		return error_set(err, KRB_AP_ERR_MODIFIED, "packet %u has been changed", packets);
	if (slice_equal(packet, SLICE_LITERAL("malformed")))
		return error_set(err, ERR_SYNTAX, "packet %u is malformed", packets);
	buffer_clear(storage);
	if (buffer_append(storage, packet) || buffer_append(out, buffer_slice(storage)))
		return error_no_memory(err);
	return STATUS_OK;
}

static const struct framing_mechanism identity = {protect, unprotect};

/* ---- what libsasl2 is told ---- */

static char detail[1200], logged[1200];
static unsigned lines;

__attribute__((format(printf, 3, 4))) static void set_error(
	sasl_conn_t *conn UNUSED, unsigned flags, const char *fmt, ...)
{
	assert_int_equal(flags, SASL_NOLOG);
	va_list args;
	va_start(args, fmt);
	vsnprintf(detail, sizeof detail, fmt, args);
	va_end(args);
}

__attribute__((format(printf, 3, 4))) static void write_log(
	sasl_conn_t *conn UNUSED, int level, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int head = snprintf(logged, sizeof logged, "%d ", level);
	vsnprintf(logged + head, sizeof logged - (size_t)head, fmt, args);
	va_end(args);
	lines++;
}

enum { MAX = 70000 };

static inline struct framing open_framing(void)
{
	static const sasl_utils_t utils = {.log = write_log, .seterror = set_error};
	static const struct logger logger = {&utils, SASL_LOG_FAIL, "TEST"};
	packets = lines = 0;
	detail[0] = logged[0] = '\0';
	count_memory(0);
	return (struct framing){.mechanism = &identity, .log = &logger, .max_packet = MAX};
}

/* ---- a stream ---- */

static unsigned char pattern[MAX + 1];

static inline struct slice data_of(size_t len)
{
	for (size_t i = 0; i < sizeof pattern && pattern[1] == 0; i++)
		pattern[i] = (unsigned char)(i * 7 + i / 251);
	return slice_of(pattern, len);
}

static inline void append(struct buffer *buffer, struct slice s)
{
	assert_int_equal(buffer_append(buffer, s), STATUS_OK);
}

static inline void append_header(struct buffer *stream, uint32_t len)
{
	unsigned char header[4];
	store_u32(header, len);
	append(stream, slice_of(header, sizeof header));
}

static inline void append_packet(struct buffer *stream, struct slice data)
{
	append_header(stream, (uint32_t)data.len);
	append(stream, data);
}

static inline int decode(struct framing *framing, struct slice in, struct slice *out)
{
	const char *data = "";
	unsigned len = 99;
	int result = framing_decode(framing, (const char *)in.data, (unsigned)in.len, &data, &len);
	*out = slice_of(data, len);
	return result;
}

static inline void feed(struct framing *framing, struct slice in, struct buffer *got)
{
	struct slice out;
	int result = decode(framing, in, &out);
	if (result != SASL_OK)
		fail_msg("%d: %s", result, detail);
	append(got, out);
}

static inline struct slice part(const struct buffer *stream, size_t from, size_t to)
{
	return slice_of(stream->data + from, to - from);
}

static inline int encode(
	struct framing *framing, const struct iovec *pieces, unsigned count, struct slice *out)
{
	const char *data = "";
	unsigned len = 99;
	int result = framing_encode(framing, pieces, count, &data, &len);
	*out = slice_of(data, len);
	return result;
}

static inline struct iovec iovec_of(struct slice s)
{
	return (struct iovec){(void *)(uintptr_t)s.data, s.len};
}

static inline int encode_one(struct framing *framing, struct slice data, struct slice *out)
{
	const struct iovec piece = iovec_of(data);
	return encode(framing, &piece, 1, out);
}

#endif

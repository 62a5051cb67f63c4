/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * channel_line.h - what the tests of ap/channel.h and gss/gss_message.h share:
 * both ends of a line on which protected messages go, of every kind that they
 * are about and for every encryption type.
 */
#ifndef TESTS_SUPPORT_CHANNEL_LINE_H
#define TESTS_SUPPORT_CHANNEL_LINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ap/channel.h"
#include "asn1/der.h"
#include "tests/support/exchange.h"
#include "tests/support/offered.h"
#include "tests/support/assertions.h"
#include "tests/support/closing.h"

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

/* What a case runs with. */
struct kind {
	int32_t enctype;
	bool private;
	const struct protections *mechanism;
	const struct protection *protection, *other; /* the other one of the same mechanism */
};

/* Both ends, and the storage of the one that reads. */
struct line {
	bool private;
	const struct protection *protection, *other;
	struct channel client, server;
	struct buffer storage, got;
	struct error err;
};

static inline struct ap_context context_of(
	int32_t enctype, uint32_t client_seq, uint32_t server_seq)
{
	return (struct ap_context){
		.session_key = exchange_key(enctype, 'k'),
		.has_initiator_seq = true,
		.initiator_seq = client_seq,
		.has_acceptor_seq = true,
		.acceptor_seq = server_seq,
	};
}

static inline void line_open_at(
	struct line *line, const struct kind *kind, uint32_t client_seq, uint32_t server_seq)
{
	*line = (struct line){
		.private = kind->private, .protection = kind->protection, .other = kind->other};
	AUTO_AP_CONTEXT context = context_of(kind->enctype, client_seq, server_seq);
	assert_int_equal(channel_open(&context, true, &line->client, &line->err), STATUS_OK);
	assert_int_equal(channel_open(&context, false, &line->server, &line->err), STATUS_OK);
}

static inline void line_open(struct line *line, const struct kind *kind)
{
	line_open_at(line, kind, 1000, 2000);
}

static inline void line_close(struct line *line)
{
	channel_close(&line->client);
	channel_close(&line->server);
	buffer_free(&line->storage);
	buffer_free(&line->got);
}

static inline void make_pieces(struct line *line, struct channel *from, const struct slice *pieces,
	size_t count, struct buffer *out)
{
	if (line->protection->make(from, pieces, count, out, &line->err))
		fail_msg("%s", line->err.text);
}

static inline void make(
	struct line *line, struct channel *from, struct slice data, struct buffer *out)
{
	make_pieces(line, from, &data, 1, out);
}

static inline enum status read_into_got(struct line *line, struct channel *to, struct slice message)
{
	buffer_clear(&line->got);
	line->err = (struct error){0};
	return line->protection->read(to, message, &line->storage, &line->got, &line->err);
}

static inline void expect(
	struct line *line, struct channel *to, struct slice message, struct slice data)
{
	if (read_into_got(line, to, message))
		fail_msg("%s", line->err.text);
	assert_int_equal(line->got.len, data.len);
	assert_true(slice_equal(buffer_slice(&line->got), data));
}

static inline void check_status(
	enum status status, const struct error *err, enum status expected, const char *text)
{
	if (status != expected)
		fail_msg("%d, expected %d: %s", status, expected, status ? err->text : "success");
	assert_in(err->text, text);
}

/* Refused for this reason; nothing was read, nor left behind, and the channel is as it was. */
static inline void expect_refusal(struct line *line, struct channel *to, struct slice message,
	enum status status, const char *text)
{
	const struct channel before = *to;
	assert_int_equal(buffer_reserve(&line->got, message.len), STATUS_OK);
	check_status(read_into_got(line, to, message), &line->err, status, text);
	assert_int_equal(line->got.len, 0);
	for (size_t i = 0; i < line->got.capacity; i++)
		assert_int_equal(line->got.data[i], 0);
	assert_memory_equal(to, &before, sizeof before);
}

static unsigned char pattern[200000];

static inline struct slice data_of(size_t len)
{
	for (size_t i = 0; i < sizeof pattern && pattern[1] == 0; i++)
		pattern[i] = (unsigned char)(i * 7 + i / 251);
	assert_uint_in_range(len, 0, sizeof pattern);
	return slice_of(pattern, len);
}

/* Each for every encryption type, with integrity and with privacy. */
struct channel_case {
	const char *name;
	CMUnitTestFunction function;
};

#define CASE(function)                                                                             \
	{                                                                                          \
#function, function                                                                \
	}

enum { KINDS = 2 * COUNT_OF(enctypes), NAME_ROOM = 120 };

/* KINDS tests of each of `count` cases, and their names, without those of types not offered.
 * `kinds` is memory for what they run with.
 */
static inline void make_tests(const struct channel_case *cases, size_t count,
	const struct protections *protections, struct kind kinds[KINDS], struct CMUnitTest *tests,
	char (*names)[NAME_ROOM])
{
	for (size_t k = 0; k < KINDS; k++) {
		bool private = k % 2;
		kinds[k] = (struct kind){
			.enctype = enctypes[k / 2],
			.private = private,
			.mechanism = protections,
			.protection = private ? protections->privacy : protections->integrity,
			.other = private ? protections->integrity : protections->privacy,
		};
	}
	for (size_t i = 0; i < count * KINDS; i++) {
		struct kind *kind = &kinds[i % KINDS];
		snprintf(names[i], NAME_ROOM, "%s (%s, %s)", cases[i / KINDS].name,
			kind->protection->name, ENCTYPE_TEXT(kind->enctype));
		tests[i] = (struct CMUnitTest){if_offered(kind->enctype, names[i]),
			cases[i / KINDS].function, NULL, NULL, kind};
	}
}

#endif

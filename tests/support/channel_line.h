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

struct ap_context context_of(int32_t enctype, uint32_t client_seq, uint32_t server_seq);

void line_open_at(
	struct line *line, const struct kind *kind, uint32_t client_seq, uint32_t server_seq);

void line_open(struct line *line, const struct kind *kind);

void line_close(struct line *line);

void make_pieces(struct line *line, struct channel *from, const struct slice *pieces, size_t count,
	struct buffer *out);

void make(struct line *line, struct channel *from, struct slice data, struct buffer *out);

enum status read_into_got(struct line *line, struct channel *to, struct slice message);

void expect(struct line *line, struct channel *to, struct slice message, struct slice data);

void check_status(
	enum status status, const struct error *err, enum status expected, const char *text);

/* Refused for this reason; nothing was read, nor left behind, and the channel is as it was. */
void expect_refusal(struct line *line, struct channel *to, struct slice message, enum status status,
	const char *text);

extern unsigned char pattern[200000];

struct slice data_of(size_t len);

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
void make_tests(const struct channel_case *cases, size_t count,
	const struct protections *protections, struct kind kinds[KINDS], struct CMUnitTest *tests,
	char (*names)[NAME_ROOM]);

#endif

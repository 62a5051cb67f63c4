/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/channel_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct ap_context context_of(int32_t enctype, uint32_t client_seq, uint32_t server_seq)
{
	return (struct ap_context){
		.session_key = exchange_key(enctype, 'k'),
		.has_initiator_seq = true,
		.initiator_seq = client_seq,
		.has_acceptor_seq = true,
		.acceptor_seq = server_seq,
	};
}

void line_open_at(
	struct line *line, const struct kind *kind, uint32_t client_seq, uint32_t server_seq)
{
	*line = (struct line){
		.private = kind->private, .protection = kind->protection, .other = kind->other};
	AUTO_AP_CONTEXT context = context_of(kind->enctype, client_seq, server_seq);
	assert_int_equal(channel_open(&context, true, &line->client, &line->err), STATUS_OK);
	assert_int_equal(channel_open(&context, false, &line->server, &line->err), STATUS_OK);
}

void line_open(struct line *line, const struct kind *kind)
{
	line_open_at(line, kind, 1000, 2000);
}

void line_close(struct line *line)
{
	channel_close(&line->client);
	channel_close(&line->server);
	buffer_free(&line->storage);
	buffer_free(&line->got);
}

void make_pieces(struct line *line, struct channel *from, const struct slice *pieces, size_t count,
	struct buffer *out)
{
	if (line->protection->make(from, pieces, count, out, &line->err))
		fail_msg("%s", line->err.text);
}

void make(struct line *line, struct channel *from, struct slice data, struct buffer *out)
{
	make_pieces(line, from, &data, 1, out);
}

enum status read_into_got(struct line *line, struct channel *to, struct slice message)
{
	buffer_clear(&line->got);
	line->err = (struct error){0};
	return line->protection->read(to, message, &line->storage, &line->got, &line->err);
}

void expect(struct line *line, struct channel *to, struct slice message, struct slice data)
{
	if (read_into_got(line, to, message))
		fail_msg("%s", line->err.text);
	assert_int_equal(line->got.len, data.len);
	assert_true(slice_equal(buffer_slice(&line->got), data));
}

void check_status(
	enum status status, const struct error *err, enum status expected, const char *text)
{
	if (status != expected)
		fail_msg("%d, expected %d: %s", status, expected, status ? err->text : "success");
	assert_in(err->text, text);
}

void expect_refusal(struct line *line, struct channel *to, struct slice message, enum status status,
	const char *text)
{
	const struct channel before = *to;
	assert_int_equal(buffer_reserve(&line->got, message.len), STATUS_OK);
	check_status(read_into_got(line, to, message), &line->err, status, text);
	assert_int_equal(line->got.len, 0);
	for (size_t i = 0; i < line->got.capacity; i++)
		assert_int_equal(line->got.data[i], 0);
	assert_memory_equal(to, &before, sizeof before);
}

unsigned char pattern[200000];

struct slice data_of(size_t len)
{
	for (size_t i = 0; i < sizeof pattern && pattern[1] == 0; i++)
		pattern[i] = (unsigned char)(i * 7 + i / 251);
	assert_uint_in_range(len, 0, sizeof pattern);
	return slice_of(pattern, len);
}

void make_tests(const struct channel_case *cases, size_t count,
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

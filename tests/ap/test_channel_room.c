/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KRB-SAFE and KRB-PRIV, and GSS-API's Wrap tokens, between two sides, for
 * every encryption type: how long a message is, how much data fits, and what is
 * too much.
 */
#include "tests/support/channel_line.h"

#include "gss/gss_message.h"
#include "tests/support/suite.h"

/* The length of an element around so much, by X.690 section 8.1.3. */
static size_t element(size_t content)
{
	size_t octets = 1;
	if (content > 0x7f)
		for (size_t rest = content; rest > 0; rest >>= 8)
			octets++;
	return 1 + octets + content;
}

/* In a field of a number, under its own tag. */
static size_t field(size_t content)
{
	return element(element(content));
}

static size_t wrap_length(const struct kind *kind, size_t data)
{
	const struct enctype *type = enctype_usable(kind->enctype);
	size_t added = kind->private ? enctype_overhead(type) + 16 : enctype_checksum_length(type);
	return 16 + data + added;
}

/* The whole message with so much data, and a sequence number of so many octets. */
static size_t message_length(const struct kind *kind, size_t data, size_t seq_octets)
{
	if (kind->mechanism == &gss_protections)
		return wrap_length(kind, data);
	const struct enctype *type = enctype_usable(kind->enctype);
	size_t address = element(element(field(1) + field(4)));
	size_t body = element(field(data) + field(seq_octets) + address);
	size_t constants = field(1) + field(1);
	if (kind->private) {
		size_t cipher = element(body) + enctype_overhead(type);
		return element(element(constants + element(element(field(1) + field(cipher)))));
	}
	size_t checksum = element(field(1) + field(enctype_checksum_length(type)));
	return element(element(constants + element(body) + element(checksum)));
}

static void the_length_of_a_message_is_what_one_would_think(void **state)
{
	static const uint32_t numbers[] = {
		0, 127, 128, 32767, 32768, 8388607, 8388608, 0x7fffffff, 0x80000000, 0xfffffffe};
	static const size_t octets[] = {1, 1, 2, 2, 3, 3, 4, 4, 5, 5};
	struct line line;
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		line_open_at(&line, *state, numbers[i], numbers[i]);
		for (size_t len = 0; len < 300; len += len < 60 ? 1 : 13) {
			AUTO_BUFFER message = {0};
			line.client.send_seq = numbers[i];
			make(&line, &line.client, data_of(len), &message);
			assert_int_equal(message.len, message_length(*state, len, octets[i]));
		}
		line_close(&line);
	}
}

static void check_room(const struct kind *kind, size_t limit)
{
	const struct enctype *type = enctype_usable(kind->enctype);
	size_t room = protection_room(kind->protection, type, limit);
	size_t least = limit < CHANNEL_MAX_MESSAGE ? limit : CHANNEL_MAX_MESSAGE;
	for (size_t octets = 1; room > 0 && octets <= 5; octets++)
		if (message_length(kind, room, octets) > least)
			fail_msg("limit %zu: %zu octets do not fit", limit, room);
	if (message_length(kind, room + 1, 5) <= least)
		fail_msg("limit %zu: more than %zu octets fit", limit, room);
}

static void the_room_for_data_is_exact(void **state)
{
	static const size_t around[] = {512, 1000, 4096, 65535, 65536, 65700, 100000, 1 << 24,
		(1 << 24) + 150, CHANNEL_MAX_MESSAGE, INT32_MAX, UINT32_MAX};
	for (size_t limit = 0; limit <= 400; limit++)
		check_room(*state, limit);
	for (size_t i = 0; i < COUNT_OF(around); i++)
		for (size_t limit = around[i] - 20; limit <= around[i] + 150; limit++)
			check_room(*state, limit);
}

static void what_has_room_can_be_made(void **state)
{
	const struct kind *kind = *state;
	const struct enctype *type = enctype_usable(kind->enctype);
	struct line line;
	line_open_at(&line, kind, UINT32_MAX, UINT32_MAX);
	for (size_t limit = 100; limit < 70000; limit += limit < 400 ? 1 : 9973) {
		AUTO_BUFFER message = {0};
		size_t room = protection_room(kind->protection, type, limit);
		line.client.send_seq = UINT32_MAX;
		make(&line, &line.client, data_of(room), &message);
		assert_true(room == 0 || message.len <= limit);
		line.server.receive_seq = UINT32_MAX;
		expect(&line, &line.server, buffer_slice(&message), data_of(room));
		buffer_clear(&message);
		line.client.send_seq = UINT32_MAX;
		make(&line, &line.client, data_of(room + 1), &message);
		assert_true(message.len > limit);
	}
	line_close(&line);
}

static void what_is_too_much_is_refused_before_it_is_looked_at(void **state)
{
	struct line line;
	line_open(&line, *state);
	const struct slice pieces[] = {
		SLICE_LITERAL("x"), {pattern, CHANNEL_MAX_MESSAGE}, {pattern, SIZE_MAX}};
	AUTO_BUFFER message = {0};
	for (size_t i = 0; i < 2; i++) {
		enum status status =
			line.protection->make(&line.client, pieces + i, 2, &message, &line.err);
		check_status(status, &line.err, ERR_SYNTAX,
			"a message of more than 1073741824 octets cannot be protected");
	}
	assert_null(message.data);
	assert_int_equal(line.client.send_seq, 1000);
	line_close(&line);
}

static const struct channel_case cases[] = {
	CASE(the_length_of_a_message_is_what_one_would_think),
	CASE(the_room_for_data_is_exact),
	CASE(what_has_room_can_be_made),
	CASE(what_is_too_much_is_refused_before_it_is_looked_at),
};

enum { GENERATED = COUNT_OF(cases) * KINDS };

SUITE(test_channel_room)
{
	static char names[2 * GENERATED][NAME_ROOM];
	static struct kind kinds[2][KINDS];
	static struct CMUnitTest tests[2 * GENERATED];
	cmocka_set_message_output(CM_OUTPUT_TAP);
	make_tests(cases, COUNT_OF(cases), &krb_protections, kinds[0], tests, names);
	make_tests(cases, COUNT_OF(cases), &gss_protections, kinds[1], tests + GENERATED,
		names + GENERATED);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

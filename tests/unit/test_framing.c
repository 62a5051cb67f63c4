/*
 * A stream of packets under a mechanism that leaves them as they are. This
 * program has a malloc(), calloc() and strdup() of its own, which count, and fail
 * when they are told to; other libraries keep theirs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include <cmocka.h>

#include "sasl/framing.h"
#include "tests/unit/refusal.h"

#define UNUSED __attribute__((unused))
#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

/* ---- memory ---- */

static size_t largest;         /* octets that were asked for at once */
static unsigned asked;         /* how often */
static unsigned fail_at;       /* this time there is none; 0: there always is */
static void *volatile nothing; /* so that realloc(NULL) is not made malloc() again */

#define OURS __attribute__((visibility("hidden")))

static bool is_out_of_memory(size_t len)
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

static void count_memory(unsigned failing)
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

static struct framing open_framing(void)
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

static struct slice data_of(size_t len)
{
	for (size_t i = 0; i < sizeof pattern && pattern[1] == 0; i++)
		pattern[i] = (unsigned char)(i * 7 + i / 251);
	return slice_of(pattern, len);
}

static void append(struct buffer *buffer, struct slice s)
{
	assert_int_equal(buffer_append(buffer, s), STATUS_OK);
}

static void append_header(struct buffer *stream, uint32_t len)
{
	unsigned char header[4];
	store_u32(header, len);
	append(stream, slice_of(header, sizeof header));
}

static void append_packet(struct buffer *stream, struct slice data)
{
	append_header(stream, (uint32_t)data.len);
	append(stream, data);
}

static int decode(struct framing *framing, struct slice in, struct slice *out)
{
	const char *data = "";
	unsigned len = 99;
	int result = framing_decode(framing, (const char *)in.data, (unsigned)in.len, &data, &len);
	*out = slice_of(data, len);
	return result;
}

static void feed(struct framing *framing, struct slice in, struct buffer *got)
{
	struct slice out;
	int result = decode(framing, in, &out);
	if (result != SASL_OK)
		fail_msg("%d: %s", result, detail);
	append(got, out);
}

static struct slice part(const struct buffer *stream, size_t from, size_t to)
{
	return slice_of(stream->data + from, to - from);
}

static int encode(
	struct framing *framing, const struct iovec *pieces, unsigned count, struct slice *out)
{
	const char *data = "";
	unsigned len = 99;
	int result = framing_encode(framing, pieces, count, &data, &len);
	*out = slice_of(data, len);
	return result;
}

static struct iovec iovec_of(struct slice s)
{
	return (struct iovec){(void *)(uintptr_t)s.data, s.len};
}

static int encode_one(struct framing *framing, struct slice data, struct slice *out)
{
	const struct iovec piece = iovec_of(data);
	return encode(framing, &piece, 1, out);
}

/* ---- out ---- */

static void a_packet_has_its_length_before_it(void **state UNUSED)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 255, 256, 1000, 4096, 65535, 65536, MAX};
	struct framing framing = open_framing();
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		AUTO_BUFFER expected = {0};
		struct slice out;
		append_packet(&expected, data_of(sizes[i]));
		assert_int_equal(encode_one(&framing, data_of(sizes[i]), &out), SASL_OK);
		assert_true(slice_equal(out, buffer_slice(&expected)));
	}
	framing_close(&framing);
}

static void pieces_are_gathered(void **state UNUSED)
{
	static const unsigned counts[] = {1, 2, 15, 16, 17, 100, 1000};
	static struct iovec pieces[1000];
	struct framing framing = open_framing();
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		size_t len = 0;
		for (unsigned p = 0; p < counts[i]; p++) {
			pieces[p] = iovec_of(slice_of(data_of(MAX).data + len, p % 5));
			len += p % 5;
		}
		AUTO_BUFFER expected = {0};
		struct slice out;
		append_packet(&expected, data_of(len));
		assert_int_equal(encode(&framing, pieces, counts[i], &out), SASL_OK);
		assert_true(slice_equal(out, buffer_slice(&expected)));
	}
	framing_close(&framing);
}

static void few_pieces_need_no_memory_of_their_own(void **state UNUSED)
{
	struct iovec pieces[16];
	for (unsigned i = 0; i < 16; i++)
		pieces[i] = iovec_of(SLICE_LITERAL("x"));
	struct framing framing = open_framing();
	struct slice out;
	assert_int_equal(encode(&framing, pieces, 16, &out), SASL_OK);
	count_memory(0);
	assert_int_equal(encode(&framing, pieces, 16, &out), SASL_OK);
	assert_int_equal(asked, 0);
	framing_close(&framing);
}

/* ---- in ---- */

/* Three packets of this many octets; `expected` is what is in them. */
static void three_packets(
	size_t a, size_t b, size_t c, struct buffer *stream, struct buffer *expected)
{
	const size_t sizes[] = {a, b, c};
	for (size_t i = 0; i < 3; i++) {
		append_packet(stream, data_of(sizes[i]));
		append(expected, data_of(sizes[i]));
	}
}

static void one_octet_at_a_time(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	AUTO_BUFFER expected = {0};
	AUTO_BUFFER got = {0};
	three_packets(1, 300, 0, &stream, &expected);
	struct framing framing = open_framing();
	for (size_t i = 0; i < stream.len; i++)
		feed(&framing, part(&stream, i, i + 1), &got);
	assert_true(slice_equal(buffer_slice(&got), buffer_slice(&expected)));
	assert_int_equal(packets, 3);
	framing_close(&framing);
}

static void data_come_with_the_last_octet_of_their_packet(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_packet(&stream, data_of(20));
	struct framing framing = open_framing();
	for (size_t i = 0; i < stream.len; i++) {
		assert_int_equal(decode(&framing, part(&stream, i, i + 1), &out), SASL_OK);
		assert_int_equal(out.len, i == stream.len - 1 ? 20 : 0);
	}
	assert_int_equal(decode(&framing, SLICE_LITERAL(""), &out), SASL_OK);
	assert_int_equal(out.len, 0);
	framing_close(&framing);
}

static void cut_anywhere(size_t a, size_t b, size_t c)
{
	AUTO_BUFFER stream = {0};
	AUTO_BUFFER expected = {0};
	three_packets(a, b, c, &stream, &expected);
	for (size_t i = 0; i <= stream.len; i++)
		for (size_t j = i; j <= stream.len; j++) {
			AUTO_BUFFER got = {0};
			struct framing framing = open_framing();
			feed(&framing, part(&stream, 0, i), &got);
			feed(&framing, part(&stream, i, j), &got);
			feed(&framing, part(&stream, j, stream.len), &got);
			if (!slice_equal(buffer_slice(&got), buffer_slice(&expected)))
				fail_msg("cut at %zu and %zu", i, j);
			framing_close(&framing);
		}
}

static void the_stream_may_be_cut_anywhere(void **state UNUSED)
{
	cut_anywhere(10, 20, 15);
	cut_anywhere(1, 0, 0);
	cut_anywhere(0, 0, 33);
	cut_anywhere(5, 1, 1);
}

static void many_packets_may_come_at_once(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	AUTO_BUFFER expected = {0};
	AUTO_BUFFER got = {0};
	for (size_t i = 0; i < 500; i++) {
		append_packet(&stream, data_of(i));
		append(&expected, data_of(i));
	}
	struct framing framing = open_framing();
	feed(&framing, part(&stream, 0, stream.len - 3), &got);
	assert_int_equal(packets, 499);
	feed(&framing, part(&stream, stream.len - 3, stream.len), &got);
	assert_int_equal(packets, 500);
	assert_true(slice_equal(buffer_slice(&got), buffer_slice(&expected)));
	framing_close(&framing);
}

static void big_packets_may_come_in_any_portions(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	AUTO_BUFFER expected = {0};
	three_packets(MAX, 40000, MAX, &stream, &expected);
	for (size_t portion = 1021; portion < stream.len; portion += 4001) {
		AUTO_BUFFER got = {0};
		struct framing framing = open_framing();
		for (size_t i = 0; i < stream.len; i += portion)
			feed(&framing,
				part(&stream, i,
					i + portion < stream.len ? i + portion : stream.len),
				&got);
		assert_true(slice_equal(buffer_slice(&got), buffer_slice(&expected)));
		framing_close(&framing);
	}
}

/* ---- lengths ---- */

static void check_announced(uint32_t len, size_t portion)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	char expected[100];
	append_header(&stream, len);
	append(&stream, SLICE_LITERAL("whatever comes then"));
	struct framing framing = open_framing();
	snprintf(expected, sizeof expected,
		"a packet of %u octets is announced, %u is the most that was agreed", len, MAX);
	int result = SASL_OK;
	for (size_t i = 0; i < 4 && result == SASL_OK; i += portion)
		result = decode(&framing, part(&stream, i, i + portion), &out);
	assert_int_equal(result, SASL_BADPROT);
	assert_string_equal(detail, expected);
	assert_int_equal(packets, 0);
	assert_true(largest <= sizeof expected);
	framing_close(&framing);
}

static void a_length_above_the_maximum_is_refused(void **state UNUSED)
{
	static const uint32_t lengths[] = {MAX + 1, MAX + 2, 0x00ffffff, 0x3fffffff, 0x40000000,
		0x7fffffff, 0x80000000, 0xfffffffb, 0xfffffffc, 0xffffffff};
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		check_announced(lengths[i], 1);
		check_announced(lengths[i], 4);
		check_announced(lengths[i], 20);
	}
}

static void the_maximum_is_taken(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_packet(&stream, data_of(MAX));
	struct framing framing = open_framing();
	assert_int_equal(decode(&framing, buffer_slice(&stream), &out), SASL_OK);
	assert_true(slice_equal(out, data_of(MAX)));
	framing_close(&framing);
}

static void what_is_announced_costs_no_memory_before_it_comes(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_header(&stream, MAX);
	append(&stream, data_of(2));
	struct framing framing = open_framing();
	assert_int_equal(decode(&framing, buffer_slice(&stream), &out), SASL_OK);
	assert_true(largest < 100);
	framing_close(&framing);
}

/* ---- failures ---- */

static void expect_death(struct framing *framing, int expected, const char *text)
{
	static const struct slice intact = {(const unsigned char *)"\0\0\0\1x", 5};
	unsigned before = packets;
	for (int i = 0; i < 3; i++) {
		struct slice out;
		detail[0] = '\0';
		assert_int_equal(decode(framing, intact, &out), expected);
		assert_string_equal(detail, text);
		assert_null(out.data);
		assert_int_equal(out.len, 0);
		detail[0] = '\0';
		assert_int_equal(encode_one(framing, SLICE_LITERAL("x"), &out), expected);
		assert_string_equal(detail, text);
		assert_null(out.data);
		assert_int_equal(out.len, 0);
	}
	assert_int_equal(packets, before);
	assert_int_equal(lines, 1);
}

static void check_death(struct slice bad, size_t portion, int expected, const char *text)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_packet(&stream, SLICE_LITERAL("good"));
	append_packet(&stream, bad);
	append_packet(&stream, SLICE_LITERAL("good"));
	struct framing framing = open_framing();
	int result = SASL_OK;
	for (size_t i = 0; i < stream.len && result == SASL_OK; i += portion) {
		size_t end = i + portion < stream.len ? i + portion : stream.len;
		result = decode(&framing, part(&stream, i, end), &out);
	}
	assert_int_equal(result, expected);
	assert_null(out.data);
	assert_int_equal(out.len, 0);
	assert_int_equal(packets, 2);
	assert_string_equal(detail, text);
	char line[100];
	snprintf(line, sizeof line, "%d TEST: the security layer failed: %s", SASL_LOG_FAIL, text);
	assert_string_equal(logged, line);
	expect_death(&framing, expected, text);
	assert_null(framing.partial.data);
	assert_null(framing.received.data);
	assert_null(framing.sent.data);
	framing_close(&framing);
}

static void a_changed_packet_is_the_end(void **state UNUSED)
{
	for (size_t portion = 1; portion < 40; portion++)
		check_death(SLICE_LITERAL("changed"), portion, SASL_BADMAC,
			"packet 2 has been changed");
}

static void a_malformed_packet_is_the_end(void **state UNUSED)
{
	check_death(SLICE_LITERAL("malformed"), 1, SASL_BADPROT, "packet 2 is malformed");
	check_death(SLICE_LITERAL("malformed"), 100, SASL_BADPROT, "packet 2 is malformed");
}

static void a_length_that_is_refused_is_the_end(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_header(&stream, UINT32_MAX);
	struct framing framing = open_framing();
	assert_int_equal(decode(&framing, buffer_slice(&stream), &out), SASL_BADPROT);
	expect_death(&framing, SASL_BADPROT,
		"a packet of 4294967295 octets is announced, 70000 is the most that was agreed");
	framing_close(&framing);
}

static void a_failure_to_send_is_the_end(void **state UNUSED)
{
	struct framing framing = open_framing();
	struct slice out;
	assert_int_equal(encode_one(&framing, SLICE_LITERAL("not this"), &out), SASL_BADMAC);
	assert_null(out.data);
	assert_string_equal(detail, "the cipher failed");
	expect_death(&framing, SASL_BADMAC, "the cipher failed");
	framing_close(&framing);
}

/* A whole conversation, in which one allocation fails. Returns whether it did. */
static bool runs_out_of_memory(unsigned at)
{
	AUTO_BUFFER stream = {0};
	struct iovec pieces[40];
	struct slice out;
	append_packet(&stream, data_of(3000));
	append_packet(&stream, data_of(100));
	for (unsigned i = 0; i < 40; i++)
		pieces[i] = iovec_of(data_of(i));
	struct framing framing = open_framing();
	count_memory(at);
	int result = encode(&framing, pieces, 40, &out);
	if (result == SASL_OK)
		result = decode(&framing, part(&stream, 0, 2000), &out);
	if (result == SASL_OK)
		result = decode(&framing, part(&stream, 2000, stream.len), &out);
	bool ran_out = asked >= at;
	assert_int_equal(result, ran_out ? SASL_NOMEM : SASL_OK);
	if (ran_out) {
		assert_null(out.data);
		expect_death(&framing, SASL_NOMEM, "out of memory");
	}
	framing_close(&framing);
	count_memory(0);
	return ran_out;
}

static void want_of_memory_is_the_end(void **state UNUSED)
{
	unsigned at = 1;
	while (runs_out_of_memory(at))
		at++;
	assert_in_range(at, 5, 100);
}

/* Not even for the reason: it is dead nevertheless. */
static void a_reason_without_memory_is_a_reason(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_packet(&stream, SLICE_LITERAL("changed"));
	struct framing framing = open_framing();
	count_memory(1);
	assert_int_equal(decode(&framing, buffer_slice(&stream), &out), SASL_BADMAC);
	assert_int_equal(asked, 1);
	expect_death(&framing, SASL_BADMAC, "out of memory");
	framing_close(&framing);
}

/* ---- between calls ---- */

static size_t kept(const struct framing *framing)
{
	return framing->partial.capacity + framing->sent.capacity + framing->received.capacity +
	       framing->storage.capacity;
}

static void little_memory_is_kept(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	AUTO_BUFFER small = {0};
	struct slice out;
	append_packet(&stream, data_of(MAX));
	append_packet(&small, data_of(5));
	struct framing framing = open_framing();
	assert_int_equal(decode(&framing, part(&stream, 0, 100), &out), SASL_OK);
	assert_int_equal(decode(&framing, part(&stream, 100, stream.len), &out), SASL_OK);
	assert_int_equal(out.len, MAX);
	assert_int_equal(framing.partial.capacity, 0);
	assert_int_equal(framing.storage.capacity, 0);
	assert_int_equal(encode_one(&framing, data_of(MAX), &out), SASL_OK);
	assert_int_equal(decode(&framing, buffer_slice(&small), &out), SASL_OK);
	assert_int_equal(encode_one(&framing, data_of(5), &out), SASL_OK);
	assert_true(kept(&framing) < 1000);
	framing_close(&framing);
	assert_int_equal(kept(&framing), 0);
}

static void small_messages_need_no_new_memory(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_packet(&stream, data_of(900));
	struct framing framing = open_framing();
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(decode(&framing, part(&stream, 0, 600), &out), SASL_OK);
		assert_int_equal(decode(&framing, part(&stream, 600, stream.len), &out), SASL_OK);
		assert_int_equal(encode_one(&framing, data_of(900), &out), SASL_OK);
		if (i == 1)
			count_memory(0);
	}
	assert_int_equal(asked, 0);
	framing_close(&framing);
}

static void what_was_read_is_wiped(void **state UNUSED)
{
	AUTO_BUFFER stream = {0};
	struct slice out;
	append_packet(&stream, SLICE_LITERAL("plain text"));
	struct framing framing = open_framing();
	assert_int_equal(decode(&framing, part(&stream, 0, 6), &out), SASL_OK);
	assert_int_equal(decode(&framing, part(&stream, 6, stream.len), &out), SASL_OK);
	assert_null(memmem(framing.storage.data, framing.storage.capacity, "plain", 5));
	assert_null(memmem(framing.partial.data, framing.partial.capacity, "plain", 5));
	assert_non_null(memmem(framing.received.data, framing.received.capacity, "plain", 5));
	assert_int_equal(decode(&framing, SLICE_LITERAL(""), &out), SASL_OK);
	assert_null(memmem(framing.received.data, framing.received.capacity, "plain", 5));
	framing_close(&framing);
}

static void one_that_was_never_open_can_be_closed(void **state UNUSED)
{
	struct framing framing = {0};
	framing_close(&framing);
	framing_close(&framing);
	assert_int_equal(framing.result, SASL_OK);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_has_its_length_before_it),
		cmocka_unit_test(pieces_are_gathered),
		cmocka_unit_test(few_pieces_need_no_memory_of_their_own),
		cmocka_unit_test(one_octet_at_a_time),
		cmocka_unit_test(data_come_with_the_last_octet_of_their_packet),
		cmocka_unit_test(the_stream_may_be_cut_anywhere),
		cmocka_unit_test(many_packets_may_come_at_once),
		cmocka_unit_test(big_packets_may_come_in_any_portions),
		cmocka_unit_test(a_length_above_the_maximum_is_refused),
		cmocka_unit_test(the_maximum_is_taken),
		cmocka_unit_test(what_is_announced_costs_no_memory_before_it_comes),
		cmocka_unit_test(a_changed_packet_is_the_end),
		cmocka_unit_test(a_malformed_packet_is_the_end),
		cmocka_unit_test(a_length_that_is_refused_is_the_end),
		cmocka_unit_test(a_failure_to_send_is_the_end),
		cmocka_unit_test(want_of_memory_is_the_end),
		cmocka_unit_test(a_reason_without_memory_is_a_reason),
		cmocka_unit_test(little_memory_is_kept),
		cmocka_unit_test(small_messages_need_no_new_memory),
		cmocka_unit_test(what_was_read_is_wiped),
		cmocka_unit_test(one_that_was_never_open_can_be_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

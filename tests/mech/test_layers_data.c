/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The security layers of KERBEROS_V5 through libsasl2's public API: what goes
 * through, how much may be sent, and that damage is the end.
 */
#include "tests/support/layer_fixture.h"
#include "tests/support/suite.h"

#include <string.h>
#include <sys/uio.h>

/* ---- data ---- */

static unsigned char pattern[300000];

static void make_pattern(void)
{
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = (unsigned char)(i * 7 + i / 251);
}

static struct slice encoded(struct peer *from, const void *data, size_t len)
{
	const char *out;
	unsigned out_len;
	if (sasl_encode(from->conn, data, (unsigned)len, &out, &out_len))
		fail_msg("%s", peer_detail(from));
	return slice_of(out, out_len);
}

static void expect_decoded(struct peer *to, struct slice in, const void *data, size_t len)
{
	const char *out;
	unsigned out_len;
	if (sasl_decode(to->conn, (const char *)in.data, (unsigned)in.len, &out, &out_len))
		fail_msg("%s", peer_detail(to));
	assert_int_equal(out_len, len);
	assert_memory_equal(out, data, len);
}

static void both_ways(struct pair *pair, size_t len)
{
	AUTO_BUFFER up = {0};
	AUTO_BUFFER down = {0};
	assert_int_equal(buffer_append(&up, encoded(&pair->client, pattern, len)), STATUS_OK);
	assert_int_equal(buffer_append(&down, encoded(&pair->server, pattern + 1, len)), STATUS_OK);
	expect_decoded(&pair->client, buffer_slice(&down), pattern + 1, len);
	expect_decoded(&pair->server, buffer_slice(&up), pattern, len);
}

/* A setup whose strongest layer has this strength at most. */
static struct pair_setup usual_setup(sasl_ssf_t max)
{
	make_pattern();
	return (struct pair_setup){
		.client = limits(0, max, USUAL_BUFFER),
		.server = limits(0, max, USUAL_BUFFER),
	};
}

static void every_size_goes_both_ways(void **state UNUSED)
{
	static const size_t sizes[] = {1, 15, 16, 17, 1000, 4096, 65000, 65535, 65536, 200000};
	for (size_t e = 0; e < COUNT_OF(enctypes); e++)
		for (sasl_ssf_t max = 1; is_offered(enctypes[e]) && max <= 256; max += 255) {
			session_of(enctypes[e]);
			struct pair_setup how = usual_setup(max);
			struct pair pair;
			pair_open(&pair, &how);
			expect_login(&pair);
			for (size_t i = 0; i < COUNT_OF(sizes); i++)
				both_ways(&pair, sizes[i]);
			both_ways(&pair, number(&pair.client, SASL_MAXOUTBUF));
			pair_close(&pair);
		}
}

static void it_works_where_success_carries_no_data(void **state UNUSED)
{
	struct pair_setup how = usual_setup(256);
	how.no_success_data = true;
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_int_equal(number(&pair.server, SASL_SSF), 256);
	both_ways(&pair, 1000);
	pair_close(&pair);
}

static void many_small_pieces_are_gathered(void **state UNUSED)
{
	static struct iovec pieces[3000];
	struct pair_setup how = usual_setup(256);
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	for (unsigned count = 1; count <= COUNT_OF(pieces); count += count < 40 ? 1 : 740) {
		size_t len = 0;
		for (unsigned i = 0; i < count; i++) {
			pieces[i] = (struct iovec){pattern + len, i % 30 + 1};
			len += i % 30 + 1;
		}
		const char *out;
		unsigned out_len;
		assert_int_equal(
			sasl_encodev(pair.client.conn, pieces, count, &out, &out_len), SASL_OK);
		expect_decoded(&pair.server, slice_of(out, out_len), pattern, len);
	}
	pair_close(&pair);
}

static void the_stream_may_be_cut_anywhere(void **state UNUSED)
{
	struct pair_setup how = usual_setup(256);
	how.server.security.maxbufsize = 300;
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	for (size_t portion = 1; portion < 700; portion += portion < 20 ? 1 : 97) {
		AUTO_BUFFER stream = {0};
		AUTO_BUFFER got = {0};
		assert_int_equal(
			buffer_append(&stream, encoded(&pair.client, pattern, 900)), STATUS_OK);
		for (size_t at = 0; at < stream.len; at += portion) {
			const char *out;
			unsigned len;
			size_t part = portion < stream.len - at ? portion : stream.len - at;
			assert_int_equal(
				sasl_decode(pair.server.conn, (const char *)stream.data + at,
					(unsigned)part, &out, &len),
				SASL_OK);
			assert_int_equal(buffer_append(&got, slice_of(out, len)), STATUS_OK);
		}
		assert_true(slice_equal(buffer_slice(&got), slice_of(pattern, 900)));
	}
	pair_close(&pair);
}

/* ---- how much ---- */

/* The lengths of the packets of a stream. */
static unsigned packet_lengths(struct slice stream, size_t lengths[4])
{
	struct reader r = reader_of(stream);
	unsigned count = 0;
	while (r.rest.len > 0) {
		assert_true(count < 4);
		lengths[count] = read_u32(&r);
		(void)read_bytes(&r, lengths[count++]);
	}
	assert_false(r.failed);
	return count;
}

/* How much less than the longest a packet may be: lengths of lengths, a short sequence number. */
#define SLACK 8

static void check_most(struct peer *from, struct peer *to, unsigned buffer)
{
	size_t lengths[4];
	unsigned most = number(from, SASL_MAXOUTBUF);
	struct slice stream = encoded(from, pattern, most);
	assert_int_equal(packet_lengths(stream, lengths), 1);
	assert_uint_in_range(lengths[0], buffer - SLACK, buffer);
	expect_decoded(to, stream, pattern, most);
	stream = encoded(from, pattern, most + 1);
	assert_int_equal(packet_lengths(stream, lengths), 2);
	assert_uint_in_range(lengths[0], buffer - SLACK, buffer);
	assert_uint_in_range(lengths[1], 1, buffer);
	expect_decoded(to, stream, pattern, most + 1);
}

static void the_most_that_may_be_sent_at_once_is_exact(void **state UNUSED)
{
	static const unsigned buffers[] = {128, 129, 130, 150, 180, 181, 182, 183, 184, 185, 186,
		187, 188, 189, 190, 230, 255, 256, 257, 310, 311, 312, 313, 314, 1000, 4096, 65535,
		65536, 65537, 65600, 65700, 70000, 131072};
	for (sasl_ssf_t max = 1; max <= 256; max += 255)
		for (size_t i = 0; i < COUNT_OF(buffers); i++) {
			struct pair_setup how = usual_setup(max);
			how.client.security.maxbufsize = buffers[COUNT_OF(buffers) - 1 - i];
			how.server.security.maxbufsize = buffers[i];
			struct pair pair;
			pair_open(&pair, &how);
			expect_login(&pair);
			assert_int_equal(number(&pair.client, SASL_SSF), max);
			check_most(&pair.client, &pair.server, how.server.security.maxbufsize);
			check_most(&pair.server, &pair.client, how.client.security.maxbufsize);
			pair_close(&pair);
		}
}

static void the_largest_buffers_are_taken(void **state UNUSED)
{
	struct pair_setup how = usual_setup(256);
	how.client.security.maxbufsize = UINT32_MAX;
	how.server.security.maxbufsize = UINT32_MAX;
	const struct enctype *type = enctype_usable(ENCTYPE_AES256_SHA1);
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_int_equal(number(&pair.client, SASL_MAXOUTBUF),
		protection_room(&protection_privacy, type, CHANNEL_MAX_MESSAGE));
	both_ways(&pair, 250000);
	pair_close(&pair);
}

/* ---- damage ---- */

static void expect_dead(struct peer *peer, int expected, const char *text)
{
	const char *out;
	unsigned len;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sasl_decode(peer->conn, "\0\0\0\1x", 5, &out, &len), expected);
		assert_non_null(strstr(peer_detail(peer), text));
		assert_null(out);
		assert_int_equal(sasl_encode(peer->conn, "data", 4, &out, &len), expected);
		assert_non_null(strstr(peer_detail(peer), text));
	}
}

/* The server is sent this; then it is dead, and has said why in the log. */
static void check_damage(struct pair *pair, struct slice stream, int expected, const char *text)
{
	const char *out;
	unsigned len;
	int result = sasl_decode(
		pair->server.conn, (const char *)stream.data, (unsigned)stream.len, &out, &len);
	if (result != expected || !strstr(peer_detail(&pair->server), text))
		fail_msg("%d, expected %d: %s", result, expected, peer_detail(&pair->server));
	assert_null(out);
	assert_non_null(strstr(peer_log(&pair->server), "the security layer failed: "));
	assert_non_null(strstr(peer_log(&pair->server), text));
	expect_dead(&pair->server, expected, text);
	pair_close(pair);
}

static void open_for_damage(struct pair *pair, struct pair_setup *how, struct buffer *stream)
{
	how->server.option[0][0] = "log_level";
	how->server.option[0][1] = "2";
	pair_open(pair, how);
	expect_login(pair);
	assert_int_equal(buffer_append(stream, encoded(&pair->client, pattern, 100)), STATUS_OK);
}

static void damage_is_the_end(void **state UNUSED)
{
	struct pair_setup how = usual_setup(256);
	struct pair_setup integrity = usual_setup(1);
	struct pair pair;
	AUTO_BUFFER stream = {0};
	open_for_damage(&pair, &how, &stream);
	stream.data[60] ^= 1;
	check_damage(&pair, buffer_slice(&stream), SASL_BADMAC, "has been changed");

	buffer_clear(&stream);
	open_for_damage(&pair, &integrity, &stream);
	stream.data[60] ^= 1;
	check_damage(&pair, buffer_slice(&stream), SASL_BADMAC, "does not match");

	buffer_clear(&stream);
	open_for_damage(&pair, &how, &stream);
	expect_decoded(&pair.server, buffer_slice(&stream), pattern, 100);
	check_damage(&pair, buffer_slice(&stream), SASL_BADMAC, "repeated or reordered");

	buffer_clear(&stream);
	open_for_damage(&pair, &how, &stream);
	struct slice next = encoded(&pair.client, pattern, 100);
	check_damage(&pair, next, SASL_BADMAC, "one was lost");

	buffer_clear(&stream);
	open_for_damage(&pair, &how, &stream);
	buffer_clear(&stream);
	assert_int_equal(buffer_append(&stream, encoded(&pair.server, pattern, 100)), STATUS_OK);
	check_damage(&pair, buffer_slice(&stream), SASL_BADMAC, "reflected");
}

static void what_is_no_packet_is_the_end(void **state UNUSED)
{
	static const struct {
		struct slice stream;
		const char *text;
	} row[] = {
		{{(const unsigned char *)"\0\0\0\0", 4}, "what came is no Kerberos message"},
		{{(const unsigned char *)"\x7f\xff\xff\xff", 4},
			"a packet of 2147483647 octets is announced, 65536 is the most"},
		{{(const unsigned char *)"\xff\xff\xff\xff", 4}, "4294967295 octets is announced"},
		{{(const unsigned char *)"\0\1\0\1", 4}, "65537 octets is announced"},
		{{(const unsigned char *)"QUIT\r\n", 6}, "1364543828 octets is announced"},
		{{(const unsigned char *)"\0\0\0\3abc", 7}, "KRB-PRIV (21)"},
	};
	struct pair_setup how = usual_setup(256);
	for (size_t i = 0; i < COUNT_OF(row); i++) {
		AUTO_BUFFER unused = {0};
		struct pair pair;
		open_for_damage(&pair, &how, &unused);
		check_damage(&pair, row[i].stream, SASL_BADPROT, row[i].text);
	}
}

SUITE(test_layers_data)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(every_size_goes_both_ways),
		LOGIN_CASE(it_works_where_success_carries_no_data),
		LOGIN_CASE(many_small_pieces_are_gathered),
		LOGIN_CASE(the_stream_may_be_cut_anywhere),
		LOGIN_CASE(the_most_that_may_be_sent_at_once_is_exact),
		LOGIN_CASE(the_largest_buffers_are_taken),
		LOGIN_CASE(damage_is_the_end),
		LOGIN_CASE(what_is_no_packet_is_the_end),
	};
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

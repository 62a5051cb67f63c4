/*
 * The security layers of KERBEROS_V5 through libsasl2's public API: which one
 * is chosen, how strong it is, how much may be sent, and what goes through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include <cmocka.h>

#include "ap/channel.h"
#include "base/timestamp.h"
#include "pair.h"
#include "realm.h"

#define UNUSED __attribute__((unused))
#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

static int setup(void **state UNUSED)
{
	realm_start();
	pair_library_start();
	return 0;
}

static int teardown(void **state UNUSED)
{
	pair_library_stop();
	realm_stop();
	crypto_close();
	der_close();
	return 0;
}

/* The module keeps a snapshot of krb5.conf; a new start reads it again. */
static void configure(const char *krb5_conf)
{
	realm_configure(krb5_conf);
	pair_library_stop();
	pair_library_start();
}

static int usual_realm(void **state UNUSED)
{
	configure("[libdefaults]\n\tdefault_realm = " REALM_NAME "\n");
	realm_issue(&(struct realm_ticket){0});
	return 0;
}

static void session_of(int32_t enctype)
{
	realm_issue(&(struct realm_ticket){.session_enctype = enctype});
}

static void expect_login(struct pair *pair)
{
	if (!pair_run(pair))
		fail_msg("client %d: %s; server %d: %s; server's log: %s", pair->client.result,
			peer_detail(&pair->client), pair->server.result, peer_detail(&pair->server),
			peer_log(&pair->server));
}

static unsigned number(const struct peer *peer, int property)
{
	const void *value = NULL;
	assert_int_equal(sasl_getprop(peer->conn, property, &value), SASL_OK);
	return *(const unsigned *)value;
}

static struct peer_setup limits(sasl_ssf_t min, sasl_ssf_t max, unsigned buffer)
{
	return (struct peer_setup){
		.security = {.min_ssf = min, .max_ssf = max, .maxbufsize = buffer}};
}

#define USUAL_BUFFER 65536
#define ANY(max)                                                                                   \
	{                                                                                          \
		0, max, USUAL_BUFFER, 0                                                            \
	}

/* The strength, the same on both sides; or 9999 where the login fails. */
#define NO_LOGIN 9999
static unsigned strength_between(const struct pair_setup *how)
{
	struct pair pair;
	pair_open(&pair, how);
	bool done = pair_run(&pair);
	unsigned ssf = done ? number(&pair.client, SASL_SSF) : NO_LOGIN;
	if (done)
		assert_int_equal(number(&pair.server, SASL_SSF), ssf);
	pair_close(&pair);
	return ssf;
}

/* ---- which layer ---- */

static const struct choice {
	int32_t enctype;
	struct {
		sasl_ssf_t min, max;
		unsigned buffer;
		sasl_ssf_t external;
	} client, server;
	unsigned ssf;
} choices[] = {
	/* the strongest that both allow */
	{ENCTYPE_AES256_SHA1, ANY(256), ANY(256), 256},
	{ENCTYPE_AES128_SHA1, ANY(256), ANY(256), 128},
	{ENCTYPE_AES256_SHA1, ANY(1), ANY(256), 1},
	{ENCTYPE_AES256_SHA1, ANY(256), ANY(1), 1},
	{ENCTYPE_AES256_SHA1, ANY(0), ANY(256), 0},
	{ENCTYPE_AES256_SHA1, ANY(256), ANY(0), 0},
	{ENCTYPE_AES256_SHA1, ANY(1000000), ANY(1000000), 256},
	{ENCTYPE_AES256_SHA1, {256, 256, USUAL_BUFFER, 0}, ANY(256), 256},
	{ENCTYPE_AES256_SHA1, ANY(256), {256, 256, USUAL_BUFFER, 0}, 256},
	{ENCTYPE_AES256_SHA1, {1, 1, USUAL_BUFFER, 0}, ANY(256), 1},
	/* by the strength of the key; the server does not know it when it offers */
	{ENCTYPE_AES128_SHA1, ANY(128), ANY(256), 128},
	{ENCTYPE_AES256_SHA1, ANY(128), ANY(256), 1},
	{ENCTYPE_AES128_SHA1, ANY(256), ANY(128), 1},
	{ENCTYPE_AES256_SHA1, ANY(255), ANY(256), 1},
	{ENCTYPE_AES256_SHA1, ANY(256), ANY(255), 1},
	/* never below the minimum */
	{ENCTYPE_AES256_SHA1, {1, 256, USUAL_BUFFER, 0}, ANY(0), NO_LOGIN},
	{ENCTYPE_AES256_SHA1, ANY(0), {1, 256, USUAL_BUFFER, 0}, NO_LOGIN},
	{ENCTYPE_AES256_SHA1, {2, 256, USUAL_BUFFER, 0}, ANY(1), NO_LOGIN},
	{ENCTYPE_AES256_SHA1, ANY(1), {2, 256, USUAL_BUFFER, 0}, NO_LOGIN},
	{ENCTYPE_AES128_SHA1, {129, 256, USUAL_BUFFER, 0}, ANY(256), NO_LOGIN},
	{ENCTYPE_AES128_SHA1, ANY(256), {129, 256, USUAL_BUFFER, 0}, NO_LOGIN},
	{ENCTYPE_AES128_SHA1, {128, 256, USUAL_BUFFER, 0}, {128, 256, USUAL_BUFFER, 0}, 128},
	/* no packets at all */
	{ENCTYPE_AES256_SHA1, {0, 256, 0, 0}, ANY(256), 0},
	{ENCTYPE_AES256_SHA1, ANY(256), {0, 256, 0, 0}, 0},
	{ENCTYPE_AES256_SHA1, {1, 256, USUAL_BUFFER, 0}, {0, 256, 0, 0}, NO_LOGIN},
	{ENCTYPE_AES256_SHA1, {1, 256, 60, 0}, ANY(256), NO_LOGIN},
	{ENCTYPE_AES256_SHA1, ANY(256), {1, 256, 60, 0}, NO_LOGIN},
	/* under TLS */
	{ENCTYPE_AES256_SHA1, {0, 256, USUAL_BUFFER, 256}, {0, 256, USUAL_BUFFER, 256}, 0},
	{ENCTYPE_AES256_SHA1, {128, 256, USUAL_BUFFER, 256}, {128, 256, USUAL_BUFFER, 256}, 0},
	{ENCTYPE_AES256_SHA1, {0, 0, USUAL_BUFFER, 256}, {0, 0, USUAL_BUFFER, 256}, 0},
	{ENCTYPE_AES256_SHA1, {0, 0, 0, 128}, {0, 0, 0, 128}, 0},
	{ENCTYPE_AES256_SHA1, {0, 256, USUAL_BUFFER, 128}, {0, 256, USUAL_BUFFER, 128}, 1},
	{ENCTYPE_AES256_SHA1, {0, 512, USUAL_BUFFER, 256}, {0, 512, USUAL_BUFFER, 256}, 256},
	{ENCTYPE_AES256_SHA1, {257, 512, USUAL_BUFFER, 256}, ANY(256), 256},
	{ENCTYPE_AES256_SHA1, {512, 512, USUAL_BUFFER, 256}, ANY(1), NO_LOGIN},
	/* one side knows of TLS, the other does not */
	{ENCTYPE_AES256_SHA1, ANY(256), {0, 256, USUAL_BUFFER, 256}, 0},
	{ENCTYPE_AES256_SHA1, {0, 256, USUAL_BUFFER, 256}, ANY(256), 0},
};

static void the_strongest_layer_that_both_allow(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(choices); i++) {
		const struct choice *c = &choices[i];
		session_of(c->enctype);
		struct pair_setup how = {
			.client = limits(c->client.min, c->client.max, c->client.buffer),
			.server = limits(c->server.min, c->server.max, c->server.buffer),
		};
		how.client.external_ssf = c->client.external;
		how.server.external_ssf = c->server.external;
		unsigned ssf = strength_between(&how);
		if (ssf != c->ssf)
			fail_msg("row %zu: strength %u, expected %u", i, ssf, c->ssf);
	}
}

/* Only what leaves room for one octet, in the buffers of both. */
static void a_small_buffer_rules_a_layer_out(void **state UNUSED)
{
	session_of(ENCTYPE_AES256_SHA384);
	const struct enctype *type = enctype_by_number(ENCTYPE_AES256_SHA384, NULL);
	unsigned seen[257] = {0};
	for (unsigned buffer = 80; buffer < 160; buffer++) {
		unsigned expected = protection_privacy.room(type, buffer) > 0     ? 256
				    : protection_integrity.room(type, buffer) > 0 ? 1
										  : 0;
		const struct pair_setup at_client = {
			.client = limits(0, 256, buffer),
			.server = limits(0, 256, USUAL_BUFFER),
		};
		const struct pair_setup at_server = {
			.client = limits(0, 256, USUAL_BUFFER),
			.server = limits(0, 256, buffer),
		};
		assert_int_equal(strength_between(&at_client), expected);
		assert_int_equal(strength_between(&at_server), expected);
		seen[expected]++;
	}
	assert_true(seen[0] > 0 && seen[256] > 0);
}

/* Listing makes a connection of the mechanism's, which the login then uses. */
static void tls_may_come_after_the_list(void **state UNUSED)
{
	const struct pair_setup how = {
		.client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER),
	};
	const char *list;
	const sasl_ssf_t external = 256;
	struct pair pair;
	pair_open(&pair, &how);
	assert_int_equal(
		sasl_listmech(pair.server.conn, NULL, "", " ", "", &list, NULL, NULL), SASL_OK);
	assert_non_null(strstr(list, "KERBEROS_V5"));
	assert_int_equal(sasl_setprop(pair.client.conn, SASL_SSF_EXTERNAL, &external), SASL_OK);
	assert_int_equal(sasl_setprop(pair.server.conn, SASL_SSF_EXTERNAL, &external), SASL_OK);
	expect_login(&pair);
	assert_int_equal(number(&pair.server, SASL_SSF), 0);
	assert_int_equal(number(&pair.client, SASL_SSF), 0);
	pair_close(&pair);
}

/* libsasl2 keeps what the refused login has set. */
static void a_refused_login_leaves_no_layer_behind(void **state UNUSED)
{
	const struct pair_setup first = {
		.client = {.user = "nobody", .security = {0, 256, USUAL_BUFFER, 0, NULL, NULL}},
		.server = limits(0, 256, USUAL_BUFFER),
	};
	const struct pair_setup second = {
		.client = limits(0, 0, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER),
	};
	struct pair pair, other;
	pair_open(&pair, &first);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.server.result, SASL_NOAUTHZ);

	pair_open(&other, &second);
	sasl_conn_t *unused = other.server.conn;
	other.server.conn = pair.server.conn;
	expect_login(&other);
	assert_int_equal(number(&other.client, SASL_SSF), 0);
	assert_int_equal(number(&other.server, SASL_SSF), 0);
	const char *out;
	unsigned len;
	assert_int_equal(sasl_encode(other.server.conn, "as it is", 8, &out, &len), SASL_OK);
	assert_int_equal(len, 8);
	assert_memory_equal(out, "as it is", 8);
	assert_int_equal(sasl_decode(other.server.conn, "as it is", 8, &out, &len), SASL_OK);
	assert_int_equal(len, 8);
	other.server.conn = unused;
	pair_close(&other);
	pair_close(&pair);
}

static void a_server_may_permit_weaker_keys_alone(void **state UNUSED)
{
	const struct pair_setup how = {
		.client = limits(0, 128, USUAL_BUFFER),
		.server = limits(0, 128, USUAL_BUFFER),
	};
	configure("[libdefaults]\n\tdefault_realm = " REALM_NAME
		  "\n\tpermitted_enctypes = aes128-cts-hmac-sha1-96 camellia128-cts\n");
	realm_issue(&(struct realm_ticket){
		.ticket_enctype = ENCTYPE_CAMELLIA128, .session_enctype = ENCTYPE_CAMELLIA128});
	assert_int_equal(strength_between(&how), 128);
}

/* ---- how strong ---- */

static const int32_t enctypes[] = {ENCTYPE_AES128_SHA1, ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA256,
	ENCTYPE_AES256_SHA384, ENCTYPE_CAMELLIA128, ENCTYPE_CAMELLIA256};
static const unsigned strengths[] = {128, 256, 128, 256, 128, 256};

static void the_strength_is_that_of_the_key(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(enctypes); i++)
		for (sasl_ssf_t max = 1; max <= 256; max += 255) {
			session_of(enctypes[i]);
			unsigned expected = max == 1 ? 1 : strengths[i];
			const struct pair_setup how = {
				.client = limits(0, max, USUAL_BUFFER),
				.server = limits(0, 256, USUAL_BUFFER),
			};
			assert_int_equal(strength_between(&how), expected);
		}
}

static void the_log_says_how_strong(void **state UNUSED)
{
	struct pair_setup how = {
		.client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER),
	};
	how.server.option[0][0] = "log_level";
	how.server.option[0][1] = "4";
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_non_null(strstr(peer_log(&pair.server), ", mutual, SSF 256\n"));
	pair_close(&pair);
}

static void a_layer_means_mutual_authentication(void **state UNUSED)
{
	struct pair_setup how = {
		.client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER),
	};
	how.client.option[0][0] = "kerberos5_mutual";
	how.client.option[0][1] = "no";
	how.server.option[0][0] = "log_level";
	how.server.option[0][1] = "4";
	struct pair pair;
	pair_open(&pair, &how);
	assert_true(pair_start(&pair));
	assert_true(pair_step(&pair));
	assert_int_equal(pair.client.result, SASL_CONTINUE);
	assert_true(pair_step(&pair));
	assert_true(pair_step(&pair));
	assert_true(pair_done(&pair));
	assert_non_null(strstr(peer_log(&pair.server), ", mutual, SSF 256\n"));
	pair_close(&pair);
}

static void expect_failure(
	const struct pair_setup *how, int result, const char *at_client, const char *at_server)
{
	struct pair pair;
	pair_open(&pair, how);
	assert_false(pair_run(&pair));
	assert_int_equal(pair.client.result, result);
	if (!strstr(peer_detail(&pair.client), at_client))
		fail_msg("client: %s", peer_detail(&pair.client));
	if (!strstr(peer_detail(&pair.server), at_server))
		fail_msg("server: %s", peer_detail(&pair.server));
	pair_close(&pair);
}

static void a_key_weaker_than_the_minimum_is_refused(void **state UNUSED)
{
	session_of(ENCTYPE_AES128_SHA256);
	const struct pair_setup at_server = {
		.client = limits(0, 256, USUAL_BUFFER),
		.server = limits(129, 256, USUAL_BUFFER),
	};
	expect_failure(&at_server, SASL_BADAUTH,
		"this server requires a security layer of strength 129, and "
		"aes128-cts-hmac-sha256-128 gives 128",
		"this server requires a security layer of strength 129, and "
		"aes128-cts-hmac-sha256-128 gives 128");
	const struct pair_setup at_client = {
		.client = limits(129, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER),
	};
	expect_failure(&at_client, SASL_FAIL,
		"no security layer that both sides allow: the server offers 0x0f with packets of "
		"65536 octets, allowed here are 0x00 with packets of 65536",
		"");
}

/* ---- a server that answers with a subkey of another type ---- */

static void must(enum status status, const struct error *err)
{
	if (status)
		fail_msg("%s", err->text);
}

/* The session key of the ticket in the cache. */
static struct key *session_key(void)
{
	AUTO_BUFFER storage = {0};
	struct principal server;
	struct credential credential;
	struct error err;
	const struct enctype_list all = {1, {ENCTYPE_AES256_SHA1}};
	must(principal_parse(SLICE_LITERAL(REALM_SERVER), &server, &storage, &err), &err);
	AUTO_CCACHE ccache = NULL;
	must(ccache_open(realm_path("ccache"), &ccache, &err), &err);
	must(ccache_find(ccache, &server, &all, timestamp_now().seconds, &credential, &err), &err);
	struct key *key;
	must(key_new(credential.key_type, credential.key, &key, &err), &err);
	return key;
}

/* The AP-REP on its way with another subkey. */
static void replace_subkey(struct buffer *token, int32_t enctype)
{
	AUTO_KEY key = session_key();
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER plain = {0};
	AUTO_BUFFER cipher = {0};
	struct ap_rep rep;
	struct enc_ap_rep_part part;
	struct slice text;
	struct error err;
	must(der_read_ap_rep(buffer_slice(token), &rep, &err), &err);
	must(key_decrypt(key, USAGE_AP_REP, rep.enc_part.cipher, &storage, &text, &err), &err);
	must(der_read_enc_ap_rep_part(text, &part, &err), &err);
	part.subkey.type = enctype;
	part.subkey.value.len = enctype_key_length(enctype_by_number(enctype, NULL));
	must(der_write_enc_ap_rep_part(&part, &plain, &err), &err);
	must(key_encrypt(key, USAGE_AP_REP, buffer_slice(&plain), &cipher, &err), &err);
	rep.enc_part.cipher = buffer_slice(&cipher);
	AUTO_BUFFER changed = {0};
	must(der_write_ap_rep(&rep, &changed, &err), &err);
	buffer_clear(token);
	must(buffer_append(token, buffer_slice(&changed)), &err);
}

/* What the client makes of it. */
static int with_subkey_of(int32_t enctype, struct pair_setup *how, struct pair *pair)
{
	pair_open(pair, how);
	assert_true(pair_start(pair));
	assert_true(pair_step(pair));
	assert_true(pair_step(pair));
	assert_int_equal(pair->server.result, SASL_OK);
	replace_subkey(&pair->token, enctype);
	(void)pair_step(pair);
	return pair->client.result;
}

static void a_subkey_that_is_too_weak_is_refused(void **state UNUSED)
{
	struct pair_setup how = {
		.client = limits(0, 256, USUAL_BUFFER),
		.server = limits(0, 256, USUAL_BUFFER),
	};
	struct pair pair;
	assert_int_equal(with_subkey_of(ENCTYPE_AES256_SHA384, &how, &pair), SASL_OK);
	assert_int_equal(number(&pair.client, SASL_SSF), 256);
	pair_close(&pair);
	assert_int_equal(with_subkey_of(ENCTYPE_AES128_SHA256, &how, &pair), SASL_OK);
	assert_int_equal(number(&pair.client, SASL_SSF), 128);
	pair_close(&pair);
	how.client = limits(129, 256, USUAL_BUFFER);
	assert_int_equal(with_subkey_of(ENCTYPE_AES128_SHA256, &how, &pair), SASL_BADSERV);
	assert_non_null(strstr(peer_detail(&pair.client),
		"under the server's subkey, which is of type aes128-cts-hmac-sha256-128, the "
		"security layer has strength 128, and 129 to 256 are allowed"));
	pair_close(&pair);
}

static void a_subkey_that_leaves_no_room_is_refused(void **state UNUSED)
{
	const struct enctype *type = enctype_by_number(ENCTYPE_AES256_SHA1, NULL);
	unsigned buffer = 1;
	while (protection_privacy.room(type, buffer) == 0)
		buffer++;
	struct pair_setup how = {
		.client = limits(2, 256, USUAL_BUFFER),
		.server = limits(2, 256, buffer),
	};
	struct pair pair;
	assert_int_equal(with_subkey_of(ENCTYPE_AES256_SHA1, &how, &pair), SASL_OK);
	assert_int_equal(number(&pair.client, SASL_MAXOUTBUF), 1);
	pair_close(&pair);
	assert_int_equal(with_subkey_of(ENCTYPE_AES256_SHA384, &how, &pair), SASL_BADSERV);
	assert_non_null(strstr(peer_detail(&pair.client), "no data fit into packets of"));
	pair_close(&pair);
}

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
		for (sasl_ssf_t max = 1; max <= 256; max += 255) {
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
	assert_in_range(lengths[0], buffer - SLACK, buffer);
	expect_decoded(to, stream, pattern, most);
	stream = encoded(from, pattern, most + 1);
	assert_int_equal(packet_lengths(stream, lengths), 2);
	assert_in_range(lengths[0], buffer - SLACK, buffer);
	assert_in_range(lengths[1], 1, buffer);
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
	const struct enctype *type = enctype_by_number(ENCTYPE_AES256_SHA1, NULL);
	struct pair pair;
	pair_open(&pair, &how);
	expect_login(&pair);
	assert_int_equal(number(&pair.client, SASL_MAXOUTBUF),
		protection_privacy.room(type, CHANNEL_MAX_MESSAGE));
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

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
#define CASE(function) cmocka_unit_test_setup(function, usual_realm)
	const struct CMUnitTest tests[] = {
		CASE(the_strongest_layer_that_both_allow),
		CASE(a_small_buffer_rules_a_layer_out),
		CASE(tls_may_come_after_the_list),
		CASE(a_refused_login_leaves_no_layer_behind),
		CASE(a_server_may_permit_weaker_keys_alone),
		CASE(the_strength_is_that_of_the_key),
		CASE(the_log_says_how_strong),
		CASE(a_layer_means_mutual_authentication),
		CASE(a_key_weaker_than_the_minimum_is_refused),
		CASE(a_subkey_that_is_too_weak_is_refused),
		CASE(a_subkey_that_leaves_no_room_is_refused),
		CASE(every_size_goes_both_ways),
		CASE(it_works_where_success_carries_no_data),
		CASE(many_small_pieces_are_gathered),
		CASE(the_stream_may_be_cut_anywhere),
		CASE(the_most_that_may_be_sent_at_once_is_exact),
		CASE(the_largest_buffers_are_taken),
		CASE(damage_is_the_end),
		CASE(what_is_no_packet_is_the_end),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The recorded tokens of other implementations in tests/data/gss_messages.txt:
 * read as they came, and made again as far as chance is not in them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/key_internal.h"
#include "gss/gss_header.h"
#include "gss/gss_message.h"
#include "tests/support/offered.h"
#include "tests/support/recorded_values.h"
#include "tests/support/suite.h"

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

#define SUBKEYS(peer, enctype)                                                                     \
	peer " " enctype " initiator-subkey", peer " " enctype " acceptor-subkey"

static const char *const sessions[] = {
	SUBKEYS("mit", "aes128-cts-hmac-sha1-96"),
	SUBKEYS("mit", "aes256-cts-hmac-sha1-96"),
	SUBKEYS("mit", "aes128-cts-hmac-sha256-128"),
	SUBKEYS("mit", "aes256-cts-hmac-sha384-192"),
	SUBKEYS("mit", "camellia128-cts-cmac"),
	SUBKEYS("mit", "camellia256-cts-cmac"),
	SUBKEYS("heimdal", "aes128-cts-hmac-sha1-96"),
	SUBKEYS("heimdal", "aes256-cts-hmac-sha1-96"),
	SUBKEYS("heimdal", "aes128-cts-hmac-sha256-128"),
	SUBKEYS("heimdal", "aes256-cts-hmac-sha384-192"),
};

static struct error err;

/* One side of a session, and the channel of whoever reads it, or speaks as it did. */
struct side {
	struct recorded values;
	bool is_initiator;
	struct channel reader, maker;
};

static uint64_t first_seq(const struct side *s)
{
	struct reader r = reader_of(
		recorded_part(&s->values, s->is_initiator ? "initiator" : "acceptor", "sealed"));
	read_bytes(&r, GSS_AT_SEQ);
	return read_u64(&r);
}

static void side_open(struct side *s, const char *session, bool is_initiator)
{
	struct key *key;
	*s = (struct side){.is_initiator = is_initiator};
	recorded_open(&s->values, "gss_messages.txt", session);
	assert_int_equal(key_new(recorded_value(&s->values, "enctype").data[0],
				 recorded_value(&s->values, "key"), &key, &err),
		STATUS_OK);
	s->maker = s->reader = (struct channel){
		.has_acceptor_subkey = recorded_value(&s->values, "acceptor-subkey").data[0],
	};
	s->reader.key = key;
	s->maker.key = key_ref(key);
	s->reader.is_initiator = !is_initiator;
	s->maker.is_initiator = is_initiator;
	s->reader.receive_seq = s->maker.send_seq = first_seq(s);
}

static void side_close(struct side *s)
{
	recorded_close(&s->values);
	channel_close(&s->reader);
	channel_close(&s->maker);
}

/* "initiator-sealed", "acceptor-empty-mic" */
static struct slice token_of(const struct side *s, bool empty, const char *kind)
{
	char what[32];
	snprintf(what, sizeof what, "%s%s", s->is_initiator ? "initiator" : "acceptor",
		empty ? "-empty" : "");
	return recorded_part(&s->values, what, kind);
}

static struct slice data_of(bool empty)
{
	return empty ? SLICE_EMPTY : SLICE_LITERAL("attack at dawn, all of you");
}

static void read_token(
	struct side *s, const struct protection *protection, bool empty, const char *kind)
{
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER out = {0};
	if (protection->read(&s->reader, token_of(s, empty, kind), &storage, &out, &err))
		fail_msg("%s: %s", kind, err.text);
	assert_same(buffer_slice(&out), data_of(empty));
}

static void verify_mic(struct side *s, bool empty)
{
	if (gss_mic_verify(&s->reader, data_of(empty), token_of(s, empty, "mic"), &err))
		fail_msg("%s", err.text);
}

static void they_are_read(void **state)
{
	for (int is_initiator = 0; is_initiator < 2; is_initiator++) {
		struct side s;
		side_open(&s, *state, is_initiator);
		for (int empty = 0; empty < 2; empty++) {
			read_token(&s, gss_protections.privacy, empty, "sealed");
			read_token(&s, gss_protections.integrity, empty, "unsealed");
			verify_mic(&s, empty);
		}
		side_close(&s);
	}
}

static void either_kind_is_unwrapped(void **state)
{
	struct side s;
	side_open(&s, *state, true);
	AUTO_BUFFER out = {0};
	assert_int_equal(
		gss_unwrap(&s.reader, token_of(&s, false, "sealed"), &out, &err), STATUS_OK);
	assert_int_equal(
		gss_unwrap(&s.reader, token_of(&s, false, "unsealed"), &out, &err), STATUS_OK);
	assert_same(buffer_slice(&out),
		SLICE_LITERAL("attack at dawn, all of youattack at dawn, all of you"));
	side_close(&s);
}

static void the_flag_of_the_subkey_has_to_fit(void **state)
{
	struct side s;
	AUTO_BUFFER out = {0};
	side_open(&s, *state, true);
	bool due = s.reader.has_acceptor_subkey;
	s.reader.has_acceptor_subkey = !due;
	assert_int_equal(
		gss_unwrap(&s.reader, token_of(&s, false, "sealed"), &out, &err), KRB_AP_ERR_NOKEY);
	if (!strstr(err.text, due ? "has made none" : "another key than the acceptor's subkey"))
		fail_msg("%s", err.text);
	assert_int_equal(out.len, 0);
	side_close(&s);
}

/* Not rotated: a token's octets as they were before, and RRC 0. */
static void straighten(struct slice token, struct buffer *out)
{
	struct slice rest = slice_of(token.data + GSS_HEADER_LENGTH, token.len - GSS_HEADER_LENGTH);
	size_t rrc = token.data[GSS_AT_RRC + 1] % rest.len;
	assert_int_equal(token.data[GSS_AT_RRC], 0);
	assert_int_equal(buffer_append(out, slice_of(token.data, GSS_HEADER_LENGTH)), STATUS_OK);
	assert_int_equal(buffer_append(out, slice_of(rest.data + rrc, rest.len - rrc)), STATUS_OK);
	assert_int_equal(buffer_append(out, slice_of(rest.data, rrc)), STATUS_OK);
	out->data[GSS_AT_RRC + 1] = 0;
}

/* With the confounder that was drawn there. */
static void confound_again(struct side *s, struct slice recorded, struct buffer *token)
{
	struct slice plain;
	AUTO_BUFFER storage = {0};
	uint32_t usage = s->is_initiator ? 24 : 22;
	assert_int_equal(
		key_decrypt(s->maker.key, usage,
			slice_of(token->data + GSS_HEADER_LENGTH, token->len - GSS_HEADER_LENGTH),
			&storage, &err),
		STATUS_OK);
	plain = buffer_slice(&storage);
	memcpy(token->data + GSS_HEADER_LENGTH + CONFOUNDER_LENGTH, plain.data, plain.len);
	size_t length = plain.len;
	assert_int_equal(buffer_reserve(&storage, recorded.len), STATUS_OK);
	assert_int_equal(key_decrypt_confounded(s->maker.key, usage,
				 slice_of(recorded.data + GSS_HEADER_LENGTH,
					 recorded.len - GSS_HEADER_LENGTH),
				 storage.data, &err),
		STATUS_OK);
	memcpy(token->data + GSS_HEADER_LENGTH, storage.data, CONFOUNDER_LENGTH);
	assert_int_equal(key_encrypt_confounded(s->maker.key, usage,
				 token->data + GSS_HEADER_LENGTH, length, &err),
		STATUS_OK);
}

static void make_wrap(struct side *s, bool sealed, bool empty)
{
	AUTO_BUFFER recorded = {0};
	AUTO_BUFFER token = {0};
	struct slice data = data_of(empty);
	const struct protection *protection =
		sealed ? gss_protections.privacy : gss_protections.integrity;
	straighten(token_of(s, empty, sealed ? "sealed" : "unsealed"), &recorded);
	assert_int_equal(protection->make(&s->maker, &data, 1, &token, &err), STATUS_OK);
	if (sealed)
		confound_again(s, buffer_slice(&recorded), &token);
	assert_same(buffer_slice(&token), buffer_slice(&recorded));
}

static void make_mic(struct side *s, bool empty)
{
	AUTO_BUFFER token = {0};
	assert_int_equal(gss_mic_make(&s->maker, data_of(empty), &token, &err), STATUS_OK);
	assert_same(buffer_slice(&token), token_of(s, empty, "mic"));
}

static void they_are_made_the_same(void **state)
{
	for (int is_initiator = 0; is_initiator < 2; is_initiator++) {
		struct side s;
		side_open(&s, *state, is_initiator);
		for (int empty = 0; empty < 2; empty++) {
			make_wrap(&s, true, empty);
			make_wrap(&s, false, empty);
			make_mic(&s, empty);
		}
		side_close(&s);
	}
}

static const struct {
	const char *name;
	CMUnitTestFunction function;
} cases[] = {
	{"they_are_read", they_are_read},
	{"either_kind_is_unwrapped", either_kind_is_unwrapped},
	{"the_flag_of_the_subkey_has_to_fit", the_flag_of_the_subkey_has_to_fit},
	{"they_are_made_the_same", they_are_made_the_same},
};

/* "mit camellia128-cts-cmac acceptor-subkey" */
static bool can_be_read(const char *session)
{
	const char *type = strchr(session, ' ') + 1;
	return is_offered(enctype_number_by_name(slice_of(type, strcspn(type, " "))));
}

SUITE(test_gss_message_recorded)
{
	static char names[COUNT_OF(cases) * COUNT_OF(sessions)][120];
	static struct CMUnitTest tests[COUNT_OF(cases) * COUNT_OF(sessions)];
	for (size_t i = 0; i < COUNT_OF(tests); i++) {
		const char *session = sessions[i % COUNT_OF(sessions)];
		snprintf(names[i], sizeof *names, "%s (%s)", cases[i / COUNT_OF(sessions)].name,
			session);
		tests[i] = (struct CMUnitTest){can_be_read(session) ? names[i] : NULL,
			cases[i / COUNT_OF(sessions)].function, NULL, NULL, (void *)session};
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_close();
	return failed;
}

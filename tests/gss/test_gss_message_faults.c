/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GSS-API's tokens where OpenSSL fails: reported, with nothing read, and
 * without a number used up.
 */
#include "gss/gss_message.h"
#include "tests/support/openssl_faults.h"

#define TEXT SLICE_LITERAL("attack at dawn, at the bridge, all of you")

/* Both ends of it: the initiator's is under test where it makes, the acceptor's where it reads. */
struct ends {
	struct channel initiator, acceptor;
};

/* The other end has a key of its own, with which nothing fails. */
static void ends_open(struct ends *ends, struct key *initiator, struct key *acceptor)
{
	ends->initiator = (struct channel){.key = initiator, .is_initiator = true, .send_seq = 7};
	ends->acceptor = (struct channel){.key = acceptor, .receive_seq = 7};
}

static struct key *copy_of(const struct key *key)
{
	struct key *copy;
	struct error err;
	assert_int_equal(
		key_new(enctype_number(key_type(key)), key_octets(key), &copy, &err), STATUS_OK);
	return copy;
}

static enum status make_token(
	const struct protection *protection, struct key *key, struct error *err)
{
	struct ends ends;
	struct slice data = TEXT;
	AUTO_BUFFER token = {0};
	ends_open(&ends, key, NULL);
	enum status status = protection->make(&ends.initiator, &data, 1, &token, err);
	assert_int_equal(ends.initiator.send_seq, status ? 7 : 8);
	return status;
}

static void make_other(const struct protection *protection, const struct key *key, size_t rrc,
	struct buffer *token)
{
	struct ends ends;
	struct slice data = TEXT;
	struct error err;
	const char *paused = failing;
	failing = NULL;
	AUTO_KEY copy = copy_of(key);
	ends_open(&ends, copy, NULL);
	assert_int_equal(protection->make(&ends.initiator, &data, 1, token, &err), STATUS_OK);
	failing = paused;
	if (rrc == 0)
		return;
	AUTO_BUFFER end = {0};
	assert_int_equal(
		buffer_append(&end, slice_of(token->data + token->len - rrc, rrc)), STATUS_OK);
	memmove(token->data + 16 + rrc, token->data + 16, token->len - 16 - rrc);
	memcpy(token->data + 16, end.data, rrc);
	token->data[7] = (unsigned char)rrc;
}

static enum status read_token(
	const struct protection *protection, struct key *key, size_t rrc, struct error *err)
{
	struct ends ends;
	AUTO_BUFFER token = {0}, storage = {0}, out = {0};
	make_other(protection, key, rrc, &token);
	ends_open(&ends, NULL, key);
	assert_int_equal(buffer_append(&out, SLICE_LITERAL("before")), STATUS_OK);
	assert_int_equal(buffer_reserve(&out, token.len), STATUS_OK);
	memset(out.data + 6, 0, out.capacity - 6);
	enum status status =
		protection->read(&ends.acceptor, buffer_slice(&token), &storage, &out, err);
	assert_int_equal(ends.acceptor.receive_seq, status ? 7 : 8);
	assert_int_equal(out.len, status ? 6 : 6 + TEXT.len);
	for (size_t i = 6; i < out.capacity && status; i++)
		assert_int_equal(out.data[i], 0);
	return status;
}

static enum status make_sealed(struct key *key, struct error *err)
{
	return make_token(gss_protections.privacy, key, err);
}

static enum status make_unsealed(struct key *key, struct error *err)
{
	return make_token(gss_protections.integrity, key, err);
}

static enum status read_sealed(struct key *key, struct error *err)
{
	return read_token(gss_protections.privacy, key, 0, err);
}

static enum status read_rotated(struct key *key, struct error *err)
{
	return read_token(gss_protections.privacy, key, 28, err);
}

static enum status read_unsealed(struct key *key, struct error *err)
{
	return read_token(gss_protections.integrity, key, 12, err);
}

static enum status make_mic(struct key *key, struct error *err)
{
	struct ends ends;
	AUTO_BUFFER token = {0};
	ends_open(&ends, key, NULL);
	enum status status = gss_mic_make(&ends.initiator, TEXT, &token, err);
	assert_int_equal(ends.initiator.send_seq, status ? 7 : 8);
	assert_true(status == STATUS_OK || token.len == 0);
	return status;
}

static enum status verify_mic(struct key *key, struct error *err)
{
	struct ends ends;
	struct error no_err;
	AUTO_BUFFER token = {0};
	const char *paused = failing;
	failing = NULL;
	AUTO_KEY copy = copy_of(key);
	ends_open(&ends, copy, key);
	assert_int_equal(gss_mic_make(&ends.initiator, TEXT, &token, &no_err), STATUS_OK);
	failing = paused;
	enum status status = gss_mic_verify(&ends.acceptor, TEXT, buffer_slice(&token), err);
	assert_int_equal(ends.acceptor.receive_seq, status ? 7 : 8);
	return status;
}

static operation *const operations[] = {
	make_sealed, make_unsealed, read_sealed, read_rotated, read_unsealed, make_mic, verify_mic};

static void each_failure_is_reported_and_passes(void **state)
{
	for (size_t i = 0; i < COUNT_OF(operations); i++)
		fail_everywhere(*(const int32_t *)*state, operations[i]);
}

#define FAULT_WITH(test, type)                                                                     \
	{                                                                                          \
		if_offered(type, #test " (" #type ")"), test, reset, reset, &type                  \
	}

static int32_t aes256_sha1 = 18, aes256_sha384 = 20, camellia128 = 25;

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		FAULT_WITH(each_failure_is_reported_and_passes, aes256_sha1),
		FAULT_WITH(each_failure_is_reported_and_passes, aes256_sha384),
		FAULT_WITH(each_failure_is_reported_and_passes, camellia128),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

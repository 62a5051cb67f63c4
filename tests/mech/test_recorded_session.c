/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The recorded sessions of tests/data/kerberos_v5_session.txt, to which
 * doc/kerberos_v5.txt refers, recomputed from their published keys: each
 * message is taken apart and made again, octet by octet the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ap/channel.h"
#include "asn1/der_packet.h"
#include "crypto/key_internal.h"
#include "mech/kerberos_v5.h"
#include "mech/kerberos_v5_channel.h"
#include "tests/support/recorded_values.h"
#include "tests/support/suite.h"

/* One of the file's sessions, and what the cases need of it. */
struct session {
	const char *name;
	const struct protection *protection;
	unsigned layer;
	unsigned offers; /* in its challenge, besides all layers and mutual authentication */
	const char *authzid;

	struct recorded values;
	int32_t enctype;
	struct key *service_key, *session_key, *acceptor_subkey;
	struct challenge challenge;
};

static struct session sessions[] = {
	{.name = "privacy",
		.protection = &protection_privacy,
		.layer = LAYER_PRIVACY,
		.authzid = ""},
	{.name = "integrity",
		.protection = &protection_integrity,
		.layer = LAYER_INTEGRITY,
		.authzid = "bob"},
	/* As far as the AP-REQ. */
	{.name = "channel",
		.protection = &protection_privacy,
		.layer = LAYER_PRIVACY,
		.offers = LAYER_CHANNEL,
		.authzid = ""},
};

static struct error err;

static struct key *key_of(const struct session *s, const char *name)
{
	struct key *key;
	assert_int_equal(
		key_new(s->enctype, recorded_value(&s->values, name), &key, &err), STATUS_OK);
	return key;
}

static int open_request(void **state)
{
	struct session *s = *state;
	recorded_open(&s->values, "kerberos_v5_session.txt", s->name);
	s->enctype = recorded_value(&s->values, "enctype").data[0];
	s->service_key = key_of(s, "service-key");
	s->session_key = key_of(s, "session-key");
	return challenge_read(recorded_value(&s->values, "challenge"), &s->challenge, &err);
}

static int open_session(void **state)
{
	struct session *s = *state;
	int result = open_request(state);
	s->acceptor_subkey = key_of(s, "acceptor-subkey");
	return result;
}

static int close_session(void **state)
{
	struct session *s = *state;
	recorded_close(&s->values);
	key_release(s->service_key);
	key_release(s->session_key);
	key_release(s->acceptor_subkey);
	return 0;
}

/* ---- what the cases do ---- */

/*
 * Decrypts, and finds the recorded confounder and plain text; encrypts those,
 * and finds the cipher text again.
 */
static void check_encryption(const struct session *s, struct key *key, uint32_t usage,
	const char *what, struct slice cipher)
{
	struct slice plain, confounder = recorded_part(&s->values, what, "confounder");
	AUTO_BUFFER storage = {0};
	assert_int_equal(buffer_reserve(&storage, cipher.len), STATUS_OK);
	assert_int_equal(key_decrypt_confounded(key, usage, cipher, storage.data, &err), STATUS_OK);
	plain = slice_of(
		storage.data + CONFOUNDER_LENGTH, cipher.len - enctype_overhead(key_type(key)));
	assert_same(plain, recorded_part(&s->values, what, "plain"));
	assert_same(slice_of(storage.data, CONFOUNDER_LENGTH), confounder);

	AUTO_BUFFER again = {0};
	assert_int_equal(buffer_reserve(&again, cipher.len), STATUS_OK);
	memcpy(again.data, confounder.data, CONFOUNDER_LENGTH);
	memcpy(again.data + CONFOUNDER_LENGTH, plain.data, plain.len);
	assert_int_equal(
		key_encrypt_confounded(key, usage, again.data, plain.len, &err), STATUS_OK);
	assert_same(slice_of(again.data, cipher.len), cipher);
}

static struct ap_req read_ap_req(const struct session *s)
{
	struct ap_req req;
	assert_int_equal(
		der_read_ap_req(recorded_value(&s->values, "ap-req"), &req, &err), STATUS_OK);
	return req;
}

static struct authenticator read_authenticator(const struct session *s)
{
	static struct authenticator authenticator;
	assert_int_equal(der_read_authenticator(recorded_value(&s->values, "authenticator-plain"),
				 &authenticator, &err),
		STATUS_OK);
	return authenticator;
}

static struct enc_ap_rep_part read_ap_rep_part(const struct session *s)
{
	struct enc_ap_rep_part part;
	assert_int_equal(
		der_read_enc_ap_rep_part(recorded_value(&s->values, "ap-rep-plain"), &part, &err),
		STATUS_OK);
	return part;
}

/* ---- the cases, each for both sessions ---- */

static void challenge_offers_all_layers_and_mutual(void **state)
{
	const struct session *s = *state;
	assert_int_equal(s->challenge.layers,
		LAYER_NONE | LAYER_INTEGRITY | LAYER_PRIVACY | LAYER_MUTUAL | s->offers);
	assert_int_equal(s->challenge.max_buffer, 65536);
}

static void binding_holds_the_choice_and_the_challenge(void **state)
{
	const struct session *s = *state;
	struct binding binding;
	assert_int_equal(
		binding_read(recorded_value(&s->values, "binding"), &s->challenge, &binding, &err),
		STATUS_OK);
	assert_int_equal(binding.layers, s->layer | LAYER_MUTUAL);
	assert_int_equal(binding.max_buffer, 32768);
	assert_same(binding.authzid, slice_string(s->authzid));

	AUTO_BUFFER again = {0};
	assert_int_equal(binding_make(&binding, &s->challenge, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), recorded_value(&s->values, "binding"));
}

static void ticket_is_for_the_session_key(void **state)
{
	const struct session *s = *state;
	const struct ap_req req = read_ap_req(s);
	check_encryption(s, s->service_key, 2, "ticket", req.ticket.enc_part.cipher);

	static struct enc_ticket_part part;
	AUTO_BUFFER again = {0};
	struct slice plain = recorded_value(&s->values, "ticket-plain");
	assert_int_equal(der_read_enc_ticket_part(plain, &part, &err), STATUS_OK);
	assert_int_equal(part.key.type, s->enctype);
	assert_same(part.key.value, recorded_value(&s->values, "session-key"));
	assert_int_equal(der_write_enc_ticket_part(&part, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), plain);
}

static void authenticator_carries_the_binding(void **state)
{
	const struct session *s = *state;
	const struct ap_req req = read_ap_req(s);
	check_encryption(s, s->session_key, 11, "authenticator", req.authenticator.cipher);

	const struct authenticator authenticator = read_authenticator(s);
	struct slice binding = recorded_value(&s->values, "binding");
	unsigned char checksum[CHECKSUM_MAX_LENGTH];
	assert_int_equal(
		key_checksum(s->session_key, 10, (struct pieces){&binding, 1}, checksum, &err),
		STATUS_OK);
	assert_int_equal(
		authenticator.checksum.type, enctype_checksum_type(key_type(s->session_key)));
	assert_same(
		authenticator.checksum.value, slice_of(checksum, authenticator.checksum.value.len));
	assert_int_equal(
		authenticator.authorization_data.count, (s->offers & LAYER_CHANNEL) ? 2 : 1);
	assert_int_equal(authenticator.authorization_data.element[0].type, -1);
	assert_same(authenticator.authorization_data.element[0].data, binding);
	assert_int_equal(authenticator.subkey.type, s->enctype);
	assert_same(authenticator.subkey.value, recorded_value(&s->values, "initiator-subkey"));
	assert_true(authenticator.has_seq_number);

	AUTO_BUFFER again = {0};
	assert_int_equal(der_write_authenticator(&authenticator, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), recorded_value(&s->values, "authenticator-plain"));
}

static void authenticator_carries_the_channel_bindings(void **state)
{
	const struct session *s = *state;
	const struct authenticator authenticator = read_authenticator(s);
	struct slice data = recorded_value(&s->values, "channel-data"), sent;
	const sasl_channel_binding_t binding = {
		.name = "tls-server-end-point",
		.len = data.len,
		.data = data.data,
	};
	struct channel_hash hash;
	assert_int_equal(channel_hash_of(&binding, &hash, &err), STATUS_OK);
	assert_same(slice_of(hash.octets, sizeof hash.octets),
		recorded_value(&s->values, "channel-hash"));
	assert_int_equal(
		channel_hash_find(&authenticator.authorization_data, &sent, &err), STATUS_OK);
	assert_true(channel_hash_equal(&hash, sent));

	AUTO_BUFFER again = {0};
	assert_int_equal(channel_hash_write(&hash, &again, &err), STATUS_OK);
	assert_int_equal(authenticator.authorization_data.element[1].type, AD_IF_RELEVANT);
	assert_same(buffer_slice(&again), authenticator.authorization_data.element[1].data);
}

static void ap_req_is_made_of_them(void **state)
{
	const struct session *s = *state;
	const struct ap_req req = read_ap_req(s);
	assert_int_equal(req.options, AP_OPTION_MUTUAL_REQUIRED);
	assert_string_equal(
		PRINCIPAL_TEXT(&req.ticket.server), "imap/mail.example.test@EXAMPLE.TEST");
	AUTO_BUFFER again = {0};
	assert_int_equal(der_write_ap_req(&req, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), recorded_value(&s->values, "ap-req"));
}

static void ap_rep_has_the_authenticators_time(void **state)
{
	const struct session *s = *state;
	struct ap_rep rep;
	assert_int_equal(
		der_read_ap_rep(recorded_value(&s->values, "ap-rep"), &rep, &err), STATUS_OK);
	check_encryption(s, s->session_key, 12, "ap-rep", rep.enc_part.cipher);

	const struct enc_ap_rep_part part = read_ap_rep_part(s);
	assert_true(timestamp_equal(part.time, read_authenticator(s).time));
	assert_int_equal(part.subkey.type, s->enctype);
	assert_same(part.subkey.value, recorded_value(&s->values, "acceptor-subkey"));
	assert_true(part.has_seq_number);

	AUTO_BUFFER again = {0};
	assert_int_equal(der_write_ap_rep(&rep, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), recorded_value(&s->values, "ap-rep"));
	buffer_clear(&again);
	assert_int_equal(der_write_enc_ap_rep_part(&part, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), recorded_value(&s->values, "ap-rep-plain"));
}

/* ---- packets ---- */

static struct channel channel_for(const struct session *s, bool is_initiator)
{
	struct channel channel;
	const struct ap_context context = {
		.session_key = s->session_key,
		.acceptor_subkey = s->acceptor_subkey,
		.has_initiator_seq = true,
		.initiator_seq = read_authenticator(s).seq_number,
		.has_acceptor_seq = true,
		.acceptor_seq = read_ap_rep_part(s).seq_number,
	};
	assert_int_equal(channel_open(&context, is_initiator, &channel, &err), STATUS_OK);
	return channel;
}

/* The message in a packet, whose length is before it. */
static struct slice message_of(const struct session *s, const char *name)
{
	struct reader r = reader_of(recorded_part(&s->values, name, "packet"));
	uint32_t length = read_u32(&r);
	assert_int_equal(length, r.rest.len);
	return r.rest;
}

static void read_packet(const struct session *s, struct channel *to, const char *name)
{
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER data = {0};
	assert_int_equal(
		s->protection->read(to, message_of(s, name), &storage, &data, &err), STATUS_OK);
	assert_same(buffer_slice(&data), recorded_part(&s->values, name, "data"));
}

/* Without a confounder: the sender makes the very message. */
static void make_safe(const struct session *s, struct channel *from, const char *name)
{
	AUTO_BUFFER again = {0};
	struct krb_safe safe;
	struct slice data = recorded_part(&s->values, name, "data");
	assert_int_equal(s->protection->make(from, &data, 1, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), message_of(s, name));
	assert_int_equal(der_read_krb_safe(buffer_slice(&again), &safe, &err), STATUS_OK);
	assert_same(safe.body_der, recorded_part(&s->values, name, "body"));
	assert_same(safe.checksum.value, recorded_part(&s->values, name, "checksum"));

	unsigned char checksum[CHECKSUM_MAX_LENGTH];
	assert_int_equal(key_checksum(s->acceptor_subkey, 15, (struct pieces){&safe.body_der, 1},
				 checksum, &err),
		STATUS_OK);
	assert_same(safe.checksum.value, slice_of(checksum, safe.checksum.value.len));
}

/* What the sender would encrypt, and the message around its cipher text. */
static void make_priv(const struct session *s, struct channel *from, const char *name)
{
	const unsigned char direction[4] = {0, 0, 0, from->is_initiator ? 0 : 1};
	struct slice data = recorded_part(&s->values, name, "data");
	const struct packet_body body = {
		.pieces = &data,
		.piece_count = 1,
		.seq_number = from->send_seq++,
		.sender = {3, slice_of(direction, sizeof direction)},
	};
	AUTO_BUFFER plain = {0};
	assert_int_equal(der_write_enc_krb_priv_part(&body, &plain, &err), STATUS_OK);
	assert_same(buffer_slice(&plain), recorded_part(&s->values, name, "plain"));

	struct krb_priv priv;
	AUTO_BUFFER again = {0};
	struct slice message = message_of(s, name);
	assert_int_equal(der_read_krb_priv(message, &priv, &err), STATUS_OK);
	assert_int_equal(priv.enc_part.etype, s->enctype);
	check_encryption(s, s->acceptor_subkey, 13, name, priv.enc_part.cipher);
	assert_int_equal(der_write_krb_priv(&priv, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), message);
}

static const struct {
	const char *name;
	bool from_client;
} packets[] = {{"client-1", true}, {"server-1", false}, {"client-2", true}};

static void packets_are_read_in_order(void **state)
{
	const struct session *s = *state;
	struct channel client = channel_for(s, true), server = channel_for(s, false);
	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++)
		read_packet(s, packets[i].from_client ? &server : &client, packets[i].name);
	channel_close(&client);
	channel_close(&server);
}

static void packets_are_made_the_same(void **state)
{
	const struct session *s = *state;
	struct channel client = channel_for(s, true), server = channel_for(s, false);
	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
		struct channel *from = packets[i].from_client ? &client : &server;
		if (s->layer == LAYER_PRIVACY)
			make_priv(s, from, packets[i].name);
		else
			make_safe(s, from, packets[i].name);
	}
	channel_close(&client);
	channel_close(&server);
}

#define CASE(function, session)                                                                    \
	{                                                                                          \
#function "_" #session, function, open_session, close_session, &sessions[session]  \
	}
#define CASES(function) CASE(function, PRIVACY), CASE(function, INTEGRITY)
#define REQUEST_CASE(function)                                                                     \
	{                                                                                          \
#function "_CHANNEL", function, open_request, close_session, &sessions[CHANNEL]    \
	}

SUITE(test_recorded_session)
{
	enum { PRIVACY, INTEGRITY, CHANNEL };
	const struct CMUnitTest tests[] = {
		CASES(challenge_offers_all_layers_and_mutual),
		CASES(binding_holds_the_choice_and_the_challenge),
		CASES(ticket_is_for_the_session_key),
		CASES(authenticator_carries_the_binding),
		CASES(ap_req_is_made_of_them),
		CASES(ap_rep_has_the_authenticators_time),
		CASES(packets_are_read_in_order),
		CASES(packets_are_made_the_same),
		REQUEST_CASE(challenge_offers_all_layers_and_mutual),
		REQUEST_CASE(binding_holds_the_choice_and_the_challenge),
		REQUEST_CASE(ticket_is_for_the_session_key),
		REQUEST_CASE(authenticator_carries_the_binding),
		REQUEST_CASE(authenticator_carries_the_channel_bindings),
		REQUEST_CASE(ap_req_is_made_of_them),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_close();
	der_close();
	return failed;
}

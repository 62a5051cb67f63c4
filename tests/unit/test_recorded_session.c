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
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ap/channel.h"
#include "asn1/der_packet.h"
#include "crypto/key_internal.h"
#include "mech/kerberos_v5.h"
#include "tests/minting.h"

#define MAX_VALUES 40

/* One of the file's sessions, and what the cases need of it. */
struct session {
	const char *name;
	const struct protection *protection;
	unsigned layer;
	const char *authzid;

	unsigned count;
	struct value {
		char name[40];
		struct buffer octets;
	} values[MAX_VALUES];
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
};

static struct error err;

/* ---- the file ---- */

static void take_line(struct session *s, char *line)
{
	line[strcspn(line, "\n")] = '\0';
	if (line[0] == '\t') {
		assert_true(s->count > 0);
		struct buffer *octets = &s->values[s->count - 1].octets;
		assert_int_equal(mint_hex(slice_string(line + 1), octets, &err), STATUS_OK);
	} else if (line[0] != '\0' && line[0] != '#') {
		assert_true(s->count < MAX_VALUES);
		struct value *value = &s->values[s->count++];
		size_t size = strlen(line) + 1;
		assert_true(size <= sizeof value->name);
		memcpy(value->name, line, size);
	}
}

static void read_session(struct session *s)
{
	char path[4096], line[256];
	const char *folder = getenv("SRCDIR");
	snprintf(path, sizeof path, "%s/tests/data/kerberos_v5_session.txt", folder ? folder : ".");
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	bool inside = false;
	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, "session ", 8) == 0)
			inside = strcspn(line + 8, "\n") == strlen(s->name) &&
				 strncmp(line + 8, s->name, strlen(s->name)) == 0;
		else if (inside)
			take_line(s, line);
	}
	fclose(file);
}

static struct slice value_of(const struct session *s, const char *name)
{
	for (unsigned i = 0; i < s->count; i++)
		if (strcmp(s->values[i].name, name) == 0)
			return buffer_slice(&s->values[i].octets);
	fail_msg("session %s has no %s", s->name, name);
	return SLICE_EMPTY;
}

/* "WHAT-PART" */
static struct slice part_of(const struct session *s, const char *what, const char *part)
{
	char name[64];
	snprintf(name, sizeof name, "%s-%s", what, part);
	return value_of(s, name);
}

static struct key *key_of(const struct session *s, const char *name)
{
	struct key *key;
	assert_int_equal(key_new(s->enctype, value_of(s, name), &key, &err), STATUS_OK);
	return key;
}

static int open_session(void **state)
{
	struct session *s = *state;
	read_session(s);
	s->enctype = value_of(s, "enctype").data[0];
	s->service_key = key_of(s, "service-key");
	s->session_key = key_of(s, "session-key");
	s->acceptor_subkey = key_of(s, "acceptor-subkey");
	return challenge_read(value_of(s, "challenge"), &s->challenge, &err);
}

static int close_session(void **state)
{
	struct session *s = *state;
	for (unsigned i = 0; i < s->count; i++)
		buffer_free(&s->values[i].octets);
	s->count = 0;
	key_release(s->service_key);
	key_release(s->session_key);
	key_release(s->acceptor_subkey);
	return 0;
}

/* ---- what the cases do ---- */

static void assert_same(struct slice found, struct slice expected)
{
	assert_int_equal(found.len, expected.len);
	assert_memory_equal(found.data, expected.data, expected.len);
}

/*
 * Decrypts, and finds the recorded confounder and plain text; encrypts those,
 * and finds the cipher text again.
 */
static void check_encryption(const struct session *s, struct key *key, uint32_t usage,
	const char *what, struct slice cipher)
{
	struct slice plain, confounder = part_of(s, what, "confounder");
	AUTO_BUFFER storage = {0};
	assert_int_equal(key_decrypt(key, usage, cipher, &storage, &plain, &err), STATUS_OK);
	assert_same(plain, part_of(s, what, "plain"));
	assert_same(slice_of(storage.data, CONFOUNDER_LENGTH), confounder);

	AUTO_BUFFER again = {0};
	assert_int_equal(buffer_reserve(&again, cipher.len), STATUS_OK);
	memcpy(again.data + CONFOUNDER_LENGTH, plain.data, plain.len);
	assert_int_equal(
		key_encrypt_confounded(key, usage, confounder.data, again.data, plain.len, &err),
		STATUS_OK);
	assert_same(slice_of(again.data, cipher.len), cipher);
}

static struct ap_req read_ap_req(const struct session *s)
{
	struct ap_req req;
	assert_int_equal(der_read_ap_req(value_of(s, "ap-req"), &req, &err), STATUS_OK);
	return req;
}

static struct authenticator read_authenticator(const struct session *s)
{
	static struct authenticator authenticator;
	assert_int_equal(
		der_read_authenticator(value_of(s, "authenticator-plain"), &authenticator, &err),
		STATUS_OK);
	return authenticator;
}

static struct enc_ap_rep_part read_ap_rep_part(const struct session *s)
{
	struct enc_ap_rep_part part;
	assert_int_equal(
		der_read_enc_ap_rep_part(value_of(s, "ap-rep-plain"), &part, &err), STATUS_OK);
	return part;
}

/* ---- the cases, each for both sessions ---- */

static void challenge_offers_all_layers_and_mutual(void **state)
{
	const struct session *s = *state;
	assert_int_equal(
		s->challenge.layers, LAYER_NONE | LAYER_INTEGRITY | LAYER_PRIVACY | LAYER_MUTUAL);
	assert_int_equal(s->challenge.max_buffer, 65536);
}

static void binding_holds_the_choice_and_the_challenge(void **state)
{
	const struct session *s = *state;
	struct binding binding;
	assert_int_equal(
		binding_read(value_of(s, "binding"), &s->challenge, &binding, &err), STATUS_OK);
	assert_int_equal(binding.layers, s->layer | LAYER_MUTUAL);
	assert_int_equal(binding.max_buffer, 32768);
	assert_same(binding.authzid, slice_string(s->authzid));

	AUTO_BUFFER again = {0};
	assert_int_equal(binding_make(&binding, &s->challenge, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), value_of(s, "binding"));
}

static void ticket_is_for_the_session_key(void **state)
{
	const struct session *s = *state;
	const struct ap_req req = read_ap_req(s);
	check_encryption(s, s->service_key, 2, "ticket", req.ticket.enc_part.cipher);

	static struct enc_ticket_part part;
	AUTO_BUFFER again = {0};
	struct slice plain = value_of(s, "ticket-plain");
	assert_int_equal(der_read_enc_ticket_part(plain, &part, &err), STATUS_OK);
	assert_int_equal(part.key.type, s->enctype);
	assert_same(part.key.value, value_of(s, "session-key"));
	assert_int_equal(der_write_enc_ticket_part(&part, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), plain);
}

static void authenticator_carries_the_binding(void **state)
{
	const struct session *s = *state;
	const struct ap_req req = read_ap_req(s);
	check_encryption(s, s->session_key, 11, "authenticator", req.authenticator.cipher);

	const struct authenticator authenticator = read_authenticator(s);
	struct slice binding = value_of(s, "binding");
	unsigned char checksum[CHECKSUM_MAX_LENGTH];
	assert_int_equal(key_checksum(s->session_key, 10, &binding, 1, checksum, &err), STATUS_OK);
	assert_int_equal(
		authenticator.checksum.type, enctype_checksum_type(key_type(s->session_key)));
	assert_same(
		authenticator.checksum.value, slice_of(checksum, authenticator.checksum.value.len));
	assert_int_equal(authenticator.authorization_data.count, 1);
	assert_int_equal(authenticator.authorization_data.element[0].type, -1);
	assert_same(authenticator.authorization_data.element[0].data, binding);
	assert_int_equal(authenticator.subkey.type, s->enctype);
	assert_same(authenticator.subkey.value, value_of(s, "initiator-subkey"));
	assert_true(authenticator.has_seq_number);

	AUTO_BUFFER again = {0};
	assert_int_equal(der_write_authenticator(&authenticator, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), value_of(s, "authenticator-plain"));
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
	assert_same(buffer_slice(&again), value_of(s, "ap-req"));
}

static void ap_rep_has_the_authenticators_time(void **state)
{
	const struct session *s = *state;
	struct ap_rep rep;
	assert_int_equal(der_read_ap_rep(value_of(s, "ap-rep"), &rep, &err), STATUS_OK);
	check_encryption(s, s->session_key, 12, "ap-rep", rep.enc_part.cipher);

	const struct enc_ap_rep_part part = read_ap_rep_part(s);
	assert_true(timestamp_equal(part.time, read_authenticator(s).time));
	assert_int_equal(part.subkey.type, s->enctype);
	assert_same(part.subkey.value, value_of(s, "acceptor-subkey"));
	assert_true(part.has_seq_number);

	AUTO_BUFFER again = {0};
	assert_int_equal(der_write_ap_rep(&rep, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), value_of(s, "ap-rep"));
	buffer_clear(&again);
	assert_int_equal(der_write_enc_ap_rep_part(&part, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), value_of(s, "ap-rep-plain"));
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
	struct reader r = reader_of(part_of(s, name, "packet"));
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
	assert_same(buffer_slice(&data), part_of(s, name, "data"));
}

/* Without a confounder: the sender makes the very message. */
static void make_safe(const struct session *s, struct channel *from, const char *name)
{
	AUTO_BUFFER again = {0};
	struct krb_safe safe;
	struct slice data = part_of(s, name, "data");
	assert_int_equal(s->protection->make(from, &data, 1, &again, &err), STATUS_OK);
	assert_same(buffer_slice(&again), message_of(s, name));
	assert_int_equal(der_read_krb_safe(buffer_slice(&again), &safe, &err), STATUS_OK);
	assert_same(safe.body_der, part_of(s, name, "body"));
	assert_same(safe.checksum.value, part_of(s, name, "checksum"));

	unsigned char checksum[CHECKSUM_MAX_LENGTH];
	assert_int_equal(
		key_checksum(s->acceptor_subkey, 15, &safe.body_der, 1, checksum, &err), STATUS_OK);
	assert_same(safe.checksum.value, slice_of(checksum, safe.checksum.value.len));
}

/* What the sender would encrypt, and the message around its cipher text. */
static void make_priv(const struct session *s, struct channel *from, const char *name)
{
	const unsigned char direction[4] = {0, 0, 0, from->is_initiator ? 0 : 1};
	struct slice data = part_of(s, name, "data");
	const struct packet_body body = {
		.pieces = &data,
		.piece_count = 1,
		.seq_number = from->send_seq++,
		.sender = {3, slice_of(direction, sizeof direction)},
	};
	AUTO_BUFFER plain = {0};
	assert_int_equal(der_write_enc_krb_priv_part(&body, &plain, &err), STATUS_OK);
	assert_same(buffer_slice(&plain), part_of(s, name, "plain"));

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

int main(void)
{
	enum { PRIVACY, INTEGRITY };
	const struct CMUnitTest tests[] = {
		CASES(challenge_offers_all_layers_and_mutual),
		CASES(binding_holds_the_choice_and_the_challenge),
		CASES(ticket_is_for_the_session_key),
		CASES(authenticator_carries_the_binding),
		CASES(ap_req_is_made_of_them),
		CASES(ap_rep_has_the_authenticators_time),
		CASES(packets_are_read_in_order),
		CASES(packets_are_made_the_same),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_close();
	der_close();
	return failed;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/exchange.h"

#include <setjmp.h>
#include <string.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "asn1/der_element.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define BINDING "what a mechanism binds the exchange to"

static struct exchange x;

static int start(void **state)
{
	(void)state;
	exchange_open(&x);
	x.initiator.checksummed = SLICE_LITERAL(BINDING);
	exchange_request(&x);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	exchange_close(&x);
	return 0;
}

static void accepted(void)
{
	struct error err;
	if (exchange_read(&x, &err))
		fail_msg("%s", err.text);
}

static void refused(enum status status, const char *text, const char *shown)
{
	struct error err;
	enum status result = exchange_read(&x, &err);
	assert_refusal(result, &err, status, text, shown);
}

/* Reads as a mechanism would: the checksum in the authenticator is verified too. */
static enum status read_and_verify(struct error *err)
{
	const struct slice binding = SLICE_LITERAL(BINDING);
	const struct checksum *sum = &x.server.checksum;
	enum status status = exchange_read(&x, err);
	if (status)
		return status;
	return key_verify_checksum(x.server.session_key, USAGE_AP_REQ_CHECKSUM,
		(struct pieces){&binding, 1}, sum, err);
}

/* ---- bits ---- */

#define MAX_PATH 12

/* Contents of an element, found by the tags on the way to it. */
static struct slice contents_at(struct slice der, const unsigned char *path)
{
	struct slice rest = der;
	struct element element = {.content = der};
	for (; *path; path++) {
		do
			assert_null(element_take(&rest, &element));
		while (element.tag != *path);
		rest = element.content;
	}
	return element.content;
}

/*
 * What RFC 4120 leaves unauthenticated in an AP-REQ: bits whose change goes
 * unnoticed here. All of them are contents of a field, none is a tag, a
 * length or padding.
 */
static const struct open_bits {
	const char *name;
	unsigned char path[MAX_PATH];
	size_t octet; /* of the contents */
	unsigned char mask;
} open_bits[] = {
	/* The first octet of a BIT STRING's contents counts its unused bits. */
	{"ap-options: reserved(0) and reserved(3) to (7)", {0x6e, 0x30, 0xa2, 0x03}, 1, 0x9f},
	{"ap-options: mutual-required(2), which the mechanism compares with what it authenticated",
		{0x6e, 0x30, 0xa2, 0x03}, 1, 0x20},
	{"ap-options: reserved(8) to (15)", {0x6e, 0x30, 0xa2, 0x03}, 2, 0xff},
	{"ap-options: reserved(16) to (23)", {0x6e, 0x30, 0xa2, 0x03}, 3, 0xff},
	{"ap-options: reserved(24) to (31)", {0x6e, 0x30, 0xa2, 0x03}, 4, 0xff},
	{"ticket, sname: name-type, a hint that nobody compares (section 6.2)",
		{0x6e, 0x30, 0xa3, 0x61, 0x30, 0xa2, 0x30, 0xa0, 0x02}, 0, 0xff},
};

static bool is_open(size_t octet, unsigned char mask)
{
	struct slice token = buffer_slice(&x.token);
	for (size_t i = 0; i < sizeof open_bits / sizeof *open_bits; i++) {
		struct slice contents = contents_at(token, open_bits[i].path);
		assert_true(open_bits[i].octet < contents.len);
		if (contents.data + open_bits[i].octet == token.data + octet)
			if (open_bits[i].mask & mask)
				return true;
	}
	return false;
}

static void every_changed_bit_is_refused_but_the_open_ones(void **state)
{
	(void)state;
	unsigned open = 0;
	for (size_t octet = 0; octet < x.token.len; octet++)
		for (unsigned mask = 1; mask < 256; mask <<= 1) {
			struct error err = {0};
			bool expected = is_open(octet, (unsigned char)mask);
			x.token.data[octet] ^= (unsigned char)mask;
			enum status status = read_and_verify(&err);
			if ((status == STATUS_OK) != expected)
				fail_msg("octet %zu, bit 0x%02x: %s", octet, mask,
					expected ? err.text : "accepted");
			if (status != STATUS_OK)
				assert_true(err.status == status && err.text[0]);
			x.token.data[octet] ^= (unsigned char)mask;
			open += expected;
		}
	assert_int_equal(open, 31 + 8);
}

/* The same without a kvno: then nothing but the key itself tells one from another. */
static void bits_of_a_ticket_without_kvno(void **state)
{
	(void)state;
	x.ticket.has_kvno = false;
	exchange_issue(&x);
	exchange_request(&x);
	every_changed_bit_is_refused_but_the_open_ones(NULL);
}

static void open_bits_change_nothing_that_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof open_bits / sizeof *open_bits; i++) {
		struct slice contents = contents_at(buffer_slice(&x.token), open_bits[i].path);
		size_t octet = (size_t)(contents.data - x.token.data) + open_bits[i].octet;
		x.token.data[octet] ^= open_bits[i].mask;
		accepted();
		assert_true(principal_equal(&x.server.client, &x.client.client));
		assert_true(principal_equal(&x.server.server, &x.client.server));
		assert_int_equal(x.server.ticket_flags, x.client.ticket_flags);
		x.token.data[octet] ^= open_bits[i].mask;
	}
}

/* ---- lengths ---- */

static void every_shortened_token_is_refused(void **state)
{
	(void)state;
	struct slice whole = buffer_slice(&x.token);
	for (size_t len = 0; len < whole.len; len++) {
		struct error err = {0};
		unsigned char *exact = malloc(len ? len : 1); /* so that reading past it shows */
		assert_non_null(exact);
		memcpy(exact, whole.data, len);
		ap_context_clear(&x.server);
		enum status status =
			ap_req_read(&x.acceptor, slice_of(exact, len), NULL, &x.server, &err);
		free(exact);
		if (len == 0)
			assert_refusal(status, &err, KRB_AP_ERR_MSG_TYPE, "empty", "empty");
		else
			assert_refusal(status, &err, ERR_SYNTAX, "AP-REQ: ", "malformed");
	}
}

static void octets_after_the_message_are_refused(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(buffer_append(&x.token, SLICE_LITERAL("\0")), STATUS_OK);
		refused(ERR_SYNTAX, "AP-REQ: ", "malformed");
	}
	exchange_request(&x);
	struct slice twice = buffer_slice(&x.token);
	assert_int_equal(buffer_append(&x.token, twice), STATUS_OK);
	refused(ERR_SYNTAX, "AP-REQ: ", "malformed");
}

static void ticket_of_48_kibioctets_is_accepted(void **state)
{
	(void)state;
	struct error err;
	buffer_clear(&x.ticket_der);
	assert_int_equal(mint_ticket_of_size(&x.ticket, 48 * 1024, &x.ticket_der, &err), STATUS_OK);
	x.credential = mint_credential(&x.ticket, buffer_slice(&x.ticket_der));
	exchange_request(&x);
	accepted();
	assert_uint_in_range(x.server.authorization_data.len, 47 * 1024, 48 * 1024);
}

static void token_of_more_than_64_kibioctets_is_refused(void **state)
{
	(void)state;
	size_t len = x.token.len;
	assert_int_equal(buffer_reserve(&x.token, DER_MAX_TOKEN), STATUS_OK);
	memset(x.token.data + len, 0, DER_MAX_TOKEN - len + 1);
	x.token.len = DER_MAX_TOKEN + 1;
	refused(ERR_SYNTAX, "the AP-REQ has 65537 octets, more than 65536 are not read",
		"65537 octets");
	x.token.len = DER_MAX_TOKEN;
	refused(ERR_SYNTAX, "AP-REQ: ", "malformed");
}

/* ---- what is not an AP-REQ ---- */

static void replace_token(struct slice token)
{
	buffer_clear(&x.token);
	assert_int_equal(buffer_append(&x.token, token), STATUS_OK);
}

static void other_messages_are_refused_by_name(void **state)
{
	(void)state;
	replace_token(SLICE_LITERAL("\x6f\x00"));
	refused(KRB_AP_ERR_MSG_TYPE, "an AP-REQ was expected, what came is an AP-REP", "an AP-REP");
	replace_token(SLICE_LITERAL("\x7e\x00"));
	refused(KRB_AP_ERR_MSG_TYPE, "what came is a KRB-ERROR", "a KRB-ERROR");
	replace_token(SLICE_LITERAL("\x6a\x00"));
	refused(KRB_AP_ERR_MSG_TYPE, "what came is an AS-REQ", "an AS-REQ");
	replace_token(SLICE_LITERAL("\x61\x00"));
	refused(KRB_AP_ERR_MSG_TYPE, "what came is not a Kerberos message", "not a Kerberos");
	replace_token(SLICE_LITERAL("GET / HTTP/1.0"));
	refused(KRB_AP_ERR_MSG_TYPE, "what came is not a Kerberos message", "not a Kerberos");
}

static void set_integer(const unsigned char *path, unsigned char value)
{
	struct slice contents = contents_at(buffer_slice(&x.token), path);
	assert_int_equal(contents.len, 1);
	x.token.data[contents.data - x.token.data] = value;
}

static void other_versions_are_refused(void **state)
{
	(void)state;
	static const unsigned char pvno[] = {0x6e, 0x30, 0xa0, 0x02, 0};
	static const unsigned char tkt_vno[] = {0x6e, 0x30, 0xa3, 0x61, 0x30, 0xa0, 0x02, 0};
	set_integer(pvno, 4);
	refused(KRB_AP_ERR_BADVERSION, "AP-REQ", "version");
	set_integer(pvno, 5);
	set_integer(tkt_vno, 4);
	refused(KRB_AP_ERR_BADVERSION, "AP-REQ", "version");
	set_integer(tkt_vno, 5);
	accepted();
}

static void other_message_type_inside_is_refused(void **state)
{
	(void)state;
	static const unsigned char msg_type[] = {0x6e, 0x30, 0xa1, 0x02, 0};
	set_integer(msg_type, KRB_AP_REP);
	refused(KRB_AP_ERR_MSG_TYPE, "AP-REQ", "message type");
}

/* ---- options ---- */

static void user_to_user_is_refused(void **state)
{
	(void)state;
	struct authenticator authenticator = exchange_authenticator(&x);
	exchange_forge(&x, &authenticator, AP_OPTION_USE_SESSION_KEY | AP_OPTION_MUTUAL_REQUIRED);
	refused(KRB_AP_ERR_NOKEY, "USE-SESSION-KEY", "user-to-user");
	assert_true(x.server.mutual);
}

static void reserved_options_are_passed_over(void **state)
{
	(void)state;
	struct authenticator authenticator = exchange_authenticator(&x);
	exchange_forge(
		&x, &authenticator, ~(AP_OPTION_USE_SESSION_KEY | AP_OPTION_MUTUAL_REQUIRED));
	accepted();
	assert_false(x.server.mutual);
}

/* ---- encrypted parts ---- */

/* An AP-REQ around an authenticator's EncryptedData. */
static void send_authenticator(struct encrypted_data encrypted)
{
	struct error err;
	const struct ap_req req = {
		.ticket_der = buffer_slice(&x.ticket_der), .authenticator = encrypted};
	buffer_clear(&x.token);
	assert_int_equal(der_write_ap_req(&req, &x.token, &err), STATUS_OK);
}

static void encrypt_authenticator(struct key *key, uint32_t usage, struct slice plain)
{
	struct error err;
	AUTO_BUFFER cipher = {0};
	assert_int_equal(key_encrypt(key, usage, plain, &cipher, &err), STATUS_OK);
	send_authenticator((struct encrypted_data){
		.etype = enctype_number(key_type(key)), .cipher = buffer_slice(&cipher)});
}

static void write_authenticator(struct buffer *plain)
{
	struct error err;
	struct authenticator authenticator = exchange_authenticator(&x);
	assert_int_equal(der_write_authenticator(&authenticator, plain, &err), STATUS_OK);
}

static void authenticator_by_another_key_is_refused(void **state)
{
	(void)state;
	AUTO_KEY other = exchange_key(ENCTYPE_AES256_SHA1, 'o');
	AUTO_BUFFER plain = {0};
	write_authenticator(&plain);
	encrypt_authenticator(other, USAGE_AP_REQ_AUTHENTICATOR, buffer_slice(&plain));
	refused(KRB_AP_ERR_BAD_INTEGRITY,
		"the authenticator does not decrypt with the ticket's session key",
		"does not decrypt");
}

static void authenticator_for_another_usage_is_refused(void **state)
{
	(void)state;
	AUTO_BUFFER plain = {0};
	write_authenticator(&plain);
	encrypt_authenticator(x.session_key, 7, buffer_slice(&plain)); /* a TGS-REQ's */
	refused(KRB_AP_ERR_BAD_INTEGRITY, "the authenticator does not decrypt", "authenticator");
	encrypt_authenticator(x.session_key, USAGE_AP_REQ_AUTHENTICATOR, buffer_slice(&plain));
	accepted();
}

static void authenticator_of_another_enctype_is_refused(void **state)
{
	(void)state;
	AUTO_KEY other = exchange_key(ENCTYPE_AES256_SHA384, 'c');
	AUTO_BUFFER plain = {0};
	write_authenticator(&plain);
	encrypt_authenticator(other, USAGE_AP_REQ_AUTHENTICATOR, buffer_slice(&plain));
	refused(KRB_AP_ERR_BAD_INTEGRITY,
		"the authenticator is encrypted with aes256-cts-hmac-sha384-192, the session key "
		"is of "
		"type aes256-cts-hmac-sha1-96",
		"aes256-cts-hmac-sha384-192");
}

static void authenticator_that_is_empty_is_refused(void **state)
{
	(void)state;
	send_authenticator(
		(struct encrypted_data){.etype = ENCTYPE_AES256_SHA1, .cipher = SLICE_LITERAL("")});
	refused(KRB_AP_ERR_BAD_INTEGRITY, "the authenticator does not decrypt", "authenticator");
}

/* Section 5.2.9 has no kvno for session keys; deployed clients send one all the same. */
static void kvno_of_the_authenticator_is_passed_over(void **state)
{
	(void)state;
	struct error err;
	AUTO_BUFFER plain = {0};
	AUTO_BUFFER cipher = {0};
	write_authenticator(&plain);
	assert_int_equal(key_encrypt(x.session_key, USAGE_AP_REQ_AUTHENTICATOR,
				 buffer_slice(&plain), &cipher, &err),
		STATUS_OK);
	send_authenticator((struct encrypted_data){.etype = ENCTYPE_AES256_SHA1,
		.has_kvno = true,
		.kvno = 1284,
		.cipher = buffer_slice(&cipher)});
	accepted();
}

static void unreadable_authenticator_is_refused(void **state)
{
	(void)state;
	AUTO_BUFFER plain = {0};
	encrypt_authenticator(x.session_key, USAGE_AP_REQ_AUTHENTICATOR, SLICE_LITERAL("garbage"));
	refused(ERR_SYNTAX, "the authenticator: ", "malformed");
	write_authenticator(&plain);
	assert_int_equal(buffer_append(&plain, SLICE_LITERAL("\0")), STATUS_OK);
	encrypt_authenticator(x.session_key, USAGE_AP_REQ_AUTHENTICATOR, buffer_slice(&plain));
	refused(ERR_SYNTAX, "the authenticator: ", "malformed");
}

/* A ticket of our own, whatever it says, with an authenticator that suits it. */
static void send_ticket(uint32_t usage, struct slice plain)
{
	struct error err;
	AUTO_BUFFER cipher = {0};
	assert_int_equal(key_encrypt(x.service_key, usage, plain, &cipher, &err), STATUS_OK);
	struct ticket ticket = {.server = x.ticket.server,
		.enc_part = {.etype = ENCTYPE_AES256_SHA1, .cipher = buffer_slice(&cipher)}};
	buffer_clear(&x.ticket_der);
	assert_int_equal(der_write_ticket(&ticket, &x.ticket_der, &err), STATUS_OK);
	struct authenticator authenticator = exchange_authenticator(&x);
	exchange_forge(&x, &authenticator, 0);
}

static void unreadable_ticket_is_refused(void **state)
{
	(void)state;
	send_ticket(USAGE_TICKET, SLICE_LITERAL("garbage"));
	refused(ERR_SYNTAX, "the ticket's encrypted part: ", "malformed");
}

static void ticket_for_another_usage_is_refused(void **state)
{
	(void)state;
	struct error err;
	AUTO_BUFFER plain = {0};
	assert_int_equal(der_write_enc_ticket_part(&x.ticket.part, &plain, &err), STATUS_OK);
	send_ticket(3, buffer_slice(&plain)); /* an AS-REP's encrypted part */
	refused(KRB_AP_ERR_BAD_INTEGRITY, "does not decrypt with the key of keytab",
		"does not decrypt with the server's key");
	send_ticket(USAGE_TICKET, buffer_slice(&plain));
	accepted();
}

/* ---- the subkey ---- */

static void send_subkey(int32_t type, struct slice value)
{
	struct authenticator authenticator = exchange_authenticator(&x);
	authenticator.subkey = (struct encryption_key){type, value};
	exchange_forge(&x, &authenticator, 0);
}

static void subkey_may_be_of_another_type(void **state)
{
	(void)state;
	send_subkey(ENCTYPE_AES128_SHA256, SLICE_LITERAL("0123456789abcdef"));
	accepted();
	assert_int_equal(
		enctype_number(key_type(x.server.initiator_subkey)), ENCTYPE_AES128_SHA256);
}

static void weak_subkey_is_refused(void **state)
{
	(void)state;
	send_subkey(23, SLICE_LITERAL("0123456789abcdef"));
	refused(KDC_ERR_ETYPE_NOSUPP, "the authenticator's subkey: arcfour-hmac",
		"the authenticator's subkey: arcfour-hmac");
	send_subkey(0, SLICE_LITERAL("0123456789abcdef"));
	refused(KDC_ERR_ETYPE_NOSUPP, "the authenticator's subkey", "subkey");
}

static void unpermitted_subkey_is_refused(void **state)
{
	(void)state;
	exchange_conf(&x, "[libdefaults]\npermitted_enctypes = aes256-cts-hmac-sha1-96\n");
	send_subkey(ENCTYPE_AES128_SHA1, SLICE_LITERAL("0123456789abcdef"));
	refused(KDC_ERR_ETYPE_NOSUPP,
		"the authenticator's subkey: aes128-cts-hmac-sha1-96 is not one of the permitted",
		"aes128-cts-hmac-sha1-96 is not permitted");
}

static void subkey_of_wrong_length_is_refused(void **state)
{
	(void)state;
	send_subkey(ENCTYPE_AES128_SHA1, SLICE_LITERAL("0123456789abcde"));
	refused(ERR_SYNTAX, "the authenticator's subkey: ", "malformed");
	send_subkey(ENCTYPE_AES128_SHA1, SLICE_LITERAL(""));
	refused(ERR_SYNTAX, "the authenticator's subkey: ", "malformed");
}

/* ---- after a refusal ---- */

/* RFC 8062: nobody in particular, by the name, by the realm, by the flag alone. */
static void an_anonymous_ticket_is_refused(void **state)
{
	static const struct {
		const char *client;
		uint32_t flags;
	} rows[] = {
		{"WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS", TICKET_ANONYMOUS},
		{"WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS", 0},
		{"WELLKNOWN/ANONYMOUS@EXAMPLE.TEST", 0},
		{"WELLKNOWN/ANONYMOUS@OTHER.TEST", 0},
		{"alice@WELLKNOWN:ANONYMOUS", 0},
		{"alice@EXAMPLE.TEST", TICKET_ANONYMOUS},
	};
	(void)state;
	uint32_t usual = x.ticket.part.flags;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		AUTO_BUFFER storage = {0};
		x.ticket.part.client = exchange_principal(rows[i].client, &storage);
		x.ticket.part.flags = usual | rows[i].flags;
		exchange_issue(&x);
		exchange_request(&x);
		refused(KDC_ERR_POLICY, "is anonymous", "nobody logs in without a name");
	}
}

/* No other name, nor part of one. */
static void what_looks_anonymous_is_not(void **state)
{
	static const char *const names[] = {"WELLKNOWN@EXAMPLE.TEST", "ANONYMOUS@EXAMPLE.TEST",
		"anonymous@EXAMPLE.TEST", "WELLKNOWN/ANONYMOUS/x@EXAMPLE.TEST",
		"alice@WELLKNOWN:ANONYMOU", "alice@WELLKNOWN:ANONYMOUS2"};
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		AUTO_BUFFER storage = {0};
		x.ticket.part.client = exchange_principal(names[i], &storage);
		exchange_issue(&x);
		exchange_request(&x);
		accepted();
	}
}

static void nothing_is_left_but_what_a_krb_error_and_a_log_say(void **state)
{
	(void)state;
	x.acceptor.now.seconds += 3600;
	refused(KRB_AP_ERR_SKEW, "clock skew", "clock skew");
	const struct ap_context *s = &x.server;
	assert_string_equal(PRINCIPAL_TEXT(&s->server), EXCHANGE_SERVICE);
	assert_true(s->mutual);
	assert_true(timestamp_equal(s->time, x.initiator.now));
	assert_string_equal(PRINCIPAL_TEXT(&s->client), "alice@EXAMPLE.TEST");
	assert_null(s->session_key);
	assert_null(s->initiator_subkey);
	assert_int_equal(s->ticket_plain.len, strlen("aliceEXAMPLE.TEST")); /* no key */
	assert_null(s->authenticator_plain.data);
	assert_int_equal(s->endtime, 0);
	assert_int_equal(s->checksum.value.len, 0);
}

static void time_is_kept_only_if_the_authenticator_was_decrypted(void **state)
{
	(void)state;
	x.token.data[x.token.len - 1] ^= 1;
	refused(KRB_AP_ERR_BAD_INTEGRITY, "the authenticator", "the authenticator");
	assert_int_equal(x.server.time.seconds, 0);
	assert_int_equal(x.server.time.microseconds, 0);
	assert_int_equal(x.server.server.count, 2);
}

static void unreadable_token_leaves_nothing(void **state)
{
	(void)state;
	x.token.len--;
	refused(ERR_SYNTAX, "AP-REQ", "malformed");
	assert_int_equal(x.server.client.count, 0);
	assert_int_equal(x.server.server.count, 0);
	assert_false(x.server.mutual);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, finish)

SUITE(test_ap_req_hostile)
{
	const struct CMUnitTest tests[] = {
		CASE(every_changed_bit_is_refused_but_the_open_ones),
		CASE(bits_of_a_ticket_without_kvno),
		CASE(open_bits_change_nothing_that_is_known),
		CASE(every_shortened_token_is_refused),
		CASE(octets_after_the_message_are_refused),
		CASE(ticket_of_48_kibioctets_is_accepted),
		CASE(token_of_more_than_64_kibioctets_is_refused),
		CASE(other_messages_are_refused_by_name),
		CASE(other_versions_are_refused),
		CASE(other_message_type_inside_is_refused),
		CASE(user_to_user_is_refused),
		CASE(reserved_options_are_passed_over),
		CASE(authenticator_by_another_key_is_refused),
		CASE(authenticator_for_another_usage_is_refused),
		CASE(authenticator_of_another_enctype_is_refused),
		CASE(authenticator_that_is_empty_is_refused),
		CASE(kvno_of_the_authenticator_is_passed_over),
		CASE(unreadable_authenticator_is_refused),
		CASE(unreadable_ticket_is_refused),
		CASE(ticket_for_another_usage_is_refused),
		CASE(subkey_may_be_of_another_type),
		CASE(weak_subkey_is_refused),
		CASE(unpermitted_subkey_is_refused),
		CASE(subkey_of_wrong_length_is_refused),
		CASE(an_anonymous_ticket_is_refused),
		CASE(what_looks_anonymous_is_not),
		CASE(nothing_is_left_but_what_a_krb_error_and_a_log_say),
		CASE(time_is_kept_only_if_the_authenticator_was_decrypted),
		CASE(unreadable_token_leaves_nothing),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

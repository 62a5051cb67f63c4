/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client that breaks the rules of KERBEROS_V5, with a good ticket: AP-REQs
 * made by hand meet the server through libsasl2's public API.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ap/ap.h"
#include "base/timestamp.h"
#include "mech/kerberos_v5.h"
#include "tests/support/assertions.h"
#include "tests/support/login_fixture.h"
#include "tests/support/suite.h"

/* What the forger sends; zero is a right AP-REQ with mutual authentication. */
struct forgery {
	unsigned layers; /* LAYER_NONE | LAYER_MUTUAL */
	uint32_t max_buffer;
	struct slice authzid;
	int challenge_octet;   /* which octet of the challenge is changed, plus one */
	size_t binding_length; /* cut to this, if it is not zero */
	bool option_differs;   /* AP option MUTUAL-REQUIRED against the binding */
	int elements;          /* how often the binding stands in the authenticator: once */
	int32_t element_type;  /* AD_KERBEROS_V5_BINDING */
	int32_t extra_type;    /* another element beside it */
	bool wrong_checksum;   /* over other octets */
	bool foreign_checksum; /* GSS-API's type */
	bool no_checksum;
	sasl_ssf_t max_ssf; /* the server's: above 0 it offers layers */
};

/* The ticket that realm_issue() left in the cache. */
static void open_cache(struct ccache **ccache, struct credential *credential)
{
	AUTO_BUFFER storage = {0};
	struct principal server;
	struct error err;
	const struct enctype_list all = {1, {ENCTYPE_AES256_SHA1}};
	assert_success(principal_parse(SLICE_LITERAL(REALM_SERVER), &server, &storage, &err), &err);
	assert_success(ccache_open(realm_path("ccache"), NULL, ccache, &err), &err);
	assert_success(
		ccache_find(*ccache, &server,
			&(struct ccache_terms){&all, timestamp_now().seconds, 0}, credential, &err),
		&err);
}

static void make_binding(const struct forgery *how, struct slice challenge, struct buffer *out)
{
	struct challenge read;
	struct error err;
	assert_success(challenge_read(challenge, &read, &err), &err);
	if (how->challenge_octet)
		read.octets[how->challenge_octet - 1] ^= 1;
	const struct binding binding = {
		.layers = how->layers ? how->layers : LAYER_NONE | LAYER_MUTUAL,
		.max_buffer = how->max_buffer,
		.authzid = how->authzid,
	};
	assert_success(binding_make(&binding, &read, out, &err), &err);
	if (how->binding_length)
		out->len = how->binding_length - 1;
}

static void forge(const struct forgery *how, struct slice challenge, struct buffer *token)
{
	struct credential credential;
	AUTO_CCACHE ccache = NULL;
	open_cache(&ccache, &credential);
	AUTO_BUFFER binding = {0};
	make_binding(how, challenge, &binding);

	struct authorization_data data = {0};
	int elements = how->elements ? how->elements : 1;
	for (int i = 0; i < elements; i++)
		data.element[data.count++] = (struct ad_element){
			how->element_type ? how->element_type : AD_KERBEROS_V5_BINDING,
			buffer_slice(&binding)};
	if (how->extra_type)
		data.element[data.count++] =
			(struct ad_element){how->extra_type, SLICE_LITERAL("\x30\x00")};

	struct ap_initiator initiator = {
		.credential = &credential,
		.now = timestamp_now(),
		.mutual = (binding.data[0] & LAYER_MUTUAL) != 0,
		.subkey = true,
		.checksummed = how->wrong_checksum ? SLICE_LITERAL("other octets")
						   : buffer_slice(&binding),
		.authorization_data = elements < 0 ? NULL : &data,
	};
	if (how->option_differs)
		initiator.mutual = !initiator.mutual;
	if (how->foreign_checksum || how->no_checksum)
		initiator.checksummed = SLICE_EMPTY;
	if (how->foreign_checksum)
		initiator.checksum = (struct checksum){0x8003, SLICE_LITERAL("0123456789abcdef")};
	struct ap_context context = {0};
	struct error err;
	const struct ap_trace quiet = {0};
	assert_success(ap_req_make(&initiator, &quiet, &context, token, &err), &err);
	ap_context_clear(&context);
}

/* Sends it; the server's result, and what it logged has to hold `reason`. */
static void send_forgery(const struct forgery *how, int expected, const char *reason)
{
	const struct pair_setup verbose = {
		.server.option = {{"log_level", "4"}},
		.server.security = {.max_ssf = how->max_ssf, .maxbufsize = 65536},
	};
	struct pair pair;
	pair_open(&pair, &verbose);
	assert_true(pair_start(&pair));
	AUTO_BUFFER token = {0};
	forge(how, buffer_slice(&pair.token), &token);
	const char *out;
	unsigned len;
	int result = sasl_server_step(
		pair.server.conn, (const char *)token.data, (unsigned)token.len, &out, &len);
	if (result != expected || !strstr(peer_log(&pair.server), reason))
		fail_msg("%d instead of %d, log \"%s\" instead of \"%s\"", result, expected,
			peer_log(&pair.server), reason);
	if (expected == SASL_CONTINUE)
		assert_int_equal(der_message_type(slice_of(out, len)), KRB_ERROR);
	pair_close(&pair);
}

static void a_right_one_is_taken(void **state UNUSED)
{
	send_forgery(&(struct forgery){0}, SASL_OK, "alice@EXAMPLE.TEST authenticated");
	send_forgery(&(struct forgery){.layers = LAYER_NONE}, SASL_OK, ", not mutual");
	send_forgery(&(struct forgery){.authzid = SLICE_LITERAL("bob")}, SASL_OK,
		"as \"alice\", asking to act as \"bob\"");
}

static void every_octet_of_the_challenge_is_compared(void **state UNUSED)
{
	for (int octet = 1; octet <= CHALLENGE_LENGTH; octet++)
		send_forgery(&(struct forgery){.challenge_octet = octet}, SASL_CONTINUE,
			"answers another challenge");
}

static void a_short_binding_is_refused(void **state UNUSED)
{
	for (size_t len = 0; len < 26; len++)
		send_forgery(
			&(struct forgery){.binding_length = len + 1}, SASL_CONTINUE, "binding has");
}

static void exactly_one_layer_has_to_be_chosen(void **state UNUSED)
{
	send_forgery(&(struct forgery){.layers = LAYER_MUTUAL}, SASL_CONTINUE,
		"exactly one has to be chosen");
	send_forgery(&(struct forgery){.layers = LAYER_MUTUAL | LAYER_NONE | LAYER_INTEGRITY},
		SASL_CONTINUE, "exactly one has to be chosen");
	send_forgery(&(struct forgery){.layers = LAYER_INTEGRITY | LAYER_PRIVACY}, SASL_BADAUTH,
		"exactly one has to be chosen");
}

static void a_layer_that_was_not_offered_is_refused(void **state UNUSED)
{
	static const unsigned layers[] = {LAYER_INTEGRITY, LAYER_PRIVACY, 16, 32, 64, 128};
	for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
		send_forgery(&(struct forgery){.layers = LAYER_MUTUAL | layers[i]}, SASL_CONTINUE,
			"of those offered, 0x09");
}

/* What is offered together is chosen by one of its bits alone. */
static void a_layer_is_chosen_by_itself(void **state UNUSED)
{
	static const unsigned both = LAYER_MUTUAL | LAYER_INTEGRITY | LAYER_PRIVACY;
	struct forgery how = {.max_ssf = 256, .max_buffer = 65536};
	how.layers = both;
	send_forgery(&how, SASL_CONTINUE, "exactly one has to be chosen");
	how.layers = both | LAYER_NONE;
	send_forgery(&how, SASL_CONTINUE, "exactly one has to be chosen");
	how.max_ssf = 1;
	how.layers = LAYER_MUTUAL | LAYER_PRIVACY;
	send_forgery(&how, SASL_CONTINUE, "chose layers 0x0c, of those offered, 0x0b");
	how.layers = LAYER_MUTUAL | LAYER_INTEGRITY;
	send_forgery(&how, SASL_OK, ", mutual, SSF 1");
	how.max_ssf = 256;
	how.layers = LAYER_MUTUAL | LAYER_PRIVACY;
	send_forgery(&how, SASL_OK, ", mutual, SSF 256");
}

static void a_layer_without_mutual_authentication_is_refused(void **state UNUSED)
{
	static const unsigned layers[] = {LAYER_INTEGRITY, LAYER_PRIVACY};
	for (size_t i = 0; i < 2; i++)
		send_forgery(
			&(struct forgery){.layers = layers[i], .max_ssf = 256, .max_buffer = 65536},
			SASL_BADAUTH, "chose a security layer without mutual authentication");
}

static void a_buffer_in_which_nothing_fits_is_refused(void **state UNUSED)
{
	static const uint32_t sizes[] = {0, 1, 50, 60};
	for (size_t i = 0; i < 4; i++) {
		struct forgery how = {.max_ssf = 256, .max_buffer = sizes[i]};
		how.layers = LAYER_MUTUAL | LAYER_PRIVACY;
		send_forgery(&how, SASL_CONTINUE, "octets, in which nothing fits");
		how.layers = LAYER_MUTUAL | LAYER_INTEGRITY;
		send_forgery(&how, SASL_CONTINUE, "octets, in which nothing fits");
	}
}

static void a_buffer_size_without_a_layer_is_refused(void **state UNUSED)
{
	send_forgery(&(struct forgery){.max_buffer = 1}, SASL_CONTINUE, "a buffer size of 1");
	send_forgery(&(struct forgery){.max_buffer = UINT32_MAX}, SASL_CONTINUE,
		"a buffer size of 4294967295");
}

static void the_option_has_to_agree_with_the_binding(void **state UNUSED)
{
	send_forgery(&(struct forgery){.option_differs = true}, SASL_BADAUTH,
		"MUTUAL-REQUIRED and the authenticated choice of the client differ");
	send_forgery(&(struct forgery){.layers = LAYER_NONE, .option_differs = true}, SASL_CONTINUE,
		"MUTUAL-REQUIRED and the authenticated choice of the client differ");
}

static void the_binding_stands_once_in_the_authenticator(void **state UNUSED)
{
	send_forgery(&(struct forgery){.elements = 2}, SASL_CONTINUE, "-1");
	send_forgery(&(struct forgery){.elements = -1}, SASL_CONTINUE, "binding has 0 octets");
}

static void other_elements_are_refused(void **state UNUSED)
{
	send_forgery(&(struct forgery){.element_type = -2}, SASL_CONTINUE, "-2");
	send_forgery(&(struct forgery){.extra_type = 77}, SASL_CONTINUE, "77");
	send_forgery(&(struct forgery){.extra_type = AD_IF_RELEVANT}, SASL_OK, "authenticated");
}

static void the_checksum_covers_the_binding(void **state UNUSED)
{
	send_forgery(&(struct forgery){.wrong_checksum = true}, SASL_CONTINUE,
		"the authenticator's checksum over its binding: ");
	send_forgery(&(struct forgery){.foreign_checksum = true}, SASL_CONTINUE,
		"the authenticator's checksum over its binding: ");
	send_forgery(&(struct forgery){.no_checksum = true}, SASL_CONTINUE,
		"the authenticator's checksum over its binding: ");
}

static void bad_authorization_identities_are_refused(void **state UNUSED)
{
	static const struct {
		struct slice authzid;
		const char *reason;
	} row[] = {
		{SLICE_LITERAL("bob\0root"), "\"bob\\x00root\" has a NUL octet"},
		{SLICE_LITERAL("bob\n"), "\"bob\\x0A\" has a control character"},
		{SLICE_LITERAL(" bob"), "a blank at its beginning or end"},
		{SLICE_LITERAL("bob "), "a blank at its beginning or end"},
		{SLICE_LITERAL(" "), "a blank at its beginning or end"},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		send_forgery(
			&(struct forgery){.authzid = row[i].authzid}, SASL_CONTINUE, row[i].reason);
}

static void a_very_long_authorization_identity_is_refused(void **state UNUSED)
{
	static char name[5000];
	memset(name, 'n', sizeof name);
	send_forgery(&(struct forgery){.authzid = slice_of(name, 512)}, SASL_OK, "nnnn");
	send_forgery(&(struct forgery){.authzid = slice_of(name, 513)}, SASL_CONTINUE,
		"has more octets than an identity may have");
	send_forgery(&(struct forgery){.authzid = slice_of(name, sizeof name)}, SASL_CONTINUE,
		"has more octets than an identity may have");
}

static void name_client(struct mint_ticket *ticket, void *arg)
{
	ticket->part.client = *(struct principal *)arg;
}

static void names_that_pass_for_others_are_refused(void **state UNUSED)
{
	static const struct {
		struct slice name, realm;
		const char *reason;
	} row[] = {
		{SLICE_LITERAL("root\0x"), SLICE_LITERAL("EXAMPLE.TEST"),
			"\"root\\x00x@EXAMPLE.TEST\" has a NUL octet"},
		{SLICE_LITERAL("alice\r\n"), SLICE_LITERAL("EXAMPLE.TEST"),
			"alice\\x0D\\x0A@EXAMPLE.TEST\" has a control character"},
		{SLICE_LITERAL(" root"), SLICE_LITERAL("EXAMPLE.TEST"), "has a blank"},
		{SLICE_LITERAL("root@EXAMPLE.TEST"), SLICE_LITERAL("OTHER"), "separates names"},
		{SLICE_LITERAL("root"), SLICE_LITERAL("X@EXAMPLE.TEST"), "separates names"},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct principal client = {NT_PRINCIPAL, 1, {row[i].name}, row[i].realm};
		realm_issue(&(struct realm_ticket){.change = name_client, .arg = &client});
		send_forgery(&(struct forgery){0}, SASL_CONTINUE, row[i].reason);
	}
}

SUITE(test_forged)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(a_right_one_is_taken),
		LOGIN_CASE(every_octet_of_the_challenge_is_compared),
		LOGIN_CASE(a_short_binding_is_refused),
		LOGIN_CASE(exactly_one_layer_has_to_be_chosen),
		LOGIN_CASE(a_layer_that_was_not_offered_is_refused),
		LOGIN_CASE(a_layer_is_chosen_by_itself),
		LOGIN_CASE(a_layer_without_mutual_authentication_is_refused),
		LOGIN_CASE(a_buffer_in_which_nothing_fits_is_refused),
		LOGIN_CASE(a_buffer_size_without_a_layer_is_refused),
		LOGIN_CASE(the_option_has_to_agree_with_the_binding),
		LOGIN_CASE(the_binding_stands_once_in_the_authenticator),
		LOGIN_CASE(other_elements_are_refused),
		LOGIN_CASE(the_checksum_covers_the_binding),
		LOGIN_CASE(bad_authorization_identities_are_refused),
		LOGIN_CASE(a_very_long_authorization_identity_is_refused),
		LOGIN_CASE(names_that_pass_for_others_are_refused),
	};
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server side of GSSAPI against clients as others write them, and against
 * such as nobody should.
 */
#include "tests/support/gssapi_peer.h"
#include "tests/support/suite.h"

static const struct pair_setup usual = {
	.server = {.security = {.max_ssf = 256, .maxbufsize = 4096}}};
static const struct pair_setup without_layers = {0};

/* To where the offer came, which says what is expected. */
static void come_to_offer(struct gss_peer *p, const struct pair_setup *how, struct slice offer)
{
	gss_peer_open(p, how);
	assert_int_equal(to_server(p, initial_token(p, true)), SASL_CONTINUE);
	finish_initiating(p, buffer_slice(&p->got));
	gss_channel_open(&p->context, true, &p->channel);
	assert_int_equal(to_server(p, SLICE_EMPTY), SASL_CONTINUE);
	expect_unwrapped(p, offer);
}
#define USUAL_OFFER SLICE_LITERAL("\x07\x00\x10\x00")

static void expect_refused(struct gss_peer *p, const char *text)
{
	assert_int_equal(p->result, SASL_BADAUTH);
	assert_false(p->has_got);
	expect_in("the log", peer_log(&p->pair.server), "2 GSSAPI: login refused");
	expect_in("the log", peer_log(&p->pair.server), text);
	assert_int_not_equal(to_server(p, SLICE_EMPTY), SASL_OK);
	assert_int_not_equal(p->result, SASL_CONTINUE);
	gss_peer_close(p);
}

/* Java without a layer asks for no AP-REP: keys and numbers are the initiator's. */
static void without_an_ap_rep_the_initiators_numbers_count(void **state UNUSED)
{
	struct gss_peer p;
	gss_peer_open(&p, &usual);
	assert_int_equal(to_server(&p, initial_token(&p, false)), SASL_CONTINUE);
	gss_channel_open(&p.context, true, &p.channel);
	assert_ptr_equal(p.channel.key, p.context.initiator_subkey);
	assert_int_equal(p.channel.receive_seq, p.context.initiator_seq);
	assert_memory_equal(p.got.data, "\x05\x04\x01\xff", 4);
	EXPECT_UNWRAPPED(&p, "\x01\x00\x00\x00");
	assert_int_equal(to_server(&p, WRAPPED(&p, "\x01\x00\x00\x00")), SASL_OK);
	assert_string_equal(peer_string(&p.pair.server, SASL_USERNAME), "alice");
	gss_peer_close(&p);
}

static void a_size_without_a_layer_is_passed_over(void **state UNUSED)
{
	struct gss_peer p;
	come_to_offer(&p, &without_layers, SLICE_LITERAL("\x01\x00\x00\x00"));
	assert_int_equal(to_server(&p, WRAPPED(&p, "\x01\xff\xff\xff"
						   "bob")),
		SASL_OK);
	assert_string_equal(peer_string(&p.pair.server, SASL_USERNAME), "bob");
	gss_peer_close(&p);
}

/* Clients with ad_compat say privacy and integrity, and mean privacy. */
static void privacy_and_integrity_is_privacy(void **state UNUSED)
{
	struct gss_peer p;
	come_to_offer(&p, &usual, USUAL_OFFER);
	assert_int_equal(to_server(&p, WRAPPED(&p, "\x06\x00\x10\x00")), SASL_OK);
	assert_int_equal(number(&p.pair.server, SASL_SSF), 256);
	gss_peer_close(&p);
}

static void the_choice_may_be_sealed(void **state UNUSED)
{
	struct gss_peer p;
	struct error err;
	const struct slice choice = SLICE_LITERAL("\x01\x00\x00\x00");
	come_to_offer(&p, &usual, USUAL_OFFER);
	buffer_clear(&p.token);
	must_be(gss_protections.privacy->make(&p.channel, &choice, 1, &p.token, &err), &err);
	assert_int_equal(to_server(&p, buffer_slice(&p.token)), SASL_OK);
	gss_peer_close(&p);
}

/* Each a choice that is refused, and why. */
static void a_choice_has_to_be_one_of_the_offer(void **state UNUSED)
{
	static const struct {
		struct slice choice;
		const char *text;
	} cases[] = {
		{SLICE_LITERAL("\x00\x00\x00\x00"), "the client chose layers 0x00"},
		{SLICE_LITERAL("\x03\x00\x10\x00"), "the client chose layers 0x03"},
		{SLICE_LITERAL("\x07\x00\x10\x00"), "the client chose layers 0x07"},
		{SLICE_LITERAL("\x08\x00\x10\x00"), "the client chose layers 0x08"},
		{SLICE_LITERAL("\x02\x00\x00\x00"), "packets of 0 octets, in which nothing fits"},
		{SLICE_LITERAL("\x04\x00\x00\x3c"), "packets of 60 octets, in which nothing fits"},
		{SLICE_LITERAL("\x01\x00\x00"), "a message of 3 octets came where"},
		{SLICE_LITERAL(""), "a message of 0 octets came where"},
		{SLICE_LITERAL("\x01\x00\x00\x00"
			       "b\0b"),
			"NUL"},
		{SLICE_LITERAL("\x01\x00\x00\x00"
			       " bob"),
			"blank"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct gss_peer p;
		come_to_offer(&p, &usual, USUAL_OFFER);
		to_server(&p, wrapped(&p, cases[i].choice));
		expect_refused(&p, cases[i].text);
	}
}

static void what_was_not_offered_cannot_be_chosen(void **state UNUSED)
{
	const struct pair_setup needs_layer = {
		.server = {.security = {.min_ssf = 1, .max_ssf = 1, .maxbufsize = 4096}}};
	struct gss_peer p;
	come_to_offer(&p, &without_layers, SLICE_LITERAL("\x01\x00\x00\x00"));
	to_server(&p, WRAPPED(&p, "\x04\x00\x10\x00"));
	expect_refused(&p, "one of those offered, 0x01");
	come_to_offer(&p, &needs_layer, SLICE_LITERAL("\x02\x00\x10\x00"));
	to_server(&p, WRAPPED(&p, "\x01\x00\x00\x00"));
	expect_refused(&p, "one of those offered, 0x02");
}

/* A client without mutual authentication can have no layer. */
static void a_layer_that_is_required_needs_mutual_authentication(void **state UNUSED)
{
	const struct pair_setup needs_layer = {
		.server = {.security = {.min_ssf = 1, .max_ssf = 256, .maxbufsize = 4096}}};
	struct gss_peer p;
	gss_peer_open(&p, &needs_layer);
	to_server(&p, initial_token(&p, false));
	expect_refused(&p, "requires a security layer of strength 1 to 256");
}

/* An initiator whose checksum has the flags given. */
static void request_with_flags(struct gss_peer *p, uint32_t flags)
{
	unsigned char value[GSS_CHECKSUM_LENGTH];
	const struct gss_bindings none = {{0}};
	const struct ap_initiator initiator = {
		.credential = &p->credential,
		.now = timestamp_now(),
		.mutual = true,
		.subkey = true,
		.checksum = gss_checksum_make(flags, &none, value),
	};
	AUTO_BUFFER ap_req = {0};
	struct error err;
	buffer_clear(&p->token);
	must_be(ap_req_make(&initiator, NULL, &p->context, &ap_req, &err), &err);
	must_be(gss_token_write(GSS_TOKEN_AP_REQ, buffer_slice(&ap_req), &p->token, &err), &err);
	assert_int_equal(to_server(p, buffer_slice(&p->token)), SASL_CONTINUE);
	finish_initiating(p, buffer_slice(&p->got));
	gss_channel_open(&p->context, true, &p->channel);
	assert_int_equal(to_server(p, SLICE_EMPTY), SASL_CONTINUE);
}

/* RFC 4752 section 3.2: what the context cannot do is not offered. */
static void the_flags_limit_the_offer(void **state UNUSED)
{
	struct gss_peer p;
	gss_peer_open(&p, &usual);
	request_with_flags(&p, GSS_MUTUAL | GSS_SEQUENCE | GSS_INTEG);
	EXPECT_UNWRAPPED(&p, "\x03\x00\x10\x00");
	gss_peer_close(&p);
	gss_peer_open(&p, &usual);
	request_with_flags(&p, GSS_MUTUAL | GSS_SEQUENCE);
	EXPECT_UNWRAPPED(&p, "\x01\x00\x00\x00");
	gss_peer_close(&p);
}

/* go-ldap's client asks for neither REPLAY nor SEQUENCE, and numbers its one message as it likes.
 */
static void a_client_without_numbers_has_no_layer(void **state UNUSED)
{
	struct gss_peer p;
	gss_peer_open(&p, &usual);
	request_with_flags(&p, GSS_MUTUAL | GSS_CONF | GSS_INTEG);
	EXPECT_UNWRAPPED(&p, "\x01\x00\x00\x00");
	p.channel.send_seq = 1;
	assert_int_equal(to_server(&p, WRAPPED(&p, "\x01\x00\x00\x00")), SASL_OK);
	gss_peer_close(&p);

	gss_peer_open(&p, &usual);
	request_with_flags(&p, GSS_MUTUAL | GSS_CONF | GSS_INTEG);
	p.channel.send_seq = 1;
	(void)WRAPPED(&p, "\x01\x00\x00\x00");
	p.token.data[16] ^= 4;
	to_server(&p, buffer_slice(&p.token));
	expect_refused(&p, "the client's choice of a security layer");
}

/* Sequence numbers count from the handshake on. */
static void a_repeated_or_reflected_message_is_refused(void **state UNUSED)
{
	struct gss_peer p;
	come_to_offer(&p, &usual, USUAL_OFFER);
	AUTO_BUFFER offer = {0};
	assert_int_equal(buffer_append(&offer, buffer_slice(&p.got)), STATUS_OK);
	to_server(&p, buffer_slice(&offer));
	expect_refused(&p, "the client's choice of a security layer");

	come_to_offer(&p, &usual, USUAL_OFFER);
	p.channel.send_seq++;
	to_server(&p, WRAPPED(&p, "\x01\x00\x00\x00"));
	expect_refused(&p, "sequence number");
}

static void each_message_has_its_place(void **state UNUSED)
{
	struct gss_peer p;
	AUTO_BUFFER request = {0};
	gss_peer_open(&p, &usual);
	assert_int_equal(buffer_append(&request, initial_token(&p, true)), STATUS_OK);
	assert_int_equal(to_server(&p, buffer_slice(&request)), SASL_CONTINUE);
	to_server(&p, buffer_slice(&request));
	expect_refused(&p, "where its empty message is due");

	come_to_offer(&p, &usual, USUAL_OFFER);
	to_server(&p, SLICE_EMPTY);
	expect_refused(&p, "the client's choice of a security layer");

	come_to_offer(&p, &usual, USUAL_OFFER);
	to_server(&p, buffer_slice(&request));
	expect_refused(&p, "the client's choice of a security layer");

	gss_peer_open(&p, &usual);
	assert_int_equal(to_server(&p, SLICE_EMPTY), SASL_CONTINUE);
	assert_int_equal(p.got.len, 0);
	to_server(&p, SLICE_EMPTY);
	expect_refused(&p, "");

	gss_peer_open(&p, &usual);
	to_server(&p, SLICE_LITERAL("\x60\x03\x06\x01\x01"));
	expect_refused(&p, "");
}

SUITE(test_gssapi_server)
{
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(without_an_ap_rep_the_initiators_numbers_count),
		LOGIN_CASE(a_size_without_a_layer_is_passed_over),
		LOGIN_CASE(privacy_and_integrity_is_privacy),
		LOGIN_CASE(the_choice_may_be_sealed),
		LOGIN_CASE(a_choice_has_to_be_one_of_the_offer),
		LOGIN_CASE(what_was_not_offered_cannot_be_chosen),
		LOGIN_CASE(a_layer_that_is_required_needs_mutual_authentication),
		LOGIN_CASE(the_flags_limit_the_offer),
		LOGIN_CASE(a_client_without_numbers_has_no_layer),
		LOGIN_CASE(a_repeated_or_reflected_message_is_refused),
		LOGIN_CASE(each_message_has_its_place),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each kind of token in each state of either side of GSSAPI: refused, but for
 * the one that is due there, and nothing goes on after that.
 */
#include <string.h>

#include "tests/support/gssapi_peer.h"
#include "tests/support/suite.h"

static const struct pair_setup usual = {
	.client = {.security = {.max_ssf = 256, .maxbufsize = 4096}},
	.server = {.security = {.max_ssf = 256, .maxbufsize = 4096}}};

enum kind { EMPTY, INITIAL, AP_REP, ERROR, UNSEALED, SEALED, MIC, RFC1964, GARBAGE, KIND_COUNT };

static void append(struct buffer *out, struct slice octets)
{
	assert_int_equal(buffer_append(out, octets), STATUS_OK);
}

/*
 * A token of that kind that is as right as it can be: of the peer's own
 * context, as the side that it is.
 */
static void make_token(struct gss_peer *p, enum kind kind, struct buffer *out)
{
	const struct slice choice = SLICE_LITERAL("\x01\x00\x00\x00");
	const struct ap_refusal refusal = {
		.code = KRB_AP_ERR_SKEW, .now = timestamp_now(), .server = &p->credential.server};
	struct gss_accepted accepted = {.subkey = key_type(p->context.session_key)};
	struct channel channel = p->channel;
	struct ap_context *other = ap_context_new();
	struct error err;
	switch (kind) {
	case INITIAL:
		must_be(gss_initiate(&(struct gss_initiator){.credential = &p->credential,
					     .now = timestamp_now(),
					     .mutual = true,
					     .protection = GSS_CONF | GSS_INTEG,
					     .permitted = krb5_conf_permitted_enctypes(p->conf)},
				NULL, other, out, &err),
			&err);
		break;
	case AP_REP:
		other->session_key = key_ref(p->context.session_key);
		other->time = p->context.time;
		must_be(gss_reply(&accepted, NULL, other, out, &err), &err);
		break;
	case ERROR:
		must_be(gss_refuse(&refusal, out, &err), &err);
		break;
	case UNSEALED:
		must_be(gss_protections.integrity->make(&channel, &choice, 1, out, &err), &err);
		break;
	case SEALED:
		must_be(gss_protections.privacy->make(&channel, &choice, 1, out, &err), &err);
		break;
	case MIC:
		must_be(gss_mic_make(&channel, choice, out, &err), &err);
		break;
	case RFC1964:
		append(out, SLICE_LITERAL("\x60\x1d\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x02"
					  "\x01\x00\x00\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00"
					  "\x00\x00\x00"));
		break;
	case GARBAGE:
		append(out, SLICE_LITERAL("\x0a garbage \xff"));
		break;
	default:
		break;
	}
	ap_context_free(other);
}

/* The server, in a state: 0 nothing came, 1 the AP-REP is out, 2 the offer is. */
static void server_in_state(struct gss_peer *p, int state)
{
	gss_peer_open(p, &usual);
	if (state == 0) { /* the tokens of a context that the server does not know */
		(void)initial_token(p, true);
		gss_channel_open(&p->context, true, &p->channel);
		return;
	}
	assert_int_equal(to_server(p, initial_token(p, true)), SASL_CONTINUE);
	finish_initiating(p, buffer_slice(&p->got));
	gss_channel_open(&p->context, true, &p->channel);
	if (state == 2) {
		assert_int_equal(to_server(p, SLICE_EMPTY), SASL_CONTINUE);
		p->channel.receive_seq++;
	}
}

static bool is_due_at_server(int state, enum kind kind)
{
	switch (state) {
	case 0: /* an empty message asks for the empty challenge */
		return kind == INITIAL || kind == EMPTY;
	case 1:
		return kind == EMPTY;
	default:
		return kind == UNSEALED || kind == SEALED;
	}
}

static void each_token_at_the_server(void **state UNUSED)
{
	for (int at = 0; at < 3; at++)
		for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
			struct gss_peer p;
			AUTO_BUFFER token = {0};
			server_in_state(&p, at);
			make_token(&p, kind, &token);
			int result = to_server(&p, buffer_slice(&token));
			bool went_on = result == SASL_OK || result == SASL_CONTINUE;
			if (went_on != is_due_at_server(at, kind))
				fail_msg("state %d, token %d: %d", at, kind, result);
			if (!went_on) {
				assert_int_equal(result, SASL_BADAUTH);
				expect_in("the log", peer_log(&p.pair.server), "login refused");
				result = to_server(&p, buffer_slice(&token));
				assert_true(result != SASL_OK && result != SASL_CONTINUE);
			}
			gss_peer_close(&p);
		}
}

/* The client, in a state: 0 the AP-REP is due, 1 the offer is. */
static void client_in_state(struct gss_peer *p, int state)
{
	struct gss_accepted accepted;
	struct error err;
	gss_peer_open(p, &usual);
	assert_int_equal(start_client(p), SASL_CONTINUE);
	accept_request(p, &accepted);
	if (state == 1) {
		must_be(gss_reply(&accepted, NULL, &p->context, &p->token, &err), &err);
		assert_int_equal(to_client(p, buffer_slice(&p->token)), SASL_CONTINUE);
	}
	gss_channel_open(&p->context, false, &p->channel);
}

static bool is_due_at_client(int state, enum kind kind)
{
	return state == 0 ? kind == AP_REP : kind == UNSEALED || kind == SEALED;
}

static void each_token_at_the_client(void **state UNUSED)
{
	for (int at = 0; at < 2; at++)
		for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
			struct gss_peer p;
			AUTO_BUFFER token = {0};
			client_in_state(&p, at);
			make_token(&p, kind, &token);
			int result = to_client(&p, buffer_slice(&token));
			bool went_on = result == SASL_OK || result == SASL_CONTINUE;
			if (went_on != is_due_at_client(at, kind))
				fail_msg("state %d, token %d: %d", at, kind, result);
			if (!went_on) {
				assert_true(strlen(peer_detail(&p.pair.client)) > 20);
				result = to_client(&p, buffer_slice(&token));
				assert_true(result != SASL_OK && result != SASL_CONTINUE);
			}
			gss_peer_close(&p);
		}
}

/* Cut anywhere, the token that is due is none. */
static void every_truncation_at_the_server(void **state UNUSED)
{
	struct gss_peer p;
	AUTO_BUFFER token = {0};
	server_in_state(&p, 0);
	make_token(&p, INITIAL, &token);
	gss_peer_close(&p);
	for (size_t len = 1; len < token.len; len++) {
		server_in_state(&p, 0);
		int result = to_server(&p, slice_of(token.data, len));
		assert_true(result != SASL_OK && result != SASL_CONTINUE);
		gss_peer_close(&p);
	}
	for (size_t len = 1; len < 32; len++) {
		AUTO_BUFFER choice = {0};
		server_in_state(&p, 2);
		make_token(&p, UNSEALED, &choice);
		int result = to_server(&p, slice_of(choice.data, len));
		assert_true(result != SASL_OK && result != SASL_CONTINUE);
		gss_peer_close(&p);
	}
}

SUITE(test_gssapi_states)
{
	const struct CMUnitTest tests[] = {
		LOGIN_CASE(each_token_at_the_server),
		LOGIN_CASE(each_token_at_the_client),
		LOGIN_CASE(every_truncation_at_the_server),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, login_setup, login_teardown);
}

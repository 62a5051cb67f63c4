/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What other implementations of GSS-SPNEGO sent each other, from tests/data/spnego_tokens.txt,
 * from either side: the first tokens accepted, and the answers to them taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gss/gss_mechanism.h"
#include "gss/gss_message.h"
#include "gss/spnego.h"
#include "tests/support/assertions.h"
#include "tests/support/gss_pair.h"
#include "tests/support/recorded_values.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

static struct gss_pair p;
static struct spnego initiator, acceptor;
static struct recorded values;
static struct error err;

static void must(enum status status)
{
	if (status)
		fail_msg("%s: %s", values.session, err.text);
}

static void open_session(const char *session)
{
	recorded_open(&values, "spnego_tokens.txt", session);
	gss_pair_open(&p);
	keytab_release(p.x.keytab);
	must(keytab_parse(recorded_value(&values, "keytab"), EXCHANGE_KEYTAB, &p.x.keytab, &err));
	p.x.acceptor.keytab = p.x.keytab;
	struct reader time = reader_of(recorded_value(&values, "time"));
	p.x.acceptor.now.seconds = read_u32(&time);
}

static void close_session(void)
{
	spnego_close(&initiator);
	spnego_close(&acceptor);
	initiator = acceptor = (struct spnego){0};
	recorded_close(&values);
	gss_pair_close(&p);
}

/* The first token; then the context is the acceptor's, of which flags are expected. */
static void take_first(uint32_t flags)
{
	struct slice token;
	must(spnego_accept(&acceptor, recorded_value(&values, "init"), &token, &err));
	assert_false(acceptor.is_raw);
	assert_false(acceptor.needs_mic);
	mint_octets(&p.request, token);
	must(gss_pair_answer(&p, &err));
	char name[PRINCIPAL_TEXT_SIZE];
	assert_string_equal(
		principal_text(&p.x.server.client, name, sizeof name), "alice@EXAMPLE.TEST");
	assert_int_equal(p.accepted.flags & 0x3f, flags);
	assert_true(p.x.server.mutual);
}

/* The initiator as it was before the answer, by what the acceptor knows of it. */
static void take_initiator(void)
{
	struct ap_context *c = &p.x.client;
	const struct ap_context *s = &p.x.server;
	c->session_key = key_ref(s->session_key);
	c->initiator_subkey = s->initiator_subkey ? key_ref(s->initiator_subkey) : NULL;
	c->time = s->time;
	c->mutual = s->mutual;
	c->has_initiator_seq = s->has_initiator_seq;
	c->initiator_seq = s->initiator_seq;
}

/* The answer, which has no MIC, since Kerberos was the first of the list. */
static void take_answer(void)
{
	AUTO_BUFFER out = {0};
	struct channel channel;
	struct slice token;
	must(spnego_initiate(&initiator, buffer_slice(&p.request), &out, &err));
	must(spnego_continue(&initiator, recorded_value(&values, "answer"), &token, &err));
	assert_int_equal(initiator.said, SPNEGO_ACCEPT_COMPLETED);
	assert_int_equal(initiator.mic.len, 0);
	take_initiator();
	buffer_clear(&p.reply);
	mint_octets(&p.reply, token);
	must(gss_pair_finish(&p, &err));
	gss_channel_open(&p.x.client, true, &channel);
	buffer_clear(&out);
	must(spnego_conclude(&initiator, &channel, &out, &err));
	assert_int_equal(out.len, 0);
	assert_true(spnego_is_done(&initiator));
	channel_close(&channel);
}

#define ALWAYS (GSS_MUTUAL | GSS_SEQUENCE | GSS_CONF | GSS_INTEG)

static const struct {
	const char *session;
	uint32_t flags;
} sessions[] = {
	{"mit", ALWAYS},
	{"heimdal to mit", ALWAYS},
	{"java", ALWAYS | GSS_REPLAY},
};

static void what_others_sent_is_taken_from_either_side(void **state UNUSED)
{
	for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++) {
		open_session(sessions[i].session);
		take_first(sessions[i].flags);
		take_answer();
		close_session();
	}
}

SUITE(test_spnego_recorded)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_others_sent_is_taken_from_either_side),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

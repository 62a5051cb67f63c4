/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The contexts of other implementations in tests/data/gss_contexts.txt, from
 * either side: their requests accepted, their replies taken, and what they
 * sealed afterwards read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "gss/gss_message.h"
#include "tests/support/offered.h"
#include "tests/support/gss_pair.h"
#include "tests/support/recorded_values.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))
#define FLAGS_ALWAYS (GSS_REPLAY | GSS_SEQUENCE | GSS_CONF | GSS_INTEG)

static const char *const peers[] = {"mit", "heimdal"};
/* MIT krb5 lists what krb5.conf permits, Heimdal what it has itself. */
static const int32_t listed_first[] = {ENCTYPE_AES256_SHA384, ENCTYPE_AES256_SHA1};

static struct gss_pair p;
static struct recorded values;
static struct error err;

static void must(enum status status)
{
	if (status)
		fail_msg("%s: %s", values.session, err.text);
}

static void replay(const char *peer, const char *context)
{
	static char session[64];
	struct recorded keytab;
	snprintf(session, sizeof session, "%s%s%s", peer, *context ? " " : "", context);
	recorded_open(&keytab, "gss_contexts.txt", "keytab");
	recorded_open(&values, "gss_contexts.txt", session);
	gss_pair_open(&p);
	keytab_release(p.x.keytab);
	must(keytab_parse(recorded_value(&keytab, "keytab"), EXCHANGE_KEYTAB, &p.x.keytab, &err));
	p.x.acceptor.keytab = p.x.keytab;
	struct reader time = reader_of(recorded_value(&values, "time"));
	p.x.acceptor.now.seconds = read_u32(&time);
	p.permitted[1] = (struct enctype_list){4, {18, 20, 17, 19}};
	mint_octets(&p.request, recorded_value(&values, "request"));
	recorded_close(&keytab);
}

static void done(void)
{
	recorded_close(&values);
	gss_pair_close(&p);
}

static void accepted(uint32_t flags, int32_t subkey)
{
	must(gss_pair_answer(&p, &err));
	assert_int_equal(p.accepted.flags & 0x3f, flags);
	assert_int_equal(enctype_number(p.accepted.subkey), subkey);
	char name[PRINCIPAL_TEXT_SIZE];
	assert_string_equal(
		principal_text(&p.x.server.client, name, sizeof name), "alice@EXAMPLE.TEST");
}

/* What this side sealed, by the channel of its peer. */
static void assert_sealed(bool by_initiator)
{
	AUTO_BUFFER out = {0};
	struct channel channel;
	gss_channel_open(by_initiator ? &p.x.server : &p.x.client, !by_initiator, &channel);
	must(gss_unwrap(&channel,
		recorded_value(&values, by_initiator ? "initiator-message" : "acceptor-message"),
		&out, &err));
	assert_same(buffer_slice(&out), SLICE_LITERAL("attack at dawn"));
	channel_close(&channel);
}

/* The initiator as it was before the reply, by what the acceptor knows of it. */
static void take_initiator(void)
{
	struct ap_context *c = &p.x.client;
	const struct ap_context *s = &p.x.server;
	c->session_key = key_ref(s->session_key);
	c->initiator_subkey = key_ref(s->initiator_subkey);
	c->time = s->time;
	c->mutual = s->mutual;
	c->has_initiator_seq = s->has_initiator_seq;
	c->initiator_seq = s->initiator_seq;
}

static void finished(const char *peer)
{
	take_initiator();
	buffer_clear(&p.reply);
	mint_octets(&p.reply, recorded_value(&values, "reply"));
	p.permitted[0] = (struct enctype_list){3, {20, 18, 17}};
	must(gss_pair_finish(&p, &err));
	if (!p.x.client.acceptor_subkey)
		fail_msg("%s sent no subkey", peer);
	assert_sealed(false);
	/* The acceptor that was there then: its keys and numbers are in its reply. */
	struct ap_context *s = &p.x.server;
	key_release(s->acceptor_subkey);
	s->acceptor_subkey = key_ref(p.x.client.acceptor_subkey);
	s->acceptor_seq = p.x.client.acceptor_seq;
	assert_sealed(true);
}

static void requests_are_accepted_and_replies_taken(void **state UNUSED)
{
	for (size_t i = 0; i < 2; i++) {
		replay(peers[i], "");
		accepted(FLAGS_ALWAYS | GSS_MUTUAL, listed_first[i]);
		assert_int_equal(p.x.server.mutual, true);
		finished(peers[i]);
		done();
	}
}

static void one_way_requests_are_accepted(void **state UNUSED)
{
	for (size_t i = 0; i < 2; i++) {
		replay(peers[i], "one-way");
		accepted(FLAGS_ALWAYS, i == 0 ? ENCTYPE_AES128_SHA1 : ENCTYPE_AES256_SHA1);
		assert_false(p.x.server.mutual);
		assert_sealed(true);
		take_initiator();
		assert_sealed(false);
		done();
	}
}

static void have_bindings(const char *data)
{
	p.acceptor.has_bindings = p.acceptor.bindings_are_critical = true;
	must(gss_bindings_of(slice_string(data), &p.acceptor.bindings, &err));
}

static void bindings_match(void **state UNUSED)
{
	for (size_t i = 0; i < 2; i++) {
		replay(peers[i], "bindings");
		have_bindings("tls-unique:recorded");
		accepted(FLAGS_ALWAYS | GSS_MUTUAL, listed_first[i]);
		assert_true(p.accepted.bindings_match);
		finished(peers[i]);
		have_bindings("tls-unique:another");
		assert_int_equal(gss_pair_answer(&p, &err), KRB_AP_ERR_MODIFIED);
		done();
	}
}

static void delegated_tickets_are_read(void **state UNUSED)
{
	for (size_t i = 0; i < 2; i++) {
		replay(peers[i], "delegation");
		have_bindings("tls-unique:recorded");
		accepted(FLAGS_ALWAYS | GSS_MUTUAL | GSS_DELEG, listed_first[i]);
		assert_true(p.accepted.bindings_match);
		assert_int_equal(p.delegated.count, 1);
		assert_in(p.traced,
			"GSS-API: delegated ticket krbtgt/EXAMPLE.TEST@EXAMPLE.TEST until ");
		assert_in(p.traced, "flags: forwardable, forwarded");
		finished(peers[i]);
		done();
	}
}

SUITE(test_gss_recorded)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_accepted_and_replies_taken),
		cmocka_unit_test(one_way_requests_are_accepted),
		{if_md5("bindings_match"), bindings_match, NULL, NULL, NULL},
		{if_md5("delegated_tickets_are_read"), delegated_tickets_are_read, NULL, NULL,
			NULL},
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Initial tokens as deployed initiators make them: framing and checksum octet
 * by octet, and what the acceptor makes of each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/gss_pair.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))
#define NO_BINDINGS "\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static struct gss_pair p;
static struct key *subkey;
static struct authenticator a;

static int start(void **state UNUSED)
{
	gss_pair_open(&p);
	p.permitted[1] = (struct enctype_list){4, {18, 17, 20, 19}};
	subkey = exchange_key(ENCTYPE_AES256_SHA1, 'i');
	a = exchange_authenticator(&p.x);
	a.subkey = (struct encryption_key){ENCTYPE_AES256_SHA1, key_octets(subkey)};
	a.has_seq_number = true;
	a.seq_number = 0x12345678;
	return 0;
}

static int finish(void **state UNUSED)
{
	gss_pair_close(&p);
	key_release(subkey);
	return 0;
}

/* In the framing that an AP-REQ of 243 to 65522 octets has. */
static void request(struct slice checksum, uint32_t options)
{
	a.checksum = (struct checksum){0x8003, checksum};
	exchange_forge(&p.x, &a, options);
	assert_uint_in_range(p.x.token.len, 243, 65522);
	buffer_clear(&p.request);
	mint_u8(&p.request, 0x60);
	mint_u8(&p.request, 0x82);
	mint_u16(&p.request, (uint16_t)(p.x.token.len + 13));
	mint_octets(
		&p.request, SLICE_LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00"));
	mint_octets(&p.request, buffer_slice(&p.x.token));
}

#define CHECKSUM(flags) SLICE_LITERAL(NO_BINDINGS flags)

static void accepted(bool mutual)
{
	struct error err = {0};
	if (gss_pair_answer(&p, &err))
		fail_msg("%s", err.text);
	assert_int_equal(p.x.server.mutual, mutual);
	assert_int_equal(p.reply.len > 0, mutual);
	assert_int_equal(p.x.server.acceptor_subkey != NULL, mutual);
}

static void assert_channel(uint64_t send, uint64_t receive, const struct key *key)
{
	struct channel channel;
	gss_channel_open(&p.x.server, false, &channel);
	assert_int_equal(channel.send_seq, send);
	assert_int_equal(channel.receive_seq, receive);
	assert_true(slice_equal(key_octets(channel.key), key_octets(key)));
	channel_close(&channel);
}

/* A list of types, and whatever else, in the authenticator's AD-IF-RELEVANT. */
static void add_data(const struct ad_element *elements, unsigned count, struct buffer *storage)
{
	struct error err = {0};
	struct authorization_data inside = {.count = count};
	for (unsigned i = 0; i < count; i++)
		inside.element[i] = elements[i];
	if (der_write_authorization_data(&inside, storage, &err))
		fail_msg("%s", err.text);
	a.authorization_data.count = 1;
	a.authorization_data.element[0] = (struct ad_element){1, buffer_slice(storage)};
}

static void mit_krb5(void **state UNUSED)
{
	AUTO_BUFFER data = {0};
	const struct ad_element etypes = {
		129, SLICE_LITERAL("\x30\x09\x02\x01\x14\x02\x01\x13\x02\x01\x12")};
	add_data(&etypes, 1, &data);
	request(CHECKSUM("\x3e\0\0\0"), AP_OPTION_MUTUAL_REQUIRED);
	accepted(true);
	assert_int_equal(enctype_number(key_type(p.x.server.acceptor_subkey)), 20);
	assert_channel(p.x.server.acceptor_seq, 0x12345678, p.x.server.acceptor_subkey);
}

/* Its sequence numbers may have all 32 bits. */
static void heimdal(void **state UNUSED)
{
	a.seq_number = 0xfedcba98;
	request(CHECKSUM("\x3e\0\0\0"), AP_OPTION_MUTUAL_REQUIRED);
	accepted(true);
	assert_channel(p.x.server.acceptor_seq, 0xfedcba98, p.x.server.acceptor_subkey);
}

static void java_without_a_layer(void **state UNUSED)
{
	request(CHECKSUM("\0\0\0\0"), 0);
	accepted(false);
	assert_channel(0x12345678, 0x12345678, subkey);
	assert_int_equal(p.accepted.flags, 0);
}

static void java_with_a_layer(void **state UNUSED)
{
	request(CHECKSUM("\x3e\0\0\0"), AP_OPTION_MUTUAL_REQUIRED);
	accepted(true);
	assert_int_equal(enctype_number(key_type(p.x.server.acceptor_subkey)), 18);
}

/* Flags of vendors', its own authorization data, and channel bindings of all zeros. */
static void windows(void **state UNUSED)
{
	AUTO_BUFFER data = {0};
	const struct ad_element elements[] = {
		{141, SLICE_LITERAL("restrictions")},
		{129, SLICE_LITERAL("\x30\x09\x02\x01\x12\x02\x01\x11\x02\x01\x17")},
		{143, SLICE_LITERAL("\0\0\0\0")},
		{144, SLICE_LITERAL("i\0m\0a\0p\0")},
	};
	add_data(elements, 4, &data);
	p.acceptor.has_bindings = true;
	p.acceptor.bindings.hash[0] = 1;
	request(CHECKSUM("\x3e\x60\0\0"), AP_OPTION_MUTUAL_REQUIRED);
	accepted(true);
	assert_int_equal(enctype_number(key_type(p.x.server.acceptor_subkey)), 18);
	assert_false(p.accepted.bindings_match);
}

/* The flag without the option. */
static void go_ldap(void **state UNUSED)
{
	request(CHECKSUM("\x32\0\0\0"), 0);
	accepted(true);
	assert_in(p.traced, "4: no mutual authentication asked for\n");
	assert_in(p.traced, "GSS-API: flags: mutual, confidentiality, integrity;");
	assert_in(p.traced, "5: AP-REP made");
}

/* The option without the flag: MIT krb5, Heimdal and Java do not answer either. */
static void an_option_without_the_flag(void **state UNUSED)
{
	request(CHECKSUM("\x3c\0\0\0"), AP_OPTION_MUTUAL_REQUIRED);
	accepted(false);
	assert_channel(0x12345678, 0x12345678, subkey);
}

static void without_subkey_and_sequence_number(void **state UNUSED)
{
	a.subkey = (struct encryption_key){0};
	a.has_seq_number = false;
	request(CHECKSUM("\x30\0\0\0"), 0);
	accepted(false);
	assert_channel(0, 0, p.x.session_key);
	request(CHECKSUM("\x32\0\0\0"), AP_OPTION_MUTUAL_REQUIRED);
	accepted(true);
	assert_channel(p.x.server.acceptor_seq, 0, p.x.server.acceptor_subkey);
}

static void refused(const char *text)
{
	struct error err = {0};
	enum status status = gss_pair_answer(&p, &err);
	assert_refusal(status, &err, KRB_AP_ERR_INAPP_CKSUM, text, text);
	assert_int_equal(p.reply.len, 0);
}

/* Handmade clients of SMB send none or, as Samba, a real checksum. */
static void without_a_checksum_of_gss_api(void **state UNUSED)
{
	request(SLICE_EMPTY, 0);
	refused("the authenticator has no checksum");
	request(SLICE_LITERAL("twelve octet"), 0);
	refused("GSS-API checksum has 12 octets, at least 24 were expected");
	a.checksum = (struct checksum){16, SLICE_LITERAL("twelve octet")};
	exchange_forge(&p.x, &a, 0);
	struct error err = {0};
	buffer_clear(&p.request);
	assert_int_equal(
		gss_token_write(GSS_TOKEN_AP_REQ, buffer_slice(&p.x.token), &p.request, &err),
		STATUS_OK);
	refused("the authenticator's checksum is of type 16");
}

SUITE(test_gss_peers)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, finish)
	const struct CMUnitTest tests[] = {
		CASE(mit_krb5),
		CASE(heimdal),
		CASE(java_without_a_layer),
		CASE(java_with_a_layer),
		CASE(windows),
		CASE(go_ldap),
		CASE(an_option_without_the_flag),
		CASE(without_subkey_and_sequence_number),
		CASE(without_a_checksum_of_gss_api),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

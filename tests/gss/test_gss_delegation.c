/* SPDX-License-Identifier: BSD-3-Clause */
/* A credential that the initiator hands over: made, read to its end, judged, and kept. */
#include <setjmp.h>
#include <string.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "gss/gss_delegation.h"
#include "tests/support/assertions.h"
#include "tests/support/offered.h"
#include "tests/support/delegation.h"
#include "tests/support/gss_pair.h"
#include "tests/support/suite.h"

#define UNUSED __attribute__((unused))

static struct gss_pair p;
static struct delegation d;
static struct buffer cred;

static int start(void **state UNUSED)
{
	gss_pair_open(&p);
	delegation_open(&d, &p.x);
	return 0;
}

static int finish(void **state UNUSED)
{
	gss_pair_close(&p);
	delegation_close(&d);
	buffer_free(&cred);
	return 0;
}

static void make(void)
{
	buffer_clear(&cred);
	delegation_make(&d, &cred);
}

/* The acceptor reads an AP-REQ with this checksum. */
static enum status accept_value(struct slice value, struct error *err)
{
	struct authenticator a = exchange_authenticator(&p.x);
	a.checksum = (struct checksum){GSS_CHECKSUM_TYPE, value};
	exchange_forge(&p.x, &a, 0);
	assert_success(exchange_read(&p.x, err), err);
	gss_delegated_clear(&p.delegated);
	return gss_accept(&p.acceptor, &p.trace, &p.x.server, &p.accepted, err);
}

static enum status accept_cred(struct slice krb_cred, struct error *err)
{
	AUTO_BUFFER value = {0};
	delegation_checksum(GSS_CONF, krb_cred, &value);
	return accept_value(buffer_slice(&value), err);
}

static void accepted(void)
{
	struct error err = {0};
	assert_success(accept_cred(buffer_slice(&cred), &err), &err);
	assert_int_equal(p.accepted.flags, GSS_CONF | GSS_DELEG);
	assert_int_equal(p.delegated.count, d.cred.count);
}

static void refused(enum status expected, const char *text, const char *shown)
{
	struct error err = {0};
	enum status status = accept_cred(buffer_slice(&cred), &err);
	assert_refusal(status, &err, expected, text, shown);
	assert_int_equal(p.delegated.count, 0);
	assert_null(p.accepted.subkey);
}

static void a_delegated_ticket_is_read_and_traced(void **state UNUSED)
{
	make();
	accepted();
	assert_in(p.traced, "GSS-API: flags: delegation, confidentiality;");
	assert_in(p.traced,
		"GSS-API: delegated ticket krbtgt/EXAMPLE.TEST@EXAMPLE.TEST until 2026-01-01 "
		"01:00:00 UTC, flags: forwardable, forwarded\n");
	assert_not_in(p.traced, "the key of a delegated ticket");
}

static void check_kept(const struct credential *kept, const struct krb_cred_info *info)
{
	AUTO_BUFFER ticket = {0};
	assert_true(principal_equal(&kept->client, &info->client));
	assert_true(principal_equal(&kept->server, &d.cred.ticket[0].server));
	assert_int_equal(kept->key_type, info->key.type);
	assert_true(slice_equal(kept->key, info->key.value));
	assert_int_equal(kept->flags, info->flags);
	assert_int_equal(kept->authtime, info->authtime);
	assert_int_equal(kept->starttime, info->starttime);
	assert_int_equal(kept->endtime, info->endtime);
	assert_int_equal(kept->renew_till, info->renew_till);
	assert_success(der_write_ticket(&d.cred.ticket[0], &ticket, &(struct error){0}), NULL);
	assert_true(slice_equal(kept->ticket, buffer_slice(&ticket)));
}

static void a_delegated_ticket_is_kept_whole(void **state UNUSED)
{
	struct krb_cred_info *info = &d.part.info[0];
	info->has_authtime = info->has_starttime = info->has_renew_till = true;
	info->authtime = EXCHANGE_NOW - 20;
	info->starttime = EXCHANGE_NOW - 10;
	info->renew_till = EXCHANGE_NOW + 7200;
	make();
	accepted();
	check_kept(&p.delegated.ticket[0].credential, info);
}

/* The server's name is in the ticket too; without a starttime it begins at its authtime. */
static void what_is_not_described_is_the_tickets(void **state UNUSED)
{
	struct krb_cred_info *info = &d.part.info[0];
	info->server = (struct principal){0};
	info->has_authtime = true;
	info->authtime = EXCHANGE_NOW - 20;
	make();
	accepted();
	info->starttime = info->authtime;
	check_kept(&p.delegated.ticket[0].credential, info);
}

static void if_nobody_wants_it_nothing_is_kept(void **state UNUSED)
{
	struct error err = {0};
	p.acceptor.delegated = NULL;
	make();
	assert_success(accept_cred(buffer_slice(&cred), &err), &err);
	assert_in(p.traced, "delegated ticket krbtgt/EXAMPLE.TEST@EXAMPLE.TEST until");
	cred.data[cred.len - 1] ^= 1;
	assert_int_equal(accept_cred(buffer_slice(&cred), &err), KRB_AP_ERR_BAD_INTEGRITY);
}

/* ---- made here ---- */

static struct credential forwarded_tgt(struct slice ticket)
{
	const struct krb_cred_info *info = &d.part.info[0];
	return (struct credential){
		.client = info->client,
		.server = info->server,
		.key_type = info->key.type,
		.key = info->key.value,
		.authtime = EXCHANGE_NOW - 20,
		.starttime = EXCHANGE_NOW - 10,
		.endtime = info->endtime,
		.renew_till = EXCHANGE_NOW + 7200,
		.flags = info->flags,
		.ticket = ticket,
	};
}

static void what_is_made_is_what_is_kept(void **state UNUSED)
{
	struct error err = {0};
	AUTO_BUFFER ticket = {0};
	assert_success(der_write_ticket(&d.cred.ticket[0], &ticket, &err), &err);
	const struct credential tgt = forwarded_tgt(buffer_slice(&ticket));
	assert_success(
		gss_delegation_make(&p.x.credential, &tgt, p.initiator.now, &cred, &err), &err);
	accepted();
	struct krb_cred_info *info = &d.part.info[0];
	info->authtime = tgt.authtime;
	info->starttime = tgt.starttime;
	info->renew_till = tgt.renew_till;
	check_kept(&p.delegated.ticket[0].credential, info);
}

static void of_a_ticket_that_cannot_be_read_none_is_made(void **state UNUSED)
{
	struct error err = {0};
	const struct credential tgt = forwarded_tgt(SLICE_LITERAL("no ticket"));
	assert_int_equal(gss_delegation_make(&p.x.credential, &tgt, p.initiator.now, &cred, &err),
		ERR_SYNTAX);
	assert_in(err.text, "the delegated KRB-CRED: Ticket: malformed at octet 0");
	assert_int_equal(cred.len, 0);
}

static void nothing_of_the_trace_is_needed(void **state UNUSED)
{
	struct error err = {0};
	make();
	p.trace = (struct ap_trace){0};
	assert_success(accept_cred(buffer_slice(&cred), &err), &err);
	assert_string_equal(p.traced, "");
}

static void what_is_optional_may_be_absent(void **state UNUSED)
{
	d.part.info[0] = (struct krb_cred_info){.key = d.part.info[0].key};
	make();
	accepted();
	assert_in(p.traced, "until a time that is not said, flags: none\n");
}

static void what_is_optional_may_be_there(void **state UNUSED)
{
	static const unsigned char address[] = {192, 0, 2, 1};
	const struct host_address host = {ADDRESS_IPV4, slice_of(address, sizeof address)};
	d.part.has_nonce = d.part.has_timestamp = d.part.has_usec = true;
	d.part.nonce = UINT32_MAX;
	d.part.timestamp = p.initiator.now;
	d.part.sender = d.part.recipient = host;
	d.part.info[0].addresses = (struct host_addresses){.count = 1, .element = {host}};
	d.cred.enc_part.has_kvno = true;
	make();
	accepted();
}

static void every_type_of_session_key_will_do(void **state UNUSED)
{
	static const int32_t types[] = {17, 18, 19, 20, 25, 26};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (!is_offered(types[i]))
			continue;
		exchange_set_session_key(&p.x, types[i]);
		exchange_issue(&p.x);
		d.key = p.x.session_key;
		d.cred.enc_part.etype = types[i];
		make();
		accepted();
	}
}

static void several_tickets_are_read(void **state UNUSED)
{
	d.cred.count = d.part.count = KRB_CRED_MAX_TICKETS;
	for (unsigned i = 1; i < KRB_CRED_MAX_TICKETS; i++) {
		d.cred.ticket[i] = d.cred.ticket[0];
		d.part.info[i] = d.part.info[0];
	}
	make();
	accepted();
	unsigned lines = 0;
	for (const char *at = p.traced; (at = strstr(at, "delegated ticket")); at++)
		lines++;
	assert_int_equal(lines, KRB_CRED_MAX_TICKETS);
}

/* As much as the 16 bits of its length can say, in an AP-REQ that can still be read. */
static void a_long_ticket_is_read(void **state UNUSED)
{
	static unsigned char cipher[60000];
	d.cred.ticket[0].enc_part.cipher = slice_of(cipher, sizeof cipher);
	make();
	accepted();
}

static void unequal_numbers_are_refused(void **state UNUSED)
{
	d.part.count = 2;
	d.part.info[1] = d.part.info[0];
	make();
	refused(ERR_SYNTAX, "has 1 tickets and describes 2, the same number was expected",
		"1 tickets");
	d.part.count = 0;
	make();
	refused(ERR_SYNTAX, "has 1 tickets and describes 0", "1 tickets");
	d.part.count = 1;
	d.cred.count = 0;
	make();
	refused(ERR_SYNTAX, "the delegated KRB-CRED has no ticket", "no ticket");
	d.part.count = 0;
	make();
	refused(ERR_SYNTAX, "the delegated KRB-CRED has no ticket", "no ticket");
}

/* As Heimdal sends it: the authenticator around it is encrypted. */
static void one_in_clear_is_read(void **state UNUSED)
{
	d.key = NULL;
	d.cred.enc_part.etype = 0;
	make();
	accepted();
	assert_in(p.traced, "delegated ticket krbtgt/EXAMPLE.TEST@EXAMPLE.TEST until");
	buffer_clear(&cred);
	delegation_enclose(&d, SLICE_LITERAL("cred"), &cred);
	refused(ERR_SYNTAX, "EncKrbCredPart: malformed at octet 0", "malformed");
	/* Of a type that says it is encrypted, or the reverse. */
	d.cred.enc_part.etype = ENCTYPE_AES256_SHA1;
	make();
	refused(KRB_AP_ERR_BAD_INTEGRITY, "does not decrypt", "does not decrypt");
	d.key = p.x.session_key;
	d.cred.enc_part.etype = 0;
	make();
	refused(ERR_SYNTAX, "EncKrbCredPart: malformed at octet", "malformed");
}

static void another_type_is_refused(void **state UNUSED)
{
	d.cred.enc_part.etype = ENCTYPE_AES128_SHA1;
	make();
	refused(KRB_AP_ERR_BAD_INTEGRITY,
		"the delegated KRB-CRED is encrypted with aes128-cts-hmac-sha1-96, the session "
		"key is of type aes256-cts-hmac-sha1-96",
		"aes128");
	d.cred.enc_part.etype = 23;
	make();
	refused(KRB_AP_ERR_BAD_INTEGRITY, "is encrypted with arcfour-hmac", "arcfour-hmac");
}

static void another_key_or_usage_is_refused(void **state UNUSED)
{
	static const char text[] =
		"the delegated KRB-CRED does not decrypt with the ticket's session key";
	d.usage = USAGE_KRB_PRIV;
	make();
	refused(KRB_AP_ERR_BAD_INTEGRITY, text, text);
	d.usage = USAGE_KRB_CRED;
	AUTO_KEY other = exchange_key(ENCTYPE_AES256_SHA1, 'o');
	d.key = other;
	make();
	refused(KRB_AP_ERR_BAD_INTEGRITY, text, text);
}

/* Not even the key that the initiator chose for messages. */
static void the_subkey_is_refused(void **state UNUSED)
{
	struct error err = {0};
	AUTO_BUFFER value = {0};
	AUTO_KEY subkey = exchange_key(ENCTYPE_AES256_SHA1, 'i');
	struct authenticator a = exchange_authenticator(&p.x);
	d.key = subkey;
	make();
	delegation_checksum(0, buffer_slice(&cred), &value);
	a.checksum = (struct checksum){GSS_CHECKSUM_TYPE, buffer_slice(&value)};
	a.subkey = (struct encryption_key){ENCTYPE_AES256_SHA1, key_octets(subkey)};
	exchange_forge(&p.x, &a, 0);
	assert_success(exchange_read(&p.x, &err), &err);
	enum status status = gss_accept(&p.acceptor, &p.trace, &p.x.server, &p.accepted, &err);
	assert_refusal(status, &err, KRB_AP_ERR_BAD_INTEGRITY, "does not decrypt", "delegated");
}

static void what_is_no_krb_cred_is_refused(void **state UNUSED)
{
	refused(ERR_SYNTAX, "KRB-CRED: an empty message", "malformed");
	assert_success(buffer_append(&cred, SLICE_LITERAL("cred")) ? ERR_NO_MEMORY : STATUS_OK,
		&(struct error){0});
	refused(ERR_SYNTAX, "KRB-CRED: malformed at octet 0", "malformed");
	exchange_request(&p.x);
	buffer_clear(&cred);
	mint_octets(&cred, buffer_slice(&p.x.token));
	refused(KRB_AP_ERR_MSG_TYPE, "KRB-CRED: a message of type 14, where 22 is expected",
		"not the one expected");
	make();
	mint_u8(&cred, 0);
	refused(ERR_SYNTAX, "KRB-CRED: malformed at octet", "malformed");
}

static void an_encrypted_part_that_cannot_be_read_is_refused(void **state UNUSED)
{
	buffer_clear(&cred);
	delegation_enclose(&d, SLICE_LITERAL("\x7d\x02\x30\x00"), &cred);
	refused(ERR_SYNTAX, "EncKrbCredPart: ticket-info: missing", "malformed");
	buffer_clear(&cred);
	delegation_enclose(&d, SLICE_EMPTY, &cred);
	refused(ERR_SYNTAX, "EncKrbCredPart: an empty message", "malformed");
}

static void every_shortened_one_is_refused(void **state UNUSED)
{
	make();
	for (size_t whole = cred.len; cred.len > 0;) {
		cred.len--;
		refused(ERR_SYNTAX, "KRB-CRED: ", "malformed");
		assert_true(cred.len < whole);
	}
}

/* But in the ticket and its name, which are not what the session key protects. */
static void every_changed_bit_of_the_encrypted_part_is_refused(void **state UNUSED)
{
	struct error err = {0};
	static struct krb_cred read;
	make();
	assert_success(der_read_krb_cred(buffer_slice(&cred), &read, &err), &err);
	size_t start_of_cipher = cred.len - read.enc_part.cipher.len;
	for (size_t bit = 8 * start_of_cipher; bit < 8 * cred.len; bit++) {
		cred.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_int_equal(accept_cred(buffer_slice(&cred), &err), KRB_AP_ERR_BAD_INTEGRITY);
		cred.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	accepted();
}

/* Without the flag it is an extension, which nobody looks at. */
static void without_the_flag_nothing_is_read(void **state UNUSED)
{
	struct error err = {0};
	AUTO_BUFFER value = {0};
	make();
	cred.data[cred.len - 1] ^= 1;
	delegation_checksum(0, buffer_slice(&cred), &value);
	value.data[20] &= (unsigned char)~GSS_DELEG;
	assert_success(accept_value(buffer_slice(&value), &err), &err);
	assert_int_equal(p.delegated.count, 0);
	assert_not_in(p.traced, "delegated ticket");
}

static void names_are_escaped_in_a_trace(void **state UNUSED)
{
	d.cred.ticket[0].server.component[0] = SLICE_LITERAL("a\nb\x1b[1m");
	make();
	accepted();
	assert_not_in(p.traced, "a\nb");
	assert_not_in(p.traced, "\x1b");
}

SUITE(test_gss_delegation)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, finish)
	const struct CMUnitTest tests[] = {
		CASE(a_delegated_ticket_is_read_and_traced),
		CASE(a_delegated_ticket_is_kept_whole),
		CASE(what_is_not_described_is_the_tickets),
		CASE(if_nobody_wants_it_nothing_is_kept),
		CASE(what_is_made_is_what_is_kept),
		CASE(of_a_ticket_that_cannot_be_read_none_is_made),
		CASE(nothing_of_the_trace_is_needed),
		CASE(what_is_optional_may_be_absent),
		CASE(what_is_optional_may_be_there),
		CASE(every_type_of_session_key_will_do),
		CASE(several_tickets_are_read),
		CASE(a_long_ticket_is_read),
		CASE(unequal_numbers_are_refused),
		CASE(one_in_clear_is_read),
		CASE(another_type_is_refused),
		CASE(another_key_or_usage_is_refused),
		CASE(the_subkey_is_refused),
		CASE(what_is_no_krb_cred_is_refused),
		CASE(an_encrypted_part_that_cannot_be_read_is_refused),
		CASE(every_shortened_one_is_refused),
		CASE(every_changed_bit_of_the_encrypted_part_is_refused),
		CASE(without_the_flag_nothing_is_read),
		CASE(names_are_escaped_in_a_trace),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

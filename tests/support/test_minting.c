/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/mint_values.h"
#include "tests/support/minting.h"

#define NOW INT64_C(1700000000)

static const struct principal alice = {
	.type = NT_PRINCIPAL,
	.count = 1,
	.component = {SLICE_LITERAL("alice")},
	.realm = SLICE_LITERAL("OTHER.TEST"),
};

static const struct principal imap = {
	.type = NT_SRV_HST,
	.count = 2,
	.component = {SLICE_LITERAL("imap"), SLICE_LITERAL("mail.example.test")},
	.realm = SLICE_LITERAL("EXAMPLE.TEST"),
};

static struct key *service_key;
static struct key *session_key;

static struct mint_ticket plain_ticket(void)
{
	return mint_ticket_of(&alice, &imap, service_key, session_key, NOW);
}

static void mint_well(const struct mint_ticket *ticket, struct buffer *der)
{
	struct error err = {0};
	if (mint_ticket(ticket, der, &err))
		fail_msg("%s", err.text);
}

/* Reads what was minted; `part` points into `storage`. */
static struct ticket open_well(
	const struct buffer *der, struct enc_ticket_part *part, struct buffer *storage)
{
	struct ticket ticket;
	struct error err = {0};
	if (der_read_ticket(buffer_slice(der), &ticket, &err) ||
		key_decrypt(service_key, USAGE_TICKET, ticket.enc_part.cipher, storage, &err) ||
		der_read_enc_ticket_part(buffer_slice(storage), part, &err))
		fail_msg("%s", err.text);
	return ticket;
}

static void assert_tells(const struct error *err, const char *telling)
{
	if (!strstr(err->text, telling))
		fail_msg("\"%s\" has no \"%s\"", err->text, telling);
}

static void a_ticket_opens_with_the_services_key(void **state)
{
	(void)state;
	AUTO_BUFFER der = {0};
	AUTO_BUFFER storage = {0};
	struct mint_ticket t = plain_ticket();
	struct enc_ticket_part part;
	mint_well(&t, &der);
	struct ticket ticket = open_well(&der, &part, &storage);
	assert_true(principal_equal(&ticket.server, &imap));
	assert_int_equal(ticket.enc_part.etype, ENCTYPE_AES256_SHA1);
	assert_true(ticket.enc_part.has_kvno);
	assert_int_equal(ticket.enc_part.kvno, 1);
	assert_true(principal_equal(&part.client, &alice));
	assert_int_equal(part.key.type, ENCTYPE_AES128_SHA1);
	assert_true(slice_equal(part.key.value, key_octets(session_key)));
	assert_int_equal(
		part.flags, TICKET_INITIAL | TICKET_PRE_AUTHENT | TICKET_TRANSITED_POLICY_CHECKED);
	assert_int_equal(part.authtime, NOW - 60);
	assert_true(part.has_starttime);
	assert_int_equal(part.starttime, NOW - 60);
	assert_int_equal(part.endtime, NOW + 35940);
	assert_false(part.has_renew_till);
	assert_int_equal(part.transited_type, 1);
	assert_int_equal(part.transited.len, 0);
	assert_int_equal(part.addresses.count, 0);
	assert_int_equal(part.authorization_data.count, 0);
}

static void a_ticket_says_what_it_was_told(void **state)
{
	(void)state;
	AUTO_BUFFER der = {0};
	AUTO_BUFFER storage = {0};
	AUTO_BUFFER inner = {0};
	struct error err = {0};
	struct mint_ticket t = plain_ticket();
	t.has_kvno = false;
	t.part.flags = TICKET_INVALID;
	t.part.has_starttime = false;
	t.part.has_renew_till = true;
	t.part.renew_till = NOW + 99999;
	t.part.transited = SLICE_LITERAL("A.TEST,B.TEST");
	t.part.addresses.count = 1;
	t.part.addresses.element[0] =
		(struct host_address){ADDRESS_IPV4, SLICE_LITERAL("\x7f\0\0\1")};
	struct authorization_data *list = &t.part.authorization_data;
	assert_int_equal(
		mint_authdata(list, 128, SLICE_LITERAL("bare"), 0, &inner, &err), STATUS_OK);
	assert_int_equal(
		mint_authdata(list, -5, SLICE_LITERAL("wrapped"), AD_IF_RELEVANT, &inner, &err),
		STATUS_OK);
	mint_well(&t, &der);

	struct enc_ticket_part part;
	struct ticket ticket = open_well(&der, &part, &storage);
	assert_false(ticket.enc_part.has_kvno);
	assert_int_equal(part.flags, TICKET_INVALID);
	assert_false(part.has_starttime);
	assert_int_equal(part.renew_till, NOW + 99999);
	assert_true(slice_equal(part.transited, SLICE_LITERAL("A.TEST,B.TEST")));
	assert_int_equal(part.addresses.count, 1);
	assert_int_equal(part.authorization_data.count, 2);
	assert_int_equal(part.authorization_data.element[0].type, 128);
	assert_true(slice_equal(part.authorization_data.element[0].data, SLICE_LITERAL("bare")));
	assert_int_equal(part.authorization_data.element[1].type, AD_IF_RELEVANT);
	struct authorization_data opened;
	assert_int_equal(
		der_read_authorization_data(part.authorization_data.element[1].data, &opened, &err),
		STATUS_OK);
	assert_int_equal(opened.element[0].type, -5);
	assert_true(slice_equal(opened.element[0].data, SLICE_LITERAL("wrapped")));
}

static void a_ticket_is_padded_to_a_size(void **state)
{
	(void)state;
	static const size_t sizes[] = {400, 420, 600, 1000, 49152, 65536};
	struct mint_ticket t = plain_ticket();
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		AUTO_BUFFER der = {0};
		AUTO_BUFFER storage = {0};
		struct error err = {0};
		struct enc_ticket_part part;
		assert_int_equal(mint_ticket_of_size(&t, sizes[i], &der, &err), STATUS_OK);
		assert_uint_in_range(der.len, sizes[i] - 4, sizes[i]);
		open_well(&der, &part, &storage);
		assert_int_equal(part.authorization_data.count, 1);
	}
}

static void a_ticket_longer_than_the_size_is_a_fault(void **state)
{
	(void)state;
	AUTO_BUFFER der = {0};
	struct error err = {0};
	struct mint_ticket t = plain_ticket();
	assert_int_equal(mint_ticket_of_size(&t, 200, &der, &err), ERR_SYNTAX);
	assert_tells(&err, "longer than 200 octets without padding");
	assert_int_equal(der.len, 0);
}

static void authorization_data_have_an_end(void **state)
{
	(void)state;
	static struct authorization_data list;
	AUTO_BUFFER storage = {0};
	struct error err = {0};
	for (unsigned i = 0; i < DER_MAX_ELEMENTS; i++)
		assert_int_equal(
			mint_authdata(&list, 1, SLICE_EMPTY, 0, &storage, &err), STATUS_OK);
	assert_int_equal(mint_authdata(&list, 1, SLICE_EMPTY, 0, &storage, &err), ERR_SYNTAX);
	assert_tells(&err, "more than 64 elements");
}

static void a_cache_holds_what_the_ticket_says(void **state)
{
	(void)state;
	AUTO_BUFFER der = {0};
	AUTO_BUFFER file = {0};
	AUTO_CCACHE ccache = NULL;
	struct error err = {0};
	struct credential c;
	const struct enctype_list permitted = {1, {ENCTYPE_AES128_SHA1}};
	struct mint_ticket t = plain_ticket();
	mint_well(&t, &der);
	c = mint_credential(&t, buffer_slice(&der));
	mint_ccache_start(&file, 4, &alice, 0);
	mint_ccache_credential(&file, 4, &c, NULL);
	assert_int_equal(ccache_parse(buffer_slice(&file), "test", &ccache, &err), STATUS_OK);
	assert_int_equal(
		ccache_find(ccache, &imap, &(struct ccache_terms){&permitted, NOW, 0}, &c, &err),
		STATUS_OK);
	assert_true(slice_equal(c.ticket, buffer_slice(&der)));
	assert_true(slice_equal(c.key, key_octets(session_key)));
	assert_int_equal(c.endtime, NOW + 35940);
}

static void hexadecimal_is_read(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		struct slice octets;
	} cases[] = {
		{"", SLICE_LITERAL("")},
		{"0x", SLICE_LITERAL("")},
		{"00ff", SLICE_LITERAL("\0\xff")},
		{"0xAbCd", SLICE_LITERAL("\xab\xcd")},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		struct error err = {0};
		assert_int_equal(mint_hex(slice_string(cases[i].text), &b, &err), STATUS_OK);
		assert_true(slice_equal(buffer_slice(&b), cases[i].octets));
	}
}

static void what_is_not_hexadecimal_is_a_fault(void **state)
{
	(void)state;
	static const char *const cases[] = {"0", "0x0", "0g", "g0", " 00 ", "@0", "0`", "\xff\xff"};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_BUFFER b = {0};
		struct error err = {0};
		assert_int_equal(mint_hex(slice_string(cases[i]), &b, &err), ERR_SYNTAX);
		assert_tells(&err, "hexadecimal");
	}
	AUTO_BUFFER b = {0};
	assert_int_equal(mint_hex(SLICE_LITERAL("\0\0"), &b, &(struct error){0}), ERR_SYNTAX);
}

static void times_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t time;
	} cases[] = {
		{"now", NOW},
		{"+0", NOW},
		{"+10h", NOW + 36000},
		{"-5m", NOW - 300},
		{"-90", NOW - 90},
		{"+90s", NOW + 90},
		{"+7d", NOW + 604800},
		{"20231114221321Z", NOW + 1},
		{"19700101000000Z", 0},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t time = 0;
		assert_int_equal(
			value_time(cases[i].text, NOW, &time, &(struct error){0}), STATUS_OK);
		assert_int_equal(time, cases[i].time);
	}
}

static void what_is_not_a_time_is_a_fault(void **state)
{
	(void)state;
	static const char *const cases[] = {"", "+", "-", "10h", "+h", "+1y", "+1hh", "soon",
		"+99999999999999999999", "+9223372036854775807d", "20231301000000Z", "+1 h"};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t time = 0;
		struct error err = {0};
		assert_int_equal(value_time(cases[i], NOW, &time, &err), ERR_SYNTAX);
		assert_tells(&err, "is not a time");
	}
}

static void flags_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint32_t flags;
	} cases[] = {
		{"none", 0},
		{"forwardable", 0x40000000},
		{"renewable,INITIAL", 0x00c00000},
		{"0x80000000,invalid", 0x81000000},
		{"ok-as-delegate,transited-policy-checked", 0x000c0000},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t flags = 1;
		assert_int_equal(value_flags(cases[i].text, &flags, &(struct error){0}), STATUS_OK);
		assert_int_equal(flags, cases[i].flags);
	}
}

static void what_is_not_a_flag_is_a_fault(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"", "fast", "initial,", ",initial", "0x100000000", "-1", "initial;renewable"};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t flags;
		struct error err = {0};
		assert_int_equal(value_flags(cases[i], &flags, &err), ERR_SYNTAX);
		assert_tells(&err, "is not a ticket flag: expected a mask (0x...) or one of none");
		assert_tells(&err, "ok-as-delegate");
	}
}

static void addresses_are_read(void **state)
{
	(void)state;
	AUTO_BUFFER storage = {0};
	struct error err = {0};
	struct host_address a;
	assert_int_equal(value_address("192.0.2.1", &a, &storage, &err), STATUS_OK);
	assert_int_equal(a.type, ADDRESS_IPV4);
	assert_true(slice_equal(a.address, SLICE_LITERAL("\xc0\0\2\1")));
	assert_int_equal(value_address("::1", &a, &storage, &err), STATUS_OK);
	assert_int_equal(a.type, ADDRESS_IPV6);
	assert_int_equal(a.address.len, 16);
	assert_int_equal(value_address("localhost", &a, &storage, &err), ERR_SYNTAX);
	assert_tells(&err, "is not an IPv4 or IPv6 address");
}

static void elements_are_read(void **state)
{
	(void)state;
	AUTO_BUFFER storage = {0};
	struct error err = {0};
	struct ad_element e;
	assert_int_equal(value_element("-1:0a0b", &e, &storage, &err), STATUS_OK);
	assert_int_equal(e.type, -1);
	assert_true(slice_equal(e.data, SLICE_LITERAL("\x0a\x0b")));
	static const char *const faults[] = {"", ":", "1", "x:00", ":00", "2147483648:00"};
	for (unsigned i = 0; i < sizeof faults / sizeof *faults; i++) {
		assert_int_equal(value_element(faults[i], &e, &storage, &err), ERR_SYNTAX);
		assert_tells(&err, "expected TYPE:HEX");
	}
}

static void encryption_types_are_read(void **state)
{
	(void)state;
	struct error err = {0};
	const struct enctype *type;
	assert_int_equal(value_enctype("aes256-cts", &type, &err), STATUS_OK);
	assert_int_equal(enctype_number(type), ENCTYPE_AES256_SHA1);
	assert_int_equal(value_enctype("19", &type, &err), STATUS_OK);
	assert_int_equal(enctype_number(type), ENCTYPE_AES128_SHA256);
	assert_int_equal(value_enctype("aes512", &type, &err), ERR_SYNTAX);
	assert_tells(&err, "is not an encryption type");
	assert_int_equal(value_enctype("rc4-hmac", &type, &err), KDC_ERR_ETYPE_NOSUPP);
	assert_null(type);
}

static void a_file_is_replaced_and_its_owners_alone(void **state)
{
	(void)state;
	char path[] = "/tmp/test_minting.XXXXXX";
	struct stat before, after;
	struct error err = {0};
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(fstat(fd, &before), 0);
	assert_int_equal(mint_file(path, SLICE_LITERAL("contents"), &err), STATUS_OK);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(after.st_size, 8);
	assert_int_equal(after.st_mode & 0777, 0600);
	assert_int_not_equal(after.st_ino, before.st_ino);
	close(fd);
	unlink(path);
	assert_int_equal(mint_file("/tmp/none/such", SLICE_EMPTY, &err), ERR_FILE);
	assert_tells(&err, "/tmp/none/such: cannot be written");
}

static int make_keys(void **state)
{
	(void)state;
	struct error err = {0};
	return key_random(enctype_usable(ENCTYPE_AES256_SHA1), &service_key, &err) ||
	       key_random(enctype_usable(ENCTYPE_AES128_SHA1), &session_key, &err);
}

static int release_keys(void **state)
{
	(void)state;
	key_release(service_key);
	key_release(session_key);
	der_close();
	crypto_close();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_opens_with_the_services_key),
		cmocka_unit_test(a_ticket_says_what_it_was_told),
		cmocka_unit_test(a_ticket_is_padded_to_a_size),
		cmocka_unit_test(a_ticket_longer_than_the_size_is_a_fault),
		cmocka_unit_test(authorization_data_have_an_end),
		cmocka_unit_test(a_cache_holds_what_the_ticket_says),
		cmocka_unit_test(hexadecimal_is_read),
		cmocka_unit_test(what_is_not_hexadecimal_is_a_fault),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(what_is_not_a_time_is_a_fault),
		cmocka_unit_test(flags_are_read),
		cmocka_unit_test(what_is_not_a_flag_is_a_fault),
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(elements_are_read),
		cmocka_unit_test(encryption_types_are_read),
		cmocka_unit_test(a_file_is_replaced_and_its_owners_alone),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_keys, release_keys);
}

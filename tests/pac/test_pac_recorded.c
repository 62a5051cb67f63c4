/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PACs that Windows made (tests/data/pacs.txt).
 */
#include "asn1/der.h"
#include "pac/logon_info.h"
#include "pac/pac.h"
#include "pac/pac_buffers.h"
#include "pac/pac_names.h"
#include "tests/support/assertions.h"
#include "tests/support/exchange.h"
#include "tests/support/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/recorded_values.h"

static struct recorded values;
static struct key *key;
static struct pac *pac;

static int finish(void **state)
{
	(void)state;
	recorded_close(&values);
	key_release(key);
	key = NULL;
	pac_free(pac);
	pac = NULL;
	return 0;
}

static void open_session(const char *session, const char *key_name)
{
	NEW_ERROR(err);
	recorded_open(&values, "pacs.txt", session);
	if (key_name)
		assert_success(
			key_new(ENCTYPE_AES256_SHA1, recorded_value(&values, key_name), &key, &err),
			&err);
}

static enum status judge(
	struct slice octets, const char *client, int64_t authtime, struct error *err)
{
	AUTO_BUFFER storage = {0};
	struct principal name = exchange_principal(client, &storage);
	const struct pac_ticket ticket = {&name, authtime, key};
	pac_free(pac);
	return pac_judge(&(struct pac_demands){PAC_CHECK, 0, NULL}, octets, &ticket, &pac, err);
}

static void has(const struct buffer *buffer, const char *expected)
{
	assert_true(slice_equal(buffer_slice(buffer), slice_string(expected)));
}

static void has_groups(const char *const *expected, unsigned count)
{
	assert_int_equal(pac->group_count, count);
	for (unsigned i = 0; i < count; i++)
		assert_string_equal(SID_TEXT(&pac->group[i]), expected[i]);
}
#define HAS_GROUPS(...)                                                                            \
	has_groups((const char *const[]){__VA_ARGS__},                                             \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

#define S4U_TIME INT64_C(1538430362)
#define S4U_ENTERPRISE_TIME INT64_C(1538437551)

static void s4u2self_is_verified_and_read(void **state)
{
	(void)state;
	NEW_ERROR(err);
	open_session("s4u", "key");
	struct slice octets = recorded_value(&values, "regular");
	assert_success(judge(octets, "w2k8u@ACME.COM", S4U_TIME, &err), &err);
	assert_string_equal(pac->fault, "");
	has(&pac->account, "w2k8u");
	has(&pac->domain, "ACME");
	has(&pac->dns_domain, "ACME.COM");
	has(&pac->upn, "w2k8u@abc");
	assert_string_equal(SID_TEXT(&pac->sid), "S-1-5-21-9281652-3921847615-585208160-1142");
	HAS_GROUPS("S-1-5-21-9281652-3921847615-585208160-513");
	assert_false(pac->has_ticket_signature);
	assert_int_equal(judge(octets, "w2k8u@ACME.COM", S4U_TIME + 1, &err), KRB_AP_ERR_BADMATCH);
	assert_int_equal(
		judge(octets, "w2k8u\\@abc@ACME.COM", S4U_TIME, &err), KRB_AP_ERR_BADMATCH);
}

static void s4u2self_of_an_enterprise_name_is_verified(void **state)
{
	(void)state;
	NEW_ERROR(err);
	open_session("s4u", "key");
	struct slice octets = recorded_value(&values, "enterprise");
	assert_success(judge(octets, "w2k8u\\@abc@ACME.COM", S4U_ENTERPRISE_TIME, &err), &err);
	assert_string_equal(pac->fault, "");
	has(&pac->account, "w2k8u");
	assert_int_equal(
		judge(octets, "w2k8u@ACME.COM", S4U_ENTERPRISE_TIME, &err), KRB_AP_ERR_BADMATCH);
}

/* Their names have the realm: they are for a KDC of another realm. */
static void s4u2self_across_realms_is_verified(void **state)
{
	(void)state;
	NEW_ERROR(err);
	open_session("s4u", "other-key");
	assert_success(judge(recorded_value(&values, "referral"), "w2k8u@ACME.COM",
			       INT64_C(1538469429), &err),
		&err);
	assert_string_equal(pac->fault, "");
	assert_success(judge(recorded_value(&values, "enterprise-referral"), "w2k8u\\@abc@ACME.COM",
			       INT64_C(1538484998), &err),
		&err);
	assert_string_equal(pac->fault, "");
}

static void a_pac_for_another_service_is_not_believed(void **state)
{
	(void)state;
	NEW_ERROR(err);
	open_session("s4u", "other-key");
	assert_success(
		judge(recorded_value(&values, "regular"), "w2k8u@ACME.COM", S4U_TIME, &err), &err);
	assert_in(pac->fault, "its server signature does not match");
	assert_int_equal(pac->account.len, 0);
}

static void rc4_is_named(void **state)
{
	(void)state;
	NEW_ERROR(err);
	open_session("rc4", NULL);
	key = exchange_key(ENCTYPE_AES256_SHA1, 1);
	assert_success(judge(recorded_value(&values, "machine"), "w2003final$@WIN2K3.THINKER.LOCAL",
			       INT64_C(1120440609), &err),
		&err);
	assert_in(pac->fault, "HMAC-MD5 (RC4)");
}

/* What is in those that RC4 signs is read by itself. */
static struct slice part(const char *name, uint32_t type)
{
	NEW_ERROR(err);
	static struct pac_buffers buffers;
	assert_success(pac_buffers_read(recorded_value(&values, name), &buffers, &err), &err);
	return pac_buffers_find(&buffers, type)->data;
}

static void a_machines_logon_info_is_read(void **state)
{
	(void)state;
	NEW_ERROR(err);
	struct logon_info info = {0};
	open_session("rc4", NULL);
	assert_success(logon_info_read(part("machine", PAC_LOGON_INFO), &info, &err), &err);
	has(&info.account, "W2003FINAL$");
	has(&info.domain, "WIN2K3THINK");
	assert_string_equal(SID_TEXT(&info.user), "S-1-5-21-3048156945-3961193616-3706469200-1005");
	assert_int_equal(info.group_count, 2);
	assert_string_equal(
		SID_TEXT(&info.group[0]), "S-1-5-21-3048156945-3961193616-3706469200-516");
	assert_string_equal(SID_TEXT(&info.group[1]), "S-1-5-9");
	logon_info_clear(&info);
}

static void a_users_names_are_read(void **state)
{
	(void)state;
	NEW_ERROR(err);
	struct upn_dns_info names = {0};
	struct logon_info info = {0};
	const struct principal client = {.count = 1, .component = {SLICE_LITERAL("openmsp")}};
	open_session("rc4", NULL);
	assert_success(logon_info_read(part("user", PAC_LOGON_INFO), &info, &err), &err);
	has(&info.account, "openmsp");
	assert_int_equal(info.group_count, 3);
	assert_success(upn_dns_info_read(part("user", PAC_UPN_DNS_INFO), &names, &err), &err);
	has(&names.upn, "openmsp@msp-ads.peppercon.de");
	has(&names.dns_domain, "MSP-ADS.PEPPERCON.DE");
	assert_success(client_info_check(
			       part("user", PAC_CLIENT_INFO), &client, INT64_C(1225304188), &err),
		&err);
	logon_info_clear(&info);
	upn_dns_info_clear(&names);
}

/* Windows Server 2022: the ticket is decrypted, and the PAC taken out of it. */
static void a_tickets_pac_is_verified(void **state)
{
	(void)state;
	NEW_ERROR(err);
	AUTO_BUFFER plain = {0};
	struct ticket ticket;
	struct enc_ticket_part enc_part;
	struct authorization_data inside;
	struct slice octets;
	open_session("ticket", "key");
	assert_success(der_read_ticket(recorded_value(&values, "ticket"), &ticket, &err), &err);
	assert_success(key_decrypt(key, USAGE_TICKET, ticket.enc_part.cipher, &plain, &err), &err);
	octets = buffer_slice(&plain);
	assert_success(der_read_enc_ticket_part(octets, &enc_part, &err), &err);
	assert_success(der_read_authorization_data(
			       enc_part.authorization_data.element[0].data, &inside, &err),
		&err);
	assert_int_equal(inside.element[0].type, 128);
	const struct pac_ticket judged = {&enc_part.client, enc_part.authtime, key};
	assert_success(pac_judge(&(struct pac_demands){PAC_REQUIRED, 0, NULL},
			       inside.element[0].data, &judged, &pac, &err),
		&err);
	has(&pac->account, "Administrator");
	has(&pac->domain, "W2022-L7");
	has(&pac->dns_domain, "W2022-L7.BASE");
	has(&pac->upn, "Administrator@w2022-l7.base");
#define DOMAIN "S-1-5-21-133451344-1126667713-3548050118-"
	assert_string_equal(SID_TEXT(&pac->sid), DOMAIN "500");
	HAS_GROUPS(DOMAIN "513", DOMAIN "512", DOMAIN "520", DOMAIN "518", DOMAIN "519", "S-1-18-1",
		DOMAIN "572");
	assert_true(pac->has_ticket_signature);
	assert_true(pac->has_full_signature);
}

#define CASE(f) cmocka_unit_test_teardown(f, finish)

SUITE(test_pac_recorded)
{
	const struct CMUnitTest tests[] = {
		CASE(s4u2self_is_verified_and_read),
		CASE(s4u2self_of_an_enterprise_name_is_verified),
		CASE(s4u2self_across_realms_is_verified),
		CASE(a_pac_for_another_service_is_not_believed),
		CASE(rc4_is_named),
		CASE(a_machines_logon_info_is_read),
		CASE(a_users_names_are_read),
		CASE(a_tickets_pac_is_verified),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* kdc/tickets: a ticket-granting ticket for the service to use, after each way to a ticket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kdc/reply.h"
#include "tests/support/own_hosts.h"
#include "tests/support/ticket_sessions.h"

const struct own_host own_hosts[] = {
	{"localhost", {"127.0.0.1"}},
	{"mail.example.test", {"192.0.2.1", "2001:db8::1"}},
	{NULL, {NULL}},
};

#define CACHE in_folder("ccache")
#define TGT "krbtgt/EXAMPLE.TEST@EXAMPLE.TEST"

static const struct wanted plain = {.client = ALICE};

/* A way to a ticket for the service, and then to one for it to use. */
static enum status delegate(struct kdc_session *session, enum status found,
	struct credential_box *ticket, struct credential_box *out, struct error *err)
{
	AUTO_CREDENTIAL_BOX service = *ticket;
	if (found)
		return err->status;
	return ticket_to_delegate(session, &service.credential.server, out, err);
}

static enum status from_cache(struct kdc_session *session, const struct ticket_request *request,
	struct credential_box *out, struct error *err)
{
	struct credential_box ticket = {0};
	enum status found = ticket_from_cache(session, request, &ticket, err);
	return delegate(session, found, &ticket, out, err);
}

static enum status from_keytab(struct kdc_session *session, const struct ticket_request *request,
	struct credential_box *out, struct error *err)
{
	struct credential_box ticket = {0};
	enum status found = ticket_from_keytab(session, request, NULL, &ticket, err);
	return delegate(session, found, &ticket, out, err);
}

static enum status from_password(struct kdc_session *session, const struct ticket_request *request,
	struct credential_box *out, struct error *err)
{
	struct credential_box ticket = {0};
	enum status found =
		ticket_from_password(session, request, SLICE_LITERAL(FAKE_PASSWORD), &ticket, err);
	return delegate(session, found, &ticket, out, err);
}

static enum status from_password_and_cache(struct kdc_session *session,
	const struct ticket_request *request, struct credential_box *out, struct error *err)
{
	if (from_password(session, request, out, err))
		return err->status;
	credential_box_clear(out);
	return from_cache(session, request, out, err);
}

static void forwardable_tgts(const char *conf)
{
	configure_kdc(conf);
	kdc->extra_flags = TICKET_FORWARDABLE;
	init_cache(CACHE, 0);
}

static void check_asked(void)
{
	assert_int_equal(kdc->body.options, KDC_OPTION_FORWARDED | KDC_OPTION_FORWARDABLE);
	assert_true(is_tgt_name(&kdc->body.server));
}

static void a_cache_has_what_it_takes(void **state UNUSED)
{
	struct found_ticket found;
	struct error err;
	forwardable_tgts("");
	assert_success(go(from_cache, &plain, &found, &err), &err);
	check_asked();
	assert_int_equal(found.box.credential.flags & (TICKET_FORWARDED | TICKET_FORWARDABLE),
		TICKET_FORWARDED | TICKET_FORWARDABLE);
	assert_string_equal(PRINCIPAL_TEXT(&found.box.credential.server), TGT);
	assert_int_equal(kdc->body.addresses.count, 0);
	credential_box_clear(&found.box);
}

static void it_is_asked_for_each_time_and_not_kept(void **state UNUSED)
{
	AUTO_BUFFER before = {0}, after = {0};
	forwardable_tgts("");
	check_found(from_cache, &plain, TGT, ALICE, 0, 2);
	read_file(CACHE, &before);
	check_found(from_cache, &plain, TGT, ALICE, 0, 1);
	read_file(CACHE, &after);
	assert_true(slice_equal(buffer_slice(&before), buffer_slice(&after)));
}

static void a_keytab_has_what_it_takes(void **state UNUSED)
{
	static const char *const clients[] = {ALICE, NULL};
	forwardable_tgts("");
	write_client_keytab(in_folder("keytab"), clients);
	check_found(from_keytab, &plain, TGT, ALICE, 1, 2);
	check_asked();
}

static void a_password_has_what_it_takes(void **state UNUSED)
{
	forwardable_tgts("");
	check_found(from_password, &plain, TGT, ALICE, 1, 2);
	check_asked();
}

static void a_tgt_that_is_not_forwardable_stays_here(void **state UNUSED)
{
	init_cache(CACHE, 0);
	as_asked = tgs_asked = 0;
	check_refused(from_cache, &plain, KDC_ERR_BADOPTION,
		"the ticket-granting ticket of alice@EXAMPLE.TEST is not forwardable: get one that "
		"is (kinit -f, or forwardable = true in krb5.conf)");
	assert_int_equal(tgs_asked, 1); /* for the service alone */
}

/* The cache has a ticket for the service alone. */
static void check_without_a_tgt(way_function *way)
{
	struct found_ticket found;
	struct error err;
	forwardable_tgts("");
	assert_success(go(ticket_from_cache, &plain, &found, &err), &err);
	const struct ccache_start start = {&alice, 0, &found.box.credential, 1};
	assert_success(ccache_create(CACHE, &start, &err), &err);
	check_refused(way, &plain, ERR_NOT_FOUND,
		"there is no ticket of alice@EXAMPLE.TEST for " TGT " in the credential cache ");
	credential_box_clear(&found.box);
}

static void without_a_tgt_there_is_nothing_to_delegate(void **state UNUSED)
{
	check_without_a_tgt(from_cache);
}

/* What a password gave does not outlast it. */
static void each_way_has_its_own_tgt(void **state UNUSED)
{
	check_without_a_tgt(from_password_and_cache);
}

static void what_the_kdc_refuses_is_told(void **state UNUSED)
{
	forwardable_tgts("");
	kdc->error.code = KDC_ERR_POLICY;
	kdc->error_from = kdc->asked + 1;
	check_refused(from_cache, &plain, KDC_ERR_POLICY, "the KDC of EXAMPLE.TEST");
}

static void it_can_be_for_the_hosts_addresses_alone(void **state UNUSED)
{
	static const unsigned char v4[] = {192, 0, 2, 1};
	static const unsigned char v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
	const struct host_addresses *asked;
	forwardable_tgts("[libdefaults]\nnoaddresses = false\n");
	asked = &kdc->body.addresses;
	check_found(from_cache, &plain, TGT, ALICE, 0, 2);
	assert_int_equal(asked->count, 2);
	assert_int_equal(asked->element[0].type, ADDRESS_IPV4);
	assert_true(slice_equal(asked->element[0].address, slice_of(v4, sizeof v4)));
	assert_int_equal(asked->element[1].type, ADDRESS_IPV6);
	assert_true(slice_equal(asked->element[1].address, slice_of(v6, sizeof v6)));
}

static void a_host_without_an_address_gets_none(void **state UNUSED)
{
	static const char *const services[] = {"imap/nowhere.example.test", "imap", NULL};
	const struct wanted nowhere = {.client = ALICE, .service = "imap/nowhere.example.test"};
	const struct wanted hostless = {.client = ALICE, .service = "imap"};
	forwardable_tgts("[libdefaults]\nnoaddresses = false\n");
	kdc->services = services;
	check_refused(from_cache, &nowhere, ERR_NOT_FOUND,
		"the network addresses of host nowhere.example.test: ");
	check_refused(from_cache, &hostless, ERR_NOT_FOUND,
		"imap@EXAMPLE.TEST names no host: a ticket to delegate needs its addresses");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_CASE(a_cache_has_what_it_takes),
		SESSION_CASE(it_is_asked_for_each_time_and_not_kept),
		SESSION_CASE(a_keytab_has_what_it_takes),
		SESSION_CASE(a_password_has_what_it_takes),
		SESSION_CASE(a_tgt_that_is_not_forwardable_stays_here),
		SESSION_CASE(without_a_tgt_there_is_nothing_to_delegate),
		SESSION_CASE(each_way_has_its_own_tgt),
		SESSION_CASE(what_the_kdc_refuses_is_told),
		SESSION_CASE(it_can_be_for_the_hosts_addresses_alone),
		SESSION_CASE(a_host_without_an_address_gets_none),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

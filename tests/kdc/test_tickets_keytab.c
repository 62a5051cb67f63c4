/* SPDX-License-Identifier: BSD-3-Clause */
/* kdc/tickets: by a client keytab, with what the process keeps; and by a password. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "tests/support/own_hosts.h"
#include "tests/support/ticket_sessions.h"

OWN_LOCALHOST

static const struct wanted plain;
static const char *const two_services[] = {"imap/mail.example.test", "smtp/a", NULL};
static const struct wanted smtp = {.service = "smtp/a"};

#define SMTP "smtp/a@EXAMPLE.TEST"

static const char *keytab; /* by the option; NULL: krb5.conf's */

static enum status from_keytab(struct kdc_session *session, const struct ticket_request *request,
	struct credential_box *out, struct error *err)
{
	return ticket_from_keytab(session, request, keytab, out, err);
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static int open_with_keytab(void **state)
{
	open_sessions(state);
	keytab = NULL;
	write_client_keytab(in_folder("keytab"), NAMES(ALICE));
	return 0;
}

static void a_login_is_kept_for_the_next(void **state UNUSED)
{
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	check_found(from_keytab, &plain, IMAP, ALICE, 0, 0);
	kdc->services = two_services;
	check_found(from_keytab, &smtp, SMTP, ALICE, 0, 1);
	check_found(from_keytab, &plain, IMAP, ALICE, 0, 0);
	assert_string_equal(warned, "");
	/* In the process alone. */
	assert_int_equal(empty_folder(), 1);
}

static void it_goes_with_the_module(void **state UNUSED)
{
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	ccache_forget();
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
}

static void each_keytab_has_its_own(void **state UNUSED)
{
	write_client_keytab(in_folder("other"), NAMES(ALICE));
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	keytab = in_folder("other");
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	keytab = NULL;
	check_found(from_keytab, &plain, IMAP, ALICE, 0, 0);
}

/* Whoever logs in at the fake KDC gets alice's tickets: who it was, it tells. */
static void check_client(const struct wanted *wanted, const char *client, unsigned as)
{
	struct found_ticket found;
	struct error err;
	as_asked = 0;
	if (go(from_keytab, wanted, &found, &err))
		fail_msg("%s", err.text);
	assert_string_equal(PRINCIPAL_TEXT(&found.box.credential.client), client);
	assert_int_equal(as_asked, as);
	credential_box_clear(&found.box);
}

static void each_client_has_its_own(void **state UNUSED)
{
	const struct wanted as_bob = {.client = "bob"}, as_carol = {.client = "carol"};
	const struct wanted strictly_bob = {.client = "bob@EXAMPLE.TEST", .strict = true};
	const struct wanted strictly_carol = {.client = "carol", .strict = true};
	write_client_keytab(in_folder("keytab"), NAMES(ALICE, "bob@EXAMPLE.TEST"));
	check_client(&plain, ALICE, 1);
	check_client(&as_bob, "bob@EXAMPLE.TEST", 1);
	check_client(&strictly_bob, "bob@EXAMPLE.TEST", 0);
	check_client(&plain, ALICE, 0);
	check_client(&as_carol, ALICE, 0);
	check_refused(from_keytab, &strictly_carol, ERR_NOT_FOUND, "/keytab has no key of carol");
}

static void each_user_has_its_own(void **state UNUSED)
{
	if (geteuid() != 0)
		return; /* nobody else to become */
	chmod(folder, 0755);
	chmod(in_folder("keytab"), 0644);
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	assert_int_equal(seteuid(65534), 0);
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	check_found(from_keytab, &plain, IMAP, ALICE, 0, 0);
	assert_int_equal(seteuid(0), 0);
	check_found(from_keytab, &plain, IMAP, ALICE, 0, 0);
}

/* ---- before they end ---- */

static void it_logs_in_again_before_the_end(void **state UNUSED)
{
	kdc->services = two_services;
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	now += FAKE_LIFETIME - 302; /* a second or two may pass meanwhile */
	check_found(from_keytab, &plain, IMAP, ALICE, 0, 0);
	now += 2;
	check_found(from_keytab, &smtp, SMTP, ALICE, 1, 1);
	check_found(from_keytab, &smtp, SMTP, ALICE, 0, 0);
	check_found(from_keytab, &plain, IMAP, ALICE, 0, 1);
	now += FAKE_LIFETIME - 302;
	check_found(from_keytab, &plain, IMAP, ALICE, 0, 0);
	now += 302;
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
}

/* Whose KDC is silent would wait for it each time. */
static void a_ready_ticket_serves_to_its_end(void **state UNUSED)
{
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	now += FAKE_LIFETIME - 200;
	check_found(from_keytab, &plain, IMAP, ALICE, 0, 0);
	assert_string_equal(warned, "");
}

static void end_soon(struct enc_kdc_rep_part *part)
{
	if (part->endtime > part->starttime + 100)
		part->endtime = part->starttime + 100;
}

static void short_ones_serve_for_half_their_life(void **state UNUSED)
{
	static const char *const services[] = {"imap/mail.example.test", "smtp/a", "pop/a", NULL};
	const struct wanted pop = {.service = "pop/a"};
	kdc->services = services;
	kdc->change_part = end_soon;
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	now += 40;
	check_found(from_keytab, &smtp, SMTP, ALICE, 0, 1);
	now += 10;
	check_found(from_keytab, &pop, "pop/a@EXAMPLE.TEST", ALICE, 1, 1);
}

static void refuse_logins(void)
{
	kdc->error.code = tgs_asked > 0 ? 0 : KDC_ERR_CLIENT_REVOKED;
}

static void without_a_new_one_the_old_one_serves_to_its_end(void **state UNUSED)
{
	kdc->services = two_services;
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	now += FAKE_LIFETIME - 200;
	meanwhile = refuse_logins;
	check_found(from_keytab, &smtp, SMTP, ALICE, 1, 1);
	assert_in(warned, "no new ticket by the client keytab: the KDC of EXAMPLE.TEST says that");
	now += 200;
	meanwhile = NULL;
	kdc->realm = "NOBODY.TEST";
	check_refused(from_keytab, &plain, ERR_UNREACHABLE, "no KDC of EXAMPLE.TEST");
	kdc->realm = "EXAMPLE.TEST";
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
}

/* As any two are in the moment when one says the next second. */
static int32_t refusal;
static unsigned refused_times;

static void refuse_tickets(void)
{
	bool is_as = as_asked >= tgs_asked; /* each TGS exchange was first */
	kdc->error.code = !is_as && tgs_asked <= refused_times ? refusal : 0;
}

/* No kinit reaches what a process keeps. */
static void one_that_the_kdc_refuses_is_asked_for_again_once(void **state UNUSED)
{
	static const int32_t codes[] = {KDC_ERR_TGT_REVOKED, KRB_AP_ERR_BAD_INTEGRITY,
		KRB_AP_ERR_TKT_EXPIRED, KRB_AP_ERR_BADKEYVER};
	kdc->services = two_services;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		ccache_forget();
		meanwhile = NULL;
		check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
		refusal = codes[i];
		refused_times = 1;
		meanwhile = refuse_tickets;
		check_found(from_keytab, &smtp, SMTP, ALICE, 1, 2);
		assert_in(warned, "asking for a new ticket with the client keytab: the KDC of");
		check_found(from_keytab, &smtp, SMTP, ALICE, 0, 0);
	}
	refused_times = 9;
	as_asked = tgs_asked = 0;
	check_refused(from_keytab, &plain, KRB_AP_ERR_BADKEYVER, "no longer has the key of the");
	assert_int_equal(as_asked, 1);
	assert_int_equal(tgs_asked, 2);
	refusal = KDC_ERR_POLICY;
	as_asked = tgs_asked = 0;
	check_refused(from_keytab, &plain, KDC_ERR_POLICY, "by its policy");
	assert_int_equal(as_asked, 0);
}

static void a_kdc_may_be_a_second_ahead(void **state UNUSED)
{
	kdc->clock = 1;
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	check_found(from_keytab, &plain, IMAP, ALICE, 0, 0);
}

static void the_kdcs_clock_is_kept_too(void **state UNUSED)
{
	struct found_ticket found;
	struct error err;
	kdc->clock = -3600;
	for (unsigned i = 0; i < 2; i++) {
		as_asked = 0;
		assert_success(go(from_keytab, &plain, &found, &err), &err);
		assert_int_equal(found.kdc_offset, -3600);
		assert_int_equal(as_asked, i == 0);
		credential_box_clear(&found.box);
	}
}

/* ---- processes and threads ---- */

static void a_child_has_what_its_parent_had_and_no_more(void **state UNUSED)
{
	int status;
	check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
	pid_t child = fork();
	if (child == 0) {
		check_found(from_keytab, &plain, IMAP, ALICE, 0, 0);
		ccache_forget();
		check_found(from_keytab, &plain, IMAP, ALICE, 1, 1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	check_found(from_keytab, &plain, IMAP, ALICE, 0, 0);
}

#define THREADS 8
#define LOGINS 50

/* While one of them makes all begin anew: then a ticket may have no place to be kept. */
static void *log_in_often(void *arg)
{
	unsigned *failures = arg;
	for (unsigned i = 0; i < LOGINS; i++) {
		struct found_ticket found;
		struct error err;
		*failures += go(from_keytab, &plain, &found, &err) != STATUS_OK;
		credential_box_clear(&found.box);
		if (i == LOGINS / 2)
			ccache_forget();
	}
	return NULL;
}

static void threads_share_it(void **state UNUSED)
{
	pthread_t thread[THREADS];
	unsigned failures[THREADS] = {0};
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, log_in_often, &failures[i]), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(failures[i], 0);
}

/* The user's cache would do for the ticket-granting ticket, and is not the keytab's. */
static enum status cache_then_keytab(struct kdc_session *session,
	const struct ticket_request *request, struct credential_box *out, struct error *err)
{
	kdc->error.code = KDC_ERR_POLICY;
	assert_int_equal(ticket_from_cache(session, request, out, err), KDC_ERR_POLICY);
	kdc->error.code = 0;
	return from_keytab(session, request, out, err);
}

static void a_way_takes_nothing_over_from_the_one_before(void **state UNUSED)
{
	init_cache(in_folder("ccache"), 0);
	check_found(cache_then_keytab, &plain, IMAP, ALICE, 1, 2);
}

/* ---- what it says ---- */

static void it_says_which_keytab_and_whose_key(void **state UNUSED)
{
	remove(in_folder("keytab"));
	check_refused(from_keytab, &plain, ERR_NOT_FOUND, "there is no client keytab /tmp/");
	write_client_keytab(in_folder("keytab"), NAMES(ALICE));
	key_release(kdc->key);
	kdc->key = fake_key(ENCTYPE_AES256_SHA1, 7);
	kdc->preauth = true;
	check_refused(from_keytab, &plain, KDC_ERR_PREAUTH_FAILED,
		"the key of alice@EXAMPLE.TEST in the keytab /tmp/");
}

/* ---- by a password ---- */

static const char *password;

static enum status by_password(struct kdc_session *session, const struct ticket_request *request,
	struct credential_box *out, struct error *err)
{
	return ticket_from_password(session, request, slice_string(password), out, err);
}

static void a_password_gets_a_ticket_and_nothing_is_kept(void **state UNUSED)
{
	const struct wanted as_alice = {.client = ALICE};
	password = FAKE_PASSWORD;
	check_found(by_password, &as_alice, IMAP, ALICE, 1, 1);
	check_found(by_password, &as_alice, IMAP, ALICE, 1, 1);
	assert_int_equal(empty_folder(), 1); /* the keytab */
}

static void one_password_is_tried_once_for_both_names_of_a_host(void **state UNUSED)
{
	static const char *const services[] = {"imap/localhost", NULL};
	const struct wanted wanted = {.host = "127.0.0.1", .client = ALICE};
	kdc->services = services;
	configure_kdc("[libdefaults]\ndns_canonicalize_hostname = fallback");
	password = FAKE_PASSWORD;
	check_found(by_password, &wanted, "imap/localhost@EXAMPLE.TEST", ALICE, 1, 2);
}

static void a_wrong_password_says_so(void **state UNUSED)
{
	const struct wanted as_alice = {.client = ALICE};
	kdc->preauth = true;
	password = "wrong";
	check_refused(by_password, &as_alice, KDC_ERR_PREAUTH_FAILED,
		"the password of alice@EXAMPLE.TEST is wrong, by the KDC of EXAMPLE.TEST");
	const struct wanted no_realm = {.client = "alice"};
	as_asked = 0;
	check_refused(by_password, &no_realm, ERR_NOT_FOUND, "of a realm that is not known");
	assert_int_equal(as_asked, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_with_keytab, close_sessions)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_login_is_kept_for_the_next),
		CASE(it_goes_with_the_module),
		CASE(each_keytab_has_its_own),
		CASE(each_client_has_its_own),
		CASE(each_user_has_its_own),
		CASE(it_logs_in_again_before_the_end),
		CASE(short_ones_serve_for_half_their_life),
		CASE(a_ready_ticket_serves_to_its_end),
		CASE(without_a_new_one_the_old_one_serves_to_its_end),
		CASE(one_that_the_kdc_refuses_is_asked_for_again_once),
		CASE(a_kdc_may_be_a_second_ahead),
		CASE(the_kdcs_clock_is_kept_too),
		CASE(a_child_has_what_its_parent_had_and_no_more),
		CASE(threads_share_it),
		CASE(a_way_takes_nothing_over_from_the_one_before),
		CASE(it_says_which_keytab_and_whose_key),
		CASE(a_password_gets_a_ticket_and_nothing_is_kept),
		CASE(one_password_is_tried_once_for_both_names_of_a_host),
		CASE(a_wrong_password_says_so),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* kdc/transport where there is no answer: why, and within the time that there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define OWN_GETADDRINFO /* below */
#include "tests/support/kdc_station.h"
#include "tests/support/own_hosts.h"

const struct own_host own_hosts[] = {
	{"localhost", {"127.0.0.1"}},
	{"both.example.test", {"::1", "127.0.0.1"}},
	{NULL, {NULL}},
};

/* With the first station's port in place of both %u. */
#define check_none_here(conf, seconds, format)                                                     \
	do {                                                                                       \
		char text_[300];                                                                   \
		snprintf(text_, sizeof text_, format, station[0].port, station[0].port);           \
		check_none(conf, seconds, text_);                                                  \
	} while (0)

static void says_who_refused(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(1, "");
	station_shut(&station[0].udp);
	station_shut(&station[0].tcp);
	check_none_here(conf, AMPLE,
		"no KDC of R answers (127.0.0.1:%u by UDP: Connection refused; 127.0.0.1:%u by "
		"TCP: Connection refused): is the network up, and are these its KDCs ([realms]");
}

static void says_who_was_silent(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(1, "");
	check_none(conf, 1, "by UDP: no answer)");
	check_none_here(
		conf, 2, "(127.0.0.1:%u by UDP: no answer; 127.0.0.1:%u by TCP: no answer)");
}

/* The deadline stands however many there are. */
static void has_an_end(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(3, "");
	int64_t before = monotonic_milliseconds();
	check_none(conf, 2, "no KDC of R answers");
	assert_true(monotonic_milliseconds() - before >= 2000);
}

/* Names that the C library is asked for: with `slow` the first takes all the time there is. */
static struct kdc_session *slow;
static unsigned looked_up;

int getaddrinfo(
	const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	looked_up++;
	if (slow) {
		slow->deadline = monotonic_milliseconds();
		return EAI_AGAIN;
	}
	return own_getaddrinfo(host, service, hints, out);
}

static void after_the_deadline_no_name_is_looked_up(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[realms]\nR = {\nkdc = a.test\nkdc = b.test\n}\n");
	AUTO_BUFFER answer = {0};
	struct kdc_session session;
	struct error err;
	kdc_session_begin(&session, conf, AMPLE);
	assert_int_equal(kdc_session_enter(&session, SLICE_LITERAL("R"), &err), STATUS_OK);
	const struct kdc_question question = {.realm = "R", .request = SLICE_LITERAL("request")};
	looked_up = 0;
	slow = &session;
	assert_int_equal(kdc_send(&session, &question, &answer, &err), ERR_UNREACHABLE);
	assert_in(err.text, "the KDC of R cannot be found: no address of a.test (");
	assert_int_equal(looked_up, 1);
	slow = NULL;
	assert_int_equal(kdc_send(&session, &question, &answer, &err), ERR_UNREACHABLE);
	assert_in(err.text, "no KDC of R was asked, since the time for all questions had passed");
	assert_int_equal(looked_up, 1);
}

static void junk_by_udp(void)
{
	station_shut(&station[0].tcp);
	answer_udp(station[0].udp, JUNK);
}

static void empty_by_udp(void)
{
	answer_udp(station[0].udp, SLICE_EMPTY);
}

static void not_available(void)
{
	answer_udp(station[0].udp, krb_error(KDC_ERR_SVC_UNAVAILABLE));
}

static void say(uint32_t announced, struct slice octets)
{
	close(station[0].udp);
	int connection = receive_tcp(station[0].tcp);
	send_record(connection, announced, octets);
	close(connection);
}

static void cut_record(void)
{
	say(10, SLICE_LITERAL("\x6b\x05 short"));
}

static void cut_prefix(void)
{
	int connection = receive_tcp(station[0].tcp);
	send_tcp(connection, SLICE_LITERAL("\0\0"));
	close(connection);
}

static void nothing(void)
{
	close(receive_tcp(station[0].tcp));
}

static void empty_record(void)
{
	say(0, SLICE_EMPTY);
}

static void long_record(void)
{
	say(65537, ANSWER);
}

static void huge_record(void)
{
	say(UINT32_MAX, ANSWER);
}

static void junk_by_tcp(void)
{
	say((uint32_t)JUNK.len, JUNK);
}

/* A KDC that answers by one transport alone, so that the failure ends it. */
#define UDP_ONLY "udp/127.0.0.1"
#define TCP_ONLY "tcp/127.0.0.1"

static struct krb5_conf *only(const char *prefix)
{
	char text[300];
	snprintf(text, sizeof text,
		"[libdefaults]\ndns_lookup_kdc = false\n[realms]\nR = {\nkdc = %s:%u\n}\n", prefix,
		station[0].port);
	return conf_of_text(slice_string(text));
}

static void each_failure_has_its_reason(void **state UNUSED)
{
	static const struct row {
		void (*by)(void);
		const char *prefix;
		const char *sentence;
	} rows[] = {
		{junk_by_udp, UDP_ONLY, "UDP: an answer that is no Kerberos message"},
		{empty_by_udp, UDP_ONLY, "UDP: an empty answer"},
		{not_available, UDP_ONLY, "UDP: it says that it is not available"},
		{cut_record, TCP_ONLY, "TCP: an answer that was cut short"},
		{cut_prefix, TCP_ONLY, "TCP: an answer that was cut short"},
		{nothing, TCP_ONLY, "TCP: no answer, connection closed"},
		{empty_record, TCP_ONLY, "TCP: an empty answer"},
		{long_record, TCP_ONLY, "TCP: an answer that is too long"},
		{huge_record, TCP_ONLY, "TCP: an answer that is too long"},
		{junk_by_tcp, TCP_ONLY, "TCP: an answer that is no Kerberos message"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		AUTO_KRB5_CONF conf = only(rows[i].prefix);
		serve(rows[i].by);
		check_none(conf, AMPLE, rows[i].sentence);
		stations_close(NULL);
		stations_open(NULL);
	}
}

static void check_sentence(const char *text, const char *sentence)
{
	AUTO_KRB5_CONF conf = conf_of_text(slice_string(text));
	check_none(conf, AMPLE, sentence);
}

static void says_where_it_looked_in_vain(void **state UNUSED)
{
	check_sentence("[libdefaults]\ndns_lookup_kdc = false\n",
		"no KDC of R is known: krb5.conf names none in [realms], and dns_lookup_kdc does "
		"not let DNS be asked");
	check_sentence("[realms]\nR = {\nkdc = https://proxy/\n}\n",
		"names for R only KDCs behind a web proxy (https://) or a socket");
	/* A name that is none needs no name server to be refused. */
	check_sentence("[realms]\nR = {\nkdc = a..b\n}\n",
		"the KDC of R cannot be found: no address of a..b (");
}

static void a_fault_of_krb5_conf_is_no_silence(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("[realms]\nR = {\nkdc = :88\n}\n");
	AUTO_BUFFER answer = {0};
	struct error err;
	assert_int_equal(ask(conf, AMPLE, &answer, &err), ERR_SYNTAX);
	assert_in(err.text, "krb5.conf:3: [realms] R kdc = :88: not a host or an address");
}

static enum status ask_primary(
	struct krb5_conf *conf, const struct kdc_endpoint *except, struct error *err)
{
	AUTO_BUFFER answer = {0};
	struct kdc_session session;
	kdc_session_begin(&session, conf, AMPLE);
	assert_int_equal(kdc_session_enter(&session, SLICE_LITERAL("R"), err), STATUS_OK);
	const struct kdc_question question = {"R", SLICE_LITERAL("request"), true, except};
	return kdc_send(&session, &question, &answer, err);
}

static void primary_by_udp(void)
{
	answer_udp(station[0].udp, ANSWER);
}

static struct krb5_conf *parsed_with_primary(const char *host)
{
	char text[300];
	snprintf(text, sizeof text, "[realms]\nR = {\nkdc = 127.0.0.1:1\nprimary_kdc = %s:%u\n}\n",
		host, station[0].port);
	return conf_of_text(slice_string(text));
}

/* It has answered already, or there is none: nobody is asked. */
static void asks_no_primary_twice(void **state UNUSED)
{
	struct error err;
	struct kdc_endpoint place = {{"kdc.example.test", "88"}, "192.0.2.1:88"};
	AUTO_KRB5_CONF none = conf_of(1, "");
	assert_int_equal(ask_primary(none, &place, &err), ERR_NOT_FOUND);
	assert_in(err.text, "no primary KDC of R is known");

	AUTO_KRB5_CONF conf = parsed_with_primary("LocalHost");
	serve(primary_by_udp);
	/* By the same name, though by another address. */
	snprintf(place.server.port, sizeof place.server.port, "%u", station[0].port);
	snprintf(place.server.host, sizeof place.server.host, "localhost");
	assert_int_equal(ask_primary(conf, &place, &err), ERR_NOT_FOUND);
	assert_in(err.text, "no primary KDC of R is known");
	/* At the same address, though by another name. */
	snprintf(place.server.host, sizeof place.server.host, "kdc.example.test");
	snprintf(place.address, sizeof place.address, "127.0.0.1:%u", station[0].port);
	assert_int_equal(ask_primary(conf, &place, &err), ERR_NOT_FOUND);
	/* At one of its addresses: the other is the same KDC's, where a password counts too. */
	AUTO_KRB5_CONF both = parsed_with_primary("both.example.test");
	assert_int_equal(ask_primary(both, &place, &err), ERR_NOT_FOUND);
	assert_in(err.text, "no primary KDC of R is known");
	/* Another port is another KDC. */
	snprintf(place.server.host, sizeof place.server.host, "localhost");
	snprintf(place.address, sizeof place.address, "127.0.0.1:1");
	snprintf(place.server.port, sizeof place.server.port, "1");
	assert_int_equal(ask_primary(conf, &place, &err), STATUS_OK);
}

/* What answers is known by its name, for the question to the primary one. */
static void tells_who_answered(void **state UNUSED)
{
	char address[KDC_ADDRESS_SIZE];
	AUTO_BUFFER answer = {0};
	AUTO_KRB5_CONF conf = only("udp/LocalHost");
	struct kdc_session session;
	struct error err;
	serve(primary_by_udp);
	kdc_session_begin(&session, conf, AMPLE);
	assert_int_equal(kdc_session_enter(&session, SLICE_LITERAL("R"), &err), STATUS_OK);
	const struct kdc_question question = {.realm = "R", .request = SLICE_LITERAL("request")};
	assert_int_equal(kdc_send(&session, &question, &answer, &err), STATUS_OK);
	snprintf(address, sizeof address, "127.0.0.1:%u", station[0].port);
	assert_string_equal(session.answered.server.host, "LocalHost");
	assert_string_equal(session.answered.address, address);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stations_open, stations_close)
	const struct CMUnitTest tests[] = {
		TEST(says_who_refused),
		TEST(says_who_was_silent),
		TEST(has_an_end),
		TEST(after_the_deadline_no_name_is_looked_up),
		TEST(each_failure_has_its_reason),
		TEST(says_where_it_looked_in_vain),
		TEST(a_fault_of_krb5_conf_is_no_silence),
		TEST(asks_no_primary_twice),
		TEST(tells_who_answered),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

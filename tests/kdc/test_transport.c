/* SPDX-License-Identifier: BSD-3-Clause */
/* kdc/transport: whom a request goes to, by what, and which answer is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdlib.h>
#include <poll.h>

#include <cmocka.h>

#include "tests/support/kdc_station.h"
#include "tests/support/suite.h"

/* ---- one KDC ---- */

static void by_udp(void)
{
	answer_udp(station[0].udp, ANSWER);
}

static void by_tcp(void)
{
	answer_tcp(station[0].tcp, ANSWER);
}

/* Says by which it was asked first. */
static void by_either(void)
{
	struct pollfd fds[2] = {
		{.fd = station[0].udp, .events = POLLIN}, {.fd = station[0].tcp, .events = POLLIN}};
	if (poll(fds, 2, -1) > 0 && fds[0].revents)
		answer_udp(station[0].udp, ANSWER);
	else
		answer_tcp(station[0].tcp, OTHER);
}

static void check_either(const char *libdefaults, struct slice expected)
{
	AUTO_KRB5_CONF conf = conf_of(1, libdefaults);
	serve(by_either);
	check_answer(conf, expected);
}

static void small_requests_go_by_udp(void **state UNUSED)
{
	check_either("", ANSWER);
}

static void large_ones_by_tcp(void **state UNUSED)
{
	check_either("udp_preference_limit = 999", OTHER);
}

static void at_the_limit_they_go_by_udp(void **state UNUSED)
{
	check_either("udp_preference_limit = 1000", ANSWER);
}

static void the_other_transport_is_tried_too(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(1, "");
	station_shut(&station[0].udp);
	serve(by_tcp);
	check_answer(conf, ANSWER);
	stations_close(NULL);
	stations_open(NULL);
	AUTO_KRB5_CONF by_tcp_first = conf_of(1, "udp_preference_limit = 1");
	station_shut(&station[0].tcp);
	serve(by_udp);
	check_answer(by_tcp_first, ANSWER);
}

static void too_big_for_udp(void)
{
	answer_udp(station[0].udp, krb_error(KRB_ERR_RESPONSE_TOO_BIG));
	answer_tcp(station[0].tcp, ANSWER);
}

static void answers_too_big_for_udp_come_by_tcp(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(1, "");
	serve(too_big_for_udp);
	check_answer(conf, ANSWER);
}

static void too_big_for_tcp(void)
{
	answer_tcp(station[0].tcp, krb_error(KRB_ERR_RESPONSE_TOO_BIG));
}

static void too_big_for_tcp_is_an_answer(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(1, "udp_preference_limit = 1");
	serve(too_big_for_tcp);
	check_answer(conf, krb_error(KRB_ERR_RESPONSE_TOO_BIG));
}

/* ---- several ---- */

static void second_by_udp(void)
{
	answer_udp(station[1].udp, OTHER);
}

static void one_that_refuses_is_passed_over(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(2, "");
	station_shut(&station[0].udp);
	station_shut(&station[0].tcp);
	serve(second_by_udp);
	check_answer(conf, OTHER);
}

static void one_that_is_silent_is_passed_over(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(2, "");
	serve(second_by_udp);
	check_answer(conf, OTHER);
}

static void second_by_tcp(void)
{
	answer_tcp(station[1].tcp, OTHER);
}

/* It accepts connections and says nothing. */
static void one_that_only_listens_is_passed_over(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(2, "udp_preference_limit = 1");
	serve(second_by_tcp);
	check_answer(conf, OTHER);
}

/* The first one answers when the second has been asked. */
static void late(void)
{
	struct sockaddr_in first = receive_udp(station[0].udp);
	receive_udp(station[1].udp);
	send_udp(station[0].udp, first, ANSWER);
}

static void a_late_answer_counts(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(2, "");
	serve(late);
	check_answer(conf, ANSWER);
}

static void not_available(void)
{
	answer_udp(station[0].udp, krb_error(KDC_ERR_SVC_UNAVAILABLE));
	answer_udp(station[1].udp, JUNK);
	answer_udp(station[2].udp, ANSWER);
}

static void useless_answers_are_passed_over(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(3, "");
	serve(not_available);
	check_answer(conf, ANSWER);
}

/* What is no KRB-ERROR of ours to judge is an answer. */
static void other_error(void)
{
	answer_udp(station[0].udp, krb_error(KDC_ERR_C_PRINCIPAL_UNKNOWN));
}

static void refusals_are_answers(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(2, "");
	serve(other_error);
	check_answer(conf, krb_error(KDC_ERR_C_PRINCIPAL_UNKNOWN));
}

/* Somebody else sends an answer, to the right port, before the KDC does. */
static void forged(void)
{
	struct sockaddr_in client = receive_udp(station[0].udp);
	send_udp(station[1].udp, client, OTHER);
	send_udp(station[0].udp, client, ANSWER);
}

static void answers_from_elsewhere_are_not_seen(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(1, "");
	serve(forged);
	check_answer(conf, ANSWER);
}

static void second_time(void)
{
	receive_udp(station[0].udp);
	answer_udp(station[0].udp, ANSWER);
}

static void a_lost_datagram_is_sent_again(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(1, "");
	station_shut(&station[0].tcp);
	serve(second_time);
	check_answer(conf, ANSWER);
}

/* ---- records ---- */

static void octet_by_octet(void)
{
	static const char record[] = "\0\0\0\x09\x6b\x05 answer";
	int connection = receive_tcp(station[0].tcp);
	for (size_t i = 0; i < sizeof record - 1; i++) {
		send_tcp(connection, slice_of(record + i, 1));
		poll(NULL, 0, 5);
	}
}

static void a_record_may_come_in_pieces(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(1, "udp_preference_limit = 1");
	serve(octet_by_octet);
	check_answer(conf, ANSWER);
}

static void longer_than_announced(void)
{
	send_record(receive_tcp(station[0].tcp), (uint32_t)ANSWER.len,
		SLICE_LITERAL("\x6b\x05 answer and more"));
}

static void what_follows_a_record_is_not_part_of_it(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(1, "udp_preference_limit = 1");
	serve(longer_than_announced);
	check_answer(conf, ANSWER);
}

static unsigned char large[65536];

static void largest(void)
{
	send_record(receive_tcp(station[0].tcp), sizeof large, slice_of(large, sizeof large));
}

static void a_record_may_be_large(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(1, "udp_preference_limit = 1");
	large[0] = 0x6b;
	serve(largest);
	check_answer(conf, slice_of(large, sizeof large));
}

/* How many descriptors are open. */
static unsigned descriptors(void)
{
	unsigned count = 0;
	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void leaves_no_descriptor_open(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = conf_of(2, "");
	unsigned before = descriptors();
	serve(second_by_udp);
	check_answer(conf, OTHER);
	assert_int_equal(descriptors(), before);
	check_none(conf, 1, "no KDC of R answers");
	assert_int_equal(descriptors(), before);
}

SUITE(test_transport)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stations_open, stations_close)
	const struct CMUnitTest tests[] = {
		TEST(small_requests_go_by_udp),
		TEST(large_ones_by_tcp),
		TEST(at_the_limit_they_go_by_udp),
		TEST(the_other_transport_is_tried_too),
		TEST(answers_too_big_for_udp_come_by_tcp),
		TEST(too_big_for_tcp_is_an_answer),
		TEST(one_that_refuses_is_passed_over),
		TEST(one_that_is_silent_is_passed_over),
		TEST(one_that_only_listens_is_passed_over),
		TEST(a_late_answer_counts),
		TEST(useless_answers_are_passed_over),
		TEST(refusals_are_answers),
		TEST(answers_from_elsewhere_are_not_seen),
		TEST(a_lost_datagram_is_sent_again),
		TEST(a_record_may_come_in_pieces),
		TEST(what_follows_a_record_is_not_part_of_it),
		TEST(a_record_may_be_large),
		TEST(leaves_no_descriptor_open),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

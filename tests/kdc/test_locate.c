/* SPDX-License-Identifier: BSD-3-Clause */
/* kdc/locate, kdc/srv, kdc/realm_path: who is to be asked, and by way of which realms. */
#include <setjmp.h>
#include <string.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kdc/realm_path.h"
#include "kdc/srv.h"
#include "tests/support/krb5_conf_reading.h"
#include "tests/support/assertions.h"
#include "tests/support/suite.h"

/* ---- krb5.conf ---- */

static const char *list_text(const struct kdc_servers *servers)
{
	static char text[2000];
	size_t used = 0;
	text[0] = '\0';
	for (unsigned i = 0; i < servers->count; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s|%s", i ? " " : "",
			servers->server[i].host, servers->server[i].port);
	return text;
}

/* Without DNS. */
static enum status locate(const struct krb5_conf *conf, bool primary, enum kdc_transport transport,
	struct kdc_servers *out, struct error *err)
{
	const struct kdc_lookup lookup = {
		.conf = conf, .realm = "R", .transport = transport, .primary = primary};
	return kdc_locate(&lookup, out, err);
}

static void check_located(const char *text, bool primary, enum kdc_transport transport,
	bool passed_over, const char *expected)
{
	AUTO_KRB5_CONF conf = conf_of_text(slice_string(text));
	struct kdc_servers servers;
	struct error err;
	if (locate(conf, primary, transport, &servers, &err))
		fail_msg("%s", err.text);
	assert_string_equal(list_text(&servers), expected);
	assert_int_equal(servers.passed_over, passed_over);
}

static void finds_kdcs_in_krb5_conf(void **state UNUSED)
{
	static const char text[] =
		"[realms]\nR = {\nkdc = kdc1.example.test\nkdc = kdc2.example.test:750  # no\n"
		"kdc = 192.0.2.1\nkdc = 192.0.2.1:88\nkdc = [2001:db8::1]\n"
		"kdc = [2001:db8::1]:1088\nkdc = 2001:db8::2\nkdc = udp/kdc3:1\nkdc = tcp/kdc4:2\n"
		"}\n";
	check_located(text, false, KDC_UDP, false,
		"kdc1.example.test|88 kdc2.example.test|750 192.0.2.1|88 192.0.2.1|88 "
		"2001:db8::1|88 2001:db8::1|1088 2001:db8::2|88 kdc3|1");
	check_located(text, false, KDC_TCP, false,
		"kdc1.example.test|88 kdc2.example.test|750 192.0.2.1|88 192.0.2.1|88 "
		"2001:db8::1|88 2001:db8::1|1088 2001:db8::2|88 kdc4|2");
	check_located(text, true, KDC_UDP, false, "");
	check_located("", false, KDC_UDP, false, "");
}

static void finds_the_primary(void **state UNUSED)
{
	check_located("[realms]\nR = {\nkdc = a\nprimary_kdc = b\nmaster_kdc = c\n}\n", true,
		KDC_TCP, false, "b|88");
	check_located(
		"[realms]\nR = {\nkdc = a\nmaster_kdc = c\n}\n", true, KDC_TCP, false, "c|88");
}

static void passes_over_what_it_cannot_ask(void **state UNUSED)
{
	check_located("[realms]\nR = {\nkdc = https://proxy.example.test/KdcProxy\nkdc = a\n}\n",
		false, KDC_TCP, true, "a|88");
	check_located("[realms]\nR = {\nkdc = /run/kdc\n}\n", false, KDC_TCP, true, "");
}

static void takes_no_more_than_it_has_room_for(void **state UNUSED)
{
	char text[2000] = "[realms]\nR = {\n", expected[2000] = "";
	size_t used = strlen(text), wanted = 0;
	for (unsigned i = 0; i < KDC_MAX_SERVERS + 4; i++) {
		used += (size_t)snprintf(text + used, sizeof text - used, "kdc = k%u\n", i);
		if (i < KDC_MAX_SERVERS)
			wanted += (size_t)snprintf(expected + wanted, sizeof expected - wanted,
				"%sk%u|88", i ? " " : "", i);
	}
	snprintf(text + used, sizeof text - used, "}\n");
	check_located(text, false, KDC_UDP, false, expected);
}

static void refuses_what_is_no_host(void **state UNUSED)
{
	static const char *const values[] = {"kdc:", "kdc:0", "kdc:65536", "kdc:8x", ":88", "[::1",
		"[::1]x", "[::1]:", "[]:88", "tcp/", "kdc:000088", "kdc:-1"};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		char text[200], sentence[200];
		struct kdc_servers servers;
		struct error err;
		snprintf(text, sizeof text, "[realms]\nR = {\nkdc = %s\n}\n", values[i]);
		snprintf(sentence, sizeof sentence,
			"krb5.conf:3: [realms] R kdc = %s: not a host or an address", values[i]);
		AUTO_KRB5_CONF conf = conf_of_text(slice_string(text));
		assert_int_equal(locate(conf, false, KDC_TCP, &servers, &err), ERR_SYNTAX);
		assert_in(err.text, sentence);
	}
}

static void a_host_may_be_long_but_not_too_long(void **state UNUSED)
{
	char text[600], host[KDC_HOST_SIZE + 1];
	struct kdc_servers servers;
	struct error err;
	memset(host, 'h', sizeof host);
	for (unsigned extra = 0; extra < 2; extra++) {
		host[KDC_HOST_SIZE - 1 + extra] = '\0';
		snprintf(text, sizeof text, "[realms]\nR = {\nkdc = %s\n}\n", host);
		AUTO_KRB5_CONF conf = conf_of_text(slice_string(text));
		assert_int_equal(locate(conf, false, KDC_TCP, &servers, &err),
			extra ? ERR_SYNTAX : STATUS_OK);
		host[KDC_HOST_SIZE - 1] = 'h';
	}
}

/* ---- DNS ---- */

/* A header with one question, _kerberos._udp.R SRV IN, and this many answers. */
#define HEADER(answers) "\x12\x34\x81\x80\0\1\0" answers "\0\0\0\0"
#define QUESTION "\x09_kerberos\x04_udp\x01R\0\0\x21\0\1"
/* Owner: the question's name; SRV IN, a TTL of a minute, and the length of what follows. */
#define RECORD(length, priority, weight, port)                                                     \
	"\xc0\x0c\0\x21\0\1\0\0\0\x3c\0" length "\0" priority "\0" weight port
#define KDC1 "\x04kdc1\xc0\x1b" /* kdc1.R */
#define KDC2 "\x04kdc2\xc0\x1b"

#define READ(answer, out) srv_read(SLICE_LITERAL(answer), out)

static void sorts_by_priority(void **state UNUSED)
{
	struct kdc_servers servers = {0};
	READ(HEADER("\2") QUESTION RECORD("\x0d", "\x0a", "\0", "\0\x58")
			KDC2 RECORD("\x0d", "\1", "\0", "\x02\xee") KDC1,
		&servers);
	assert_string_equal(list_text(&servers), "kdc1.R|750 kdc2.R|88");
}

/* By chance, the heavier the more likely; with no weight hardly ever. */
static void sorts_by_weight(void **state UNUSED)
{
	unsigned first = 0;
	for (unsigned i = 0; i < 1000; i++) {
		struct kdc_servers servers = {0};
		READ(HEADER("\2") QUESTION RECORD("\x0d", "\1", "\1", "\0\x58")
				KDC2 RECORD("\x0d", "\1", "\xfe", "\0\x58") KDC1,
			&servers);
		assert_int_equal(servers.count, 2);
		first += servers.server[0].host[3] == '1';
	}
	/* 1 in 128 on average; fewer than 900 in 1000 has no chance to speak of. */
	assert_uint_in_range(first, 900, 1000);
}

static void says_that_there_is_no_service(void **state UNUSED)
{
	struct kdc_servers servers = {0};
	READ(HEADER("\1") QUESTION RECORD("\x07", "\1", "\0", "\0\0") "\0", &servers);
	assert_int_equal(servers.count, 0);
}

static void survives_what_is_no_answer(void **state UNUSED)
{
	static const char whole[] = HEADER("\2") QUESTION RECORD("\x0d", "\x0a", "\0", "\0\x58")
		KDC2 RECORD("\x0d", "\1", "\0", "\x02\xee") KDC1;
	for (size_t len = 0; len < sizeof whole - 1; len++) {
		struct kdc_servers servers = {0};
		unsigned char *copy = malloc(len + !len);
		memcpy(copy, whole, len);
		srv_read(slice_of(copy, len), &servers);
		assert_true(servers.count < 2);
		free(copy);
	}
	for (size_t at = 0; at < sizeof whole - 1; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			struct kdc_servers servers = {0};
			unsigned char *copy = malloc(sizeof whole - 1);
			memcpy(copy, whole, sizeof whole - 1);
			copy[at] ^= (unsigned char)(1U << bit);
			srv_read(slice_of(copy, sizeof whole - 1), &servers);
			assert_true(servers.count <= 2);
			free(copy);
		}
}

static void adds_to_what_is_there(void **state UNUSED)
{
	struct kdc_servers servers = {.count = KDC_MAX_SERVERS - 1};
	READ(HEADER("\2") QUESTION RECORD("\x0d", "\x0a", "\0", "\0\x58")
			KDC2 RECORD("\x0d", "\1", "\0", "\x02\xee") KDC1,
		&servers);
	assert_int_equal(servers.count, KDC_MAX_SERVERS);
	assert_string_equal(servers.server[KDC_MAX_SERVERS - 1].host, "kdc1.R");
}

/* ---- paths ---- */

static void check_path(
	const char *conf_text, const char *client, const char *server, const char *expected)
{
	AUTO_KRB5_CONF conf = conf_of_text(slice_string(conf_text));
	struct realm_path path;
	struct error err;
	char text[600] = "";
	if (realm_path_find(conf, client, server, &path, &err))
		fail_msg("%s", err.text);
	for (unsigned i = 0, used = 0; i < path.count; i++)
		used += (unsigned)snprintf(text + used, sizeof text - used, "%s%.*s", i ? " " : "",
			(int)path.realm[i].len, (const char *)path.realm[i].data);
	assert_string_equal(text, expected);
	assert_int_equal(realm_path_index(&path, slice_string(server)), path.count - 1);
	assert_int_equal(realm_path_index(&path, slice_string(client)), -1);
}

static void paths_through_the_hierarchy(void **state UNUSED)
{
	check_path("", "EXAMPLE.TEST", "OTHER.TEST", "TEST OTHER.TEST");
	check_path("", "A.B.C", "D.E.B.C", "B.C E.B.C D.E.B.C");
	check_path("", "A.B.C", "C", "B.C C");
	check_path("", "C", "A.B.C", "B.C A.B.C");
	check_path("", "EXAMPLE.TEST", "EXAMPLE.ORG", "EXAMPLE.ORG");
	check_path("", "C=X/O=Y", "C=X/O=Z/OU=W", "C=X C=X/O=Z C=X/O=Z/OU=W");
	check_path("", "NAME:a", "NAME:b", "NAME:b");
}

static void paths_by_capaths(void **state UNUSED)
{
	static const char text[] = "[capaths]\nA.TEST = {\nB.TEST = .\nC.TEST = M.TEST\n"
				   "C.TEST = N.TEST and more\nD.TEST = D.TEST\n}\n";
	check_path(text, "A.TEST", "B.TEST", "B.TEST");
	check_path(text, "A.TEST", "C.TEST", "M.TEST N.TEST C.TEST");
	check_path(text, "A.TEST", "D.TEST", "D.TEST");
	check_path(text, "C.TEST", "A.TEST", "TEST A.TEST");
}

static void a_path_that_is_too_long(void **state UNUSED)
{
	AUTO_KRB5_CONF conf = PARSED("");
	struct realm_path path;
	struct error err;
	assert_int_equal(
		realm_path_find(conf, "A.B.C.D.E.F.G", "T.U.V.W.X.F.G", &path, &err), STATUS_OK);
	assert_int_equal(path.count, REALM_PATH_MAX);
	assert_int_equal(realm_path_find(conf, "A.B.C.D.E.F.G", "S.T.U.V.W.X.F.G", &path, &err),
		KRB_AP_ERR_ILL_CR_TKT);
	assert_in(err.text, "has more than 10 realms; name a shorter one in [capaths]");
}

SUITE(test_locate)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_kdcs_in_krb5_conf),
		cmocka_unit_test(finds_the_primary),
		cmocka_unit_test(passes_over_what_it_cannot_ask),
		cmocka_unit_test(takes_no_more_than_it_has_room_for),
		cmocka_unit_test(refuses_what_is_no_host),
		cmocka_unit_test(a_host_may_be_long_but_not_too_long),
		cmocka_unit_test(sorts_by_priority),
		cmocka_unit_test(sorts_by_weight),
		cmocka_unit_test(says_that_there_is_no_service),
		cmocka_unit_test(survives_what_is_no_answer),
		cmocka_unit_test(adds_to_what_is_there),
		cmocka_unit_test(paths_through_the_hierarchy),
		cmocka_unit_test(paths_by_capaths),
		cmocka_unit_test(a_path_that_is_too_long),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, close_libraries);
}

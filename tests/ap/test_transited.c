/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/transited.h"
#include "tests/support/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX_EXPECTED 40

/* A ticket of a client in one realm for a server in another, and what the server's krb5.conf says.
 */
struct path {
	const char *client, *server;
	struct slice list;
	const char *conf;
	uint32_t flags;
	int32_t type; /* 0: 1 */
};

static enum status check(const struct path *path, struct error *err)
{
	AUTO_KRB5_CONF conf = NULL;
	assert_int_equal(
		krb5_conf_parse(slice_string(path->conf ? path->conf : ""), &conf, err), STATUS_OK);
	struct enc_ticket_part ticket = {
		.flags = path->flags,
		.client = {.count = 1,
			.component = {SLICE_LITERAL("alice")},
			.realm = slice_string(path->client)},
		.transited_type = path->type ? path->type : 1,
		.transited = path->list,
	};
	return transited_check(&ticket, slice_string(path->server), conf, err);
}

static void assert_accepted(const struct path *path)
{
	struct error err = {0};
	if (check(path, &err))
		fail_msg("%s", err.text);
}

static void assert_refused(const struct path *path, const char *text)
{
	struct error err = {0};
	assert_int_equal(check(path, &err), KRB_AP_ERR_ILL_CR_TKT);
	assert_int_equal(err.status, KRB_AP_ERR_ILL_CR_TKT);
	if (!strstr(err.text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, err.text);
	assert_true(strlen(err.shown) > 0);
	assert_null(strstr(err.shown, text));
}

static struct path path_of(const char *client, const char *server, const char *list)
{
	return (struct path){.client = client, .server = server, .list = slice_string(list)};
}

static void refuse(const char *client, const char *server, const char *list, const char *text)
{
	struct path path = path_of(client, server, list);
	assert_refused(&path, text);
}

static void accept_path(const char *client, const char *server, const char *list)
{
	struct path path = path_of(client, server, list);
	assert_accepted(&path);
}

/* A krb5.conf whose [capaths] allows all of `realms` but the one at `omit`. */
static void write_capaths(
	const struct path *path, const char *const *realms, size_t omit, char *out, size_t size)
{
	int used = snprintf(out, size, "[capaths]\n%s = {\n%s = .\n", path->client, path->server);
	for (size_t i = 0; realms[i]; i++)
		if (i != omit)
			used += snprintf(out + used, size - (size_t)used, "%s = %s\n", path->server,
				realms[i]);
	snprintf(out + used, size - (size_t)used, "}\n");
}

/*
 * The list stands for exactly these realms: with all of them allowed it
 * passes, and with any one missing it is refused by that one's name.
 */
static void expands(
	const char *client, const char *server, const char *list, const char *const *realms)
{
	char conf[4096], text[200];
	struct path path = path_of(client, server, list);
	path.conf = conf;
	write_capaths(&path, realms, MAX_EXPECTED, conf, sizeof conf);
	assert_accepted(&path);
	for (size_t i = 0; realms[i]; i++) {
		write_capaths(&path, realms, i, conf, sizeof conf);
		snprintf(text, sizeof text, "through %s, which", realms[i]);
		assert_refused(&path, text);
	}
}
#define EXPANDS(client, server, list, ...)                                                         \
	expands((client), (server), (list), (const char *const[]){__VA_ARGS__, NULL})

/* ---- what needs no look at the list ---- */

static void empty_list_passes(void **state)
{
	(void)state;
	accept_path("CLIENT.TEST", "SERVER.TEST", "");
	accept_path("EXAMPLE.TEST", "EXAMPLE.TEST", "");
}

static void empty_list_of_another_encoding_passes(void **state)
{
	(void)state;
	struct path path = path_of("CLIENT.TEST", "SERVER.TEST", "");
	path.type = 99;
	assert_accepted(&path);
}

static void checked_flag_passes_any_list(void **state)
{
	(void)state;
	struct path path = path_of("CLIENT.TEST", "SERVER.TEST", "EVIL.TEST,\\");
	path.flags = TICKET_TRANSITED_POLICY_CHECKED;
	assert_accepted(&path);
}

static void another_flag_passes_nothing(void **state)
{
	(void)state;
	struct path path = path_of("CLIENT.TEST", "SERVER.TEST", "EVIL.TEST");
	path.flags = ~TICKET_TRANSITED_POLICY_CHECKED;
	assert_refused(&path, "EVIL.TEST");
}

static void another_encoding_is_refused(void **state)
{
	(void)state;
	struct path path = path_of("A.TEST", "B.TEST", "TEST");
	path.type = 2;
	assert_refused(&path, "encoding 2");
	path.type = -1;
	assert_refused(&path, "encoding -1");
}

static void same_realm_excuses_no_detour(void **state)
{
	(void)state;
	refuse("EXAMPLE.TEST", "EXAMPLE.TEST", "EVIL.TEST", "through EVIL.TEST, which");
	accept_path("EXAMPLE.TEST", "EXAMPLE.TEST", "EXAMPLE.TEST");
}

/* ---- expansion, RFC 4120 section 3.3.3.2 ---- */

static void plain_names(void **state)
{
	(void)state;
	EXPANDS("X", "Y", "ONE.TEST", "ONE.TEST");
	EXPANDS("X", "Y", "ONE.TEST,TWO.TEST,THREE.TEST", "ONE.TEST", "TWO.TEST", "THREE.TEST");
}

static void names_put_before_the_previous_one(void **state)
{
	(void)state;
	EXPANDS("X", "Y", "EDU,MIT.,ATHENA.,WASHINGTON.EDU,CS.", "EDU", "MIT.EDU", "ATHENA.MIT.EDU",
		"WASHINGTON.EDU", "CS.WASHINGTON.EDU");
	EXPANDS("ATHENA.MIT.EDU", "CS.WASHINGTON.EDU", "EDU,MIT.,WASHINGTON.EDU", "EDU", "MIT.EDU",
		"WASHINGTON.EDU");
}

static void names_appended_to_the_previous_one(void **state)
{
	(void)state;
	EXPANDS("X", "Y", "/COM,/HP.", "/COM", "/COM/HP.");
	EXPANDS("X", "Y", "/COM,/HP,/APOLLO, /COM/DEC", "/COM", "/COM/HP", "/COM/HP/APOLLO",
		"/COM/DEC");
	EXPANDS("/COM/HP/APOLLO", "/COM/DEC", "/COM,/HP", "/COM", "/COM/HP");
}

static void null_subfield_alone_is_the_whole_path(void **state)
{
	(void)state;
	EXPANDS("A.B.C.TEST", "TEST", ",", "B.C.TEST", "C.TEST");
	EXPANDS("TEST", "A.B.C.TEST", ",", "B.C.TEST", "C.TEST");
	EXPANDS("A.B.TEST", "Y.Z.TEST", ",", "B.TEST", "TEST", "Z.TEST");
	EXPANDS("/COM/HP/APOLLO", "/COM/DEC/X", ",", "/COM/HP", "/COM", "/COM/DEC");
}

static void null_subfields_at_both_ends(void **state)
{
	(void)state;
	EXPANDS("ATHENA.MIT.EDU", "/COM/HP/APOLLO", ",EDU, /COM,", "EDU", "MIT.EDU", "/COM",
		"/COM/HP");
	EXPANDS("ATHENA.MIT.EDU", "CS.CMU.EDU", ",EDU,", "EDU", "MIT.EDU", "CMU.EDU");
	EXPANDS("W.ATHENA.MIT.EDU", "W.CS.CMU.EDU", ",EDU,", "EDU", "MIT.EDU", "ATHENA.MIT.EDU",
		"CMU.EDU", "CS.CMU.EDU");
	EXPANDS("ATHENA.MIT.EDU", "HACK.FOOBAR.COM", ",EDU,BLORT.COM,COM,", "MIT.EDU", "EDU",
		"BLORT.COM", "COM", "FOOBAR.COM");
}

static void null_subfield_between_names(void **state)
{
	(void)state;
	EXPANDS("X", "Y", "TEST,,A.B.C.TEST", "TEST", "C.TEST", "B.C.TEST", "A.B.C.TEST");
	EXPANDS("X", "Y", "A.B.TEST,,Z.TEST", "A.B.TEST", "B.TEST", "TEST", "Z.TEST");
}

static void null_subfields_of_neighbours_add_nothing(void **state)
{
	(void)state;
	EXPANDS("X", "Y", "B.TEST,,TEST", "B.TEST", "TEST");
	EXPANDS("X", "Y", "B.TEST,,B.TEST", "B.TEST");
}

static void several_null_subfields_are_like_one(void **state)
{
	(void)state;
	EXPANDS("A.B.TEST", "TEST", ",,,,", "B.TEST");
}

static void null_subfield_without_common_ancestor_is_refused(void **state)
{
	(void)state;
	refuse("ATHENA.MIT.EDU", "/COM/HP/APOLLO", ",EDU,/COM,", "no common ancestor");
	refuse("A.TEST", "B.OTHER", ",", "no common ancestor");
	refuse("", "B.TEST", ",", "no common ancestor");
	refuse("A.TEST", "", ",", "no common ancestor");
}

static void x500_names_by_the_current_syntax(void **state)
{
	(void)state;
	EXPANDS("X", "Y", "C=US,/O=OSF,/OU=CELL", "C=US", "C=US/O=OSF", "C=US/O=OSF/OU=CELL");
	accept_path("C=US/O=OSF/OU=A", "C=US/O=HP/OU=B", ",");
	refuse("C=US/O=OSF/OU=A", "X", "C=US/O=OSF,,C=US/O=HP", "through C=US/O=OSF, which");
	/* The dot belongs to the name here, to no hierarchy. */
	refuse("C=US/O=a.test", "O=b.test", ",", "no common ancestor");
}

static void names_of_the_other_style_have_no_hierarchy(void **state)
{
	(void)state;
	refuse("NAME:a/b.TEST", "TEST", ",", "no common ancestor");
	refuse("NAME:a/b", "NAME:a", ",", "no common ancestor");
	refuse("N:TEST", "M:A.N:TEST", ",", "no common ancestor");
	refuse("a/b", "a", ",", "no common ancestor");
	refuse("a/C=US", "a/O=x", ",", "no common ancestor");
	accept_path("C=US/O=a:b", "C=US", ",C=US");
}

static void leading_blank_lets_a_name_stand_alone(void **state)
{
	(void)state;
	EXPANDS("X", "Y", "TEST, /COM", "TEST", "/COM");
	EXPANDS("X", "Y", "TEST,  OTHER", "TEST", "OTHER");
	EXPANDS("X", "Y", "TEST, DOT.", "TEST", "DOT.");
}

static void quoted_characters_are_literal(void **state)
{
	(void)state;
	EXPANDS("X", "Y", "A\\,B", "A,B");
	EXPANDS("X", "Y", "TEST,DOT\\.", "TEST", "DOT.");
	EXPANDS("X", "Y", "TEST,A\\.B.", "TEST", "A.B.TEST");
	refuse("X", "Y", "A\\\\B", "through A\\x5CB, which");
	refuse("X", "Y", "\\ A", "through  A, which");
	refuse("X", "Y", "\\\\,B", "through \\x5C, which");
}

static void quoted_slash_appends_nothing(void **state)
{
	(void)state;
	EXPANDS("X", "Y", "/COM,\\/HP", "/COM", "/HP");
}

static void first_name_is_joined_with_nothing(void **state)
{
	(void)state;
	EXPANDS("X.TEST", "Y.TEST", "A.", "A.");
	EXPANDS("X.TEST", "Y.TEST", "/A", "/A");
}

static void trailing_backslash_is_refused(void **state)
{
	(void)state;
	refuse("X", "Y", "\\", "ends in a backslash");
	refuse("X", "Y", "X,A\\", "ends in a backslash");
	refuse("X", "Y", "X,A\\\\\\", "ends in a backslash");
}

static void blanks_alone_are_refused(void **state)
{
	(void)state;
	refuse("X", "Y", " ", "nothing but blanks");
	refuse("X", "Y", "X,   ,Y", "nothing but blanks");
}

/* ---- bounds ---- */

static void thirty_two_realms_and_no_more(void **state)
{
	(void)state;
	char list[200] = "TEST";
	for (unsigned i = 1; i < 32; i++)
		strcat(list, ",TEST");
	accept_path("A.TEST", "B.TEST", list);
	strcat(list, ",TEST");
	refuse("A.TEST", "B.TEST", list, "more than 32 realms");
}

static void realms_between_count_too(void **state)
{
	(void)state;
	char client[100] = "";
	for (unsigned i = 0; i < 33; i++)
		strcat(client, "A.");
	strcat(client, "T");
	accept_path(client + 2, "T", ",");
	accept_path(client + 2, "T", ",,,");
	refuse(client, "T", ",T,", "more than 32 realms");
}

static struct slice list_of_octets(struct buffer *storage, size_t octets)
{
	assert_int_equal(buffer_reserve(storage, octets), STATUS_OK);
	memset(storage->data, 'A', octets);
	storage->len = octets;
	return buffer_slice(storage);
}

static void four_kibioctets_and_no_more(void **state)
{
	(void)state;
	AUTO_BUFFER storage = {0};
	struct path path = {.client = "A.TEST", .server = "B.TEST"};
	path.list = list_of_octets(&storage, 4096);
	assert_refused(&path, "through AAAA");
	path.list = list_of_octets(&storage, 4097);
	assert_refused(&path, "longer than 4096 octets");
}

static void long_names_of_realms_are_refused(void **state)
{
	(void)state;
	AUTO_BUFFER storage = {0};
	list_of_octets(&storage, 4098);
	storage.data[4097] = '\0';
	const char *name = (const char *)storage.data;
	refuse(name, "B.TEST", "TEST", "name is longer than 4096 octets");
	refuse("A.TEST", name, "TEST", "name is longer than 4096 octets");
	refuse(name + 1, "B.TEST", "TEST", "through TEST, which");
}

/* Each subfield doubles the name, if nothing stops it. */
static void growing_names_are_stopped(void **state)
{
	(void)state;
	AUTO_BUFFER storage = {0};
	struct path path = {.client = "A.TEST", .server = "B.TEST"};
	list_of_octets(&storage, 1000);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(buffer_append(&storage, SLICE_LITERAL(",/B")), STATUS_OK);
	path.list = buffer_slice(&storage);
	assert_refused(&path, "longer than 4096 octets");
}

static void long_list_of_null_subfields_ends(void **state)
{
	(void)state;
	AUTO_BUFFER storage = {0};
	struct path path = {.client = "A.B.TEST", .server = "C.TEST"};
	list_of_octets(&storage, 60000);
	memset(storage.data, ',', 60000);
	path.list = buffer_slice(&storage);
	assert_accepted(&path);
}

static void nul_octet_is_refused(void **state)
{
	(void)state;
	struct path path = {.client = "A.TEST", .server = "B.TEST"};
	path.list = SLICE_LITERAL("TEST\0X");
	assert_refused(&path, "NUL octet");
}

/* "A.TEST\0.EVIL" must not be looked up as "A.TEST". */
static void nul_in_the_clients_realm_is_refused(void **state)
{
	(void)state;
	struct error err = {0};
	AUTO_KRB5_CONF conf = NULL;
	assert_int_equal(krb5_conf_parse(SLICE_LITERAL("[capaths]\nA.TEST = {\nB.TEST = HUB\n}\n"),
				 &conf, &err),
		STATUS_OK);
	struct enc_ticket_part ticket = {
		.client = {.realm = SLICE_LITERAL("A.TEST\0.EVIL")},
		.transited_type = 1,
		.transited = SLICE_LITERAL("HUB"),
	};
	assert_int_equal(transited_check(&ticket, SLICE_LITERAL("B.TEST"), conf, &err),
		KRB_AP_ERR_ILL_CR_TKT);
	assert_non_null(strstr(err.text, "NUL octet"));
	ticket.client.realm = SLICE_LITERAL("A.TEST");
	assert_int_equal(transited_check(&ticket, SLICE_LITERAL("B.TEST"), conf, &err), STATUS_OK);
	assert_int_equal(transited_check(&ticket, SLICE_LITERAL("B.TEST\0"), conf, &err),
		KRB_AP_ERR_ILL_CR_TKT);
}

/* ---- the hierarchy ---- */

static void ancestors_are_on_the_path(void **state)
{
	(void)state;
	accept_path("A.B.TEST", "Y.Z.TEST", "B.TEST,TEST,Z.TEST");
	accept_path("A.B.TEST", "TEST", "B.TEST");
	accept_path("TEST", "A.B.TEST", "B.TEST");
	accept_path("C=US/O=OSF", "C=US/O=HP", "C=US");
}

static void ends_are_on_the_path(void **state)
{
	(void)state;
	accept_path("A.TEST", "B.TEST", "A.TEST,B.TEST");
}

static void others_are_not_on_the_path(void **state)
{
	(void)state;
	refuse("A.TEST", "B.TEST", "C.TEST", "through C.TEST, which is not on the path");
	refuse("A.TEST", "B.TEST", "TEST,X.A.TEST", "through X.A.TEST, which");
	refuse("A.TEST", "B.TEST", "EST", "through EST, which");
	refuse("A.TEST", "B.TEST", "test", "through test, which");
	refuse("C=US/O=OSF", "C=US/O=HP", "C=U", "through C=U, which");
}

/* B.TEST and below have no business with what is above their common ancestor. */
static void realms_above_the_common_ancestor_are_not_on_the_path(void **state)
{
	(void)state;
	refuse("A.B.TEST", "C.B.TEST", "TEST", "through TEST, which");
	refuse("A.B.TEST", "B.TEST", "TEST", "through TEST, which");
}

static void label_borders_count(void **state)
{
	(void)state;
	refuse("A.XTEST", "B.TEST", "TEST", "through TEST, which");
	refuse("B.TEST", "A.XTEST", "TEST", "through TEST, which");
	accept_path("AB.TEST", "B.TEST", "TEST"); /* not below B.TEST but beside it */
	accept_path("B.TEST", "AB.TEST", "TEST");
	refuse("/COM", "/COMX/A", "/COMX", "through /COMX, which");
	refuse("/COMX/A", "/COM", "/COMX", "through /COMX, which");
}

static void no_path_without_common_ancestor(void **state)
{
	(void)state;
	refuse("A.TEST", "B.OTHER", "TEST", "through TEST, which");
	refuse("A.TEST", "B.OTHER", "OTHER", "through OTHER, which");
	refuse("A.TEST", "/B", "TEST", "through TEST, which");
	refuse("A.TEST.", "B", "TEST\\.", "through TEST., which");
}

static void refusal_says_what_to_do(void **state)
{
	(void)state;
	refuse("A.TEST", "B.TEST", "C.TEST", "from realm A.TEST to B.TEST");
	refuse("A.TEST", "B.TEST", "C.TEST", "list it in [capaths]");
}

static void realm_in_a_sentence_is_escaped(void **state)
{
	(void)state;
	refuse("A.TEST", "B.TEST", "C\n\x7f", "through C\\x0A\\x7F, which");
}

/* ---- [capaths] ---- */

static void capaths_allows_what_it_names(void **state)
{
	(void)state;
	struct path path = path_of("A.TEST", "B.OTHER", "HUB.TEST,X");
	path.conf = "[capaths]\nA.TEST = {\nB.OTHER = HUB.TEST\nB.OTHER = X\n}\n";
	assert_accepted(&path);
}

static void capaths_replaces_the_hierarchy(void **state)
{
	(void)state;
	struct path path = path_of("A.TEST", "B.TEST", "TEST");
	path.conf = "[capaths]\nA.TEST = {\nB.TEST = HUB\n}\n";
	assert_refused(&path, "through TEST, which [capaths] does not name");
}

static void direct_capath_allows_nobody(void **state)
{
	(void)state;
	struct path path = path_of("A.TEST", "B.TEST", "TEST");
	path.conf = "[capaths]\nA.TEST = {\nB.TEST = .\n}\n";
	assert_refused(&path, "through TEST, which [capaths] does not name");
}

static void ends_need_no_capath(void **state)
{
	(void)state;
	struct path path = path_of("A.TEST", "B.TEST", "A.TEST");
	path.conf = "[capaths]\nA.TEST = {\nB.TEST = .\n}\n";
	assert_accepted(&path);
	path.list = SLICE_LITERAL("B.TEST");
	assert_accepted(&path);
}

static void capaths_of_another_pair_is_nothing_to_us(void **state)
{
	(void)state;
	struct path path = path_of("A.TEST", "B.TEST", "HUB");
	path.conf = "[capaths]\nB.TEST = {\nA.TEST = HUB\n}\nA.TEST = {\nC.TEST = HUB\n}\n";
	assert_refused(&path, "through HUB, which is not on the path");
	path.list = SLICE_LITERAL("TEST");
	assert_accepted(&path);
}

static void first_word_of_a_capath_counts(void **state)
{
	(void)state;
	struct path path = path_of("A.TEST", "B.TEST", "HUB");
	path.conf = "[capaths]\nA.TEST = {\nB.TEST = HUB X\n}\n";
	assert_accepted(&path);
	path.list = SLICE_LITERAL("X");
	assert_refused(&path, "through X, which");
	path.list = SLICE_LITERAL("HUB X");
	assert_refused(&path, "through HUB X, which");
}

SUITE(test_transited)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_list_passes),
		cmocka_unit_test(empty_list_of_another_encoding_passes),
		cmocka_unit_test(checked_flag_passes_any_list),
		cmocka_unit_test(another_flag_passes_nothing),
		cmocka_unit_test(another_encoding_is_refused),
		cmocka_unit_test(same_realm_excuses_no_detour),
		cmocka_unit_test(plain_names),
		cmocka_unit_test(names_put_before_the_previous_one),
		cmocka_unit_test(names_appended_to_the_previous_one),
		cmocka_unit_test(null_subfield_alone_is_the_whole_path),
		cmocka_unit_test(null_subfields_at_both_ends),
		cmocka_unit_test(null_subfield_between_names),
		cmocka_unit_test(null_subfields_of_neighbours_add_nothing),
		cmocka_unit_test(several_null_subfields_are_like_one),
		cmocka_unit_test(null_subfield_without_common_ancestor_is_refused),
		cmocka_unit_test(x500_names_by_the_current_syntax),
		cmocka_unit_test(names_of_the_other_style_have_no_hierarchy),
		cmocka_unit_test(leading_blank_lets_a_name_stand_alone),
		cmocka_unit_test(quoted_characters_are_literal),
		cmocka_unit_test(quoted_slash_appends_nothing),
		cmocka_unit_test(first_name_is_joined_with_nothing),
		cmocka_unit_test(trailing_backslash_is_refused),
		cmocka_unit_test(blanks_alone_are_refused),
		cmocka_unit_test(thirty_two_realms_and_no_more),
		cmocka_unit_test(realms_between_count_too),
		cmocka_unit_test(four_kibioctets_and_no_more),
		cmocka_unit_test(long_names_of_realms_are_refused),
		cmocka_unit_test(growing_names_are_stopped),
		cmocka_unit_test(long_list_of_null_subfields_ends),
		cmocka_unit_test(nul_octet_is_refused),
		cmocka_unit_test(nul_in_the_clients_realm_is_refused),
		cmocka_unit_test(ancestors_are_on_the_path),
		cmocka_unit_test(ends_are_on_the_path),
		cmocka_unit_test(others_are_not_on_the_path),
		cmocka_unit_test(realms_above_the_common_ancestor_are_not_on_the_path),
		cmocka_unit_test(label_borders_count),
		cmocka_unit_test(no_path_without_common_ancestor),
		cmocka_unit_test(refusal_says_what_to_do),
		cmocka_unit_test(realm_in_a_sentence_is_escaped),
		cmocka_unit_test(capaths_allows_what_it_names),
		cmocka_unit_test(capaths_replaces_the_hierarchy),
		cmocka_unit_test(direct_capath_allows_nobody),
		cmocka_unit_test(ends_need_no_capath),
		cmocka_unit_test(capaths_of_another_pair_is_nothing_to_us),
		cmocka_unit_test(first_word_of_a_capath_counts),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

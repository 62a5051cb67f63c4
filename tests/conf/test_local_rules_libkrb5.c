/* SPDX-License-Identifier: BSD-3-Clause */
/* Rules for local names as MIT's libkrb5 understands them, and as we do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/local_rules.h"
#include "tests/support/krb5_conf_reading.h"
#include "tests/support/libkrb5_names.h"
#include "tests/support/local_names.h"
#include "tests/support/suite.h"

static char path[] = "/tmp/kerberos5-names.XXXXXX";

static void write_conf(const char *realm_section)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, LOCAL_NAME_CONF, realm_section);
	assert_int_equal(fclose(file), 0);
}

static void libkrb5_gives_each_case_its_name(void **state UNUSED)
{
	for (size_t i = 0; i < LOCAL_NAME_CASES; i++) {
		const struct local_name_case *c = &local_name_cases[i];
		char name[1100];
		write_conf(c->realm_section);
		bool has = libkrb5_local_name(c->principal, name, sizeof name);
		if (has != (c->name != NULL) || (has && strcmp(name, c->name) != 0))
			fail_msg("%s: %s: \"%s\", expected \"%s\"", c->realm_section, c->principal,
				has ? name : "none", c->name ? c->name : "none");
	}
}

/* ---- rules made of pieces ---- */

static unsigned random_state = 1;

static unsigned draw(unsigned below)
{
	random_state = random_state * 1103515245 + 12345;
	return random_state / 65536 % below;
}

#define PICK(table) table[draw(sizeof table / sizeof *table)]

static const char *const selections[] = {
	"", "[1:$1]", "[1:$1@$0]", "[2:$1;$2]", "[2:$2/$1@$0]", "[1:$0]", "[1:x$1x]", "[3:$3$2$1]"};
static const char *const matches[] = {"", "", "(.*)", "(.*@B)", "(a|ab|abc)", "(ab*c?)", "([ab]+)",
	"(^a.*)", "(.+c$)", "(.*;admin)", "(a{1,2}.*)", "(x.*x)", "([^@]*@[AB])"};
static const char *const substitutions[] = {"", "", "s/@.*//", "s/a/b/", "s/a/b/g", "s/[bc]+/x/g",
	"s/^a//g", " s/;.*$//", "s/(a|ab)(c|bc)?/-/g", "s/$/z/", "s/^/z/", "s/b|$/y/", "s/.//g"};
static const char *const principals[] = {"a@A", "ab@A", "abc@B", "abc/admin@A", "ab/c@B", "a/b/c@A",
	"aab@C", "a/A@A", "b\\/c@A", "bca@B", "aaa@A", "xax@B"};

static void make_rules(char *out, size_t size)
{
	size_t len = 0;
	out[0] = '\0';
	for (unsigned n = 1 + draw(3); n > 0; n--)
		len += (size_t)snprintf(out + len, size - len, "auth_to_local = RULE:%s%s%s%s\n",
			PICK(selections), PICK(matches), PICK(substitutions), PICK(substitutions));
	if (draw(2))
		snprintf(out + len, size - len, "auth_to_local = DEFAULT\n");
}

static bool our_name(const struct krb5_conf *conf, const char *principal, struct buffer *out)
{
	AUTO_BUFFER storage = {0};
	struct principal client;
	struct error err = {0};
	assert_int_equal(
		principal_parse(slice_string(principal), &client, &storage, &err), STATUS_OK);
	enum status status = krb5_conf_local_name(conf, &client, out, &err);
	if (status && status != ERR_NOT_FOUND)
		fail_msg("%s: %s", principal, err.text);
	return status == STATUS_OK;
}

static void compare(const char *rules)
{
	char text[1200], theirs[1100];
	snprintf(text, sizeof text, LOCAL_NAME_CONF, rules);
	AUTO_KRB5_CONF conf = conf_of_text(slice_string(text));
	write_conf(rules);
	for (size_t i = 0; i < sizeof principals / sizeof *principals; i++) {
		AUTO_BUFFER ours = {0};
		bool has = our_name(conf, principals[i], &ours);
		if (libkrb5_local_name(principals[i], theirs, sizeof theirs) != has ||
			(has && !slice_equal(buffer_slice(&ours), slice_string(theirs))))
			fail_msg("%s%s: ours \"%.*s\" (%d), libkrb5's \"%s\"", rules, principals[i],
				(int)ours.len, (const char *)ours.data, has, theirs);
	}
}

static void both_give_the_same_by_any_rules(void **state UNUSED)
{
	enum { RULES = 500 };
	char rules[600];
	for (int i = 0; i < RULES; i++) {
		make_rules(rules, sizeof rules);
		compare(rules);
	}
}

static int begin(void **state UNUSED)
{
	int fd = mkstemp(path);
	return fd < 0 || close(fd) != 0 || setenv("KRB5_CONFIG", path, 1) != 0;
}

static int end(void **state UNUSED)
{
	crypto_close();
	libkrb5_names_unload();
	return unlink(path);
}

SUITE(test_local_rules_libkrb5)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libkrb5_gives_each_case_its_name),
		cmocka_unit_test(both_give_the_same_by_any_rules),
	};
	if (!libkrb5_names_load()) {
		puts("1..0 # SKIP libkrb5 is missing");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin, end);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/login_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int login_setup(void **state UNUSED)
{
	realm_start();
	pair_library_start();
	return 0;
}

int login_teardown(void **state UNUSED)
{
	pair_library_stop();
	realm_stop();
	crypto_close();
	der_close();
	return 0;
}

void configure(const char *krb5_conf)
{
	realm_configure(krb5_conf);
	pair_library_stop();
	pair_library_start();
}

int usual_realm(void **state UNUSED)
{
	configure("[libdefaults]\n\tdefault_realm = " REALM_NAME "\n");
	remove(realm_path("keytab"));
	realm_issue(&(struct realm_ticket){0});
	return 0;
}

void expect_in(const char *what, const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s says \"%s\", not \"%s\"", what, text, part);
}

void expect_not_in(const char *what, const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("%s says \"%s\", which has \"%s\"", what, text, part);
}

void realm_issue_again(const struct realm_ticket *how)
{
	enum { VERSION = 2 };
	char keytab[2][2000];
	size_t len[2];
	for (int i = 0; i < 2; i++) {
		if (i == 1)
			realm_issue(how);
		FILE *file = fopen(realm_path("keytab"), "r");
		assert_non_null(file);
		len[i] = fread(keytab[i], 1, sizeof keytab[i], file);
		assert_true(len[i] > VERSION && len[i] < sizeof keytab[i]);
		fclose(file);
	}
	FILE *file = fopen(realm_path("keytab"), "w");
	assert_non_null(file);
	assert_int_equal(fwrite(keytab[0], 1, len[0], file), len[0]);
	assert_int_equal(fwrite(keytab[1] + VERSION, 1, len[1] - VERSION, file), len[1] - VERSION);
	assert_int_equal(fclose(file), 0);
}

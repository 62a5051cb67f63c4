/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * login_fixture.h - what tests of whole logins share: a throw-away realm,
 * libsasl2 started on both sides, and comparisons of what the sides say.
 */
#ifndef TESTS_SUPPORT_LOGIN_FIXTURE_H
#define TESTS_SUPPORT_LOGIN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/pair.h"
#include "tests/support/realm.h"
#include "tests/support/offered.h"

#define UNUSED __attribute__((unused))

static inline int login_setup(void **state UNUSED)
{
	realm_start();
	pair_library_start();
	return 0;
}

static inline int login_teardown(void **state UNUSED)
{
	pair_library_stop();
	realm_stop();
	crypto_close();
	der_close();
	return 0;
}

/* The module keeps a snapshot of krb5.conf; a new start reads it again. */
static inline void configure(const char *krb5_conf)
{
	realm_configure(krb5_conf);
	pair_library_stop();
	pair_library_start();
}

/* EXAMPLE.TEST with its key, and a ticket of alice's for it. */
static inline int usual_realm(void **state UNUSED)
{
	configure("[libdefaults]\n\tdefault_realm = " REALM_NAME "\n");
	remove(realm_path("keytab"));
	realm_issue(&(struct realm_ticket){0});
	return 0;
}

/* Issues a ticket, whose key goes into the keytab beside the one that is there. */
static inline void realm_issue_again(const struct realm_ticket *how)
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

/* A case that begins with that. */
#define LOGIN_CASE(name) cmocka_unit_test_setup(name, usual_realm)

static inline void expect_in(const char *what, const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s says \"%s\", not \"%s\"", what, text, part);
}

static inline void expect_not_in(const char *what, const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("%s says \"%s\", which has \"%s\"", what, text, part);
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * login_fixture.h - what tests of whole logins share: a throw-away realm,
 * libsasl2 started on both sides, and comparisons of what the sides say.
 */
#ifndef TESTS_SUPPORT_LOGIN_FIXTURE_H
#define TESTS_SUPPORT_LOGIN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/pair.h"
#include "tests/support/realm.h"
#include "tests/support/offered.h"

#define UNUSED __attribute__((unused))

int login_setup(void **state);

int login_teardown(void **state);

/* The module keeps a snapshot of krb5.conf; a new start reads it again. */
void configure(const char *krb5_conf);

/* EXAMPLE.TEST with its key, and a ticket of alice's for it. */
int usual_realm(void **state);

/* Issues a ticket, whose key goes into the keytab beside the one that is there. */
void realm_issue_again(const struct realm_ticket *how);

/* A case that begins with that. */
#define LOGIN_CASE(name) cmocka_unit_test_setup(name, usual_realm)

void expect_in(const char *what, const char *text, const char *part);

void expect_not_in(const char *what, const char *text, const char *part);

#endif

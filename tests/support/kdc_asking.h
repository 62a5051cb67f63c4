/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kdc_asking.h - what the tests of kdc/as.c and kdc/tgs.c share: one session at
 * the fake KDC.
 */
#ifndef TESTS_SUPPORT_KDC_ASKING_H
#define TESTS_SUPPORT_KDC_ASKING_H

#include "kdc/as.h"
#include "tests/support/fake_kdc.h"
#include "tests/support/assertions.h"
#include "tests/support/closing.h"
#include "tests/support/principals.h"

#define UNUSED __attribute__((unused))

/* As alice with the password, unless a test has another login. */
struct as_login with_password(const char *password);

enum status log_in(struct kdc_session *session, const struct as_login *login,
	struct credential_box *out, struct error *err);

void assert_logs_in(
	struct kdc_session *session, const struct as_login *login, struct credential_box *out);

void assert_named(const struct principal *p, const char *text);

/* For this reason, and with nothing in the box. */
void assert_no_ticket(enum status status, const struct error *err, enum status expected,
	const char *text, const struct credential_box *out);

#endif

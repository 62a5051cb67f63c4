/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kdc_asking.h - what the tests of kdc/as.c and kdc/tgs.c share: one session at
 * the fake KDC. To be included behind <cmocka.h>.
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
static inline struct as_login with_password(const char *password)
{
	return (struct as_login){&alice, {.password = slice_string(password)}};
}

static inline enum status log_in(struct kdc_session *session, const struct as_login *login,
	struct credential_box *out, struct error *err)
{
	err->text[0] = err->shown[0] = '\0';
	return as_get(session, login, out, err);
}

static inline void assert_logs_in(
	struct kdc_session *session, const struct as_login *login, struct credential_box *out)
{
	struct error err;
	if (log_in(session, login, out, &err))
		fail_msg("refused: %s", err.text);
}

static inline void assert_named(const struct principal *p, const char *text)
{
	assert_string_equal(PRINCIPAL_TEXT(p), text);
}

/* For this reason, and with nothing in the box. */
static inline void assert_no_ticket(enum status status, const struct error *err,
	enum status expected, const char *text, const struct credential_box *out)
{
	if (status != expected || err->status != expected)
		fail_msg("%d, expected %d: %s", status, expected, status ? err->text : "success");
	assert_in(err->text, text);
	assert_null(out->storage.data);
}

#endif

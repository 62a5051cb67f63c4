/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/kdc_asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct as_login with_password(const char *password)
{
	return (struct as_login){&alice, {.password = slice_string(password)}};
}

enum status log_in(struct kdc_session *session, const struct as_login *login,
	struct credential_box *out, struct error *err)
{
	err->text[0] = err->shown[0] = '\0';
	return as_get(session, login, out, err);
}

void assert_logs_in(
	struct kdc_session *session, const struct as_login *login, struct credential_box *out)
{
	struct error err;
	if (log_in(session, login, out, &err))
		fail_msg("refused: %s", err.text);
}

void assert_named(const struct principal *p, const char *text)
{
	assert_string_equal(PRINCIPAL_TEXT(p), text);
}

void assert_no_ticket(enum status status, const struct error *err, enum status expected,
	const char *text, const struct credential_box *out)
{
	if (status != expected || err->status != expected)
		fail_msg("%d, expected %d: %s", status, expected, status ? err->text : "success");
	assert_in(err->text, text);
	assert_null(out->storage.data);
}

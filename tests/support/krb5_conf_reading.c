/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/krb5_conf_reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct krb5_conf *conf_of_text(struct slice text)
{
	struct krb5_conf *conf;
	struct error err = {0};
	if (krb5_conf_parse(text, &conf, &err))
		fail_msg("refused: %s", err.text);
	return conf;
}

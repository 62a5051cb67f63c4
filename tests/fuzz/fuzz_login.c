/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_login.c - any octets as the script of an attack on whole logins
 * (tests/attack): nothing that the judge forbids happens.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/attack/attack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libsasl2 2.1.28 loses the mechanism's context where a client begins again. */
const char *__lsan_default_suppressions(void)
{
	return "leak:sasl_client_start\n";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct attack_tally tally;
	static bool has_started;
	if (!has_started) {
		attack_start(true);
		atexit(attack_stop);
		has_started = true;
	}
	const char *verdict = attack_run(data, size, &tally);
	if (!verdict)
		return 0;
	fprintf(stderr, "%s\n", verdict);
	abort();
}

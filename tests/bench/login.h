/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * login.h - one login in one process, through libsasl2's public API.
 */
#ifndef TESTS_BENCH_LOGIN_H
#define TESTS_BENCH_LOGIN_H

#include <stdbool.h>

/* Seconds of processor time; of one login, or of many. */
struct cost {
	double client, server;
};

struct login_terms {
	const char *mechanism;
	bool layers; /* any that both sides have, for packets of 64 KiB; else none */
};

/* To REALM_SERVICE at REALM_HOST; adds what each side spent. Ends the program if it fails. */
void login(const struct login_terms *terms, struct cost *cost);

#endif

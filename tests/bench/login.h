/*
 * login.h - one login in one process, through libsasl2's public API.
 */
#ifndef TESTS_BENCH_LOGIN_H
#define TESTS_BENCH_LOGIN_H

/* Seconds of processor time; of one login, or of many. */
struct cost {
	double client, server;
};

/* To REALM_SERVICE at REALM_HOST; adds what each side spent. Ends the program if it fails. */
void login(const char *mechanism, struct cost *cost);

#endif

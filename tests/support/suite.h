/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * suite.h - one program with the unit tests of a room.
 *
 * Each file of tests is a suite: a function in place of main(). The program runs
 * each in a child of its own, so that none finds what another left behind (what
 * OpenSSL has fetched, the environment, open files), and numbers the cases of all
 * as one TAP stream.
 *
 * A test that puts functions of its own in place of the C library's or OpenSSL's,
 * or that links something else, is a program by itself.
 */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H

#include <stddef.h>

/* Gives how many cases failed, as cmocka_run_group_tests() does. */
typedef int suite_function(void);

#define SUITE(name)                                                                                \
	suite_function name;                                                                       \
	int name(void)

struct suite {
	const char *name;
	suite_function *run;
};

/*
 * What main() is for: runs all suites, or those that the arguments name, as in
 * `tests/asn1/tests test_der`. Gives the exit status. A suite that ends before
 * all of its cases have run is one more case, which failed.
 */
int suites_main(const struct suite *suites, size_t count, int argc, char **argv);

/* The program of a room; EACH(X) is X(name) for each of its suites. */
#define SUITES_MAIN(EACH)                                                                          \
	EACH(SUITE_DECLARATION)                                                                    \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		static const struct suite suites[] = {EACH(SUITE_ROW)};                            \
		return suites_main(suites, sizeof suites / sizeof *suites, argc, argv);            \
	}
#define SUITE_DECLARATION(name) suite_function name;
#define SUITE_ROW(name) {#name, name},

#endif

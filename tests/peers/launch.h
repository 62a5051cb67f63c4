/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * launch.h - joins programs that speak on standard input and output: a server,
 * and one client after the other.
 */
#ifndef TESTS_PEERS_LAUNCH_H
#define TESTS_PEERS_LAUNCH_H

#include <stdbool.h>

/*
 * `words` are commands with their arguments, "--" between them, NULL at the
 * end: first the server, then each client, which starts when the one before it
 * has ended. True if all ended with status 0; what else they ended with goes
 * to standard error.
 */
bool launch(char **words);

#endif

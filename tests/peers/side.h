/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * side.h - one side of a login, through libsasl2's public API: the login, and
 * data each way through the layer that was agreed on.
 *
 * Everything that is to be said about it goes to standard error, each line
 * after "client: " or "server: ". The last one is
 *
 *	ok ssf=N username=NAME authid=NAME maxoutbuf=N sent=N received=N largest=N
 *	failed at WHAT (RESULT): DETAIL
 *
 * where `sent` and `received` count octets of messages, and `largest` is the
 * longest packet that came.
 */
#ifndef TESTS_PEERS_SIDE_H
#define TESTS_PEERS_SIDE_H

#include "tests/peers/setup.h"

/* All logins of this side. True if all of them, and the data, were as they should be. */
bool side_run(const struct setup *setup);

/*
 * A client that knows nothing but what another client sent: sends the lines of
 * the file, each after the server's answer. True if the server took them to the end.
 */
bool side_replay(const char *file);

/* Prints the mechanisms that both a client and a server find in the folder, one on a line. */
bool side_mechanisms(const char *folder);

#endif

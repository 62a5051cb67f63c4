/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * line.h - tokens and packets as lines of base64 on standard input and output.
 *
 *   BASE64     a token or a packet, which may be empty
 *   =BASE64    the server: the login has succeeded, with this last token
 *   =          the same, without one
 *   !          this side has given up; so it has where its output ends
 *   .          all messages have been sent
 *   -          no token, where one might be: the client has no initial response
 */
#ifndef TESTS_PEERS_LINE_H
#define TESTS_PEERS_LINE_H

#include <stdio.h>

/* The line that came last. The octets live until the next, and have a NUL behind them. */
struct line {
	char mark;          /* '=', '!', '.', '-' or 0 */
	const char *octets; /* NULL: a mark alone */
	unsigned len;
};

/* Prints a line; to `record` too, which may be NULL. octets == NULL: the mark alone. */
void line_send(char mark, const void *octets, unsigned len, FILE *record);

/* Reads the next. '!' at the end of the input. */
void line_receive(struct line *line);

/* Whatever the other side was waiting for: this side is gone. Harmless if that is gone too. */
void line_give_up(void);

#endif

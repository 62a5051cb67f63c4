/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ticket_ways.h - the ways to a ticket, in the order that the option
 * kerberos5_credentials has them. For initiator.c alone.
 */
#ifndef MECH_TICKET_WAYS_H
#define MECH_TICKET_WAYS_H

#include "mech/initiator.h"

/* Reads which they are: initiator->ways, ->strict. Errors of option_list(). */
MUST_CHECK enum status ticket_ways_begin(struct initiator *initiator, struct error *err);

/*
 * Goes on with the next way until one has led to a ticket: initiator->ticket.
 * The options that ways have are read as they are gone. As initiator_open().
 */
int ticket_ways_go(struct initiator *initiator, struct error *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * data.h - messages through the layer that a login agreed on: sent by one
 * side, and compared octet by octet with what was due on the other.
 */
#ifndef TESTS_PEERS_DATA_H
#define TESTS_PEERS_DATA_H

#include <sasl/sasl.h>

#include "tests/peers/setup.h"

struct data {
	sasl_conn_t *conn;
	const struct setup *setup;
	unsigned long sent, received; /* octets of messages */
	unsigned packets;             /* that were made */
	unsigned largest;             /* the longest packet that came */
	const char *failed;           /* what could not be done, where something could not */
};

/* Sends all batches, then the line that ends them. SASL_OK, or what failed. */
int data_send(struct data *data);

/*
 * Receives until that line. SASL_BADPROT where other octets came than the
 * other side has to send, SASL_BUFOVER for a packet that is longer than this
 * side said that it takes, SASL_FAIL where the other side has given up.
 */
int data_receive(struct data *data);

#endif

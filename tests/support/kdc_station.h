/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kdc_station.h - a KDC's place on the loopback network, for the tests of
 * kdc/transport.c: UDP and TCP sockets of one port, and a process that does at
 * them what a test says.
 */
#ifndef TESTS_SUPPORT_KDC_STATION_H
#define TESTS_SUPPORT_KDC_STATION_H

#include <netinet/in.h>

#include "asn1/der_kdc.h"
#include "kdc/transport.h"
#include "tests/support/krb5_conf_reading.h"
#include "tests/support/assertions.h"

#define STATIONS 3

struct station {
	int udp, tcp; /* tcp listens */
	unsigned port;
};

extern struct station station[STATIONS];
extern pid_t server;

/* Refuses from now on. */
void station_shut(int *fd);

int stations_open(void **state);

int stations_close(void **state);

/* In a process of its own, which ends with the test. */
void serve(void (*what)(void));

/* ---- for that process ---- */

struct sockaddr_in receive_udp(int fd);

void send_udp(int fd, struct sockaddr_in to, struct slice octets);

void answer_udp(int fd, struct slice octets);

/* A connection whose request has been read whole. */
int receive_tcp(int fd);

void send_tcp(int connection, struct slice octets);

/* With the length as the prefix says, whatever it is. */
void send_record(int connection, uint32_t announced, struct slice octets);

void answer_tcp(int fd, struct slice octets);

/* ---- for the test ---- */

/* They begin like an AS-REP and a TGS-REP, which is all that matters here. */
#define ANSWER SLICE_LITERAL("\x6b\x05 answer")
#define OTHER SLICE_LITERAL("\x6d\x05 other")
#define JUNK SLICE_LITERAL("junk")

struct slice krb_error(int32_t code);

/* krb5.conf: so many stations as KDCs, and more lines of [libdefaults]. */
struct krb5_conf *conf_of(unsigned count, const char *libdefaults);

enum status ask(struct krb5_conf *conf, unsigned seconds, struct buffer *answer, struct error *err);

/* Enough for whatever has to happen; the tests do not wait for it. */
#define AMPLE 60

void check_answer(struct krb5_conf *conf, struct slice expected);

void check_none(struct krb5_conf *conf, unsigned seconds, const char *text);

#endif
